"""What becomes of every row, sheet and file, from what the suites said.

A table is stopped by the first rule that stops it, in the order of STOPPING; the later ones were never looked at. A
held table keeps its rows, each sent back with a finding of its own. A refused or repeated one has no rows at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from yiku.checking.findings import (
    Counts,
    FileOutcome,
    Finding,
    JudgedTable,
    RowFate,
    SheetHit,
    SheetOutcome,
    Verdicts,
)
from yiku.checking.row_findings import (
    counted,
    finding_about,
    row_findings,
    twins,
)

# Which list it is, the money unit, repeated content, the wrong town, copies, mixed-up rows, swapped columns.
STOPPING = (
    "F12",
    "L03",
    "L06",
    "L15",
    "N02",
    "F09",
    "F11",
    "X14",
    "X13",
    "I12",
)
# The breaker is looked at after the rows: their own findings stand beside its.
BREAKER = "BRK"
STATUS = {"S": "held", "F": "rejected"}
# Which rule the fate of a row that changes nothing names.
HINTS = {
    "same_as_loaded": "F09",
    "repeated": "X01",
    "overtaken": "X12",
    "outdated_within": "X12",
}


@dataclass(frozen=True)
class _Stop:
    """Why a table as a whole is not loaded, and the status that follows."""

    rule: str
    status: str
    facts: Mapping[str, Any]


def stopped_by(hits: Iterable[SheetHit]) -> _Stop | None:
    """Return what stops a table, or None: the first in the order of STOPPING of the hits that stop one."""
    first = min(filter(_stops, hits), key=_order, default=None)
    if first is None:
        return None
    status = first.effect or STATUS[first.verdict]
    return _Stop(first.rule, status, first.facts)


def _stops(hit: SheetHit) -> bool:
    return hit.verdict in STATUS or hit.effect == "duplicate"


def _order(hit: SheetHit) -> int:
    if hit.rule in STOPPING:
        return STOPPING.index(hit.rule)
    return len(STOPPING) + (hit.rule == BREAKER)


def sent_back(
    table: JudgedTable, verdicts: Verdicts
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the mask of a table's rows that some rule sends back, or that never come to be judged."""
    if stopped_by(verdicts.sheets.get(table.sheet_ref, ())):
        return np.ones(len(table.row_nos), dtype=bool)
    is_back = np.zeros(len(table.row_nos), dtype=bool)
    reasons = _reasons(row_findings(table, verdicts))
    is_back[list(reasons)] = True
    return is_back


def settle_file(
    submission_id: int,
    tables: Sequence[JudgedTable],
    verdicts: Verdicts,
    about_file: Sequence[SheetHit] = (),
) -> FileOutcome:
    """Settle one submission; ``about_file`` are facts about the file as a whole."""
    stop = stopped_by(about_file)
    if stop is not None:
        return refuse(submission_id, about_file, stop.status, stop.rule)
    if not tables:
        return refuse(submission_id, about_file, "held", None)
    sheets: list[SheetOutcome] = []
    findings = list(_about(about_file, None))
    for table in tables:
        sheet, told = _settle_table(table, verdicts)
        sheets.append(sheet)
        findings += told
    reasons = [sheet.reason for sheet in sheets if sheet.reason]
    return FileOutcome(
        submission_id=submission_id,
        status=_file_status([sheet.status for sheet in sheets]),
        reason=reasons[0] if reasons else None,
        template=_only({sheet.template for sheet in sheets}),
        period=_only({sheet.period for sheet in sheets}),
        counts=sum((sheet.counts for sheet in sheets), Counts()),
        sheets=tuple(sheets),
        findings=_of_file(findings, submission_id),
    )


def refuse(
    submission_id: int,
    hits: Sequence[SheetHit],
    status: str,
    reason: str | None,
) -> FileOutcome:
    """Return the outcome of a file that could not be read, or whose tables nobody can tell: it has no rows."""
    findings = _of_file(_about(hits, None), submission_id)
    return FileOutcome(
        submission_id, status, reason, None, None, Counts(), (), findings
    )


def _of_file(
    findings: Iterable[Finding], submission_id: int
) -> tuple[Finding, ...]:
    return tuple(replace(finding, file=submission_id) for finding in findings)


def _only(values: set[str | None]) -> str | None:
    return values.pop() if len(values) == 1 else None


def _file_status(statuses: Sequence[str]) -> str:
    several = set(statuses)
    if len(several) == 1:
        return statuses[0]
    # A workbook of twelve villages of which one sheet was sent before has come
    # in whole.
    if several <= {"loaded", "duplicate"}:
        return "loaded"
    if several <= {"held", "rejected", "duplicate"}:
        return "held"
    return "partly_loaded"


def _about(
    hits: Iterable[SheetHit], table: JudgedTable | None
) -> Iterator[Finding]:
    """Yield the findings on a table or file as a whole; those that a stop made void are left out."""
    hits = list(hits)
    stop = stopped_by(hits)
    for hit in hits:
        stops = hit.verdict in STATUS or hit.effect is not None
        if not stops or stop is None or hit.rule == stop.rule:
            yield finding_about(
                table, None, None, hit.rule, hit.verdict, hit.facts
            )


def _settle_table(
    table: JudgedTable, verdicts: Verdicts
) -> tuple[SheetOutcome, list[Finding]]:
    hits = verdicts.sheets.get(table.sheet_ref, ())
    stop = stopped_by(hits)
    findings = list(_about(hits, table))
    # Refused or repeated, its rows do not count as read: a list that is sent
    # twice would double the figures of its unit.
    if stop is not None and stop.status != "held":
        return _outcome(table, [], stop), findings
    # What stopped a table makes its rows worth no word: names sorted without
    # their numbers would bring a finding on each, all of them from one slip.
    # The breaker alone rests on what the rows are like.
    if stop is None or stop.rule == BREAKER:
        findings += row_findings(table, verdicts)
    if stop is not None:
        findings += _each_row_back(table, stop, findings)
    failed = verdicts.rows.get(table.template or "", ())
    fates = _fates(table, findings, twins(table, failed))
    findings += _changing_nothing(table, fates)
    return _outcome(table, fates, stop), findings


def _outcome(
    table: JudgedTable, fates: list[RowFate], stop: _Stop | None
) -> SheetOutcome:
    counts = Counts.of(fates)
    if stop:
        status = stop.status
    else:
        status = "partly_loaded" if counts.quarantined else "loaded"
    return SheetOutcome(
        table.table.sheet,
        table.table.part,
        table.template,
        table.period,
        status,
        stop.rule if stop else None,
        counts,
        fates,
    )


def _each_row_back(
    table: JudgedTable, stop: _Stop, findings: Iterable[Finding]
) -> list[Finding]:
    """Give every row of a held table that has none yet a finding of its own, with the rule that holds the table."""
    has_one = _reasons(findings)
    return [
        finding_about(table, position, None, stop.rule, "Q", stop.facts)
        for position in range(len(table.row_nos))
        if position not in has_one
    ]


def _reasons(findings: Iterable[Finding]) -> dict[int, str]:
    """Return by position the rule that sends a row back."""
    reasons: dict[int, str] = {}
    for finding in findings:
        # The first rule that sends a row back names its fate. The others stand
        # beside it, so that the clerk mends all at once.
        if finding.verdict == "Q" and finding.position is not None:
            reasons.setdefault(finding.position, finding.rule)
    return reasons


def _fates(
    table: JudgedTable, findings: Iterable[Finding], repeats: Mapping[int, str]
) -> list[RowFate]:
    reasons = _reasons(findings)
    hints = table.hints or [None] * len(table.row_nos)
    fates: list[RowFate] = []
    for position, hint in enumerate(hints):
        dropped_by = repeats.get(position) or HINTS.get(hint or "")
        fates.append(_fate(reasons.get(position), dropped_by))
    return fates


@cache  # rows share few fates
def _fate(sent_back_by: str | None, dropped_by: str | None) -> RowFate:
    if sent_back_by is not None:
        return RowFate("quarantined", sent_back_by)
    if dropped_by is not None:
        return RowFate("dropped", dropped_by)
    return RowFate("loaded")


def _changing_nothing(
    table: JudgedTable, fates: Sequence[RowFate]
) -> list[Finding]:
    """Tell once how many rows were overtaken by a newer version that stands in another file."""
    hints = table.hints or [None] * len(fates)
    overtaken = [
        position
        for position, fate in enumerate(fates)
        if fate.fate == "dropped" and hints[position] == "overtaken"
    ]
    if not overtaken:
        return []
    return [counted(table, None, HINTS["overtaken"], "W", overtaken)]
