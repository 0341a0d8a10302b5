"""A workbook as its file holds it: sheets of cells, and what a program shows beside their values.

Rows and columns are numbered from 1, as a spreadsheet program shows them. For csv the row number
is the record's number, the first line being 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

CellValue = str | int | float | bool | date | datetime | None
Span = tuple[
    int, int, int, int
]  # first row, first column, last row, last column


class RefusedError(Exception):
    """A file that cannot be taken in: a fault of the file, never one of ours.

    ``rule`` is its rule id (F05, F06, F07, F13 …), ``facts`` what its message needs.
    """

    def __init__(self, rule: str, **facts: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.facts = facts


class Surplus(NamedTuple):
    """How many columns the header of a csv has, and how many cells a row has beyond them."""

    width: int
    more: int


@dataclass
class Look:
    """What a sheet shows beside its values. Empty where the format cannot tell."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck_rows: frozenset[int] = frozenset()
    coloured_rows: frozenset[int] = frozenset()
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    uncached: frozenset[tuple[int, int]] = frozenset()
    percent: frozenset[tuple[int, int]] = frozenset()
    symbol_font: frozenset[tuple[int, int]] = frozenset()
    text_boxes: tuple[str, ...] = ()
    # Number formats that say more than a number.
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    # Of a csv: rows with more cells than their header.
    surplus: Mapping[int, Surplus] = field(default_factory=dict)
    # Of a csv: how many cells each line has, and up to which one holds any.
    records: tuple[tuple[int, int], ...] = ()


@dataclass
class Sheet:
    """One sheet: ``values[i][j]`` is the cell in row i + 1, column j + 1.

    Blanks are None, error cells are '#N/A' and the like. A number that the file stores as a number
    stays int or float: that an ID was stored as a number is evidence.
    """

    name: str | None  # None for csv and html, which have no sheets
    values: list[list[CellValue]]
    visible: bool = True
    merges: tuple[Span, ...] = ()
    look: Look = field(default_factory=Look)
    # Of columns, in characters, where the format tells.
    widths: Mapping[int, float] = field(default_factory=dict)


@dataclass
class Book:
    """One workbook. ``format``: xlsx xlsm xlsb xls et ods csv tsv html xml2003."""

    format: str
    sheets: list[Sheet]
    saved_at: datetime | None = None
    epoch_1904: bool = False
    has_macros: bool = False
    external_links: int = 0
