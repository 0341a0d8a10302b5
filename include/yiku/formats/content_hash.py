"""A hash of what the cells say, equal for the same content saved by another program (F09).

A clerk opens a submission in WPS and saves it, and every byte of the file is another one; a
number is text now, a date has a time of midnight. What stands in the cells is compared, as it
reads.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from hashlib import sha256

from yiku.formats.cells import Book, CellValue, Sheet

# A longer number may be an ID or an account that lost digits: not the same as its text.
_EXACT_LIMIT = 10**11
_WHOLE_LIMIT = 1e15  # below it every whole number is exact as a float
# What ends a cell, a row, a sheet: control characters, which no text that was read holds.
_CELL_END = "\x1f"
_ROW_END = b"\x1e"
_SHEET_END = b"\x1d"


@lru_cache(maxsize=65536, typed=True)
def _text(value: CellValue) -> str:
    """Return what a value reads."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        text = _number_text(value)
        return text if abs(value) < _EXACT_LIMIT else f"#{text}"
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _number_text(value: int | float) -> str:
    """Return a number as programs show it: whole ones without a point."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < _WHOLE_LIMIT:
        return str(int(value))
    return format(value, ".15g")


def _moment_text(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ")


def _columns(sheet: Sheet) -> list[int]:
    """Return the columns (from 0) in which any row holds anything."""
    width = max(map(len, sheet.values), default=0)
    return [column for column in range(width) if _is_filled(sheet, column)]


def _is_filled(sheet: Sheet, column: int) -> bool:
    for row in sheet.values:
        if len(row) > column and row[column] not in (None, ""):
            return True
    return False


def grid_hash(book: Book) -> str:
    """Return the hex SHA-256 of the texts of all cells, blank rows and columns left out."""
    digest = sha256()
    for sheet in book.sheets:
        columns = _columns(sheet)
        is_whole = len(columns) == max(map(len, sheet.values), default=0)
        for row in sheet.values:
            cells = row
            if not is_whole:
                cells = [
                    row[column] if column < len(row) else None
                    for column in columns
                ]
            # Most cells are text already: the call is saved where it would change nothing.
            texts = [
                cell if type(cell) is str else _text(cell) for cell in cells
            ]
            if any(texts):
                digest.update(_CELL_END.join(texts).encode())
                digest.update(_ROW_END)
        if columns:
            digest.update(_SHEET_END)
    return digest.hexdigest()
