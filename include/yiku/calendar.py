"""Business dates, reporting periods and workdays, all in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays, workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})))?")
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_QUARTER_MONTHS = 3
# So long a clerk has to send back what was returned.
ANSWER_WORKDAYS = 10
# The years whose holidays the State Council has announced, as far as the package knows.
_YEARS = frozenset(day.year for day in (*holidays, *workdays))
_LAST_WEEKDAY = 4  # Friday


def business_date(now: datetime) -> date:
    """Return the day it is in Shanghai at ``now``; ValueError when ``now`` has no time zone."""
    if now.tzinfo is None:
        raise ValueError("a business date needs a time with its zone")
    return now.astimezone(SHANGHAI).date()


def reporting_period(day: date) -> str:
    """Return the month ``YYYY-MM`` that a sheet without a period is taken to report."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_of(day: date) -> str:
    """Return the quarter ``YYYY-Qn`` in which a day lies."""
    number = (day.month - 1) // _QUARTER_MONTHS + 1
    return f"{day.year:04d}-Q{number}"


def next_quarter(quarter: str) -> str:
    """Return the quarter that follows ``YYYY-Qn``; ValueError for anything else."""
    return quarter_of(period_end(quarter) + timedelta(days=1))


def is_quarter(period: str) -> bool:
    """Return whether a period is a quarter ``YYYY-Qn``."""
    return _QUARTER.fullmatch(period) is not None


def in_chinese(day: date) -> str:
    """Return a day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def period_end(period: str) -> date:
    """Return the last day of ``YYYY-MM``, ``YYYY-Qn`` or ``YYYY``.

    ValueError for anything else.
    """
    found = _PERIOD.fullmatch(period)
    if not found:
        raise ValueError("a period is YYYY-MM, YYYY-Qn or YYYY")
    year, quarter, month = found.groups()
    last_month = 12
    if month:
        last_month = int(month)
    elif quarter:
        last_month = int(quarter) * _QUARTER_MONTHS
    # The day before the first of the next month.
    next_year = int(year) + last_month // 12
    next_month = last_month % 12 + 1
    return date(next_year, next_month, 1) - timedelta(days=1)


def as_of_date(
    fill_date: date | None, period: str | None, business: date
) -> date:
    """Return the day that a sheet speaks of.

    Its fill date, else the end of its period, else the business date.
    """
    if fill_date is not None:
        return fill_date
    return period_end(period) if period else business


def calendar_supports(day: date) -> bool:
    """Return whether the holidays of that year are published.

    Without them weekdays count, and someone must be told.
    """
    return day.year in _YEARS


def is_workday(day: date) -> bool:
    """Return whether people work on ``day``.

    By the holiday calendar where it is published, else by weekday.
    """
    if calendar_supports(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() <= _LAST_WEEKDAY


def next_workday(day: date) -> date:
    """Return the first workday after ``day``."""
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def add_workdays(day: date, count: int) -> date:
    """Return the ``count``-th workday after ``day``; ``day`` itself when it is 0.

    ValueError for a negative number.
    """
    if count < 0:
        raise ValueError("workdays are counted forwards")
    for _ in range(count):
        day = next_workday(day)
    return day


def answer_by(day: date) -> date:
    """Return the day by which rows that were sent back on ``day`` are to come again."""
    return add_workdays(day, ANSWER_WORKDAYS)
