"""What stands around a table.

Title, who filled it in, for which place and period, in which unit of money.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from yiku.contracts.money import unit_in
from yiku.formats.cells import CellValue
from yiku.tables.table import SheetMetadata

# what labels around a table say, by what their value is
_WORDS = {
    "unit": "填报单位 报送单位 上报单位 填表单位 制表单位 填写单位 单位名称 编制单位 申报单位",
    "date": "填报时间 填报日期 填表时间 填表日期 上报时间 上报日期 制表时间 制表日期 报送时间 报送日期 填写日期 "
    "填写时间 统计时间 截止时间 日期 时间",
    "filler": "填表人 填报人 填写人 制表人 制表 经办人 统计员 填报人员 录入人",
    "reviewer": "审核人 审核 负责人 单位负责人 分管领导 复核人 主要负责人 审批人 部门负责人 村支书",
    "phone": "联系电话 电话 联系方式",
    "money": "金额单位 货币单位 计量单位 单位 资金单位",
}
LABELS = {
    word: kind for kind, words in _WORDS.items() for word in words.split()
}
# labels that head a column just as well: no sign of a footer
_ALSO_HEADERS = frozenset({"电话", "联系电话", "联系方式", "时间", "日期"})
# 填报单位： with a remark in brackets between
_LABEL = re.compile(
    "("
    + "|".join(sorted(LABELS, key=len, reverse=True))
    + r")\s*(?:\([^()]{0,12}\))?\s*[:]\s*"
)
_BARE_LABEL = re.compile(
    "("
    + "|".join(sorted(LABELS, key=len, reverse=True))
    + r")(?:\([^()]{0,12}\))?"
)
# what begins a note, and lines of a seal, a page or a day
_FOOTER = re.compile(
    r"^[*※★]{0,3}(?:说明|填表说明|填报说明|注|备注|附注|注意|注意事项|提示|签字|签章|盖章|公章|以上|本表|此表|附件)(?:\d|[一二三])?\s*[:,.、]"
    r"|^(?:以上|本表|此表|注意|填表说明|填报说明|第.{1,3}页|共.{1,3}页|—完—|[-—\s]*以下(?:空白|无正文)|\(?此页无正文|附[件表]\d{0,2}$|.{0,14}\(?(?:盖章|公章|签字|签章)\)?[:]?$|.{0,14}\(章\)$)"
    r"|^\d{4}年\d{1,2}月\d{1,2}日$|^年月日$"
)
# Whoever signs below a table and whatever is told there, under a name that the labels above do not list.
_SIGNATURE = re.compile(
    r"[^:]{0,10}(?:人|长|书记|主任|领导|干部|员|负责|签[字名章]|章|电话|手机|日期|时间|单位|部门|意见|联系方式)(?:\([^()]{0,12}\))?:.{0,40}"
)
# alone in a cell these head a note in the next one
_NOTE_WORDS = frozenset(
    {"注", "备注", "说明", "附注", "填表说明", "填报说明", "注意", "注意事项"}
)
# 附件1, 表2: a number of the form, no title of the table
_ATTACHMENT = re.compile(
    r"^(?:附件|附表|附)[\d一二三四五六七八九十]*[:]?$|^表[\d一二三四五六七八九十]+[:]?$"
)
_DAY = re.compile(r"(20\d{2})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})")
# 20171115 in the name of a sheet or a title
_COMPACT_DAY = re.compile(r"(20\d{2})([01]\d)([0-3]\d)")
# 2017年11月, 2017.11月
_YEAR_MONTH = re.compile(r"(20\d{2})\s*年?[.\-/]?\s*(\d{1,2})\s*月")
_QUARTER = re.compile(r"(20\d{2})\s*年?\s*第?\s*([1-4一二三四])\s*季度?")
_YEAR = re.compile(r"(20\d{2})\s*年")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
# 二〇一七年十一月 as official papers write it
_CHINESE_DATE = re.compile(
    r"([二][〇零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
# a name of two to five characters behind a county's name or a sign
_TOWN = re.compile(
    r"(?:^|[省市县区州\s\-—_(《])([^省市县区州镇乡\W\d_a-zA-Z各全本]{2,5}?(?:镇|乡|街道))(?!镇|村振兴)"
)
# 返乡, 下乡, 贫困乡镇 end like a town and are none
_NO_TOWN = re.compile(
    r"(?:返|回|下|城|家|入|本|各|全|离|归)乡$|乡镇|街道办$|^(?:我|该|贫困|农民工|外出|人员)"
)
# only behind its town: 大石镇前进村
_VILLAGE = re.compile(
    r"(?:镇|乡|街道|办事处)([^镇乡\W\d_a-zA-Z]{2,6}?(?:村|社区))(?!委会主任|级|名录|民)"
)
# 单位（万元）; 填报单位 is who reports
_LOOSE_UNIT = re.compile(
    r"(?<![填报送表])单位\s*+(?:[((]\s*+)?([十百千]?[万亿]?[美日欧港]?元)"
)
_LONGEST_DAY = 24  # of a signature line that is a day, in characters
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
    """Return a text in half width."""
    return unicodedata.normalize("NFKC", text).strip()


def _close(text: str) -> str:
    """Return a text in half width without spaces."""
    return re.sub(r"\s+", "", _plain(text))


def _chinese_number(text: str) -> int:
    """Read 二〇一七, 十一, 二十三.

    十 alone is ten, its tens and ones may be left out.
    """
    if "十" not in text:
        return int(text.translate(_DIGITS))
    tens, _, ones = text.partition("十")
    ten_count = int(tens.translate(_DIGITS) or 1)
    return ten_count * 10 + int(ones.translate(_DIGITS) or 0)


def _western_date(match: re.Match[str]) -> str:
    """Return a date written in Chinese digits in the other ones."""
    year = match[1].translate(_DIGITS)
    month = _chinese_number(match[2])
    day = f"{_chinese_number(match[3])}日" if match[3] else ""
    return f"{year}年{month}月{day}"


def _western(text: str) -> str:
    """Write the Chinese dates of a text in digits.

    二〇一七年十一月 is 2017年11月.
    """
    return _CHINESE_DATE.sub(_western_date, text)


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
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def read_period(text: str) -> str | None:
    """Return the period that a title names: YYYY-MM, YYYY-Qn or YYYY."""
    plain = _western(_plain(text))
    quarter = _QUARTER.search(plain)
    if quarter:
        return f"{quarter[1]}-Q{quarter[2].translate(_DIGITS)}"
    month = _YEAR_MONTH.search(plain)
    if month and 1 <= int(month[2]) <= 12:
        return f"{month[1]}-{int(month[2]):02d}"
    year = _YEAR.search(plain)
    return year[1] if year else None


def towns_in(text: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the towns that a text names.

    Those of ``known`` that occur, and whatever reads like one.
    """
    plain = _plain(text)
    found = [name for name in known if name in plain]
    for match in _TOWN.finditer(plain):
        name = match[1]
        if _NO_TOWN.search(name):
            continue
        if not any(name in other or other in name for other in found):
            found.append(name)
    return tuple(dict.fromkeys(found))


def village_in(text: str) -> str | None:
    """Return the village that a title or unit names behind its town."""
    match = _VILLAGE.search(_plain(text))
    if not match:
        return None
    name = match[1]
    if name in _NO_VILLAGE or name.startswith(("各", "贫困")):
        return None
    return name


def is_label_row(texts: Sequence[str]) -> bool:
    """Return whether a row says who filled the table in, or when.

    Such a row is no header and no data.
    """
    if not texts:
        return False
    if LABELS.get(_close(texts[0])) in ("unit", "date", "filler"):
        return True
    return any(_LABEL.search(_plain(text)) for text in texts)


def is_footer_text(text: str) -> bool:
    """Return whether a cell is a note or a signature line below a table."""
    plain = _close(text)
    if _FOOTER.search(plain) or _LABEL.match(plain):
        return True
    return plain in LABELS and plain not in _ALSO_HEADERS


def is_signature(plain: str) -> bool:
    """Return whether a cell says who signs below a table: 村主任签字：.

    The cell is in half width, without spaces.
    """
    return _SIGNATURE.fullmatch(plain) is not None


def is_footer_word(plain: str) -> bool:
    """Return whether a cell is a bare label whose value stands in the next cell.

    The cell is in half width, without spaces.
    """
    bare = re.sub(r"\([^()]{0,12}\)", "", plain).rstrip(":")
    if bare in _NOTE_WORDS:
        return True
    if bare not in LABELS:
        return False
    # 电话 heads a column as well; with a colon it is a label
    return bare not in _ALSO_HEADERS or plain.endswith(":")


def _pairs(row: Sequence[CellValue]) -> Iterator[tuple[str, CellValue]]:
    """Yield what the labels of a row are followed by.

    In the same cell, or in the next filled one.
    """
    cells = [cell for cell in row if _is_filled(cell)]
    for cell, beside in zip(cells, [*cells[1:], None], strict=False):
        if isinstance(cell, str):
            yield from _pairs_in(_plain(cell), beside)


def _is_filled(cell: CellValue) -> bool:
    """Return whether a cell holds more than spaces."""
    if isinstance(cell, str):
        return bool(cell.strip())
    return cell is not None


def _pairs_in(
    plain: str, beside: CellValue
) -> Iterator[tuple[str, CellValue]]:
    """Yield what the labels of one cell are followed by; ``beside`` is the next cell."""
    labels = list(_LABEL.finditer(plain))
    if not labels:
        bare = _BARE_LABEL.fullmatch(re.sub(r"\s+", "", plain).rstrip(":"))
        if bare and beside is not None:
            yield LABELS[bare[1]], beside
        return
    ends = [label.start() for label in labels[1:]]
    for label, end in zip(labels, [*ends, len(plain)], strict=True):
        value: CellValue = plain[label.end() : end].strip(" ,;_")
        if not value and label is labels[-1] and beside is not None:
            value = beside
        yield LABELS[label[1]], value


def _title(rows: Sequence[Sequence[CellValue]]) -> str:
    """Take the longest text above the header that stands alone in its row.

    One that is neither a label nor a note.
    """
    best = ""
    for row in rows:
        texts = [
            cell for cell in row if isinstance(cell, str) and cell.strip()
        ]
        # a title may stand beside one more text: 单位：元
        if not texts or len(set(texts)) > 2:
            continue
        first = texts[0]
        if is_label_row(texts) or is_footer_text(first):
            continue
        if _ATTACHMENT.match(_plain(first)):
            continue
        best = max(best, _close(first), key=len)
    return best


def read_metadata(
    above: Sequence[Sequence[CellValue]],
    below: Sequence[Sequence[CellValue]],
    towns: Iterable[str] = (),
    receipt_no: str | None = None,
) -> SheetMetadata:
    """Read title, unit, dates and signatures from what stands around a table.

    ``above`` are the rows above its header, ``below`` those below its data; ``towns``
    are names that the county has.
    """
    found = _labelled([*above, *below])
    title = _title(above)
    unit = str(found.get("unit") or "")
    day = found.get("date")
    return SheetMetadata(
        title=title,
        towns=towns_in(f"{title} {unit}", towns),
        reporting_unit=unit or None,
        filler=_text(found.get("filler")),
        reviewer=_text(found.get("reviewer")),
        phone=_text(found.get("phone")),
        fill_date=day if isinstance(day, date) else read_footer_day(below),
        period=read_period(title),
        money_unit=_text(found.get("money")) or _loose_unit(above),
        receipt_no=receipt_no,
    )


def _labelled(rows: Sequence[Sequence[CellValue]]) -> dict[str, CellValue]:
    """Return the first that each kind of label is followed by."""
    found: dict[str, CellValue] = {}
    for row in rows:
        for kind, value in _pairs(row):
            meant = value
            if kind == "money":
                meant = unit_in(str(value))
            elif kind == "date":
                meant = read_day(value)
            if meant:
                found.setdefault(kind, meant)
    return found


def _loose_unit(rows: Sequence[Sequence[CellValue]]) -> str | None:
    """Return the unit of money that a text names without a colon: （单位 万元）."""
    texts: list[str] = []
    for row in rows:
        texts.extend(
            cell for cell in row if isinstance(cell, str) and "单位" in cell
        )
    match = _LOOSE_UNIT.search(_plain(" ".join(texts)))
    return unit_in(match[1]) if match else None


def _text(value: CellValue) -> str | None:
    """Return a cell as text: a telephone number without the .0 of a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or value == "":
        return None
    return str(value)


def read_footer_day(below: Sequence[Sequence[CellValue]]) -> date | None:
    """Return the day that a signature line below the table gives without a label.

    2017年11月15日 alone in the last row is when the table was signed.
    """
    for row in below:
        cells = [cell for cell in row if cell is not None and cell != ""]
        if len(cells) != 1:
            continue
        only = cells[0]
        if isinstance(only, str) and len(only.strip()) <= _LONGEST_DAY:
            day = read_day(only)
            if day:
                return day
    return None
