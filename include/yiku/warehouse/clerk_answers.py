"""What clerks answered: headers that they confirmed, rows that they took out of their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from psycopg import sql

from yiku.contracts import Contract
from yiku.intake.arrival import Arrival
from yiku.warehouse.connection import Connection

_CONFIRM = """
insert into ops.header_confirmation (unit_code, template, header, field, submission_id)
    values (%s, %s, %s, %s, %s)
on conflict (unit_code, template, header) do update
set field = excluded.field, submission_id = excluded.submission_id,
    confirmed_at = clock_timestamp()
"""
# One confirmation answers the same question in all earlier files of the
# sender, which would else stay open for ever.
_CLOSE_QUESTIONS = """
update ops.finding as f set closed_by = %s, closed_on = %s
from ops.submission as s
where f.submission_id = s.submission_id and s.county_code = %s and s.unit_code = %s
    and f.template = any (%s) and f.rule = 'L04' and f.closed_by is null and f.submission_id <> %s
"""
# The sender's own rows alone: a reference from a workbook that she got from a
# neighbour takes nothing out of his list.
_ANSWERED_KEYS = """
select o.row_id::text, o.key from raw.{} as o
inner join ops.submission as s on s.submission_id = %s and s.county_code = o.county_code
    and s.unit_code = o.unit_code
where o.row_id = any (%s::uuid[]) and o.key is not null
"""


def keep_confirmed(
    conn: Connection,
    arrival: Arrival,
    columns: Mapping[tuple[str, str], str],
    business_date: date,
) -> None:
    """Keep which headers a clerk confirmed, for the sender's next files, and close what had been asked.

    ``columns`` gives the column's name by list and header.
    """
    number = arrival.submission_id
    lines = [
        (arrival.sender, code, header, name, number)
        for (code, header), name in columns.items()
    ]
    conn.cursor().executemany(_CONFIRM, lines)
    lists = sorted({code for code, _ in columns})
    of_sender = (arrival.county_code, arrival.unit_code)
    conn.execute(
        _CLOSE_QUESTIONS, (number, business_date, *of_sender, lists, number)
    )


def answered_keys(
    conn: Connection,
    submission_id: int,
    contract: Contract,
    references: Sequence[str],
) -> list[tuple[str, str]]:
    """Return reference and key of the earlier rows of the same sender that a file answers by their references."""
    query = sql.SQL(_ANSWERED_KEYS).format(sql.Identifier(contract.table))
    return conn.execute(query, (submission_id, list(references))).fetchall()
