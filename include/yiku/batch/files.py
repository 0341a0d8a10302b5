"""What a batch works on: the sheets of files that were read, and what was known before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from yiku.batch.period import as_of_day, month_of
from yiku.cleaning.cleaned import Cleaned
from yiku.comparison.rival_claims import Loss
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.intake.version_order import version_of
from yiku.register.decisions import LinkDecisions
from yiku.register.snapshot import RegisterSnapshot
from yiku.tables.table import Reading, Table, WorkListAnswers


@dataclass
class SheetRead:
    """One table of one file within the batch: ``position`` says which of its reading."""

    ref: int
    file: FileRead
    position: int
    # By position: whose the row is, as people decided.
    decided: dict[int, str] = field(default_factory=dict)

    @property
    def arrival(self) -> Arrival:
        """The file as it came."""
        return self.file.arrival

    @property
    def reading(self) -> Reading:
        """All that the file holds."""
        assert self.file.reading is not None
        return self.file.reading

    @cached_property
    def table(self) -> Table:
        """The table as it was read."""
        return self.reading.tables[self.position]

    @property
    def cleaned(self) -> Cleaned | None:
        """Its cleaned rows; None when no list fits it."""
        return self.file.cleaned.get(self.position)

    @property
    def fill_date(self) -> date | None:
        """The day on which it was filled in."""
        return self.table.metadata.fill_date

    @cached_property
    def period(self) -> str:
        """The month for which it speaks."""
        # the day of its arrival, not of tonight: judged again it must speak for the same month
        return month_of(
            self.table.metadata.period, self.fill_date, self.arrival.arrived_on
        )

    @cached_property
    def as_of(self) -> date:
        """The day as of which it speaks."""
        return as_of_day(
            self.table.metadata.period, self.fill_date, self.arrival.arrived_on
        )

    @property
    def version(self) -> str:
        """The place of the sheet among the versions of its rows."""
        arrival = self.arrival
        return version_of(
            self.period,
            self.fill_date,
            self.reading.saved_at,
            arrival.received_at,
            arrival.arrived_on,
            arrival.submission_id,
        )

    @property
    def content(self) -> Cleaned:
        """The cleaned rows of a sheet that a list fits; AssertionError for any other."""
        assert self.cleaned is not None
        return self.cleaned

    @property
    def is_return(self) -> bool:
        """Tell whether a return workbook or a work list came back: it may hold the corrected rows alone."""
        if self.table.is_of_work_list:
            return True
        return self.table.metadata.receipt_no is not None

    @property
    def is_partial(self) -> bool:
        """Tell whether the file may hold a part of its list alone."""
        return (
            self.arrival.is_correction
            or self.arrival.is_supplement
            or self.is_return
        )

    @property
    def template(self) -> str | None:
        """The code of the list that the table carries, or None."""
        return self.table.list_code or None


# What was decided of the rows of a table: submission, sheet, part, row numbers.
LossesOf = Callable[[int, str | None, int, Sequence[int]], list[Loss]]


@dataclass(frozen=True)
class Known:
    """What was known before the batch, asked for when it is needed.

    ``snapshot(ids, counties)`` gives the register; ``loaded(code, frame)`` the current rows of that list that concern
    the persons, units and periods of ``frame``; ``grids`` maps (county, unit, grid hash) to an earlier receipt;
    ``last_period`` counts the rows of the newest earlier period of (unit, period) by village;
    ``proposals`` maps references of rows in return workbooks to the numbers and names of the persons that were proposed
    for them, ``answered(code, references)`` to what those rows of a list said; ``confirmed`` maps a unit to what its
    clerks confirmed of headers; ``decisions`` gives what people decided about links; ``losses(submission, sheet, part,
    row numbers)`` what rows give way to beside all that was loaded (``yiku.comparison.rival_claims``); None until that
    was decided; ``reads`` by submission what was read and cleaned before.
    """

    business_date: date
    # Functions rather than values: only when the files were read is it known
    # for which people, units and periods to ask.
    snapshot: Callable[[Sequence[str], Sequence[str]], RegisterSnapshot]
    loaded: Callable[[str, pd.DataFrame], pd.DataFrame]
    grids: Callable[[Sequence[str]], Mapping[tuple[str, str, str], str]]
    proposals: Callable[[Sequence[str]], Mapping[str, tuple[str, str]]]
    answered: Callable[
        [str, Sequence[str]], Mapping[str, Mapping[str, Any]]
    ] = lambda code, references: {}
    confirmed: Mapping[str, Mapping[tuple[str, str], str]] = field(
        default_factory=dict
    )
    decisions: Callable[[], LinkDecisions] = LinkDecisions
    last_period: Callable[
        [str, Sequence[tuple[str, str]]],
        Mapping[tuple[str, str], Mapping[str | None, int]],
    ] = lambda code, senders: {}
    losses: LossesOf | None = None
    reads: Mapping[int, FileRead] = field(default_factory=dict)
    # of what a work list answers, and when it came: the references that want no answer any more
    settled: Callable[[WorkListAnswers, date], Collection[str]] = (
        lambda answers, arrived_on: ()
    )
