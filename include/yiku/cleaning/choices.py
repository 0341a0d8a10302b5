"""Coded values and yes/no: the many ways by hand, and what is no choice at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

import opencc
from rapidfuzz import fuzz, process

from yiku.cleaning.model import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.text import half_width, is_ditto, is_nothing, nothing, number_text, strip_marks, without_spaces
from yiku.contracts.codes import CodeList

_ORDINAL = re.compile(r"^(?:[(（]?\d{1,2}[)）.、．:：\-]|[(（]?[①-⑳㈠-㈩][)）.、．]?)\s*|^[A-Ja-j][.、．:：)）]\s*")
# words around a choice that do not change it; never taken off what denies something
_AROUND = re.compile(
    r"^(?:目前|现在|正在|现已|已经?|属于?|为|想[去到]|[去到])|"
    r"(?:务工|打工|就业|上班|走访|回访|人员|情况|状态|类|员|中|岗位?|\([^()未不无没非否已退返离停原曾拟]*\))$"
)
_DENIES = re.compile(r"[未不无没非否]")
_SEVERAL = re.compile(r"[、,，;；/／|+＋&\n]|\s+|和|及|与")
# fmt: off
_YES = frozenset((
    "是", "有", "对", "好", "愿意", "愿", "想", "需要", "要", "已", "能", "可以", "同意", "参加", "已参加",
    "合格", "yes", "y", "true", "t", "ok", "√", "✓", "✔", "☑", "🗹", "✅", "v", "打钩", "已联系上",
    "联系上", "联系上了", "接通", "已接通", "见到", "见到了", "稳定",
))
_NO = frozenset((
    "否", "无", "不", "没有", "没", "非", "未", "不是", "不愿意", "不愿", "不想", "不需要", "不要", "不能",
    "不可以", "不同意", "不参加", "未参加", "no", "n", "false", "f", "×", "✗", "✘", "✕", "╳", "x", "叉",
    "未联系上", "没联系上", "联系不上", "未接通", "没接通", "打不通", "没见到", "未见到", "不稳定",
))
# fmt: on
_PLAIN_YES_NO = {"是": True, "否": False}
# what the letters and private use signs of Wingdings and Wingdings 2 show; an empty box says nothing
_SYMBOLS = {"P": True, "R": True, "ü": True, "þ": True, "O": False, "û": False}
_TICKED = "√✓✔☑■🗹✅●"
_EMPTY = "□☐○"
_WORDS = "是|否|有|无|愿意|不愿意"
_BOX_FIRST = re.compile(rf"([{_TICKED}{_EMPTY}])\s*({_WORDS})")
_WORD_FIRST = re.compile(rf"({_WORDS})\s*([{_TICKED}{_EMPTY}])")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _lookup(text: str, codes: CodeList) -> str | None:
    """Return the label of one hand form: as it stands, without spaces or brackets, or in simplified characters."""
    for form in (text, without_spaces(text), re.sub(r"[()（）]", "", text)):
        label = codes.label(form)
        if label is not None:
            return label
    label = codes.label(str(_simplifier().convert(without_spaces(text))))
    return label if label is not None or codes.open else _bare(without_spaces(text), codes)


def _bare(text: str, codes: CodeList) -> str | None:
    """Return the label of a form that stands among words that say nothing more: 外省务工, 目前待业."""
    while len(bare := _AROUND.sub("", text, count=1)) > 1 and bare != text and not _DENIES.search(text):
        text = bare
        if (label := codes.label(text)) is not None:
            return label
    return None


def nearest(text: str, codes: CodeList, n: int = 3) -> list[str]:
    """Return the labels whose forms are most like ``text``, best first."""
    ranked = process.extract(text, list(codes.forms), scorer=fuzz.ratio, limit=12)
    found = list(dict.fromkeys(codes.forms[form] for form, score, _ in ranked if score > 0))
    return list(dict.fromkeys([*found, *codes.labels]))[:n]


class ChoiceReader:
    """Reads one coded column. One reader serves a column of a contract; it remembers what it has read."""

    def __init__(self, codes: CodeList, many: bool, level: str) -> None:
        """Prepare for a code list; ``level`` is the verdict for a value that is no choice."""
        self.codes, self.many, self.level = codes, many, level
        self._read = lru_cache(maxsize=8192)(self._from_text)

    def __call__(self, value: object) -> Parsed:
        """Read one cell: the label, a tuple of labels where several are allowed, or None. Never raises."""
        if value is None:
            return BLANK
        if isinstance(value, str):
            return self._read(value)
        if isinstance(value, bool):
            return self._read("是" if value else "否")
        if isinstance(value, int | float) and value == value:
            return self._read(number_text(value))
        return unknown("T05", "Q")

    def _from_text(self, text: str) -> Parsed:
        exact = self.codes.forms.get(text)
        if exact == text:
            return Parsed((text,) if self.many else text)
        plain, found = half_width(text)
        plain = plain.strip("。.;；")
        label = _lookup(plain, self.codes)
        if label is None and is_nothing(plain):
            return nothing(plain)
        if label is None and is_ditto(plain):
            return unknown("L12", "Q")
        if label is not None:
            repaired: tuple[Met, ...] = () if label == plain else (met("C13", "A"),)
            return Parsed((label,) if self.many else label, (*found, *repaired))
        return self._without_ordinal(strip_marks(text)[0], plain, found)

    def _without_ordinal(self, raw: str, plain: str, found: tuple[Met, ...]) -> Parsed:
        # the ordinal is looked for before NFKC, which turns ① into a bare 1
        bare = half_width(_ORDINAL.sub("", raw, count=1))[0]
        label = _lookup(bare, self.codes) if bare and bare != plain else None
        if label is not None:
            return Parsed((label,) if self.many else label, (*found, met("C12", "A")))
        return self._several(bare or plain, found)

    def _several(self, text: str, found: tuple[Met, ...]) -> Parsed:
        label = None if self.many else self.codes.label(_SEVERAL.sub("", text))
        if label is not None:  # one choice of two words, not two choices: 县外、省内
            return Parsed(label, (*found, met("C13", "A")))
        parts = [_ORDINAL.sub("", p, count=1) for p in _SEVERAL.split(text) if p]
        labels = [_lookup(p, self.codes) for p in parts]
        known = tuple(dict.fromkeys(x for x in labels if x is not None))
        if self.many and known and (self.codes.open or None not in labels):
            kept = known if None not in labels else tuple(x or p for x, p in zip(labels, parts, strict=True))
            return Parsed(kept, (*found, met("C12", "A")))
        if len(parts) > 1 and None not in labels:
            verdict = met("C12", "A") if len(known) == 1 else met("C12", self.level)
            return Parsed(known[0] if len(known) == 1 else None, (*found, verdict))
        if self.codes.open:
            return Parsed(tuple(parts) if self.many else text, found)
        choices = "、".join(nearest(text, self.codes))
        return Parsed(None, (*found, met("C13", self.level, choices=choices)))


def _symbol(char: str) -> bool | None:
    """Read a sign of a symbol font; private use code points carry the font's own byte."""
    return _SYMBOLS.get(chr(ord(char) & 0xFF) if 0xF000 <= ord(char) <= 0xF0FF else char)


def _boxes(text: str) -> bool | None:
    """Read '☑是 □否': the word beside the one ticked box."""
    if text.strip()[:1] in _TICKED + _EMPTY:
        found = [(box, word) for box, word in _BOX_FIRST.findall(text)]
    else:
        found = [(box, word) for word, box in _WORD_FIRST.findall(text)]
    ticked = [word for box, word in found if box in _TICKED]
    return ticked[0] in ("是", "有", "愿意") if len(found) > 1 and len(ticked) == 1 else None


@lru_cache(maxsize=8192)
def _yes_no(text: str, symbol_font: bool) -> Parsed:
    if text in _PLAIN_YES_NO and not symbol_font:
        return Parsed(_PLAIN_YES_NO[text])
    raw = strip_marks(text)[0]
    if len(raw) == 1 and (symbol_font or "\uf000" <= raw <= "\uf0ff"):
        meaning = _symbol(raw)
        return unknown("C11", "W") if meaning is None else Parsed(meaning, (met("C11", "A"),))
    plain, found = half_width(text)
    word = without_spaces(plain).lower().strip("。.()")
    if not word or word in ("/", "-", "--", "—", "n/a", "na", "null", "none"):
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    word = _ORDINAL.sub("", word, count=1) or word
    for words, meaning in ((_YES, True), (_NO, False)):
        if word in words:
            return Parsed(meaning, found if word in _PLAIN_YES_NO else (*found, met("C11", "A")))
    boxed = _boxes(plain)
    return unknown("C11", "W") if boxed is None else Parsed(boxed, (*found, met("C11", "A")))


def parse_bool(value: object, symbol_font: bool = False) -> Parsed:
    """Read yes or no. A 1, a 0 and an empty box stay unknown (C11), a blank is no 'no'. Never raises."""
    if value is None or isinstance(value, bool):
        return Parsed(value)
    if isinstance(value, str):
        return _yes_no(value, symbol_font)
    if isinstance(value, int | float):
        return unknown("C11", "W")
    return unknown("T05", "Q")


def parse_own_bool(means: Mapping[str, bool], value: object) -> Parsed:
    """Read yes or no, or a word that means one of them in this column alone: 团队 where it asks 个人或团队."""
    plain = without_spaces(half_width(value)[0]) if isinstance(value, str) else ""
    return Parsed(means[plain], (met("C11", "A"),)) if plain in means else parse_bool(value)
