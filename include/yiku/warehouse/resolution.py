"""Which findings of earlier files the rows of a new file put right, and which of them it carries on.

A row that comes back and is still wrong is open once, in the newest file in which it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import LiteralString

from psycopg import sql

from yiku.contracts.contract import BY_CONTENT, Contract
from yiku.warehouse.connection import Connection

# What else each file's sender sent: whether it was settled, and whether something on its rows is still open. Codes are
# compared as texts, or each file would be held against every other one of the warehouse.
_BESIDE = """
select n.submission_id, o.submission_id, o.processed_at is not null, exists (
    select from ops.finding as f
    where f.submission_id = o.submission_id and f.row_id is not null and f.closed_on is null
)
from ops.submission as n
inner join ops.submission as o
    on coalesce(o.county_code, '') = coalesce(n.county_code, '')
    and coalesce(o.unit_code, '') = coalesce(n.unit_code, '')
where n.submission_id = any (%s) and o.undone_at is null
"""

# By the row's reference in a return workbook (and that of the row which it had answered before, taken back or not); and
# by a newer version of the row, told by its business key or, where its person could not be told, by name and village.
# Only files of one sender are compared: what two towns say of one person is for each of them to settle. Whichever of
# two files is loaded last, the outcome is the same.
_MENDED = """
with recursive good as (
    select row_id, submission_id, key, {name} as name, village_code, version
    from raw.{table} where submission_id = any (%(good)s) and fate in ('loaded', 'dropped')
),
bad as (
    select row_id, key, {name} as name, village_code, version, fate, quality
    from raw.{table} where submission_id = any (%(bad)s)
),
answered as (
    select unnest(%(references)s::uuid[]) as row_id
    union
    select (b.quality ->> 'reference')::uuid from raw.{table} as b
    inner join answered as a on b.row_id = a.row_id
    where b.quality ? 'reference'
),
mended as (
    select b.row_id, %(number)s as submission_id from bad as b inner join answered as a on b.row_id = a.row_id
    union
    select b.row_id, g.submission_id from bad as b inner join good as g on b.key = g.key and b.version < g.version
    union
    select b.row_id, g.submission_id from bad as b
    inner join good as g
        on b.name = g.name and (b.village_code = g.village_code or b.village_code is null) and b.version < g.version
    where {by_content} and b.fate = 'quarantined'
)
update ops.finding as f
set closed_by = m.submission_id, closed_on = %(closed_on)s
from (select row_id, min(submission_id) as submission_id from mended group by row_id) as m
where f.row_id = m.row_id and f.closed_on is null and f.submission_id = any (%(bad)s)
"""

# The same of rows that were sent back again. By name and village alone only where no namesake can be meant, never in
# what adds to a list. What is open is as old as it was in the file in which it came first.
_CARRIED = """
with recursive again as (
    select row_id, submission_id, key, {name} as name, village_code, version, quality,
        count(*) over (partition by submission_id, {name}, village_code) as namesakes
    from raw.{table}
    where fate = 'quarantined' and submission_id in (
        select submission_id from ops.submission
        where submission_id = any (%(good)s) and status in ('loaded', 'partly_loaded')
    )
),
bad as (
    select row_id, key, {name} as name, village_code, version, quality,
        count(*) over (partition by submission_id, {name}, village_code) as namesakes
    from raw.{table} where submission_id = any (%(bad)s) and fate = 'quarantined'
),
answered as (
    select (quality ->> 'reference')::uuid as row_id, row_id as by_row from again where quality ? 'reference'
    union
    select (b.quality ->> 'reference')::uuid, a.by_row from raw.{table} as b
    inner join answered as a on b.row_id = a.row_id
    where b.quality ? 'reference'
),
met as (
    select b.row_id, a.by_row from bad as b inner join answered as a on b.row_id = a.row_id
    union
    select b.row_id, a.row_id from bad as b inner join again as a on b.key = a.key and b.version < a.version
    union
    select b.row_id, a.row_id from bad as b
    inner join again as a
        on b.name = a.name and b.village_code is not distinct from a.village_code and b.version < a.version
    where
        {by_content}
        and b.namesakes = 1
        and a.namesakes = 1
        and a.submission_id not in (select submission_id from ops.submission where is_supplement)
),
carried as (
    select distinct on (m.row_id) m.row_id, m.by_row, a.submission_id
    from met as m
    inner join again as a on m.by_row = a.row_id
    order by m.row_id, a.version desc, a.row_id
),
closed as (
    update ops.finding as f
    set closed_by = c.submission_id, closed_on = %(closed_on)s, carried = true
    from carried as c
    where f.row_id = c.row_id and f.closed_on is null and f.submission_id = any (%(bad)s)
    returning c.by_row, f.opened_on
)
update ops.finding as f
set opened_on = least(f.opened_on, c.opened_on)
from (select by_row, min(opened_on) as opened_on from closed group by by_row) as c
where f.row_id = c.by_row
"""

# A sheet that was held or refused, sent again: by the receipt that the return workbook brings back, or in a newer
# version for the same list and period. A file that could not be read has no version: what comes later is newer.
_SHEETS = """
update ops.finding as f
set closed_by = n.submission_id, closed_on = %(closed_on)s
from unnest(%(numbers)s::bigint[], %(receipts)s::text[], %(others)s::bigint[])
    as a (submission_id, receipt_no, other_id)
inner join ops.submission as n on a.submission_id = n.submission_id
inner join ops.submission as o on a.other_id = o.submission_id
where
    f.submission_id = o.submission_id
    and f.row_no is null
    and f.closed_on is null
    and (o.received_at, o.submission_id) < (n.received_at, n.submission_id)
    and exists (
        select
        from ops.submission_sheet as m
        where
            m.submission_id = n.submission_id
            and m.rows_loaded + m.rows_dropped > 0
            and (
                o.receipt_no = a.receipt_no
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
                            and coalesce(h.version < m.version, true)
                    )
                )
            )
    )
"""


@dataclass
class Beside:
    """What else a sender sent: ``settled`` says of the other settled files whether something on their rows is open.

    ``others`` are all other files, settled or not; ``is_open`` says it of the file itself.
    """

    others: list[int] = field(default_factory=list)
    settled: dict[int, bool] = field(default_factory=dict)
    is_open: bool = False


def sent_beside(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, Beside]:
    """Return, by submission, what else its sender sent."""
    found = {number: Beside() for number in submissions}
    for number, other, is_settled, is_open in conn.execute(
        _BESIDE, (list(submissions),)
    ):
        beside = found[number]
        if other == number:
            beside.is_open = is_open
            continue
        beside.others.append(other)
        if is_settled:
            beside.settled[other] = is_open
    return found


def close_mended(
    conn: Connection,
    submission_id: int,
    contract: Contract,
    references: Sequence[str],
    closed_on: date,
    beside: Beside,
) -> int:
    """Close the open findings of earlier rows that loaded rows of a submission put right; return how many.

    Those of rows that it brings again, still wrong, are closed as carried on in it. ``references`` are those that rows
    of a return workbook brought back and that were loaded, ``beside`` what else its sender sent.
    """
    bad = [number for number, is_open in beside.settled.items() if is_open]
    facts = {"number": submission_id, "closed_on": closed_on}
    pairs = []
    if bad:
        pairs.append(
            {
                "good": [submission_id],
                "bad": bad,
                "references": list(references),
            }
        )
    if beside.is_open and beside.settled:
        pairs.append(
            {
                "good": list(beside.settled),
                "bad": [submission_id],
                "references": [],
            }
        )
    closed = sum(
        conn.execute(_statement(_MENDED, contract), facts | pair).rowcount
        for pair in pairs
    )
    for pair in pairs:
        conn.execute(_statement(_CARRIED, contract), facts | pair)
    return closed


def _statement(query: LiteralString, contract: Contract) -> sql.Composed:
    name = (
        sql.Identifier(contract.person_name)
        if contract.person_name
        else sql.SQL("null::text")
    )
    # What only its content told apart says another thing now: it is known by its name and village.
    by_content = sql.SQL("(b.key is null or strpos(b.key, {}) > 0)").format(
        sql.Literal(BY_CONTENT)
    )
    return sql.SQL(query).format(
        table=sql.Identifier(contract.table), name=name, by_content=by_content
    )


def close_sheets(
    conn: Connection,
    receipts: Mapping[int, str | None],
    beside: Mapping[int, Beside],
    closed_on: date,
) -> int:
    """Close what was said of earlier sheets that submissions replace and that were loaded now; return how many.

    ``receipts`` gives for each submission the receipt that its return workbook brings back, ``beside`` what else its
    sender sent. They are of different senders.
    """
    lines = [
        (number, receipt, other)
        for number, receipt in receipts.items()
        for other in beside[number].others
    ]
    # Of the first file of a sender there is nothing to look up.
    if not lines:
        return 0
    numbers, receipt_nos, others = zip(*lines, strict=True)
    facts = {
        "numbers": list(numbers),
        "receipts": list(receipt_nos),
        "others": list(others),
        "closed_on": closed_on,
    }
    return conn.execute(_SHEETS, facts).rowcount
