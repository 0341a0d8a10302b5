"""How a part names its cells, and what text a cell may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_COLUMN = 16_384
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_LETTERS = re.compile(r"[A-Z]{1,3}")
# XML cannot hold these in any form: a single one, pasted in from another
# program, would make the workbook one that nobody can open.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# With more in one cell a program reports the workbook as damaged.
_MAX_TEXT = 32_767

# First row, first column, last row, last column.
Span = tuple[int, int, int, int]
Place = tuple[int, int]  # row, column


def by_row(spans: Iterable[Span], last: int) -> dict[int, list[Span]]:
    """Return merged ranges by each row that they cover, down to ``last``.

    Below it there is nothing to look for, and a range may reach down a million rows.
    """
    found: dict[int, list[Span]] = {}
    for span in spans:
        first_row, _, last_row, _ = span
        for row_no in range(first_row, min(last_row, last) + 1):
            found.setdefault(row_no, []).append(span)
    return found


def letters(column: int) -> str:
    """Return the letters of a column from 1."""
    text = ""
    while column:
        # There is no zero among the letters: Z is 26, AA is 27.
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def number(text: str) -> int:
    """Return the number of a column's letters."""
    found = 0
    for letter in text:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def column_of(reference: str | None) -> int | None:
    """Return the column of a cell's reference; None where it says none."""
    if not reference:
        return None
    return _column_of_letters(reference.rstrip("0123456789"))


# Every cell of every row is asked for its column, and there are few columns.
@lru_cache(maxsize=MAX_COLUMN)
def _column_of_letters(text: str) -> int | None:
    return number(text) if _LETTERS.fullmatch(text) else None


def clean(text: str) -> str:
    """Return text that XML can hold and a cell too."""
    legal = _ILLEGAL.sub("", text)
    return legal[:_MAX_TEXT]
