"""Who should help whom.

Two transportation problems, solved to a proven optimum and explained in words.

Experts are proposed as leaders of village teams, technicians to households. Nothing
here reads or writes a list: a person accepts a proposal by sending the ordinary list of
pairs.
"""

from __future__ import annotations

from yiku.pairing.problem import (
    CHIEFS,
    TECHNICIANS,
    Gap,
    Helper,
    Pair,
    Part,
    Proposal,
    Rules,
    Spot,
    Totals,
    Want,
)
from yiku.pairing.propose import propose

__all__ = [
    "CHIEFS",
    "TECHNICIANS",
    "Gap",
    "Helper",
    "Pair",
    "Part",
    "Proposal",
    "Rules",
    "Spot",
    "Totals",
    "Want",
    "propose",
]
