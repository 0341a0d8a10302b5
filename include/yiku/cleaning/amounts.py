"""Amounts as clerks write them: number, unit, per which time or head, about or exactly.

One, or from one to another. A text is read only as a whole. What it may mean in two
ways, and what has a word too many, is no amount.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
# behind a number: of which time or head it is
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
# words that make an amount a guess or a bound
_ABOUT_BEFORE = "大约 大概 约 约为 近 将近 接近 不到 不足 至少 最少 最多 超过 超 高于 低于 上 ≈ ~ ± > < ≥ ≤ >= <="
_ABOUT_AFTER = "左右 上下 多 余 来 以上 以下 以内 之间 + ± 开外 出头 不到 不等"
# words before an amount that say nothing more than the header does
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
# between the two ends of a range: 1-2万, 3000至5000
_SEPARATOR = re.compile(r"--|——|[-~—–―至到]")
# 三十多万: the word stands before the unit, the number is about the rest
_MANY_BEFORE_UNIT = re.compile(r"(?<=[\d十百千])([多余来])(?=[万千百亿])")
# traditional characters, and the minus signs of other keyboards
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
        return {what for marked, what in self.marks if marked == kind}


@cache
def _before() -> dict[str, Mark]:
    """Return the words in front of a number; each says one thing."""
    words: dict[str, Mark] = dict.fromkeys(
        _ABOUT_BEFORE.split(), ("about", "")
    )
    words |= dict.fromkeys(_LABELS.split(), ("label", ""))
    for span, text in _PER_BEFORE.items():
        words |= dict.fromkeys(text.split(), ("per", span))
    words |= dict.fromkeys(["人民币", "RMB", "CNY", "¥", "￥"], ("unit", "元"))
    words |= dict.fromkeys(
        [*_FOREIGN_SIGNS.split(), *FOREIGN_WORDS], ("unit", "外币")
    )
    words |= dict.fromkeys("-负", ("sign", ""))
    words["第"] = ("rank", "")
    words["+"] = ("label", "")
    return words


@cache
def _after() -> dict[str, list[Mark]]:
    """Return the words behind a number with all that each may say.

    月 is a unit (3个月) and a time (3000元/月).
    """
    words: defaultdict[str, list[Mark]] = defaultdict(list)
    for kind, table in (("unit", _UNITS), ("per", _PER)):
        for what, text in table.items():
            for word in text.split():
                words[word].append((kind, what))
    for word in _ABOUT_AFTER.split():
        words[word].append(("about", ""))
    for word in [*_FOREIGN_SIGNS.split(), *FOREIGN_WORDS]:
        words[word].append(("unit", "外币"))
    return dict(words)


_WIDEST = 6  # characters of a word
_MOST_WORDS = 4  # before a number, and behind it


def _widths(text: str, words: int) -> range:
    """Return how wide the next word may be; none when no more words may stand."""
    return range(1, min(_WIDEST, len(text)) + 1) if words else range(0)


def _marks_before(
    text: str,
    words: int = _MOST_WORDS,
) -> Iterator[tuple[int, frozenset[Mark]]]:
    """Yield every way to take words off the front.

    Where the rest begins, and what the words say; no word says the same twice.
    """
    yield 0, frozenset()
    for width in _widths(text, words):
        mark = _before().get(text[:width])
        if mark is None:
            continue
        for start, marks in _marks_before(text[width:], words - 1):
            if mark not in marks:
                yield width + start, marks | {mark}


def _marks_after(
    text: str, words: int = _MOST_WORDS
) -> Iterator[frozenset[Mark]]:
    """Yield every way in which the whole text is a row of words behind a number."""
    if not text:
        yield frozenset()
    for width in _widths(text, words):
        for mark in _after().get(text[:width], ()):
            for marks in _marks_after(text[width:], words - 1):
                if mark not in marks:
                    yield marks | {mark}


@lru_cache(maxsize=4096)
def _singles(text: str) -> frozenset[Amount]:
    """Return everything that a text without an interval may mean.

    每月3000元左右 is 3000, of a month, in yuan, about. 3月 may be months or a time.
    """
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
    """Return whether the words do not contradict one another.

    One unit, and one time or head.
    """
    marks = before | after
    for kind in ("unit", "per"):
        said = {what for marked, what in marks if marked == kind}
        if len(said) > 1:
            return False
    return True


def _amount(numeral: Numeral, marks: frozenset[Mark]) -> Amount:
    """Return what a numeral and the words around it say together."""
    kept = frozenset(
        mark for mark in marks if mark[0] not in ("sign", "label")
    )
    is_negative = ("sign", "") in marks
    return Amount(numeral.low, numeral.high, kept, numeral.unit, is_negative)


def _intervals(text: str) -> Iterator[Amount]:
    """Yield what a text may mean as two amounts with a separator between.

    3000-5000元, 两万到三万, 1~2万.
    """
    for separator in _SEPARATOR.finditer(text):
        if not separator.start():
            continue
        rights = _singles(text[separator.end() :])
        for left in _singles(text[: separator.start()]):
            for right in rights:
                both = _both(left, right)
                if both:
                    yield both


def _is_end(amount: Amount) -> bool:
    """Return whether an amount may be an end of an interval: one number, not below 0."""
    return amount.low == amount.high and not amount.negative


def _both(left: Amount, right: Amount) -> Amount | None:
    """Make one interval of its ends; the unit of the right one is that of both (1-2万)."""
    if not _is_end(left) or not _is_end(right):
        return None
    if not _sensible(left.marks, right.marks):
        return None
    low = left.low
    is_bare = left.magnitude == 1 and ("unit", "元") not in left.marks
    if is_bare and right.magnitude > 1 and low < right.low / right.magnitude:
        if right.magnitude == 10:
            return None  # 二到三十 may begin with 2 or with 20
        low *= right.magnitude
    if low >= right.high:
        return None
    magnitude = max(left.magnitude, right.magnitude)
    return Amount(low, right.high, left.marks | right.marks, magnitude)


@lru_cache(maxsize=65536)
def read_amount(text: str) -> tuple[Amount, ...]:
    """Return everything that clean text without spaces may mean.

    Nothing where it is not wholly understood.
    """
    if not text or len(text) > _LONGEST:
        return ()
    plain = text.translate(_TRANSLATED).rstrip("。.,;、")
    # 三十多万 is about 三十万
    rounded = _MANY_BEFORE_UNIT.sub("", plain)
    found = {*_singles(rounded), *_intervals(rounded)}
    if rounded != plain:
        about = frozenset({("about", "")})
        found = {
            replace(amount, marks=amount.marks | about) for amount in found
        }
    return tuple(found)


# as amounts are spoken: 3000元5角2分
_YUAN_JIAO = re.compile(r"(\d{1,9})(?:元|块)(?:(\d)[角毛])?(?:(\d)分)?", re.A)


def read_cents(text: str) -> Decimal | None:
    """Read 3000元5角2分; None where no 角 and no 分 stands."""
    found = _YUAN_JIAO.fullmatch(text)
    if not found:
        return None
    yuan, jiao, fen = found.groups()
    if not jiao and not fen:
        return None
    return Decimal(yuan) + Decimal(jiao or 0) / 10 + Decimal(fen or 0) / 100


# 一年半, 半年, 三个季度, 两年零三个月, 三个半月
_SPAN = re.compile(
    r"(?:([^年半月个季零又]{1,6})(?:个)?年(?:零|又)?|(半年)|([^年半月个季]{1,6})(?:个)?季度?)?"
    r"(?:(半)|([^年半月个季]{1,6})?(个半)?(?:个月|月|个))?"
)


def read_months(text: str) -> Decimal | None:
    """Read a stretch of time told in years, half years or quarters as months."""
    if text in ("全年", "一整年", "整年"):
        return Decimal(12)
    if not re.search(r"[年半季]", text):
        return None
    found = _SPAN.fullmatch(text)
    if not found:
        return None
    years, half_year, quarters, half, months, and_half = found.groups()
    if half and not years:
        return None
    # 半年, 一年半, 三个半月
    halves = ((half_year, "6"), (half, "6"), (and_half, "0.5"))
    total = sum((Decimal(size) for said, size in halves if said), Decimal(0))
    for part, factor in ((years, 12), (quarters, 3), (months, 1)):
        if not part:
            continue
        number = read_numeral(part)
        if number is None or number.low != number.high:
            return None
        total += number.low * factor
    return total or None
