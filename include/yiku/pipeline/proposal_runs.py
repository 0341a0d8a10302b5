"""Work the proposals out.

For each county and part whose people, places or pairs changed since its last run.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from datetime import date
from typing import Any

from yiku.pairing import (
    CHIEFS,
    TECHNICIANS,
    Gap,
    Helper,
    Pair,
    Part,
    Proposal,
    Rules,
    Spot,
    Want,
    propose,
)
from yiku.pairing.problem import KM
from yiku.warehouse import proposals as kept
from yiku.warehouse.connection import Connection

PARTS: dict[str, Part] = {p.code: p for p in (CHIEFS, TECHNICIANS)}
# What a lower title or level speaks against a helper, in kilometres of detour; unknown counts as
# the last.
TITLE_KM = {"正高": 0, "副高": 0, "中级": 1, "初级(助理)": 2, "员": 3, "无": 3}
LEVEL_KM = {"省": 0, "市": 0, "县": 1}
RULES = Rules()
# Whatever changes an answer from the same inputs makes another signature.
_MODEL = hashlib.sha256(
    f"2 {RULES} {TITLE_KM} {LEVEL_KM}".encode()
).hexdigest()[:12]


def propose_all(conn: Connection, business_date: date) -> dict[str, int]:
    """Bring ``pairing.proposal`` up to date, a county and part a transaction; return counts."""
    last, total = (
        kept.last_inputs(conn),
        Counter(cases=0, worked_out=0, pairs=0, gaps=0),
    )
    tonight = {
        case: f"{_MODEL}/{words}"
        for case, words in kept.signatures(conn).items()
    }
    # Where nobody wants help any more the last proposal would stand for ever.
    for case in sorted(set(last) - set(tonight)):
        kept.forget(conn, case)
    conn.commit()
    for case, inputs in tonight.items():
        if last.get(case) != inputs:
            total += Counter(_propose_one(conn, business_date, case, inputs))
    if total["worked_out"]:
        kept.tell_planner(conn)
        conn.commit()
    return {**total, "cases": len(tonight)}


def _propose_one(
    conn: Connection, business_date: date, case: kept.Case, inputs: str
) -> dict[str, int]:
    helpers = [_helper(case[1], row) for row in kept.helper_rows(conn, case)]
    wants = [_want(row) for row in kept.want_rows(conn, case)]
    began = time.perf_counter()
    found = propose(PARTS[case[1]], helpers, wants, RULES)
    run = _run(case, business_date, inputs, found, time.perf_counter() - began)
    kept.keep(
        conn,
        run,
        [_pair_row(p) for p in found.pairs],
        [_gap_row(n, g) for n, g in enumerate(found.gaps, 1)],
    )
    # What was worked out for one county stays when the next one breaks.
    conn.commit()
    return {
        "worked_out": 1,
        "pairs": len(found.pairs),
        "gaps": len(found.gaps),
    }


def _helper(part: str, row: tuple[Any, ...]) -> Helper:
    (
        key,
        industries,
        cap,
        lon,
        lat,
        village,
        town,
        level,
        title,
        limit,
        fits,
        carries,
        place,
    ) = row
    detour = TITLE_KM.get(title, max(TITLE_KM.values()))
    if part == CHIEFS.code:
        detour += LEVEL_KM.get(level, max(LEVEL_KM.values()))
    spot = Spot(lon, lat, village, town)
    return Helper(
        key,
        frozenset(industries or ()),
        cap,
        spot,
        detour * KM,
        limit,
        fits,
        carries,
        place,
    )


def _want(row: tuple[Any, ...]) -> Want:
    key, industries, lon, lat, village, town, standing, place = row
    return Want(
        key,
        tuple(industries or ()),
        Spot(lon, lat, village, town),
        standing,
        place,
    )


def _run(
    case: kept.Case, day: date, inputs: str, found: Proposal, seconds: float
) -> kept.Run:
    t = found.totals
    counted = (
        t.helpers,
        t.wanted,
        t.paired,
        t.kept,
        t.objective,
        t.bound,
        t.greedy,
        t.greedy_paired,
        t.penalty,
    )
    return kept.Run(
        *case, day, inputs, t.status, *counted, seconds=round(seconds, 3)
    )


def _pair_row(p: Pair) -> tuple[Any, ...]:
    facts = (
        p.industry,
        p.distance_km,
        p.distance_basis,
        p.load_after,
        p.cap,
        p.is_standing,
    )
    return (
        p.want,
        p.helper,
        *facts,
        p.replaces,
        p.next_best,
        p.extra_km,
        p.why,
    )


def _gap_row(number: int, g: Gap) -> tuple[Any, ...]:
    return (
        number,
        g.wants,
        g.industries,
        g.reason,
        g.nearest,
        g.distance_km,
        g.beyond_km,
        g.why,
    )
