"""A transportation problem with convex loads as a flow of least cost, and the proof that there is none cheaper.

One node for each helper and each demand, and a source. The source feeds the helpers through one arc for each band of
their load, and each demand through an arc for what stays unserved; so a flow always exists.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Problem:
    """Caps of helpers, units of demands, and who can serve whom at which cost, up to which number.

    ``steps[b]`` and ``step_costs[b]`` are the sizes, by helper, and the cost of the bands of load, cheapest first.
    ``is_change`` marks the arcs that change who helps: of equally cheap flows the one with the fewest of them is meant.
    """

    caps: Ints
    units: Ints
    helper: Ints
    demand: Ints
    capacity: Ints
    cost: Ints
    is_change: NDArray[np.bool_]
    steps: Ints
    step_costs: Ints

    @property
    def scale(self) -> int:
        """Return what a unit of cost is worth in changes: more than there can be."""
        return int(self.units.sum()) + 1

    @property
    def penalty(self) -> int:
        """Return a cost of an unserved unit that no saving elsewhere can outweigh: as many are served as can be.

        One more is served along a path that meets no helper and no demand twice, so it costs less than this.
        """
        dearest = int(self.cost.max(initial=0)) + int(self.step_costs.max(initial=0))
        return (min(len(self.caps), len(self.units)) + 1) * dearest + 1


@dataclass(frozen=True, slots=True)
class Solution:
    """Flow by arc, units that stay unserved by demand, the cost of it all, and a bound that no flow goes below."""

    flow: Ints
    unserved: Ints
    objective: int
    bound: int


@dataclass(frozen=True, slots=True)
class _Network:
    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints


def _network(p: Problem) -> _Network:
    helpers, demands = len(p.caps), len(p.units)
    source = helpers + demands
    everyone, every_demand = np.arange(helpers), helpers + np.arange(demands)
    bands = len(p.step_costs)
    return _Network(
        tail=np.concatenate([p.helper, np.full(demands + bands * helpers, source)]),
        head=np.concatenate([helpers + p.demand, every_demand, np.tile(everyone, bands)]),
        capacity=np.concatenate([p.capacity, p.units, p.steps.ravel()]),
        cost=np.concatenate(
            [
                p.cost * p.scale + p.is_change,
                np.full(demands, p.penalty * p.scale),
                np.repeat(p.step_costs * p.scale, helpers),
            ]
        ),
        supply=np.concatenate([np.zeros(helpers, dtype=np.int64), -p.units, [p.units.sum()]]),
    )


def _least_cost_flow(n: _Network) -> Ints:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(n.tail, n.head, n.capacity, n.cost)
    solver.set_nodes_supplies(np.arange(len(n.supply)), n.supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow of least cost ended with status {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def potentials(n: _Network, flow: Ints) -> Ints:
    """Return a price for each node: shortest distances over the arcs that the flow leaves open.

    Bellman and Ford's rounds, all arcs of a round at once; they end when no price falls any more.
    """
    ahead, back = flow < n.capacity, flow > 0
    tail = np.concatenate([n.tail[ahead], n.head[back]])
    head = np.concatenate([n.head[ahead], n.tail[back]])
    cost = np.concatenate([n.cost[ahead], -n.cost[back]])
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    reached, first = np.unique(head, return_index=True)
    price = np.zeros(len(n.supply), dtype=np.int64)
    for _ in range(len(price)):
        lower = np.minimum(price[reached], np.minimum.reduceat(price[tail] + cost, first))
        if np.array_equal(lower, price[reached]):
            break
        price[reached] = lower
    return price


def dual_bound(n: _Network, price: Ints) -> int:
    """Return what no flow can cost less than, by the dual of the linear program; any prices give such a bound."""
    reduced = n.cost + price[n.tail] - price[n.head]
    return int(-(n.supply * price).sum() + (n.capacity * np.minimum(reduced, 0)).sum())


def solve(problem: Problem) -> Solution:
    """Return a flow of least cost, and of the fewest changes among those, with its proof.

    The same arrays give the same flow.
    """
    arcs, demands = len(problem.helper), len(problem.units)
    if not demands:
        return Solution(problem.helper, problem.units, 0, 0)
    network = _network(problem)
    flow = _least_cost_flow(network)
    # a flow has fewer changes than a unit of cost is worth, so that whole units are what it costs
    objective = int((flow * network.cost).sum()) // problem.scale
    bound = dual_bound(network, potentials(network, flow)) // problem.scale
    return Solution(flow[:arcs], flow[arcs : arcs + demands], objective, bound)


def greedy(problem: Problem) -> tuple[int, int]:
    """Return cost and served units when each demand in turn takes whoever is cheapest for its next unit.

    It is what a careful clerk does by hand, by the same costs.
    """
    hand = _ByHand(problem)
    order = np.argsort(problem.demand, kind="stable")
    starts = np.searchsorted(problem.demand[order], np.arange(len(problem.units) + 1)).tolist()
    total = served = 0
    for demand, units in enumerate(problem.units.tolist()):
        cost, done = hand.serve(order[starts[demand] : starts[demand + 1]].tolist(), units)
        total, served = total + cost + (units - done) * problem.penalty, served + done
    return total, served


class _ByHand:
    """Helpers whose loads grow as they are given out; plain lists, for a unit at a time is too little for arrays."""

    def __init__(self, problem: Problem) -> None:
        self._ends: list[list[int]] = problem.steps.cumsum(axis=0).T.tolist()
        self._bands: list[int] = problem.step_costs.tolist()
        self._helper: list[int] = problem.helper.tolist()
        self._cost: list[int] = problem.cost.tolist()
        self._left: list[int] = problem.capacity.tolist()
        self._load = [0] * len(problem.caps)

    def _price(self, arc: int) -> int | None:
        helper = self._helper[arc]
        band = bisect_right(self._ends[helper], self._load[helper])
        return self._cost[arc] + self._bands[band] if band < len(self._bands) and self._left[arc] else None

    def serve(self, arcs: list[int], units: int) -> tuple[int, int]:
        """Give a demand what it asks for; return the cost and how many units it got."""
        offers = [(price, arc) for arc in arcs if (price := self._price(arc)) is not None]
        heapify(offers)
        total = done = 0
        while offers and done < units:
            price, arc = heappop(offers)
            if (now := self._price(arc)) == price:
                self._load[self._helper[arc]] += 1
                self._left[arc] -= 1
                total, done, now = total + price, done + 1, self._price(arc)
            if now is not None:
                heappush(offers, (now, arc))
        return total, done
