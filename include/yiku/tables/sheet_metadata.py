"""What stands around a table: title, who filled it in, for which place and period, in which unit of money."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from yiku.contracts.money import unit_in
from yiku.formats.cells import CellValue
from yiku.tables.table import SheetMetadata

_WORDS = {
    "unit": "填报单位 报送单位 上报单位 填表单位 制表单位 填写单位 单位名称 编制单位 申报单位",
    "date": "填报时间 填报日期 填表时间 填表日期 上报时间 上报日期 制表时间 制表日期 报送时间 报送日期 填写日期 "
    "填写时间 统计时间 截止时间 日期 时间",
    "filler": "填表人 填报人 填写人 制表人 制表 经办人 统计员 填报人员 录入人",
    "reviewer": "审核人 审核 负责人 单位负责人 分管领导 复核人 主要负责人 审批人 部门负责人 村支书",
    "phone": "联系电话 电话 联系方式",
    "money": "金额单位 货币单位 计量单位 单位 资金单位",
}
LABELS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_ALSO_HEADERS = frozenset({"电话", "联系电话", "联系方式", "时间", "日期"})
_LABEL = re.compile(
    "("
    + "|".join(sorted(LABELS, key=len, reverse=True))
    + r")\s*(?:\([^()]{0,12}\))?\s*[:]\s*"
)
_BARE_LABEL = re.compile(
    "(" + "|".join(sorted(LABELS, key=len, reverse=True)) + r")(?:\([^()]{0,12}\))?"
)
_FOOTER = re.compile(
    r"^[*※★]{0,3}(?:说明|填表说明|填报说明|注|备注|附注|注意|注意事项|提示|签字|签章|盖章|公章|以上|本表|此表|附件)(?:\d|[一二三])?\s*[:,.、]"
    r"|^(?:以上|本表|此表|注意|填表说明|填报说明|第.{1,3}页|共.{1,3}页|—完—|[-—\s]*以下(?:空白|无正文)|\(?此页无正文|附[件表]\d{0,2}$|.{0,14}\(?(?:盖章|公章|签字|签章)\)?[:]?$|.{0,14}\(章\)$)"
    r"|^\d{4}年\d{1,2}月\d{1,2}日$|^年月日$"
)
# Whoever signs below a table and whatever is told there, under a name that the labels above do not list.
_SIGNATURE = re.compile(
    r"[^:]{0,10}(?:人|长|书记|主任|领导|干部|员|负责|签[字名章]|章|电话|手机|日期|时间|单位|部门|意见|联系方式)(?:\([^()]{0,12}\))?:.{0,40}"
)
_NOTE_WORDS = frozenset(
    {"注", "备注", "说明", "附注", "填表说明", "填报说明", "注意", "注意事项"}
)
_ATTACHMENT = re.compile(
    r"^(?:附件|附表|附)[\d一二三四五六七八九十]*[:]?$|^表[\d一二三四五六七八九十]+[:]?$"
)
_DAY = re.compile(r"(20\d{2})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})")
_COMPACT_DAY = re.compile(r"(20\d{2})([01]\d)([0-3]\d)")
_YEAR_MONTH = re.compile(r"(20\d{2})\s*年?[.\-/]?\s*(\d{1,2})\s*月")
_QUARTER = re.compile(r"(20\d{2})\s*年?\s*第?\s*([1-4一二三四])\s*季度?")
_YEAR = re.compile(r"(20\d{2})\s*年")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CHINESE_DATE = re.compile(
    r"([二][〇零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_TOWN = re.compile(
    r"(?:^|[省市县区州\s\-—_(《])([^省市县区州镇乡\W\d_a-zA-Z各全本]{2,5}?(?:镇|乡|街道))(?!镇|村振兴)"
)
_NO_TOWN = re.compile(
    r"(?:返|回|下|城|家|入|本|各|全|离|归)乡$|乡镇|街道办$|^(?:我|该|贫困|农民工|外出|人员)"
)
_VILLAGE = re.compile(
    r"(?:镇|乡|街道|办事处)([^镇乡\W\d_a-zA-Z]{2,6}?(?:村|社区))(?!委会主任|级|名录|民)"
)
_NO_VILLAGE = frozenset(
    {
        "贫困村",
        "各村",
        "行政村",
        "农村",
        "示范村",
        "全村",
        "深度贫困村",
        "各行政村",
        "村社区",
    }
)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _chinese_number(text: str) -> int:
    if "十" not in text:
        return int(text.translate(_DIGITS))
    tens, _, ones = text.partition("十")
    return int(tens.translate(_DIGITS) or 1) * 10 + int(ones.translate(_DIGITS) or 0)


def _western(text: str) -> str:
    def write(match: re.Match[str]) -> str:
        day = f"{_chinese_number(match[3])}日" if match[3] else ""
        return f"{match[1].translate(_DIGITS)}年{_chinese_number(match[2])}月{day}"

    return _CHINESE_DATE.sub(write, text)


def read_day(value: CellValue) -> date | None:
    """Return the day that a cell or text names, None when it names none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = _western(_plain(value))
    match = _DAY.search(text) or _COMPACT_DAY.search(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_period(text: str) -> str | None:
    """Return the period that a title names: YYYY-MM, YYYY-Qn or YYYY."""
    plain = _western(_plain(text))
    if match := _QUARTER.search(plain):
        return f"{match[1]}-Q{match[2].translate(_DIGITS)}"
    if (match := _YEAR_MONTH.search(plain)) and 1 <= int(match[2]) <= 12:
        return f"{match[1]}-{int(match[2]):02d}"
    match = _YEAR.search(plain)
    return match[1] if match else None


def towns_in(text: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the towns that a text names: those of ``known`` that occur, and whatever reads like one."""
    plain = _plain(text)
    found = [name for name in known if name in plain]
    for match in _TOWN.finditer(plain):
        name = match[1]
        if not _NO_TOWN.search(name) and not any(name in k or k in name for k in found):
            found.append(name)
    return tuple(dict.fromkeys(found))


def village_in(text: str) -> str | None:
    """Return the village that a title or unit names behind its town."""
    match = _VILLAGE.search(_plain(text))
    return (
        match[1]
        if match
        and match[1] not in _NO_VILLAGE
        and not match[1].startswith(("各", "贫困"))
        else None
    )


def is_label_row(texts: Sequence[str]) -> bool:
    """Tell whether a row says who filled the table in, or when: not a header and not data."""
    first = re.sub(r"\s+", "", _plain(texts[0])) if texts else ""
    return LABELS.get(first) in ("unit", "date", "filler") or any(
        _LABEL.search(_plain(t)) for t in texts
    )


def is_footer_text(text: str) -> bool:
    """Tell whether a cell is a note or a signature line below a table."""
    plain = re.sub(r"\s+", "", _plain(text))
    if _FOOTER.search(plain) or _LABEL.match(plain):
        return True
    return plain in LABELS and plain not in _ALSO_HEADERS


def is_signature(plain: str) -> bool:
    """Tell whether a cell (half width, without spaces) says who signs or what is told below a table: 村主任签字：."""
    return _SIGNATURE.fullmatch(plain) is not None


def is_footer_word(plain: str) -> bool:
    """Tell whether a cell (half width, without spaces) is a bare label whose value stands in the next cell."""
    bare = re.sub(r"\([^()]{0,12}\)", "", plain).rstrip(":")
    return (
        bare in LABELS and (bare not in _ALSO_HEADERS or plain.endswith(":"))
    ) or bare in _NOTE_WORDS


def _pairs(row: Sequence[CellValue]) -> Iterable[tuple[str, CellValue]]:
    """Give what the labels of a row are followed by, in the same cell or in the next filled one."""
    cells = [c for c in row if c is not None and (not isinstance(c, str) or c.strip())]
    for at, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        plain = _plain(cell)
        hits = list(_LABEL.finditer(plain))
        if (
            not hits
            and (bare := _BARE_LABEL.fullmatch(re.sub(r"\s+", "", plain).rstrip(":")))
            and at + 1 < len(cells)
        ):
            yield LABELS[bare[1]], cells[at + 1]
        for number, hit in enumerate(hits):
            end = hits[number + 1].start() if number + 1 < len(hits) else len(plain)
            value: CellValue = plain[hit.end() : end].strip(" ,;_")
            if not value and at + 1 < len(cells) and number == len(hits) - 1:
                value = cells[at + 1]
            yield LABELS[hit[1]], value


def _title(rows: Sequence[Sequence[CellValue]]) -> str:
    """Take the longest text above the header that stands alone in its row and is neither a label nor a note."""
    best = ""
    for row in rows:
        texts = [c for c in row if isinstance(c, str) and c.strip()]
        if (
            not texts
            or len(set(texts)) > 2
            or is_label_row(texts)
            or _ATTACHMENT.match(_plain(texts[0]))
        ):
            continue
        if is_footer_text(texts[0]):
            continue
        best = max(best, re.sub(r"\s+", "", _plain(texts[0])), key=len)
    return best


def read_metadata(
    above: Sequence[Sequence[CellValue]],
    below: Sequence[Sequence[CellValue]],
    towns: Iterable[str] = (),
    receipt_no: str | None = None,
) -> SheetMetadata:
    """Read title, unit, dates and signatures from the rows above the header and below the data."""
    found: dict[str, CellValue] = {}
    for row in [*above, *below]:
        for kind, value in _pairs(row):
            if kind == "money":
                value = unit_in(str(value))
            elif kind == "date":
                value = read_day(value)
            if value:
                found.setdefault(kind, value)
    title, unit = _title(above), found.get("unit")
    unit_text = str(unit) if unit else ""
    bare = " ".join(
        str(c) for row in above for c in row if isinstance(c, str) and "单位" in c
    )
    return SheetMetadata(
        title=title,
        towns=towns_in(f"{title} {unit_text}", towns),
        reporting_unit=unit_text or None,
        filler=_text(found.get("filler")),
        reviewer=_text(found.get("reviewer")),
        phone=_text(found.get("phone")),
        fill_date=day
        if isinstance(day := found.get("date"), date)
        else read_footer_day(below),
        period=read_period(title),
        money_unit=_text(found.get("money")) or _loose_unit(bare),
        receipt_no=receipt_no,
    )


def _loose_unit(text: str) -> str | None:
    match = re.search(
        r"(?<![填报送表])单位\s*+(?:[((]\s*+)?([十百千]?[万亿]?[美日欧港]?元)",
        _plain(text),
    )
    return unit_in(match[1]) if match else None


def _text(value: CellValue) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if value is not None and value != "" else None


def read_footer_day(below: Sequence[Sequence[CellValue]]) -> date | None:
    """Return the day that a signature line below the table gives without a label."""
    for row in below:
        cells = [c for c in row if c is not None and c != ""]
        if (
            len(cells) == 1
            and isinstance(cells[0], str)
            and len(cells[0].strip()) <= 24
            and (day := read_day(cells[0]))
        ):
            return day
    return None
