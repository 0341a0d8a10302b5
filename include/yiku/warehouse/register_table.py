"""The register as of a night: ``register.person``, worked out again whenever a reference list has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from yiku.warehouse.connection import Connection

# Every file with a reference list, and when it was last judged or taken back: no one of them changes unnoticed.
_SIGNATURE = """
select md5(string_agg(concat_ws('/', submission_id, settled_xid, undone_at), ',' order by submission_id))
from ops.submission
where submission_id in (
    select submission_id from ops.submission_sheet where template in ('H01', 'H02', 'V01', 'V02')
) and business_date <= %s
"""

_FILL = """
with person as materialized (select * from raw.h02_now where person_sk is not null and id_no is not null),
home as materialized (select * from raw.h01_now)
insert into register.person
select
    p.person_sk, p.id_no, p.name, p.birth_date, p.phone, p.household_no,
    coalesce(h.household_sk, p.household_sk),
    coalesce(h.county_code, p.county_code),
    coalesce(h.town_code, p.town_code),
    coalesce(h.village_code, p.village_code),
    p.member_state, p.school, p.labour_capacity
from person as p
left join home as h on p.county_code = h.county_code and p.household_no = h.household_no
"""

# A later version of the product that fills it otherwise fills it again.
_FILLED_BY = hashlib.sha256(_FILL.encode()).hexdigest()[:12]

# Persons of whom the register says something else than before, with every name and number that it had for them; of a
# county that had no register before nothing is told.
_CHANGED = """
with differing as (
    (select * from register_before except select * from register.person)
    union all
    (select * from register.person except select * from register_before)
)
select distinct person_sk::text, id_no, name from differing
where county_code in (select county_code from register_before)
"""


@dataclass(frozen=True)
class ChangedPersons:
    """Of whom the register says something else than before: keys, and their numbers and names, old and new."""

    keys: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


def refresh_register(conn: Connection, business_date: date) -> ChangedPersons:
    """Bring ``register.person`` to what the reference lists say on a day; return who changed."""
    signature = conn.execute(_SIGNATURE, (business_date,)).fetchone()
    wanted = (
        business_date,
        f"{_FILLED_BY}/{signature[0] if signature else ''}",
    )
    known = conn.execute(
        "select business_date, signature from register.person_as_of"
    ).fetchone()
    if known == wanted:
        return ChangedPersons()
    with conn.transaction():
        # Rows that were loaded a moment ago have no statistics: the planner must not take them for a handful.
        conn.execute("analyze raw.h01, raw.h02, ops.submission")
        conn.execute("set local enable_nestloop = off")
        conn.execute(
            "create temporary table register_before as table register.person"
        )
        conn.execute("truncate register.person")
        conn.execute(_FILL)
        conn.execute(
            "insert into register.person_as_of (business_date, signature) values (%s, %s)"
            " on conflict (only_one) do update set business_date = excluded.business_date,"
            " signature = excluded.signature",
            wanted,
        )
        changed = conn.execute(_CHANGED).fetchall()
        conn.execute("drop table register_before")
    conn.execute("analyze register.person")
    return ChangedPersons(
        *(
            frozenset(str(v) for v in column if v)
            for column in zip(*changed, strict=True)
        )
    )
