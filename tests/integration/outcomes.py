"""All that nights leave behind, as text by which two installations can be compared."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import openpyxl
from nights import Nights
from psycopg import sql
from yiku.contracts import load_contracts
from yiku.warehouse.connection import connect

Outcome = dict[str, list[str]]

_SHOWN = ("mart", "mart_masked", "published")
_OF_FILE = "inner join ops.submission as s using (submission_id)"
_ASKED = {
    "file": "select county_code, unit_code, file_name, status, reason, rows_read, rows_loaded, rows_quarantined,"
    " rows_dropped, replay, compare_due, spread_due from ops.submission",
    "finding": "select s.unit_code, s.file_name, f.sheet, f.row_no, f.field, f.rule, f.verdict, f.message,"
    f" f.opened_on, f.closed_on is null from ops.finding as f {_OF_FILE}",
    "register": "select p::text from register.person as p",
}
_ROWS = (
    "select s.unit_code, s.file_name, r.row_no, r.fate, r.fate_rule, r.person_sk, r.link_tier,"
    " r.in_register, r.town_code, r.village_code, r.content_hash from raw.{} as r "
    + _OF_FILE
)
# Moments are never compared; with ids that chance gives the other columns can still be.
_COLUMNS = (
    "select table_name, array_agg(column_name::text order by ordinal_position) from information_schema.columns"
    " where table_schema = %s and data_type <> 'timestamp with time zone' group by 1"
)


def ledger(nights: Nights, day: date) -> Outcome:
    """Return what became of every file and row, what was told, the register, and what is still to be done."""
    asked = dict(_ASKED)
    for contract in load_contracts().values():
        asked[contract.table] = _ROWS.format(contract.table)
    found: Outcome = {}
    for name, query in asked.items():
        rows = sorted(map(str, nights.rows(query, day=day)))
        if rows:
            found[name] = rows
    return found


def outcome(nights: Nights, day: date, by_chance: str = "^$") -> Outcome:
    """Return all that a night leaves: every mart in full but for times, the ledger, what went back, what was sent.

    ``by_chance`` matches the columns of marts that are left out.
    """
    found = ledger(nights, day)
    for schema in _SHOWN:
        found |= _relations(nights, day, schema, by_chance)
    sent = "select recipient, channel, fingerprint from ops.digest_sent"
    found["sent"] = sorted(map(str, nights.rows(sent)))
    noted = nights.settings.home / "sent.txt"
    found["messages"] = []
    if noted.exists():
        found["messages"] = sorted(noted.read_text("utf-8").splitlines())
    return found | laid_down(
        nights.settings.outbox, nights.settings.outbox / day.isoformat()
    )


def _relations(
    nights: Nights, day: date, schema: str, by_chance: str
) -> Outcome:
    found: Outcome = {}
    for table, columns in nights.rows(_COLUMNS, schema):
        kept = [name for name in columns if not re.search(by_chance, name)]
        query = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(map(sql.Identifier, kept)),
            sql.Identifier(schema, table),
        )
        with connect(nights.settings, day) as conn:
            rows = conn.execute(query).fetchall()
        found[f"{schema}.{table}"] = sorted(map(repr, rows))
    return found


def laid_down(root: Path, folder: Path) -> Outcome:
    """Return what every file below ``folder`` says, by its path below ``root``."""
    files = sorted(folder.rglob("*.*"))
    return {
        str(path.relative_to(root)): said_in(path)
        for path in files
        if path.is_file()
    }


def said_in(path: Path) -> list[str]:
    """Return the lines of a text, the rows of a workbook."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return [
            f"{page.title} {row}"
            for page in book
            for row in page.iter_rows(values_only=True)
        ]
    return path.read_text("utf-8").splitlines()
