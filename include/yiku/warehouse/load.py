"""Load one file: raw rows, findings, sheets and outcome in one transaction.

Loading a submission again replaces what it left before: any night can be run again, after any
crash.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from yiku.checking.findings import Finding, SheetOutcome
from yiku.contracts.contract import Contract
from yiku.contracts.contract_files import load_contracts
from yiku.product import product_version
from yiku.tables.line_classes import left_out
from yiku.tables.whereabouts import Whereabouts
from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import copy_rows
from yiku.warehouse.schema import raw_columns
from yiku.warehouse.settled import Settled, SheetPlace, TableRows

# Namespace of row ids: another one would give every row that was ever loaded
# another id.
_ROWS = uuid.UUID("5f6b1f0e-6b0f-5d52-9c3c-79696b752020")


@dataclass(frozen=True)
class FindingRow:
    """One line of ``ops.finding``: a finding as others may read it, and its message.

    Neither holds a value of a person, but for the cell's own (``value``), which is left out when it is loaded.
    """

    finding: Finding
    message: str
    row_id: str | None = None


# What stands in the ledger's line under the name that the finding has it under.
_FINDING_FIELDS = (
    "sheet",
    "part",
    "row_no",
    "field",
    "rule",
    "verdict",
    "template",
    "header",
)


def row_ids(
    submission_id: int, sheet: str | None, part: int, row_nos: Iterable[int]
) -> list[str]:
    """Return the ids of a table's rows.

    The same whenever the file is read again, rows that share a number included.
    """
    # the table gives the first half, the row the last: cheap to make, and neighbours lie side by
    # side in the index
    table = str(uuid.uuid5(_ROWS, f"{submission_id}/{sheet or ''}/{part}"))[
        :24
    ]
    seen: Counter[int] = Counter()
    found = []
    for row_no in row_nos:
        seen[row_no] += 1
        found.append(f"{table}{row_no:08x}{seen[row_no]:04x}")
    return found


def load_file(
    conn: Connection,
    settled: Settled,
    findings: Sequence[FindingRow],
    business_date: date,
    shown: Mapping[str, str] | None = None,
    contracts: Mapping[str, Contract] | None = None,
    whereabouts: Mapping[SheetPlace, Whereabouts] | None = None,
) -> None:
    """Load one file in one transaction, replacing what an earlier run left of it.

    ``shown`` gives the names of sheets as others may read them, where they leave out a number or
    a person, ``whereabouts`` where the tables stand. psycopg.Error is a fault of ours or of the
    machine; then nothing of the file is loaded.
    """
    lists = load_contracts() if contracts is None else contracts
    loading = _Loading(
        conn, settled, shown or {}, whereabouts or {}, business_date
    )
    with conn.transaction():
        forget(conn, loading.number, lists.values())
        for sheet in settled.outcome.sheets:
            rows = settled.rows_of(sheet)
            if rows is not None:
                _load_rows(loading, lists[rows.template], sheet, rows)
        _load_sheets(loading)
        _load_findings(conn, loading.number, findings, business_date)
        carried = {sheet.template for sheet in settled.outcome.sheets}
        references = {
            contract.code for contract in lists.values() if contract.reference
        }
        _settle(loading, carries_reference=not references.isdisjoint(carried))


@dataclass(frozen=True)
class _Loading:
    """A file that is being loaded."""

    conn: Connection
    settled: Settled
    shown: Mapping[str, str]
    whereabouts: Mapping[SheetPlace, Whereabouts]
    business_date: date

    @property
    def number(self) -> int:
        """The number of the submission."""
        return self.settled.outcome.submission_id

    def shown_name(self, sheet: SheetOutcome) -> str | None:
        """Return what the ledger calls a sheet."""
        return self.shown.get(sheet.sheet or "", sheet.sheet)


def forget(
    conn: Connection, submission_id: int, contracts: Iterable[Contract]
) -> None:
    """Remove the rows and findings that an earlier run left of a submission.

    Its line in the ledger stays.
    """
    # Locked until all is loaded: a task that was started twice must not load a
    # file twice.
    before = conn.execute(
        "select processed_at from ops.submission where submission_id = %s for update",
        (submission_id,),
    ).fetchone()
    if before is None:
        raise LookupError(f"no submission {submission_id}")
    # Never settled: no table holds anything of it, and going through all of
    # them takes its time.
    if before[0] is None:
        return
    tables = [sql.Identifier("raw", c.table) for c in contracts]
    tables += [
        sql.Identifier("ops", t) for t in ("submission_sheet", "withdrawn_row")
    ]
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
    # What it had put right is open again until it is found out anew whether it
    # does.
    conn.execute(
        "update ops.finding set closed_by = null, closed_on = null, carried = false where closed_by = %s",
        (submission_id,),
    )


def _load_rows(
    loading: _Loading, contract: Contract, sheet: SheetOutcome, rows: TableRows
) -> None:
    frame, row_count = rows.frame, len(rows.frame)
    if len(sheet.fates) != row_count:
        raise ValueError(f"{row_count} rows but {len(sheet.fates)} fates")
    own: dict[str, Sequence[Any]] = {
        "submission_id": [loading.number] * row_count,
        "sheet": [loading.shown_name(sheet)] * row_count,
        "part": [sheet.part] * row_count,
        "fate": [fate.fate for fate in sheet.fates],
        "fate_rule": [fate.rule for fate in sheet.fates],
        "quality": _by_position(rows.quality, row_count),
        "original": _by_position(rows.original, row_count),
        "extra": _by_position(rows.extra, row_count),
    }
    if "row_id" not in frame:
        row_nos = frame["row_no"].tolist()
        # by the name in the file: what is shown of it may change with the register
        own["row_id"] = row_ids(
            loading.number, sheet.sheet, sheet.part, row_nos
        )
    nothing = [None] * row_count
    columns = raw_columns(contract)
    values: list[Sequence[Any]] = []
    for column in columns:
        if column in own:
            values.append(own[column])
        else:
            values.append(
                frame[column].tolist() if column in frame else nothing
            )
    copy_rows(loading.conn, ("raw", contract.table), columns, values)


def _by_position(kept: Mapping[int, Any], row_count: int) -> list[Any]:
    """Return what was kept beside each row; None where that is nothing."""
    return [kept.get(position) or None for position in range(row_count)]


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
    "whereabouts": "jsonb",
    "whereabouts_version": "text",
}


def _load_sheets(loading: _Loading) -> None:
    lines = [
        _sheet_line(loading, sheet) for sheet in loading.settled.outcome.sheets
    ]
    columns = list(zip(*lines, strict=True))
    copy_rows(
        loading.conn, ("ops", "submission_sheet"), _SHEET_COLUMNS, columns
    )


def _sheet_line(loading: _Loading, sheet: SheetOutcome) -> tuple[Any, ...]:
    """Return the line of ``ops.submission_sheet`` about a sheet, in the order of ``_SHEET_COLUMNS``."""
    shown = loading.shown_name(sheet)
    lines = loading.settled.lines_of(sheet)
    rows = loading.settled.rows_of(sheet)
    has_rows = rows is not None and len(rows.frame) > 0
    stands = loading.whereabouts.get((sheet.sheet, sheet.part))
    return (
        loading.number,
        shown,
        sheet.part,
        sheet.template,
        sheet.period,
        sheet.status,
        sheet.reason,
        *astuple(sheet.counts),
        dict(lines),
        left_out(lines),
        rows.frame["version"].iloc[0] if rows and has_rows else None,
        # Marks go into the clerk's file under the name that the sheet has
        # there.
        sheet.sheet if sheet.sheet != shown else None,
        stands.kept() if stands else None,
        product_version() if stands else None,
    )


_FINDING_COLUMNS = {
    "submission_id": "bigint",
    "sheet": "text",
    "part": "smallint",
    "row_no": "integer",
    "field": "text",
    "rule": "text",
    "verdict": "text",
    "template": "text",
    "header": "text",
    "facts": "jsonb",
    "row_id": "uuid",
    "message": "text",
    "opened_on": "date",
}


def _load_findings(
    conn: Connection,
    submission_id: int,
    findings: Sequence[FindingRow],
    opened: date,
) -> None:
    told = [line.finding for line in findings]
    fields = [
        [getattr(finding, name) for finding in told]
        for name in _FINDING_FIELDS
    ]
    values = [
        [submission_id] * len(findings),
        *fields,
        [_public(finding.facts) for finding in told],
        [line.row_id for line in findings],
        [line.message for line in findings],
        [opened] * len(findings),
    ]
    copy_rows(conn, ("ops", "finding"), _FINDING_COLUMNS, values)


def _public(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the cell's own value: it belongs into the sender's return workbook alone."""
    return {k: v for k, v in facts.items() if k != "value"}


_SETTLE = """
update ops.submission set
    status = %s, reason = %s, template = %s, period = %s,
    rows_read = %s, rows_loaded = %s, rows_quarantined = %s, rows_dropped = %s,
    line_counts = %s, rows_left_out = %s,
    book_format = %s, grid_hash = %s, saved_at = %s, fill_date = %s,
    is_correction = %s, is_supplement = %s, is_work_list = %s, fault = %s, fault_version = %s,
    replay = false, processed_at = clock_timestamp(), settled_xid = pg_current_xact_id(),
        compare_due = true,
    -- what was judged before a reference list came is judged again when it first comes
    spread_due = spread_due or (processed_at is null and %s)
where submission_id = %s
"""


def _settle(loading: _Loading, carries_reference: bool) -> None:
    file, outcome = loading.settled.file, loading.settled.outcome
    became = (outcome.status, outcome.reason, outcome.template, outcome.period)
    lines = (Jsonb(dict(file.lines)), left_out(file.lines))
    book: tuple[object, ...] = (None, None, None)
    if file.reading is not None:
        reading = file.reading
        book = (reading.book_format, reading.grid_hash, reading.saved_at)
    named = (
        file.arrival.is_correction,
        file.arrival.is_supplement,
        file.is_work_list,
    )
    # The same code would break on the same file: the next version tries it.
    fault = (file.fault, product_version() if file.fault else None)
    counts = astuple(outcome.counts)
    facts = (
        *became,
        *counts,
        *lines,
        *book,
        file.fill_date,
        *named,
        *fault,
        carries_reference,
    )
    loading.conn.execute(_SETTLE, (*facts, loading.number))


def add_findings(
    conn: Connection,
    submission_id: int,
    findings: Sequence[FindingRow],
    opened: date,
) -> None:
    """Add findings to a file that was loaded before (what a later file or night brought to light)."""
    with conn.transaction():
        _load_findings(conn, submission_id, findings, opened)


def note_faults(conn: Connection, faults: Mapping[int, str]) -> None:
    """Write down by submission what of ours broke while its answer was made: type and place."""
    conn.cursor().executemany(
        "update ops.submission set fault = %s, fault_version = %s where submission_id = %s",
        [
            (fault, product_version(), number)
            for number, fault in faults.items()
        ],
    )


def withdraw_rows(
    conn: Connection,
    submission_id: int,
    rows: Iterable[tuple[str, str, int, str]],
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
