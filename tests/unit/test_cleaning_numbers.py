from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning.numbers import NumberRules, parse_group, parse_number, parse_percent, unit_doubt

WAGE = NumberRules("money", low=300, high=30000)
WAN = NumberRules("money", scale=Decimal(10000))
COUNT = NumberRules("integer", high=1000)
PERCENT = NumberRules("percent", low=0, high=100)


def levels(parsed):
    return [(m.code, m.facts["level"]) for m in parsed.met]


@pytest.mark.parametrize(
    "typed",
    [
        "3000元",
        "3,000",
        "３０００",
        "三千",
        "￥3000.00",
        "3000元/月",
        "每月3000元",
        "0.3万",
        "3千",
        3000,
        3000.0,
        " 3 000 ",
    ],
)
def test_an_exact_amount_is_read_whatever_stands_around_it(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value == Decimal("3000.00")
    assert {level for _, level in levels(parsed)} <= {"A"}


@pytest.mark.parametrize(("typed", "value"), [("1.7万", 17000), ("两千五", 2500), ("一万三", 13000), ("1万5", 15000)])
def test_chinese_numerals_are_read(typed, value):
    assert parse_number(typed, WAGE).value == value


@pytest.mark.parametrize("typed", ["3000左右", "约3000", "3000多", "3000余元", "大约3000元"])
def test_an_approximate_amount_is_loaded_with_a_warning(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value == Decimal("3000.00")
    assert parsed.quality == {"approximate": True}
    assert ("N01", "W") in levels(parsed)


@pytest.mark.parametrize("typed", ["2000-3000", "2000~3000元", "2000元至3000元"])
def test_a_range_gives_its_ends_and_no_value(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value is None
    assert parsed.quality == {"min": 2000.0, "max": 3000.0}
    assert levels(parsed)[-1] == ("N01", "W")


def test_the_unit_of_a_range_is_that_of_both_ends():
    assert parse_number("1-2万", WAGE).quality == {"min": 10000.0, "max": 20000.0}


@pytest.mark.parametrize(
    ("typed", "level"), [(-3000, "Q"), ("-800", "Q"), (30_000_000, "Q"), (200, "W"), (50000, "W"), (0, "W")]
)
def test_implausible_amounts_are_told_from_absurd_ones(typed, level):
    parsed = parse_number(typed, WAGE)
    assert levels(parsed) == [("N04", level)]
    assert (parsed.value is None) == (level == "Q")


def test_words_are_no_amount():
    assert levels(parse_number("面议", WAGE)) == [("N01", "W")]
    assert levels(parse_number("面议", NumberRules("money", mandatory=True))) == [("N01", "Q")]
    assert parse_number("无", WAGE).value is None


def test_float_noise_is_cleaned_from_the_text_of_the_number():
    parsed = parse_number(0.1 + 0.2, WAN)
    assert parsed.value == Decimal("3000.00")
    assert levels(parsed) == [("N03", "A")]


@given(st.integers(0, 99_999_999))
def test_two_decimals_of_wan_are_exact_as_number_and_as_text(cents):
    exact = (Decimal(cents) * 100).quantize(Decimal("0.01"))
    assert parse_number(cents / 100, WAN).value == exact
    assert parse_number(f"{Decimal(cents) / 100:.2f}", WAN).value == exact


def test_an_amount_with_its_own_unit_is_not_scaled_again():
    assert parse_number("5万元", WAN).value == 50000
    assert parse_number("3000元", WAN).value == 3000
    assert parse_number("5", WAN).value == 50000


def test_counts_are_whole():
    assert parse_number("12个月", COUNT).value == 12
    assert parse_number(12.0, COUNT).value == 12
    assert levels(parse_number(3.5, COUNT)) == [("N01", "W")]


@pytest.mark.parametrize(("typed", "level"), [("95%", None), (95, None), ("95", None), (0.95, "W"), ("0.95", "W")])
def test_percentages(typed, level):
    parsed = parse_percent(typed, PERCENT, formatted=False)
    assert parsed.value == 95.0
    assert levels(parsed) == ([("N05", level)] if level else [])
    assert parse_percent(0.95, PERCENT, formatted=True).value == 95.0


@pytest.mark.parametrize("typed", ["3组", "三社", "第3村民小组", 3, 3.0, "3", "３组", "红岩村3组", "第三组"])
def test_the_number_of_a_group(typed):
    assert parse_group(typed).value == 3


def test_the_unit_is_asked_for_where_it_matters():
    assert unit_doubt([12.98, "16.99", 5.38], None, None) == {"kind": "not_written"}
    assert unit_doubt([3000, 50, 2], None, None) is None
    assert unit_doubt([12.98, 16.99], "万元", 5_000_000) is None
    assert unit_doubt([3000, 3200], "万元", 30000) == {"kind": "absurd"}
    assert unit_doubt(["1.7万", None, "面议", 0], None, None) is None


@given(
    st.one_of(st.none(), st.text(), st.text("0123456789.,万千元-至约多 "), st.booleans(), st.floats(), st.integers())
)
def test_no_value_makes_a_number_parser_raise(value):
    for rules in (WAGE, WAN, COUNT):
        parsed = parse_number(value, rules)
        assert parsed.value is None or 0 <= parsed.value < 10**12
    parse_percent(value, PERCENT, formatted=False)
    parse_group(value)
    unit_doubt([value], None, None)


@given(st.decimals(0, 30000, places=2))
def test_a_written_amount_reads_back(amount):
    assert parse_number(f"{amount:,}", WAGE).value == amount
    assert parse_number(f"{amount}元", WAGE).value == amount


@pytest.mark.parametrize("typed", ["100元/天", "12000/年", "1.2万/年", "每天100元", "年薪3万", "150元一天"])
def test_an_amount_for_another_time_is_not_taken_for_the_columns(typed):
    parsed = parse_number(typed, NumberRules("money", low=300, high=30000))
    assert parsed.value is None
    assert [m.code for m in parsed.met] == ["N01"]
