"""What cells of a table say of one another once each is read: moved, ends, units, certificates, repeats."""

from __future__ import annotations

from collections.abc import Sequence

from yiku.calendar import as_of_date
from yiku.cleaning import crosswise, displaced
from yiku.cleaning.cleaned import (
    Note,
    Parsed,
    unknown,
)
from yiku.cleaning.column_parsers import (
    Reader,
    number_rules,
    reader_for,
)
from yiku.cleaning.column_reading import TableWork, guarded
from yiku.cleaning.date_rules import partner_of
from yiku.cleaning.money_units import unit_doubt
from yiku.cleaning.value_patterns import shares
from yiku.contracts.contract import Column
from yiku.formats.cells import CellValue, Surplus
from yiku.tables.table import Table


def put_in_place(work: TableWork) -> None:
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


def _fitting(work: TableWork) -> displaced.Fits:
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


def take_ends(work: TableWork) -> None:
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
        read = guarded(reader_for(partner, work.desk), partner)
        for position in sorted(intervals):
            _take_end(
                work, position, (column.name, other), read(cells[position])
            )


def _take_end(
    work: TableWork,
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


def ask_for_unit(work: TableWork, money: Sequence[Column]) -> None:
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


def _split_off_certificates(work: TableWork) -> None:
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


def compare_columns(work: TableWork) -> None:
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
    work: TableWork,
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


def _note_remarks_elsewhere(work: TableWork) -> None:
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
