"""Tell the senders of rows that were loaded and that other rows contradict: Q, the marts have left them out; W, not.

What was told is withdrawn when the other rows no longer say it (a missing list came, a figure agrees now): no
submission closes it then, only a day. When they say it again, it is open again.
"""

from __future__ import annotations

from datetime import date

from yiku.checking.findings import Finding
from yiku.checking.message import message
from yiku.contracts import Contract
from yiku.gazetteer.places import division_name
from yiku.warehouse.connection import Connection
from yiku.warehouse.contradicted_rows import (
    ContradictedRow,
    add_contradiction,
    lists_with_contradictions,
    newly_contradicted,
    reopen,
    withdraw,
)
from yiku.warehouse.load import FindingRow

__all__ = ["tell", "withdraw"]


def tell(conn: Connection, business_date: date) -> int:
    """Add a finding for each row that is newly contradicted, or is so again; return how many came."""
    told_count = reopen(conn, business_date)
    for contract in lists_with_contradictions(conn):
        rows = newly_contradicted(conn, contract)
        for row in rows:
            add_contradiction(
                conn,
                row.submission_id,
                _finding_row(row, contract),
                business_date,
            )
        told_count += len(rows)
    return told_count


def _finding_row(row: ContradictedRow, contract: Contract) -> FindingRow:
    """Put what contradicts a row into its sender's words."""
    # Most conflicts are within one town.
    code = row.other_town_code
    town = division_name(code) if code else None
    finding = Finding(
        row.submission_id,
        row.sheet,
        row.row_no,
        None,
        row.rule,
        row.verdict,
        {"town": town},
        contract.code,
        part=row.part,
    )
    return FindingRow(finding, message(finding), row.row_id)
