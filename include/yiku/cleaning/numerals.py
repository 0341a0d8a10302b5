"""Numerals as people write them: 3,000, 1.5万, 三千五, 五六十.

Whatever is not wholly understood is no numeral.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

# capitals as on a cheque, and other ways to write zero, two and twenty
_CAPITALS = str.maketrans(
    "壹贰叁肆伍陆柒捌玖拾佰仟〇○Ｏ两俩仨廿",
    "一二三四五六七八九十百千零零零二二三念",
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_SMALL = {"千": 1000, "百": 100, "十": 10}
_LARGE = {"亿": 10**8, "万": 10**4}
# 3k, 1.5w: as young people write 千 and 万
_LATIN = {"k": 1000, "w": 10_000}
# 3,000.50 with its commas where they belong
_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d*+)?+|\.\d++", re.A)
# digits, and the 万, 千 … behind them
_MIXED = re.compile(
    r"(\d++(?:\.\d++)?+)([亿万千百]++|[kKwW](?![a-zA-Z])|)", re.A
)
# nothing but numerals, with at most one point
_HAN = re.compile(
    r"[零一二三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+[万亿]?)?"
)
# 五六 is five or six, 三五 three to five; any other two digits are no guess
_PAIRS = {(digit, digit + 1) for digit in range(1, 9)} | {(3, 5)}
_LONGEST = 24
_NO_UNIT_YET = 10**16  # larger than any unit that is written


class Numeral(NamedTuple):
    """A number, or the two ends of one.

    ``unit`` is the 万, 千 or 亿 that it ends with (1 where none is written).
    """

    low: Decimal
    high: Decimal
    unit: int = 1


def _one(number: int | Decimal, unit: int = 1) -> Numeral:
    """Return the numeral of one exact number."""
    exact = Decimal(number)
    return Numeral(exact, exact, unit)


def read_numeral(text: str) -> Numeral | None:
    """Read a text that is one numeral from its first to its last character.

    None when it is not.
    """
    if not text or len(text) > _LONGEST:
        return None
    if _ARABIC.fullmatch(text):
        return _one(Decimal(text.replace(",", "")))
    plain = text.translate(_CAPITALS).replace("念", "二十")
    if plain[0].isascii():
        return _mixed(plain)
    return _han(plain)


def _mixed(text: str) -> Numeral | None:
    """Read digits among 万, 千 and 百: 1.5万, 3千5, 1万2千, 3千5百."""
    total = Decimal(0)
    last = _NO_UNIT_YET
    place = 0
    while place < len(text):
        found = _MIXED.match(text, place)
        if found is None:
            return None
        is_whole_text = place == 0 and found.end() == len(text)
        place = found.end()
        digits, signs = found[1], found[2]
        unit = _unit(signs)
        # units fall from left to right, and only a number alone has a fraction
        if unit is None or unit >= last:
            return None
        if Decimal(digits) % 1 and not is_whole_text:
            return None
        number: Decimal | None = Decimal(digits)
        if not signs and not is_whole_text:
            number = _tail(digits, last)
        elif Decimal(digits) * unit >= last:
            return None
        if number is None:
            return None
        # 1万2千 goes down from unit to unit
        total += number * unit
        last = unit
    return _one(total, last)


def _unit(signs: str) -> int | None:
    """Return what 万, 千万, k … stand for; None for an order that nobody writes.

    千万 is ten million; 亿万 and 百千 are written by nobody.
    """
    if not signs:
        return 1
    if len(signs) == 1:
        return _LATIN.get(signs.lower()) or _SMALL.get(signs) or _LARGE[signs]
    if len(signs) > 2:
        return None
    first, second = signs[0], signs[1]
    if second not in _LARGE or first == "亿":
        return None
    return (_SMALL.get(first) or _LARGE[first]) * _LARGE[second]


def _tail(digits: str, last: int) -> Decimal | None:
    """Read what follows the last unit: 1万5 is 15000, 1万5000 too; 1万50 may be either.

    ``last`` is that unit.
    """
    if len(digits) == 1:
        return Decimal(digits) * last / 10
    fills_the_places = 10 ** len(digits) == last
    return Decimal(digits) if fills_the_places else None


def _han(text: str) -> Numeral | None:
    """Read a numeral in Chinese characters: exact, a guess, or digit by digit.

    三千五百 is exact, 五六十 a guess, 二零一七 is read digit by digit.
    """
    if not _HAN.fullmatch(text):
        return None
    whole, _, behind = text.partition("点")
    if behind:
        return _decimal(whole, behind)
    pairs = _pairs_of_digits(text)
    if not pairs:
        exact = _exact(text)
        return None if exact is None else _one(exact, _end(text))
    is_all_digits = all(char in _DIGITS for char in text)
    if is_all_digits and (len(text) > 2 or "零" in text):
        return _digit_by_digit(text)
    if len(pairs) > 1:
        return None
    return _guess(text, pairs[0])


def _pairs_of_digits(text: str) -> list[int]:
    """Return where two digits stand beside one another, the first of them no zero."""
    return [
        place
        for place, (char, following) in enumerate(pairwise(text))
        if char in _DIGITS and following in _DIGITS and char != "零"
    ]


def _guess(text: str, place: int) -> Numeral | None:
    """Read 五六十, 三五百: the two ends are the text with one or the other digit."""
    first, second = _DIGITS[text[place]], _DIGITS[text[place + 1]]
    if (first, second) not in _PAIRS:
        return None
    low = _exact(text[: place + 1] + text[place + 2 :])
    high = _exact(text[:place] + text[place + 1 :])
    if low is None or high is None or low >= high:
        return None
    return Numeral(Decimal(low), Decimal(high), _end(text))


def _end(text: str) -> int:
    """Return the unit that a numeral ends with, 1 for none.

    It is what a range takes over: the 万 of 一到二万 is that of both.
    """
    return _LARGE.get(text[-1]) or _SMALL.get(text[-1]) or 1


def _digit_by_digit(text: str) -> Numeral | None:
    """Read 二零一七; a row of rising digits without a zero (五六七) may be a guess."""
    digits = [_DIGITS[char] for char in text]
    is_rising = all(after - before == 1 for before, after in pairwise(digits))
    if is_rising and 0 not in digits:
        return None
    return _one(Decimal(_joined(digits)))


def _joined(digits: Sequence[int]) -> str:
    """Return digits as a text."""
    return "".join(map(str, digits))


def _decimal(whole: str, behind: str) -> Numeral | None:
    """Read 三点五万: what stands before and behind the point, and the unit at the end."""
    unit = _LARGE.get(behind[-1], 1)
    if unit > 1:
        behind = behind[:-1]
    before = _exact(whole)
    if before is None:
        return None
    digits = _joined([_DIGITS[char] for char in behind])
    return _one(Decimal(f"{before}.{digits}") * unit, unit)


def _exact(text: str) -> int | None:
    """Read a numeral without pairs of digits: 三千五百, 两千五, 一千零五, 一万三."""
    total = 0
    rest = text
    for sign, unit in _LARGE.items():
        before, found, behind = rest.partition(sign)
        if not found:
            continue
        section = _section(before, 1)
        if not section:
            return None
        total += section * unit
        rest = behind
        if not rest:
            return total
        if sign == "亿" and "万" in rest:
            continue
        tail = _section(rest, unit)
        return None if tail is None else total + tail
    return _section(rest, 1)


class _Section:
    """A numeral below 万 on its way to being read, one character after the other."""

    def __init__(self, above: int) -> None:
        self.total = 0
        self.digit: int | None = None
        self.has_zero = False
        self._last_unit = above if above > 1 else 10_000
        # a lone last digit counts tenths of the unit before it: 三千五 is 3500
        self._is_colloquial = above > 1

    def take(self, char: str) -> bool:
        """Take the next character; return whether it may stand there."""
        if char == "零":
            may_stand = self.digit is None and not self.has_zero
            self.has_zero = True
            return may_stand
        if char in _SMALL:
            return self._take_unit(char)
        if char not in _DIGITS or self.digit is not None:
            return False
        self.digit = _DIGITS[char]
        return True

    def _take_unit(self, char: str) -> bool:
        """Take 十, 百 or 千; return whether it may stand there."""
        unit = _SMALL[char]
        if unit >= self._last_unit:
            return False
        if self.digit is None:
            # 十五 and 一百十五 leave out the 一 of 一十
            is_after_hundred = not self.total or self._last_unit == 100
            if char != "十" or self.has_zero or not is_after_hundred:
                return False
        self.total += (self.digit or 1) * unit
        self._last_unit = unit
        self.digit = None
        self.has_zero = False
        self._is_colloquial = True
        return True

    def last_digit_unit(self) -> int:
        """Return what a digit without a unit at the end counts."""
        if self._is_colloquial and not self.has_zero:
            return self._last_unit // 10
        return 1


def _section(text: str, above: int) -> int | None:
    """Read a numeral below 万.

    ``above`` is the unit before it, which a lone last digit is a tenth of (一万三).
    """
    section = _Section(above)
    for char in text:
        if not section.take(char):
            return None
    if section.digit is not None:
        return section.total + section.digit * section.last_digit_unit()
    # a zero must have a digit behind it
    return None if section.has_zero and text != "零" else section.total
