"""One table below its header: its list, its columns, its rows, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiku.contracts import Contract
from yiku.formats import return_marks
from yiku.tables import header_text, reshape
from yiku.tables.absent_columns import absent_columns
from yiku.tables.column_headers import (
    ColumnHeader,
    counts_up,
    is_serial,
    nameless_columns,
    serial_column,
)
from yiku.tables.filling_down import fill_down
from yiku.tables.grid import Grid
from yiku.tables.header_detection import TableHeader
from yiku.tables.known_headers import HeaderMatching, Match
from yiku.tables.list_choice import ListChoice, choose_list
from yiku.tables.reading_context import ReadingContext
from yiku.tables.row_classification import classify_lines
from yiku.tables.sheet_metadata import read_metadata
from yiku.tables.stated_totals import stated_totals
from yiku.tables.table import MatchedColumn, SheetMetadata, Table
from yiku.tables.table_layout import TableColumns, TableLines
from yiku.tables.twin_headers import tell_twins_apart
from yiku.tables.value_profile import cell_text
from yiku.tables.village_of_sheet import derive_village

_MARKS = (
    return_marks.RESULT_HEADER,
    return_marks.ADVICE_HEADER,
    return_marks.REFERENCE_HEADER,
)


@dataclass(frozen=True)
class TablePlace:
    """Where one table stands: below which header, and between which rows (from 0).

    ``part`` says which of the tables side by side below the header it is, ``headers``
    are its columns; ``above_from`` is the first row of what stands above it, ``stop``
    the row behind its last.
    """

    grid: Grid
    header: TableHeader
    part: int
    headers: Sequence[ColumnHeader]
    above_from: int
    stop: int

    @property
    def header_rows(self) -> tuple[int, int]:
        """The first and the last row of the header, from 1."""
        return self.header.top + 1, self.header.bottom + 1


def build_table(place: TablePlace, context: ReadingContext) -> Table:
    """Read one table; without a list (F12) when none can be named."""
    grid, header = place.grid, place.header
    # a column of numbers often has no header
    nameless = nameless_columns(grid, place.headers, place.part)
    serial = serial_column(grid, place.headers, nameless, header.bottom)
    own = frozenset(column.column for column in place.headers)
    asked = [
        column
        for column in place.headers
        # what we wrote ourselves, and numbers of rows, say nothing of the list
        if column.leaf not in _MARKS and not is_serial(column)
    ]
    choice = _choose(place, context, asked)
    matching = choice.matching
    if matching is None:
        columns = TableColumns({}, own, serial, nameless=nameless)
        return _without_list(place, columns, choice)
    # whose a column is must be known before its place in the table is taken
    problems = tell_twins_apart(matching, asked)
    contract = matching.contract
    by_field = {
        name: match.header.column for name, match in matching.matches.items()
    }
    columns = TableColumns.of(contract, by_field, own, serial, nameless)
    lines = classify_lines(grid, header, columns, place.stop)
    table = _table_of_list(place, context, matching, columns, lines)
    _keep_beside(table, place, lines)
    _add_marks(table, place, lines)
    derive_village(table, contract, lines, context.hints.villages)
    # last, as it makes several rows of one
    reshape.reshape(table, contract, matching, grid.rows)
    unclear = {str(facts["field"]) for _, facts in problems}
    absent = absent_columns(table, contract, unclear)
    table.problems = (*problems, *absent)
    return table


def _choose(
    place: TablePlace,
    context: ReadingContext,
    headers: Sequence[ColumnHeader],
) -> ListChoice:
    """Choose the list of a table by its headers, its title and its sheet's name."""
    above = place.grid.rows[place.above_from : place.header.top]
    title = read_metadata(above, [], context.hints.towns).title
    names = f"{title} {place.grid.sheet.name or ''}"
    return choose_list(context, headers, names, above)


def _without_list(
    place: TablePlace, columns: TableColumns, choice: ListChoice
) -> Table:
    """Return a table of which no list can be named, with its lines told all the same."""
    lines = classify_lines(place.grid, place.header, columns, place.stop)
    table = unknown_table(
        place.grid,
        lines.rows,
        place.header_rows,
        choice.best,
        choice.rivals,
    )
    table.lines = _from_one(lines.classes)
    return table


def unknown_table(
    grid: Grid,
    rows: Sequence[int],
    header_rows: tuple[int, int],
    best: float,
    rivals: tuple[str, ...],
) -> Table:
    """Return a table of no known list (F12); ``rows`` are numbered from 0."""
    sheet = grid.sheet
    facts = {"best": round(best, 2), "rivals": rivals, "sheet": sheet.name}
    return Table(
        sheet=sheet.name,
        part=0,
        list_code="",
        header_rows=header_rows,
        matched={},
        rows=[row + 1 for row in rows],
        cells={},
        metadata=SheetMetadata(),
        visible=sheet.visible,
        problems=(("F12", facts),),
        width=grid.width,
        look=sheet.look,
    )


def _table_of_list(
    place: TablePlace,
    context: ReadingContext,
    matching: HeaderMatching,
    columns: TableColumns,
    lines: TableLines,
) -> Table:
    """Return the table of the list that was chosen, with its cells filled down."""
    grid, contract = place.grid, matching.contract
    above = grid.rows[place.above_from : place.header.top]
    # who signed the table stands below it
    below = [grid.rows[row] for row in lines.notes]
    metadata = read_metadata(
        above, below, context.hints.towns, context.receipt_no
    )
    values = fill_down(grid, contract, columns, lines)
    unknown = _unknown(matching)
    extra = {
        name: [grid.rows[row][number - 1] for row in lines.rows]
        for number, name in unknown.items()
    }
    return Table(
        sheet=grid.sheet.name,
        part=place.part,
        list_code=contract.code,
        header_rows=place.header_rows,
        matched=_matched(matching),
        rows=[row + 1 for row in lines.rows],
        cells=values.cells,
        metadata=metadata,
        visible=grid.sheet.visible,
        unknown=unknown,
        extra=extra,
        filled={name: frozenset(rows) for name, rows in values.filled.items()},
        merged={name: frozenset(rows) for name, rows in values.merged.items()},
        units=_units(contract, matching.matches, metadata),
        totals=stated_totals(grid, contract, columns, lines),
        lines=_from_one(lines.classes),
        width=grid.width,
        look=grid.sheet.look,
    )


def _from_one(classes: Mapping[int, str]) -> dict[int, str]:
    """Return the classes of lines by their row as a spreadsheet program counts it."""
    return {row + 1: found for row, found in classes.items()}


def _keep_beside(
    table: Table,
    place: TablePlace,
    lines: TableLines,
) -> None:
    """Keep what stands beside the rows in columns without a header.

    It is kept as if below a header that nobody knows (L05), but for bare numbers to the
    left of the table.
    """
    grid = place.grid
    headed = {header.column for header in place.header.columns}
    own = [header.column for header in place.headers]
    first, last = min(own), max(own)
    right = [column for column in headed if column > last]
    end = min(right, default=grid.width)
    # what stands to the left of a table beside another belongs to that one
    start = first if table.part else 0
    for column in range(start, end):
        if column in headed:
            continue
        values = [grid.rows[row][column] for row in lines.rows]
        filled = [value for value in values if value is not None]
        if not filled or (column < first and counts_up(filled)):
            continue
        name = f"第{column + 1}列（无表头）"
        table.unknown = {**table.unknown, column + 1: name}
        table.extra[name] = values


def _unknown(matching: HeaderMatching) -> dict[int, str]:
    """Name the columns (from 1) that nobody knows.

    Of two with one name the second says where it stands.
    """
    found: dict[int, str] = {}
    for header in sorted(matching.unknown, key=lambda header: header.column):
        number = header.column + 1
        name = _shown(header)
        # two columns called 备注 are kept apart
        if name in found.values():
            name = f"{name}（第{number}列）"
        found[number] = name
    return found


def _shown(header: ColumnHeader) -> str:
    """Return a header as it is shown to its clerk, its levels apart."""
    return "/".join(header.levels)


def _matched(matching: HeaderMatching) -> dict[str, MatchedColumn]:
    """Return the columns that were matched, as a clerk would name them."""
    return {
        name: MatchedColumn(
            field=match.field,
            column=match.header.column + 1,
            header=_shown(match.header),
            how=match.how,
            score=match.score,
        )
        for name, match in matching.matches.items()
    }


def _units(
    contract: Contract,
    matches: Mapping[str, Match],
    metadata: SheetMetadata,
) -> dict[str, str]:
    """Say in which unit each money column is written: its own header, then the sheet."""
    # one column may be in 元 where the sheet says 万元
    found: dict[str, str] = {}
    for name, match in matches.items():
        if contract.column(name).kind != "money":
            continue
        unit = header_text.money_unit(match.header.text) or metadata.money_unit
        if unit:
            found[name] = unit
    return found


def _add_marks(
    table: Table,
    place: TablePlace,
    lines: TableLines,
) -> None:
    """Read what a return workbook carries beside its table.

    Row references, and the clerk's answers.
    """
    references = _texts_below(return_marks.REFERENCE_HEADER, place, lines)
    table.references = {
        row: text.removeprefix(return_marks.REFERENCE_PREFIX)
        for row, text in references.items()
    }
    table.answers = _texts_below(return_marks.ADVICE_HEADER, place, lines)


def _texts_below(
    leaf: str,
    place: TablePlace,
    lines: TableLines,
) -> dict[int, str]:
    """Return by row (from 1) the texts below the last header of this name."""
    columns = [
        header.column for header in place.headers if header.leaf == leaf
    ]
    if not columns:
        return {}
    found: dict[int, str] = {}
    for row in lines.rows:
        value = place.grid.rows[row][columns[-1]]
        if value is not None:
            found[row + 1] = cell_text(value).strip()
    return found
