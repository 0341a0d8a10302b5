"""Yes or no, as clerks say it: by words, signs, ticks, or the words of the column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise

from yiku.cleaning.choices import FIRST_PRIVATE, LAST_PRIVATE, ORDINAL
from yiku.cleaning.cleaned import (
    Parsed,
    met,
    noted,
    unknown,
)
from yiku.cleaning.text import (
    half_width,
    is_ditto,
    nothing,
    strip_marks,
    without_spaces,
)

# what says yes, and what says no, whatever the column asks for
_YES = frozenset(
    (
        "是 有 对 好 愿意 愿 想 需要 要 已 能 可以 同意 参加 已参加 合格 yes y true t "
        "ok √ ✓ ✔ ☑ 🗹 ✅ v 打钩 已联系上 是的 对的 行 会 有的 联系上 联系上了 接通 "
        "已接通 见到 见到了 稳定"
    ).split()
)
_NO = frozenset(
    (
        "否 无 不 没有 没 非 未 不是 不愿意 不愿 不想 不需要 不要 不能 不可以 不同意 "
        "不参加 未参加 no n false f × ✗ ✘ ✕ ╳ x 叉 未联系上 没联系上 联系不上 未接通 "
        "没接通 打不通 没见到 未见到 不稳定 不对 不会 不行 暂不 无此意愿 不符合 尚未 "
        "暂未 还没 还没有"
    ).split()
)
_PLAIN_YES_NO = {"是": True, "否": False}
# what the letters and private use signs of Wingdings and Wingdings 2 show; an empty box says nothing
_SYMBOLS = {"P": True, "R": True, "ü": True, "þ": True, "O": False, "û": False}
# signs that choose the word beside them, and signs that leave it open
_TICKED = "√✓✔☑■🗹✅●"
_EMPTY = "□☐○"
_SIGNS = _TICKED + _EMPTY
_MARKS = re.compile(
    rf"[{_TICKED}{_EMPTY}]|[^{_TICKED}{_EMPTY}\s/\\|、,;()\[\]【】]+"
)
_CROSSED = str.maketrans(
    "×✗✘✕╳", "□□□□□"
)  # beside a tick, a cross leaves an option out
# what may stand before and behind what a column asks for: 已签字, 不愿意培训, 参保了
_YES_BEFORE = re.compile(
    r"^(?:已经|已|是|有|为|属于?|愿意|愿|想要?|需要|要|能|可以|正在|参加|同意|符合)+"
)
_WILLING = re.compile(r"(?:愿意?|想|同意|可以)(?:参加|去)")
_NO_BEFORE = re.compile(
    r"^(?:不愿意?|不想|不需要|不要|不用|不能|不同意|不参加|不符合|不是|不属于?|不为|没有|还没有?|没|尚未|暂未|从未|未|暂无|无|暂不|不|非)"
)
# a run of these is tried from its beginning only
_BEHIND = re.compile(
    r"(?<![了过的完户])(?<!人员)(?!(?<=好)了)(?:好了|人员|[了过的完户])++$"
)
# what makes a question of a header: 是否返乡, 有无意愿, 参保情况
_ASKING = re.compile(
    r"是否[为属有]?|是不是|有无|有没有|能否|可否|与否$|没有$|吗$|[(][^()]{0,20}[)]|(?:情况|结果|标识)$|^户主|^农户|^贫困群众|^群众"
)
# what any question may be answered by: 有意愿, 无需求
_ANY_STEMS = frozenset({"意愿", "意向", "需求", "想法"})
_NOT_SAID = frozenset(("", "/", "-", "--", "—", "n/a", "na", "null", "none"))
_LONGEST = 60  # of a yes or no, in characters


def _symbol(char: str) -> bool | None:
    """Read a sign of a symbol font; private use code points carry the font's byte."""
    if FIRST_PRIVATE <= char <= LAST_PRIVATE:
        char = chr(ord(char) & 0xFF)
    return _SYMBOLS.get(char)


@cache
def _stems(headers: tuple[str, ...], own: frozenset[str]) -> frozenset[str]:
    """Return what a yes/no column asks for, from its headers.

    是否返乡 asks for 返乡, which may be the answer too.
    """
    asked = {_ASKING.sub("", half_width(header)[0]) for header in headers}
    told = {stem for stem in asked | own if len(stem) > 1 or stem in own}
    return frozenset(told | _ANY_STEMS)


def _answer(word: str, stems: frozenset[str]) -> bool | None:
    """Return what one word says.

    By the lists of words, or as what the column asks for with 已, 未, 不 … before it.
    """
    if word in _YES or word in _NO:
        return word in _YES
    denied = _NO_BEFORE.sub("", word, count=1)
    bare = _BEHIND.sub("", denied) or denied
    if denied != word:
        is_asked = bool(stems.intersection((bare, denied)))
        if is_asked or denied in _YES or _YES_BEFORE.sub("", bare) in stems:
            return False
        return None
    is_asked = bool(stems.intersection((word, bare))) or bare in _YES
    if is_asked or _YES_BEFORE.sub("", bare, count=1) in stems:
        return True
    return True if _WILLING.fullmatch(word) else None


def _ticked(text: str, stems: frozenset[str]) -> bool | None:
    """Read 是√, ☑是 □否, 是(✓).

    The one word that is ticked, or the one word there is beside a tick.
    """
    if any(char in _TICKED for char in text):
        text = text.translate(_CROSSED)
    tokens = _MARKS.findall(text)
    signs = [token for token in tokens if token in _SIGNS]
    words = [token for token in tokens if token not in _SIGNS]
    ticks = sum(sign in _TICKED for sign in signs)
    if not words or ticks != 1 or len(words) > 2 or len(signs) > len(words):
        return None
    if len(words) == 1:
        return _answer(words[0], stems)
    # signs stand before their words, or behind them
    is_sign_first = tokens[0] in _SIGNS
    for before, behind in pairwise(tokens):
        sign, word = (before, behind) if is_sign_first else (behind, before)
        if sign in _TICKED and word in words:
            return _answer(word, stems)
    return None


@lru_cache(maxsize=8192)
def _yes_no(
    text: str,
    symbol_font: bool,
    stems: frozenset[str],
) -> Parsed:
    """Read a text as yes or no, by symbols, words or ticks.

    ``stems`` are what the column asks for.
    """
    if text in _PLAIN_YES_NO and not symbol_font:
        return Parsed(_PLAIN_YES_NO[text])
    raw = strip_marks(text)[0]
    if len(raw) == 1 and (symbol_font or FIRST_PRIVATE <= raw <= LAST_PRIVATE):
        sign = _symbol(raw)
        if sign is None:
            return unknown("C11", "W")
        return Parsed(sign, (met("C11", "A"),))
    plain, found = half_width(text)
    word = without_spaces(plain).lower().strip("。.()!,;")
    if word in _NOT_SAID:
        return nothing(plain)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if len(word) > _LONGEST:
        return unknown("C11", "W")
    word = ORDINAL.sub("", word, count=1) or word
    meaning = _answer(word, stems)
    if meaning is None:
        meaning = _ticked(plain, stems)
    if meaning is None:
        return unknown("C11", "W")
    if word not in _PLAIN_YES_NO:
        found = noted(found, "C11", "A")
    return Parsed(meaning, found)


def _said_twice(
    text: str,
    own: Mapping[str, bool],
    stems: frozenset[str],
) -> bool | None:
    """Read 是，免费: two words of one meaning.

    None where they differ or one of them says neither.
    """
    words = [word for word in re.split(r"[,;、。]", text) if word]
    meanings: set[bool | None] = set()
    for word in words:
        meanings.add(own[word] if word in own else _answer(word, stems))
    if len(words) != 2 or len(meanings) != 1:
        return None
    return meanings.pop()


def parse_bool(
    value: object,
    symbol_font: bool = False,
    headers: tuple[str, ...] = (),
    means: Mapping[str, bool] | None = None,
) -> Parsed:
    """Read yes or no. Never raises.

    In everyday words or in those of the column: its ``headers``, and what a word
    ``means`` in it. A 1, a 0 and an empty box stay unknown (C11), a blank is no 'no'.
    """
    if value is None or isinstance(value, bool):
        return Parsed(value)
    if isinstance(value, str):
        return _bool_of(value, symbol_font, headers, means or {})
    if isinstance(value, int | float):
        return unknown("C11", "W")
    return unknown("T05", "Q")


def _bool_of(
    text: str,
    symbol_font: bool,
    headers: tuple[str, ...],
    own: Mapping[str, bool],
) -> Parsed:
    """Read a text of a yes/no column, the column's own words first."""
    word = without_spaces(half_width(text)[0])
    if word in own:
        return Parsed(own[word], (met("C11", "A"),))
    asked = frozenset(word for word, is_yes in own.items() if is_yes)
    stems = _stems(headers, asked)
    parsed = _yes_no(text, symbol_font, stems)
    if parsed.value is not None or symbol_font:
        return parsed
    meaning = _said_twice(word, own, stems)
    return parsed if meaning is None else Parsed(meaning, (met("C11", "A"),))
