"""From people and places to a network, and from its flow back to pairs of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yiku.pairing import words
from yiku.pairing.distance import BASIS, distances
from yiku.pairing.model import KM, Gap, Helper, Pair, Part, Proposal, Rules, Spot, Totals, Want
from yiku.pairing.network import Ints, Problem, Solution, greedy, solve

_SpotKey = tuple[str, str, float, float]


@dataclass(frozen=True, slots=True)
class _Demand:
    """All who live at one place and want help in the same trades, in the order of their places."""

    industries: tuple[str, ...]
    spot: Spot
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """By helper and demand: kilometres, what they rest on, which of the demand's trades the helper knows (or -1)."""

    km: NDArray[np.float64]
    basis: Ints
    trade: Ints
    allowed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Case:
    """One problem with all that is needed to read its solution."""

    part: Part
    helpers: tuple[Helper, ...]
    demands: tuple[_Demand, ...]
    fit: _Fit
    problem: Problem
    is_standing_arc: NDArray[np.bool_]
    number: dict[str, int]
    rules: Rules


def propose(part: Part, helpers: Sequence[Helper], wants: Sequence[Want], rules: Rules | None = None) -> Proposal:
    """Return the pairs of least cost for one county, their reasons, and those whom nobody can serve.

    Whatever order the arguments come in, the answer is the same. ValueError when a key occurs twice.
    """
    case = _case(part, helpers, wants, rules or Rules())
    solution = solve(case.problem)
    loads = np.bincount(case.problem.helper, solution.flow, len(case.helpers)).astype(np.int64)
    pairs = sorted(_pairs(case, solution, loads), key=lambda p: p.want)
    gaps = tuple(_gaps(case, {p.want for p in pairs}, solution, loads))
    by_hand, served = greedy(case.problem)
    totals = Totals(
        helpers=len(case.helpers),
        wanted=len(wants),
        paired=len(pairs),
        kept=sum(p.is_standing for p in pairs),
        objective=solution.objective,
        bound=solution.bound,
        greedy=by_hand,
        greedy_paired=served,
        penalty=case.problem.penalty,
    )
    return Proposal(tuple(pairs), gaps, totals)


# --- to the network


def _unique(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a key occurs twice")


def _case(part: Part, helpers: Sequence[Helper], wants: Sequence[Want], rules: Rules) -> _Case:
    _unique([h.key for h in helpers])
    _unique([w.key for w in wants])
    people, demands = tuple(sorted(helpers, key=lambda h: (h.place, h.key))), _demands(wants)
    fit = _fit(people, demands, rules)
    problem, standing = _problem(people, demands, fit, rules)
    return _Case(part, people, demands, fit, problem, standing, {h.key: n for n, h in enumerate(people)}, rules)


def _spot_key(spot: Spot) -> _SpotKey:
    nowhere = 999.0
    return (
        spot.village or "",
        spot.town or "",
        nowhere if spot.lon is None else spot.lon,
        nowhere if spot.lat is None else spot.lat,
    )


def _demands(wants: Sequence[Want]) -> tuple[_Demand, ...]:
    together: dict[tuple[tuple[str, ...], _SpotKey], list[Want]] = {}
    for want in sorted(wants, key=lambda w: (w.place, w.key)):
        together.setdefault((want.industries, _spot_key(want.spot)), []).append(want)
    return tuple(_Demand(same[0].industries, same[0].spot, tuple(same)) for _, same in sorted(together.items()))


def _trades(helpers: Sequence[Helper], demands: Sequence[_Demand]) -> Ints:
    known: dict[tuple[str, ...], list[int]] = {}
    for industries in {d.industries for d in demands}:
        known[industries] = [next((n for n, i in enumerate(industries) if i in h.industries), -1) for h in helpers]
    return np.array([known[d.industries] for d in demands], dtype=np.int64).reshape(len(demands), len(helpers)).T


def _fit(helpers: Sequence[Helper], demands: Sequence[_Demand], rules: Rules) -> _Fit:
    km, basis = distances([h.spot for h in helpers], [d.spot for d in demands], rules)
    trade = _trades(helpers, demands)
    limits = np.array([np.inf if h.limit_km is None else h.limit_km for h in helpers])[:, None]
    able = np.array([h.fits and h.cap > 0 for h in helpers], dtype=np.bool_)[:, None]
    return _Fit(km, basis, trade, (trade >= 0) & able & (km <= limits))


def _steps(caps: Ints, rules: Rules) -> Ints:
    ends = np.array([np.floor(caps * share + 1e-9) for share, _ in rules.bands], dtype=np.int64)
    return np.diff(ends, axis=0, prepend=0)


def _problem(
    helpers: Sequence[Helper], demands: Sequence[_Demand], fit: _Fit, rules: Rules
) -> tuple[Problem, NDArray[np.bool_]]:
    """Give each pair that is allowed an arc, and the standing ones a cheaper one beside it."""
    helper, demand = (side.astype(np.int64) for side in np.nonzero(fit.allowed))
    units = np.array([len(d.wants) for d in demands], dtype=np.int64)
    handicap = np.array([h.handicap for h in helpers], dtype=np.int64)
    cost = np.rint(fit.km[helper, demand] * KM).astype(np.int64) + handicap[helper]
    cost += fit.trade[helper, demand] * rules.minor_industry
    standing = _standing(helpers, demands)[helper, demand]
    kept = np.flatnonzero(standing)
    caps = np.array([h.cap for h in helpers], dtype=np.int64)
    problem = Problem(
        caps=caps,
        units=units,
        helper=np.concatenate([helper, helper[kept]]),
        demand=np.concatenate([demand, demand[kept]]),
        capacity=np.concatenate([units[demand], standing[kept]]),
        cost=np.concatenate([cost + rules.new_pair, cost[kept]]),
        is_change=np.arange(len(helper) + len(kept)) < len(helper),
        steps=_steps(caps, rules),
        step_costs=np.array([price for _, price in rules.bands], dtype=np.int64),
    )
    return problem, np.arange(len(problem.helper)) >= len(helper)


def _standing(helpers: Sequence[Helper], demands: Sequence[_Demand]) -> Ints:
    number = {h.key: n for n, h in enumerate(helpers)}
    count = np.zeros((len(helpers), len(demands)), dtype=np.int64)
    for n, demand in enumerate(demands):
        for key, wants in Counter(w.standing for w in demand.wants if w.standing in number).items():
            count[number[str(key)], n] = wants
    return count


# --- and back


@dataclass(frozen=True, slots=True)
class _NextBest:
    """Of each demand the two helpers with room who cost least more, with that cost; who has room at all.

    ``step`` is what one more costs each helper beside the pair itself.
    """

    has_room: NDArray[np.bool_]
    step: Ints
    first: Ints
    second: Ints
    price: NDArray[np.int64]

    def beside(self, demand: int, helper: int) -> tuple[int, int] | None:
        """Return another helper than this one, and what one more would cost there."""
        for rank, found in enumerate((self.first[demand], self.second[demand])):
            if found >= 0 and found != helper:
                return int(found), int(self.price[rank, demand])
        return None


def _band(loads: Ints, problem: Problem) -> Ints:
    return np.asarray((loads[None, :] >= problem.steps.cumsum(axis=0)).sum(axis=0), dtype=np.int64)


def _next_best(case: _Case, loads: Ints) -> _NextBest:
    problem, demands = case.problem, len(case.demands)
    band = _band(loads, problem)
    step = np.append(problem.step_costs, 0)[band]
    room = loads < problem.caps
    new = np.flatnonzero(~case.is_standing_arc & room[problem.helper])
    helper, demand = problem.helper[new], problem.demand[new]
    price = problem.cost[new] + step[helper]
    order = np.lexsort((helper, price, demand))
    helper, demand, price = helper[order], demand[order], price[order]
    ranks = np.full((2, demands), -1, dtype=np.int64)
    prices = np.zeros((2, demands), dtype=np.int64)
    begin, count = np.searchsorted(demand, np.arange(demands)), np.bincount(demand, minlength=demands)
    for rank in (0, 1):
        there = np.flatnonzero(count > rank)
        ranks[rank, there] = helper[begin[there] + rank]
        prices[rank, there] = price[begin[there] + rank]
    return _NextBest(room, step, ranks[0], ranks[1], prices)


def _shares(case: _Case, solution: Solution) -> dict[int, list[tuple[int, bool, int, int]]]:
    """Return for each demand who serves how many of it: (helper, by a standing pair, units, cost of a unit)."""
    shares: dict[int, list[tuple[int, bool, int, int]]] = {}
    used = np.flatnonzero(solution.flow)
    columns = (case.problem.demand, case.problem.helper, case.is_standing_arc, solution.flow, case.problem.cost)
    for demand, helper, stands, units, cost in zip(*(c[used].tolist() for c in columns), strict=True):
        shares.setdefault(demand, []).append((helper, stands, units, cost))
    return shares


def _split(case: _Case, demand: _Demand, shares: list[tuple[int, bool, int, int]]) -> Iterator[tuple[Want, int, int]]:
    """Hand the flow of a demand out: standing pairs first, then by place; yield want, helper and cost."""
    stands = {case.helpers[h].key: (h, units, cost) for h, standing, units, cost in shares if standing}
    fresh = [(h, cost) for h, standing, units, cost in sorted(shares) if not standing for _ in range(units)]
    kept: Counter[str] = Counter()
    others: list[Want] = []
    for want in demand.wants:
        key = want.standing or ""
        if key in stands and kept[key] < stands[key][1]:
            kept[key] += 1
            yield want, stands[key][0], stands[key][2]
        else:
            others.append(want)
    for want, (helper, cost) in zip(others, fresh, strict=False):
        yield want, helper, cost


def _pairs(case: _Case, solution: Solution, loads: Ints) -> Iterator[Pair]:
    beside, last = _next_best(case, loads), _last_steps(case.problem, loads)
    for demand, shares in _shares(case, solution).items():
        for want, helper, cost in _split(case, case.demands[demand], shares):
            yield _pair(case, (helper, demand), want, int(loads[helper]), cost + last[helper], beside)


def _last_steps(problem: Problem, loads: Ints) -> list[int]:
    """Return for each helper what the last of the load costs: what is saved when one is taken off."""
    band = _band(np.maximum(loads - 1, 0), problem)
    return [int(c) for c in np.append(problem.step_costs, 0)[band]]


def _pair(case: _Case, at: tuple[int, int], want: Want, load: int, cost: int, beside: _NextBest) -> Pair:
    helper, trade = case.helpers[at[0]], case.demands[at[1]].industries[int(case.fit.trade[at])]
    other = beside.beside(at[1], at[0])
    stands = want.standing == helper.key
    found: dict[str, Any] = {
        "industry": trade,
        "distance_km": round(float(case.fit.km[at]), 2),
        "distance_basis": BASIS[int(case.fit.basis[at])],
        "load_after": load,
        "cap": helper.cap,
        "is_standing": stands,
        "replaces": None if stands else want.standing,
        "next_best": case.helpers[other[0]].key if other else None,
        "extra_km": round((other[1] - cost) / KM, 2) if other else None,
    }
    why = words.of_pair(case.part, found, _change(case, at, want, cost, beside))
    return Pair(want=want.key, helper=helper.key, **found, why=why)


def _change(case: _Case, at: tuple[int, int], want: Want, cost: int, beside: _NextBest) -> words.Change:
    """Say what becomes of the present pair; ``cost`` is what the proposed one costs, its last step of load included."""
    if want.standing is None or want.standing == case.helpers[at[0]].key:
        return words.Change("new" if want.standing is None else "kept")
    now = case.number.get(want.standing)
    if now is None:
        return words.Change("gone")
    helper, km = case.helpers[now], float(case.fit.km[now, at[1]])
    if reason := _unfit(case, now, at[1]):
        return words.Change(reason, km=km, most=helper.limit_km)
    if not beside.has_room[now]:
        too_much = helper.carries > helper.cap
        return words.Change("over" if too_much else "full", load=helper.carries, most=helper.cap)
    saved = _cost_of_staying(case, now, at[1]) + int(beside.step[now]) - cost
    return words.Change("better", km=saved / KM, most=case.rules.new_pair / KM)


def _unfit(case: _Case, helper: int, demand: int) -> str | None:
    """Name the hard rule that keeps a helper from a demand; None when there is none."""
    who = case.helpers[helper]
    rules = (
        ("trade", case.fit.trade[helper, demand] < 0),
        ("level", not who.fits),
        ("closed", who.cap == 0),
        ("far", not case.fit.allowed[helper, demand]),
    )
    return next((reason for reason, holds in rules if holds), None)


def _cost_of_staying(case: _Case, helper: int, demand: int) -> int:
    """Return what a standing pair costs without the load, in units of cost."""
    way = round(float(case.fit.km[helper, demand]) * KM)
    return way + case.helpers[helper].handicap + int(case.fit.trade[helper, demand]) * case.rules.minor_industry


def _gaps(case: _Case, served: set[str], solution: Solution, loads: Ints) -> Iterator[Gap]:
    for demand in np.flatnonzero(solution.unserved).tolist():
        left = tuple(w.key for w in case.demands[demand].wants if w.key not in served)
        yield _gap(case, demand, left)


def _gap(case: _Case, demand: int, left: tuple[str, ...]) -> Gap:
    """Say why nobody is left, from the mildest change that would help to the hardest."""
    industries = case.demands[demand].industries
    km, trade = case.fit.km[:, demand], case.fit.trade[:, demand] >= 0
    fits = np.array([h.fits for h in case.helpers], dtype=np.bool_)
    full = np.flatnonzero(case.fit.allowed[:, demand] | (trade & fits & _within(case, km)))
    far, unfit = np.flatnonzero(trade & fits), np.flatnonzero(trade)
    for reason, among in (("full", full), ("far", far), ("level", unfit)):
        if len(among):
            best = int(among[np.argmin(km[among])])
            return _named_gap(case, left, industries, reason, (best, demand))
    why = words.of_gap(case.part, "nobody", industries, len(left), None, None, None)
    return Gap(left, industries, "nobody", None, None, None, why)


def _within(case: _Case, km: NDArray[np.float64]) -> NDArray[np.bool_]:
    limits = np.array([np.inf if h.limit_km is None else h.limit_km for h in case.helpers])
    return np.asarray(km <= limits, dtype=np.bool_)


def _named_gap(
    case: _Case, left: tuple[str, ...], industries: tuple[str, ...], reason: str, at: tuple[int, int]
) -> Gap:
    helper, km = case.helpers[at[0]], float(case.fit.km[at])
    beyond = round(km - (helper.limit_km or 0.0), 2) if reason == "far" else None
    why = words.of_gap(case.part, reason, industries, len(left), km, helper.cap, beyond)
    return Gap(left, industries, reason, helper.key, round(km, 2), beyond, why)
