"""Amounts as clerks write them: number, unit, per which time or head, about or exactly, one or from one to another.

A text is read only as a whole. What it may mean in two ways, and what has a word too many, is no amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from yiku.cleaning.numerals import Numeral, read_numeral
from yiku.contracts.money import FOREIGN_WORDS

_LONGEST = 40  # of a cell that holds one amount, in characters

# What a word around a number says: (kind, what). Kinds: unit, per (of which time or head), about, sign, label.
_UNITS = {
    "元": "元 块 块钱 元钱 圆 圆整 元整 元人民币 人民币 人民币元 RMB CNY ¥ ￥",
    "月": "个月 月 月份 个月份",
    "年": "年 年度 周年 个年头",
    "天": "天 日 个工作日 工作日 天时间",
    "周": "周 个星期 星期 个礼拜",
    "课时": "课时 学时 小时 个小时 个课时 个学时 节 节课 h",
    "人": "人 名 位 口 口人 个人 人次 名员工 名工人 名学员 名劳动力 人口",
    "户": "户 户人家 户次 户农户 户贫困户 家农户",
    "家": "家 家企业 家公司 家单位",
    "岁": "岁 周岁",
    "次": "次 场 回 场次 趟",
    "个": "个 项 条 个村 个岗位 岗 个项目 栋 届 期",
    "分": "分 分值",
    "亩": "亩",
    "度": "度 °",
    "样": "头 只 羽 株 棵 群 箱 平方米 平米 ㎡ m2 公里 吨 斤 公斤 千克 组 社 队",
}
_PER = {
    "月": "月 /月 每月 /个月 每个月 一个月 一月 /每月 按月",
    "年": "年 /年 每年 一年 /每年 按年",
    "天": "天 日 /天 /日 每天 每日 一天 一日 按天",
    "时": "/时 /小时 每小时 一小时 一个小时 每个小时 /h",
    "人": "人 /人 每人 一人 人均 /人次 每人次",
    "户": "户 /户 每户 一户 户均",
    "次": "次 期 /次 每次 一次 /期 每期 一期 /场 每场",
    "月人": "/月/人 /人/月 /人月 /月人 每人每月 每月每人 ·人/月 /人·月 /月·人",
    "年人": "/年/人 /人/年 每人每年 每年每人 /人·年",
    "天人": "/天/人 /人/天 每人每天 每天每人",
}
_ABOUT_BEFORE = "大约 大概 约 约为 近 将近 接近 不到 不足 至少 最少 最多 超过 超 高于 低于 上 ≈ ~ ± > < ≥ ≤ >= <="
_ABOUT_AFTER = "左右 上下 多 余 来 以上 以下 以内 之间 + ± 开外 出头 不到 不等"
_LABELS = "共 总共 合计 计 总计 共计 累计 工资 收入 金额 补贴 为 是 :"
_PER_BEFORE = {
    "月": "每月 月 月均 月薪 月工资 月收入 每个月 一个月 平均每月",
    "年": "每年 年 年均 年薪 年收入 一年 年工资 全年 平均每年",
    "天": "每天 每日 日均 日薪 日工资 一天",
    "人": "每人 人均",
    "户": "每户 户均",
    "次": "每次 每期",
    "月人": "每人每月 人均每月 每月每人",
    "年人": "每人每年 人均每年",
    "天人": "每人每天",
}
_FOREIGN_SIGNS = "$ US$ USD HK$ HKD NT$ A$ € EUR £ GBP ₩ KRW ₽ ฿ THB ₫ JPY TWD SGD AUD CAD MOP RUB VND"
_SEPARATOR = re.compile(r"--|——|[-~—–―至到]")
_MANY_BEFORE_UNIT = re.compile(r"(?<=[\d十百千])([多余来])(?=[万千百亿])")
_TRANSLATED = str.maketrans(
    "萬億圓塊個餘約幾歲戶時畝負−－﹣", "万亿元块个余约几岁户时亩负---"
)

Mark = tuple[str, str]


@dataclass(frozen=True)
class Amount:
    """What a text may say: a number or the two ends of one, and the words around it.

    ``magnitude`` is the 万, 千 … that the number ends with, 1 where none is written.
    """

    low: Decimal
    high: Decimal
    marks: frozenset[Mark] = frozenset()
    magnitude: int = 1
    negative: bool = False

    def said(self, kind: str) -> set[str]:
        """Return what the text says of one kind: unit, per, about."""
        return {what for k, what in self.marks if k == kind}


@cache
def _before() -> dict[str, Mark]:
    words: dict[str, Mark] = dict.fromkeys(_ABOUT_BEFORE.split(), ("about", ""))
    words |= dict.fromkeys(_LABELS.split(), ("label", ""))
    words |= {
        word: ("per", span)
        for span, text in _PER_BEFORE.items()
        for word in text.split()
    }
    words |= dict.fromkeys(["人民币", "RMB", "CNY", "¥", "￥"], ("unit", "元"))
    words |= dict.fromkeys([*_FOREIGN_SIGNS.split(), *FOREIGN_WORDS], ("unit", "外币"))
    return (
        words
        | dict.fromkeys("-负", ("sign", ""))
        | {"第": ("rank", ""), "+": ("label", "")}
    )


@cache
def _after() -> dict[str, list[Mark]]:
    words: dict[str, list[Mark]] = {}
    for kind, table in (("unit", _UNITS), ("per", _PER)):
        for what, text in table.items():
            for word in text.split():
                words.setdefault(word, []).append((kind, what))
    for word in _ABOUT_AFTER.split():
        words.setdefault(word, []).append(("about", ""))
    for word in [*_FOREIGN_SIGNS.split(), *FOREIGN_WORDS]:
        words.setdefault(word, []).append(("unit", "外币"))
    return words


_WIDEST = 6  # characters of a word
_MOST_WORDS = 4  # before a number, and behind it


def _marks_before(
    text: str, words: int = _MOST_WORDS
) -> Iterator[tuple[int, frozenset[Mark]]]:
    """Yield every way to take words off the front: where the rest begins, and what they say."""
    yield 0, frozenset()
    for width in range(1, min(_WIDEST, len(text)) + 1 if words else 0):
        mark = _before().get(text[:width])
        if mark:
            for at, marks in _marks_before(text[width:], words - 1):
                if mark not in marks:
                    yield width + at, marks | {mark}


def _marks_after(text: str, words: int = _MOST_WORDS) -> Iterator[frozenset[Mark]]:
    """Yield every way in which the whole text is a row of words behind a number."""
    if not text:
        yield frozenset()
    for width in range(1, min(_WIDEST, len(text)) + 1 if words else 0):
        for mark in _after().get(text[:width], ()):
            for marks in _marks_after(text[width:], words - 1):
                if mark not in marks:
                    yield marks | {mark}


@lru_cache(maxsize=4096)
def _singles(text: str) -> frozenset[Amount]:
    """Return everything that a text without an interval may mean."""
    found = set()
    for start, before in _marks_before(text):
        rest = text[start:]
        for end in range(len(rest), 0, -1):
            numeral = read_numeral(rest[:end])
            if numeral is None:
                continue
            for after in _marks_after(rest[end:]):
                if _sensible(before, after):
                    found.add(_amount(numeral, before | after))
    return frozenset(found)


def _sensible(before: frozenset[Mark], after: frozenset[Mark]) -> bool:
    """Tell whether the words do not contradict one another: one unit, and one time or head."""
    marks = before | after
    return all(
        len({what for k, what in marks if k == kind}) <= 1 for kind in ("unit", "per")
    )


def _amount(numeral: Numeral, marks: frozenset[Mark]) -> Amount:
    negative = ("sign", "") in marks
    kept = frozenset(m for m in marks if m[0] not in ("sign", "label"))
    return Amount(numeral.low, numeral.high, kept, numeral.unit, negative)


def _intervals(text: str) -> Iterator[Amount]:
    for found in _SEPARATOR.finditer(text):
        if not found.start():
            continue
        for left in _singles(text[: found.start()]):
            for right in _singles(text[found.end() :]):
                if both := _both(left, right):
                    yield both


def _both(left: Amount, right: Amount) -> Amount | None:
    """Make one interval of its ends; the unit of the right one is that of both (1-2万)."""
    if (
        left.low != left.high
        or right.low != right.high
        or left.negative
        or right.negative
    ):
        return None
    marks = left.marks | right.marks
    if not _sensible(left.marks, right.marks):
        return None
    low, bare = left.low, right.low / right.magnitude
    if (
        left.magnitude == 1
        and right.magnitude > 1
        and low < bare
        and ("unit", "元") not in left.marks
    ):
        if right.magnitude == 10:
            return None  # 二到三十 may begin with 2 or with 20
        low *= right.magnitude
    if not low < right.high:
        return None
    return Amount(low, right.high, marks, max(left.magnitude, right.magnitude))


@lru_cache(maxsize=65536)
def read_amount(text: str) -> tuple[Amount, ...]:
    """Return everything that clean text without spaces may mean; nothing where it is not wholly understood."""
    if not text or len(text) > _LONGEST:
        return ()
    plain = text.translate(_TRANSLATED).rstrip("。.,;、")
    about = _MANY_BEFORE_UNIT.sub("", plain)
    found = {*_singles(about), *_intervals(about)}
    if about != plain:
        found = {
            Amount(a.low, a.high, a.marks | {("about", "")}, a.magnitude, a.negative)
            for a in found
        }
    return tuple(found)


_YUAN_JIAO = re.compile(r"(\d{1,9})(?:元|块)(?:(\d)[角毛])?(?:(\d)分)?", re.A)


def read_cents(text: str) -> Decimal | None:
    """Read 3000元5角2分; None where no 角 and no 分 stands."""
    found = _YUAN_JIAO.fullmatch(text)
    if not found or not (found[2] or found[3]):
        return None
    return (
        Decimal(found[1]) + Decimal(found[2] or 0) / 10 + Decimal(found[3] or 0) / 100
    )


_SPAN = re.compile(
    r"(?:([^年半月个季零又]{1,6})(?:个)?年(?:零|又)?|(半年)|([^年半月个季]{1,6})(?:个)?季度?)?(?:(半)|([^年半月个季]{1,6})?(个半)?(?:个月|月|个))?"
)


def read_months(text: str) -> Decimal | None:
    """Read a stretch of time that is told in years, half years or quarters as a number of months."""
    if text in ("全年", "一整年", "整年"):
        return Decimal(12)
    if not re.search(r"[年半季]", text) or not (found := _SPAN.fullmatch(text)):
        return None
    years, half_year, quarters, half, months, and_half = found.groups()
    if half and not years:
        return None
    total = (
        Decimal(6 if half_year else 0)
        + (6 if half else 0)
        + (Decimal("0.5") if and_half else 0)
    )
    for part, factor in ((years, 12), (quarters, 3), (months, 1)):
        number = read_numeral(part) if part else None
        if part and (number is None or number.low != number.high):
            return None
        total += number.low * factor if number else 0
    return total or None
