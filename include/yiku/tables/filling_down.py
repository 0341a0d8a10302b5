"""What merged, blank and 同上 cells of the data rows stand for.

A value is taken down only where the contract allows it or nobody could mean anything
else. An amount merged over three rows is one amount, never three (L10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from yiku.contracts import Column, Contract
from yiku.formats.cells import CellValue
from yiku.tables.grid import Grid
from yiku.tables.table_layout import TableColumns, TableLines
from yiku.tables.value_profile import clean_text

# 'as above' in words, in ditto marks, and in quotes that stand for them
_DITTO = frozenset(
    {
        "同上",
        "〃",
        '"',
        "″",
        "''",
        "“",
        "”",
        "“”",
        '""',
        "'",
        "ditto",
        "同前",
        "々",
        "´´",
        "〞",
        "＂",
    }
)
_LONGEST_DITTO = 8
# how the column of relations calls a household's head
_HEADS = ("户主", "本人", "本人或户主")
# what is somebody's own; an amount over three rows is one amount (L10)
_NEVER_SHARED = frozenset(
    {"id", "id_or_uscc", "money", "account", "disability"}
)
# Numbers that are given once.
_ONE_EACH = frozenset({"board_no", "post_no", "cert_no", "photo_no"})
_COUNTS = frozenset({"integer", "number", "percent"})


@dataclass
class FilledColumns:
    """The values of the columns after filling down, one for each data row.

    ``filled`` and ``merged`` say by field in which rows (from 1) a value was taken from
    above, and which rows a merge covers that must not be.
    """

    cells: dict[str, list[CellValue]]
    filled: dict[str, set[int]] = field(default_factory=dict)
    merged: dict[str, set[int]] = field(default_factory=dict)

    def take(
        self,
        name: str,
        position: int,
        value: CellValue,
        row: int,
    ) -> None:
        """Put a value that stands above into the cell of the data row ``row``."""
        self.cells[name][position] = value
        self.filled.setdefault(name, set()).add(row + 1)


def is_ditto(value: CellValue) -> bool:
    """Return whether a cell says 'the same as above'."""
    if not isinstance(value, str) or len(value) > _LONGEST_DITTO:
        return False
    return "".join(value.split()).lower() in _DITTO


def fill_down(
    grid: Grid,
    contract: Contract,
    columns: TableColumns,
    lines: TableLines,
) -> FilledColumns:
    """Take the cells of the data rows, and what stands above where it is meant."""
    picked = {
        name: _pick(grid.columns[place], lines.rows)
        for name, place in columns.by_field.items()
    }
    result = FilledColumns(picked)
    _fill_merges(grid, contract, columns, lines, result)
    blanks: list[Column] = []
    for name in columns.by_field:
        column = contract.column(name)
        if column.fill_down or column.kind == "code":
            _fill_dittos(name, lines, result)
        if column.fill_down:
            blanks.append(column)
    if blanks and lines.rows:
        serials = _serials(grid, columns, lines)
        _fill_blanks(blanks, serials, lines, result)
    return result


def _pick(column: Sequence[CellValue], rows: Sequence[int]) -> list[CellValue]:
    """Return the cells of ``rows``; one call for all of them, as columns are long."""
    if len(rows) > 1:
        return list(itemgetter(*rows)(column))
    return [column[row] for row in rows]


def _fill_merges(
    grid: Grid,
    contract: Contract,
    columns: TableColumns,
    lines: TableLines,
    result: FilledColumns,
) -> None:
    """Take what is merged over several rows to each of them.

    Where that must not be, the rows are kept in ``merged`` for cleaning to note.
    """
    positions = {row: position for position, row in enumerate(lines.rows)}
    names = {place: name for name, place in columns.by_field.items()}
    for first_row, first_column, last_row, _ in grid.sheet.merges:
        # merges are numbered from 1, and their last row is meant inclusively
        top = first_row - 1
        name = names.get(first_column - 1)
        if name is None or last_row <= first_row:
            continue
        value = (
            grid.rows[top][first_column - 1] if top in lines.classes else None
        )
        if value is None:
            continue  # what is merged with the header is not said of the rows
        below = range(top, min(last_row, grid.height))
        inside = [row for row in below if row in positions]
        column = contract.column(name)
        # a merge that begins above the rows says where they are, not what they are
        is_shared = top in positions and _is_shared(contract, column)
        if column.fill_down or is_shared:
            for row in inside:
                if row > top:
                    result.take(name, positions[row], value, row)
        elif len(inside) > 1:
            numbers = (row + 1 for row in inside)
            result.merged.setdefault(name, set()).update(numbers)


def _is_shared(contract: Contract, column: Column) -> bool:
    """Return whether a cell merged over rows is the value of each of them.

    So are the facts of a firm, a class, a visit. Never who a row is about, nor money:
    an amount over three rows is one amount (L10). Counts neither, but of what persons
    have in common.
    """
    if column.kind in _NEVER_SHARED or column.name in _ONE_EACH:
        return False
    if column.kind == "phone" and column.block is not None:
        return False
    if column.kind == "name":
        if column.name in (contract.person_name, "account_name"):
            return False
        return all(column.name not in part.columns for part in contract.keys)
    return column.kind not in _COUNTS or contract.person_id is not None


def _fill_dittos(
    name: str,
    lines: TableLines,
    result: FilledColumns,
) -> None:
    """Take what stands above a 同上, of a run of them from the first."""
    values = result.cells[name]
    # most columns have none, which their distinct values tell at once
    if not any(map(is_ditto, set(values))):
        return
    for position in range(1, len(values)):
        above = values[position - 1]
        if above is not None and is_ditto(values[position]):
            result.take(name, position, above, lines.rows[position])


def _fill_blanks(
    columns: Sequence[Column],
    serials: Sequence[int | None],
    lines: TableLines,
    result: FilledColumns,
) -> None:
    """Fill a place that is written in the first row only (L11).

    Only where the rows surely belong together: their numbers run on, or they are of
    one household.
    """
    nothing: list[CellValue] = [None] * len(lines.rows)
    # copies: filling the town must not change what its rows are compared by
    households = list(result.cells.get("household_no", nothing))
    towns = list(result.cells.get("town_name", nothing))
    is_one_household = _follows_same(households)
    # places first: what they gain does not depend on the others
    order = sorted(
        columns, key=lambda column: column.kind not in ("town", "village")
    )
    for column in order:
        values = result.cells[column.name]
        has_blank = any(value is None for value in values)
        is_joined = is_one_household
        if has_blank and _is_first_row_only(values):
            runs_on = _follows_in_number(serials, lines, towns)
            pairs = zip(runs_on, is_one_household, strict=True)
            is_joined = [by_number or same for by_number, same in pairs]
        if column.name == "household_no" or column.kind in ("name", "id"):
            heads = zip(is_joined, _are_heads(result), strict=True)
            is_joined = [joined and not is_head for joined, is_head in heads]
        for position in range(1, len(values)):
            above = values[position - 1]
            if (
                values[position] is None
                and above is not None
                and is_joined[position]
            ):
                result.take(column.name, position, above, lines.rows[position])


def _are_heads(result: FilledColumns) -> list[bool]:
    """Return for each row whether it is a household's head.

    With the head another household begins.
    """
    relations = result.cells.get("rel_to_head")
    if not relations:
        any_column = next(iter(result.cells.values()))
        return [False] * len(any_column)
    return [
        isinstance(value, str) and clean_text(value) in _HEADS
        for value in relations
    ]


def _is_first_row_only(values: Sequence[CellValue]) -> bool:
    """Return whether a column is written only where it changes.

    Where it is repeated, a blank is a blank.
    """
    if values[0] is None:
        return False
    repeated = 0
    for above, value in pairwise(values):
        if above is not None and above == value:
            repeated += 1
    blanks = sum(value is None for value in values)
    return repeated == 0 or blanks >= 3 * repeated


def _serials(
    grid: Grid,
    columns: TableColumns,
    lines: TableLines,
) -> list[int | None]:
    """Return the number that each data row has in the column that numbers them."""
    if columns.serial is None:
        return [None] * len(lines.rows)
    return [_serial(grid.rows[row][columns.serial]) for row in lines.rows]


def _serial(value: CellValue) -> int | None:
    """Return a row's number; None for anything that is no number."""
    if not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None


def _follows_in_number(
    serials: Sequence[int | None],
    lines: TableLines,
    towns: Sequence[CellValue],
) -> list[bool]:
    """Return for each row whether its number follows the one above.

    In the same town, and with no sum or village's name between.
    """
    # behind a sum or a village's name another group begins
    breaks = [*lines.totals, *lines.villages]
    stride = _stride(serials)
    found = [False]
    for position in range(1, len(serials)):
        before, number = serials[position - 1], serials[position]
        if before is None or number is None or number - before != stride:
            found.append(False)
            continue
        above, row = lines.rows[position - 1], lines.rows[position]
        is_cut = any(above < broken < row for broken in breaks)
        found.append(
            not is_cut and not _moved(towns[position - 1], towns[position])
        )
    return found


def _moved(before: CellValue, town: CellValue) -> bool:
    """Return whether two rows one below the other name two towns.

    A blank says nothing of another town.
    """
    return before is not None and town is not None and before != town


def _stride(serials: Sequence[int | None]) -> int:
    """Return the usual step of the numbers.

    1, or 2 where two tables side by side are numbered across.
    """
    steps: Counter[int] = Counter()
    for before, number in pairwise(serials):
        if before is not None and number is not None:
            steps[number - before] += 1
    return 2 if steps[2] > steps[1] else 1


def _follows_same(households: Sequence[CellValue]) -> list[bool]:
    """Return for each row whether it has the household of the row above.

    Rows without a household's number belong to none.
    """
    found = [False]
    for before, household in pairwise(households):
        found.append(before is not None and before == household)
    return found
