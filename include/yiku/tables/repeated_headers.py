"""Headers that begin again: printed on the next page (L16), or beside (L15)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.grid import Grid, text_of

_BY_CHANCE = 3  # that many headers the same in a row are no chance


def printed_again(
    grid: Grid,
    top: int,
    bottom: int,
) -> Iterator[int]:
    """Yield the rows below a header that print one of its rows again (L16).

    So does every page of a list that was printed and typed in again.
    """
    header_rows = grid.rows[top : bottom + 1]
    texts_by_row = [_normalised(row) for row in header_rows]
    words: set[CellValue] = set()
    for row, texts in zip(header_rows, texts_by_row, strict=True):
        words.update(cell for cell in row if isinstance(cell, str))
        words.update(texts.values())
    said = grid.cells_among(frozenset(words), bottom + 1)
    for row_number, hits in said.items():
        filled = grid.counts[row_number]
        if hits < 2 and hits != filled:
            continue
        below = grid.rows[row_number]
        if any(_repeats(below, filled, texts) for texts in texts_by_row):
            yield row_number


def _normalised(row: Sequence[CellValue]) -> dict[int, str]:
    """Return the texts of a header row by column, in one script and width.

    A header printed again may differ in spaces and width.
    """
    return {
        column: header_text.normalise(text_of(value))
        for column, value in enumerate(row)
        if value is not None
    }


def _repeats(
    row: Sequence[CellValue],
    filled: int,
    texts: Mapping[int, str],
) -> bool:
    """Return whether a row says what a header row says.

    At least seven tenths of its ``filled`` cells must, and two; or its only one.
    """
    needed = max(2, -(-filled * 7 // 10))
    if filled == len(texts) == 1:
        needed = 1
    spare = filled - needed
    for column, value in enumerate(row):
        if spare < 0:
            break
        if value is not None and not _says(value, texts.get(column)):
            spare -= 1
    return spare >= 0


def _says(value: CellValue, text: str | None) -> bool:
    """Return whether a cell reads like ``text``, a normalised header.

    Normalising each number of a long list would be slow.
    """
    if not isinstance(value, str) or text is None:
        return False
    # a text of plain ASCII stays one however it is normalised
    if value.isascii() and not text.isascii():
        return False
    return header_text.normalise(value) == text


def side_by_side(headers: Sequence[ColumnHeader]) -> list[list[ColumnHeader]]:
    """Cut a header row where its headers begin again (L15).

    序号 姓名 电话 | 序号 姓名 电话 are two tables printed in two columns.
    """
    keys = [header_text.keys(header.text)[:1] for header in headers]
    # 单位 电话 may stand twice in one table
    runs = list(zip(keys, keys[1:], keys[2:], strict=False))
    places: dict[object, list[int]] = {}
    for place, run in enumerate(runs):
        places.setdefault(run, []).append(place)
    cuts = [0]
    while True:
        again = _begins_again(runs, places, cuts[-1], len(keys))
        if again is None:
            break
        cuts.append(again)
    ends = [*cuts, len(headers)]
    return [list(headers[start:end]) for start, end in pairwise(ends)]


def _begins_again(
    runs: Sequence[object],
    places: Mapping[object, list[int]],
    start: int,
    end: int,
) -> int | None:
    """Return where the headers from ``start`` on begin again.

    The first half of them is looked at.
    """
    half = start + (end - start) // 2
    for place in range(start, min(half + 1, len(runs))):
        same = places[runs[place]]
        later = bisect_left(same, place + _BY_CHANCE)
        if later < len(same):
            return same[later]
    return None
