"""Which findings of earlier files the rows of a new file put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg import sql

from yiku.contracts.model import Contract
from yiku.warehouse.connection import Connection

# The other files of a sender: earlier ones of which something is still open, and later ones. Files of one night are
# loaded in no certain order, so that a later one may be there already.
_BESIDE = """
select o.submission_id, (o.received_at, o.submission_id) < (n.received_at, n.submission_id) as is_earlier
from ops.submission as n
inner join ops.submission as o
    on o.county_code is not distinct from n.county_code and o.unit_code is not distinct from n.unit_code
where
    n.submission_id = %s
    and o.submission_id <> n.submission_id
    and o.undone_at is null
    and o.processed_at is not null
    and (
        (o.received_at, o.submission_id) > (n.received_at, n.submission_id)
        or exists (
            select from ops.finding as f
            where f.submission_id = o.submission_id and f.row_id is not null and f.closed_by is null
        )
    )
"""

# By the row's reference in a return workbook (and that of the row which it had answered before), by its business key,
# and, for a row whose person could not be told, by name and village. Only files of one sender are compared: what two
# towns say of one person is for each of them to settle.
_MENDED = """
with recursive good as (
    select * from raw.{table} where submission_id = any (%(good)s) and fate in ('loaded', 'dropped')
),
bad as (
    select * from raw.{table} where submission_id = any (%(bad)s)
),
answered as (
    select unnest(%(references)s::uuid[]) as row_id
    union
    select (b.quality ->> 'reference')::uuid from bad as b
    inner join answered as a on b.row_id = a.row_id
    where b.quality ? 'reference'
),
mended as (
    select b.row_id, %(number)s as submission_id from bad as b inner join answered as a on b.row_id = a.row_id
    union
    select b.row_id, g.submission_id from bad as b inner join good as g on b.key = g.key
    {by_name}
)
update ops.finding as f
set closed_by = m.submission_id, closed_on = %(closed_on)s
from (select row_id, min(submission_id) as submission_id from mended group by row_id) as m
where f.row_id = m.row_id and f.closed_by is null and f.submission_id = any (%(bad)s)
"""

_BY_NAME = """
    union
    select b.row_id, g.submission_id from bad as b
    inner join good as g
        on b.{name} = g.{name} and (b.village_code = g.village_code or b.village_code is null)
    where b.key is null and b.fate = 'quarantined'
"""

# A sheet that was held or refused, sent again: by the receipt that the return workbook brings back, or for the same
# list and period.
_SHEETS = """
update ops.finding as f
set closed_by = %(number)s, closed_on = %(closed_on)s
from ops.submission as o
inner join ops.submission as n on n.submission_id = %(number)s
where
    f.submission_id = o.submission_id
    and o.submission_id <> n.submission_id
    and o.county_code is not distinct from n.county_code
    and o.unit_code is not distinct from n.unit_code
    and o.undone_at is null
    and f.row_no is null
    and f.closed_by is null
    and (o.received_at, o.submission_id) < (n.received_at, n.submission_id)
    and exists (
        select
        from ops.submission_sheet as m
        where
            m.submission_id = n.submission_id
            and m.rows_loaded + m.rows_dropped > 0
            and (
                o.receipt_no = %(receipt)s
                or (
                    f.verdict in ('S', 'F')
                    and m.template = f.template
                    and exists (
                        select
                        from ops.submission_sheet as h
                        where
                            h.submission_id = o.submission_id
                            and h.sheet is not distinct from f.sheet
                            and h.part = f.part
                            and h.period = m.period
                    )
                )
            )
    )
"""


def close_mended(
    conn: Connection, submission_id: int, contract: Contract, references: Sequence[str], closed_on: date
) -> int:
    """Close the open findings of earlier rows that loaded rows of a submission put right; return how many.

    ``references`` are those that rows of a return workbook brought back and that were loaded.
    """
    beside = conn.execute(_BESIDE, (submission_id,)).fetchall()
    earlier = [number for number, is_earlier in beside if is_earlier]
    later = [number for number, is_earlier in beside if not is_earlier]
    facts = {"number": submission_id, "closed_on": closed_on}
    closed = 0
    if earlier:
        pair = {"good": [submission_id], "bad": earlier, "references": list(references)}
        closed += conn.execute(_statement(contract), facts | pair).rowcount
    if later:
        pair = {"good": later, "bad": [submission_id], "references": []}
        closed += conn.execute(_statement(contract), facts | pair).rowcount
    return closed


def _statement(contract: Contract) -> sql.Composed:
    by_name = sql.SQL("").format()
    if contract.person_name:
        by_name = sql.SQL(_BY_NAME).format(name=sql.Identifier(contract.person_name))
    return sql.SQL(_MENDED).format(table=sql.Identifier(contract.table), by_name=by_name)


def close_sheets(conn: Connection, submission_id: int, receipt_no: str | None, closed_on: date) -> int:
    """Close what was said of earlier sheets that a submission replaces and that was loaded now; return how many."""
    facts = {"number": submission_id, "receipt": receipt_no, "closed_on": closed_on}
    return conn.execute(_SHEETS, facts).rowcount
