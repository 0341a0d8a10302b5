"""Tell the senders of rows that were loaded and that other rows contradict: Q, the marts have left them out; W, not.

What was told is withdrawn when the other rows no longer say it (a missing list came, a figure agrees now): no
submission closes it then, only a day. When they say it again, it is open again.
"""

from __future__ import annotations

from datetime import date

from psycopg import sql

from yiku.checking.findings import Finding
from yiku.checking.message import message
from yiku.contracts import Contract, load_contracts
from yiku.gazetteer.places import divisions
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

# Their senders get a new answer.
_CHANGE = """
with holds as materialized (select row_id, rule from ({told}) as c),
changed as ({change}),
asked as (
    update ops.submission set answered_at = null where submission_id in (select submission_id from changed)
)
select count(*) from changed
"""


def tell(conn: Connection, business_date: date) -> int:
    """Add a finding for each row that is newly contradicted, or is so again; return how many came."""
    lists = {str(code) for (code,) in conn.execute(_LISTS)}
    contracts = [
        c for c in load_contracts().values() if c.code.upper() in lists
    ]
    return _change(conn, _REOPEN, business_date) + sum(
        _tell(conn, c, business_date) for c in contracts
    )


def withdraw(conn: Connection, business_date: date) -> int:
    """Close the findings of rows that nothing contradicts any more; return how many."""
    return _change(conn, _WITHDRAW, business_date)


def _change(conn: Connection, change: str, business_date: date) -> int:
    query = sql.SQL(_CHANGE).format(told=sql.SQL(_ALL), change=sql.SQL(change))
    ((n,),) = conn.execute(query, {"day": business_date}).fetchall()
    return int(n)


def _tell(conn: Connection, contract: Contract, business_date: date) -> int:
    query = sql.SQL(_NEW).format(
        told=sql.SQL(_ALL),
        table=sql.Identifier(contract.table),
        code=sql.Literal(contract.code.upper()),
    )
    found = conn.execute(query).fetchall()
    for number, sheet, part, row_no, row_id, rule, verdict, town in found:
        facts = {"town": divisions().get(town, town)}
        finding = Finding(
            number,
            sheet,
            row_no,
            None,
            rule,
            verdict,
            facts,
            contract.code,
            part=part,
        )
        row = FindingRow(
            rule,
            verdict,
            message(finding),
            sheet,
            part,
            row_no,
            row_id,
            template=contract.code,
            facts=finding.facts,
        )
        add_findings(conn, number, [row], business_date)
        conn.execute(
            "update ops.finding set is_contradiction = true where submission_id = %s and row_id = %s and rule = %s",
            (number, row_id, rule),
        )
        conn.execute(
            "update ops.submission set answered_at = null where submission_id = %s",
            (number,),
        )
    return len(found)
