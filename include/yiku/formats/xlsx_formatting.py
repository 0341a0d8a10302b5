"""What calamine hides of an xlsx: errors, formulas, hidden rows, strike-through, colours, comments, text boxes.

The XML of a sheet is searched for the few things that matter, in pieces of some megabytes, and only when a cheap test
shows that there are any.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import IO
from xml.sax.saxutils import unescape

from lxml import etree

from yiku.formats.calamine_cells import MAX_CELLS
from yiku.formats.cells import CellValue, RefusedError
from yiku.formats.container import MAX_KEPT_BYTES, MAX_PART_BYTES, find_entry
from yiku.formats.xlsx_styles import Strings, Styles
from yiku.formats.xml_parts import attribute, local

_MOST_COLUMNS = 16_384
# So many styles or strings are searched for one by one; for more, every cell is looked at.
_FEW = 12
_TAG = 2_000  # bytes that a cell's tag and value may take
_PIECE = 4 * 1024 * 1024
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,9})"')
# A tag ends before the next one begins: whatever is repeated, each place is looked at once.
_VALUED = re.compile(rb'<c\s(?=[^<>]*?\br="([A-Z]{1,3})(\d{1,9})")[^<>]*+(?<!/)>')
_VALUE_WORDS = (b"v>", b"is>", b"<f", b"v ")
_FAR_ROW = re.compile(rb'r="[A-Z]{0,3}\d{4}')
_PLAIN = ((b"<c", b'<c r="'), (b"<row", b'<row r="'))
_PREFIXED = re.compile(rb":(?:c|row)[\s/>]")
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^<>]*?\bhidden="(?:1|true)")([^<>]*+)>')
_ROW_REF = re.compile(rb'\br="(\d{1,9})"')
_HIDDEN_COLUMN = re.compile(rb'<col\s(?=[^<>]*?\bhidden="(?:1|true)")([^<>]*+)>')
_INSIDE = rb"(?:[^<]++|<(?!c[\s/>]|/c>))*+"  # of a cell
_ERROR = re.compile(rb'<c\s(?=[^<>]*?\bt="e")([^<>]*+)>(' + _INSIDE + rb")</c>")
_VALUE = re.compile(rb"<v[^<>]*+>([^<]*+)</v>")
_FORMULA = re.compile(
    rb"<c\s([^<>]*+)>\s*+<f\b([^<>]*+)(?:(?<=/)>|>([^<]*+)</f>)(" + _INSIDE + rb")</c>"
)
_CELL_TAG = re.compile(rb"<c\s([^<>]*+)>(?:<v>(\d{1,9})</v>)?")
_STYLE = re.compile(rb'\bs="(\d{1,9})"')
_SHARED = re.compile(rb'\bsi="(\d{1,9})"')
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_ROOT_PREFIX = re.compile(rb"<(\w+:)worksheet\b")

Cell = tuple[int, int]


@dataclass
class Scan:
    """What the XML of one sheet told."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    formulas: dict[Cell, str] = field(default_factory=dict)
    uncached: set[Cell] = field(default_factory=set)
    styled: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    strings: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    last_row: int = 0
    last_column: int = 0
    shared: dict[bytes, str] = field(default_factory=dict)


def column_number(letters: str | bytes) -> int:
    """Return 1 for A, 27 for AA."""
    text = letters.decode() if isinstance(letters, bytes) else letters
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def scan_sheet(
    archive: zipfile.ZipFile, part: str, styles: Styles, strings: Strings
) -> Scan:
    """Search one sheet. F13 when its used area is too large, F06 when its entry is damaged."""
    scan = Scan()
    head, far, odd = True, False, False
    for piece in _pieces(archive, part):
        if head:
            _scan_columns(piece, scan)
            head = False
        if any(word in piece for word in _VALUE_WORDS):
            _scan_piece(piece, scan, styles, strings)
            odd = odd or _is_odd(piece)
            far = far or odd or bool(_FAR_ROW.search(piece))
        if b' hidden="' in piece:
            _scan_hidden(piece, scan)
    if far:
        _check_area(archive, part, odd)
    return scan


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces that begin with a row."""
    try:
        entry = _entry(archive, part)
        # All at once is three times as quick; by a given size, for what the entry says of it may be a lie.
        with archive.open(entry) as stream:
            yield from _cut(
                stream, _PIECE if entry.file_size > _PIECE else entry.file_size + 1
            )
    except (RefusedError, MemoryError):
        raise
    except (
        Exception
    ) as error:  # no such part, a wrong checksum, broken compression: a damaged file
        raise RefusedError("F06", why="zip") from error


def _entry(archive: zipfile.ZipFile, part: str) -> zipfile.ZipInfo:
    entry = find_entry(archive, part)
    if entry is None:
        raise RefusedError("F06", why="zip")
    if entry.file_size > MAX_PART_BYTES:
        raise RefusedError("F13", why="unpacked")
    return entry


def _cut(stream: IO[bytes], size: int) -> Iterator[bytes]:
    rest, prefix = b"", b""
    while block := stream.read(size):
        if not rest and not prefix and (found := _ROOT_PREFIX.search(block)):
            prefix = found.group(1)
        rest += block
        cut = rest.rfind(b"<" + prefix + b"row")
        if cut > 0:
            yield _without(prefix, rest[:cut])
            rest = rest[cut:]
        elif len(rest) > MAX_KEPT_BYTES:
            raise RefusedError("F13", why="unpacked")
    yield _without(prefix, rest)


def _without(prefix: bytes, xml: bytes) -> bytes:
    """Drop the namespace prefix that some libraries put on every name."""
    return (
        xml.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
        if prefix
        else xml
    )


def _scan_columns(piece: bytes, scan: Scan) -> None:
    head = piece[: max(piece.find(b"<sheetData"), 0)]
    for found in islice(_HIDDEN_COLUMN.finditer(head), _MOST_COLUMNS):
        low, high = (
            re.search(rb'\b%s="(\d+)"' % name, found.group(1))
            for name in (b"min", b"max")
        )
        if low and high:
            scan.hidden_columns.update(
                range(int(low.group(1)), min(int(high.group(1)), _MOST_COLUMNS) + 1)
            )


def _scan_hidden(piece: bytes, scan: Scan) -> None:
    for found in _HIDDEN_ROW.finditer(piece):
        if number := _ROW_REF.search(found.group(1)):
            scan.hidden_rows.add(int(number.group(1)))


def _is_odd(piece: bytes) -> bool:
    """Tell whether cells or rows are written in a way that the fast search would miss."""
    start = max(piece.find(b"<sheetData"), 0)
    end = piece.find(b"</sheetData>", start)
    body = (start, end if end >= 0 else len(piece))
    odd = any(
        piece.count(tag, *body) != piece.count(plain, *body) for tag, plain in _PLAIN
    )
    return odd or bool(_PREFIXED.search(piece))


def _check_area(archive: zipfile.ZipFile, part: str, odd: bool) -> None:
    """Refuse an area that could not be held in memory, before anything tries to."""
    last_row = last_column = 0
    for row, column in (
        _positions_by_parser(archive, part) if odd else _extents(archive, part)
    ):
        last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row * last_column > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)


def _extents(archive: zipfile.ZipFile, part: str) -> Iterator[Cell]:
    """Yield the last row and the last column of each piece of a sheet."""
    for piece in _pieces(archive, part):
        if found := _VALUED.findall(piece):
            columns, rows = ({*names} for names in zip(*found, strict=True))
            yield max(map(int, rows)), max(map(column_number, columns))


def _positions_by_parser(archive: zipfile.ZipFile, part: str) -> Iterator[Cell]:
    """Yield where the cells of a sheet stand, whatever way its XML is written."""
    with archive.open(_entry(archive, part)) as stream:
        row = column = 0
        for _, node in etree.iterparse(
            stream, events=("end",), resolve_entities=False, no_network=True
        ):
            name = local(node)
            if name == "c":
                found = re.fullmatch(
                    r"([A-Z]{1,7})(\d{1,9})", attribute(node, "r") or ""
                )
                row, column = (
                    (int(found[2]), column_number(found[1]))
                    if found
                    else (row, column + 1)
                )
                yield row, column
            elif name == "row":
                row, column = row + 1, 0
                number = attribute(node, "r") or ""
                yield (
                    int(number)
                    if number.isascii() and number.isdigit() and len(number) < 10
                    else row,
                    1,
                )
                node.clear()


def _scan_piece(piece: bytes, scan: Scan, styles: Styles, strings: Strings) -> None:
    if b't="e"' in piece:
        for found in _ERROR.finditer(piece):
            value = _VALUE.search(found.group(2))
            if (cell := _cell(found.group(1))) and value:
                scan.errors[cell] = value.group(1).decode("ascii", "replace")
    if b"<f" in piece:
        for found in _FORMULA.finditer(piece):
            _note_formula(found, scan)
    wanted, texts = styles.interesting, strings.interesting
    if len(wanted) + len(texts) > _FEW:
        _scan_cells(piece, scan, wanted, texts)
        return
    for style in wanted:
        scan.styled[style] += _cells_with(piece, b' s="%d"' % style)
    for string in texts:
        scan.strings[string] += _cells_with(piece, b"<v>%d</v>" % string, b't="s"')


def _scan_cells(piece: bytes, scan: Scan, styles: set[int], strings: set[int]) -> None:
    """Note the cells that have one of many styles or strings, in one walk through all cells."""
    for found in _CELL_TAG.finditer(piece):
        attributes, value = found.groups()
        style = _STYLE.search(attributes)
        number = int(style[1]) if style else -1
        is_text = value is not None and b't="s"' in attributes and int(value) in strings
        if (number in styles or is_text) and (cell := _cell(attributes)):
            if number in styles:
                scan.styled[number].append(cell)
            if is_text:
                scan.strings[int(value)].append(cell)


def _cell(attributes: bytes) -> Cell | None:
    found = _REFERENCE.search(attributes)
    return (int(found.group(2)), column_number(found.group(1))) if found else None


def _note_formula(found: re.Match[bytes], scan: Scan) -> None:
    attributes, how, text, rest = found.groups()
    cell = _cell(attributes)
    if cell is None:
        return
    formula = "=" + unescape((text or b"").decode("utf-8", "replace"), _QUOTES)
    if shared := _SHARED.search(how):
        # The master's text stands for all its copies: what it does matters here, not its exact ranges.
        formula = scan.shared.setdefault(shared.group(1), formula)
    scan.formulas[cell] = formula
    value = _VALUE.search(rest)
    empty_text = b't="str"' in attributes and (b"<v>" in rest or b"<v/>" in rest)
    if not (value and value.group(1)) and b"<is" not in rest and not empty_text:
        scan.uncached.add(cell)


def _cells_with(piece: bytes, needle: bytes, inside: bytes | None = None) -> list[Cell]:
    """Return the cells whose tag or value holds ``needle``."""
    result = []
    at = piece.find(needle)
    while at >= 0:
        start = piece.rfind(b"<c ", max(0, at - _TAG), at)
        between = piece[start : at + len(needle)]
        own = start >= 0 and b"</c>" not in between and b"<row" not in between
        if (
            own
            and (inside is None or inside in between)
            and (cell := _cell(between + piece[at : at + 40]))
        ):
            result.append(cell)
        at = piece.find(needle, at + len(needle))
    return result


def put_errors(values: list[list[CellValue]], errors: Mapping[Cell, str]) -> None:
    """Write the error texts over the blanks that calamine gives for them, growing the rows where needed."""
    if not errors:
        return
    height = max(row for row, _ in errors)
    width = max([len(values[0]) if values else 0, *(column for _, column in errors)])
    if height * width > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    for row in values:
        row.extend([None] * (width - len(row)))
    values.extend([None] * width for _ in range(height - len(values)))
    for (row_no, column), text in errors.items():
        values[row_no - 1][column - 1] = text
