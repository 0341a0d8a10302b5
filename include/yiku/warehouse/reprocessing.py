"""Which earlier files are to be judged again because of what came tonight.

The marts must not depend on the order in which files came. Sheets that may be copies of one another and were loaded in
one night, whichever came first, are judged again together; a row that was dropped, when what it gave way to is gone;
what was judged before its county had sent a reference list, when the first one comes; what names a person, household or
village of whom a later one says something else, when that comes. What rows of different files say of one person is
decided by itself (``yiku.pipeline.decided_claims``).
``replay`` stays set until it is done, and ``compare_due`` and ``spread_due`` until what follows from a file is queued,
so that a crash forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from psycopg import sql

from yiku.contracts import Contract, load_contracts
from yiku.warehouse.connection import Connection
from yiku.warehouse.link_decisions import decided_otherwise
from yiku.warehouse.register_table import ChangedPersons
from yiku.warehouse.registration import revive_copies

# Rows that were dropped though what they gave way to was sent back since, or taken out: neither a row that counts and
# says the same nor a newer version that counts is left of their key.
_STRANDED = """
select distinct d.submission_id
from {rows} as d
where
    d.fate = 'dropped'
    and d.fate_rule <> 'F10'
    and not exists (
        select from {standing} as s
        where s.key = d.key and (s.content_hash = d.content_hash or s.version > d.version)
    )
"""
_OF_KEY = "(select * from {} where key = d.key offset 0)"
# The rows whose key a row of a batch lost. Each key is asked for by its index: going through a list of a province for
# every batch takes longer the more of it has come.
_LOST = """(
    select r.submission_id, r.key, r.content_hash, r.version, r.fate, r.fate_rule
    from (
        select distinct key from {table}
        where submission_id = any (%(batch)s) and (fate = 'quarantined' or fate_rule = 'F10')
    ) as a
    cross join lateral (select * from {table} where key = a.key offset 0) as r
)"""

# What was settled since the night began, by this batch and by others. A night that broke off and those that do its work
# are one, from the beginning of the first.
_TONIGHT = """
with tonight as (
    select coalesce(t.night_id, (select max(night_id) from ops.night)) as night_id from ops.night_turn as t
),
published as (
    select max(n.night_id) as night_id from ops.night as n, tonight as t
    where n.night_id < t.night_id and n.state = 'published'
)
select s.submission_id, s.county_code
from ops.submission as s
where
    s.settled_xid is not null
    and not pg_visible_in_snapshot(s.settled_xid, (
        select n.began from ops.night as n, published as p
        where n.night_id > coalesce(p.night_id, 0)
        order by n.night_id
        limit 1
    ))
"""

# Rows of two senders that say the same and were both loaded, as whoever judged one did not see the other: one of the
# sheets may be a copy (X14).
# Each person is asked for by the index of persons, whatever the planner knows of rows that have just come.
_CLASHING = """
select distinct n.submission_id, o.submission_id
from raw.{table} as n
cross join lateral (select * from raw.{table} where person_sk = n.person_sk offset 0) as o
where
    n.submission_id = any (%(batch)s)
    and o.submission_id = any (%(tonight)s)
    and (o.submission_id <> all (%(batch)s) or n.county_code <> o.county_code)
    and n.fate = 'loaded'
    and o.fate = 'loaded'
    and n.content_hash = o.content_hash
    and n.unit_code <> o.unit_code
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

# Rows about persons whom the register changed: linked to them, with a number of theirs, or unknown with their name.
_ABOUT_PERSONS = """
select distinct submission_id
from raw.{table}
where
    person_sk = any (%(keys)s::uuid[])
    or {number} = any (%(numbers)s)
    or ({name} = any (%(names)s) and in_register is not true)
"""

# Households and villages of which a batch says something that no earlier file said.
_NEW_WORDS = """
select n.county_code, n.{name}
from raw.{table} as n
where
    n.submission_id = any (%(batch)s)
    and n.fate in ('loaded', 'dropped')
    and n.{name} is not null
    and exists (
        select from raw.{table} as o
        where o.county_code = n.county_code and o.submission_id <> all (%(batch)s)
    )
    and not exists (
        select from raw.{table} as o
        where o.key = n.key and o.content_hash = n.content_hash and o.submission_id <> all (%(batch)s)
    )
group by 1, 2
"""

_ABOUT_HOUSEHOLDS = """
select distinct submission_id from raw.{table}
where (county_code, household_no) in (select * from unnest(%(counties)s::text[], %(words)s::text[]))
"""

# Rows in a village that changed, and those of the county whose village nobody knew.
_ABOUT_VILLAGES = """
select distinct submission_id from raw.{table}
where
    village_code = any (%(words)s)
    or (village_code is null and village_name is not null and county_code = any (%(counties)s))
"""

# The same of the villages that a column beside the row's own place names.
_NAMES_VILLAGES = """
select distinct submission_id from raw.{table}
where
    {place} = any (%(words)s)
    or ({place} is null and {text} is not null and county_code = any (%(counties)s))
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


def queue_clashing(conn: Connection, batch: Sequence[int]) -> list[int]:
    """Queue files of ``batch``, and of others settled tonight, whose rows clash; return them."""
    tonight: dict[int, str] = dict(conn.execute(_TONIGHT).fetchall())
    # Within a batch of one county rows have been compared already.
    if tonight.keys() <= set(batch) and len(set(tonight.values())) < 2:
        return []
    carried = "select distinct template from ops.submission_sheet where submission_id = any (%s) and rows_loaded > 0"
    lists = [
        load_contracts()[code]
        for (code,) in conn.execute(carried, (list(batch),))
    ]
    found: set[int] = set()
    for contract in (c for c in lists if c.person and not c.reference):
        query = sql.SQL(_CLASHING).format(table=sql.Identifier(contract.table))
        pairs = conn.execute(
            query, {"batch": list(batch), "tonight": list(tonight)}
        )
        found |= {int(n) for pair in pairs for n in pair}
    return queue(conn, sorted(found))


def note_compared(conn: Connection, submissions: Sequence[int]) -> None:
    """Note that nothing of what follows from some settled files is left to be found."""
    _note(conn, "compare_due", submissions)


def to_spread(conn: Connection) -> list[int]:
    """Return the reference lists that were loaded and by which nothing else has been judged again yet."""
    return _due(conn, "spread_due")


def note_spread(conn: Connection, submissions: Sequence[int]) -> None:
    """Note that all that was judged by other reference lists than these is queued."""
    _note(conn, "spread_due", submissions)


def queue_left_over(conn: Connection) -> list[int]:
    """Queue what follows from files that a night settled and, as it broke off, did not compare; return it."""
    left = _due(conn, "compare_due")
    if not left:
        return []
    found = [*queue_clashing(conn, left), *revive_copies(conn, left)]
    note_compared(conn, left)
    return found


def queued_before(conn: Connection, business_date: date) -> list[int]:
    """Return what was queued and not judged again: by a try of the same step that broke off, or an earlier night."""
    rows = conn.execute(
        "select submission_id from ops.submission where replay and undone_at is null and business_date <= %s",
        (business_date,),
    )
    return [int(n) for (n,) in rows]


def _due(conn: Connection, what: str) -> list[int]:
    query = sql.SQL(
        "select submission_id from ops.submission where {} and undone_at is null order by 1"
    )
    return [
        int(n) for (n,) in conn.execute(query.format(sql.Identifier(what)))
    ]


def _note(conn: Connection, what: str, submissions: Sequence[int]) -> None:
    statement = sql.SQL(
        "update ops.submission set {due} = false where submission_id = any (%s) and {due}"
    )
    conn.execute(
        statement.format(due=sql.Identifier(what)), (list(submissions),)
    )


def queue_stranded(
    conn: Connection,
    batch: Sequence[int] | None = None,
    done: Collection[int] = (),
) -> list[int]:
    """Queue the files with rows that were dropped in favour of something that counts no more; return them.

    With ``batch`` only rows are looked at whose key a row of the batch lost. What is ``done`` tonight is left out:
    each file is judged again once.
    """
    found: set[int] = set()
    lists = load_contracts().values()
    # Before a night any list may have lost what its rows gave way to: a file
    # may have been taken back by day.
    for contract in lists if batch is None else _carried(conn, batch):
        table = sql.Identifier("raw", contract.table)
        rows: sql.Composable = table
        standing: sql.Composable = sql.Identifier(
            "raw", f"{contract.table}_standing"
        )
        if batch is not None:
            rows = sql.SQL(_LOST).format(table=table)
            standing = sql.SQL(_OF_KEY).format(standing)
        query = sql.SQL(_STRANDED).format(rows=rows, standing=standing)
        found |= {int(n) for (n,) in conn.execute(query, {"batch": batch})}
    return queue(conn, sorted(found.difference(done)))


def _carried(conn: Connection, batch: Sequence[int]) -> list[Contract]:
    """Return the lists of which a batch brought rows."""
    carried = "select distinct template from ops.submission_sheet where submission_id = any (%s) and rows_read > 0"
    return [
        load_contracts()[code]
        for (code,) in conn.execute(carried, (list(batch),))
        if code
    ]


def queue_decided(conn: Connection) -> list[int]:
    """Queue the files with rows about which people decided something, or took a decision back; return them."""
    return queue(conn, decided_otherwise(conn, _lists(lambda c: c.person)))


def queue_without_reference(
    conn: Connection, batch: Sequence[int]
) -> list[int]:
    """Queue what was judged before its county had sent a list that ``batch`` brings; return it."""
    references = [c.code for c in load_contracts().values() if c.reference]
    rows = conn.execute(
        _WITHOUT, {"batch": list(batch), "references": references}
    ).fetchall()
    return queue(conn, [int(n) for (n,) in rows])


def queue_about_persons(
    conn: Connection, changed: ChangedPersons
) -> list[int]:
    """Queue what speaks of persons of whom the register now says something else; return it."""
    if not changed.keys:
        return []
    facts = {
        "keys": sorted(changed.keys),
        "numbers": sorted(changed.numbers),
        "names": sorted(changed.names),
    }
    found: set[int] = set()
    for contract in _lists(lambda c: c.person):
        columns = (contract.person_id, contract.person_name)
        number, name = (
            sql.Identifier(c) if c else sql.SQL("null::text") for c in columns
        )
        query = sql.SQL(_ABOUT_PERSONS).format(
            table=sql.Identifier(contract.table), number=number, name=name
        )
        found |= {int(n) for (n,) in conn.execute(query, facts)}
    return queue(conn, sorted(found))


def queue_about_places(conn: Connection, batch: Sequence[int]) -> list[int]:
    """Queue what names households or villages of which a batch of reference lists says something new; return it."""
    homes = _lists(lambda c: c.names_household and c.has("household_no"))
    villages = _lists(lambda c: c.has("village_name"))
    asked = [
        sql.SQL(_ABOUT_VILLAGES).format(table=sql.Identifier(c.table))
        for c in villages
    ]
    asked += [
        sql.SQL(_NAMES_VILLAGES).format(
            table=sql.Identifier(c.table),
            place=sql.Identifier(p.place_column),
            text=sql.Identifier(p.name),
        )
        for c in load_contracts().values()
        for p in c.placed
    ]
    about_homes = [
        sql.SQL(_ABOUT_HOUSEHOLDS).format(table=sql.Identifier(c.table))
        for c in homes
    ]
    found = _about(conn, batch, ("H01", "household_no"), about_homes)
    found |= _about(conn, batch, ("V01", "village_code"), asked)
    return queue(conn, sorted(found.difference(batch)))


def _lists(wanted: Callable[[Contract], bool]) -> list[Contract]:
    return [
        c for c in load_contracts().values() if not c.reference and wanted(c)
    ]


def _about(
    conn: Connection,
    batch: Sequence[int],
    changed: tuple[str, str],
    queries: Sequence[sql.Composed],
) -> set[int]:
    table, name = changed[0].lower(), changed[1]
    words = sql.SQL(_NEW_WORDS).format(
        table=sql.Identifier(table), name=sql.Identifier(name)
    )
    said = conn.execute(words, {"batch": list(batch)}).fetchall()
    if not said:
        return set()
    facts = {
        "counties": [county for county, _ in said],
        "words": [word for _, word in said],
    }
    return {int(n) for query in queries for (n,) in conn.execute(query, facts)}


def queue(conn: Connection, submissions: Sequence[int]) -> list[int]:
    """Queue files to be judged again, and return those that may be: loaded or held, and known tonight."""
    if not submissions:
        return []
    return sorted(
        int(n) for (n,) in conn.execute(_QUEUE, (list(submissions),))
    )


def in_phases(
    conn: Connection,
    queued: Sequence[int],
    order: Sequence[frozenset[str]],
    size: int,
) -> list[list[int]]:
    """Hand queued files out in pieces of ``size``: places first, then households and people, then the rest."""
    places, people = order
    facts = {
        "queued": list(queued),
        "places": sorted(places),
        "people": sorted(people),
    }
    # The order of the query is that of the phases, and a dictionary keeps it.
    phases: dict[tuple[bool, bool], list[int]] = {}
    for number, has_places, has_people in conn.execute(_PHASES, facts):
        phases.setdefault((has_places, has_people), []).append(int(number))
    return [
        phase[i : i + size]
        for phase in phases.values()
        for i in range(0, len(phase), size)
    ]
