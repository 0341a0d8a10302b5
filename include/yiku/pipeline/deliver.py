"""Hand one settled file to the warehouse: its rows, its findings without any value of a person, its outcome."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from yiku.batch import Settled
from yiku.batch.model import TableRows
from yiku.checking.message import message
from yiku.checking.model import FileOutcome, Finding, SheetOutcome
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FileFacts, FindingRow, close_findings, load_file, row_ids, withdraw_rows

Key = tuple[str | None, int]


def deliver(conn: Connection, settled: Settled, business_date: date) -> dict[str, Any]:
    """Load one file in one transaction and close what it mends; return its counts."""
    outcome, arrival = settled.outcome, settled.arrival
    with conn.transaction():
        load_file(
            conn,
            outcome,
            list(_with_sheets(settled)),
            _finding_rows(outcome, _ids(settled)),
            FileFacts(
                business_date=business_date,
                book_format=settled.book_format,
                grid_hash=settled.grid_hash,
                saved_at=settled.saved_at,
                fill_date=settled.fill_date,
                is_correction=arrival.is_correction,
                is_supplement=arrival.is_supplement,
            ),
        )
        for rows in settled.tables:
            _withdraw(conn, outcome.submission_id, rows)
            _close(conn, outcome.submission_id, rows, business_date)
    counts = outcome.counts
    return {
        "status": outcome.status,
        "read": counts.read,
        "loaded": counts.loaded,
        "quarantined": counts.quarantined,
        "dropped": counts.dropped,
        "findings": len(outcome.findings),
    }


def _with_sheets(settled: Settled) -> Iterable[tuple[TableRows, SheetOutcome]]:
    sheets = {(s.sheet, s.part, s.template): s for s in settled.outcome.sheets}
    for rows in settled.tables:
        yield rows, sheets[rows.sheet, rows.part, rows.template]


def _ids(settled: Settled) -> dict[Key, list[str]]:
    number = settled.outcome.submission_id
    return {(t.sheet, t.part): row_ids(number, t.sheet, t.part, t.frame["row_no"].tolist()) for t in settled.tables}


def _finding_rows(outcome: FileOutcome, ids: dict[Key, list[str]]) -> list[FindingRow]:
    return [_finding_row(f, ids.get((f.sheet, f.part), [])) for f in outcome.findings]


def _finding_row(finding: Finding, ids: list[str]) -> FindingRow:
    return FindingRow(
        rule=finding.rule,
        verdict=finding.verdict,
        message=message(finding),
        sheet=finding.sheet,
        part=finding.part,
        row_no=finding.row_no,
        row_id=ids[finding.position] if ids and finding.position is not None else None,
        field=finding.field,
        template=finding.template,
        header=finding.header,
        facts=finding.facts,
    )


def _withdraw(conn: Connection, number: int, rows: TableRows) -> None:
    frame = rows.frame
    marked = frame[frame["withdrawn"] & frame["key"].notna()]
    if len(marked):
        lines = zip(marked["key"], marked["row_no"], strict=True)
        withdraw_rows(conn, number, [(rows.template, key, row_no) for key, row_no in lines])


def _close(conn: Connection, number: int, rows: TableRows, business_date: date) -> None:
    """Close the findings of earlier rows that rows of this file, loaded now, put right."""
    close_findings(conn, number, rows.template, [r for r in rows.frame["reference"] if r], business_date)
