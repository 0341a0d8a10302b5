"""The workbook to fill in for a list.

Official headers, drop-downs, columns formatted as text where digits must not be lost, hints, an
explanation. Whatever a clerk cannot fill in wrongly need not be sent back.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from yiku.contracts.codes import CodeList, load_codes
from yiku.contracts.contract import ANYTHING, Column, Contract
from yiku.returns.template_rows import (
    NUMBER_KINDS,
    row_height,
    shown_text,
    width_of,
    write_row,
)

EMPTY_ROWS = 1000
_TITLE, _ENVELOPE, _HEADER = 0, 1, 2  # rows, counted from 0
_SERIAL = "序号"
_DICTIONARY = "字典"
_GUIDE = "填表说明"
_GUIDE_LINES = (
    "1. 一行一人（一条），不要合并单元格，不要留空行，不要写“同上”。",
    "2. 表头颜色：橙色必填，黄色应填，蓝色选填，灰色可不填。请不要改动表头文字。",
    f"3. 从第{_HEADER + 2}行开始填，可以超过{EMPTY_ROWS}行。身份证号、电话、账号列已设为文本。",
    "4. 改错再报：文件名写“更正”；漏报补上：文件名写“补报”。",
)
_GUIDE_WIDTHS = (22, 40, 50, 70)
_MOST_FROZEN = 9  # columns: more would fill a small screen
_A3, _A4 = 8, 9
_HAND_LINES = 2  # of a row in which somebody writes with a pen
_MAX_HINT = 255  # of an input message in a spreadsheet program
_NEEDS = {"M": "必填", "S": "应填", "O": "选填", "X": "可不填，由系统算出"}
_HEAD_FILLS = {"M": "#F8CBAD", "S": "#FFF2CC", "O": "#DDEBF7", "X": "#EDEDED"}
_WIDE = {
    "id": 21,
    "id_or_uscc": 21,
    "account": 23,
    "uscc": 21,
    "phone": 14,
    "village": 14,
    "town": 12,
    "date": 13,
}
_HINTS = {
    "id": "18位身份证号。本列已设为文本，直接录入，不要用“下拉填充”。",
    "id_or_uscc": "个人填18位身份证号，单位填18位统一社会信用代码。",
    "date": "写成 2017-03-01 或 2017年3月1日；只知道月份的写 2017年3月。",
    "month": "写成 2017-03。",
    "quarter": "写成 2017年第3季度。",
    "money": "单位：元，只填数字。",
    "number": "只填数字。",
    "integer": "只填整数。",
    "percent": "填 95% 这样的百分数。",
    "bool": "填“是”或“否”。",
    "phone": "11位手机号或带区号的座机号，只填一个。",
    "uscc": "18位统一社会信用代码。",
    "account": "银行账号。本列已设为文本，直接录入。",
    "town": "乡镇（街道）全称。",
    "village": "村（社区）全称，每行都要填，不要合并单元格，不要写“同上”。",
    "group": "只填组号数字。",
    "name": "与身份证一致，不加空格和备注。",
    "disability": "残疾证号，20位。",
}
_ENDLESS = 10**9  # of a number without an upper end
_MAX_TITLE = 31  # characters of a sheet's title
_NARROW, _BROAD = 8, 24  # columns, in characters


def build_template(
    contract: Contract,
    rows: Sequence[Mapping[str, Any]] | None = None,
    town: str | None = None,
    by_hand: Mapping[str, int] | None = None,
) -> bytes:
    """Return the xlsx to fill in.

    ``rows`` (by column name) are written in, ``town`` names the reporting unit.
    ``by_hand`` is for a form that is printed and carried along: the columns in
    which people write on paper, and how many characters wide they are.
    """
    out = io.BytesIO()
    # What stands in the register may begin with an equals sign or look like a link.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    styles = _styles(book)
    page = book.add_worksheet(contract.title[:_MAX_TITLE])
    _write_guide(book.add_worksheet(_GUIDE), contract, styles)
    ranges = _write_dictionary(book, contract)
    _write_top(page, contract, styles, town)
    filled_in = rows or ()
    widths = [_column_width(column, filled_in) for column in contract.columns]
    for position, column in enumerate(contract.columns, start=1):
        page.set_column(
            position, position, widths[position - 1], _kept_as(column, styles)
        )
        _write_column(page, position, column, contract, styles, ranges)
    for number, row in enumerate(filled_in, start=_HEADER + 1):
        page.write_number(number, 0, number - _HEADER, styles["number"])
        lines = write_row(page, number, contract.columns, row, widths, styles)
        if by_hand:
            lines = max(lines, _HAND_LINES)
        if lines > 1:
            page.set_row(number, row_height(lines))
    _finish(page, contract)
    if by_hand:
        page.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def _styles(book: Workbook) -> dict[str, Format]:
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    box = base | {"border": 1, "border_color": "#A6A6A6"}
    head = box | {"bold": True, "align": "center", "text_wrap": True}
    styles = {
        f"head{need}": book.add_format(head | {"bg_color": fill})
        for need, fill in _HEAD_FILLS.items()
    }
    return styles | {
        "title": book.add_format(
            base | {"font_size": 18, "bold": True, "align": "center"}
        ),
        "heading": book.add_format(base | {"font_size": 16, "bold": True}),
        "plain": book.add_format(base),
        "text": book.add_format(box | {"num_format": "@"}),
        "number": book.add_format(box),
        "wrap": book.add_format(box | {"text_wrap": True}),
        "long": book.add_format(box | {"num_format": "@", "text_wrap": True}),
    }


def _write_top(
    page: Worksheet,
    contract: Contract,
    styles: Mapping[str, Format],
    town: str | None,
) -> None:
    last = min(len(contract.columns), _MOST_FROZEN)
    page.merge_range(_TITLE, 0, _TITLE, last, contract.title, styles["title"])
    # A row's format goes before a column's: without it the title's row shows empty boxes beside the title.
    page.set_row(_TITLE, 30, styles["plain"])
    page.set_row(_ENVELOPE, 18, styles["plain"])
    page.set_row(_HEADER, 34)
    labels = (
        f"填报单位：{town or ''}",
        "填报日期：",
        "填表人：",
        "联系电话：",
    )
    for position, label in enumerate(labels):
        page.write_string(_ENVELOPE, position * 3, label, styles["plain"])
    page.write_string(_HEADER, 0, _SERIAL, styles["headO"])
    page.set_column(0, 0, 6, styles["number"])


def _write_column(
    page: Worksheet,
    position: int,
    column: Column,
    contract: Contract,
    styles: Mapping[str, Format],
    ranges: Mapping[str, str],
) -> None:
    page.write_string(
        _HEADER, position, column.header, styles[f"head{column.need}"]
    )
    rule = _validation(column, ranges) | {
        "ignore_blank": True,
        # With a title of more than 32 characters the whole rule would be left
        # out, with a warning that nobody reads.
        "input_title": column.header[:32],
        "input_message": _hint(column, contract)[:_MAX_HINT],
    }
    page.data_validation(
        _HEADER + 1, position, _HEADER + EMPTY_ROWS, position, rule
    )


def _column_width(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    """Return how many characters wide a column is."""
    if column.kind in _WIDE:
        return _WIDE[column.kind]
    header_width = max(_NARROW, min(len(column.header) * 2 + 3, _BROAD))
    return width_of(column, rows, header_width)


def _kept_as(column: Column, styles: Mapping[str, Format]) -> Format:
    # Numbers are the only columns not kept as text: text never loses digits, nor turns into a date.
    return styles["number" if column.kind in NUMBER_KINDS else "text"]


def _validation(column: Column, ranges: Mapping[str, str]) -> dict[str, Any]:
    """Return the rule of a column's cells.

    A list to choose from, a length, a span of numbers, or anything.
    """
    if column.kind == "bool":
        return {
            "validate": "list",
            "source": ["是", "否"],
            "error_message": "请选“是”或“否”。",
        }
    if column.codes and column.codes in ranges:
        return _choice(column, column.codes, ranges[column.codes])
    if column.kind == "id":
        return {
            "validate": "length",
            "criteria": "==",
            "value": 18,
            # Not refused: a child without a number or a soldier is entered by
            # another paper.
            "error_type": "warning",
            "error_message": "身份证号应为18位，请核对。",
        }
    if column.kind in NUMBER_KINDS - {"group"}:
        return _span(column)
    return {"validate": "any"}


def _choice(column: Column, codes: str, source: str) -> dict[str, Any]:
    """Return the rule of a column whose values stand in a code list."""
    message = "不在列表中。可以选列表中的一项"
    message += "，多项用顿号隔开。" if column.many else "。"
    # Only where nothing else can be right is it refused.
    is_free = column.many or load_codes()[codes].open
    return {
        "validate": "list",
        "source": source,
        "error_type": "information" if is_free else "stop",
        "error_message": message,
    }


def _span(column: Column) -> dict[str, Any]:
    """Return the rule of a column of numbers."""
    low = column.low or 0
    if column.high is None:
        high: Any = _ENDLESS
        message = "请填一个不小于0的数字。"
    else:
        high = column.high
        message = f"应为{low:g}到{high:g}之间的数字，请核对。"
    return {
        "validate": "integer" if column.kind == "integer" else "decimal",
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        "error_type": "warning",
        "error_message": message,
    }


def _hint(column: Column, contract: Contract) -> str:
    """Return what a spreadsheet program shows beside a cell of the column."""
    hints = [_need_text(column, contract), _HINTS.get(column.kind, "")]
    if column.codes:
        how_many = "，多项用顿号隔开。" if column.many else "一项。"
        hints.append("从下拉列表中选" + how_many)
    sentences = [f"{text.rstrip('。')}。" for text in hints if text]
    return "".join(sentences)


def _need_text(column: Column, contract: Contract) -> str:
    """Return when a column has to be filled in, in the clerk's words."""
    must = "必填" if column.need == "M" else "应填"
    when = []
    for name, values in column.required_if.items():
        when.append(_condition(contract, name, values) + f"时{must}")
    unless = []
    for name, values in column.required_unless.items():
        unless.append(_condition(contract, name, values) + "时可不填")
    # What must stand under a condition need not stand otherwise.
    always = [] if when and column.need in "MS" else [_NEEDS[column.need]]
    return "；".join([*always, *when, *unless])


def _condition(
    contract: Contract, name: str, values: Sequence[str | bool]
) -> str:
    header = contract.column(name).header
    if ANYTHING in values:
        return f"已填“{header}”"
    choices = "、".join(shown_text(value) for value in values)
    return f"“{header}”为{choices}"


def _write_dictionary(book: Workbook, contract: Contract) -> dict[str, str]:
    """Write the code lists to a hidden sheet; return the range of each as drop-downs name it."""
    ranges: dict[str, str] = {}
    lists = _code_lists(contract)
    if not lists:
        return ranges
    page = book.add_worksheet(_DICTIONARY)
    page.hide()
    for position, codes in enumerate(lists):
        # Labels alone: with titles above them the sheet would look like a list to its reader.
        page.write_column(0, position, codes.labels)
        letters = xl_col_to_name(position, col_abs=True)
        ranges[codes.name] = (
            f"={_DICTIONARY}!{letters}$1:{letters}${len(codes.labels)}"
        )
    return ranges


def _code_lists(contract: Contract) -> list[CodeList]:
    names = dict.fromkeys(
        column.codes for column in contract.columns if column.codes
    )
    return [load_codes()[name] for name in names]


def _write_guide(
    page: Worksheet, contract: Contract, styles: Mapping[str, Format]
) -> None:
    page.write_string(0, 0, f"{contract.title} {_GUIDE}", styles["heading"])
    page.set_row(0, 30)
    for number, line in enumerate(_GUIDE_LINES, start=1):
        page.write_string(number, 0, line, styles["plain"])
    start = len(_GUIDE_LINES) + 2
    for position, text in enumerate(
        ("列名", "是否必填", "怎么填", "可以填的内容")
    ):
        page.write_string(start, position, text, styles["headO"])
    for number, column in enumerate(contract.columns, start=start + 1):
        _write_guide_row(page, number, column, contract, styles)
    for position, size in enumerate(_GUIDE_WIDTHS):
        page.set_column(position, position, size)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)


def _write_guide_row(
    page: Worksheet,
    number: int,
    column: Column,
    contract: Contract,
    styles: Mapping[str, Format],
) -> None:
    page.write_string(number, 0, column.header, styles[f"head{column.need}"])
    texts = (
        _need_text(column, contract),
        _HINTS.get(column.kind, ""),
        "、".join(_labels(column)),
    )
    for position, text in enumerate(texts, start=1):
        page.write_string(number, position, text, styles["wrap"])
    # Spreadsheet programs do not measure wrapped text before somebody edits it.
    lines = 1
    for text, width in zip(texts, _GUIDE_WIDTHS[1:], strict=True):
        # A Chinese character is two wide.
        lines = max(lines, math.ceil(len(text) * 2 / width))
    page.set_row(number, 16 * lines + 2)


def _labels(column: Column) -> Iterable[str]:
    if column.kind == "bool":
        return ("是", "否")
    return load_codes()[column.codes].labels if column.codes else ()


def _finish(page: Worksheet, contract: Contract) -> None:
    # What says who a row is about stays in sight while the clerk fills in the columns at the right.
    frozen = _person_column(contract) + 1
    if frozen > _MOST_FROZEN:
        frozen = 1
    page.freeze_panes(_HEADER + 1, frozen)
    page.set_landscape()
    page.set_paper(_A3)
    page.fit_to_pages(2, 0)
    page.repeat_rows(_TITLE, _HEADER)
    page.repeat_columns(0, frozen - 1)
    page.activate()


def _person_column(contract: Contract) -> int:
    """Return the column with the person's name; 0, that of the serial number, if none has it."""
    for position, column in enumerate(contract.columns, start=1):
        if column.name == contract.person_name:
            return position
    return 0
