"""The optimiser against brute force and a linear program, and the reasons that it gives."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.linear_solver import pywraplp
from yiku.pairing import (
    CHIEFS,
    TECHNICIANS,
    Helper,
    Pair,
    Rules,
    Spot,
    Want,
    propose,
)
from yiku.pairing.distance import great_circle_km
from yiku.pairing.network import (
    Problem,
    _network,
    dual_bound,
    potentials,
    solve,
)
from yiku.pairing.problem import KM

TRADES = ("茶叶", "核桃", "水果")
VILLAGES = ("510802101001", "510802101002", "510802102001")
RULES = Rules()


def at(village: str) -> Spot:
    return Spot(village=village, town=village[:9])


def helper(
    key: str = "a",
    *industries: str,
    cap: int = 2,
    village: str = VILLAGES[0],
    **more,
) -> Helper:
    return Helper(
        key, frozenset(industries or ("茶叶",)), cap, at(village), **more
    )


def want(
    key: str = "h1",
    *industries: str,
    village: str = VILLAGES[0],
    standing: str | None = None,
) -> Want:
    return Want(key, industries or ("茶叶",), at(village), standing)


helpers_of = st.lists(
    st.builds(
        Helper,
        key=st.sampled_from(["a", "b", "c"]),
        industries=st.frozensets(
            st.sampled_from(TRADES), min_size=1, max_size=2
        ),
        cap=st.integers(0, 3),
        spot=st.sampled_from(VILLAGES).map(at),
        handicap=st.sampled_from([0, 100, 350]),
        limit_km=st.sampled_from([None, 45.0, 9.0]),
        fits=st.sampled_from([True, True, True, False]),
    ),
    max_size=3,
    unique_by=lambda h: h.key,
)
wants_of = st.lists(
    st.builds(
        Want,
        key=st.sampled_from(["h1", "h2", "h3", "h4"]),
        industries=st.lists(
            st.sampled_from(TRADES), min_size=1, max_size=2, unique=True
        ).map(tuple),
        spot=st.sampled_from(VILLAGES).map(at),
        standing=st.sampled_from([None, "a", "b", "gone"]),
    ),
    max_size=4,
    unique_by=lambda w: w.key,
)


def step_km(a: Spot, b: Spot) -> float:
    if a.village == b.village:
        return RULES.same_village_km
    return RULES.same_town_km if a.town == b.town else RULES.same_county_km


def may(h: Helper, w: Want) -> bool:
    near = h.limit_km is None or step_km(h.spot, w.spot) <= h.limit_km
    return h.fits and near and bool(set(w.industries) & h.industries)


def price(h: Helper, w: Want) -> int:
    trade = next(n for n, i in enumerate(w.industries) if i in h.industries)
    change = 0 if w.standing == h.key else RULES.new_pair
    return (
        round(step_km(h.spot, w.spot) * KM)
        + h.handicap
        + trade * RULES.minor_industry
        + change
    )


def load_price(h: Helper, load: int) -> int:
    def nth(n: int) -> int:
        return next(
            cost
            for share, cost in RULES.bands
            if n <= math.floor(h.cap * share + 1e-9)
        )

    return sum(nth(n) for n in range(1, load + 1))


def cost_of(
    helpers: list[Helper], wants: list[Want], chosen: tuple[int | None, ...]
) -> tuple[int, int] | None:
    """Return who is left out and what the rest costs; None where a hard rule is broken."""
    loads = Counter(n for n in chosen if n is not None)
    if any(load > helpers[n].cap for n, load in loads.items()):
        return None
    pairs = [
        (helpers[n], w)
        for n, w in zip(chosen, wants, strict=True)
        if n is not None
    ]
    if not all(may(h, w) for h, w in pairs):
        return None
    total = sum(price(h, w) for h, w in pairs) + sum(
        load_price(helpers[n], load) for n, load in loads.items()
    )
    return chosen.count(None), total


def changes_of(
    helpers: list[Helper], wants: list[Want], chosen: tuple[int | None, ...]
) -> int:
    """Count those who get another helper than the one they have."""
    pairs = zip(chosen, wants, strict=True)
    return sum(
        n is not None and w.standing != helpers[n].key for n, w in pairs
    )


def brute_force(
    helpers: list[Helper], wants: list[Want]
) -> tuple[tuple[int, int], int]:
    """Return the least cost, and the fewest changes at that cost, over all ways to pair."""
    choices = product([None, *range(len(helpers))], repeat=len(wants))
    costs = ((cost_of(helpers, wants, c), c) for c in choices)
    return min(
        (cost, changes_of(helpers, wants, c))
        for cost, c in costs
        if cost is not None
    )


@settings(max_examples=150, deadline=None)
@given(helpers_of, wants_of)
def test_nothing_is_cheaper_than_the_proposal(helpers, wants):
    done = propose(TECHNICIANS, helpers, wants)
    totals, number = done.totals, {h.key: n for n, h in enumerate(helpers)}
    chosen = {p.want: number[p.helper] for p in done.pairs}
    answer = tuple(chosen.get(w.key) for w in wants)
    proposed = cost_of(helpers, wants, answer)
    assert (proposed, changes_of(helpers, wants, answer)) == brute_force(
        helpers, wants
    )
    assert totals.status == "OPTIMAL"
    assert (
        totals.objective
        == totals.bound
        == proposed[1] + proposed[0] * totals.penalty
    )
    assert totals.greedy >= totals.objective
    assert totals.greedy_paired <= totals.paired == len(done.pairs)


@settings(max_examples=80, deadline=None)
@given(helpers_of, wants_of, st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_does_not_matter(helpers, wants, chance):
    first = propose(TECHNICIANS, helpers, wants)
    chance.shuffle(helpers)
    chance.shuffle(wants)
    assert propose(TECHNICIANS, helpers, wants) == first


@settings(max_examples=80, deadline=None)
@given(helpers_of, wants_of, st.randoms(use_true_random=False))
def test_which_of_equals_is_proposed_does_not_hang_on_the_salt_of_keys(
    helpers, wants, chance
):
    def answer(salt: dict[str, str]) -> list[tuple[int, int | None, str]]:
        people = [
            replace(h, key=salt[h.key], place=n) for n, h in enumerate(helpers)
        ]
        asking = [
            replace(
                w,
                key=salt[w.key],
                standing=salt.get(w.standing or ""),
                place=n,
            )
            for n, w in enumerate(wants)
        ]
        who, whom = (
            {h.key: h.place for h in people},
            {w.key: w.place for w in asking},
        )
        found = propose(TECHNICIANS, people, asking).pairs
        return sorted(
            (whom[p.want], who[p.helper], who.get(p.next_best or ""), p.why)
            for p in found
        )

    keys = ["a", "b", "c", "gone", "h1", "h2", "h3", "h4"]
    other = [f"k{n}" for n in range(len(keys))]
    chance.shuffle(other)
    assert answer(dict(zip(keys, keys, strict=True))) == answer(
        dict(zip(keys, other, strict=True))
    )


@settings(max_examples=80, deadline=None)
@given(helpers_of, wants_of)
def test_everyone_is_paired_once_or_named_in_a_gap(helpers, wants):
    done = propose(TECHNICIANS, helpers, wants)
    left = [key for gap in done.gaps for key in gap.wants]
    assert sorted([*left, *(p.want for p in done.pairs)]) == sorted(
        w.key for w in wants
    )


@settings(max_examples=80, deadline=None)
@given(helpers_of, wants_of)
def test_the_reasons_are_the_facts(helpers, wants):
    done = propose(TECHNICIANS, helpers, wants)
    by_key, asked = {h.key: h for h in helpers}, {w.key: w for w in wants}
    loads = Counter(p.helper for p in done.pairs)
    for pair in done.pairs:
        who, whom = by_key[pair.helper], asked[pair.want]
        assert (pair.load_after, pair.cap) == (loads[pair.helper], who.cap)
        assert pair.industry == next(
            i for i in whom.industries if i in who.industries
        )
        assert pair.distance_km == step_km(who.spot, whom.spot)
        assert pair.is_standing == (whom.standing == pair.helper)
        assert pair.replaces == (None if pair.is_standing else whom.standing)
        if (
            pair.next_best is not None
        ):  # a true alternative, and never a better one
            other = by_key[pair.next_best]
            assert other != who
            assert may(other, whom)
            assert loads[other.key] < other.cap
            assert pair.extra_km >= 0


def said_of_the_change(
    pair: Pair,
    now: Helper | None,
    whom: Want,
    loads: Counter[str],
    new: Helper,
) -> str:
    """Work out again what becomes of the present pair, and say it in the words of the reasons."""
    if whom.standing is None:
        return "新结对"
    if whom.standing == pair.helper:
        return "沿用现有结对"
    if now is None:
        return "改配：现有技术员不在可配的在聘技术员之列"
    km = step_km(now.spot, whom.spot)
    if not set(whom.industries) & now.industries:
        return "改配：现有技术员的擅长产业不含所需产业"
    if not now.fits:
        return "改配：现有技术员不够县级"
    if now.cap == 0:
        return "改配：现有技术员的上限为0"
    if now.limit_km is not None and km > now.limit_km:
        return f"改配：现有技术员在{km:.1f}公里外，超出{now.limit_km:.0f}公里的距离上限"
    if loads[now.key] == now.cap and now.carries > now.cap:
        return f"改配：现有技术员现已结对{now.carries}户，超过上限{now.cap}户"
    if loads[now.key] == now.cap:
        return f"改配：现有技术员的{now.cap}户名额在本方案中已配给其他户"
    stay = (
        price(now, whom)
        + load_price(now, loads[now.key] + 1)
        - load_price(now, loads[now.key])
    )
    go = (
        price(new, whom)
        + load_price(new, loads[new.key])
        - load_price(new, loads[new.key] - 1)
    )
    assert stay > go  # nobody is moved for nothing
    return f"改配：比沿用现有技术员少{(stay - go) / KM:.2f}公里（已计入变动的10公里和负荷）"


@settings(max_examples=400, deadline=None)
@given(
    helpers_of, wants_of, st.lists(st.integers(0, 5), min_size=3, max_size=3)
)
def test_every_reason_is_true(helpers, wants, carried):
    helpers = [
        replace(h, carries=n) for h, n in zip(helpers, carried, strict=False)
    ]
    done = propose(TECHNICIANS, helpers, wants)
    by_key, asked = {h.key: h for h in helpers}, {w.key: w for w in wants}
    loads = Counter(p.helper for p in done.pairs)
    for pair in done.pairs:
        who, whom = by_key[pair.helper], asked[pair.want]
        rest = (
            f"次选相当于多走{pair.extra_km:.1f}公里"
            if pair.next_best
            else "没有其他有余量的技术员"
        )
        assert pair.why.split("；") == [
            f"同产业（{pair.industry}）",
            f"距离{step_km(who.spot, whom.spot):.1f}公里（{pair.distance_basis}）",
            f"配后{loads[pair.helper]}户，上限{who.cap}户",
            said_of_the_change(
                pair, by_key.get(whom.standing or ""), whom, loads, who
            ),
            rest,
        ]
        others = [
            h
            for h in helpers
            if h != who and may(h, whom) and loads[h.key] < h.cap
        ]
        assert bool(others) == (pair.next_best is not None)
    for gap in done.gaps:
        for key in gap.wants:
            able = [h for h in helpers if may(h, asked[key])]
            assert all(loads[h.key] == h.cap for h in able)
            assert (gap.reason == "full") == bool(able)


# --- certificate


def network_of(seed: int) -> Problem:
    chance = np.random.default_rng(seed)
    helper, demand = (
        side.ravel() for side in np.meshgrid(np.arange(8), np.arange(12))
    )
    allowed = chance.random(len(helper)) < 0.6
    caps = chance.integers(0, 9, 8)
    steps = np.array([caps // 2, caps - caps // 2])
    count = int(allowed.sum())
    units = chance.integers(1, 8, 12)
    return Problem(
        caps=caps,
        units=units,
        helper=helper[allowed],
        demand=demand[allowed],
        capacity=units[demand[allowed]],
        cost=chance.integers(0, 900, count),
        is_change=np.zeros(count, dtype=np.bool_),
        steps=steps,
        step_costs=np.array([0, 250]),
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_is_what_a_linear_program_finds(seed):
    problem = network_of(seed)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    flow = [solver.NumVar(0, float(c), "") for c in problem.capacity]
    left = [solver.NumVar(0, float(u), "") for u in problem.units]
    loads = [
        [solver.NumVar(0, float(s), "") for s in band]
        for band in problem.steps
    ]
    for d in range(len(problem.units)):
        solver.Add(
            sum(
                f
                for f, at_ in zip(flow, problem.demand, strict=True)
                if at_ == d
            )
            + left[d]
            == int(problem.units[d])
        )
    for h in range(len(problem.caps)):
        out = [
            f for f, at_ in zip(flow, problem.helper, strict=True) if at_ == h
        ]
        solver.Add(sum(out) <= sum(band[h] for band in loads))
    total = sum(
        int(c) * f for c, f in zip(problem.cost, flow, strict=True)
    ) + problem.penalty * sum(left)
    total += sum(
        int(c) * sum(band)
        for c, band in zip(problem.step_costs, loads, strict=True)
    )
    solver.Minimize(total)
    assert solver.Solve() == solver.OPTIMAL
    done = solve(problem)
    assert done.objective == done.bound
    assert solver.Objective().Value() == pytest.approx(done.bound, rel=1e-9)


def test_the_bound_does_not_meet_a_flow_that_could_be_cheaper():
    problem = network_of(3)
    network = _network(problem)
    nobody = np.concatenate(
        [
            np.zeros(len(problem.helper), dtype=np.int64),
            problem.units,
            np.zeros(16, dtype=np.int64),
        ]
    )
    assert dual_bound(network, potentials(network, nobody)) < int(
        (nobody * network.cost).sum()
    )
    assert (
        dual_bound(network, np.zeros(len(network.supply), dtype=np.int64))
        <= solve(problem).objective * problem.scale
    )


# --- what weighs more


def test_a_standing_pair_stays_unless_a_better_one_pays_for_the_change():
    near, far = (
        helper("near", village=VILLAGES[0]),
        helper("far", village=VILLAGES[1]),
    )
    household = want(standing="far")
    (kept,) = propose(TECHNICIANS, [near, far], [household]).pairs
    assert (kept.helper, kept.is_standing, kept.replaces, kept.next_best) == (
        "far",
        True,
        None,
        "near",
    )
    assert (
        kept.extra_km
        == RULES.same_village_km + RULES.new_pair / KM - RULES.same_town_km
    )
    (moved,) = propose(
        TECHNICIANS, [near, replace(far, handicap=4 * KM)], [household]
    ).pairs
    assert (moved.helper, moved.is_standing, moved.replaces) == (
        "near",
        False,
        "far",
    )
    assert (
        "比沿用现有技术员少1.00公里（已计入变动的10公里和负荷）" in moved.why
    )


def test_load_is_spread_before_it_piles_up():
    helpers = [helper("a", cap=10), helper("b", cap=10)]
    done = propose(TECHNICIANS, helpers, [want(f"h{n}") for n in range(9)])
    assert sorted(Counter(p.helper for p in done.pairs).values()) == [4, 5]


def test_as_many_are_paired_as_can_be_whatever_it_costs():
    helpers = [
        helper("tea", "茶叶", cap=1),
        helper("both", "茶叶", "核桃", cap=1, village=VILLAGES[2]),
    ]
    wants = [
        want("h1", "茶叶", standing="both", village=VILLAGES[2]),
        want("h2", "核桃"),
    ]
    assert {
        p.want: p.helper for p in propose(TECHNICIANS, helpers, wants).pairs
    } == {
        "h1": "tea",
        "h2": "both",
    }


def test_the_main_industry_comes_first():
    (pair,) = propose(
        CHIEFS,
        [helper("a", "核桃"), helper("b", "茶叶")],
        [want("v", "茶叶", "核桃")],
    ).pairs
    assert (pair.helper, pair.industry) == ("b", "茶叶")


# --- gaps


def only_gap(helpers: list[Helper], *wants: Want, part=TECHNICIANS):
    (gap,) = propose(part, helpers, wants or [want()]).gaps
    return gap


def test_nobody_knows_the_industry():
    gap = only_gap([helper("a", "核桃")])
    assert (gap.reason, gap.nearest, gap.wants) == ("nobody", None, ("h1",))
    assert (
        gap.why
        == "1户没有可配的茶叶技术员：本县没有从事此产业的技术员；需引进或培养"
    )


def test_all_within_reach_are_full():
    gap = only_gap(
        [helper("a", cap=1), helper("b", cap=0, village=VILLAGES[2])],
        want("h1"),
        want("h2"),
        want("h3"),
    )
    assert (gap.reason, gap.nearest, gap.distance_km, gap.wants) == (
        "full",
        "a",
        1.0,
        ("h2", "h3"),
    )
    head, rest = gap.why.split("：")
    assert head == "2户没有可配的茶叶技术员"
    assert (
        rest
        == "范围内的名额在本方案中都已配满，最近的在1.0公里，已满1户；需放宽上限或增加技术员"
    )


def test_the_nearest_lives_beyond_the_limit():
    gap = only_gap([helper("a", village=VILLAGES[2], limit_km=20.0)])
    assert (gap.reason, gap.nearest, gap.distance_km, gap.beyond_km) == (
        "far",
        "a",
        25.0,
        5.0,
    )
    assert "超出距离上限5.0公里" in gap.why


def test_those_who_know_the_industry_are_of_too_low_a_level():
    gap = only_gap([helper("a", fits=False)], part=CHIEFS)
    assert (gap.reason, gap.nearest) == ("level", "a")
    assert (
        gap.why
        == "1村没有可配的茶叶专家：懂此产业的都不够县级，最近的在1.0公里；需聘请县级及以上专家"
    )


def test_one_who_wants_help_in_no_industry_is_told_so():
    gap = only_gap([helper()], Want("h1", (), at(VILLAGES[0])))
    assert gap.why == "1户没有可配的未填产业技术员：请先补填产业"


def test_nothing_asked_is_nothing_proposed():
    done = propose(TECHNICIANS, [helper()], [])
    assert (done.pairs, done.gaps, done.totals.status) == ((), (), "OPTIMAL")


def test_a_key_that_occurs_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        propose(TECHNICIANS, [helper(), helper()], [])


# --- distance


def test_the_great_circle_is_that_of_the_earth():
    chengdu, guangyuan = Spot(104.0668, 30.5728), Spot(105.8440, 32.4355)
    km = great_circle_km(
        [chengdu, Spot(0, 0)], [guangyuan, Spot(0, 90), Spot()]
    )
    assert km[0, 0] == pytest.approx(267.7, abs=1.0)
    assert km[1, 1] == pytest.approx(10007.5, abs=1.0)
    assert math.isnan(km[0, 2])


def test_where_coordinates_are_missing_the_distance_says_what_it_rests_on():
    known = Helper(
        "a",
        frozenset({"茶叶"}),
        9,
        Spot(105.8, 32.4, *(VILLAGES[0], VILLAGES[0][:9])),
    )
    wants = [
        want("h1"),
        want("h2", village=VILLAGES[1]),
        want("h3", village=VILLAGES[2]),
    ]
    wants.append(
        Want("h4", ("茶叶",), Spot(105.8, 32.5, VILLAGES[0], VILLAGES[0][:9]))
    )
    found = {
        p.want: (p.distance_basis, p.distance_km)
        for p in propose(TECHNICIANS, [known], wants).pairs
    }
    assert found == {
        "h1": ("同村估算", 1.0),
        "h2": ("同乡镇估算", 8.0),
        "h3": ("同县估算", 25.0),
        "h4": ("坐标", pytest.approx(11.12, abs=0.01)),
    }


# --- a whole county


def test_a_county_of_full_size_is_optimal_and_keeps_the_hard_rules():
    chance = random.Random(20171120)
    places = [
        Spot(
            105.8 + chance.random() * 0.8,
            32 + chance.random() * 0.7,
            f"v{n:03d}",
            f"t{n // 8:02d}",
        )
        for n in range(97)
    ]
    helpers = [
        Helper(
            f"t{n:03d}",
            frozenset({chance.choice(TRADES)}),
            40,
            chance.choice(places),
        )
        for n in range(610)
    ]
    keys = [h.key for h in helpers]
    wants = [
        Want(
            f"h{n:05d}",
            (chance.choice(TRADES),),
            chance.choice(places),
            chance.choice([None, chance.choice(keys)]),
        )
        for n in range(17000)
    ]
    done = propose(TECHNICIANS, helpers, wants)
    by_key = {h.key: h for h in helpers}
    assert done.totals.status == "OPTIMAL"
    assert done.totals.objective < done.totals.greedy
    assert len(done.pairs) + sum(len(g.wants) for g in done.gaps) == 17000
    assert max(Counter(p.helper for p in done.pairs).values()) <= 40
    for pair in done.pairs:
        assert pair.distance_km <= 45
        assert pair.industry in by_key[pair.helper].industries
        assert pair.extra_km is None or pair.extra_km >= 0
