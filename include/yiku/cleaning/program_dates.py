"""Days as programs print them: with a time zone, in English, as milliseconds. A day means the day in China."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
_MONTHS = {m.lower(): i for i, m in enumerate(calendar.month_abbr) if m}
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|UTC|GMT|CST)"
_DAY_NAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s)?"
_MONTH_NAME = r"(?P<name>[A-Za-z]{3})[a-z]{0,6}\.?"
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
_MILLISECONDS = re.compile(r"/?\\?/?Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/?", re.A)
_LONGEST = 80


@dataclass(frozen=True)
class Moment:
    """A day in China, and whether it is another day than the one that is written."""

    day: date
    shifted: bool = False
    late: bool = False  # written 43 seconds before midnight


def read_moment(text: str) -> Moment | None:
    """Return the day that a text printed by a program means; None when it is none of their forms.

    ValueError when it is such a form and no such day exists.
    """
    if len(text) > _LONGEST:
        return None
    ticks = _MILLISECONDS.fullmatch(text)
    if ticks:
        written = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(ticks[1]))
        return _in_china(written)
    for found in _matches(text):
        name = found.groupdict().get("name")
        month = _MONTHS.get(name.lower()) if name else int(found["month"])
        if month is None:
            return None
        day = date(int(found["year"]), month, int(found["day"]))
        return _in_china(datetime.combine(day, _clock(found), _zone(found)))
    return None


def _matches(text: str) -> Iterator[re.Match[str]]:
    for form in _FORMS:
        if found := form.fullmatch(text):
            yield found


def _clock(found: re.Match[str]) -> time:
    hour, minute, second = (
        int(found.groupdict().get(part) or 0) for part in ("hour", "minute", "second")
    )
    return time(hour, minute, second)


def _zone(found: re.Match[str]) -> timezone:
    """Return the zone; CST is China's, and where none is written the clock is the clerk's."""
    text = found.groupdict().get("zone") or "CST"
    if text == "CST":
        return CHINA
    offset = re.search(r"([+-])(\d{2}):?(\d{2})", text)
    if not offset:
        return UTC
    minutes = int(offset[2]) * 60 + int(offset[3])
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))


def _in_china(written: datetime) -> Moment:
    here = written.astimezone(CHINA)
    day, late = day_of(here.replace(tzinfo=None))
    return Moment(day, day != written.date(), late)


def day_of(moment: datetime) -> tuple[date, bool]:
    """Return the day that a time on the clock stands for, and whether it is not the clock's own.

    Before 1901 China's clocks were 5 minutes 43 seconds ahead of its zone; programs that count from 1900 with that
    offset write midnight as 43 seconds before it.
    """
    late = moment.time().replace(microsecond=0) == time(23, 59, 17)
    return (moment.date() + timedelta(days=1) if late else moment.date()), late
