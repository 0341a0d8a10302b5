"""A sheet before it is bytes: cells with what a program would show around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Formula:
    """A formula with the result that the program stored, or None where it stored none."""

    text: str
    result: int | float | str | None


@dataclass(frozen=True)
class Percent:
    """A share that the program shows as a percentage: 0.0435 as 4.35%."""

    share: float


DAY_WIDTH = 11  # in digits: what a day takes

Cell = str | int | float | bool | date | Formula | Percent | None


@dataclass
class Page:
    """One sheet. Rows and columns count from 0.

    ``merges`` hold first row, first column, last row, last column.
    """

    name: str
    cells: list[list[Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    struck_rows: set[int] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    visible: bool = True

    def filled_cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Yield row, column and value of every cell that holds something."""
        for row, values in enumerate(self.cells):
            for column, value in enumerate(values):
                if value is not None:
                    yield row, column, value

    def day_columns(self) -> list[int]:
        """Return the columns that hold days."""
        # clerks widen them: a column too narrow for a day shows #### alone
        columns = {
            column
            for _row, column, value in self.filled_cells()
            if isinstance(value, date)
        }
        return sorted(columns)

    def add(self, row: list[Cell]) -> int:
        """Append a row and return its number, from 0."""
        self.cells.append(row)
        return len(self.cells) - 1


@dataclass(frozen=True)
class Mark:
    """One piece of dirt.

    The rule that must name it, its verdict, and the column it stands in.

    Without a column it lies on the row, sheet or file that carries the mark.
    """

    rule: str
    verdict: str
    field: str | None = None
    said: bool = True  # False: repaired without a word


@dataclass
class Record:
    """One data row.

    What is true, what its cells hold, and the dirt that was planted on it.
    """

    values: dict[str, Any]
    cells: dict[str, Cell] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    taken: bool = False  # other rows refer to it: no more dirt here
    row_no: int | None = None  # as the spreadsheet program numbers it
