"""What a cell or a row must look like to belong to a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.grid import text_of

_LONGEST = 24  # a header's text is short; hints in brackets are not counted
_DATA = re.compile(r"\d{6,}|^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}")


def is_data(text: str) -> bool:
    """Return whether a text holds a number or day of the data.

    An example in a header's hint is none: 出生日期（例：19900101）.
    """
    if not _DATA.search(text):
        return False
    if len(text) > 2 * _LONGEST:
        return True
    bare = header_text.meaning_text(text)
    if _DATA.search(bare):
        return True
    has_han = any("\u4e00" <= character <= "\u9fff" for character in bare)
    return not has_han


def is_short(text: str) -> bool:
    """Return whether a text is no longer than a header's, its hints aside."""
    return (
        len(text) <= _LONGEST
        or len(header_text.meaning_text(text)) <= _LONGEST
    )


def could_be_header(row: Sequence[CellValue]) -> bool:
    """Return whether a row may be a header: short texts, not all the same, no data."""
    cells = [cell for cell in row if cell is not None]
    texts: list[str] = []
    for cell in cells:
        if isinstance(cell, date):
            return False
        if isinstance(cell, str):
            if is_data(cell):
                return False
            texts.append(text_of(cell))
    if len(cells) < 2 or len(texts) * 2 < len(cells):
        return False
    if len(set(texts)) < 2:
        return False
    return all(map(is_short, texts))
