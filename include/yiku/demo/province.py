"""A province of fictitious counties, as many and as large as a measurement asks for.

Real counties and towns, villages and people that do not exist. Each county is made by
a process of its own, a town at a time, so that size costs time and no memory.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from random import Random

from yiku.demo.counties import (
    TOWN_LISTS,
    reference_files,
    town_sheet,
    write_file,
)
from yiku.demo.dirt import PLANTS, Plant, spoil
from yiku.demo.inbox_files import File
from yiku.demo.lists import town_lists
from yiku.demo.manifest import Manifest
from yiku.demo.occupations import give_roles
from yiku.demo.official_tables import Table, table_files, town_folder
from yiku.demo.people import PHONES
from yiku.demo.references import AMBITIONS, targets
from yiku.demo.rows import Row, in_turn
from yiku.demo.sheets import Sheet
from yiku.demo.talent import make_talent, talent_tables
from yiku.demo.world import NEAR, PLANS, County, Plan, Town, make_county
from yiku.gazetteer.places import divisions
from yiku.intake.inbox import DEMO_MARK

MOST_COUNTIES = 88
_PROVINCE = "51"
_CAPITAL = "5101"  # which has no poor county
# A day and a prefix hold one man and one woman alone (sequences 997, 998): a large
# county needs many prefixes, none of which another one uses.
_PREFIXES = 28
_NUMBERS_OF_A_COUNTY = 75_000  # telephones and accounts, at a scale of 20
_OTHER_PHONES = tuple(
    prefix for prefix in range(130, 200) if prefix not in PHONES
)
_MOST_ROWS = 600  # a town sends a list of more rows by village
_SPOILT_EVERY = 50
# what most clerks work with, and what some still do
_PROGRAMS = (
    *("plain", "plain", "plain", "plain", "csv_gb18030"),
    *("plain", "plain", "plain", "xls"),
)

Watched = Callable[[list[str], str], Iterable[str]]


def _as_they_are(names: list[str], _what: str) -> Iterable[str]:
    return names


def write_province(
    folder: Path,
    count: int,
    scale: int = 1,
    seed: int = 2017,
    watched: Watched = _as_they_are,
) -> Manifest:
    """Write ``count`` counties below ``folder``, each with the places and people of its own.

    The same arguments always give the same bytes, and a county's bytes do not depend on
    how many others there are. ``scale`` multiplies the households of every town; at 20 the
    88 counties are those of a whole province. ``watched`` passes the counties' names on and may
    show how far it has come. ValueError for more counties than there are.
    """
    plans = province_plans()
    if count > len(plans):
        raise ValueError(f"no more than {len(plans)} counties")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEMO_MARK).touch()
    manifest = Manifest()
    write = partial(_write_county, folder, scale=scale, seed=seed)
    # a forked writer would carry along what its parent holds
    with ProcessPoolExecutor(
        max_workers=min(count, os.cpu_count() or 1),
        mp_context=get_context("spawn"),
    ) as writers:
        written = writers.map(write, range(count))
        for _name in watched([plan.name for plan in plans[:count]], "全省"):
            manifest.add(next(written))
    return manifest


def province_plans() -> tuple[Plan, ...]:
    """Return the plans of all counties, in an order that mixes large and small ones."""
    of_demo = _prefixes_of_demo()
    foreign = _foreign_prefixes(of_demo)
    plans = []
    for number, code in enumerate(_largest_counties()):
        first = number * _PREFIXES
        prefixes = foreign[first : first + _PREFIXES]
        own = () if code in of_demo else (code,)
        plans.append(_plan(code, (*own, *prefixes)))
    # 37 is prime to 88: neighbours in the table, which are alike, come far apart
    return tuple(in_turn(plans, number * 37) for number in range(len(plans)))


def _largest_counties() -> list[str]:
    """Return the codes of the counties with the most towns, without those of the demo."""
    towns = Counter(code[:6] for code in divisions() if len(code) == 9)
    taken = {plan.code for plan in PLANS}
    found = []
    for code in towns:
        is_rural = code.startswith(_PROVINCE) and code[:4] != _CAPITAL
        if is_rural and code not in taken:
            found.append(code)
    found.sort(key=lambda code: (-towns[code], code))
    return sorted(found[:MOST_COUNTIES])


def _prefixes_of_demo() -> set[str]:
    taken = set(NEAR)
    for plan in PLANS:
        taken.update(plan.regions)
    return taken


def _foreign_prefixes(taken: set[str]) -> list[str]:
    """Return prefixes of numbers given out in other provinces, which no demo county uses."""
    found = []
    for code in divisions():
        is_foreign = len(code) == 6 and not code.startswith(_PROVINCE)
        if is_foreign and code not in taken:
            found.append(code)
    return found


def _plan(code: str, regions: tuple[str, ...]) -> Plan:
    names = divisions()
    beside = [
        other
        for other in names
        if len(other) == 6 and other[:4] == code[:4] and other != code
    ]
    return Plan(
        code,
        names[code],
        names[code[:2]] + names[code[:4]],
        names[beside[0]],
        _centre(code),
        regions,
        ("汉族", "汉族", "彝族", "藏族", "羌族"),
        villages=8,
        households=30,
        full=False,
        phones=_OTHER_PHONES,
    )


def _centre(code: str) -> tuple[float, float]:
    """Return a point of the province, one for each city and county: real ones are not known here."""
    city, county = int(code[2:4]), int(code[4:6])
    return 100.0 + city * 0.2, 27.0 + county % 40 * 0.15


def _write_county(
    folder: Path, number: int, *, scale: int, seed: int
) -> Manifest:
    """Write one county, and drop each file as soon as it lies there."""
    plan = province_plans()[number]
    rng = Random(f"{seed}-{plan.code}")  # noqa: S311 - the same seed must make the same counties
    serial = 100_000 + number * _NUMBERS_OF_A_COUNTY
    county = make_county(plan, scale, rng, serial)
    county.roles = give_roles(county, scale, rng)
    manifest = Manifest()
    for file in _files(county, scale, rng):
        write_file(folder, file, manifest)
    return manifest


def _files(county: County, scale: int, rng: Random) -> Iterator[File]:
    made = town_lists(county, county.roles, rng)
    soil = {code: _dirt_of(code) for code in TOWN_LISTS}
    for habit, town in enumerate(county.towns):
        folder = town_folder(county, town, habit)
        for code in TOWN_LISTS:
            for part, rows in _parts(made[code](town)):
                sheet = town_sheet(town, code, rows, habit, rng)
                file = _file(folder, town, sheet, part, habit)
                _spoil_some(file, sheet, soil[code])
                yield file
    for file in reference_files(county, county.roles, rng):
        yield replace(file, writer="plain")
    yield from table_files(county, _office_tables(county, scale), rng)


def _office_tables(county: County, scale: int) -> Iterator[Table]:
    ambitions = [
        (code, name, total * scale, uom)
        for code, name, total, uom in AMBITIONS
    ]
    yield Table("E12", targets(county, ambitions))
    yield from talent_tables(make_talent(county))


def _parts(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield what a town sends of a list: the whole, or each village by itself where that is much."""
    if len(rows) <= _MOST_ROWS:
        if rows:
            yield "", rows
        return
    villages: dict[str, list[Row]] = {}
    for row in rows:
        villages.setdefault(row["village_name"], []).append(row)
    yield from villages.items()


def _file(
    folder: str, town: Town, sheet: Sheet, part: str, habit: int
) -> File:
    title = sheet.contract.title
    place = TOWN_LISTS.index(sheet.contract.code)
    writer = in_turn(_PROGRAMS, habit + place)
    return File(f"{folder}/{town.name}{part}{title}", [sheet], writer)


def _dirt_of(code: str) -> Iterator[Plant]:
    """Yield kinds of dirt of a list in turn, for ever; none where it has none."""
    return cycle([plant for plant in PLANTS if plant.code == code])


def _spoil_some(file: File, sheet: Sheet, soil: Iterator[Plant]) -> None:
    """Plant dirt on every fiftieth row, each time of the next kind that the row lends itself to."""
    for row in range(_SPOILT_EVERY - 1, len(sheet.records), _SPOILT_EVERY):
        for plant in soil:
            fits = not plant.formats or file.writer in plant.formats
            if fits and spoil(plant, sheet.records, row):
                break
