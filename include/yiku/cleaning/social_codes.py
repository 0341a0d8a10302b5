"""Unified social credit codes (GB 32100-2015).

Those of village collectives (N1 N2 N3) are included.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from stdnum.cn import uscc

from yiku.cleaning.cleaned import Parsed, noted, parse_code, refused, unknown
from yiku.cleaning.ids import CLEAN, is_placeholder, parse_id
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
    unwrapped,
)

# registrar and kind, division code, organisation code, check character
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.A)
# letters that the alphabet leaves out for their likeness to digits
_MISREAD = str.maketrans("OIZS", "0125")
_GAPS = re.compile(r"[\s\-‐‑–—_.]+")
# registration numbers of enterprises before 2015
_OLD = re.compile(r"\d{15}|\d{13}", re.A)
# who registers the entity, and what it is
_STARTS = re.compile(r"1[1-39]|5[1-39]|9[1-3]|[A-Y][1-9]", re.A)
# a birth date where an ID has it
_LIKE_ID = re.compile(r"\d{6}(?:19|20)\d{9}[\dXx]", re.A)


def check_sign(code: str) -> str:
    """Return the check character that belongs to the first 17 of a code."""
    return str(uscc.calc_check_digit(code[:17]))


def is_valid(code: str) -> bool:
    """Return whether a code has the right form and check character."""
    return _FORM.fullmatch(code) is not None and check_sign(code) == code[17]


@lru_cache(maxsize=16384)
def _from_text(text: str, mandatory: bool) -> Parsed:
    """Read a text that should be a credit code."""
    plain, found = half_width(text)
    if is_nothing(plain):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    code = _close(plain)
    if code != plain:
        found = noted(found, "I05", "A")
    if is_valid(code):
        return Parsed(code, found)
    # the alphabet has no O I Z S: such a letter can only be the digit it looks like
    likely = code.translate(_MISREAD)
    if likely != code and is_valid(likely):
        return Parsed(likely, noted(found, "I17", "A"))
    if _OLD.fullmatch(code):
        return Parsed(code, noted(found, "I17", "W", kind="old_number"))
    return refused(found, "I17", "Q" if mandatory else "W")


def _close(text: str) -> str:
    """Return a number without what stands around it and between its signs."""
    return _GAPS.sub("", unwrapped(text)).upper()


def parse_uscc(value: object, mandatory: bool = False) -> Parsed:
    """Read one credit code. Never raises.

    An old registration number of 13 or 15 digits is kept with a warning.
    """
    return parse_code(value, _from_text, mandatory)


def parse_id_or_uscc(
    value: object,
    today: date,
    mandatory: bool = True,
) -> Parsed:
    """Read a payee's number: a person's ID or an entity's code. Never raises.

    Whichever it can be; what may be both, or neither, is read as an ID.
    """
    if isinstance(value, str) and _is_entity(_close(half_width(value)[0])):
        return parse_uscc(value, mandatory)
    return parse_id(value, today, mandatory)


def _is_entity(code: str) -> bool:
    """Return whether a payee's number can only be meant for an entity's code."""
    if is_placeholder(code):
        return False
    has_right_signs = is_valid(code)
    if CLEAN.fullmatch(code):
        # 18 digits: an entity's only where they have no birth date and all is right
        if _LIKE_ID.fullmatch(code) or not _STARTS.match(code):
            return False
        return has_right_signs
    if has_right_signs:
        return True
    if len(code) != 18 or _LIKE_ID.fullmatch(code):
        return False
    has_letter = re.search(r"[A-HJ-NPQRTUWY]", code[:17])
    return has_letter is not None and _STARTS.match(code) is not None
