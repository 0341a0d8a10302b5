"""The returnees of Zhijin: who came back, with what, and paired with which village."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from yiku.demo.official_tables import Table, village_in_turn
from yiku.demo.page import Mark
from yiku.demo.people import make_id
from yiku.demo.rows import (
    Row,
    days,
    identity_columns,
    in_turn,
    share,
)
from yiku.demo.world import County, Town

RETURNEES = 362
FUNDS_YUAN = 65_917_000
PAIRED_VILLAGES = 21
UNPLACED = 3
NOWHERE = "990101"  # a region that no table knows


def returnees(county: County, rng: Random) -> Iterator[Table]:
    """Let every town send its returnees."""
    funds = iter(enumerate(_funds()))
    paired = _paired_villages(county)
    for position, town in enumerate(county.towns):
        table = Table("T15", [], town)
        for _returnee in range(share(RETURNEES, position, len(county.towns))):
            number, yuan = next(funds)
            table.rows.append(_returnee_row(county, town, number, yuan, rng))
        first = table.rows[0]
        first["paired_village"] = paired.get(town.code)
        if position < UNPLACED:
            birth = date(1978, 3, 5 + position)
            first["id_no"] = make_id(NOWHERE, birth, first["sex"])
            table.marks[0] = [Mark("I16", "W", "id_no")]
        yield table


def _funds() -> list[int]:
    """Return the yuan that each returnee brought back.

    They add up to the source's figure exactly.
    """
    funds = []
    for number in range(RETURNEES - 1):
        funds.append(100_000 + 1_000 * (number * 37 % 165))
    funds.append(FUNDS_YUAN - sum(funds))
    return funds


def _paired_villages(county: County) -> dict[str, str]:
    """Return the village that the first returnee of a town is paired with, by town code."""
    paired: dict[str, str] = {}
    for town in county.towns[:PAIRED_VILLAGES]:
        for village in reversed(town.villages):
            # a list names a village without its town: no two of one name
            if village.name not in paired.values():
                paired[town.code] = village.name
                break
    return paired


def _returnee_row(
    county: County, town: Town, number: int, yuan: int, rng: Random
) -> Row:
    who = identity_columns(county.registry.helper())
    facts = {
        "from_place": in_turn(
            ("浙江省杭州市", "广东省广州市", "贵州省贵阳市"), number
        ),
        "returned_on": days(date(2014, 3, 1), date(2017, 6, 30), rng),
        "project": in_turn(
            ("茶叶加工厂", "生态养殖场", "农家乐", "建材门店"), number
        ),
        "funds_yuan": yuan,
        "paired_village": None,
        "jobs": 3 + number % 10,
    }
    return village_in_turn(town, number) | who | facts
