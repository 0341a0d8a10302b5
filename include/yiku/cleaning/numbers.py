"""Amounts and counts: exact decimals from the cell's own text, never float arithmetic."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from statistics import median

from yiku.cleaning.amounts import Amount, read_amount, read_cents, read_months
from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.numerals import read_numeral
from yiku.cleaning.text import half_width, is_ditto, is_nothing, nothing, without_spaces
from yiku.contracts.money import FOREIGN, factor_of

CENT = Decimal("0.01")
_TOO_BIG = Decimal(10) ** 12  # numeric(14,2) holds no more
_INTEGER_LIMIT = 2**31 - 1
_LEAST = 50  # yuan: a smaller amount is in no list
_YEARS = (1900, 2100)  # of the calendar
_LONGEST_NUMBER = 40  # digits
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", re.A)
_GROUPS_OF_THREE = re.compile(r"(?<![\d.])\d{1,3}(?: \d{3})+(?!\d)", re.A)
# a space between two digits may part two numbers
_SPACE = re.compile(r"(?<![0-9一二三四五六七八九]) +| +(?![0-9一二三四五六七八九])")
_POINT_OR_COMMA = re.compile(
    r"[-+]?\d{1,3}(?:\.\d{3})+", re.A
)  # 3.000 may be three thousand
_GROUP_NUMBER = r"第?(\d{1,3}|[一二三四五六七八九十]{1,4})(?:村民)?"
_GROUP = re.compile(_GROUP_NUMBER + r"(?:小组|组|社|队|合作社|生产队)?")
_GROUP_OF_VILLAGE = re.compile(
    r"[^\d]{1,20}?(?:村|社区)" + _GROUP_NUMBER + r"(?:小组|组|社|队)"
)
_TENTHS = re.compile(r"百分之(.{1,8})|(.{1,4})成")
_OF_A_THING = frozenset("人户家次个名项")  # whatever is counted may be counted by 个
_FACTORS = {
    ("天", "周"): Decimal(7),
    ("月", "年"): Decimal(12),
    ("年", "月"): Decimal(1) / 12,
}


@dataclass(frozen=True)
class NumberRules:
    """What reading an amount must know.

    ``scale`` is 10000 where the unit is written as 万元; ``low`` and ``high`` are the plausible range, money in yuan.
    ``measure`` is what the column counts (月, 天, 人 …), ``per`` of which times and heads it speaks; an amount
    below ``least`` is more likely written in another unit than so small.
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


def _factor(amount: Amount, text: str, rules: NumberRules) -> Decimal:
    """Return what brings an amount to the column's own unit; _RefusedError when nobody can say."""
    if "rank" in {kind for kind, _ in amount.marks} and rules.measure != "名":
        raise _RefusedError("unit")
    spans = {span.rstrip("人") or span for span in amount.said("per")}
    unit = next(iter(amount.said("unit")), None)
    if unit == "外币":
        raise _RefusedError("foreign")
    if not spans <= rules.per:
        raise _RefusedError("span")
    return (
        _of_money(unit, text, rules)
        if rules.kind == "money"
        else _of_count(unit, rules)
    )


def _of_money(unit: str | None, text: str, rules: NumberRules) -> Decimal:
    if unit not in (None, "元"):
        raise _RefusedError("unit")
    if unit or rules.scale == 1 or re.search("[万亿kKwW]", text):
        return Decimal(1)
    if re.search("[百千佰仟]", text):
        raise _RefusedError("unit")  # 三千 below 万元 may be yuan
    return rules.scale


def _of_count(unit: str | None, rules: NumberRules) -> Decimal:
    if unit in (None, rules.measure) or (rules.measure is None and unit != "元"):
        return Decimal(1)
    if (unit, rules.measure) == ("年", "年度"):
        return Decimal(1)
    if unit == "个" and rules.measure in _OF_A_THING:
        return Decimal(1)
    factor = _FACTORS.get((rules.measure or "", unit or ""))
    if factor is None:
        raise _RefusedError("unit")
    return factor


def _typed(number: Decimal, rules: NumberRules) -> object:
    if rules.kind == "money":
        return number.quantize(CENT, ROUND_HALF_UP)
    return int(number) if rules.kind == "integer" else float(number)


def _judge(
    number: Decimal, rules: NumberRules, found: tuple[Met, ...], about: bool = False
) -> Parsed:
    """Hold a number against what is plausible (N04) and bring it to the column's type."""
    high = None if rules.high is None else Decimal(str(rules.high))
    if number < 0 or (high is not None and number > 100 * high) or number >= _TOO_BIG:
        return Parsed(None, (*found, met("N04", "Q")))
    if rules.kind == "integer" and (
        number != number.to_integral_value() or number > _INTEGER_LIMIT
    ):
        return Parsed(
            None,
            (*found, met("N01", "Q" if rules.mandatory else "W", kind="not_whole")),
        )
    if rules.measure == "年度" and not _YEARS[0] <= number <= _YEARS[1]:
        return Parsed(None, (*found, met("N04", "Q" if rules.mandatory else "W")))
    lowest = max(rules.low or 0, rules.least or 0 if number else 0)
    odd = (high is not None and number > high) or number < Decimal(str(lowest))
    found = (*found, met("N04", "W")) if odd else found
    return Parsed(
        _typed(number, rules), found, {"approximate": True} if about else None
    )


def _read(
    plain: str, rules: NumberRules
) -> tuple[set[tuple[Decimal, Decimal, bool, bool]], set[str]]:
    """Return what a text may mean in this column (ends, about, negative), and why other readings were refused."""
    cents = read_cents(plain) if rules.kind == "money" else None
    if cents is not None:
        return {(cents, cents, False, False)}, set()
    months = read_months(plain) if rules.measure in ("月", "年") else None
    if months is not None:
        exact = months if rules.measure == "月" else months / 12
        return {(exact, exact, False, False)}, set()
    found, refused = set(), set()
    for amount in read_amount(plain):
        try:
            factor = _factor(amount, plain, rules)
        except _RefusedError as reason:
            refused.add(reason.fact)
            continue
        found.add(
            (
                amount.low * factor,
                amount.high * factor,
                bool(amount.said("about")),
                amount.negative,
            )
        )
    return found, refused


def read_in(plain: str, rules: NumberRules) -> tuple[set[Decimal], set[str]]:
    """Return the exact amounts that a text may mean in this column, and why it means no other: foreign, span, unit."""
    readings, refused = _read(plain, rules)
    return {
        -low if negative else low
        for low, high, about, negative in readings
        if low == high and not about
    }, refused


def _undecided(rules: NumberRules, found: tuple[Met, ...], refused: set[str]) -> Parsed:
    foreign = rules.kind == "money" and "foreign" in refused
    level = "Q" if rules.mandatory or foreign else "W"
    facts = {fact: True for fact in ("foreign", "span") if fact in refused}
    return Parsed(None, (*found, met("N01", level, kind="not_a_number", **facts)))


def _joined(text: str) -> str:
    """Drop spaces, but none that may part two numbers: 3 000 is one, 3000 3500 are two."""
    grouped = _GROUPS_OF_THREE.sub(lambda m: m.group().replace(" ", ""), text)
    return _SPACE.sub("", grouped)


def _has_footnotes(text: str) -> bool:
    """Tell whether a digit of another kind stands in the text: in 3000① the ① is no part of the number."""
    return not text.isascii() and any(
        unicodedata.category(char) == "No" for char in text
    )


@lru_cache(maxsize=65536)
def _from_text(text: str, rules: NumberRules) -> Parsed:
    if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER:
        return _judge(Decimal(text) * rules.scale, rules, ())
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    plain = _joined(plain)
    exact_thousands = (
        rules.kind == "money" and rules.scale == 1 and _POINT_OR_COMMA.fullmatch(plain)
    )
    if _has_footnotes(text) or exact_thousands:
        return _undecided(rules, found, set())
    readings, refused = _read(plain, rules)
    if len(readings) != 1:
        return _undecided(rules, found, refused)
    (low, high, about, negative), plainly = readings.pop(), _PLAIN.fullmatch(plain)
    if low != high:
        ends = {"min": float(low), "max": float(high)}
        return Parsed(
            None,
            (*found, met("N01", "W", kind="range")),
            ends if high < _TOO_BIG else None,
        )
    if about:
        return _judge(low, rules, (*found, met("N01", "W", kind="about")), about=True)
    return _judge(
        -low if negative else low,
        rules,
        found if plainly else (*found, met("N01", "A")),
    )


def decimal_of(value: float) -> Decimal:
    """Return the decimal that a person would read in the cell: Decimal from the shortest text of the float."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _from_number(value: float, rules: NumberRules) -> Parsed:
    if not math.isfinite(value):
        return unknown("N04", "Q")
    number = decimal_of(value) * rules.scale
    found: tuple[Met, ...] = ()
    if rules.kind == "integer" and abs(number - number.to_integral_value()) < Decimal(
        "1e-6"
    ):
        number = number.to_integral_value()
    if (
        rules.kind == "money"
        and abs(number) < _TOO_BIG
        and number != number.quantize(CENT)
    ):
        found = (met("N03", "A"),)
    return _judge(number, rules, found)


def parse_number(value: object, rules: NumberRules) -> Parsed:
    """Read an amount or a count. Money comes as Decimal yuan with two places. Never raises."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value, rules)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value, rules)
    return unknown("T05", "Q")


def _percent(text: str) -> tuple[Decimal, bool] | None:
    """Read 95, 95%, 百分之九十五 or 九成; the flag says that the text itself tells that it is of a hundred."""
    words = _TENTHS.fullmatch(text)
    numeral = read_numeral(words[1] or words[2]) if words else None
    if words and numeral and numeral.low == numeral.high:
        return numeral.low * (1 if words[1] else 10), True
    bare = text.removesuffix("%")
    return (
        (Decimal(bare), bare != text)
        if _PLAIN.fullmatch(bare) and len(bare) < _LONGEST_NUMBER
        else None
    )


def parse_percent(value: object, rules: NumberRules, formatted: bool) -> Parsed:
    """Read a percentage as a number of percent: 95 % as 95.0, whether typed 95, 0.95 or 95%."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        plain, found = half_width(value)
        if is_nothing(plain):
            return nothing(plain)
        read = None if _has_footnotes(value) else _percent(_joined(plain))
        if read is None:
            return Parsed(None, (*found, met("N05", "W")))
        number, signed = read
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    ):
        number, signed, found = decimal_of(value), False, ()
    else:
        return (
            unknown("T05", "Q") if not isinstance(value, float) else unknown("N05", "W")
        )
    if formatted and not signed:
        return _judge(number * 100, rules, (*found, met("N05", "A")))
    if signed or number > 1 or number <= 0:
        return _judge(number, rules, found)
    # 0.95 without a format is most likely a share of one, but nobody wrote so
    return _judge(number * 100, rules, (*found, met("N05", "W")))


@lru_cache(maxsize=4096)
def _group(text: str) -> Parsed:
    plain, found = half_width(text)
    plain = without_spaces(plain)
    if is_nothing(plain):
        return nothing(plain)
    match = _GROUP.fullmatch(plain) or _GROUP_OF_VILLAGE.fullmatch(plain)
    numeral = read_numeral(match[1]) if match else None
    if numeral is None or numeral.low != numeral.high or not 0 < numeral.low < 1000:
        return Parsed(None, (*found, met("N01", "W", kind="group")))
    return Parsed(int(numeral.low), found)


def parse_group(value: object) -> Parsed:
    """Read the number of a villagers' group: 3组, 三社, 第3村民小组 are all 3."""
    if isinstance(value, str):
        return _group(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = math.isfinite(value) and value == int(value) and 0 < value < 1000
        return Parsed(int(value)) if whole else unknown("N01", "W", kind="group")
    return BLANK if value is None else unknown("T05", "Q")


def unit_doubt(
    values: list[object], unit: str | None, rules: NumberRules
) -> dict[str, object] | None:
    """Tell whether the unit of a money column is in doubt (N02); the facts say why.

    Cells that carry a unit of their own do not count. Where no unit is written, numbers too small for the column's
    yuan may be 万元; a written 万元 that makes absurd amounts of numbers that would do as yuan is one too many.
    """
    if unit == FOREIGN:
        return {"kind": "foreign"}
    numbers = [n for n in (_bare_number(v) for v in values) if n]
    if not numbers:
        return None
    middle = median(numbers)
    least = max(rules.least or 0, _LEAST)
    if unit is None:
        return {"kind": "not_written"} if middle < least else None
    made = middle * float(factor_of(unit))
    high = rules.high or 50_000_000
    too_much = made > 100 * high or (made > high and middle >= least)
    return {"kind": "absurd"} if unit != "元" and too_much else None


def _bare_number(value: object) -> float | None:
    if isinstance(value, str):
        text = without_spaces(half_width(value)[0]).replace(",", "")
        return abs(float(text)) if _PLAIN.fullmatch(text) else None
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    ):
        return abs(float(value))
    return None
