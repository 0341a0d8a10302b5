"""Where a row is: adds the codes of the town and village that it names, and of places that stand in columns beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from yiku.contracts import Contract
from yiku.gazetteer.places import Gazetteer, PlaceFound
from yiku.gazetteer.regions import region_agrees
from yiku.register.column_values import as_column, rows_of, values_of


def link_places(
    out: pd.DataFrame, contract: Contract, gazetteer: Gazetteer
) -> None:
    """Add the codes of the town and village of each row, and what was found of the village."""
    out["town_code"] = _towns(out, contract, gazetteer)
    # a list of places says its codes itself
    has_codes = contract.reference and contract.has("village_code")
    if contract.has("village_name") and not has_codes:
        found = _villages(out, contract, gazetteer)
        _take_villages(out, contract, gazetteer, found)
    else:
        codes = values_of(out, _column_of(contract, "village_code"))
        out["village_code"] = as_column(codes, out)
        found = [PlaceFound("not_checked")] * len(out)
    out["village_state"] = as_column((place.state for place in found), out)
    candidates = (place.candidates for place in found)
    out["village_candidates"] = as_column(candidates, out)


def link_regions(out: pd.DataFrame, contract: Contract) -> None:
    """Add whether the region that a row says agrees with the place that it names."""
    agrees: list[bool | None] = [None] * len(out)
    if contract.has("region") and contract.has("place"):
        rows = rows_of(out, "region", "place", "county_code", "town_code")
        for position, (region, place, county, town) in enumerate(rows):
            # a file away from its folder has no county: its town may tell, else nobody can
            home = county or (town or "")[:6]
            agrees[position] = region_agrees(region, place, home)
    out["region_agrees"] = as_column(agrees, out)


def link_named_places(
    out: pd.DataFrame, contract: Contract, gazetteer: Gazetteer
) -> None:
    """Resolve the columns whose text names a place beside that of the row: ``…_place``, its state and candidates."""
    for column in contract.placed:
        known: dict[tuple[Any, ...], PlaceFound] = {}
        found = []
        for asked in rows_of(
            out, "county_code", "town_code", column.name, "as_of"
        ):
            if asked not in known:
                county, town, typed, day = asked
                within = county or (town or "")[:6]
                known[asked] = gazetteer.find_place(
                    within, typed, day, column.place, near=town
                )
            found.append(known[asked])
        name = column.place_column
        out[name] = as_column((place.code for place in found), out)
        out[f"{name}_state"] = as_column((place.state for place in found), out)
        candidates = (place.candidates for place in found)
        out[f"{name}_candidates"] = as_column(candidates, out)


def take_home_places(out: pd.DataFrame, contract: Contract) -> None:
    """Put a row that names no town where the register has the person, unless its place is that of an event."""
    if not contract.names_event:
        towns = rows_of(out, "town_code", "register_town")
        out["town_code"] = as_column(_said_or(towns), out)
    villages = rows_of(out, "village_code", "register_village")
    has_moved = (
        bool(said and registered and said != registered)
        for said, registered in villages
    )
    out["moved"] = as_column(has_moved, out)


def _said_or(pairs: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Return what is said, and where nothing is what is known."""
    return [said if said is not None else known for said, known in pairs]


def _column_of(contract: Contract, name: str) -> str | None:
    return name if contract.has(name) else None


def _towns(
    out: pd.DataFrame, contract: Contract, gazetteer: Gazetteer
) -> pd.Series[Any]:
    if contract.reference and contract.has("town_code"):
        return out["town_code"]
    names = values_of(out, _column_of(contract, "town_name"))
    senders = rows_of(out, "county_code", "unit_code")
    known: dict[tuple[Any, Any, Any], str | None] = {}
    codes = []
    for (county, unit), name in zip(senders, names, strict=True):
        place = (county, unit, name)
        if place not in known:
            # a town speaks of itself, a department of the county may mean any
            sender = unit if len(unit) == 9 else None
            known[place] = gazetteer.find_town(county, name) or sender
        codes.append(known[place])
    return as_column(codes, out)


_PLACE = ("town_code", "village_name", "as_of", "county_code")


def _villages(
    out: pd.DataFrame, contract: Contract, gazetteer: Gazetteer
) -> list[PlaceFound]:
    """Resolve the villages in their towns; one that stands without a town is looked up in the whole county.

    On a list that need not say the town, a village that is not the sender's may be another town's; where a village may
    be left out, one that several towns have is no fault: the register's town of the person or household says it. Of an
    event nobody's home says where it was: it is left open and asked about ('unclear').
    """
    needs_town = (
        contract.has("town_name") and contract.column("town_name").need == "M"
    )
    needs_village = contract.column("village_name").need == "M"
    of_several = "unclear" if contract.names_event else "not_checked"
    typed_towns = values_of(out, _column_of(contract, "town_name"))
    known: dict[tuple[Any, ...], PlaceFound] = {}
    found = []
    for place, typed_town in zip(
        rows_of(out, *_PLACE), typed_towns, strict=True
    ):
        may_be_anywhere = not needs_town and not typed_town
        asked = (*place, may_be_anywhere)
        if asked not in known:
            village = _village(gazetteer, *asked)
            has_no_town = not place[0]
            is_ambiguous = village.state == "ambiguous"
            if is_ambiguous and has_no_town and not needs_village:
                village = replace(village, state=of_several)
            known[asked] = village
        found.append(known[asked])
    return found


def _village(
    gazetteer: Gazetteer,
    town: str | None,
    name: str | None,
    day: date,
    county: str,
    may_be_anywhere: bool,
) -> PlaceFound:
    here = gazetteer.find_village(town or county, name, day)
    if here.state != "unknown" or not may_be_anywhere or not town:
        return here
    there = gazetteer.find_village(county, name, day)
    return there if there.code else here


def _take_villages(
    out: pd.DataFrame,
    contract: Contract,
    gazetteer: Gazetteer,
    found: list[PlaceFound],
) -> None:
    """Add the codes of villages, the groups that stood in their names, and the towns that follow from them."""
    out["village_code"] = as_column((village.code for village in found), out)
    if contract.has("group_no"):
        groups = [village.group for village in found]
        typed = values_of(out, "group_no")
        pairs = zip(typed, groups, strict=True)
        out["group_no"] = as_column(_said_or(pairs), out)
    towns = (
        town or gazetteer.town_of(village)
        for town, village in rows_of(out, "town_code", "village_code")
    )
    out["town_code"] = as_column(towns, out)
