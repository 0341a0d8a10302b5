"""``make bench``: proposals for counties of full size, beside two other ways to the same costs in the same run.

A careful clerk (each household in turn takes whoever is cheapest) and the linear program of the same network (GLOP).
Reading and writing the database is not counted; making up the counties is not either.
"""

from __future__ import annotations

import random
import resource
import time

from ortools.linear_solver import pywraplp
from rich.console import Console
from rich.table import Table
from yiku.pairing import (
    TECHNICIANS,
    Helper,
    Proposal,
    Rules,
    Spot,
    Want,
    propose,
)
from yiku.pairing.case import build_case
from yiku.pairing.network import Problem, greedy, solve

VILLAGES, TECHNICIANS_THERE, HOUSEHOLDS, COUNTIES = 97, 610, 17_000, 88
TRADES = ("茶叶", "核桃", "绿色生态畜禽", "道地中药材")
AIM_ONE, AIM_ALL, AIM_MEMORY = 2.0, 300.0, 1024
console = Console(highlight=False)


def county(seed: int) -> tuple[list[Helper], list[Want]]:
    """Make up a county: three households of four have a technician already, not always a near one."""
    chance = random.Random(seed)
    places = [
        Spot(
            105.8 + chance.random() * 0.8,
            32 + chance.random() * 0.7,
            f"v{n:03}",
            f"t{n // 8:02}",
        )
        for n in range(VILLAGES)
    ]
    helpers = [
        Helper(
            f"t{n:03}",
            frozenset({chance.choice(TRADES)}),
            40,
            chance.choice(places),
            chance.choice((0, 100, 300)),
        )
        for n in range(TECHNICIANS_THERE)
    ]
    of_trade = {
        t: [h.key for h in helpers if t in h.industries] for t in TRADES
    }
    wants = []
    for n in range(HOUSEHOLDS):
        trade = chance.choice(TRADES)
        standing = (
            chance.choice(of_trade[trade]) if chance.random() < 0.75 else None
        )
        wants.append(
            Want(f"h{n:05}", (trade,), chance.choice(places), standing)
        )
    return helpers, wants


def linear_program(problem: Problem) -> float:
    """Return the cost that GLOP finds for the same network."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    objective = solver.Objective()
    served = [solver.Constraint(float(u), float(u)) for u in problem.units]
    carried = [solver.Constraint(0.0, 0.0) for _ in problem.caps]

    def variable(most: int, cost: int) -> pywraplp.Variable:
        made = solver.NumVar(0.0, float(most), "")
        objective.SetCoefficient(made, float(cost))
        return made

    arcs = zip(
        problem.helper,
        problem.demand,
        problem.capacity,
        problem.cost,
        strict=True,
    )
    for helper, demand, most, cost in arcs:
        flow = variable(most, cost)
        served[demand].SetCoefficient(flow, 1.0)
        carried[helper].SetCoefficient(flow, 1.0)
    for demand, units in enumerate(problem.units):
        served[demand].SetCoefficient(variable(units, problem.penalty), 1.0)
    for step, cost in zip(problem.steps, problem.step_costs, strict=True):
        for helper, most in enumerate(step):
            carried[helper].SetCoefficient(variable(most, cost), -1.0)
    objective.SetMinimization()
    if solver.Solve() != solver.OPTIMAL:
        raise RuntimeError("the linear program has no answer")
    return float(objective.Value())


def timed(
    table: Table, name: str, cost: float, began: float, best: float
) -> None:
    """Write a line of the comparison."""
    table.add_row(
        name,
        f"{time.perf_counter() - began:.2f} s",
        f"{cost:,.0f}",
        f"{cost / best:.4f}",
    )


def compare() -> None:
    """Solve one county in three ways."""
    helpers, wants = county(0)
    problem = build_case(TECHNICIANS, helpers, wants, Rules()).problem
    table = Table(
        "One county",
        "seconds",
        "cost",
        "of the best",
        title=f"{len(problem.helper):,} arcs",
    )
    began = time.perf_counter()
    flow = solve(problem)
    timed(
        table,
        "flow of least cost, with its proof",
        flow.objective,
        began,
        flow.objective,
    )
    began = time.perf_counter()
    timed(
        table,
        "one household after the other",
        greedy(problem)[0],
        began,
        flow.objective,
    )
    began = time.perf_counter()
    timed(
        table,
        "linear program (GLOP)",
        linear_program(problem),
        began,
        flow.objective,
    )
    console.print(table)


def all_counties() -> None:
    """Solve counties one after another, reasons included, and hold time and memory to their aims."""
    seconds, proven = [], 0
    for seed in range(COUNTIES):
        helpers, wants = county(seed)
        began = time.perf_counter()
        done: Proposal = propose(TECHNICIANS, helpers, wants)
        seconds.append(time.perf_counter() - began)
        proven += done.totals.status == "OPTIMAL"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = Table("Counties one after another", "here", "aim")
    table.add_row(
        "slowest county", f"{max(seconds):.2f} s", f"{AIM_ONE:.0f} s"
    )
    table.add_row(
        f"{COUNTIES} counties", f"{sum(seconds):.1f} s", f"{AIM_ALL:.0f} s"
    )
    table.add_row("memory", f"{memory:.0f} MB", f"{AIM_MEMORY} MB")
    table.add_row("proven optimal", f"{proven}", f"{COUNTIES}")
    console.print(table)


if __name__ == "__main__":
    compare()
    all_counties()
