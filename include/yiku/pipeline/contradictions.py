"""Tell the senders of rows that were loaded and that later rows contradict: the marts have left them out."""

from __future__ import annotations

from datetime import date

from yiku.checking.message import message
from yiku.checking.model import Finding
from yiku.register.places import divisions
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FindingRow, add_findings

_NEW = """
select c.submission_id, c.sheet, c.row_no, c.row_id::text, c.rule, c.list, c.other_town_code
from core.contradicted_row as c
where not exists (select from ops.finding as f where f.row_id = c.row_id and f.rule = c.rule)
order by c.submission_id, c.row_no
"""


def tell(conn: Connection, business_date: date) -> int:
    """Add a finding for each row that is newly contradicted; return how many."""
    told = 0
    for number, sheet, row_no, row_id, rule, code, town in conn.execute(_NEW).fetchall():
        finding = Finding(number, sheet, row_no, None, rule, "Q", {"town": divisions().get(town, town)}, code)
        row = FindingRow(rule, "Q", message(finding), sheet, 0, row_no, row_id, template=code, facts=finding.facts)
        add_findings(conn, number, [row], business_date)
        conn.execute("update ops.submission set answered_at = null where submission_id = %s", (number,))
        told += 1
    return told
