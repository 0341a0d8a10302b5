"""What the file of an expert 一人一档 says: whom she helps, what she did, what she was honoured for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from yiku.warehouse.connection import Connection


@dataclass(frozen=True)
class Expert:
    """An expert or technician who serves a county."""

    person_sk: str
    name: str
    sex: str | None
    county_code: str
    level: str | None
    unit: str | None
    post: str | None
    title: str | None
    specialty: str | None
    industries: list[str]
    is_technician: bool
    days_per_year: int | None
    villages: int
    households: int
    services_done: int
    last_served_on: date | None
    as_of_on: date


class Deed(NamedTuple):
    """One thing that stands to the credit of an expert."""

    person_sk: str
    kind: str
    on: str  # a day, a month or a year
    place: str | None
    what: str | None
    measure: str | None


_EXPERTS = """
select distinct on (person_sk)
    person_sk::text, name, sex, county_code, level, unit, post, title, specialty, coalesce(industries, '{}'),
    coalesce(is_technician, false), days_per_year, coalesce(villages, 0), coalesce(households, 0),
    coalesce(services_done, 0), last_served_on, as_of_on
from mart.expert
where county_code = %s and is_current and person_sk is not null and name is not null
order by person_sk, is_technician nulls first, row_id
"""
# By the person, never by the name alone: two experts may bear one.
_DEEDS = """
select person_sk::text, '结对村', valid_from_on::text, concat_ws(' ', town_name, village_name),
    array_to_string(services, '、'), '服务' || coalesce(service_count, 0) || '次'
from mart.pairing_village
where county_code = %(county)s and is_current and person_sk is not null
union all
select person_sk::text, '结对户', min(start_on)::text, concat_ws(' ', town_name, village_name),
    string_agg(distinct industry, '、'), count(distinct household_sk) || '户，服务' || sum(service_count) || '次'
from mart.pairing_household
where county_code = %(county)s and is_current and person_sk is not null
group by person_sk, town_name, village_name
union all
select person_sk::text, '开方', issued_on::text, concat_ws(' ', town_name, village_name), industry,
    '落实' || coalesce(carried_out_households, 0) || '户'
from mart.prescription
where county_code = %(county)s and person_sk is not null
union all
select person_sk::text, '入户', max(visited_on)::text, concat_ws(' ', town_name, village_name),
    string_agg(distinct industry, '、'), count(distinct household_sk) || '户，入户' || count(*) || '次'
from mart.prescription_visit
where county_code = %(county)s and person_sk is not null
group by person_sk, town_name, village_name
union all
select teacher_sk::text, '培训', held_on::text, min(concat_ws(' ', town_name, village_name)), min(topic),
    coalesce(min(hours), 0) || '课时，学员' || count(*) || '人'
from mart.cascade_training
where county_code = %(county)s and teacher_sk is not null
group by teacher_sk, session_no, held_on
union all
select person_sk::text, '领办项目', filed_on::text, concat_ws(' ', town_name, village_name), project,
    '带动' || coalesce(households, 0) || '户'
from mart.led_project
where county_code = %(county)s and is_current and person_sk is not null
union all
select person_sk::text, '荣誉奖补', year::text, concat_ws(' ', town_name, village_name), honour,
    concat_ws('，', state, amount_yuan || '元')
from mart.honour
where county_code = %(county)s and person_sk is not null
order by 1, 2, 3, 4 nulls last, 5 nulls last, 6 nulls last
"""


def experts(conn: Connection, county_code: str) -> list[Expert]:
    """Return those who serve a county (6 digits)."""
    found = conn.execute(_EXPERTS, (county_code,))
    return [Expert(*row) for row in found]


def deeds(conn: Connection, county_code: str) -> dict[str, list[Deed]]:
    """Return what stands to the credit of each, by person."""
    found: dict[str, list[Deed]] = {}
    for row in conn.execute(_DEEDS, {"county": county_code}):
        deed = Deed(*row)
        found.setdefault(deed.person_sk, []).append(deed)
    return found
