"""The return workbook: the clerk's own file with marks, two columns and a report in front."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl.workbook import Workbook

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
_LOST_WITH_FORM = ("格式设置、公式、下拉选项、图片等（只按单元格的内容重新生成）",)


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

    Of an xlsx the package is edited, and each part that need not change keeps its bytes; one that is no proper package,
    and any other format, is written anew with its values, merges and widths. ``tables`` says where the tables stand:
    sheets with one get the columns 校验结果 and 修改意见. Nothing that a clerk wrote as text is a formula in the
    result; the report tells what could not be kept. A file that cannot be read gives a workbook that holds the report
    alone. ``questions`` are put to the clerk on the report, ``vanished`` people stand on a sheet of their own.
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
        lost = (
            lost_in(data)
            if in_place
            else []
            if book_format in _PLAIN
            else list(_LOST_WITH_FORM)
        )
    except RefusedError:
        workbook, in_place, lost = Workbook(), False, []
        workbook.remove(workbook.worksheets[0])
    results = _formula_results(data, name, workbook) if in_place else {}
    clear_old_marks(workbook)
    for page in workbook.worksheets:
        placed = [t for t in tables if sheet_title(t.sheet) == page.title]
        guard_cells(page)
        if not in_place:
            dress(page, placed)
        annotate(page, placed, [m for m in marks if sheet_title(m.sheet) == page.title])
    write(workbook, lost)
    out = io.BytesIO()
    workbook.save(out)
    return (
        put_results(out.getvalue(), _by_part(workbook, results))
        if results
        else out.getvalue()
    )


def build_report(
    receipt: ReceiptFacts, marks: Sequence[Mark], vanished: Sequence[VanishedList] = ()
) -> bytes:
    """Return an xlsx that holds the report alone, with every row that it speaks of on a sheet of its own.

    For a file that is too large to be annotated, or that nothing can be written beside.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    write_vanished(workbook, vanished)
    write_rows(workbook, marks)
    write_report(workbook, receipt, marks, ["各表本身"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _formula_results(data: bytes, name: str, workbook: Workbook) -> dict[str, Results]:
    """Return the last results of the clerk's formulas by sheet, as the file holds them."""
    if not any(
        cell.data_type == "f"
        for page in workbook.worksheets
        for row in page.iter_rows()
        for cell in row
    ):
        return {}
    found: dict[str, Results] = {}
    for sheet in read_book(data, name).sheets:
        cells = [
            c
            for c in sheet.look.formulas
            if c[0] <= len(sheet.values) and c[1] <= len(sheet.values[0])
        ]
        found[sheet.name or ""] = {
            (row, column): sheet.values[row - 1][column - 1] for row, column in cells
        }
    return found


def _by_part(workbook: Workbook, results: dict[str, Results]) -> dict[str, Results]:
    """Name the parts as openpyxl writes them: worksheets numbered in their order."""
    return {
        f"xl/worksheets/sheet{number}.xml": results[page.title]
        for number, page in enumerate(workbook.worksheets, start=1)
        if results.get(page.title)
    }
