"""The figures of all counties, put where a page of one place finds its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from yiku.warehouse.wall_figures import (
    Gap,
    Held,
    MonthRate,
    Owed,
    Rate,
    Score,
    Spot,
    Target,
    WallFigures,
    Work,
    Zone,
)


class _OfPlace(Protocol):
    @property
    def place_code(self) -> str: ...


_Figure = TypeVar("_Figure", bound=_OfPlace)


def _by_place(figures: Iterable[_Figure]) -> dict[str, list[_Figure]]:
    shelf: dict[str, list[_Figure]] = defaultdict(list)
    for figure in figures:
        shelf[figure.place_code].append(figure)
    return shelf


class Shelves:
    """What each place has, by its code: names may be shared by places, codes are not."""

    def __init__(self, figures: WallFigures) -> None:
        """Put the figures of a night on their shelves."""
        self.as_of: date | None = figures.as_of
        self.counties: list[Spot] = []
        self._towns: dict[str, list[Spot]] = defaultdict(list)
        self._villages: dict[str, list[Spot]] = defaultdict(list)
        for spot in figures.spots:
            self._put(spot)
        self._rates = {
            (rate.place_code, rate.metric): rate for rate in figures.rates
        }
        self._targets = _by_place(figures.targets)
        self._held = _by_place(figures.held)
        self._work = _by_place(figures.work)
        self._gaps = _by_place(figures.gaps)
        self._months = _by_place(figures.months)
        self._scores = {
            (score.county_code, score.unit_code): score
            for score in figures.scores
        }
        self._owed: dict[tuple[str, str], list[Owed]] = defaultdict(list)
        for owed in figures.owed:
            self._owed[owed.county_code, owed.unit_code].append(owed)
        self._zones: dict[str, list[Zone]] = defaultdict(list)
        for zone in figures.zones:
            self._zones[zone.county_code].append(zone)

    def _put(self, spot: Spot) -> None:
        if spot.level == "county":
            self.counties.append(spot)
        elif spot.level == "town":
            self._towns[spot.county_code].append(spot)
        elif spot.town_code is not None:
            self._villages[spot.town_code].append(spot)

    def towns(self, county: str) -> list[Spot]:
        """Return the towns of a county."""
        return self._towns[county]

    def villages(self, town: str) -> list[Spot]:
        """Return the villages of a town."""
        return self._villages[town]

    def rate(self, place: str, metric: str) -> Rate | None:
        """Return a coverage of a place; None where there is nobody to count."""
        return self._rates.get((place, metric))

    def targets(self, place: str) -> list[Target]:
        """Return the targets of a place that have a number, those furthest behind first."""
        numbered = [
            target
            for target in self._targets[place]
            if target.target is not None
        ]
        return sorted(numbered, key=_urgency)

    def goals(self, place: str) -> list[Target]:
        """Return the targets of a place that nobody has set a number for."""
        return [
            target for target in self._targets[place] if target.target is None
        ]

    def held(self, place: str) -> list[Held]:
        """Return how many stand on each of the five lists."""
        return self._held[place]

    def work(self, place: str) -> list[Work]:
        """Return what a place has to do, the most first."""
        return self._work[place]

    def gaps(self, place: str) -> list[Gap]:
        """Return what lacks a pair in a place, the most first."""
        return self._gaps[place]

    def months(self, place: str) -> list[MonthRate]:
        """Return the four coverages together month by month."""
        return self._months[place]

    def score(self, county: str, unit: str) -> Score | None:
        """Return how a unit of a county submits; the county's own code stands for all its units."""
        return self._scores.get((county, unit))

    def owed(self, county: str, unit: str) -> list[Owed]:
        """Return the lists that a unit has not sent."""
        return self._owed[county, unit]

    def zones(self, county: str) -> list[Zone]:
        """Return the war zones of a county."""
        return self._zones[county]


_BY_LIGHT = {"红": 0, "黄": 1, "绿": 2, "灰": 3}


def _urgency(target: Target) -> tuple[int, str]:
    return _BY_LIGHT[target.light], target.indicator
