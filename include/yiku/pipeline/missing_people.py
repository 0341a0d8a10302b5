"""The people whom a unit's newest list no longer names: they stay until the clerk sends the list of them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts import Contract, load_contracts
from yiku.formats.cells import CellValue
from yiku.returns import VanishedList
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

# What counts today of the earlier files of that unit and period, without what the newer file names.
_GONE = """
with newer as (
    select
        county_code, unit_code, fill_date, version
    from raw.{table} where submission_id = %(number)s and period_of_file = %(period)s order by row_id limit 1
)
select r.*, newer.fill_date as asked_on
from newer
inner join raw.{view} as r on r.county_code = newer.county_code and r.unit_code = newer.unit_code
where
    r.period_of_file = %(period)s
    and r.key is not null
    and r.version < newer.version
    and not exists (select from raw.{table} as m where m.submission_id = %(number)s and m.key = r.key)
order by r.village_code, r.submission_id, r.sheet, r.part, r.row_no
"""


def vanished_lists(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, list[VanishedList]]:
    """Return for the files among ``submissions`` that miss people who they are, list by list."""
    found: dict[int, list[VanishedList]] = defaultdict(list)
    for number, code, period in conn.execute(_ASKED, (list(submissions),)).fetchall():
        rows = _gone(conn, number, load_contracts()[code], period)
        if rows:
            found[number].append(_list_of(load_contracts()[code], period, rows))
    return dict(found)


def _gone(
    conn: Connection, number: int, contract: Contract, period: str
) -> list[dict[str, Any]]:
    query = sql.SQL(_GONE).format(
        table=sql.Identifier(contract.table),
        view=sql.Identifier(f"{contract.table}_now"),
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"number": number, "period": period}).fetchall()


def _list_of(
    contract: Contract, period: str, rows: Sequence[Mapping[str, Any]]
) -> VanishedList:
    columns = [
        c
        for c in contract.columns
        if c.need == "M" or any(r[c.name] is not None for r in rows)
    ]
    return VanishedList(
        list_title=contract.title,
        period=period,
        fill_date=rows[0]["asked_on"],
        headers=[c.header for c in columns],
        rows=[(str(r["row_id"]), [_shown(r, c.name) for c in columns]) for r in rows],
    )


def _shown(row: Mapping[str, Any], name: str) -> CellValue:
    """Return a value as a clerk writes it: what was typed where that says more than what was understood."""
    typed = (row["original"] or {}).get(name)
    if typed is not None and (name in (row["quality"] or {}) or row[name] is None):
        return str(typed)
    value = row[name]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return float(value) if isinstance(value, Decimal) else value
