"""What calamine hides of an xlsb sheet: errors, hidden rows and columns, formats, its size.

An xlsb holds records instead of XML: the kind in one or two bytes, the length of the body in up to
four, seven bits in each (MS-XLSB 2.1.4), then the body.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from yiku.formats.calamine_cells import MAX_CELLS
from yiku.formats.cells import RefusedError
from yiku.formats.xlsx_formatting import Scan
from yiku.formats.xlsx_styles import Styles, enter_format

ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
# Kinds of records.
_ROW, _COLUMN = 0, 60
_FORMAT, _CELL_STYLE, _CELL_STYLES, _END_OF_STYLES = 44, 47, 617, 618
_ERROR_CELLS = (3, 11)  # an error, a formula whose result is one
_VALUE_CELLS = range(2, 12)
_HIDDEN_ROW = 0x10  # in the flags of a row
_HIDDEN_COLUMN = 0x1  # in those of columns
_LAST_COLUMN = 16_383  # from 0
_MORE = 0x80  # another byte of the same number follows
_SEVEN_BITS = 0x7F
_SIZE_BITS = 28


def read_binary_styles(data: bytes) -> Styles:
    """Read the number formats of ``xl/styles.bin``; colours and fonts are not read."""
    styles = Styles()
    codes: dict[int, str] = {}
    # Styles of the same kind stand in several groups: cells name those of one group alone.
    is_inside = False
    number = 0
    for kind, body in _records(data):
        if kind == _FORMAT and len(body) >= 6:
            format_id = _number(body, 0, 2)
            codes[format_id] = _wide_text(body, 2)
        elif kind in (_CELL_STYLES, _END_OF_STYLES):
            is_inside = kind == _CELL_STYLES
        elif kind == _CELL_STYLE and is_inside and len(body) >= 4:
            enter_format(styles, number, _number(body, 2, 4), codes)
            number += 1
    return styles


def _number(body: bytes, start: int, end: int) -> int:
    return int.from_bytes(body[start:end], "little")


def _wide_text(body: bytes, start: int) -> str:
    """Return a text in UTF-16 behind its length in characters."""
    text_start = start + 4
    length = _number(body, start, text_start)
    text = body[text_start : text_start + 2 * length]
    return text.decode("utf-16-le", "replace")


def scan_binary_sheet(data: bytes, styles: Styles) -> Scan:
    """Walk the records of one sheet. F13 when its used area is too large."""
    interesting = styles.interesting
    scan = Scan()
    row = 0
    for kind, body in _records(data):
        if kind == _ROW and len(body) >= 12:
            row = _number(body, 0, 4) + 1
            if body[11] & _HIDDEN_ROW:
                scan.hidden_rows.add(row)
        elif kind in _VALUE_CELLS and len(body) >= 8:
            _note_cell(kind, body, row, interesting, scan)
        elif kind == _COLUMN and len(body) >= 18:
            _note_columns(body, scan)
    if scan.last_row * scan.last_column > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    return scan


def _note_cell(
    kind: int,
    body: bytes,
    row: int,
    interesting: set[int],
    scan: Scan,
) -> None:
    """Note how far the sheet reaches, and what a cell's style and its error say."""
    column = _number(body, 0, 4) + 1
    scan.last_row = max(scan.last_row, row)
    scan.last_column = max(scan.last_column, column)
    style = _number(body, 4, 7)
    if style in interesting:
        scan.styled[style].append((row, column))
    if kind in _ERROR_CELLS and len(body) >= 9:
        scan.errors[row, column] = ERROR_TEXTS.get(body[8], "#N/A")


def _note_columns(body: bytes, scan: Scan) -> None:
    """Note a range of columns that are hidden."""
    first, last, _, _, flags = struct.unpack_from("<IIIIH", body)
    if flags & _HIDDEN_COLUMN:
        end = min(last, _LAST_COLUMN) + 2
        scan.hidden_columns.update(range(first + 1, end))


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of every record; the last may be cut short in a damaged file."""
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & _MORE and at < len(data):
            kind = (kind & _SEVEN_BITS) | (data[at] & _SEVEN_BITS) << 7
            at += 1
        size = 0
        shift = 0
        while at < len(data):
            byte = data[at]
            at += 1
            size |= (byte & _SEVEN_BITS) << shift
            shift += 7
            if not byte & _MORE or shift >= _SIZE_BITS:
                break
        yield kind, data[at : at + size]
        at += size
