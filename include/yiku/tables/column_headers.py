"""The header of one column: its levels, what stands below it, whether it only counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.column_fit import ColumnSample
from yiku.tables.grid import Grid
from yiku.tables.value_profile import cell_text

SERIAL = frozenset(
    {
        "序号",
        "序",
        "no",
        "顺序号",
        "行号",
        "排序",
        "编次",
        "序列",
        "顺序",
        "sn",
        "序数",
    }
)
# Serials only if the values count up: 编号 may as well be the number of a certificate.
_BARE_NUMBERS = frozenset({"编号", "号", "编码", "号数", "代码", "代号", "数"})
_MOST_DIGITS = 5  # of a serial number; more digits are somebody's number


@dataclass(frozen=True)
class ColumnHeader:
    """One column's header: its levels from the group down to the leaf, and a sample.

    ``column`` is numbered from 0; ``sample`` is what stands below the header.
    """

    column: int
    levels: tuple[str, ...]
    sample: ColumnSample

    @property
    def text(self) -> str:
        """The header as a clerk would say it: the leaf, after its group if any."""
        return "".join(self.levels)

    @property
    def leaf(self) -> str:
        """The lowest level of the header."""
        return self.levels[-1] if self.levels else ""


def is_serial(header: ColumnHeader) -> bool:
    """Return whether a column only numbers the rows."""
    keys = header_text.keys(header.leaf)
    if not SERIAL.isdisjoint(keys):
        return True
    if _BARE_NUMBERS.isdisjoint(keys):
        return False
    return counts_up(header.sample.values)


def counts_up(values: Sequence[CellValue]) -> bool:
    """Return whether values go 1 2 3, beginning again where they like."""
    numbers: list[int] = []
    for value in values:
        text = cell_text(value).strip()
        if text.isdecimal() and len(text) <= _MOST_DIGITS:
            numbers.append(int(text))
    if not values or len(numbers) * 10 < len(values) * 9:
        return False
    if numbers[0] != 1:
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    return steps.count(1) * 2 >= len(steps)


def nameless_columns(
    grid: Grid,
    headers: Sequence[ColumnHeader],
    part: int,
) -> frozenset[int]:
    """Return the columns without a header at the left edge of a sheet.

    Numbers and 合计 may stand there. Of tables side by side (``part``) only the first
    has a left edge of its own.
    """
    if part or not grid.rows:
        return frozenset()
    first = min((header.column for header in headers), default=0)
    return frozenset(range(first))


def serial_column(
    grid: Grid,
    headers: Sequence[ColumnHeader],
    nameless: frozenset[int],
    bottom: int,
) -> int | None:
    """Return the column that numbers the rows below ``bottom``, if there is one."""
    for header in headers:
        if is_serial(header):
            return header.column
    body = grid.rows[bottom + 1 :]
    for column in sorted(nameless):
        sample = ColumnSample(body, column)
        if counts_up(sample.values):
            return column
    return None
