"""The way from people and places to a proposal.

A network, its cheapest flow, and what the flow means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yiku.pairing.answer import find_gaps, find_pairs
from yiku.pairing.case import build_case
from yiku.pairing.network import greedy, solve
from yiku.pairing.problem import Helper, Part, Proposal, Rules, Totals, Want


def propose(
    part: Part,
    helpers: Sequence[Helper],
    wants: Sequence[Want],
    rules: Rules | None = None,
) -> Proposal:
    """Return the pairs of least cost for one county and part, with their reasons.

    And the gaps: those whom nobody can serve.

    Whatever order the arguments come in, the answer is the same. ValueError when a key occurs twice.
    """
    case = build_case(part, helpers, wants, rules or Rules())
    problem = case.problem
    solution = solve(problem)
    # Weights make it count in floating point; a load is a number of pairs.
    counted = np.bincount(problem.helper, solution.flow, len(case.helpers))
    loads = counted.astype(np.int64)
    # In the order of keys, so that a second run writes the same rows in the same order.
    pairs = sorted(
        find_pairs(case, solution, loads), key=lambda pair: pair.want
    )
    served = {pair.want for pair in pairs}
    gaps = find_gaps(case, solution, served)
    cost_by_hand, served_by_hand = greedy(problem)
    totals = Totals(
        helpers=len(case.helpers),
        wanted=len(wants),
        paired=len(pairs),
        kept=sum(pair.is_standing for pair in pairs),
        objective=solution.objective,
        bound=solution.bound,
        greedy=cost_by_hand,
        greedy_paired=served_by_hand,
        penalty=problem.penalty,
    )
    return Proposal(tuple(pairs), tuple(gaps), totals)
