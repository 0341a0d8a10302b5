"""Numerals as people write them: 3,000, 1.5万, 三千五, 五六十. Whatever is not wholly understood is no numeral."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

_CAPITALS = str.maketrans(
    "壹贰叁肆伍陆柒捌玖拾佰仟〇○Ｏ两俩仨廿", "一二三四五六七八九十百千零零零二二三念"
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_SMALL = {"千": 1000, "百": 100, "十": 10}
_LARGE = {"亿": 10**8, "万": 10**4}
_LATIN = {"k": 1000, "w": 10_000}
_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d*+)?+|\.\d++", re.A)
_MIXED = re.compile(r"(\d++(?:\.\d++)?+)([亿万千百]++|[kKwW](?![a-zA-Z])|)", re.A)
_HAN = re.compile(
    r"[零一二三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+[万亿]?)?"
)
_PAIRS = {(a, a + 1) for a in range(1, 9)} | {
    (3, 5)
}  # 五六 is five or six, 三五 three to five
_LONGEST = 24


class Numeral(NamedTuple):
    """A number, or the two ends of one. ``unit`` is the 万, 千 or 亿 that it ends with (1 where none is written)."""

    low: Decimal
    high: Decimal
    unit: int = 1


def read_numeral(text: str) -> Numeral | None:
    """Read a text that is one numeral from its first to its last character; None when it is not."""
    if not text or len(text) > _LONGEST:
        return None
    if _ARABIC.fullmatch(text):
        exact = Decimal(text.replace(",", ""))
        return Numeral(exact, exact)
    plain = text.translate(_CAPITALS).replace("念", "二十")
    return _mixed(plain) if plain[0].isascii() else _han(plain)


def _mixed(text: str) -> Numeral | None:
    """Read digits among 万, 千 and 百: 1.5万, 3千5, 1万2千, 3千5百."""
    total, last, at, single = Decimal(0), 10**16, 0, True
    while at < len(text):
        found = _MIXED.match(text, at)
        if found is None:
            return None
        number, unit = Decimal(found[1]), _unit(found[2])
        at = found.end()
        single = single and at == len(text)
        if unit is None or unit >= last or (number % 1 and not single):
            return None
        if not found[2] and not single:
            tail = _tail(found[1], last)
            if tail is None:
                return None
            number = tail
        elif number * unit >= last:
            return None
        total, last = total + number * unit, unit
    return Numeral(total, total, last)


def _unit(signs: str) -> int | None:
    """Return what 万, 千万, k … stand for; None for signs in an order that nobody writes."""
    if len(signs) == 1:
        return _LATIN.get(signs.lower()) or _SMALL.get(signs) or _LARGE[signs]
    if len(signs) == 2 and signs[1] in _LARGE and signs[0] != "亿":
        return (_SMALL.get(signs[0]) or _LARGE[signs[0]]) * _LARGE[signs[1]]
    return None if signs else 1


def _tail(digits: str, last: int) -> Decimal | None:
    """Read what follows the last unit: 1万5 is 15000, 1万5000 too; 1万50 may be either."""
    if len(digits) == 1:
        return Decimal(digits) * last / 10
    return Decimal(digits) if 10 ** len(digits) == last else None


def _han(text: str) -> Numeral | None:
    if not _HAN.fullmatch(text):
        return None
    whole, _, behind = text.partition("点")
    if behind:
        return _decimal(whole, behind)
    pairs = [
        i
        for i in range(len(text) - 1)
        if text[i] in _DIGITS and text[i + 1] in _DIGITS and text[i] != "零"
    ]
    if not pairs:
        exact = _exact(text)
        return (
            None
            if exact is None
            else Numeral(Decimal(exact), Decimal(exact), _end(text))
        )
    if all(char in _DIGITS for char in text) and (len(text) > 2 or "零" in text):
        return _digit_by_digit(text)
    at = pairs[0]
    if len(pairs) > 1 or (_DIGITS[text[at]], _DIGITS[text[at + 1]]) not in _PAIRS:
        return None
    low, high = (
        _exact(text[: at + 1] + text[at + 2 :]),
        _exact(text[:at] + text[at + 1 :]),
    )
    if low is None or high is None or low >= high:
        return None
    return Numeral(Decimal(low), Decimal(high), _end(text))


def _end(text: str) -> int:
    return _LARGE.get(text[-1]) or _SMALL.get(text[-1]) or 1


def _digit_by_digit(text: str) -> Numeral | None:
    """Read 二零一七; a row of rising digits without a zero (五六七) may as well be a guess."""
    if "零" not in text and all(
        _DIGITS[b] - _DIGITS[a] == 1 for a, b in pairwise(text)
    ):
        return None
    exact = Decimal("".join(str(_DIGITS[char]) for char in text))
    return Numeral(exact, exact)


def _decimal(whole: str, behind: str) -> Numeral | None:
    unit = _LARGE.get(behind[-1], 1)
    digits = behind if unit == 1 else behind[:-1]
    before = _exact(whole)
    if before is None:
        return None
    exact = Decimal(f"{before}.{''.join(str(_DIGITS[d]) for d in digits)}") * unit
    return Numeral(exact, exact, unit)


def _exact(text: str) -> int | None:
    """Read a numeral without pairs of digits: 三千五百, 两千五, 一千零五, 一万三."""
    total, rest = 0, text
    for sign, unit in _LARGE.items():
        before, found, rest_after = rest.partition(sign)
        if not found:
            continue
        section = _section(before, 1)
        if not section:
            return None
        total, rest = total + section * unit, rest_after
        if not rest:
            return total
        if sign == "亿" and "万" in rest:
            continue
        tail = _section(rest, unit)
        return None if tail is None else total + tail
    return _section(rest, 1)


def _section(text: str, above: int) -> int | None:
    """Read a numeral below 万; ``above`` is the unit before it, which a lone last digit is a tenth of (一万三)."""
    total, last, zero, digit = 0, above if above > 1 else 10_000, False, None
    colloquial = above > 1
    for char in text:
        if char == "零":
            if digit is not None or zero:
                return None
            zero = True
        elif char in _SMALL:
            unit = _SMALL[char]
            bare_ten = (
                char == "十" and not zero and (not total or last == 100)
            )  # 十五, 一百十五
            if unit >= last or (digit is None and not bare_ten):
                return None
            total, last, digit, zero, colloquial = (
                total + (digit or 1) * unit,
                unit,
                None,
                False,
                True,
            )
        elif char in _DIGITS and digit is None:
            digit = _DIGITS[char]
        else:
            return None
    if digit is None:
        return None if zero and text != "零" else total
    return total + digit * (last // 10 if colloquial and not zero else 1)
