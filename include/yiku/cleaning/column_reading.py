"""One table on its way to being clean: its columns read cell by cell, each distinct value once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from yiku.cleaning import crosswise
from yiku.cleaning.cleaned import (
    BLANK,
    Cleaned,
    Note,
    Parsed,
    unknown,
)
from yiku.cleaning.column_parsers import (
    Desk,
    Reader,
    reader_for,
    special_reader,
)
from yiku.cleaning.ids import read_clean_ids
from yiku.cleaning.text import is_ditto, is_error, shown
from yiku.contracts.contract import Column, Contract
from yiku.formats.cells import CellValue
from yiku.tables.table import Table

_SUM = re.compile(r"\bSUM\(\$?[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)", re.I)
_TEXT = {str, type(None)}
_MOST_TEXT = 1_000
_LONGEST_WORD = 12  # of a spreadsheet error or of 'as above'


class TableWork:
    """One table on its way to being clean."""

    def __init__(
        self,
        table: Table,
        contract: Contract,
        desk: Desk,
    ) -> None:
        self.table, self.contract, self.desk = table, contract, desk
        self.columns: crosswise.Columns = {}
        self.cleaned = Cleaned(
            table.list_code,
            table.sheet,
            table.part,
            pd.DataFrame(),
        )

    def note(self, notes: Iterable[Note]) -> None:
        """Keep notes, and the text of the cells that they speak of."""
        for note in notes:
            self.cleaned.notes.append(note)
            cells = self.table.cells.get(note.field)
            if cells is None or cells[note.position] is None:
                continue
            text = shown(cells[note.position])
            self.cleaned.original.setdefault((note.position, note.field), text)

    def keep(
        self,
        position: int,
        name: str,
        parsed: Parsed,
    ) -> None:
        """Keep what was met in a cell, and how good its value is."""
        if parsed.quality:
            self.cleaned.quality[position, name] = dict(parsed.quality)
        self.note(
            Note(position, name, code, facts) for code, facts in parsed.met
        )

    def forget(self, position: int, name: str) -> None:
        """Drop what was met in a cell that is read again."""
        cleaned = self.cleaned
        cleaned.quality.pop((position, name), None)
        cleaned.original.pop((position, name), None)
        cleaned.notes[:] = [
            note
            for note in cleaned.notes
            if (note.position, note.field) != (position, name)
        ]

    def read_again(
        self,
        position: int,
        name: str,
        parsed: Parsed,
    ) -> None:
        """Put another reading of a cell in the place of the first."""
        self.forget(position, name)
        self.columns[name][position] = parsed.value
        self.keep(position, name, parsed)


def guarded(read: Reader, column: Column) -> Reader:
    """Answer for what has the same meaning in every column.

    Spreadsheet errors (L21) and 'as above' (L12).
    """
    # an error in a column that matters sends the row back, elsewhere it is asked about
    broken = "Q" if column.need in "MS" else "W"
    # No number, day, name or choice is as long. What is cut off costs no time; its mark
    # lets no reader understand it.
    most = None if column.kind == "text" else _MOST_TEXT

    def answer(value: object) -> Parsed:
        if not isinstance(value, str):
            return read(value)
        if len(value) <= _LONGEST_WORD:
            if is_error(value.strip()):
                return unknown("L21", broken)
            if is_ditto(value):
                return unknown("L12", "Q")
        elif most and len(value) > most:
            return read(value[:most] + "…")
        return read(value)

    return answer


def _memo(
    column: Column,
    cells: Sequence[CellValue],
    desk: Desk,
) -> dict[Any, Parsed]:
    """Return what is known before reading.

    Clean IDs, whose check digits are computed together.
    """
    if column.kind not in ("id", "id_or_uscc"):
        return {}
    # an ID stored as a number is no clean one (I01)
    texts = [cell for cell in cells if isinstance(cell, str)]
    return read_clean_ids(texts, desk.context.business_date)


def _keys(cells: list[CellValue]) -> list[Any]:
    """Return by what cells are told apart: 1, 1.0 and TRUE are equal, and differ.

    A column of texts is its own keys, which is the most of what is read.
    """
    if set(map(type, cells)) <= _TEXT:
        return cells
    return [
        cell if cell.__class__ is str else (cell.__class__, cell)
        for cell in cells
    ]


def read_column(
    work: TableWork,
    column: Column,
    cells: list[CellValue],
) -> None:
    """Read a column, each distinct value once.

    Cells that are equal are read alike: a column of 380 rows has a few dozen values.
    """
    read = guarded(reader_for(column, work.desk), column)
    memo = _memo(column, cells, work.desk)
    keys = _keys(cells)
    # most columns have nothing to note, and are not gone through a second time
    noted = set()
    for key in dict.fromkeys(keys):
        if key in memo:
            continue
        cell = key[1] if key.__class__ is tuple else key
        parsed = BLANK if cell is None else read(cell)
        memo[key] = parsed
        if parsed.met or parsed.quality:
            noted.add(key)
    work.columns[column.name] = [memo[key].value for key in keys]
    if not noted:
        return
    for position, key in enumerate(keys):
        if key in noted:
            work.keep(position, column.name, memo[key])


def reread_special(work: TableWork, column: Column) -> None:
    """Read again the cells whose font or number format changes what they mean."""
    look = work.table.look
    has_special = bool(look.formats)
    if column.kind == "bool":
        has_special |= bool(look.symbol_font)
    elif column.kind == "percent":
        has_special |= bool(look.percent)
    if not has_special:
        return
    for position, cell in enumerate(work.table.cells[column.name]):
        if cell is None:
            continue
        read = special_reader(column, work.desk, (position, column.name))
        if read is not None:
            work.read_again(position, column.name, read(cell))


def formula_notes(work: TableWork, column: Column) -> Iterable[Note]:
    """Note formulas without a result (L20), and amounts that sum up other rows (N06)."""
    look = work.table.look
    if not look.uncached and not look.formulas:
        return
    is_summed = column.kind in ("money", "number")
    for position, row in enumerate(work.table.rows):
        where = work.table.where(column.name, position)
        if where is None:
            return
        cell = (row, where.column)
        # a program that writes formulas without their results shows a blank
        if cell in look.uncached:
            yield Note(position, column.name, "L20", {"level": "Q"})
        if is_summed and _sums_rows(look.formulas.get(cell, "")):
            yield Note(position, column.name, "N06", {"level": "Q"})


def _sums_rows(formula: str) -> bool:
    """Return whether a formula adds up several rows; a sum along its row is none.

    SUM(E3:E9) does; SUM(E3:G3) adds up the parts of one row.
    """
    found = _SUM.search(formula)
    return found is not None and found[1] != found[2]
