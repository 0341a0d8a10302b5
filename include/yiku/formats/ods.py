"""ods: values and look in one walk through ``content.xml``, which calamine shows without merges, errors and styles."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from yiku.formats.calamine_cells import iso_moment, time_text
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet
from yiku.formats.container import read_part
from yiku.formats.number_format import speaks
from yiku.formats.row_colours import is_marking, plain_rgb
from yiku.formats.sheet_builder import MOST_ROWS, SheetBuild
from yiku.formats.xlsx_styles import is_symbol_font
from yiku.formats.xml_parts import (
    attribute,
    children,
    descendants,
    first,
    local,
    parse_xml,
)

_CHINA = dt.timezone(dt.timedelta(hours=8))  # ods writes the clock on the clerk's wall
_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?T?(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d{1,20})?S)?"
)
_ERROR = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|(?:Err:|错误:)\d{3}"
)
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,20})?)(cm|in|mm|pt)")
_CHARACTER = {"cm": 0.2, "in": 0.0787, "mm": 2.0, "pt": 5.6}  # the width of a digit
_NUMBER_STYLES = ("number-style", "currency-style")


@dataclass
class _Style:
    struck: bool = False
    symbol: bool = False
    colour: str | None = None
    code: str | None = None  # a number format that says more than a number
    hidden_table: bool = False
    width: float | None = None  # of a column, in characters


_Build = SheetBuild[_Style]


def read_ods(archive: zipfile.ZipFile) -> Book:
    """Read every table. F05 when it is encrypted, F06 when it is damaged, F13 when it is too large."""
    if b"encryption-data" in (read_part(archive, "META-INF/manifest.xml") or b""):
        raise RefusedError("F05")
    root = parse_xml(read_part(archive, "content.xml") or b"")
    named = read_part(archive, "styles.xml")
    styles = _styles([root, parse_xml(named)] if named else [root])
    parent = first(root, "body", "spreadsheet")
    if parent is None:
        raise RefusedError("F06", why="xml")
    sheets = [_sheet(table, styles) for table in children(parent, "table")]
    return Book("ods", sheets, _saved_at(read_part(archive, "meta.xml")))


def _saved_at(xml: bytes | None) -> dt.datetime | None:
    node = next(descendants(parse_xml(xml), "date"), None) if xml else None
    try:
        # More digits behind the second than Python reads are cut off.
        found = (
            dt.datetime.fromisoformat((node.text or "")[:26].strip())
            if node is not None
            else None
        )
    except ValueError:
        return None
    return found.replace(tzinfo=_CHINA) if found and not found.tzinfo else found


def _styles(roots: list[Any]) -> dict[str, _Style]:
    fonts = {
        attribute(f, "name"): attribute(f, "font-family")
        for root in roots
        for f in descendants(root, "font-face")
    }
    codes = _number_codes(
        n for root in roots for kind in _NUMBER_STYLES for n in descendants(root, kind)
    )
    result: dict[str, _Style] = {}
    for node in (n for root in roots for n in descendants(root, "style")):
        style = _Style(code=codes.get(attribute(node, "data-style-name") or ""))
        for part in node:
            _enter_properties(part, style, fonts)
        result.setdefault(attribute(node, "name") or "", style)
    return result


def _number_codes(nodes: Iterable[Any]) -> dict[str, str]:
    """Return the number formats that say more than a number, by name, in the code that spreadsheet programs show."""
    known: dict[str, str] = {}
    for node in nodes:  # the parts of a format with conditions stand before it
        code = _number_code(node)
        for choice in children(node, "map"):
            condition = (attribute(choice, "condition") or "").removeprefix("value()")
            code = f"[{condition}]{known.get(attribute(choice, 'apply-style-name') or '', '0')};{code}"
        known[attribute(node, "name") or ""] = code
    return {name: code for name, code in known.items() if speaks(code)}


def _number_code(node: Any) -> str:
    parts = []
    for child in node:
        kind = local(child)
        if kind in ("text", "currency-symbol"):
            parts.append(_quoted("".join(child.itertext())))
        elif kind == "number":
            parts.append(_digits_code(child))
        elif kind in ("scientific-number", "fraction"):
            parts.append("General")
    return "".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""


def _digits_code(node: Any) -> str:
    words = {
        _count(t, "position", 20): "".join(t.itertext())
        for t in children(node, "embedded-text")
    }
    whole = max(
        [_count(node, "min-integer-digits", 30), *(position + 1 for position in words)]
    )
    code = "".join(
        "0" + _quoted(words.get(place, "")) for place in range(whole - 1, -1, -1)
    )
    places = attribute(node, "decimal-places") or "0"
    behind = min(int(places), 20) if places.isascii() and places.isdigit() else 0
    factor = attribute(node, "display-factor") or "1"
    thousands = (len(factor) - 1) // 3 if factor.isascii() and factor.isdigit() else 0
    return code + ("." + "0" * behind if behind else "") + "," * thousands


def _enter_properties(
    part: Any, style: _Style, fonts: dict[str | None, str | None]
) -> None:
    kind = local(part)
    if kind == "text-properties":
        lines = (
            attribute(part, f"text-line-through-{name}") for name in ("style", "type")
        )
        style.struck = any(line not in (None, "none") for line in lines)
        name = attribute(part, "font-name")
        style.symbol = is_symbol_font((fonts.get(name) or name or "").strip("'"))
        style.colour = style.colour or _mark(attribute(part, "color"))
    elif kind == "table-cell-properties":
        style.colour = _mark(attribute(part, "background-color")) or style.colour
    elif kind == "table-column-properties":
        style.width = _characters(attribute(part, "column-width"))
    elif kind == "table-properties":
        style.hidden_table = attribute(part, "display") == "false"


def _characters(text: str | None) -> float | None:
    found = _LENGTH.fullmatch(text or "")
    return float(found[1]) / _CHARACTER[found[2]] if found else None


def _mark(colour: str | None) -> str | None:
    rgb = plain_rgb(colour)
    return rgb if is_marking(rgb) else None


def _sheet(table: Any, styles: dict[str, _Style]) -> Sheet:
    build = _Build(styles)
    _read_columns(table, build)
    row = 0
    for node in _below(
        table, "table-row", ("table-header-rows", "table-row-group", "table-rows")
    ):
        repeated = _count(node, "number-rows-repeated")
        if row >= MOST_ROWS:
            break
        _read_row(node, row + 1, repeated, build)
        row += repeated
    visible = not styles.get(
        attribute(table, "style-name") or "", _Style()
    ).hidden_table
    return build.finished(attribute(table, "name"), visible)


def _below(node: Any, name: str, groups: tuple[str, ...]) -> Iterator[Any]:
    for child in node:
        kind = local(child)
        if kind == name:
            yield child
        elif kind in groups:
            yield from _below(child, name, groups)


def _count(node: Any, name: str, most: int = MOST_ROWS) -> int:
    text = attribute(node, name) or "1"
    return max(1, min(int(text[:9]), most)) if text.isascii() and text.isdigit() else 1


def _read_columns(table: Any, build: _Build) -> None:
    column = 0
    for node in _below(
        table,
        "table-column",
        ("table-header-columns", "table-column-group", "table-columns"),
    ):
        repeated = _count(node, "number-columns-repeated", 16384)
        if attribute(node, "visibility") in ("collapse", "filter"):
            build.hidden_columns.update(
                range(column + 1, min(column + repeated, 16384) + 1)
            )
        if width := build.styles.get(
            attribute(node, "style-name") or "", _Style()
        ).width:
            build.widths.update(
                dict.fromkeys(range(column + 1, min(column + repeated, 256) + 1), width)
            )
        column += repeated


def _read_row(node: Any, row: int, repeated: int, build: _Build) -> None:
    if attribute(node, "visibility") in ("collapse", "filter"):
        build.hide_rows(range(row, row + repeated))
    column = 0
    for cell in node:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        across = _count(cell, "number-columns-repeated", 16384)
        if local(cell) == "table-cell" and (
            len(cell) or attribute(cell, "value-type") or attribute(cell, "formula")
        ):
            _read_cell(
                cell,
                range(row, row + repeated),
                range(column + 1, column + 1 + across),
                build,
            )
        _note_merge(cell, row, column + 1, build)
        column += across


def _note_merge(cell: Any, row: int, column: int, build: _Build) -> None:
    across = _count(cell, "number-columns-spanned", 16384)
    down = _count(cell, "number-rows-spanned")
    if across > 1 or down > 1:
        build.merges.append((row, column, row + down - 1, column + across - 1))


def _read_cell(cell: Any, rows: range, columns: range, build: _Build) -> None:
    value = _value(cell)
    if value is not None:
        build.put(rows, columns, value)
    if formula := attribute(cell, "formula"):
        cached = value is not None or attribute(cell, "value-type") is not None
        build.note_formula(
            rows, columns, "=" + formula.removeprefix("of:").removeprefix("="), cached
        )
    _note_look(cell, rows[0], columns[0], build)


def _note_look(cell: Any, row: int, column: int, build: _Build) -> None:
    style = build.styles.get(attribute(cell, "style-name") or "", _Style())
    runs = [
        build.styles.get(attribute(s, "style-name") or "", _Style())
        for s in descendants(cell, "span")
    ]
    if style.struck or any(run.struck for run in runs):
        build.struck.add(row)
    if style.symbol or any(run.symbol for run in runs):
        build.symbol.add((row, column))
    if style.colour:
        build.coloured.append((row, column, style.colour))
    if style.code:
        build.formats[row, column] = style.code
    if attribute(cell, "value-type") == "percentage":
        build.percent.add((row, column))
    note = first(cell, "annotation")
    if note is not None and (text := _paragraphs(note)):
        build.comments[row, column] = text


def _value(cell: Any) -> CellValue:
    kind = attribute(cell, "value-type")
    shown = _paragraphs(cell)
    if _ERROR.fullmatch(shown):
        return shown if shown.startswith("#") else "#VALUE!"
    if kind in ("float", "percentage", "currency"):
        return _number(attribute(cell, "value"), shown)
    if kind == "boolean":
        return attribute(cell, "boolean-value") == "true"
    if kind == "date":
        return _date(attribute(cell, "date-value") or shown)
    if kind == "time":
        return _time(attribute(cell, "time-value") or "", shown)
    return shown or attribute(cell, "string-value") or None


def _number(text: str | None, shown: str) -> CellValue:
    try:
        return float(text or "")
    except ValueError:
        return shown or None


def _date(text: str) -> CellValue:
    try:
        found = iso_moment(text[:26])
    except ValueError:
        return text or None
    if found.date() == dt.date(1899, 12, 30):
        return time_text(found.time())
    return found.date() if found.time() == dt.time() else found


def _time(text: str, shown: str) -> CellValue:
    found = _DURATION.fullmatch(text)
    if not found:
        return shown or None
    days, hours, minutes, seconds = (int(n or 0) for n in found.groups())
    return f"{days * 24 + hours:02}:{minutes:02}:{seconds:02}"


def _paragraphs(node: Any) -> str:
    return "\n".join(_inline(p) for p in children(node, "p"))


def _inline(node: Any) -> str:
    parts = [node.text or ""]
    for child in node:
        kind = local(child)
        if kind == "s":
            parts.append(" " * _count(child, "c", 1000))
        elif kind in ("tab", "line-break"):
            parts.append("\t" if kind == "tab" else "\n")
        elif kind not in ("annotation", ""):
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)
