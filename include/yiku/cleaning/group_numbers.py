"""The numbers of villagers' groups: 3组, 三社 and 第3村民小组 are one."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from yiku.cleaning.cleaned import (
    BLANK,
    Parsed,
    refused,
    unknown,
)
from yiku.cleaning.numbers import is_number
from yiku.cleaning.numerals import read_numeral
from yiku.cleaning.text import (
    half_width,
    is_nothing,
    nothing,
    without_spaces,
)

_MOST_GROUPS = 1000  # of villagers in a village
# 第3, 三, 十二
_GROUP_NUMBER = r"第?(\d{1,3}|[一二三四五六七八九十]{1,4})(?:村民)?"
_GROUP = re.compile(_GROUP_NUMBER + r"(?:小组|组|社|队|合作社|生产队)?")
# 大石村3组: the village's name before the group
_GROUP_OF_VILLAGE = re.compile(
    r"[^\d]{1,20}?(?:村|社区)" + _GROUP_NUMBER + r"(?:小组|组|社|队)"
)


@lru_cache(maxsize=4096)
def _group(text: str) -> Parsed:
    """Read the number of a villagers' group in a text."""
    plain, found = half_width(text)
    plain = without_spaces(plain)
    if is_nothing(plain):
        return nothing(plain)
    match = _GROUP.fullmatch(plain) or _GROUP_OF_VILLAGE.fullmatch(plain)
    numeral = read_numeral(match[1]) if match else None
    is_exact = numeral is not None and numeral.low == numeral.high
    if numeral is None or not is_exact or not 0 < numeral.low < _MOST_GROUPS:
        return refused(found, "N01", "W", kind="group")
    return Parsed(int(numeral.low), found)


def parse_group(value: object) -> Parsed:
    """Read the number of a villagers' group: 3组, 三社, 第3村民小组 are all 3."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _group(value)
    if not is_number(value):
        return unknown("T05", "Q")
    if (
        math.isfinite(value)
        and value == int(value)
        and 0 < value < _MOST_GROUPS
    ):
        return Parsed(int(value))
    return unknown("N01", "W", kind="group")
