"""Pages to bytes, as the programs of many offices write them.

The same pages always give the same bytes.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ezodf
import openpyxl
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from xlwt import CompoundDoc

from yiku.demo.page import DAY_WIDTH, Cell, Formula, Page, Percent
from yiku.demo.plain_workbook import to_plain_xlsx

SAVED_AT = datetime(2017, 11, 12, 9, 30)
_ZIP_DAY = (2017, 11, 12, 9, 30, 0)
_DAY = "yyyy-mm-dd"
_PERCENT = "0.00%"
_SHEET_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
_MACRO_TYPE = b"application/vnd.ms-excel"


def to_xlsxwriter(pages: Sequence[Page]) -> bytes:
    """Write an xlsx as a report program does."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": SAVED_AT})
    formats = {
        "date": book.add_format({"num_format": _DAY}),
        "struck": book.add_format({"font_strikeout": 1}),
        "percent": book.add_format({"num_format": _PERCENT}),
    }
    for page in pages:
        _add_xlsx_sheet(book, page, formats)
    book.close()
    return out.getvalue()


def _add_xlsx_sheet(book: Any, page: Page, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(page.name)
    for column in page.day_columns():
        sheet.set_column(column, column, DAY_WIDTH)
    for row, column, value in page.filled_cells():
        shape = formats["struck"] if row in page.struck_rows else None
        _write_xlsx_cell(sheet, row, column, value, formats, shape)
    for first, left, last, right in page.merges:
        sheet.merge_range(first, left, last, right, page.cells[first][left])
    for row in page.hidden_rows:
        sheet.set_row(row, None, None, {"hidden": True})
    for (row, column), text in page.comments.items():
        sheet.write_comment(row, column, text, {"author": "clerk"})
    if not page.visible:
        sheet.hide()


def _write_xlsx_cell(
    sheet: Any,
    row: int,
    column: int,
    value: Cell,
    formats: dict[str, Any],
    shape: Any,
) -> None:
    if isinstance(value, Formula):
        result = "" if value.result is None else value.result
        sheet.write_formula(row, column, value.text, shape, result)
    elif isinstance(value, Percent):
        sheet.write_number(row, column, value.share, formats["percent"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["date"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, shape)
    else:
        sheet.write_number(row, column, value, shape)


def to_openpyxl(pages: Sequence[Page]) -> bytes:
    """Write an xlsx as a script of the county's office does.

    Formulas keep no result.
    """
    book = openpyxl.Workbook()
    del book["Sheet"]
    for page in pages:
        _add_openpyxl_sheet(book.create_sheet(page.name), page)
    out = io.BytesIO()
    book.save(out)
    return _same_every_time(out.getvalue())


def _add_openpyxl_sheet(sheet: Any, page: Page) -> None:
    # this library counts rows and columns from 1
    for values in page.cells:
        _append(sheet, values)
    for column in page.day_columns():
        letter = get_column_letter(column + 1)
        sheet.column_dimensions[letter].width = DAY_WIDTH
    for row in page.struck_rows:
        for cell in sheet[row + 1]:
            cell.font = Font(strike=True)
    for first, left, last, right in page.merges:
        sheet.merge_cells(
            start_row=first + 1,
            start_column=left + 1,
            end_row=last + 1,
            end_column=right + 1,
        )
    for row in page.hidden_rows:
        sheet.row_dimensions[row + 1].hidden = True
    for (row, column), text in page.comments.items():
        sheet.cell(row + 1, column + 1).comment = Comment(text, "clerk")
    sheet.sheet_state = "visible" if page.visible else "hidden"


def _append(sheet: Any, values: Sequence[Cell]) -> None:
    sheet.append([_typed(value) for value in values])
    for column, value in enumerate(values, 1):
        if isinstance(value, Percent):
            cell = sheet.cell(sheet.max_row, column)
            cell.number_format = _PERCENT


def _typed(value: Cell) -> Any:
    """Return what a library is given to write.

    A formula as its text, a percentage as its share.
    """
    if isinstance(value, Formula):
        return value.text
    if isinstance(value, Percent):
        return value.share
    return value


def _shown(value: Cell) -> Any:
    """Return what a library is given to write that knows no formulas: their result."""
    if isinstance(value, Formula):
        return value.result
    return _typed(value)


def to_xlsm(pages: Sequence[Page]) -> bytes:
    """Write an xlsx with macros, of which there is no more than the entry that holds them."""
    plain_type = _SHEET_TYPE + b".sheet.main"
    macro_type = _MACRO_TYPE + b".sheet.macroEnabled.main"
    entries = []
    for name, content in _zip_entries(to_xlsxwriter(pages)):
        if name == "[Content_Types].xml":
            content = content.replace(plain_type, macro_type)
        entries.append((name, content))
    entries.append(("xl/vbaProject.bin", b"Sub Auto_Open()"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, content in entries:
            stored = name == "xl/vbaProject.bin"
            _add_entry(book, name, content, stored=stored)
    return out.getvalue()


def to_xls(pages: Sequence[Page]) -> bytes:
    """Write an old binary workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    formats = {
        date: xlwt.easyxf(num_format_str=_DAY),
        Percent: xlwt.easyxf(num_format_str=_PERCENT),
    }
    struck = xlwt.easyxf("font: struck_out on")
    plain = xlwt.Style.default_style
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        for column in page.day_columns():
            # in 256ths of a digit
            sheet.col(column).width = DAY_WIDTH * 256
        for row, column, value in page.filled_cells():
            common = struck if row in page.struck_rows else plain
            sheet.write(
                row, column, _shown(value), formats.get(type(value), common)
            )
        for first, left, last, right in page.merges:
            sheet.merge(first, last, left, right)
        for row in page.hidden_rows:
            sheet.row(row).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_ods(pages: Sequence[Page]) -> bytes:
    """Write an OpenDocument spreadsheet."""
    # the library writes to a named file alone
    with TemporaryDirectory() as folder:
        target = Path(folder) / "book.ods"
        book = ezodf.newdoc(doctype="ods", filename=str(target))
        for page in pages:
            book.sheets += _ods_sheet(page)
        book.save()
        return _same_every_time(target.read_bytes())


def _ods_sheet(page: Page) -> Any:
    width = max((len(values) for values in page.cells), default=1)
    height = len(page.cells) or 1
    sheet = ezodf.Sheet(page.name, size=(height, width))
    for row, column, value in page.filled_cells():
        sheet[row, column].set_value(*_ods_value(value))
    for first, left, last, right in page.merges:
        size = (last - first + 1, right - left + 1)
        sheet.set_cell_span((first, left), size)
    return sheet


def _ods_value(value: Cell) -> tuple[Any, ...]:
    """Return a value, and its type where the library would not guess it."""
    if isinstance(value, date):
        return value.isoformat(), "date"
    if isinstance(value, Percent):
        return value.share, "percentage"
    return (_shown(value),)


def _zip_entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            yield entry.filename, archive.read(entry)


def _add_entry(
    archive: zipfile.ZipFile,
    name: str,
    content: bytes,
    *,
    stored: bool = False,
) -> None:
    """Add an entry that says nothing of when it was written."""
    packing = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content, packing)


_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")
_TELL_THE_TIME = ("docProps/core.xml", "meta.xml")


def _same_every_time(data: bytes) -> bytes:
    """Take the time of writing out of a zip, so that the same sheets are the same bytes."""
    stamp = SAVED_AT.isoformat().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, content in _zip_entries(data):
            if name in _TELL_THE_TIME:
                content = _TIME.sub(stamp, content)
            # OpenDocument wants its first entry readable without unpacking
            _add_entry(book, name, content, stored=name == "mimetype")
    return out.getvalue()


def as_text(value: Cell) -> str:
    """Return a cell as a text format holds it."""
    if isinstance(value, Percent):
        return f"{value.share:.2%}"
    if isinstance(value, Formula):
        return as_text(value.result)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _texts(page: Page) -> Iterator[list[str]]:
    """Yield the rows of a page as a text format holds them."""
    for values in page.cells:
        yield [as_text(value) for value in values]


def _delimited(pages: Sequence[Page], separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerows(_texts(pages[0]))
    return out.getvalue()


def to_csv_gb18030(pages: Sequence[Page]) -> bytes:
    """Write a csv as Excel on a Chinese Windows does."""
    return _delimited(pages, ",").encode("gb18030")


def to_csv_utf8(pages: Sequence[Page]) -> bytes:
    """Write a csv in UTF-8 with a mark of the byte order."""
    return _delimited(pages, ",").encode("utf-8-sig")


def to_csv_utf16(pages: Sequence[Page]) -> bytes:
    """Write 'Unicode text' as Excel does: UTF-16 with tabs."""
    # the mark of the byte order goes first: Excel reads no UTF-16 without it
    return b"\xff\xfe" + _delimited(pages, "\t").encode("utf-16-le")


def to_tsv(pages: Sequence[Page]) -> bytes:
    """Write tab-separated text in UTF-8."""
    return _delimited(pages, "\t").encode("utf-8")


_HTML_HEAD = '<html><head><meta charset="utf-8"></head><body><table>\n'
_HTML_END = "</table></body></html>"


def to_html(pages: Sequence[Page]) -> bytes:
    """Write the HTML table that web systems offer as an Excel file."""
    parts = [_HTML_HEAD]
    for texts in _texts(pages[0]):
        cells = [f"<td>{html.escape(text)}</td>" for text in texts]
        parts += ["<tr>", *cells, "</tr>\n"]
    parts.append(_HTML_END)
    return "".join(parts).encode()


_XML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
)
_XML_END = "</Workbook>"


def to_xml2003(pages: Sequence[Page]) -> bytes:
    """Write SpreadsheetML of Excel 2003."""
    parts = [_XML_HEAD]
    for page in pages:
        parts.append(
            f'<Worksheet ss:Name="{html.escape(page.name)}"><Table>\n'
        )
        for values in page.cells:
            cells = [_xml_cell(value) for value in values]
            parts += ["<Row>", *cells, "</Row>\n"]
        parts.append("</Table></Worksheet>")
    parts.append(_XML_END)
    return "".join(parts).encode()


def _xml_cell(value: Cell) -> str:
    if value is None:
        return "<Cell/>"
    kind = "Number" if isinstance(value, int | float) else "String"
    text = html.escape(as_text(value))
    return f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>'


def to_zip(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Bundle files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files:
            _add_entry(
                bundle, name, data, stored=True
            )  # a workbook is packed already
    return out.getvalue()


def to_encrypted(data: bytes) -> bytes:
    """Return an OLE2 file with the one stream that a password-protected workbook has."""
    out = io.BytesIO()
    CompoundDoc.XlsDoc().save(out, data)
    container = out.getvalue()
    # xlwt names its stream itself; its entry is the name in 64 bytes, then the name's
    # length
    start = container.index("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le")
    padded = name.ljust(64, b"\x00")
    length = len(name) + 2
    entry = padded + length.to_bytes(2, "little")
    return container[:start] + entry + container[start + len(entry) :]


# By the name of a writer: what writes, and the extension that clerks see. Some
# extensions are wrong, as in life.
WRITERS: dict[str, tuple[Callable[[Sequence[Page]], bytes], str]] = {
    "xlsxwriter": (to_xlsxwriter, ".xlsx"),
    "plain": (to_plain_xlsx, ".xlsx"),
    "openpyxl": (to_openpyxl, ".xlsx"),
    "xlsm": (to_xlsm, ".xlsm"),
    "xls": (to_xls, ".xls"),
    "et": (to_xls, ".et"),
    "ods": (to_ods, ".ods"),
    "csv_gb18030": (to_csv_gb18030, ".csv"),
    "csv_utf8": (to_csv_utf8, ".csv"),
    "csv_utf16": (to_csv_utf16, ".csv"),
    "tsv": (to_tsv, ".tsv"),
    "html": (to_html, ".xls"),
    "xml2003": (to_xml2003, ".xls"),
    "misnamed": (to_xlsxwriter, ".xls"),
}
