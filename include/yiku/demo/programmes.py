"""People and programmes of Zhijin: recruited talent, returnees, leaders, talents, boards, honours, tasks, ranks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from yiku.demo.lists import Row
from yiku.demo.page import Mark
from yiku.demo.people import Person, days, make_id
from yiku.demo.tables import Table
from yiku.demo.talent import Talent
from yiku.demo.world import INDUSTRIES, County, Town

RETURNEES, FUNDS_YUAN, PAIRED_VILLAGES = 362, 65_917_000, 21
UNPLACED, NOWHERE = 3, "990101"  # returnees whose numbers begin with a region that no table knows
LEADERS, PROJECTS, TALENTS_A_TOWN = 240, 32, 4
HIGH_LEVEL, HIGH_LEVEL_YUAN, TEAMS, TEAM_SIZE, SCARCE = 12, 40_500, 5, 6, 60  # 102 persons by the green channel
_ITEMS = (("引才育才", 40), ("结对帮扶", 30), ("基地建设", 20), ("资料台账", 10))


def programme_tables(talent: Talent, rng: Random) -> Iterator[Table]:
    """Yield the tables of people and programmes."""
    county = talent.county
    locals_ = {t.code: [county.registry.helper() for _ in range(TALENTS_A_TOWN)] for t in county.towns}
    yield from _recruited(county)
    yield _led_projects(county)
    yield Table("T16", [_local(t, p, n) for t in county.towns for n, p in enumerate(locals_[t.code])])
    yield Table("T19", [_honour(t, p, n) for t in county.towns for n, p in enumerate(locals_[t.code])])
    yield Table("T20", [_care(t, locals_[t.code][0], n) for n, t in enumerate(county.towns)])
    yield Table("T21", list(_tasks(county)))
    yield Table("T22", list(_scores(county)))
    yield Table("T23", list(_platforms(county)))
    yield Table("T24", list(_shares(talent)))
    yield Table("T06h", list(_expert_homes(talent)))
    for n, town in enumerate(county.towns):
        yield Table("T07", list(_helped(town, locals_[town.code])), town)
        yield Table("T18", list(_boards(talent, town, locals_[town.code])), town)
        yield Table("T17", list(_leaders(county, town, n)), town)
    yield from _returnees(county, rng)


def _who(person: Person) -> Row:
    return {"name": person.name, "id_no": person.id_no, "sex": person.sex, "phone": person.phone}


def _home(town: Town, n: int = 0) -> Row:
    return {"town_name": town.name, "village_name": town.villages[n % len(town.villages)].name}


def _recruited(county: County) -> Iterator[Table]:
    kinds = [("绿色通道", "高层次", 1)] * HIGH_LEVEL + [("绿色通道", "急需紧缺", TEAM_SIZE)] * TEAMS
    kinds += [("绿色通道", "急需紧缺", 1)] * SCARCE + [("柔性引进", "核心专家", 1)] * 15 + [("一事一议", "拔尖", 1)] * 3
    rows = []
    for n, (route, kind, size) in enumerate(kinds):
        rows.append(
            _who(county.registry.helper())
            | {
                "route": route,
                "talent_type": kind,
                "is_team": size > 1,
                "team_size": size if size > 1 else None,
                "unit": ("县人民医院", "县农业技术推广站", "县第一中学", "县林业局")[n % 4],
                "project": "技术指导",
                "industry": INDUSTRIES[n % 4],
                "need_no": f"XQ2017{n % 20 + 1:03}",
                "recruited_on": date(2017, 1 + n % 9, 1 + n % 28),
                "years": 3 + n % 3,
                "paid_yuan": HIGH_LEVEL_YUAN if kind == "高层次" else 12_000,
                "paid_on": date(2017, 10, 20),
                "follower": "罗志远",
            }
        )
    yield Table("T02", rows)
    needs = [
        {
            "need_no": f"XQ2017{n + 1:03}",
            "unit": ("县人民医院", "县农业技术推广站", "县第一中学", "县林业局")[n % 4],
            "industry": INDUSTRIES[n % 4],
            "position": "技术骨干",
            "need": 6 + n % 3,
            "urgency": "急" if n % 2 else "一般",
            "year": 2017,
        }
        for n in range(20)
    ]
    yield Table("T02b", needs)


def _led_projects(county: County) -> Table:
    rows = []
    for n in range(PROJECTS + 6):
        town = county.towns[n % len(county.towns)]
        person = county.registry.helper()
        rows.append(
            _home(town, n)
            | {
                "project": f"{town.name}{('生态茶园', '核桃丰产园', '林下养鸡', '天麻种植')[n % 4]}{n + 1}期",
                "leader": person.name,
                "id_no": person.id_no,
                "phone": person.phone,
                "leader_kind": ("农技专家", "乡土人才", "事业单位人员", "退休干部")[n % 4],
                "how": ("领办", "创办", "协办")[n % 3],
                "project_class": "山地高效生态农业" if n < PROJECTS else "其他",
                "industry": "山地高效生态农业" if n < PROJECTS else "加工",
                "invest_yuan": 200_000 + 10_000 * n,
                "policies": ("信贷支持",),
                "households": 10 + n,
                "filed_on": date(2017, 3, 1) + timedelta(days=n),
                "state": "申报" if n < PROJECTS else "在建",
            }
        )
    return Table("T14", rows)


def _local(town: Town, person: Person, n: int) -> Row:
    titled = n % 2 == 0
    return (
        _home(town, n)
        | _who(person)
        | {
            "kind": ("种植", "养殖", "手工", "加工")[n % 4],
            "skill": ("茶叶加工", "生猪养殖", "苗族蜡染", "豆制品加工")[n % 4],
            "recognised_on": date(2016, 5, 10),
            "level": "乡",
            "title_name": "农艺师" if titled else None,
            "title_level": "中" if titled else None,
            "cert_no": f"ZJNY2016{person.id_no[6:14]}{n}" if titled else None,
            "in_training": n != 0,
            "in_support": n != 2,
        }
    )


def _honour(town: Town, person: Person, n: int) -> Row:
    return (
        _home(town, n)
        | _who(person)
        | {
            "honour": "基层人才补贴" if n else "乡土扶贫带富先锋",
            "year": 2017,
            "level": "县",
            "state": "表彰",
            "amount_yuan": 3600,
            "paid_on": date(2017, 9, 28),
            "doc_no": "织组通〔2017〕36号",
        }
    )


def _care(town: Town, person: Person, n: int) -> Row:
    return (
        _home(town)
        | _who(person)
        | {
            "care": ("走访慰问", "免费体检", "听取意见")[n % 3],
            "held_on": date(2017, 9, 1) + timedelta(days=n),
            "dimension": "生活",
            "content": "节前看望",
            "result": "已办结",
        }
    )


def _tasks(county: County) -> Iterator[Row]:
    for n, town in enumerate(county.towns):
        yield {
            "level": "乡",
            "war_zone": f"第{n % 4 + 1}战区",
            "area": town.name,
            "commander": "罗志远",
            "goal": "人才扶贫全覆盖",
            "stage": "结对到户",
            "year_plan": "户户有技术员",
            "measure": "逐村逐户结对",
            "indicator": "trained_persons",
            "start_on": date(2017, 1, 1),
            "due": date(2017, 12, 31),
            "progress": f"{(95, 84, 60, 100)[n % 4]}%",
        }


def _scores(county: County) -> Iterator[Row]:
    for n, town in enumerate(county.towns):
        for m, (item, weight) in enumerate(_ITEMS):
            yield {
                "unit": town.name,
                "round": "2017年度",
                "item": item,
                "weight": f"{weight}%",
                "score": 80 + (n * 7 + m * 3) % 20,
                "full": 100,
                "result_use": "评先选优" if n % 8 == 0 else "无",
                "evidence": "考核组现场打分",
                "kind": "目标责任",
            }


def _platforms(county: County) -> Iterator[Row]:
    kinds = ("农业园区", "乡镇创业园区", "产业集聚区", "专家科研示范基地", "人才培训示范基地")
    for n, town in enumerate(county.towns[:15]):
        kind = kinds[n % len(kinds)]
        yield {
            "kind": kind,
            "level": "乡",
            "name": f"{town.name}{kind}",
            "place": f"{town.name}{town.villages[0].name}",
            "industry": INDUSTRIES[n % 4],
            "carrier": f"{town.name}人民政府",
            "built_on": date(2016, 10, 1),
        }


def _shares(talent: Talent) -> Iterator[Row]:
    for n, expert in enumerate(talent.experts[:8]):
        code = f"91520524MA8{n:05}X"
        yield {
            "expert": expert.person.name,
            "entity": f"织金{expert.industry}开发有限公司{n + 1}部",
            "uscc": code + uscc.calc_check_digit(code),
            "technology": f"{expert.industry}标准化生产技术",
            "share_pct": f"{5 + n}%",
            "value_yuan": 100_000 + 10_000 * n,
            "signed_on": date(2017, 4, 1 + n),
        }


def _expert_homes(talent: Talent) -> Iterator[Row]:
    for town in talent.county.towns:
        for home in town.households[:5]:
            yield {
                "town_name": town.name,
                "village_name": home.village.name,
                "household_no": home.number,
                "head_name": home.head.name,
                "expert": _expert_of(talent, town),
                "services": ("技术指导",),
                "forms": ("对口帮扶",),
                "valid_from": date(2017, 4, 1),
            }


def _expert_of(talent: Talent, town: Town) -> str:
    return talent.experts[8 + talent.county.towns.index(town)].person.name


def _helped(town: Town, locals_: list[Person]) -> Iterator[Row]:
    for n, home in enumerate(town.households[:5]):
        yield {
            "town_name": town.name,
            "village_name": home.village.name,
            "household_no": home.number,
            "head_name": home.head.name,
            "talent": locals_[n % len(locals_)].name,
            "helper_kind": "乡土人才",
            "help": ("帮技术",),
            "content": "上门指导",
            "valid_from": date(2017, 4, 10),
        }


def _boards(talent: Talent, town: Town, locals_: list[Person]) -> Iterator[Row]:
    """Hang a board on each paired household; one in each fourth town still shows somebody else."""
    for n, home in enumerate(town.households[:5]):
        outdated = n == 0 and talent.county.towns.index(town) % 4 == 0
        yield {
            "town_name": town.name,
            "village_name": home.village.name,
            "household_no": home.number,
            "head_name": home.head.name,
            "board_no": f"MS{town.code[-3:]}{n + 1:03}",
            "expert": _expert_of(talent, town),
            "unit": "县农业技术推广站",
            "expert_phone": "0857-7620000",
            "talent": locals_[(n + outdated) % len(locals_)].name,
            "industry": "茶叶",
            "content": "技术指导、上门服务",
            "hung_on": date(2017, 5, 2),
            "position": "大门左侧",
            "checked_on": date(2017, 10, 12),
            "board_state": "已挂",
        }


def _leaders(county: County, town: Town, n: int) -> Iterator[Row]:
    towns = len(county.towns)
    for m in range(LEADERS * (n + 1) // towns - LEADERS * n // towns):
        yield (
            _home(town, m)
            | _who(county.registry.helper())
            | {
                "industry": INDUSTRIES[m % 4],
                "batch": f"2017年第{m % 3 + 1}期",
                "how": "集中培训" if m % 2 else "现场指导",
                "trained_on": date(2017, 6, 1 + m),
                "households": 5 + m,
                "income_yuan": 80_000 + 5_000 * m,
            }
        )


def _returnees(county: County, rng: Random) -> Iterator[Table]:
    """Let every town send its returnees; what they brought back adds up to the source's figure exactly."""
    funds = [100_000 + 1_000 * ((n * 37) % 165) for n in range(RETURNEES - 1)]
    funds.append(FUNDS_YUAN - sum(funds))
    paired: list[str] = []  # no two of one name
    for town in county.towns[:PAIRED_VILLAGES]:
        paired.append(next(v.name for v in reversed(town.villages) if v.name not in paired))
    towns = len(county.towns)
    n = 0
    for at, town in enumerate(county.towns):
        rows: list[Row] = []
        for _ in range(RETURNEES * (at + 1) // towns - RETURNEES * at // towns):
            rows.append(
                _home(town, n)
                | _who(county.registry.helper())
                | {
                    "from_place": ("浙江省杭州市", "广东省广州市", "贵州省贵阳市")[n % 3],
                    "returned_on": days(date(2014, 3, 1), date(2017, 6, 30), rng),
                    "project": ("茶叶加工厂", "生态养殖场", "农家乐", "建材门店")[n % 4],
                    "funds_yuan": funds[n],
                    "paired_village": paired[at] if at < PAIRED_VILLAGES and len(rows) == 0 else None,
                    "jobs": 3 + n % 10,
                }
            )
            n += 1
        table = Table("T15", rows, town)
        if at < UNPLACED:
            rows[0]["id_no"] = make_id(NOWHERE, date(1978, 3, 5 + at), rows[0]["sex"])
            table.marks[0] = [Mark("I16", "W", "id_no")]
        yield table
