"""The marks on the clerk's sheets: red cells with a reason, and the columns 校验结果 and 修改意见 at the right."""

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
from yiku.returns.cell_marks import TEXT_RULES, leaf_of, references, sentences
from yiku.returns.reply import Mark, PlacedTable
from yiku.returns.sheet_xml import Span, by_row
from yiku.returns.source import guard_text, plain_font, put_text

_OWN_HEADERS = (RESULT_HEADER, ADVICE_HEADER, REFERENCE_HEADER)
_AUTHOR = "一库"
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})
_RED, _YELLOW = (
    PatternFill("solid", fgColor=BAD_FILL),
    PatternFill("solid", fgColor=WARN_FILL),
)
_HEAD = PatternFill("solid", fgColor="D9E1F2")
_LINE = Side(style="thin", color="A6A6A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WIDTHS = (10, 56)
_PER_LINE = 28  # Chinese characters that fit into a line of 修改意见
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
    return {
        cell.column
        for row in page.iter_rows()
        for cell in row
        if cell.value in _OWN_HEADERS
    }


def _clear_cell(cell: Any, own: bool) -> None:
    if isinstance(cell, MergedCell):
        return
    if own:
        cell.value = None
        cell.style = "Normal"
    if cell.comment is not None:
        kept = "" if own else clerks_comment(cell.comment.text)
        cell.comment = Comment(kept, cell.comment.author) if kept else None
    if cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] in _OWN_FILLS:
        cell.fill = PatternFill()


def annotate(
    page: Worksheet, tables: Sequence[PlacedTable], marks: Sequence[Mark]
) -> None:
    """Mark the cells of one sheet and write its columns. Sheets without a table get no columns."""
    rows = [m for m in marks if m.row_no is not None and m.verdict != "A"]
    merged, width = (
        by_row(_spans(page), page.max_row),
        page.max_column,
    )  # both take a walk over all cells
    by_cell: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in rows:
        column = mark.column or (
            _first_column(page, mark.row_no or 1, width) if mark.back else None
        )
        if column is not None:
            by_cell[_anchor(merged, mark.row_no or 1, column)].append(mark)
    asked = [m for m in marks if m.header and m.verdict != "A"]
    places = _header_places(page, tables) if asked else {}
    for mark in asked:
        for place in places.get(leaf_of(mark.header or ""), ()):
            by_cell[place].append(mark)
    for (row_no, column), found in by_cell.items():
        _mark_cell(page.cell(row_no, column), found)
    if tables:
        _write_columns(page, tables, rows)


def _header_places(
    page: Worksheet, tables: Sequence[PlacedTable]
) -> Mapping[str, list[tuple[int, int]]]:
    """Return the cells down to the last header by what stands in them, without blanks."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in (
        page.iter_rows(max_row=max(t.header_row for t in tables)) if tables else ()
    ):
        for cell in row:
            if isinstance(cell.value, str):
                found["".join(cell.value.split())].append((cell.row, cell.column))
    return found


def _first_column(page: Worksheet, row_no: int, width: int) -> int:
    """Return where a row begins: what is wrong with it as a whole is shown there."""
    row = next(page.iter_rows(min_row=row_no, max_row=row_no, max_col=width))
    return next((cell.column for cell in row if cell.value is not None), 1)


def dress(page: Worksheet, tables: Iterable[PlacedTable]) -> None:
    """Give a rebuilt table lines and a visible header: its own formatting is lost."""
    last = _last_column(page)
    for table in tables:
        page.row_dimensions[table.header_row].height = _HEADER_HEIGHT
        for column in range(1, last + 1):
            _write_style(page.cell(table.header_row, column), head=True)
        for row in page.iter_rows(min_row=table.header_row + 1, max_col=last):
            if all(cell.value is None for cell in row):
                break
            for cell in row:
                _write_style(cell, head=False)


def _write_style(cell: Any, head: bool) -> None:
    cell.border = _BOX
    if head:
        cell.font, cell.fill = plain_font(bold=True), _HEAD
        cell.alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=True
        )


def _spans(page: Worksheet) -> list[Span]:
    return [
        (s.min_row, s.min_col, s.max_row, s.max_col) for s in page.merged_cells.ranges
    ]


def _anchor(
    merged: Mapping[int, Sequence[Span]], row_no: int, column: int
) -> tuple[int, int]:
    """Return the cell that carries the value: the first of a merge."""
    over = (s for s in merged.get(row_no, ()) if s[1] <= column <= s[3])
    return next(((top, left) for top, left, _, _ in over), (row_no, column))


def _mark_cell(cell: Any, marks: Sequence[Mark]) -> None:
    cell.fill = _RED if any(m.back for m in marks) else _YELLOW
    if any(m.rule in TEXT_RULES for m in marks):
        cell.number_format = "@"
    text = COMMENT_START + "\n".join(sentences(marks))
    if cell.comment is not None:
        text += KEPT_COMMENT + cell.comment.text
    lines = sum(1 + len(line) // 18 for line in text.split("\n"))
    cell.comment = Comment(text, _AUTHOR, height=24 + 20 * min(lines, 12), width=300)


def _write_columns(
    page: Worksheet, tables: Sequence[PlacedTable], marks: Sequence[Mark]
) -> None:
    first = _last_column(page) + 1
    top = min(t.header_row for t in tables)
    for table in tables:
        _write_headers(page, table.header_row, first)
    by_row: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_row[mark.row_no or 0].append(mark)
    for row_no, found in by_row.items():
        _write_result(page, row_no, first, found)
    for row_no, reference in references(tables).items():
        put_text(page.cell(row_no, first + 2), REFERENCE_PREFIX + reference)
    for offset, width in enumerate(_WIDTHS):
        page.column_dimensions[get_column_letter(first + offset)].width = width
    page.column_dimensions[get_column_letter(first + 2)].hidden = True
    if page.freeze_panes is None:
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
        cell.font, cell.fill, cell.border = plain_font(bold=True), _HEAD, _BOX
        cell.alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=True
        )


def _write_result(
    page: Worksheet, row_no: int, first: int, marks: Sequence[Mark]
) -> None:
    back = any(m.back for m in marks)
    lines = sentences(marks)
    numbered = (
        lines
        if len(lines) == 1
        else [f"{n}. {text}" for n, text in enumerate(lines, 1)]
    )
    result, advice = page.cell(row_no, first), page.cell(row_no, first + 1)
    put_text(result, "已退回" if back else "请核实")
    put_text(advice, "\n".join(numbered))
    for cell in (result, advice):
        cell.font, cell.border = plain_font(), _BOX
        cell.fill = _RED if back else _YELLOW
    result.alignment = Alignment(horizontal="center", vertical="center")
    advice.alignment = Alignment(vertical="center", wrap_text=True)
    _grow(page, row_no, sum(1 + (len(text) - 1) // _PER_LINE for text in numbered))


def _grow(page: Worksheet, row_no: int, lines: int) -> None:
    """Make a row high enough for its advice; spreadsheet programs keep a height that is written down."""
    wanted = min(lines * _LINE_HEIGHT + 3, _MAX_HEIGHT)
    page.row_dimensions[row_no].height = max(
        page.row_dimensions[row_no].height or _LINE_HEIGHT, wanted
    )


def guard_cells(page: Worksheet) -> None:
    """Keep every text of the clerk from turning into a formula when it is edited."""
    for row in page.iter_rows():
        for cell in row:
            if isinstance(cell, Cell):
                guard_text(cell)
