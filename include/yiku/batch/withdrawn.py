"""Rows that a clerk sent back marked 删除: whatever stands in them, they are taken out and not judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from yiku.checking.findings import (
    Counts,
    FileOutcome,
    Finding,
    RowFate,
    SheetOutcome,
)

WITHDRAWN = RowFate("dropped", "F10")
_OPEN = frozenset({"loaded", "partly_loaded"})


def without_withdrawn(
    outcome: FileOutcome, marked: Sequence[frozenset[int]]
) -> FileOutcome:
    """Return the outcome of a file with the ``marked`` rows of each of its tables dropped and nothing said of them.

    A table that was stopped as a whole stays as it is: nothing in it was taken at its word.
    """
    if not any(marked):
        return outcome
    pairs = list(zip(outcome.sheets, marked, strict=True))
    sheets = tuple(_sheet(s, rows) for s, rows in pairs)
    gone = {(s.sheet, s.part): rows for s, rows in pairs if s.status in _OPEN}
    findings = tuple(_still_said(outcome.findings, gone))
    statuses = {s.status for s in sheets}
    status = (
        statuses.pop()
        if outcome.status in _OPEN and len(statuses) == 1
        else outcome.status
    )
    counts = sum((s.counts for s in sheets), Counts())
    return replace(
        outcome, status=status, counts=counts, sheets=sheets, findings=findings
    )


def _sheet(sheet: SheetOutcome, rows: frozenset[int]) -> SheetOutcome:
    if sheet.status not in _OPEN or not rows:
        return sheet
    fates = [
        WITHDRAWN if i in rows else fate for i, fate in enumerate(sheet.fates)
    ]
    counts = Counts.of(fates)
    return replace(
        sheet,
        fates=fates,
        counts=counts,
        # A wrong row that is taken out leaves nothing to mend: without it the
        # sheet may be whole.
        status="partly_loaded" if counts.quarantined else "loaded",
    )


def _still_said(
    findings: Iterable[Finding],
    gone: dict[tuple[str | None, int], frozenset[int]],
) -> Iterable[Finding]:
    return (
        f
        for f in findings
        if f.position is None
        or f.position not in gone.get((f.sheet, f.part), ())
    )
