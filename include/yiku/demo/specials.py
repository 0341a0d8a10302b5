"""Dirt that takes a person or a whole row.

The under-aged, the dead, strangers, twins, two towns, two posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from yiku.demo.companion import CLAIMANTS
from yiku.demo.lists import census
from yiku.demo.occupations import Roles, spell
from yiku.demo.page import Mark, Record
from yiku.demo.people import Resident
from yiku.demo.rows import Row, pick
from yiku.demo.sheets import Sheet, add_record
from yiku.demo.world import County, Town

_RELATIVE = "其他亲属"


@dataclass
class Guests:
    """Persons who stand in the register only to be refused or questioned, by town code."""

    old: dict[str, Resident] = field(default_factory=dict)
    young: dict[str, Resident] = field(default_factory=dict)
    dead: dict[str, Resident] = field(default_factory=dict)
    strangers: dict[str, Resident] = field(default_factory=dict)


def invite(county: County, rng: Random) -> Guests:
    """Add an over-aged, an under-aged and a dead person to each of three towns.

    And think of a stranger, whom the register does not know.
    """
    guests = Guests()
    registry = county.registry
    for town in county.towns[:3]:
        of_old, of_young, of_dead, of_stranger = rng.sample(town.households, 4)
        guests.old[town.code] = county.add(
            of_old, registry.elder_worker(of_old)
        )
        guests.young[town.code] = county.add(
            of_young, registry.young_worker(of_young)
        )
        dead = replace(
            registry.stranger(rng), state="死亡", relation=_RELATIVE
        )
        guests.dead[town.code] = county.add(of_dead, dead)
        stranger = replace(registry.stranger(rng), relation=_RELATIVE)
        # named with a household, whose register does not know the person
        guests.strangers[town.code] = Resident(stranger, of_stranger)
    return guests


Sheets = dict[tuple[str, str], Sheet]  # by town code and list


def plant_rows(
    county: County, sheets: Sheets, guests: Guests, roles: Roles, rng: Random
) -> None:
    """Plant every kind of row dirt in the first towns of a county."""
    for town in county.towns[:3]:
        _plant_guests(county, town, sheets, guests, roles, rng)
    for town, other in zip(county.towns[3:6], county.towns[6:9], strict=True):
        for plant in _ROW_PLANTS:
            plant(sheets, town, other)


def _plant_guests(
    county: County,
    town: Town,
    sheets: Sheets,
    guests: Guests,
    roles: Roles,
    rng: Random,
) -> None:
    people = sheets[town.code, "L1"]
    workers = sheets[town.code, "L3"]
    # in this order: each draws from the same stream of chance
    old = census(guests.old[town.code], roles, rng)
    add_record(people, old, Mark("A02", "W"))
    young = census(guests.young[town.code], roles, rng)
    add_record(people, young, Mark("A01", "Q"))
    stranger = guests.strangers[town.code]
    counted = census(stranger, roles, rng)
    add_record(people, counted, Mark("X07", "Q"))
    # who works away need not stand in the register, and is asked about alone
    work = spell(stranger, county, True, rng)
    add_record(workers, work, Mark("X07", "W"))
    work_of_dead = spell(guests.dead[town.code], county, True, rng)
    add_record(workers, work_of_dead, Mark("X08", "Q"))


def _clean_records(sheet: Sheet) -> list[Record]:
    """Return the records without dirt that are no heads.

    Whoever doubles a head doubles a household.
    """
    found = []
    for record in sheet.records:
        is_head = record.values["rel_to_head"] == "户主"
        if not (record.marks or record.taken or is_head):
            found.append(record)
    return found


def _mark_household(sheet: Sheet, member: Record, mark: Mark) -> None:
    """Plant the same dirt on every member of a household."""
    for record in sheet.records:
        if record.values["household_no"] == member.values["household_no"]:
            record.marks.append(mark)


def _twin(sheets: Sheets, town: Town, other: Town) -> None:
    """Write a row twice, letter for letter."""
    sheet = sheets[town.code, "L1"]
    first = _clean_records(sheet)[0]
    first.taken = True
    add_record(sheet, dict(first.values), Mark("X01", "A"))


def _rival(sheets: Sheets, town: Town, other: Town) -> None:
    """Write a row twice, with two wishes for a job.

    Nobody can tell which one counts.
    """
    sheet = sheets[town.code, "L1"]
    first = _clean_records(sheet)[5]
    first.marks.append(Mark("X01", "Q"))
    rival = first.values | {"intent_job": "搬运工"}
    add_record(sheet, rival, Mark("X01", "Q"))


def _two_towns(sheets: Sheets, town: Town, other: Town) -> None:
    """Let a town carry somebody whom another one has too, who moved."""
    mine = sheets[town.code, "L1"]
    theirs = sheets[other.code, "L1"]
    neighbour = _clean_records(mine)[7].values
    place = pick(neighbour, ("town_name", "village_name", "group_no"))
    moved = _clean_records(theirs)[3]
    moved.taken = True
    # the household stands in two places, and here it has no head
    marks = (Mark("X02", "Q"), Mark("K10", "W"), Mark("X03", "W"))
    add_record(mine, moved.values | place, *marks)


def _with_relation(records: Iterable[Record], relation: str) -> Record:
    """Return the first record of a relation to the head."""
    return next(
        record
        for record in records
        if record.values["rel_to_head"] == relation
    )


def _heads_number(sheets: Sheets, town: Town, other: Town) -> None:
    """Give a wife her husband's number, as where a clerk fills down."""
    sheet = sheets[town.code, "L1"]
    member = _with_relation(_clean_records(sheet), "配偶")
    member.cells["id_no"] = member.values["head_id_no"]
    # whatever tells the two apart is gone
    for column in ("sex", "birth_date", "age"):
        member.cells[column] = None
    member.marks += [Mark("I11", "Q"), Mark("X04", "W")]


def _two_heads(sheets: Sheets, town: Town, other: Town) -> None:
    """Call a wife the head beside her husband: the whole household is asked about."""
    sheet = sheets[town.code, "L1"]
    spouse = _with_relation(reversed(_clean_records(sheet)), "配偶")
    spouse.cells["rel_to_head"] = "户主"
    _mark_household(sheet, spouse, Mark("X03", "W"))


def _married_away(sheets: Sheets, town: Town, other: Town) -> None:
    """Keep somebody on the list of whom the remark says that she is gone."""
    sheet = sheets[town.code, "L1"]
    record = _clean_records(sheet)[9]
    record.cells["remark"] = "已外嫁"
    record.marks.append(Mark("R03", "W"))


def _works_too(sheets: Sheets, town: Town, other: Town) -> None:
    """Let a post's holder stand among those who work away.

    Each row is fine, together they are a conflict.
    """
    workers = sheets[town.code, "L3"]
    holder = sheets[town.code, "L5"].records[-1].values
    job = next(
        record.values
        for record in workers.records
        if record.values["end_on"] is None
    )
    who = {}
    for column in workers.contract.columns:
        if column.block in ("LOC", "PER"):
            who[column.name] = holder.get(column.name)
    add_record(workers, job | who)


def _changed_employer(sheets: Sheets, town: Town, other: Town) -> None:
    """Let somebody change employers in November.

    Both will claim an award for the month.
    """
    sheet = sheets[town.code, "L3"]
    work = _last_open_spell(sheet)
    work.taken = True
    left = {
        "employer": CLAIMANTS[0],
        "end_on": date(2017, 11, 5),
        "return_reason": "工资低",
    }
    for column in left:
        sheet.show(column)
    ended = add_record(sheet, work.values | left)
    ended.taken = True
    begun: Row = {"employer": CLAIMANTS[1], "start_on": date(2017, 11, 6)}
    work.values |= begun
    work.cells |= begun


def _last_open_spell(sheet: Sheet) -> Record:
    """Return the last spell that goes on, with an employer without a code."""
    for record in reversed(_clean_records(sheet)):
        is_open = record.values["end_on"] is None
        if is_open and not record.values.get("employer_uscc"):
            return record
    raise ValueError("nobody works on for an employer without a code")


def _borrowed_number(sheets: Sheets, town: Town, other: Town) -> None:
    """Give a member of a household the number of another one's head."""
    sheet = sheets[town.code, "L1"]
    record = _clean_records(sheet)[11]
    heads = {one.values["head_id_no"] for one in sheet.records}
    heads.remove(record.values["head_id_no"])
    record.cells["head_id_no"] = min(heads)
    _mark_household(sheet, record, Mark("X05", "Q", "household_no"))


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
    first = _clean_records(sheet)[0].values
    post = {
        "post_no": "GW9999",
        "post_name": "河道管护员",
        "post_type": "河道",
        "start_on": date(2017, 10, 1),
        "end_on": date(2018, 9, 30),
        "months": 1,
        "amount_yuan": first["std_yuan"],
    }
    add_record(sheet, first | post, Mark("X15", "Q"))
