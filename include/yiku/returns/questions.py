"""The questions at the foot of the report.

Headers that were understood by their meaning, for the clerk to confirm: what is confirmed once
is not asked again, of nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiku.formats.return_marks import (
    CONFIRM_LABEL,
    HEADER_LABEL,
    LIST_LABEL,
    MEANING_LABEL,
)
from yiku.returns.own_page import HEAD_FILL, Choice, OwnPage
from yiku.returns.reply import HeaderQuestion
from yiku.returns.styles import Own

_TITLE = "表头确认：这些表头不在模板里，系统按意思理解。理解得对就填“是”，下次不再问；不对请填“否”，并改用模板的表头。"
_LABELS = (LIST_LABEL, HEADER_LABEL, MEANING_LABEL, CONFIRM_LABEL)
_COLUMNS = (1, 2, 6, 7)  # of the report, whose widths they share
_TITLE_LOOK = Own(wrapped=True, boxed=False, bold=True, size=12)
_LABEL = Own(wrapped=True, bold=True, fill=HEAD_FILL)
_ASKED = Own(wrapped=True)
# A cell that waits for an answer shows it by its colour.
_OPEN = Own(wrapped=True, fill="FFF2CC")


def write_questions(
    page: OwnPage, questions: Sequence[HeaderQuestion]
) -> None:
    """Put the questions below what the report says; each has a cell for 是 or 否."""
    if not questions:
        return
    top = page.last_row + 2
    page.merge(top, 1, _COLUMNS[-1])
    page.put(top, 1, _TITLE, _TITLE_LOOK)
    page.heights[top] = 32
    header_row = top + 1
    for column, label in zip(_COLUMNS, _LABELS, strict=True):
        page.put(header_row, column, label, _LABEL)
    *asked_columns, answer = _COLUMNS
    row = header_row
    for row, question in enumerate(questions, start=header_row + 1):
        asked = (question.list_title, question.header, question.meaning)
        for column, text in zip(asked_columns, asked, strict=True):
            page.put(row, column, text, _ASKED)
        page.put(row, answer, None, _OPEN)
    answers = (header_row + 1, answer, row, answer)
    page.choices.append(Choice(answers, ("是", "否")))
