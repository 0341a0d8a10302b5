"""What each line of a sheet is, told by its whole shape.

Every line that is not blank is of exactly one class. A line below a header is a row of
the list unless everything on it says otherwise: a signature, a note, a sum. One cell
that could be a signature never makes a row a footer. What is not a row is counted by
its class and told to the sender.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from yiku.formats.cells import CellValue
from yiku.tables import header_hints
from yiku.tables.sheet_metadata import (
    is_footer_text,
    is_footer_word,
    is_signature,
)
from yiku.tables.table import UNREAD
from yiku.tables.value_profile import (
    clean_text,
    looks_like_id,
    looks_like_name,
    looks_like_phone,
)

TITLE = "title"  # above a header: title, who sends it, facts of a session
HEADER = "header"
AGAIN = "header_again"
NUMBERS = "column_numbers"
HINT = "hint"
EXAMPLE = "example"
DATA = "data"
TOTAL = "total"
FOOTER = "footer"
NOTE = "note"
PLACE = (
    "place"  # a village's name above its people, or a place prepared for later
)
PREPARED = "prepared"  # a number prepared for later, dashes
OTHER = "other_table"  # a small table of something else below the list

# Of a line that two tables side by side share, the class named first counts.
CLASSES: Mapping[str, str] = {
    DATA: "数据行",
    HEADER: "表头",
    TITLE: "标题",
    AGAIN: "重复的表头",
    NUMBERS: "列号行",
    EXAMPLE: "示例行",
    HINT: "填写提示",
    TOTAL: "合计行",
    FOOTER: "签名行",
    OTHER: "另一张表",
    NOTE: "说明",
    PLACE: "只有地名的行",
    PREPARED: "空白备用行",
    UNREAD: "未识别工作表的行",
}
# lines that every table has: nothing was left out
_EXPECTED = frozenset({DATA, HEADER, TITLE})

_SUM_WORD = r"(?:合计|小计|总计|共计|累计|总数|总和|汇总|总人数|总户数|总金额|总额|总笔数|平均数?|平均值|均值)"
_SUM_OF = r"(?:人数|户数|金额|人次|数额|笔数|数|额)?"
_MEASURE = r"(?:万?元|[人名户个行条次笔件岗份家场所处批期村]|人次)"
# 合计, 小计：, 共3人, 总计3000元，5户
_TOTAL = re.compile(
    rf"[^:]{{0,10}}?{_SUM_WORD}{_SUM_OF}(?:\([^()]{{0,8}}\))?[:=]?(?:[\d.,]{{1,16}}{_MEASURE}?[,,、;/]?){{0,3}}(?:\([^()]{{0,8}}\))?:?"
    rf"|[^:\d]{{0,6}}共:?[\d.,]{{1,16}}{_MEASURE}(?:[,,、;]?[\d.,]{{1,16}}{_MEASURE}){{0,2}}"
)
_OF_FORM = r"[(]?(?:填[写表报])?(?:参考)?"
# in the first cells of a row: 示例, 填写样例（参考）
_EXAMPLE = re.compile(
    _OF_FORM
    + r"(?:示例|样例|范例|举例|例如|例子|例|样表|示范|样板)(?:行|数据|说明|\d)?[)]?[:]?"
)
_EXAMPLE_WORD = re.compile(
    _OF_FORM + r"(?:示例|样例|范例)(?:行|数据|\d)?[)]?[:]?"
)
# before a value: 例：张三
_EXAMPLE_OPENS = re.compile(
    r"[(]?(?:示例|样例|举例|例如|例|如)[)]?:.|\((?:示例|样例|例)\)."
)
# words that tell a clerk how to fill in a cell
_HINT = re.compile(
    r"必填|选填|下拉|填写|请填|格式|^如[:]|^例[:]|文本型|自动生成|可不填|必须填|^\d{1,2}位|yyyy|单选|多选|^\(?(?:文本|数字|日期)\)?$",
    re.I,
)
# 101人 beside 合计 is nobody's name
_COUNTED = re.compile(rf"[共计约]{{0,2}}[\d.,]{{1,16}}{_MEASURE}")
_NUMBER = re.compile(r"[-+]?[\d.,]{1,20}%?(?:万?元)?")
# an amount written out beside its sum
_IN_WORDS = re.compile(r"\(?(?:大写|小写|人民币)")
# a day alone, as stands below a signature
_DAY = re.compile(
    r"(?:19|20)\d{2}(?:年\d{1,2}月(?:\d{1,2}日)?|[-./]\d{1,2}[-./]\d{1,2})"
    r"|[〇零一二三四五六七八九]{4}年.{1,8}日?|年月日"
)
# 核定人数:3人, whatever the label says
_PAIR = re.compile(r"[\u4e00-\u9fa5/、]{2,12}(?:\([^()]{0,12}\))?:.{0,40}")
_NOTHING = frozenset(
    {
        "/",
        "\\",
        "-",
        "--",
        "—",
        "——",
        "…",
        "……",
        "...",
        "......",
        "无",
        "空",
        "*",
        "。",
    }
)
_LONGEST_TOTAL = 30
_LONGEST_ORDINAL = 40
_NAME_LONG = 12  # characters: a longer text may be a sentence
_NOTE_LONG = 40  # a cell of more characters may be a note
# ends like a sentence, or has two commas
_SENTENCE = re.compile(r"[。;;!！]$|[,,].{2,}[,,。]")
_ID_DIGITS = 6  # less is a count of people, not an ID

# the ten stems, by which forms letter their columns
_LETTERS = "甲乙丙丁戊己庚辛壬癸"
_HAN_DIGITS = "一二三四五六七八九十"
_NUMBER_WORDS = frozenset(
    {
        "栏次",
        "栏",
        "列",
        "列次",
        "列号",
        "序号",
        "项次",
        "行次",
        "栏号",
        "编号",
        "序号列",
    }
)
# （1）, 第1列, 5=3+4
_AROUND = re.compile(r"^第?[(（\[【]?|[)）\]】]?[栏列项]?(?:=.{1,24})?$")
_STEP = 3  # columns between two numbered ones may be without a number


def is_left_out(line: str) -> bool:
    """Return whether a line of this class stood below a header and is no row.

    Titles, headers and rows are as they should be.
    """
    return line not in _EXPECTED


def left_out(counts: Mapping[str, int]) -> int:
    """Return how many of the counted lines were not read as rows.

    Though they stood below a header, or on no list.
    """
    return sum(count for found, count in counts.items() if is_left_out(found))


def left_out_text(counts: Mapping[str, int]) -> str:
    """Say in Chinese how many lines were not read as rows, and what they are.

    '' when there are none.
    """
    told: list[str] = []
    for found, name in CLASSES.items():
        count = counts.get(found)
        if count and is_left_out(found):
            told.append(f"{name}{count}行")
    return "、".join(told)


def foremost(classes: Iterable[str]) -> str:
    """Return the class that counts where tables side by side disagree on a line.

    A row on the left with a note on the right is a row.
    """
    return min(classes, key=list(CLASSES).index)


class _Ordinal(NamedTuple):
    """The number of a column: in which alphabet, and its place there."""

    alphabet: str
    place: int


def is_number_row(row: Sequence[CellValue]) -> bool:
    """Return whether a row only numbers the columns.

    1 2 3, (1) (2), ① ②, A B C, 甲 乙 1 2, 栏次 1 2 3.
    """
    ordinals: list[_Ordinal] = []
    for cell in row:
        if cell is None:
            continue
        text = _bare_ordinal(cell)
        if text in _NUMBER_WORDS:
            continue
        ordinal = _ordinal(text)
        if ordinal is None:
            return False
        ordinals.append(ordinal)
    if len(ordinals) < 3 or ordinals[0].place > _STEP:
        return False
    return all(
        _follows(before, ordinal) for before, ordinal in pairwise(ordinals)
    )


def _follows(before: _Ordinal, ordinal: _Ordinal) -> bool:
    """Return whether a column's number may stand behind another; 甲 乙 1 2 is one row."""
    if ordinal.alphabet != before.alphabet:
        return ordinal.place <= _STEP
    return 1 <= ordinal.place - before.place <= _STEP


def _bare_ordinal(value: CellValue) -> str:
    """Return a column's number without what stands around it; ? for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return "?"
    text = str(value)
    if len(text) > _LONGEST_ORDINAL:
        return "?"
    close = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return _AROUND.sub("", close)


def _ordinal(text: str) -> _Ordinal | None:
    """Return the number that a text is of a column; None when it is none."""
    if text.isdecimal():
        return _Ordinal("1", int(text)) if len(text) < 4 else None
    if len(text) in (1, 2) and text.isascii() and text.isalpha():
        is_one_case = text.isupper() or text.islower()
        return _Ordinal("A", _letters_place(text)) if is_one_case else None
    for alphabet in (_LETTERS, _HAN_DIGITS):
        if len(text) == 1 and text in alphabet:
            return _Ordinal(alphabet, alphabet.index(text) + 1)
    if len(text) == 2 and text[0] == "十" and text[1] in _HAN_DIGITS:
        return _Ordinal(_HAN_DIGITS, 11 + _HAN_DIGITS.index(text[1]))
    return None


def _letters_place(text: str) -> int:
    """Return the place of a column called by letters: A is 1, AA is 27."""
    place = 0
    for letter in text.upper():
        place = 26 * place + ord(letter) - ord("A") + 1
    return place


def is_example(cells: Sequence[CellValue]) -> bool:
    """Return whether a row near the header only shows how to fill in the form.

    Its first cells say so.
    """
    texts = [clean_text(cell) for cell in cells[:6] if isinstance(cell, str)]
    if any(_EXAMPLE.fullmatch(text) for text in texts[:3]):
        return True
    return any(_EXAMPLE_OPENS.match(text) for text in texts)


def says_example(value: CellValue) -> bool:
    """Return whether a cell beside a row says outright that it is an example.

    Wherever the row stands.
    """
    if not isinstance(value, str):
        return False
    return _EXAMPLE_WORD.fullmatch(clean_text(value)) is not None


def is_hint_row(cells: Sequence[CellValue]) -> bool:
    """Return whether most cells of a row say how to fill in the column.

    Or all of them in which unit.
    """
    texts = [clean_text(cell) for cell in cells if isinstance(cell, str)]
    if len(cells) > 1 and len(texts) == len(cells):
        if all(map(header_hints.is_unit, texts)):
            return True
    if len(cells) < 3:
        return False
    hints = sum(_HINT.search(text) is not None for text in texts)
    return hints * 10 >= len(cells) * 6


@lru_cache(maxsize=65536)
def _text_sort(text: str) -> str:
    """Return the sort of a text, kept: most lists say the same words often."""
    plain = clean_text(text)
    if not plain or plain in _NOTHING:
        return "nothing"
    if len(text) <= _LONGEST_TOTAL and _TOTAL.fullmatch(plain):
        return "total"
    if is_footer_word(plain):
        return "label"
    if is_footer_text(plain) or is_signature(plain):
        return "label" if plain.endswith(":") else "said"
    if _DAY.fullmatch(plain):
        return "day"
    if _COUNTED.fullmatch(plain) or _IN_WORDS.match(plain):
        return "count"
    return "number" if _NUMBER.fullmatch(plain) else "text"


def sort_of(value: CellValue) -> str:
    """Return what a single cell could be on a line beside the rows.

    total, label (填表人, whose value follows in the next cell), said (label and value, a
    note), day, count (20人), number, nothing (a dash) or text.
    """
    if isinstance(value, str):
        return _text_sort(value)
    return "day" if isinstance(value, date) else "number"


def sorts_of(values: Sequence[CellValue]) -> list[str]:
    """Return the sorts of a line's filled cells in order.

    What follows a bare label is its ``value``.
    """
    sorts: list[str] = []
    before = ""
    for value in values:
        sort = sort_of(value)
        if before == "label" and sort not in ("label", "said", "total"):
            sort = "value"
        sorts.append(sort)
        before = sort
    return sorts


def is_numbered(value: CellValue, sort: str) -> bool:
    """Return whether a cell holds a long number, as an ID is, however damaged."""
    if sort in ("said", "label", "total", "day"):
        return False
    if sort == "value":
        return looks_like_id(value)
    text = str(value)
    digits = sum(char.isdecimal() for char in text)
    return digits >= _ID_DIGITS and len(text) <= _NOTE_LONG


def is_person(value: CellValue, sort: str) -> bool:
    """Return whether a cell in a column of names holds somebody's name.

    However dirty, but no word of a sum or note.
    """
    if sort not in ("text", "day"):
        return False
    return looks_like_name(value) or not is_long(value)


def is_long(value: CellValue) -> bool:
    """Return whether a text standing alone on its line reads like a note."""
    plain = clean_text(value) if isinstance(value, str) else ""
    if len(plain) > _NOTE_LONG:
        return True
    return len(plain) > _NAME_LONG and _SENTENCE.search(plain) is not None


def is_pair(value: CellValue) -> bool:
    """Return whether a cell is a label with its value.

    联系电话:0839-3300000, 核定人数:3人.
    """
    return (
        isinstance(value, str)
        and _PAIR.fullmatch(clean_text(value)) is not None
    )


def is_explained(value: CellValue, sort: str) -> bool:
    """Return whether a cell belongs to a line of signatures.

    A label, its value, a day, a telephone number.
    """
    if sort in ("label", "said", "value", "day", "nothing"):
        return True
    return sort == "number" and looks_like_phone(value)
