"""What the optimiser reads from the warehouse, and where its proposals are kept.

Of each county and part only the last proposal is kept; ``pairing.run`` remembers what it was
worked out from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import copy_rows

Case = tuple[str, str]  # county, part

# Whole rows are hashed, so that nobody has to think of a new column. Where
# nobody wants help there is nothing to work out.
_SIGNATURES = """
with line as (
    select county_code, part, 'h' || h::text as words from core.int_pairing__helper as h
    union all
    select county_code, part, 'w' || w::text as words from core.int_pairing__want as w
)
select county_code, part, md5(string_agg(words, chr(10) order by words))
from line
group by county_code, part
having bool_or(words like 'w%%')
order by county_code, part
"""
# The solver counts in floats, and numeric arrives as Decimal.
_HELPERS = """
select person_sk::text, industries, load_most, lon::float8, lat::float8, village_code,
    town_code, level, title,
    km_most::float8, fits, carries, place
from core.int_pairing__helper where county_code = %s and part = %s
"""
_WANTS = """
select want_key, industries, lon::float8, lat::float8, village_code, town_code,
    standing_sk::text, place
from core.int_pairing__want where county_code = %s and part = %s
"""
_LAST = "select distinct on (county_code, part) county_code, part, inputs from pairing.run order by 1, 2, run_id desc"
_PROPOSAL = {
    "run_id": "bigint",
    "county_code": "text",
    "part": "text",
    "want_key": "text",
    "person_sk": "uuid",
    "industry": "text",
    "distance_km": "numeric",
    "distance_basis": "text",
    "load_after": "integer",
    "load_most": "integer",
    "is_standing": "boolean",
    "replaces_sk": "uuid",
    "next_best_sk": "uuid",
    "extra_km": "numeric",
    "why": "text",
}
_GAP = {
    "run_id": "bigint",
    "county_code": "text",
    "part": "text",
    "gap_no": "integer",
    "want_keys": "text[]",
    "industries": "text[]",
    "reason": "text",
    "nearest_sk": "uuid",
    "distance_km": "numeric",
    "beyond_km": "numeric",
    "why": "text",
}


@dataclass(frozen=True)
class Run:
    """What a run was about and what it came to; ``inputs`` is the signature of what it read."""

    county_code: str
    part: str
    business_date: date
    inputs: str
    status: str
    helpers: int
    wanted: int
    paired: int
    kept: int
    objective: int
    bound: int
    greedy: int
    greedy_paired: int
    penalty: int
    seconds: float


def signatures(conn: Connection) -> dict[Case, str]:
    """Return what is to be worked out tonight, with a signature of all that bears on it."""
    return {(str(c), str(p)): str(s) for c, p, s in conn.execute(_SIGNATURES)}


def last_inputs(conn: Connection) -> dict[Case, str]:
    """Return the signature of what each kept proposal was worked out from."""
    return {(str(c), str(p)): str(s) for c, p, s in conn.execute(_LAST)}


def helper_rows(conn: Connection, case: Case) -> list[tuple[Any, ...]]:
    """Return those who can help.

    Key, industries, cap, where they live, level, title, limit, fits, load, place.
    """
    return conn.execute(_HELPERS, case).fetchall()


def want_rows(conn: Connection, case: Case) -> list[tuple[Any, ...]]:
    """Return those who are to be helped.

    Key, industries, lon, lat, village, town, who helps at present, place.
    """
    return conn.execute(_WANTS, case).fetchall()


def forget(conn: Connection, case: Case) -> None:
    """Remove the proposal and the runs of a case, in the caller's transaction."""
    conn.execute(
        "delete from pairing.run where county_code = %s and part = %s", case
    )


def tell_planner(conn: Connection) -> None:
    """Let the planner know how much was kept, for the mart that joins it.

    Without it the first nights take seconds.
    """
    conn.execute("analyze pairing.run, pairing.proposal, pairing.gap")


def keep(
    conn: Connection,
    run: Run,
    pairs: Sequence[Sequence[Any]],
    gaps: Sequence[Sequence[Any]],
) -> None:
    """Put a proposal in the place of the last one of its case, in the caller's transaction.

    ``pairs`` and ``gaps`` are rows in the order of their tables' columns after ``part``.
    """
    forgotten = (run.county_code, run.part)
    conn.execute(
        "delete from pairing.proposal where county_code = %s and part = %s",
        forgotten,
    )
    conn.execute(
        "delete from pairing.gap where county_code = %s and part = %s",
        forgotten,
    )
    columns = list(asdict(run))
    places = ", ".join(f"%({c})s" for c in columns)
    statement = f"insert into pairing.run ({', '.join(columns)}) values ({places}) returning run_id"  # noqa: S608 - our own names
    row = conn.execute(statement.encode(), asdict(run)).fetchone()
    assert row is not None
    head = (row[0], *forgotten)
    for table, kinds, rows in (
        ("proposal", _PROPOSAL, pairs),
        ("gap", _GAP, gaps),
    ):
        copy_rows(
            conn,
            ("pairing", table),
            kinds,
            list(zip(*((*head, *r) for r in rows), strict=True)),
        )
