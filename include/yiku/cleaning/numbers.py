"""Amounts and counts: exact decimals from the cell's own text, never float arithmetic."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from statistics import median

import cn2an

from yiku.cleaning.model import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.text import half_width, is_ditto, is_nothing, nothing, without_spaces

CENT = Decimal("0.01")
TEN_THOUSAND = Decimal(10000)
_TOO_BIG = Decimal(10) ** 12  # numeric(14,2) holds no more
_INTEGER_LIMIT = 2**31 - 1
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", re.A)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.A)
_RANGE = re.compile(r"(.*?\d.*?)(?:-|~|至|到|—|–|―)(.*?\d.*)")
_AROUND = re.compile(r"大约|大概|左右|上下|约|近|不到|将近|以上|以下|多|余|来|几|±|\+$")
_CURRENCY = re.compile(r"^(?:每月|每年|每天|月均|月薪|共|合计|人民币|RMB|CNY|￥|¥|\$)+|(?:人民币)$", re.I)
_UNITS = re.compile(
    r"(?:块钱|元整|圆整|元钱|元|圆|块)?(?:[/每]?(?:个?月|年|天|日|次|人|户|期))?$|"
    r"(?:个月|个人|学时|课时|小时|周岁|人次|户|人|个|名|天|日|岁|次|家|栋|届|年|月|时|组|社|队|亩|分)$"
)
# an amount for another stretch of time than the column's: 100元/天 is no monthly wage
_OTHER_SPAN = re.compile(
    r"[/每](?:年|天|日|小时|钟头)|[元块钱](?:一|1)?(?:年|天|日)$|^(?:年薪|日薪|日工资|年收入|年均)"
)
_HAN_NUMBER = re.compile(r"[负零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点0-9.]+")
_HAN_FRACTION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>万|千|百|[kKwW])(?P<rest>\d)?", re.A)
_SCALE = {"万": 10000, "千": 1000, "百": 100, "k": 1000, "w": 10000}
_GROUP = re.compile(r"第?(\d+|[一二三四五六七八九十]+)(?:村民)?(?:小组|组|社|队|合作社|生产队)?")


@dataclass(frozen=True)
class NumberRules:
    """What reading an amount must know.

    ``scale`` is 10000 where the unit is written as 万元; ``low`` and ``high`` are the plausible range, money in yuan.
    """

    kind: str  # money, number, integer or percent
    scale: Decimal = Decimal(1)
    low: float | None = None
    high: float | None = None
    mandatory: bool = False


def _han(text: str) -> Decimal | None:
    """Read a number written in Chinese numerals or with 万, 千, 百; None when it is none."""
    mixed = _HAN_FRACTION.fullmatch(text)
    if mixed:
        unit = _SCALE[mixed["unit"].lower()]
        if mixed["rest"] and "." in mixed["number"]:
            return None
        return Decimal(mixed["number"]) * unit + Decimal(mixed["rest"] or 0) * unit / 10
    if not _HAN_NUMBER.fullmatch(text) or text.isascii():
        return None
    try:
        return Decimal(str(cn2an.cn2an(text, "smart")))
    except (ValueError, KeyError, IndexError, TypeError, InvalidOperation):
        return None


def _strip_units(text: str) -> str:
    bare = _CURRENCY.sub("", text)
    shorter = _UNITS.sub("", bare)
    while shorter and shorter != bare:
        bare, shorter = shorter, _UNITS.sub("", shorter)
    return bare.strip()


def _exact(text: str) -> tuple[Decimal, bool] | None:
    """Read one number; the flag says that it carries its own unit, so that 万元 in the header is not applied again."""
    bare = _strip_units(text)
    if _PLAIN.fullmatch(bare):
        return Decimal(bare), bare != text and "元" in text
    if _GROUPED.fullmatch(bare):
        return Decimal(bare.replace(",", "")), "元" in text
    found = _han(bare)
    return None if found is None else (found, True)


def _scaled(found: tuple[Decimal, bool], rules: NumberRules) -> Decimal:
    number, own_unit = found
    return number if own_unit else number * rules.scale


def _typed(number: Decimal, rules: NumberRules) -> object:
    if rules.kind == "money":
        return number.quantize(CENT, ROUND_HALF_UP)
    return int(number) if rules.kind == "integer" else float(number)


def _judge(number: Decimal, rules: NumberRules, found: tuple[Met, ...], about: bool = False) -> Parsed:
    """Hold a number against what is plausible (N04) and bring it to the column's type."""
    high = None if rules.high is None else Decimal(str(rules.high))
    if number < 0 or (high is not None and number > 100 * high) or number >= _TOO_BIG:
        return Parsed(None, (*found, met("N04", "Q")))
    if rules.kind == "integer" and (number != number.to_integral_value() or number > _INTEGER_LIMIT):
        return Parsed(None, (*found, met("N01", "Q" if rules.mandatory else "W", kind="not_whole")))
    odd = (high is not None and number > high) or (rules.low is not None and number < Decimal(str(rules.low)))
    found = (*found, met("N04", "W")) if odd else found
    return Parsed(_typed(number, rules), found, {"approximate": True} if about else None)


def _range(text: str, rules: NumberRules, found: tuple[Met, ...]) -> Parsed | None:
    """Read 2000-3000: no main value, but its ends."""
    sides = _RANGE.fullmatch(text)
    ends = [_exact(_AROUND.sub("", s)) for s in sides.groups()] if sides else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    # 1-2万: the unit of the right end is the unit of both
    low, high = _scaled(ends[0], rules), _scaled(ends[1], rules)
    if ends[1][1] and not ends[0][1] and "万" in text and low < high:
        low = ends[0][0] * TEN_THOUSAND
    if not 0 <= low <= high < _TOO_BIG:
        return None
    return Parsed(None, (*found, met("N01", "W", kind="range")), {"min": float(low), "max": float(high)})


def _percent(text: str) -> tuple[Decimal, bool] | None:
    bare = text.rstrip("%").strip()
    signed = text.endswith("%")
    return (Decimal(bare), signed) if _PLAIN.fullmatch(bare) else None


@lru_cache(maxsize=65536)
def _from_text(text: str, rules: NumberRules) -> Parsed:
    if text.isascii() and text.isdigit():
        return _judge(Decimal(text) * rules.scale, rules, ())
    plain, found = half_width(text)
    plain = without_spaces(plain)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    other_span = rules.kind == "money" and _OTHER_SPAN.search(plain) is not None
    exact = None if other_span else _exact(plain)
    if exact:
        repaired = () if _PLAIN.fullmatch(plain) else (met("N01", "A"),)
        return _judge(_scaled(exact, rules), rules, (*found, *repaired))
    about = plain if other_span else _AROUND.sub("", plain)
    exact = _exact(about) if about != plain and "几" not in plain else None
    if exact:
        return _judge(_scaled(exact, rules), rules, (*found, met("N01", "W", kind="about")), about=True)
    ends = None if other_span else _range(plain, rules, found)
    return ends or Parsed(None, (*found, met("N01", "Q" if rules.mandatory else "W", kind="not_a_number")))


def decimal_of(value: float) -> Decimal:
    """Return the decimal that a person would read in the cell: Decimal from the shortest text of the float."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _from_number(value: float, rules: NumberRules) -> Parsed:
    if not math.isfinite(value):
        return unknown("N04", "Q")
    number = decimal_of(value) * rules.scale
    found: tuple[Met, ...] = ()
    if rules.kind == "integer" and abs(number - number.to_integral_value()) < Decimal("1e-6"):
        number = number.to_integral_value()
    if rules.kind == "money" and abs(number) < _TOO_BIG and number != number.quantize(CENT):
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


def parse_percent(value: object, rules: NumberRules, formatted: bool) -> Parsed:
    """Read a percentage as a number of percent: 95 % as 95.0, whether typed 95, 0.95 or 95%."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        plain, found = half_width(value)
        if is_nothing(plain):
            return nothing(plain)
        read = _percent(without_spaces(plain))
        if read is None:
            return Parsed(None, (*found, met("N05", "W")))
        number, signed = read
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        number, signed, found = decimal_of(value), False, ()
    else:
        return unknown("T05", "Q") if not isinstance(value, float) else unknown("N05", "W")
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
    match = _GROUP.fullmatch(plain) or re.fullmatch(
        r".*?村(?:第)?(\d+|[一二三四五六七八九十]+)(?:村民)?(?:小组|组|社|队)", plain
    )
    number = (Decimal(match[1]) if match[1].isascii() else _han(match[1])) if match else None
    if number is None or not 0 < number < 1000:
        return Parsed(None, (*found, met("N01", "W", kind="group")))
    return Parsed(int(number), found)


def parse_group(value: object) -> Parsed:
    """Read the number of a villagers' group: 3组, 三社, 第3村民小组 are all 3."""
    if isinstance(value, str):
        return _group(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = math.isfinite(value) and value == int(value) and 0 < value < 1000
        return Parsed(int(value)) if whole else unknown("N01", "W", kind="group")
    return BLANK if value is None else unknown("T05", "Q")


def unit_doubt(values: list[object], unit: str | None, high: float | None) -> dict[str, object] | None:
    """Tell whether the unit of a money column is in doubt (N02); the facts say why.

    Cells that carry a unit of their own do not count. Without a written unit a median below 50 may be 万元; a
    written 万元 that makes absurd amounts is one too many.
    """
    numbers = [n for n in (_bare_number(v) for v in values) if n]
    if not numbers:
        return None
    middle = median(numbers)
    if unit is None:
        return {"kind": "not_written"} if middle < 50 else None
    limit = 100 * high if high else 50_000_000
    return {"kind": "absurd"} if unit == "万元" and middle * 10000 > limit else None


def _bare_number(value: object) -> float | None:
    if isinstance(value, str):
        text = without_spaces(half_width(value)[0]).replace(",", "")
        return abs(float(text)) if _PLAIN.fullmatch(text) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return abs(float(value))
    return None
