"""The workbook of a work list: locked but for what is to be filled in, the same bytes for the same content.

What did not change since yesterday is told by its bytes, and not delivered once more.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from yiku.contracts import load_codes
from yiku.formats.work_list_marks import (
    FILE_WORD,
    KEPT_HEADER,
    KEY_HEADER,
    kept_text,
    key_text,
)
from yiku.worklist.entries import Entry, Page, PageColumn

_HOW = (
    "填好后保存，原样发回即可：放进收件箱或共享文件夹，或作为邮件附件回复；改文件名、调整顺序、删掉不填的行都不要紧。"
    "请不要改动灰色的格子和隐藏的列。"
)
_TITLE, _NOTE, _HOW_ROW, _HEADER = 0, 1, 2, 3  # rows, from 0
_SERIAL = "序号"
_A4 = 9
# The day would tell one copy from the next though nothing has changed.
_UNDATED = datetime(2000, 1, 1)
_LINE_HEIGHT, _MOST_HEIGHT = 15.0, 400.0  # points
_MOST_CHOICES = 255  # characters that a drop-down of its own holds
_PROTECTION = {
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
}


def work_list_name(unit: str, day: date) -> str:
    """Return what the work list of a unit (a town's code or ``county``) is called in the outbox of a day."""
    return f"{FILE_WORD}-{unit}-{day.isoformat()}.xlsx"


def build_work_list(unit_name: str, pages: Sequence[Page]) -> bytes:
    """Return the workbook with the pages that have entries; ValueError when none has."""
    filled = [page for page in pages if page.entries]
    if not filled:
        raise ValueError("a work list without anything to do")
    out = io.BytesIO()
    # What people typed may begin with an equals sign or look like a link.
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"title": FILE_WORD, "created": _UNDATED})
    styles = _styles(book)
    for page in filled:
        sheet = book.add_worksheet(page.title)
        _write_page(sheet, page, unit_name, styles)
    book.close()
    return out.getvalue()


def _styles(book: Workbook) -> dict[str, Format]:
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    # Text, so that no number of a person loses digits; also where one is still to be typed.
    box = base | {"border": 1, "border_color": "#A6A6A6", "num_format": "@"}
    wrapped = box | {"text_wrap": True}
    return {
        "title": book.add_format(base | {"font_size": 16, "bold": True}),
        "note": book.add_format(base | {"text_wrap": True}),
        "head": book.add_format(
            wrapped | {"bold": True, "align": "center", "bg_color": "#DDEBF7"}
        ),
        "given": book.add_format(wrapped | {"bg_color": "#F2F2F2"}),
        "answer": book.add_format(
            wrapped | {"bg_color": "#FFF2CC", "locked": False}
        ),
        "answer_head": book.add_format(
            wrapped | {"bold": True, "align": "center", "bg_color": "#FFD966"}
        ),
    }


def _write_page(
    sheet: Worksheet,
    page: Page,
    unit_name: str,
    styles: Mapping[str, Format],
) -> None:
    last = len(page.columns)
    _write_top(sheet, page, unit_name, styles)
    sheet.write_string(_HEADER, 0, _SERIAL, styles["head"])
    sheet.set_column(0, 0, 5)
    for position, column in enumerate(page.columns, start=1):
        head = styles["answer_head" if column.is_answer else "head"]
        sheet.write_string(_HEADER, position, column.header, head)
        sheet.set_column(position, position, column.width)
    for position, header in ((last + 1, KEY_HEADER), (last + 2, KEPT_HEADER)):
        sheet.write_string(_HEADER, position, header, styles["head"])
    sheet.set_column(last + 1, last + 2, 12, None, {"hidden": True})
    for number, entry in enumerate(page.entries, start=1):
        _write_entry(sheet, page.columns, number, entry, styles)
    _offer_choices(sheet, page)
    _finish(sheet, last, len(page.entries))


def _write_top(
    sheet: Worksheet,
    page: Page,
    unit_name: str,
    styles: Mapping[str, Format],
) -> None:
    last = len(page.columns)
    count = f"{page.total}项"
    if page.total > len(page.entries):
        count += f"，先办这{len(page.entries)}项"
    title = (
        f"{unit_name} {FILE_WORD}·{page.title.partition('、')[2]}（{count}）"
    )
    width = 5 + sum(column.width for column in page.columns)
    sheet.merge_range(_TITLE, 0, _TITLE, last, title, styles["title"])
    sheet.set_row(_TITLE, 28)
    has_answers = any(column.is_answer for column in page.columns)
    notes = {_NOTE: page.note, _HOW_ROW: _HOW if has_answers else ""}
    for row, note in notes.items():
        sheet.merge_range(row, 0, row, last, note, styles["note"])
        sheet.set_row(row, _height([(note, width)]))
    sheet.set_row(_HEADER, 32)


def _write_entry(
    sheet: Worksheet,
    columns: Sequence[PageColumn],
    number: int,
    entry: Entry,
    styles: Mapping[str, Format],
) -> None:
    row = _HEADER + number
    sheet.write_string(row, 0, str(number), styles["given"])
    sized: list[tuple[str, int]] = []
    for position, column in enumerate(columns, start=1):
        is_open = column.is_answer or column.header in entry.unlocked
        style = styles["answer" if is_open else "given"]
        text = entry.cells.get(column.header, "")
        if text:
            sheet.write_string(row, position, text, style)
        else:
            sheet.write_blank(row, position, None, style)
        sized.append((text, column.width))
    last = len(columns)
    sheet.write_string(row, last + 1, key_text(entry.key), styles["given"])
    sheet.write_string(row, last + 2, kept_text(entry.kept), styles["given"])
    sheet.set_row(row, _height(sized))


def _height(texts: Sequence[tuple[str, int]]) -> float:
    """Return how high a row must be: programs do not measure wrapped text before somebody edits it."""
    lines = 1
    for text, width in texts:
        taken = sum(1 if letter.isascii() else 2 for letter in text)
        lines = max(lines, math.ceil(taken / max(width - 1, 1)))
    return min(lines * _LINE_HEIGHT + 3, _MOST_HEIGHT)


def _offer_choices(sheet: Worksheet, page: Page) -> None:
    """Let the clerk choose: a word that is typed may be another."""
    for position, column in enumerate(page.columns, start=1):
        first, last = _HEADER + 1, _HEADER + len(page.entries)
        own = {
            number: entry.choices[column.header]
            for number, entry in enumerate(page.entries)
            if column.header in entry.choices
        }
        common = column.choices
        if column.codes:
            common = load_codes()[column.codes].labels
        if common and not own:
            _offer(sheet, (first, position, last), common)
        for number, choices in own.items():
            row = first + number
            _offer(sheet, (row, position, row), choices)


def _offer(
    sheet: Worksheet, place: tuple[int, int, int], choices: Sequence[str]
) -> None:
    if not choices or len(",".join(choices)) > _MOST_CHOICES:
        return
    first, column, last = place
    sheet.data_validation(
        first,
        column,
        last,
        column,
        {
            "validate": "list",
            "source": list(choices),
            "ignore_blank": True,
            # Another word may be right too: what is read decides.
            "error_type": "information",
            "error_message": "可以选列表中的一项。",
        },
    )


def _finish(sheet: Worksheet, last: int, count: int) -> None:
    sheet.freeze_panes(_HEADER + 1, 0)
    sheet.autofilter(_HEADER, 0, _HEADER + count, last)
    # Without a password: it keeps from slips, not from anybody.
    sheet.protect("", _PROTECTION)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER)
    sheet.set_footer("&C第&P页，共&N页")
