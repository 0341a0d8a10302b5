"""A header's text, made comparable: noise taken off, then cut into meanings.

``keys`` gives the forms that are looked up in the alias tables, the most literal first;
``meanings`` cuts the text into concepts of ``lexicon.yml``, so that 挣多少钱一个月 and
月工资 meet.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import opencc

from yiku.contracts.codes import load_codes
from yiku.contracts.money import unit_in
from yiku.contracts.yaml_text import parse_yaml
from yiku.tables import header_hints

_COUNTER = r"[0-9一二三四五六七八九十]{1,3}"
# （一）, 1., 3、 before a header
_ORDINAL = re.compile(
    rf"^(?:[(（]{_COUNTER}[)）]|{_COUNTER}[、.．。)）:：])(?=\D)"
)
_EDGES = re.compile(r"^[:、,.;。]++|(?<![:、,.;。])[:、,.;。]++$")
# ① and Roman numerals, which normalising would make digits of the header
_CIRCLED = re.compile(r"^[①-⒛㈠-㈩❶-➓Ⅰ-Ⅻ]+")
# spaces, stars and what chat windows leave
_NOISE = re.compile(
    r"[\s*★☆#^※▲△●◎◆◇■□▼▽_\u200b-\u200f\u202a-\u202e\u2060\ufeff]+"
)
_PUNCTUATION = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[/、,;|]|或|和")
_PLACES = frozenset({"TOWN", "VILLAGE", "COUNTY", "GROUP", "UNIT"})
_MANY = 12  # choices that a header may spell out


@dataclass(frozen=True)
class Lexicon:
    """What forms of words mean.

    ``forms`` maps a form to its concepts, ``weights`` says how much one tells.
    ``telling`` concepts make another thing of what they are said of, ``subjects`` say
    whose it is.
    """

    forms: dict[str, tuple[str, ...]]
    weights: dict[str, float]
    telling: frozenset[str]
    subjects: frozenset[str]
    variants: dict[str, str]
    longest: int


@cache
def lexicon() -> Lexicon:
    """Read the table of meanings that lies beside this module."""
    file = resources.files("yiku.tables").joinpath("lexicon.yml")
    data = parse_yaml(file.read_text("utf-8"))
    forms: dict[str, tuple[str, ...]] = {}
    weights: dict[str, float] = {}
    telling: set[str] = set()
    subjects: set[str] = set()
    for name, entry in data["concepts"].items():
        for form in entry["forms"].split():
            forms[form] = (name,)
        weights[name] = float(entry.get("weight", 1.0))
        if entry.get("telling"):
            telling.add(name)
        if entry.get("subject"):
            subjects.add(name)
    # a word of two concepts comes before the form of one, and silence before both
    for form, names in data["compounds"].items():
        forms[str(form)] = tuple(names.split())
    for form in data["silent"].split():
        forms[form] = ()
    return Lexicon(
        forms=forms,
        weights=weights,
        telling=frozenset(telling),
        subjects=frozenset(subjects),
        variants=data["variants"],
        longest=max(map(len, forms)),
    )


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Turn traditional characters into simplified ones (headers and codes only, never names).

    Names must stay as they are written: 張 and 张 are two entries of a register.
    """
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(text))
    return text


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Return ``text`` in one script, width and spelling.

    Without spaces, stars, ordinals and trailing colons.
    """
    text = _CIRCLED.sub("", text.strip())
    text = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    text = simplify(_ORDINAL.sub("", text)).lower()
    text = _EDGES.sub("", text)
    for wrong, right in lexicon().variants.items():
        if wrong in text:
            text = text.replace(wrong, right)
    return text


def _is_place_hint(inside: str) -> bool:
    """Return whether brackets only say of which place: 姓名（乡镇、村）."""
    found = meanings_of(inside)
    return bool(found) and _PLACES.issuperset(found)


@cache
def _choices() -> tuple[frozenset[str], ...]:
    """Return the words of each code list, as they may stand in brackets."""
    found: list[frozenset[str]] = []
    for codes in load_codes().values():
        words = frozenset(map(normalise, (*codes.labels, *codes.forms)))
        if len(words) > 1:
            found.append(words)
    return tuple(found)


def _is_choice_list(inside: str) -> bool:
    """Return whether brackets hold only choices of one code list.

    务工区域（县内/省外）. Whose it is, is no choice: 姓名（户主/本人).
    """
    parts = [part for part in _PARTS.split(inside) if part]
    if not 2 <= len(parts) <= _MANY:
        return False
    for part in parts:
        if not lexicon().subjects.isdisjoint(meanings_of(part)):
            return False
    return any(words.issuperset(parts) for words in _choices())


def _is_weak(inside: str) -> bool:
    """Return whether what stands in brackets may be dropped to find a header."""
    return _is_choice_list(inside) or _is_place_hint(inside)


def _bare(form: str) -> str:
    """Return a form of a header as it is looked up: without any punctuation."""
    return _PUNCTUATION.sub("", normalise(form))


@lru_cache(maxsize=65536)
def keys(text: str) -> tuple[str, ...]:
    """Return the forms of a header to look up, the most literal first. May be none.

    All of it, with ever less hints, without weak brackets.
    """
    clean = normalise(text)
    literal = header_hints.peeled(clean, _is_choice_list)
    weakest = header_hints.peeled(clean, _is_weak)[-1]
    forms = map(_bare, [*literal, weakest])
    return tuple(dict.fromkeys(form for form in forms if form))


@lru_cache(maxsize=65536)
def meaning_text(text: str) -> str:
    """Return the header without hints and punctuation, of which meanings are read."""
    for form in reversed(
        header_hints.peeled(normalise(text), _is_choice_list)
    ):
        bare = _bare(form)
        if bare:
            return bare
    return ""


@lru_cache(maxsize=65536)
def meanings_of(text: str) -> tuple[str, ...]:
    """Cut normalised ``text`` into concepts, the longest form first.

    A stretch that the lexicon lacks stays as its single characters.
    """
    found: list[str] = []
    start = 0
    while start < len(text):
        form = _longest_form(text, start)
        if form:
            found.extend(lexicon().forms[form])
            start += len(form)
            continue
        if text[start].isalnum():
            found.append(text[start])
        start += 1
    return tuple(dict.fromkeys(found))


def _longest_form(text: str, start: int) -> str | None:
    """Return the longest form of the lexicon that begins at ``start``.

    务工月数 is one form before 务工 is.
    """
    table = lexicon()
    longest = min(table.longest, len(text) - start)
    for size in range(longest, 0, -1):
        form = text[start : start + size]
        if form in table.forms:
            return form
    return None


def meanings(text: str) -> tuple[str, ...]:
    """Return the concepts that a raw header speaks of, in order, each once."""
    return meanings_of(meaning_text(text))


@lru_cache(maxsize=65536)
def money_unit(text: str) -> str | None:
    """Return 元, 万元 … when a header says in which unit its amounts are."""
    return unit_in(normalise(text))
