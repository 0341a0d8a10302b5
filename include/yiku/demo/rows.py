"""What rows of several lists share.

Columns of a village, a household and a person, numbers, turns and shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from stdnum.cn import uscc

from yiku.demo.people import Household, Person, Resident

Row = dict[str, Any]
Choice = TypeVar("Choice")


def in_turn(choices: Sequence[Choice], number: int) -> Choice:
    """Return the choice whose turn it is, counted from 0 and round again."""
    return choices[number % len(choices)]


def share(total: int, position: int, count: int) -> int:
    """Return the whole share of one of ``count`` receivers.

    All shares add up to ``total``.
    """
    until_here = total * (position + 1) // count
    before = total * position // count
    return until_here - before


def days(first: date, last: date, rng: Random) -> date:
    """Draw a day between two days, both included."""
    length = (last - first).days
    return first + timedelta(days=rng.randint(0, length))


def credit_code(kind: str, region: str, series: str, number: int) -> str:
    """Return a well-formed unified social credit code of no real organisation."""
    body = f"{kind}{region}{series}{number:05}X"
    return body + str(uscc.calc_check_digit(body))


def pick(row: Row, columns: Iterable[str]) -> Row:
    """Return some columns of a row."""
    return {column: row[column] for column in columns}


def village_columns(town: str, village: str | None) -> Row:
    """Return the columns that name a village."""
    return {"town_name": town, "village_name": village}


def household_columns(home: Household) -> Row:
    """Return the columns that name a household of the register."""
    village = village_columns(home.village.town, home.village.name)
    return village | {"household_no": home.number, "head_name": home.head.name}


def identity_columns(person: Person) -> Row:
    """Return the columns that say who somebody is, in or outside the register."""
    return {
        "name": person.name,
        "id_no": person.id_no,
        "sex": person.sex,
        "phone": person.phone,
    }


def place_and_household(resident: Resident) -> Row:
    """Return the shared columns of a place and a household."""
    home = resident.household
    return household_columns(home) | {
        "group_no": home.group,
        "head_id_no": home.head.id_no,
    }


def person_columns(resident: Resident) -> Row:
    """Return the shared columns of a place, a household and a person."""
    person = resident.person
    facts = {
        "birth_date": person.birth,
        "age": person.age,
        "ethnic": person.ethnic,
        "rel_to_head": person.relation,
        "edu": person.edu,
    }
    return place_and_household(resident) | identity_columns(person) | facts
