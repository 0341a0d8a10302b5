"""Which findings of earlier files the rows of a new file put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg import sql

from yiku.contracts.model import Contract
from yiku.warehouse.connection import Connection

# By the row's reference in a return workbook (and that of the row which it had answered before), by its business key,
# and, for a row whose person could not be told, by sender, name and village. What two towns say of one person is for
# the two to settle: only the town that was told can put that right.
_MENDED = """
with recursive mine as (
    select * from raw.{table} where submission_id = %(number)s and fate in ('loaded', 'dropped')
),
answered as (
    select unnest(%(references)s::uuid[]) as row_id
    union
    select (o.quality ->> 'reference')::uuid
    from raw.{table} as o
    inner join answered as a on o.row_id = a.row_id
    where o.quality ? 'reference'
),
earlier as (
    select o.row_id from raw.{table} as o
    inner join answered as a on o.row_id = a.row_id
    where o.unit_code = (select unit_code from ops.submission where submission_id = %(number)s)
    union
    select o.row_id from raw.{table} as o inner join mine as n on o.key = n.key and o.unit_code = n.unit_code
        and o.county_code = n.county_code
    where o.submission_id <> n.submission_id and {before}
    {by_name}
)
update ops.finding as f
set closed_by = %(number)s, closed_on = %(closed_on)s
from earlier as e
where f.row_id = e.row_id and f.closed_by is null and f.submission_id <> %(number)s
"""

_BEFORE = "(o.received_at, o.submission_id) < (n.received_at, n.submission_id)"

_BY_NAME = """
    union
    select o.row_id from raw.{table} as o
    inner join mine as n
        on o.county_code = n.county_code and o.unit_code = n.unit_code and o.{name} = n.{name}
        and (o.village_code = n.village_code or o.village_code is null)
    where o.key is null and o.fate = 'quarantined'
        and o.submission_id <> n.submission_id and {before}
"""

# Files of one night are loaded in no certain order: a later one may be there already.
_ALREADY_MENDED = """
with better as (
    select o.row_id, min(n.submission_id) as submission_id
    from raw.{table} as o
    inner join raw.{table} as n
        on o.county_code = n.county_code and o.unit_code = n.unit_code
        and n.fate in ('loaded', 'dropped') and n.submission_id <> o.submission_id
        and (o.key = n.key {or_name})
        and {before}
    inner join ops.submission as s on n.submission_id = s.submission_id and s.undone_at is null
    where o.submission_id = %(number)s and o.fate = 'quarantined'
    group by o.row_id
)
update ops.finding as f
set closed_by = b.submission_id, closed_on = %(closed_on)s
from better as b
where f.row_id = b.row_id and f.closed_by is null
"""

_OR_NAME = """
    or (
        o.key is null and o.{name} = n.{name} and (o.village_code = n.village_code or o.village_code is null)
    )
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
    and o.county_code = n.county_code
    and o.unit_code = n.unit_code
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
    names: dict[str, sql.Composable] = {"table": sql.Identifier(contract.table), "before": sql.SQL(_BEFORE)}
    by_name = or_name = sql.SQL("").format()
    if contract.person_name:
        named = names | {"name": sql.Identifier(contract.person_name)}
        by_name, or_name = sql.SQL(_BY_NAME).format(**named), sql.SQL(_OR_NAME).format(**named)
    facts = {"number": submission_id, "references": list(references), "closed_on": closed_on}
    closed = conn.execute(sql.SQL(_MENDED).format(by_name=by_name, **names), facts).rowcount
    return closed + conn.execute(sql.SQL(_ALREADY_MENDED).format(or_name=or_name, **names), facts).rowcount


def close_sheets(conn: Connection, submission_id: int, receipt_no: str | None, closed_on: date) -> int:
    """Close what was said of earlier sheets that a submission replaces and that was loaded now; return how many."""
    facts = {"number": submission_id, "receipt": receipt_no, "closed_on": closed_on}
    return conn.execute(_SHEETS, facts).rowcount
