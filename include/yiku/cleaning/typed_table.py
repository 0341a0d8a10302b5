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
from yiku.cleaning.cleaned import BLANK, Cleaned, CleaningContext, Note, Parsed, unknown
from yiku.cleaning.column_parsers import (
    Desk,
    Reader,
    number_rules,
    reader_for,
    special_reader,
)
from yiku.cleaning.dates import partner_of
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
_CHOICES: dict[tuple[str, bool, str], ChoiceReader] = {}


class _Work:
    """One table on its way to being clean."""

    def __init__(self, table: Table, contract: Contract, desk: Desk) -> None:
        self.table, self.contract, self.desk = table, contract, desk
        self.columns: crosswise.Columns = {}
        self.cleaned = Cleaned(table.list_code, table.sheet, table.part, pd.DataFrame())

    def note(self, notes: Iterable[Note]) -> None:
        """Keep notes, and the text of the cells that they speak of."""
        for note in notes:
            self.cleaned.notes.append(note)
            cells = self.table.cells.get(note.field)
            if cells is not None and cells[note.position] is not None:
                self.cleaned.original.setdefault(
                    (note.position, note.field), shown(cells[note.position])
                )


_MOST_TEXT = 1_000


def _guarded(read: Reader, column: Column) -> Reader:
    """Answer for what has the same meaning in every column: spreadsheet errors (L21) and 'as above' (L12)."""
    broken = "Q" if column.need in "MS" else "W"
    # No number, day, name or choice is as long. What is cut off costs no time; its mark lets no reader understand it.
    most = None if column.kind == "text" else _MOST_TEXT

    def answer(value: object) -> Parsed:
        if isinstance(value, str) and len(value) <= 12:
            if is_error(value.strip()):
                return unknown("L21", broken)
            if is_ditto(value):
                return unknown("L12", "Q")
            return read(value)
        return read(
            value[:most] + "…"
            if isinstance(value, str) and most and len(value) > most
            else value
        )

    return answer


def _memo(column: Column, cells: Sequence[CellValue], desk: Desk) -> dict[Any, Parsed]:
    """Return what is known before reading: clean IDs, whose check digits are computed together."""
    if column.kind not in ("id", "id_or_uscc"):
        return {}
    return read_clean_ids(
        [c for c in cells if isinstance(c, str)], desk.context.business_date
    )


def _read_column(work: _Work, column: Column, cells: list[CellValue]) -> None:
    read = _guarded(reader_for(column, work.desk), column)
    memo = _memo(column, cells, work.desk)
    keys: list[Any] = cells
    if (
        not set(map(type, cells)) <= _TEXT
    ):  # 1, 1.0 and TRUE are equal, and different cells
        keys = [
            cell if cell.__class__ is str else (cell.__class__, cell) for cell in cells
        ]
    noted = set()
    for key in dict.fromkeys(keys):
        if key in memo:
            continue
        cell = key[1] if key.__class__ is tuple else key
        parsed = memo[key] = BLANK if cell is None else read(cell)
        if parsed.met or parsed.quality:
            noted.add(key)
    work.columns[column.name] = [memo[key].value for key in keys]
    if noted:
        for i, key in enumerate(keys):
            if key in noted:
                _keep(work, i, column.name, memo[key])


def _keep(work: _Work, position: int, name: str, parsed: Parsed) -> None:
    if parsed.quality:
        work.cleaned.quality[position, name] = dict(parsed.quality)
    work.note(Note(position, name, code, facts) for code, facts in parsed.met)


def _reread_special(work: _Work, column: Column) -> None:
    """Read again the cells whose font or number format changes what they mean."""
    look = work.table.look
    own = (
        look.symbol_font
        if column.kind == "bool"
        else look.percent
        if column.kind == "percent"
        else ()
    )
    if not (own or look.formats):
        return
    for i, cell in enumerate(work.table.cells[column.name]):
        read = (
            special_reader(column, work.desk, (i, column.name))
            if cell is not None
            else None
        )
        if read is not None:
            _forget(work, i, column.name)
            parsed = read(cell)
            work.columns[column.name][i] = parsed.value
            _keep(work, i, column.name, parsed)


def _forget(work: _Work, position: int, name: str) -> None:
    cleaned = work.cleaned
    cleaned.quality.pop((position, name), None)
    cleaned.original.pop((position, name), None)
    cleaned.notes[:] = [
        n for n in cleaned.notes if (n.position, n.field) != (position, name)
    ]


def _formula_notes(work: _Work, column: Column) -> Iterable[Note]:
    """Note formulas without a result (L20), and amounts that sum up other rows (N06)."""
    look = work.table.look
    if not (look.uncached or look.formulas):
        return
    for i, row in enumerate(work.table.rows):
        at = work.table.where(column.name, i)
        if at is None:
            return
        if (row, at.column) in look.uncached:
            yield Note(i, column.name, "L20", {"level": "Q"})
        sums = (
            _SUM.search(look.formulas.get((row, at.column), ""))
            if column.kind in ("money", "number")
            else None
        )
        if sums and sums[1] != sums[2]:
            yield Note(i, column.name, "N06", {"level": "Q"})


def _put_in_place(work: _Work) -> None:
    """Note the rows of a csv that a separator inside a cell has moved (L23), and put what a remark lost back to it."""
    surplus = _surplus(work.table)
    first = next(
        (c.name for c in work.contract.columns if c.name in work.table.cells), None
    )
    if not surplus or first is None:
        return
    fits = _fitting(work)
    one_by_one = len(surplus) <= displaced.MOST_ROWS and not work.table.places
    for i, more in surplus.items():
        line = displaced.line_at(work.table, work.contract, i, more)
        if not one_by_one or displaced.is_displaced(line, fits):
            work.note([Note(i, first, "L23", {})])
        elif (rest := displaced.rest_of_last(line)) and (last := line.columns[-1]):
            work.columns[last.name][i] = reader_for(last, work.desk)(rest).value


def _fitting(work: _Work) -> displaced.Fits:
    """Return what tells whether a cell has a meaning in a column."""
    readers: dict[str, Reader] = {}

    def fits(column: Column, cell: CellValue) -> bool:
        read = readers.setdefault(column.name, reader_for(column, work.desk))
        parsed = read(cell)
        return parsed.value is not None and all(
            m.facts.get("level") != "Q" for m in parsed.met
        )

    return fits


def _surplus(table: Table) -> dict[int, Surplus]:
    """Return by position the rows of a csv with more cells than their header has: 1,300,000 without quotes is three.

    A header with an empty cell at its end has a column without a name there, and displaces nothing.
    """
    first, last = table.header_rows
    look = table.look
    head = max(look.records[first - 1 : last], default=(0, 0))
    found = {}
    for at, row in enumerate(table.rows):
        used = look.records[row - 1][1] if row <= len(look.records) else 0
        more = look.surplus.get(row) or (
            Surplus(head[1], used - head[1]) if used > head[0] > 0 else None
        )
        if more:
            found[at] = more
    return found


def _take_ends(work: _Work) -> None:
    """Take the end of an interval that stands in the column of its start alone: 2018.2-2018.6 below 起始日期.

    Where an end stands beside it and is another day, nobody can say which is meant (T06).
    """
    for column in work.contract.columns:
        other = partner_of(column.name)
        if not work.contract.has(other) or column.name not in work.table.cells:
            continue
        intervals = {
            n.position
            for n in work.cleaned.notes
            if (n.field, n.code) == (column.name, "T07")
        }
        read = _guarded(
            reader_for(work.contract.column(other), work.desk),
            work.contract.column(other),
        )
        for at in sorted(intervals):
            _take_end(
                work, at, (column.name, other), read(work.table.cells[column.name][at])
            )


def _take_end(work: _Work, at: int, names: tuple[str, str], end: Parsed) -> None:
    start, other = names
    stated = work.table.cells.get(other, [None] * len(work.table.rows))[at]
    if stated is None:
        work.columns[other][at] = end.value
        _keep(work, at, other, end)
    elif end.value is not None and work.columns[other][at] not in (end.value, None):
        _forget(work, at, start)
        work.columns[start][at] = None
        _keep(work, at, start, unknown("T06", "Q"))


def _ask_for_unit(work: _Work, money: Sequence[Column]) -> None:
    """Note the money columns whose unit is in doubt (N02): the sheet waits for an answer."""
    doubted: dict[str, dict[str, object]] = {}
    for column in money:
        cells = _without_own_unit(work.table, column.name)
        doubt = unit_doubt(
            cells, work.table.units.get(column.name), number_rules(column, work.desk)
        )
        if doubt:
            doubted[column.name] = doubt
    if doubted:
        seen = [
            work.table.matched[n].header if n in work.table.matched else n
            for n in doubted
        ]
        kinds = {n: d["kind"] for n, d in doubted.items()}
        work.cleaned.sheet_facts["N02"] = {
            "fields": tuple(doubted),
            "header": "、".join(seen),
            "kinds": kinds,
        }


def _without_own_unit(table: Table, name: str) -> list[object]:
    """Return a column's cells but for those whose number format says how they are meant."""
    cells, formats = table.cells.get(name, []), table.look.formats
    if not formats:
        return list(cells)
    places = [
        (row, at.column if (at := table.where(name, i)) else 0)
        for i, row in enumerate(table.rows)
    ]
    return (
        [
            cell
            for cell, place in zip(cells, places, strict=True)
            if place not in formats
        ]
        if cells
        else []
    )


def _split_off_certificates(work: _Work) -> None:
    """Move a disability certificate that stood in the ID column to its own column, if that is empty there (I14)."""
    target = work.columns.get("disability_no")
    if target is None:
        return
    for (i, name), quality in work.cleaned.quality.items():
        if (
            name == work.contract.person_id
            and "disability_no" in quality
            and target[i] is None
        ):
            target[i] = quality["disability_no"]


def _compare_columns(work: _Work) -> None:
    table, contract, context = work.table, work.contract, work.desk.context
    for column in contract.columns:
        cells = table.cells.get(column.name)
        if cells is None:
            continue
        values = work.columns[column.name]
        if column.kind in ("phone", "id"):
            work.note(
                list(crosswise.drag_notes(column.name, values, cells, table.rows))
            )
        if column.name == contract.person_id:
            work.cleaned.id_looks = shares(cells, values, column.kind)
        if column.name == "remark":
            work.note(crosswise.remark_notes(column.name, values))
        merged = table.merged.get(column.name, frozenset())
        work.note(crosswise.merged_notes(column.name, merged, table.rows))
    if contract.has(
        "remark"
    ):  # what is kept beside the columns of the list is a remark as well
        for beside in table.extra.values():
            work.note(list(crosswise.remark_notes("remark", beside)))
    if contract.person_name:
        said = [
            work.cleaned.quality.get((i, contract.person_name), {}).get("remark")
            for i in range(len(table.rows))
        ]
        work.note(crosswise.remark_notes(contract.person_name, said))
    as_of = as_of_date(
        table.metadata.fill_date, context.file_period, context.business_date
    )
    work.note(
        list(
            crosswise.derive_from_id(
                contract, work.columns, work.cleaned.quality, as_of
            )
        )
    )
    _split_off_certificates(work)


def _frame(work: _Work) -> pd.DataFrame:
    """Put the columns side by side as one block of objects: typed by us, never guessed by pandas."""
    n, table = len(work.table.rows), work.table
    columns: dict[str, Sequence[object]] = {
        c: work.columns.get(c, [None] * n) for c in work.contract.names
    }
    columns |= {
        "row_no": table.rows,
        "sheet": [table.sheet] * n,
        "part": [table.part] * n,
    }
    block: np.ndarray[Any, np.dtype[np.object_]] = np.empty(
        (len(columns), n), dtype=object
    )
    for j, values in enumerate(columns.values()):
        block[j] = np.fromiter(values, dtype=object, count=n)
    return pd.DataFrame(block.T, columns=list(columns), dtype=object, copy=False)


def clean_table(
    table: Table,
    contract: Contract,
    codes: Mapping[str, CodeList],
    context: CleaningContext,
) -> Cleaned:
    """Bring a table's cells to the types of its contract and note everything that was met on the way.

    Nothing that a clerk typed makes it raise; a contract that names an unknown kind or code list does (KeyError).
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
    _take_ends(work)
    _compare_columns(work)
    _put_in_place(work)
    _ask_for_unit(work, [c for c in contract.columns if c.kind == "money"])
    work.cleaned.frame = _frame(work)
    return work.cleaned
