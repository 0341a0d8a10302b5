"""The demo counties: real towns, villages that do not exist, and the households of each."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from random import Random

from yiku.demo.people import Household, Person, Registry, Resident, Village

_FIRST = "青白双石龙凤金新清长太平永大小云松柏高红"
_SECOND = "山河桥坪坝岩林溪湾垭沟梁坡塘井寨"


@dataclass(frozen=True)
class Plan:
    """How large a demo county is made: households and villages in each town."""

    code: str
    name: str
    city: str
    regions: tuple[str, ...]
    ethnic: tuple[str, ...]
    villages: int
    households: int
    full: bool  # every town sends every list


PLANS = (
    Plan("510802", "利州区", "四川省广元市", ("510802", "510811", "510812"), ("汉族",), 8, 66, full=True),
    Plan("510821", "旺苍县", "四川省广元市", ("510821", "510822"), ("汉族",), 3, 9, full=False),
    Plan(
        "520524", "织金县", "贵州省毕节市", ("520524", "522425"), ("汉族", "苗族", "穿青人", "布依族"), 3, 8, full=False
    ),
)


@dataclass
class Town:
    """One town with its villages, households and specials."""

    code: str
    name: str
    villages: list[Village]
    households: list[Household] = field(default_factory=list)

    @property
    def residents(self) -> list[Resident]:
        """Every member of every household."""
        return [Resident(p, h) for h in self.households for p in h.members]

    @property
    def labourers(self) -> list[Resident]:
        """The persons whom the census of labourers must carry."""
        return [r for r in self.residents if r.person.labourer]


@dataclass
class County:
    """One demo county."""

    plan: Plan
    towns: list[Town]
    registry: Registry

    @property
    def code(self) -> str:
        """The six-digit code of the county."""
        return self.plan.code

    def residents(self) -> Iterator[Resident]:
        """Every person of the register."""
        for town in self.towns:
            yield from town.residents

    def add(self, home: Household, person: Person) -> Resident:
        """Add a person to a household of the register."""
        home.members.append(person)
        return Resident(person, home)


def make_county(plan: Plan, scale: int, rng: Random, serial: int) -> County:
    """Make one county with ``scale`` times the planned households."""
    registry = Registry(plan.regions, plan.ethnic, rng, serial)
    towns = [Town(code, name, _villages(code, name, plan.villages, rng)) for code, name in _towns(plan.code)]
    for town in towns:
        for n in range(plan.households * scale):
            village = town.villages[n * len(town.villages) // (plan.households * scale)]
            town.households.append(registry.household(f"{village.code}{n + 1:04}", village))
    return County(plan, towns, registry)


def _villages(town_code: str, town: str, count: int, rng: Random) -> list[Village]:
    names = rng.sample([a + b for a in _FIRST for b in _SECOND], count)
    return [Village(f"{town_code}{201 + i}", f"{name}村", town, town_code) for i, name in enumerate(names)]


def _towns(county: str) -> list[tuple[str, str]]:
    packed = resources.files("yiku.register").joinpath("divisions.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    return [(r[0], r[1]) for r in rows if len(r[0]) == 9 and r[0].startswith(county)]
