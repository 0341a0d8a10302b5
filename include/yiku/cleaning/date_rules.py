"""What reading a column of dates must know, and what a date means that is not precise to the day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

# columns that end a stretch of time, by their names
_RIGHT = re.compile(r"(?:end|left|closed)_on|(?:.*_)?to")
_LEFT = re.compile(r"start_on|(?:.*_)?from")


@dataclass(frozen=True)
class DateRules:
    """What reading a date column must know.

    ``side`` says which side of an interval the column takes (left, right, or None where
    an interval has no meaning), ``month_only`` that it is a column of YYYY-MM.
    ``zero_lost`` is set for text of a program that may have written 2017.10 as 2017.1;
    ``period`` are year and month that the sheet reports, to complete '3月至今'.
    """

    side: str | None
    business_year: int
    birth: bool = False
    epoch_1904: bool = False
    month_only: bool = False
    zero_lost: bool = False
    period: tuple[int, int] | None = None


def side_of(name: str) -> str | None:
    """Tell which side of an interval a column takes by its name.

    start_on and held_from take the left one, end_on and held_to the right one.
    """
    if _RIGHT.fullmatch(name):
        return "right"
    return "left" if _LEFT.fullmatch(name) else None


def partner_of(name: str) -> str:
    """Return the name of the column that holds the end of what begins in this one.

    '' where it begins nothing.
    """
    if side_of(name) != "left":
        return ""
    if name == "start_on":
        return "end_on"
    return f"{name.removesuffix('from')}to"


def period_of(period: str | None, business: date) -> tuple[int, int]:
    """Return year and month that a sheet reports.

    Those of the business date where it says none; of a year its last month.
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", period or "")
    if not found:
        return business.year, business.month
    return int(found[1]), int(found[2] or 12)


def agrees(
    written: date,
    precision: object,
    known: date,
) -> bool:
    """Return whether a written date, as precise as it is, agrees with a known one."""
    if precision == "year":
        return written.year == known.year
    if precision == "month":
        return (written.year, written.month) == (known.year, known.month)
    return written == known


def last_day(written: date, precision: object) -> date:
    """Return the last day that a written date, as precise as it is, may mean."""
    if precision == "year":
        return written.replace(month=12, day=31)
    if precision == "month":
        _, days = calendar.monthrange(written.year, written.month)
        return written.replace(day=days)
    return written
