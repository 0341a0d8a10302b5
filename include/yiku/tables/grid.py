"""The cells of one sheet as a grid, every row as wide as the widest, blank text gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from yiku.formats.cells import CellValue, Sheet
from yiku.tables import header_hints
from yiku.tables.line_classes import is_number_row
from yiku.tables.split_dates import joined_day

_SPACES = (
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\xa0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\n ",
    " \n",
    " \xa0",
)
_MOST_SPACES = 12
# A look-up of the usual blanks is far cheaper than stripping each cell of a sheet.
_BLANKS: frozenset[CellValue] = frozenset(
    space * times for space in _SPACES for times in range(_MOST_SPACES + 1)
)


def text_of(value: CellValue) -> str:
    """Return a header cell as text without line breaks; '' for blanks."""
    if value is None:
        return ""
    if isinstance(value, str):
        return header_hints.bracketed(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _without_blanks(row: Sequence[CellValue]) -> list[CellValue]:
    """Return a row with its blank texts as None."""
    return [
        None if isinstance(cell, str) and cell in _BLANKS else cell
        for cell in row
    ]


class Grid:
    """The cells of a sheet by row and by column, both numbered from 0.

    ``counts`` says how many cells of each row hold something. Blank text counts as
    nothing: programs that export tables fill empty cells with spaces.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.width = max(map(len, sheet.values), default=0)
        self.height = len(sheet.values)
        self.rows = [self._widened(row) for row in sheet.values]
        if any(not _BLANKS.isdisjoint(column) for column in self.columns):
            self.rows = [_without_blanks(row) for row in self.rows]
            del self.columns
        self.counts = [self._count(row) for row in self.rows]

    def _widened(self, row: list[CellValue]) -> list[CellValue]:
        """Return a row of the grid's full width; the very same list where it has it."""
        missing = self.width - len(row)
        if not missing:
            return row
        return row + [None] * missing

    def _count(self, row: Sequence[CellValue]) -> int:
        """Return how many cells of a row hold something."""
        return self.width - row.count(None)

    @cached_property
    def columns(self) -> list[tuple[CellValue, ...]]:
        """The cells by column: what is sought in all rows is found quicker there."""
        return list(zip(*self.rows, strict=True))

    def cells_among(
        self, words: frozenset[CellValue], start: int
    ) -> Counter[int]:
        """Return how many cells of each row are one of ``words``.

        Rows before ``start`` (from 0) and rows without any are left out.
        """
        found: Counter[int] = Counter()
        for column in self.columns:
            below = column[start:]
            # most columns hold none of the words, which one comparison of sets tells
            if words.isdisjoint(below):
                continue
            hits = (
                row for row, cell in enumerate(below, start) if cell in words
            )
            found.update(hits)
        return found

    def join_days(
        self,
        columns: Sequence[int],
        start: int,
        repeated: frozenset[int],
    ) -> None:
        """Put year, month and day of ``columns`` into the first of them as one day.

        Done from the row ``start`` on (from 0), but for ``repeated`` header rows.
        """
        first, *others = columns
        for number in range(start, self.height):
            row = self.rows[number]
            if number in repeated or is_number_row(row):
                continue
            parts = [row[column] for column in columns]
            if all(part is None for part in parts):
                continue
            joined = list(row)  # the sheet's own row stays as the file has it
            joined[first] = joined_day(parts)
            for column in others:
                joined[column] = None
            self.rows[number] = joined
            self.counts[number] = self._count(joined)
        self.__dict__.pop("columns", None)

    def filled(self, row: int) -> list[int]:
        """Return the columns (from 0) of a row (from 0) that hold something."""
        return [
            column
            for column, value in enumerate(self.rows[row])
            if value is not None
        ]

    def merged_text(
        self,
        row: int,
        top: int,
        bottom: int,
    ) -> list[str]:
        """Return the texts of a header row, merged cells shown in each of their places.

        Merges that reach beyond the header (``top`` to ``bottom``) are left alone.
        """
        texts = [text_of(value) for value in self.rows[row]]
        for (
            first_row,
            first_column,
            last_row,
            last_column,
        ) in self.sheet.merges:
            # merges are numbered from 1
            merge_top, merge_bottom = first_row - 1, last_row - 1
            if not merge_top <= row <= merge_bottom:
                continue
            if merge_top < top or merge_bottom > bottom:
                continue
            text = ""
            if first_column <= self.width:
                text = text_of(self.rows[merge_top][first_column - 1])
            for column in range(
                first_column - 1, min(last_column, self.width)
            ):
                texts[column] = text
        return texts
