"""How two Chinese names compare: the same, similar enough to be one person with the same number, or different."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, pinyin
from rapidfuzz.distance import Levenshtein

_NOT_A_NAME_CHARACTER = re.compile(r"[\s·•・‧∙⋅．.]+")
# What stands for a character that a clerk's machine could not write: a question mark, a box, letters, a private one.
_PLACEHOLDER = re.compile(
    r"[?？□*＊〇]|[A-Za-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]+|[\ue000-\uf8ff]"
)


def match_form(name: str) -> str:
    """Return the form in which names are compared: no spaces, no dots."""
    return _NOT_A_NAME_CHARACTER.sub("", name)


@lru_cache(maxsize=50_000)
def _readings(character: str) -> frozenset[str]:
    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def homophones(a: str, b: str) -> bool:
    """Tell whether two characters share a reading, tones aside; surnames have readings of their own."""
    return bool(_readings(a) & _readings(b))


def _fits_placeholders(pattern: str, name: str) -> bool:
    if not _PLACEHOLDER.search(pattern):
        return False
    parts = [re.escape(p) for p in _PLACEHOLDER.split(pattern)]
    # Pinyin may stand for two characters at once: 王xiaoyan is a name of
    # three.
    return re.fullmatch(".{1,2}".join(parts), name) is not None


@lru_cache(maxsize=200_000)
def compare_names(typed: str, registered: str) -> str:
    """Return 'same', 'similar' (one character off, homophones, a placeholder) or 'different'."""
    a, b = match_form(typed), match_form(registered)
    if a == b:
        return "same"
    if _fits_placeholders(a, b) or _fits_placeholders(b, a):
        return "similar"
    if len(a) == len(b) and all(
        x == y or homophones(x, y) for x, y in zip(a, b, strict=True)
    ):
        return "similar"
    # Of a name of two characters one is half of it: only beside the same
    # surname may the other half be a slip.
    one_off = Levenshtein.distance(a, b) == 1
    same_surname = a[:1] == b[:1]
    return (
        "similar"
        if one_off and (same_surname or min(len(a), len(b)) > 2)
        else "different"
    )
