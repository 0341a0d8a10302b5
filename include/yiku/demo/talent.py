"""The talent side of Wangcang and Zhijin.

Experts, groups, teams, technicians and the pairs between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice

from yiku.demo.official_tables import Table
from yiku.demo.page import Mark
from yiku.demo.people import Household, Person, Village
from yiku.demo.rows import (
    Row,
    household_columns,
    identity_columns,
    in_turn,
    village_columns,
)
from yiku.demo.world import INDUSTRIES, County, Town

TECHNICIANS = 7  # for each industry of a town
GROUP_MEMBERS = 8  # beside the chief
GROUPS = {
    "茶叶": "茶叶专家服务组",
    "核桃": "核桃丰产专家服务组",
    "绿色生态畜禽": "绿色生态畜禽专家服务组",
    "道地中药材": "道地中药材专家服务组",
}
_TITLES = ("正高", "副高", "中级")
_UNITS = {
    "省": "省农业科学院",
    "市": "市农业科学研究所",
    "县": "县农业技术推广站",
    "乡": "镇农业服务中心",
    "村": "村产业合作社",
}
_KINDS = {
    "省": "大专家",
    "市": "大专家",
    "县": "小专家",
    "乡": "土专家",
    "村": "土专家",
}
_SOURCES = {"省": "省内高校", "市": "本市"}
_CONTENTS = (
    "编制产业规划",
    "打造样板基地",
    "技术指导",
    "培养人才",
    "壮大特色产业",
)


@dataclass(frozen=True)
class Expert:
    """Somebody who helps, on whatever list."""

    person: Person
    level: str
    industry: str
    unit: str
    town: Town | None = None


@dataclass(frozen=True)
class Pair:
    """A technician who helps a household, from a day on."""

    technician: Expert
    home: Household
    since: date


@dataclass
class Talent:
    """Who helps whom in one county."""

    county: County
    experts: list[Expert] = field(default_factory=list)
    groups: dict[str, list[Expert]] = field(
        default_factory=dict
    )  # by industry, the chief first
    technicians: dict[tuple[str, str], list[Expert]] = field(
        default_factory=dict
    )  # by town code and industry
    pairs: list[Pair] = field(default_factory=list)
    teams: dict[str, list[Expert]] = field(
        default_factory=dict
    )  # by village code, the chief first

    @property
    def paired_villages(self) -> list[tuple[Town, Village]]:
        """The villages of the talent side, each with its town."""
        found = []
        for town in self.county.towns:
            for village in town.paired_villages:
                found.append((town, village))
        return found

    def of_level(self, *levels: str) -> list[Expert]:
        """Return the experts of some levels."""
        return [expert for expert in self.experts if expert.level in levels]


def make_talent(county: County) -> Talent:
    """Make the helpers of a county.

    36 experts in four groups and technicians, or experts of five levels.
    """
    talent = Talent(county)
    if county.code == "510821":
        _groups(talent)
        _technicians(talent)
        _teams(talent)
        return talent
    levels = ["省"] * 8 + ["市"] * 12 + ["县"] * 24
    for number, level in enumerate(levels):
        industry = in_turn(INDUSTRIES, number)
        talent.experts.append(_expert(county, level, industry))
    for level in ("乡", "村"):
        for number, town in enumerate(county.towns):
            industry = in_turn(INDUSTRIES, number)
            talent.experts.append(_expert(county, level, industry, town))
    return talent


def _expert(
    county: County, level: str, industry: str, town: Town | None = None
) -> Expert:
    return Expert(
        county.registry.helper(), level, industry, _UNITS[level], town
    )


def _groups(talent: Talent) -> None:
    levels = ("省", "市", "市", *["县"] * (GROUP_MEMBERS - 2))
    for industry in INDUSTRIES:
        group = [_expert(talent.county, level, industry) for level in levels]
        talent.groups[industry] = group
        talent.experts += group


def _technicians(talent: Talent) -> None:
    """Give every household a technician of its own town and industry, in turn."""
    first_day = date(2017, 3, 1)
    for town in talent.county.towns:
        turn = {}
        for industry in INDUSTRIES:
            found = [
                _expert(talent.county, "乡", industry, town)
                for _number in range(TECHNICIANS)
            ]
            talent.technicians[town.code, industry] = found
            turn[industry] = cycle(found)
        for number, home in enumerate(town.paired_homes):
            technician = next(turn[home.industry or ""])
            since = first_day + timedelta(days=number % 60)
            talent.pairs.append(Pair(technician, home, since))


def _teams(talent: Talent) -> None:
    chiefs = {
        industry: cycle(group) for industry, group in talent.groups.items()
    }
    for number, (town, village) in enumerate(talent.paired_villages):
        team = [next(chiefs[in_turn(INDUSTRIES, number)])]
        for industry in INDUSTRIES:
            technicians = talent.technicians[town.code, industry]
            team.append(in_turn(technicians, number))
        talent.teams[village.code] = team


def talent_tables(talent: Talent) -> Iterator[Table]:
    """Yield the tables of experts, groups, teams and pairs."""
    helpers = list(talent.experts)
    for technicians in talent.technicians.values():
        helpers += technicians
    yield Table(
        "T01",
        [expert_row(expert, number) for number, expert in enumerate(helpers)],
    )
    if talent.groups:
        yield _group_table(talent)
        yield _team_table(talent)
        yield from _pair_tables(talent)
    else:
        yield Table("T06", list(_village_pairs(talent)))


def expert_row(expert: Expert, number: int) -> Row:
    """Return an expert's row of T01."""
    is_animal = expert.industry == "绿色生态畜禽"
    specialty = (
        "畜禽养殖与防疫" if is_animal else f"{expert.industry}栽培与养护"
    )
    return identity_columns(expert.person) | {
        "level": expert.level,
        "category": (_category(expert),),
        "unit": expert.unit,
        "title": in_turn(_TITLES, number),
        "specialty": specialty,
        "industries": (expert.industry,),
        "forms": ("顾问指导",),
        "days_per_year": 20 + number % 40,
        "base_place": expert.town.name if expert.town else "县城",
        "source": _SOURCES.get(expert.level, "本县"),
        "valid_from": date(2017, 1, 1),
        "state": "在聘",
    }


def _category(expert: Expert) -> str:
    # a town whose households are paired has technicians, the others have local experts
    is_technician = (
        expert.level == "乡" and expert.town and expert.town.paired_homes
    )
    return "产业技术员" if is_technician else _KINDS[expert.level]


def _group_table(talent: Talent) -> Table:
    table = Table("T03", [])
    for industry, group in talent.groups.items():
        for number, expert in enumerate(group):
            role = "成员" if number else "首席专家"
            table.rows.append(_group_member(industry, expert, role))
    second_chief = next(iter(talent.technicians.values()))[0]
    late = table.rows[0] | {
        "expert": second_chief.person.name,
        "valid_from": date(2017, 6, 1),
    }
    table.spoil(late, Mark("K54", "Q"))  # a group with two chiefs
    return table


def _group_member(industry: str, expert: Expert, role: str) -> Row:
    return {
        "group_name": GROUPS[industry],
        "industry": industry,
        "group_type": "专家服务组",
        "expert": expert.person.name,
        "role": role,
        "valid_from": date(2017, 1, 10),
    }


def _team_table(talent: Talent) -> Table:
    rows = []
    for _town, village in talent.paired_villages:
        for number, member in enumerate(talent.teams[village.code]):
            rows.append(_team_member(village, member, is_chief=number == 0))
    return Table("T04", rows)


def _team_member(village: Village, member: Expert, *, is_chief: bool) -> Row:
    return village_columns(village.town, village.name) | {
        "industry": member.industry,
        "member": member.person.name,
        "role": "团长" if is_chief else "成员",
        "member_kind": "科研院所专家" if is_chief else "产业技术人员",
        "appointed_on": date(2017, 2, 1),
    }


def pair_row(technician: Expert, home: Household, since: date) -> Row:
    """Return a pair of a technician and a household (T05)."""
    return household_columns(home) | {
        "technician": technician.person.name,
        "tech_id": technician.person.id_no,
        "industry": technician.industry,
        "paired_on": since,
    }


def _pair_tables(talent: Talent) -> Iterator[Table]:
    first_town = talent.county.towns[0]
    for town in talent.county.towns:
        table = Table("T05", [], town)
        for pair in talent.pairs:
            if pair.home.village.town_code == town.code:
                table.rows.append(
                    pair_row(pair.technician, pair.home, pair.since)
                )
        if town is first_town:
            _spoil_pairs(talent, town, table)
        yield table


def _spoil_pairs(talent: Talent, town: Town, table: Table) -> None:
    """Pair a household for an industry that it does not live from.

    And another one twice for its own.
    """
    own, other = INDUSTRIES[:2]
    pair = next(
        pair
        for pair in talent.pairs
        if pair.home in town.paired_homes and pair.home.industry == own
    )
    stranger = talent.technicians[town.code, other][0]
    foreign = pair_row(stranger, pair.home, date(2017, 5, 3))
    table.spoil(foreign, Mark("K51", "Q", "industry"))
    for second in talent.technicians[town.code, own]:
        if second is not pair.technician:
            doubled = pair_row(second, pair.home, date(2017, 6, 2))
            table.spoil(doubled, Mark("K53", "Q"))
            return


def _village_pairs(talent: Talent) -> Iterator[Row]:
    """Pair every expert of province to county with villages, and every town with one of them."""
    able = talent.of_level("省", "市", "县")
    # the first village of a town stays without an expert
    villages: list[Village] = []
    for town in talent.county.towns:
        villages += town.villages[1:]
    turn = iter(villages)
    for number, expert in enumerate(able):
        for village in islice(turn, 1 + number % 2):
            yield _village_pair(expert, village.town, village.name, number)
    for number, town in enumerate(talent.county.towns):
        yield _village_pair(in_turn(able, number), town.name, None, number)


def _village_pair(
    expert: Expert, town: str, village: str | None, number: int
) -> Row:
    return village_columns(town, village) | {
        "expert": expert.person.name,
        "services": (in_turn(_CONTENTS, number),),
        "forms": ("对口帮扶",),
        "valid_from": date(2017, 3, 1),
    }
