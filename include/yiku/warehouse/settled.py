"""A file of which it is known what becomes of it: how a batch hands it to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from yiku.checking.findings import FileOutcome, SheetOutcome
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead

# a sheet's name (None where the format has none) and the part of it
SheetPlace = tuple[str | None, int]


@dataclass
class TableRows:
    """The rows of one table of a list: a frame with contract and meta columns, linked and compared.

    ``quality``, ``original`` and ``extra`` say by position in the frame what cleaning kept beside
    a row.
    """

    outcome: SheetOutcome
    frame: pd.DataFrame
    quality: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    original: Mapping[int, dict[str, str]] = field(default_factory=dict)
    extra: Mapping[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def place(self) -> SheetPlace:
        """Where in its file the table stands."""
        return self.outcome.sheet, self.outcome.part

    @property
    def template(self) -> str:
        """The code of its list."""
        assert self.outcome.template is not None
        return self.outcome.template


@dataclass
class Settled:
    """One file with its outcome and its rows, ready to be loaded."""

    file: FileRead
    outcome: FileOutcome
    tables: list[TableRows] = field(default_factory=list)

    @property
    def arrival(self) -> Arrival:
        """The file as it came."""
        return self.file.arrival

    def rows_of(self, sheet: SheetOutcome) -> TableRows | None:
        """Return the rows of one of its sheets; None where none of them came so far."""
        for rows in self.tables:
            if rows.place == (sheet.sheet, sheet.part):
                return rows
        return None

    def lines_of(self, sheet: SheetOutcome) -> Mapping[str, int]:
        """Return how many lines of which class the stretch of a sheet's table has."""
        reading = self.file.reading
        for table in reading.tables if reading else ():
            if (table.sheet, table.part) == (sheet.sheet, sheet.part):
                return table.line_counts
        return {}
