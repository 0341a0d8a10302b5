"""The questions at the foot of the report: headers that were understood by their meaning, for the clerk to confirm."""

from __future__ import annotations

from collections.abc import Sequence

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
from yiku.returns.source import plain_font, put_text

_TITLE = "表头确认：这些表头不在模板里，系统按意思理解。理解得对就填“是”，下次不再问；不对请填“否”，并改用模板的表头。"
_LABELS = (LIST_LABEL, HEADER_LABEL, MEANING_LABEL, CONFIRM_LABEL)
_COLUMNS = (1, 2, 6, 7)  # of the report, whose widths they share
_HEAD, _OPEN = (
    PatternFill("solid", fgColor="D9E1F2"),
    PatternFill("solid", fgColor="FFF2CC"),
)
_LINE = Side(style="thin", color="A6A6A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def write_questions(workbook: Workbook, questions: Sequence[HeaderQuestion]) -> None:
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
    lines = [_LABELS, *((q.list_title, q.header, q.meaning, None) for q in questions)]
    for row, texts in enumerate(lines, start=top + 1):
        for column, text in zip(_COLUMNS, texts, strict=True):
            cell = page.cell(row, column)
            if text is not None:
                put_text(cell, text)
            cell.font, cell.border = plain_font(bold=row == top + 1), _BOX
            cell.fill = (
                _HEAD if row == top + 1 else _OPEN if text is None else PatternFill()
            )
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    answers = f"{get_column_letter(_COLUMNS[-1])}{top + 2}:{get_column_letter(_COLUMNS[-1])}{top + len(lines)}"
    choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
    choice.add(answers)
    page.add_data_validation(choice)
