"""Days that stand in three columns, 年 | 月 | 日 below one group.

They are brought together into the first of their columns.
"""

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
_BRACKETED = re.compile(
    r"(.{2,20})[(（【\[](年|月|日)份?[)）】\]]"
)  # 起始日期（年）
_ORDER = ("年", "月", "日")
_NUMBER = re.compile(r"(\d{1,4})(?:\.0+)?(?:年份?|月份?|日|号)?")
_DAY_WORDS = ("日期", "时间", "年月", "期")
# 出生年月 ends in 月 and is a whole date; 节日 is no day of the calendar.
_WHOLE_DATES = ("生年月日", "年月", "月日", "节日")

Levels = tuple[str, ...]


def split_days(
    named: Sequence[tuple[int, Levels]],
) -> Iterator[tuple[tuple[int, ...], Levels]]:
    """Yield columns side by side that are year, month and perhaps day of one date.

    ``named`` are the columns (from 0) of a header row in order, each with its levels
    from the group down. With the columns comes the header of the whole date.
    """
    start = 0
    while start + 1 < len(named):
        found = _date_at_front(named[start : start + 3])
        if found is None:
            start += 1
            continue
        size, levels = found
        columns = tuple(column for column, _ in named[start : start + size])
        yield columns, levels
        start += size


def _date_at_front(
    some: Sequence[tuple[int, Levels]],
) -> tuple[int, Levels] | None:
    """Return how many of the columns make up one date, 3 or 2, and what it is called.

    None when they make none.
    """
    first_column, first_levels = some[0]
    first_part = _part(first_levels)
    if first_part is None:
        return None
    # 年 of a birth and 月 of a start are no date
    whose, _ = first_part
    size = 0
    for (column, levels), wanted in zip(some, _ORDER, strict=False):
        if column != first_column + size or _part(levels) != (whose, wanted):
            break
        size += 1
    if size < 2:
        return None
    return size, whose


def _part(levels: Levels) -> tuple[Levels, str] | None:
    """Return whose date a column is a part of, and which part; None when of none."""
    if not levels:
        return None
    *groups, lowest = levels
    bracketed = _BRACKETED.fullmatch("".join(lowest.split()))
    if bracketed:
        return (*groups, bracketed[1]), bracketed[2]
    leaf = header_text.normalise(lowest)
    if leaf in _PARTS and groups:
        return tuple(groups), _PARTS[leaf]
    if len(leaf) <= 2 or leaf.endswith(_WHOLE_DATES):
        return None
    whose, part = leaf[:-1], leaf[-1]
    if part not in _ORDER:
        return None
    if not whose.endswith(_DAY_WORDS):
        whose = f"{whose}日期"
    return (*groups, whose), part


def joined_day(cells: Sequence[CellValue]) -> CellValue:
    """Return year, month and day as one text, what is missing left out.

    Where none of them is a number the first that is filled stands as it is. What is
    no part of a date stays visible (2017年?月5日), so that cleaning can refuse it.
    """
    texts = [
        "" if cell is None else clean_text(cell_text(cell)) for cell in cells
    ]
    numbers = [_NUMBER.fullmatch(text) for text in texts]
    if not any(numbers):
        return next((cell for cell in cells if cell is not None), None)
    if _is_whole(texts, numbers):
        parts = zip(numbers, _ORDER, strict=False)
        return "".join(
            f"{number[1]}{part}" for number, part in parts if number
        )
    written = zip(texts, _ORDER, strict=False)
    return "".join(f"{text or '?'}{part}" for text, part in written)


def _is_whole(
    texts: Sequence[str],
    numbers: Sequence[re.Match[str] | None],
) -> bool:
    """Return whether all that is written are numbers, and none lacks the one before.

    A day without its month is no day.
    """
    for text, number in zip(texts, numbers, strict=True):
        if text and not number:
            return False
    return all(before or not after for before, after in pairwise(texts))
