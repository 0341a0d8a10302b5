"""The numbers of disability certificates: an ID, then kind and level."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from yiku.cleaning.cleaned import (
    BLANK,
    Parsed,
    noted,
    refused,
    unknown,
)
from yiku.cleaning.ids import CLEAN, DISABILITY, GAPS, judged_id
from yiku.cleaning.text import (
    half_width,
    is_nothing,
    nothing,
)


@lru_cache(maxsize=16384)
def _disability(text: str, today: date) -> Parsed:
    """Read a text that should be a disability certificate's number."""
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    number = GAPS.sub("", plain).upper()
    if number != plain:
        found = noted(found, "I05", "A")
    held = DISABILITY.fullmatch(number)
    # a minor's certificate may carry the ID alone
    body = held[1] if held else number
    if CLEAN.fullmatch(body) and judged_id(body, (), today).value is not None:
        return Parsed(number, found)
    return refused(found, "I14", "W")


def parse_disability(value: object, today: date) -> Parsed:
    """Read a disability certificate's number: an ID, then kind 1-7 and level 1-4.

    Never raises.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _disability(value, today)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return unknown("I15" if is_number else "T05", "Q")
