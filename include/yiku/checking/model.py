"""What checking gives: findings for clerks, a fate for every row, an outcome for every sheet and file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    facts: Mapping[str, Any] = NOTHING
    template: str | None = None
    header: str | None = None
    part: int = 0
    position: int | None = None  # of the row in its table; None for a fact about the sheet or file


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
        return cls(seen.total(), seen["loaded"], seen["quarantined"], seen["dropped"])

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


@dataclass(frozen=True)
class Hit:
    """One expectation that one row of a judged frame did not meet. ``ref`` is the number in its index column."""

    ref: int
    rule: str
    verdict: str
    field: str | None


@dataclass
class SheetFacts:
    """What is known of one table as a whole: a number for each sheet rule that was looked at, 0 when it is fine.

    ``facts[rule]`` fill the message of that rule's finding.
    """

    sheet_ref: int
    template: str | None
    measures: dict[str, float] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
