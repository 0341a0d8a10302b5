from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning.group_numbers import parse_group
from yiku.cleaning.money_units import unit_doubt
from yiku.cleaning.numbers import NumberRules, parse_number
from yiku.cleaning.numerals import read_numeral
from yiku.cleaning.percentages import parse_percent

WAGE = NumberRules("money", low=300, high=30000, per=frozenset("月"))
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


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1.7万", 17000), ("两千五", 2500), ("一万三", 13000), ("1万5", 15000)],
)
def test_chinese_numerals_are_read(typed, value):
    assert parse_number(typed, WAGE).value == value


@pytest.mark.parametrize(
    "typed", ["3000左右", "约3000", "3000多", "3000余元", "大约3000元"]
)
def test_an_approximate_amount_is_loaded_with_a_warning(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value == Decimal("3000.00")
    assert parsed.quality == {"approximate": True}
    assert ("N01", "W") in levels(parsed)


@pytest.mark.parametrize(
    "typed", ["2000-3000", "2000~3000元", "2000元至3000元"]
)
def test_a_range_gives_its_ends_and_no_value(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value is None
    assert parsed.quality == {"min": 2000.0, "max": 3000.0}
    assert levels(parsed)[-1] == ("N01", "W")


def test_the_unit_of_a_range_is_that_of_both_ends():
    assert parse_number("1-2万", WAGE).quality == {
        "min": 10000.0,
        "max": 20000.0,
    }


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        (-3000, "Q"),
        ("-800", "Q"),
        (30_000_000, "Q"),
        (200, "W"),
        (50000, "W"),
        (0, "W"),
    ],
)
def test_implausible_amounts_are_told_from_absurd_ones(typed, level):
    parsed = parse_number(typed, WAGE)
    assert levels(parsed) == [("N04", level)]
    assert (parsed.value is None) == (level == "Q")


def test_words_are_no_amount():
    assert levels(parse_number("面议", WAGE)) == [("N01", "W")]
    assert levels(
        parse_number("面议", NumberRules("money", mandatory=True))
    ) == [("N01", "Q")]
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


@pytest.mark.parametrize(
    ("typed", "level"),
    [("95%", None), (95, None), ("95", None), (0.95, "W"), ("0.95", "W")],
)
def test_percentages(typed, level):
    parsed = parse_percent(typed, PERCENT, formatted=False)
    assert parsed.value == 95.0
    assert levels(parsed) == ([("N05", level)] if level else [])
    assert parse_percent(0.95, PERCENT, formatted=True).value == 95.0


@pytest.mark.parametrize(
    "typed",
    ["3组", "三社", "第3村民小组", 3, 3.0, "3", "３组", "红岩村3组", "第三组"],
)
def test_the_number_of_a_group(typed):
    assert parse_group(typed).value == 3


def test_the_unit_is_asked_for_where_it_matters():
    amount, wage = NumberRules("money"), NumberRules("money", high=30000)
    assert unit_doubt([12.98, "16.99", 5.38], None, amount) == {
        "kind": "not_written"
    }
    assert unit_doubt([3000, 50, 2], None, amount) is None
    assert (
        unit_doubt(
            [12.98, 16.99], "万元", NumberRules("money", high=5_000_000)
        )
        is None
    )
    assert unit_doubt([3000, 3200], "万元", wage) == {"kind": "absurd"}
    assert unit_doubt(["1.7万", None, "面议", 0], None, amount) is None


@pytest.mark.parametrize(
    ("typed", "unit", "kind"),
    [
        ([52, 79], None, "not_written"),  # nobody invests 52 yuan
        ([800], None, "not_written"),
        ([8000, 35000], None, None),
        ([52, 79], "万元", None),
        ([52], "元", None),  # what is written decides; the row is asked about
        ([35000, 60000], "万元", "absurd"),  # yuan below a header of 万元
        ([9000], "百元", None),
        ([3000], "外币", "foreign"),
    ],
)
def test_the_usual_size_of_a_column_tells_its_unit(typed, unit, kind):
    invested = NumberRules("money", low=0, high=50_000_000, least=1000)
    assert unit_doubt(typed, unit, invested) == (kind and {"kind": kind})


def test_an_amount_too_small_for_its_column_is_asked_about():
    invested = NumberRules("money", low=0, high=50_000_000, least=1000)
    assert levels(parse_number(52, invested)) == [("N04", "W")]
    assert levels(parse_number(0, invested)) == []


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.text("0123456789.,万千元-至约多 "),
        st.booleans(),
        st.floats(),
        st.integers(),
    )
)
def test_no_value_makes_a_number_parser_raise(value):
    for rules in (WAGE, WAN, COUNT):
        parsed = parse_number(value, rules)
        assert parsed.value is None or 0 <= parsed.value < 10**12
    parse_percent(value, PERCENT, formatted=False)
    parse_group(value)
    unit_doubt([value], None, WAGE)


@given(st.decimals(0, 30000, places=2))
def test_a_written_amount_reads_back(amount):
    assert parse_number(f"{amount:,}", WAGE).value == amount
    assert parse_number(f"{amount}元", WAGE).value == amount


@pytest.mark.parametrize(
    "typed",
    ["100元/天", "12000/年", "1.2万/年", "每天100元", "年薪3万", "150元一天"],
)
def test_an_amount_for_another_time_is_not_taken_for_the_columns(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value is None
    assert [m.code for m in parsed.met] == ["N01"]


MONTHS = NumberRules("integer", high=60, measure="月")
DAYS = NumberRules("integer", high=366, measure="天", per=frozenset("年"))
YEARS = NumberRules("integer", high=40, measure="年")
PEOPLE = NumberRules("integer", high=5000, measure="人")
FAMILIES = NumberRules("integer", high=5000, measure="户")
HOURS = NumberRules("number", high=1000, measure="课时")
OF_YEAR = NumberRules("integer", low=2010, high=2040, measure="年度")
YEARLY = NumberRules("money", high=400000, per=frozenset("年"))
TOTAL = NumberRules("money", high=400000)


@pytest.mark.parametrize(
    ("typed", "rules", "value"),
    [
        ("3000一个月", WAGE, 3000),
        ("三千一个月", WAGE, 3000),  # not 三千一
        ("三千五一个月", WAGE, 3500),
        ("3200块钱一个月", WAGE, 3200),
        ("月均3,200元", WAGE, 3200),
        ("3000元每人每月", WAGE, 3000),
        ("叁仟伍佰元整", WAGE, 3500),
        ("2800元5角", WAGE, Decimal("2800.50")),
        ("3万一年", YEARLY, 30000),
        ("年收入3.2万元", YEARLY, 32000),
        ("1万2千", TOTAL, 12000),
        ("1.2万元", TOTAL, 12000),
        ("1年", MONTHS, 12),
        ("一年", MONTHS, 12),
        ("半年", MONTHS, 6),
        ("一年半", MONTHS, 18),
        ("1年零3个月", MONTHS, 15),
        ("两个月", MONTHS, 2),
        ("十一个月", MONTHS, 11),
        ("1.5年", MONTHS, 18),
        ("两个季度", MONTHS, 6),
        ("全年", MONTHS, 12),
        ("36个月", YEARS, 3),
        ("三年", YEARS, 3),
        ("2周", DAYS, 14),
        ("每年30天", DAYS, 30),
        ("120课时", HOURS, 120),
        ("十五人", PEOPLE, 15),
        ("30个", FAMILIES, 30),
        ("2017年度", OF_YEAR, 2017),
        ("二〇一七年", OF_YEAR, 2017),
    ],
)
def test_an_amount_is_brought_to_the_unit_that_its_column_asks_for(
    typed, rules, value
):
    parsed = parse_number(typed, rules)
    assert parsed.value == value
    assert {level for _, level in levels(parsed)} <= {"A"}


@pytest.mark.parametrize(
    ("typed", "rules"),
    [
        ("3500一", WAGE),
        ("6000两个月", WAGE),
        ("120一天", WAGE),
        ("每天150元", WAGE),
        ("3000+500", WAGE),
        ("3000/3500", WAGE),
        ("3000、3500", WAGE),
        ("3000 3500", WAGE),
        ("3000元（含加班）", WAGE),
        ("欠3000", WAGE),
        ("3000①", WAGE),
        ("3000²", WAGE),
        ("3.000", WAGE),
        ("3000人", WAGE),
        ("几千", WAGE),
        ("五六七", PEOPLE),
        ("3天", HOURS),
        ("3户", PEOPLE),
        ("12人", FAMILIES),
        ("一个半月", MONTHS),
        ("90天", MONTHS),
        (
            "三千",
            NumberRules("money", scale=Decimal(10000)),
        ),  # below a header of 万元
        ("二到三十", PEOPLE),
    ],
)
def test_what_is_not_wholly_understood_gives_no_value(typed, rules):
    parsed = parse_number(typed, rules)
    assert parsed.value is None
    assert levels(parsed)[-1] == ("N01", "W")


@pytest.mark.parametrize(
    "typed",
    [
        "$3000",
        "US$3,000",
        "HK$3000",
        "€3000",
        "3000美元",
        "3000日元",
        "3000港币",
        "USD 3000",
    ],
)
def test_foreign_money_is_sent_back(typed):
    parsed = parse_number(typed, WAGE)
    assert parsed.value is None
    assert [
        (m.code, m.facts["level"], m.facts.get("foreign")) for m in parsed.met
    ][-1] == ("N01", "Q", True)


@pytest.mark.parametrize("typed", ["负3000", "-3000", "－3000元", "−3000"])
def test_less_than_nothing_is_sent_back(typed):
    assert ("N04", "Q") in levels(parse_number(typed, WAGE))


@pytest.mark.parametrize(
    ("typed", "rules", "ends"),
    [
        ("五六人", PEOPLE, (5, 6)),
        ("两三个", PEOPLE, (2, 3)),
        ("三四十人", PEOPLE, (30, 40)),
        ("十五六", PEOPLE, (15, 16)),
        ("三到五户", FAMILIES, (3, 5)),
        ("两三千", WAGE, (2000, 3000)),
        ("3000-4000/月", WAGE, (3000, 4000)),
        ("每月3000至4000元", WAGE, (3000, 4000)),
        ("3-5千", WAGE, (3000, 5000)),
        ("3000元——4000元", WAGE, (3000, 4000)),
    ],
)
def test_two_numbers_are_the_ends_of_one(typed, rules, ends):
    parsed = parse_number(typed, rules)
    assert parsed.value is None
    assert parsed.quality == {"min": ends[0], "max": ends[1]}
    assert levels(parsed)[-1] == ("N01", "W")


def test_a_short_year_is_no_year_of_the_calendar():
    for typed in (17, "17年"):
        parsed = parse_number(typed, OF_YEAR)
        assert parsed.value is None
        assert ("N04", "W") in levels(parsed)


@given(st.integers(0, 10**9))
def test_a_number_in_chinese_reads_back(number):
    for written in (cn2an.an2cn(number), cn2an.an2cn(number, "up")):
        read = read_numeral(written)
        assert read is not None
        assert (read.low, read.high) == (number, number)


@given(
    st.integers(1, 30000),
    st.text(
        "一二三四五六七八九十百千万个月年天元人户,.、/+-~至每（）x$ ",
        min_size=1,
        max_size=6,
    ),
)
def test_what_stands_behind_a_number_never_changes_it_without_a_word(
    number, behind
):
    parsed = parse_number(f"{number}{behind}", WAGE)
    if parsed.value is not None and parsed.value != number:
        # only 万, 千, 百, decimals and the like, which the text itself shows
        assert set(behind) & set("万千百.,")
        assert parsed.met


@given(
    st.text(
        "0123456789一二两三四五六七八九十百千万亿个月年半天元人多约至-~/每 ",
        max_size=60,
    )
)
def test_reading_an_amount_takes_no_time(text):
    parse_number(text, WAGE)
    parse_number(text, MONTHS)
