"""csv and tsv: which encoding, which separator, and the cells as text, nothing stripped."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import Book, CellValue, Look, RefusedError, Sheet, Surplus

_SEPARATORS = (",", "\t", ";", "；", "，", "|")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_AS_TEXT = re.compile(
    r'="(.*)"', re.DOTALL
)  # the trick by which exporters keep a number as text
_SAMPLE_LINES = 60
_MOST_LINES = 50  # that one quoted cell may have
_LEAST_WIDTH = 3  # fewer columns do not tell which records are odd
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
    """Read a csv or tsv. A row is a record; the first line is row 1. F13 when there are too many cells.

    Records with more cells than their header are told of: a separator without quotes may have moved them.
    """
    separator = _separator(text)
    rows = list(_records(text, separator))
    if len(rows) * max((len(r) for r in rows), default=0) > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    look = Look(
        surplus=_surplus(rows), records=tuple((len(row), _used(row)) for row in rows)
    )
    values = trim([[_cell(v) for v in row] for row in rows])
    return Book("tsv" if separator == "\t" else "csv", [Sheet(None, values, look=look)])


def _surplus(rows: list[list[str]]) -> dict[int, Surplus]:
    """Return the records with more cells than the header, the first record as wide as most, or something beyond it.

    Some programs leave out the empty cells at a record's end: a record as wide as its header is a whole one. Where
    most are not half as wide as the widest (a title, a footer, two rows of a list), the header is the first wide one.
    """
    widths = Counter(len(row) for row in rows if any(row))
    usual = max(widths, key=lambda w: (widths[w], -w), default=0)
    widest = max(map(_used, rows), default=0)
    least = usual if usual * 2 > widest else widest * 0.8
    header = next((row for row in rows if _used(row) >= least), [])
    width = _used(header)
    beyond = (
        max(len(row) - len(header), _used(row) - width) if any(row) else 0
        for row in rows
    )
    wider = {
        n: Surplus(width, more) for n, more in enumerate(beyond, start=1) if more > 0
    }
    # Where half of them are wider, only the row that is found to be the header can say which are displaced.
    return {} if width < _LEAST_WIDTH or len(wider) * 2 >= widths.total() else wider


def _used(row: list[str]) -> int:
    """Return up to which cell a record holds anything."""
    return max((at for at, text in enumerate(row, start=1) if text), default=0)


def _cell(text: str) -> CellValue:
    if text.startswith("=") and (quoted := _AS_TEXT.fullmatch(text)):
        text = quoted.group(1)
    return text or None


def _separator(text: str) -> str:
    """Return the separator that splits most lines into the same number of columns."""
    lines = [line for line in text.splitlines()[:400] if line.strip()][:_SAMPLE_LINES]
    return max(_SEPARATORS, key=lambda s: _regularity(lines, s))


def _regularity(lines: list[str], separator: str) -> int:
    counts = Counter(
        len(row) for line in lines for row in _rows([line], separator) if len(row) > 1
    )
    return max(((width - 1) * n for width, n in counts.items()), default=0)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the records; a quotation mark that nothing closes, or only another record's, is a mark like any other."""
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
    widths = Counter(line.count(separator) + 1 for line in lines[:400] if line.strip())
    return max(widths, key=lambda w: (widths[w], w), default=1)


def _is_open(row: list[str]) -> bool:
    """Tell whether a line ended inside quotes."""
    return bool(row) and row[-1].endswith(("\n", "\r"))


def _joined(lines: list[str], separator: str, width: int) -> tuple[list[str], int]:
    """Return the record that begins with a line that is open at its end, and how many lines it takes."""
    reader = csv.reader(lines, delimiter=separator)
    row = next(reader)
    inner = [line for field in row for line in field.splitlines()[1:]]
    columns = max((line.count(separator) for line in inner), default=0)
    swallowed = columns >= 2 and (len(row) != width or columns >= max(2, width // 3))
    if _is_open(row) or swallowed or any(len(field) > _MAX_FIELD for field in row):
        return _without_open_quote(lines[0], separator), 1
    return row, reader.line_num


def _without_open_quote(line: str, separator: str) -> list[str]:
    """Return the cells of a line in which the quotation mark that was never closed stands for itself."""
    line = line.rstrip("\r\n")
    open_field = _rows([line], separator)[0][-1]
    at = len(line) - len(open_field) - 1
    if at < 0 or line[at] != '"' or (at > 0 and line[at - 1] != separator):
        return line.split(separator)
    before = _rows([line[:at]], separator)[0][:-1] if at else []
    first, *rest = line[at:].split(separator)
    return [*before, first, *rest]


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    limit = csv.field_size_limit(max(sum(map(len, lines)), 131_072))
    try:
        return list(csv.reader(lines, delimiter=separator)) or [[]]
    finally:
        csv.field_size_limit(limit)
