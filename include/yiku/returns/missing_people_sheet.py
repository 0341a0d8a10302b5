"""The sheet 本次未报人员: people whom the earlier version of a list named and this one does not.

It is laid out like the list itself, so that it is read like any other sheet when the workbook
comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from yiku.formats.return_marks import (
    ADVICE_HEADER,
    REFERENCE_HEADER,
    REFERENCE_PREFIX,
    VANISHED_SHEET,
    WARN_FILL,
    WITHDRAW_WORD,
)
from yiku.returns.reply import VanishedList
from yiku.returns.source import dress_header, plain_font, put_text, put_value

_ASK = (
    f"填表说明：以下人员上次报过、本次没有。"
    f"确认不再保留的，请在“{ADVICE_HEADER}”列填“{WITHDRAW_WORD}”；漏报的不用改。"
)
_HEADER_ROW = 4
_WIDTH = 14  # characters
_OPEN = PatternFill("solid", fgColor=WARN_FILL)


def write_vanished(workbook: Workbook, lists: Sequence[VanishedList]) -> None:
    """Add a sheet for each list that misses people, behind the clerk's own sheets."""
    for vanished in lists:
        if vanished.rows:
            page = workbook.create_sheet(_title(workbook))
            _write_sheet(page, vanished)


def _title(workbook: Workbook) -> str:
    """Return a title that no other sheet has."""
    number = 1
    title = VANISHED_SHEET
    while title in workbook.sheetnames:
        number += 1
        title = f"{VANISHED_SHEET}{number}"
    return title


def _write_sheet(page: Worksheet, vanished: VanishedList) -> None:
    _write_head(page, vanished)
    advice = len(vanished.headers) + 1
    reference_column = advice + 1
    for row, (reference, values) in enumerate(
        vanished.rows, start=_HEADER_ROW + 1
    ):
        for column, value in enumerate(values, start=1):
            if value is not None:
                put_value(page.cell(row, column), value)
        page.cell(row, advice).fill = _OPEN
        text = REFERENCE_PREFIX + reference
        put_text(page.cell(row, reference_column), text)
    for column in range(1, advice + 1):
        page.column_dimensions[get_column_letter(column)].width = _WIDTH
    page.column_dimensions[get_column_letter(reference_column)].hidden = True
    _offer_answers(page, get_column_letter(advice), len(vanished.rows))
    page.freeze_panes = page.cell(_HEADER_ROW + 1, 1).coordinate


def _offer_answers(page: Worksheet, letters: str, row_count: int) -> None:
    """Let the clerk choose the answer: a word that is typed may be another."""
    choice = DataValidation(
        type="list",
        formula1=f'"{WITHDRAW_WORD},漏报"',
        allow_blank=True,
    )
    first = _HEADER_ROW + 1
    last = _HEADER_ROW + row_count
    choice.add(f"{letters}{first}:{letters}{last}")
    page.add_data_validation(choice)


def _write_head(page: Worksheet, vanished: VanishedList) -> None:
    """Write title and date as on the list: its period and its fill date are those of the rows."""
    title = page.cell(1, 1)
    put_text(title, f"{_in_words(vanished.period)}{vanished.list_title}")
    put_text(page.cell(2, 1), _ASK)
    day = vanished.fill_date
    if day:
        put_text(
            page.cell(3, 1), f"填报日期：{day.year}年{day.month}月{day.day}日"
        )
    title.font = plain_font(bold=True, size=14)
    headers = (*vanished.headers, ADVICE_HEADER, REFERENCE_HEADER)
    for column, header in enumerate(headers, start=1):
        cell = page.cell(_HEADER_ROW, column)
        put_text(cell, header)
        dress_header(cell)


def _in_words(period: str | None) -> str:
    """Return a month (YYYY-MM) as a title has it."""
    if not period:
        return ""
    year, month = period[:4], int(period[5:7])
    return f"{year}年{month}月"
