"""What every format's sheets have in common once they are read, whatever a program or a stranger wrote into them.

Text holds no character that a database or XML refuses and is no longer than a cell can be; no number is one that only
a computer could have made; merges lie inside the cells and not upon each other; no two sheets have one name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from yiku.formats.calamine_cells import MAX_CELLS
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet, Span

MAX_TEXT = 32_767  # what a cell of a spreadsheet program can hold
MAX_COLUMNS = 16_384
_MAX_NAME = 100
_MAX_DIGITS = 400  # a float has 309 at most
_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]|_x000[BCbc]_")
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)


def clean_text(text: str, most: int = MAX_TEXT) -> str:
    """Return text as a database, XML and a cell can hold it: no control characters, no halves of characters."""
    if _ODD.search(text):
        text = _REFUSED.sub("", _LINE_ENDS.sub("\n", text))
    return text[:most]


def make_plain(book: Book) -> None:
    """Put all sheets of a workbook right, in place. F13 when one is wider than any spreadsheet program shows."""
    names: set[str] = set()
    for sheet in book.sheets:
        if sheet.values and len(sheet.values[0]) > MAX_COLUMNS:
            raise RefusedError("F13", why="columns", limit=MAX_COLUMNS)
        _make_values_plain(sheet.values)
        sheet.merges = tuple(_sound_merges(sheet))
        if sheet.name is not None:
            sheet.name = _distinct(clean_text(sheet.name, _MAX_NAME), names)
        look = sheet.look
        look.comments = {cell: clean_text(text) for cell, text in look.comments.items()}
        look.text_boxes = tuple(map(clean_text, look.text_boxes))


def _make_values_plain(rows: Iterable[list[CellValue]]) -> None:
    for row in rows:
        texts = "".join([v for v in row if type(v) is str])
        if len(texts) > MAX_TEXT or _ODD.search(texts):
            row[:] = [clean_text(v) or None if type(v) is str else v for v in row]
        if not _numbers_are_sound(row):
            row[:] = [_sound_number(v) for v in row]


def _numbers_are_sound(row: Iterable[CellValue]) -> bool:
    return all(-1e300 < v < 1e300 for v in row if type(v) is float or type(v) is int)


def _sound_number(value: CellValue) -> CellValue:
    """Return what no arithmetic breaks on: a number beyond all measure is the error that a program shows for it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "#NUM!"
    return (
        "#NUM!"
        if isinstance(value, int | float) and not -1e300 < value < 1e300
        else value
    )


def _distinct(name: str, taken: set[str]) -> str:
    """Return a name that no other sheet of the workbook has: rows are known by it."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    taken.add(found)
    return found


def _sound_merges(sheet: Sheet) -> Iterator[Span]:
    """Yield the merges inside the used cells, of several that overlap the first."""
    height, width = len(sheet.values), len(sheet.values[0]) if sheet.values else 0
    taken: set[tuple[int, int]] = set()
    area = 0
    for top, left, bottom, right in sheet.merges:
        top, left, bottom, right = (
            max(top, 1),
            max(left, 1),
            min(bottom, height),
            min(right, width),
        )
        if bottom < top or right < left or (top, left) == (bottom, right):
            continue
        area += (bottom - top + 1) * (right - left + 1)
        if area > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        cells = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if taken.isdisjoint(cells):
            taken |= cells
            yield top, left, bottom, right
