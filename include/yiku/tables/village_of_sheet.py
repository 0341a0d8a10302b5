"""The village of rows that have no column for it.

It may be named by a line above its people, by the sheet's name or by the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from yiku.contracts import Contract
from yiku.formats.cells import CellValue
from yiku.tables.sheet_metadata import village_in
from yiku.tables.table import MatchedColumn, Table
from yiku.tables.table_layout import TableLines
from yiku.tables.value_profile import clean_text

_FIELD = "village_name"
# 01前进村, 前进村名单, 3.前进社区(2)
_SHEET_NAME = re.compile(
    r"^\d{0,3}[.、_\-]?([^\W\d_a-zA-Z]{1,8}?(?:村|社区|居委会|居))"
    r"(?:[\d(_\-].*|名单|名册|花名册|台账|表)?$"
)
# 各村, 贫困村, 行政村 and 全村 name no village
_NO_VILLAGE = ("各", "贫困", "行政", "全")


def derive_village(
    table: Table,
    contract: Contract,
    lines: TableLines,
    villages: Iterable[str],
) -> None:
    """Take the village from around the table, where no column says it.

    ``villages`` are the names of those that the county has.
    """
    if not contract.has(_FIELD):
        return
    values = table.cells.get(_FIELD)
    if values is not None and any(value is not None for value in values):
        return
    source, village = _village_of(table, villages)
    column: list[CellValue] = []
    for row in table.rows:
        column.append(_village_above(lines, row - 1) or village)
    if not any(column):
        return
    table.cells[_FIELD] = column
    table.filled = {**table.filled, _FIELD: frozenset(table.rows)}
    if values is None:
        matched = MatchedColumn(_FIELD, 0, source or "", "sheet")
        table.matched = {**table.matched, _FIELD: matched}


def _village_above(lines: TableLines, row: int) -> str | None:
    """Return the village that the nearest line above a row (from 0) names alone."""
    above = [line for line in lines.villages if line < row]
    return lines.villages[max(above)] if above else None


def _village_of(
    table: Table,
    villages: Iterable[str],
) -> tuple[str | None, str | None]:
    """Return what names the village of a whole table, and the village."""
    name = clean_text(table.sheet or "")
    match = _SHEET_NAME.match(name)
    if match and not match[1].startswith(_NO_VILLAGE):
        return table.sheet, match[1]
    if name:
        for village in villages:
            if name == village.removesuffix("村").removesuffix("社区"):
                return table.sheet, village
    metadata = table.metadata
    titled = village_in(metadata.title) or village_in(
        metadata.reporting_unit or ""
    )
    return (metadata.title, titled) if titled else (None, None)
