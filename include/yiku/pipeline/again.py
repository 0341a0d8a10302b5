"""Which earlier files are to be judged again because of what came tonight.

The marts must not depend on the order in which files came. A row that gave way to another town's or to another post is
judged again when the other changes or goes, and what was judged before its county had sent a reference list is judged
again when the first one comes. ``replay`` stays set until it is done, so that a crash forgets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from psycopg import sql

from yiku.contracts import Contract, load_contracts
from yiku.warehouse.connection import Connection

# Rows that were sent back because of another row that was accepted.
_GIVE_WAY = ["X02", "X15"]

_BESIDE = """
select distinct o.submission_id
from raw.{table} as o
inner join raw.{table} as n on n.person_sk = o.person_sk
where
    n.submission_id = any (%(batch)s)
    and (n.fate = 'loaded' or (n.fate = 'dropped' and n.fate_rule = 'F10'))
    and o.submission_id <> all (%(batch)s)
    and o.fate = 'quarantined'
    and o.fate_rule = any (%(rules)s)
"""

_QUEUE = """
update ops.submission set replay = true
where
    submission_id = any (%s)
    and undone_at is null
    and status in ('loaded', 'partly_loaded', 'held')
    and business_date <= ops.business_date()
returning submission_id
"""

# Lists of a county that nobody had sent before this batch, and what was judged without them.
_WITHOUT = """
with first as (
    select s.county_code, h.template
    from ops.submission_sheet as h
    inner join ops.submission as s on h.submission_id = s.submission_id
    where h.template = any (%(references)s) and h.rows_loaded > 0 and s.undone_at is null
    group by s.county_code, h.template
    having bool_and(s.submission_id = any (%(batch)s))
)
select s.submission_id
from ops.submission as s
where s.county_code in (select county_code from first) and s.submission_id <> all (%(batch)s)
"""

_PHASES = """
select
    s.submission_id,
    coalesce(bool_or(h.template = any (%(places)s)), false) as places,
    coalesce(bool_or(h.template = any (%(people)s)), false) as people
from ops.submission as s
left join ops.submission_sheet as h on s.submission_id = h.submission_id
where s.submission_id = any (%(queued)s)
group by s.submission_id
order by places desc, people desc, s.county_code, s.unit_code, s.submission_id
"""


def queue_beside(conn: Connection, batch: Sequence[int], done: Collection[int]) -> list[int]:
    """Queue the files whose rows gave way to a person's other row that ``batch`` changed or took out; return them.

    What is ``done`` tonight is left out: each file is judged again once.
    """
    found: set[int] = set()
    for contract in load_contracts().values():
        if contract.one_town:
            found |= _beside(conn, contract, batch)
    return _queue(conn, sorted(found.difference(done)))


def _beside(conn: Connection, contract: Contract, batch: Sequence[int]) -> set[int]:
    query = sql.SQL(_BESIDE).format(table=sql.Identifier(contract.table))
    return {int(n) for (n,) in conn.execute(query, {"batch": list(batch), "rules": _GIVE_WAY})}


def queue_without_reference(conn: Connection, batch: Sequence[int]) -> list[int]:
    """Queue what was judged before its county had sent a list that ``batch`` brings; return it."""
    references = [c.code for c in load_contracts().values() if c.reference]
    rows = conn.execute(_WITHOUT, {"batch": list(batch), "references": references}).fetchall()
    return _queue(conn, [int(n) for (n,) in rows])


def _queue(conn: Connection, submissions: Sequence[int]) -> list[int]:
    if not submissions:
        return []
    return sorted(int(n) for (n,) in conn.execute(_QUEUE, (list(submissions),)))


def in_phases(conn: Connection, queued: Sequence[int], order: Sequence[frozenset[str]], size: int) -> list[list[int]]:
    """Hand queued files out in pieces of ``size``: places first, then households and people, then the rest."""
    places, people = order
    facts = {"queued": list(queued), "places": sorted(places), "people": sorted(people)}
    phases: dict[tuple[bool, bool], list[int]] = {}
    for number, has_places, has_people in conn.execute(_PHASES, facts):
        phases.setdefault((has_places, has_people), []).append(int(number))
    return [phase[i : i + size] for phase in phases.values() for i in range(0, len(phase), size)]
