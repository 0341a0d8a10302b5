"""The rows of a list that claim persons whom other rows claim too, whatever became of them, and what they were told."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts.contract import Contract
from yiku.warehouse.connection import Connection
from yiku.warehouse.raw_views import counts

# The rules by which a row goes back because of one of another file.
BY_OTHERS = ["X02", "X15"]

# A row of a held sheet and one that its clerk took out (F10) claim nobody. A row that was sent back because of others
# alone claims its person still: when the others go it stands.
_CLAIMS = """
with claim as materialized (
    select r.row_id, r.submission_id, r.person_sk, r.period, r.town_code, r.key, r.fill_date, r.version, r.fate,
        {start} as start, {end} as "end"
    from raw.{table} as r
    inner join ops.submission as s on r.submission_id = s.submission_id
    inner join ops.submission_sheet as h
        on
            h.submission_id = r.submission_id
            and h.sheet is not distinct from r.sheet
            and h.part = r.part
            and h.template = {code}
    where
        r.person_sk is not null
        and r.town_code is not null
        and r.key is not null
        and h.status in ('loaded', 'partly_loaded')
        and r.fate_rule is distinct from 'F10'
        and {r_counts}
),
told as materialized (
    select row_id, max(facts ->> 'town') filter (where rule = 'X02') as lost_to, bool_or(rule = 'X15') as is_second
    from ops.finding
    where template = {code} and rule = any (%(rules)s) and row_id is not null and not is_contradiction
    group by row_id
),
contested as (
    select person_sk from claim
    group by person_sk
    having count(distinct town_code) > 1 or count(distinct key) > 1 and {is_exclusive}
    union
    select c.person_sk from claim as c inner join told as t on c.row_id = t.row_id
)
select
    c.row_id::text, c.submission_id, c.person_sk::text, c.period, c.town_code, c.key, c.fill_date, c.version, c.start,
    c."end", p.town_code as register_town, t.lost_to, coalesce(t.is_second, false) as is_second,
    c.fate <> 'quarantined'
    or not exists (
        select from ops.finding as f
        where
            f.submission_id = c.submission_id
            and f.row_id = c.row_id
            and f.verdict = 'Q'
            and f.rule <> all (%(rules)s)
            and not f.is_contradiction
    ) as stands
from claim as c
left join register.person as p on c.person_sk = p.person_sk
left join told as t on c.row_id = t.row_id
where c.person_sk in (select person_sk from contested)
order by c.row_id
"""


def contested_rows(conn: Connection, contract: Contract) -> pd.DataFrame:
    """Return the rows of a list whose persons other rows claim too, or that were told so, on the business date.

    Beside the columns of claims (``yiku.comparison.rival_claims``): ``row_id``, ``submission_id``, and what was told:
    ``lost_to`` (the name of a town) and ``is_second``.
    """
    rule = contract.exclusive
    ends = (
        [sql.Identifier("r", column) for column in rule["ends"]]
        if rule
        else []
    )
    # A spell ends with the first day that says so; least() passes over the
    # columns that are empty.
    first_end = sql.SQL("least({})").format(sql.SQL(", ").join(ends))
    no_day = sql.SQL("null::date")
    query = sql.SQL(_CLAIMS).format(
        table=sql.Identifier(contract.table),
        code=sql.Literal(contract.code),
        start=sql.Identifier("r", rule["start"]) if rule else no_day,
        end=first_end if rule else no_day,
        is_exclusive=sql.Literal(bool(rule)),
        r_counts=counts(contract, "r", "s"),
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, {"rules": BY_OTHERS}).fetchall()
        names: Sequence[str] = [c.name for c in cursor.description or ()]
    # Else pandas makes floats of the whole numbers beside an empty cell.
    return pd.DataFrame(rows, columns=list(names), dtype=object)
