"""Samples of inspections: what is drawn tonight, and the ledger of what was drawn."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from yiku.warehouse.connection import Connection

# Names as they are masked: nobody's full name stands on a paper that is carried through a village.
_DRAWN = """
select
    sample_no, line_no, line_kind, place_town_code, town_name, place_village_code, village_name, household_sk,
    person_sk, head_name, name, group_no, status_conflict_count, drag_fill_count, unpaired_count, stale_count,
    risk_points, why
from mart_masked.inspection_draw
where county_code = %s and period = %s
order by line_no
"""
_DRAWN_FROM = """
select as_of_on, villages_most, households_most, candidate_count, candidates_md5
from mart_masked.inspection_draw
where county_code = %s and period = %s
limit 1
"""
_CANDIDATES = """
select coalesce(subject_sk::text, place_village_code) as draw_of, place_village_code, risk_points
from mart_masked.inspection_candidate
where county_code = %s and period = %s
order by draw_of
"""
_KEEP_LINE = """
insert into ops.inspection_sample (
    county_code, period, drawn_on, due_on, sample_no, line_no, line_kind, town_code, village_code, household_sk,
    person_sk, head_shown, person_shown, group_no, status_conflict_count, drag_fill_count, unpaired_count, stale_count,
    risk_points, why
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_KEEP_DRAW = """
insert into ops.inspection_draw (
    county_code, period, drawn_on, as_of_on, villages_most, households_most, candidate_count, candidates_md5, candidates
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_IS_DRAWN = "select exists (select from ops.inspection_sample where county_code = %s and period = %s)"
_SAMPLE = """
select
    s.sample_no, s.line_no, s.line_kind, s.town_code, coalesce(p.town_name, ''), s.village_code,
    coalesce(p.village_name, s.village_code), s.household_sk, s.person_sk, s.head_shown, s.person_shown, s.group_no,
    s.status_conflict_count, s.drag_fill_count, s.unpaired_count, s.stale_count, s.risk_points, s.why
from ops.inspection_sample as s
left join mart_masked.place as p on p.place_code = s.village_code
where s.county_code = %s and s.period = %s
order by s.line_no
"""
_VISITS = """
select sample_no, result, visited_on, finding_count
from mart_masked.inspection_sample
where county_code = %s and period = %s
"""
# As the county's headquarters wrote them: her own lines, to be closed by her.
_OPEN = """
select round, sample_no, found_on, unit, problem, owner, due_on, done_about_it
from mart.inspection_finding
where county_code = %s and is_open
order by due_on, found_on, row_id
"""


class SampleLine(NamedTuple):
    """One line of a sample: a village, or a household (or person) in it, and why it was drawn."""

    sample_no: str
    line_no: int
    line_kind: str
    town_code: str
    town_name: str
    village_code: str
    village_name: str
    household_sk: UUID | None
    person_sk: UUID | None
    head_shown: str | None
    person_shown: str | None
    group_no: str | None
    status_conflict_count: int
    drag_fill_count: int
    unpaired_count: int
    stale_count: int
    risk_points: int
    why: str


@dataclass(frozen=True)
class Draw:
    """A sample and what it was drawn from: ``candidates`` is a text, a line each, key, village and points."""

    lines: tuple[SampleLine, ...]
    as_of_on: date
    villages_most: int
    households_most: int
    candidate_count: int
    candidates_md5: UUID
    candidates: str


class OpenFinding(NamedTuple):
    """A problem that is not closed, by the columns of its list."""

    round: str | None
    sample_no: str | None
    found_on: date | None
    unit: str | None
    problem: str | None
    owner: str | None
    due: date | None
    done: str | None


class Visited(NamedTuple):
    """What came of a line of a sample so far."""

    result: str
    visited_on: date | None
    finding_count: int


def draw_of(conn: Connection, county_code: str, period: str) -> Draw | None:
    """Return what is drawn tonight for a quarter; None where it was drawn before, or is not the current quarter."""
    asked = (county_code, period)
    if is_drawn(conn, county_code, period):
        return None
    head = conn.execute(_DRAWN_FROM, asked).fetchone()
    if head is None:
        return None
    lines = tuple(SampleLine(*row) for row in conn.execute(_DRAWN, asked))
    candidates = "".join(
        f"{key} {village} {points}\n"
        for key, village, points in conn.execute(_CANDIDATES, asked)
    )
    as_of_on, villages_most, households_most, count, fingerprint = head
    return Draw(
        lines=lines,
        as_of_on=as_of_on,
        villages_most=villages_most,
        households_most=households_most,
        candidate_count=count,
        candidates_md5=fingerprint,
        candidates=candidates,
    )


def is_drawn(conn: Connection, county_code: str, period: str) -> bool:
    """Return whether a quarter's sample was drawn."""
    found = conn.execute(_IS_DRAWN, (county_code, period)).fetchone()
    return bool(found and found[0])


def keep_draw(
    conn: Connection,
    county_code: str,
    period: str,
    draw: Draw,
    days: tuple[date, date],
) -> None:
    """Write a sample down for good, with the day of the draw and that by which it is visited; the caller commits."""
    drawn_on, due_on = days
    # The same bytes for the same text: no time of packing in it.
    packed = gzip.compress(draw.candidates.encode(), mtime=0)
    conn.execute(
        _KEEP_DRAW,
        (
            county_code,
            period,
            drawn_on,
            draw.as_of_on,
            draw.villages_most,
            draw.households_most,
            draw.candidate_count,
            draw.candidates_md5,
            packed,
        ),
    )
    rows = [
        (county_code, period, drawn_on, due_on, *_stored(line))
        for line in draw.lines
    ]
    with conn.cursor() as cursor:
        cursor.executemany(_KEEP_LINE, rows)


def _stored(line: SampleLine) -> Iterable[Any]:
    # Names of places are the register's, and may be mended there.
    kept = line._asdict()
    del kept["town_name"], kept["village_name"]
    return kept.values()


def sample_of(
    conn: Connection, county_code: str, period: str
) -> list[SampleLine]:
    """Return the sample of a quarter as it was drawn."""
    found = conn.execute(_SAMPLE, (county_code, period))
    return [SampleLine(*row) for row in found]


def visits_of(
    conn: Connection, county_code: str, period: str
) -> dict[str, Visited]:
    """Return what came of the lines of a quarter's sample, by number; a sample of today is in no mart yet."""
    found = conn.execute(_VISITS, (county_code, period))
    return {number: Visited(*rest) for number, *rest in found}


def open_findings(conn: Connection, county_code: str) -> list[OpenFinding]:
    """Return the problems of a county that are not closed, those that are due first."""
    return [OpenFinding(*row) for row in conn.execute(_OPEN, (county_code,))]
