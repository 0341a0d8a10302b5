"""One file from its reading to its answer: what came, and what it held or why it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from yiku.cleaning.cleaned import Cleaned
from yiku.intake.arrival import Arrival
from yiku.tables.table import Reading


@dataclass
class FileRead:
    """One file read and cleaned, or refused (rule and facts); ``fault`` is ours, with its type and place (F16)."""

    arrival: Arrival
    refused: tuple[str, Mapping[str, object]] | None = None
    fault: str | None = None
    reading: Reading | None = None
    # By position among the tables of the reading.
    cleaned: dict[int, Cleaned] = field(default_factory=dict)

    @property
    def lines(self) -> Mapping[str, int]:
        """How many lines of which class it has; none where it could not be read."""
        return self.reading.line_counts() if self.reading else {}

    @property
    def fill_date(self) -> date | None:
        """The day on which it was filled in."""
        tables = self.reading.tables if self.reading else ()
        days = [table.metadata.fill_date for table in tables]
        # Villages fill in their sheets on different days: the workbook is as
        # new as the last of them.
        return max((day for day in days if day), default=None)

    @property
    def receipt_of(self) -> str | None:
        """The receipt number of the return workbook that came back; None of any other file."""
        for table in self.reading.tables if self.reading else ():
            if table.metadata.receipt_no:
                return table.metadata.receipt_no
        return None

    @property
    def is_work_list(self) -> bool:
        """Whether it is a work list that came back."""
        return bool(self.reading and self.reading.work_list)
