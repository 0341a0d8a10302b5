"""Who is who: adds to each row of a list what the register says of the person that it names.

``in_register`` stays None where the county has sent no register, and for people whom a list need not take from it.

Tiers: T0 valid number and the same name; T1 the same number and a similar name; T2 the same number and another name
(never linked); T3 and T4 proposals that a clerk must accept; T5 an old number; T6 no number, told by name,
unit and phone; T7 a valid number that the register does not hold; D decided by people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz.distance import DamerauLevenshtein

from yiku.contracts import Contract
from yiku.gazetteer.places import Gazetteer, PlaceFound
from yiku.gazetteer.regions import region_agrees
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.decisions import DECIDED, NOBODY
from yiku.register.identity import household_key
from yiku.register.name_comparison import compare_names, match_form
from yiku.register.snapshot import Home, RegisterSnapshot

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
    """Tell whether a value has the form of an 18-character resident ID (its check digit was judged before)."""
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
    _link_places(out, contract, snapshot)
    _link_persons(out, contract, snapshot)
    _link_households(out, contract, snapshot)
    out["region_agrees"] = as_column(_regions(out, contract), out)
    out["proposal"] = _proposals(out, contract, snapshot, originals)
    _default_places(out, contract)
    _link_named_places(out, contract, snapshot.gazetteer)
    return out


def _link_places(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    out["town_code"] = _towns(out, contract, snapshot)
    if not contract.has("village_name") or (
        contract.reference and contract.has("village_code")
    ):
        out["village_code"] = as_column(
            values_of(out, "village_code" if contract.has("village_code") else None),
            out,
        )
        found = [PlaceFound("not_checked")] * len(out)
    else:
        found = _villages(out, contract, snapshot)
        out["village_code"] = as_column((f.code for f in found), out)
        if contract.has("group_no"):
            groups = zip(values_of(out, "group_no"), found, strict=True)
            out["group_no"] = as_column(
                (own if own is not None else f.group for own, f in groups), out
            )
        own = rows_of(out, "town_code", "village_code")
        out["town_code"] = as_column(
            (t or snapshot.gazetteer.town_of(v) for t, v in own), out
        )
    out["village_state"] = as_column((f.state for f in found), out)
    out["village_candidates"] = as_column((f.candidates for f in found), out)


def _regions(out: pd.DataFrame, contract: Contract) -> Iterable[bool | None]:
    if not (contract.has("region") and contract.has("place")):
        return [None] * len(out)
    rows = rows_of(out, "region", "place", "county_code", "town_code")
    # a file away from its folder has no county: its town may tell, else nobody can
    return (
        region_agrees(region, place, county or (town or "")[:6])
        for region, place, county, town in rows
    )


def _towns(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> pd.Series[Any]:
    if contract.reference and contract.has("town_code"):
        return out["town_code"]
    typed = values_of(out, "town_name" if contract.has("town_name") else None)
    known: dict[tuple[Any, Any, Any], str | None] = {}
    codes = []
    for (county, unit), name in zip(
        rows_of(out, "county_code", "unit_code"), typed, strict=True
    ):
        place = (county, unit, name)
        if place not in known:
            sender = unit if len(unit) == 9 else None
            known[place] = snapshot.gazetteer.find_town(county, name) or sender
        codes.append(known[place])
    return as_column(codes, out)


def _villages(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> list[PlaceFound]:
    """Resolve the villages in their towns; one that stands without a town is looked up in the whole county.

    On a list that need not say the town, a village that is not the sender's may be another town's; where a village may
    be left out, one that several towns have is no fault: the register's town of the person or household says it. Of an
    event nobody's home says where it was: it is left open and asked about ('unclear').
    """
    free = not contract.has("town_name") or contract.column("town_name").need != "M"
    must = contract.column("village_name").need == "M"
    several = "unclear" if contract.names_event else "not_checked"
    typed_towns = values_of(out, "town_name" if contract.has("town_name") else None)
    known: dict[tuple[Any, ...], PlaceFound] = {}
    found = []
    for place, typed in zip(rows_of(out, *_PLACE), typed_towns, strict=True):
        asked = (*place, free and not typed)
        if asked not in known:
            here = _village(snapshot.gazetteer, *asked)
            no_fault = here.state == "ambiguous" and not must and not place[0]
            known[asked] = replace(here, state=several) if no_fault else here
        found.append(known[asked])
    return found


_PLACE = ("town_code", "village_name", "as_of", "county_code")


def _village(
    places: Gazetteer,
    town: str | None,
    name: str | None,
    day: Any,
    county: str,
    wide: bool,
) -> PlaceFound:
    here = places.find_village(town or county, name, day)
    if here.state == "unknown" and wide and town:
        there = places.find_village(county, name, day)
        return there if there.code else here
    return here


def _link_named_places(
    out: pd.DataFrame, contract: Contract, places: Gazetteer
) -> None:
    """Resolve the columns whose text names a place beside that of the row: ``…_place``, its state and candidates."""
    for column in contract.placed:
        known: dict[tuple[Any, ...], PlaceFound] = {}
        found = []
        for asked in rows_of(out, "county_code", "town_code", column.name, "as_of"):
            if asked not in known:
                county, town, typed, day = asked
                known[asked] = places.find_place(
                    county or (town or "")[:6], typed, day, column.place, near=town
                )
            found.append(known[asked])
        out[column.place_column] = as_column((f.code for f in found), out)
        out[f"{column.place_column}_state"] = as_column((f.state for f in found), out)
        out[f"{column.place_column}_candidates"] = as_column(
            (f.candidates for f in found), out
        )


def _link_persons(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    ids = [i if is_person_id(i) else None for i in values_of(out, contract.person_id)]
    merged = {} if contract.reference else snapshot.merged
    now = snapshot.number_now if merged else lambda i: snapshot.old_ids.get(i, i)
    current = [now(i) if i else None for i in ids]
    where = np.array(
        [snapshot.position.get(i, -1) if i else -1 for i in current], dtype=int
    )
    _settle_decided(out, ids if merged else [None] * len(ids), where, snapshot)
    _take_register(out, where, snapshot)
    out["name_match"] = as_column(_name_matches(out, contract, snapshot), out)
    known = frozenset[str]() if contract.open_register else snapshot.counties
    counties = values_of(out, "county_code")
    held = (
        (w >= 0 or None) if c not in known else w >= 0
        for w, c in zip(where.tolist(), counties, strict=True)
    )
    out["in_register"] = as_column(held, out)
    out["link_tier"] = as_column(_tiers(out, ids, current), out)
    tiers = values_of(out, "link_tier")
    registered = values_of(snapshot.persons, "person_sk")
    found = zip(where.tolist(), current, tiers, strict=True)
    keys = (
        None if not i or t == "T2" else registered[w] if w >= 0 else snapshot.sk_of(i)
        for w, i, t in found
    )
    out["person_sk"] = as_column(keys, out)
    _tell_by_words(out, contract, snapshot)
    _take_decided(out, merged)
    _take_number(out, ids)


def _settle_decided(
    out: pd.DataFrame,
    ids: list[str | None],
    where: np.ndarray[Any, Any],
    snapshot: RegisterSnapshot,
) -> None:
    """Add ``decided``: what was decided of each row, or of whoever has its number (of ``ids``).

    A number that is another's in the register is not the person's of whom it was decided.
    """
    said = values_of(out, "decided" if "decided" in out else None)
    decided = [
        snapshot.merged_into(i) if d is None and i else d
        for d, i in zip(said, ids, strict=True)
    ]
    if any(d is not None for d in decided):
        registered = values_of(snapshot.persons, "person_sk")
        holders = (registered[w] if w >= 0 else None for w in where.tolist())
        pairs = zip(decided, holders, strict=True)
        decided = [
            NOBODY if d and h and h != snapshot.merged.get(d, d) else d
            for d, h in pairs
        ]
    out["decided"] = as_column(decided, out)


def _take_decided(out: pd.DataFrame, merged: Mapping[str, str]) -> None:
    """Link rows to whom people decided that they are, and persons to those whom they are."""
    rows = list(rows_of(out, "decided", "person_sk", "link_tier"))
    if not merged and all(decided is None for decided, _, _ in rows):
        return
    linked = [None if d == NOBODY else merged.get(d or k, d or k) for d, k, _ in rows]
    changed = (
        DECIDED if k is not None and (d or k != before) else t
        for (d, before, t), k in zip(rows, linked, strict=True)
    )
    out["link_tier"] = as_column(changed, out)
    out["person_sk"] = as_column(linked, out)


def _tell_by_words(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    """Give a person without a number, where a list may name such, a key of their own (T6)."""
    if not contract.person_key:
        return
    numbers = values_of(out, contract.person_id)
    words = list(rows_of(out, *contract.person_key))
    told = [n is None and all(w) for n, w in zip(numbers, words, strict=True)]
    before = zip(values_of(out, "person_sk"), words, told, strict=True)
    out["person_sk"] = as_column(
        (snapshot.sk_of_words(w) if t else k for k, w, t in before), out
    )
    tiers = zip(values_of(out, "link_tier"), told, strict=True)
    out["link_tier"] = as_column(("T6" if t else k for k, t in tiers), out)


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
        values = np.append(snapshot.persons[source].to_numpy(dtype=object), [None])
        out[column] = pd.Series(values[where], index=out.index, dtype=object)


def _name_matches(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> Iterable[str | None]:
    # the register's own lists say what its people are called now
    names = values_of(out, None if contract.reference else contract.person_name)
    said = rows_of(out, "register_name", "household_sk", "decided")
    for typed, (registered, household, decided) in zip(names, said, strict=True):
        if decided is not None:
            yield "different" if decided == NOBODY else "same"
        elif typed is None or registered is None:
            yield None
        elif typed == registered:
            yield "same"
        else:
            yield _match_in_household(
                typed,
                registered,
                snapshot.names_in_household.get(household, frozenset()),
            )


def _match_in_household(typed: str, registered: str, members: frozenset[str]) -> str:
    """Compare with the register: a name that another member of the household bears is that member, however similar."""
    if match_form(typed) in members and match_form(typed) != match_form(registered):
        return "different"
    return compare_names(typed, registered)


def _tiers(
    out: pd.DataFrame, ids: list[str | None], current: list[str | None]
) -> Iterable[str | None]:
    for typed, used, (known, match) in zip(
        ids, current, rows_of(out, "in_register", "name_match"), strict=True
    ):
        if used is None:
            yield None
        elif match == "different":
            yield "T2"
        elif not known:
            yield "T7"
        elif typed != used:
            yield "T5"
        else:
            yield "T1" if match == "similar" else "T0"


def _take_number(out: pd.DataFrame, ids: list[str | None]) -> None:
    births = [
        date(int(i[6:10]), int(i[10:12]), int(i[12:14])) if i else None for i in ids
    ]
    out["id_birth_date"] = as_column(births, out)
    out["id_sex"] = as_column(
        (("女", "男")[int(i[16]) % 2] if i else None for i in ids), out
    )
    out["age"] = as_column(
        (_age(b, d) for b, d in zip(births, values_of(out, "as_of"), strict=True)), out
    )


def _age(birth: date | None, day: date) -> int | None:
    return (
        None
        if birth is None
        else day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    )


def _link_households(
    out: pd.DataFrame, contract: Contract, snapshot: RegisterSnapshot
) -> None:
    for column in (
        "household_state",
        "household_head_match",
        "household_industries",
        "household_poverty",
    ):
        out[column] = as_column([None] * len(out), out)
    if "household_no" not in out:
        return
    persons = values_of(out, None if contract.names_household else "household_sk")
    known: dict[tuple[Any, Any], str] = {}
    found = []
    for registered, (county, number) in zip(
        persons, rows_of(out, "county_code", "household_no"), strict=True
    ):
        if registered is None and number is not None:
            registered = known.get((county, number)) or household_key(
                snapshot.key, county, str(number)
            )
            known[county, number] = registered
        found.append(registered)
    out["household_sk"] = as_column(found, out)
    if contract.names_household:
        _take_homes(out, snapshot)


def _take_homes(out: pd.DataFrame, snapshot: RegisterSnapshot) -> None:
    """Add what the register says of the household that a row names."""
    pairs = list(rows_of(out, "county_code", "household_no"))
    homes = [snapshot.homes.get(p) if p[1] is not None else None for p in pairs]
    asked = [
        number is not None and county in snapshot.counties_with_homes
        for county, number in pairs
    ]
    states = (
        ("known" if h else "unknown") if a else None
        for h, a in zip(homes, asked, strict=True)
    )
    heads = values_of(out, "head_name")
    matches = (_head_match(typed, h) for typed, h in zip(heads, homes, strict=True))
    out["household_state"] = as_column(states, out)
    out["household_head_match"] = as_column(matches, out)
    out["household_industries"] = as_column((h and h.industries for h in homes), out)
    out["household_poverty"] = as_column((h and h.poverty_status for h in homes), out)
    out["register_town"] = as_column((h and h.town_code for h in homes), out)
    out["register_village"] = as_column((h and h.village_code for h in homes), out)
    villages = rows_of(out, "village_code", "register_village")
    out["village_code"] = as_column(
        (v if v is not None else r for v, r in villages), out
    )


def _head_match(typed: str | None, home: Home | None) -> str | None:
    if not typed or home is None or not home.head_name:
        return None
    return "same" if typed == home.head_name else compare_names(typed, home.head_name)


def _default_places(out: pd.DataFrame, contract: Contract) -> None:
    """Put a row that names no town where the register has the person, unless its place is that of an event."""
    if not contract.names_event:
        home = rows_of(out, "town_code", "register_town")
        out["town_code"] = as_column((t if t is not None else r for t, r in home), out)
    pairs = rows_of(out, "village_code", "register_village")
    out["moved"] = as_column((bool(v and r and v != r) for v, r in pairs), out)


def _proposals(
    out: pd.DataFrame,
    contract: Contract,
    snapshot: RegisterSnapshot,
    originals: list[str | None],
) -> pd.Series[Any]:
    """Name the one plausible person (tiers T3, T4) of a row whose number is unusable or unknown to the register."""
    found: list[str | None] = [None] * len(out)
    if contract.person_name and contract.person_id and not contract.reference:
        for i, (known, name, town) in enumerate(
            rows_of(out, "in_register", contract.person_name, "town_code")
        ):
            namesakes = (
                ()
                if known or not name
                else snapshot.by_name_and_town.get((match_form(name), town), ())
            )
            if namesakes and out["decided"].iat[i] is None:
                row = out.iloc[i]
                found[i] = _propose(
                    row, originals[i] or row[contract.person_id], namesakes, snapshot
                )
    return as_column(found, out)


def _propose(
    row: pd.Series[Any],
    number: str | None,
    namesakes: Iterable[int],
    snapshot: RegisterSnapshot,
) -> str | None:
    every = (snapshot.persons.iloc[i] for i in namesakes)
    people = [
        p
        for p in every
        if frozenset((row["person_sk"], p["person_sk"])) not in snapshot.apart
    ]
    tests: tuple[Callable[[Any], bool], ...] = (
        lambda p: _one_slip(number, p["id_no"]),
        lambda p: _cut_short(number, p) and _same_village(row, p),
        lambda p: _same_village(row, p) and _agrees(row, p),
    )
    for test in tests:
        hits = [p for p in people if test(p)]
        if len(hits) == 1:
            return str(hits[0]["person_sk"])
    return None


def _one_slip(number: str | None, registered: str) -> bool:
    bare = re.sub(r"[\s\-]", "", number or "").upper()
    return len(bare) >= 17 and DamerauLevenshtein.distance(bare, registered) == 1


def _cut_short(number: str | None, person: Any) -> bool:
    """Tell whether a number may be the person's, cut by Excel: its first 14 digits at least are then right."""
    digits = re.sub(r"\D", "", number or "")
    return len(digits) >= 15 and str(person["id_no"]).startswith(digits[:14])


def _same_village(row: pd.Series[Any], person: Any) -> bool:
    return bool(row["village_code"]) and row["village_code"] == person["village_code"]


def _agrees(row: pd.Series[Any], person: Any) -> bool:
    pairs = (
        ("phone", "phone"),
        ("household_no", "household_no"),
        ("birth_date", "birth_date"),
    )
    return any(
        row.get(mine) is not None and row.get(mine) == person[theirs]
        for mine, theirs in pairs
    )
