"""Rows of a csv with more cells than their header.

A separator inside a cell, without quotes, moves all that stands behind it to the right.
Which cell it was is told by what fits: a row is where it belongs when all its cells fit
their columns and those of no other reading do. What then stands beyond the header is a
note beside the row, or the rest of a remark in the last column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from yiku.cleaning.as_shown import AMOUNTS
from yiku.contracts.contract import Column, Contract
from yiku.formats.cells import CellValue, Surplus
from yiku.tables.table import Table

# Into a text of these kinds anything fits.
_FREE = frozenset({"text", "place"})
# So many rows are looked at one by one; where there are more the file was written wrongly.
MOST_ROWS = 1_000

Fits = Callable[[Column, CellValue], bool]


class Line(NamedTuple):
    """One row of a csv: what each column of its header is, and all its cells.

    A column is None where nobody knows what it is.
    """

    columns: Sequence[Column | None]
    cells: Sequence[CellValue]

    @property
    def beyond(self) -> Sequence[CellValue]:
        """What stands beyond the header."""
        return self.cells[len(self.columns) :]


def line_at(
    table: Table,
    contract: Contract,
    position: int,
    surplus: Surplus,
) -> Line:
    """Return the row at ``position`` as it stands on the sheet."""
    columns: list[Column | None] = [None] * surplus.width
    cells: list[CellValue] = [None] * (surplus.width + surplus.more)
    for number, name in table.unknown.items():
        if number <= len(cells):
            cells[number - 1] = table.extra[name][position]
    row = table.rows[position]
    for name, values in table.cells.items():
        where = table.where(name, position)
        if where is None or not contract.has(name):
            continue
        if not 0 < where.column <= surplus.width:
            continue
        columns[where.column - 1] = contract.column(name)
        # what was taken from the row above does not stand here
        is_from_above = row in table.filled.get(name, ())
        cells[where.column - 1] = None if is_from_above else values[position]
    return Line(columns, cells)


def is_displaced(line: Line, fits: Fits) -> bool:
    """Return whether a separator has, or may have, moved cells to other columns."""
    moved = _moved_at(line, fits)
    pairs = zip(line.columns, line.cells, strict=False)
    if all(_fits(column, cell, fits) for column, cell in pairs):
        # the row may stand as it is; a remark torn apart at its end moves nothing
        last = len(line.columns) - 1
        return any(
            place != last or not _is_free(line.columns[place])
            for place in moved
        )
    return bool(moved) or any(cell is not None for cell in line.beyond)


def rest_of_last(line: Line) -> str | None:
    """Return what the last column holds with what stands beyond it, else None.

    None when what stands beyond it does not belong to it.
    """
    pieces = line.cells[len(line.columns) - 1 :]
    if None in pieces or not _is_free(line.columns[-1]):
        return None
    return ",".join(map(str, pieces))


def _moved_at(line: Line, fits: Fits) -> list[int]:
    """Return the columns of which a cell may have been torn apart.

    Its pieces make one, and all behind it fits one place further left. From the last
    column on to the first, up to one that what would then stand in it does not fit.
    """
    found: list[int] = []
    more = len(line.cells) - len(line.columns)
    for place in reversed(range(len(line.columns))):
        column = line.columns[place]
        pieces = line.cells[place : place + more + 1]
        if None not in pieces:
            texts = list(map(str, pieces))
            if _make_one(column, texts, fits):
                found.append(place)
        instead = line.cells[place + more]
        if not _fits(column, instead, fits):
            break
        # a column that every row must have would be left blank
        has_lost = instead is None and line.cells[place] is not None
        if has_lost and _is_asked(column):
            break
    return found


def _make_one(
    column: Column | None,
    pieces: Sequence[str],
    fits: Fits,
) -> bool:
    """Return whether the pieces of a cell make one.

    Digits behind a number may always belong to it.
    """
    if column is not None and column.kind in AMOUNTS:
        if all(piece.strip().isdecimal() for piece in pieces[1:]):
            return True
    return _fits(column, ",".join(pieces), fits)


def _is_asked(column: Column | None) -> bool:
    """Return whether a column must be filled on every row.

    Nothing there is a sign that the row was moved.
    """
    return column is not None and column.need == "M" and not column.required_if


def _fits(
    column: Column | None,
    cell: CellValue,
    fits: Fits,
) -> bool:
    """Return whether a cell has a meaning in a column; blanks have one in any."""
    if cell is None or column is None or _is_free(column):
        return True
    return fits(column, cell)


def _is_free(column: Column | None) -> bool:
    """Return whether anything fits into a column.

    Nobody can tell from such a column whether a row was moved.
    """
    return column is None or column.kind in _FREE
