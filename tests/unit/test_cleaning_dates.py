from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning.date_rules import DateRules, side_of
from yiku.cleaning.dates import keeps_zeros, parse_date

START = DateRules("left", 2017, period=(2017, 11))
END = DateRules("right", 2017, period=(2017, 11))
DAY = DateRules(None, 2017)
BIRTH = DateRules(None, 2017, birth=True)
MONTH = DateRules(None, 2017, month_only=True)


def levels(parsed):
    return [(m.code, m.facts["level"]) for m in parsed.met]


@pytest.mark.parametrize(
    ("typed", "day", "precision"),
    [
        ("2017年3月", date(2017, 3, 1), "month"),
        ("2017-3", date(2017, 3, 1), "month"),
        ("2017/3", date(2017, 3, 1), "month"),
        ("2017.3", date(2017, 3, 1), "month"),
        ("2017.10", date(2017, 10, 1), "month"),
        ("201703", date(2017, 3, 1), "month"),
        (201703, date(2017, 3, 1), "month"),
        (2017.11, date(2017, 11, 1), "month"),
        ("二〇一七年三月", date(2017, 3, 1), "month"),
        ("2017年6月份", date(2017, 6, 1), "month"),
        ("20170301", date(2017, 3, 1), None),
        (20170301, date(2017, 3, 1), None),
        ("2017年3月1日", date(2017, 3, 1), None),
        ("2017 年 3 月 1 日", date(2017, 3, 1), None),
        ("17.3.1", date(2017, 3, 1), None),
        ("85.3.12", date(1985, 3, 12), None),
        ("二○一七年十二月二十一日", date(2017, 12, 21), None),
        ("贰零壹柒年壹拾贰月贰拾壹日", date(2017, 12, 21), None),
        ("贰零壹柒年叁月", date(2017, 3, 1), "month"),
        ("2017-3-1 00:00:00", date(2017, 3, 1), None),
        ("2017-05-24T00:00:00", date(2017, 5, 24), None),
        ("2017-3-1 上午 9:00", date(2017, 3, 1), None),
        ("2017年3月1日（星期三）", date(2017, 3, 1), None),
        ("２０１７．３．１", date(2017, 3, 1), None),
        ("1-Mar-17", date(2017, 3, 1), None),
        ("3/25/2017", date(2017, 3, 25), None),
        (43101, date(2018, 1, 1), None),
        ("43101", date(2018, 1, 1), None),
        (datetime(2017, 3, 1, 8), date(2017, 3, 1), None),
    ],
)
def test_every_way_to_write_a_date_is_read(typed, day, precision):
    parsed = parse_date(typed, DAY)
    assert parsed.value == day
    assert (parsed.quality or {}).get("precision") == precision
    assert {level for _, level in levels(parsed)} <= {"A"}


@pytest.mark.parametrize("typed", [2016, "2016", "2016年"])
def test_a_year_alone_is_january_with_a_warning(typed):
    parsed = parse_date(typed, DAY)
    assert parsed.value == date(2016, 1, 1)
    assert parsed.quality == {"precision": "year"}
    assert levels(parsed) == [("T09", "W")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (2017.1, "T03"),
        ("2017-2-30", "T06"),
        ("2017.13", "T06"),
        ("0000", "T06"),
        ("1900-1-0", "T06"),
        (0, "T06"),
        ("2017年底", "T06"),
        ("3/4/2017", "T06"),
        ("某日", "T06"),
        ("2017.3-2017.8", "T06"),  # an interval where one day is asked for
        ("2016年腊月", "T08"),
        ("农历三月初三", "T08"),
    ],
)
def test_what_is_no_day_or_two_is_sent_back(typed, code):
    parsed = parse_date(typed, DAY)
    assert parsed.value is None
    assert levels(parsed) == [(code, "Q")]


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("2017.3.1-2017.3.10", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017.3.1-3.10", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017.3.1-10", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017年3月1日至10日", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017-3-1-2017-3-10", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017/3/1—2017/3/10", date(2017, 3, 1), date(2017, 3, 10)),
        ("2017.3-2017.8", date(2017, 3, 1), date(2017, 8, 1)),
        ("2017-3-2017-8", date(2017, 3, 1), date(2017, 8, 1)),
        ("2017年3月-8月", date(2017, 3, 1), date(2017, 8, 1)),
        ("20170301-20170310", date(2017, 3, 1), date(2017, 3, 10)),
        ("201703-201708", date(2017, 3, 1), date(2017, 8, 1)),
        ("2017.3-8", date(2017, 3, 1), date(2017, 8, 1)),
        ("2017年全年", date(2017, 1, 1), date(2017, 12, 31)),
        ("2016年5月至今", date(2016, 5, 1), None),
        ("2016.05.03-至今", date(2016, 5, 3), None),
        ("2016.5-至今", date(2016, 5, 1), None),
        ("2016-05-03—至今", date(2016, 5, 3), None),
        ("3月至今", date(2017, 3, 1), None),
        ("12月至今", date(2016, 12, 1), None),
    ],
)
def test_each_column_takes_its_side_of_an_interval(typed, start, end):
    assert parse_date(typed, START).value == start
    read = parse_date(typed, END)
    assert read.value == end
    assert ("T07", "A") in levels(read)
    if end is None:
        assert read.quality == {"open": True}


@pytest.mark.parametrize("typed", ["长期", "至今", "无固定期限"])
def test_an_open_end_is_no_start(typed):
    assert parse_date(typed, END).quality == {"open": True}
    assert levels(parse_date(typed, START)) == [("T06", "Q")]


def test_a_book_that_counts_from_1904_is_read_so():
    assert parse_date(
        43101, DateRules(None, 2017, epoch_1904=True)
    ).value == date(2022, 1, 2)


def test_a_lost_zero_in_a_csv_is_doubted_unless_the_column_keeps_its_zeros():
    assert levels(
        parse_date("2017.1", DateRules(None, 2017, zero_lost=True))
    ) == [("T03", "Q")]
    assert parse_date("2017.1", DAY).value == date(2017, 1, 1)
    assert keeps_zeros(["2017.1", "2017.10"])
    assert not keeps_zeros(["2017.1", "2017.3", 2017.1, None])


def test_nobody_is_born_in_the_future():
    assert parse_date("18.3.1", BIRTH).value == date(1918, 3, 1)
    assert parse_date("18.3.1", DAY).value == date(2018, 3, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "2017年06月",
        "2017-06",
        "201706",
        "2017.6",
        201706,
        date(2017, 6, 30),
        42900,
    ],
)
def test_a_month_column_holds_year_and_month(typed):
    assert parse_date(typed, MONTH).value == "2017-06"


def test_a_month_column_takes_no_year_and_no_lost_zero():
    assert levels(parse_date("2017", MONTH)) == [("T06", "Q")]
    assert levels(parse_date(2017.1, MONTH)) == [("T03", "Q")]


def test_the_name_of_a_column_tells_its_side():
    assert [side_of(n) for n in ("start_on", "end_on", "left_on", "loan_from", "notice_to", "visited_on", "to")] == [
        "left", "right", "right", "left", "right", None, "right",
    ]  # fmt: skip


@given(
    st.one_of(
        st.text(),
        st.text("0123456789-./年月日至今 "),
        st.floats(),
        st.integers(),
        st.booleans(),
        st.none(),
    ),
    st.sampled_from([START, END, DAY, BIRTH, MONTH]),
)
def test_no_value_makes_the_date_parser_raise(value, rules):
    parse_date(value, rules)


@given(
    st.dates(date(1900, 3, 1), date(2099, 12, 31)),
    st.sampled_from(["-", "/", ".", "年"]),
)
def test_a_written_date_reads_back(day, sign):
    text = (
        f"{day.year}年{day.month}月{day.day}日"
        if sign == "年"
        else f"{day.year}{sign}{day.month}{sign}{day.day}"
    )
    assert parse_date(text, DAY).value == day
    assert parse_date(f"{day:%Y%m%d}", DAY).value == day


@given(st.dates(date(1955, 1, 1), date(2060, 1, 1)))
def test_a_serial_day_reads_back(day):
    assert parse_date((day - date(1899, 12, 30)).days, DAY).value == day


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 900))
def test_an_interval_reads_back(start, days):
    end = start + timedelta(days=days)
    text = f"{start:%Y.%m.%d}-{end:%Y.%m.%d}"
    assert (parse_date(text, START).value, parse_date(text, END).value) == (
        start,
        end,
    )


@pytest.mark.parametrize("typed", ["2017—3—5", "2017·3·5", "20170305.0"])
def test_odd_dashes_and_a_lost_number_format_are_read(typed):
    assert parse_date(
        typed, DateRules(side="left", business_year=2017)
    ).value == date(2017, 3, 5)


def test_five_digits_that_may_be_a_month_are_asked_about():
    parsed = parse_date("20173", DateRules(side="left", business_year=2017))
    assert parsed.value is None
    assert [m.code for m in parsed.met] == ["T06"]


MAR5 = date(2017, 3, 5)


@pytest.mark.parametrize(
    "typed",
    [
        "2017。3。5",
        "2017、3、5",
        "2017，3，5",
        "2017 3 5",
        "2017\\3\\5",
        "2017..3.5",
        "2017.3.5.",
        "2017-3-5（星期日）",
        "2017年3月5号",
        "2017.03.05日",
        "2017年3月5曰",
        "2017年3月5",
        "2017年3.5",
        "2017-3月5日",
        "17/3/5",
        "17年3月5日",
        "2017/3/5 0:00",
        "2017/3/5 星期日",
        "自2017年3月5日起",
        "２０１７－０３－０５",
        "二0一七年三月五日",
        "2017_3_5",
        "2017-03-05T00:00:00+08:00",
        "2017-03-05 00:00:00.0",
        "20170305000000",
        "Mar 5, 2017",
        "March 5th, 2017",
        "5 March 2017",
        "Sun Mar 05 2017 00:00:00 GMT+0800 (中国标准时间)",
        "Sun Mar 05 00:00:00 CST 2017",
        "Sun, 05 Mar 2017 00:00:00 +0800",
    ],
)
def test_a_day_is_read_whatever_its_signs(typed):
    parsed = parse_date(typed, START)
    assert parsed.value == MAR5
    assert {level for _, level in levels(parsed)} <= {"A"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2017-03-04T16:00:00Z", "zone"),
        ("2017-03-04T16:00:00.000Z", "zone"),
        ("Sat, 04 Mar 2017 16:00:00 GMT", "zone"),
        ("/Date(1488643200000)/", "zone"),
        ("2017-03-04T15:59:17Z", "late"),
        (datetime(2017, 3, 4, 23, 59, 17), "late"),
        (datetime(2017, 3, 4, 23, 59, 17, 1), "late"),
        (
            datetime(2017, 3, 5, 16),
            "utc",
        ),  # the day stays, but may be the one before
    ],
)
def test_midnight_in_china_is_the_day_that_is_meant_and_is_told(typed, why):
    parsed = parse_date(typed, START)
    assert parsed.value == MAR5
    assert [(m.code, m.facts["level"], m.facts[why]) for m in parsed.met] == [
        ("T04", "W", True)
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "2017年3月、6月",
        "2017.3、6",
        "2017年3月6月",
        "2017年3月和6月",
        "2017年3月,5月,7月",
        "2017年3月15日、16日",
        "2017.3.5、2017.6.5",
        "2017.3.5,6.5",
        "2017-3.5",
        "2017/3-5.6",
        "1488643200",
        "2017年第一季度",
        "2017年上半年",
        "2017-03-04T25:00:00Z",
        "3月5日",
        "2017.3.5或6",
        "17.3",
    ],
)
def test_two_days_or_none_are_sent_back(typed):
    parsed = parse_date(typed, DAY)
    assert parsed.value is None
    assert levels(parsed) == [("T06", "Q")]


@pytest.mark.parametrize(
    "typed",
    [
        "2017.3.1——2017.8.31",
        "2017.3.1－2017.8.31",
        "2017.3.1～2017.8.31",
        "2017年3月1日至2017年8月31日",
        "2017-03-01 到 2017-08-31",
        "2017-03-01--2017-08-31",
        "2017-03-01/2017-08-31",
        "2017.3.1\n2017.8.31",
        "起：2017.3.1 止：2017.8.31",
        "2017年3月1日起至2017年8月31日止",
        "从2017.3.1到2017.8.31",
        "2017年3月1日—8月31日",
    ],
)
def test_an_interval_is_cut_at_every_sign(typed):
    assert parse_date(typed, START).value == date(2017, 3, 1)
    assert parse_date(typed, END).value == date(2017, 8, 31)


def test_an_interval_that_ends_before_it_begins_is_none():
    for rules in (START, END):
        assert levels(parse_date("2017.8.31-2017.3.1", rules)) == [
            ("T06", "Q")
        ]


@pytest.mark.parametrize(
    "typed",
    [
        "9999-12-31",
        "2999.12.31",
        "2099年12月31日",
        date(2099, 12, 31),
        datetime(9999, 12, 31),
        "2017.3.1-2099.12.31",
    ],
)
def test_a_far_end_is_no_end(typed):
    parsed = parse_date(typed, END)
    assert parsed.value is None
    assert parsed.quality == {"open": True}
    assert levels(parsed) == [("T07", "A")]


def test_a_far_day_is_no_day_where_no_end_is_asked_for():
    assert levels(parse_date("2999-12-31", DAY)) == [("T06", "Q")]


@given(
    st.text(
        "2017 年3月5日.-/、，至起止\\T:Z+08GMTarMch一二",
        min_size=1,
        max_size=80,
    )
)
def test_a_day_is_never_made_of_less_than_what_is_written(text):
    parsed = parse_date(text, DAY)
    if isinstance(parsed.value, date):
        digits = [
            part
            for part in "".join(
                c if c.isdigit() else " " for c in text
            ).split()
            if part.strip("0")
        ]
        assert len(digits) <= 6  # year, month, day and a clock


@pytest.mark.parametrize(
    "typed",
    ["2017年1月起长期", "2017.1.1-9999.12.31", "2017年1月1日——2999年12月31日"],
)
def test_an_interval_without_an_end_has_a_beginning(typed):
    assert parse_date(typed, START).value == date(2017, 1, 1)
    assert (parse_date(typed, END).value, parse_date(typed, END).quality) == (
        None,
        {"open": True},
    )
