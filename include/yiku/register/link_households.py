"""Which household a row is of: adds its key, and what the register says of a household that a row names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from yiku.contracts import Contract
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.identity import household_key
from yiku.register.name_comparison import compare_names
from yiku.register.snapshot import Home, RegisterSnapshot

_COLUMNS = (
    "household_state",
    "household_head_match",
    "household_industries",
    "household_poverty",
)


def link_households(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    """Add the key of each row's household, and where a list names households what the register says of them."""
    for column in _COLUMNS:
        out[column] = as_column([None] * len(out), out)
    if "household_no" not in out:
        return
    # on a list that names households the number says which, and no person
    of_persons = None if contract.names_household else "household_sk"
    registered = values_of(out, of_persons)
    out["household_sk"] = as_column(_keys(out, registered, snapshot), out)
    if contract.names_household:
        _take_homes(out, snapshot)


def _keys(
    out: pd.DataFrame, registered: list[str | None], snapshot: RegisterSnapshot
) -> list[str | None]:
    written = rows_of(out, "county_code", "household_no")
    known: dict[tuple[Any, Any], str] = {}
    keys: list[str | None] = []
    for key, (county, number) in zip(registered, written, strict=True):
        if key is None and number is not None:
            place = (county, number)
            # a key is dear to make, and a household has several rows
            if place not in known:
                known[place] = household_key(snapshot.key, county, str(number))
            keys.append(known[place])
        else:
            keys.append(key)
    return keys


def _take_homes(out: pd.DataFrame, snapshot: RegisterSnapshot) -> None:
    """Add what the register says of the household that a row names."""
    homes: list[Home | None] = []
    states: list[str | None] = []
    for county, number in rows_of(out, "county_code", "household_no"):
        home = (
            snapshot.homes.get((county, number))
            if number is not None
            else None
        )
        # A county that has sent no list of households cannot lack one on it.
        is_asked = (
            number is not None and county in snapshot.counties_with_homes
        )
        homes.append(home)
        states.append(_state(home) if is_asked else None)
    heads = values_of(out, "head_name")
    matches = [
        _head_match(typed, h) for typed, h in zip(heads, homes, strict=True)
    ]
    out["household_state"] = as_column(states, out)
    out["household_head_match"] = as_column(matches, out)
    for column, said in (
        ("household_industries", "industries"),
        ("household_poverty", "poverty_status"),
        ("register_town", "town_code"),
        ("register_village", "village_code"),
    ):
        values = (home and getattr(home, said) for home in homes)
        out[column] = as_column(values, out)
    villages = (
        typed if typed is not None else registered
        for typed, registered in rows_of(
            out, "village_code", "register_village"
        )
    )
    out["village_code"] = as_column(villages, out)


def _state(home: Home | None) -> str:
    return "known" if home else "unknown"


def _head_match(typed: str | None, home: Home | None) -> str | None:
    if not typed or home is None or not home.head_name:
        return None
    if typed == home.head_name:
        return "same"
    return compare_names(typed, home.head_name)
