"""The return workbook: the clerk's own file with marks, two columns and a report in front."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from yiku.formats.cells import RefusedError
from yiku.formats.detection import read_book
from yiku.returns.annotate import annotate, clear_old_marks, dress, guard_cells
from yiku.returns.cached import Results, put_results
from yiku.returns.edit import Write, edit
from yiku.returns.lost import lost_in
from yiku.returns.missing_people_sheet import write_vanished
from yiku.returns.package import NotEditableError
from yiku.returns.questions import write_questions
from yiku.returns.reply import (
    HeaderQuestion,
    Mark,
    PlacedTable,
    ReceiptFacts,
    VanishedList,
)
from yiku.returns.report import write_report, write_rows
from yiku.returns.source import IN_PLACE, open_source, sheet_title

_PLAIN = frozenset({"csv", "tsv"})  # formats that hold nothing but cells
_LOST_WITH_FORM = (
    "格式设置、公式、下拉选项、图片等（只按单元格的内容重新生成）",
)


def build_return(
    data: bytes,
    name: str,
    book_format: str,
    receipt: ReceiptFacts,
    marks: Sequence[Mark],
    tables: Sequence[PlacedTable] = (),
    questions: Sequence[HeaderQuestion] = (),
    vanished: Sequence[VanishedList] = (),
) -> bytes:
    """Return the xlsx that goes back to the sender of ``data``.

    Of an xlsx the package is edited, and each part that need not change keeps its bytes; one that
    is no proper package, and any other format, is written anew with its values, merges and widths.
    ``tables`` says where the tables stand: sheets with one get the columns 校验结果 and 修改意见.
    Nothing that a clerk wrote as text is a formula in the result; the report tells what could not
    be kept. A file that cannot be read gives a workbook that holds the report alone. ``questions``
    are put to the clerk on the report, ``vanished`` people stand on a sheet of their own.
    """

    def write(book: Workbook, lost: Sequence[str]) -> None:
        write_vanished(book, vanished)
        write_report(book, receipt, marks, lost)
        write_questions(book, questions)

    if book_format in IN_PLACE:
        try:
            return edit(data, marks, tables, write)
        except NotEditableError:
            pass  # its cells are read all the same
    return _written_anew(data, name, book_format, marks, tables, write)


def _written_anew(
    data: bytes,
    name: str,
    book_format: str,
    marks: Sequence[Mark],
    tables: Sequence[PlacedTable],
    write: Write,
) -> bytes:
    try:
        workbook, in_place = open_source(data, name, book_format)
        lost = lost_in(data) if in_place else _lost_with_form(book_format)
    # Nobody can read it, and its sender is to learn why all the same: the
    # report goes back alone.
    except RefusedError:
        workbook = Workbook()
        workbook.remove(workbook.worksheets[0])
        in_place = False
        lost = []
    results = _formula_results(data, name, workbook) if in_place else {}
    clear_old_marks(workbook)
    for page in workbook.worksheets:
        placed = [
            table for table in tables if sheet_title(table.sheet) == page.title
        ]
        said = [
            mark for mark in marks if sheet_title(mark.sheet) == page.title
        ]
        guard_cells(page)
        if not in_place:
            dress(page, placed)
        annotate(page, placed, said)
    write(workbook, lost)
    out = io.BytesIO()
    workbook.save(out)
    if not results:
        return out.getvalue()
    return put_results(out.getvalue(), _by_part(workbook, results))


def _lost_with_form(book_format: str) -> list[str]:
    """Return what a workbook loses that is built from its cells alone."""
    if book_format in _PLAIN:
        return []
    return list(_LOST_WITH_FORM)


def build_report(
    receipt: ReceiptFacts,
    marks: Sequence[Mark],
    vanished: Sequence[VanishedList] = (),
) -> bytes:
    """Return an xlsx that holds the report alone.

    Every row that it speaks of stands on a sheet of its own. For a file that is too large to be
    annotated, or that nothing can be written beside.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    write_vanished(workbook, vanished)
    write_rows(workbook, marks)
    write_report(workbook, receipt, marks, ["各表本身"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _formula_results(
    data: bytes, name: str, workbook: Workbook
) -> dict[str, Results]:
    """Return the last results of the clerk's formulas by sheet, as the file holds them."""
    # openpyxl tells formulas or results, never both: the file is read anew only where it has any.
    if not any(_has_formula(page) for page in workbook.worksheets):
        return {}
    found: dict[str, Results] = {}
    for sheet in read_book(data, name).sheets:
        results = {}
        for row, column in sheet.look.formulas:
            if row <= len(sheet.values) and column <= len(sheet.values[0]):
                results[row, column] = sheet.values[row - 1][column - 1]
        found[sheet.name or ""] = results
    return found


def _has_formula(page: Worksheet) -> bool:
    for row in page.iter_rows():
        if any(cell.data_type == "f" for cell in row):
            return True
    return False


def _by_part(
    workbook: Workbook, results: dict[str, Results]
) -> dict[str, Results]:
    """Name the parts as openpyxl writes them: worksheets numbered in their order."""
    found = {}
    for number, page in enumerate(workbook.worksheets, start=1):
        if results.get(page.title):
            found[f"xl/worksheets/sheet{number}.xml"] = results[page.title]
    return found
