"""What helpers did: consultations, prescriptions and visits in Wangcang; orders, sessions and bases in Zhijin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from yiku.demo.lists import Row
from yiku.demo.page import Mark
from yiku.demo.people import days
from yiku.demo.tables import Table
from yiku.demo.talent import GROUPS, Talent
from yiku.demo.world import INDUSTRIES, County, Town

CONSULTATIONS = 2250
PRESCRIPTIONS = ((77, 30), (20, 29))  # villages, each
_PARTS = {
    "茶叶": "冬季清园除草|三月重修剪|亩施有机肥三百公斤|黄板诱杀小绿叶蝉|分批采摘嫩芽|秋季深耕二十厘米|茶行间套种绿肥|"
    "喷施石硫合剂封园|及时排除园内积水|补植缺窝断垄|夏季覆草保墒|轮采养蓬",
    "核桃": "萌芽前刮除老翘皮|树干涂白防冻|亩施复合肥五十公斤|疏除过密枝条|人工捡拾落果深埋|高接换优良种|"
    "五月喷波尔多液|扩穴改土|花期辅助授粉|挂频振灯诱杀举肢蛾|采后增施基肥|树盘中耕除草",
    "绿色生态畜禽": "圈舍每周消毒两次|春秋两季免疫接种|分群饲养控制密度|饲料中添加益生菌|粪污干湿分离|"
    "病畜隔离观察|自配青贮饲料|定期驱除体内寄生虫|更换饮水设施|引进良种公畜|做好夏季防暑|建立养殖档案",
    "道地中药材": "起垄栽培防积水|选用脱毒种苗|亩施腐熟农家肥|轮作倒茬两年以上|人工除草三次|"
    "摘除花薹促根|拌种防治根腐病|秋末覆膜保温|遮阴网遮光一半|适期采挖晾晒|石灰调酸改土|雨后扶苗培土",
}
_SYMPTOMS = ("叶片发黄", "长势偏弱", "病虫偏重", "产量下降", "品质不高", "成活率低")
_PROBLEMS = ("叶片出现褐斑如何处理", "幼苗成片枯死怎么办", "秋季怎样施肥", "圈舍气味大如何改善", "产量低是什么原因")


def county_tables(talent: Talent, rng: Random) -> Iterator[Table]:
    """Yield what one county's helpers did."""
    if talent.groups:
        yield _consultations(talent, rng)
        yield from _prescriptions(talent, rng)
    else:
        yield _orders(talent)
        yield _sessions(talent, rng)
        yield from _bases(talent.county, talent)


def _consultations(talent: Talent, rng: Random) -> Table:
    villages = [v for t in talent.county.towns for v in t.paired_villages]
    rows = []
    for n in range(CONSULTATIONS):
        village, industry = villages[n % len(villages)], INDUSTRIES[n % len(INDUSTRIES)]
        asked = days(date(2017, 1, 5), date(2017, 11, 10), rng)
        group = talent.groups[industry]
        rows.append(
            {
                "town_name": village.town,
                "village_name": village.name,
                "case_no": f"HZ2017{n + 1:05}",
                "asked_on": asked,
                "asker": "何建国",
                "industry": industry,
                "problem": f"{industry}{rng.choice(_PROBLEMS)}",
                "urgency": "一般" if n % 5 else "急",
                "group_name": GROUPS[industry],
                "triaged_at": asked,
                "experts": (group[n % len(group)].person.name,),
                "mode": "远程",
                "answered_on": asked + timedelta(days=n % 4 % 3),
                "advice": f"建议{rng.choice(_PARTS[industry].split('|'))}",
                "case_state": "已解决" if n % 3 else "已答复",
            }
        )
    return Table("T08", rows)


def _prescriptions(talent: Talent, rng: Random) -> Iterator[Table]:
    """Prescribe for every village and industry, and carry part of it out with the paired technicians."""
    counts = [each for villages, each in PRESCRIPTIONS for _ in range(villages)]
    used: set[tuple[str, ...]] = set()
    helpers = {h.number: t for t, h, _ in talent.pairs}
    number = 0
    for town in talent.county.towns:
        table, visits = Table("T09", [], town), Table("T10", [], town)
        for village in town.paired_villages:
            for n in range(counts.pop(0)):
                number += 1
                row = _prescription(talent, village.code, INDUSTRIES[n % len(INDUSTRIES)], number, used, rng)
                row |= {"town_name": village.town, "village_name": village.name}
                table.rows.append(row)
                homes = [h for h in town.paired_homes if h.village is village and h.industry == row["industry"]]
                home = homes[n % len(homes)]
                if n % 2 == 0:
                    visits.rows.append(_visit(row, home.number, home.head.name, helpers[home.number].person.name, rng))
        if town is talent.county.towns[1]:
            _copy(table, used)
        yield table
        yield visits


def _prescription(
    talent: Talent, village: str, industry: str, number: int, used: set[tuple[str, ...]], rng: Random
) -> Row:
    parts = tuple(sorted(rng.sample(_PARTS[industry].split("|"), 5)))
    while parts in used:
        parts = tuple(sorted(rng.sample(_PARTS[industry].split("|"), 5)))
    used.add(parts)
    said = rng.sample(parts, len(parts))
    return {
        "rx_no": f"CF2017{number:05}",
        "industry": industry,
        "expert": talent.teams[village][0].person.name,
        "issued_on": days(date(2017, 3, 1), date(2017, 8, 31), rng),
        "symptom": f"{industry}{_SYMPTOMS[number % len(_SYMPTOMS)]}",
        "measures": "；".join(said) + "。",
        "households": 30 + number % 20,
    }


def _copy(table: Table, used: set[tuple[str, ...]]) -> None:
    """Let the last prescription of a town be the first one's, word for word, in another village."""
    first, last = table.rows[0], table.rows[-1]
    last |= {"measures": first["measures"], "industry": first["industry"], "issued_on": date(2017, 9, 10)}
    table.marks[len(table.rows) - 1] = [Mark("K71", "W", None)]


def _visit(prescription: Row, number: str, head: str, technician: str, rng: Random) -> Row:
    return {
        "town_name": prescription["town_name"],
        "village_name": prescription["village_name"],
        "household_no": number,
        "head_name": head,
        "rx_no": prescription["rx_no"],
        "technician": technician,
        "visited_on": days(date(2017, 9, 1), date(2017, 11, 5), rng),
        "execution": rng.choice(("已落实", "已落实", "已落实", "部分")),
        "effect": "长势好转",
        "signed": True,
    }


def _orders(talent: Talent) -> Table:
    experts = [e for e in talent.experts if e.level == "县"]
    table = Table("T11", [_order(town, n, experts[n % len(experts)].person.name) for n, town in _twice(talent.county)])
    spoilt = _order(talent.county.towns[0], 90, experts[0].person.name)
    spoilt |= {"dept": None, "accepted_on": None}
    table.spoil(spoilt, Mark("R01", "Q", "accepted_on"), Mark("K65", "Q", "dept"))  # delivered, though nobody accepted
    return table


def _twice(county: County) -> Iterator[tuple[int, Town]]:
    yield from enumerate([*county.towns, *county.towns])


def _order(town: Town, n: int, expert: str) -> Row:
    asked = date(2017, 4, 1) + timedelta(days=n * 2)
    done = n % 4 != 3
    return {
        "town_name": town.name,
        "village_name": town.villages[n % len(town.villages)].name,
        "order_no": f"DD2017{n + 1:04}",
        "requester": f"{town.villages[n % len(town.villages)].name}民委员会",
        "persons": 25 + n % 20,
        "wanted": (INDUSTRIES[n % len(INDUSTRIES)],),
        "wanted_on": asked + timedelta(days=30),
        "ordered_on": asked,
        "dept": ("农牧", "扶贫", "林业", "人社")[n % 4],
        "accepted_on": asked + timedelta(days=2 + n % 5),
        "planned_on": asked + timedelta(days=20),
        "expert": expert if done else None,
        "delivered_on": asked + timedelta(days=15 + n % 10) if done else None,
        "attended": 24 + n % 20 if done else None,
        "place": f"{town.name}便民服务中心" if done else None,
    }


def _sessions(talent: Talent, rng: Random) -> Table:
    """Teach on three steps: large experts small ones, small ones local ones, local ones poor households."""
    by_level = {level: [e for e in talent.experts if e.level == level] for level in "省市县乡村"}
    rows = []
    poor = [r.person for t in talent.county.towns for r in t.labourers]
    steps = (
        ("大带小", "省", [e.person for e in by_level["县"]], "小专家"),
        ("小带土", "县", [e.person for e in by_level["村"]], "土专家"),
    )
    for n in range(24):
        cascade, level, people, kind = (*steps, ("土带群众", "乡", poor, "贫困群众"))[n % 3]
        teacher = by_level[level][n % len(by_level[level])]
        town = talent.county.towns[n % len(talent.county.towns)]
        for person in rng.sample(people, 10):
            rows.append(
                {
                    "name": person.name,
                    "id_no": person.id_no,
                    "sex": person.sex,
                    "phone": person.phone,
                    "session_no": f"SD2017{n + 1:03}",
                    "order_no": f"DD2017{n + 1:04}",
                    "town_name": town.name,
                    "village_name": town.villages[0].name,
                    "cascade": cascade,
                    "teacher": teacher.person.name,
                    "teacher_level": level,
                    "held_on": date(2017, 9, 1) + timedelta(days=n),
                    "place": f"{town.name}实训示范基地",
                    "topic": f"{teacher.industry}实用技术",
                    "hours": 6,
                    "trainee_kind": kind,
                }
            )
    table = Table("T12", rows)
    taught = by_level["村"][0].person
    equal = rows[2] | {"name": taught.name, "id_no": taught.id_no, "sex": taught.sex, "phone": taught.phone}
    equal |= {"session_no": "SD2017099", "teacher_level": "乡", "trainee_kind": "土专家", "cascade": "小带土"}
    # a teacher no higher than the trainee, and of no level for such a session
    table.spoil(equal, Mark("K66", "Q", "trainee_kind"), Mark("K79", "W", "teacher_level"))
    return table


def _bases(county: County, talent: Talent) -> Iterator[Table]:
    bases, homes = Table("T13", []), Table("T13h", [])
    for n, town in enumerate(county.towns[:12]):
        base = _base(county, town, n, talent.experts[n % 8].person.name)
        bases.rows.append(base)
        for m, home in enumerate(town.households):
            homes.rows.append(
                {
                    "town_name": town.name,
                    "village_name": home.village.name,
                    "household_no": home.number,
                    "head_name": home.head.name,
                    "base_name": base["base_name"],
                    "how": "入股" if m % 2 else "务工",
                    "share_yuan": 1000 + 100 * m,
                    "valid_from": date(2017, 3, 1),
                }
            )
    extra = _base(county, county.towns[12], 12, talent.experts[0].person.name)
    bases.spoil(extra | {"c5": False}, Mark("K67", "Q", "c5"))  # a site chosen without all six criteria
    extra = _base(county, county.towns[13], 13, talent.experts[1].person.name)
    bases.spoil(extra | {"effect": "一般", "award_yuan": 80000}, Mark("K69", "Q", "award_yuan"))  # no effect, an award
    yield bases
    yield homes


def _base(county: County, town: Town, n: int, expert: str) -> Row:
    industry = INDUSTRIES[n % len(INDUSTRIES)]
    code = f"93{county.code}MA7{n:05}X"
    row: Row = {
        "town_name": town.name,
        "village_name": town.villages[0].name,
        "base_name": f"{town.name}{industry}示范基地",
        "year": 2017,
        "industry": industry,
        "layer": ("点", "线", "面")[n % 3],
        "entity": f"{town.name}{industry}专业合作社",
        "uscc": code + uscc.calc_check_digit(code),
        "scale": 200 + 10 * n,
        "uom": "亩",
        "expert": expert,
        "households": len(town.households),
        "share_households": len(town.households) // 2,
        "project_no": f"织扶项〔2017〕{n + 1}号",
        "score": 86 + n % 10,
        "selected_on": date(2017, 2, 10),
        "effect": "明显",
        "assessed_on": date(2017, 10, 20),
        "award_yuan": 50000 if n < 4 else None,
    }
    for c in range(1, 7):
        row |= {f"c{c}": True, f"c{c}_evidence": "见申报材料"}
    return row
