"""Who may be meant by a row whose number is unusable or unknown to the register (tiers T3, T4).

A proposal is a question to the clerk. Nothing is linked before it is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
from rapidfuzz.distance import DamerauLevenshtein

from yiku.contracts import Contract
from yiku.register.column_values import as_column, rows_of
from yiku.register.name_comparison import match_form
from yiku.register.snapshot import RegisterSnapshot

# What a row and a person may have in common beside name, town and village.
_IN_COMMON = ("phone", "household_no", "birth_date")
# So many digits of a number that Excel cut are right, at least; so many it leaves.
_RIGHT_DIGITS, _LEFT_DIGITS = 14, 15
# A number with fewer characters lacks more than a slip of the pen takes away.
_NEARLY_WHOLE = 17


def person_proposals(
    out: pd.DataFrame,
    contract: Contract,
    snapshot: RegisterSnapshot,
    originals: list[str | None],
) -> pd.Series[Any]:
    """Name the one plausible person of each row.

    ``originals`` is what stood in the ID column where it was not understood.
    """
    found: list[str | None] = [None] * len(out)
    if contract.person_name and contract.person_id and not contract.reference:
        rows = rows_of(out, "in_register", contract.person_name, "town_code")
        for position, (known, name, town) in enumerate(rows):
            if known or not name:
                continue
            namesakes = snapshot.by_name_and_town.get(
                (match_form(name), town), ()
            )
            if namesakes and out["decided"].iat[position] is None:
                row = out.iloc[position]
                number = originals[position] or row[contract.person_id]
                found[position] = _propose(row, number, namesakes, snapshot)
    return as_column(found, out)


def _propose(
    row: pd.Series[Any],
    number: str | None,
    namesakes: Iterable[int],
    snapshot: RegisterSnapshot,
) -> str | None:
    """Return the only person whom the best evidence fits; two whom it fits are no proposal by it."""
    people = []
    for position in namesakes:
        person = snapshot.persons.iloc[position]
        pair = frozenset((row["person_sk"], person["person_sk"]))
        # people decided that these two are not one
        if pair not in snapshot.apart:
            people.append(person)
    for hits in _by_evidence(row, number, people):
        if len(hits) == 1:
            return str(hits[0]["person_sk"])
    return None


def _by_evidence(
    row: pd.Series[Any], number: str | None, people: list[Any]
) -> Iterator[list[Any]]:
    """Yield the persons whom a kind of evidence fits, the best kind first."""
    yield [
        person for person in people if _has_one_slip(number, person["id_no"])
    ]
    # A number with one slip tells a person nearly by itself. Weaker evidence
    # counts within a village only: a common name comes up several times in a
    # town.
    neighbours = [
        person for person in people if _is_of_one_village(row, person)
    ]
    yield [person for person in neighbours if _is_cut_short(number, person)]
    yield [person for person in neighbours if _agrees(row, person)]


def _has_one_slip(number: str | None, registered: str) -> bool:
    bare = re.sub(r"[\s\-]", "", number or "").upper()
    if len(bare) < _NEARLY_WHOLE:
        return False
    # Two digits that changed places are one slip of the hand, and count as one
    # here.
    return DamerauLevenshtein.distance(bare, registered) == 1


def _is_cut_short(number: str | None, person: Any) -> bool:
    """Return whether a number may be the person's, cut by Excel: its first 14 digits at least are then right."""
    digits = re.sub(r"\D", "", number or "")
    if len(digits) < _LEFT_DIGITS:
        return False
    return str(person["id_no"]).startswith(digits[:_RIGHT_DIGITS])


def _is_of_one_village(row: pd.Series[Any], person: Any) -> bool:
    village = row["village_code"]
    return bool(village) and village == person["village_code"]


def _agrees(row: pd.Series[Any], person: Any) -> bool:
    for column in _IN_COMMON:
        said = row.get(column)
        if said is not None and said == person[column]:
            return True
    return False
