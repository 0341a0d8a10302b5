"""Find the header of a table on a sheet: the row that reads most like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yiku.formats.cells import CellValue
from yiku.tables.column_fit import ColumnSample
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.grid import Grid, text_of
from yiku.tables.header_cells import could_be_header
from yiku.tables.header_levels import (
    SEARCH_ROWS,
    body_rows,
    column_headers,
    header_rows,
)
from yiku.tables.header_words import HeaderWords
from yiku.tables.repeated_headers import printed_again
from yiku.tables.split_dates import split_days

_LEAST_SCORE = 1.5  # one known header and one that is like another
_AHEAD = 0.01  # of two rows that read alike the upper one is the header


@dataclass(frozen=True)
class TableHeader:
    """A header found on a sheet: its first and last row (from 0) and its columns.

    ``again`` are the rows on which it is printed again (L16).
    """

    top: int
    bottom: int
    columns: tuple[ColumnHeader, ...]
    again: frozenset[int] = frozenset()


def find_header(
    grid: Grid,
    words: HeaderWords,
    start: int = 0,
    stop: int | None = None,
) -> TableHeader | None:
    """Find the header between two rows (from 0): the likeliest, with its levels."""
    row = _likeliest_row(grid, words, start, stop)
    if row is None:
        return None
    top, bottom = header_rows(grid, words, row, start)
    again = frozenset(printed_again(grid, top, bottom))
    columns = column_headers(grid, top, bottom)
    columns = _with_joined_days(grid, columns, bottom, again)
    return TableHeader(top, bottom, columns, again)


def _likeliest_row(
    grid: Grid,
    words: HeaderWords,
    start: int,
    stop: int | None,
) -> int | None:
    """Return the row that reads most like a header of some list.

    None where no row has at least two that may be headers.
    """
    end = min(grid.height, start + SEARCH_ROWS) if stop is None else stop
    best = 0.0
    found: int | None = None
    for number in range(start, end):
        row = grid.rows[number]
        if not could_be_header(row):
            continue
        score = _header_score(row, words)
        if score > best + _AHEAD:
            best = score
            found = number
    return found if best >= _LEAST_SCORE else None


def _header_score(row: Sequence[CellValue], words: HeaderWords) -> float:
    """Return how many headers of some list a row has, each as far as it is one."""
    texts = (text_of(cell) for cell in row if isinstance(cell, str))
    return sum(map(words.likely, texts))


def _with_joined_days(
    grid: Grid,
    headers: tuple[ColumnHeader, ...],
    bottom: int,
    again: frozenset[int],
) -> tuple[ColumnHeader, ...]:
    """Bring days that stand in several columns together in the first of them.

    That column then has the header of their group.
    """
    found = list(
        split_days([(header.column, header.levels) for header in headers])
    )
    if not found:
        return headers
    levels_of: dict[int, tuple[str, ...]] = {}
    gone: set[int] = set()
    for columns, levels in found:
        grid.join_days(columns, bottom + 1, again)
        levels_of[columns[0]] = levels
        gone.update(columns[1:])
    body = body_rows(grid, bottom + 1)
    joined: list[ColumnHeader] = []
    for header in headers:
        if header.column in gone:
            continue
        levels = levels_of.get(header.column, header.levels)
        sample = ColumnSample(body, header.column)
        joined.append(ColumnHeader(header.column, levels, sample))
    return tuple(joined)
