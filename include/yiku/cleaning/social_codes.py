"""Unified social credit codes (GB 32100-2015), those of village collectives (N1 N2 N3) included."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from stdnum.cn import uscc

from yiku.cleaning.cleaned import Met, Parsed, met, parse_code, unknown
from yiku.cleaning.ids import CLEAN, is_placeholder, parse_id
from yiku.cleaning.text import half_width, is_ditto, is_nothing, nothing, unwrapped

_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.A)
_MISREAD = str.maketrans(
    "OIZS", "0125"
)  # letters that the alphabet leaves out for their likeness to digits
_GAPS = re.compile(r"[\s\-‐‑–—_.]+")
_OLD = re.compile(r"\d{15}|\d{13}", re.A)
_STARTS = re.compile(
    r"1[1-39]|5[1-39]|9[1-3]|[A-Y][1-9]", re.A
)  # who registers the entity, and what it is
_LIKE_ID = re.compile(r"\d{6}(?:19|20)\d{9}[\dXx]", re.A)


def check_sign(code: str) -> str:
    """Return the check character that belongs to the first 17 of a code."""
    return str(uscc.calc_check_digit(code[:17]))


def is_valid(code: str) -> bool:
    """Tell whether a code has the right form and check character."""
    return _FORM.fullmatch(code) is not None and check_sign(code) == code[17]


@lru_cache(maxsize=16384)
def _from_text(text: str, mandatory: bool) -> Parsed:
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    code = _GAPS.sub("", unwrapped(plain)).upper()
    repaired: tuple[Met, ...] = () if code == plain else (met("I05", "A"),)
    if is_valid(code):
        return Parsed(code, (*found, *repaired))
    # the alphabet has no O I Z S: such a letter can only be the digit that it looks like
    likely = code.translate(_MISREAD)
    if likely != code and is_valid(likely):
        return Parsed(likely, (*found, *repaired, met("I17", "A")))
    if _OLD.fullmatch(code):
        return Parsed(code, (*found, *repaired, met("I17", "W", kind="old_number")))
    return Parsed(None, (*found, *repaired, met("I17", "Q" if mandatory else "W")))


def parse_uscc(value: object, mandatory: bool = False) -> Parsed:
    """Read one credit code; an old registration number of 13 or 15 digits is kept with a warning. Never raises."""
    return parse_code(value, _from_text, mandatory)


def parse_id_or_uscc(value: object, today: date, mandatory: bool = True) -> Parsed:
    """Read a payee's number: a person's ID or an entity's code, whichever it can be. Never raises."""
    if not isinstance(value, str):
        return parse_id(value, today, mandatory)
    plain = _GAPS.sub("", unwrapped(half_width(value)[0])).upper()
    if CLEAN.fullmatch(plain) and (
        _LIKE_ID.fullmatch(plain) or not _STARTS.match(plain) or not is_valid(plain)
    ):
        return parse_id(value, today, mandatory)
    if is_placeholder(plain):
        return parse_id(value, today, mandatory)
    entity = (
        len(plain) == 18
        and not _LIKE_ID.fullmatch(plain)
        and re.search(r"[A-HJ-NPQRTUWY]", plain[:17])
    )
    if is_valid(plain) or (entity and _STARTS.match(plain)):
        return parse_uscc(value, mandatory)
    return parse_id(value, today, mandatory)
