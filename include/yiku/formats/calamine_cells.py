"""Cells through calamine: the fastest way to values, with its surprises put right.

It shows errors and formulas without a result as empty text, and a date cell that holds zero as midnight.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from yiku.calendar import SHANGHAI
from yiku.formats.cells import CellValue, RefusedError, Span

MAX_CELLS = 3_000_000  # of all sheets together, blanks inside the used area counted
_ODD_TYPES = {dt.time, dt.timedelta}


@dataclass
class RawSheet:
    """What calamine tells of one worksheet; ``index`` counts every sheet of the workbook, charts too."""

    index: int
    name: str
    visible: bool
    values: list[list[CellValue]]
    merges: tuple[Span, ...]


def read_with_calamine(data: bytes) -> list[RawSheet]:
    """Return every worksheet. F06 when the file is damaged, F13 when its used area is too large."""
    try:
        return _read(data)
    except RefusedError:
        raise
    except BaseException as error:
        # A panic of the Rust library is no Exception; it says that the file is broken, like its ordinary errors.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise RefusedError("F06", why=type(error).__name__) from None
        raise


def _read(data: bytes) -> list[RawSheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    result, cells = [], 0
    for index, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        cells += _area(sheet)
        if cells > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        visible = meta.visible == SheetVisibleEnum.Visible
        result.append(
            RawSheet(index, meta.name, visible, _values(sheet), _merges(sheet))
        )
    return result


def _area(sheet: CalamineSheet) -> int:
    """Return the number of cells from A1 to the last one; calamine's own total height leaves the last row out."""
    return (sheet.end[0] + 1) * (sheet.end[1] + 1) if sheet.end else 0


def _values(sheet: CalamineSheet) -> list[list[CellValue]]:
    rows = sheet.to_python(skip_empty_area=False) if sheet.start is not None else []
    kinds: set[type] = set()
    for row in rows:
        kinds.update(map(type, row))
    if kinds & _ODD_TYPES:
        return trim([[_plain(v) for v in row] for row in rows])
    return trim([[None if v == "" else v for v in row] for row in rows])


def _plain(value: object) -> CellValue:
    if isinstance(value, dt.time):
        return time_text(value)
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return None if value == "" else value  # type: ignore[return-value]


def time_text(value: dt.time) -> str:
    """Return a time of day as text; midnight is what a date cell with the number 0 gives, shown as 1900-01-00."""
    return value.strftime("%H:%M:%S") if value != dt.time() else "1900-01-00"


def iso_moment(text: str) -> dt.datetime:
    """Return what an ISO date or time shows on a clock here, with no zone: no spreadsheet knows any. ValueError."""
    found = dt.datetime.fromisoformat(text)
    try:
        return (
            found.astimezone(SHANGHAI).replace(tzinfo=None) if found.tzinfo else found
        )
    except OverflowError:
        raise ValueError from None


def trim(rows: list[list[CellValue]]) -> list[list[CellValue]]:
    """Cut the blank rows at the end and the blank columns at the right, in place; all rows get the same width."""
    while rows and all(v is None for v in rows[-1]):
        rows.pop()
    width = 0
    for row in rows:
        end = len(row)
        while end > width and row[end - 1] is None:
            end -= 1
        width = max(width, end)
    for row in rows:
        del row[width:]
        row.extend([None] * (width - len(row)))
    return rows


def _merges(sheet: CalamineSheet) -> tuple[Span, ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple(
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in ranges
    )
