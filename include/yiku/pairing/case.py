"""From people and places to a network: who may help whom, at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yiku.pairing.distance import Floats, Ints, distances
from yiku.pairing.network import Problem
from yiku.pairing.problem import KM, Helper, Part, Rules, Spot, Want

_SpotKey = tuple[str, str, float, float]
_NOWHERE = 999.0  # sorts behind every degree
_UNKNOWN_TRADE = -1


@dataclass(frozen=True, slots=True)
class Demand:
    """All who live at one place and want help in the same trades, in the order of their places."""

    industries: tuple[str, ...]
    spot: Spot
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """By helper and demand.

    Kilometres, what they rest on, which of the demand's trades the helper knows (or
    -1).
    """

    km: Floats
    basis: Ints
    trade: Ints
    allowed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """One problem with all that is needed to read its solution."""

    part: Part
    helpers: tuple[Helper, ...]
    demands: tuple[Demand, ...]
    fit: Fit
    problem: Problem
    is_standing_arc: NDArray[np.bool_]
    number: dict[str, int]  # of a helper, by key
    rules: Rules


def build_case(
    part: Part,
    helpers: Sequence[Helper],
    wants: Sequence[Want],
    rules: Rules,
) -> Case:
    """Return the problem of one county and part; ValueError when a key occurs twice."""
    _require_unique([helper.key for helper in helpers])
    _require_unique([want.key for want in wants])
    # In one order, whatever order they came in: the solver's answer depends on it.
    people = tuple(sorted(helpers, key=_place_of))
    demands = _demands(wants)
    fit = _fit(people, demands, rules)
    number = {helper.key: position for position, helper in enumerate(people)}
    standing = _standing(number, demands)
    problem, is_standing_arc = _problem(people, demands, fit, standing, rules)
    return Case(
        part, people, demands, fit, problem, is_standing_arc, number, rules
    )


def _require_unique(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a key occurs twice")


def _place_of(person: Helper | Want) -> tuple[int, str]:
    return person.place, person.key


def _spot_key(spot: Spot) -> _SpotKey:
    return (
        spot.village or "",
        spot.town or "",
        _NOWHERE if spot.lon is None else spot.lon,
        _NOWHERE if spot.lat is None else spot.lat,
    )


def _demands(wants: Sequence[Want]) -> tuple[Demand, ...]:
    """Return the wants by trades and place.

    Those alike cost the same, and one node stands for them.
    """
    together: dict[tuple[tuple[str, ...], _SpotKey], list[Want]] = {}
    for want in sorted(wants, key=_place_of):
        key = (want.industries, _spot_key(want.spot))
        together.setdefault(key, []).append(want)
    demands = []
    for _key, same in sorted(together.items()):
        first = same[0]
        demands.append(Demand(first.industries, first.spot, tuple(same)))
    return tuple(demands)


def _known_trade(helper: Helper, industries: tuple[str, ...]) -> int:
    """Return the place of the first trade that a helper knows, or -1."""
    for number, industry in enumerate(industries):
        if industry in helper.industries:
            return number
    return _UNKNOWN_TRADE


def _trades(helpers: Sequence[Helper], demands: Sequence[Demand]) -> Ints:
    """Return by helper and demand which trade the helper knows."""
    # demands are many, their combinations of trades few
    known = {}
    for industries in {demand.industries for demand in demands}:
        known[industries] = [
            _known_trade(helper, industries) for helper in helpers
        ]
    rows = [known[demand.industries] for demand in demands]
    by_demand = np.array(rows, dtype=np.int64).reshape(
        len(demands), len(helpers)
    )
    return by_demand.T


def limits_km(helpers: Sequence[Helper]) -> Floats:
    """Return how far each helper comes."""
    limits = [
        np.inf if helper.limit_km is None else helper.limit_km
        for helper in helpers
    ]
    return np.array(limits, dtype=np.float64)


def _fit(
    helpers: Sequence[Helper], demands: Sequence[Demand], rules: Rules
) -> Fit:
    starts = [helper.spot for helper in helpers]
    ends = [demand.spot for demand in demands]
    km, basis = distances(starts, ends, rules)
    trade = _trades(helpers, demands)
    able = [helper.fits and helper.cap > 0 for helper in helpers]
    is_able = np.array(able, dtype=np.bool_)[:, None]
    is_near = km <= limits_km(helpers)[:, None]
    knows_trade = trade != _UNKNOWN_TRADE
    return Fit(km, basis, trade, knows_trade & is_able & is_near)


def _steps(caps: Ints, rules: Rules) -> Ints:
    """Return the size of each band of load, by helper."""
    ends = []
    for share_of_cap, _price in rules.bands:
        # shares are no exact fractions: 0.9 of 10 is to be 9
        ends.append(np.floor(caps * share_of_cap + 1e-9))
    band_ends: Ints = np.array(ends, dtype=np.int64)
    return np.diff(band_ends, axis=0, prepend=0)


def _problem(
    helpers: Sequence[Helper],
    demands: Sequence[Demand],
    fit: Fit,
    standing: Ints,
    rules: Rules,
) -> tuple[Problem, NDArray[np.bool_]]:
    """Give each pair that is allowed an arc, and the standing ones a cheaper one beside it.

    Return the problem, and which of its arcs are those of standing pairs.
    """
    helper, demand = (
        side.astype(np.int64) for side in np.nonzero(fit.allowed)
    )
    units = _array(len(demand.wants) for demand in demands)
    caps = _array(helper.cap for helper in helpers)
    handicap = _array(helper.handicap for helper in helpers)
    km = fit.km[helper, demand]
    # Whole numbers, for the solver takes no others.
    way = np.rint(km * KM).astype(np.int64)
    minor_trade = fit.trade[helper, demand] * rules.minor_industry
    cost = way + handicap[helper] + minor_trade
    standing_units = standing[helper, demand]
    kept = np.flatnonzero(standing_units)
    arc = np.arange(len(helper) + len(kept))
    is_standing_arc = arc >= len(helper)
    problem = Problem(
        caps=caps,
        units=units,
        helper=np.concatenate([helper, helper[kept]]),
        demand=np.concatenate([demand, demand[kept]]),
        capacity=np.concatenate([units[demand], standing_units[kept]]),
        # A pair that stands is spared what a change costs those who know each other.
        cost=np.concatenate([cost + rules.new_pair, cost[kept]]),
        is_change=~is_standing_arc,
        steps=_steps(caps, rules),
        step_costs=_array(price for _share, price in rules.bands),
    )
    return problem, is_standing_arc


def _array(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), dtype=np.int64)


def _standing(number: dict[str, int], demands: Sequence[Demand]) -> Ints:
    """Return by helper and demand how many of it the helper serves at present."""
    count = np.zeros((len(number), len(demands)), dtype=np.int64)
    for position, demand in enumerate(demands):
        present = Counter(want.standing for want in demand.wants)
        for key, wants in present.items():
            # whoever is no candidate any more keeps nobody
            if key in number:
                count[number[key], position] = wants
    return count
