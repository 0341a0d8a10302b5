"""xls and et: xlrd shows values and look; calamine steps in where xlrd gives up.

et is the format of WPS, the same BIFF records inside an OLE file. xlrd shows no formulas and does
not say that a formula was never calculated: those come from the records themselves.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import olefile  # type: ignore[import-untyped]
import xlrd

from yiku.formats.calamine_cells import (
    MAX_CELLS,
    read_with_calamine,
    time_text,
    trim,
)
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet
from yiku.formats.ole_chains import has_circle
from yiku.formats.xls_look import look_of

Cell = tuple[int, int]
# Kinds of records.
_BOF, _EOF, _FORMULA, _FILEPASS = 0x0809, 0x000A, 0x0006, 0x002F
_GLOBALS = b"\x05\x00"  # the substream of the workbook itself
_FORMULA_HEAD = 20  # bytes of a formula's record in front of its tokens
_FIRST_RECORDS = 20  # among which encryption would be told
_SUM_ATTRIBUTE = b"\x19\x10"
_FUNCTIONS = {b"\x04\x00": "SUM", b"\x66\x00": "VLOOKUP"}
_VARIADIC = (0x22, 0x42, 0x62)
_WIDTH_UNIT = 256  # of a column: parts of a character
_DAY_SECONDS = 86_400
_STREAM_NAMES = ("Workbook", "Book")
_NO_VALUE = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)


def read_xls(data: bytes, kind: str) -> Book:
    """Read a BIFF workbook.

    F05 when it is encrypted, F06 when it is damaged, F13 when it is too large.
    """
    stream, saved_at, has_macros = _ole_facts(data)
    if _is_encrypted(stream):
        raise RefusedError("F05")
    try:
        book = xlrd.open_workbook(
            file_contents=data,
            formatting_info=True,
            ragged_rows=True,
            logfile=io.StringIO(),
            on_demand=True,
        )
    except xlrd.XLRDError as error:
        if "ncrypted" in str(error):
            raise RefusedError("F05") from error
        return _by_calamine(data, kind, saved_at)
    except Exception:  # xlrd meets damage with whatever its parsing runs into
        return _by_calamine(data, kind, saved_at)
    sheets = _sheets(book, stream)
    return Book(
        format=kind,
        sheets=sheets,
        saved_at=saved_at,
        epoch_1904=bool(book.datemode),
        has_macros=has_macros,
    )


def _sheets(book: Any, stream: bytes) -> list[Sheet]:
    """Return the sheets. F13 when they hold too many cells together."""
    formulas = list(_formulas_by_sheet(stream))
    # Sheets of charts have substreams too: where the numbers differ, which is whose is unknown.
    is_matched = len(formulas) == book.nsheets
    sheets = []
    cell_count = 0
    for number in range(book.nsheets):
        sheet = _sheet(book, number, formulas[number] if is_matched else {})
        sheets.append(sheet)
        cell_count += len(sheet.values) * _width(sheet.values)
    if cell_count > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    return sheets


def _by_calamine(data: bytes, kind: str, saved_at: dt.datetime | None) -> Book:
    """Read the values alone: calamine opens what xlrd takes for damaged."""
    if olefile.isOleFile(data) and has_circle(data):
        raise RefusedError("F06", why="circle")
    sheets = [
        Sheet(raw.name, raw.values, raw.visible, raw.merges)
        for raw in read_with_calamine(data)
    ]
    return Book(kind, sheets, saved_at)


def _width(values: list[list[CellValue]]) -> int:
    """Return how many columns trimmed rows have; they have all the same number."""
    return len(values[0]) if values else 0


# --- the OLE file around the workbook


def _ole_facts(data: bytes) -> tuple[bytes, dt.datetime | None, bool]:
    """Return the workbook stream, when it was last saved (UTC), and whether it holds macros."""
    # The oldest files are the bare stream.
    if not olefile.isOleFile(data):
        return data, None, False
    with olefile.OleFileIO(data) as ole:
        stream = b""
        for name in _STREAM_NAMES:
            if ole.exists(name):
                stream = ole.openstream(name).read()
                break
        return stream, _last_saved(ole), ole.exists("_VBA_PROJECT_CUR")


def _last_saved(ole: Any) -> dt.datetime | None:
    try:
        saved = ole.get_metadata().last_saved_time
    # The summary is no part of the table: damage in it costs only the time.
    except Exception:
        return None
    # Programs that know no time write the epoch of Windows, the year 1601.
    if not isinstance(saved, dt.datetime) or saved.year <= 1980:
        return None
    return saved.replace(tzinfo=dt.UTC)


# --- records of the stream


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and length of every record."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        at += 4 + size


def _is_encrypted(stream: bytes) -> bool:
    """Return whether a password is needed: it is told before the first sheet."""
    for count, (kind, _, _) in enumerate(_records(stream)):
        if kind == _FILEPASS:
            return True
        if kind == _EOF or count > _FIRST_RECORDS:
            return False
    return False


def _formulas_by_sheet(stream: bytes) -> Iterator[dict[Cell, str]]:
    """Yield the formulas of each sheet in the order of the stream.

    Each sheet is a substream between BOF and EOF, a chart in it one within; the first substream is
    the workbook's own and holds none.
    """
    current: dict[Cell, str] | None = None
    depth = 0
    for kind, start, size in _records(stream):
        if kind == _BOF:
            depth += 1
            if depth == 1:
                is_globals = stream[start + 2 : start + 4] == _GLOBALS
                current = None if is_globals else {}
        elif kind == _EOF:
            depth -= 1
            if depth == 0 and current is not None:
                yield current
        elif (
            kind == _FORMULA
            and current is not None
            and size >= _FORMULA_HEAD + 2
        ):
            row, column = struct.unpack_from("<HH", stream, start)
            tokens = stream[start + _FORMULA_HEAD : start + size]
            current[row + 1, column + 1] = _formula_text(tokens)


def _formula_text(tokens: bytes) -> str:
    """Name the function that matters: a sum or a look-up.

    The exact text is not worth decompiling.
    """
    if _SUM_ATTRIBUTE in tokens:
        return "=SUM()"
    for at in range(len(tokens) - 3):
        # Behind the token stands how many arguments it takes, then which function it is.
        function = tokens[at + 2 : at + 4]
        if tokens[at] in _VARIADIC and function in _FUNCTIONS:
            return f"={_FUNCTIONS[function]}()"
    return "="


# --- one sheet


def _sheet(book: Any, number: int, formulas: dict[Cell, str]) -> Sheet:
    """Read one sheet. F13 when the area that it claims is beyond all measure."""
    sheet = book.sheet_by_index(number)
    # Four times as much as may hold anything: formatted blanks at the end are cut afterwards.
    if sheet.nrows * max(sheet.ncols, 1) > MAX_CELLS * 4:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    datemode = book.datemode
    rows = [
        _row(datemode, sheet.row_types(row), sheet.row_values(row))
        for row in range(sheet.nrows)
    ]
    values = trim(rows)
    look = look_of(book, sheet, len(values))
    look.formulas = formulas
    look.uncached = frozenset(
        cell for cell in formulas if _is_uncached(sheet, cell)
    )
    merges = tuple(
        (top + 1, left + 1, bottom, right)
        for top, bottom, left, right in sheet.merged_cells
    )
    book.unload_sheet(number)
    return Sheet(
        name=sheet.name,
        values=values,
        visible=sheet.visibility == 0,
        merges=merges,
        look=look,
        widths=_widths(sheet, _width(values)),
    )


def _widths(sheet: Any, width: int) -> dict[int, float]:
    """Return the widths of the columns that hold anything, in characters."""
    found = {}
    for column, info in sheet.colinfo_map.items():
        if column < width:
            found[column + 1] = info.width / _WIDTH_UNIT
    return found


def _is_uncached(sheet: Any, cell: Cell) -> bool:
    """Return whether a formula's cell holds no result."""
    row, column = cell[0] - 1, cell[1] - 1
    if row >= sheet.nrows or column >= sheet.row_len(row):
        return True
    return sheet.cell_type(row, column) in _NO_VALUE


def _row(
    datemode: int, kinds: Sequence[int], values: list[Any]
) -> list[CellValue]:
    return [
        _value(datemode, kind, value)
        for kind, value in zip(kinds, values, strict=True)
    ]


def _value(datemode: int, kind: int, value: Any) -> CellValue:
    """Return a cell's value; of an error, the text that programs show for it."""
    if kind == xlrd.XL_CELL_TEXT:
        return value or None
    if kind == xlrd.XL_CELL_NUMBER:
        return float(value)
    if kind == xlrd.XL_CELL_DATE:
        return _date(value, datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    return None


def _date(serial: float, datemode: int) -> CellValue:
    """Return what a date cell shows: a day, a moment, a time of day as text.

    Where it is no date, the bare number.
    """
    if 0 <= serial < 1:
        since_midnight = dt.timedelta(seconds=round(serial * _DAY_SECONDS))
        return time_text((dt.datetime.min + since_midnight).time())
    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(serial, datemode)
    except (ValueError, OverflowError, xlrd.XLDateError):
        return serial
    return moment.date() if moment.time() == dt.time() else moment
