"""People and programmes of Zhijin.

Recruited talent, returnees, leaders, talents, boards, honours, tasks, ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from yiku.demo.official_tables import Table, village_in_turn
from yiku.demo.people import Person
from yiku.demo.returnees import returnees
from yiku.demo.rows import (
    Row,
    credit_code,
    household_columns,
    identity_columns,
    in_turn,
    share,
)
from yiku.demo.talent import Expert, Talent
from yiku.demo.world import INDUSTRIES, County, Town

LEADERS = 240
PROJECTS = 32
OTHER_PROJECTS = 6
TALENTS_A_TOWN = 4
# 102 persons by the green channel: singles, teams, singles
HIGH_LEVEL = 12
HIGH_LEVEL_YUAN = 40_500
TEAMS = 5
TEAM_SIZE = 6
SCARCE = 60
NEEDS = 20
PAIRED_HOMES = 5  # in each town
_ITEMS = (
    ("引才育才", 40),
    ("结对帮扶", 30),
    ("基地建设", 20),
    ("资料台账", 10),
)
_UNITS = ("县人民医院", "县农业技术推广站", "县第一中学", "县林业局")
_PLATFORMS = (
    "农业园区",
    "乡镇创业园区",
    "产业集聚区",
    "专家科研示范基地",
    "人才培训示范基地",
)

Locals = dict[str, list[Person]]  # local talents by town code


def programme_tables(talent: Talent, rng: Random) -> Iterator[Table]:
    """Yield the tables of people and programmes."""
    county = talent.county
    locals_: Locals = {}
    for town in county.towns:
        locals_[town.code] = [
            county.registry.helper() for _number in range(TALENTS_A_TOWN)
        ]
    recruited = list(_recruited(county))
    yield Table("T02", recruited)
    needs = [_need(number) for number in range(NEEDS)]
    yield Table("T02b", needs)
    yield _led_projects(county)
    recognised = [_local(*local) for local in _each_local(county, locals_)]
    yield Table("T16", recognised)
    honours = [_honour(*local) for local in _each_local(county, locals_)]
    yield Table("T19", honours)
    cares = list(_cares(county, locals_))
    yield Table("T20", cares)
    tasks = [_task(town, number) for number, town in enumerate(county.towns)]
    yield Table("T21", tasks)
    scores = list(_scores(county))
    yield Table("T22", scores)
    with_platform = enumerate(county.towns[:15])
    platforms = [_platform(town, number) for number, town in with_platform]
    yield Table("T23", platforms)
    holders = enumerate(talent.experts[:8])
    shares = [_share(expert, number) for number, expert in holders]
    yield Table("T24", shares)
    homes = list(_expert_homes(talent))
    yield Table("T06h", homes)
    for position, town in enumerate(county.towns):
        yield from _town_tables(talent, town, position, locals_[town.code])
    yield from returnees(county, rng)


def _town_tables(
    talent: Talent, town: Town, position: int, locals_: list[Person]
) -> Iterator[Table]:
    """Yield what each town sends by itself."""
    helped = list(_helped(town, locals_))
    yield Table("T07", helped, town)
    boards = list(_boards(talent, town, locals_))
    yield Table("T18", boards, town)
    leaders = list(_leaders(talent.county, town, position))
    yield Table("T17", leaders, town)


def _each_local(
    county: County, locals_: Locals
) -> Iterator[tuple[Town, Person, int]]:
    """Yield every local talent with the town and the number there."""
    for town in county.towns:
        for number, person in enumerate(locals_[town.code]):
            yield town, person, number


def _recruited(county: County) -> Iterator[Row]:
    kinds = [("绿色通道", "高层次", 1)] * HIGH_LEVEL
    kinds += [("绿色通道", "急需紧缺", TEAM_SIZE)] * TEAMS
    kinds += [("绿色通道", "急需紧缺", 1)] * SCARCE
    kinds += [("柔性引进", "核心专家", 1)] * 15
    kinds += [("一事一议", "拔尖", 1)] * 3
    for number, (route, kind, size) in enumerate(kinds):
        is_team = size > 1
        yield identity_columns(county.registry.helper()) | {
            "route": route,
            "talent_type": kind,
            "is_team": is_team,
            "team_size": size if is_team else None,
            "unit": in_turn(_UNITS, number),
            "project": "技术指导",
            "industry": in_turn(INDUSTRIES, number),
            "need_no": _need_no(number % NEEDS),
            "recruited_on": date(2017, 1 + number % 9, 1 + number % 28),
            "years": 3 + number % 3,
            "paid_yuan": HIGH_LEVEL_YUAN if kind == "高层次" else 12_000,
            "paid_on": date(2017, 10, 20),
            "follower": "罗志远",
        }


def _need_no(number: int) -> str:
    return f"XQ2017{number + 1:03}"


def _need(number: int) -> Row:
    return {
        "need_no": _need_no(number),
        "unit": in_turn(_UNITS, number),
        "industry": in_turn(INDUSTRIES, number),
        "position": "技术骨干",
        "need": 6 + number % 3,
        "urgency": "急" if number % 2 else "一般",
        "year": 2017,
    }


def _led_projects(county: County) -> Table:
    rows = []
    for number in range(PROJECTS + OTHER_PROJECTS):
        town = in_turn(county.towns, number)
        leader = county.registry.helper()
        rows.append(_led_project(town, leader, number))
    return Table("T14", rows)


def _led_project(town: Town, leader: Person, number: int) -> Row:
    # the source's figure counts the projects of one class alone
    is_counted = number < PROJECTS
    kind = in_turn(("生态茶园", "核桃丰产园", "林下养鸡", "天麻种植"), number)
    return village_in_turn(town, number) | {
        "project": f"{town.name}{kind}{number + 1}期",
        "leader": leader.name,
        "id_no": leader.id_no,
        "phone": leader.phone,
        "leader_kind": in_turn(
            ("农技专家", "乡土人才", "事业单位人员", "退休干部"), number
        ),
        "how": in_turn(("领办", "创办", "协办"), number),
        "project_class": "山地高效生态农业" if is_counted else "其他",
        "industry": "山地高效生态农业" if is_counted else "加工",
        "invest_yuan": 200_000 + 10_000 * number,
        "policies": ("信贷支持",),
        "households": 10 + number,
        "filed_on": date(2017, 3, 1) + timedelta(days=number),
        "state": "申报" if is_counted else "在建",
    }


def _local(town: Town, person: Person, number: int) -> Row:
    has_title = number % 2 == 0
    certificate = f"ZJNY2016{person.id_no[6:14]}{number}"
    facts = {
        "kind": in_turn(("种植", "养殖", "手工", "加工"), number),
        "skill": in_turn(
            ("茶叶加工", "生猪养殖", "苗族蜡染", "豆制品加工"), number
        ),
        "recognised_on": date(2016, 5, 10),
        "level": "乡",
        "title_name": "农艺师" if has_title else None,
        "title_level": "中" if has_title else None,
        "cert_no": certificate if has_title else None,
        "in_training": number != 0,
        "in_support": number != 2,
    }
    return village_in_turn(town, number) | identity_columns(person) | facts


def _honour(town: Town, person: Person, number: int) -> Row:
    facts = {
        "honour": "基层人才补贴" if number else "乡土扶贫带富先锋",
        "year": 2017,
        "level": "县",
        "state": "表彰",
        "amount_yuan": 3600,
        "paid_on": date(2017, 9, 28),
        "doc_no": "织组通〔2017〕36号",
    }
    return village_in_turn(town, number) | identity_columns(person) | facts


def _cares(county: County, locals_: Locals) -> Iterator[Row]:
    """Yield what a town did for one of its local talents."""
    for number, town in enumerate(county.towns):
        facts = {
            "care": in_turn(("走访慰问", "免费体检", "听取意见"), number),
            "held_on": date(2017, 9, 1) + timedelta(days=number),
            "dimension": "生活",
            "content": "节前看望",
            "result": "已办结",
        }
        person = locals_[town.code][0]
        yield village_in_turn(town) | identity_columns(person) | facts


def _task(town: Town, number: int) -> Row:
    return {
        "level": "乡",
        "war_zone": f"第{number % 4 + 1}战区",
        "area": town.name,
        "commander": "罗志远",
        "goal": "人才扶贫全覆盖",
        "stage": "结对到户",
        "year_plan": "户户有技术员",
        "measure": "逐村逐户结对",
        "indicator": "trained_persons",
        "start_on": date(2017, 1, 1),
        "due": date(2017, 12, 31),
        "progress": in_turn(("95%", "84%", "60%", "100%"), number),
    }


def _scores(county: County) -> Iterator[Row]:
    for number, town in enumerate(county.towns):
        for position, (item, weight) in enumerate(_ITEMS):
            yield {
                "unit": town.name,
                "round": "2017年度",
                "item": item,
                "weight": f"{weight}%",
                "score": 80 + (number * 7 + position * 3) % 20,
                "full": 100,
                "result_use": "无" if number % 8 else "评先选优",
                "evidence": "考核组现场打分",
                "kind": "目标责任",
            }


def _platform(town: Town, number: int) -> Row:
    kind = in_turn(_PLATFORMS, number)
    return {
        "kind": kind,
        "level": "乡",
        "name": f"{town.name}{kind}",
        "place": f"{town.name}{town.villages[0].name}",
        "industry": in_turn(INDUSTRIES, number),
        "carrier": f"{town.name}人民政府",
        "built_on": date(2016, 10, 1),
    }


def _share(expert: Expert, number: int) -> Row:
    return {
        "expert": expert.person.name,
        "entity": f"织金{expert.industry}开发有限公司{number + 1}部",
        "uscc": credit_code("91", "520524", "MA8", number),
        "technology": f"{expert.industry}标准化生产技术",
        "share_pct": f"{5 + number}%",
        "value_yuan": 100_000 + 10_000 * number,
        "signed_on": date(2017, 4, 1 + number),
    }


def _expert_homes(talent: Talent) -> Iterator[Row]:
    for town in talent.county.towns:
        for home in town.households[:PAIRED_HOMES]:
            yield household_columns(home) | {
                "expert": _expert_of(talent, town),
                "services": ("技术指导",),
                "forms": ("对口帮扶",),
                "valid_from": date(2017, 4, 1),
            }


def _expert_of(talent: Talent, town: Town) -> str:
    # behind the eight of the province, who keep to their shares
    position = talent.county.towns.index(town)
    return talent.experts[8 + position].person.name


def _helped(town: Town, locals_: list[Person]) -> Iterator[Row]:
    for number, home in enumerate(town.households[:PAIRED_HOMES]):
        yield household_columns(home) | {
            "talent": in_turn(locals_, number).name,
            "helper_kind": "乡土人才",
            "help": ("帮技术",),
            "content": "上门指导",
            "valid_from": date(2017, 4, 10),
        }


def _boards(
    talent: Talent, town: Town, locals_: list[Person]
) -> Iterator[Row]:
    """Hang a board on each paired household.

    One in each fourth town still shows somebody else.
    """
    position = talent.county.towns.index(town)
    for number, home in enumerate(town.households[:PAIRED_HOMES]):
        is_outdated = number == 0 and position % 4 == 0
        shown = in_turn(locals_, number + 1 if is_outdated else number)
        yield household_columns(home) | {
            "board_no": f"MS{town.code[-3:]}{number + 1:03}",
            "expert": _expert_of(talent, town),
            "unit": "县农业技术推广站",
            "expert_phone": "0857-7620000",
            "talent": shown.name,
            "industry": "茶叶",
            "content": "技术指导、上门服务",
            "hung_on": date(2017, 5, 2),
            "position": "大门左侧",
            "checked_on": date(2017, 10, 12),
            "board_state": "已挂",
        }


def _leaders(county: County, town: Town, position: int) -> Iterator[Row]:
    for number in range(share(LEADERS, position, len(county.towns))):
        facts = {
            "industry": in_turn(INDUSTRIES, number),
            "batch": f"2017年第{number % 3 + 1}期",
            "how": "集中培训" if number % 2 else "现场指导",
            "trained_on": date(2017, 6, 1 + number),
            "households": 5 + number,
            "income_yuan": 80_000 + 5_000 * number,
        }
        person = county.registry.helper()
        yield village_in_turn(town, number) | identity_columns(person) | facts
