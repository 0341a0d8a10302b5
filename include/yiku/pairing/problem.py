"""What the optimiser is asked, and what it answers.

Costs are whole numbers, a hundredth of a kilometre each: everything that speaks against
a pair is said as the detour that it is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

KM = 100  # of one kilometre, in units of cost


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody lives or works.

    Coordinates in degrees where they are known, codes of the place where not.
    """

    lon: float | None = None
    lat: float | None = None
    village: str | None = None
    town: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """One who can be paired.

    ``handicap`` is what level and title speak against, in units of cost (0 or more).

    Whoever does not fit (a village's craftsman as leader of its team) is never
    proposed, only named where nobody else is left. Without ``limit_km`` the helper
    comes from any distance. ``carries`` is what the helper's standing pairs come to
    today, whoever they are with. ``place`` puts the people of a county in an order that
    is the same wherever the county's lists are kept; keys are salted, so that theirs is
    not.
    """

    key: str
    industries: frozenset[str]
    cap: int
    spot: Spot
    handicap: int = 0
    limit_km: float | None = 45.0
    fits: bool = True
    carries: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Want:
    """One who is to be helped, in the first of the industries that a helper knows.

    ``standing`` helps at present.

    ``place`` orders as a helper's does.
    """

    key: str
    industries: tuple[str, ...]
    spot: Spot
    standing: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a change, a minor industry and a full load are worth.

    Distances assumed where coordinates are missing.

    ``bands`` make load convex: up to each share of a helper's cap, one more costs so
    much.
    """

    new_pair: int = 10 * KM
    minor_industry: int = 5 * KM
    # The first half of a load is free: only who is near the cap is to be spared.
    bands: tuple[tuple[float, int], ...] = (
        (0.5, 0),
        (0.75, KM),
        (0.9, 3 * KM),
        (1.0, 6 * KM),
    )
    same_village_km: float = 1.0
    same_town_km: float = 8.0
    same_county_km: float = 25.0


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two problems, with the words for those in it."""

    code: str
    helper: str
    unit: str


CHIEFS = Part("chief", "专家", "村")
TECHNICIANS = Part("technician", "技术员", "户")


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposed pair and why.

    ``extra_km`` is what the next best with room left would cost more.
    """

    want: str
    helper: str
    industry: str
    distance_km: float
    distance_basis: str
    load_after: int
    cap: int
    is_standing: bool
    replaces: str | None
    next_best: str | None
    extra_km: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Those of one place and trade whom nobody can serve, and what would have to change."""

    wants: tuple[str, ...]
    industries: tuple[str, ...]
    reason: str
    nearest: str | None
    distance_km: float | None
    beyond_km: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run came to, in units of cost with a penalty for each who is left out.

    ``bound`` is worked out from dual prices and no assignment goes below it: what meets
    it is optimal.
    """

    helpers: int
    wanted: int
    paired: int
    kept: int
    objective: int
    bound: int
    greedy: int
    greedy_paired: int
    penalty: int

    @property
    def status(self) -> str:
        """Return OPTIMAL when the bound proves it, else UNPROVEN."""
        # Equal, not close: costs are whole numbers.
        return "OPTIMAL" if self.objective == self.bound else "UNPROVEN"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The pairs and gaps of one county and part, by key of who is to be helped."""

    pairs: tuple[Pair, ...]
    gaps: tuple[Gap, ...]
    totals: Totals
