"""Telephone numbers: mobile ones as 11 digits, landlines as 0839-3300000."""

from __future__ import annotations

import re
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
    unwrapped,
)

_CLEAN = re.compile(r"1[3-9]\d{9}", re.A)
# 13888888888, 13800138000: typed to fill the cell
_MADE_UP = re.compile(
    r"1(\d)\1{9}|1[3-9](\d)\2{8}|1380013\d{4}|1[3-9]\d12345678|12345\d+", re.A
)
# area code and number; area codes have three digits or four
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})", re.A)
# +86 before a mobile, 86 before an area code
_COUNTRY = re.compile(r"^(?:\+|00)?86[-\s]*(?=1[3-9]\d{9}|0?\d{10})", re.A)
# between two numbers; a dash only where a mobile begins behind it
_SEVERAL = re.compile(
    r"[、/,;|，；和或\n]|(?<=\d{11})\s+(?=\d)|(?<=\d{11})[-—](?=1[3-9])"
)
_TWO_MOBILES = re.compile(r"1[3-9]\d{9}1[3-9]\d{9}")
# whose number it is: 138…（儿子）; brackets around an area code are no remark
_BRACKETED = re.compile(
    r"[(\[【][\d(\-+\s]{0,100}+[^\d()\]】\-+\s][^)\]】]*+[)\]】]?"
)
# 手机：138…
_LABEL = re.compile(
    r"^(?:手机|电话|联系电话|tel|mobile|mob)?(?:号码?)?[:：\s]*", re.I
)
_LONGEST = (
    100  # of a cell with one or two numbers and a word on whose they are
)
# signs that group the digits
_FILLERS = re.compile(r"[\s\-‐‑‒–—()+.·_]")


def _one(text: str) -> str | None:
    """Return one number in its plain form, or None when it is no usable one.

    手机：+86 138-1234-5678, (0839)3300000, 13812345678.0.
    """
    bare = unwrapped(_LABEL.sub("", unwrapped(text), count=1))
    bare = re.sub(
        r"\.0+$", "", bare
    )  # of a number that a program kept as a fraction
    if bare[:1] in "+08":
        bare = _COUNTRY.sub("", re.sub(r"\s+", "", bare))
    digits = _FILLERS.sub("", bare)
    if _CLEAN.fullmatch(digits):
        is_made_up = _MADE_UP.fullmatch(digits) is not None
        return None if is_made_up else digits
    landline = _LANDLINE.fullmatch(digits)
    if not landline:
        return None
    area, number = landline[1], landline[2]
    is_one_digit = (
        len(set(number)) == 1
    )  # 0839-8888888 was typed to fill the cell
    return None if is_one_digit else f"{area}-{number}"


def _pieces(text: str) -> list[str]:
    """Cut a cell into the numbers that it holds; two mobiles need no separator.

    13812345678/13987654321, 13812345678 13987654321, and both without a gap.
    """
    parts = [part for part in _SEVERAL.split(text) if part and part.strip()]
    digits = _FILLERS.sub("", text)
    if len(parts) == 1 and _TWO_MOBILES.fullmatch(digits):
        return [digits[:11], digits[11:]]
    return parts


@lru_cache(maxsize=65536)
def _from_text(text: str) -> Parsed:
    """Read the first telephone number of a text that can be used."""
    if _CLEAN.fullmatch(text) and not _MADE_UP.fullmatch(text):
        return Parsed(text)
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if len(plain) > _LONGEST:
        return unknown("C09", "W")
    pieces = _pieces(_BRACKETED.sub("", plain))
    usable = [number for number in map(_one, pieces) if number]
    if not usable:
        return unknown("C09", "W")
    first, *others = usable
    repaired: tuple[Met, ...] = ()
    if usable != [plain]:
        repaired = (met("C09", "A"),)
    second = next((number for number in others if number != first), None)
    quality = {"alt": second} if second else None
    return Parsed(first, (*found, *repaired), quality)


def parse_phone(value: object) -> Parsed:
    """Read one telephone number. Never raises.

    A second one in the cell stands in the quality as ``alt``.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return unknown("T05", "Q")
    is_whole = 0 <= value < 1e14 and value == int(value)
    if not is_whole:
        return unknown("C09", "W")
    return _from_text(str(int(value)))
