"""xlsx, xlsm and xlsb: values from calamine, the rest from the file's own parts.

calamine is the fastest way to values, and hides what tells a clerk's intention: hidden and struck
rows, colours, comments, text boxes, formulas, errors. These are read from the XML beside it.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from yiku.formats.calamine_cells import RawSheet, read_with_calamine
from yiku.formats.cells import Book, Look, Sheet
from yiku.formats.container import read_part
from yiku.formats.return_marks import BAD_FILL, REPORT_SHEET, WARN_FILL
from yiku.formats.row_colours import coloured_rows
from yiku.formats.xlsb_formatting import read_binary_styles, scan_binary_sheet
from yiku.formats.xlsx_formatting import (
    Cell,
    Scan,
    column_number,
    put_errors,
    scan_sheet,
)
from yiku.formats.xlsx_styles import (
    Strings,
    Styles,
    read_strings,
    read_styles,
    text_of,
)
from yiku.formats.xml_parts import attribute, descendants, first, parse_xml

_LINK_PART = re.compile(r"xl/externalLinks/externalLink\d+\.(?:xml|bin)$")
_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
# The colours of a return workbook are ours, not the clerk's marks.
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})
# Kinds of sheets that hold no cells, by what their parts are called.
_NO_CELLS = ("chartsheet", "dialogsheet", "macrosheet")


@dataclass
class _Directory:
    """The sheets of a workbook in order: their names and the parts that hold them."""

    parts: list[tuple[str, str]]
    epoch_1904: bool = False


class _Relation(NamedTuple):
    """What one part says of another: its own id for it, of which kind it is, its name."""

    rel_id: str
    kind: str
    target: str


def read_xlsx(data: bytes, archive: zipfile.ZipFile, kind: str) -> Book:
    """Read an xlsx or xlsm; macros are counted as present and never run."""
    directory = _directory(archive)
    is_returned = any(name == REPORT_SHEET for name, _ in directory.parts)
    own_fills = _OWN_FILLS if is_returned else frozenset()
    styles = read_styles(read_part(archive, "xl/styles.xml"), own_fills)
    strings = read_strings(read_part(archive, "xl/sharedStrings.xml"))
    # The scan comes first: it refuses what would not fit into memory.
    scans = {
        name: scan_sheet(archive, part, styles, strings)
        for name, part in directory.parts
        if _has_cells(part)
    }
    parts = dict(directory.parts)
    sheets = []
    for raw in read_with_calamine(data):
        sheet = _sheet(raw, scans.get(raw.name, Scan()), styles, strings)
        remarks = _remarks(archive, parts.get(raw.name, ""))
        sheet.look.comments, sheet.look.text_boxes = remarks
        sheets.append(sheet)
    return _book(kind, sheets, archive, directory.epoch_1904)


def read_xlsb(data: bytes, archive: zipfile.ZipFile) -> Book:
    """Read an xlsb; of its look, hidden rows and columns, errors and number formats are known."""
    styles = read_binary_styles(read_part(archive, "xl/styles.bin") or b"")
    scans = []
    for name in sorted(archive.namelist(), key=_part_number):
        if _is_binary_sheet(name):
            records = read_part(archive, name) or b""
            scans.append(scan_binary_sheet(records, styles))
    raws = read_with_calamine(data)
    # Their order is that of their numbers; where the counts differ, which is whose is unknown.
    is_matched = len(scans) == len(raws)
    sheets = []
    for position, raw in enumerate(raws):
        scan = scans[position] if is_matched else Scan()
        sheets.append(_sheet(raw, scan, styles, Strings()))
    return _book("xlsb", sheets, archive, epoch_1904=False)


def _is_binary_sheet(name: str) -> bool:
    """Return whether a part of an xlsb is a sheet, and not an index into one."""
    if not (name.startswith("xl/worksheets/") and name.endswith(".bin")):
        return False
    return "binaryIndex" not in name


def _part_number(name: str) -> int:
    digits = re.findall(r"\d+", name)
    return int(digits[-1]) if digits else 0


def _sheet(
    raw: RawSheet, scan: Scan, styles: Styles, strings: Strings
) -> Sheet:
    """Return a sheet with what calamine told of it and what the scan of its part did."""
    put_errors(raw.values, scan.errors)
    look = _look(raw, scan, styles, strings)
    return Sheet(raw.name, raw.values, raw.visible, raw.merges, look)


def _book(
    kind: str,
    sheets: list[Sheet],
    archive: zipfile.ZipFile,
    epoch_1904: bool,
) -> Book:
    names = archive.namelist()
    return Book(
        format=kind,
        sheets=sheets,
        saved_at=_saved_at(read_part(archive, "docProps/core.xml")),
        epoch_1904=epoch_1904,
        has_macros="xl/vbaProject.bin" in names,
        external_links=sum(1 for name in names if _LINK_PART.search(name)),
    )


# --- the workbook's own part, and what parts say of each other


def _has_cells(part: str) -> bool:
    """Return whether a part is a sheet of cells."""
    return not any(kind in part for kind in _NO_CELLS)


def _directory(archive: zipfile.ZipFile) -> _Directory:
    """Return which sheets there are, by the workbook's own part."""
    book_part = next(
        name for name in archive.namelist() if _is_book_part(name)
    )
    root = parse_xml(read_part(archive, book_part) or b"")
    targets = {
        relation.rel_id: relation.target
        for relation in _relations(archive, book_part)
    }
    parts = []
    for node in descendants(root, "sheet"):
        target = targets.get(_relation_id(node))
        if target:
            parts.append((str(node.get("name", "")), target))
    properties = first(root, "workbookPr")
    epoch = None if properties is None else attribute(properties, "date1904")
    return _Directory(parts, epoch in ("1", "true"))


def _is_book_part(name: str) -> bool:
    """Return whether a part is the workbook's: programs call it workbook.xml or Workbook.xml."""
    lower = name.lower()
    return lower.startswith("xl/") and lower.endswith("workbook.xml")


def _relation_id(node: Any) -> str:
    """Return ``r:id``: its namespace is another in the strict form of the standard."""
    for name, value in node.attrib.items():
        if name.endswith("}id"):
            return str(value)
    return ""


def _relations(archive: zipfile.ZipFile, part: str) -> list[_Relation]:
    """Return every relation of a part."""
    folder, name = posixpath.split(part)
    xml = read_part(archive, f"{folder}/_rels/{name}.rels")
    if not xml:
        return []
    result = []
    for node in descendants(parse_xml(xml), "Relationship"):
        # The kind is the last word of an address, which is another in the strict form.
        address = str(node.get("Type", ""))
        result.append(
            _Relation(
                rel_id=str(node.get("Id", "")),
                kind=address.rsplit("/", 1)[-1],
                target=_target(folder, str(node.get("Target", ""))),
            )
        )
    return result


def _target(folder: str, written: str) -> str:
    """Return the part to which a relation leads: from the root, or from the folder it is in."""
    if written.startswith("/"):
        return written.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, written))


def _saved_at(xml: bytes | None) -> dt.datetime | None:
    if not xml:
        return None
    node = first(parse_xml(xml), "modified")
    return None if node is None else moment(node.text)


def moment(text: str | None) -> dt.datetime | None:
    """Return the time that an ISO text says, with UTC where it names no zone.

    None if it says none.
    """
    try:
        found = dt.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


# --- what a sheet shows beside its values


def _look(raw: RawSheet, scan: Scan, styles: Styles, strings: Strings) -> Look:
    """Return what the scan found, as far as calamine has rows and columns for it."""
    height = len(raw.values)
    width = len(raw.values[0]) if raw.values else 0
    struck = _cells(scan.styled, styles.struck)
    struck |= _cells(scan.strings, strings.struck)
    symbol_font = _cells(scan.styled, styles.symbol)
    symbol_font |= _cells(scan.strings, strings.symbol)
    return Look(
        hidden_rows=_up_to(height, scan.hidden_rows),
        hidden_columns=_up_to(width, scan.hidden_columns),
        struck_rows=_up_to(height, {row for row, _ in struck}),
        coloured_rows=coloured_rows(_coloured_cells(scan, styles), height),
        formulas=scan.formulas,
        uncached=frozenset(scan.uncached),
        percent=frozenset(_cells(scan.styled, styles.percent)),
        symbol_font=frozenset(symbol_font),
        formats=_cell_formats(scan, styles),
    )


def _up_to(last: int, numbers: set[int]) -> frozenset[int]:
    """Return the rows or columns that the sheet has: formats reach beyond the last cell."""
    return frozenset(number for number in numbers if number <= last)


def _coloured_cells(scan: Scan, styles: Styles) -> list[tuple[int, int, str]]:
    """Return row, column and colour of the cells with a colour that can be a mark."""
    found = []
    for style, colour in styles.colours.items():
        for row, column in scan.styled.get(style, ()):
            found.append((row, column, colour))
    return found


def _cell_formats(scan: Scan, styles: Styles) -> dict[Cell, str]:
    """Return the number formats that say more than a number, by cell."""
    found = {}
    for style, code in styles.formats.items():
        for cell in scan.styled.get(style, ()):
            found[cell] = code
    return found


def _cells(found: Mapping[int, list[Cell]], wanted: set[int]) -> set[Cell]:
    """Return the cells whose style or string is one of those wanted."""
    cells: set[Cell] = set()
    for number in wanted:
        cells.update(found.get(number, ()))
    return cells


# --- remarks on cells and beside them


def _remarks(
    archive: zipfile.ZipFile,
    part: str,
) -> tuple[dict[Cell, str], tuple[str, ...]]:
    """Return the comments of a sheet by cell and the texts of its text boxes."""
    comments: dict[Cell, str] = {}
    boxes: list[str] = []
    for relation in _relations(archive, part):
        if relation.kind == "comments":
            comments.update(_comments(read_part(archive, relation.target)))
        elif relation.kind == "drawing":
            boxes += _text_boxes(read_part(archive, relation.target))
    return comments, tuple(boxes)


def _comments(xml: bytes | None) -> dict[Cell, str]:
    if not xml:
        return {}
    result = {}
    for node in descendants(parse_xml(xml), "comment"):
        place = _CELL_REFERENCE.fullmatch(str(node.get("ref", "")))
        text = text_of(node).strip()
        if place and text:
            letters, digits = place.groups()
            result[int(digits), column_number(letters)] = text
    return result


def _text_boxes(xml: bytes | None) -> list[str]:
    """Return the texts of the shapes that have any: clerks explain their lists in them."""
    if not xml:
        return []
    texts = []
    for shape in descendants(parse_xml(xml), "sp"):
        lines = [text_of(paragraph) for paragraph in descendants(shape, "p")]
        text = "\n".join(lines).strip()
        if text:
            texts.append(text)
    return texts
