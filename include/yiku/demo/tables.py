"""What an office sends of one list: its rows, and the dirt that was planted on some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from yiku.contracts import load_contracts
from yiku.demo.files import File
from yiku.demo.lists import Row
from yiku.demo.page import Mark
from yiku.demo.sheets import Style, make_sheet
from yiku.demo.world import County, Town

_WRITERS = ("xlsxwriter", "openpyxl", "xlsxwriter", "xls")
_MOST_FOR_OLD = 400  # rows: larger lists come from a current program


@dataclass
class Table:
    """The rows of one list from the county's departments, or from one town."""

    code: str
    rows: list[Row]
    town: Town | None = None
    marks: dict[int, list[Mark]] = field(default_factory=dict)  # by row, from 0
    part: str = ""

    def spoil(self, row: Row, *marks: Mark) -> None:
        """Append a row that breaks a rule."""
        self.marks[len(self.rows)] = list(marks)
        self.rows.append(row)


def table_files(county: County, tables: Iterable[Table], rng: Random) -> list[File]:
    """Lay the tables out, each in its office's own way."""
    return [_file(county, table, n, rng) for n, table in enumerate(t for t in tables if t.rows)]


def _file(county: County, table: Table, n: int, rng: Random) -> File:
    contract = load_contracts()[table.code]
    at = county.towns.index(table.town) if table.town else n
    unit = table.town.name if table.town else county.plan.name
    style = Style(aliases=at % 2 == 1, title=at % 5 != 4, numbered=at % 4 == 1, footer=at % 3 != 2)
    sheet = make_sheet(contract, unit, table.rows, style, rng)
    for i, marks in table.marks.items():
        sheet.records[i].marks += marks
    folder = f"{county.code}/{table.town.code if table.town else 'county'}"
    if table.town and at % 3 == 1:
        folder += f" {table.town.name}"
    large = len(table.rows) > _MOST_FOR_OLD
    writer = "xlsxwriter" if large else _WRITERS[at % len(_WRITERS)]
    return File(f"{folder}/{unit}{contract.title}{table.part}", [sheet], writer)
