"""The talent side of Wangcang and Zhijin: experts, groups, teams, technicians and the pairs between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle

from yiku.demo.lists import Row
from yiku.demo.page import Mark
from yiku.demo.people import Household, Person
from yiku.demo.tables import Table
from yiku.demo.world import INDUSTRIES, County, Town

TECHNICIANS = 7  # for each industry of a town
GROUP_MEMBERS = 8  # beside the chief
GROUPS = {"茶叶": "茶叶专家服务组", "核桃": "核桃丰产专家服务组", "绿色生态畜禽": "绿色生态畜禽专家服务组"}
GROUPS["道地中药材"] = "道地中药材专家服务组"
_TITLES = ("正高", "副高", "中级")
_UNITS = {
    "省": "省农业科学院",
    "市": "市农业科学研究所",
    "县": "县农业技术推广站",
    "乡": "镇农业服务中心",
    "村": "村产业合作社",
}
_KINDS = {"省": "大专家", "市": "大专家", "县": "小专家", "乡": "土专家", "村": "土专家"}
_CONTENTS = ("编制产业规划", "打造样板基地", "技术指导", "培养人才", "壮大特色产业")


@dataclass(frozen=True)
class Expert:
    """Somebody who helps, on whatever list."""

    person: Person
    level: str
    industry: str
    unit: str
    town: Town | None = None


@dataclass
class Talent:
    """Who helps whom in one county."""

    county: County
    experts: list[Expert] = field(default_factory=list)
    groups: dict[str, list[Expert]] = field(default_factory=dict)  # by industry, the chief first
    technicians: dict[tuple[str, str], list[Expert]] = field(default_factory=dict)  # by town code and industry
    pairs: list[tuple[Expert, Household, date]] = field(default_factory=list)
    teams: dict[str, list[Expert]] = field(default_factory=dict)  # by village code, the chief first


def make_talent(county: County) -> Talent:
    """Make the helpers of a county: 36 experts in four groups and technicians, or experts of five levels."""
    talent = Talent(county)
    if county.code == "510821":
        _groups(talent)
        _technicians(talent)
        _teams(talent)
    else:
        levels = ["省"] * 8 + ["市"] * 12 + ["县"] * 24
        talent.experts = [_expert(county, level, INDUSTRIES[n % 4]) for n, level in enumerate(levels)]
        talent.experts += [_expert(county, "乡", INDUSTRIES[n % 4], t) for n, t in enumerate(county.towns)]
        talent.experts += [_expert(county, "村", INDUSTRIES[n % 4], t) for n, t in enumerate(county.towns)]
    return talent


def _expert(county: County, level: str, industry: str, town: Town | None = None) -> Expert:
    return Expert(county.registry.helper(), level, industry, _UNITS[level], town)


def _groups(talent: Talent) -> None:
    for industry in INDUSTRIES:
        levels = ("省", "市", "市", *["县"] * (GROUP_MEMBERS - 2))
        talent.groups[industry] = [_expert(talent.county, level, industry) for level in levels]
        talent.experts += talent.groups[industry]


def _technicians(talent: Talent) -> None:
    """Give every household a technician of its own town and industry, in turn."""
    day = date(2017, 3, 1)
    for town in talent.county.towns:
        turn = {}
        for industry in INDUSTRIES:
            found = [_expert(talent.county, "乡", industry, town) for _ in range(TECHNICIANS)]
            talent.technicians[town.code, industry] = found
            turn[industry] = cycle(found)
        for n, home in enumerate(town.paired_homes):
            technician = next(turn[home.industry or ""])
            talent.pairs.append((technician, home, day + timedelta(days=n % 60)))


def _teams(talent: Talent) -> None:
    chiefs = {i: cycle(group) for i, group in talent.groups.items()}
    villages = [(t, v) for t in talent.county.towns for v in t.paired_villages]
    for n, (town, village) in enumerate(villages):
        industry = INDUSTRIES[n % len(INDUSTRIES)]
        members = [talent.technicians[town.code, i][n % TECHNICIANS] for i in INDUSTRIES]
        talent.teams[village.code] = [next(chiefs[industry]), *members]


def talent_tables(talent: Talent) -> Iterator[Table]:
    """Yield the tables of experts, groups, teams and pairs."""
    helpers = [*talent.experts, *(t for group in talent.technicians.values() for t in group)]
    yield Table("T01", [expert_row(e, n) for n, e in enumerate(helpers)])
    if talent.groups:
        yield _group_table(talent)
        yield _team_table(talent)
        yield from _pair_tables(talent)
    else:
        yield Table("T06", list(_village_pairs(talent)))


def expert_row(expert: Expert, n: int) -> Row:
    """Return an expert's row of T01."""
    person, technician = expert.person, expert.level == "乡" and expert.unit == _UNITS["乡"]
    kind = "产业技术员" if technician and expert.town and expert.town.paired_homes else _KINDS[expert.level]
    return {
        "name": person.name,
        "id_no": person.id_no,
        "sex": person.sex,
        "phone": person.phone,
        "level": expert.level,
        "category": (kind,),
        "unit": expert.unit,
        "title": _TITLES[n % len(_TITLES)],
        "specialty": f"{expert.industry}栽培与养护" if expert.industry != "绿色生态畜禽" else "畜禽养殖与防疫",
        "industries": (expert.industry,),
        "forms": ("顾问指导",),
        "days_per_year": 20 + n % 40,
        "base_place": expert.town.name if expert.town else "县城",
        "source": "省内高校" if expert.level == "省" else "本市" if expert.level == "市" else "本县",
        "valid_from": date(2017, 1, 1),
        "state": "在聘",
    }


def _group_table(talent: Talent) -> Table:
    rows = [
        {
            "group_name": GROUPS[industry],
            "industry": industry,
            "group_type": "专家服务组",
            "expert": expert.person.name,
            "role": "成员" if n else "首席专家",
            "valid_from": date(2017, 1, 10),
        }
        for industry, group in talent.groups.items()
        for n, expert in enumerate(group)
    ]
    table = Table("T03", rows)
    second = next(iter(talent.technicians.values()))[0].person.name
    late = rows[0] | {"expert": second, "valid_from": date(2017, 6, 1)}
    table.spoil(late, Mark("K54", "Q", None))  # a group with two chiefs
    return table


def _team_table(talent: Talent) -> Table:
    villages = {v.code: v for t in talent.county.towns for v in t.paired_villages}
    rows = [
        {
            "town_name": villages[code].town,
            "village_name": villages[code].name,
            "industry": member.industry,
            "member": member.person.name,
            "role": "成员" if n else "团长",
            "member_kind": "产业技术人员" if n else "科研院所专家",
            "appointed_on": date(2017, 2, 1),
        }
        for code, team in talent.teams.items()
        for n, member in enumerate(team)
    ]
    return Table("T04", rows)


def pair_row(technician: Expert, home: Household, day: date) -> Row:
    """Return a pair of a technician and a household (T05)."""
    return {
        "town_name": home.village.town,
        "village_name": home.village.name,
        "household_no": home.number,
        "head_name": home.head.name,
        "technician": technician.person.name,
        "tech_id": technician.person.id_no,
        "industry": technician.industry,
        "paired_on": day,
    }


def _pair_tables(talent: Talent) -> Iterator[Table]:
    for town in talent.county.towns:
        table = Table("T05", [pair_row(*p) for p in talent.pairs if p[1].village.town_code == town.code], town)
        if town is talent.county.towns[0]:
            _spoil_pairs(talent, town, table)
        yield table


def _spoil_pairs(talent: Talent, town: Town, table: Table) -> None:
    """Pair a household for an industry that it does not live from, and another one twice for its own."""
    tea, nut = (talent.technicians[town.code, i] for i in INDUSTRIES[:2])
    home = next(h for h in town.paired_homes if h.industry == INDUSTRIES[0])
    table.spoil(pair_row(nut[0], home, date(2017, 5, 3)), Mark("K51", "Q", "industry"))
    having = next(t for t, h, _ in talent.pairs if h is home)
    other = next(t for t in tea if t is not having)
    table.spoil(pair_row(other, home, date(2017, 6, 2)), Mark("K53", "Q", None))


def _village_pairs(talent: Talent) -> Iterator[Row]:
    """Pair every expert of province to county with villages, and every town with one of them."""
    able = [e for e in talent.experts if e.level in ("省", "市", "县")]
    villages = [v for t in talent.county.towns for v in t.villages[1:]]
    turn = iter(villages)
    for n, expert in enumerate(able):
        for village in (v for _, v in zip(range(1 + n % 2), turn, strict=False)):
            yield _village_pair(expert, village.town, village.name, n)
    for n, town in enumerate(talent.county.towns):
        yield _village_pair(able[n % len(able)], town.name, None, n)


def _village_pair(expert: Expert, town: str, village: str | None, n: int) -> Row:
    return {
        "town_name": town,
        "village_name": village,
        "expert": expert.person.name,
        "services": (_CONTENTS[n % len(_CONTENTS)],),
        "forms": ("对口帮扶",),
        "valid_from": date(2017, 3, 1),
    }
