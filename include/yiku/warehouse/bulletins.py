"""Bulletins: the lines of a month's or a quarter's, gathered from the marts, and the ledger of what was issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import LiteralString, NamedTuple

from yiku.calendar import is_quarter
from yiku.warehouse.connection import Connection
from yiku.warehouse.inspection_figures import INSPECTIONS

_STORED = Decimal("0.0001")  # as ops.bulletin_line has them


class Line(NamedTuple):
    """One figure of a bulletin."""

    section: str
    place_code: str | None
    place_name: str | None
    measure: str
    measure_name: str
    value: Decimal | None
    unit: str
    target: Decimal | None
    light: str | None
    rank: int | None
    change: Decimal | None
    rate_pct: Decimal | None
    overdue: int | None
    due_on: date | None


@dataclass(frozen=True)
class Issue:
    """A bulletin that was issued. ``issue`` is 1 for the first of its month, more for a correction."""

    bulletin_id: int
    county_code: str
    period: str
    issue: int
    issued_on: date
    as_of_on: date
    note: str | None
    silent_towns: str
    inputs_sha256: str
    docx_sha256: str


@dataclass(frozen=True)
class Gathering:
    """What is gathered: of a month ``YYYY-MM`` or a quarter ``YYYY-Qn``.

    ``due_on`` is the day by which is asked for what is asked. A quarter's
    report also tells of the sample of ``next_period``, to be visited by
    ``visit_due_on``; a preview shows what would be drawn for it tonight.
    """

    county_code: str
    period: str
    due_on: date
    next_period: str = ""
    visit_due_on: date | None = None
    is_preview: bool = False


# All of it masked, for it goes to many: a clerk may type anybody's number into the name of an indicator.
# The four full coverages stand first, as leaders name them. Of a month that is over these are what its last published
# night said. A measure of which nobody could fulfil anything, and that counted nothing, is another programme's. A town
# that was merged into another since is not ranked any more.
_COVERAGE = """
select
    case level when 'county' then 'overall' else 'ranking' end,
    place_code, coalesce(town_name, county_name), metric, metric_name,
    coalesce(rate_pct, numerator), case when rate_pct is null then '' else '%%' end,
    target_pct, light, rank_in_county, change_pct, null::numeric, null::bigint, null::date
from mart_masked.{figures} as c
where county_code = %(county)s and period = %(period)s and (denominator > 0 or (denominator is null and numerator > 0))
    and (
        level = 'county'
        or (
            level = 'town' and metric = 'four_full_pct'
            and exists (select from mart_masked.place as p where p.place_code = c.place_code and p.is_current)
        )
    )
order by
    level, rank_in_county nulls last,
    array_position(
        array['four_full_pct', 'registered_rate_pct', 'trained_rate_pct', 'employed_rate_pct', 'benefit_rate_pct',
            'village_team_pct', 'town_expert_pct', 'village_expert_pct', 'household_technician_pct',
            'prescription_rate_pct', 'zero_employment_pct', 'household_employed_pct', 'basic_ok_pct', 'intent_ok_pct',
            'status_ok_pct'],
        metric
    ) nulls last,
    place_code, metric
"""
# Of the month's own year: what was not reached in a former one would stand red in every bulletin ever after.
_TARGETS = """
select
    'target', place_code, county_name, indicator, indicator_name, actual, coalesce(uom, ''), target, light,
    null::integer, change_pct, rate_pct, null::bigint, due_on
from mart_masked.target_month
where county_code = %(county)s and period = %(period)s and level = 'county' and target > 0
    and year = left(%(period)s, 4)::integer
order by case light when '红' then 1 when '黄' then 2 else 3 end, rate_pct, indicator
"""
# A county's row says all measures, a town's its score alone.
_SUBMISSIONS = """
select
    'submission', s.unit_code, coalesce(s.town_name, s.county_name), m.measure, m.measure_name, m.value, m.unit,
    case when m.measure = 'score_pct' then s.target_pct end, case when m.measure = 'score_pct' then s.light end,
    case when s.level = 'town' then s.rank_in_county end, case when m.measure = 'score_pct' then s.change_pct end,
    null::numeric, null::bigint, null::date
from mart_masked.submission_score as s
cross join lateral (
    values
    (1, 'due_count', '应报', s.due_count::numeric, '份'),
    (2, 'on_time_count', '按时', s.on_time_count::numeric, '份'),
    (3, 'late_count', '迟报', s.late_count::numeric, '份'),
    (4, 'missing_count', '未报', s.missing_count::numeric, '份'),
    (5, 'rows_read', '收到', s.rows_read::numeric, '行'),
    (6, 'rows_sent_back', '退回', s.rows_sent_back::numeric, '行'),
    (7, 'first_pass_pct', '一次通过率', s.first_pass_pct, '%%'),
    (8, 'open_count', '月末未更正', s.open_count::numeric, '行'),
    (9, 'repeated_count', '重复出现的问题', s.repeated_count::numeric, '处'),
    (10, 'score_pct', '报送质量得分', s.score_pct, '分')
) as m (position, measure, measure_name, value, unit)
where s.county_code = %(county)s and s.period = %(period)s and m.value is not null
    and (
        s.level = 'county'
        or (
            s.level = 'town' and m.measure = 'score_pct'
            and exists (select from mart_masked.place as p where p.place_code = s.unit_code and p.is_current)
        )
    )
order by s.level, s.rank_in_county nulls last, s.unit_code, m.position
"""
_PROBLEMS = """
select
    'problem', %(county)s::text, max(county_name), kind, kind_name, sum(item_count)::numeric, '项', null::numeric,
    case when bool_or(is_overdue) then '红' else '黄' end, null::integer, null::numeric,
    null::numeric, coalesce(sum(item_count) filter (where is_overdue), 0)::bigint, null::date
from mart_masked.task
where county_code = %(county)s
group by kind, kind_name
order by 13 desc, 6 desc, kind
"""
# Of each kind the town that has most of it: what is asked of everybody is done by nobody.
_ASKS = """
select distinct on (t.kind)
    'ask', t.town_code, t.town_name, t.kind, t.kind_name, t.items, '项', null::numeric, '红', null::integer,
    null::numeric, null::numeric, t.overdue, %(due)s::date
from (
    select
        town_code, town_name, kind, kind_name, sum(item_count)::numeric as items,
        coalesce(sum(item_count) filter (where is_overdue), 0)::bigint as overdue
    from mart_masked.task
    where county_code = %(county)s and town_code is not null
    group by town_code, town_name, kind, kind_name
) as t
order by t.kind, t.overdue desc, t.items desc, t.town_code
"""
_MONTHS, _QUARTERS = "coverage_month", "coverage_quarter"
_OF_MONTH = (
    _COVERAGE.format(figures=_MONTHS),
    _TARGETS,
    _SUBMISSIONS,
    _PROBLEMS,
    _ASKS,
)
_OF_QUARTER = (_COVERAGE.format(figures=_QUARTERS), *INSPECTIONS)
_SILENT = """
select coalesce(town_name, place_code)
from mart_masked.place as p
where p.level = 'town' and p.is_current and p.county_code = %(county)s and not exists (
    select from ops.submission as s
    where s.unit_code = p.town_code and s.business_date <= %(day)s and s.undone_at is null
)
order by p.town_code
"""
_STATE = """
select max(as_of_on), bool_and(is_closed) from mart_masked.{figures} where county_code = %s and period = %s
"""
_COUNTIES = """
select distinct county_code from mart_masked.{figures}
where period = %(period)s and county_code = coalesce(%(county)s, county_code)
order by 1
"""
_ISSUES = """
select bulletin_id, county_code, period, issue, issued_on, as_of_on, note, silent_towns, inputs_sha256,
    docx_sha256
from ops.bulletin
where county_code = %s and period = %s
order by issue
"""
_ISSUED_SINCE = """
select bulletin_id, county_code, period, issue, issued_on, as_of_on, note, silent_towns, inputs_sha256,
    docx_sha256
from ops.bulletin
where issued_on >= %s
order by county_code, period, issue
"""
_LINES = """
select section, place_code, place_name, measure, measure_name, value, unit, target, light, rank, change, rate_pct,
    overdue, due_on
from ops.bulletin_line
where bulletin_id = %s
order by position
"""
_FREEZE = """
insert into ops.bulletin (
    county_code, period, issue, issued_on, as_of_on, note, silent_towns, inputs_sha256, docx_sha256, document
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
returning bulletin_id
"""
_FREEZE_LINE = """
insert into ops.bulletin_line (
    bulletin_id, position, section, place_code, place_name, measure, measure_name, value, unit, target, light, rank,
    change, rate_pct, overdue, due_on
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def gather(conn: Connection, asked: Gathering) -> list[Line]:
    """Return the lines of a county's period as the marts have them now."""
    queries = _OF_QUARTER if is_quarter(asked.period) else _OF_MONTH
    facts = {
        "county": asked.county_code,
        "period": asked.period,
        "due": asked.due_on,
        "next": asked.next_period,
        "visit_due": asked.visit_due_on,
        "preview": asked.is_preview,
    }
    lines: list[Line] = []
    for query in queries:
        lines += [_as_stored(Line(*row)) for row in conn.execute(query, facts)]
    return lines


def _as_stored(line: Line) -> Line:
    """Return a line with its figures as the ledger keeps them, so that one read again is equal to it."""
    return line._replace(
        value=_rounded(line.value),
        target=_rounded(line.target),
        change=_rounded(line.change),
        rate_pct=_rounded(line.rate_pct),
    )


def _rounded(figure: Decimal | None) -> Decimal | None:
    return (
        figure.quantize(_STORED, ROUND_HALF_UP) if figure is not None else None
    )


def period_state(
    conn: Connection, county_code: str, period: str
) -> tuple[date, bool] | None:
    """Return the day of a period's figures and whether it is over; None where it has none."""
    query = _STATE.format(figures=_figures(period))
    found = conn.execute(query, (county_code, period)).fetchone()
    return (found[0], found[1]) if found and found[0] else None


def counties_with(
    conn: Connection, period: str, county_code: str | None = None
) -> list[str]:
    """Return the counties that have figures of a period: all, or the one that is named."""
    query = _COUNTIES.format(figures=_figures(period))
    asked = {"period": period, "county": county_code}
    return [str(code) for (code,) in conn.execute(query, asked)]


def _figures(period: str) -> LiteralString:
    return _QUARTERS if is_quarter(period) else _MONTHS


def issued_since(conn: Connection, day: date) -> list[Issue]:
    """Return what was issued on ``day`` or later, county by county."""
    return [Issue(*row) for row in conn.execute(_ISSUED_SINCE, (day,))]


def silent_towns(conn: Connection, county_code: str, day: date) -> list[str]:
    """Return the towns of a county that have sent nothing up to ``day``."""
    facts = {"county": county_code, "day": day}
    return [str(name) for (name,) in conn.execute(_SILENT, facts)]


def issues(conn: Connection, county_code: str, period: str) -> list[Issue]:
    """Return the issues of a county's month, the first one first."""
    found = conn.execute(_ISSUES, (county_code, period))
    return [Issue(*row) for row in found]


def lines_of(conn: Connection, bulletin_id: int) -> list[Line]:
    """Return the lines of an issue as they were frozen."""
    return [Line(*row) for row in conn.execute(_LINES, (bulletin_id,))]


def document_of(conn: Connection, bulletin_id: int) -> bytes:
    """Return the Word file of an issue as it was issued."""
    found = conn.execute(
        "select document from ops.bulletin where bulletin_id = %s",
        (bulletin_id,),
    ).fetchone()
    assert found is not None
    return bytes(found[0])


def freeze(
    conn: Connection, issue: Issue, lines: Sequence[Line], document: bytes
) -> None:
    """Write an issue and its lines down, for good; the caller commits."""
    found = conn.execute(
        _FREEZE,
        (
            issue.county_code,
            issue.period,
            issue.issue,
            issue.issued_on,
            issue.as_of_on,
            issue.note,
            issue.silent_towns,
            issue.inputs_sha256,
            issue.docx_sha256,
            document,
        ),
    ).fetchone()
    assert found is not None
    rows = [(found[0], at, *line) for at, line in enumerate(lines, start=1)]
    with conn.cursor() as cursor:
        cursor.executemany(_FREEZE_LINE, rows)
