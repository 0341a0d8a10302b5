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

import numpy as np
import pandas as pd

from yiku.contracts import Contract
from yiku.register.column_values import as_column, rows_of, values_of

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


def decide(claims: pd.DataFrame, contract: Contract) -> list[Loss]:
    """Return for each row of ``claims`` (COLUMNS) what it gives way to.

    ``stands`` marks the rows that no rule about themselves sends back. Only those displace others; a row that does not
    stand is told of those that come before it, so that its sender hears of everything at once.
    """
    towns = _lost_to_towns(claims) if contract.one_town else {}
    posts = _second_posts(claims, towns) if contract.exclusive else set()
    if not towns and not posts:
        return [NO_LOSS] * len(claims)
    return [Loss(towns.get(i), i in posts) for i in range(len(claims))]


def add_spell(frame: pd.DataFrame, contract: Contract) -> None:
    """Add ``start`` and ``end`` of a row's spell where the list has spells that must not overlap, else None."""
    rule = contract.exclusive
    nothing = [None] * len(frame)
    frame["start"] = frame[rule["start"]] if rule else as_column(nothing, frame)
    ends = [values_of(frame, column) for column in rule["ends"]] if rule else [nothing]
    first_ends = []
    for days in zip(*ends, strict=True):
        given = [day for day in days if day]
        first_ends.append(min(given, default=None))
    frame["end"] = as_column(first_ends, frame)


# --- two towns with one person


def _lost_to_towns(claims: pd.DataFrame) -> dict[int, str]:
    """Return by position the town that keeps the person of a row of another town."""
    lost: dict[int, str] = {}
    for group in _contested(claims, ["person_sk", "period"], "town_code"):
        standing = _newest_of_each_town(group)
        keeper = min((row for _, row in standing), key=_order_of_towns, default=None)
        if keeper is None:
            continue
        for position, row in group:
            is_before = _order_of_towns(keeper) < _order_of_towns(row)
            if row["town_code"] != keeper["town_code"] and (row["stands"] or is_before):
                lost[position] = str(keeper["town_code"])
    return lost


def _contested(
    claims: pd.DataFrame, who: list[str], what: str
) -> Iterable[list[tuple[int, Row]]]:
    """Yield by person (``who``) the rows, with their positions, that say different things (``what``) of it."""
    known = claims[[*who, what]].notna().all(axis=1)
    said = claims[known]
    if not len(said):
        return
    several = said.groupby(who)[what].transform("nunique") > 1
    positions = np.flatnonzero(known)[several.to_numpy()]
    groups: dict[tuple[Any, ...], list[tuple[int, Row]]] = defaultdict(list)
    rows = claims.iloc[positions].to_dict("records")
    for position, row in zip(positions.tolist(), rows, strict=True):
        groups[tuple(row[name] for name in who)].append((position, row))
    yield from groups.values()


def _newest_of_each_town(group: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """Return the rows by which each town claims a person: the newest standing version of each of its rows."""
    newest: dict[tuple[Any, Any], tuple[int, Row]] = {}
    for position, row in group:
        place = (row["key"], row["town_code"])
        if row["stands"] and _is_newer(row, newest.get(place)):
            newest[place] = (position, row)
    return list(newest.values())


def _is_newer(row: Row, other: tuple[int, Row] | None) -> bool:
    return other is None or str(row["version"]) > str(other[1]["version"])


def _is_at_home(row: Row) -> bool:
    return bool(row["town_code"] == row["register_town"])


def _order_of_towns(row: Row) -> tuple[Any, ...]:
    """Return what sorts the claims of towns: the register's town, the earlier start, the earlier fill date."""
    days = (_day(row["start"]), _day(row["fill_date"]))
    return (not _is_at_home(row), *days, row["town_code"], str(row["key"]))


def _day(value: Any) -> date:
    return value if isinstance(value, date) and not pd.isna(value) else FAR


# --- two posts at once


def _second_posts(claims: pd.DataFrame, lost: Mapping[int, str]) -> set[int]:
    """Return the positions of the rows whose spell overlaps another, better founded one of the same person."""
    second: set[int] = set()
    for group in _contested(claims, ["person_sk"], "key"):
        spells = _newest_of_each_spell(group, lost)
        given_way = _overlapping(spells)
        second.update(position for position, row in group if row["key"] in given_way)
    return second


def _newest_of_each_spell(
    group: list[tuple[int, Row]], lost: Mapping[int, str]
) -> list[tuple[Row, bool]]:
    """Return the newest version of each spell and whether it may displace others; a standing one before any other."""
    newest: dict[Any, tuple[bool, Row]] = {}
    for position, row in group:
        may_displace = bool(row["stands"]) and position not in lost
        before = newest.get(row["key"])
        rank = (may_displace, str(row["version"]))
        if before is None or rank > (before[0], str(before[1]["version"])):
            newest[row["key"]] = (may_displace, row)
    found = [(row, may_displace) for may_displace, row in newest.values()]
    return sorted(found, key=lambda spell: _order_of_spells(spell[0]))


def _order_of_spells(row: Row) -> tuple[Any, ...]:
    """Return what sorts the spells of a person: the earlier start, the register's town, the earlier fill date."""
    home = (not _is_at_home(row), _day(row["fill_date"]))
    return (_day(row["start"]), *home, row["town_code"] or "", str(row["key"]))


def _overlapping(spells: list[tuple[Row, bool]]) -> set[Any]:
    """Return the keys of the spells that overlap one that is kept: from the first on, what overlaps gives way."""
    kept: list[Row] = []
    second = set()
    for spell, may_displace in spells:
        if any(_overlap(spell, other) for other in kept):
            second.add(spell["key"])
        elif may_displace:
            kept.append(spell)
    return second


def _overlap(spell: Row, other: Row) -> bool:
    begins_before = _day(spell["start"]) <= _day(other["end"])
    return begins_before and _day(other["start"]) <= _day(spell["end"])


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
    if not contract.one_town:
        return [NO_LOSS] * len(frame)
    mine = frame.reindex(columns=list(COLUMNS))
    mine["stands"] = True if stands is None else list(stands)
    earlier = loaded.reindex(columns=list(COLUMNS))
    earlier["stands"] = True
    both = [rows for rows in (mine, earlier) if len(rows)]
    if not both:
        return []
    claims = pd.concat(both, ignore_index=True)
    homes = {p: town for p, town in rows_of(frame, "person_sk", "register_town") if p}
    persons = values_of(claims, "person_sk")
    claims["register_town"] = as_column(map(homes.get, persons), claims)
    # A place that could not be told claims nobody for any town.
    claims.loc[claims["town_code"].isna(), "person_sk"] = None
    return decide(claims, contract)[: len(frame)]
