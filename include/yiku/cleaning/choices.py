"""Coded values and yes/no: the many ways by hand, and what is no choice at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import opencc
from rapidfuzz import fuzz, process

from yiku.cleaning.cleaned import (
    BLANK,
    Met,
    Parsed,
    met,
    noted,
    refused,
    unknown,
)
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    is_nothing,
    nothing,
    number_text,
    strip_marks,
    without_spaces,
)
from yiku.contracts.codes import CodeList

# the number of a choice in the form: 1.省外, （2）县内, ①是, A、是
ORDINAL = re.compile(
    r"^(?:[(（]?\d{1,2}[)）.、．:：\-]|[(（]?[①-⑳㈠-㈩][)）.、．]?)\s*|^[A-Ja-j][.、．:：)）]\s*"
)
# words around a choice that do not change it; never taken off what denies something
_AROUND = re.compile(
    r"^(?:目前|现在|正在|现已|已经?|属于?|为|想[去到]|[去到])|"
    r"(?:务工|打工|就业|上班|走访|回访|人员|情况|状态|类|员|中|岗位?|\([^()未不无没非否已退返离停原曾拟]*\))$"
)
# a word with one of these means another thing without what stands around it
_DENIES = re.compile(r"[未不无没非否]")
# between several choices in a cell
_SEVERAL = re.compile(r"[、,，;；/／|+＋&\n]|\s+|和|及|与")
# the private use code points that symbol fonts are mapped to
FIRST_PRIVATE, LAST_PRIVATE = "\uf000", "\uf0ff"
_LONGEST_CHOICE = 200  # of one choice or several


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _lookup(text: str, codes: CodeList) -> str | None:
    """Return the label of one hand form, None for what is no form of any.

    As it stands, without spaces or brackets, in simplified characters, or among words
    that say nothing more.
    """
    close = without_spaces(text)
    for form in (text, close, re.sub(r"[()（）]", "", text)):
        label = codes.label(form)
        if label is not None:
            return label
    label = codes.label(str(_simplifier().convert(close)))
    if label is not None or codes.open:
        return label
    return _bare(close, codes)


def _bare(text: str, codes: CodeList) -> str | None:
    """Return the label of a form among words that say nothing more.

    外省务工, 目前待业.
    """
    # 未就业 without its 就业 would be no choice, or the wrong one
    while not _DENIES.search(text):
        bare = _AROUND.sub("", text, count=1)
        if len(bare) <= 1 or bare == text:
            return None
        label = codes.label(bare)
        if label is not None:
            return label
        text = bare
    return None


def nearest(
    text: str,
    codes: CodeList,
    n: int = 3,
) -> list[str]:
    """Return the labels whose forms are most like ``text``, best first."""
    ranked = process.extract(
        text, list(codes.forms), scorer=fuzz.ratio, limit=12
    )
    found = [codes.forms[form] for form, score, _ in ranked if score > 0]
    return list(dict.fromkeys([*found, *codes.labels]))[:n]


class ChoiceReader:
    """Reads one coded column. One reader serves a column of a contract.

    It remembers what it has read.
    """

    def __init__(
        self,
        codes: CodeList,
        many: bool,
        level: str,
    ) -> None:
        """Prepare for a code list; ``level`` is the verdict for what is no choice."""
        self.codes, self.many, self.level = codes, many, level
        self._read = lru_cache(maxsize=8192)(self._from_text)

    def __call__(self, value: object) -> Parsed:
        """Read one cell: the label, or a tuple of labels where several are allowed.

        None where it is no choice. Never raises.
        """
        if value is None:
            return BLANK
        if isinstance(value, str):
            return self._read(value)
        if isinstance(value, bool):
            return self._read("是" if value else "否")
        if isinstance(value, int | float) and value == value:
            return self._read(number_text(value))
        return unknown("T05", "Q")

    def _chosen(self, label: str, notes: tuple[Met, ...] = ()) -> Parsed:
        """Return the one choice; a tuple where a column may have several."""
        return Parsed((label,) if self.many else label, notes)

    def _no_choice(
        self, found: tuple[Met, ...], choices: Iterable[str]
    ) -> Parsed:
        """Return the answer for what is no choice; ``choices`` are what may be meant."""
        told = met("C13", self.level, choices="、".join(choices))
        return Parsed(None, (*found, told))

    def _from_text(self, text: str) -> Parsed:
        """Read a text as one choice, as it stands or among its noise.

        What is none is tried without its ordinal, then as several.
        """
        if self.codes.forms.get(text) == text:
            return self._chosen(text)
        plain, found = half_width(text)
        if len(plain) > _LONGEST_CHOICE:
            return self._no_choice(found, self.codes.labels[:3])
        plain = plain.strip("。.;；")
        label = _lookup(plain, self.codes)
        if label is not None:
            if label != plain:
                found = noted(found, "C13", "A")
            return self._chosen(label, found)
        # a list may have a form of its own for 无
        if is_nothing(plain):
            return nothing(plain)
        if is_ditto(plain):
            return unknown("L12", "Q")
        return self._without_ordinal(strip_marks(text)[0], plain, found)

    def _without_ordinal(
        self,
        raw: str,
        plain: str,
        found: tuple[Met, ...],
    ) -> Parsed:
        """Read 1.省外 and ①省外; then several choices in a cell."""
        # the ordinal is looked for before NFKC, which turns ① into a bare 1
        bare = half_width(ORDINAL.sub("", raw, count=1))[0]
        if bare and bare != plain:
            label = _lookup(bare, self.codes)
            if label is not None:
                return self._chosen(label, noted(found, "C12", "A"))
        return self._several(bare or plain, found)

    def _several(self, text: str, found: tuple[Met, ...]) -> Parsed:
        """Read several words in a cell, as choices where the column takes several."""
        if not self.many:
            label = self.codes.label(_SEVERAL.sub("", text))
            if label is not None:  # one choice of two words: 县外、省内
                return Parsed(label, noted(found, "C13", "A"))
        pieces = [piece for piece in _SEVERAL.split(text) if piece]
        parts = [ORDINAL.sub("", piece, count=1) for piece in pieces]
        labels = [_lookup(part, self.codes) for part in parts]
        known = tuple(
            dict.fromkeys(label for label in labels if label is not None)
        )
        are_all_known = None not in labels
        if self.many and known and (self.codes.open or are_all_known):
            kept = known if are_all_known else _labels_or_words(labels, parts)
            return Parsed(kept, noted(found, "C12", "A"))
        if len(parts) > 1 and are_all_known:
            if len(known) == 1:  # one choice said twice
                return Parsed(known[0], noted(found, "C12", "A"))
            return refused(found, "C12", self.level)
        if self.codes.open:
            return Parsed(tuple(parts) if self.many else text, found)
        return self._no_choice(found, nearest(text, self.codes))


def _labels_or_words(
    labels: Sequence[str | None],
    words: Sequence[str],
) -> tuple[str, ...]:
    """Return the labels that are known, and the words where none is."""
    return tuple(
        label or word for label, word in zip(labels, words, strict=True)
    )
