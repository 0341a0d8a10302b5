"""On which days the forms of a period go out."""

from datetime import date

import pytest
from yiku.pipeline.period_forms import is_due, period_of


@pytest.mark.parametrize(
    ("cadence", "day", "period", "first"),
    [
        ("monthly", date(2017, 11, 20), "2017-11", date(2017, 11, 1)),
        ("quarterly", date(2017, 11, 20), "2017-Q4", date(2017, 10, 1)),
        ("half-yearly", date(2017, 6, 30), "2017-H1", date(2017, 1, 1)),
        ("yearly", date(2017, 12, 31), "2017", date(2017, 1, 1)),
    ],
)
def test_a_list_has_its_period(cadence, day, period, first):
    assert period_of(cadence, day) == (period, first)


def test_what_is_sent_on_occasion_has_no_period():
    assert period_of("event", date(2017, 11, 1)) is None


@pytest.mark.parametrize(
    ("first", "day", "due"),
    [
        # the national holiday of 2017 lasts to the 8th of October
        (date(2017, 10, 1), date(2017, 10, 8), False),
        (date(2017, 10, 1), date(2017, 10, 9), True),
        (date(2017, 11, 1), date(2017, 11, 1), True),
        # a night that failed is made up for, a period under way is left alone
        (date(2017, 11, 1), date(2017, 11, 7), True),
        (date(2017, 11, 1), date(2017, 11, 8), False),
    ],
)
def test_forms_go_out_on_the_first_workday_or_soon_after(first, day, due):
    assert is_due(first, day) is due
