"""Units of money.

How many yuan each is, and how to find one in a header, a title or a number format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

FOREIGN = "外币"  # a unit that no factor turns into yuan
FACTORS: Mapping[str, Decimal] = {
    "元": Decimal(1),
    "百元": Decimal(100),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "十万元": Decimal(100_000),
    "百万元": Decimal(1_000_000),
    "千万元": Decimal(10_000_000),
    "亿元": Decimal(100_000_000),
}
FOREIGN_WORDS = (
    "美元", "美金", "美刀", "日元", "日圆", "円", "港币", "港元", "港纸", "港圆", "欧元", "英镑", "韩元", "韩币",
    "澳元", "澳币", "加元", "加币", "台币", "新台币", "新币", "新加坡元", "澳门元", "澳门币", "葡币", "卢布", "泰铢",
    "越南盾", "卢比", "马币", "令吉", "比索", "瑞士法郎", "法郎", "外币",
)  # fmt: skip
_FOREIGN = re.compile(
    "|".join(FOREIGN_WORDS)
    + r"|[$€£₩₽฿₫₱₹]|(?<![A-Za-z])(?:USD|HKD|JPY|EUR|GBP|KRW|TWD|THB|SGD|AUD|CAD|MOP|RUB|VND)(?![A-Za-z])",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?:[十百千]?万|[百千亿])元|元")
_ALONE = re.compile(r"万(?=[)/]|$)")  # 投资(万)


def factor_of(unit: str | None) -> Decimal:
    """Return how many yuan one of ``unit`` is.

    1 where none is known, and for foreign money, which nobody converts.
    """
    return FACTORS.get(unit or "元", Decimal(1))


def is_foreign(text: str) -> bool:
    """Return whether a text names money that is not the yuan."""
    return _FOREIGN.search(text) is not None


def unit_in(text: str) -> str | None:
    """Return the unit of money that a text names: 元, 万元 …, 外币, or None."""
    # Foreign words first: 美元 and 港元 end in the sign of the yuan.
    if is_foreign(text):
        return FOREIGN
    found = _UNIT.search(text)
    if found and (found.group() != "元" or not _ALONE.search(text)):
        return found.group()
    return "万元" if _ALONE.search(text) else None
