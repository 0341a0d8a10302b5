"""Load files: raw rows, findings, sheets and outcomes in one transaction.

Loading a submission again replaces what it left before: any night can be run again, after any
crash.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from itertools import chain
from typing import Any

from psycopg.types.json import Jsonb

from yiku.checking.findings import Finding, SheetOutcome
from yiku.contracts.contract import Contract
from yiku.contracts.contract_files import load_contracts
from yiku.product import product_version
from yiku.tables.line_classes import left_out
from yiku.tables.whereabouts import Whereabouts
from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import copy_rows
from yiku.warehouse.loaded_before import forget
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
    row_nos = list(row_nos)
    # So it is in nearly every table: each line of the sheet is one row.
    if len(set(row_nos)) == len(row_nos):
        return [f"{table}{row_no:08x}0001" for row_no in row_nos]
    seen: Counter[int] = Counter()
    found = []
    for row_no in row_nos:
        seen[row_no] += 1
        found.append(f"{table}{row_no:08x}{seen[row_no]:04x}")
    return found


@dataclass(frozen=True)
class Loading:
    """A file that is to be loaded, with its findings as others may read them.

    ``shown`` gives the names of sheets as others may read them, where they leave out a number or
    a person, ``whereabouts`` where the tables stand.
    """

    settled: Settled
    findings: Sequence[FindingRow] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    whereabouts: Mapping[SheetPlace, Whereabouts] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The number of the submission."""
        return self.settled.outcome.submission_id

    def shown_name(self, sheet: SheetOutcome) -> str | None:
        """Return what the ledger calls a sheet."""
        return self.shown.get(sheet.sheet or "", sheet.sheet)


def load_files(
    conn: Connection, files: Sequence[Loading], business_date: date
) -> None:
    """Load some files in one transaction, replacing what an earlier run left of them.

    psycopg.Error is a fault of ours or of the machine; then nothing of any of the files is loaded.
    """
    contracts = load_contracts()
    with conn.transaction():
        forget(conn, [file.number for file in files], contracts.values())
        _load_rows(conn, files, contracts)
        _load_sheets(conn, files)
        findings = {file.number: file.findings for file in files}
        _load_findings(conn, findings, business_date)
        references = {
            contract.code
            for contract in contracts.values()
            if contract.reference
        }
        _settle(conn, files, references)


def _load_rows(
    conn: Connection,
    files: Iterable[Loading],
    contracts: Mapping[str, Contract],
) -> None:
    """Copy the rows of all files, those of one list together."""
    by_list: dict[str, list[Sequence[Sequence[Any]]]] = defaultdict(list)
    for file in files:
        for sheet in file.settled.outcome.sheets:
            rows = file.settled.rows_of(sheet)
            if rows is not None:
                columns = raw_columns(contracts[rows.template])
                by_list[rows.template].append(
                    _row_values(file, columns, sheet, rows)
                )
    for code, tables in by_list.items():
        contract = contracts[code]
        values = [
            list(chain.from_iterable(column_of_each))
            for column_of_each in zip(*tables, strict=True)
        ]
        copy_rows(conn, ("raw", contract.table), raw_columns(contract), values)


def _row_values(
    file: Loading, columns: Iterable[str], sheet: SheetOutcome, rows: TableRows
) -> list[Sequence[Any]]:
    """Return the rows of a table, one sequence of values a column of ``columns``."""
    frame, row_count = rows.frame, len(rows.frame)
    if len(sheet.fates) != row_count:
        raise ValueError(f"{row_count} rows but {len(sheet.fates)} fates")
    own: dict[str, Sequence[Any]] = {
        "submission_id": [file.number] * row_count,
        "sheet": [file.shown_name(sheet)] * row_count,
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
        own["row_id"] = row_ids(file.number, sheet.sheet, sheet.part, row_nos)
    # All columns at once: pandas would make an object of each first, a hundred for every table.
    cells_of_columns = frame.to_numpy(dtype=object).T.tolist()
    for name, cells in zip(frame.columns, cells_of_columns, strict=True):
        own.setdefault(str(name), cells)
    nothing = [None] * row_count
    return [own.get(column, nothing) for column in columns]


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


def _load_sheets(conn: Connection, files: Iterable[Loading]) -> None:
    lines = [
        _sheet_line(file, sheet)
        for file in files
        for sheet in file.settled.outcome.sheets
    ]
    columns = list(zip(*lines, strict=True))
    copy_rows(conn, ("ops", "submission_sheet"), _SHEET_COLUMNS, columns)


def _sheet_line(loading: Loading, sheet: SheetOutcome) -> tuple[Any, ...]:
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
    findings: Mapping[int, Sequence[FindingRow]],
    opened: date,
) -> None:
    """Copy the findings of some submissions."""
    numbers = [number for number, some in findings.items() for _ in some]
    lines = [line for some in findings.values() for line in some]
    told = [line.finding for line in lines]
    fields = [
        [getattr(finding, name) for finding in told]
        for name in _FINDING_FIELDS
    ]
    values = [
        numbers,
        *fields,
        [_public(finding.facts) for finding in told],
        [line.row_id for line in lines],
        [line.message for line in lines],
        [opened] * len(lines),
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


def _settle(
    conn: Connection, files: Iterable[Loading], references: Container[str]
) -> None:
    """Write down what became of the files; ``references`` are the lists that others are held against."""
    conn.cursor().executemany(
        _SETTLE, [_settled_facts(file, references) for file in files]
    )


def _settled_facts(
    loading: Loading, references: Container[str]
) -> tuple[Any, ...]:
    """Return what ``_SETTLE`` writes of a file, in its order."""
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
    carries_reference = any(
        sheet.template in references for sheet in outcome.sheets
    )
    return (
        *became,
        *astuple(outcome.counts),
        *lines,
        *book,
        file.fill_date,
        *named,
        *fault,
        carries_reference,
        loading.number,
    )


def add_findings(
    conn: Connection,
    submission_id: int,
    findings: Sequence[FindingRow],
    opened: date,
) -> None:
    """Add findings to a file that was loaded before (what a later file or night brought to light)."""
    with conn.transaction():
        _load_findings(conn, {submission_id: findings}, opened)


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
