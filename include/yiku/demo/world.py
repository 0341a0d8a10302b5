"""The demo counties.

Real towns, villages that do not exist, and the households of each.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from itertools import product
from random import Random
from typing import Any

from yiku.demo.people import (
    PHONES,
    Household,
    Person,
    Registry,
    Resident,
    Village,
)
from yiku.demo.rows import in_turn, share

_FIRST = "青白双石龙凤金新清长太平永大小云松柏高红"
_SECOND = "山河桥坪坝岩林溪湾垭沟梁坡塘井寨"
INDUSTRIES = (
    "茶叶",
    "核桃",
    "绿色生态畜禽",
    "道地中药材",
)  # of the four expert groups


@dataclass(frozen=True)
class Plan:
    """How large a demo county is made: households and villages in each town."""

    code: str
    name: str
    city: str  # with its province before it
    neighbour: str  # a county of the same city, where some work
    centre: tuple[float, float]  # degrees east, north
    regions: tuple[str, ...]
    ethnic: tuple[str, ...]
    villages: int
    households: int
    full: bool  # every town sends every list
    regions_more: tuple[
        str, ...
    ] = ()  # prefixes of the numbers of those who came here long ago
    paired_villages: int = (
        0  # villages of the talent side, over all towns; they send no census
    )
    paired_homes: int = 0  # registered households in each of them
    poor: int | None = None  # poor villages; None: every other one
    deep: int = 0
    without: frozenset[str] = (
        frozenset()
    )  # towns that the source's year did not know
    phones: tuple[int, ...] = PHONES

    @property
    def province(self) -> str:
        """The province of the county."""
        return self.city.partition("省")[0] + "省"


NEAR = (
    "510821",
    "510822",
    "510823",
    "510824",
    "510722",
    "510723",
    "510725",
    "510727",
    "513021",
    "513022",
    "513023",
)
PLANS = (
    Plan(
        "510802",
        "利州区",
        "四川省广元市",
        "苍溪县",
        (105.83, 32.44),
        ("510802", "510811", "510812"),
        ("汉族",),
        8,
        66,
        full=True,
    ),
    # 97 villages with a team, about 17,000 households in them; the villages of the
    # census are others
    Plan(
        "510821",
        "旺苍县",
        "四川省广元市",
        "苍溪县",
        (106.29, 32.23),
        ("510821", "510822"),
        ("汉族",),
        3,
        9,
        full=False,
        regions_more=NEAR,
        paired_villages=97,
        paired_homes=176,
        poor=97,
        deep=12,
    ),
    # 32 towns as in the source's year: the division table's 33rd was set up later
    Plan(
        "520524",
        "织金县",
        "贵州省毕节市",
        "大方县",
        (105.77, 26.66),
        ("520524", "522425"),
        ("汉族", "苗族", "穿青人", "布依族"),
        3,
        8,
        full=False,
        paired_villages=192,
        poor=282,
        deep=120,
        without=frozenset({"520524007"}),
    ),
)


@dataclass
class Town:
    """One town with its villages, households and specials."""

    code: str
    name: str
    villages: list[Village]
    households: list[Household] = field(default_factory=list)
    paired_villages: list[Village] = field(default_factory=list)
    paired_homes: list[Household] = field(
        default_factory=list
    )  # of the talent side

    @property
    def residents(self) -> list[Resident]:
        """Every member of every household."""
        return list(_members(self.households))

    @property
    def paired_residents(self) -> list[Resident]:
        """Every member of the talent side's households."""
        return list(_members(self.paired_homes))

    @property
    def labourers(self) -> list[Resident]:
        """The persons whom the census of labourers must carry."""
        return [
            resident for resident in self.residents if resident.person.labourer
        ]


def _members(homes: Iterable[Household]) -> Iterator[Resident]:
    for home in homes:
        for person in home.members:
            yield Resident(person, home)


@dataclass
class County:
    """One demo county."""

    plan: Plan
    towns: list[Town]
    registry: Registry
    roles: Any = None  # who is trained, works away, holds a post or runs a venture (``yiku.demo.occupations.Roles``)

    @property
    def code(self) -> str:
        """The six-digit code of the county."""
        return self.plan.code

    def residents(self) -> Iterator[Resident]:
        """Every person of the register."""
        for town in self.towns:
            yield from town.residents

    def register(self) -> Iterator[Resident]:
        """Every person of the register, those of the talent side's households too."""
        yield from self.residents()
        for town in self.towns:
            yield from town.paired_residents

    def add(self, home: Household, person: Person) -> Resident:
        """Add a person to a household of the register."""
        home.members.append(person)
        return Resident(person, home)


def make_county(plan: Plan, scale: int, rng: Random, serial: int) -> County:
    """Make one county with ``scale`` times the planned households."""
    registry = Registry(plan.regions, plan.ethnic, rng, serial, plan.phones)
    towns = []
    for code, name in _towns(plan.code):
        if code not in plan.without:
            towns.append(
                Town(code, name, _villages(code, name, plan.villages, rng))
            )
    for town in towns:
        _settle(town, plan.households * scale, registry)
    _pair_side(plan, towns, registry, rng)
    return County(plan, towns, registry)


def _settle(town: Town, count: int, registry: Registry) -> None:
    """Found a town's households, the same number in each of its villages."""
    for number in range(count):
        village = town.villages[number * len(town.villages) // count]
        home = registry.household(f"{village.code}{number + 1:04}", village)
        town.households.append(home)


def _pair_side(
    plan: Plan, towns: list[Town], registry: Registry, rng: Random
) -> None:
    """Add the villages of the talent side, spread evenly over the towns, and their households."""
    registry.widen(plan.regions_more)
    for position, town in enumerate(towns):
        count = share(plan.paired_villages, position, len(towns))
        taken = {village.name for village in town.villages}
        town.paired_villages = _villages(
            town.code, town.name, count, rng, plan.villages, taken
        )
        for village in town.paired_villages:
            for number in range(plan.paired_homes):
                code = f"{village.code}{number + 1:04}"
                industry = in_turn(INDUSTRIES, number)
                town.paired_homes.append(
                    registry.small_household(code, village, industry)
                )


def _villages(
    town_code: str,
    town: str,
    count: int,
    rng: Random,
    first: int = 0,
    taken: Collection[str] = (),
) -> list[Village]:
    names = []
    for beginning, ending in product(_FIRST, _SECOND):
        name = f"{beginning}{ending}村"
        if name not in taken:
            names.append(name)
    villages = []
    # 201 is where the numbers of villages begin in the division code
    for number, name in enumerate(rng.sample(names, count), 201 + first):
        villages.append(Village(f"{town_code}{number}", name, town, town_code))
    return villages


def _towns(county: str) -> Iterator[tuple[str, str]]:
    """Yield code and name of a county's towns, from the division table."""
    packed = (
        resources.files("yiku.gazetteer")
        .joinpath("divisions.csv.gz")
        .read_bytes()
    )
    text = gzip.decompress(packed).decode("utf-8")
    for code, name, *_more in csv.reader(io.StringIO(text)):
        if len(code) == 9 and code.startswith(county):
            yield code, name
