"""When a month's bulletin is due."""

from datetime import date

import pytest
from yiku.pipeline.reports import due_period


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2017, 12, 4), None),
        (date(2017, 12, 5), "2017-11"),
        # the night of the third workday may have failed
        (date(2017, 12, 20), "2017-11"),
        # the first three days of October are days off, as are those up to the eighth
        (date(2017, 10, 10), None),
        (date(2017, 10, 11), "2017-09"),
        (date(2018, 1, 4), "2017-12"),
    ],
)
def test_a_bulletin_is_due_from_the_third_workday_of_the_next_month(
    day, period
):
    assert due_period(day) == period
