"""Amounts and counts: exact decimals from the cell's own text, never float arithmetic."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeGuard

from yiku.cleaning.amounts import Amount, read_amount, read_cents, read_months
from yiku.cleaning.cleaned import (
    BLANK,
    Met,
    Parsed,
    met,
    noted,
    refused,
    unknown,
)
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
)

CENT = Decimal("0.01")
_TOO_BIG = Decimal(10) ** 12  # numeric(14,2) holds no more
_INTEGER_LIMIT = 2**31 - 1
LEAST_YUAN = 50  # yuan: a smaller amount is in no list
_YEARS = (1900, 2100)  # of the calendar
LONGEST_NUMBER = 40  # digits
HIGHEST_YUAN = 50_000_000  # yuan: the most of a column that says no other
# what a formula may be off by where it means a whole number
_ROUNDING = Decimal("1e-6")
PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", re.A)
# 3 000 000 as European programs write it
_GROUPS_OF_THREE = re.compile(r"(?<![\d.])\d{1,3}(?: \d{3})+(?!\d)", re.A)
# a space between two digits may part two numbers
_SPACE = re.compile(
    r"(?<![0-9一二三四五六七八九]) +| +(?![0-9一二三四五六七八九])"
)
_POINT_OR_COMMA = re.compile(
    r"[-+]?\d{1,3}(?:\.\d{3})+", re.A
)  # 3.000 may be three thousand
_OF_A_THING = frozenset(
    "人户家次个名项"
)  # whatever is counted may be counted by 个
# (what the column counts, what was written) -> how many of the first it is
_FACTORS = {
    ("天", "周"): Decimal(7),
    ("月", "年"): Decimal(12),
    ("年", "月"): Decimal(1) / 12,
}


@dataclass(frozen=True)
class NumberRules:
    """What reading an amount must know.

    ``scale`` is 10000 where the unit is written as 万元; ``low`` and ``high`` are the
    plausible range, money in yuan. ``measure`` is what the column counts (月, 天, 人
    …), ``per`` of which times and heads it speaks; an amount below ``least`` is more
    likely written in another unit than so small.
    """

    kind: str  # money, number, integer or percent
    scale: Decimal = Decimal(1)
    low: float | None = None
    high: float | None = None
    mandatory: bool = False
    measure: str | None = None
    per: frozenset[str] = frozenset()
    least: float | None = None


class _RefusedError(Exception):
    """Understood, and not what the column asks for. ``fact`` says why: foreign, span or unit."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class _Reading(NamedTuple):
    """One amount that a text may mean, in the column's own unit."""

    low: Decimal
    high: Decimal
    is_about: bool = False
    is_negative: bool = False

    @property
    def exact(self) -> Decimal:
        """The amount where both ends are one."""
        return -self.low if self.is_negative else self.low


def _factor(
    amount: Amount,
    text: str,
    rules: NumberRules,
) -> Decimal:
    """Return what brings an amount to the column's own unit.

    _RefusedError when nobody can say.
    """
    is_rank = any(kind == "rank" for kind, _ in amount.marks)
    if is_rank and rules.measure != "名":
        raise _RefusedError("unit")
    unit = next(iter(amount.said("unit")), None)
    if unit == "外币":
        raise _RefusedError("foreign")
    # 元/月/人 is 元/月 of one person; 元/人 alone stays of a person
    spans = {span.rstrip("人") or span for span in amount.said("per")}
    if not spans <= rules.per:
        raise _RefusedError("span")
    if rules.kind == "money":
        return _of_money(unit, text, rules)
    return _of_count(unit, rules)


def _of_money(
    unit: str | None,
    text: str,
    rules: NumberRules,
) -> Decimal:
    """Return how many yuan one of a text's number is.

    Below a header in 万元 a bare 3 is 30,000; 3元 and 3万 say themselves what they are.
    """
    if unit not in (None, "元"):
        raise _RefusedError("unit")
    if unit or rules.scale == 1 or re.search("[万亿kKwW]", text):
        return Decimal(1)
    if re.search("[百千佰仟]", text):
        raise _RefusedError("unit")  # 三千 below 万元 may be yuan
    return rules.scale


def _of_count(unit: str | None, rules: NumberRules) -> Decimal:
    """Return how many of what the column counts one of a text's number is.

    2年 in a column of months is 24; 3个 in a column of persons is 3.
    """
    measure = rules.measure
    if unit in (None, measure):
        return Decimal(1)
    if measure is None and unit != "元":
        return Decimal(1)
    if (unit, measure) == ("年", "年度"):
        return Decimal(1)
    if unit == "个" and measure in _OF_A_THING:
        return Decimal(1)
    factor = _FACTORS.get((measure or "", unit or ""))
    if factor is None:
        raise _RefusedError("unit")
    return factor


def _typed(number: Decimal, rules: NumberRules) -> object:
    """Return a number in the type of its column.

    Money in Decimal with two places, counts as int, anything else as float.
    """
    if rules.kind == "money":
        return number.quantize(CENT, ROUND_HALF_UP)
    if rules.kind == "integer":
        return int(number)
    return float(number)


def judged_number(
    number: Decimal,
    rules: NumberRules,
    found: tuple[Met, ...],
    about: bool = False,
) -> Parsed:
    """Hold a number against what is plausible (N04); bring it to the column's type."""
    high = None if rules.high is None else Decimal(str(rules.high))
    is_absurd = number < 0 or number >= _TOO_BIG
    if is_absurd or (high is not None and number > 100 * high):
        return refused(found, "N04", "Q")
    unsure = "Q" if rules.mandatory else "W"
    if rules.kind == "integer" and not _is_integer(number):
        return refused(found, "N01", unsure, kind="not_whole")
    first, last = _YEARS
    if rules.measure == "年度" and not first <= number <= last:
        return refused(found, "N04", unsure)
    # nothing is a plausible amount where a small one is not: 0 was typed on purpose
    least = (rules.least or 0) if number else 0
    lowest = Decimal(str(max(rules.low or 0, least)))
    if number < lowest or (high is not None and number > high):
        found = noted(found, "N04", "W")
    quality = {"approximate": True} if about else None
    return Parsed(_typed(number, rules), found, quality)


def _is_integer(number: Decimal) -> bool:
    """Return whether a number is whole, and small enough for its column."""
    return number == number.to_integral_value() and number <= _INTEGER_LIMIT


def _read(plain: str, rules: NumberRules) -> tuple[set[_Reading], set[str]]:
    """Return what a text may mean in this column, and why other readings were refused.

    Reasons are those of _RefusedError.
    """
    if rules.kind == "money":
        cents = read_cents(plain)
        if cents is not None:
            return {_Reading(cents, cents)}, set()
    if rules.measure in ("月", "年"):
        months = read_months(plain)
        if months is not None:
            exact = months if rules.measure == "月" else months / 12
            return {_Reading(exact, exact)}, set()
    found: set[_Reading] = set()
    reasons: set[str] = set()
    for amount in read_amount(plain):
        try:
            factor = _factor(amount, plain, rules)
        except _RefusedError as reason:
            reasons.add(reason.fact)
            continue
        low, high = amount.low * factor, amount.high * factor
        is_about = bool(amount.said("about"))
        found.add(_Reading(low, high, is_about, amount.negative))
    return found, reasons


def read_in(plain: str, rules: NumberRules) -> tuple[set[Decimal], set[str]]:
    """Return the exact amounts that a text may mean in this column.

    And why it means no other: foreign, span, unit.
    """
    readings, reasons = _read(plain, rules)
    exact: set[Decimal] = set()
    for reading in readings:
        if reading.low == reading.high and not reading.is_about:
            exact.add(reading.exact)
    return exact, reasons


def _undecided(
    rules: NumberRules,
    found: tuple[Met, ...],
    reasons: set[str],
) -> Parsed:
    """Return the answer for a text that is no amount, or may be several (N01).

    Money of another country goes back, whatever the column: nobody converts it.
    """
    is_foreign = rules.kind == "money" and "foreign" in reasons
    level = "Q" if rules.mandatory or is_foreign else "W"
    facts = {fact: True for fact in ("foreign", "span") if fact in reasons}
    return refused(found, "N01", level, kind="not_a_number", **facts)


def joined_digits(text: str) -> str:
    """Drop spaces, but none that may part two numbers.

    3 000 is one, 3000 3500 are two.
    """
    grouped = _GROUPS_OF_THREE.sub(_without_gaps, text)
    return _SPACE.sub("", grouped)


def _without_gaps(match: re.Match[str]) -> str:
    """Return a number without the spaces between its groups."""
    return match.group().replace(" ", "")


def has_footnotes(text: str) -> bool:
    """Return whether a digit of another kind stands in the text.

    In 3000① the ① is no part of the number.
    """
    if text.isascii():
        return False
    return any(unicodedata.category(char) == "No" for char in text)


@lru_cache(maxsize=65536)
def _from_text(text: str, rules: NumberRules) -> Parsed:
    """Read an amount in a text; plain digits, as most are, at once."""
    if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER:
        return judged_number(Decimal(text) * rules.scale, rules, ())
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    plain = joined_digits(plain)
    if has_footnotes(text) or _may_be_thousands(plain, rules):
        return _undecided(rules, found, set())
    readings, reasons = _read(plain, rules)
    if len(readings) != 1:
        return _undecided(rules, found, reasons)
    return _meant(readings.pop(), plain, rules, found)


def _may_be_thousands(plain: str, rules: NumberRules) -> bool:
    """Return whether 3.000 yuan may be three thousand; no clerk writes 3 so."""
    if rules.kind != "money" or rules.scale != 1:
        return False
    return _POINT_OR_COMMA.fullmatch(plain) is not None


def _meant(
    reading: _Reading,
    plain: str,
    rules: NumberRules,
    found: tuple[Met, ...],
) -> Parsed:
    """Return the one amount that a text means; of a range only its two ends.

    About 3000 is taken as 3000 and asked about; of 2000到3000 nothing is taken.
    """
    if reading.low != reading.high:
        ends = {"min": float(reading.low), "max": float(reading.high)}
        quality = ends if reading.high < _TOO_BIG else None
        return Parsed(None, noted(found, "N01", "W", kind="range"), quality)
    if reading.is_about:
        told = met("N01", "W", kind="about")
        return judged_number(reading.low, rules, (*found, told), about=True)
    if not PLAIN.fullmatch(plain):
        found = noted(found, "N01", "A")
    return judged_number(reading.exact, rules, found)


def decimal_of(value: float) -> Decimal:
    """Return the decimal that a person would read in the cell.

    From the shortest text of the float: 0.1 is one tenth.
    """
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _from_number(value: float, rules: NumberRules) -> Parsed:
    """Read an amount that the file stores as a number.

    More than two places of money are rounded, and told (N03).
    """
    if not math.isfinite(value):
        return unknown("N04", "Q")
    number = decimal_of(value) * rules.scale
    found: tuple[Met, ...] = ()
    if rules.kind == "integer":
        # a formula leaves 2.9999999999 where it means 3
        whole = number.to_integral_value()
        if abs(number - whole) < _ROUNDING:
            number = whole
    if rules.kind == "money" and abs(number) < _TOO_BIG:
        if number != number.quantize(CENT):
            found = (met("N03", "A"),)
    return judged_number(number, rules, found)


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a cell is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def parse_number(value: object, rules: NumberRules) -> Parsed:
    """Read an amount or a count. Never raises.

    Money comes as Decimal yuan with two places.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value, rules)
    if is_number(value):
        return _from_number(value, rules)
    return unknown("T05", "Q")
