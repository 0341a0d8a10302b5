"""Bank accounts and cards: always text; the Luhn digit means something for cards only."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import luhn

from yiku.cleaning.cleaned import Met, Parsed, met, parse_code, unknown
from yiku.cleaning.ids import is_covered
from yiku.cleaning.text import half_width, is_ditto, is_nothing, nothing, unwrapped

_GAPS = re.compile(r"[\s\-‐‑–—_.]+")
_ACCOUNT = re.compile(r"\d{8,30}", re.A)
_CARD = re.compile(r"62\d{14,17}", re.A)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}", re.A)


@lru_cache(maxsize=65536)
def _from_text(text: str, mandatory: bool) -> Parsed:
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if _SCIENTIFIC.fullmatch(plain):
        return unknown("I15", "Q")
    plain = unwrapped(plain)
    if is_covered(plain):
        return Parsed(
            None, (*found, met("I18", "Q" if mandatory else "W", masked=True))
        )
    number = _GAPS.sub("", plain)
    if not _ACCOUNT.fullmatch(number) or len(set(number)) == 1:
        return Parsed(
            None, (*found, met("I18", "Q" if mandatory else "W", kind="form"))
        )
    repaired: tuple[Met, ...] = (met("I05", "A"),) if number != plain else ()
    # a passbook account that happens to begin with 62 would only be warned about
    doubt = _CARD.fullmatch(number) is not None and not luhn.is_valid(number)
    return Parsed(
        number, (*found, *repaired, *((met("I18", "W", kind="luhn"),) if doubt else ()))
    )


def parse_account(value: object, mandatory: bool = False) -> Parsed:
    """Read one account number; one stored as a number has lost digits or zeros (I15). Never raises."""
    return parse_code(value, _from_text, mandatory)
