"""What a batch asks of the warehouse: the register, what earlier nights loaded, what clerks confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts.contract import Contract
from yiku.redaction import NAME_LENGTHS, closed_up, is_name
from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import array_text
from yiku.warehouse.raw_views import counts

# Somebody who moved stands in the register of another county: there his number
# finds him.
_PERSONS = """
select
    person_sk::text, id_no, name, birth_date, phone, household_no, household_sk::text, county_code, town_code,
    village_code, member_state, school, labour_capacity
from register.person
where county_code = any (%(counties)s) or id_no = any (%(ids)s::text[])
"""

_HOUSEHOLDS = """
select county_code, household_no, head_name, town_code, village_code, industries, poverty_status
from raw.h01_now
where county_code = any (%(counties)s)
"""

# Numbers grew from 15 to 18 digits and are corrected by the police; clerks
# copy the old one on for years.
_OLD_IDS = """
select o.id_no, p.id_no
from register.person_id_history as o
inner join register.person as p on o.person_sk = p.person_sk
where o.id_no <> p.id_no
"""

# The version that counts of each key and town: two towns may claim one person with the same key (X02). What stands
# because a row of this batch says the same is left out with it.
#
# Each person, key and sender is asked for by an index: the planner, which knows nothing yet of rows that came tonight,
# would go through all rows of a province for every batch.
_LOADED = """
with found as materialized (
    select r.row_id
    from unnest(%(persons)s::uuid[]) as a (person_sk)
    cross join lateral (
        select row_id from raw.{table} where person_sk = a.person_sk offset 0
    ) as r
    union
    select r.row_id
    from unnest(%(keys)s::text[]) as a (key)
    cross join lateral (
        select row_id from raw.{table} where key = a.key offset 0
    ) as r
    union
    select r.row_id
    from unnest(%(units)s::text[], %(periods)s::text[]) as a (unit_code, period)
    cross join lateral (
        select row_id from raw.{table} where unit_code = a.unit_code and period_of_file = a.period offset 0
    ) as r
)
select distinct on (r.key, r.town_code)
    r.submission_id, r.row_id::text, r.person_sk::text, r.key, r.content_hash, r.version, r.fill_date,
    r.county_code, r.town_code, r.unit_code, {period} as period, r.period_of_file, {start} as start, {end} as "end",
    s.is_correction or s.is_supplement as partial
from found as a
cross join lateral (select * from raw.{table} where row_id = a.row_id offset 0) as r
inner join ops.submission as s on r.submission_id = s.submission_id
where
    r.key is not null
    and {r_counts}
    and (
        r.fate = 'loaded'
        or r.fate = 'dropped'
        and exists (
            select
            from raw.{table} as l
            inner join ops.submission as l_sent on l.submission_id = l_sent.submission_id
            where
                l.fate = 'loaded'
                and l.key = r.key
                and l.content_hash is not distinct from r.content_hash
                and l.submission_id <> all (%(mine)s)
                and {l_counts}
        )
    )
    and r.submission_id <> all (%(mine)s)
order by r.key, r.town_code, r.version desc nulls last, r.fate desc, r.row_id
"""


def identity_key(conn: Connection) -> bytes:
    """Return the key behind ``person_sk``."""
    row = conn.execute("select key from register.identity_key").fetchone()
    if row is None:
        raise LookupError("the warehouse has no identity key")
    return bytes(row[0])


def _frame(
    conn: Connection,
    query: sql.Composable | str,
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    cursor = conn.execute(query, parameters)  # type: ignore[arg-type]  # composed here, never from input
    columns = [c.name for c in cursor.description or ()]
    return pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)


def persons(
    conn: Connection, counties: Sequence[str], ids: Sequence[str]
) -> pd.DataFrame:
    """Return the registered persons of some counties, and those elsewhere with one of ``ids``."""
    return _frame(
        conn, _PERSONS, {"counties": list(counties), "ids": array_text(ids)}
    )


def households(conn: Connection, counties: Sequence[str]) -> pd.DataFrame:
    """Return what the register says of the households of some counties."""
    return _frame(conn, _HOUSEHOLDS, {"counties": list(counties)})


def old_ids(conn: Connection) -> dict[str, str]:
    """Return numbers that persons once had, with the number that they have now."""
    return {str(old): str(new) for old, new in conn.execute(_OLD_IDS)}


def towns(conn: Connection, counties: Sequence[str]) -> dict[str, str]:
    """Return the names of the towns that some counties sent in, by code."""
    query = "select town_code, town_name from raw.v02_now where county_code = any (%s) and town_code is not null"
    return {
        str(code): str(name)
        for code, name in conn.execute(query, (list(counties),))
    }


def counties(conn: Connection) -> list[str]:
    """Return the counties that ever sent anything."""
    query = "select distinct county_code from ops.submission where county_code is not null order by 1"
    return [str(code) for (code,) in conn.execute(query)]


def villages(
    conn: Connection, counties: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the villages of some counties: code, name, town, aliases, successors, validity, whether poor."""
    query = (
        "select village_code as code, village_name as name, town_code, aliases, successors, valid_from, valid_to,"
        " is_poor from raw.v01_now where county_code = any (%s) and village_code is not null and town_code is not null"
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, (list(counties),)).fetchall()


def loaded_rows(
    conn: Connection, contract: Contract, frame: pd.DataFrame
) -> pd.DataFrame:
    """Return the newest versions, by key, of what earlier submissions loaded of a list.

    Those that concern a person or key of ``frame``, or that its senders sent for the same period.
    """
    senders = sorted(
        set(zip(frame["unit_code"], frame["period_of_file"], strict=True))
    )
    rule = contract.exclusive
    ends = [sql.Identifier("r", e) for e in rule["ends"]] if rule else []
    query = sql.SQL(_LOADED).format(
        table=sql.Identifier(contract.table),
        r_counts=counts(
            contract, "r", "s", sql.SQL("w.submission_id <> all (%(mine)s)")
        ),
        l_counts=counts(
            contract,
            "l",
            "l_sent",
            sql.SQL("w.submission_id <> all (%(mine)s)"),
        ),
        period=sql.Identifier("r", "period"),
        start=sql.Identifier("r", rule["start"])
        if rule
        else sql.SQL("null::date"),
        end=sql.SQL("least({})").format(sql.SQL(", ").join(ends))
        if ends
        else sql.SQL("null::date"),
    )
    parameters = {
        "mine": sorted(set(frame["submission_id"])),
        # as text: psycopg would look at each of thousands of values again
        "persons": array_text(sorted({p for p in frame["person_sk"] if p})),
        "keys": array_text(sorted({k for k in frame["key"] if k})),
        "units": [u for u, _ in senders],
        "periods": [p for _, p in senders],
    }
    return _frame(conn, query, parameters)


def known_grids(
    conn: Connection, hashes: Sequence[str], batch: Sequence[int]
) -> dict[tuple[str, str, str], str]:
    """Return the receipts of files taken in before whose cells have one of ``hashes``, by county, unit and hash."""
    query = (
        "select county_code, unit_code, grid_hash, receipt_no from ops.submission"
        " where grid_hash = any (%s) and submission_id <> all (%s) and status in ('loaded', 'partly_loaded')"
        " and undone_at is null and business_date <= ops.business_date() order by submission_id desc"
    )
    # The newest comes first and is overwritten: the oldest file with these
    # cells is the original.
    return {
        (c, u, g): receipt
        for c, u, g, receipt in conn.execute(
            query, (list(hashes), list(batch))
        )
    }


def proposals(
    conn: Connection, contracts: Iterable[Contract], references: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Return the numbers and names of the persons that were proposed for some rows, by the rows' references."""
    found: dict[str, tuple[str, str]] = {}
    for contract in contracts:
        query = sql.SQL(
            "select r.row_id::text, p.id_no, p.name from raw.{} as r"
            " inner join register.person as p on r.quality ->> 'proposal' = p.person_sk::text"
            " where r.row_id = any (%s::uuid[])"
        ).format(sql.Identifier(contract.table))
        found |= {
            ref: (number, name)
            for ref, number, name in conn.execute(query, (list(references),))
        }
    return found


def answered_rows(
    conn: Connection,
    contract: Contract,
    names: Sequence[str],
    references: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """Return ``key``, ``person_sk`` and the columns ``names`` of the rows of a list with some references, by reference.

    A cell that was not understood counts as it was typed.
    """
    columns = [
        sql.SQL("coalesce({0}::text, original ->> {1})").format(
            sql.Identifier(n), n
        )
        for n in names
    ]
    wanted = sql.SQL(", ").join(
        [sql.SQL("row_id::text, key, person_sk::text"), *columns]
    )
    rows = sql.SQL("select {} from raw.{} where row_id = any (%s::uuid[])")
    query = rows.format(wanted, sql.Identifier(contract.table))
    found = (
        conn.execute(query, (list(references),)).fetchall()
        if references
        else []
    )
    return {
        ref: dict(zip(("key", "person_sk", *names), rest, strict=True))
        for ref, *rest in found
    }


# The ledger says which files those are: only their rows are looked at.
_LAST_PERIOD = """
with sent as (
    select w.unit_code, w.period, h.period as before, s.submission_id,
        rank() over (partition by w.unit_code, w.period order by h.period desc) as nth
    from unnest(%(units)s::text[], %(periods)s::text[]) as w (unit_code, period)
    inner join ops.submission as s on s.unit_code = w.unit_code
    inner join ops.submission_sheet as h on h.submission_id = s.submission_id
    where
        h.template = {code}
        and h.period < w.period
        and h.rows_loaded + h.rows_dropped > 0
        and s.undone_at is null
        and s.business_date <= ops.business_date()
)
select w.unit_code, w.period, r.village_code, count(distinct r.key)
from (select distinct unit_code, period, before, submission_id from sent where nth = 1) as w
inner join raw.{table} as r on r.submission_id = w.submission_id and r.period_of_file = w.before
where r.fate in ('loaded', 'dropped')
group by w.unit_code, w.period, r.village_code
"""


def last_period(
    conn: Connection, contract: Contract, senders: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[str | None, int]]:
    """Return for (unit, period) how many rows its newest earlier period holds, by village."""
    found: dict[tuple[str, str], dict[str | None, int]] = defaultdict(dict)
    query = sql.SQL(_LAST_PERIOD).format(
        table=sql.Identifier(contract.table), code=sql.Literal(contract.code)
    )
    parameters = {
        "units": [u for u, _ in senders],
        "periods": [p for _, p in senders],
    }
    for unit, period, village, n in conn.execute(query, parameters):
        found[unit, period][village] = int(n)
    return dict(found)


def confirmed_headers(
    conn: Connection,
) -> dict[str, dict[tuple[str, str], str]]:
    """Return what clerks confirmed of headers: by unit, then by list and header, the field."""
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for unit, code, header, name in conn.execute(
        "select c.unit_code, c.template, c.header, c.field from ops.header_confirmation as c"
        " left join ops.submission as s on c.submission_id = s.submission_id where s.undone_at is null"
    ):
        found[unit][code, header] = name
    return dict(found)


def persons_named(conn: Connection, texts: Iterable[str]) -> frozenset[str]:
    """Return the names of persons of the register that stand somewhere in some texts."""
    [found] = persons_named_in_each(conn, [texts])
    return found


def persons_named_in_each(
    conn: Connection, texts: Iterable[Iterable[str]]
) -> list[frozenset[str]]:
    """Return the names of persons of the register that stand somewhere in some texts, for each group of texts."""
    # The register holds hundreds of thousands of names. Instead of reading
    # them all, every piece that could be a name is asked for.
    asked = [_could_be_names(group) for group in texts]
    pieces: set[str] = set().union(*asked)
    if not pieces:
        return [frozenset() for _ in asked]
    found = conn.execute(
        "select distinct name from register.person where name = any (%s)",
        (sorted(pieces),),
    )
    names = {str(name) for (name,) in found}
    return [frozenset(names & of_group) for of_group in asked]


def _could_be_names(texts: Iterable[str]) -> set[str]:
    """Return every piece of some texts that could be the name of a person."""
    words = {closed_up(text)[0] for text in set(texts)}
    spelt = {
        word[at : at + n]
        for word in words
        for n in NAME_LENGTHS
        for at in range(len(word) - n + 1)
    }
    return {piece for piece in spelt if is_name(piece)}
