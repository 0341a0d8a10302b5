"""What checking gives: findings for clerks, a fate for every row, an outcome for every sheet and file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default  # classes have a field so named
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from yiku.tables.table import Table


class RuleError(RuntimeError):
    """A rule of ours could not be run. It fails the task; it is never the township's fault."""


@dataclass(frozen=True)
class Finding:
    """One thing that a clerk is told. Verdicts: A repaired, W warning, Q row back, S sheet held, F file refused.

    ``file`` is the submission's number; ``row_no`` is None for a fact about a sheet or file. ``facts`` fill the
    message; a person's value stands in them under ``value`` alone, which never reaches the ledger.
    """

    file: int
    sheet: str | None
    row_no: int | None
    field: str | None
    rule: str
    verdict: str
    facts: Mapping[str, Any] = default(default_factory=dict)
    template: str | None = None
    header: str | None = None
    part: int = 0
    # The row in its table; None for a fact about the sheet or file.
    position: int | None = None


@dataclass(frozen=True)
class RowFate:
    """What becomes of one data row: loaded, quarantined (``rule`` says why) or dropped."""

    fate: str
    rule: str | None = None


@dataclass(frozen=True)
class Counts:
    """The law of the ledger: every row read has exactly one fate."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    dropped: int = 0

    @classmethod
    def of(cls, fates: Iterable[RowFate]) -> Counts:
        """Count the fates of rows."""
        seen = Counter(f.fate for f in fates)
        return cls(
            seen.total(), seen["loaded"], seen["quarantined"], seen["dropped"]
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.loaded + other.loaded,
            self.quarantined + other.quarantined,
            self.dropped + other.dropped,
        )


@dataclass(frozen=True)
class SheetOutcome:
    """What became of one table. ``fates`` has one entry for each data row, in the order of the table."""

    sheet: str | None
    part: int
    template: str | None
    period: str | None
    status: str  # loaded, partly_loaded, held, rejected, duplicate
    reason: str | None
    counts: Counts
    fates: Sequence[RowFate] = ()


@dataclass(frozen=True)
class FileOutcome:
    """What became of one submission; ``template`` and ``period`` are None where its sheets differ."""

    submission_id: int
    status: str
    reason: str | None
    template: str | None
    period: str | None
    counts: Counts
    sheets: tuple[SheetOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()


# Where the rows stand because of which a row may go back: in its own file alone, or in others too.
WITHIN, BEYOND = "within", "beyond"


# Compared by identity: arrays answer an equals sign with an array, of which no
# truth value can be taken.
@dataclass(frozen=True, eq=False)
class Failed:
    """The rows of one list that one rule names, as sorted numbers of the frame's ``ref`` column.

    ``facts`` holds for each place of the message one entry for each of the rows. ``conditional`` marks a column that
    is asked for under a condition only, ``drops`` a repair that leaves the row out, ``claims`` a fault that a row has
    only beside others, which must stand themselves: WITHIN its file, or BEYOND it.
    """

    rule: str
    verdict: str
    field: str | None
    refs: np.ndarray[Any, np.dtype[np.int64]]
    facts: Mapping[str, Sequence[Any]] = default(default_factory=dict)
    conditional: bool = False
    drops: bool = False
    claims: str | None = None


@dataclass(frozen=True)
class SheetHit:
    """A rule that a table as a whole did not meet. ``effect`` is 'duplicate' where the table is passed over."""

    rule: str
    verdict: str
    facts: Mapping[str, Any] = default(default_factory=dict)
    effect: str | None = None


class JudgedNote(NamedTuple):
    """A note of cleaning with the verdict that the suite gave it."""

    position: int
    field: str
    rule: str
    verdict: str
    facts: Mapping[str, Any]


@dataclass
class Verdicts:
    """All that the suites said: on rows by list, on noted cells and on whole tables by ``sheet_ref``."""

    rows: Mapping[str, Sequence[Failed]] = default(default_factory=dict)
    notes: Mapping[int, Sequence[JudgedNote]] = default(default_factory=dict)
    sheets: Mapping[int, Sequence[SheetHit]] = default(default_factory=dict)


@dataclass
class JudgedTable:
    """One table whose rows are to be settled.

    Its rows stand in the list's frame under the numbers ``first_ref``, ``first_ref`` + 1 and so on. ``original`` holds
    the text of cells that were repaired or not understood; ``hints`` says for each row whether it is 'same_as_loaded'
    or 'overtaken'.
    """

    sheet_ref: int
    table: Table
    period: str | None
    row_nos: Sequence[int]
    first_ref: int = 0
    original: Mapping[tuple[int, str], str] = default(default_factory=dict)
    hints: Sequence[str | None] | None = None

    @property
    def template(self) -> str | None:
        """The code of the list that the table carries, or None."""
        return self.table.list_code or None

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What stands on the sheet above each of the columns that are there."""
        return {
            name: matched.header
            for name, matched in self.table.matched.items()
        }

    @cached_property
    def elsewhere(self) -> frozenset[tuple[int, str]]:
        """The cells that are blank because the value stands with another record of the same line."""
        return frozenset(self.table.asked_elsewhere())

    def header(self, field: str, position: int | None) -> str | None:
        """Return what stands above a field on the sheet; None when the table lacks it, or has it in several columns."""
        # a wide table has a header for each of its items
        if field not in self.table.places:
            return self.headers.get(field)
        if position is None:
            return None
        return self.table.places[field][position].header


@dataclass
class SheetFacts:
    """What is known of one table as a whole: a number for each sheet rule that was looked at, 0 when it is fine.

    Measures and facts go by the name of the column that ``sheets.yml`` judges, mostly a rule id.
    """

    sheet_ref: int
    template: str | None
    measures: dict[str, float] = default(default_factory=dict)
    facts: dict[str, dict[str, Any]] = default(default_factory=dict)
