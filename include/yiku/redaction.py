"""What names of files and sheets, headers and titles may show of a person.

They are values, for clerks write into them. Numbers are told in any writing: digits of any
script, circled and full-width ones, Chinese ones, with signs between them. Dates, areas and
receipts are no numbers of a person. Names are those of the register and the lists.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

# Fewer digits than this are a count, a year or the number of a class; a landline without its area code has seven.
_PERSONAL_DIGITS = 7
_ID_DIGITS, _ID_SHOWN = (15, 18), 6  # an area is no secret
_MOBILE_DIGITS, _MOBILE_SHOWN = 11, 3  # nor is whose network it is
_CHECK_X = "XxＸｘ"
# A full-width star may stand in the name of a file on every system.
_STAR = "＊"
_CHINESE = dict(
    zip(
        "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸幺两",
        "0012345678912345678923612",
        strict=True,
    )
)
_MONTH = r"20[12]\d(?:0[1-9]|1[0-2])"
_DAY = rf"{_MONTH}(?:0[1-9]|[12]\d|3[01])"
_WRITTEN_DAY = re.compile(
    r"(?<![0-9])20[12][0-9][-./_][01]?[0-9](?:[-./_][0-3]?[0-9])?(?![0-9])"
)
# A day with or without a time, a month, the code of a town.
_NO_PERSON = re.compile(
    rf"{_DAY}(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?|{_MONTH}|[1-6]\d{{8}}"
)
# What these words announce is the end of a number of a person, however short it is.
_BETWEEN = r"[^0-9A-Za-z\u3400-\u9fff]{0,3}"
_TAIL = re.compile(
    rf"(?:尾号|尾数|号尾|末尾|[末后][四五六七八4-8]位){_BETWEEN}(?:[是为]{_BETWEEN})?$"
)
# A village called as somebody is called is a village.
_PLACE = re.compile(
    r"[\u3400-\u9fff]{1,12}(?:省|市|州|区|县|旗|乡|镇|街道|办事处|村|社区|居委会|村委会|组)"
)
_LONGEST_GAP = 3  # signs between two digits of a number
_TAIL_WORDS = 12  # characters in front of a number that may announce it
NAME_LENGTHS = (4, 3, 2)
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")


@lru_cache(maxsize=4096)
def _digit(char: str) -> str:
    """Return the ASCII digits that a character stands for; nothing for any other."""
    if char.isascii():
        return char if char.isdigit() else ""
    chinese = _CHINESE.get(char)
    if chinese is not None:
        return chinese
    # A circled 12 is one character and two digits; a half is a number and no digit.
    if unicodedata.category(char) not in ("Nd", "No", "Nl"):
        return ""
    value = unicodedata.numeric(char, -1)
    return str(int(value)) if value >= 0 and value == int(value) else ""


def _is_gap(char: str) -> bool:
    return not char.isalnum()


def number_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each number of a text begins and ends.

    Up to three signs may stand between two digits.
    """
    start = -1
    end = -1
    for position, char in enumerate(text):
        if _digit(char):
            if start < 0:
                start = position
            end = position + 1
            continue
        may_go_on = _is_gap(char) and position - end < _LONGEST_GAP
        if start >= 0 and not may_go_on:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end


def _is_personal(number: str) -> bool:
    """Return whether a number may be one of a person.

    What is a day, a month or an area in it counts for nothing.
    """
    without_days = _WRITTEN_DAY.sub(" ", number)
    spelt = "".join(_digit(char) or " " for char in without_days)
    digit_count = 0
    for part in spelt.split():
        if not _NO_PERSON.fullmatch(part):
            digit_count += len(part)
    return digit_count >= _PERSONAL_DIGITS


def _cover(number: str) -> str:
    """Return a number of which only what tells nobody is left."""
    digits = "".join(map(_digit, number))
    if number[-1] in _CHECK_X:
        digits += "0"
    shown = 0
    if len(digits) in _ID_DIGITS:
        shown = _ID_SHOWN
    elif len(digits) == _MOBILE_DIGITS and digits[0] == "1":
        shown = _MOBILE_SHOWN
    return digits[:shown] + _STAR * (len(digits) - shown)


def without_numbers(text: str) -> str:
    """Return a text without a number of a person.

    Of an ID the first six digits are left, of a mobile three.
    """
    pieces = []
    at = 0
    for start, end in number_spans(text):
        before = text[max(start - _TAIL_WORDS, 0) : start]
        if not (_is_personal(text[start:end]) or _TAIL.search(before)):
            continue
        # The check character of an ID is no digit.
        if end < len(text) and text[end] in _CHECK_X:
            end += 1
        pieces.append(text[at:start])
        pieces.append(_cover(text[start:end]))
        at = end
    return "".join([*pieces, text[at:]])


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a person: two to four Chinese characters."""
    return _NAME.fullmatch(text) is not None


def closed_up(text: str) -> tuple[str, list[int]]:
    """Return a text without its blanks, and where each of its characters stood.

    A name may be written with blanks in it, and with characters that nobody sees.
    """
    places = []
    for place, char in enumerate(text):
        if not (char.isspace() or unicodedata.category(char) == "Cf"):
            places.append(place)
    return "".join(text[place] for place in places), places


def without_names(text: str, names: Collection[str], star: str = _STAR) -> str:
    """Return a text in which of every one of ``names`` the first character alone is left.

    They have two to four characters, and blanks may stand between these.
    """
    if not names or len(text) < min(NAME_LENGTHS):
        return text
    word, places = closed_up(text)
    shown = list(text)
    position = 0
    while position < len(word):
        length = _name_length(word, position, names)
        for place in places[position + 1 : position + length]:
            shown[place] = star
        position += length or 1
    return "".join(shown)


def _name_length(word: str, position: int, names: Collection[str]) -> int:
    """Return how long the name is that begins at a position, the longest first; 0 if none does."""
    for length in NAME_LENGTHS:
        found = word[position : position + length]
        if found in names:
            return len(found)
    return 0


def sheet_names(
    names: Iterable[str], persons: Collection[str] = ()
) -> dict[str, str]:
    """Return for the sheets of a file the names that everybody may read.

    Two of them are never the same.
    """
    found = {}
    for name in names:
        is_place = _PLACE.fullmatch(name) is not None
        found[name] = public(name, () if is_place else persons)
    times = Counter(found.values())
    result = {}
    for name, shown in found.items():
        is_ambiguous = times[shown] > 1 and shown != name
        result[name] = f"{shown}-{_mark_of(name)}" if is_ambiguous else shown
    return result


def _mark_of(name: str) -> str:
    """Return four characters that tell a name from others and do not tell the name."""
    content = name.encode("utf-8", "replace")
    return hashlib.sha256(content).hexdigest()[:4]


def public(text: str, names: Collection[str] = ()) -> str:
    """Return a text of a stranger as everybody may read it."""
    return without_numbers(without_names(text, names))
