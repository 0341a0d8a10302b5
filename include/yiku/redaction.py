"""What names of files and sheets, headers and titles may show of a person: they are values, for clerks write into them.

Numbers are told in any writing: digits of any script, circled and full-width ones, Chinese ones, with signs between
them. Dates, areas and receipts are no numbers of a person. Names are those of the register and the lists.
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
_ID_DIGITS, _ID_SHOWN, _MOBILE_DIGITS, _MOBILE_SHOWN = (15, 18), 6, 11, 3
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
# a day with or without a time, a month, the code of a town
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
_LONGEST_GAP, _TAIL_WORDS = 3, 12
NAME_LENGTHS = (4, 3, 2)
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")


@lru_cache(maxsize=4096)
def _digit(char: str) -> str:
    """Return the ASCII digits that a character stands for; nothing for any other."""
    if char.isascii():
        return char if char.isdigit() else ""
    if (chinese := _CHINESE.get(char)) is not None:
        return chinese
    value = unicodedata.numeric(char, -1)
    is_sign = unicodedata.category(char) in ("Nd", "No", "Nl")
    return str(int(value)) if is_sign and value >= 0 and value == int(value) else ""


def _is_gap(char: str) -> bool:
    return not char.isalnum()


def number_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each number of a text begins and ends; up to three signs may stand between two digits."""
    start = end = -1
    for position, char in enumerate(text):
        if _digit(char):
            start, end = (position if start < 0 else start), position + 1
        elif start >= 0 and not (_is_gap(char) and position - end < _LONGEST_GAP):
            yield start, end
            start = -1
    if start >= 0:
        yield start, end


def _is_personal(number: str) -> bool:
    """Tell whether a number may be one of a person; what is a day, a month or an area in it counts for nothing."""
    spelt = "".join(_digit(c) or " " for c in _WRITTEN_DAY.sub(" ", number))
    return (
        sum(len(part) for part in spelt.split() if not _NO_PERSON.fullmatch(part))
        >= _PERSONAL_DIGITS
    )


def _cover(number: str) -> str:
    digits = "".join(map(_digit, number)) + "0" * (number[-1] in _CHECK_X)
    is_mobile = len(digits) == _MOBILE_DIGITS and digits[0] == "1"
    shown = (
        _ID_SHOWN if len(digits) in _ID_DIGITS else _MOBILE_SHOWN if is_mobile else 0
    )
    return digits[:shown] + _STAR * (len(digits) - shown)


def without_numbers(text: str) -> str:
    """Return a text without a number of a person: of an ID the first six digits are left, of a mobile three."""
    pieces, at = [], 0
    for start, end in number_spans(text):
        if _is_personal(text[start:end]) or _TAIL.search(
            text[max(start - _TAIL_WORDS, 0) : start]
        ):
            end += text[end : end + 1] in _CHECK_X and end < len(text)
            pieces += [text[at:start], _cover(text[start:end])]
            at = end
    return "".join([*pieces, text[at:]])


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a person: two to four Chinese characters."""
    return _NAME.fullmatch(text) is not None


def closed_up(text: str) -> tuple[str, list[int]]:
    """Return a text without its blanks, as a name may be written with them, and where each character stood."""
    places = [
        i
        for i, char in enumerate(text)
        if not (char.isspace() or unicodedata.category(char) == "Cf")
    ]
    return "".join(text[i] for i in places), places


def without_names(text: str, names: Collection[str], star: str = _STAR) -> str:
    """Return a text in which of every one of ``names`` (two to four characters) the first character alone is left.

    Blanks may stand between the characters of a name.
    """
    if not names or len(text) < min(NAME_LENGTHS):
        return text
    word, places = closed_up(text)
    shown, position = list(text), 0
    while position < len(word):
        length = len(
            next(
                (
                    p
                    for n in NAME_LENGTHS
                    if (p := word[position : position + n]) in names
                ),
                "",
            )
        )
        for place in places[position + 1 : position + length]:
            shown[place] = star
        position += length or 1
    return "".join(shown)


def sheet_names(names: Iterable[str], persons: Collection[str] = ()) -> dict[str, str]:
    """Return for the sheets of a file the names that everybody may read; two of them are never the same."""
    found = {
        name: public(name, () if _PLACE.fullmatch(name) else persons) for name in names
    }
    twice = {shown for shown, n in Counter(found.values()).items() if n > 1}
    return {
        name: f"{shown}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:4]}"
        if shown in twice and shown != name
        else shown
        for name, shown in found.items()
    }


def public(text: str, names: Collection[str] = ()) -> str:
    """Return a text of a stranger as everybody may read it."""
    return without_numbers(without_names(text, names))
