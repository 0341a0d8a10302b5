"""Hand settled files to the warehouse.

Their rows, their findings without any value of a person, their outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    Loading,
    load_files,
    row_ids,
    withdraw_rows,
)
from yiku.warehouse.open_items import keep_declined
from yiku.warehouse.resolution import (
    Beside,
    close_mended,
    close_sheets,
    sent_beside,
)
from yiku.warehouse.settled import Settled, SheetPlace, TableRows


def hand_over(
    conn: Connection, files: Sequence[Settled], business_date: date
) -> list[dict[str, Any]]:
    """Load files of different senders in one transaction and close what they mend; return the counts of each."""
    # A crash between the two would leave a row loaded and its finding open,
    # and nobody would look at either again.
    with conn.transaction():
        loadings = [
            _loading(settled, told)
            for settled, told in zip(files, told_of(conn, files), strict=True)
        ]
        load_files(conn, loadings, business_date)
        numbers = [loading.number for loading in loadings]
        beside = sent_beside(conn, numbers)
        for settled in files:
            number = settled.outcome.submission_id
            _keep_answers(conn, settled, business_date)
            for rows in settled.tables:
                _withdraw(conn, number, rows)
                _close(conn, number, rows, business_date, beside[number])
        # A work list mends single rows: what is held waits for the whole sheet.
        receipts = {
            settled.outcome.submission_id: settled.file.receipt_of
            for settled in files
            if not settled.file.is_work_list
        }
        close_sheets(conn, receipts, beside, business_date)
    return [_counts(settled) for settled in files]


def _counts(settled: Settled) -> dict[str, Any]:
    outcome = settled.outcome
    counts = {"status": outcome.status, **asdict(outcome.counts)}
    return {**counts, "findings": len(outcome.findings)}


def _loading(settled: Settled, told: Told) -> Loading:
    return Loading(
        settled,
        _finding_rows(settled, told),
        told.sheets,
        _whereabouts(settled, told),
    )


def _keep_answers(
    conn: Connection, settled: Settled, business_date: date
) -> None:
    """Keep what a clerk confirmed or declined beside the rows of a file."""
    _confirm(conn, settled, business_date)
    reading = settled.file.reading
    if reading and reading.work_list:
        keep_declined(
            conn, settled.outcome.submission_id, reading.work_list.declined
        )


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
    conn: Connection,
    number: int,
    rows: TableRows,
    business_date: date,
    beside: Beside,
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
        beside,
    )
