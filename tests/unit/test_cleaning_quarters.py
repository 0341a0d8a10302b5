"""Quarters as clerks write them."""

from datetime import date

import pytest
from yiku.cleaning.quarters import parse_quarter

YEAR = 2017


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2017年第三季度", "2017-Q3"),
        ("2016年4季度", "2016-Q4"),
        ("2017Q1", "2017-Q1"),
        ("2017-q2", "2017-Q2"),
        ("２０１７年 第 ２ 季度", "2017-Q2"),
        ("三季度", "2017-Q3"),
        ("第1季度", "2017-Q1"),
        ("2017年7-9月", "2017-Q3"),
        ("10月至12月", "2017-Q4"),
        ("2017年8月", "2017-Q3"),
        (date(2017, 12, 31), "2017-Q4"),
    ],
)
def test_a_quarter_is_understood(written, meant):
    assert parse_quarter(written, YEAR).value == meant


@pytest.mark.parametrize(
    "written", ["第五季度", "2017年", "2-4月", "2017年13月", "上半年", 3]
)
def test_what_is_no_quarter_goes_back(written):
    parsed = parse_quarter(written, YEAR)
    assert parsed.value is None
    assert [m.code for m in parsed.met] == ["T06"]


@pytest.mark.parametrize("written", [None, "", "无"])
def test_an_empty_quarter_is_empty(written):
    assert parse_quarter(written, YEAR).value is None
