"""The marks on a sheet that openpyxl writes: red cells with a reason, 校验结果 and 修改意见 at the right.

``edit`` does the same in the clerk's own package. This is for the files that have none: csv,
xls, ods, and an xlsx that is no proper package.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from yiku.formats.return_marks import (
    ADVICE_HEADER,
    BAD_FILL,
    COMMENT_START,
    KEPT_COMMENT,
    REFERENCE_HEADER,
    REFERENCE_PREFIX,
    REPORT_SHEET,
    RESULT_HEADER,
    WARN_FILL,
    clerks_comment,
)
from yiku.returns.cell_marks import (
    TEXT_RULES,
    leaf_of,
    line_count,
    numbered,
    references,
    sentences,
)
from yiku.returns.cell_names import Span, by_row
from yiku.returns.reply import Mark, PlacedTable
from yiku.returns.source import dress_header, guard_text, plain_font, put_text

_OWN_HEADERS = (RESULT_HEADER, ADVICE_HEADER, REFERENCE_HEADER)
_AUTHOR = "一库"
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})
_RED = PatternFill("solid", fgColor=BAD_FILL)
_YELLOW = PatternFill("solid", fgColor=WARN_FILL)
_LINE = Side(style="thin", color="A6A6A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WIDTHS = (10, 56)  # characters
_PER_COMMENT_LINE = 18
_MOST_COMMENT_LINES = 12
# Points.
_LINE_HEIGHT, _HEADER_HEIGHT, _MAX_HEIGHT = 15.0, 33.0, 180.0


def clear_old_marks(workbook: Workbook) -> None:
    """Take an earlier return workbook's report, columns, comments and colours out again."""
    if REPORT_SHEET not in workbook.sheetnames:
        return
    workbook.remove(workbook[REPORT_SHEET])
    for page in workbook.worksheets:
        columns = _own_columns(page)
        for row in page.iter_rows():
            for cell in row:
                _clear_cell(cell, cell.column in columns)


def _own_columns(page: Worksheet) -> set[int]:
    """Return the columns that an earlier round added, wherever the clerk moved them."""
    columns = set()
    for row in page.iter_rows():
        for cell in row:
            if cell.value in _OWN_HEADERS:
                columns.add(cell.column)
    return columns


def _clear_cell(cell: Any, is_own: bool) -> None:
    """Take what we wrote on a cell out; what the clerk remarked on it stays."""
    # What a merge covers are openpyxl's own stand-ins, whose value cannot be
    # set.
    if isinstance(cell, MergedCell):
        return
    if is_own:
        cell.value = None
        cell.style = "Normal"
    if cell.comment is not None:
        kept = "" if is_own else clerks_comment(cell.comment.text)
        cell.comment = Comment(kept, cell.comment.author) if kept else None
    if cell.fill.fill_type == "solid":
        colour = str(cell.fill.fgColor.rgb)[-6:]
        if colour in _OWN_FILLS:
            cell.fill = PatternFill()


def annotate(
    page: Worksheet,
    tables: Sequence[PlacedTable],
    marks: Sequence[Mark],
) -> None:
    """Mark the cells of one sheet and write its columns. Sheets without a table get no columns."""
    told = [mark for mark in marks if mark.verdict != "A"]
    on_rows = [mark for mark in told if mark.row_no is not None]
    on_headers = [mark for mark in told if mark.header]
    by_cell = _by_cell(page, on_rows)
    places = _header_places(page, tables) if on_headers else {}
    for mark in on_headers:
        for place in places.get(leaf_of(mark.header or ""), ()):
            by_cell[place].append(mark)
    for (row_no, column), found in by_cell.items():
        _mark_cell(page.cell(row_no, column), found)
    if tables:
        _write_columns(page, tables, on_rows)


def _by_cell(
    page: Worksheet,
    marks: Sequence[Mark],
) -> defaultdict[tuple[int, int], list[Mark]]:
    """Return what is said of rows by the cell that is to show it."""
    # Both take a walk over all cells: once a sheet, not once a mark.
    merged = by_row(_spans(page), page.max_row)
    width = page.max_column
    found: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        row_no = mark.row_no or 1
        column = mark.column
        if not column and mark.back:
            column = _first_column(page, row_no, width)
        # What is asked of a row as a whole stands at its right only.
        if column:
            found[_anchor(merged, row_no, column)].append(mark)
    return found


def _header_places(
    page: Worksheet,
    tables: Sequence[PlacedTable],
) -> Mapping[str, list[tuple[int, int]]]:
    """Return the cells down to the last header by what stands in them, without blanks."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    if not tables:
        return found
    last = max(table.header_row for table in tables)
    for row in page.iter_rows(max_row=last):
        for cell in row:
            if isinstance(cell.value, str):
                text = "".join(cell.value.split())
                found[text].append((cell.row, cell.column))
    return found


def _first_column(page: Worksheet, row_no: int, width: int) -> int:
    """Return where a row begins: what is wrong with it as a whole is shown there."""
    row = next(page.iter_rows(min_row=row_no, max_row=row_no, max_col=width))
    for cell in row:
        if cell.value is not None:
            return cell.column
    return 1


def dress(page: Worksheet, tables: Iterable[PlacedTable]) -> None:
    """Give a rebuilt table lines and a visible header: its own formatting is lost."""
    last = _last_column(page)
    for table in tables:
        page.row_dimensions[table.header_row].height = _HEADER_HEIGHT
        for column in range(1, last + 1):
            _write_style(page.cell(table.header_row, column), head=True)
        for row in page.iter_rows(min_row=table.header_row + 1, max_col=last):
            # Below it there is no table any more.
            if all(cell.value is None for cell in row):
                break
            for cell in row:
                _write_style(cell, head=False)


def _write_style(cell: Any, head: bool) -> None:
    cell.border = _BOX
    if head:
        dress_header(cell)


def _spans(page: Worksheet) -> list[Span]:
    return [
        (span.min_row, span.min_col, span.max_row, span.max_col)
        for span in page.merged_cells.ranges
    ]


def _anchor(
    merged: Mapping[int, Sequence[Span]],
    row_no: int,
    column: int,
) -> tuple[int, int]:
    """Return the cell that carries the value: the first of a merge."""
    for top, left, _, right in merged.get(row_no, ()):
        if left <= column <= right:
            return top, left
    return row_no, column


def _mark_cell(cell: Any, marks: Sequence[Mark]) -> None:
    """Colour a cell and say in a comment what is wrong.

    It stands before what the clerk had remarked on the cell.
    """
    is_back = any(mark.back for mark in marks)
    cell.fill = _RED if is_back else _YELLOW
    if any(mark.rule in TEXT_RULES for mark in marks):
        # Typed again, it has to stay text.
        cell.number_format = "@"
    text = COMMENT_START + "\n".join(sentences(marks))
    if cell.comment is not None:
        text += KEPT_COMMENT + cell.comment.text
    lines = 0
    for line in text.split("\n"):
        lines += 1 + len(line) // _PER_COMMENT_LINE
    height = 24 + 20 * min(lines, _MOST_COMMENT_LINES)
    cell.comment = Comment(text, _AUTHOR, height=height, width=300)


def _write_columns(
    page: Worksheet,
    tables: Sequence[PlacedTable],
    marks: Sequence[Mark],
) -> None:
    """Write 校验结果, 修改意见 and the hidden 行引用 behind the last column."""
    first = _last_column(page) + 1
    for table in tables:
        _write_headers(page, table.header_row, first)
    marks_of_row: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        marks_of_row[mark.row_no or 0].append(mark)
    for row_no, found in marks_of_row.items():
        _write_result(page, row_no, first, found)
    for row_no, reference in references(tables).items():
        put_text(page.cell(row_no, first + 2), REFERENCE_PREFIX + reference)
    for offset, width in enumerate(_WIDTHS):
        letters = get_column_letter(first + offset)
        page.column_dimensions[letters].width = width
    page.column_dimensions[get_column_letter(first + 2)].hidden = True
    if page.freeze_panes is None:
        top = min(table.header_row for table in tables)
        page.freeze_panes = page.cell(top + 1, 1).coordinate


def _last_column(page: Worksheet) -> int:
    """Return the last column that holds anything; formatted empty columns do not count."""
    last = max((span.max_col for span in page.merged_cells.ranges), default=0)
    for row in page.iter_rows():
        for cell in reversed(row[last:]):
            if cell.value is not None:
                last = max(last, cell.column)
                break
    return last


def _write_headers(page: Worksheet, row_no: int, first: int) -> None:
    for offset, text in enumerate(_OWN_HEADERS):
        cell = page.cell(row_no, first + offset)
        put_text(cell, text)
        dress_header(cell)
        cell.border = _BOX


def _write_result(
    page: Worksheet,
    row_no: int,
    first: int,
    marks: Sequence[Mark],
) -> None:
    """Write what became of one row, and what the clerk is to do with it."""
    is_back = any(mark.back for mark in marks)
    lines = numbered(sentences(marks))
    result = page.cell(row_no, first)
    advice = page.cell(row_no, first + 1)
    put_text(result, "已退回" if is_back else "请核实")
    put_text(advice, "\n".join(lines))
    for cell in (result, advice):
        cell.font = plain_font()
        cell.border = _BOX
        cell.fill = _RED if is_back else _YELLOW
    result.alignment = Alignment(horizontal="center", vertical="center")
    advice.alignment = Alignment(vertical="center", wrap_text=True)
    _grow(page, row_no, line_count(lines))


def _grow(page: Worksheet, row_no: int, lines: int) -> None:
    """Make a row high enough for its advice.

    Spreadsheet programs keep a height that is written down.
    """
    wanted = min(lines * _LINE_HEIGHT + 3, _MAX_HEIGHT)
    dimension = page.row_dimensions[row_no]
    dimension.height = max(dimension.height or _LINE_HEIGHT, wanted)


def guard_cells(page: Worksheet) -> None:
    """Keep every text of the clerk from turning into a formula when it is edited."""
    for row in page.iter_rows():
        for cell in row:
            if isinstance(cell, Cell):
                guard_text(cell)
