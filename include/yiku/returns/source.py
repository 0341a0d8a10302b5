"""The clerk's file as an openpyxl workbook.

Opened in place where it is an xlsx, rebuilt from its cells otherwise.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections import Counter
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.merge import MergedCellRange
from openpyxl.worksheet.worksheet import Worksheet

from yiku.formats.cells import Book, CellValue, Sheet
from yiku.formats.detection import read_book
from yiku.returns.cell_names import clean

# Behind the headers of all that we add.
HEAD_FILL = PatternFill("solid", fgColor="D9E1F2")

IN_PLACE = frozenset({"xlsx", "xlsm"})
# Bytes of XML: openpyxl takes some fifty times that in memory.
_MAX_IN_PLACE = 40 * 1024 * 1024
# A tab or a line's end in front is dropped by programs that read the text
# anew, and what stands behind it may be a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MAX_WIDTH, _MIN_WIDTH = 40.0, 6.0  # characters
_DAY_WIDTH = 10
_WIDE_CHARACTER = 1.9  # of a digit's width, with the gap that programs leave
_MEASURED_ROWS = 200
_LONG_NUMBER = 1e10  # from here on programs show 1.2E+10
_MAX_TITLE = 31  # characters
_NOT_IN_TITLES = r"[]:*?/\\"
DEFAULT_SHEET = "数据"


def open_source(
    data: bytes, name: str, book_format: str
) -> tuple[Workbook, bool]:
    """Return the workbook, and whether it is the clerk's own one with its formatting."""
    if book_format in IN_PLACE and _unpacked_size(data) <= _MAX_IN_PLACE:
        try:
            return openpyxl.load_workbook(
                io.BytesIO(data), rich_text=True
            ), True
        # openpyxl is stricter than the reader; the cells are what counts.
        except Exception:  # noqa: S110
            pass
    return rebuild(read_book(data, name)), False


def _unpacked_size(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def rebuild(book: Book) -> Workbook:
    """Build a workbook of the same cells: values, merges, widths, what is hidden.

    Formulas stand as their values.
    """
    workbook = Workbook()
    if workbook.active is not None:
        workbook.remove(workbook.active)
    titles = _Titles()
    for sheet in book.sheets:
        page = workbook.create_sheet(titles.free(sheet.name))
        _rebuild_sheet(page, sheet)
    # No program opens a workbook of which nothing is seen.
    if not any(page.sheet_state == "visible" for page in workbook.worksheets):
        workbook.create_sheet(DEFAULT_SHEET)
    return workbook


def sheet_title(name: str | None) -> str:
    """Return the title that a sheet gets in a return workbook.

    Csv and html have none of their own.
    """
    plain = ""
    for character in clean(name or ""):
        plain += "_" if character in _NOT_IN_TITLES else character
    return plain[:_MAX_TITLE] or DEFAULT_SHEET


class _Titles:
    """The titles of a workbook that grows: no two are alike, in letters of whatever size."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._tried: Counter[str] = Counter()

    def free(self, name: str | None) -> str:
        """Return a sheet's title, with a number behind it where another sheet has it already."""
        wanted = sheet_title(name)
        title = wanted
        while title.lower() in self._taken:
            self._tried[wanted] += 1
            number = f"_{self._tried[wanted] + 1}"
            title = wanted[: _MAX_TITLE - len(number)] + number
        self._taken.add(title.lower())
        return title


def _rebuild_sheet(page: Worksheet, sheet: Sheet) -> None:
    for row_no, row in enumerate(sheet.values, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                put_value(page.cell(row_no, column), value)
    _merge(page, sheet)
    for column, width in _widths(sheet).items():
        page.column_dimensions[get_column_letter(column)].width = width
    for row_no in sheet.look.hidden_rows:
        page.row_dimensions[row_no].hidden = True
    for column in sheet.look.hidden_columns:
        page.column_dimensions[get_column_letter(column)].hidden = True
    page.sheet_state = "visible" if sheet.visible else "hidden"


def _merge(page: Worksheet, sheet: Sheet) -> None:
    """Merge what the clerk had merged, as far as anything stands there.

    openpyxl's own way compares each merge with all before it, and makes a cell for each that it
    covers.
    """
    height = len(sheet.values)
    width = len(sheet.values[0]) if sheet.values else 0
    spans = []
    for top, left, bottom, right in sheet.merges:
        last_row = max(top, min(bottom, height))
        last_column = max(left, min(right, width))
        spans.append((top, left, last_row, last_column))
    for top, left, bottom, right in dict.fromkeys(spans):
        if (top, left) == (bottom, right):
            continue
        cells = CellRange(None, left, top, right, bottom)
        span = MergedCellRange(page, cells.coord)
        page._clean_merge_range(span)  # type: ignore[attr-defined]
        page.merged_cells.ranges.add(span)


def _widths(sheet: Sheet) -> dict[int, float]:
    """Return the file's own widths, else widths that show what most cells hold."""
    if sheet.widths or not sheet.values:
        return dict(sheet.widths)
    # A title merged over the columns says nothing of the first one's width.
    titles = {
        (top, left) for top, left, _, right in sheet.merges if right > left
    }
    found: dict[int, float] = {}
    for column in range(1, len(sheet.values[0]) + 1):
        sizes = []
        for row_no, row in enumerate(sheet.values[:_MEASURED_ROWS], start=1):
            value = row[column - 1]
            if value is not None and (row_no, column) not in titles:
                sizes.append(_text_width(value))
        found[column] = _fitting_width(sizes)
    return found


def _fitting_width(sizes: list[float]) -> float:
    """Return a width in which nine cells in ten fit.

    One long title or remark does not widen the whole column.
    """
    ordered = sorted(sizes) or [0]
    ninth = len(ordered) * 9 // 10
    if len(ordered) > 9:
        ninth -= 1
    return min(max(ordered[ninth] + 2, _MIN_WIDTH), _MAX_WIDTH)


def _text_width(value: CellValue) -> float:
    """Return how wide a value is shown, in characters: that of its longest line."""
    if isinstance(value, dt.date):
        return _DAY_WIDTH
    return max(_line_width(line) for line in str(value).split("\n"))


def _line_width(line: str) -> float:
    return sum(_WIDE_CHARACTER if ord(char) > 255 else 1 for char in line)


def put_value(cell: Any, value: CellValue) -> None:
    """Write a value so that text stays text, whatever it begins with."""
    if isinstance(value, str):
        put_text(cell, value)
        # In a cell of the general format an ID turns into 5.1E+17 as soon as
        # somebody edits it, and its last three digits are gone.
        cell.number_format = "@"
        return
    cell.value = value
    if isinstance(value, dt.datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    elif (
        isinstance(value, float)
        and value.is_integer()
        and abs(value) >= _LONG_NUMBER
    ):
        cell.number_format = "0"


def put_text(cell: Any, text: str) -> None:
    """Write text that no program may take for a formula."""
    cell.value = clean(text)
    # openpyxl makes a formula of what begins with an equals sign, an error of #N/A.
    cell.data_type = "s"
    guard_text(cell)


def guard_text(cell: Any) -> None:
    """Keep text that looks like a formula from becoming one when somebody edits the cell."""
    if cell.data_type not in ("s", "inlineStr"):
        return
    value = cell.value
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def plain_font(
    bold: bool = False, colour: str | None = None, size: float = 11
) -> Font:
    """Return the font of what we write."""
    return Font(name="宋体", size=size, bold=bold, color=colour)


def dress_header(cell: Any) -> None:
    """Make a cell look like a header of ours."""
    cell.font = plain_font(bold=True)
    cell.fill = HEAD_FILL
    cell.alignment = Alignment(
        horizontal="center", vertical="center", wrap_text=True
    )
