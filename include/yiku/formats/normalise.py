"""What every format's sheets have in common once they are read, whatever a stranger wrote into them.

Text holds no character that a database or XML refuses and is no longer than a cell can be; no number
is one that only a computer could have made; merges lie inside the cells and not upon each other; no
two sheets have one name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from yiku.formats.calamine_cells import MAX_CELLS
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet, Span

MAX_TEXT = 32_767  # characters that a cell of a spreadsheet program can hold
MAX_COLUMNS = 16_384
_MAX_NAME = 100
_HUGE = 1e300
_ROWS_AT_ONCE = 500  # so many rows are looked at as one text
_NUMBER_ERROR = "#NUM!"
# Programs escape a line end that XML cannot hold as _x000B_.
_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]|_x000[BCbc]_")
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Either of the two: nearly no text has any, and one search is cheaper than two.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)


def clean_text(text: str, most: int = MAX_TEXT) -> str:
    """Return text as a database, XML and a cell can hold it, of ``most`` characters.

    Control characters and halves of characters are left out.
    """
    if _ODD.search(text):
        lines = _LINE_ENDS.sub("\n", text)
        text = _REFUSED.sub("", lines)
    return text[:most]


def make_plain(book: Book) -> None:
    """Put all sheets of a workbook right, in place.

    F13 when one is wider than any spreadsheet program shows.
    """
    names: set[str] = set()
    for sheet in book.sheets:
        if sheet.values and len(sheet.values[0]) > MAX_COLUMNS:
            raise RefusedError("F13", why="columns", limit=MAX_COLUMNS)
        _make_values_plain(sheet.values)
        sheet.merges = tuple(_sound_merges(sheet))
        if sheet.name is not None:
            plain_name = clean_text(sheet.name, _MAX_NAME)
            sheet.name = _distinct(plain_name, names)
        look = sheet.look
        look.comments = {
            cell: clean_text(text) for cell, text in look.comments.items()
        }
        look.text_boxes = tuple(clean_text(text) for text in look.text_boxes)


def _make_values_plain(rows: Sequence[list[CellValue]]) -> None:
    """Put texts and numbers right: many rows are looked at as a whole, for nearly none needs more."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        if not _are_plain(some):
            _make_rows_plain(some)


def _are_plain(rows: Sequence[list[CellValue]]) -> bool:
    """Return whether nothing in some rows has to be put right."""
    cells = list(chain.from_iterable(rows))
    texts = [cell for cell in cells if type(cell) is str]
    if texts and len(max(texts, key=len)) > MAX_TEXT:
        return False
    if _ODD.search("".join(texts)):
        return False
    return len(texts) == len(cells) or _numbers_are_sound(cells)


def _make_rows_plain(rows: Iterable[list[CellValue]]) -> None:
    """Put the texts and numbers of some rows right."""
    for row in rows:
        texts = "".join([value for value in row if type(value) is str])
        if len(texts) > MAX_TEXT or _ODD.search(texts):
            row[:] = [_sound_text(value) for value in row]
        if not _numbers_are_sound(row):
            row[:] = [_sound_number(value) for value in row]


def _sound_text(value: CellValue) -> CellValue:
    if type(value) is not str:
        return value
    return clean_text(value) or None


def _numbers_are_sound(row: Iterable[CellValue]) -> bool:
    numbers = [
        value for value in row if type(value) is float or type(value) is int
    ]
    return all(-_HUGE < number < _HUGE for number in numbers)


def _sound_number(value: CellValue) -> CellValue:
    """Return what no arithmetic breaks on.

    A number beyond all measure becomes the error that a program shows for it.
    """
    if not isinstance(value, int | float):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return _NUMBER_ERROR
    return value if -_HUGE < value < _HUGE else _NUMBER_ERROR


def _distinct(name: str, taken: set[str]) -> str:
    """Return a name that no other sheet of the workbook has: rows are known by it."""
    found = name
    number = 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    taken.add(found)
    return found


def _sound_merges(sheet: Sheet) -> Iterator[Span]:
    """Yield the merges inside the used cells, of several that overlap the first.

    F13 when together they cover more cells than a sheet may have.
    """
    height = len(sheet.values)
    width = len(sheet.values[0]) if sheet.values else 0
    taken: set[tuple[int, int]] = set()
    area = 0
    for merge in sheet.merges:
        top, left, bottom, right = span = _within(merge, height, width)
        # Outside of the used cells altogether, or one cell merged with nothing.
        if bottom < top or right < left or (top, left) == (bottom, right):
            continue
        area += (bottom - top + 1) * (right - left + 1)
        if area > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        cells = {
            (row, column)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }
        if taken.isdisjoint(cells):
            taken |= cells
            yield span


def _within(merge: Span, height: int, width: int) -> Span:
    """Return the part of a merge that lies in the used cells."""
    top, left, bottom, right = merge
    return (
        max(top, 1),
        max(left, 1),
        min(bottom, height),
        min(right, width),
    )
