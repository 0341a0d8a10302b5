"""Pages to bytes, as the programs of many offices write them. The same pages always give the same bytes."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Sequence
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

SAVED_AT = datetime(2017, 11, 12, 9, 30)
_ZIP_DAY = (2017, 11, 12, 9, 30, 0)
_PERCENT = "0.00%"
_SHEET_TYPE, _MACRO_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml", b"application/vnd.ms-excel"


def to_xlsxwriter(pages: Sequence[Page]) -> bytes:
    """Write an xlsx as a report program does."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": SAVED_AT})
    shapes = {
        "date": {"num_format": "yyyy-mm-dd"},
        "struck": {"font_strikeout": 1},
        "percent": {"num_format": _PERCENT},
    }
    formats = {name: book.add_format(shape) for name, shape in shapes.items()}
    for page in pages:
        sheet = book.add_worksheet(page.name)
        for c in page.day_columns():
            sheet.set_column(c, c, DAY_WIDTH)
        for r, row in enumerate(page.cells):
            for c, value in enumerate(row):
                _write_xlsx_cell(sheet, r, c, value, formats, r in page.struck_rows)
        for first, left, last, right in page.merges:
            sheet.merge_range(first, left, last, right, page.cells[first][left])
        for r in page.hidden_rows:
            sheet.set_row(r, None, None, {"hidden": True})
        for (r, c), text in page.comments.items():
            sheet.write_comment(r, c, text, {"author": "clerk"})
        if not page.visible:
            sheet.hide()
    book.close()
    return out.getvalue()


def _write_xlsx_cell(sheet: Any, r: int, c: int, value: Cell, formats: dict[str, Any], struck: bool) -> None:
    shape = formats["struck"] if struck else None
    if isinstance(value, Formula):
        sheet.write_formula(r, c, value.text, shape, "" if value.result is None else value.result)
    elif isinstance(value, Percent):
        sheet.write_number(r, c, value.share, formats["percent"])
    elif isinstance(value, date):
        sheet.write_datetime(r, c, value, formats["date"])
    elif isinstance(value, str):
        sheet.write_string(r, c, value, shape)
    elif value is not None:
        sheet.write_number(r, c, value, shape)


def to_openpyxl(pages: Sequence[Page]) -> bytes:
    """Write an xlsx as a script of the county's office does; formulas keep no result."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for page in pages:
        sheet = book.create_sheet(page.name)
        for row in page.cells:
            _append(sheet, row)
        for c in page.day_columns():
            sheet.column_dimensions[get_column_letter(c + 1)].width = DAY_WIDTH
        for r in page.struck_rows:
            for cell in sheet[r + 1]:
                cell.font = Font(strike=True)
        for first, left, last, right in page.merges:
            sheet.merge_cells(start_row=first + 1, start_column=left + 1, end_row=last + 1, end_column=right + 1)
        for r in page.hidden_rows:
            sheet.row_dimensions[r + 1].hidden = True
        for (r, c), text in page.comments.items():
            sheet[f"{get_column_letter(c + 1)}{r + 1}"].comment = Comment(text, "clerk")
        sheet.sheet_state = "visible" if page.visible else "hidden"
    out = io.BytesIO()
    book.save(out)
    return _same_every_time(out.getvalue())


def _append(sheet: Any, row: Sequence[Cell]) -> None:
    sheet.append([_plain(v) for v in row])
    for c, value in enumerate(row, 1):
        if isinstance(value, Percent):
            sheet.cell(sheet.max_row, c).number_format = _PERCENT


def _plain(value: Cell) -> Any:
    return value.text if isinstance(value, Formula) else value.share if isinstance(value, Percent) else value


def to_xlsm(pages: Sequence[Page]) -> bytes:
    """Write an xlsx with macros, of which there is no more than the entry that holds them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(to_xlsxwriter(pages))) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "[Content_Types].xml":
                content = content.replace(_SHEET_TYPE + b".sheet.main", _MACRO_TYPE + b".sheet.macroEnabled.main")
            new.writestr(zipfile.ZipInfo(entry.filename, _ZIP_DAY), content, zipfile.ZIP_DEFLATED)
        new.writestr(zipfile.ZipInfo("xl/vbaProject.bin", _ZIP_DAY), b"Sub Auto_Open()")
    return out.getvalue()


def to_xls(pages: Sequence[Page]) -> bytes:
    """Write an old binary workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    formats = {date: xlwt.easyxf(num_format_str="yyyy-mm-dd"), Percent: xlwt.easyxf(num_format_str=_PERCENT)}
    struck = xlwt.easyxf("font: struck_out on")
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        for c in page.day_columns():
            sheet.col(c).width = DAY_WIDTH * 256
        for r, row in enumerate(page.cells):
            for c, value in enumerate(row):
                if value is not None:
                    shape = formats.get(type(value), struck if r in page.struck_rows else None)
                    plain = value.result if isinstance(value, Formula) else _plain(value)
                    sheet.write(r, c, plain, shape) if shape else sheet.write(r, c, plain)
        for first, left, last, right in page.merges:
            sheet.merge(first, last, left, right)
        for r in page.hidden_rows:
            sheet.row(r).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_ods(pages: Sequence[Page]) -> bytes:
    """Write an OpenDocument spreadsheet."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "book.ods"
        book = ezodf.newdoc(doctype="ods", filename=str(target))
        for page in pages:
            width = max((len(r) for r in page.cells), default=1)
            sheet = ezodf.Sheet(page.name, size=(len(page.cells) or 1, width))
            for r, row in enumerate(page.cells):
                for c, value in enumerate(row):
                    if value is not None:
                        sheet[r, c].set_value(*_ods_value(value))
            for first, left, last, right in page.merges:
                sheet.set_cell_span((first, left), (last - first + 1, right - left + 1))
            book.sheets += sheet
        book.save()
        return _same_every_time(target.read_bytes())


def _ods_value(value: Cell) -> tuple[Any, ...]:
    if isinstance(value, date):
        return value.isoformat(), "date"
    if isinstance(value, Percent):
        return value.share, "percentage"
    return (value.result if isinstance(value, Formula) else value,)


def _same_every_time(data: bytes) -> bytes:
    """Take the time of writing out of a zip, so that the same sheets are the same bytes."""
    out = io.BytesIO()
    stamp = SAVED_AT.strftime("%Y-%m-%dT%H:%M:%S")
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in ("docProps/core.xml", "meta.xml"):
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?", stamp.encode(), content)
            packed = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(entry.filename, _ZIP_DAY), content, packed)
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


def _delimited(pages: Sequence[Page], separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerows([as_text(v) for v in row] for row in pages[0].cells)
    return out.getvalue()


def to_csv_gb18030(pages: Sequence[Page]) -> bytes:
    """Write a csv as Excel on a Chinese Windows does."""
    return _delimited(pages, ",").encode("gb18030")


def to_csv_utf8(pages: Sequence[Page]) -> bytes:
    """Write a csv in UTF-8 with a mark of the byte order."""
    return _delimited(pages, ",").encode("utf-8-sig")


def to_csv_utf16(pages: Sequence[Page]) -> bytes:
    """Write 'Unicode text' as Excel does: UTF-16 with tabs."""
    return b"\xff\xfe" + _delimited(pages, "\t").encode("utf-16-le")


def to_tsv(pages: Sequence[Page]) -> bytes:
    """Write tab-separated text in UTF-8."""
    return _delimited(pages, "\t").encode("utf-8")


def to_html(pages: Sequence[Page]) -> bytes:
    """Write the HTML table that web systems offer as an Excel file."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(as_text(v))}</td>" for v in row) + "</tr>\n" for row in pages[0].cells
    )
    return f'<html><head><meta charset="utf-8"></head><body><table>\n{rows}</table></body></html>'.encode()


def to_xml2003(pages: Sequence[Page]) -> bytes:
    """Write SpreadsheetML of Excel 2003."""
    body = []
    for page in pages:
        rows = "".join("<Row>" + "".join(_xml_cell(v) for v in row) + "</Row>\n" for row in page.cells)
        body.append(f'<Worksheet ss:Name="{html.escape(page.name)}"><Table>\n{rows}</Table></Worksheet>')
    space = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    return f"{head}<Workbook {space}>{''.join(body)}</Workbook>".encode()


def _xml_cell(value: Cell) -> str:
    if value is None:
        return "<Cell/>"
    kind = "Number" if isinstance(value, int | float) else "String"
    return f'<Cell><Data ss:Type="{kind}">{html.escape(as_text(value))}</Data></Cell>'


def to_zip(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Bundle files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files:
            bundle.writestr(zipfile.ZipInfo(name, _ZIP_DAY), data)
    return out.getvalue()


def to_encrypted(data: bytes) -> bytes:
    """Return an OLE2 file with the one stream that a password-protected workbook has."""
    out = io.BytesIO()
    CompoundDoc.XlsDoc().save(out, data)
    wanted, name = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    found = out.getvalue()
    at = found.index(wanted)
    entry = (name + b"\x00\x00").ljust(64, b"\x00") + (len(name) + 2).to_bytes(2, "little")
    return found[:at] + entry + found[at + len(entry) :]


WRITERS: dict[str, tuple[Callable[[Sequence[Page]], bytes], str]] = {
    "xlsxwriter": (to_xlsxwriter, ".xlsx"),
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
