"""What calamine hides of an xlsb sheet: errors, hidden rows and columns, number formats, its size."""

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
_ROW, _COLUMN = 0, 60
_FORMAT, _CELL_STYLE, _CELL_STYLES, _END_OF_STYLES = 44, 47, 617, 618
_ERROR_CELLS = (3, 11)  # an error, a formula whose result is one
_VALUE_CELLS = range(2, 12)


def read_binary_styles(data: bytes) -> Styles:
    """Read the number formats of ``xl/styles.bin``; colours and fonts are not read."""
    styles, codes, inside, number = Styles(), dict[int, str](), False, 0
    for kind, body in _records(data):
        if kind == _FORMAT and len(body) >= 6:
            length = int.from_bytes(body[2:6], "little")
            codes[int.from_bytes(body[:2], "little")] = body[6 : 6 + 2 * length].decode(
                "utf-16-le", "replace"
            )
        elif kind in (_CELL_STYLES, _END_OF_STYLES):
            inside = kind == _CELL_STYLES
        elif kind == _CELL_STYLE and inside and len(body) >= 4:
            enter_format(styles, number, int.from_bytes(body[2:4], "little"), codes)
            number += 1
    return styles


def scan_binary_sheet(data: bytes, styles: Styles) -> Scan:
    """Walk the records of one sheet. F13 when its used area is too large."""
    interesting = styles.interesting
    scan = Scan()
    row = 0
    for kind, body in _records(data):
        if kind == _ROW and len(body) >= 12:
            row = int.from_bytes(body[:4], "little") + 1
            if body[11] & 0x10:
                scan.hidden_rows.add(row)
        elif kind in _VALUE_CELLS and len(body) >= 8:
            column = int.from_bytes(body[:4], "little") + 1
            scan.last_row, scan.last_column = (
                max(scan.last_row, row),
                max(scan.last_column, column),
            )
            style = int.from_bytes(body[4:7], "little")
            if style in interesting:
                scan.styled[style].append((row, column))
            if kind in _ERROR_CELLS and len(body) >= 9:
                scan.errors[row, column] = ERROR_TEXTS.get(body[8], "#N/A")
        elif kind == _COLUMN and len(body) >= 18:
            low, high, _, _, flags = struct.unpack_from("<IIIIH", body)
            if flags & 1:
                scan.hidden_columns.update(range(low + 1, min(high, 16383) + 2))
    if scan.last_row * scan.last_column > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    return scan


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if kind & 0x80 and at < len(data):
            kind, at = (kind & 0x7F) | (data[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while at < len(data):
            byte, at = data[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift >= 28:
                break
        yield kind, data[at : at + size]
        at += size
