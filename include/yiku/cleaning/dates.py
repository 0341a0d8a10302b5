"""Dates: every way that clerks and programs write a day, a month, a year or an interval."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.date_intervals import left_of, right_of, split_interval
from yiku.cleaning.date_parts import (
    WEEKDAY,
    ImpossibleDateError,
    Parts,
    first_day,
    numbers_of,
    parts_of,
    trimmed,
)
from yiku.cleaning.date_rules import DateRules, last_day
from yiku.cleaning.program_dates import Moment, day_of, read_moment
from yiku.cleaning.text import half_width, is_nothing, nothing

EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
# as most programs write a day: 2017-3-1, 2017/3/1, 2017.3.1
_CLEAN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
# a time of day behind a date, whole or cut off
_TIME = re.compile(
    r"(?:T|(?<!\s)\s*+(?:上午|下午|早上|晚上|凌晨|中午|[AaPp][Mm])\s*+|(?<!\s)\s++)(?:\d{1,2}[:时点]\d{0,2}.{0,60})?$"
)
# days of the lunar calendar, which older clerks still write: no day of ours (T08)
_LUNAR = re.compile(
    r"农历|阴历|旧历|腊月|正月|冬月|初[一二三四五六七八九十1-9]|廿|闰"
)
# ends that say that there is none yet
_OPEN = re.compile(
    r"(?:至今|到今|今|现在|目前|如今|长期|在岗|在职|在业|未结束|未到期|尚未结束|无固定期限?|无限期|永久|永续|不限|长期有效|未离岗|未返乡)+"
)
# 2017年全年, 2017年1-12月
_WHOLE_YEAR = re.compile(r"(\d{4})年?(?:全年|整年|度全年|1月?[-至到]12月)")
# about a day: 2017年3月左右, 3月初
_AROUND = re.compile(r"左右|前后|大约|约|上旬|中旬|下旬|初$|底$|末$")
_DASHED = re.compile(
    r"^((?:19|20)\d{2})[—–―·•](\d{1,2})[—–―·•](\d{1,2})(?=\D|$)"
)  # dashes that are no 至
_UNCLEAR = re.compile(
    r"20[0-4]\d{2}", re.A
)  # 20173 is rather March 2017 than a day's number of 1955
_LONGEST = 60  # of a date or an interval, in characters
_MIDNIGHT_IN_UTC = time(
    16
)  # what a program shows that has lost the zone of China's midnight
_NO_END = (
    2099  # from this year on an end is only a way to say that there is none
)
# Serial days of a spreadsheet program: 1954 to 2064. 201703 lies far above them.
_FIRST_SERIAL = 20000
_LAST_SERIAL = 60000
_WITH_ZERO = re.compile(r"\s*\d{4}\.(?:\d0|0\d)\s*")


def _interval(
    left: str,
    right: str,
    rules: DateRules,
) -> Parsed:
    """Return the side of an interval that the column takes (T07).

    Of 2017.3至今 a start takes the month, an end that it is open. An interval that ends
    before it begins is none.
    """
    if rules.side is None:
        raise ImpossibleDateError
    told = (met("T07", "A"),)
    is_open = _OPEN.fullmatch(right.strip()) is not None
    if is_open and rules.side == "right":
        return Parsed(None, told, {"open": True})
    parts, is_assumed = left_of(left, rules)
    if not is_open:
        end = right_of(parts, right, rules)
        has_end = end[0] < _NO_END
        if rules.side == "right" and not has_end:
            return _value(end, rules, told)
        if has_end and _last_of(end) < first_day(parts)[0]:
            raise ImpossibleDateError
        if rules.side == "right":
            parts = end
    found = _value(parts, rules, told)
    if not is_assumed:
        return found
    return found._replace(
        quality={**(found.quality or {}), "year_assumed": True}
    )


def _last_of(parts: Parts) -> date:
    """Return the last day that the numbers may mean."""
    day, precision = first_day(parts)
    return last_day(day, precision)


def _value(
    parts: Parts,
    rules: DateRules,
    notes: tuple[Met, ...],
    about: bool = False,
) -> Parsed:
    """Return the day or month that the numbers mean, and how sure it is.

    An end in 2099 or later only says that there is none.
    """
    is_end = rules.side == "right" and not rules.month_only
    if is_end and parts[0] >= _NO_END:
        return Parsed(None, (met("T07", "A"),), {"open": True})
    day, precision = first_day(parts)
    quality: dict[str, object] = {}
    if about:
        quality["approximate"] = True
    if rules.month_only:
        if precision == "year":
            raise ImpossibleDateError
        return Parsed(
            f"{day.year:04d}-{day.month:02d}", notes, quality or None
        )
    if precision != "day":
        quality["precision"] = precision
    if precision == "year":
        notes = (*notes, met("T09", "W"))
    return Parsed(day, notes, quality or None)


def _whole_year(text: str, rules: DateRules) -> Parsed | None:
    """Read 2017年全年 and 2017年1-12月 as the side of the year that the column takes."""
    found = _WHOLE_YEAR.fullmatch(text)
    if not found or rules.side is None or rules.month_only:
        return None
    year = int(found[1])
    month, day_of_month = (12, 31) if rules.side == "right" else (1, 1)
    day, _ = first_day((year, month, day_of_month))
    return Parsed(day, (met("T07", "A"),), {"precision": "year"})


def _moment(text: str, rules: DateRules) -> Parsed | None:
    """Read what a program printed; a day that its time zone moves is told.

    2017-03-01T16:00:00Z is the second of March in China.
    """
    try:
        found = read_moment(text)
    except (ValueError, OverflowError):
        raise ImpossibleDateError from None
    return None if found is None else _of_moment(found, rules)


def _of_moment(found: Moment, rules: DateRules) -> Parsed:
    """Return the day of a moment, and say if it is not the one written (T04).

    Midnight in China is the day before in UTC, which is what most programs keep.
    """
    if found.late:
        told = met("T04", "W", late=True)
    elif found.shifted:
        told = met("T04", "W", zone=True)
    else:
        told = met("T04", "A")
    return _of_day(found.day, rules, (told,))


def _of_day(
    day: date,
    rules: DateRules,
    notes: tuple[Met, ...],
) -> Parsed:
    """Return a whole day as the column takes it."""
    return _value((day.year, day.month, day.day), rules, notes)


def _strip_time(text: str) -> tuple[str, bool]:
    """Take a time of day off a date, and say whether there was one.

    2017-03-01 08:30, 2017/3/1 上午8时.
    """
    found = _TIME.search(text)
    if not found or not found.group().strip():
        return text, False
    # in front of it stands a whole date: the shortest is 17.3.1
    if found.start() < 6 or not re.match(r"\d{2,4}\s*[-/.年]", text):
        return text, False
    return text[: found.start()].strip(), True


def _from_text(text: str, rules: DateRules) -> Parsed:
    """Read a text in half width: an open end, a year, a moment, an interval, a date."""
    if rules.side == "right" and _OPEN.fullmatch(text):
        return Parsed(None, (met("T07", "A"),), {"open": True})
    if rules.zero_lost and re.fullmatch(r"\d{4}\.1", text):
        return unknown("T03", "Q")
    whole = _whole_year(text, rules) or _moment(text, rules)
    if whole:
        return whole
    plain, has_time = _strip_time(_DASHED.sub(r"\1-\2-\3", text))
    sides = split_interval(WEEKDAY.sub("", plain))
    if sides:
        left, right = sides
        return _interval(left, right, rules)
    if _UNCLEAR.fullmatch(plain) and not rules.birth:
        raise ImpossibleDateError
    if re.fullmatch(r"\d{5}(?:\.\d+)?|\d{6,8}\.0+", plain):
        return _from_number(float(plain), rules)
    return _one_date(plain, rules, has_time)


def _one_date(
    text: str,
    rules: DateRules,
    has_time: bool,
) -> Parsed:
    """Read one date, about or exactly; a form other than the plain one is noted."""
    bare = _AROUND.sub("", text)
    is_about = bare != text
    parts = parts_of(trimmed(bare), rules)
    if is_about and len(parts) == 1:
        raise ImpossibleDateError  # 2017年底 is no January
    notes: tuple[Met, ...] = ()
    if has_time:
        notes = (met("T04", "A"),)
    elif len(parts) > 1:
        notes = (met("T01", "W" if is_about else "A"),)
    return _value(parts, rules, notes, is_about)


@lru_cache(maxsize=65536)
def _read(text: str, rules: DateRules) -> Parsed:
    """Read a text, kept: a column repeats its days."""
    try:
        clean = _CLEAN.fullmatch(text)
        if clean:
            return _value(
                numbers_of((clean[1], clean[3], clean[4])), rules, ()
            )
        plain, found = half_width(text)
        if is_nothing(plain):
            return nothing(plain)
        if len(plain) > _LONGEST:
            raise ImpossibleDateError
        if _LUNAR.search(plain):
            return unknown("T08", "Q")
        if rules.month_only and re.fullmatch(r"\d{4}-\d{2}", plain):
            return _value(parts_of(plain, rules), rules, found)
        parsed = _from_text(plain, rules)
    except ImpossibleDateError:
        return unknown("T06", "Q")
    return parsed._replace(met=(*found, *parsed.met))


def _from_number(value: float, rules: DateRules) -> Parsed:
    """Read a number in a date column.

    A serial day, 201703, 20170301, 2017.11 or a year; 2017.1 is two months (T03).
    """
    if not math.isfinite(value):
        raise ImpossibleDateError
    if _FIRST_SERIAL <= value <= _LAST_SERIAL:
        epoch = EPOCH_1904 if rules.epoch_1904 else EPOCH_1900
        day = epoch + timedelta(days=int(value))
        return _of_day(day, rules, (met("T02", "A"),))
    told = (met("T01", "A"),)
    if value == int(value):
        parts = parts_of(str(int(value)), rules)
        return _value(parts, rules, told if value > 9999 else ())
    text = repr(value)
    if re.fullmatch(r"\d{4}\.1", text):
        return unknown("T03", "Q")
    return _value(parts_of(text, rules), rules, told)


def _of_clock(value: datetime, rules: DateRules) -> Parsed:
    """Read a date cell with a time of day.

    Only a time that moves the day is worth a word.
    """
    day, is_late = day_of(value)
    notes: tuple[Met, ...] = ()
    if is_late:
        notes = (met("T04", "W", late=True),)
    elif value.time() == _MIDNIGHT_IN_UTC:
        notes = (met("T04", "W", utc=True),)
    return _of_day(day, rules, notes)


def parse_date(value: object, rules: DateRules) -> Parsed:
    """Read one cell of a date column (or of a month column, see ``DateRules``).

    Never raises.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _read(value, rules)
    try:
        if isinstance(value, datetime):
            return _of_clock(value, rules)
        if isinstance(value, date):
            return _of_day(value, rules, ())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value, rules)
    except ImpossibleDateError:
        pass
    return unknown("T06", "Q")


def keeps_zeros(values: Iterable[object]) -> bool:
    """Return whether a text column still shows 2017.10 or 2017.01.

    Then its 2017.1 can only be January.
    """
    for value in values:
        if isinstance(value, str) and _WITH_ZERO.fullmatch(value):
            return True
    return False
