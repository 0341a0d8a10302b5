"""Our own sheets (校验报告, 本次未报人员) in the clerk's package.

They are written by openpyxl into a workbook of their own, and planted from it with their
formats: openpyxl would lose too much of the clerk's file to write into that.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from openpyxl.workbook import Workbook

from yiku.formats.return_marks import REPORT_SHEET
from yiku.returns.book_xml import BookXml
from yiku.returns.package import Package, parsed, rels_name, written
from yiku.returns.sheet_xml import SheetXml

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_STRICT = "http://purl.oclc.org/ooxml"
_NOT_IN_TITLES = r"[]:*?/\\"
_MAX_TITLE = 31  # characters


def plant(book: BookXml, write: Callable[[Workbook], None]) -> None:
    """Bring the sheets that ``write`` adds to a draft into the clerk's package.

    The draft has the clerk's titles, so that links lead somewhere and none is used twice. The
    report goes in front of all sheets, others behind them.
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
    """Return a title as openpyxl takes it, that no other sheet of the draft has."""
    allowed = ""
    for character in title:
        allowed += "_" if character in _NOT_IN_TITLES else character
    wanted = allowed[:_MAX_TITLE] or "_"
    there = list(taken)
    if wanted not in there:
        return wanted
    # Room for the sign and two digits within the 31 characters of a title.
    return f"{wanted[:28]}~{len(there)}"


def _plant_sheet(
    book: BookXml, source: BookXml, title: str, part: str
) -> None:
    """Bring one sheet of the draft, with its links, into the clerk's package."""
    page = source.sheet(part)
    _put_strings_inline(page)
    _adopt_styles(page, book, source)
    name = book.package.free_name("xl/worksheets/sheet{}.xml")
    book.package.put(name, _in_kind_of(book, written(page.root)))
    relations = rels_name(part)
    if relations in source.package.names():
        content = source.package.read(relations)
        book.package.put(rels_name(name), _in_kind_of(book, content))
    book.add(title, name, first=title == REPORT_SHEET)


def _put_strings_inline(page: SheetXml) -> None:
    """Write the texts into the cells: the shared strings of the draft stay behind."""
    for row_no in page.rows():
        for column, cell in page.cells(row_no).items():
            if cell.get("t") == "s":
                style = int(cell.get("s") or 0)
                page.put_text(row_no, column, page.text(cell) or "", style)


def _adopt_styles(page: SheetXml, book: BookXml, source: BookXml) -> None:
    """Let cells, rows and columns name their formats by the numbers that these have here."""
    for element in page.root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in ("s", "style"):
            number = element.get(attribute)
            if number is not None and number.isdecimal():
                adopted = book.styles.adopt(source.styles, int(number))
                element.set(attribute, str(adopted))


def _in_kind_of(book: BookXml, data: bytes) -> bytes:
    """Return a part in the kind of the standard in which the clerk's workbook is written."""
    return _as_strict(data) if book.package.is_strict else data


def _as_strict(data: bytes) -> bytes:
    """Return a part in the strict kind of the standard: other names of the same things."""
    text = data.replace(
        _MAIN.encode(), f"{_STRICT}/spreadsheetml/main".encode()
    )
    relations = f"{_OFFICE}/relationships".encode()
    strict_relations = f"{_STRICT}/officeDocument/relationships".encode()
    return written(parsed(text.replace(relations, strict_relations)))
