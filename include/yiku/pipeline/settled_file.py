"""Hand one settled file to the warehouse.

Its rows, its findings without any value of a person, its outcome.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from yiku.checking.message import message
from yiku.contracts import load_contracts
from yiku.pipeline.ledger_texts import Told, told_of
from yiku.tables.whereabouts import (
    NothingTold,
    ToldAs,
    Whereabouts,
    whereabouts_of,
)
from yiku.warehouse.clerk_answers import (
    answered_keys,
    keep_confirmed,
)
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import (
    FindingRow,
    load_file,
    row_ids,
    withdraw_rows,
)
from yiku.warehouse.open_items import keep_declined
from yiku.warehouse.resolution import close_mended, close_sheets
from yiku.warehouse.settled import Settled, SheetPlace, TableRows


def hand_over(
    conn: Connection, settled: Settled, business_date: date
) -> dict[str, Any]:
    """Load one file in one transaction and close what it mends; return its counts."""
    outcome = settled.outcome
    # A crash between the two would leave a row loaded and its finding open,
    # and nobody would look at either again.
    with conn.transaction():
        told = told_of(conn, settled)
        findings = _finding_rows(settled, told)
        load_file(
            conn,
            settled,
            findings,
            business_date,
            told.sheets,
            whereabouts=_whereabouts(settled, told),
        )
        _confirm(conn, settled, business_date)
        reading = settled.file.reading
        if reading and reading.work_list:
            keep_declined(
                conn, outcome.submission_id, reading.work_list.declined
            )
        for rows in settled.tables:
            _withdraw(conn, outcome.submission_id, rows)
            _close(conn, outcome.submission_id, rows, business_date)
        # A work list mends single rows: what is held waits for the whole sheet.
        if not settled.file.is_work_list:
            close_sheets(
                conn,
                outcome.submission_id,
                settled.file.receipt_of,
                business_date,
            )
    counts = {"status": outcome.status, **asdict(outcome.counts)}
    return {**counts, "findings": len(outcome.findings)}


def _finding_rows(settled: Settled, told: Told) -> list[FindingRow]:
    number = settled.outcome.submission_id
    ids: dict[SheetPlace, list[str]] = {}
    for rows in settled.tables:
        row_nos = rows.frame["row_no"].tolist()
        ids[rows.place] = row_ids(number, *rows.place, row_nos)
    lines: list[FindingRow] = []
    for finding in settled.outcome.findings:
        ids_of_sheet = ids.get((finding.sheet, finding.part))
        row_id = None
        if ids_of_sheet and finding.position is not None:
            row_id = ids_of_sheet[finding.position]
        public = told.finding(finding)
        lines.append(FindingRow(public, message(public), row_id))
    return lines


def _whereabouts(
    settled: Settled, told: Told
) -> dict[SheetPlace, Whereabouts]:
    """Return where the tables of a file stand: nothing unless it is known of all of them."""
    reading = settled.file.reading
    if reading is None or reading.work_list:
        return {}
    judged = {(sheet.sheet, sheet.part) for sheet in settled.outcome.sheets}
    found: dict[SheetPlace, Whereabouts] = {}
    for position, table in enumerate(reading.tables):
        cleaned: ToldAs = settled.file.cleaned.get(position, NothingTold())
        stands = whereabouts_of(table, position, cleaned, told.words)
        place = (table.sheet, table.part)
        if stands is None or place not in judged:
            return {}
        found[place] = stands
    return found


def _confirm(conn: Connection, settled: Settled, business_date: date) -> None:
    """Keep which headers a clerk confirmed, for the sender's next files, and close what had been asked."""
    reading = settled.file.reading
    if reading is not None and reading.confirmed:
        keep_confirmed(conn, settled.arrival, reading.confirmed, business_date)


def _withdraw(conn: Connection, number: int, rows: TableRows) -> None:
    """Note which rows the clerk took out.

    Those that were sent, and those that they answer by their reference.
    """
    frame = rows.frame
    if not frame["withdrawn"].any():
        return
    # In a table that was stopped as a whole nothing is taken at its word, nor
    # are its marks.
    marked = frame[frame["withdrawn"] & (frame["fate"] == "dropped")]
    places = list(zip(marked["row_no"], marked["version"], strict=True))
    lines = [
        (rows.template, key, *place)
        for key, place in zip(marked["key"], places, strict=True)
        if key
    ]
    # She may have changed the name or the number in the row that she takes
    # out: its reference tells which one she meant.
    place_of = dict(zip(marked["reference"], places, strict=True))
    references = [reference for reference in place_of if reference]
    if references:
        contract = load_contracts()[rows.template]
        for reference, key in answered_keys(
            conn, number, contract, references
        ):
            lines.append((rows.template, key, *place_of[reference]))
    withdraw_rows(conn, number, lines)


def _close(
    conn: Connection, number: int, rows: TableRows, business_date: date
) -> None:
    """Close the findings of earlier rows that rows of this file, loaded now, put right."""
    answered = zip(rows.frame["reference"], rows.frame["fate"], strict=True)
    # A row that comes back and is sent back again has put nothing right.
    references = [r for r, fate in answered if r and fate != "quarantined"]
    close_mended(
        conn,
        number,
        load_contracts()[rows.template],
        references,
        business_date,
    )
