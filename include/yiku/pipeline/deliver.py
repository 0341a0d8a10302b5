"""Hand one settled file to the warehouse: its rows, its findings without any value of a person, its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from yiku.batch import Settled
from yiku.batch.files import TableRows
from yiku.checking.findings import Counts, FileOutcome, Finding, SheetOutcome
from yiku.checking.message import message
from yiku.contracts import load_contracts
from yiku.pipeline.ledger_texts import Told, told_of
from yiku.warehouse.clerk_answers import (
    Confirmation,
    answered_keys,
    keep_confirmed,
)
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import (
    FileRecord,
    FindingRow,
    RawRows,
    SheetRecord,
    load_file,
    row_ids,
    withdraw_rows,
)
from yiku.warehouse.resolution import close_mended, close_sheets

Key = tuple[str | None, int]


def deliver(conn: Connection, settled: Settled, business_date: date) -> dict[str, Any]:
    """Load one file in one transaction and close what it mends; return its counts."""
    outcome = settled.outcome
    with conn.transaction():
        told = told_of(conn, settled)
        load_file(
            conn,
            _file_record(settled, business_date),
            _sheet_records(settled, told),
            _finding_rows(outcome, _ids(settled), told),
        )
        _confirm(conn, settled, business_date)
        for rows in settled.tables:
            _withdraw(conn, outcome.submission_id, rows)
            _close(conn, outcome.submission_id, rows, business_date)
        close_sheets(conn, outcome.submission_id, settled.receipt_of, business_date)
    counts = outcome.counts
    return {
        "status": outcome.status,
        "read": counts.read,
        "loaded": counts.loaded,
        "quarantined": counts.quarantined,
        "dropped": counts.dropped,
        "findings": len(outcome.findings),
    }


def _file_record(settled: Settled, business_date: date) -> FileRecord:
    outcome, arrival = settled.outcome, settled.arrival
    return FileRecord(
        submission_id=outcome.submission_id,
        business_date=business_date,
        status=outcome.status,
        reason=outcome.reason,
        template=outcome.template,
        period=outcome.period,
        counts=_four(outcome.counts),
        book_format=settled.book_format,
        grid_hash=settled.grid_hash,
        saved_at=settled.saved_at,
        fill_date=settled.fill_date,
        is_correction=arrival.is_correction,
        is_supplement=arrival.is_supplement,
        lines=settled.lines,
        fault=settled.fault,
    )


def _four(counts: Counts) -> tuple[int, int, int, int]:
    return counts.read, counts.loaded, counts.quarantined, counts.dropped


def _sheet_records(settled: Settled, told: Told) -> list[SheetRecord]:
    tables = {(t.sheet, t.part, t.template): t for t in settled.tables}
    return [
        _sheet_record(
            s,
            tables.get((s.sheet, s.part, s.template or "")),
            settled.sheet_lines.get((s.sheet, s.part), {}),
            told,
        )
        for s in settled.outcome.sheets
    ]


def _sheet_record(
    sheet: SheetOutcome, rows: TableRows | None, lines: Mapping[str, int], told: Told
) -> SheetRecord:
    fates, shown = [(f.fate, f.rule) for f in sheet.fates], told.sheet(sheet.sheet)
    return SheetRecord(
        sheet=shown,
        named_in_file=sheet.sheet if sheet.sheet != shown else None,
        part=sheet.part,
        template=sheet.template,
        period=sheet.period,
        status=sheet.status,
        reason=sheet.reason,
        counts=_four(sheet.counts),
        rows=RawRows(
            rows.template, rows.frame, fates, rows.quality, rows.original, rows.extra
        )
        if rows
        else None,
        lines=lines,
        version=rows.frame["version"].iloc[0] if rows and len(rows.frame) else None,
    )


def _ids(settled: Settled) -> dict[Key, list[str]]:
    number = settled.outcome.submission_id
    return {
        (t.sheet, t.part): row_ids(number, t.sheet, t.part, t.frame["row_no"].tolist())
        for t in settled.tables
    }


def _finding_rows(
    outcome: FileOutcome, ids: dict[Key, list[str]], told: Told
) -> list[FindingRow]:
    return [
        _finding_row(told.finding(f), ids.get((f.sheet, f.part), []))
        for f in outcome.findings
    ]


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


def _confirm(conn: Connection, settled: Settled, business_date: date) -> None:
    """Keep which headers a clerk confirmed, for the sender's next files, and close what had been asked."""
    if not settled.confirmed:
        return
    arrival = settled.arrival
    confirmation = Confirmation(
        settled.outcome.submission_id,
        arrival.sender,
        arrival.county_code,
        arrival.unit_code,
        settled.confirmed,
    )
    keep_confirmed(conn, confirmation, business_date)


def _withdraw(conn: Connection, number: int, rows: TableRows) -> None:
    """Note which rows the clerk took out: those that were sent, and those that they answer by their reference."""
    frame = rows.frame
    if not frame["withdrawn"].any():
        return
    marked = frame[frame["withdrawn"] & (frame["fate"] == "dropped")]
    places = list(zip(marked["row_no"], marked["version"], strict=True))
    lines = [
        (rows.template, key, *place)
        for key, place in zip(marked["key"], places, strict=True)
        if key
    ]
    place_of = dict(zip(marked["reference"], places, strict=True))
    references = [reference for reference in place_of if reference]
    if references:
        contract = load_contracts()[rows.template]
        for reference, key in answered_keys(conn, number, contract, references):
            lines.append((rows.template, key, *place_of[reference]))
    withdraw_rows(conn, number, lines)


def _close(conn: Connection, number: int, rows: TableRows, business_date: date) -> None:
    """Close the findings of earlier rows that rows of this file, loaded now, put right."""
    answered = zip(rows.frame["reference"], rows.frame["fate"], strict=True)
    references = [r for r, fate in answered if r and fate != "quarantined"]
    close_mended(
        conn, number, load_contracts()[rows.template], references, business_date
    )
