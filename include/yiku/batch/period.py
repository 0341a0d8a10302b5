"""For which period and day a table speaks."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_MONTH = re.compile(r"(\d{4})-(\d\d)")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"\d{4}")

# How many months a list covers (its cadence); a list that is older than two of them is an old one.
CADENCE_MONTHS = {"daily": 1, "weekly": 1, "monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def last_day(period: str) -> date | None:
    """Return the last day of YYYY-MM, YYYY-Qn or YYYY; None for anything else."""
    if month := _MONTH.fullmatch(period):
        year, number = int(month[1]), int(month[2])
    elif quarter := _QUARTER.fullmatch(period):
        year, number = int(quarter[1]), 3 * int(quarter[2])
    elif _YEAR.fullmatch(period):
        year, number = int(period), 12
    else:
        return None
    return date(year, number, monthrange(year, number)[1]) if 1 <= number <= 12 else None


def month_of(period: str | None, fill_date: date | None, business_date: date) -> str:
    """Return the month (YYYY-MM) that a table reports: its own period, else the month it was filled in, else ours."""
    end = last_day(period) if period else None
    return f"{end or fill_date or business_date:%Y-%m}"


def as_of_day(period: str | None, fill_date: date | None, business_date: date) -> date:
    """Return the day a table speaks of: its fill date, else the end of its period, never later than tonight."""
    end = last_day(period) if period else None
    return min(fill_date or end or business_date, business_date)


def is_old(period: str | None, cadence: str, business_date: date) -> bool:
    """Tell whether a period ended more than two cadences before the business date."""
    end = last_day(period) if period else None
    if end is None:
        return False
    months = (business_date.year - end.year) * 12 + business_date.month - end.month
    return months > 2 * CADENCE_MONTHS.get(cadence, 12)
