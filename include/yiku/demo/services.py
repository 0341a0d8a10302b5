"""What helpers did: consultations, prescriptions and visits in Wangcang.

Orders, sessions and bases in Zhijin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from yiku.demo.official_tables import Table
from yiku.demo.page import Mark
from yiku.demo.people import Household, Person, Village
from yiku.demo.rows import (
    Row,
    credit_code,
    days,
    household_columns,
    identity_columns,
    in_turn,
    village_columns,
)
from yiku.demo.talent import GROUPS, Talent
from yiku.demo.world import INDUSTRIES, Town

CONSULTATIONS = 2250
PRESCRIPTIONS = ((77, 30), (20, 29))  # villages, each
_MEASURES = {
    "茶叶": (
        "冬季清园除草",
        "三月重修剪",
        "亩施有机肥三百公斤",
        "黄板诱杀小绿叶蝉",
        "分批采摘嫩芽",
        "秋季深耕二十厘米",
        "茶行间套种绿肥",
        "喷施石硫合剂封园",
        "及时排除园内积水",
        "补植缺窝断垄",
        "夏季覆草保墒",
        "轮采养蓬",
    ),
    "核桃": (
        "萌芽前刮除老翘皮",
        "树干涂白防冻",
        "亩施复合肥五十公斤",
        "疏除过密枝条",
        "人工捡拾落果深埋",
        "高接换优良种",
        "五月喷波尔多液",
        "扩穴改土",
        "花期辅助授粉",
        "挂频振灯诱杀举肢蛾",
        "采后增施基肥",
        "树盘中耕除草",
    ),
    "绿色生态畜禽": (
        "圈舍每周消毒两次",
        "春秋两季免疫接种",
        "分群饲养控制密度",
        "饲料中添加益生菌",
        "粪污干湿分离",
        "病畜隔离观察",
        "自配青贮饲料",
        "定期驱除体内寄生虫",
        "更换饮水设施",
        "引进良种公畜",
        "做好夏季防暑",
        "建立养殖档案",
    ),
    "道地中药材": (
        "起垄栽培防积水",
        "选用脱毒种苗",
        "亩施腐熟农家肥",
        "轮作倒茬两年以上",
        "人工除草三次",
        "摘除花薹促根",
        "拌种防治根腐病",
        "秋末覆膜保温",
        "遮阴网遮光一半",
        "适期采挖晾晒",
        "石灰调酸改土",
        "雨后扶苗培土",
    ),
}
_SYMPTOMS = (
    "叶片发黄",
    "长势偏弱",
    "病虫偏重",
    "产量下降",
    "品质不高",
    "成活率低",
)
_PROBLEMS = (
    "叶片出现褐斑如何处理",
    "幼苗成片枯死怎么办",
    "秋季怎样施肥",
    "圈舍气味大如何改善",
    "产量低是什么原因",
)
_STEPS = (
    ("大带小", "省", "小专家"),
    ("小带土", "县", "土专家"),
    ("土带群众", "乡", "贫困群众"),
)


def county_tables(talent: Talent, rng: Random) -> Iterator[Table]:
    """Yield what one county's helpers did."""
    if talent.groups:
        yield _consultations(talent, rng)
        yield from _prescriptions(talent, rng)
    else:
        yield _orders(talent)
        yield _sessions(talent, rng)
        yield from _bases(talent)


def _consultations(talent: Talent, rng: Random) -> Table:
    villages = [village for _town, village in talent.paired_villages]
    rows = []
    for number in range(CONSULTATIONS):
        rows.append(
            _consultation(talent, in_turn(villages, number), number, rng)
        )
    return Table("T08", rows)


def _consultation(
    talent: Talent, village: Village, number: int, rng: Random
) -> Row:
    industry = in_turn(INDUSTRIES, number)
    asked_on = days(date(2017, 1, 5), date(2017, 11, 10), rng)
    expert = in_turn(talent.groups[industry], number)
    problem = rng.choice(_PROBLEMS)
    measure = rng.choice(_MEASURES[industry])
    # answered within the two days that the rules give
    waited = timedelta(days=in_turn((0, 1, 2, 0), number))
    return village_columns(village.town, village.name) | {
        "case_no": f"HZ2017{number + 1:05}",
        "asked_on": asked_on,
        "asker": "何建国",
        "industry": industry,
        "problem": f"{industry}{problem}",
        "urgency": "一般" if number % 5 else "急",
        "group_name": GROUPS[industry],
        "triaged_at": asked_on,
        "experts": (expert.person.name,),
        "mode": "远程",
        "answered_on": asked_on + waited,
        "advice": f"建议{measure}",
        "case_state": "已解决" if number % 3 else "已答复",
    }


def _prescriptions(talent: Talent, rng: Random) -> Iterator[Table]:
    """Prescribe for every village and industry.

    The paired technicians carry part of it out.
    """
    pharmacy = _Pharmacy(talent, rng)
    copying_town = talent.county.towns[1]
    for town in talent.county.towns:
        prescriptions = Table("T09", [], town)
        visits = Table("T10", [], town)
        for village in town.paired_villages:
            pharmacy.prescribe(town, village, prescriptions, visits)
        if town is copying_town:
            _copy(prescriptions)
        yield prescriptions
        yield visits


class _Pharmacy:
    """Writes prescriptions, no two with the same measures, and the visits that carry them out."""

    def __init__(self, talent: Talent, rng: Random) -> None:
        self._talent = talent
        self._rng = rng
        self._used: set[tuple[str, ...]] = set()
        self._number = 0
        self._counts: list[int] = []
        for villages, each in PRESCRIPTIONS:
            self._counts += [each] * villages
        self._helpers: dict[str, Person] = {}
        for pair in talent.pairs:
            self._helpers[pair.home.number] = pair.technician.person

    def prescribe(
        self, town: Town, village: Village, prescriptions: Table, visits: Table
    ) -> None:
        """Add the prescriptions of one village, and a visit for every other one."""
        for number in range(self._counts.pop(0)):
            industry = in_turn(INDUSTRIES, number)
            prescription = self._prescription(village, industry)
            prescriptions.rows.append(prescription)
            home = in_turn(_homes_of(town, village, industry), number)
            # half of what is prescribed is carried out
            if number % 2 == 0:
                visits.rows.append(self._visit(prescription, home))

    def _prescription(self, village: Village, industry: str) -> Row:
        self._number += 1
        measures = self._measures(industry)
        chief = self._talent.teams[village.code][0]
        return village_columns(village.town, village.name) | {
            "rx_no": f"CF2017{self._number:05}",
            "industry": industry,
            "expert": chief.person.name,
            "issued_on": days(date(2017, 3, 1), date(2017, 8, 31), self._rng),
            "symptom": f"{industry}{in_turn(_SYMPTOMS, self._number)}",
            "measures": "；".join(measures) + "。",
            "households": 30 + self._number % 20,
        }

    def _measures(self, industry: str) -> list[str]:
        """Draw five measures that no prescription has together, in an order of their own."""
        chosen: tuple[str, ...] = ()
        while not chosen or chosen in self._used:
            chosen = tuple(sorted(self._rng.sample(_MEASURES[industry], 5)))
        self._used.add(chosen)
        return self._rng.sample(chosen, len(chosen))

    def _visit(self, prescription: Row, home: Household) -> Row:
        rng = self._rng
        return household_columns(home) | {
            "rx_no": prescription["rx_no"],
            "technician": self._helpers[home.number].name,
            "visited_on": days(date(2017, 9, 1), date(2017, 11, 5), rng),
            "execution": rng.choice(("已落实", "已落实", "已落实", "部分")),
            "effect": "长势好转",
            "signed": True,
        }


def _homes_of(town: Town, village: Village, industry: str) -> list[Household]:
    """Return the households of a village that live from an industry."""
    return [
        home
        for home in town.paired_homes
        if home.village is village and home.industry == industry
    ]


def _copy(table: Table) -> None:
    """Let the last prescription of a town be the first one's, word for word.

    In another village: that is what copying looks like.
    """
    first = table.rows[0]
    last = table.rows[-1]
    last["measures"] = first["measures"]
    last["industry"] = first["industry"]
    last["issued_on"] = date(2017, 9, 10)
    table.marks[len(table.rows) - 1] = [Mark("K71", "W")]


def _orders(talent: Talent) -> Table:
    experts = talent.of_level("县")
    towns = talent.county.towns
    table = Table("T11", [])
    # every town orders twice
    for number, town in enumerate(towns + towns):
        expert = in_turn(experts, number)
        table.rows.append(_order(town, number, expert.person.name))
    spoilt = _order(towns[0], 90, experts[0].person.name)
    spoilt |= {"dept": None, "accepted_on": None}
    # delivered, though nobody accepted
    table.spoil(
        spoilt, Mark("R01", "Q", "accepted_on"), Mark("K65", "Q", "dept")
    )
    return table


def _order(town: Town, number: int, expert: str) -> Row:
    village = in_turn(town.villages, number).name
    asked_on = date(2017, 4, 1) + timedelta(days=number * 2)
    is_done = number % 4 != 3
    delivered_on = asked_on + timedelta(days=15 + number % 10)
    return village_columns(town.name, village) | {
        "order_no": f"DD2017{number + 1:04}",
        "requester": f"{village}民委员会",
        "persons": 25 + number % 20,
        "wanted": (in_turn(INDUSTRIES, number),),
        "wanted_on": asked_on + timedelta(days=30),
        "ordered_on": asked_on,
        "dept": in_turn(("农牧", "扶贫", "林业", "人社"), number),
        "accepted_on": asked_on + timedelta(days=2 + number % 5),
        "planned_on": asked_on + timedelta(days=20),
        "expert": expert if is_done else None,
        "delivered_on": delivered_on if is_done else None,
        "attended": 24 + number % 20 if is_done else None,
        "place": f"{town.name}便民服务中心" if is_done else None,
    }


def _sessions(talent: Talent, rng: Random) -> Table:
    """Teach on three steps.

    Large experts small ones, small ones local ones, local ones poor households.
    """
    poor = []
    for town in talent.county.towns:
        poor += [resident.person for resident in town.labourers]
    taught = (
        [expert.person for expert in talent.of_level("县")],
        [expert.person for expert in talent.of_level("村")],
        poor,
    )
    table = Table("T12", [])
    for number in range(24):
        town = in_turn(talent.county.towns, number)
        session = _session(talent, town, number)
        # ten a session: few enough to teach in a field
        for person in rng.sample(in_turn(taught, number), 10):
            table.rows.append(identity_columns(person) | session)
    _teach_an_equal(talent, table)
    return table


def _session(talent: Talent, town: Town, number: int) -> Row:
    """Return what the rows of one session share."""
    cascade, level, kind = in_turn(_STEPS, number)
    teacher = in_turn(talent.of_level(level), number)
    return village_columns(town.name, town.villages[0].name) | {
        "session_no": f"SD2017{number + 1:03}",
        "order_no": f"DD2017{number + 1:04}",
        "cascade": cascade,
        "teacher": teacher.person.name,
        "teacher_level": level,
        "held_on": date(2017, 9, 1) + timedelta(days=number),
        "place": f"{town.name}实训示范基地",
        "topic": f"{teacher.industry}实用技术",
        "hours": 6,
        "trainee_kind": kind,
    }


def _teach_an_equal(talent: Talent, table: Table) -> None:
    """Add a teacher no higher than the trainee, and of no level for such a session."""
    trainee = talent.of_level("村")[0].person
    equal = table.rows[2] | identity_columns(trainee)
    equal |= {
        "session_no": "SD2017099",
        "teacher_level": "乡",
        "trainee_kind": "土专家",
        "cascade": "小带土",
    }
    table.spoil(
        equal,
        Mark("K66", "Q", "trainee_kind"),
        Mark("K79", "W", "teacher_level"),
    )


def _bases(talent: Talent) -> Iterator[Table]:
    towns = talent.county.towns
    bases = Table("T13", [])
    homes = Table("T13h", [])
    for number, town in enumerate(towns[:12]):
        expert = in_turn(talent.experts[:8], number)
        base = _base(talent, town, number, expert.person.name)
        bases.rows.append(base)
        for position, home in enumerate(town.households):
            homes.rows.append(_shareholder(home, base["base_name"], position))
    # a site chosen without all six criteria
    first, second = talent.experts[:2]
    careless = _base(talent, towns[12], 12, first.person.name)
    careless |= {"c5": False}
    bases.spoil(careless, Mark("K67", "Q", "c5"))
    # no effect, an award
    idle = _base(talent, towns[13], 13, second.person.name)
    idle |= {"effect": "一般", "award_yuan": 80000}
    bases.spoil(idle, Mark("K69", "Q", "award_yuan"))
    yield bases
    yield homes


def _shareholder(home: Household, base: str, position: int) -> Row:
    return household_columns(home) | {
        "base_name": base,
        "how": "入股" if position % 2 else "务工",
        "share_yuan": 1000 + 100 * position,
        "valid_from": date(2017, 3, 1),
    }


def _base(talent: Talent, town: Town, number: int, expert: str) -> Row:
    industry = in_turn(INDUSTRIES, number)
    row = village_columns(town.name, town.villages[0].name) | {
        "base_name": f"{town.name}{industry}示范基地",
        "year": 2017,
        "industry": industry,
        "layer": in_turn(("点", "线", "面"), number),
        "entity": f"{town.name}{industry}专业合作社",
        "uscc": credit_code("93", talent.county.code, "MA7", number),
        "scale": 200 + 10 * number,
        "uom": "亩",
        "expert": expert,
        "households": len(town.households),
        "share_households": len(town.households) // 2,
        "project_no": f"织扶项〔2017〕{number + 1}号",
        "score": 86 + number % 10,
        "selected_on": date(2017, 2, 10),
        "effect": "明显",
        "assessed_on": date(2017, 10, 20),
        "award_yuan": 50000 if number < 4 else None,
    }
    for criterion in range(1, 7):
        row[f"c{criterion}"] = True
        row[f"c{criterion}_evidence"] = "见申报材料"
    return row
