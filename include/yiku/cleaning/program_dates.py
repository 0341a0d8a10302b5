"""Days as programs print them: with a time zone, in English, as milliseconds.

A day means the day in China.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
_MONTHS = {
    name.lower(): month
    for month, name in enumerate(calendar.month_abbr)
    if name
}
# 8:30, 08:30:00, 08:30:00.000
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
# Z, +08:00, GMT+0800, UTC, CST
_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|UTC|GMT|CST)"
_DAY_NAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s)?"
_MONTH_NAME = r"(?P<name>[A-Za-z]{3})[a-z]{0,6}\.?"
# ISO 8601, JavaScript, C's ctime, RFC 2822, and a stamp of 14 digits
_FORMS = tuple(
    re.compile(form, re.A)
    for form in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})[T ]{_CLOCK}\s?{_ZONE}",
        rf"{_DAY_NAME}{_MONTH_NAME}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})"
        rf"(?:\s{_CLOCK}(?:\s{_ZONE})?)?(?:\s\([^()]{{0,40}}\))?",
        rf"{_DAY_NAME}{_MONTH_NAME}\s(?P<day>\d{{1,2}})\s{_CLOCK}\s{_ZONE}\s(?P<year>\d{{4}})",
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})\s{_MONTH_NAME},?\s(?P<year>\d{{4}})(?:\s{_CLOCK}(?:\s{_ZONE})?)?",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})",
    )
)
# /Date(1488297600000)/ as .NET writes a day
_MILLISECONDS = re.compile(
    r"/?\\?/?Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/?", re.A
)
_LONGEST = 80


@dataclass(frozen=True)
class Moment:
    """A day in China, and whether it is another day than the one that is written."""

    day: date
    shifted: bool = False
    late: bool = False  # written 43 seconds before midnight


def read_moment(text: str) -> Moment | None:
    """Return the day that a text printed by a program means.

    None when it is none of their forms; ValueError when it is such a form and no such
    day exists.
    """
    if len(text) > _LONGEST:
        return None
    ticks = _MILLISECONDS.fullmatch(text)
    if ticks:
        written = datetime.fromtimestamp(0, UTC) + timedelta(
            milliseconds=int(ticks[1])
        )
        return _in_china(written)
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            return _of_form(found.groupdict())
    return None


def _of_form(parts: Mapping[str, str | None]) -> Moment | None:
    """Return the day of a text that was taken apart; None for no month's name."""
    name = parts.get("name")
    month = _MONTHS.get(name.lower()) if name else _number(parts, "month")
    if month is None:
        return None
    day = date(_number(parts, "year"), month, _number(parts, "day"))
    clock = time(
        _number(parts, "hour"),
        _number(parts, "minute"),
        _number(parts, "second"),
    )
    zone = _zone(parts.get("zone") or "CST")
    return _in_china(datetime.combine(day, clock, zone))


def _number(parts: Mapping[str, str | None], part: str) -> int:
    """Return a part of a moment as a number, 0 where it is not written."""
    return int(parts.get(part) or 0)


def _zone(text: str) -> timezone:
    """Return the zone; CST is China's here, and not that of Chicago.

    Where none is written the clock is the clerk's, which is China's too.
    """
    if text == "CST":
        return CHINA
    offset = re.search(r"([+-])(\d{2}):?(\d{2})", text)
    if not offset:
        return UTC
    minutes = int(offset[2]) * 60 + int(offset[3])
    if offset[1] == "-":
        minutes = -minutes
    return timezone(timedelta(minutes=minutes))


def _in_china(written: datetime) -> Moment:
    """Return the day in China of a moment, and whether it is not the one written."""
    here = written.astimezone(CHINA)
    day, is_late = day_of(here.replace(tzinfo=None))
    return Moment(day, day != written.date(), is_late)


def day_of(moment: datetime) -> tuple[date, bool]:
    """Return the day that a time on the clock stands for.

    And whether it is not the clock's own. Before 1901 China's clocks were 5 minutes 43
    seconds ahead of its zone; programs that count from 1900 with that offset write
    midnight as 43 seconds before it.
    """
    day = moment.date()
    is_late = moment.time().replace(microsecond=0) == time(23, 59, 17)
    if is_late:
        day += timedelta(days=1)
    return day, is_late
