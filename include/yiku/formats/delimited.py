"""csv and tsv: which encoding, which separator, and the cells as text, nothing stripped.

A csv says neither how it is encoded nor what separates its cells, and programs that write it quote
badly: everything here is found by what reads best over many lines.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import (
    Book,
    CellValue,
    Look,
    RefusedError,
    Sheet,
    Surplus,
)

_SEPARATORS = (",", "\t", ";", "；", "，", "|")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BROKEN = "�"  # what decoding puts for bytes that are no character
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# The trick by which exporters keep a number as text.
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_PROBED = slice(
    1, 64, 2
)  # the bytes that are zero in UTF-16 text of plain letters
_LOOKED_AT = 20_000  # characters that tell whether a file is text
_FIRST_LINES = 400
_SAMPLE_LINES = 60
_MOST_LINES = 50  # that one quoted cell may have
_LEAST_WIDTH = 3  # fewer columns do not tell which records are odd
_MAX_FIELD = 32_767  # what a spreadsheet cell can hold
_USUAL_LIMIT = 131_072  # characters of a field in Python's csv


# --- encoding


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or GB18030. F06 when it is none of them."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, encoding)
    probed = data[_PROBED]
    if probed.count(0) > len(probed) * 0.4:
        return _decode_as(data, "utf-16-le")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_damaged(data)


def _decode_as(data: bytes, encoding: str) -> str:
    """Return the text in one encoding. F06 when more than one character in fifty is broken."""
    text = data.decode(encoding, "replace")
    if text.count(_BROKEN) * 50 > len(text):
        raise RefusedError("F06", why="encoding")
    return text


def _decode_damaged(data: bytes) -> str:
    """Choose between GB18030 and UTF-8 with some broken bytes: whichever reads better."""
    utf8 = data.decode("utf-8", "replace")
    chinese_count = sum(1 for character in utf8 if "一" <= character <= "鿿")
    if utf8.count(_BROKEN) * 20 < chinese_count:
        return utf8
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return _decode_as(data, "gb18030")


def looks_like_text(text: str) -> bool:
    """Return whether decoded bytes are text at all: control characters give binary files away."""
    head = text[:_LOOKED_AT]
    return len(_CONTROL.findall(head)) * 200 <= len(head)


# --- records


def read_text(text: str) -> Book:
    """Read a csv or tsv.

    A row is a record; the first line is row 1. Records with more cells than their header are told
    of: a separator without quotes may have moved them. F13 when there are too many cells.
    """
    separator = _separator(text)
    rows = list(_records(text, separator))
    width = max(map(len, rows), default=0)
    if len(rows) * width > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    look = Look(
        surplus=_surplus(rows),
        records=tuple((len(row), _used(row)) for row in rows),
    )
    values = [[_cell(cell) for cell in row] for row in rows]
    sheet = Sheet(None, trim(values), look=look)
    return Book("tsv" if separator == "\t" else "csv", [sheet])


def _surplus(rows: list[list[str]]) -> dict[int, Surplus]:
    """Return the records with more cells than the header, or with something beyond it.

    The header is the first record as wide as most. Some programs leave out the empty cells at a
    record's end: a record as wide as its header is a whole one. Where most are not half as wide as
    the widest (a title, a footer, two rows of a list), the header is the first wide one.
    """
    widths = Counter(len(row) for row in rows if any(row))
    header = _header(rows, widths)
    width = _used(header)
    wider: dict[int, Surplus] = {}
    for row_no, row in enumerate(rows, start=1):
        if not any(row):
            continue
        more = max(len(row) - len(header), _used(row) - width)
        if more > 0:
            wider[row_no] = Surplus(width, more)
    # Where half of them are wider, only the row that is found to be the header can say which are
    # displaced.
    if width < _LEAST_WIDTH or len(wider) * 2 >= widths.total():
        return {}
    return wider


def _header(rows: list[list[str]], widths: Counter[int]) -> list[str]:
    """Return the first record that is wide enough for a header."""
    usual = _most_common(widths, prefers_narrow=True)
    widest = max(map(_used, rows), default=0)
    least = usual if usual * 2 > widest else widest * 0.8
    for row in rows:
        if _used(row) >= least:
            return row
    return []


def _most_common(widths: Counter[int], prefers_narrow: bool) -> int:
    """Return the width that most records have; 0 where there is none."""
    if not widths:
        return 0
    most = max(widths.values())
    common = [width for width, count in widths.items() if count == most]
    return min(common) if prefers_narrow else max(common)


def _used(row: list[str]) -> int:
    """Return up to which cell a record holds anything."""
    for at in range(len(row), 0, -1):
        if row[at - 1]:
            return at
    return 0


def _cell(text: str) -> CellValue:
    if text.startswith("="):
        quoted = _AS_TEXT.fullmatch(text)
        if quoted:
            text = quoted.group(1)
    return text or None


# --- separator


def _separator(text: str) -> str:
    """Return the separator that splits most lines into the same number of columns."""
    lines = [line for line in text.splitlines()[:_FIRST_LINES] if line.strip()]
    best = _SEPARATORS[0]
    best_regularity = -1
    for separator in _SEPARATORS:
        regularity = _regularity(lines[:_SAMPLE_LINES], separator)
        if regularity > best_regularity:
            best = separator
            best_regularity = regularity
    return best


def _regularity(lines: list[str], separator: str) -> int:
    """Return how many cells the most regular lines have beyond their first."""
    counts: Counter[int] = Counter()
    for line in lines:
        for row in _rows([line], separator):
            if len(row) > 1:
                counts[len(row)] += 1
    return max(
        ((width - 1) * count for width, count in counts.items()), default=0
    )


# --- quotation marks


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the records.

    A quotation mark that nothing closes, or only another record's, is a mark like any other: taken
    at its word it would swallow half of the list.
    """
    lines = list(io.StringIO(text, newline=""))
    width = _usual_width(lines, separator)
    at = 0
    while at < len(lines):
        row = _rows(lines[at : at + 1], separator)[0]
        used = 1
        if _is_open(row):
            row, used = _joined(lines[at : at + _MOST_LINES], separator, width)
        yield row
        at += used


def _usual_width(lines: list[str], separator: str) -> int:
    widths: Counter[int] = Counter()
    for line in lines[:_FIRST_LINES]:
        if line.strip():
            widths[line.count(separator) + 1] += 1
    return _most_common(widths, prefers_narrow=False) or 1


def _is_open(row: list[str]) -> bool:
    """Return whether a line ended inside quotes."""
    return bool(row) and row[-1].endswith(("\n", "\r"))


def _joined(
    lines: list[str], separator: str, width: int
) -> tuple[list[str], int]:
    """Return the record that begins with an open line, and how many lines it takes."""
    reader = csv.reader(lines, delimiter=separator)
    row = next(reader)
    is_too_long = any(len(field) > _MAX_FIELD for field in row)
    if _is_open(row) or is_too_long or _has_swallowed(row, separator, width):
        return _without_open_quote(lines[0], separator), 1
    return row, reader.line_num


def _has_swallowed(row: list[str], separator: str, width: int) -> bool:
    """Return whether the lines inside a quoted cell look like records of their own."""
    separators = 0
    for field in row:
        for line in field.splitlines()[1:]:
            separators = max(separators, line.count(separator))
    if separators < 2:
        return False
    return len(row) != width or separators >= max(2, width // 3)


def _without_open_quote(line: str, separator: str) -> list[str]:
    """Return the cells of a line whose quotation mark was never closed and stands for itself."""
    line = line.rstrip("\r\n")
    open_field = _rows([line], separator)[0][-1]
    at = len(line) - len(open_field) - 1
    if at < 0 or line[at] != '"':
        return line.split(separator)
    if at > 0 and line[at - 1] != separator:
        return line.split(separator)
    # In front of the mark the quotes are sound.
    before = _rows([line[:at]], separator)[0][:-1] if at else []
    return before + line[at:].split(separator)


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    """Return the records of some lines, however long their fields are."""
    needed = sum(map(len, lines))
    limit = csv.field_size_limit(max(needed, _USUAL_LIMIT))
    try:
        return list(csv.reader(lines, delimiter=separator)) or [[]]
    finally:
        csv.field_size_limit(limit)
