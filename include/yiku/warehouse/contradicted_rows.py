"""Rows that were loaded and that other rows contradict, as the build finds them, and what their senders were told."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from psycopg import sql

from yiku.contracts import Contract, load_contracts
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FindingRow, add_findings

# What decides which rows stand, and what was found by looking at those that do.
_TOLD = ("int_row_conflicts__found", "int_row_conflicts__figures")
_COLUMNS = "rule, verdict, list, row_id, submission_id, sheet, row_no, other_town_code"
# The names below are our own, never anybody's text.
_EACH = [f"select {_COLUMNS} from core.{relation}" for relation in _TOLD]  # noqa: S608
_ALL = " union all ".join(_EACH)
_LISTS = f"select distinct list from ({_ALL}) as c"  # noqa: S608

_NEW = """
select c.submission_id, c.sheet, r.part, c.row_no, c.row_id::text, c.rule, c.verdict, c.other_town_code
from ({told}) as c
inner join raw.{table} as r on c.row_id = r.row_id
where
    c.list = {code}
    and not exists (select from ops.finding as f where f.row_id = c.row_id and f.rule = c.rule)
order by c.submission_id, c.row_no
"""

# A night that is run again for its own date leaves alone what later nights told or withdrew.
_WITHDRAW = """
update ops.finding as f set closed_on = %(day)s
from ops.submission as s
where
    s.submission_id = f.submission_id
    and s.undone_at is null
    and f.is_contradiction
    and f.closed_on is null
    and f.opened_on <= %(day)s
    and not exists (select from holds as c where c.row_id = f.row_id and c.rule = f.rule)
returning f.submission_id
"""

_REOPEN = """
update ops.finding as f set closed_on = null
where
    f.is_contradiction
    and f.closed_by is null
    and f.closed_on <= %(day)s
    and exists (select from holds as c where c.row_id = f.row_id and c.rule = f.rule)
returning f.submission_id
"""

_MARK = """
update ops.finding set is_contradiction = true
where submission_id = %s and row_id = %s and rule = %s
"""

_ASK_AGAIN = """
update ops.submission set answered_at = null where submission_id = %s
"""

# Their senders get a new answer.
_CHANGE = """
with holds as materialized (select row_id, rule from ({told}) as c),
changed as ({change}),
asked as (
    update ops.submission set answered_at = null where submission_id in (select submission_id from changed)
)
select count(*) from changed
"""


class ContradictedRow(NamedTuple):
    """A row, by whom it was sent and what contradicts it."""

    submission_id: int
    sheet: str
    part: int
    row_no: int
    row_id: str
    rule: str
    verdict: str
    other_town_code: str | None


def lists_with_contradictions(conn: Connection) -> list[Contract]:
    """Return the lists of which a row is contradicted tonight."""
    codes = {str(code) for (code,) in conn.execute(_LISTS)}
    return [
        contract
        for contract in load_contracts().values()
        if contract.code.upper() in codes
    ]


def newly_contradicted(
    conn: Connection, contract: Contract
) -> list[ContradictedRow]:
    """Return the rows of a list of which their senders were not told yet."""
    query = sql.SQL(_NEW).format(
        told=sql.SQL(_ALL),
        table=sql.Identifier(contract.table),
        code=sql.Literal(contract.code.upper()),
    )
    return [ContradictedRow(*row) for row in conn.execute(query).fetchall()]


def add_contradiction(
    conn: Connection,
    submission_id: int,
    told: FindingRow,
    business_date: date,
) -> None:
    """Add what contradicts a row to its sender's findings; the sender gets a new answer."""
    add_findings(conn, submission_id, [told], business_date)
    conn.execute(_MARK, (submission_id, told.row_id, told.finding.rule))
    conn.execute(_ASK_AGAIN, (submission_id,))


def reopen(conn: Connection, business_date: date) -> int:
    """Open again what is contradicted again; return how many findings."""
    return _change(conn, _REOPEN, business_date)


def withdraw(conn: Connection, business_date: date) -> int:
    """Close the findings of rows that nothing contradicts any more; return how many."""
    return _change(conn, _WITHDRAW, business_date)


def _change(conn: Connection, change: str, business_date: date) -> int:
    query = sql.SQL(_CHANGE).format(told=sql.SQL(_ALL), change=sql.SQL(change))
    ((changed_count,),) = conn.execute(
        query, {"day": business_date}
    ).fetchall()
    return int(changed_count)
