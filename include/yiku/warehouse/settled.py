"""A file of which it is known what becomes of it: how a batch hands it to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from yiku.checking.findings import FileOutcome, SheetOutcome
from yiku.intake.arrival import Arrival

# a sheet's name (None where the format has none) and the part of it
SheetPlace = tuple[str | None, int]


@dataclass
class TableRows:
    """The rows of one table: a frame with contract and meta columns, linked and compared.

    ``quality``, ``original`` and ``extra`` say by position in the frame what cleaning kept beside
    a row.
    """

    template: str
    sheet: str | None
    part: int
    frame: pd.DataFrame
    quality: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    original: Mapping[int, dict[str, str]] = field(default_factory=dict)
    extra: Mapping[int, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Settled:
    """One file with its outcome and its rows, ready to be loaded."""

    arrival: Arrival
    outcome: FileOutcome
    tables: list[TableRows]
    book_format: str | None = None
    grid_hash: str | None = None
    saved_at: datetime | None = None
    fill_date: date | None = None
    # receipt number of the return workbook that came back
    receipt_of: str | None = None
    # (list, header) -> column, by the clerk
    confirmed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # class -> lines of the file, and the same of each table's stretch
    lines: Mapping[str, int] = field(default_factory=dict)
    sheet_lines: Mapping[SheetPlace, Mapping[str, int]] = field(
        default_factory=dict
    )
    # ours, with its type and place: why the file is held (F16)
    fault: str | None = None

    def rows_of(self, sheet: SheetOutcome) -> TableRows | None:
        """Return the rows of one of its sheets; None where none of them came so far."""
        for rows in self.tables:
            if (rows.sheet, rows.part) == (sheet.sheet, sheet.part):
                return rows
        return None

    def lines_of(self, sheet: SheetOutcome) -> Mapping[str, int]:
        """Return how many lines of which class the stretch of a sheet's table has."""
        return self.sheet_lines.get((sheet.sheet, sheet.part), {})
