"""What stands on a page: the figures of one county or town in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from yiku.wall.shelves import Shelves
from yiku.warehouse.wall_figures import (
    Gap,
    Held,
    MonthRate,
    Owed,
    Rate,
    Score,
    Spot,
    Target,
    Work,
    Zone,
)

TOGETHER = "four_full_pct"
# The four that everybody is to be reached by, in the order of the programme.
FOUR = (
    "registered_rate_pct",
    "trained_rate_pct",
    "employed_rate_pct",
    "benefit_rate_pct",
)
TALENT = (
    "village_team_pct",
    "town_expert_pct",
    "village_expert_pct",
    "household_technician_pct",
    "prescription_rate_pct",
)
SHORT = {
    "registered_rate_pct": "入库",
    "trained_rate_pct": "培训",
    "employed_rate_pct": "就业",
    "benefit_rate_pct": "享受政策",
}
# Who is looked at first: a page that names ten towns names none.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Line:
    """One place in the ranking: its coverages, how it submits, and what it owes."""

    spot: Spot
    together: Rate | None
    four: list[Rate | None]
    score: Score | None = None
    owed: list[Owed] = field(default_factory=list)
    overdue: Sequence[Work] = ()

    @property
    def light(self) -> str:
        """The light by which the place is coloured."""
        return self.together.light if self.together else "灰"

    @property
    def weakest(self) -> Rate | None:
        """The coverage that is furthest from its target."""
        known = [
            rate for rate in self.four if rate and rate.rate_pct is not None
        ]
        return min(known, key=_shortfall) if known else None


@dataclass(frozen=True)
class Board:
    """A page of a county, or of a town of one."""

    county: Spot
    place: Spot
    as_of: str
    tiles: list[Rate]
    talent: list[Rate]
    lines: list[Line]
    targets: list[Target]
    goals: list[Target]
    held: list[Held]
    work: list[Work]
    gaps: list[Gap]
    score: Score | None
    owed: list[tuple[str, list[Owed]]]
    zones: list[Zone]
    months: list[MonthRate]
    silent: list[Spot]

    @property
    def is_county(self) -> bool:
        """Whether the page is of a whole county."""
        return self.place.level == "county"

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known of the place."""
        return not (self.tiles or self.talent or self.targets or self.held)

    @property
    def ranked_count(self) -> int:
        """How many places stand in the ranking."""
        ranks = [line.together.rank for line in self.lines if line.together]
        return len(ranks) - ranks.count(None)

    @property
    def in_need(self) -> list[Line]:
        """The places that are furthest behind, the last one first."""
        behind = [line for line in self.lines if line.light in ("红", "黄")]
        return behind[::-1][:_MOST_NAMED]

    @property
    def fallen(self) -> list[Line]:
        """The places that lost the most against the month before."""
        moved = [line for line in self.lines if _change(line) < 0]
        return sorted(moved, key=_change)[:_MOST_NAMED]

    @property
    def risen(self) -> list[Line]:
        """The places that gained the most against the month before."""
        moved = [line for line in self.lines if _change(line) > 0]
        return sorted(moved, key=_change, reverse=True)[:_MOST_NAMED]


def county_board(shelves: Shelves, county: Spot) -> Board:
    """Return the page of a county: its towns."""
    towns = shelves.towns(county.code)
    owed = [
        (_name_of_unit(towns, unit), shelves.owed(county.code, unit))
        for unit in ["county", *(town.code for town in towns)]
    ]
    return _board(
        shelves,
        county,
        county,
        lines=[_town_line(shelves, town) for town in towns],
        owed=[(name, lists) for name, lists in owed if lists],
        silent=[town for town in towns if _is_silent(shelves, town)],
    )


def town_board(shelves: Shelves, county: Spot, town: Spot) -> Board:
    """Return the page of a town: its villages."""
    lists = shelves.owed(county.code, town.code)
    villages = shelves.villages(town.code)
    return _board(
        shelves,
        county,
        town,
        lines=[_line(shelves, village) for village in villages],
        owed=[(town.name, lists)] if lists else [],
        silent=[town] if _is_silent(shelves, town) else [],
    )


def _board(
    shelves: Shelves,
    county: Spot,
    place: Spot,
    lines: Iterable[Line],
    owed: list[tuple[str, list[Owed]]],
    silent: list[Spot],
) -> Board:
    return Board(
        county=county,
        place=place,
        as_of=shelves.as_of.isoformat() if shelves.as_of else "",
        tiles=_known(shelves, place, (TOGETHER, *FOUR)),
        talent=_known(shelves, place, TALENT),
        lines=sorted(lines, key=_in_order),
        targets=shelves.targets(place.code),
        goals=shelves.goals(place.code),
        held=shelves.held(place.code),
        work=shelves.work(place.code),
        gaps=shelves.gaps(place.code),
        score=shelves.score(county.code, place.code),
        owed=owed,
        zones=shelves.zones(place.code),
        months=shelves.months(place.code),
        silent=silent,
    )


def _known(
    shelves: Shelves, place: Spot, metrics: Iterable[str]
) -> list[Rate]:
    found = [shelves.rate(place.code, metric) for metric in metrics]
    return [rate for rate in found if rate is not None]


def _line(shelves: Shelves, place: Spot) -> Line:
    return Line(
        spot=place,
        together=shelves.rate(place.code, TOGETHER),
        four=[shelves.rate(place.code, metric) for metric in FOUR],
    )


def _town_line(shelves: Shelves, town: Spot) -> Line:
    line = _line(shelves, town)
    return Line(
        spot=town,
        together=line.together,
        four=line.four,
        score=shelves.score(town.county_code, town.code),
        owed=shelves.owed(town.county_code, town.code),
        overdue=[work for work in shelves.work(town.code) if work.overdue],
    )


def _is_silent(shelves: Shelves, town: Spot) -> bool:
    """Return whether a town is late with a list, and has sent no row in that month."""
    score = shelves.score(town.county_code, town.code)
    if score is None or score.rows_read:
        return False
    # what is not due yet nobody owes
    return score.missing > 0


def _name_of_unit(towns: Iterable[Spot], unit: str) -> str:
    for town in towns:
        if town.code == unit:
            return town.name
    return "县直部门"


def _in_order(line: Line) -> tuple[bool, int, str]:
    """Sort by rank; those without one come last, by code."""
    rank = line.together.rank if line.together else None
    return rank is None, rank or 0, line.spot.code


def _shortfall(rate: Rate) -> float:
    # Only for choosing which one to name: what is shown are the mart's figures.
    target = float(rate.target_pct or 100)
    return float(rate.rate_pct or 0) / target


def _change(line: Line) -> float:
    change = line.together.change_pct if line.together else None
    return float(change or 0)
