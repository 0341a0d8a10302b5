"""Dates: every way that clerks and programs write a day, a month, a year or an interval."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.program_dates import Moment, day_of, read_moment
from yiku.cleaning.text import half_width, is_nothing, nothing

EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_CLEAN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})")
_ENGLISH = re.compile(r"(\d{1,2})[- ]?([A-Za-z]{3})[a-z]{0,6}[- ,]{0,3}(\d{4}|\d{2})")
_TIME = re.compile(
    r"(?:T|(?<!\s)\s*+(?:上午|下午|早上|晚上|凌晨|中午|[AaPp][Mm])\s*+|(?<!\s)\s++)(?:\d{1,2}[:时点]\d{0,2}.{0,60})?$"
)
_WEEKDAY = re.compile(r"[(]?(?:星期|周|礼拜)[一二三四五六日天1-6][)]?")
_LUNAR = re.compile(r"农历|阴历|旧历|腊月|正月|冬月|初[一二三四五六七八九十1-9]|廿|闰")
_OPEN = re.compile(
    r"(?:至今|到今|今|现在|目前|如今|长期|在岗|在职|在业|未结束|未到期|尚未结束|无固定期限?|无限期|永久|永续|不限|长期有效|未离岗|未返乡)+"
)
_STRONG = re.compile(
    r"起?至|起?到|起[,，]?(?=长期|永久|无固定)|~+|～+|—+|–+|―+|-{2,}|\s-\s"
)
_FULL = r"\d{4}(?:[-./]\d{1,2}(?:[-./]\d{1,2})?|年\d{1,2}月(?:\d{1,2}[日号]?)?)"
_TWO_DAYS = re.compile(
    rf"(?:起[:：]?)?({_FULL})(?:起\s?|[/\s])(?:止[:：]?)?({_FULL})止?"
)  # a line break between them
_WHOLE_YEAR = re.compile(r"(\d{4})年?(?:全年|整年|度全年|1月?[-至到]12月)")
_AROUND = re.compile(r"左右|前后|大约|约|上旬|中旬|下旬|初$|底$|末$")
_BANK_DIGITS = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
_HAN_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_HAN_DATE = re.compile(
    r"(?<![〇零○一二三四五六七八九十0-9])[〇零○一二三四五六七八九十0-9]++(?=[年月日号])|[〇零○一二三四五六七八九]{4}"
)
_WORDS_BEFORE = re.compile(r"^(?:自|从|于|截止|截至|公元|起[:：])+")
_WORDS_BEHIND = re.compile(
    r"(?<![起止始])(?<!之前)(?<!以前)(?!(?<=开)始|(?<=为)止)(?:起|开始|止|之前|以前|始|为止)++$"
)  # a run is tried from its first word only, so that a long one costs no more than its length
_TENS = re.compile(r"([一二三])?十([一二三四五六七八九])?")
_AROUND_SIGNS = re.compile(r" ?([年月日号./\-。·、,\\_]) ?")
_DOUBLED = re.compile(r"([./。·、,\\])\1+")
# one separator throughout: 2017.3、6 are two months
_WITH_SIGNS = re.compile(
    r"(\d{4}|\d{2})([./\-。·、,\\_ ])(\d{1,2})(?:\2(\d{1,2}))?([日号曰月]?)", re.A
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
_MONTHS = {m.lower(): i for i, m in enumerate(calendar.month_abbr) if m}
_RIGHT = re.compile(r"(?:end|left|closed)_on|(?:.*_)?to")
_LEFT = re.compile(r"start_on|(?:.*_)?from")
_LONGEST = 60  # of a date or an interval, in characters
_MIDNIGHT_IN_UTC = time(
    16
)  # what a program shows that has lost the zone of China's midnight
_NO_END = 2099  # from this year on an end is only a way to say that there is none

Parts = tuple[int, ...]  # year, month, day: as many as are written


@dataclass(frozen=True)
class DateRules:
    """What reading a date column must know: which side of an interval it takes, and how years are guessed."""

    side: str | None  # left, right, or None where an interval has no meaning
    business_year: int
    birth: bool = False
    epoch_1904: bool = False
    month_only: bool = False  # a column of YYYY-MM
    zero_lost: bool = (
        False  # text from a program that may have written 2017.10 as 2017.1
    )
    period: tuple[int, int] | None = (
        None  # year and month that the sheet reports, to complete '3月至今'
    )


def side_of(name: str) -> str | None:
    """Tell which side of an interval a column takes by its name."""
    return (
        "right" if _RIGHT.fullmatch(name) else "left" if _LEFT.fullmatch(name) else None
    )


def partner_of(name: str) -> str:
    """Return the name of the column that holds the end of what begins in this one; '' where it begins nothing."""
    if side_of(name) != "left":
        return ""
    return "end_on" if name == "start_on" else f"{name.removesuffix('from')}to"


class _ImpossibleError(Exception):
    """Written like a date, but no such day is in the calendar, or nobody can say which."""


def _year(text: str, rules: DateRules) -> int:
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        raise _ImpossibleError
    century = rules.business_year // 100 * 100
    year = century + int(text)
    # a contract may end ten years from now, nobody is born in the future
    return (
        year - 100 if year > rules.business_year + (0 if rules.birth else 10) else year
    )


def _arabic(match: re.Match[str]) -> str:
    text = match.group()
    if "十" not in text:
        return text.translate(_HAN_DIGITS)
    tens = _TENS.fullmatch(text)
    if not tens:
        return text
    return "".join((tens[1] or "一", tens[2] or "0")).translate(_HAN_DIGITS)


def _trim(text: str) -> str:
    text = _WEEKDAY.sub("", text)
    text = _HAN_DATE.sub(_arabic, text.strip().translate(_BANK_DIGITS))
    text = _WORDS_BEHIND.sub("", _WORDS_BEFORE.sub("", text))
    text = _DOUBLED.sub(r"\1", _AROUND_SIGNS.sub(r"\1", text))
    return text.strip(" .。,，;；:：()、-—~/")


def _parts(text: str, rules: DateRules) -> Parts:
    """Take the numbers of one date apart; ImpossibleError when it is not written like one."""
    compact = _COMPACT.fullmatch(text)
    if compact:
        return tuple(int(p) for p in compact.groups() if p)
    foreign = _foreign(text, rules)
    if foreign:
        return foreign
    signs = _WITH_SIGNS.fullmatch(text)
    if signs:
        year, _, month, day, behind = signs.groups()
        if (len(year) < 4 and not day) or (behind and (behind == "月") == bool(day)):
            raise _ImpossibleError
        return (_year(year, rules), *(int(p) for p in (month, day) if p))
    words = _WITH_WORDS.fullmatch(text)
    if not words:
        raise _ImpossibleError
    year, *rest = (p for p in words.groups() if p)
    return (_year(year, rules), *map(int, rest))


def _foreign(text: str, rules: DateRules) -> Parts | None:
    """Read 1-Mar-17, and 3/25/2017 where only one order of day and month is possible."""
    english = _ENGLISH.fullmatch(text)
    if english and english[2].lower() in _MONTHS:
        return _year(english[3], rules), _MONTHS[english[2].lower()], int(english[1])
    american = _MONTH_FIRST.fullmatch(text)
    if not american:
        return None
    first, second, year = (int(p) for p in american.groups())
    if first == second or second > 12:
        return year, first, second
    if first > 12:
        return year, second, first
    raise _ImpossibleError


def _day(parts: Parts) -> tuple[date, str]:
    try:
        day = date(*(*parts, 1, 1)[:3])
    except (ValueError, OverflowError):
        raise _ImpossibleError from None
    if not 1900 <= day.year <= 2100:
        raise _ImpossibleError
    return day, ("year", "month", "day")[len(parts) - 1]


def _split(text: str) -> tuple[str, str] | None:
    """Cut an interval into its two sides; None when it is one date."""
    if both := _TWO_DAYS.fullmatch(text):
        return both[1], both[2]
    strong = [p.strip() for p in _STRONG.split(text, maxsplit=1)]
    if len(strong) == 2:
        return strong[0], strong[1]
    pieces = text.split("-")
    if len(pieces) == 2 and (
        re.search(r"[年月.]", pieces[0])
        or "/" in text
        or all(map(_COMPACT.fullmatch, pieces))
    ):
        return pieces[0], pieces[1]
    if len(pieces) in (4, 6) and all(p.strip().isdigit() for p in pieces):
        half = len(pieces) // 2
        if len(pieces[0]) == len(pieces[half]) == 4:
            return "-".join(pieces[:half]), "-".join(pieces[half:])
    return None


def _complete(left: Parts, text: str, rules: DateRules) -> Parts:
    """Read the right side of an interval, taking from the left what it leaves out: 2017.3.1-10."""
    bare = _trim(text)
    short = re.fullmatch(r"(?:(\d{1,2})[月./-])?(\d{1,2})([月日号]?)", bare)
    if not short:
        return _parts(bare, rules)
    first, last, unit = short.groups()
    if first:
        if len(left) < 3 and unit != "日":
            raise _ImpossibleError
        return left[0], int(first), int(last)
    if unit == "月" or (not unit and len(left) == 2):
        return left[0], int(last)
    if len(left) == 3:
        return left[0], left[1], int(last)
    raise _ImpossibleError


def _left_of(text: str, rules: DateRules) -> tuple[Parts, bool]:
    bare = _trim(text)
    month = re.fullmatch(r"(\d{1,2})月(?:份)?", bare)
    if month and rules.period:
        # '3月至今' speaks of the latest March up to the reported month
        year, reported = rules.period
        return (year if int(month[1]) <= reported else year - 1, int(month[1])), True
    return _parts(bare, rules), False


def _interval(left: str, right: str, rules: DateRules) -> Parsed:
    if rules.side is None:
        raise _ImpossibleError
    open_end = bool(_OPEN.fullmatch(right.strip()))
    if open_end and rules.side == "right":
        return Parsed(None, (met("T07", "A"),), {"open": True})
    parts, assumed = _left_of(left, rules)
    if not open_end:
        end = _complete(parts, right, rules)
        if rules.side == "right" and end[0] >= _NO_END:
            return _value(end, rules, (met("T07", "A"),))
        if end[0] < _NO_END and last_day(_day(end)[0], _day(end)[1]) < _day(parts)[0]:
            raise _ImpossibleError
        parts = end if rules.side == "right" else parts
    found = _value(parts, rules, (met("T07", "A"),))
    return (
        found._replace(quality={**(found.quality or {}), "year_assumed": True})
        if assumed
        else found
    )


def _value(
    parts: Parts, rules: DateRules, notes: tuple[Met, ...], about: bool = False
) -> Parsed:
    if rules.side == "right" and parts[0] >= _NO_END and not rules.month_only:
        return Parsed(None, (met("T07", "A"),), {"open": True})
    day, precision = _day(parts)
    quality: dict[str, object] = {"approximate": True} if about else {}
    if rules.month_only:
        if precision == "year":
            raise _ImpossibleError
        return Parsed(f"{day.year:04d}-{day.month:02d}", notes, quality or None)
    if precision != "day":
        quality["precision"] = precision
    if precision == "year":
        notes = (*notes, met("T09", "W"))
    return Parsed(day, notes, quality or None)


def _whole_year(text: str, rules: DateRules) -> Parsed | None:
    found = _WHOLE_YEAR.fullmatch(text)
    if not found or rules.side is None or rules.month_only:
        return None
    year = int(found[1])
    day, _ = _day((year, 12, 31) if rules.side == "right" else (year, 1, 1))
    return Parsed(day, (met("T07", "A"),), {"precision": "year"})


def _moment(text: str, rules: DateRules) -> Parsed | None:
    """Read what a program printed; a day that its time zone moves is told."""
    try:
        found = read_moment(text)
    except (ValueError, OverflowError):
        raise _ImpossibleError from None
    return None if found is None else _of_moment(found, rules)


def _of_moment(found: Moment, rules: DateRules) -> Parsed:
    why = {"late": True} if found.late else {"zone": True} if found.shifted else {}
    day = found.day
    return _value(
        (day.year, day.month, day.day), rules, (met("T04", "W" if why else "A", **why),)
    )


def _strip_time(text: str) -> tuple[str, bool]:
    found = _TIME.search(text)
    if (
        found
        and found.group().strip()
        and re.match(r"\d{2,4}\s*[-/.年]", text)
        and found.start() >= 6
    ):
        return text[: found.start()].strip(), True
    return text, False


def _from_text(text: str, rules: DateRules) -> Parsed:
    if rules.side == "right" and _OPEN.fullmatch(text):
        return Parsed(None, (met("T07", "A"),), {"open": True})
    if rules.zero_lost and re.fullmatch(r"\d{4}\.1", text):
        return unknown("T03", "Q")
    whole = _whole_year(text, rules) or _moment(text, rules)
    if whole:
        return whole
    text, timed = _strip_time(_DASHED.sub(r"\1-\2-\3", text))
    sides = _split(_WEEKDAY.sub("", text))
    if sides:
        return _interval(*sides, rules)
    if _UNCLEAR.fullmatch(text) and not rules.birth:
        raise _ImpossibleError
    if re.fullmatch(r"\d{5}(?:\.\d+)?|\d{6,8}\.0+", text):
        return _from_number(float(text), rules)
    bare = _AROUND.sub("", text)
    about = bare != text
    parts = _parts(_trim(bare), rules)
    if about and len(parts) == 1:
        raise _ImpossibleError  # 2017年底 is no January
    notes = (
        (met("T04", "A"),)
        if timed
        else (met("T01", "W" if about else "A"),)
        if len(parts) > 1
        else ()
    )
    return _value(parts, rules, notes, about)


@lru_cache(maxsize=65536)
def _read(text: str, rules: DateRules) -> Parsed:
    clean = _CLEAN.fullmatch(text)
    try:
        if clean:
            return _value((int(clean[1]), int(clean[3]), int(clean[4])), rules, ())
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
    """Read a number in a date column: a serial day, 201703, 20170301, 2017.11 or a year; 2017.1 is two months (T03)."""
    if not math.isfinite(value):
        raise _ImpossibleError
    if 20000 <= value <= 60000:
        epoch = EPOCH_1904 if rules.epoch_1904 else EPOCH_1900
        day = epoch + timedelta(days=int(value))
        return _value((day.year, day.month, day.day), rules, (met("T02", "A"),))
    if value == int(value):
        return _value(
            _parts(str(int(value)), rules),
            rules,
            (met("T01", "A"),) if value > 9999 else (),
        )
    text = repr(value)
    if re.fullmatch(r"\d{4}\.1", text):
        return unknown("T03", "Q")
    return _value(_parts(text, rules), rules, (met("T01", "A"),))


def _of_clock(value: datetime, rules: DateRules) -> Parsed:
    """Read a date cell with a time of day; only a time that moves the day is worth a word."""
    day, late = day_of(value)
    utc = value.time() == _MIDNIGHT_IN_UTC
    notes = (
        (met("T04", "W", **({"late": True} if late else {"utc": True})),)
        if late or utc
        else ()
    )
    return _value((day.year, day.month, day.day), rules, notes)


def parse_date(value: object, rules: DateRules) -> Parsed:
    """Read one cell of a date column (or of a month column, see ``DateRules``). Never raises."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _read(value, rules)
    try:
        if isinstance(value, datetime):
            return _of_clock(value, rules)
        if isinstance(value, date):
            return _value((value.year, value.month, value.day), rules, ())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value, rules)
    except _ImpossibleError:
        pass
    return unknown("T06", "Q")


def keeps_zeros(values: Iterable[object]) -> bool:
    """Tell whether a text column still shows 2017.10 or 2017.01, so that its 2017.1 can only be January."""
    return any(
        isinstance(v, str) and re.fullmatch(r"\s*\d{4}\.(?:\d0|0\d)\s*", v)
        for v in values
    )


def period_of(period: str | None, business: date) -> tuple[int, int]:
    """Return year and month that a sheet reports; the business date's where it says none."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", period or "")
    if not found:
        return business.year, business.month
    return int(found[1]), int(found[2] or 12)


def agrees(written: date, precision: object, known: date) -> bool:
    """Tell whether a written date, as precise as it is, agrees with a known one."""
    if precision == "year":
        return written.year == known.year
    same_month = (written.year, written.month) == (known.year, known.month)
    return same_month if precision == "month" else written == known


def last_day(written: date, precision: object) -> date:
    """Return the last day that a written date, as precise as it is, may mean."""
    if precision == "year":
        return written.replace(month=12, day=31)
    if precision == "month":
        return written.replace(day=calendar.monthrange(written.year, written.month)[1])
    return written


def is_date(value: object) -> bool:
    """Tell whether a cell holds a date as a spreadsheet program stores it."""
    return isinstance(value, datetime | date)
