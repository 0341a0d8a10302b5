"""The rows that a unit's newest list no longer names (F10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts import Contract
from yiku.warehouse.connection import Connection

_ASKED = """
select distinct f.submission_id, f.template, h.period
from ops.finding as f
inner join ops.submission_sheet as h
    on f.submission_id = h.submission_id and f.template = h.template
    and f.sheet is not distinct from h.sheet and f.part = h.part
where f.rule = 'F10' and f.submission_id = any (%s)
order by 1, 2, 3
"""
# What counts today of the earlier files of that unit and period, without what the newer file
# names.
_GONE = """
with newer as (
    select
        county_code, unit_code, fill_date, version
    from raw.{table} where submission_id = %(number)s and period_of_file = %(period)s
        order by row_id limit 1
)
select r.*, newer.fill_date as asked_on
from newer
inner join raw.{view} as r on r.county_code = newer.county_code and r.unit_code = newer.unit_code
where
    r.period_of_file = %(period)s
    and r.key is not null
    and r.version < newer.version
    and not exists (select from raw.{table} as m where m.submission_id = %(number)s
        and m.key = r.key)
order by r.village_code, r.submission_id, r.sheet, r.part, r.row_no
"""


class ShortList(NamedTuple):
    """A list of one period in a submission that names fewer people than the one before."""

    submission_id: int
    template: str
    period: str


def short_lists(
    conn: Connection, submissions: Sequence[int]
) -> list[ShortList]:
    """Return which lists of some submissions miss people that earlier files named."""
    found = conn.execute(_ASKED, (list(submissions),)).fetchall()
    return [ShortList(*line) for line in found]


def vanished_rows(
    conn: Connection, short: ShortList, contract: Contract
) -> list[dict[str, Any]]:
    """Return the earlier rows that a list misses, by column.

    ``asked_on`` is the newer file's day of filling.
    """
    table, view = contract.table, f"{contract.table}_now"
    query = sql.SQL(_GONE).format(
        table=sql.Identifier(table), view=sql.Identifier(view)
    )
    asked = {"number": short.submission_id, "period": short.period}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, asked).fetchall()
