"""Rows of a csv with more cells than their header: what a separator without quotes has moved, and what it has not.

A separator inside a cell moves all that stands behind it to the right. Which cell it was is told by what fits: a row is
where it belongs when all its cells fit their columns and those of no other reading do. What then stands beyond the
header is a note beside the row, or the rest of a remark in the last column.
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
    """One row of a csv: what each column of its header is (None where nobody knows), and all its cells."""

    columns: Sequence[Column | None]
    cells: Sequence[CellValue]

    @property
    def beyond(self) -> Sequence[CellValue]:
        """What stands beyond the header."""
        return self.cells[len(self.columns) :]


def line_at(table: Table, contract: Contract, position: int, surplus: Surplus) -> Line:
    """Return the row at ``position`` as it stands on the sheet."""
    columns: list[Column | None] = [None] * surplus.width
    cells: list[CellValue] = [None] * (surplus.width + surplus.more)
    for number, name in table.unknown.items():
        if number <= len(cells):
            cells[number - 1] = table.extra[name][position]
    for name, values in table.cells.items():
        at = table.where(name, position)
        if at and 0 < at.column <= surplus.width and contract.has(name):
            columns[at.column - 1] = contract.column(name)
            above = table.rows[position] in table.filled.get(name, ())
            cells[at.column - 1] = None if above else values[position]
    return Line(columns, cells)


def is_displaced(line: Line, fits: Fits) -> bool:
    """Tell whether a separator has, or may have, moved cells of a row to other columns."""
    moved = _moved_at(line, fits)
    stays = all(
        _fits(column, cell, fits)
        for column, cell in zip(line.columns, line.cells, strict=False)
    )
    if stays:
        last = len(line.columns) - 1
        return any(at != last or not _is_free(line.columns[at]) for at in moved)
    return bool(moved) or any(cell is not None for cell in line.beyond)


def rest_of_last(line: Line) -> str | None:
    """Return what the last column holds when what stands beyond it belongs to it, else None."""
    pieces = line.cells[len(line.columns) - 1 :]
    return (
        None
        if None in pieces or not _is_free(line.columns[-1])
        else ",".join(map(str, pieces))
    )


def _moved_at(line: Line, fits: Fits) -> list[int]:
    """Return the columns of which a cell may have been torn apart: its pieces make one, and all behind it fits."""
    found = []
    more = len(line.cells) - len(line.columns)
    for at in range(len(line.columns) - 1, -1, -1):
        column, pieces, instead = (
            line.columns[at],
            line.cells[at : at + more + 1],
            line.cells[at + more],
        )
        if None not in pieces and _make_one(column, [str(p) for p in pieces], fits):
            found.append(at)
        if not _fits(column, instead, fits) or (
            instead is None and line.cells[at] is not None and _is_asked(column)
        ):
            break
    return found


def _make_one(column: Column | None, pieces: Sequence[str], fits: Fits) -> bool:
    """Tell whether the pieces of a cell make one; digits behind a number may always belong to it."""
    number = (
        column is not None
        and column.kind in AMOUNTS
        and all(p.strip().isdecimal() for p in pieces[1:])
    )
    return number or _fits(column, ",".join(pieces), fits)


def _is_asked(column: Column | None) -> bool:
    return column is not None and column.need == "M" and not column.required_if


def _fits(column: Column | None, cell: CellValue, fits: Fits) -> bool:
    return cell is None or column is None or _is_free(column) or fits(column, cell)


def _is_free(column: Column | None) -> bool:
    return column is None or column.kind in _FREE
