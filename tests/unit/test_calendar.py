from datetime import UTC, date, datetime

import pytest
from yiku.calendar import (
    add_workdays,
    as_of_date,
    business_date,
    calendar_supports,
    is_workday,
    next_workday,
    period_end,
    reporting_period,
)


def test_the_business_date_is_that_of_shanghai():
    assert business_date(datetime(2017, 11, 19, 17, 0, tzinfo=UTC)) == date(
        2017, 11, 20
    )
    with pytest.raises(ValueError, match="zone"):
        business_date(datetime(2017, 11, 20))


def test_workdays_follow_the_holiday_calendar():
    assert is_workday(
        date(2017, 9, 30)
    )  # a Saturday worked for the National Day week
    assert not is_workday(date(2017, 10, 2))  # a Monday of that week
    assert next_workday(date(2017, 9, 30)) == date(2017, 10, 9)
    assert add_workdays(date(2017, 11, 20), 10) == date(2017, 12, 4)
    assert add_workdays(date(2017, 11, 20), 0) == date(2017, 11, 20)


def test_a_year_without_a_calendar_counts_weekdays_and_says_so():
    assert calendar_supports(date(2017, 1, 1))
    assert not calendar_supports(date(2099, 1, 1))
    assert next_workday(date(2099, 1, 2)) == date(2099, 1, 5)  # a Friday
    with pytest.raises(ValueError, match="forwards"):
        add_workdays(date(2017, 1, 1), -1)


@pytest.mark.parametrize(
    ("period", "last"),
    [("2017-11", date(2017, 11, 30)), ("2016-02", date(2016, 2, 29)), ("2017-12", date(2017, 12, 31)),
     ("2017-Q3", date(2017, 9, 30)), ("2017", date(2017, 12, 31))],
)  # fmt: skip
def test_periods_end_on_their_last_day(period, last):
    assert period_end(period) == last


def test_what_is_no_period_is_our_fault():
    with pytest.raises(ValueError, match="period"):
        period_end("201711")


def test_a_sheet_speaks_of_its_fill_date_else_its_period_else_today():
    today = date(2017, 11, 20)
    assert as_of_date(date(2017, 11, 5), "2017-10", today) == date(2017, 11, 5)
    assert as_of_date(None, "2017-10", today) == date(2017, 10, 31)
    assert as_of_date(None, None, today) == today
    assert reporting_period(today) == "2017-11"
