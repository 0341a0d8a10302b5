"""A clerk's cells as a workbook of our own: for what is no package that could be edited.

Values, merges, widths and what is hidden; formulas stand as their values, and a table gets lines
and a visible header, for its own formatting is lost.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from yiku.formats.cells import Book, CellValue, Sheet
from yiku.returns.cell_names import clean
from yiku.returns.own_page import FORMULA_STARTS, HEAD_FILL, form_of
from yiku.returns.reply import DEFAULT_SHEET, PlacedTable, sheet_title

_MAX_WIDTH, _MIN_WIDTH = 40.0, 6.0  # characters
_DAY_WIDTH = 10
_WIDE_CHARACTER = 1.9  # of a digit's width, with the gap that programs leave
_MEASURED_ROWS = 200
_MAX_TITLE = 31  # characters
_HEADER_HEIGHT = 33  # points
_FIRST_YEAR = 1900  # before it spreadsheet programs count no days
_BOX: dict[str, Any] = {"border": 1, "border_color": "#A6A6A6"}
_HEADER: dict[str, Any] = {
    **_BOX,
    "bold": True,
    "font_name": "宋体",
    "bg_color": f"#{HEAD_FILL}",
    "align": "center",
    "valign": "vcenter",
    "text_wrap": True,
}


def rebuild(book: Book, tables: Sequence[PlacedTable]) -> bytes:
    """Return an xlsx that holds the cells of a workbook."""
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True, "nan_inf_to_errors": True})
    formats = _Formats(workbook)
    titles = _Titles()
    for sheet in book.sheets:
        title = titles.free(sheet.name)
        placed = [
            table for table in tables if sheet_title(table.sheet) == title
        ]
        page = workbook.add_worksheet(title)
        _Rebuilt(page, sheet, formats).write(placed)
    # No program opens a workbook of which nothing is seen.
    if not any(sheet.visible for sheet in book.sheets):
        workbook.add_worksheet(titles.free(DEFAULT_SHEET))
    workbook.close()
    return out.getvalue()


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


class _Formats:
    """The formats of a workbook, each once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str | None, bool], Format] = {}

    def of(self, dress: str, value: CellValue) -> Format:
        """Return the format of a cell: ``dress`` is '', 'box' or 'header'."""
        form = form_of(value)
        # Text that looks like a formula does not become one when somebody
        # edits the cell.
        is_quoted = isinstance(value, str) and value.startswith(FORMULA_STARTS)
        key = (dress, form, is_quoted)
        if key not in self._made:
            properties = dict(_DRESSES[dress])
            if form:
                properties["num_format"] = form
            if is_quoted:
                properties["quote_prefix"] = True
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]


_DRESSES: dict[str, dict[str, Any]] = {
    "": {},
    "box": _BOX,
    "header": _HEADER,
}


@dataclass(frozen=True)
class _Rebuilt:
    """One sheet on its way. Rows and columns count from 1 here, from 0 in xlsxwriter."""

    page: Worksheet
    sheet: Sheet
    formats: _Formats

    def write(self, tables: Sequence[PlacedTable]) -> None:
        """Write cells, merges, widths, and what is hidden."""
        self._merge()
        dressed = self._dressed(tables)
        headers = {table.header_row for table in tables}
        for row_no, row in enumerate(self.sheet.values, start=1):
            dress = "box" if row_no in dressed else ""
            self._write_row(row_no, row, dress)
        width = _width(self.sheet)
        for row_no in headers:
            self._write_header(row_no, width)
        for row_no in self.sheet.look.hidden_rows - headers:
            self.page.set_row(row_no - 1, None, None, {"hidden": True})
        self._set_columns()
        if not self.sheet.visible:
            self.page.hide()

    def _dressed(self, tables: Sequence[PlacedTable]) -> set[int]:
        """Return the rows of the tables: down to the first that holds nothing."""
        rows = set()
        for table in tables:
            below = self.sheet.values[table.header_row :]
            for row_no, row in enumerate(below, start=table.header_row + 1):
                if all(value is None for value in row):
                    break
                rows.add(row_no)
        return rows

    def _write_row(
        self, row_no: int, row: Sequence[CellValue], dress: str
    ) -> None:
        for column, value in enumerate(row, start=1):
            if value is not None or dress:
                self._put(row_no, column, value, dress)

    def _write_header(self, row_no: int, width: int) -> None:
        is_there = row_no <= len(self.sheet.values)
        row = self.sheet.values[row_no - 1] if is_there else [None] * width
        self._write_row(row_no, row, "header")
        self.page.set_row(row_no - 1, _HEADER_HEIGHT)

    def _put(
        self, row_no: int, column: int, value: CellValue, dress: str
    ) -> None:
        """Write a value so that text stays text, whatever it begins with."""
        if isinstance(value, dt.date) and value.year < _FIRST_YEAR:
            value = value.isoformat()
        look = self.formats.of(dress, value)
        place = (row_no - 1, column - 1)
        if value is None:
            self.page.write_blank(*place, None, look)
        elif isinstance(value, str):
            self.page.write_string(*place, clean(value), look)
        elif isinstance(value, bool):
            self.page.write_boolean(*place, value, look)
        elif isinstance(value, dt.date):
            self.page.write_datetime(*place, value, look)
        else:
            self.page.write_number(*place, value, look)

    def _merge(self) -> None:
        """Merge what the clerk had merged, as far as anything stands there."""
        height = len(self.sheet.values)
        width = _width(self.sheet)
        for top, left, bottom, right in self.sheet.merges:
            last_row = max(top, min(bottom, height))
            last_column = max(left, min(right, width))
            if (top, left) == (last_row, last_column):
                continue
            span = (top - 1, left - 1, last_row - 1, last_column - 1)
            try:
                self.page.merge_range(*span, "")
            # Two that overlap are damage to every program.
            except OverlappingRange:
                continue

    def _set_columns(self) -> None:
        widths = _widths(self.sheet)
        hidden = self.sheet.look.hidden_columns
        for column in sorted(widths.keys() | hidden):
            self.page.set_column(
                column - 1,
                column - 1,
                widths.get(column),
                None,
                {"hidden": column in hidden},
            )


def _width(sheet: Sheet) -> int:
    """Return how many columns a sheet has."""
    return len(sheet.values[0]) if sheet.values else 0


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
