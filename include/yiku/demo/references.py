"""What a county tells once for all.

Its towns, its villages, the register of the poor, the year's targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yiku.demo.occupations import Roles
from yiku.demo.people import Household, Resident, Village
from yiku.demo.rows import Row, person_columns, place_and_household, share
from yiku.demo.world import INDUSTRIES, County, Town

TOWNS_NOT_EXITED = 6
POOR_PER_MILLE = 198
INDICATORS = (
    ("trained_persons", "就业培训人数", 1690, "人"),
    ("training_subsidy_yuan", "培训补贴资金", 1624000, "元"),
    ("posts", "公益性岗位安置人数", 300, "人"),
    ("placements", "职业介绍人数", 300, "人"),
    ("job_fairs", "专场招聘会场次", 9, "场"),
    ("student_founders", "贫困家庭大学生创业人数", 5, "人"),
    ("bases", "就业扶贫基地数", 10, "个"),
    ("demo_villages", "就业扶贫示范村数", 9, "个"),
)
GOALS = (  # of Zhijin, which published no numbers
    ("service_experts", "引进优秀服务专家队伍", "人"),
    ("leaders", "培育农村致富带头人", "人"),
    ("demo_sites", "打造人才扶贫示范点", "个"),
    ("lead_industries", "发展主导特色产业", "个"),
    ("led_households", "带动贫困户脱贫致富", "户"),
    ("high_level_talents", "引进高层次人才", "人"),
    ("scarce_talents", "引进急需紧缺人才", "人"),
    ("recruited_experts", "引进优秀专家", "人"),
    ("new_leaders", "新增致富带头人", "人"),
    ("taught_poor", "教育培训贫困群众", "人"),
)


# Wangcang is behind two of its three: a county that has something to act on.
AMBITIONS = (
    ("trained_persons", "就业培训人数", 320, "人"),
    ("transferred_persons", "转移就业人数", 240, "人"),
    ("posts", "公益性岗位安置人数", 40, "人"),
)


def targets(
    county: County,
    indicators: Sequence[tuple[str, str, int, str]] = INDICATORS,
) -> list[Row]:
    """Return the county's targets and those of its towns, which add up to them."""
    rows = []
    count = len(county.towns)
    for code, name, total, uom in indicators:
        rows.append(_target(code, name, county.plan.name, total, uom))
        for position, town in enumerate(county.towns):
            rows.append(
                _target(
                    code, name, town.name, share(total, position, count), uom
                )
            )
    return rows


def goals(county: County) -> list[Row]:
    """Return the county's goals, none of which has a number."""
    return [
        _target(code, name, county.plan.name, None, uom)
        for code, name, uom in GOALS
    ]


def _target(
    code: str, name: str, unit: str, value: int | None, uom: str
) -> Row:
    return {
        "year": 2017,
        "indicator": code,
        "indicator_name": name,
        "unit": unit,
        "target": value,
        "uom": uom,
        "due": date(2017, 12, 31),
        "owner": "何建国",
        "kind": "计划",
    }


def village_rows(county: County) -> list[Row]:
    """Return the county's list of villages.

    As many are poor, and deeply poor, as its plan says.
    """
    rows = []
    for position, town in enumerate(county.towns):
        for number, village in enumerate(
            (*town.villages, *town.paired_villages)
        ):
            rows.append(_village(county, town, position, number, village))
    poor = [row for row in rows if row["is_poor"]]
    for position, row in enumerate(poor):
        row["is_deep"] = _is_deep(county, position, len(poor))
    return rows


def _village(
    county: County, town: Town, position: int, number: int, village: Village
) -> Row:
    is_paired = number >= len(town.villages)
    east, north = county.plan.centre
    # towns on a grid of six columns, their villages close to them in rows of three
    town_east = (position % 6 - 2.5) * 0.08
    town_north = (position // 6 - 2) * 0.07
    return {
        "village_code": village.code,
        "village_name": village.name,
        "town_code": village.town_code,
        "town_name": village.town,
        "is_poor": _is_poor(county, position, number, is_paired),
        "is_deep": False,
        "industries": _industries(number, is_paired),
        "lon": round(east + town_east + (number % 3) * 0.02, 4),
        "lat": round(north + town_north + (number // 3) * 0.015, 4),
        "war_zone": _war_zone(position),
        "valid_from": date(2010, 1, 1),
    }


def _war_zone(position: int) -> str:
    return f"第{position % 4 + 1}战区"


def _industries(number: int, is_paired: bool) -> tuple[str, ...]:
    if is_paired:
        return INDUSTRIES
    return ("茶叶", "核桃") if number % 2 else ("绿色生态畜禽",)


def _is_poor(county: County, town: int, number: int, is_paired: bool) -> bool:
    plan = county.plan
    if plan.poor is None:
        return number % 2 == 0
    if plan.poor == plan.paired_villages:
        return is_paired
    # all but the first village of as many towns as the plan leaves over
    villages = len(county.towns) * plan.villages + plan.paired_villages
    spared = villages - plan.poor
    return not (number == 0 and town < spared)


def _is_deep(county: County, position: int, count: int) -> bool:
    if not county.plan.deep:
        return position % 3 == 0
    return share(county.plan.deep, position, count) > 0


def town_rows(county: County) -> list[Row]:
    """Return the county's list of towns.

    In Zhijin six have not exited and 19.8 % of the people are poor.
    """
    return [
        _town(county, number, town) for number, town in enumerate(county.towns)
    ]


def _town(county: County, number: int, town: Town) -> Row:
    is_zhijin = county.code == "520524"
    # the other counties left poverty as a whole
    has_exited = not is_zhijin or number >= TOWNS_NOT_EXITED
    rural = 20000 + 500 * number
    poor = rural * POOR_PER_MILLE // 1000 if is_zhijin else len(town.residents)
    return {
        "town_code": town.code,
        "town_name": town.name,
        "kind": "街道" if town.name.endswith("街道") else town.name[-1],
        "is_poor": number % 4 == 0 or not has_exited,
        "exit_state": "已摘帽" if has_exited else "未摘帽",
        "exit_year": 2016 if has_exited else None,
        "rural_population": rural,
        "poor_population": poor,
        "war_zone": _war_zone(number),
        "valid_from": date(2010, 1, 1),
    }


def household_rows(county: County) -> list[Row]:
    """Return the register of poor households."""
    rows = []
    for town in county.towns:
        for number, home in enumerate((*town.households, *town.paired_homes)):
            rows.append(_household(number, home))
    return rows


def _household(number: int, home: Household) -> Row:
    # the dead stay in the register, and count no more
    living = [person for person in home.members if person.state == "在册"]
    of_census = "茶叶" if number % 3 else "绿色生态畜禽"
    industry = home.industry or of_census
    facts = {
        "attr": "一般",
        "cause": "缺技术" if number % 2 else "缺资金",
        "member_count": len(living),
        "in_year": 2014,
        "exit_year": 2016 if home.exited else None,
        "poverty_status": home.poverty_status,
        "industries": (industry,),
    }
    return place_and_household(Resident(home.head, home)) | facts


def member_rows(county: County, roles: Roles) -> list[Row]:
    """Return the register of poor persons."""
    return [_member(resident, roles) for resident in county.register()]


def _member(resident: Resident, roles: Roles) -> Row:
    person = resident.person
    facts = {
        "school": person.school,
        "health": person.health,
        "labour_capacity": person.labour,
        "work_region": roles.work(person.id_no).get("region"),
        "member_state": person.state,
    }
    return person_columns(resident) | facts
