"""What the wall pages show: figures of the masked marts, as they stand there, for all counties at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from yiku.warehouse.connection import Connection

_AS_OF = "select max(as_of_on) from mart_masked.place"
# A place of which only the code is known is called by it; its mask has no digits.
_PLACES = """
select level, place_code, coalesce(nullif(place_name, ''), place_code),
    county_code, county_name, town_code, lon, lat, war_zone
from mart_masked.place
where is_current
order by place_code
"""
_RATES = """
select level, place_code, metric, metric_name, numerator, denominator, rate_pct, target_pct,
    light, rank_in_county, change_pct
from mart_masked.coverage
where denominator is not null
order by place_code, metric
"""
_TARGETS = """
select level, place_code, year, indicator, coalesce(indicator_name, indicator), uom,
    trim_scale(target), trim_scale(coalesce(actual, reported)), rate_pct, target_pct, light,
    rank_in_county, change_pct, due_on
from mart_masked.target_progress
where level <> 'village' and year = extract(year from as_of_on)
order by place_code, year, indicator
"""
_LIST_NAMES = {
    "list_basic_info": "基础信息",
    "list_training": "就业培训",
    "list_transfer_employment": "转移就业",
    "list_self_employment": "自主创业",
    "list_public_post": "公益性岗位",
}
# A place stands for itself and for the county that it lies in.
_HOLDING = """
select '{table}', '{title}', place.code, count(*) filter (where is_current), count(*)
from mart_masked.{table}
cross join lateral (values (county_code), (town_code)) as place (code)
where place.code is not null
group by place.code
"""
_HOLDINGS = " union all ".join(
    _HOLDING.format(table=table, title=title)
    for table, title in _LIST_NAMES.items()
)
_TASKS = """
select place.code, kind, kind_name, sum(item_count)::bigint,
    coalesce(sum(item_count) filter (where is_overdue), 0)::bigint
from mart_masked.task
cross join lateral (values (county_code), (town_code)) as place (code)
where place.code is not null
group by place.code, kind, kind_name
order by place.code, sum(item_count) desc, kind
"""
_GAPS = """
select place.code, kind, kind_name, sum(item_count)::bigint
from mart_masked.pairing_gap
cross join lateral (values (county_code), (town_code)) as place (code)
where place.code is not null
group by place.code, kind, kind_name
order by place.code, sum(item_count) desc, kind
"""
# The month that runs, and for a unit that owed nothing yet in it the last one
# in which it did: on the first days of a month there is little to judge.
_SCORES = """
select distinct on (county_code, unit_code)
    county_code, unit_code, period, due_count, on_time_count, late_count, missing_count,
    rows_read, rows_sent_back, first_pass_pct, repeated_count, workdays_to_correct, open_count,
    oldest_open_days, score_pct, light, rank_in_county, change_pct
from mart_masked.submission_score
order by county_code, unit_code, (due_count > 0 or rows_read > 0) desc, period desc
"""
_OWED = """
select county_code, unit_code, list, list_title, count(*), max(workdays_late)
from mart_masked.list_due
where state = '未报'
group by county_code, unit_code, list, list_title
order by county_code, unit_code, list
"""
_ZONES = """
select t.county_code, t.war_zone, count(*),
    count(*) filter (where c.light = '红'), count(*) filter (where c.light = '黄'),
    count(*) filter (where c.light = '绿')
from mart_masked.place as t
left join mart_masked.coverage as c on c.place_code = t.place_code and c.metric = 'four_full_pct'
where t.level = 'town' and t.is_current and t.war_zone is not null
group by t.county_code, t.war_zone
order by t.county_code, t.war_zone
"""
_MONTHS = """
select place_code, period, rate_pct, light
from mart_masked.coverage_month
where metric = 'four_full_pct' and level <> 'village' and rate_pct is not null
order by place_code, period
"""


class Spot(NamedTuple):
    """A place, where it lies in degrees, and its war zone."""

    level: str
    code: str
    name: str
    county_code: str
    county_name: str
    town_code: str | None
    lon: Decimal | None
    lat: Decimal | None
    war_zone: str | None


class Rate(NamedTuple):
    """One coverage of a place; rates, targets and changes in per cent."""

    level: str
    place_code: str
    metric: str
    name: str
    numerator: int
    denominator: int
    rate_pct: Decimal | None
    target_pct: Decimal | None
    light: str
    rank: int | None
    change_pct: Decimal | None


class Target(NamedTuple):
    """One target of a place, what was reached of it, and what should be by now in per cent."""

    level: str
    place_code: str
    year: int
    indicator: str
    name: str
    uom: str | None
    target: Decimal | None
    reached: Decimal | None
    rate_pct: Decimal | None
    target_pct: Decimal | None
    light: str
    rank: int | None
    change_pct: Decimal | None
    due_on: date | None


class Held(NamedTuple):
    """How many rows of a list stand for a place: today and ever."""

    table: str
    title: str
    place_code: str
    today: int
    ever: int


class Work(NamedTuple):
    """What a place has to do of one kind, and how much of it is overdue."""

    place_code: str
    kind: str
    name: str
    item_count: int
    overdue: int


class Gap(NamedTuple):
    """What lacks a pair, or has one that is none."""

    place_code: str
    kind: str
    name: str
    item_count: int


class Score(NamedTuple):
    """How a unit submits in a month."""

    county_code: str
    unit_code: str
    period: str
    due: int
    on_time: int
    late: int
    missing: int
    rows_read: int
    rows_sent_back: int
    first_pass_pct: Decimal | None
    repeated: int
    workdays_to_correct: Decimal | None
    open: int
    oldest_open_days: int | None
    score_pct: Decimal | None
    light: str
    rank: int | None
    change_pct: Decimal | None


class Owed(NamedTuple):
    """A list that a unit has not sent: for how many periods, and how many workdays late the oldest is."""

    county_code: str
    unit_code: str
    list: str
    title: str
    periods: int
    workdays_late: int


class Zone(NamedTuple):
    """A war zone with its towns by light."""

    county_code: str
    name: str
    towns: int
    red: int
    yellow: int
    green: int


class MonthRate(NamedTuple):
    """The four coverages together, as a month showed them."""

    place_code: str
    period: str
    rate_pct: Decimal
    light: str


@dataclass(frozen=True)
class WallFigures:
    """Everything that the wall pages of a night show."""

    as_of: date | None
    spots: list[Spot]
    rates: list[Rate]
    targets: list[Target]
    held: list[Held]
    work: list[Work]
    gaps: list[Gap]
    scores: list[Score]
    owed: list[Owed]
    zones: list[Zone]
    months: list[MonthRate]


def wall_figures(conn: Connection) -> WallFigures:
    """Return the figures of the marts that are shown, all counties'."""
    as_of = conn.execute(_AS_OF).fetchone()
    return WallFigures(
        as_of=as_of[0] if as_of else None,
        spots=[Spot(*row) for row in conn.execute(_PLACES)],
        rates=[Rate(*row) for row in conn.execute(_RATES)],
        targets=[Target(*row) for row in conn.execute(_TARGETS)],
        held=[Held(*row) for row in conn.execute(_HOLDINGS)],
        work=[Work(*row) for row in conn.execute(_TASKS)],
        gaps=[Gap(*row) for row in conn.execute(_GAPS)],
        scores=[Score(*row) for row in conn.execute(_SCORES)],
        owed=[Owed(*row) for row in conn.execute(_OWED)],
        zones=[Zone(*row) for row in conn.execute(_ZONES)],
        months=[MonthRate(*row) for row in conn.execute(_MONTHS)],
    )
