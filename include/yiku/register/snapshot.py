"""What the register says tonight: persons by number, by name and place; the villages; numbers that were replaced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from yiku.gazetteer.places import Gazetteer
from yiku.register.column_values import rows_of, values_of
from yiku.register.identity import household_key, person_key
from yiku.register.name_comparison import match_form

PERSON_COLUMNS = (
    "person_sk",
    "id_no",
    "name",
    "birth_date",
    "phone",
    "household_no",
    "household_sk",
    "county_code",
    "town_code",
    "village_code",
    "member_state",
    "school",
    "labour_capacity",
)


class Home(NamedTuple):
    """What the register says of one household."""

    head_name: str | None
    town_code: str | None
    village_code: str | None
    industries: tuple[str, ...] | None
    poverty_status: str | None


HOME_COLUMNS = ("county_code", "household_no", *Home._fields)


@dataclass
class RegisterSnapshot:
    """The register as of one night. ``persons`` has PERSON_COLUMNS, one row a person; ``old_ids`` old number -> new.

    ``merged`` maps persons to those whom people decided that they are, ``apart`` holds pairs that are two (by key).
    ``households`` gives HOME_COLUMNS, one row a household; it is asked only for lists that name one.
    """

    persons: pd.DataFrame
    gazetteer: Gazetteer
    key: bytes
    old_ids: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[frozenset[str]] = frozenset()
    households: Callable[[], pd.DataFrame] = lambda: pd.DataFrame(
        columns=list(HOME_COLUMNS), dtype=object
    )

    @cached_property
    def counties(self) -> frozenset[str]:
        """The counties that have sent a register: elsewhere nobody can be said to be missing from it."""
        return frozenset(self.persons["county_code"].dropna())

    @cached_property
    def homes(self) -> Mapping[tuple[str, str], Home]:
        """Households by county and number."""
        homes = rows_of(self.households(), *HOME_COLUMNS)
        return {
            (str(county), str(number)): _home(*facts)
            for county, number, *facts in homes
            if number
        }

    @cached_property
    def counties_with_homes(self) -> frozenset[str]:
        """The counties that have sent a list of households."""
        return frozenset(county for county, _ in self.homes)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position in ``persons`` by ID number."""
        return {
            id_no: i
            for i, id_no in enumerate(values_of(self.persons, "id_no"))
        }

    @cached_property
    def number_of(self) -> Mapping[str, str]:
        """ID number by person."""
        return {
            str(sk): id_no
            for sk, id_no in rows_of(self.persons, "person_sk", "id_no")
        }

    def number_now(self, id_no: str) -> str:
        """Return the number under which the register has whoever has this one, as old numbers and decisions say."""
        person = self.merged_into(id_no)
        now = self.old_ids.get(id_no, id_no)
        return self.number_of.get(person, now) if person else now

    def merged_into(self, id_no: str) -> str | None:
        """Return the person that whoever has a number was decided to be, or None."""
        return self.merged.get(self.sk_of(id_no)) if self.merged else None

    @cached_property
    def by_name_and_town(self) -> Mapping[tuple[str, str], list[int]]:
        """Positions by match form of the name and town."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, (name, town) in enumerate(
            rows_of(self.persons, "name", "town_code")
        ):
            if name and town:
                found[match_form(name), town].append(i)
        return found

    @cached_property
    def names_in_household(self) -> Mapping[str, frozenset[str]]:
        """Match forms of the members' names by ``household_sk``."""
        found: dict[str, set[str]] = defaultdict(set)
        for household, name in rows_of(self.persons, "household_sk", "name"):
            if household and name:
                found[household].add(match_form(name))
        return {k: frozenset(v) for k, v in found.items()}

    def sk_of_words(self, words: tuple[str, ...]) -> str:
        """Return the key of a person who has no number and is told by words: name, unit, phone (T6)."""
        return person_key(self.key, "/".join(words))

    def sk_of(self, id_no: str) -> str:
        """Return the key of a person by number, old numbers included, whether the register has it or not."""
        # A number of 15 digits and the one that replaced it are one person,
        # else what was told before the change would be somebody else's.
        return person_key(self.key, self.old_ids.get(id_no, id_no))


def _home(
    head: Any, town: Any, village: Any, industries: Any, poverty: Any
) -> Home:
    return Home(
        head, town, village, tuple(industries) if industries else None, poverty
    )


def persons_from_lists(
    h01: pd.DataFrame, h02: pd.DataFrame, key: bytes
) -> pd.DataFrame:
    """Build the persons of a snapshot from linked rows of the household list (H01) and the member list (H02)."""
    homes: dict[str, tuple[object, object, object]] = {
        str(no): (county, town, village)
        for no, county, town, village in rows_of(
            h01, "household_no", "county_code", "town_code", "village_code"
        )
    }
    people = h02[h02["id_no"].notna()].drop_duplicates("id_no", keep="last")
    found = []
    for row in people.to_dict("records"):
        number = str(row["household_no"])
        county, town, village = homes.get(
            number, (row["county_code"], None, None)
        )
        places: dict[Any, Any] = {
            "county_code": county,
            "town_code": town,
            "village_code": village,
        }
        keys: dict[Any, Any] = {
            "person_sk": person_key(key, row["id_no"]),
            "household_sk": household_key(key, str(county), number),
        }
        found.append({**row, **places, **keys})
    return pd.DataFrame(found, columns=list(PERSON_COLUMNS), dtype=object)
