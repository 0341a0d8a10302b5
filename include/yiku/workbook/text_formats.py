"""csv and tsv: which encoding, which separator, and the cells as text, nothing stripped."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from yiku.workbook.calamine_cells import MAX_CELLS, trim
from yiku.workbook.model import Book, CellValue, RefusedError, Sheet

_SEPARATORS = (",", "\t", ";", "；", "，", "|")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # the trick by which exporters keep a number as text
_SAMPLE_LINES = 60
_MAX_FIELD = 32_767  # what a spreadsheet cell can hold


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or GB18030. F06 when it is none of them."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, encoding)
    if data[1:64:2].count(0) > len(data[1:64:2]) * 0.4:
        return _decode_as(data, "utf-16-le")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_damaged(data)


def _decode_as(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, "replace")
    if text.count("�") * 50 > len(text):
        raise RefusedError("F06", why="encoding")
    return text


def _decode_damaged(data: bytes) -> str:
    """Choose between GB18030 and UTF-8 with some broken bytes: whichever reads better."""
    utf8 = data.decode("utf-8", "replace")
    if utf8.count("�") * 20 < sum(1 for c in utf8 if "一" <= c <= "鿿"):
        return utf8
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return _decode_as(data, "gb18030")


def looks_like_text(text: str) -> bool:
    """Tell whether decoded bytes are text at all: control characters give binary files away."""
    return len(_CONTROL.findall(text[:20_000])) * 200 <= len(text[:20_000])


def read_text(text: str) -> Book:
    """Read a csv or tsv. A row is a record; the first line is row 1. F13 when there are too many cells."""
    separator = _separator(text)
    rows = _parse(text, separator)
    if len(rows) * max((len(r) for r in rows), default=0) > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    values = trim([[_cell(v) for v in row] for row in rows])
    return Book("tsv" if separator == "\t" else "csv", [Sheet(None, values)])


def _cell(text: str) -> CellValue:
    if text.startswith("=") and (quoted := _AS_TEXT.fullmatch(text)):
        text = quoted.group(1)
    return text or None


def _separator(text: str) -> str:
    """Return the separator that splits most lines into the same number of columns."""
    lines = [line for line in text.splitlines()[:400] if line.strip()][:_SAMPLE_LINES]
    return max(_SEPARATORS, key=lambda s: _regularity(lines, s))


def _regularity(lines: list[str], separator: str) -> int:
    counts = Counter(len(row) for row in _rows("\n".join(lines), separator, csv.QUOTE_MINIMAL) if len(row) > 1)
    return max(((width - 1) * n for width, n in counts.items()), default=0)


def _parse(text: str, separator: str) -> list[list[str]]:
    rows = _rows(text, separator, csv.QUOTE_MINIMAL)
    if any(len(v) > _MAX_FIELD or v.count("\n") > 50 for row in rows for v in row):
        # A lone quotation mark (a ditto mark, say) has swallowed the lines after it.
        return _rows(text, separator, csv.QUOTE_NONE)
    return rows


def _rows(text: str, separator: str, quoting: int) -> list[list[str]]:
    limit = csv.field_size_limit(max(len(text), 131_072))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting))  # type: ignore[arg-type]
    finally:
        csv.field_size_limit(limit)
