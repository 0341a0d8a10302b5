"""Percentages: 95, 95%, 百分之九十五 and 九成, and a share that was meant as one."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import NamedTuple

from yiku.cleaning.cleaned import (
    BLANK,
    Met,
    Parsed,
    noted,
    refused,
    unknown,
)
from yiku.cleaning.numbers import (
    LONGEST_NUMBER,
    PLAIN,
    NumberRules,
    decimal_of,
    has_footnotes,
    is_number,
    joined_digits,
    judged_number,
)
from yiku.cleaning.numerals import read_numeral
from yiku.cleaning.text import (
    half_width,
    is_nothing,
    nothing,
)

# 百分之九十五, 九成
_TENTHS = re.compile(r"百分之(.{1,8})|(.{1,4})成")


class _Percent(NamedTuple):
    """A percentage; ``is_signed`` when the text itself says that it is of a hundred."""

    number: Decimal
    is_signed: bool


def _percent(text: str) -> _Percent | None:
    """Read 95, 95%, 百分之九十五 or 九成."""
    words = _TENTHS.fullmatch(text)
    if words:
        numeral = read_numeral(words[1] or words[2])
        if numeral and numeral.low == numeral.high:
            factor = 1 if words[1] else 10
            return _Percent(numeral.low * factor, True)
    bare = text.removesuffix("%")
    if len(bare) >= LONGEST_NUMBER or not PLAIN.fullmatch(bare):
        return None
    return _Percent(Decimal(bare), bare != text)


def parse_percent(
    value: object,
    rules: NumberRules,
    formatted: bool,
) -> Parsed:
    """Read a percentage as a number of percent. Never raises.

    95 % is 95.0, whether typed 95, 0.95 or 95%. ``formatted`` when the cell's format
    shows a percent sign.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        plain, found = half_width(value)
        if is_nothing(plain):
            return nothing(plain)
        read = None if has_footnotes(value) else _percent(joined_digits(plain))
        if read is None:
            return refused(found, "N05", "W")
        return _judge_percent(read, rules, formatted, found)
    if is_number(value) and math.isfinite(value):
        read = _Percent(decimal_of(value), False)
        return _judge_percent(read, rules, formatted, ())
    if isinstance(value, float):
        return unknown("N05", "W")
    return unknown("T05", "Q")


def _judge_percent(
    read: _Percent,
    rules: NumberRules,
    formatted: bool,
    found: tuple[Met, ...],
) -> Parsed:
    """Return a percentage, whether it is of a hundred or a share of one (N05)."""
    number = read.number
    if formatted and not read.is_signed:
        return judged_number(number * 100, rules, noted(found, "N05", "A"))
    if read.is_signed or number > 1 or number <= 0:
        return judged_number(number, rules, found)
    # 0.95 without a format is most likely a share of one, but nobody wrote so
    return judged_number(number * 100, rules, noted(found, "N05", "W"))
