"""Which of the rows that claim one person keeps the person: of two towns on one list (X02), of two posts at once (X15).

The one place where that is decided. It looks at a set of rows, so that the order in which they came cannot matter.
A night decides once all of its files are loaded (``yiku.pipeline.decided_claims``); a batch, and ``yiku check``, which
has no warehouse, decide among the rows that they see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from yiku.contracts import Contract
from yiku.register.column_values import (
    as_column,
    is_missing,
    rows_of,
    values_of,
)

FAR = date.max
# What is told of a row that claims a person.
COLUMNS = (
    "person_sk",
    "period",
    "town_code",
    "key",
    "start",
    "end",
    "fill_date",
    "version",
    "register_town",
    "stands",
)

Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Loss:
    """Why a row gives way: the town (code, or name once it is told) that keeps the person, a better founded post."""

    to_town: str | None = None
    is_second_post: bool = False


NO_LOSS = Loss()


@dataclass(frozen=True)
class _Claim:
    """One row that claims a person, and its position among the rows."""

    position: int
    row: Row

    @property
    def town(self) -> str:
        """The code of the town for which the row claims the person."""
        return str(self.row["town_code"])

    @property
    def stands(self) -> bool:
        """Return whether no rule about the row itself sends it back."""
        return bool(self.row["stands"])

    @property
    def version(self) -> str:
        """The place of the row among the versions of its key."""
        return str(self.row["version"])

    @property
    def is_away(self) -> bool:
        """Return whether the register knows the person in another town, or in none."""
        return bool(self.town != self.row["register_town"])

    def day(self, column: str) -> date:
        """Return a date of the row, one that is not known later than all others."""
        value = self.row[column]
        is_known = isinstance(value, date) and not pd.isna(value)
        return value if is_known else FAR

    @property
    def order_of_towns(self) -> tuple[Any, ...]:
        """What sorts the claims of towns: the register's town, the earlier start, the earlier fill date."""
        days = (self.day("start"), self.day("fill_date"))
        return (self.is_away, *days, self.town, str(self.row["key"]))

    @property
    def order_of_spells(self) -> tuple[Any, ...]:
        """What sorts the spells of a person: the earlier start, the register's town, the earlier fill date."""
        start, filled = self.day("start"), self.day("fill_date")
        return (start, self.is_away, filled, self.town, str(self.row["key"]))

    def overlaps(self, other: _Claim) -> bool:
        """Return whether two spells have a day in common."""
        begins_in_time = self.day("start") <= other.day("end")
        return begins_in_time and other.day("start") <= self.day("end")


def decide(claims: pd.DataFrame, contract: Contract) -> list[Loss]:
    """Return for each row of ``claims`` (COLUMNS) what it gives way to.

    ``stands`` marks the rows that no rule about themselves sends back. Only those displace others; a row that does not
    stand is told of those that come before it, so that its sender hears of everything at once.
    """
    lost_to: dict[int, str] = {}
    second: set[int] = set()
    if contract.one_town:
        lost_to = _lost_to_towns(claims)
    if contract.exclusive:
        second = _second_posts(claims, lost_to)
    losses = [NO_LOSS] * len(claims)
    for position in second.union(lost_to):
        losses[position] = Loss(lost_to.get(position), position in second)
    return losses


def add_spell(frame: pd.DataFrame, contract: Contract) -> None:
    """Add ``start`` and ``end`` of a row's spell where the list has spells that must not overlap, else None."""
    rule = contract.exclusive
    if not rule:
        nothing = as_column([None] * len(frame), frame)
        frame["start"] = nothing
        frame["end"] = nothing
        return
    frame["start"] = frame[rule["start"]]
    columns = [values_of(frame, column) for column in rule["ends"]]
    first_ends = []
    for days in zip(*columns, strict=True):
        given = [day for day in days if day]
        first_ends.append(min(given, default=None))
    frame["end"] = as_column(first_ends, frame)


def _contested(
    claims: pd.DataFrame, who: list[str], what: str
) -> list[list[_Claim]]:
    """Return by person (``who``) the rows that say different things (``what``) of it."""
    people = list(rows_of(claims, *who))
    said_by_row = values_of(claims, what)
    first_said: dict[tuple[Any, ...], Any] = {}
    contested: set[tuple[Any, ...]] = set()
    for person, said in zip(people, said_by_row, strict=True):
        is_known = not any(map(is_missing, (*person, said)))
        if is_known and first_said.setdefault(person, said) != said:
            contested.add(person)
    if not contested:
        return []
    positions = [
        position
        for position, person in enumerate(people)
        if person in contested and not is_missing(said_by_row[position])
    ]
    # few rows are left: only of them all columns are taken
    rows = claims.iloc[positions].to_dict("records")
    groups: dict[tuple[Any, ...], list[_Claim]] = defaultdict(list)
    for position, row in zip(positions, rows, strict=True):
        groups[people[position]].append(_Claim(position, row))
    return list(groups.values())


# --- two towns with one person


def _lost_to_towns(claims: pd.DataFrame) -> dict[int, str]:
    """Return by position the town that keeps the person of a row of another town."""
    lost: dict[int, str] = {}
    for group in _contested(claims, ["person_sk", "period"], "town_code"):
        standing = _newest_of_each_town(group)
        if not standing:
            continue
        keeper = min(standing, key=lambda claim: claim.order_of_towns)
        for claim in group:
            is_rival = claim.town != keeper.town
            is_later = keeper.order_of_towns < claim.order_of_towns
            if is_rival and (claim.stands or is_later):
                lost[claim.position] = keeper.town
    return lost


def _newest_of_each_town(group: list[_Claim]) -> list[_Claim]:
    """Return the rows by which each town claims a person: the newest standing version of each of its rows."""
    newest: dict[tuple[Any, str], _Claim] = {}
    for claim in group:
        place = (claim.row["key"], claim.town)
        before = newest.get(place)
        is_newer = before is None or claim.version > before.version
        if claim.stands and is_newer:
            newest[place] = claim
    return list(newest.values())


# --- two posts at once


def _second_posts(
    claims: pd.DataFrame, lost_to: Mapping[int, str]
) -> set[int]:
    """Return the positions of the rows whose spell overlaps another, better founded one of the same person."""
    second: set[int] = set()
    for group in _contested(claims, ["person_sk"], "key"):
        # who is another town's keeps no one from a post at home
        displacing = {c.position for c in group if c.stands}.difference(
            lost_to
        )
        spells = _newest_of_each_spell(group, displacing)
        given_way = _overlapping(spells, displacing)
        for claim in group:
            if claim.row["key"] in given_way:
                second.add(claim.position)
    return second


def _newest_of_each_spell(
    group: list[_Claim], displacing: set[int]
) -> list[_Claim]:
    """Return the newest version of each spell, one that may displace others before any other, in their order."""
    newest: dict[Any, _Claim] = {}
    for claim in sorted(group, key=lambda claim: claim.version):
        before = newest.get(claim.row["key"])
        may_displace = claim.position in displacing
        if may_displace or before is None or before.position not in displacing:
            newest[claim.row["key"]] = claim
    return sorted(newest.values(), key=lambda claim: claim.order_of_spells)


def _overlapping(spells: list[_Claim], displacing: set[int]) -> set[Any]:
    """Return the keys of the spells that overlap one that is kept: from the first on, what overlaps gives way."""
    kept: list[_Claim] = []
    second = set()
    for spell in spells:
        if any(spell.overlaps(other) for other in kept):
            second.add(spell.row["key"])
        elif spell.position in displacing:
            kept.append(spell)
    return second


# --- among the rows of a batch


def losses_within(
    frame: pd.DataFrame,
    contract: Contract,
    loaded: pd.DataFrame,
    stands: Iterable[bool] | None = None,
) -> list[Loss]:
    """Return for each row of ``frame`` (linked) what it gives way to beside the others and what was ``loaded``.

    Without ``stands`` all rows are taken to stand. What other batches hold is not known here.
    """
    if not contract.one_town or not len(frame):
        return [NO_LOSS] * len(frame)
    mine = frame.reindex(columns=list(COLUMNS))
    mine["stands"] = True if stands is None else list(stands)
    homes = dict(rows_of(frame, "person_sk", "register_town"))
    # others stand beside them as rows of the same sender: nothing is asked of those
    of_these = loaded["person_sk"].isin([person for person in homes if person])
    earlier = loaded[of_these].reindex(columns=list(COLUMNS))
    earlier["stands"] = True
    both = [mine, earlier] if len(earlier) else [mine]
    claims = pd.concat(both, ignore_index=True)
    persons = values_of(claims, "person_sk")
    claims["register_town"] = as_column(map(homes.get, persons), claims)
    # A place that could not be told claims nobody for any town.
    claims.loc[claims["town_code"].isna(), "person_sk"] = None
    return decide(claims, contract)[: len(frame)]
