"""The questions at the foot of the report.

Headers that were understood by their meaning, for the clerk to confirm: what is confirmed once
is not asked again, of nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from yiku.formats.return_marks import (
    CONFIRM_LABEL,
    HEADER_LABEL,
    LIST_LABEL,
    MEANING_LABEL,
    REPORT_SHEET,
)
from yiku.returns.reply import HeaderQuestion
from yiku.returns.source import HEAD_FILL, plain_font, put_text

_TITLE = "表头确认：这些表头不在模板里，系统按意思理解。理解得对就填“是”，下次不再问；不对请填“否”，并改用模板的表头。"
_LABELS = (LIST_LABEL, HEADER_LABEL, MEANING_LABEL, CONFIRM_LABEL)
_COLUMNS = (1, 2, 6, 7)  # of the report, whose widths they share
_OPEN = PatternFill("solid", fgColor="FFF2CC")
_LINE = Side(style="thin", color="A6A6A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def write_questions(
    workbook: Workbook, questions: Sequence[HeaderQuestion]
) -> None:
    """Put the questions below what the report says; each has a cell for 是 or 否."""
    if not questions:
        return
    page = workbook[REPORT_SHEET]
    top = page.max_row + 2
    page.merge_cells(
        start_row=top, start_column=1, end_row=top, end_column=_COLUMNS[-1]
    )
    put_text(page.cell(top, 1), _TITLE)
    page.cell(top, 1).font = plain_font(bold=True, size=12)
    page.cell(top, 1).alignment = Alignment(vertical="center", wrap_text=True)
    page.row_dimensions[top].height = 32
    lines: list[tuple[str | None, ...]] = [_LABELS]
    for question in questions:
        # The last is for the answer.
        asked = (question.list_title, question.header, question.meaning, None)
        lines.append(asked)
    header_row = top + 1
    for row, texts in enumerate(lines, start=header_row):
        is_header = row == header_row
        for column, text in zip(_COLUMNS, texts, strict=True):
            _write_cell(page.cell(row, column), text, is_header)
    letters = get_column_letter(_COLUMNS[-1])
    choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
    choice.add(f"{letters}{top + 2}:{letters}{top + len(lines)}")
    page.add_data_validation(choice)


def _write_cell(cell: Any, text: str | None, is_header: bool) -> None:
    """Write one cell; one without a text is for the answer, and shows it by its colour."""
    if text is not None:
        put_text(cell, text)
    cell.font = plain_font(bold=is_header)
    cell.border = _BOX
    if is_header:
        cell.fill = HEAD_FILL
    elif text is None:
        cell.fill = _OPEN
    cell.alignment = Alignment(vertical="center", wrap_text=True)
