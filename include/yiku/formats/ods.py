"""ods: values and look in one walk through ``content.xml``.

calamine reads ods too, but it shows neither merges nor errors nor styles, and a struck-out row
or a percentage would be taken for an ordinary one. So the XML is walked here, cell by cell.
"""

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
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,20})?)(cm|in|mm|pt)")
# The width of a digit in each unit: other formats tell widths in characters.
_CHARACTER = {"cm": 0.2, "in": 0.0787, "mm": 2.0, "pt": 5.6}
_NUMBER_STYLES = ("number-style", "currency-style")
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
_MOST_DIGITS = 30  # zeros of a number format
_MOST_PLACES = 20  # behind the point


@dataclass
class _Style:
    struck: bool = False
    symbol: bool = False
    colour: str | None = None
    # A number format that says more than a number.
    code: str | None = None
    hidden_table: bool = False
    # Of a column, in characters.
    width: float | None = None


_NO_STYLE = _Style()
_Build = SheetBuild[_Style]


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
    styles = _styles(roots)
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


# --- styles


def _styles(roots: list[Any]) -> dict[str, _Style]:
    """Return what the styles say, by name; those of the content go before the named ones."""
    fonts = {
        attribute(face, "name"): attribute(face, "font-family")
        for face in _in_all(roots, "font-face")
    }
    codes = _number_codes(_number_styles(roots))
    result: dict[str, _Style] = {}
    for node in _in_all(roots, "style"):
        format_name = attribute(node, "data-style-name") or ""
        style = _Style(code=codes.get(format_name))
        for properties in node:
            _enter_properties(properties, style, fonts)
        name = attribute(node, "name") or ""
        result.setdefault(name, style)
    return result


def _in_all(roots: list[Any], name: str) -> Iterator[Any]:
    """Yield the nodes called ``name`` below several roots."""
    for root in roots:
        yield from descendants(root, name)


def _number_styles(roots: list[Any]) -> Iterator[Any]:
    """Yield the number formats, those of numbers before those of money in each part."""
    for root in roots:
        for kind in _NUMBER_STYLES:
            yield from descendants(root, kind)


def _number_codes(nodes: Iterable[Any]) -> dict[str, str]:
    """Return the number formats that say more than a number, by name, as Excel writes them."""
    known: dict[str, str] = {}
    # The parts of a format with conditions stand before it.
    for node in nodes:
        code = _number_code(node)
        for choice in children(node, "map"):
            condition = (attribute(choice, "condition") or "").removeprefix(
                "value()"
            )
            applied_name = attribute(choice, "apply-style-name") or ""
            applied = known.get(applied_name, "0")
            code = f"[{condition}]{applied};{code}"
        name = attribute(node, "name") or ""
        known[name] = code
    return {name: code for name, code in known.items() if speaks(code)}


def _number_code(node: Any) -> str:
    """Return the code of one format: its words and digits in their order."""
    parts = []
    for child in node:
        kind = local(child)
        if kind in ("text", "currency-symbol"):
            words = "".join(child.itertext())
            parts.append(_quoted(words))
        elif kind == "number":
            parts.append(_digits_code(child))
        elif kind in ("scientific-number", "fraction"):
            parts.append("General")
    return "".join(parts)


def _quoted(text: str) -> str:
    """Return words as a code quotes them: a quotation mark inside cannot be written."""
    if not text:
        return ""
    return '"' + text.replace('"', "") + '"'


def _digits_code(node: Any) -> str:
    """Return the digits of a format, with the words that stand between them."""
    words: dict[int, str] = {}
    for word in children(node, "embedded-text"):
        position = _count(word, "position", _MOST_PLACES)
        words[position] = "".join(word.itertext())
    whole = _count(node, "min-integer-digits", _MOST_DIGITS)
    # A word at a position needs a digit in front of it.
    whole = max([whole, *(position + 1 for position in words)])
    code = ""
    for place in range(whole - 1, -1, -1):
        code += "0" + _quoted(words.get(place, ""))
    places = min(_digits(attribute(node, "decimal-places"), 0), _MOST_PLACES)
    if places:
        code += "." + "0" * places
    return code + "," * _thousands(node)


def _digits(text: str | None, default: int) -> int:
    """Return the number that a text of digits says; anything else is the default."""
    if text and text.isascii() and text.isdigit():
        return int(text)
    return default


def _thousands(node: Any) -> int:
    """Return how many thousands a format leaves out: its factor is 1000, 1000000 and so on."""
    factor = attribute(node, "display-factor") or "1"
    if not (factor.isascii() and factor.isdigit()):
        return 0
    return (len(factor) - 1) // 3


def _enter_properties(
    part: Any,
    style: _Style,
    fonts: dict[str | None, str | None],
) -> None:
    """Enter what one group of properties says into the style to which it belongs."""
    kind = local(part)
    if kind == "text-properties":
        _enter_text_properties(part, style, fonts)
    elif kind == "table-cell-properties":
        background = _mark(attribute(part, "background-color"))
        style.colour = background or style.colour
    elif kind == "table-column-properties":
        style.width = _characters(attribute(part, "column-width"))
    elif kind == "table-properties":
        style.hidden_table = attribute(part, "display") == "false"


def _enter_text_properties(
    part: Any,
    style: _Style,
    fonts: dict[str | None, str | None],
) -> None:
    """Enter what the letters of a style look like."""
    # Programs name the line by its style, by its type, or by both.
    line_style = attribute(part, "text-line-through-style")
    line_type = attribute(part, "text-line-through-type")
    style.struck = _is_line(line_style) or _is_line(line_type)
    font_name = attribute(part, "font-name")
    family = fonts.get(font_name) or font_name or ""
    style.symbol = is_symbol_font(family.strip("'"))
    style.colour = style.colour or _mark(attribute(part, "color"))


def _is_line(text: str | None) -> bool:
    """Return whether an attribute of a line through the text says that there is one."""
    return text not in (None, "none")


def _characters(text: str | None) -> float | None:
    """Return a length in characters; None where it is none that we know."""
    found = _LENGTH.fullmatch(text or "")
    if not found:
        return None
    length, unit = found.groups()
    return float(length) / _CHARACTER[unit]


def _mark(colour: str | None) -> str | None:
    """Return RRGGBB where a colour can be a mark, else None."""
    rgb = plain_rgb(colour)
    return rgb if is_marking(rgb) else None


def _style_of(node: Any, build: _Build) -> _Style:
    """Return the style that a node names; an empty one where it names none."""
    name = attribute(node, "style-name") or ""
    return build.styles.get(name, _NO_STYLE)


# --- tables, columns, rows


def _sheet(table: Any, styles: dict[str, _Style]) -> Sheet:
    """Read one table.

    A program writes one row that repeats a million times for the blank rest of the sheet.
    """
    build = _Build(styles)
    _read_columns(table, build)
    row = 0
    for node in _below(table, "table-row", _ROW_GROUPS):
        repeated = _count(node, "number-rows-repeated")
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


def _count(node: Any, name: str, most: int = MOST_ROWS) -> int:
    """Return a count that an attribute tells, from 1 to ``most``: a stranger may write any."""
    text = attribute(node, name) or "1"
    if not (text.isascii() and text.isdigit()):
        return 1
    return max(1, min(int(text[:9]), most))


def _read_columns(table: Any, build: _Build) -> None:
    """Note which columns are hidden and how wide they are."""
    column = 0
    for node in _below(table, "table-column", _COLUMN_GROUPS):
        repeated = _count(node, "number-columns-repeated", _MOST_COLUMNS)
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
        across = _count(cell, "number-columns-repeated", _MOST_COLUMNS)
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
    across = _count(cell, "number-columns-spanned", _MOST_COLUMNS)
    down = _count(cell, "number-rows-spanned")
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
            parts.append(" " * _count(child, "c", _MOST_BLANKS))
        elif kind == "tab":
            parts.append("\t")
        elif kind == "line-break":
            parts.append("\n")
        # A comment may stand inside the text on which it remarks.
        elif kind not in ("annotation", ""):
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)
