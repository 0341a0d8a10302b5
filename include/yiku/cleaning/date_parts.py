"""The numbers of one date as a clerk or a program wrote it: year, month, day, as many as are there."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date

from yiku.cleaning.date_rules import DateRules

# 201703, 20170301
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
# 3/25/2017: what an American program makes of a typed day
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})")
# 1-Mar-17: what a program in English makes of a typed day
_ENGLISH = re.compile(
    r"(\d{1,2})[- ]?([A-Za-z]{3})[a-z]{0,6}[- ,]{0,3}(\d{4}|\d{2})"
)
WEEKDAY = re.compile(r"[(]?(?:星期|周|礼拜)[一二三四五六日天1-6][)]?")
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
_MONTHS = {
    name.lower(): month
    for month, name in enumerate(calendar.month_abbr)
    if name
}

Parts = tuple[int, ...]  # year, month, day: as many as are written


class ImpossibleDateError(Exception):
    """Written like a date, but no such day is in the calendar, or nobody can say."""


def _year(text: str, rules: DateRules) -> int:
    """Return the year of four digits or two.

    17 is 2017; 85 is 1985, as nobody was born in 2085.
    """
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        raise ImpossibleDateError
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


def trimmed(text: str) -> str:
    """Take off the words around one date, and write its numbers in digits.

    自二〇一七年三月起 becomes 2017年3月, 2017 . 3 . 1 becomes 2017.3.1.
    """
    text = WEEKDAY.sub("", text)
    text = text.strip().translate(_BANK_DIGITS)
    text = _HAN_DATE.sub(_arabic, text)
    text = _WORDS_BEFORE.sub("", text)
    text = _WORDS_BEHIND.sub("", text)
    text = _AROUND_SIGNS.sub(r"\1", text)
    text = _DOUBLED.sub(r"\1", text)
    return text.strip(" .。,，;；:：()、-—~/")


def parts_of(text: str, rules: DateRules) -> Parts:
    """Take the numbers of one date apart; ImpossibleDateError when it is not one."""
    compact = COMPACT.fullmatch(text)
    if compact:
        return numbers_of(compact.groups())
    foreign = _foreign(text, rules)
    if foreign:
        return foreign
    signs = _WITH_SIGNS.fullmatch(text)
    if signs:
        year, _, month, day, behind = signs.groups()
        # 17.3 may be the 17th of March; 2017.3日 and 2017.3.1月 contradict themselves
        if len(year) < 4 and not day:
            raise ImpossibleDateError
        if behind and (behind == "月") == bool(day):
            raise ImpossibleDateError
        return (_year(year, rules), *numbers_of((month, day)))
    words = _WITH_WORDS.fullmatch(text)
    if not words:
        raise ImpossibleDateError
    year, *rest = (part for part in words.groups() if part)
    return (_year(year, rules), *numbers_of(rest))


def numbers_of(parts: Iterable[str | None]) -> Parts:
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
    first, second, year = numbers_of(american.groups())
    if first == second or second > 12:
        return year, first, second
    if first > 12:
        return year, second, first
    raise ImpossibleDateError


def first_day(parts: Parts) -> tuple[date, str]:
    """Return the first day that the numbers mean, and how precise they are.

    2017 is the first of January, 2017.3 the first of March. ImpossibleDateError for a day
    that is in no calendar, or in no century that a list speaks of.
    """
    year, month, day = (*parts, 1, 1)[:3]
    try:
        found = date(year, month, day)
    except (ValueError, OverflowError):
        raise ImpossibleDateError from None
    if not 1900 <= found.year <= 2100:
        raise ImpossibleDateError
    return found, ("year", "month", "day")[len(parts) - 1]
