"""The sums that a table itself states below its rows (L08)."""

from __future__ import annotations

from yiku.contracts import Contract
from yiku.formats.cells import CellValue
from yiku.tables.grid import Grid, text_of
from yiku.tables.table_layout import TableColumns, TableLines
from yiku.tables.value_profile import clean_text

_SUMMED = frozenset({"money", "number", "integer"})


def stated_totals(
    grid: Grid,
    contract: Contract,
    columns: TableColumns,
    lines: TableLines,
) -> dict[str, tuple[int, float]]:
    """Return by field the sum that the last row of totals states, with its row.

    Rows are numbered from 1. Nothing when that row cannot cover all rows: it stands
    above some of them, states a mean, or is one of several 小计.
    """
    last = max(lines.totals, default=-1)
    if not lines.rows or last < lines.rows[-1]:
        return {}
    # 合计 of means is no sum of the rows
    said = "".join(map(text_of, grid.rows[last]))
    if "均" in said or (len(lines.totals) > 1 and "小计" in said):
        return {}
    found: dict[str, tuple[int, float]] = {}
    for name, place in columns.by_field.items():
        if contract.column(name).kind not in _SUMMED:
            continue
        number = _amount(grid.rows[last][place])
        if number is not None:
            found[name] = (last + 1, number)
    return found


def _amount(value: CellValue) -> float | None:
    """Return the number that a cell of a total states, None where it has none.

    3,000元 is 3000.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = clean_text(str(value)).replace(",", "").removesuffix("元")
    try:
        return float(text)
    except ValueError:
        return None
