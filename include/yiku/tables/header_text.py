"""A header's text, made comparable: noise taken off, then cut into meanings.

``keys`` gives the forms that are looked up in the alias tables, the most literal first; ``meanings`` cuts the text
into concepts of ``lexicon.yml``, so that 挣多少钱一个月 and 月工资 meet.
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
_ORDINAL = re.compile(rf"^(?:[(（]{_COUNTER}[)）]|{_COUNTER}[、.．。)）:：])(?=\D)")
_EDGES = re.compile(r"^[:、,.;。]++|(?<![:、,.;。])[:、,.;。]++$")
_CIRCLED = re.compile(r"^[①-⒛㈠-㈩❶-➓Ⅰ-Ⅻ]+")
_NOISE = re.compile(r"[\s*★☆#^※▲△●◎◆◇■□▼▽_\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_PUNCTUATION = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[/、,;|]|或|和")
_MANY = 12  # choices that a header may spell out


@dataclass(frozen=True)
class Lexicon:
    """What forms of words mean: ``forms`` maps a form to its concepts, ``weights`` says how much one tells.

    ``telling`` concepts make another thing of what they are said of, ``subjects`` say whose it is.
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
    data = parse_yaml(
        resources.files("yiku.tables").joinpath("lexicon.yml").read_text("utf-8")
    )
    forms: dict[str, tuple[str, ...]] = {
        form: (name,)
        for name, entry in data["concepts"].items()
        for form in entry["forms"].split()
    }
    forms |= {
        str(form): tuple(names.split()) for form, names in data["compounds"].items()
    }
    forms |= dict.fromkeys(data["silent"].split(), ())
    weights = {
        name: float(entry.get("weight", 1.0))
        for name, entry in data["concepts"].items()
    }
    telling = frozenset(
        name for name, entry in data["concepts"].items() if entry.get("telling")
    )
    subjects = frozenset(
        name for name, entry in data["concepts"].items() if entry.get("subject")
    )
    return Lexicon(
        forms, weights, telling, subjects, data["variants"], max(map(len, forms))
    )


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Turn traditional characters into simplified ones (headers and codes only, never names)."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(text))
    return text


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Return ``text`` in one script, width and spelling, without spaces, stars, ordinals and trailing colons."""
    text = _CIRCLED.sub("", text.strip())
    text = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    text = simplify(_ORDINAL.sub("", text)).lower()
    text = _EDGES.sub("", text)
    for wrong, right in lexicon().variants.items():
        if wrong in text:
            text = text.replace(wrong, right)
    return text


def _is_place_hint(inside: str) -> bool:
    found = meanings_of(inside)
    return bool(found) and all(
        concept in ("TOWN", "VILLAGE", "COUNTY", "GROUP", "UNIT") for concept in found
    )


@cache
def _choices() -> tuple[frozenset[str], ...]:
    """Return the words of each code list, as they may stand in brackets behind a header."""
    lists = (
        frozenset(map(normalise, (*codes.labels, *codes.forms)))
        for codes in load_codes().values()
    )
    return tuple(words for words in lists if len(words) > 1)


def _is_choice_list(inside: str) -> bool:
    """Tell whether brackets hold only choices of one code list: 务工区域（县内/省外）. Whose it is, is no choice."""
    parts = [part for part in _PARTS.split(inside) if part]
    if not 2 <= len(parts) <= _MANY or lexicon().subjects.intersection(
        m for p in parts for m in meanings_of(p)
    ):
        return False
    return any(words.issuperset(parts) for words in _choices())


def _is_weak(inside: str) -> bool:
    return _is_choice_list(inside) or _is_place_hint(inside)


@lru_cache(maxsize=65536)
def keys(text: str) -> tuple[str, ...]:
    """Return the forms of a header to look up: all of it, with ever less hints, without weak brackets. May be none."""
    clean = normalise(text)
    found = [
        *header_hints.peeled(clean, _is_choice_list),
        header_hints.peeled(clean, _is_weak)[-1],
    ]
    forms = (_PUNCTUATION.sub("", normalise(form)) for form in found)
    return tuple(dict.fromkeys(form for form in forms if form))


@lru_cache(maxsize=65536)
def meaning_text(text: str) -> str:
    """Return the header without its hints and punctuation: what ``meanings`` are read from."""
    forms = [
        _PUNCTUATION.sub("", normalise(form))
        for form in header_hints.peeled(normalise(text), _is_choice_list)
    ]
    return next((form for form in reversed(forms) if form), "")


@lru_cache(maxsize=65536)
def meanings_of(text: str) -> tuple[str, ...]:
    """Cut normalised ``text`` into concepts; a stretch that the lexicon lacks stays as its single characters."""
    table, found, at = lexicon(), list[str](), 0
    while at < len(text):
        for size in range(min(table.longest, len(text) - at), 0, -1):
            concepts = table.forms.get(text[at : at + size])
            if concepts is not None:
                found.extend(concepts)
                at += size
                break
        else:
            if text[at].isalnum():
                found.append(text[at])
            at += 1
    return tuple(dict.fromkeys(found))


def meanings(text: str) -> tuple[str, ...]:
    """Return the concepts that a raw header speaks of, in order, each once."""
    return meanings_of(meaning_text(text))


@lru_cache(maxsize=65536)
def money_unit(text: str) -> str | None:
    """Return 元, 万元 … when a header says in which unit its amounts are."""
    return unit_in(normalise(text))
