"""Quarters: 2017年第三季度, 2017Q3, 三季度 and the like become 2017-Q3."""

from __future__ import annotations

import re
from datetime import date

from yiku.cleaning.cleaned import BLANK, Parsed, unknown
from yiku.cleaning.text import half_width, is_nothing, nothing, without_spaces

_YEAR = r"(?:(20\d{2})\s*[年\-./]?(?:度)?)?"
_QUARTER = re.compile(_YEAR + r"(?:第?([1-4一二三四])(?:个)?季度?|[Qq]([1-4]))")
_MONTHS = re.compile(_YEAR + r"(\d{1,2})月?[-~至到—](\d{1,2})月(?:份)?")
_MONTH = re.compile(r"(20\d{2})[年\-./](\d{1,2})月?")
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse_quarter(value: object, year: int) -> Parsed:
    """Read a quarter as YYYY-Qn; one written without its year is of ``year``. Never raises."""
    if value is None:
        return BLANK
    if isinstance(value, date):
        return Parsed(_quarter(value.year, (value.month + 2) // 3))
    if not isinstance(value, str):
        return unknown("T06", "Q")
    plain, found = half_width(value)
    if is_nothing(plain):
        return nothing(plain)
    read = _read(without_spaces(plain), year)
    return unknown("T06", "Q") if read is None else Parsed(read, found)


def _quarter(year: int, quarter: int) -> str:
    return f"{year}-Q{quarter}"


def _read(text: str, year: int) -> str | None:
    if match := _QUARTER.fullmatch(text):
        written = match[2] or match[3]
        return _quarter(int(match[1] or year), _DIGITS.get(written) or int(written))
    if match := _MONTHS.fullmatch(text):
        first, last = int(match[2]), int(match[3])
        return (
            _quarter(int(match[1] or year), last // 3)
            if (first, last) in _SPANS
            else None
        )
    if (match := _MONTH.fullmatch(text)) and 1 <= int(match[2]) <= 12:
        return _quarter(int(match[1]), (int(match[2]) + 2) // 3)
    return None


_SPANS = frozenset((n, n + 2) for n in (1, 4, 7, 10))
