"""Which findings of earlier files the rows of a new file put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg import sql

from yiku.contracts.model import Contract
from yiku.warehouse.connection import Connection

# By the row's reference in a return workbook, by its business key, and, for a row whose person could not be told, by
# sender, name and village.
_MENDED = """
with mine as (
    select * from raw.{table} where submission_id = %(number)s and fate in ('loaded', 'dropped')
),
earlier as (
    select o.row_id from raw.{table} as o where o.row_id = any (%(references)s::uuid[])
    union
    select o.row_id from raw.{table} as o inner join mine as n on o.key = n.key
    where o.submission_id <> n.submission_id and o.received_at <= n.received_at
    {by_name}
)
update ops.finding as f
set closed_by = %(number)s, closed_on = %(closed_on)s
from earlier as e
where f.row_id = e.row_id and f.closed_by is null and f.submission_id <> %(number)s
"""

_BY_NAME = """
    union
    select o.row_id from raw.{table} as o
    inner join mine as n
        on o.unit_code = n.unit_code and o.{name} = n.{name}
        and (o.village_code = n.village_code or o.village_code is null)
    where o.key is null and o.fate = 'quarantined'
        and o.submission_id <> n.submission_id and o.received_at <= n.received_at
"""


def close_mended(
    conn: Connection, submission_id: int, contract: Contract, references: Sequence[str], closed_on: date
) -> int:
    """Close the open findings of earlier rows that loaded rows of a submission put right; return how many.

    ``references`` are those that rows of a return workbook brought back and that were loaded.
    """
    table = sql.Identifier(contract.table)
    by_name = sql.SQL("").format()
    if contract.person_name:
        by_name = sql.SQL(_BY_NAME).format(table=table, name=sql.Identifier(contract.person_name))
    closed = conn.execute(
        sql.SQL(_MENDED).format(table=table, by_name=by_name),
        {"number": submission_id, "references": list(references), "closed_on": closed_on},
    )
    return closed.rowcount
