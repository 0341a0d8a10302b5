"""A transportation problem with convex loads as a flow of least cost.

With the proof that there is none cheaper.

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

    ``steps[b]`` and ``step_costs[b]`` are the sizes, by helper, and the cost of the
    bands of load, cheapest first. ``is_change`` marks the arcs that change who helps:
    of equally cheap flows the one with the fewest of them is meant.
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
        """Return a cost of an unserved unit that no saving elsewhere can outweigh.

        As many are served as can be.

        One more is served along a path that meets no helper and no demand twice, so it
        costs less than this.
        """
        dearest_arc = int(self.cost.max(initial=0))
        dearest_band = int(self.step_costs.max(initial=0))
        longest_path = min(len(self.caps), len(self.units)) + 1
        return longest_path * (dearest_arc + dearest_band) + 1


@dataclass(frozen=True, slots=True)
class Solution:
    """Flow by arc, units that stay unserved by demand, and the cost of it all.

    ``bound`` is what no flow goes below.
    """

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


def _network(problem: Problem) -> _Network:
    """Return the arcs from helpers to demands, and those of the source.

    It feeds the demands (what stays unserved) and the helpers, a band of load each.
    """
    helper_count = len(problem.caps)
    demand_count = len(problem.units)
    band_count = len(problem.step_costs)
    source = helper_count + demand_count
    from_source = np.full(demand_count + band_count * helper_count, source)
    every_demand = helper_count + np.arange(demand_count)
    every_helper = np.tile(np.arange(helper_count), band_count)
    # below one unit of cost stands what an arc changes: it decides between flows that
    # cost the same
    arc_cost = problem.cost * problem.scale + problem.is_change
    unserved_cost = np.full(demand_count, problem.penalty * problem.scale)
    band_cost = np.repeat(problem.step_costs * problem.scale, helper_count)
    no_supply = np.zeros(helper_count, dtype=np.int64)
    return _Network(
        tail=np.concatenate([problem.helper, from_source]),
        head=np.concatenate(
            [helper_count + problem.demand, every_demand, every_helper]
        ),
        capacity=np.concatenate(
            [problem.capacity, problem.units, problem.steps.ravel()]
        ),
        cost=np.concatenate([arc_cost, unserved_cost, band_cost]),
        supply=np.concatenate(
            [no_supply, -problem.units, [problem.units.sum()]]
        ),
    )


def _least_cost_flow(network: _Network) -> Ints:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail,
        network.head,
        network.capacity,
        network.cost,
    )
    nodes = np.arange(len(network.supply))
    solver.set_nodes_supplies(nodes, network.supply)
    status = solver.solve()
    # There always is a flow, for the source serves what nobody can: this is our fault.
    if status != solver.OPTIMAL:
        raise RuntimeError(
            f"the flow of least cost ended with status {status}"
        )
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def potentials(network: _Network, flow: Ints) -> Ints:
    """Return a price for each node.

    Shortest distances over the arcs that the flow leaves open.

    Bellman and Ford's rounds, all arcs of a round at once; they end when no price falls
    any more.
    """
    has_room = flow < network.capacity
    is_used = flow > 0
    tail = np.concatenate([network.tail[has_room], network.head[is_used]])
    head = np.concatenate([network.head[has_room], network.tail[is_used]])
    cost = np.concatenate([network.cost[has_room], -network.cost[is_used]])
    # reduceat wants the arcs of one head side by side
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    reached, first = np.unique(head, return_index=True)
    # Whole numbers: a bound in floating point would prove nothing to the last unit.
    price = np.zeros(len(network.supply), dtype=np.int64)
    # A shortest way meets no node twice, so that there are never more rounds
    # than nodes: a cheapest flow leaves no circle that would pay.
    for _round in range(len(price)):
        through_arcs = np.minimum.reduceat(price[tail] + cost, first)
        lower = np.minimum(price[reached], through_arcs)
        if np.array_equal(lower, price[reached]):
            break
        price[reached] = lower
    return price


def dual_bound(network: _Network, price: Ints) -> int:
    """Return what no flow can cost less than, by the dual of the linear program.

    Any prices give such a bound.
    """
    reduced = network.cost + price[network.tail] - price[network.head]
    paid_at_nodes = (network.supply * price).sum()
    saved_on_arcs = (network.capacity * np.minimum(reduced, 0)).sum()
    return int(saved_on_arcs - paid_at_nodes)


def solve(problem: Problem) -> Solution:
    """Return a flow of least cost, and of the fewest changes among those, with its proof.

    The same arrays give the same flow.
    """
    arc_count = len(problem.helper)
    demand_count = len(problem.units)
    if not demand_count:
        return Solution(problem.helper, problem.units, 0, 0)
    network = _network(problem)
    flow = _least_cost_flow(network)
    # a flow has fewer changes than a unit of cost is worth, so that whole units are
    # what it costs
    objective = int((flow * network.cost).sum()) // problem.scale
    bound = dual_bound(network, potentials(network, flow)) // problem.scale
    unserved = flow[arc_count : arc_count + demand_count]
    return Solution(flow[:arc_count], unserved, objective, bound)


def greedy(problem: Problem) -> tuple[int, int]:
    """Return cost and served units when each demand in turn takes the cheapest helper.

    A unit at a time. It is what a careful clerk does by hand, by the same costs.
    """
    hand = _ByHand(problem)
    order = np.argsort(problem.demand, kind="stable")
    every_demand = np.arange(len(problem.units) + 1)
    starts = np.searchsorted(problem.demand[order], every_demand).tolist()
    total_cost = 0
    total_served = 0
    for demand, units in enumerate(problem.units.tolist()):
        arcs = order[starts[demand] : starts[demand + 1]].tolist()
        cost, served = hand.serve(arcs, units)
        total_cost += cost + (units - served) * problem.penalty
        total_served += served
    return total_cost, total_served


class _ByHand:
    """Helpers whose loads grow as they are given out.

    Plain lists, for a unit at a time is too little for arrays.
    """

    def __init__(self, problem: Problem) -> None:
        self._ends: list[list[int]] = problem.steps.cumsum(axis=0).T.tolist()
        self._bands: list[int] = problem.step_costs.tolist()
        self._helper: list[int] = problem.helper.tolist()
        self._cost: list[int] = problem.cost.tolist()
        self._left: list[int] = problem.capacity.tolist()
        self._load = [0] * len(problem.caps)

    def _price(self, arc: int) -> int | None:
        """Return what the next unit costs along an arc.

        None when it, or its helper, has no room left.
        """
        helper = self._helper[arc]
        band = bisect_right(self._ends[helper], self._load[helper])
        is_full = band >= len(self._bands) or not self._left[arc]
        return None if is_full else self._cost[arc] + self._bands[band]

    def serve(self, arcs: list[int], units: int) -> tuple[int, int]:
        """Give a demand what it asks for; return the cost and how many units it got."""
        offers = []
        for arc in arcs:
            price = self._price(arc)
            if price is not None:
                offers.append((price, arc))
        heapify(offers)
        cost = 0
        served = 0
        while offers and served < units:
            offered, arc = heappop(offers)
            price = self._price(arc)
            # another arc of the same helper may have filled a band since: the offer is
            # made anew
            if price == offered:
                self._take(arc)
                cost += price
                served += 1
                price = self._price(arc)
            if price is not None:
                heappush(offers, (price, arc))
        return cost, served

    def _take(self, arc: int) -> None:
        self._load[self._helper[arc]] += 1
        self._left[arc] -= 1
