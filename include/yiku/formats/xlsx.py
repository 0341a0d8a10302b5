"""xlsx, xlsm and xlsb: values from calamine, the rest from the file's own parts."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from dataclasses import dataclass

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
from yiku.formats.xlsx_styles import Strings, Styles, read_strings, read_styles, text_of
from yiku.formats.xml_parts import attribute, descendants, first, parse_xml

_LINK_PART = re.compile(r"xl/externalLinks/externalLink\d+\.(?:xml|bin)$")
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})


@dataclass
class _Directory:
    """The sheets of a workbook in order: their names and the parts that hold them."""

    parts: list[tuple[str, str]]
    epoch_1904: bool = False


def read_xlsx(data: bytes, archive: zipfile.ZipFile, kind: str) -> Book:
    """Read an xlsx or xlsm; macros are counted as present and never run."""
    directory = _directory(archive)
    returned = any(name == REPORT_SHEET for name, _ in directory.parts)
    styles = read_styles(
        read_part(archive, "xl/styles.xml"), _OWN_FILLS if returned else frozenset()
    )
    strings = read_strings(read_part(archive, "xl/sharedStrings.xml"))
    # The scan comes first: it refuses what would not fit into memory.
    scans = {
        name: scan_sheet(archive, part, styles, strings)
        for name, part in directory.parts
        if _is_sheet(part)
    }
    parts = dict(directory.parts)
    sheets = []
    for raw in read_with_calamine(data):
        scan = scans.get(raw.name, Scan())
        put_errors(raw.values, scan.errors)
        look = _look(raw, scan, styles, strings)
        look.comments, look.text_boxes = _remarks(archive, parts.get(raw.name, ""))
        sheets.append(Sheet(raw.name, raw.values, raw.visible, raw.merges, look))
    return _book(kind, sheets, archive, directory.epoch_1904)


def read_xlsb(data: bytes, archive: zipfile.ZipFile) -> Book:
    """Read an xlsb; of its look, hidden rows, hidden columns, errors and number formats are known."""
    styles = read_binary_styles(read_part(archive, "xl/styles.bin") or b"")
    scans = [
        scan_binary_sheet(read_part(archive, name) or b"", styles)
        for name in sorted(archive.namelist(), key=_part_number)
        if name.startswith("xl/worksheets/")
        and name.endswith(".bin")
        and "binaryIndex" not in name
    ]
    raws = read_with_calamine(data)
    sheets = []
    for position, raw in enumerate(raws):
        scan = scans[position] if len(scans) == len(raws) else Scan()
        put_errors(raw.values, scan.errors)
        look = _look(raw, scan, styles, Strings())
        sheets.append(Sheet(raw.name, raw.values, raw.visible, raw.merges, look))
    return _book("xlsb", sheets, archive, False)


def _part_number(name: str) -> int:
    digits = re.findall(r"\d+", name)
    return int(digits[-1]) if digits else 0


def _book(
    kind: str, sheets: list[Sheet], archive: zipfile.ZipFile, epoch_1904: bool
) -> Book:
    names = archive.namelist()
    return Book(
        format=kind,
        sheets=sheets,
        saved_at=_saved_at(read_part(archive, "docProps/core.xml")),
        epoch_1904=epoch_1904,
        has_macros="xl/vbaProject.bin" in names,
        external_links=sum(1 for n in names if _LINK_PART.search(n)),
    )


def _is_sheet(part: str) -> bool:
    return (
        "chartsheet" not in part
        and "dialogsheet" not in part
        and "macrosheet" not in part
    )


def _directory(archive: zipfile.ZipFile) -> _Directory:
    book_part = next(
        n
        for n in archive.namelist()
        if n.lower().startswith("xl/") and n.lower().endswith("workbook.xml")
    )
    root = parse_xml(read_part(archive, book_part) or b"")
    targets = {number: target for number, _, target in _relations(archive, book_part)}
    properties = first(root, "workbookPr")
    parts = []
    for node in descendants(root, "sheet"):
        relation = next((v for k, v in node.attrib.items() if k.endswith("}id")), "")
        if target := targets.get(relation):
            parts.append((str(node.get("name", "")), target))
    epoch = properties is not None and attribute(properties, "date1904") in (
        "1",
        "true",
    )
    return _Directory(parts, epoch)


def _relations(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Return id, kind and target part of every relation of a part."""
    folder, name = posixpath.split(part)
    xml = read_part(archive, f"{folder}/_rels/{name}.rels")
    if not xml:
        return []
    result = []
    for node in descendants(parse_xml(xml), "Relationship"):
        target = str(node.get("Target", ""))
        path = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
        result.append(
            (
                str(node.get("Id", "")),
                str(node.get("Type", "")).rsplit("/", 1)[-1],
                path,
            )
        )
    return result


def _saved_at(xml: bytes | None) -> dt.datetime | None:
    node = first(parse_xml(xml), "modified") if xml else None
    return moment(node.text) if node is not None else None


def moment(text: str | None) -> dt.datetime | None:
    """Return the time that an ISO text says, with UTC where it names no zone; None if it says none."""
    try:
        found = dt.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _look(raw: RawSheet, scan: Scan, styles: Styles, strings: Strings) -> Look:
    height, width = len(raw.values), len(raw.values[0]) if raw.values else 0
    struck = _cells(scan.styled, styles.struck) | _cells(scan.strings, strings.struck)
    colours = [
        (r, c, name)
        for style, name in styles.colours.items()
        for r, c in scan.styled.get(style, ())
    ]
    formats = {
        cell: code
        for style, code in styles.formats.items()
        for cell in scan.styled.get(style, ())
    }
    return Look(
        hidden_rows=frozenset(r for r in scan.hidden_rows if r <= height),
        hidden_columns=frozenset(c for c in scan.hidden_columns if c <= width),
        struck_rows=frozenset(r for r, _ in struck if r <= height),
        coloured_rows=coloured_rows(colours, height),
        formulas=scan.formulas,
        uncached=frozenset(scan.uncached),
        percent=frozenset(_cells(scan.styled, styles.percent)),
        symbol_font=frozenset(
            _cells(scan.styled, styles.symbol) | _cells(scan.strings, strings.symbol)
        ),
        formats=formats,
    )


def _cells(found: dict[int, list[Cell]], wanted: set[int]) -> set[Cell]:
    return {cell for number in wanted for cell in found.get(number, ())}


def _remarks(
    archive: zipfile.ZipFile, part: str
) -> tuple[dict[Cell, str], tuple[str, ...]]:
    """Return the comments of a sheet by cell and the texts of its text boxes."""
    comments: dict[Cell, str] = {}
    boxes: list[str] = []
    for _, kind, target in _relations(archive, part):
        if kind == "comments":
            comments.update(_comments(read_part(archive, target)))
        elif kind == "drawing":
            boxes += _text_boxes(read_part(archive, target))
    return comments, tuple(boxes)


def _comments(xml: bytes | None) -> dict[Cell, str]:
    if not xml:
        return {}
    result = {}
    for node in descendants(parse_xml(xml), "comment"):
        where = re.fullmatch(r"([A-Z]{1,3})(\d+)", str(node.get("ref", "")))
        if where and (text := text_of(node).strip()):
            result[int(where.group(2)), column_number(where.group(1))] = text
    return result


def _text_boxes(xml: bytes | None) -> list[str]:
    if not xml:
        return []
    shapes = descendants(parse_xml(xml), "sp")
    texts = (
        "\n".join(text_of(p) for p in descendants(shape, "p")).strip()
        for shape in shapes
    )
    return [text for text in texts if text]
