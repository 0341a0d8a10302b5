"""A sheet while it is read from XML that calamine does not show well enough: ods and XML-2003 fill it alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import CellValue, Look, RefusedError, Sheet, Span
from yiku.formats.row_colours import ColouredCell, coloured_rows

MOST_ROWS = 1_048_576
_FORMULA_ROWS, _FORMULA_COLUMNS = 10_000, 100
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
            self.rows.setdefault(row, {}).update(dict.fromkeys(columns, value))

    def hide_rows(self, rows: range) -> None:
        """Note hidden rows; beyond what a sheet can have, they matter to nobody."""
        rows = range(rows.start, min(rows.stop, MOST_ROWS + 1))
        self.spanned += len(rows)
        if self.spanned <= 2 * MOST_ROWS:
            self.hidden_rows.update(rows)

    def note_formula(
        self, rows: range, columns: range, formula: str, cached: bool
    ) -> None:
        """Note a formula for all these cells, as far as anybody will look."""
        cells = [
            (row, column)
            for row in rows[:_FORMULA_ROWS]
            for column in columns[:_FORMULA_COLUMNS]
        ]
        if len(self.formulas) + len(cells) <= MAX_CELLS // 3:
            self.formulas.update(dict.fromkeys(cells, formula))
            if not cached:
                self.uncached.update(cells)

    def finished(self, name: str | None, visible: bool) -> Sheet:
        """Return the sheet; F13 when its cells span too large a rectangle."""
        values = self._grid()
        height, width = len(values), len(values[0]) if values else 0
        look = Look(
            hidden_rows=frozenset(r for r in self.hidden_rows if r <= height),
            hidden_columns=frozenset(c for c in self.hidden_columns if c <= width),
            struck_rows=frozenset(self.struck),
            coloured_rows=coloured_rows(self.coloured, height),
            comments=self.comments,
            formulas=self.formulas,
            uncached=frozenset(self.uncached),
            percent=frozenset(self.percent),
            symbol_font=frozenset(self.symbol),
            formats=self.formats,
        )
        return Sheet(name or "", values, visible, tuple(self.merges), look, self.widths)

    def _grid(self) -> list[list[CellValue]]:
        filled = {
            r: cells
            for r, cells in self.rows.items()
            if any(v is not None for v in cells.values())
        }
        height = max(filled, default=0)
        width = max(
            (c for cells in filled.values() for c, v in cells.items() if v is not None),
            default=0,
        )
        if height * width > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        return trim(
            [
                [filled.get(r, {}).get(c) for c in range(1, width + 1)]
                for r in range(1, height + 1)
            ]
        )
