"""Dirt that takes a person or a whole row: the under-aged, the dead, strangers, twins, two towns, two posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from yiku.demo.lists import CLAIMANTS, Roles, Row, census, spell
from yiku.demo.page import Mark, Record
from yiku.demo.people import Resident
from yiku.demo.sheets import Sheet, as_cell
from yiku.demo.world import County, Town


@dataclass
class Guests:
    """Persons who stand in the register only to be refused or questioned, by town code."""

    old: dict[str, Resident]
    young: dict[str, Resident]
    dead: dict[str, Resident]
    strangers: dict[str, Resident]


def invite(county: County, rng: Random) -> Guests:
    """Add an over-aged, an under-aged and a dead person to three towns, and think of three strangers."""
    guests = Guests({}, {}, {}, {})
    makers = (county.registry.elder_worker, county.registry.young_worker)
    for town in county.towns[:3]:
        homes = rng.sample(town.households, 4)
        for place, make, home in zip((guests.old, guests.young), makers, homes, strict=False):
            place[town.code] = county.add(home, make(home))
        gone = replace(county.registry.stranger(rng), state="死亡", relation="其他亲属")
        guests.dead[town.code] = county.add(homes[2], gone)
        unknown = replace(county.registry.stranger(rng), relation="其他亲属")
        guests.strangers[town.code] = Resident(unknown, homes[3])
    return guests


def append(sheet: Sheet, row: Row, *marks: Mark) -> Record:
    """Add a row with its dirt at the end of a sheet."""
    record = Record(row, marks=list(marks))
    record.cells = {c.name: as_cell(row.get(c.name), c, sheet.headers[c.name]) for c in sheet.columns}
    sheet.records.append(record)
    return record


Sheets = dict[tuple[str, str], Sheet]  # by town code and list


def plant_rows(county: County, sheets: Sheets, guests: Guests, roles: Roles, rng: Random) -> None:
    """Plant every kind of row dirt in the first towns of a county."""
    for town in county.towns[:3]:
        _guests(county, town, sheets, guests, roles, rng)
    for town, other in zip(county.towns[3:6], county.towns[6:9], strict=True):
        for plant in _ROW_PLANTS:
            plant(sheets, town, other)


def _guests(county: County, town: Town, sheets: Sheets, guests: Guests, roles: Roles, rng: Random) -> None:
    people, workers = sheets[town.code, "L1"], sheets[town.code, "L3"]
    append(people, census(guests.old[town.code], roles, rng), Mark("A02", "W", None))
    append(people, census(guests.young[town.code], roles, rng), Mark("A01", "Q", None))
    append(people, census(guests.strangers[town.code], roles, rng), Mark("X07", "Q", None))
    append(workers, spell(guests.strangers[town.code], county, True, rng), Mark("X07", "W", None))
    append(workers, spell(guests.dead[town.code], county, True, rng), Mark("X08", "Q", None))


def _clean(sheet: Sheet) -> list[Record]:
    """Return the records without dirt that are no heads: whoever doubles a head doubles a household."""
    found = [r for r in sheet.records if not r.marks and not r.taken and r.values["rel_to_head"] != "户主"]
    return found


def _twin(sheets: Sheets, town: Town, other: Town) -> None:
    sheet = sheets[town.code, "L1"]
    first = _clean(sheet)[0]
    first.taken = True
    append(sheet, dict(first.values), Mark("X01", "A", None))


def _rival(sheets: Sheets, town: Town, other: Town) -> None:
    sheet = sheets[town.code, "L1"]
    first = _clean(sheet)[5]
    first.marks.append(Mark("X01", "Q", None))
    append(sheet, first.values | {"intent_job": "搬运工"}, Mark("X01", "Q", None))


def _two_towns(sheets: Sheets, town: Town, other: Town) -> None:
    mine, theirs = sheets[town.code, "L1"], sheets[other.code, "L1"]
    home = _clean(mine)[7].values
    place = {n: home[n] for n in ("town_name", "village_name", "group_no")}
    moved = _clean(theirs)[3]
    moved.taken = True
    marks = (Mark("X02", "Q", None), Mark("K10", "W", None), Mark("X03", "W", None))
    append(mine, moved.values | place, *marks)


def _heads_number(sheets: Sheets, town: Town, other: Town) -> None:
    sheet = sheets[town.code, "L1"]
    clean = _clean(sheet)
    member = next(r for r in clean if r.values["rel_to_head"] == "配偶")
    member.cells["id_no"] = member.values["head_id_no"]
    member.cells |= dict.fromkeys(("sex", "birth_date", "age"))
    member.marks += [Mark("I11", "Q", None), Mark("X04", "W", None)]


def _two_heads(sheets: Sheets, town: Town, other: Town) -> None:
    sheet = sheets[town.code, "L1"]
    clean = _clean(sheet)
    spouse = next(r for r in reversed(clean) if r.values["rel_to_head"] == "配偶")
    spouse.cells["rel_to_head"] = "户主"
    for record in sheet.records:
        if record.values["household_no"] == spouse.values["household_no"]:
            record.marks.append(Mark("X03", "W", None))


def _married_away(sheets: Sheets, town: Town, other: Town) -> None:
    sheet = sheets[town.code, "L1"]
    record = _clean(sheet)[9]
    record.cells["remark"] = "已外嫁"
    record.marks.append(Mark("R03", "W", None))


def _works_too(sheets: Sheets, town: Town, other: Town) -> None:
    """Let a post's holder stand among those who work away: each row is fine, together they are a conflict."""
    workers = sheets[town.code, "L3"]
    holder = sheets[town.code, "L5"].records[-1].values
    job = next(r.values for r in workers.records if r.values["end_on"] is None)
    who = {c.name: holder.get(c.name) for c in workers.contract.columns if c.block in ("LOC", "PER")}
    append(workers, job | who)


def _changed_employer(sheets: Sheets, town: Town, other: Town) -> None:
    """Let somebody change employers in November: both will claim an award for the month."""
    sheet = sheets[town.code, "L3"]
    found = (r for r in reversed(_clean(sheet)) if r.values["end_on"] is None and not r.values.get("employer_uscc"))
    work = next(found)
    work.taken = True
    left = {"employer": CLAIMANTS[0], "end_on": date(2017, 11, 5), "return_reason": "工资低"}
    for column in left:
        sheet.show(column)
    append(sheet, work.values | left).taken = True
    begun: Row = {"employer": CLAIMANTS[1], "start_on": date(2017, 11, 6)}
    work.values |= begun
    work.cells |= begun


def _borrowed_number(sheets: Sheets, town: Town, other: Town) -> None:
    """Give a member of a household the number of another one's head."""
    sheet = sheets[town.code, "L1"]
    heads = {r.values["head_id_no"] for r in sheet.records}
    record = _clean(sheet)[11]
    record.cells["head_id_no"] = next(n for n in sorted(heads) if n != record.values["head_id_no"])
    for one in sheet.records:
        if one.values["household_no"] == record.values["household_no"]:
            one.marks.append(Mark("X05", "Q", "household_no"))


_ROW_PLANTS: tuple[Callable[[Sheets, Town, Town], None], ...] = (
    _twin,
    _rival,
    _two_towns,
    _heads_number,
    _two_heads,
    _married_away,
    _changed_employer,
    _works_too,
    _borrowed_number,
)


def second_post(sheet: Sheet) -> None:
    """Give the first holder of a sheet another post that begins later."""
    first = _clean(sheet)[0].values
    append(
        sheet,
        first
        | {"post_no": "GW9999", "post_name": "河道管护员", "post_type": "河道", "start_on": date(2017, 10, 1)}
        | {"end_on": date(2018, 9, 30), "months": 1, "amount_yuan": first["std_yuan"]},
        Mark("X15", "Q", None),
    )
