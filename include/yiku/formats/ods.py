"""ods: values and look in one walk through ``content.xml``.

calamine reads ods too, but it shows neither merges nor errors nor styles, and a struck-out row
or a percentage would be taken for an ordinary one. So the XML is walked here, cell by cell.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from yiku.formats.calamine_cells import iso_moment, time_text
from yiku.formats.cells import Book, CellValue, RefusedError, Sheet
from yiku.formats.container import read_part
from yiku.formats.ods_styles import NO_STYLE, OdsStyle, count_of, styles_of
from yiku.formats.sheet_builder import MOST_ROWS, SheetBuild
from yiku.formats.xml_parts import (
    attribute,
    children,
    descendants,
    first,
    local,
    parse_xml,
)

# ods writes the clock on the clerk's wall, without a zone.
_CHINA = dt.timezone(dt.timedelta(hours=8))
# The day that a date cell with the number 0 shows.
_DAY_ZERO = dt.date(1899, 12, 30)
_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?T?(?:(\d{1,9})H)?(?:(\d{1,9})M)?"
    r"(?:(\d{1,9})(?:[.,]\d{1,20})?S)?"
)
# Errors are known by the text that is shown. LibreOffice writes those that Excel does not know as
# a number: Err:502, in Chinese 错误:502.
_ERROR = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|(?:Err:|错误:)\d{3}"
)
_ROW_GROUPS = ("table-header-rows", "table-row-group", "table-rows")
_COLUMN_GROUPS = (
    "table-header-columns",
    "table-column-group",
    "table-columns",
)
_HIDDEN = ("collapse", "filter")
_MOST_COLUMNS = 16_384
_MOST_WIDTHS = 256  # columns whose width is kept: a list has no more
# Microseconds end here: more digits behind the second are more than Python reads.
_MOMENT_CHARACTERS = 26
_MOST_BLANKS = 1000  # that one element of text may stand for
_Build = SheetBuild[OdsStyle]


def read_ods(archive: zipfile.ZipFile) -> Book:
    """Read every table.

    F05 when it is encrypted, F06 when it is damaged, F13 when it is too large.
    """
    manifest = read_part(archive, "META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise RefusedError("F05")
    root = parse_xml(read_part(archive, "content.xml") or b"")
    roots = [root]
    named_styles = read_part(archive, "styles.xml")
    if named_styles:
        roots.append(parse_xml(named_styles))
    styles = styles_of(roots)
    spreadsheet = first(root, "body", "spreadsheet")
    if spreadsheet is None:
        raise RefusedError("F06", why="xml")
    sheets = [
        _sheet(table, styles) for table in children(spreadsheet, "table")
    ]
    saved_at = _saved_at(read_part(archive, "meta.xml"))
    return Book("ods", sheets, saved_at)


def _saved_at(xml: bytes | None) -> dt.datetime | None:
    """Return when ``meta.xml`` says that the file was saved; None where it does not."""
    if not xml:
        return None
    node = next(descendants(parse_xml(xml), "date"), None)
    if node is None:
        return None
    text = (node.text or "")[:_MOMENT_CHARACTERS]
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=_CHINA)


def _style_of(node: Any, build: _Build) -> OdsStyle:
    """Return the style that a node names; an empty one where it names none."""
    name = attribute(node, "style-name") or ""
    return build.styles.get(name, NO_STYLE)


# --- tables, columns, rows


def _sheet(table: Any, styles: dict[str, OdsStyle]) -> Sheet:
    """Read one table.

    A program writes one row that repeats a million times for the blank rest of the sheet.
    """
    build = _Build(styles)
    _read_columns(table, build)
    row = 0
    for node in _below(table, "table-row", _ROW_GROUPS):
        repeated = count_of(node, "number-rows-repeated")
        if row >= MOST_ROWS:
            break
        _read_row(node, row + 1, repeated, build)
        row += repeated
    is_visible = not _style_of(table, build).hidden_table
    return build.finished(attribute(table, "name"), is_visible)


def _below(node: Any, name: str, groups: tuple[str, ...]) -> Iterator[Any]:
    """Yield the rows or columns of a table: programs put them into groups within groups."""
    for child in node:
        kind = local(child)
        if kind == name:
            yield child
        elif kind in groups:
            yield from _below(child, name, groups)


def _read_columns(table: Any, build: _Build) -> None:
    """Note which columns are hidden and how wide they are."""
    column = 0
    for node in _below(table, "table-column", _COLUMN_GROUPS):
        repeated = count_of(node, "number-columns-repeated", _MOST_COLUMNS)
        last = column + repeated
        if attribute(node, "visibility") in _HIDDEN:
            hidden = range(column + 1, min(last, _MOST_COLUMNS) + 1)
            build.hidden_columns.update(hidden)
        width = _style_of(node, build).width
        if width:
            measured = range(column + 1, min(last, _MOST_WIDTHS) + 1)
            build.widths.update(dict.fromkeys(measured, width))
        column = last


def _read_row(node: Any, row: int, repeated: int, build: _Build) -> None:
    """Read the cells of one row, which may stand for several alike below each other."""
    rows = range(row, row + repeated)
    if attribute(node, "visibility") in _HIDDEN:
        build.hide_rows(rows)
    column = 1
    for cell in node:
        kind = local(cell)
        if kind not in ("table-cell", "covered-table-cell"):
            continue
        across = count_of(cell, "number-columns-repeated", _MOST_COLUMNS)
        # What a merge covers still holds its old value; no program shows it.
        if kind == "table-cell" and _says_something(cell):
            _read_cell(cell, rows, range(column, column + across), build)
        _note_merge(cell, row, column, build)
        column += across


def _says_something(cell: Any) -> bool:
    """Return whether a cell is more than a blank with a format."""
    if len(cell) or attribute(cell, "value-type"):
        return True
    return bool(attribute(cell, "formula"))


def _note_merge(cell: Any, row: int, column: int, build: _Build) -> None:
    """Note the range that a cell is the first of; the others in it stand as covered ones."""
    across = count_of(cell, "number-columns-spanned", _MOST_COLUMNS)
    down = count_of(cell, "number-rows-spanned")
    if across > 1 or down > 1:
        last_row = row + down - 1
        last_column = column + across - 1
        build.merges.append((row, column, last_row, last_column))


# --- cells


def _read_cell(cell: Any, rows: range, columns: range, build: _Build) -> None:
    """Keep the value of a cell for all the cells for which it stands.

    Its look is kept for the first alone.
    """
    value = _value(cell)
    if value is not None:
        build.put(rows, columns, value)
    formula = attribute(cell, "formula")
    if formula:
        # A formula that nobody ever calculated has neither a value nor a type of it.
        is_cached = (
            value is not None or attribute(cell, "value-type") is not None
        )
        text = "=" + formula.removeprefix("of:").removeprefix("=")
        build.note_formula(rows, columns, text, is_cached)
    _note_look(cell, rows[0], columns[0], build)


def _note_look(cell: Any, row: int, column: int, build: _Build) -> None:
    """Note what the cell's style and the styles of its pieces of text say."""
    style = _style_of(cell, build)
    runs = [_style_of(span, build) for span in descendants(cell, "span")]
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
    annotation = first(cell, "annotation")
    comment = "" if annotation is None else _paragraphs(annotation)
    if comment:
        build.comments[row, column] = comment


def _value(cell: Any) -> CellValue:
    """Return a cell's value; of an error, the text that programs show for it."""
    kind = attribute(cell, "value-type")
    shown = _paragraphs(cell)
    if _ERROR.fullmatch(shown):
        # Those that Excel does not know become the one that it shows for most faults.
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
    """Return the number of a cell, or the text that it shows where that is none."""
    try:
        return float(text or "")
    except ValueError:
        return shown or None


def _date(text: str) -> CellValue:
    """Return a day, a moment, or a time of day as text where the day is the zeroth."""
    try:
        found = iso_moment(text[:_MOMENT_CHARACTERS])
    except ValueError:
        return text or None
    if found.date() == _DAY_ZERO:
        return time_text(found.time())
    return found.date() if found.time() == dt.time() else found


def _time(text: str, shown: str) -> CellValue:
    """Return a duration (``PT26H05M00S``) as hours, minutes and seconds."""
    found = _DURATION.fullmatch(text)
    if not found:
        return shown or None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return f"{days * 24 + hours:02}:{minutes:02}:{seconds:02}"


def _paragraphs(node: Any) -> str:
    """Return the text of a cell or a comment: a line break makes a paragraph of its own."""
    return "\n".join(_inline(paragraph) for paragraph in children(node, "p"))


def _inline(node: Any) -> str:
    """Return the text of a paragraph; blanks in a row, tabs and breaks are elements in it."""
    parts = [node.text or ""]
    for child in node:
        kind = local(child)
        if kind == "s":
            parts.append(" " * count_of(child, "c", _MOST_BLANKS))
        elif kind == "tab":
            parts.append("\t")
        elif kind == "line-break":
            parts.append("\n")
        # A comment may stand inside the text on which it remarks.
        elif kind not in ("annotation", ""):
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)
