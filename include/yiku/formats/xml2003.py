"""XML-2003 spreadsheets (SpreadsheetML), mostly under the name .xls."""

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


@dataclass
class _Style:
    struck: bool = False
    symbol: bool = False
    percent: bool = False
    code: str | None = None  # a number format that says more than a number
    colour: str | None = None


_Build = SheetBuild[_Style]


def read_xml2003(data: bytes) -> Book:
    """Read every worksheet. F06 when the XML is damaged or no workbook, F13 when it is too large."""
    root = parse_xml(data)
    if local(root) != "Workbook":
        raise RefusedError("F06", why="xml")
    styles = {attribute(s, "ID") or "": _style(s) for s in descendants(root, "Style")}
    sheets = [_sheet(node, styles) for node in children(root, "Worksheet")]
    saved = first(root, "DocumentProperties", "LastSaved")
    epoch = first(root, "ExcelWorkbook", "Date1904") is not None
    return Book(
        "xml2003", sheets, moment(saved.text) if saved is not None else None, epoch
    )


def _style(node: Any) -> _Style:
    font, interior, number = (
        first(node, "Font"),
        first(node, "Interior"),
        first(node, "NumberFormat"),
    )
    style = _Style()
    if font is not None:
        style.struck = attribute(font, "StrikeThrough") == "1"
        style.symbol = is_symbol_font(attribute(font, "FontName"))
        style.colour = _mark(attribute(font, "Color"))
    if interior is not None:
        style.colour = _mark(attribute(interior, "Color")) or style.colour
    if number is not None:
        code = attribute(number, "Format") or ""
        style.percent = code == "Percent" or is_percent(code)
        style.code = code if speaks(code) else None
    return style


def _mark(colour: str | None) -> str | None:
    rgb = plain_rgb(colour)
    return rgb if is_marking(rgb) else None


def _sheet(node: Any, styles: dict[str, _Style]) -> Sheet:
    build = _Build(styles)
    table = first(node, "Table")
    if table is not None:
        _read_table(table, build)
    visible = first(node, "WorksheetOptions", "Visible")
    return build.finished(attribute(node, "Name"), visible is None)


def _number(node: Any, name: str, default: int, most: int = 1_048_576) -> int:
    text = attribute(node, name) or ""
    return min(int(text[:9]), most) if text.isascii() and text.isdigit() else default


def _points(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _read_table(table: Any, build: _Build) -> None:
    column = 0
    for node in children(table, "Column"):
        column = _number(node, "Index", column + 1, 16384)
        last = min(column + _number(node, "Span", 0, 16384), 16384)
        if attribute(node, "Hidden") == "1":
            build.hidden_columns.update(range(column, last + 1))
        if (width := _points(attribute(node, "Width"))) > 0:
            build.widths.update(
                dict.fromkeys(
                    range(column, min(last, 256) + 1), width / _POINTS_A_CHARACTER
                )
            )
        column = last
    row = 0
    for node in children(table, "Row"):
        row = _number(node, "Index", row + 1)
        last = row + _number(node, "Span", 0)
        if attribute(node, "Hidden") == "1":
            build.hide_rows(range(row, last + 1))
        _read_row(node, row, build)
        row = last


def _read_row(node: Any, row: int, build: _Build) -> None:
    column = 0
    own = attribute(node, "StyleID")
    for cell in children(node, "Cell"):
        column = _number(cell, "Index", column + 1, 16384)
        across, down = (
            _number(cell, "MergeAcross", 0, 16384),
            _number(cell, "MergeDown", 0),
        )
        if across or down:
            build.merges.append((row, column, row + down, column + across))
        build.rows.setdefault(row, {})[column] = _value(cell)
        _note_look(
            cell, (row, column), build, attribute(cell, "StyleID") or own or "Default"
        )
        column += across


def _value(cell: Any) -> CellValue:
    data = first(cell, "Data")
    if data is None:
        return None
    text, kind = "".join(data.itertext()), attribute(data, "Type")
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text or None
    if kind == "Boolean":
        return text.strip() == "1"
    return _date(text) if kind == "DateTime" else text or None


def _date(text: str) -> CellValue:
    try:
        found = iso_moment(text.strip())
    except ValueError:
        return text or None
    if found.date() in (
        dt.date(1899, 12, 31),
        dt.date(1899, 12, 30),
        dt.date(1904, 1, 1),
    ):
        return time_text(found.time())
    return found.date() if found.time() == dt.time() else found


def _note_look(cell: Any, at: Cell, build: _Build, style_id: str) -> None:
    style = build.styles.get(style_id, _Style())
    if style.struck:
        build.struck.add(at[0])
    if style.colour:
        build.coloured.append((*at, style.colour))
    if style.percent:
        build.percent.add(at)
    if style.symbol:
        build.symbol.add(at)
    if style.code:
        build.formats[at] = style.code
    if formula := attribute(cell, "Formula"):
        build.formulas[at] = formula
        if first(cell, "Data") is None:
            build.uncached.add(at)
    if (comment := first(cell, "Comment")) is not None and (
        text := "".join(comment.itertext()).strip()
    ):
        build.comments[at] = text
