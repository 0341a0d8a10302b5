"""The return workbook: the clerk's own file with marks, two columns and a report in front."""

from __future__ import annotations

from collections.abc import Sequence

from yiku.formats.cells import RefusedError
from yiku.formats.detection import read_book
from yiku.returns.edit import Write, edit
from yiku.returns.missing_people_sheet import write_vanished
from yiku.returns.own_page import OwnSheets
from yiku.returns.package import NotEditableError, empty_workbook
from yiku.returns.questions import write_questions
from yiku.returns.rebuilding import rebuild
from yiku.returns.reply import (
    HeaderQuestion,
    Mark,
    PlacedTable,
    ReceiptFacts,
    VanishedList,
)
from yiku.returns.report import write_report, write_rows

_PACKAGES = frozenset({"xlsx", "xlsm"})
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

    def write(own: OwnSheets, lost: Sequence[str]) -> None:
        write_vanished(own, vanished)
        report = write_report(own, receipt, marks, lost)
        write_questions(report, questions)

    if book_format in _PACKAGES:
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
        book = read_book(data, name)
    # Nobody can read it, and its sender is to learn why all the same: the
    # report goes back alone.
    except RefusedError:
        return edit(empty_workbook(), [], [], write)
    lost = _lost_with_form(book_format)

    def write_own(own: OwnSheets, _: Sequence[str]) -> None:
        write(own, lost)

    return edit(rebuild(book, tables), marks, tables, write_own)


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

    def write(own: OwnSheets, _: Sequence[str]) -> None:
        write_vanished(own, vanished)
        write_rows(own, marks)
        write_report(own, receipt, marks, ["各表本身"])

    return edit(empty_workbook(), [], [], write)
