"""Bank accounts and cards: always text; the Luhn digit means something for cards only."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import luhn

from yiku.cleaning.cleaned import Parsed, noted, parse_code, refused, unknown
from yiku.cleaning.ids import is_covered
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
    unwrapped,
)

# cards print their number in groups of four
_GAPS = re.compile(r"[\s\-‐‑–—_.]+")
# from a co-operative's passbook to the longest card
_ACCOUNT = re.compile(r"\d{8,30}", re.A)
# cards of China UnionPay; only they have a Luhn digit
_CARD = re.compile(r"62\d{14,17}", re.A)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}", re.A)


@lru_cache(maxsize=65536)
def _from_text(text: str, mandatory: bool) -> Parsed:
    """Read an account in a text, what stands around and between it taken off."""
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if _SCIENTIFIC.fullmatch(plain):
        return unknown("I15", "Q")
    plain = unwrapped(plain)
    level = "Q" if mandatory else "W"
    if is_covered(plain):
        return refused(found, "I18", level, masked=True)
    number = _GAPS.sub("", plain)
    is_one_digit = (
        len(set(number)) == 1
    )  # 000000000 was typed to fill the cell
    if not _ACCOUNT.fullmatch(number) or is_one_digit:
        return refused(found, "I18", level, kind="form")
    if number != plain:
        found = noted(found, "I05", "A")
    # a passbook account that happens to begin with 62 is only warned about
    if _CARD.fullmatch(number) and not luhn.is_valid(number):
        found = noted(found, "I18", "W", kind="luhn")
    return Parsed(number, found)


def parse_account(value: object, mandatory: bool = False) -> Parsed:
    """Read one account number. Never raises.

    One stored as a number has lost digits or zeros (I15).
    """
    return parse_code(value, _from_text, mandatory)
