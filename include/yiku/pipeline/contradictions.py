"""Tell the senders of rows that were loaded and that other rows contradict: Q, the marts have left them out; W, not."""

from __future__ import annotations

from datetime import date

from psycopg import sql

from yiku.checking.message import message
from yiku.checking.model import Finding
from yiku.contracts import Contract, load_contracts
from yiku.register.places import divisions
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FindingRow, add_findings

# What decides which rows stand, and what was found by looking at those that do.
_TOLD = ("contradicted", "figure_difference")
_COLUMNS = "rule, verdict, list, row_id, submission_id, sheet, row_no, other_town_code"
_ALL = " union all ".join(f"select {_COLUMNS} from core.{relation}" for relation in _TOLD)  # noqa: S608 - our own names

_NEW = """
select c.submission_id, c.sheet, r.part, c.row_no, c.row_id::text, c.rule, c.verdict, c.other_town_code
from ({told}) as c
inner join raw.{table} as r on c.row_id = r.row_id
where
    c.list = {code}
    and not exists (select from ops.finding as f where f.row_id = c.row_id and f.rule = c.rule)
order by c.submission_id, c.row_no
"""


def tell(conn: Connection, business_date: date) -> int:
    """Add a finding for each row that is newly contradicted; return how many."""
    lists = {str(code) for (code,) in conn.execute(f"select distinct list from ({_ALL}) as c")}  # noqa: S608
    return sum(_tell(conn, c, business_date) for c in load_contracts().values() if c.code.upper() in lists)


def _tell(conn: Connection, contract: Contract, business_date: date) -> int:
    query = sql.SQL(_NEW).format(
        told=sql.SQL(_ALL), table=sql.Identifier(contract.table), code=sql.Literal(contract.code.upper())
    )
    found = conn.execute(query).fetchall()
    for number, sheet, part, row_no, row_id, rule, verdict, town in found:
        facts = {"town": divisions().get(town, town)}
        finding = Finding(number, sheet, row_no, None, rule, verdict, facts, contract.code, part=part)
        row = FindingRow(
            rule, verdict, message(finding), sheet, part, row_no, row_id, template=contract.code, facts=finding.facts
        )
        add_findings(conn, number, [row], business_date)
        conn.execute("update ops.submission set answered_at = null where submission_id = %s", (number,))
    return len(found)
