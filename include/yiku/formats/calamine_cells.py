"""Cells through calamine: the fastest way to values, with its surprises put right.

It shows errors and formulas without a result as empty text, and a date cell that holds zero as
midnight.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from itertools import chain

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from yiku.calendar import SHANGHAI
from yiku.formats.cells import CellValue, RefusedError, Span

MAX_CELLS = (
    3_000_000  # of all sheets together, blanks inside the used area counted
)
# Times of day and durations become text, as the readers of other formats give them.
_ODD_TYPES = {dt.time, dt.timedelta}
_MIDNIGHT = dt.time()


@dataclass
class RawSheet:
    """What calamine tells of one worksheet.

    ``index`` counts every sheet of the workbook, charts too.
    """

    index: int
    name: str
    visible: bool
    values: list[list[CellValue]]
    merges: tuple[Span, ...]


def read_with_calamine(data: bytes) -> list[RawSheet]:
    """Return every worksheet.

    F06 when the file is damaged, F13 when its used area is too large.
    """
    try:
        return _read(data)
    except RefusedError:
        raise
    except BaseException as error:
        # A panic of the Rust library is no Exception; it says that the file is broken, like its
        # ordinary errors.
        is_panic = type(error).__name__ == "PanicException"
        if isinstance(error, Exception) or is_panic:
            raise RefusedError("F06", why=type(error).__name__) from None
        raise


def _read(data: bytes) -> list[RawSheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    result = []
    cell_count = 0
    for index, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        # Counted before any cell is made.
        cell_count += _area(sheet)
        if cell_count > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        result.append(
            RawSheet(
                index=index,
                name=meta.name,
                visible=meta.visible == SheetVisibleEnum.Visible,
                values=_values(sheet),
                merges=_merges(sheet),
            )
        )
    return result


def _area(sheet: CalamineSheet) -> int:
    """Return the number of cells from A1 to the last one.

    calamine's own total height leaves the last row out.
    """
    if not sheet.end:
        return 0
    last_row, last_column = sheet.end
    return int((last_row + 1) * (last_column + 1))


def _values(sheet: CalamineSheet) -> list[list[CellValue]]:
    if sheet.start is None:
        return []
    rows = sheet.to_python(skip_empty_area=False)
    types = set(map(type, chain.from_iterable(rows)))
    # Looked at cell by cell only where there is any: this is the hottest loop of reading.
    if types & _ODD_TYPES:
        return trim([[_plain(value) for value in row] for row in rows])
    return trim(
        [[None if value == "" else value for value in row] for row in rows]
    )


def _plain(value: object) -> CellValue:
    """Return a value as every format gives it: blanks as None, times and durations as text."""
    if isinstance(value, dt.time):
        return time_text(value)
    if isinstance(value, dt.timedelta):
        return _duration_text(value)
    return None if value == "" else value  # type: ignore[return-value]


def _duration_text(value: dt.timedelta) -> str:
    """Return hours, minutes and seconds; a duration may have more hours than a day."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def time_text(value: dt.time) -> str:
    """Return a time of day as text.

    Midnight is what a date cell with the number 0 gives, shown as 1900-01-00.
    """
    return "1900-01-00" if value == _MIDNIGHT else value.strftime("%H:%M:%S")


def iso_moment(text: str) -> dt.datetime:
    """Return what an ISO date or time shows on a clock here, without a zone.

    No spreadsheet knows zones. ValueError where the text is none.
    """
    found = dt.datetime.fromisoformat(text)
    if not found.tzinfo:
        return found
    try:
        return found.astimezone(SHANGHAI).replace(tzinfo=None)
    except OverflowError:
        raise ValueError from None


def trim(rows: list[list[CellValue]]) -> list[list[CellValue]]:
    """Cut the blank rows at the end and the blank columns at the right, in place.

    All rows get the same width.
    """
    while rows and _is_blank(rows[-1]):
        rows.pop()
    width = 0
    for row in rows:
        end = len(row)
        # Only what lies beyond the widest row so far can make the sheet wider.
        while end > width and row[end - 1] is None:
            end -= 1
        width = max(width, end)
    for row in rows:
        del row[width:]
        row.extend([None] * (width - len(row)))
    return rows


def _is_blank(row: list[CellValue]) -> bool:
    return all(value is None for value in row)


def _merges(sheet: CalamineSheet) -> tuple[Span, ...]:
    """Return the merged ranges, counted from 1."""
    spans = []
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        spans.append((top + 1, left + 1, bottom + 1, right + 1))
    return tuple(spans)
