"""xls and et: xlrd shows values and look; calamine steps in where xlrd gives up; formulas come from the records."""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import olefile  # type: ignore[import-untyped]
import xlrd

from yiku.formats.calamine_cells import MAX_CELLS, read_with_calamine, time_text, trim
from yiku.formats.cells import Book, CellValue, Look, RefusedError, Sheet
from yiku.formats.number_format import is_percent, speaks
from yiku.formats.row_colours import coloured_rows, is_marking
from yiku.formats.xlsx_styles import is_symbol_font

Cell = tuple[int, int]
_BOF, _EOF, _FORMULA, _FILEPASS = 0x0809, 0x000A, 0x0006, 0x002F
_SUM_ATTRIBUTE = b"\x19\x10"
_FUNCTIONS = {b"\x04\x00": "SUM", b"\x66\x00": "VLOOKUP"}
_VARIADIC = (0x22, 0x42, 0x62)
# built-in formats of money: each country's programs show their own sign, whatever the list of formats says
_CURRENCY_OF_THE_PLACE = frozenset({5, 6, 7, 8, 41, 42, 43, 44})
_AUTO_COLOURS = frozenset({None, 0, 1, 8, 9, 64, 65, 32767})


def read_xls(data: bytes, kind: str) -> Book:
    """Read a BIFF workbook. F05 when it is encrypted, F06 when it is damaged, F13 when it is too large."""
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
    formulas = list(_formulas_by_sheet(stream))
    sheets = [
        _sheet(book, number, formulas[number] if len(formulas) == book.nsheets else {})
        for number in range(book.nsheets)
    ]
    if (
        sum(len(s.values) * (len(s.values[0]) if s.values else 0) for s in sheets)
        > MAX_CELLS
    ):
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    return Book(kind, sheets, saved_at, bool(book.datemode), has_macros)


def _by_calamine(data: bytes, kind: str, saved_at: dt.datetime | None) -> Book:
    sheets = [
        Sheet(raw.name, raw.values, raw.visible, raw.merges)
        for raw in read_with_calamine(data)
    ]
    return Book(kind, sheets, saved_at)


def _ole_facts(data: bytes) -> tuple[bytes, dt.datetime | None, bool]:
    """Return the workbook stream, when it was last saved (UTC), and whether it holds macros."""
    if not olefile.isOleFile(data):
        return data, None, False
    with olefile.OleFileIO(data) as ole:
        name = next((n for n in ("Workbook", "Book") if ole.exists(n)), None)
        stream = ole.openstream(name).read() if name else b""
        saved = _last_saved(ole)
        return stream, saved, ole.exists("_VBA_PROJECT_CUR")


def _last_saved(ole: Any) -> dt.datetime | None:
    try:
        saved = ole.get_metadata().last_saved_time
    except (
        Exception
    ):  # the summary is no part of the table: damage in it costs only the time
        return None
    return (
        saved.replace(tzinfo=dt.UTC)
        if isinstance(saved, dt.datetime) and saved.year > 1980
        else None
    )


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and length of every record."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        at += 4 + size


def _is_encrypted(stream: bytes) -> bool:
    for count, (kind, _, _) in enumerate(_records(stream)):
        if kind == _FILEPASS:
            return True
        if kind == _EOF or count > 20:
            return False
    return False


def _formulas_by_sheet(stream: bytes) -> Iterator[dict[Cell, str]]:
    """Yield the formulas of each sheet in the order of the stream; the first substream is the workbook's own."""
    current: dict[Cell, str] | None = None
    depth = 0
    for kind, start, size in _records(stream):
        if kind == _BOF:
            depth += 1
            current = {} if depth == 1 else current
            is_globals = stream[start + 2 : start + 4] == b"\x05\x00"
            current = None if depth == 1 and is_globals else current
        elif kind == _EOF:
            depth -= 1
            if depth == 0 and current is not None:
                yield current
        elif kind == _FORMULA and current is not None and size >= 22:
            row, column = struct.unpack_from("<HH", stream, start)
            current[row + 1, column + 1] = _formula_text(
                stream[start + 20 : start + size]
            )


def _formula_text(tokens: bytes) -> str:
    """Name the function that matters: a sum or a look-up; the exact text is not worth decompiling."""
    if _SUM_ATTRIBUTE in tokens:
        return "=SUM()"
    for at in range(len(tokens) - 3):
        if tokens[at] in _VARIADIC and tokens[at + 2 : at + 4] in _FUNCTIONS:
            return f"={_FUNCTIONS[tokens[at + 2 : at + 4]]}()"
    return "="


def _sheet(book: Any, number: int, formulas: dict[Cell, str]) -> Sheet:
    sheet = book.sheet_by_index(number)
    if sheet.nrows * max(sheet.ncols, 1) > MAX_CELLS * 4:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    values = trim(
        [
            _row(book.datemode, sheet.row_types(n), sheet.row_values(n))
            for n in range(sheet.nrows)
        ]
    )
    look = _look(book, sheet, len(values))
    look.formulas = formulas
    look.uncached = frozenset(c for c in formulas if _uncached(sheet, c))
    merges = tuple(
        (top + 1, left + 1, bottom, right)
        for top, bottom, left, right in sheet.merged_cells
    )
    book.unload_sheet(number)
    width = len(values[0]) if values else 0
    widths = {
        c + 1: info.width / 256 for c, info in sheet.colinfo_map.items() if c < width
    }
    return Sheet(sheet.name, values, sheet.visibility == 0, merges, look, widths)


def _uncached(sheet: Any, cell: Cell) -> bool:
    row, column = cell[0] - 1, cell[1] - 1
    return not (
        row < sheet.nrows
        and column < sheet.row_len(row)
        and sheet.cell_type(row, column) not in (0, 6)
    )


def _row(datemode: int, kinds: Sequence[int], values: list[Any]) -> list[CellValue]:
    return [
        _value(datemode, kind, value) for kind, value in zip(kinds, values, strict=True)
    ]


def _value(datemode: int, kind: int, value: Any) -> CellValue:
    if kind == xlrd.XL_CELL_TEXT:
        return value or None
    if kind == xlrd.XL_CELL_NUMBER:
        return float(value)
    if kind == xlrd.XL_CELL_DATE:
        return _date(value, datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return (
        str(xlrd.error_text_from_code.get(value, "#N/A"))
        if kind == xlrd.XL_CELL_ERROR
        else None
    )


def _date(serial: float, datemode: int) -> CellValue:
    """Return what a date cell shows: a day, a moment, a time of day as text; the bare number where it is no date."""
    if 0 <= serial < 1:
        return time_text(
            (dt.datetime.min + dt.timedelta(seconds=round(serial * 86400))).time()
        )
    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(serial, datemode)
    except (ValueError, OverflowError, xlrd.XLDateError):
        return serial
    return moment.date() if moment.time() == dt.time() else moment


def _look(book: Any, sheet: Any, height: int) -> Look:
    styled = list(_styled_cells(sheet, _Styles(book), min(sheet.nrows, height)))
    return Look(
        hidden_rows=frozenset(
            r + 1 for r, info in sheet.rowinfo_map.items() if info.hidden and r < height
        ),
        hidden_columns=frozenset(
            c + 1
            for c, info in sheet.colinfo_map.items()
            if info.hidden and c < sheet.ncols
        ),
        struck_rows=frozenset(cell[0] for cell, facts in styled if facts.struck),
        coloured_rows=coloured_rows(
            [(*cell, facts.colour) for cell, facts in styled if facts.colour], height
        ),
        comments={
            (r + 1, c + 1): note.text for (r, c), note in sheet.cell_note_map.items()
        },
        percent=frozenset(cell for cell, facts in styled if facts.percent),
        symbol_font=frozenset(cell for cell, facts in styled if facts.symbol),
        formats={cell: facts.code for cell, facts in styled if facts.code},
    )


def _styled_cells(
    sheet: Any, styles: _Styles, height: int
) -> Iterator[tuple[Cell, _Facts]]:
    """Yield the cells whose style says something, with what it says."""
    for row in range(height):
        # One call a cell through xlrd's public interface would cost more than reading the file.
        for column, number in enumerate(sheet._cell_xf_indexes[row]):
            facts = styles.facts(number)
            if facts is not _PLAIN:
                yield (row + 1, column + 1), facts


class _Facts:
    """What one style says beside borders and widths."""

    def __init__(
        self,
        colour: str = "",
        struck: bool = False,
        percent: bool = False,
        symbol: bool = False,
    ) -> None:
        self.colour, self.struck, self.percent, self.symbol = (
            colour,
            struck,
            percent,
            symbol,
        )
        self.code: str | None = None  # a number format that says more than a number

    @property
    def plain(self) -> bool:
        return not (
            self.colour or self.struck or self.percent or self.symbol or self.code
        )


_PLAIN = _Facts()


class _Styles:
    """The styles of a workbook, each looked at once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int | None, _Facts] = {None: _PLAIN}

    def facts(self, number: int | None) -> _Facts:
        """Return the facts of style ``number``; the one object ``_PLAIN`` where there are none."""
        if number not in self._known:
            found = self._read(number or 0)
            self._known[number] = _PLAIN if found.plain else found
        return self._known[number]

    def _read(self, number: int) -> _Facts:
        if number >= len(self._book.xf_list):
            return _PLAIN
        xf = self._book.xf_list[number]
        fonts = self._book.font_list
        font = fonts[xf.font_index] if xf.font_index < len(fonts) else None
        number_format = self._book.format_map.get(xf.format_key)
        code = (
            number_format.format_str
            if number_format and xf.format_key not in _CURRENCY_OF_THE_PLACE
            else ""
        )
        fill = (
            xf.background.pattern_colour_index
            if xf.background.fill_pattern == 1
            else None
        )
        colours = [
            self._colour(fill),
            self._colour(font.colour_index if font else None),
        ]
        facts = _Facts(
            "/".join(colours) if any(colours) else "", bool(font and font.struck_out)
        )
        facts.percent = is_percent(code)
        facts.symbol = font is not None and is_symbol_font(font.name)
        facts.code = code if speaks(code) else None
        return facts

    def _colour(self, index: int | None) -> str:
        if index in _AUTO_COLOURS:
            return ""
        rgb = self._book.colour_map.get(index)
        text = "{:02X}{:02X}{:02X}".format(*rgb) if rgb else None
        return text or "" if is_marking(text) else ""
