"""Dates: every way that clerks and programs write a day, a month, a year or an interval."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.program_dates import Moment, day_of, read_moment
from yiku.cleaning.text import half_width, is_nothing, nothing

EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
# as most programs write a day: 2017-3-1, 2017/3/1, 2017.3.1
_CLEAN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
# 201703, 20170301
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
# 3/25/2017: what an American program makes of a typed day
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})")
# 1-Mar-17: what a program in English makes of a typed day
_ENGLISH = re.compile(
    r"(\d{1,2})[- ]?([A-Za-z]{3})[a-z]{0,6}[- ,]{0,3}(\d{4}|\d{2})"
)
# a time of day behind a date, whole or cut off
_TIME = re.compile(
    r"(?:T|(?<!\s)\s*+(?:上午|下午|早上|晚上|凌晨|中午|[AaPp][Mm])\s*+|(?<!\s)\s++)(?:\d{1,2}[:时点]\d{0,2}.{0,60})?$"
)
_WEEKDAY = re.compile(r"[(]?(?:星期|周|礼拜)[一二三四五六日天1-6][)]?")
# days of the lunar calendar, which older clerks still write: no day of ours (T08)
_LUNAR = re.compile(
    r"农历|阴历|旧历|腊月|正月|冬月|初[一二三四五六七八九十1-9]|廿|闰"
)
# ends that say that there is none yet
_OPEN = re.compile(
    r"(?:至今|到今|今|现在|目前|如今|长期|在岗|在职|在业|未结束|未到期|尚未结束|无固定期限?|无限期|永久|永续|不限|长期有效|未离岗|未返乡)+"
)
# what can only stand between two dates; a single dash may be a part of one
_STRONG = re.compile(
    r"起?至|起?到|起[,，]?(?=长期|永久|无固定)|~+|～+|—+|–+|―+|-{2,}|\s-\s"
)
_FULL = (
    r"\d{4}(?:[-./]\d{1,2}(?:[-./]\d{1,2})?|年\d{1,2}月(?:\d{1,2}[日号]?)?)"
)
_TWO_DAYS = re.compile(
    rf"(?:起[:：]?)?({_FULL})(?:起\s?|[/\s])(?:止[:：]?)?({_FULL})止?"
)  # a line break between them
# 2017年全年, 2017年1-12月
_WHOLE_YEAR = re.compile(r"(\d{4})年?(?:全年|整年|度全年|1月?[-至到]12月)")
# about a day: 2017年3月左右, 3月初
_AROUND = re.compile(r"左右|前后|大约|约|上旬|中旬|下旬|初$|底$|末$")
# capitals as on a cheque
_BANK_DIGITS = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
# ○ and Ｏ are what pinyin keyboards offer for 〇
_HAN_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
# 二〇一七 before 年, 十二 before 月; a row of four is a year
_HAN_DATE = re.compile(
    r"(?<![〇零○一二三四五六七八九十0-9])[〇零○一二三四五六七八九十0-9]++(?=[年月日号])|[〇零○一二三四五六七八九]{4}"
)
# 自2017年3月起, 截止2017.3
_WORDS_BEFORE = re.compile(r"^(?:自|从|于|截止|截至|公元|起[:：])+")
_WORDS_BEHIND = re.compile(
    r"(?<![起止始])(?<!之前)(?<!以前)(?!(?<=开)始|(?<=为)止)(?:起|开始|止|之前|以前|始|为止)++$"
)  # a run is tried from its first word only, so that a long one costs no more than its length
# 十, 十五, 二十, 二十三
_TENS = re.compile(r"([一二三])?十([一二三四五六七八九])?")
# 2017 . 3 . 1
_AROUND_SIGNS = re.compile(r" ?([年月日号./\-。·、,\\_]) ?")
# 2017..3.1: a key that was hit twice
_DOUBLED = re.compile(r"([./。·、,\\])\1+")
# one separator throughout: 2017.3、6 are two months
_WITH_SIGNS = re.compile(
    r"(\d{4}|\d{2})([./\-。·、,\\_ ])(\d{1,2})(?:\2(\d{1,2}))?([日号曰月]?)",
    re.A,
)
_WITH_WORDS = re.compile(
    r"(\d{4}|\d{2})年(?:度|(\d{1,2})(?:月(?:份|度)?|[月./\-](\d{1,2})[日号曰]?)?)?|"
    r"(\d{4})[./\-](\d{1,2})月(?:(\d{1,2})[日号曰]?)?|(\d{4})",
    re.A,
)
_DASHED = re.compile(
    r"^((?:19|20)\d{2})[—–―·•](\d{1,2})[—–―·•](\d{1,2})(?=\D|$)"
)  # dashes that are no 至
_UNCLEAR = re.compile(
    r"20[0-4]\d{2}", re.A
)  # 20173 is rather March 2017 than a day's number of 1955
_MONTHS = {
    name.lower(): month
    for month, name in enumerate(calendar.month_abbr)
    if name
}
# columns that end a stretch of time, by their names
_RIGHT = re.compile(r"(?:end|left|closed)_on|(?:.*_)?to")
_LEFT = re.compile(r"start_on|(?:.*_)?from")
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

Parts = tuple[int, ...]  # year, month, day: as many as are written


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


class _ImpossibleError(Exception):
    """Written like a date, but no such day is in the calendar, or nobody can say."""


def _year(text: str, rules: DateRules) -> int:
    """Return the year of four digits or two.

    17 is 2017; 85 is 1985, as nobody was born in 2085.
    """
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        raise _ImpossibleError
    century = rules.business_year // 100 * 100
    year = century + int(text)
    # a contract may end ten years from now, nobody is born in the future
    latest = rules.business_year + (0 if rules.birth else 10)
    return year - 100 if year > latest else year


def _arabic(match: re.Match[str]) -> str:
    """Write a Chinese number of a date in digits: 二〇一七, 十二, 二十三."""
    text = match.group()
    if "十" not in text:
        return text.translate(_HAN_DIGITS)
    tens = _TENS.fullmatch(text)
    if not tens:
        return text
    digits = (tens[1] or "一") + (tens[2] or "0")
    return digits.translate(_HAN_DIGITS)


def _trim(text: str) -> str:
    """Take off the words around one date, and write its numbers in digits.

    自二〇一七年三月起 becomes 2017年3月, 2017 . 3 . 1 becomes 2017.3.1.
    """
    text = _WEEKDAY.sub("", text)
    text = text.strip().translate(_BANK_DIGITS)
    text = _HAN_DATE.sub(_arabic, text)
    text = _WORDS_BEFORE.sub("", text)
    text = _WORDS_BEHIND.sub("", text)
    text = _AROUND_SIGNS.sub(r"\1", text)
    text = _DOUBLED.sub(r"\1", text)
    return text.strip(" .。,，;；:：()、-—~/")


def _parts(text: str, rules: DateRules) -> Parts:
    """Take the numbers of one date apart; _ImpossibleError when it is not one."""
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _numbers(compact.groups())
    foreign = _foreign(text, rules)
    if foreign:
        return foreign
    signs = _WITH_SIGNS.fullmatch(text)
    if signs:
        year, _, month, day, behind = signs.groups()
        # 17.3 may be the 17th of March; 2017.3日 and 2017.3.1月 contradict themselves
        if len(year) < 4 and not day:
            raise _ImpossibleError
        if behind and (behind == "月") == bool(day):
            raise _ImpossibleError
        return (_year(year, rules), *_numbers((month, day)))
    words = _WITH_WORDS.fullmatch(text)
    if not words:
        raise _ImpossibleError
    year, *rest = (part for part in words.groups() if part)
    return (_year(year, rules), *_numbers(rest))


def _numbers(parts: Iterable[str | None]) -> Parts:
    """Return the parts that are written as numbers."""
    return tuple(int(part) for part in parts if part)


def _foreign(text: str, rules: DateRules) -> Parts | None:
    """Read 1-Mar-17, and 3/25/2017 where only one order of day and month is possible."""
    english = _ENGLISH.fullmatch(text)
    if english:
        month = _MONTHS.get(english[2].lower())
        if month:
            return _year(english[3], rules), month, int(english[1])
    american = _MONTH_FIRST.fullmatch(text)
    if not american:
        return None
    first, second, year = _numbers(american.groups())
    if first == second or second > 12:
        return year, first, second
    if first > 12:
        return year, second, first
    raise _ImpossibleError


def _day(parts: Parts) -> tuple[date, str]:
    """Return the first day that the numbers mean, and how precise they are.

    2017 is the first of January, 2017.3 the first of March. _ImpossibleError for a day
    that is in no calendar, or in no century that a list speaks of.
    """
    year, month, day = (*parts, 1, 1)[:3]
    try:
        found = date(year, month, day)
    except (ValueError, OverflowError):
        raise _ImpossibleError from None
    if not 1900 <= found.year <= 2100:
        raise _ImpossibleError
    return found, ("year", "month", "day")[len(parts) - 1]


def _split(text: str) -> tuple[str, str] | None:
    """Cut an interval into its two sides; None when it is one date.

    2017.3.1-2017.5.1, 2017年3月至5月, 201703-201705; but 2017-3-1 is one date.
    """
    both = _TWO_DAYS.fullmatch(text)
    if both:
        return both[1], both[2]
    strong = _STRONG.split(text, maxsplit=1)
    if len(strong) == 2:
        return strong[0].strip(), strong[1].strip()
    # a bare dash parts a date as well: 2017-3-1
    pieces = text.split("-")
    if len(pieces) == 2 and _are_sides(text, pieces):
        return pieces[0], pieces[1]
    if len(pieces) not in (4, 6):
        return None
    half = len(pieces) // 2
    if not all(piece.strip().isdigit() for piece in pieces):
        return None
    # both halves begin with a year: 2017-3-1-2017-5-1
    if len(pieces[0]) != 4 or len(pieces[half]) != 4:
        return None
    return "-".join(pieces[:half]), "-".join(pieces[half:])


def _are_sides(text: str, pieces: Sequence[str]) -> bool:
    """Return whether one dash stands between two dates: 2017.3-2017.5, 201703-201705."""
    if "/" in text or re.search(r"[年月.]", pieces[0]):
        return True
    return all(_COMPACT.fullmatch(piece) for piece in pieces)


def _complete(
    left: Parts,
    text: str,
    rules: DateRules,
) -> Parts:
    """Read the right side of an interval, with what it leaves out: 2017.3.1-10."""
    bare = _trim(text)
    short = re.fullmatch(r"(?:(\d{1,2})[月./-])?(\d{1,2})([月日号]?)", bare)
    if not short:
        return _parts(bare, rules)
    first, last, unit = short.groups()
    if first:
        # after 2017.3 a second 5.6 may be May 6 or two numbers of a month
        if len(left) < 3 and unit != "日":
            raise _ImpossibleError
        return left[0], int(first), int(last)
    if unit == "月" or (not unit and len(left) == 2):
        return left[0], int(last)
    if len(left) == 3:
        return left[0], left[1], int(last)
    raise _ImpossibleError


def _left_of(text: str, rules: DateRules) -> tuple[Parts, bool]:
    """Read the left side of an interval, and say whether its year is assumed."""
    bare = _trim(text)
    short = re.fullmatch(r"(\d{1,2})月(?:份)?", bare)
    if not short or not rules.period:
        return _parts(bare, rules), False
    # '3月至今' speaks of the latest March up to the reported month
    year, reported = rules.period
    month = int(short[1])
    if month > reported:
        year -= 1
    return (year, month), True


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
        raise _ImpossibleError
    told = (met("T07", "A"),)
    is_open = _OPEN.fullmatch(right.strip()) is not None
    if is_open and rules.side == "right":
        return Parsed(None, told, {"open": True})
    parts, is_assumed = _left_of(left, rules)
    if not is_open:
        end = _complete(parts, right, rules)
        has_end = end[0] < _NO_END
        if rules.side == "right" and not has_end:
            return _value(end, rules, told)
        if has_end and _last_of(end) < _day(parts)[0]:
            raise _ImpossibleError
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
    day, precision = _day(parts)
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
    day, precision = _day(parts)
    quality: dict[str, object] = {}
    if about:
        quality["approximate"] = True
    if rules.month_only:
        if precision == "year":
            raise _ImpossibleError
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
    day, _ = _day((year, month, day_of_month))
    return Parsed(day, (met("T07", "A"),), {"precision": "year"})


def _moment(text: str, rules: DateRules) -> Parsed | None:
    """Read what a program printed; a day that its time zone moves is told.

    2017-03-01T16:00:00Z is the second of March in China.
    """
    try:
        found = read_moment(text)
    except (ValueError, OverflowError):
        raise _ImpossibleError from None
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
    sides = _split(_WEEKDAY.sub("", plain))
    if sides:
        left, right = sides
        return _interval(left, right, rules)
    if _UNCLEAR.fullmatch(plain) and not rules.birth:
        raise _ImpossibleError
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
    parts = _parts(_trim(bare), rules)
    if is_about and len(parts) == 1:
        raise _ImpossibleError  # 2017年底 is no January
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
            return _value(_numbers((clean[1], clean[3], clean[4])), rules, ())
        plain, found = half_width(text)
        if is_nothing(plain):
            return nothing(plain)
        if len(plain) > _LONGEST:
            raise _ImpossibleError
        if _LUNAR.search(plain):
            return unknown("T08", "Q")
        if rules.month_only and re.fullmatch(r"\d{4}-\d{2}", plain):
            return _value(_parts(plain, rules), rules, found)
        parsed = _from_text(plain, rules)
    except _ImpossibleError:
        return unknown("T06", "Q")
    return parsed._replace(met=(*found, *parsed.met))


def _from_number(value: float, rules: DateRules) -> Parsed:
    """Read a number in a date column.

    A serial day, 201703, 20170301, 2017.11 or a year; 2017.1 is two months (T03).
    """
    if not math.isfinite(value):
        raise _ImpossibleError
    if _FIRST_SERIAL <= value <= _LAST_SERIAL:
        epoch = EPOCH_1904 if rules.epoch_1904 else EPOCH_1900
        day = epoch + timedelta(days=int(value))
        return _of_day(day, rules, (met("T02", "A"),))
    told = (met("T01", "A"),)
    if value == int(value):
        parts = _parts(str(int(value)), rules)
        return _value(parts, rules, told if value > 9999 else ())
    text = repr(value)
    if re.fullmatch(r"\d{4}\.1", text):
        return unknown("T03", "Q")
    return _value(_parts(text, rules), rules, told)


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
    except _ImpossibleError:
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
