"""Load one file: raw rows, findings, sheets and outcome in one transaction.

Loading a submission again replaces what it left before: any night can be run again, after any crash.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from psycopg import sql
from psycopg.types.json import Jsonb

from yiku.contracts.contract import Contract, load_contracts
from yiku.product import product_version
from yiku.tables.line_classes import left_out
from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import copy_rows
from yiku.warehouse.schema import raw_columns

_ROWS = uuid.UUID("5f6b1f0e-6b0f-5d52-9c3c-79696b752020")  # namespace of row ids


Counts = tuple[int, int, int, int]  # rows read, loaded, quarantined, dropped


@dataclass(frozen=True)
class RawRows:
    """The rows of one table: a frame with contract and meta columns, a fate and its rule for each row.

    ``quality``, ``original`` and ``extra`` say by position in the frame what else was kept of a row.
    """

    template: str
    frame: pd.DataFrame
    fates: Sequence[tuple[str, str | None]]
    quality: Mapping[int, Any] = dataclasses.field(default_factory=dict)
    original: Mapping[int, Any] = dataclasses.field(default_factory=dict)
    extra: Mapping[int, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class SheetRecord:
    """One line of ``ops.submission_sheet``, and the rows that were read (None when the file was refused)."""

    sheet: str | None
    part: int
    template: str | None
    period: str | None
    status: str
    reason: str | None
    counts: Counts
    rows: RawRows | None = None
    lines: Mapping[str, int] = dataclasses.field(
        default_factory=dict
    )  # class -> lines of the table's stretch
    version: str | None = None  # its place among the versions of its rows
    named_in_file: str | None = None  # where ``sheet`` leaves out a number or a person


@dataclass(frozen=True)
class FileRecord:
    """What the ledger keeps of one file once it is settled."""

    submission_id: int
    business_date: date
    status: str
    reason: str | None
    template: str | None
    period: str | None
    counts: Counts
    book_format: str | None = None
    grid_hash: str | None = None
    saved_at: datetime | None = None
    fill_date: date | None = None
    is_correction: bool = False
    is_supplement: bool = False
    lines: Mapping[str, int] = dataclasses.field(
        default_factory=dict
    )  # class -> lines of the file
    fault: str | None = None  # type and place of a fault of ours


@dataclass(frozen=True)
class FindingRow:
    """One line of ``ops.finding``. ``message`` and ``facts`` hold no value of a person."""

    rule: str
    verdict: str
    message: str
    sheet: str | None = None
    part: int = 0
    row_no: int | None = None
    row_id: str | None = None
    field: str | None = None
    template: str | None = None
    header: str | None = None
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def row_ids(
    submission_id: int, sheet: str | None, part: int, row_nos: Iterable[int]
) -> list[str]:
    """Return the ids of a table's rows: the same whenever the file is read again, rows that share a number included."""
    # the table gives the first half, the row the last: cheap to make, and neighbours lie side by side in the index
    table = str(uuid.uuid5(_ROWS, f"{submission_id}/{sheet or ''}/{part}"))[:24]
    seen: Counter[int] = Counter()
    found = []
    for row_no in row_nos:
        seen[row_no] += 1
        found.append(f"{table}{row_no:08x}{seen[row_no]:04x}")
    return found


def load_file(
    conn: Connection,
    file: FileRecord,
    sheets: Sequence[SheetRecord],
    findings: Sequence[FindingRow],
    contracts: Mapping[str, Contract] | None = None,
) -> None:
    """Load one file in one transaction, replacing what an earlier run left of it.

    psycopg.Error is a fault of ours or of the machine; then nothing of the file is loaded.
    """
    lists = load_contracts() if contracts is None else contracts
    with conn.transaction():
        forget(conn, file.submission_id, lists.values())
        for sheet in sheets:
            if sheet.rows is not None:
                _load_rows(
                    conn,
                    file.submission_id,
                    lists[sheet.rows.template],
                    sheet,
                    sheet.rows,
                )
        _load_sheets(conn, file.submission_id, sheets)
        _load_findings(conn, file.submission_id, findings, file.business_date)
        references = {c.code for c in lists.values() if c.reference}
        _settle(conn, file, not references.isdisjoint(s.template for s in sheets))


def forget(conn: Connection, submission_id: int, contracts: Iterable[Contract]) -> None:
    """Remove the rows and findings that an earlier run left of a submission; its line in the ledger stays."""
    before = conn.execute(
        "select processed_at from ops.submission where submission_id = %s for update",
        (submission_id,),
    ).fetchone()
    if before is None:
        raise LookupError(f"no submission {submission_id}")
    if before[0] is None:
        return
    tables = [sql.Identifier("raw", c.table) for c in contracts]
    tables += [sql.Identifier("ops", t) for t in ("submission_sheet", "withdrawn_row")]
    for table in tables:
        conn.execute(
            sql.SQL("delete from {} where submission_id = %s").format(table),
            (submission_id,),
        )
    # What the pull said of the file's name no reading says again.
    conn.execute(
        "delete from ops.finding where submission_id = %s and rule <> 'F14'",
        (submission_id,),
    )
    conn.execute(
        "update ops.finding set closed_by = null, closed_on = null, carried = false where closed_by = %s",
        (submission_id,),
    )


def _load_rows(
    conn: Connection,
    submission_id: int,
    contract: Contract,
    sheet: SheetRecord,
    rows: RawRows,
) -> None:
    frame, n = rows.frame, len(rows.frame)
    if len(rows.fates) != n:
        raise ValueError(f"{n} rows but {len(rows.fates)} fates")
    beside = {"quality": rows.quality, "original": rows.original, "extra": rows.extra}
    own: dict[str, Sequence[Any]] = {
        "submission_id": [submission_id] * n,
        "sheet": [sheet.sheet] * n,
        "part": [sheet.part] * n,
        "fate": [fate for fate, _ in rows.fates],
        "fate_rule": [rule for _, rule in rows.fates],
        **{name: [by.get(i) or None for i in range(n)] for name, by in beside.items()},
    }
    if "row_id" not in frame:
        own["row_id"] = row_ids(
            submission_id,
            sheet.named_in_file or sheet.sheet,
            sheet.part,
            frame["row_no"].tolist(),
        )
    columns = raw_columns(contract)
    nothing = [None] * n
    values = [
        own[c] if c in own else frame[c].tolist() if c in frame else nothing
        for c in columns
    ]
    copy_rows(conn, ("raw", contract.table), columns, values)


_SHEET_COLUMNS = {
    "submission_id": "bigint",
    "sheet": "text",
    "part": "smallint",
    "template": "text",
    "period": "text",
    "status": "text",
    "reason": "text",
    "rows_read": "integer",
    "rows_loaded": "integer",
    "rows_quarantined": "integer",
    "rows_dropped": "integer",
    "line_counts": "jsonb",
    "rows_left_out": "integer",
    "version": "text",
    "named_in_file": "text",
}


def _load_sheets(
    conn: Connection, submission_id: int, sheets: Sequence[SheetRecord]
) -> None:
    lines = [
        (
            submission_id,
            s.sheet,
            s.part,
            s.template,
            s.period,
            s.status,
            s.reason,
            *s.counts,
            dict(s.lines),
            left_out(s.lines),
            s.version,
            s.named_in_file,
        )
        for s in sheets
    ]
    copy_rows(
        conn,
        ("ops", "submission_sheet"),
        _SHEET_COLUMNS,
        list(zip(*lines, strict=True)),
    )


_FINDING_COLUMNS = {
    "submission_id": "bigint",
    "sheet": "text",
    "part": "smallint",
    "row_no": "integer",
    "row_id": "uuid",
    "field": "text",
    "rule": "text",
    "verdict": "text",
    "message": "text",
    "template": "text",
    "header": "text",
    "facts": "jsonb",
    "opened_on": "date",
}


def _load_findings(
    conn: Connection, submission_id: int, findings: Sequence[FindingRow], opened: date
) -> None:
    values = [
        [submission_id] * len(findings),
        *([getattr(f, c) for f in findings] for c in list(_FINDING_COLUMNS)[1:-2]),
        [_public(f.facts) for f in findings],
        [opened] * len(findings),
    ]
    copy_rows(conn, ("ops", "finding"), _FINDING_COLUMNS, values)


def _public(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the cell's own value: it belongs into the sender's return workbook alone."""
    return {k: v for k, v in facts.items() if k != "value"}


def _settle(conn: Connection, file: FileRecord, carries_reference: bool) -> None:
    conn.execute(
        "update ops.submission set status = %s, reason = %s, template = %s, period = %s, rows_read = %s,"
        " rows_loaded = %s, rows_quarantined = %s, rows_dropped = %s, line_counts = %s, rows_left_out = %s,"
        " book_format = %s, grid_hash = %s, saved_at = %s, fill_date = %s, is_correction = %s, is_supplement = %s,"
        " fault = %s, fault_version = %s, replay = false, processed_at = clock_timestamp(),"
        " settled_xid = pg_current_xact_id(), compare_due = true,"
        # what was judged before a reference list came is judged again when it first comes
        " spread_due = spread_due or (processed_at is null and %s) where submission_id = %s",
        (
            *(file.status, file.reason, file.template, file.period, *file.counts),
            *(Jsonb(dict(file.lines)), left_out(file.lines)),
            *(file.book_format, file.grid_hash, file.saved_at, file.fill_date),
            *(
                file.is_correction,
                file.is_supplement,
                file.fault,
                product_version() if file.fault else None,
            ),
            *(carries_reference, file.submission_id),
        ),
    )


def add_findings(
    conn: Connection, submission_id: int, findings: Sequence[FindingRow], opened: date
) -> None:
    """Add findings to a file that was loaded before (what a later file or night brought to light)."""
    with conn.transaction():
        _load_findings(conn, submission_id, findings, opened)


def note_faults(conn: Connection, faults: Mapping[int, str]) -> None:
    """Write down by submission what of ours broke while its answer was made: type and place."""
    conn.cursor().executemany(
        "update ops.submission set fault = %s, fault_version = %s where submission_id = %s",
        [(fault, product_version(), number) for number, fault in faults.items()],
    )


def withdraw_rows(
    conn: Connection, submission_id: int, rows: Iterable[tuple[str, str, int, str]]
) -> None:
    """Note the rows (list code, key, row number, version) that a clerk sent back marked 删除."""
    conn.cursor().executemany(
        "insert into ops.withdrawn_row (template, key, submission_id, row_no, version) values (%s, %s, %s, %s, %s)"
        " on conflict do nothing",
        [
            (template, key, submission_id, row_no, version)
            for template, key, row_no, version in rows
        ],
    )
