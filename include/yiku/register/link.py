"""Who is who: adds to each row of a list what the register says of the person that it names.

``in_register`` stays None where the county has sent no register, and for people whom a list need not take from it.

Tiers: T0 valid number and the same name; T1 the same number and a similar name; T2 the same number and another name
(never linked); T3 and T4 proposals that a clerk must accept; T5 an old number; T6 no number, told by name,
unit and phone; T7 a valid number that the register does not hold; D decided by people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from yiku.contracts import Contract
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.decisions import DECIDED, NOBODY
from yiku.register.link_households import link_households
from yiku.register.link_places import (
    link_named_places,
    link_places,
    link_regions,
    take_home_places,
)
from yiku.register.name_comparison import compare_names, match_form
from yiku.register.person_proposals import person_proposals
from yiku.register.snapshot import RegisterSnapshot

# The century tells an ID from the bank cards and credit codes that are of 18
# characters too.
ID_SHAPE = re.compile(r"\d{6}(19|20)\d{9}[\dX]")

LINK_COLUMNS = (
    "person_sk",
    "link_tier",
    "in_register",
    "register_name",
    "name_match",
    "register_town",
    "register_village",
    "household_sk",
    "household_state",
    "household_head_match",
    "household_industries",
    "household_poverty",
    "member_state",
    "register_school",
    "register_labour",
    "id_birth_date",
    "id_sex",
    "age",
    "proposal",
    "town_code",
    "village_code",
    "village_state",
    "village_candidates",
    "moved",
    "region_agrees",
)


def is_person_id(value: object) -> bool:
    """Return whether a value has the form of an 18-character resident ID (its check digit was judged before)."""
    return isinstance(value, str) and ID_SHAPE.fullmatch(value) is not None


def link(
    frame: pd.DataFrame,
    contract: Contract,
    snapshot: RegisterSnapshot,
    originals: list[str | None],
) -> pd.DataFrame:
    """Return ``frame`` with LINK_COLUMNS added, and of each column that names a place beside the row's own its code.

    ``frame`` holds a list's columns with county_code, unit_code and as_of; ``originals`` the text that stood in the
    ID column where it was not understood, for proposals.
    """
    out = frame.copy(deep=False)
    # The places come first: whom a row without a usable number means is looked
    # for in its town. Places in other columns come last, for of two villages
    # of one name that of the row's town is meant, which may be known from its
    # person alone.
    link_places(out, contract, snapshot.gazetteer)
    _link_persons(out, contract, snapshot)
    link_households(out, contract, snapshot)
    link_regions(out, contract)
    out["proposal"] = person_proposals(out, contract, snapshot, originals)
    take_home_places(out, contract)
    link_named_places(out, contract, snapshot.gazetteer)
    return out


def _link_persons(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    typed = values_of(out, contract.person_id)
    numbers = [number if is_person_id(number) else None for number in typed]
    # what people decided holds on the lists, not in the register's own words
    merged = {} if contract.reference else snapshot.merged
    numbers_now = _numbers_now(numbers, snapshot, is_merged=bool(merged))
    position = snapshot.position
    at = [position.get(number, -1) if number else -1 for number in numbers_now]
    where = np.array(at, dtype=int)
    asked = numbers if merged else [None] * len(numbers)
    _settle_decided(out, asked, where, snapshot)
    _take_register(out, where, snapshot)
    out["name_match"] = as_column(_name_matches(out, contract, snapshot), out)
    out["in_register"] = as_column(_held(out, at, contract, snapshot), out)
    out["link_tier"] = as_column(_tiers(out, numbers, numbers_now), out)
    out["person_sk"] = as_column(
        _person_keys(out, at, numbers_now, snapshot), out
    )
    _tell_by_words(out, contract, snapshot)
    _take_decided(out, merged)
    _take_number(out, numbers)


def _numbers_now(
    numbers: list[str | None], snapshot: RegisterSnapshot, *, is_merged: bool
) -> list[str | None]:
    """Return the numbers that their persons have now: an old one leads to the new one."""
    if is_merged:
        return [
            snapshot.number_now(number) if number else None
            for number in numbers
        ]
    old_ids = snapshot.old_ids
    return [
        old_ids.get(number, number) if number else None for number in numbers
    ]


def _held(
    out: pd.DataFrame,
    at: list[int],
    contract: Contract,
    snapshot: RegisterSnapshot,
) -> Iterator[bool | None]:
    """Yield whether the register holds each row's person; None where nobody can be missing from it."""
    known = frozenset[str]() if contract.open_register else snapshot.counties
    for position, county in zip(
        at, values_of(out, "county_code"), strict=True
    ):
        is_held = position >= 0
        yield is_held if is_held or county in known else None


def _person_keys(
    out: pd.DataFrame,
    at: list[int],
    numbers_now: list[str | None],
    snapshot: RegisterSnapshot,
) -> Iterator[str | None]:
    registered = values_of(snapshot.persons, "person_sk")
    tiers = values_of(out, "link_tier")
    for position, number, tier in zip(at, numbers_now, tiers, strict=True):
        if not number or tier == "T2":
            yield None
        elif position >= 0:
            yield registered[position]
        else:
            yield snapshot.sk_of(number)


def _settle_decided(
    out: pd.DataFrame,
    numbers: list[str | None],
    where: np.ndarray[Any, Any],
    snapshot: RegisterSnapshot,
) -> None:
    """Add ``decided``: what was decided of each row, or of whoever has its number.

    A number that is another's in the register is not the person's of whom it was decided.
    """
    said = values_of(out, "decided" if "decided" in out else None)
    decided = []
    for person, number in zip(said, numbers, strict=True):
        if person is None and number:
            person = snapshot.merged_into(number)
        decided.append(person)
    if any(person is not None for person in decided):
        decided = list(_not_of_others(decided, where, snapshot))
    out["decided"] = as_column(decided, out)


def _not_of_others(
    decided: list[str | None],
    where: np.ndarray[Any, Any],
    snapshot: RegisterSnapshot,
) -> Iterator[str | None]:
    registered = values_of(snapshot.persons, "person_sk")
    for person, position in zip(decided, where.tolist(), strict=True):
        holder = registered[position] if position >= 0 else None
        if person and holder and holder != snapshot.merged.get(person, person):
            yield NOBODY
        else:
            yield person


def _take_decided(out: pd.DataFrame, merged: Mapping[str, str]) -> None:
    """Link rows to whom people decided that they are, and persons to those whom they are."""
    rows = list(rows_of(out, "decided", "person_sk", "link_tier"))
    if not merged and all(decided is None for decided, _, _ in rows):
        return
    tiers: list[str | None] = []
    persons: list[str | None] = []
    for decided, before, tier in rows:
        named = decided or before
        person = None if decided == NOBODY else merged.get(named, named)
        is_decided = person is not None and (decided or person != before)
        tiers.append(DECIDED if is_decided else tier)
        persons.append(person)
    out["link_tier"] = as_column(tiers, out)
    out["person_sk"] = as_column(persons, out)


def _tell_by_words(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    """Give a person without a number, where a list may name such, a key of their own (T6)."""
    if not contract.person_key:
        return
    tiers = values_of(out, "link_tier")
    persons = values_of(out, "person_sk")
    numbers = values_of(out, contract.person_id)
    words_of_rows = rows_of(out, *contract.person_key)
    for position, words in enumerate(words_of_rows):
        if numbers[position] is None and all(words):
            tiers[position] = "T6"
            persons[position] = snapshot.sk_of_words(words)
    out["person_sk"] = as_column(persons, out)
    out["link_tier"] = as_column(tiers, out)


def _take_register(
    out: pd.DataFrame, where: np.ndarray[Any, Any], snapshot: RegisterSnapshot
) -> None:
    wanted = {
        "register_name": "name",
        "register_town": "town_code",
        "register_village": "village_code",
        "household_sk": "household_sk",
        "member_state": "member_state",
        "register_school": "school",
        "register_labour": "labour_capacity",
    }
    for column, source in wanted.items():
        if column in out:  # the list of persons says it itself
            continue
        # whom the register does not hold is at -1: the last value, which is none
        values = np.append(
            snapshot.persons[source].to_numpy(dtype=object), [None]
        )
        out[column] = pd.Series(values[where], index=out.index, dtype=object)


def _name_matches(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> Iterator[str | None]:
    # the register's own lists say what its people are called now
    names = values_of(
        out, None if contract.reference else contract.person_name
    )
    said = rows_of(out, "register_name", "household_sk", "decided")
    nobody = frozenset[str]()
    for typed, (registered, household, decided) in zip(
        names, said, strict=True
    ):
        if decided is not None:
            yield "different" if decided == NOBODY else "same"
        elif typed is None or registered is None:
            yield None
        elif typed == registered:
            yield "same"
        else:
            members = snapshot.names_in_household.get(household, nobody)
            yield _match_in_household(typed, registered, members)


def _match_in_household(
    typed: str, registered: str, members: frozenset[str]
) -> str:
    """Compare with the register: a name that another member of the household bears is that member, however similar."""
    form = match_form(typed)
    if form in members and form != match_form(registered):
        return "different"
    return compare_names(typed, registered)


def _tiers(
    out: pd.DataFrame, numbers: list[str | None], numbers_now: list[str | None]
) -> Iterator[str | None]:
    said = rows_of(out, "in_register", "name_match")
    for typed, used, (known, match) in zip(
        numbers, numbers_now, said, strict=True
    ):
        if used is None:
            yield None
        # The name before all else: heads write their own number beside
        # everybody in the household, and a link would give one person the
        # others' jobs and money.
        elif match == "different":
            yield "T2"
        elif not known:
            yield "T7"
        elif typed != used:
            yield "T5"
        elif match == "similar":
            yield "T1"
        else:
            yield "T0"


def _take_number(out: pd.DataFrame, numbers: list[str | None]) -> None:
    """Add what a number says of its person: the day of birth, the sex, and the age on the day of the list."""
    births = [_birth_date(number) if number else None for number in numbers]
    sexes = [_sex(number) if number else None for number in numbers]
    days = values_of(out, "as_of")
    ages = [
        _age(birth, day) if birth else None
        for birth, day in zip(births, days, strict=True)
    ]
    out["id_birth_date"] = as_column(births, out)
    out["id_sex"] = as_column(sexes, out)
    out["age"] = as_column(ages, out)


def _birth_date(number: str) -> date:
    year, month, day = number[6:10], number[10:12], number[12:14]
    return date(int(year), int(month), int(day))


def _sex(number: str) -> str:
    # the last digit of the sequence is odd for men
    is_male = int(number[16]) % 2 == 1
    return "男" if is_male else "女"


def _age(birth: date, day: date) -> int:
    is_before_birthday = (day.month, day.day) < (birth.month, birth.day)
    return day.year - birth.year - is_before_birthday
