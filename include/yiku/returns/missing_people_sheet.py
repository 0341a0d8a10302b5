"""The sheet 本次未报人员: people whom the earlier version of a list named and this one does not.

It is laid out like the list itself, so that it is read like any other sheet when the workbook comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.styles import Alignment, PatternFill
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
from yiku.returns.source import plain_font, put_text, put_value

_ASK = (
    f"填表说明：以下人员上次报过、本次没有。"
    f"确认不再保留的，请在“{ADVICE_HEADER}”列填“{WITHDRAW_WORD}”；漏报的不用改。"
)
_HEADER_ROW = 4
_WIDTH = 14


def write_vanished(workbook: Workbook, lists: Sequence[VanishedList]) -> None:
    """Add a sheet for each list that misses people, behind the clerk's own sheets."""
    for vanished in lists:
        if vanished.rows:
            _write_sheet(workbook.create_sheet(_title(workbook)), vanished)


def _title(workbook: Workbook) -> str:
    number, title = 1, VANISHED_SHEET
    while title in workbook.sheetnames:
        number += 1
        title = f"{VANISHED_SHEET}{number}"
    return title


def _write_sheet(page: Worksheet, vanished: VanishedList) -> None:
    _write_head(page, vanished)
    advice = len(vanished.headers) + 1
    for row, (reference, values) in enumerate(vanished.rows, start=_HEADER_ROW + 1):
        for column, value in enumerate(values, start=1):
            if value is not None:
                put_value(page.cell(row, column), value)
        page.cell(row, advice).fill = PatternFill("solid", fgColor=WARN_FILL)
        put_text(page.cell(row, advice + 1), REFERENCE_PREFIX + reference)
    for column in range(1, advice + 1):
        page.column_dimensions[get_column_letter(column)].width = _WIDTH
    page.column_dimensions[get_column_letter(advice + 1)].hidden = True
    letter = get_column_letter(advice)
    choice = DataValidation(
        type="list", formula1=f'"{WITHDRAW_WORD},漏报"', allow_blank=True
    )
    choice.add(f"{letter}{_HEADER_ROW + 1}:{letter}{_HEADER_ROW + len(vanished.rows)}")
    page.add_data_validation(choice)
    page.freeze_panes = page.cell(_HEADER_ROW + 1, 1).coordinate


def _write_head(page: Worksheet, vanished: VanishedList) -> None:
    """Write title and date as on the list: its period and its fill date are those of the rows."""
    day, period = vanished.fill_date, vanished.period
    put_text(page.cell(1, 1), f"{_in_words(period)}{vanished.list_title}")
    put_text(page.cell(2, 1), _ASK)
    if day:
        put_text(page.cell(3, 1), f"填报日期：{day.year}年{day.month}月{day.day}日")
    page.cell(1, 1).font = plain_font(bold=True, size=14)
    for column, header in enumerate(
        (*vanished.headers, ADVICE_HEADER, REFERENCE_HEADER), start=1
    ):
        cell = page.cell(_HEADER_ROW, column)
        put_text(cell, header)
        cell.font, cell.fill = (
            plain_font(bold=True),
            PatternFill("solid", fgColor="D9E1F2"),
        )
        cell.alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=True
        )


def _in_words(period: str | None) -> str:
    return f"{period[:4]}年{int(period[5:7])}月" if period else ""
