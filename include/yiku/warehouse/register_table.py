"""The register as of a night: ``register.person``, worked out again whenever a reference list has changed."""

from __future__ import annotations

from datetime import date

from yiku.warehouse.connection import Connection

_SIGNATURE = """
select concat_ws('/', count(*), max(processed_at), count(undone_at), max(undone_at))
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


def refresh_register(conn: Connection, business_date: date) -> bool:
    """Bring ``register.person`` to what the reference lists say on a day; tell whether it had to be worked out."""
    signature = conn.execute(_SIGNATURE, (business_date,)).fetchone()
    wanted = (business_date, signature[0] if signature else "")
    known = conn.execute("select business_date, signature from register.person_as_of").fetchone()
    if known == wanted:
        return False
    with conn.transaction():
        # Rows that were loaded a moment ago have no statistics: the planner must not take them for a handful.
        conn.execute("analyze raw.h01, raw.h02, ops.submission")
        conn.execute("set local enable_nestloop = off")
        conn.execute("truncate register.person")
        conn.execute(_FILL)
        conn.execute(
            "insert into register.person_as_of (business_date, signature) values (%s, %s)"
            " on conflict (only_one) do update set business_date = excluded.business_date,"
            " signature = excluded.signature",
            wanted,
        )
    conn.execute("analyze register.person")
    return True
