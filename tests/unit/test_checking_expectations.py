"""Each expectation class on the smallest frame that shows what it asks."""

from datetime import date
from decimal import Decimal

import great_expectations as gx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.checking import expectations as ours
from yiku.checking.frame import judged_frame


def broken(expectation, **columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({**columns, "ref": range(n)}, dtype=object)
    read = (
        expectation.columns_read()
        | expectation.columns_wished().intersection(columns)
    )
    judged = judged_frame(frame, "ref", read, expectation.columns_seen())
    mask = expectation.broken(judged) & expectation._looked_at(judged)
    return [i for i, bad in enumerate(mask) if bad]


def test_an_empty_cell_fails_the_filled_class_alone():
    assert broken(
        ours.ExpectRowValueFilled(column="a"), a=["x", None, ("y",)]
    ) == [1]
    assert broken(ours.ExpectRowValueBlank(column="a"), a=["x", None]) == [0]
    assert broken(
        ours.ExpectRowValueIn(column="a", values=["x"]), a=["x", None, "y"]
    ) == [2]
    assert broken(
        ours.ExpectRowValueNotIn(column="a", values=[True]),
        a=[True, None, False],
    ) == [0]
    assert broken(
        ours.ExpectRowValueBetween(column="a", low=1),
        a=[None, Decimal("0.99"), 1],
    ) == [1]


def test_a_text_holds_a_form_anywhere():
    rule = ours.ExpectRowValueLike(
        column="a", pattern=r"93\d{3}", when={"b": [4]}
    )
    assert broken(
        rule, a=["社：93123号", "无", None, "无"], b=[4, 4, 4, 2]
    ) == [1]


def test_strict_limits_are_outside():
    assert broken(
        ours.ExpectRowValueBetween(column="a", high=0.2, strict=True),
        a=[0.19, 0.2, 0.3],
    ) == [1, 2]
    assert broken(
        ours.ExpectRowValueBetween(column="a", high=0.2), a=[0.19, 0.2, 0.3]
    ) == [2]


def test_conditions_choose_the_rows():
    rule = ours.ExpectRowValueFilled(
        column="a", when={"b": ["是"]}, unless={"c": [True]}, when_filled=["d"]
    )
    found = broken(
        rule,
        a=[None] * 4,
        b=["是", "否", "是", "是"],
        c=[None, None, True, False],
        d=["x", "x", "x", None],
    )
    assert found == [0]
    assert broken(
        ours.ExpectRowValueFilled(column="a", when_blank=["b"]),
        a=[None, None],
        b=["x", None],
    ) == [1]


def test_order_of_dates_and_numbers():
    days = [date(2017, 3, 1), date(2017, 3, 12), None]
    rule = ours.ExpectRowValuesOrdered(first="a", second="b")
    assert broken(
        rule, a=days, b=[date(2017, 3, 1), date(2017, 3, 11), date(2017, 1, 1)]
    ) == [1]
    slack = ours.ExpectRowValuesOrdered(first="a", second="b", slack=1)
    assert (
        broken(
            slack,
            a=days,
            b=[date(2017, 3, 1), date(2017, 3, 11), date(2017, 1, 1)],
        )
        == []
    )
    assert broken(rule, a=[5, 6], b=[5, 5]) == [1]
    assert broken(
        rule,
        a=["2017-03", "2017-12", None],
        b=["2017-03", "2017-09", "2017-01"],
    ) == [1]


def test_a_value_is_among_those_of_another_column():
    rule = ours.ExpectRowValueAmong(column="a", among="b")
    one = broken(
        rule,
        a=["茶叶", "核桃", None, "核桃"],
        b=[("茶叶", "核桃"), ("茶叶",), ("茶叶",), None],
    )
    several = broken(
        rule,
        a=[("茶叶", "蜂"), ("蜂",), ()],
        b=[("茶叶",), ("茶叶", "核桃"), ("茶叶",)],
    )
    assert (one, several) == ([1], [1])
    assert broken(rule, a=["茶叶", "核桃"], b=["茶叶", "茶叶"]) == [1]


def test_a_cell_of_several_values_holds_each_of_them():
    rule = ours.ExpectRowValueNotIn(column="a", values=["甲"])
    assert broken(rule, a=[("乙", "甲"), ("乙",), None]) == [0]


def test_a_group_adds_up():
    rule = ours.ExpectRowGroupSum(group=["g", "h"], column="a", total=100)
    g, h = ["x", "x", "y", "y", "z"], [None, None, 1, 1, 1]
    assert broken(rule, g=g, h=h, a=[Decimal("60"), 40, 60, 39.5, None]) == [
        2,
        3,
    ]


def test_a_product_within_a_fen():
    rule = ours.ExpectRowProductEqual(factors=["std", "n"], result="sum")
    std, n = [Decimal("333.33")] * 4, [3, 3, 3, None]
    found = broken(
        rule,
        std=std,
        n=n,
        sum=[
            Decimal("999.99"),
            Decimal("1000.00"),
            Decimal("1000.01"),
            Decimal("1"),
        ],
    )
    assert found == [2]
    about = ours.ExpectRowProductEqual(
        factors=["std", "n"], result="sum", share=0.2
    )
    assert broken(about, std=[1000, 1000], n=[10, 10], sum=[11900, 12100]) == [
        1
    ]


def test_a_span_counts_both_days_and_ends_at_the_first_end():
    day = date(2017, 3, 1)
    days = ours.ExpectRowSpanWithin(start="a", ends=["b"], count="n")
    assert broken(
        days, a=[day, day], b=[date(2017, 3, 10)] * 2, n=[10, 11]
    ) == [1]
    months = ours.ExpectRowSpanWithin(
        start="a", ends=["b", "c"], count="n", months=True
    )
    ends = {"b": [date(2017, 12, 31)] * 2, "c": [None, date(2017, 6, 30)]}
    assert broken(months, a=[date(2017, 1, 1)] * 2, n=[12, 12], **ends) == [1]
    most = ours.ExpectRowSpanWithin(
        start="a", ends=["b"], most=36, months=True
    )
    assert broken(
        most,
        a=[date(2016, 2, 1)] * 2,
        b=[date(2019, 1, 31), date(2019, 3, 31)],
    ) == [1]


def test_an_imprecise_date_breaks_a_rule_only_if_each_of_its_days_does():
    first, last = date(2017, 3, 1), date(2017, 3, 31)
    days = {
        "a": [date(2017, 3, 15), date(2017, 3, 15), date(2017, 4, 1)],
        "b": [first] * 3,
        "b_until": [last, None, last],
    }
    assert broken(
        ours.ExpectRowValuesOrdered(first="a", second="b"), **days
    ) == [1, 2]
    counted = ours.ExpectRowSpanWithin(start="a", ends=["b"], count="n")
    assert broken(
        counted,
        a=[first] * 3,
        b=[first] * 3,
        b_until=[last, None, last],
        n=[31, 31, 32],
    ) == [1, 2]
    most = ours.ExpectRowSpanWithin(
        start="a", ends=["b"], most=36, months=True
    )
    begun, until = [date(2014, 3, 1)] * 2, [date(2014, 3, 31), None]
    assert broken(most, a=begun, a_until=until, b=[date(2017, 3, 10)] * 2) == [
        1
    ]


def test_equal_text_may_be_the_registers():
    rule = ours.ExpectRowValuesEqual(first="a", second="b", otherwise="c")
    assert broken(
        rule,
        a=["甲", "甲", "甲", None],
        b=["甲", "乙", "乙", "乙"],
        c=[None, "甲", None, None],
    ) == [2]


def test_groups_hold_few_enough_values():
    rule = ours.ExpectRowGroupWithin(group=["a"], column="b")
    assert broken(
        rule, a=["x", "x", "y", None, None], b=["1", "2", "1", "1", "2"]
    ) == [
        0,
        1,
    ]
    two = ours.ExpectRowGroupWithin(group=["a"], column="b", most=2)
    assert broken(two, a=["x"] * 3, b=["1", "2", None]) == []


def test_the_later_of_two_overlapping_spells_fails():
    rule = ours.ExpectRowsApart(group=["a"], start="s", end="e")
    start = [date(2017, 5, 1), date(2017, 1, 1), date(2017, 5, 1), None]
    end = [None, date(2017, 5, 1), date(2017, 6, 1), None]
    assert broken(rule, a=["x", "x", "y", "x"], s=start, e=end) == [0]
    slack = ours.ExpectRowsApart(group=["a"], start="s", end="e", slack=7)
    assert broken(slack, a=["x", "x", "y", "x"], s=start, e=end) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 9)),
        max_size=12,
    )
)
def test_spells_are_apart_as_a_plain_count_says(spells):
    day = np.datetime64("2017-01-01")
    columns = {
        "a": [f"p{who}" for who, _, _ in spells],
        "s": [(day + start).astype(object) for _, start, _ in spells],
        "e": [
            (day + start + length).astype(object)
            for _, start, length in spells
        ],
    }
    order = sorted(
        range(len(spells)), key=lambda i: (spells[i][0], spells[i][1], i)
    )
    expected = set()
    for n, i in enumerate(order):
        earlier = [
            spells[j] for j in order[:n] if spells[j][0] == spells[i][0]
        ]
        if any(s + length >= spells[i][1] for _, s, length in earlier):
            expected.add(i)
    if spells:
        assert (
            set(
                broken(
                    ours.ExpectRowsApart(group=["a"], start="s", end="e"),
                    **columns,
                )
            )
            == expected
        )


def test_the_judged_frame_holds_no_value_that_only_has_to_be_there():
    frame = pd.DataFrame(
        {"ref": [7, 8], "name": ["某人", None], "aliases": [("a", "b"), None]},
        dtype=object,
    )
    judged = judged_frame(frame, "ref", ["aliases"], ["name"])
    assert judged["name"].tolist()[0] == 1.0
    assert judged["aliases"].isna().tolist() == [False, True]
    with pytest.raises(KeyError, match="absent"):
        judged_frame(frame, "ref", ["absent"], [])


def test_classes_are_known_to_suites_by_name():
    suite = gx.ExpectationSuite(
        name="x",
        expectations=[{"type": "expect_no_note", "kwargs": {"code": "I01"}}],
    )
    assert isinstance(suite.expectations[0], ours.ExpectNoNote)
