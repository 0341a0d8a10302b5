"""Days that stand in three columns, 年 | 月 | 日 below one group, brought together into the first of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.value_profile import cell_text, clean_text

_PARTS = {
    "年": "年",
    "年份": "年",
    "年度": "年",
    "月": "月",
    "月份": "月",
    "日": "日",
    "日期": "日",
    "号": "日",
}
_BRACKETED = re.compile(r"(.{2,20})[(（【\[](年|月|日)份?[)）】\]]")  # 起始日期（年）
_ORDER = ("年", "月", "日")
_NUMBER = re.compile(r"(\d{1,4})(?:\.0+)?(?:年份?|月份?|日|号)?")
_DAY_WORDS = ("日期", "时间", "年月", "期")

Levels = tuple[str, ...]


def split_days(
    named: Sequence[tuple[int, Levels]],
) -> Iterator[tuple[tuple[int, ...], Levels]]:
    """Yield the columns (from 0) side by side that are year, month and perhaps day of one date, with its header.

    ``named`` are the columns of a header row in order, each with its levels from the group down.
    """
    at = 0
    while at + 1 < len(named):
        found = _run(named[at : at + 3])
        if found is None:
            at += 1
            continue
        size, levels = found
        yield tuple(column for column, _ in named[at : at + size]), levels
        at += size


def _run(some: Sequence[tuple[int, Levels]]) -> tuple[int, Levels] | None:
    """Return how many of the columns make up one date, 3 or 2, and what it is called; None when they make none."""
    told = [_part(levels) for _, levels in some]
    size = 0
    for (column, _), part, wanted in zip(some, told, _ORDER, strict=False):
        if (
            part is None
            or part[1] != wanted
            or part[0] != (told[0] or part)[0]
            or column != some[0][0] + size
        ):
            break
        size += 1
    if size < 2 or told[0] is None:
        return None
    return size, told[0][0]


def _part(levels: Levels) -> tuple[Levels, str] | None:
    """Return whose date a column is a part of, and which part; None when it is no part of a date."""
    if not levels:
        return None
    if bracketed := _BRACKETED.fullmatch("".join(levels[-1].split())):
        return (*levels[:-1], bracketed[1]), bracketed[2]
    leaf = header_text.normalise(levels[-1])
    if leaf in _PARTS and len(levels) > 1:
        return levels[:-1], _PARTS[leaf]
    if (
        len(leaf) > 2
        and leaf[-1] in _ORDER
        and not leaf.endswith(("生年月日", "年月", "月日", "节日"))
    ):
        whose = leaf[:-1]
        return (
            *levels[:-1],
            whose if whose.endswith(_DAY_WORDS) else f"{whose}日期",
        ), leaf[-1]
    return None


def joined_day(cells: Sequence[CellValue]) -> CellValue:
    """Return year, month and day as one text, what is missing left out; as they stand where they are no numbers."""
    texts = [clean_text(cell_text(c)) if c is not None else "" for c in cells]
    numbers = [_NUMBER.fullmatch(t) for t in texts]
    if not any(numbers):
        return next((c for c in cells if c is not None), None)
    filled = [bool(t) for t in texts]
    whole = all(n or not t for n, t in zip(numbers, texts, strict=True))
    if whole and all(
        a or not b for a, b in pairwise(filled)
    ):  # a day without its month is no day
        return "".join(
            f"{n[1]}{part}" for n, part in zip(numbers, _ORDER, strict=False) if n
        )
    return "".join(f"{t or '?'}{part}" for t, part in zip(texts, _ORDER, strict=False))
