"""What calamine hides of a sheet of an xlsx: errors, formulas, hidden rows and columns, formats.

calamine gives an error as a blank, a formula as its last result, and says nothing of styles. The
XML of a sheet is searched here for the few things that matter: in pieces of some megabytes, by
patterns instead of a parser, and only where a cheap test shows that there are any.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.sax.saxutils import unescape

from lxml import etree

from yiku.formats.calamine_cells import MAX_CELLS
from yiku.formats.cells import CellValue, RefusedError
from yiku.formats.xlsx_pieces import part_entry, pieces
from yiku.formats.xlsx_styles import Strings, Styles
from yiku.formats.xml_parts import attribute, local

_MOST_COLUMNS = 16_384
# So many styles or strings are searched for one by one; for more, every cell is looked at.
_FEW = 12
_TAG_BYTES = 2_000  # that a cell's tag and value may take
_AFTER_VALUE = (
    40  # bytes behind a value in which the rest of its tag may stand
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,9})"')
# A tag ends before the next one begins: whatever is repeated, each place is looked at once.
_VALUED = re.compile(
    rb'<c\s(?=[^<>]*?\br="([A-Z]{1,3})(\d{1,9})")[^<>]*+(?<!/)>'
)
_VALUE_WORDS = (b"v>", b"is>", b"<f", b"v ")
_FAR_ROW = re.compile(rb'r="[A-Z]{0,3}\d{4}')
# Nearly every program writes the reference of cells and rows as their first attribute: not so here. One search for
# each costs half of what counting both does.
_UNUSUAL_TAGS = (re.compile(rb'<c(?! r=")'), re.compile(rb'<row(?! r=")'))
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^<>]*?\bhidden="(?:1|true)")([^<>]*+)>')
_ROW_REF = re.compile(rb'\br="(\d{1,9})"')
_HIDDEN_COLUMN = re.compile(
    rb'<col\s(?=[^<>]*?\bhidden="(?:1|true)")([^<>]*+)>'
)
_FIRST_COLUMN = re.compile(rb'\bmin="(\d+)"')
_LAST_COLUMN = re.compile(rb'\bmax="(\d+)"')
_INSIDE = rb"(?:[^<]++|<(?!c[\s/>]|/c>))*+"  # of a cell
_ERROR = re.compile(
    rb'<c\s(?=[^<>]*?\bt="e")([^<>]*+)>(' + _INSIDE + rb")</c>"
)
_VALUE = re.compile(rb"<v[^<>]*+>([^<]*+)</v>")
_FORMULA = re.compile(
    rb"<c\s([^<>]*+)>\s*+<f\b([^<>]*+)(?:(?<=/)>|>([^<]*+)</f>)("
    + _INSIDE
    + rb")</c>"
)
_CELL_TAG = re.compile(rb"<c\s([^<>]*+)>(?:<v>(\d{1,9})</v>)?")
_STYLE = re.compile(rb'\bs="(\d{1,9})"')
_NO_STYLE = -1
_SHARED = re.compile(rb'\bsi="(\d{1,9})"')
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_ANY_REFERENCE = re.compile(r"([A-Z]{1,7})(\d{1,9})")

Cell = tuple[int, int]


@dataclass
class Scan:
    """What the XML of one sheet told; ``styled`` and ``strings`` are cells by style and string."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    formulas: dict[Cell, str] = field(default_factory=dict)
    uncached: set[Cell] = field(default_factory=set)
    styled: dict[int, list[Cell]] = field(
        default_factory=lambda: defaultdict(list)
    )
    strings: dict[int, list[Cell]] = field(
        default_factory=lambda: defaultdict(list)
    )
    last_row: int = 0
    last_column: int = 0
    # Formulas that are written once and shared by many cells, by their number.
    shared: dict[bytes, str] = field(default_factory=dict)


def column_number(letters: str | bytes) -> int:
    """Return 1 for A, 27 for AA."""
    text = letters.decode() if isinstance(letters, bytes) else letters
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def scan_sheet(
    archive: zipfile.ZipFile,
    part: str,
    styles: Styles,
    strings: Strings,
) -> Scan:
    """Search one sheet.

    F13 when its used area is too large, F06 when its entry is damaged.
    """
    scan = Scan()
    is_head = True
    is_far = False
    is_odd = False
    for piece in pieces(archive, part):
        if is_head:
            _scan_columns(piece, scan)
            is_head = False
        if any(word in piece for word in _VALUE_WORDS):
            _scan_piece(piece, scan, styles, strings)
            is_odd = is_odd or _is_odd(piece)
            is_far = is_far or is_odd or bool(_FAR_ROW.search(piece))
        if b' hidden="' in piece:
            _scan_hidden(piece, scan)
    # Measuring costs a second reading: only a sheet that says it reaches beyond row 1000 is worth it.
    if is_far:
        _check_area(archive, part, is_odd)
    return scan


# --- what is hidden


def _scan_columns(piece: bytes, scan: Scan) -> None:
    """Note the hidden columns: they are told before the first row."""
    end = max(piece.find(b"<sheetData"), 0)
    tags = _HIDDEN_COLUMN.finditer(piece[:end])
    for found in islice(tags, _MOST_COLUMNS):
        attributes = found.group(1)
        low = _FIRST_COLUMN.search(attributes)
        high = _LAST_COLUMN.search(attributes)
        if low and high:
            last = min(int(high.group(1)), _MOST_COLUMNS)
            scan.hidden_columns.update(range(int(low.group(1)), last + 1))


def _scan_hidden(piece: bytes, scan: Scan) -> None:
    for found in _HIDDEN_ROW.finditer(piece):
        number = _ROW_REF.search(found.group(1))
        if number:
            scan.hidden_rows.add(int(number.group(1)))


# --- how large the used area is


def _is_odd(piece: bytes) -> bool:
    """Return whether cells or rows are written in a way that the fast search would miss."""
    start = max(piece.find(b"<sheetData"), 0)
    end = piece.find(b"</sheetData>", start)
    if end < 0:
        end = len(piece)
    for unusual in _UNUSUAL_TAGS:
        if unusual.search(piece, start, end):
            return True
    return bool(_PREFIXED.search(piece))


def _check_area(archive: zipfile.ZipFile, part: str, is_odd: bool) -> None:
    """Refuse an area that could not be held in memory, before anything tries to."""
    read = _positions_by_parser if is_odd else _extents
    last_row = 0
    last_column = 0
    for row, column in read(archive, part):
        last_row = max(last_row, row)
        last_column = max(last_column, column)
    if last_row * last_column > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)


def _extents(archive: zipfile.ZipFile, part: str) -> Iterator[Cell]:
    """Yield the last row and the last column of each piece of a sheet."""
    for piece in pieces(archive, part):
        found = _VALUED.findall(piece)
        if not found:
            continue
        # Each once: a sheet has many cells and few columns.
        columns = {letters for letters, _ in found}
        rows = {digits for _, digits in found}
        yield max(map(int, rows)), max(map(column_number, columns))


def _positions_by_parser(
    archive: zipfile.ZipFile, part: str
) -> Iterator[Cell]:
    """Yield where the cells of a sheet stand, whatever way its XML is written."""
    row = 0
    column = 0
    with archive.open(part_entry(archive, part)) as stream:
        for _, node in etree.iterparse(
            stream,
            events=("end",),
            resolve_entities=False,
            no_network=True,
        ):
            name = local(node)
            if name == "c":
                row, column = _position(node, row, column)
                yield row, column
            elif name == "row":
                row += 1
                column = 0
                yield _row_number(node, row), 1
                # Read and forgotten: a sheet may hold a million rows.
                node.clear()


def _position(node: etree._Element, row: int, column: int) -> Cell:
    """Return where a cell stands: the next one in its row where it does not say."""
    found = _ANY_REFERENCE.fullmatch(attribute(node, "r") or "")
    if not found:
        return row, column + 1
    letters, digits = found.groups()
    return int(digits), column_number(letters)


def _row_number(node: etree._Element, following: int) -> int:
    """Return the number of a row; the one ``following`` the last where it says none."""
    number = attribute(node, "r") or ""
    if number.isascii() and number.isdigit() and len(number) < 10:
        return int(number)
    return following


# --- errors, formulas, styles


def _scan_piece(
    piece: bytes, scan: Scan, styles: Styles, strings: Strings
) -> None:
    """Note the errors and formulas of a piece, and the cells of styles that mean something."""
    if b't="e"' in piece:
        for found in _ERROR.finditer(piece):
            _note_error(found, scan)
    if b"<f" in piece:
        for found in _FORMULA.finditer(piece):
            _note_formula(found, scan)
    wanted_styles = styles.interesting
    wanted_strings = strings.interesting
    if len(wanted_styles) + len(wanted_strings) > _FEW:
        _scan_cells(piece, scan, wanted_styles, wanted_strings)
        return
    for style in wanted_styles:
        needle = b' s="%d"' % style
        scan.styled[style] += _cells_with(piece, needle)
    for string in wanted_strings:
        needle = b"<v>%d</v>" % string
        scan.strings[string] += _cells_with(piece, needle, b't="s"')


def _scan_cells(
    piece: bytes, scan: Scan, styles: set[int], strings: set[int]
) -> None:
    """Note the cells that have one of many styles or strings, in one walk through all cells."""
    for found in _CELL_TAG.finditer(piece):
        attributes, value = found.groups()
        style_found = _STYLE.search(attributes)
        style = int(style_found[1]) if style_found else _NO_STYLE
        is_styled = style in styles
        is_text = (
            value is not None
            and b't="s"' in attributes
            and int(value) in strings
        )
        if not (is_styled or is_text):
            continue
        cell = _cell(attributes)
        if cell is None:
            continue
        if is_styled:
            scan.styled[style].append(cell)
        if is_text:
            scan.strings[int(value)].append(cell)


def _cell(attributes: bytes) -> Cell | None:
    """Return the row and column that a cell's tag names; None where it names none."""
    found = _REFERENCE.search(attributes)
    if found is None:
        return None
    letters, digits = found.groups()
    return int(digits), column_number(letters)


def _note_error(found: re.Match[bytes], scan: Scan) -> None:
    attributes, inside = found.groups()
    cell = _cell(attributes)
    value = _VALUE.search(inside)
    if cell and value:
        scan.errors[cell] = value.group(1).decode("ascii", "replace")


def _note_formula(found: re.Match[bytes], scan: Scan) -> None:
    """Note a formula, and whether any program has ever calculated it."""
    attributes, formula_attributes, text, rest = found.groups()
    cell = _cell(attributes)
    if cell is None:
        return
    words = (text or b"").decode("utf-8", "replace")
    formula = "=" + unescape(words, _QUOTES)
    shared = _SHARED.search(formula_attributes)
    if shared:
        # The master's text stands for all its copies: what it does matters here, not its exact
        # ranges.
        formula = scan.shared.setdefault(shared.group(1), formula)
    scan.formulas[cell] = formula
    if not _is_cached(attributes, rest):
        scan.uncached.add(cell)


def _is_cached(attributes: bytes, rest: bytes) -> bool:
    """Return whether a result stands behind a formula; an empty text is one too."""
    value = _VALUE.search(rest)
    if value and value.group(1):
        return True
    if b"<is" in rest:
        return True
    return b't="str"' in attributes and (b"<v>" in rest or b"<v/>" in rest)


def _cells_with(
    piece: bytes, needle: bytes, inside: bytes | None = None
) -> list[Cell]:
    """Return the cells whose tag or value holds ``needle``, and ``inside`` in front of it."""
    result = []
    at = piece.find(needle)
    while at >= 0:
        end = at + len(needle)
        start = piece.rfind(b"<c ", max(0, at - _TAG_BYTES), at)
        between = piece[start:end]
        if start >= 0 and _is_one_cell(between, inside):
            cell = _cell(between + piece[at : at + _AFTER_VALUE])
            if cell:
                result.append(cell)
        at = piece.find(needle, end)
    return result


def _is_one_cell(between: bytes, inside: bytes | None) -> bool:
    """Return whether what was found belongs to the cell in front of it, and to the right kind."""
    if b"</c>" in between or b"<row" in between:
        return False
    return inside is None or inside in between


def put_errors(
    values: list[list[CellValue]], errors: Mapping[Cell, str]
) -> None:
    """Write the error texts over the blanks that calamine gives for them.

    The rows grow where needed: calamine leaves blanks at the end of a sheet out. F13 when they
    would grow too large.
    """
    if not errors:
        return
    height = max(row for row, _ in errors)
    width = len(values[0]) if values else 0
    width = max(width, max(column for _, column in errors))
    if height * width > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    for row in values:
        row.extend([None] * (width - len(row)))
    for _ in range(height - len(values)):
        values.append([None] * width)
    for (row_no, column), text in errors.items():
        values[row_no - 1][column - 1] = text
