"""Our own sheets (校验报告, 本次未报人员) in the clerk's package: written by openpyxl, planted with their formats."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from lxml import etree
from openpyxl.workbook import Workbook

from yiku.formats.return_marks import REPORT_SHEET
from yiku.returns.book_xml import BookXml
from yiku.returns.package import Package, parsed, rels_name, written

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_STRICT = "http://purl.oclc.org/ooxml"


def plant(book: BookXml, write: Callable[[Workbook], None]) -> None:
    """Let ``write`` fill a workbook that has the clerk's titles, and bring what it adds into the clerk's package.

    The report goes in front of all sheets, others behind them.
    """
    draft = Workbook()
    draft.remove(draft.worksheets[0])
    for title in book.titles():
        draft.create_sheet(_safe(title, draft.sheetnames))
    there = set(draft.sheetnames)
    write(draft)
    out = io.BytesIO()
    draft.save(out)
    source = BookXml(Package(out.getvalue()))
    for title, part in source.parts().items():
        if title not in there:
            _plant_sheet(book, source, title, part)


def _safe(title: str, taken: Iterable[str]) -> str:
    clean = "".join("_" if c in r"[]:*?/\\" else c for c in title)[:31] or "_"
    return clean if clean not in taken else clean[:28] + f"~{len(list(taken))}"


def _plant_sheet(book: BookXml, source: BookXml, title: str, part: str) -> None:
    page = source.sheet(part)
    for row_no in page.rows():
        for column, cell in page.cells(row_no).items():
            if cell.get("t") == "s":
                page.put_text(
                    row_no, column, page.text(cell) or "", int(cell.get("s") or 0)
                )
    for element in page.root.iter():
        for attribute in ("s", "style") if isinstance(element.tag, str) else ():
            if (at := element.get(attribute)) is not None and at.isdecimal():
                element.set(attribute, str(book.styles.adopt(source.styles, int(at))))
    name = book.package.free_name("xl/worksheets/sheet{}.xml")
    data = written(page.root)
    book.package.put(name, _as_strict(data) if book.package.is_strict else data)
    relations = rels_name(part)
    if relations in source.package.names():
        content = source.package.read(relations)
        book.package.put(
            rels_name(name), _as_strict(content) if book.package.is_strict else content
        )
    book.add(title, name, first=title == REPORT_SHEET)


def _as_strict(data: bytes) -> bytes:
    """Return a part in the strict kind of the standard: other names of the same things."""
    text = data.replace(_MAIN.encode(), f"{_STRICT}/spreadsheetml/main".encode())
    strict = text.replace(
        f"{_OFFICE}/relationships".encode(),
        f"{_STRICT}/officeDocument/relationships".encode(),
    )
    return etree.tostring(
        parsed(strict), xml_declaration=True, encoding="UTF-8", standalone=True
    )
