"""XML-2003 spreadsheets (SpreadsheetML), mostly under the name .xls.

Systems of offices export it, and neither calamine nor xlrd reads it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from yiku.formats.calamine_cells import iso_moment, time_text
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet
from yiku.formats.number_format import is_percent, speaks
from yiku.formats.row_colours import is_marking, plain_rgb
from yiku.formats.sheet_builder import Cell, SheetBuild
from yiku.formats.xlsx import moment
from yiku.formats.xlsx_styles import is_symbol_font
from yiku.formats.xml_parts import (
    attribute,
    children,
    descendants,
    first,
    local,
    parse_xml,
)

_POINTS_A_CHARACTER = 5.6
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MOST_WIDTHS = 256  # columns whose width is kept: a list has no more
# The days that a time of day stands on, in the two calendars of Excel and in LibreOffice.
_DAYS_ZERO = (
    dt.date(1899, 12, 31),
    dt.date(1899, 12, 30),
    dt.date(1904, 1, 1),
)


@dataclass
class _Style:
    struck: bool = False
    symbol: bool = False
    percent: bool = False
    code: str | None = None  # a number format that says more than a number
    colour: str | None = None


_NO_STYLE = _Style()
_Build = SheetBuild[_Style]


def read_xml2003(data: bytes) -> Book:
    """Read every worksheet.

    F06 when the XML is damaged or no workbook, F13 when it is too large.
    """
    root = parse_xml(data)
    if local(root) != "Workbook":
        raise RefusedError("F06", why="xml")
    styles = {}
    for node in descendants(root, "Style"):
        styles[attribute(node, "ID") or ""] = _style(node)
    sheets = [_sheet(node, styles) for node in children(root, "Worksheet")]
    saved = first(root, "DocumentProperties", "LastSaved")
    return Book(
        format="xml2003",
        sheets=sheets,
        saved_at=None if saved is None else moment(saved.text),
        epoch_1904=first(root, "ExcelWorkbook", "Date1904") is not None,
    )


def _style(node: Any) -> _Style:
    """Return what one style says; what it takes over from its parent is not followed."""
    style = _Style()
    font = first(node, "Font")
    if font is not None:
        style.struck = attribute(font, "StrikeThrough") == "1"
        style.symbol = is_symbol_font(attribute(font, "FontName"))
        style.colour = _mark(attribute(font, "Color"))
    interior = first(node, "Interior")
    if interior is not None:
        style.colour = _mark(attribute(interior, "Color")) or style.colour
    number_format = first(node, "NumberFormat")
    if number_format is not None:
        code = attribute(number_format, "Format") or ""
        # Built-in formats stand here by their English names.
        style.percent = code == "Percent" or is_percent(code)
        style.code = code if speaks(code) else None
    return style


def _mark(colour: str | None) -> str | None:
    """Return RRGGBB where a colour can be a mark, else None."""
    rgb = plain_rgb(colour)
    return rgb if is_marking(rgb) else None


def _sheet(node: Any, styles: dict[str, _Style]) -> Sheet:
    build = _Build(styles)
    table = first(node, "Table")
    if table is not None:
        _read_columns(table, build)
        _read_rows(table, build)
    # Programs write the element only for sheets that are hidden.
    visible = first(node, "WorksheetOptions", "Visible")
    return build.finished(attribute(node, "Name"), visible is None)


def _number(node: Any, name: str, default: int, most: int = _MOST_ROWS) -> int:
    """Return the number that an attribute tells, at most ``most``: a stranger may write any."""
    text = attribute(node, name) or ""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), most)
    return default


def _points(text: str | None) -> float:
    """Return a width in points; 0 where none is told."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _read_columns(table: Any, build: _Build) -> None:
    """Note which columns are hidden and how wide they are.

    One element may stand for several columns; one without a number follows the one before it.
    """
    last = 0
    for node in children(table, "Column"):
        column = _number(node, "Index", last + 1, _MOST_COLUMNS)
        span = _number(node, "Span", 0, _MOST_COLUMNS)
        last = min(column + span, _MOST_COLUMNS)
        if attribute(node, "Hidden") == "1":
            build.hidden_columns.update(range(column, last + 1))
        width = _points(attribute(node, "Width"))
        if width > 0:
            measured = range(column, min(last, _MOST_WIDTHS) + 1)
            characters = width / _POINTS_A_CHARACTER
            build.widths.update(dict.fromkeys(measured, characters))


def _read_rows(table: Any, build: _Build) -> None:
    """Read the rows; a span of rows are formats of blank ones below."""
    last = 0
    for node in children(table, "Row"):
        row = _number(node, "Index", last + 1)
        last = row + _number(node, "Span", 0)
        if attribute(node, "Hidden") == "1":
            build.hide_rows(range(row, last + 1))
        _read_row(node, row, build)


def _read_row(node: Any, row: int, build: _Build) -> None:
    last = 0
    row_style = attribute(node, "StyleID") or "Default"
    for cell in children(node, "Cell"):
        column = _number(cell, "Index", last + 1, _MOST_COLUMNS)
        across = _number(cell, "MergeAcross", 0, _MOST_COLUMNS)
        down = _number(cell, "MergeDown", 0)
        last = column + across
        if across or down:
            build.merges.append((row, column, row + down, last))
        build.rows.setdefault(row, {})[column] = _value(cell)
        style = attribute(cell, "StyleID") or row_style
        _note_look(cell, (row, column), build, style)


def _value(cell: Any) -> CellValue:
    """Return a cell's value; an error stands as its text in the file already."""
    data = first(cell, "Data")
    if data is None:
        return None
    text = "".join(data.itertext())
    kind = attribute(data, "Type")
    if kind == "Number":
        return _float(text)
    if kind == "Boolean":
        return text.strip() == "1"
    if kind == "DateTime":
        return _date(text)
    return text or None


def _float(text: str) -> CellValue:
    try:
        return float(text)
    except ValueError:
        return text or None


def _date(text: str) -> CellValue:
    """Return a day, a moment, or a time of day as text where the day is the zeroth."""
    try:
        found = iso_moment(text.strip())
    except ValueError:
        return text or None
    if found.date() in _DAYS_ZERO:
        return time_text(found.time())
    return found.date() if found.time() == dt.time() else found


def _note_look(cell: Any, at: Cell, build: _Build, style_id: str) -> None:
    """Note what a cell's style says, its formula and its comment."""
    style = build.styles.get(style_id, _NO_STYLE)
    row, column = at
    if style.struck:
        build.struck.add(row)
    if style.colour:
        build.coloured.append((row, column, style.colour))
    if style.percent:
        build.percent.add(at)
    if style.symbol:
        build.symbol.add(at)
    if style.code:
        build.formats[at] = style.code
    _note_formula(cell, at, build)
    comment = first(cell, "Comment")
    remark = "" if comment is None else "".join(comment.itertext()).strip()
    if remark:
        build.comments[at] = remark


def _note_formula(cell: Any, at: Cell, build: _Build) -> None:
    formula = attribute(cell, "Formula")
    if not formula:
        return
    build.formulas[at] = formula
    if first(cell, "Data") is None:
        build.uncached.add(at)
