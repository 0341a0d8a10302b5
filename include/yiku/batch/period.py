"""For which period and day a table speaks."""

from __future__ import annotations

from datetime import date

from yiku import calendar

# How many months a list covers (its cadence); a list that is older than two of them is an old one.
CADENCE_MONTHS = {
    "daily": 1,
    "weekly": 1,
    "monthly": 1,
    "quarterly": 3,
    "half-yearly": 6,
    "yearly": 12,
}


def month_of(
    period: str | None, fill_date: date | None, business_date: date
) -> str:
    """Return the month (YYYY-MM) that a table reports: its own period, else the month it was filled in, else ours."""
    end = calendar.period_end(period) if period else None
    return calendar.reporting_period(end or fill_date or business_date)


def as_of_day(
    period: str | None, fill_date: date | None, business_date: date
) -> date:
    """Return the day a table speaks of: its fill date, else the end of its period, never later than tonight."""
    return min(
        calendar.as_of_date(fill_date, period, business_date), business_date
    )


def is_old(period: str | None, cadence: str, business_date: date) -> bool:
    """Tell whether a period ended more than two cadences before the business date."""
    if not period:
        return False
    end = calendar.period_end(period)
    months = (
        (business_date.year - end.year) * 12 + business_date.month - end.month
    )
    # A list without a cadence is sent on occasion, and is as patient as a
    # yearly one.
    return months > 2 * CADENCE_MONTHS.get(cadence, 12)
