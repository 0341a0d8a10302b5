"""A hash of what the cells say, equal for the same content saved by another program (F09)."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from hashlib import sha256

from yiku.formats.cells import Book, CellValue, Sheet

_EXACT_DIGITS = 11  # a longer number may be an ID or an account that lost digits: not the same as its text


@lru_cache(maxsize=65536, typed=True)
def _text(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        text = (
            str(int(value))
            if value.is_integer() and abs(value) < 1e15
            else format(value, ".15g")
        )
        return text if abs(value) < 10**_EXACT_DIGITS else f"#{text}"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_EXACT_DIGITS else f"#{value}"
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        )
    return value.isoformat() if isinstance(value, date) else value


def _columns(sheet: Sheet) -> list[int]:
    width = max(map(len, sheet.values), default=0)
    return [
        c
        for c in range(width)
        if any(len(row) > c and row[c] not in (None, "") for row in sheet.values)
    ]


def grid_hash(book: Book) -> str:
    """Return the hex SHA-256 of the texts of all cells in order, blank rows and columns left out."""
    digest = sha256()
    for sheet in book.sheets:
        columns = _columns(sheet)
        whole = len(columns) == max(map(len, sheet.values), default=0)
        for row in sheet.values:
            cells = (
                row if whole else [row[c] if c < len(row) else None for c in columns]
            )
            texts = [c if type(c) is str else _text(c) for c in cells]
            if any(texts):
                digest.update("\x1f".join(texts).encode())
                digest.update(b"\x1e")
        if columns:
            digest.update(b"\x1d")
    return digest.hexdigest()
