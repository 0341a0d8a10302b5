"""The sheet 本次未报人员: people whom the earlier version of a list named and this one does not.

It is laid out like the list itself, so that it is read like any other sheet when the workbook
comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiku.calendar import in_chinese
from yiku.formats.return_marks import (
    ADVICE_HEADER,
    REFERENCE_HEADER,
    REFERENCE_PREFIX,
    VANISHED_SHEET,
    WARN_FILL,
    WITHDRAW_WORD,
)
from yiku.returns.own_page import HEADER, Choice, OwnPage, OwnSheets
from yiku.returns.reply import VanishedList
from yiku.returns.styles import Own

_ASK = (
    f"填表说明：以下人员上次报过、本次没有。"
    f"确认不再保留的，请在“{ADVICE_HEADER}”列填“{WITHDRAW_WORD}”；漏报的不用改。"
)
_HEADER_ROW = 4
_WIDTH = 14  # characters
_OPEN = Own(plain=True, fill=WARN_FILL)
_PLAIN = Own(plain=True)
_TITLE = Own(bold=True, size=14, boxed=False)


def write_vanished(own: OwnSheets, lists: Sequence[VanishedList]) -> None:
    """Add a sheet for each list that misses people, behind the clerk's own sheets."""
    for vanished in lists:
        if vanished.rows:
            _write_sheet(own.add(_title(own)), vanished)


def _title(own: OwnSheets) -> str:
    """Return a title that no other sheet has."""
    number = 1
    title = VANISHED_SHEET
    while title in own.titles:
        number += 1
        title = f"{VANISHED_SHEET}{number}"
    return title


def _write_sheet(page: OwnPage, vanished: VanishedList) -> None:
    _write_head(page, vanished)
    advice = len(vanished.headers) + 1
    reference_column = advice + 1
    first = last = _HEADER_ROW + 1
    for last, (reference, values) in enumerate(vanished.rows, start=first):
        for column, value in enumerate(values, start=1):
            if value is not None:
                page.put_as_clerk(last, column, value)
        page.put(last, advice, None, _OPEN)
        text = REFERENCE_PREFIX + reference
        page.put(last, reference_column, text, _PLAIN)
    for column in range(1, advice + 1):
        page.widths[column] = _WIDTH
    page.hidden_columns.add(reference_column)
    # Chosen, not typed: a word that is typed may be another.
    answers = (first, advice, last, advice)
    page.choices.append(Choice(answers, (WITHDRAW_WORD, "漏报")))
    page.frozen_rows = _HEADER_ROW


def _write_head(page: OwnPage, vanished: VanishedList) -> None:
    """Write title and date as on the list: its period and its fill date are those of the rows."""
    title = f"{_in_words(vanished.period)}{vanished.list_title}"
    page.put(1, 1, title, _TITLE)
    page.put(2, 1, _ASK, _PLAIN)
    day = vanished.fill_date
    if day:
        page.put(3, 1, f"填报日期：{in_chinese(day)}", _PLAIN)
    headers = (*vanished.headers, ADVICE_HEADER, REFERENCE_HEADER)
    for column, header in enumerate(headers, start=1):
        page.put(_HEADER_ROW, column, header, HEADER)


def _in_words(period: str | None) -> str:
    """Return a month (YYYY-MM) as a title has it."""
    if not period:
        return ""
    year, month = period[:4], int(period[5:7])
    return f"{year}年{month}月"
