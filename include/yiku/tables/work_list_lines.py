"""The lines of a work list (待办清单) that comes back, each with what its clerk filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yiku.formats import work_list_marks as marks
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.tables.value_profile import cell_text

# So many lines a clerk may have put above the header.
_MOST_ABOVE = 40


@dataclass(frozen=True)
class WorkListLine:
    """One line: where it stands, what it is about, and its cells by the headers of the sheet."""

    sheet: str | None
    row_no: int
    key: marks.LineKey
    kept: Mapping[str, Any]
    cells: Mapping[str, CellValue]
    columns: Mapping[str, int]  # from 1

    def text(self, header: str) -> str:
        """Return the cell below a header as text; '' for a blank or where the column has gone."""
        value = self.cells.get(header)
        return "" if value is None else cell_text(value).strip()


@dataclass
class WorkListSheets:
    """The sheets of a book that belong to a work list, their lines, and how many lines lost their key."""

    sheets: set[str | None]
    lines: list[WorkListLine]
    keyless_count: int = 0


def work_list_sheets(book: Book) -> WorkListSheets | None:
    """Return what a book holds of a work list, by the headers of our own columns; None of any other book."""
    found = WorkListSheets(set(), [])
    for sheet in book.sheets:
        header = _header_row(sheet)
        if header is None:
            continue
        found.sheets.add(sheet.name)
        found.lines.extend(_lines(sheet, header))
        found.keyless_count += _keyless_count(sheet, header)
    return found if found.sheets else None


def _header_row(sheet: Sheet) -> int | None:
    """Return the row (from 0) of the headers, None on a sheet that is none of ours."""
    for row_index, row in enumerate(sheet.values[:_MOST_ABOVE]):
        # Every file is asked this: no cell is looked at twice.
        if marks.KEY_HEADER in row:
            return row_index
    return None


def _header_text(value: CellValue) -> str:
    return value.strip() if isinstance(value, str) else ""


def _columns(sheet: Sheet, header: int) -> dict[str, int]:
    """Return where the columns stand (from 0), by their headers: clerks move them."""
    found: dict[str, int] = {}
    for position, value in enumerate(sheet.values[header]):
        text = _header_text(value)
        if text:
            found.setdefault(text, position)
    return found


def _lines(sheet: Sheet, header: int) -> Iterator[WorkListLine]:
    columns = _columns(sheet, header)
    for row_no, row in enumerate(sheet.values[header + 1 :], header + 2):
        cells = _cells(row, columns)
        key = marks.key_of(str(cells.pop(marks.KEY_HEADER) or ""))
        kept = marks.kept_of(str(cells.pop(marks.KEPT_HEADER, None) or ""))
        if key is not None:
            places = {name: at + 1 for name, at in columns.items()}
            yield WorkListLine(sheet.name, row_no, key, kept, cells, places)


def _cells(
    row: Sequence[CellValue], columns: Mapping[str, int]
) -> dict[str, CellValue]:
    found: dict[str, CellValue] = {}
    for name, position in columns.items():
        value = row[position] if position < len(row) else None
        is_blank = isinstance(value, str) and not value.strip()
        found[name] = None if is_blank else value
    return found


def _keyless_count(sheet: Sheet, header: int) -> int:
    """Count the lines with something under 改为 or 答复 whose key was typed over, or which a clerk put in herself."""
    columns = _columns(sheet, header)
    answered = [
        columns[name]
        for name in (marks.CHANGE_HEADER, marks.ANSWER_HEADER)
        if name in columns
    ]
    key_column = columns[marks.KEY_HEADER]
    count = 0
    for row in sheet.values[header + 1 :]:
        has_key = key_column < len(row) and row[key_column]
        key = marks.key_of(str(row[key_column])) if has_key else None
        filled = [at for at in answered if at < len(row) and row[at]]
        count += key is None and bool(filled)
    return count
