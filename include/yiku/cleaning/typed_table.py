"""A table cleaned column by column: each distinct value is parsed once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from yiku.calendar import as_of_date
from yiku.cleaning import crosswise, displaced
from yiku.cleaning.choices import ChoiceReader
from yiku.cleaning.cleaned import (
    BLANK,
    Cleaned,
    CleaningContext,
    Note,
    Parsed,
    unknown,
)
from yiku.cleaning.column_parsers import (
    Desk,
    Reader,
    number_rules,
    reader_for,
    special_reader,
)
from yiku.cleaning.date_rules import partner_of
from yiku.cleaning.ids import read_clean_ids
from yiku.cleaning.numbers import unit_doubt
from yiku.cleaning.text import is_ditto, is_error, shown
from yiku.cleaning.value_patterns import shares
from yiku.contracts.codes import CodeList
from yiku.contracts.contract import Column, Contract
from yiku.formats.cells import CellValue, Surplus
from yiku.tables.table import Table

_SUM = re.compile(r"\bSUM\(\$?[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)", re.I)
_TEXT = {str, type(None)}
_MOST_TEXT = 1_000
_LONGEST_WORD = 12  # of a spreadsheet error or of 'as above'
_CHOICES: dict[tuple[str, bool, str], ChoiceReader] = {}


class _Work:
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


def _guarded(read: Reader, column: Column) -> Reader:
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


def _read_column(
    work: _Work,
    column: Column,
    cells: list[CellValue],
) -> None:
    """Read a column, each distinct value once.

    Cells that are equal are read alike: a column of 380 rows has a few dozen values.
    """
    read = _guarded(reader_for(column, work.desk), column)
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


def _reread_special(work: _Work, column: Column) -> None:
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


def _formula_notes(work: _Work, column: Column) -> Iterable[Note]:
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


def _put_in_place(work: _Work) -> None:
    """Note the rows of a csv that a separator inside a cell has moved (L23).

    What a remark lost is put back to it.
    """
    surplus = _surplus(work.table)
    own = (column.name for column in work.contract.columns)
    first = next((name for name in own if name in work.table.cells), None)
    if not surplus or first is None:
        return
    fits = _fitting(work)
    # of a wide table nobody can say which cell of the sheet a value came from
    is_one_by_one = (
        len(surplus) <= displaced.MOST_ROWS and not work.table.places
    )
    for position, more in surplus.items():
        line = displaced.line_at(work.table, work.contract, position, more)
        if not is_one_by_one or displaced.is_displaced(line, fits):
            work.note([Note(position, first, "L23", {})])
            continue
        rest = displaced.rest_of_last(line)
        last = line.columns[-1]
        if rest and last:
            read = reader_for(last, work.desk)
            work.columns[last.name][position] = read(rest).value


def _fitting(work: _Work) -> displaced.Fits:
    """Return what tells whether a cell has a meaning in a column.

    What would send the row back has none.
    """
    readers: dict[str, Reader] = {}

    def fits(column: Column, cell: CellValue) -> bool:
        read = readers.get(column.name)
        if read is None:
            read = reader_for(column, work.desk)
            readers[column.name] = read
        parsed = read(cell)
        if parsed.value is None:
            return False
        return all(told.facts.get("level") != "Q" for told in parsed.met)

    return fits


def _surplus(table: Table) -> dict[int, Surplus]:
    """Return by position the rows of a csv with more cells than their header has.

    1,300,000 without quotes is three. A header with an empty cell at its end has a
    column without a name there, and displaces nothing.
    """
    first, last = table.header_rows
    records = table.look.records
    width, used_width = max(records[first - 1 : last], default=(0, 0))
    found: dict[int, Surplus] = {}
    for position, row in enumerate(table.rows):
        more = table.look.surplus.get(row)
        if not more:
            _, used = records[row - 1] if row <= len(records) else (0, 0)
            if used > width > 0:
                more = Surplus(used_width, used - used_width)
        if more:
            found[position] = more
    return found


def _take_ends(work: _Work) -> None:
    """Take the end of an interval that stands in the column of its start alone.

    2018.2-2018.6 below 起始日期. Where an end stands beside it and is another day,
    nobody can say which is meant (T06).
    """
    for column in work.contract.columns:
        other = partner_of(column.name)
        cells = work.table.cells.get(column.name)
        if cells is None or not work.contract.has(other):
            continue
        # T07 was noted where an interval stood in the cell
        intervals = {
            note.position
            for note in work.cleaned.notes
            if note.field == column.name and note.code == "T07"
        }
        partner = work.contract.column(other)
        read = _guarded(reader_for(partner, work.desk), partner)
        for position in sorted(intervals):
            _take_end(
                work, position, (column.name, other), read(cells[position])
            )


def _take_end(
    work: _Work,
    position: int,
    names: tuple[str, str],
    end: Parsed,
) -> None:
    """Take the end of one interval, or doubt its start (T06).

    It is taken where the column of ends is blank.
    """
    start, other = names
    cells = work.table.cells.get(other)
    if cells is None or cells[position] is None:
        work.columns[other][position] = end.value
        work.keep(position, other, end)
        return
    # both cells may say the same end
    written = work.columns[other][position]
    if end.value is not None and written not in (end.value, None):
        work.read_again(position, start, unknown("T06", "Q"))


def _ask_for_unit(work: _Work, money: Sequence[Column]) -> None:
    """Note the money columns whose unit is in doubt (N02).

    The sheet waits for an answer.
    """
    kinds: dict[str, object] = {}
    headers: list[str] = []
    # a column without a doubt says nothing for one beside it: 工资 in 元, 产值 in 万元
    for column in money:
        cells = _without_own_unit(work.table, column.name)
        unit = work.table.units.get(column.name)
        doubt = unit_doubt(cells, unit, number_rules(column, work.desk))
        if not doubt:
            continue
        kinds[column.name] = doubt["kind"]
        matched = work.table.matched.get(column.name)
        headers.append(matched.header if matched else column.name)
    if kinds:
        work.cleaned.sheet_facts["N02"] = {
            "fields": tuple(kinds),
            "header": "、".join(headers),
            "kinds": kinds,
        }


def _without_own_unit(table: Table, name: str) -> list[object]:
    """Return a column's cells but those whose number format says how they are meant."""
    cells = table.cells.get(name, [])
    formats = table.look.formats
    if not formats:
        return list(cells)
    kept: list[object] = []
    for position, cell in enumerate(cells):
        where = table.where(name, position)
        place = (table.rows[position], where.column if where else 0)
        if place not in formats:
            kept.append(cell)
    return kept


def _split_off_certificates(work: _Work) -> None:
    """Move a disability certificate from the ID column to its own column (I14).

    If that is empty there.
    """
    target = work.columns.get("disability_no")
    if target is None:
        return
    for (position, name), quality in work.cleaned.quality.items():
        if name != work.contract.person_id or target[position] is not None:
            continue
        if "disability_no" in quality:
            target[position] = quality["disability_no"]


def _compare_columns(work: _Work) -> None:
    """Note what the cells of a table say of one another."""
    for column in work.contract.columns:
        cells = work.table.cells.get(column.name)
        if cells is not None:
            _compare_within(work, column, cells)
    _note_remarks_elsewhere(work)
    context = work.desk.context
    as_of = as_of_date(
        work.table.metadata.fill_date,
        context.file_period,
        context.business_date,
    )
    derived = crosswise.derive_from_id(
        work.contract,
        work.columns,
        work.cleaned.quality,
        as_of,
    )
    work.note(derived)
    _split_off_certificates(work)


def _compare_within(
    work: _Work,
    column: Column,
    cells: Sequence[CellValue],
) -> None:
    """Note what the cells of one column say of one another."""
    name, rows = column.name, work.table.rows
    values = work.columns[name]
    if column.kind in ("phone", "id"):
        work.note(crosswise.drag_notes(name, values, cells, rows))
    if name == work.contract.person_id:
        work.cleaned.id_looks = shares(cells, values, column.kind)
    if name == "remark":
        work.note(crosswise.remark_notes(name, values))
    merged = work.table.merged.get(name, frozenset())
    work.note(crosswise.merged_notes(name, merged, rows))


def _note_remarks_elsewhere(work: _Work) -> None:
    """Note remarks that stand beside the columns of the list, or behind a name."""
    if work.contract.has("remark"):
        for beside in work.table.extra.values():
            work.note(crosswise.remark_notes("remark", beside))
    name = work.contract.person_name
    if name:
        quality = work.cleaned.quality
        said = [
            quality.get((position, name), {}).get("remark")
            for position in range(len(work.table.rows))
        ]
        work.note(crosswise.remark_notes(name, said))


def _frame(work: _Work) -> pd.DataFrame:
    """Put the columns side by side as one block of objects.

    Typed by us, never guessed by pandas.
    """
    table = work.table
    height = len(table.rows)
    columns: dict[str, Sequence[object]] = {}
    for name in work.contract.names:
        columns[name] = work.columns.get(name, [None] * height)
    columns["row_no"] = table.rows
    columns["sheet"] = [table.sheet] * height
    columns["part"] = [table.part] * height
    # pandas would make one array a column, and guess what is in it
    shape = (len(columns), height)
    block: np.ndarray[Any, np.dtype[np.object_]] = np.empty(
        shape, dtype=object
    )
    for number, values in enumerate(columns.values()):
        block[number] = np.fromiter(values, dtype=object, count=height)
    return pd.DataFrame(
        block.T, columns=list(columns), dtype=object, copy=False
    )


def clean_table(
    table: Table,
    contract: Contract,
    codes: Mapping[str, CodeList],
    context: CleaningContext,
) -> Cleaned:
    """Bring a table's cells to the types of its contract.

    Everything that was met on the way is noted. Nothing that a clerk typed makes it
    raise; a contract that names an unknown kind or code list does (KeyError).
    """
    work = _Work(table, contract, Desk(table, codes, context, _CHOICES))
    for column in contract.columns:
        cells = table.cells.get(column.name)
        if cells is None:
            work.columns[column.name] = [None] * len(table.rows)
            continue
        _read_column(work, column, cells)
        _reread_special(work, column)
        work.note(_formula_notes(work, column))
    # the end of an interval must stand before cells are compared
    _take_ends(work)
    _compare_columns(work)
    _put_in_place(work)
    money = [column for column in contract.columns if column.kind == "money"]
    _ask_for_unit(work, money)
    work.cleaned.frame = _frame(work)
    return work.cleaned
