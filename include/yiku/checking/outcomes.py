"""What becomes of every row, sheet and file, from what the suites said.

A table is stopped by the first rule that stops it, in the order of STOPPING; the later ones were never looked at. A
held table keeps its rows, each sent back with a finding of its own. A refused or repeated one has no rows at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from yiku.checking.findings import (
    Counts,
    Failed,
    FileOutcome,
    Finding,
    JudgedNote,
    JudgedTable,
    RowFate,
    SheetHit,
    SheetOutcome,
    Verdicts,
)
from yiku.contracts import load_contracts

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
MISSING = frozenset({"R01", "R02"})
# An open end ("至今") leaves a date empty on purpose.
ANSWERED = "T07"
STATUS = {"S": "held", "F": "rejected"}
# Which rule the fate of a row that changes nothing names.
HINTS = {
    "same_as_loaded": "F09",
    "repeated": "X01",
    "overtaken": "X12",
    "outdated_within": "X12",
}
# More row numbers than these no clerk looks up one by one.
ROWS_NAMED = 20


@dataclass(frozen=True)
class _Stop:
    """Why a table as a whole is not loaded, and the status that follows."""

    rule: str
    status: str
    facts: Mapping[str, Any]


def stopped_by(hits: Iterable[SheetHit]) -> _Stop | None:
    """Return what stops a table, or None: the first in the order of STOPPING of the hits that stop one."""
    found = [h for h in hits if h.verdict in STATUS or h.effect == "duplicate"]
    first = min(found, key=lambda h: _order(h.rule), default=None)
    return (
        None
        if first is None
        else _Stop(
            first.rule, first.effect or STATUS[first.verdict], first.facts
        )
    )


def _order(rule: str) -> int:
    return (
        STOPPING.index(rule)
        if rule in STOPPING
        else len(STOPPING) + (rule == BREAKER)
    )


def sent_back(
    table: JudgedTable, verdicts: Verdicts
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the mask of a table's rows that some rule sends back, or that never come to be judged."""
    if stopped_by(verdicts.sheets.get(table.sheet_ref, ())):
        return np.ones(len(table.row_nos), dtype=bool)
    found = np.zeros(len(table.row_nos), dtype=bool)
    found[
        [
            f.position
            for f in _row_findings(table, verdicts)
            if f.verdict == "Q" and f.position is not None
        ]
    ] = True
    return found


def settle_file(
    submission_id: int,
    tables: Sequence[JudgedTable],
    verdicts: Verdicts,
    about_file: Sequence[SheetHit] = (),
) -> FileOutcome:
    """Settle one submission; ``about_file`` are facts about the file as a whole."""
    stop = stopped_by(about_file)
    if stop is not None or not tables:
        return refuse(
            submission_id,
            about_file,
            stop.status if stop else "held",
            stop.rule if stop else None,
        )
    settled = [_settle_table(t, verdicts) for t in tables]
    findings = (
        *_about(about_file, None),
        *(f for _, found in settled for f in found),
    )
    sheets = tuple(s for s, _ in settled)
    return FileOutcome(
        submission_id=submission_id,
        status=_file_status([s.status for s in sheets]),
        reason=next((s.reason for s in sheets if s.reason), None),
        template=_only({s.template for s in sheets}),
        period=_only({s.period for s in sheets}),
        counts=sum((s.counts for s in sheets), Counts()),
        sheets=sheets,
        findings=tuple(replace(f, file=submission_id) for f in findings),
    )


def refuse(
    submission_id: int,
    hits: Sequence[SheetHit],
    status: str,
    reason: str | None,
) -> FileOutcome:
    """Return the outcome of a file that could not be read, or whose tables nobody can tell: it has no rows."""
    findings = tuple(
        replace(f, file=submission_id) for f in _about(hits, None)
    )
    return FileOutcome(
        submission_id, status, reason, None, None, Counts(), (), findings
    )


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
    return (
        "held"
        if several <= {"held", "rejected", "duplicate"}
        else "partly_loaded"
    )


def _about(
    hits: Iterable[SheetHit], table: JudgedTable | None
) -> Iterator[Finding]:
    """Return the findings on a table or file as a whole; those that a stop made void are left out."""
    hits = list(hits)
    stop = stopped_by(hits)
    for hit in hits:
        stops = hit.verdict in STATUS or hit.effect is not None
        if not stops or stop is None or hit.rule == stop.rule:
            yield _finding(table, None, None, hit.rule, hit.verdict, hit.facts)


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
        findings += _row_findings(table, verdicts)
    if stop is not None:
        findings += _each_row_back(table, stop, findings)
    fates = _fates(
        table,
        findings,
        _twins(table, verdicts.rows.get(table.template or "", ())),
    )
    return _outcome(table, fates, stop), findings + _changing_nothing(
        table, fates
    )


def _outcome(
    table: JudgedTable, fates: list[RowFate], stop: _Stop | None
) -> SheetOutcome:
    counts = Counts.of(fates)
    status = (
        stop.status
        if stop
        else "partly_loaded"
        if counts.quarantined
        else "loaded"
    )
    reason = stop.rule if stop else None
    return SheetOutcome(
        table.table.sheet,
        table.table.part,
        table.template,
        table.period,
        status,
        reason,
        counts,
        fates,
    )


def _each_row_back(
    table: JudgedTable, stop: _Stop, findings: Iterable[Finding]
) -> list[Finding]:
    """Give every row of a held table that has none yet a finding of its own, with the rule that holds the table."""
    has_one = {f.position for f in findings if f.verdict == "Q"}
    alone = (i for i in range(len(table.row_nos)) if i not in has_one)
    return [
        _finding(table, i, None, stop.rule, "Q", stop.facts) for i in alone
    ]


def _row_findings(table: JudgedTable, verdicts: Verdicts) -> list[Finding]:
    notes = verdicts.notes.get(table.sheet_ref, ())
    failed = [
        f
        for f in verdicts.rows.get(table.template or "", ())
        if not _column_missing(f, table)
    ]
    blank = [f for f in failed if f.rule == "R02" and _never_there(f, table)]
    # A cell that could not be read is empty for that very reason: told as
    # missing too it would look like two faults.
    answered = table.elsewhere | {
        (n.position, n.field)
        for n in notes
        if n.verdict != "A" or n.rule == ANSWERED
    }
    found = [*_from_notes(table, notes), *_never_filled(table, blank)]
    for rule in failed:
        if rule not in blank and rule.verdict != "A":
            found += _from_rule(
                table, rule, answered if rule.rule in MISSING else frozenset()
            )
    found += _counted(
        table, [f for f in failed if f.verdict == "A" and not f.drops]
    )
    found += _repeats(table, failed)
    # Who speaks first of a cell and a rule is heard. Reversed, for of equal
    # keys a dictionary keeps the last value.
    return list(
        {(f.position, f.field, f.rule): f for f in reversed(found)}.values()
    )[::-1]


def _column_missing(failed: Failed, table: JudgedTable) -> bool:
    """Tell whether a column that must be filled is not on the sheet at all: that is a fact about the sheet (L06)."""
    return (
        failed.rule == "R01"
        and not failed.conditional
        and bool(table.headers)
        and failed.field not in table.headers
    )


def _never_there(failed: Failed, table: JudgedTable) -> bool:
    """Tell whether what should be filled has no column, or an empty one: the sheet's finding says it for all rows."""
    n = len(_positions(failed, table))
    absent = bool(table.headers) and failed.field not in table.headers
    return n > 0 and (
        absent or (not failed.conditional and n == len(table.row_nos))
    )


def _positions(failed: Failed, table: JudgedTable) -> range:
    """Return where in ``failed.refs`` the rows of the table stand."""
    limits = (table.first_ref, table.first_ref + len(table.row_nos))
    # Refs are sorted and a table's rows are a span of them: looking at each
    # row for each table would be quadratic in a batch of many sheets.
    first, last = np.searchsorted(failed.refs, limits)
    return range(int(first), int(last))


def _from_rule(
    table: JudgedTable, failed: Failed, answered: AbstractSet[tuple[int, str]]
) -> Iterator[Finding]:
    for i in _positions(failed, table):
        position = int(failed.refs[i]) - table.first_ref
        if (position, failed.field) not in answered:
            facts = {
                place: values[i]
                for place, values in failed.facts.items()
                if values[i] is not None
            }
            yield _finding(
                table,
                position,
                failed.field,
                failed.rule,
                failed.verdict,
                facts,
            )


def _from_notes(
    table: JudgedTable, notes: Iterable[JudgedNote]
) -> Iterator[Finding]:
    """Return one finding for each note that asks something of the clerk, and one for all repairs of a kind."""
    repaired: dict[tuple[str, str], list[JudgedNote]] = defaultdict(list)
    for note in notes:
        if note.verdict == "A":
            repaired[note.field, note.rule].append(note)
        else:
            yield _finding(
                table,
                note.position,
                note.field,
                note.rule,
                note.verdict,
                note.facts,
            )
    for (field, rule), same in repaired.items():
        yield _count(table, field, rule, "A", [n.position for n in same])


def _never_filled(
    table: JudgedTable, blank: Sequence[Failed]
) -> Iterator[Finding]:
    """Tell once for all rows which columns that should be filled are not filled in any of them."""
    blank = [f for f in blank if len(_positions(f, table))]
    if blank:
        headers = "、".join(_header(table, f.field) or "" for f in blank)
        yield replace(
            _count(table, None, "R02", "W", range(len(table.row_nos))),
            header=headers,
        )


def _counted(
    table: JudgedTable, repaired: Iterable[Failed]
) -> Iterator[Finding]:
    for failed in repaired:
        if where := _positions(failed, table):
            yield _count(
                table,
                failed.field,
                failed.rule,
                "A",
                [int(failed.refs[i]) - table.first_ref for i in where],
            )


def _count(
    table: JudgedTable,
    field: str | None,
    rule: str,
    verdict: str,
    positions: Sequence[int],
) -> Finding:
    rows = [table.row_nos[p] for p in positions]
    named = "、".join(map(str, rows[:ROWS_NAMED])) + (
        "等" if len(rows) > ROWS_NAMED else ""
    )
    return _finding(
        table, None, field, rule, verdict, {"n": len(rows), "rows": named}
    )


def _twins(table: JudgedTable, failed: Iterable[Failed]) -> dict[int, str]:
    """Return the rows that repeat an earlier one of their sheet: a repair that drops the row.

    Where the earlier one was sent back for a fault of its own the row stands in for it: its hint says so.
    """
    repaired = [f for f in failed if f.verdict == "A" and f.drops]
    repeats = {
        int(f.refs[i]) - table.first_ref: f.rule
        for f in repaired
        for i in _positions(f, table)
    }
    return {
        i: rule
        for i, rule in repeats.items()
        if table.hints is None or table.hints[i] is not None
    }


def _repeats(
    table: JudgedTable, failed: Iterable[Failed]
) -> Iterator[Finding]:
    by_rule: dict[str, list[int]] = defaultdict(list)
    for position, rule in sorted(_twins(table, failed).items()):
        by_rule[rule].append(position)
    yield from (
        _count(table, None, rule, "A", positions)
        for rule, positions in by_rule.items()
    )


def _fates(
    table: JudgedTable, findings: Iterable[Finding], twins: Mapping[int, str]
) -> list[RowFate]:
    reasons: dict[int, str] = {}
    for finding in findings:
        # The first rule that sends a row back names its fate. The others stand
        # beside it, so that the clerk mends all at once.
        if finding.verdict == "Q" and finding.position is not None:
            reasons.setdefault(finding.position, finding.rule)
    hints = table.hints or [None] * len(table.row_nos)
    return [
        _fate(reasons.get(i), twins.get(i) or HINTS.get(h or ""))
        for i, h in enumerate(hints)
    ]


@cache  # rows share few fates
def _fate(sent_back_by: str | None, dropped_by: str | None) -> RowFate:
    if sent_back_by is not None:
        return RowFate("quarantined", sent_back_by)
    return (
        RowFate("loaded")
        if dropped_by is None
        else RowFate("dropped", dropped_by)
    )


def _changing_nothing(
    table: JudgedTable, fates: Sequence[RowFate]
) -> list[Finding]:
    """Tell once how many rows were overtaken by a newer version that stands in another file."""
    hints = table.hints or [None] * len(fates)
    overtaken = [
        i
        for i, f in enumerate(fates)
        if f.fate == "dropped" and hints[i] == "overtaken"
    ]
    return (
        [_count(table, None, HINTS["overtaken"], "W", overtaken)]
        if overtaken
        else []
    )


def _header(
    table: JudgedTable | None, field: str | None, position: int | None = None
) -> str | None:
    """Return what the clerk calls a column: the header on the sheet, else that of the template."""
    if table is None or field is None:
        return None
    contract = load_contracts().get(table.template or "")
    official = (
        contract.column(field).header
        if contract and contract.has(field)
        else None
    )
    return table.header(field, position) or official


def _finding(
    table: JudgedTable | None,
    position: int | None,
    field: str | None,
    rule: str,
    verdict: str,
    facts: Mapping[str, Any],
) -> Finding:
    if table is None:
        return Finding(0, None, None, field, rule, verdict, facts)
    written = (
        None
        if position is None or field is None
        else table.original.get((position, field))
    )
    return Finding(
        file=0,  # put in when the file is put together
        sheet=table.table.sheet,
        row_no=None if position is None else table.row_nos[position],
        field=field,
        rule=rule,
        verdict=verdict,
        facts={**facts, "value": written} if written is not None else facts,
        template=table.template,
        header=_header(table, field, position),
        part=table.table.part,
        position=position,
    )
