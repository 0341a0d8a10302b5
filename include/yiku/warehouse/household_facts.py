"""What the page of a household 一户一页 says, for the town whose household it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yiku.warehouse.connection import Connection


@dataclass(frozen=True)
class Household:
    """A household of the register as of the business date."""

    household_sk: str
    household_no: str | None
    head_name: str | None
    county_code: str
    town_code: str
    town_name: str | None
    village_code: str | None
    village_name: str | None
    kind: str | None
    poverty_status: str | None
    cause: str | None
    industries: list[str]
    member_count: int | None
    labourers: int
    employed: int
    is_zero_employment: bool
    as_of_on: date


@dataclass(frozen=True)
class Worker:
    """A member of a household who can work, or stands on a list. No number of a person is asked for."""

    household_sk: str
    name: str | None
    sex: str | None
    age: int | None
    phone: str | None
    skill: str | None
    intent: str | None
    status: str | None
    is_stale: bool
    trainings: int
    benefits_yuan: float
    next_visit_on: date | None


@dataclass(frozen=True)
class Helper:
    """Who helps a household now, and when last."""

    household_sk: str
    kind: str | None
    name: str | None
    industry: str | None
    since_on: date | None
    services: int
    last_served_on: date | None


@dataclass(frozen=True)
class Due:
    """What a member of a household is due and has not had."""

    household_sk: str
    name: str | None
    policy: str | None
    since_on: date | None
    open_yuan: float | None


@dataclass(frozen=True)
class TownHouseholds:
    """All households of a town with what belongs to them."""

    households: list[Household]
    workers: list[Worker]
    helpers: list[Helper]
    dues: list[Due]


_HOUSEHOLDS = """
select household_sk::text, household_no, head_name, county_code, town_code, town_name, village_code, village_name,
    attr, poverty_status, cause, coalesce(industries, '{}'), member_count, labourers, employed, is_zero_employment,
    as_of_on
from mart.household
where town_code = %s
order by village_code nulls last, village_name, household_no, household_sk
"""
_WORKERS = """
select household_sk::text, name, sex, age_asof, phone, skill, emp_intent, current_status, coalesce(is_stale, false),
    coalesce(trainings_12m, 0), coalesce(benefits_year_yuan, 0)::float, next_visit_due_on
from mart.one_db
where household_sk in (select h.household_sk from mart.household as h where h.town_code = %s)
order by is_head desc nulls last, birth_date, person_sk
"""
_HELPERS = """
select household_sk::text, pair_kind_name, name, industry, start_on, service_count, last_served_on
from mart.pairing_household
where is_current and household_sk in (select h.household_sk from mart.household as h where h.town_code = %s)
order by pair_kind, start_on, row_id
"""
_DUES = """
select p.household_sk::text, e.name, e.policy, e.since_on, e.open_yuan::float
from mart.entitlement as e
inner join mart.one_db as p on p.person_sk = e.person_sk
where e.state = '未享' and p.household_sk in (select h.household_sk from mart.household as h where h.town_code = %s)
order by e.since_on, e.policy, e.entitlement_key
"""


def town_households(conn: Connection, town_code: str) -> TownHouseholds:
    """Return the households of a town (9 digits) with their workers, helpers and what they are due."""
    return TownHouseholds(
        [Household(*row) for row in conn.execute(_HOUSEHOLDS, (town_code,))],
        [Worker(*row) for row in conn.execute(_WORKERS, (town_code,))],
        [Helper(*row) for row in conn.execute(_HELPERS, (town_code,))],
        [Due(*row) for row in conn.execute(_DUES, (town_code,))],
    )
