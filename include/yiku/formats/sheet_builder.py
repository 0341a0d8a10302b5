"""A sheet while it is read from XML that calamine does not show well enough.

The readers of ods and of XML-2003 fill it alike. A stranger's file can claim a value for a
million rows in one element, so whatever is repeated is counted before it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import CellValue, Look, RefusedError, Sheet, Span
from yiku.formats.row_colours import ColouredCell, coloured_rows

MOST_ROWS = 1_048_576
# A formula is looked for in the rows of a list: what is repeated beyond these is looked at by nobody.
_FORMULA_ROWS, _FORMULA_COLUMNS = 10_000, 100
_MOST_FORMULAS = MAX_CELLS // 3
Cell = tuple[int, int]
Style = TypeVar("Style")


@dataclass
class SheetBuild(Generic[Style]):
    """Values and look of one sheet; rows and columns count from 1, widths are in characters."""

    styles: dict[str, Style]
    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    merges: list[Span] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    coloured: list[ColouredCell] = field(default_factory=list)
    comments: dict[Cell, str] = field(default_factory=dict)
    formulas: dict[Cell, str] = field(default_factory=dict)
    uncached: set[Cell] = field(default_factory=set)
    percent: set[Cell] = field(default_factory=set)
    symbol: set[Cell] = field(default_factory=set)
    formats: dict[Cell, str] = field(default_factory=dict)
    cells: int = 0
    spanned: int = 0

    def put(self, rows: range, columns: range, value: CellValue) -> None:
        """Keep one value for all these cells; F13 when there are too many."""
        self.cells += len(rows) * len(columns)
        if self.cells > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        for row in rows:
            row_cells = self.rows.setdefault(row, {})
            row_cells.update(dict.fromkeys(columns, value))

    def hide_rows(self, rows: range) -> None:
        """Note hidden rows; beyond what a sheet can have, they matter to nobody."""
        within = range(rows.start, min(rows.stop, MOST_ROWS + 1))
        self.spanned += len(within)
        if self.spanned <= 2 * MOST_ROWS:
            self.hidden_rows.update(within)

    def note_formula(
        self,
        rows: range,
        columns: range,
        formula: str,
        cached: bool,
    ) -> None:
        """Note a formula for all these cells, as far as anybody will look."""
        cells = [
            (row, column)
            for row in rows[:_FORMULA_ROWS]
            for column in columns[:_FORMULA_COLUMNS]
        ]
        if len(self.formulas) + len(cells) > _MOST_FORMULAS:
            return
        self.formulas.update(dict.fromkeys(cells, formula))
        if not cached:
            self.uncached.update(cells)

    def finished(self, name: str | None, visible: bool) -> Sheet:
        """Return the sheet; F13 when its cells span too large a rectangle."""
        values = self._grid()
        height = len(values)
        width = len(values[0]) if values else 0
        hidden_rows = frozenset(
            row for row in self.hidden_rows if row <= height
        )
        hidden_columns = frozenset(
            column for column in self.hidden_columns if column <= width
        )
        look = Look(
            hidden_rows=hidden_rows,
            hidden_columns=hidden_columns,
            struck_rows=frozenset(self.struck),
            coloured_rows=coloured_rows(self.coloured, height),
            comments=self.comments,
            formulas=self.formulas,
            uncached=frozenset(self.uncached),
            percent=frozenset(self.percent),
            symbol_font=frozenset(self.symbol),
            formats=self.formats,
        )
        return Sheet(
            name=name or "",
            values=values,
            visible=visible,
            merges=tuple(self.merges),
            look=look,
            widths=self.widths,
        )

    def _grid(self) -> list[list[CellValue]]:
        """Return all rows down to the last cell that holds anything.

        Each is as wide as the widest.
        """
        height = 0
        width = 0
        for row_no, cells in self.rows.items():
            last = _last_filled(cells)
            if last:
                height = max(height, row_no)
                width = max(width, last)
        if height * width > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        columns = range(1, width + 1)
        grid = []
        for row_no in range(1, height + 1):
            cells = self.rows.get(row_no, {})
            grid.append([cells.get(column) for column in columns])
        return trim(grid)


def _last_filled(cells: dict[int, CellValue]) -> int:
    """Return the last column of a row that holds anything; 0 where none does."""
    filled = (column for column, value in cells.items() if value is not None)
    return max(filled, default=0)
