"""From the flow of a network back to pairs of people, with the reason of each.

And to those who are left out, with what would have to change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yiku.pairing import words
from yiku.pairing.case import Case, Demand, limits_km
from yiku.pairing.distance import BASIS, Floats, Ints
from yiku.pairing.network import Problem, Solution
from yiku.pairing.problem import KM, Gap, Pair, Want


@dataclass(frozen=True, slots=True)
class _Other:
    """A helper who could take one more, and what it would cost there."""

    helper: int
    cost: int


@dataclass(frozen=True, slots=True)
class _NextBest:
    """Of each demand the two helpers with room who cost least more, with that cost.

    ``has_room`` says who has room at all.

    ``step`` is what one more costs each helper beside the pair itself; ``helpers`` and
    ``costs`` go by rank and demand.
    """

    has_room: NDArray[np.bool_]
    step: Ints
    helpers: Ints
    costs: Ints

    def beside(self, demand: int, helper: int) -> _Other | None:
        """Return another helper than this one, and what one more would cost there."""
        for rank in (0, 1):
            found = int(self.helpers[rank, demand])
            if found not in (-1, helper):
                return _Other(found, int(self.costs[rank, demand]))
        return None


def _band(loads: Ints, problem: Problem) -> Ints:
    """Return the band of load that each helper's next unit falls into."""
    ends = problem.steps.cumsum(axis=0)
    is_past = loads[None, :] >= ends
    return np.asarray(is_past.sum(axis=0), dtype=np.int64)


def _step_cost(loads: Ints, problem: Problem) -> Ints:
    """Return what each helper's next unit costs beside the pair.

    Nothing where there is no room for one.
    """
    costs = np.append(problem.step_costs, 0)
    return np.asarray(costs[_band(loads, problem)], dtype=np.int64)


def _next_best(case: Case, loads: Ints) -> _NextBest:
    problem = case.problem
    demand_count = len(case.demands)
    step = _step_cost(loads, problem)
    has_room = loads < problem.caps
    # A standing pair has two arcs; the cheaper is for those it serves already.
    is_open = ~case.is_standing_arc & has_room[problem.helper]
    arcs = np.flatnonzero(is_open)
    helper = problem.helper[arcs]
    demand = problem.demand[arcs]
    cost = problem.cost[arcs] + step[helper]
    # By demand, the cheapest first; equals by helper, so that the answer is one.
    order = np.lexsort((helper, cost, demand))
    helper = helper[order]
    demand = demand[order]
    cost = cost[order]
    helpers = np.full((2, demand_count), -1, dtype=np.int64)
    costs = np.zeros((2, demand_count), dtype=np.int64)
    begin = np.searchsorted(demand, np.arange(demand_count))
    count = np.bincount(demand, minlength=demand_count)
    # Two are enough: one of them may be the very helper who is proposed.
    for rank in (0, 1):
        there = np.flatnonzero(count > rank)
        arc = begin[there] + rank
        helpers[rank, there] = helper[arc]
        costs[rank, there] = cost[arc]
    return _NextBest(has_room, step, helpers, costs)


class _Share(NamedTuple):
    """How many units of a demand one helper serves, and what a unit of them costs."""

    helper: int
    is_standing: bool
    units: int
    cost: int


def _shares(case: Case, solution: Solution) -> dict[int, list[_Share]]:
    """Return for each demand who serves how many of it."""
    problem = case.problem
    used = np.flatnonzero(solution.flow)
    # plain numbers all at once: an array gives them one by one far more slowly
    demands = problem.demand[used].tolist()
    helpers = problem.helper[used].tolist()
    standing = case.is_standing_arc[used].tolist()
    units = solution.flow[used].tolist()
    costs = problem.cost[used].tolist()
    columns = (helpers, standing, units, costs)
    shares: dict[int, list[_Share]] = {}
    for demand, *share in zip(demands, *columns, strict=True):
        shares.setdefault(demand, []).append(_Share(*share))
    return shares


def _split(
    case: Case, demand: Demand, shares: list[_Share]
) -> Iterator[tuple[Want, _Share]]:
    """Hand the flow of a demand out: standing pairs first, then by place.

    Yield who is helped by which share.
    """
    standing = {}
    fresh: list[_Share] = []
    # By helper: who gets whom must not hang on the order of the solver's arcs.
    for share in sorted(shares):
        if share.is_standing:
            standing[case.helpers[share.helper].key] = share
        else:
            fresh += [share] * share.units
    kept: Counter[str] = Counter()
    others: list[Want] = []
    for want in demand.wants:
        key = want.standing or ""
        share_kept = standing.get(key)
        # The flow may keep a part of a helper's pairs of one place: the first of them.
        if share_kept and kept[key] < share_kept.units:
            kept[key] += 1
            yield want, share_kept
        else:
            others.append(want)
    # Whoever is left over when the flow ends is a gap: find_gaps tells of them.
    yield from zip(others, fresh, strict=False)


def find_pairs(case: Case, solution: Solution, loads: Ints) -> Iterator[Pair]:
    """Yield the pairs that a flow means."""
    reader = _Reader(case, loads)
    for number, shares in _shares(case, solution).items():
        for want, share in _split(case, case.demands[number], shares):
            yield reader.pair(number, want, share)


class _Reader:
    """Says of each pair why it is proposed."""

    def __init__(self, case: Case, loads: Ints) -> None:
        self._case = case
        self._loads = loads
        self._next_best = _next_best(case, loads)
        # what the last of a load costs is what is saved when one is taken off
        without_last = np.maximum(loads - 1, 0)
        self._last_step = _step_cost(without_last, case.problem).tolist()

    def pair(self, demand: int, want: Want, share: _Share) -> Pair:
        """Return a pair with all that is told of it."""
        case = self._case
        fit = case.fit
        helper = case.helpers[share.helper]
        cost = share.cost + self._last_step[share.helper]
        other = self._next_best.beside(demand, share.helper)
        place = (share.helper, demand)
        industries = case.demands[demand].industries
        trade = int(fit.trade[place])
        km = float(fit.km[place])
        basis = int(fit.basis[place])
        load = int(self._loads[share.helper])
        is_standing = want.standing == helper.key
        # A detour in kilometres is what people at a meeting can weigh; a cost is not.
        extra_km = round((other.cost - cost) / KM, 2) if other else None
        found: dict[str, Any] = {
            "industry": industries[trade],
            "distance_km": round(km, 2),
            "distance_basis": BASIS[basis],
            "load_after": load,
            "cap": helper.cap,
            "is_standing": is_standing,
            "replaces": None if is_standing else want.standing,
            "next_best": case.helpers[other.helper].key if other else None,
            "extra_km": extra_km,
        }
        why = words.of_pair(case.part, found, self._change(place, want, cost))
        return Pair(want=want.key, helper=helper.key, **found, why=why)

    def _change(
        self, place: tuple[int, int], want: Want, cost: int
    ) -> words.Change:
        """Say what becomes of the present pair.

        ``cost`` is what the proposed one costs, its last step of load included.
        """
        case = self._case
        proposed, demand = place
        if want.standing is None:
            return words.Change("new")
        if want.standing == case.helpers[proposed].key:
            return words.Change("kept")
        present = case.number.get(want.standing)
        # Whoever is no candidate any more has no number: no figure can be given.
        if present is None:
            return words.Change("gone")
        helper = case.helpers[present]
        reason = _unfit(case, present, demand)
        if reason:
            km = float(case.fit.km[present, demand])
            return words.Change(reason, km=km, most=helper.limit_km)
        if not self._next_best.has_room[present]:
            kind = "over" if helper.carries > helper.cap else "full"
            return words.Change(kind, load=helper.carries, most=helper.cap)
        one_more = int(self._next_best.step[present])
        cost_of_staying = _cost_of_staying(case, present, demand) + one_more
        saved_km = (cost_of_staying - cost) / KM
        price_of_change_km = case.rules.new_pair / KM
        return words.Change("better", km=saved_km, most=price_of_change_km)


def _unfit(case: Case, helper: int, demand: int) -> str | None:
    """Name the hard rule that keeps a helper from a demand; None when there is none."""
    who = case.helpers[helper]
    if case.fit.trade[helper, demand] < 0:
        return "trade"
    if not who.fits:
        return "level"
    if who.cap == 0:
        return "closed"
    # what else could have forbidden it
    return None if case.fit.allowed[helper, demand] else "far"


def _cost_of_staying(case: Case, helper: int, demand: int) -> int:
    """Return what a standing pair costs without the load, in units of cost."""
    way = round(float(case.fit.km[helper, demand]) * KM)
    minor_trade = (
        int(case.fit.trade[helper, demand]) * case.rules.minor_industry
    )
    return way + case.helpers[helper].handicap + minor_trade


def find_gaps(
    case: Case, solution: Solution, served: set[str]
) -> Iterator[Gap]:
    """Yield the demands that a flow leaves without help, with those of each who are left."""
    for demand in np.flatnonzero(solution.unserved).tolist():
        wants = case.demands[demand].wants
        left = [want.key for want in wants if want.key not in served]
        yield _gap(case, demand, tuple(left))


def _gap(case: Case, demand: int, left: tuple[str, ...]) -> Gap:
    """Say why nobody is left, from the mildest change that would help to the hardest."""
    fit = case.fit
    km = fit.km[:, demand]
    knows_trade = fit.trade[:, demand] >= 0
    fits = np.array([helper.fits for helper in case.helpers], dtype=np.bool_)
    is_near = km <= limits_km(case.helpers)
    # those with a cap of 0 are not allowed, and full all the same
    is_full = fit.allowed[:, demand] | (knows_trade & fits & is_near)
    reasons = (
        ("full", is_full),
        ("far", knows_trade & fits),
        ("level", knows_trade),
    )
    for reason, holds in reasons:
        if holds.any():
            nearest = _nearest(km, holds)
            return _named_gap(case, demand, left, reason, nearest)
    industries = case.demands[demand].industries
    why = words.of_gap(
        case.part, "nobody", industries, len(left), None, None, None
    )
    return Gap(left, industries, "nobody", None, None, None, why)


def _nearest(km: Floats, among: NDArray[np.bool_]) -> int:
    """Return the nearest of some helpers."""
    numbers = np.flatnonzero(among)
    # Of several that are equally far argmin takes the first, and helpers stand
    # in an order that is the same in every warehouse.
    return int(numbers[np.argmin(km[numbers])])


def _named_gap(
    case: Case, demand: int, left: tuple[str, ...], reason: str, nearest: int
) -> Gap:
    helper = case.helpers[nearest]
    industries = case.demands[demand].industries
    km = float(case.fit.km[nearest, demand])
    beyond = None
    if reason == "far":
        # Only who has a limit can be beyond it.
        limit_km = helper.limit_km or 0.0
        beyond = round(km - limit_km, 2)
    why = words.of_gap(
        case.part, reason, industries, len(left), km, helper.cap, beyond
    )
    return Gap(left, industries, reason, helper.key, round(km, 2), beyond, why)
