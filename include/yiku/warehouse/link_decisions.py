"""What people decided about links, as ``register.link_decision`` and ``register.person_decision`` hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from yiku.contracts.contract import Contract
from yiku.intake.journal import Decided as Entry
from yiku.register.decisions import (
    NOBODY,
    Decided,
    LinkDecisions,
    pairs_decided,
)
from yiku.warehouse.connection import Connection

# What the row says that was decided of, and the number of the person who was decided on: asked
# once, before the row is judged by the decision, as it may say something else afterwards.
_SAID = """
update register.link_decision as d
set
    county_code = r.county_code,
    said_id = coalesce(r.{number}, r.original ->> {number_key}),
    said_name = r.{name},
    said_at = concat_ws('/', r.submission_id, r.part, r.row_no, coalesce(r.sheet, ''))
from raw.{table} as r
where r.row_id = d.row_id and d.said_at is null
"""
# Only rows that were linked by a valid number of their own lend it; the number
# of a row that people linked may be the one in doubt.
_NUMBER = """
update register.link_decision as d
set person_id = r.{number}
from raw.{table} as r
where
    r.person_sk = d.person_sk
    and r.{number} is not null
    and r.link_tier in ('T0', 'T1', 'T7')
    and d.person_id is null
"""
# Due when it is made, and once more when it is taken back.
_DUE = "(d.judged_at is null or d.reversed_at > d.judged_at)"
_ABOUT = """
select distinct r.submission_id
from raw.{table} as r
inner join register.link_decision as d on
    r.row_id = d.row_id
    or r.quality ->> 'reference' = d.row_id::text
    or (
        r.county_code = d.county_code
        and r.{name} = d.said_name
        and (
            coalesce(r.{number}, r.original ->> {number_key}) = d.said_id
            or r.person_sk = d.person_sk and r.link_tier = 'D'
        )
    )
where {due}
union
select r.submission_id
from raw.{table} as r
inner join register.person_decision as d on r.person_sk in (d.person_sk, d.other_sk)
where {due}
"""
_ROWS = """
select
    d.row_id::text, d.said_at, d.county_code, d.said_id, d.said_name, d.person_sk::text,
    coalesce(p.id_no, d.person_id)
from register.link_decision as d
left join register.person as p on d.person_sk = p.person_sk
where d.reversed_at is null
order by d.decision_id
"""
_PAIRS = """
select person_sk::text, other_sk::text, same from register.person_decision
    where reversed_at is null
order by decision_id
"""


def link_decisions(conn: Connection) -> LinkDecisions:
    """Return the decisions that stand."""
    rows: dict[str, Decided] = {}
    words: dict[tuple[str, str, str], Decided] = {}
    for row_id, place, county, number, name, person, person_id in conn.execute(
        _ROWS
    ):
        # No person: the row is not of whom its number means, whoever it is.
        decided = Decided(person or NOBODY, person_id)
        rows |= {at: decided for at in (row_id, place) if at}
        # When the clerk sends the row once more it is another row; what it
        # says leads to the decision all the same.
        if county and number and name:
            words[county, number, name] = decided
    merged, apart = pairs_decided(conn.execute(_PAIRS).fetchall())
    return LinkDecisions(rows, words, merged, apart)


def decided_otherwise(
    conn: Connection, lists: Sequence[Contract]
) -> list[int]:
    """Return the submissions with rows of ``lists`` about which something was decided, or a decision taken back.

    Decisions are noted as done: the caller queues the submissions in the same transaction.
    """
    due = sql.SQL(_DUE)
    # Nobody decided anything on most nights, and to ask every list would take
    # its time.
    asked = sql.SQL("select 1 from register.{} as d where {} limit 1")
    tables = [sql.Identifier(t) for t in ("link_decision", "person_decision")]
    if not any(conn.execute(asked.format(t, due)).fetchone() for t in tables):
        return []
    named = [c for c in lists if c.person_id and c.person_name]
    for query in (_SAID, _NUMBER):
        for contract in named:
            conn.execute(_about(query, contract))
    found = {int(n) for c in named for (n,) in conn.execute(_about(_ABOUT, c))}
    for table in tables:
        conn.execute(
            sql.SQL(
                "update register.{} as d set judged_at = clock_timestamp() where {}"
            ).format(table, due)
        )
    return sorted(found)


def _about(query: str, contract: Contract) -> sql.Composed:
    number, name = contract.person_id or "", contract.person_name or ""
    return sql.SQL(query).format(
        table=sql.Identifier(contract.table),
        number=sql.Identifier(number),
        number_key=sql.Literal(number),
        name=sql.Identifier(name),
        due=sql.SQL(_DUE),
    )


def journal_of_decisions(conn: Connection) -> Iterator[Entry]:
    """Yield every decision that counted in a night, as the archive keeps it.

    What the row says, not where it is.
    """
    rows = (
        "select decision_id, decided_at, decided_by, person_sk::text, reversed_at, county_code, said_id, said_name,"
        " person_id from register.link_decision where judged_at is not null and said_name is not null"
    )
    for number, at, by, person, ended, *words in conn.execute(rows):
        yield Entry(f"row-{number:010d}", at, by, person, ended, tuple(words))
    pairs = (
        "select decision_id, decided_at, decided_by, person_sk::text, reversed_at, other_sk::text, same"
        " from register.person_decision where judged_at is not null"
    )
    for number, at, by, person, ended, other, same in conn.execute(pairs):
        yield Entry(
            f"pair-{number:010d}",
            at,
            by,
            person,
            ended,
            other=other,
            same=same,
        )


def decide_again(conn: Connection, decision: Entry) -> None:
    """Write a decision of the archive's journal into the warehouse: the next night goes by it."""
    made = {
        "at": decision.at,
        "by": decision.by,
        "person": decision.person,
        "other": decision.other,
    }
    if decision.other:
        conn.execute(
            "insert into register.person_decision (person_sk, other_sk, same, decided_by, decided_at)"
            " values (%(person)s, %(other)s, %(same)s, %(by)s, %(at)s)",
            {**made, "same": decision.same},
        )
    else:
        said = dict(
            zip(
                ("county", "number", "name", "person_id"),
                decision.words,
                strict=True,
            )
        )
        conn.execute(
            "insert into register.link_decision"
            " (person_sk, county_code, said_id, said_name, person_id, decided_by, decided_at)"
            " values (%(person)s, %(county)s, %(number)s, %(name)s, %(person_id)s, %(by)s, %(at)s)",
            {**made, **said},
        )


def take_back_again(conn: Connection, decision: Entry) -> None:
    """Take back a decision of the archive's journal that was written into the warehouse."""
    for table in ("link_decision", "person_decision"):
        statement = sql.SQL(
            "update register.{} set reversed_at = clock_timestamp() where (decided_at, decided_by) = (%s, %s)"
        )
        conn.execute(
            statement.format(sql.Identifier(table)), (decision.at, decision.by)
        )
