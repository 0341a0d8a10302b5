"""Which row keeps a person: the same whatever the order of the rows, and only those displace that stand themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.comparison.rival_claims import COLUMNS, NO_LOSS, Loss, decide
from yiku.contracts import load_contracts

HERE, THERE, BEYOND = "510802100", "510802101", "510802102"


def claim(**given_values: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {
        "person_sk": "a",
        "period": "2017-11",
        "town_code": HERE,
        "key": "k",
    }
    row |= {
        "version": "2017-11 2017-11-10",
        "register_town": HERE,
        "stands": True,
    }
    return row | given_values


def losses(code: str, *rows: dict[str, Any]) -> list[Loss]:
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
    return decide(frame, load_contracts()[code])


def to(town: str) -> Loss:
    return Loss(to_town=town)


SECOND = Loss(is_second_post=True)


def test_the_register_keeps_a_person_in_his_town_whoever_filled_in_first() -> (
    None
):
    early = claim(town_code=THERE, fill_date=date(2017, 11, 8))
    late = claim(fill_date=date(2017, 11, 18))
    assert losses("L1", early, late) == [to(HERE), NO_LOSS]


def test_without_a_home_among_them_the_earlier_start_keeps_the_person() -> (
    None
):
    later = claim(town_code=THERE, start=date(2017, 5, 1), register_town=None)
    first = claim(town_code=BEYOND, start=date(2017, 2, 1), register_town=None)
    assert losses("L3", later, first) == [to(BEYOND), NO_LOSS]


def test_a_town_speaks_for_a_period_by_the_newest_version_of_a_row() -> None:
    old = claim(town_code=THERE, register_town=None, start=date(2017, 1, 1))
    new = old | {"version": "2017-11 2017-11-18", "start": date(2017, 6, 1)}
    other = claim(
        town_code=BEYOND, register_town=None, start=date(2017, 2, 1), key="o"
    )
    assert losses("L3", old, new, other) == [to(BEYOND), to(BEYOND), NO_LOSS]


def test_towns_that_speak_of_different_periods_do_not_contradict_each_other() -> (
    None
):
    moved = claim(town_code=THERE, period="2017-10")
    assert losses("L1", claim(), moved) == [NO_LOSS, NO_LOSS]


def test_the_first_post_stays_and_one_that_only_a_second_overlaps_too() -> (
    None
):
    first = claim(key="A", start=date(2017, 1, 1), end=date(2017, 6, 30))
    second = claim(key="B", start=date(2017, 6, 15), end=date(2017, 12, 31))
    third = claim(key="C", start=date(2017, 8, 1), end=date(2017, 12, 31))
    assert losses("L5", third, second, first) == [NO_LOSS, SECOND, NO_LOSS]


def test_a_row_that_is_sent_back_displaces_nobody_and_hears_of_who_comes_before() -> (
    None
):
    faulty = claim(town_code=THERE, stands=False)
    assert losses("L1", claim(), faulty) == [NO_LOSS, to(HERE)]
    at_home = claim(stands=False)
    assert losses("L1", claim(town_code=THERE), at_home) == [NO_LOSS, NO_LOSS]
    early = claim(key="A", start=date(2017, 1, 1), stands=False)
    late = claim(key="B", start=date(2017, 3, 1))
    assert losses("L5", early, late) == [NO_LOSS, NO_LOSS]
    assert losses(
        "L5", early | {"stands": True}, late | {"stands": False}
    ) == [
        NO_LOSS,
        SECOND,
    ]


def test_a_post_that_another_towns_row_displaces_keeps_no_one_from_another_post() -> (
    None
):
    abroad = claim(town_code=THERE, key="A", start=date(2017, 1, 1))
    at_home = claim(key="B", start=date(2017, 3, 1))
    assert losses("L5", abroad, at_home) == [to(HERE), NO_LOSS]


def test_lists_on_which_a_person_may_be_of_two_towns_decide_nothing() -> None:
    assert losses("E01", claim(), claim(town_code=THERE)) == [NO_LOSS, NO_LOSS]


days = st.none() | st.integers(0, 6).map(
    lambda month: date(2017, 1, 1) + timedelta(days=31 * month)
)
claims = st.builds(
    claim,
    town_code=st.sampled_from([HERE, THERE, BEYOND]),
    key=st.sampled_from("ABC"),
    start=days,
    end=days,
    fill_date=days,
    stands=st.booleans(),
)


@pytest.mark.parametrize("code", ["L1", "L5"])
@given(st.lists(claims, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(
    code: str, rows: list[dict[str, Any]], chance: Any
) -> None:
    # each row is a version of its own, as two rows of one sheet with one key never both stand
    rows = [row | {"version": f"2017-11 {n}"} for n, row in enumerate(rows)]
    found = dict(zip(map(repr, rows), losses(code, *rows), strict=True))
    shuffled = chance.sample(rows, len(rows))
    again = dict(
        zip(map(repr, shuffled), losses(code, *shuffled), strict=True)
    )
    assert found == again
