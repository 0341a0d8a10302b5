"""Quarters: 2017年第三季度, 2017Q3, 三季度 and the like become 2017-Q3."""

from __future__ import annotations

import re
from datetime import date

from yiku.cleaning.cleaned import BLANK, Parsed, unknown
from yiku.cleaning.text import half_width, is_nothing, nothing, without_spaces

_YEAR = r"(?:(20\d{2})\s*[年\-./]?(?:度)?)?"
# 2017年第三季度, 三季度, 2017Q3
_QUARTER = re.compile(
    _YEAR + r"(?:第?([1-4一二三四])(?:个)?季度?|[Qq]([1-4]))"
)
# 7-9月
_MONTHS = re.compile(_YEAR + r"(\d{1,2})月?[-~至到—](\d{1,2})月(?:份)?")
# 2017年9月, the month in which the quarter ends or that is in it
_MONTH = re.compile(r"(20\d{2})[年\-./](\d{1,2})月?")
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
_FIRST_MONTHS = (1, 4, 7, 10)


def parse_quarter(value: object, year: int) -> Parsed:
    """Read a quarter as YYYY-Qn; one written without its year is of ``year``.

    Never raises.
    """
    if value is None:
        return BLANK
    if isinstance(value, date):
        return Parsed(_quarter_of_month(value.year, value.month))
    if not isinstance(value, str):
        return unknown("T06", "Q")
    plain, found = half_width(value)
    if is_nothing(plain):
        return nothing(plain)
    quarter = _read(without_spaces(plain), year)
    if quarter is None:
        return unknown("T06", "Q")
    return Parsed(quarter, found)


def _quarter(year: int, quarter: int) -> str:
    """Return a quarter as the marts have it."""
    return f"{year}-Q{quarter}"


def _quarter_of_month(year: int, month: int) -> str:
    """Return the quarter that a month is in."""
    return _quarter(year, (month + 2) // 3)


def _read(text: str, year: int) -> str | None:
    """Read a quarter by its number, its months, or one month in it.

    第三季度, 7-9月 and 2017年9月 are all the third.
    """
    quarter = _QUARTER.fullmatch(text)
    if quarter:
        written = quarter[2] or quarter[3]
        number = _DIGITS.get(written) or int(written)
        return _quarter(int(quarter[1] or year), number)
    months = _MONTHS.fullmatch(text)
    if months:
        first, last = int(months[2]), int(months[3])
        # 1-4月 is four months and no quarter
        if first not in _FIRST_MONTHS or last != first + 2:
            return None
        return _quarter_of_month(int(months[1] or year), last)
    month = _MONTH.fullmatch(text)
    if month and 1 <= int(month[2]) <= 12:
        return _quarter_of_month(int(month[1]), int(month[2]))
    return None
