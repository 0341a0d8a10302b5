"""Resident IDs (GB 11643-1999).

A mistyped number is never corrected, a number stored as a number never loaded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from yiku.cleaning.cleaned import (
    BLANK,
    Met,
    Parsed,
    met,
    noted,
    refused,
    unknown,
)
from yiku.cleaning.id_arithmetic import (
    born_plausibly,
    check_digit,
    check_digits_right,
    region_known,
)
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
    unwrapped,
    without_spaces,
)

# 18 signs, the last a check digit from 0 to X
CLEAN = re.compile(r"\d{17}[\dX]", re.A)
# 5.10802E+17: what a csv saved by a spreadsheet program keeps of a number
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?1\d", re.A)
# a label before the number: 身份证号：5108…
_PREFIX = re.compile(
    r"(?:ID|身份证号?码?|证件号码?|号码|No\.?)[:：]?\s*(?=[\d\"'“‘「『(\[【])",
    re.I,
)
# 5108…（户主）: a word behind it
_REMARK = re.compile(r"[(\[【][^)\]】\d]*[)\]】]?$")
# chat programs and scanners set numbers in groups
GAPS = re.compile(r"[\s\-‐‑‒–—―－_.,·]+")
# x, Cyrillic and Greek letters, a times sign, the Roman ten, a star
_ENDING_X = re.compile(r"[xＸｘХхΧχ×✕Ⅹⅹ*＊]$")
# a disability certificate: the ID, then kind and level; B for a new copy
DISABILITY = re.compile(r"(\d{17}[\dX])[1-7][1-4](?:B\d)?", re.A)
# letters that are read for digits, by eyes and by scanners
_MISREAD = str.maketrans("OoIlLZzBSsQq", "001112285500")
_LETTERS_INSIDE = re.compile(
    r"(?=.*[OoIlLZzBSsQq])[\dOoIlLZzBSsQq]{17}[\dXOoIlLZzBSsQq]", re.A
)
_X_INSIDE = re.compile(r"(?=.{0,16}X)[\dX]{18}", re.A)
# officers' papers, travel permits, passports
_OTHER_PAPER = re.compile(
    r"[^字军士文兵警护港澳台]*+[字军士文兵警护港澳台].*?\d{4}.*|[A-Z]{1,2}\d{7,9}|[HM]\d{8,10}|(?:护照|军官证|出生证|户口簿).*",
    re.S,
)
# what is typed to fill a mandatory cell
_PLACEHOLDER = re.compile(
    r"(\d)\1{5,}|(?:123456789|012345678)\d*X?|[xX*?？]{3,}|"
    r"\D*(?:不详|待补|未知|不清楚|没有|未办|没办|暂缺|缺|丢失|遗失|忘记|不知道|未提供|补办|办理中|后补)\D*|无\D{0,6}|待\D{0,3}"
)
# 510802********9977: covered for publication
_COVERED = re.compile(
    r"[\d\s]{2,16}(?:[*＊×✕✖✱Xx#＃•·●○◯■□?？_]{2,16}|[-—.…]{3,16})[\dXx\s]{0,16}",
    re.A,
)
_NUMBERS = re.compile(r"\d{17}[\dXx]|\d{15}", re.A)
_LONGEST = (
    60  # of a cell that holds one number, with whatever stands around it
)
_MOST = 1e300  # near the largest float


def judged_id(
    number: str,
    found: tuple[Met, ...],
    today: date,
) -> Parsed:
    """Judge a number of the right form by its date and its check digit."""
    wrong: list[Met] = []
    if check_digit(number) != number[17]:
        # a number that ends in 000 went through a program that keeps 15 digits
        code = "I02" if number.endswith("000") else "I08"
        wrong.append(met(code, "Q"))
    if not born_plausibly(number[6:14], today):
        wrong.append(met("I09", "Q"))
    if wrong:
        return Parsed(None, (*found, *wrong))
    if not region_known(number):
        found = noted(found, "I16", "W")
    return Parsed(number, found)


def _upgrade(
    number: str,
    found: tuple[Met, ...],
    today: date,
) -> Parsed:
    """Turn an old number of 15 digits into 18; unique by its definition.

    All of them are of people born before 2000.
    """
    if not born_plausibly("19" + number[6:12], today):
        return refused(found, "I09", "Q")
    body = f"{number[:6]}19{number[6:]}"
    return Parsed(body + check_digit(body), noted(found, "I06", "W"))


def read_clean_ids(texts: Sequence[str], today: date) -> dict[str, Parsed]:
    """Read at once all numbers that need no repair, their check digits together.

    The others are left out.
    """
    clean = [
        text
        for text in dict.fromkeys(texts)
        if len(text) == 18 and CLEAN.fullmatch(text)
    ]
    found: dict[str, Parsed] = {}
    are_right = check_digits_right(clean).tolist()
    for number, is_right in zip(clean, are_right, strict=True):
        if not is_right or not region_known(number):
            continue
        if born_plausibly(number[6:14], today):
            found[number] = Parsed(number)
    return found


def is_placeholder(text: str) -> bool:
    """Return whether clean text only holds the place of a number.

    123456789012345678, 000000, 待补.
    """
    return _PLACEHOLDER.fullmatch(text) is not None


def is_covered(text: str) -> bool:
    """Return whether somebody hid the middle or the end of a number.

    5108**********9977.
    """
    if not _COVERED.fullmatch(text):
        return False
    if sum(char.isdigit() for char in text) < 4:
        return False
    # a whole number whose last sign is an * in place of X hides nothing
    return not CLEAN.fullmatch(GAPS.sub("", text).upper())


def _form(text: str) -> str:
    """Say what kind of thing stands where an ID should be.

    The message says what it looks like, never what it is.
    """
    if re.fullmatch(r"1[3-9]\d{9}", text):
        return "phone"
    if re.fullmatch(r"\d{16,19}", text):
        return "account"
    return "digits" if re.search(r"\d", text) else "name"


def _not_18(
    text: str,
    found: tuple[Met, ...],
    today: date,
) -> Parsed:
    """Say what a text is that is no number of 18 characters."""
    disability = DISABILITY.fullmatch(text)
    if disability:
        number = disability[1]
        if check_digit(number) == number[17]:
            parsed = judged_id(number, noted(found, "I14", "A"), today)
            return parsed._replace(quality={"disability_no": text})
    if _LETTERS_INSIDE.fullmatch(text):
        return _misread(text, found, today)
    if _X_INSIDE.fullmatch(text):
        return refused(found, "I03", "Q")
    if _OTHER_PAPER.fullmatch(text):
        return Parsed(None, noted(found, "I14", "W"), {"other_document": text})
    if len(_NUMBERS.findall(text)) > 1:
        return refused(found, "I07", "Q", several=True)
    told = met("I07", "Q", n=len(text), form=_form(text))
    return Parsed(None, (*found, told))


def _misread(
    text: str,
    found: tuple[Met, ...],
    today: date,
) -> Parsed:
    """Refuse letters among the digits (I04); what they were misread from is proposed.

    A mistyped number is never corrected.
    """
    candidate = text.translate(_MISREAD)
    is_valid = judged_id(candidate, (), today).value is not None
    quality = {"candidate": candidate} if is_valid else None
    return Parsed(None, noted(found, "I04", "Q"), quality)


def _numeric(value: float) -> Parsed:
    """Refuse an ID stored as a number (I01).

    Only its first 15 digits are real, and none may be loaded.
    """
    quality: dict[str, object] | None = None
    if 1e16 <= value < math.inf:
        digits = f"{value:.15g}".replace(".", "").split("e")[0]
        quality = {"prefix15": digits.ljust(15, "0")}
    return Parsed(None, (met("I01", "Q"),), quality)


def _ending(text: str) -> tuple[str, tuple[Met, ...]]:
    """Write the last sign as X where something like it was typed (I03)."""
    if len(text) == 18 and _ENDING_X.search(text):
        return text[:17] + "X", (met("I03", "A"),)
    return text, ()


@lru_cache(maxsize=65536)
def _from_text(
    text: str,
    mandatory: bool,
    today: date,
) -> Parsed:
    """Read a text that should be an ID: nothing, a placeholder, or a number."""
    if CLEAN.fullmatch(text) and not _PLACEHOLDER.fullmatch(text):
        return judged_id(text, (), today)
    plain, found = half_width(text)
    if is_ditto(plain):
        return unknown("L12", "Q")
    says_nothing = is_nothing(plain)
    if not plain or (says_nothing and not mandatory):
        return nothing(plain)
    if _SCIENTIFIC.fullmatch(plain):
        return unknown("F04", "Q")
    if says_nothing or _PLACEHOLDER.fullmatch(without_spaces(plain)):
        return unknown("I13", "Q" if mandatory else "W")
    if len(plain) > _LONGEST:
        told = met("I07", "Q", n=len(plain), form="text")
        return Parsed(None, (*found, told))
    return _repaired(plain, found, today)


def _repaired(
    plain: str,
    found: tuple[Met, ...],
    today: date,
) -> Parsed:
    """Take off what stands around a number and between its digits, and judge it.

    Each step that changed something is noted: brackets and labels (C03), gaps (I05).
    """
    unlabelled = _PREFIX.sub("", unwrapped(plain), count=1)
    bare = unwrapped(unlabelled).rstrip("。；;、 ")
    if bare != plain:
        found = noted(found, "C03", "A")
    if is_covered(bare):
        return refused(found, "I07", "Q", masked=True)
    close = GAPS.sub("", _REMARK.sub("", bare))
    if close != bare:
        found = noted(found, "I05", "A")
    number, ending = _ending(close)
    found = (*found, *ending)
    if CLEAN.fullmatch(number):
        return judged_id(number, found, today)
    if re.fullmatch(r"\d{15}", number, re.A):
        return _upgrade(number, found, today)
    return _not_18(number, found, today)


def parse_id(
    value: object,
    today: date,
    mandatory: bool = True,
) -> Parsed:
    """Read one resident ID: the number of 18 characters, or None and why.

    Never raises.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value, mandatory, today)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return unknown("T05", "Q")
    # an integer of a csv may be longer than a float can be
    return _numeric(float(value) if abs(value) < _MOST else math.inf)
