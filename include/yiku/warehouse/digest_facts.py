"""What the digests of a night tell: counts, lists, places and names of files, never a person.

Each function is one question to the ledger or to a mart; what it returns is in the order in which
it is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from yiku.warehouse.connection import Connection

# A file that was held or refused is told of every day until a better one
# comes, but not for ever.
_CAME_IN = """
select county_code, unit_code, template, file_name, receipt_no, business_date, status, reason,
       rows_read, rows_loaded, rows_quarantined
from ops.submission
where undone_at is null and status <> 'received' and business_date <= %(day)s
  and (business_date = %(day)s
       or status in ('held', 'rejected') and superseded_by is null
           and business_date > %(day)s - %(open)s)
order by submission_id
"""
# Rows that came again, still wrong, are as old as the first of them: who
# corrects one cell must not win new time for all.
_SENT_BACK = """
select s.submission_id, s.county_code, s.unit_code, s.template, s.file_name, s.business_date,
       least(s.business_date, min(min(f.opened_on)) over (partition by s.submission_id)), f.rule,
       count(distinct (f.sheet, f.part, f.row_no)), s.is_work_list
from ops.finding as f join ops.submission as s using (submission_id)
where f.verdict = 'Q' and f.row_no is not null and f.closed_on is null
  and s.undone_at is null and s.superseded_by is null and s.status in ('loaded', 'partly_loaded')
  and s.business_date between %(day)s - %(open)s and %(day)s
group by s.submission_id, f.rule order by 1, 9 desc, 8
"""
_ROWS_BACK = """
select submission_id, count(distinct (sheet, part, row_no)) from ops.finding
where verdict = 'Q' and row_no is not null and closed_on is null group by 1
"""
# These look at a whole list: a jump, columns sorted apart, a neighbour's copy,
# and the breaker, which stops a file that hits the wrong people.
_ODD = """
select s.county_code, s.unit_code, s.file_name, s.receipt_no, f.rule
from ops.finding as f join ops.submission as s using (submission_id)
where f.rule in ('X09', 'X13', 'X14', 'BRK') and f.row_no is null and s.business_date = %(day)s
order by f.finding_id
"""
_FAULTS = """
select receipt_no, fault from ops.submission
where fault is not null and undone_at is null and business_date <= %(day)s order by submission_id
"""
_REFERENCES = """
select template, max(coalesce(fill_date, business_date)) from ops.submission
where template in ('V01', 'V02', 'H01', 'H02') and status in ('loaded', 'partly_loaded')
    and business_date <= %(day)s
group by 1
"""
_MASKED = """
select m.relation, m.column_name, m.cells from ops.masked_cell as m
where m.night_id = (select max(night_id) from ops.night where business_date = %(day)s)
    order by 1, 2
"""
# A case is named by where its rows stand: the receipt of each side's file and the row in it.
_CASE = """
concat_ws('与', ra.receipt_no || '第' || c.a_row_no || '行',
    rb.receipt_no || '第' || c.b_row_no || '行')
"""
_SIDES_OF_CASE = """
left join ops.submission as ra on c.a_submission_id = ra.submission_id
left join ops.submission as rb on c.b_submission_id = rb.submission_id
"""
_CONFLICTS = f"""
select side.county_code, side.town_code, c.kind, count(*), array_agg({_CASE} order by {_CASE})
from mart.status_conflict as c {_SIDES_OF_CASE}
cross join lateral (select c.a_county_code, c.a_town_code union select c.b_county_code,
    c.b_town_code)
    as side (county_code, town_code)
where c.is_open and side.county_code is not null
group by 1, 2, 3 order by 1, 2, 3
"""  # noqa: S608 - both parts stand above
_DOUBLE = f"""
select c.county_code, c.policy, c.kind, c.measure, count(*), array_agg({_CASE} order by {_CASE})
from mart.subsidy_duplicate as c {_SIDES_OF_CASE}
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""  # noqa: S608
# Two weeks ahead: these are told once a week, and the next digest would come
# too late.
_VISITS = """
select county_code, town_code, visit_type, is_overdue, told_to, count(*)
from mart.revisit_due where is_overdue or due_on <= %(day)s + 14
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
"""
_LATE = """
select county_code, coalesce(town_code, 'county'), indicator_name, actual, target, uom, done_pct
from mart.target_progress where pace < 0.8 and level <> 'village' order by pace, indicator
"""
_MISSING = """
select county_code, unit_code, list_title, array_agg(distinct period order by period),
    min(due_on), max(workdays_late)
from mart.list_due where state = '未报' group by 1, 2, 3 order by 1, 2, 3
"""
# An overloaded helper is one thing to mend, however many pairs are too many.
_UNPAIRED = """
select county_code, kind_name, case when kind = 'overloaded' then count(*) else sum(item_count) end
from mart.pairing_gap group by county_code, kind, kind_name order by county_code, kind
"""
# What nobody who is there can do, by trade: what to recruit for.
_SHORT = """
select county_code, kind_name, industry, sum(item_count), sum(people_needed)
from mart.pairing_shortfall group by county_code, kind, kind_name, industry
    order by county_code, kind, industry
"""
_PROPOSED = """
select county_code, kind_name, count(*) from mart.pairing_proposal
where not is_standing group by county_code, kind, kind_name order by county_code, kind
"""

# Pages are drawn of what was published this very night.
_PAGES = """
select county_code, coalesce(town_code, 'county') from mart.place
where level in ('county', 'town') and is_current and as_of_on = %(day)s order by place_code
"""


class CameIn(NamedTuple):
    """A file of the day, or an earlier one that was held or refused and nothing has replaced."""

    county_code: str | None
    unit_code: str | None
    template: str | None
    file_name: str
    receipt_no: str
    business_date: date
    status: str
    reason: str | None
    rows_read: int
    rows_loaded: int
    rows_quarantined: int


class SentBack(NamedTuple):
    """How many rows of a file one rule sent back that nothing has mended."""

    submission_id: int
    county_code: str | None
    unit_code: str | None
    template: str | None
    file_name: str
    business_date: date
    since: date  # of the oldest of them
    rule: str
    row_count: int
    is_work_list: bool  # a work list that came back


class OddFile(NamedTuple):
    """A file of the day that is unlike what its sender sends."""

    county_code: str | None
    unit_code: str | None
    file_name: str
    receipt_no: str
    rule: str


class Masked(NamedTuple):
    """A column in which the guard covered what no mask should have let through."""

    relation: str
    column_name: str
    cells: int


class Conflicts(NamedTuple):
    """The open conflicts of one kind that a town has a side in, and where their rows stand."""

    county_code: str
    town_code: str | None
    kind: str
    case_count: int
    cases: list[str]


class PaidTwice(NamedTuple):
    """What was paid twice in a county under one policy, and where the rows stand."""

    county_code: str
    policy: str | None
    kind: str
    measure: str | None
    case_count: int
    cases: list[str]


class VisitsDue(NamedTuple):
    """Visits of one kind that a town owes, or will soon, and who has been told."""

    county_code: str
    town_code: str | None
    visit_type: str
    is_overdue: bool
    told_to: str | None
    visit_count: int


class LateTarget(NamedTuple):
    """A target of a town or county that is behind its pace."""

    county_code: str
    unit_code: str
    indicator_name: str
    actual: float | None
    target: float
    uom: str | None
    done_pct: float | None


class MissingList(NamedTuple):
    """A list that a unit owes, for which periods, since when."""

    county_code: str
    unit_code: str
    list_title: str
    periods: list[str]
    due_on: date
    workdays_late: int


class Shortfall(NamedTuple):
    """What nobody in a county can help with, and how many people it would take."""

    county_code: str
    kind_name: str
    industry: str | None
    item_count: int
    people_needed: int


def came_in(conn: Connection, day: date, open_days: int) -> Iterable[CameIn]:
    """Yield the files of ``day``, and those of so many days before that wait for a better one."""
    asked = {"day": day, "open": open_days}
    return (CameIn(*line) for line in conn.execute(_CAME_IN, asked).fetchall())


def sent_back(
    conn: Connection, day: date, open_days: int
) -> Iterable[SentBack]:
    """Yield for each file of so many days what sent how many rows of it back, the foremost rule first."""
    asked = {"day": day, "open": open_days}
    return (
        SentBack(*line) for line in conn.execute(_SENT_BACK, asked).fetchall()
    )


def rows_back(conn: Connection) -> dict[int, int]:
    """Return by submission how many rows are back: one with two reasons is one row."""
    return dict(conn.execute(_ROWS_BACK).fetchall())


def odd_files(conn: Connection, day: date) -> Iterable[OddFile]:
    """Yield the files of ``day`` that are unlike what their senders send."""
    return (
        OddFile(*line) for line in conn.execute(_ODD, {"day": day}).fetchall()
    )


def faults(conn: Connection, day: date) -> list[tuple[str, str]]:
    """Return receipt and fault of the files that a fault of ours keeps from being taken in."""
    return conn.execute(_FAULTS, {"day": day}).fetchall()


def masked_columns(conn: Connection, day: date) -> Iterable[Masked]:
    """Yield the columns in which the last night of ``day`` covered something."""
    return (
        Masked(*line)
        for line in conn.execute(_MASKED, {"day": day}).fetchall()
    )


def newest_references(conn: Connection, day: date) -> list[tuple[str, date]]:
    """Return of what day the newest of each reference list is."""
    return conn.execute(_REFERENCES, {"day": day}).fetchall()


def has_mart(conn: Connection, name: str) -> bool:
    """Return whether a mart has been built: after a first gate that failed there is none."""
    found = conn.execute(
        "select to_regclass(%s)", (f"mart.{name}",)
    ).fetchone()
    return found is not None and bool(found[0])


def conflicts(conn: Connection) -> Iterable[Conflicts]:
    """Yield the open conflicts by town and kind."""
    return (Conflicts(*line) for line in conn.execute(_CONFLICTS).fetchall())


def paid_twice(conn: Connection) -> Iterable[PaidTwice]:
    """Yield what was paid twice, by county and policy."""
    return (PaidTwice(*line) for line in conn.execute(_DOUBLE).fetchall())


def visits_due(conn: Connection, day: date) -> Iterable[VisitsDue]:
    """Yield the visits that are overdue on ``day`` or due within two weeks, by town."""
    return (
        VisitsDue(*line)
        for line in conn.execute(_VISITS, {"day": day}).fetchall()
    )


def late_targets(conn: Connection) -> Iterable[LateTarget]:
    """Yield the targets that are behind their pace, the latest first."""
    return (LateTarget(*line) for line in conn.execute(_LATE).fetchall())


def missing_lists(conn: Connection) -> Iterable[MissingList]:
    """Yield the lists that did not come by their day, by unit."""
    return (MissingList(*line) for line in conn.execute(_MISSING).fetchall())


def drawn_pages(conn: Connection, day: date) -> list[tuple[str, str]]:
    """Return of which counties and units a wall page was drawn on ``day``."""
    return conn.execute(_PAGES, {"day": day}).fetchall()


def unpaired(conn: Connection) -> list[tuple[str, str, Any]]:
    """Return how many items of which kind nobody helps with, by county."""
    return conn.execute(_UNPAIRED).fetchall()


def shortfalls(conn: Connection) -> Iterable[Shortfall]:
    """Yield what nobody who is there can do, by county and trade: what to recruit for."""
    return (Shortfall(*line) for line in conn.execute(_SHORT).fetchall())


def proposed(conn: Connection) -> list[tuple[str, str, int]]:
    """Return how many new pairs of which kind are proposed, by county."""
    return conn.execute(_PROPOSED).fetchall()
