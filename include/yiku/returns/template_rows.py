"""The rows that a workbook to fill in holds beforehand: how wide their columns are, how high they stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from yiku.contracts.contract import Column

NUMBER_KINDS = frozenset({"money", "number", "integer", "group"})
# Follows from the ID number; written in beforehand it is wrong after the next birthday.
_AGE = "age"
# A wider column pushes what is to be filled in off the screen: longer text stands on several lines.
_MOST_WIDTH = 36  # characters
_LINE_HEIGHT = 15  # points

Row = Mapping[str, Any]


def width_of(column: Column, rows: Iterable[Row], least: int) -> int:
    """Return how many characters wide a column is, so that what stands in it beforehand can be read."""
    widest = max(
        (_shown_width(shown_text(row.get(column.name))) for row in rows),
        default=0,
    )
    return max(least, min(widest + 2, _MOST_WIDTH))


def write_row(
    page: Worksheet,
    number: int,
    columns: Sequence[Column],
    row: Row,
    widths: Sequence[int],
    styles: Mapping[str, Format],
) -> int:
    """Write one row in; return how many lines high it is. ``number`` counts from 0, ``widths`` are the columns'."""
    lines = 1
    for position, column in enumerate(columns, start=1):
        value = row.get(column.name)
        if value is None or value == "" or column.name == _AGE:
            continue
        is_number = isinstance(value, (int, float, Decimal))
        if column.kind in NUMBER_KINDS and is_number:
            page.write_number(number, position, float(value), styles["number"])
            continue
        text = shown_text(value)
        needed = _lines(text, widths[position - 1])
        page.write_string(
            number, position, text, styles["long" if needed > 1 else "text"]
        )
        lines = max(lines, needed)
    return lines


def row_height(lines: int) -> int:
    """Return how high a row is, in points: no program measures wrapped text before somebody edits it."""
    return lines * _LINE_HEIGHT + 2


def shown_text(value: object) -> str:
    """Return a value as a clerk writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, (tuple, list)):
        return "、".join(str(item) for item in value)
    return str(value)


def _shown_width(text: str) -> int:
    # A Chinese character is two wide.
    return sum(1 if letter.isascii() else 2 for letter in text)


def _lines(text: str, width: int) -> int:
    # Text that fills its column to the last character is broken already.
    return math.ceil(_shown_width(text) / max(width - 1, 1))
