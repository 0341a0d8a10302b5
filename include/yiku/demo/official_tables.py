"""What an office sends of one list.

Its rows, and the dirt that was planted on some of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from yiku.contracts import load_contracts
from yiku.demo.inbox_files import File
from yiku.demo.page import Mark
from yiku.demo.rows import Row, in_turn, village_columns
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
    marks: dict[int, list[Mark]] = field(
        default_factory=dict
    )  # by row, from 0
    part: str = ""

    def spoil(self, row: Row, *marks: Mark) -> None:
        """Append a row that breaks a rule."""
        self.marks[len(self.rows)] = list(marks)
        self.rows.append(row)


def table_files(
    county: County, tables: Iterable[Table], rng: Random
) -> list[File]:
    """Lay the tables out, each in its office's own way."""
    files: list[File] = []
    for table in tables:
        # an empty list is never sent
        if table.rows:
            files.append(_file(county, table, len(files), rng))
    return files


def _file(county: County, table: Table, number: int, rng: Random) -> File:
    contract = load_contracts()[table.code]
    # a town keeps its habits over all its lists; each department has its own
    habit = county.towns.index(table.town) if table.town else number
    unit = table.town.name if table.town else county.plan.name
    sheet = make_sheet(contract, unit, table.rows, _style(habit), rng)
    for row, marks in table.marks.items():
        sheet.records[row].marks += marks
    is_large = len(table.rows) > _MOST_FOR_OLD
    writer = "xlsxwriter" if is_large else in_turn(_WRITERS, habit)
    folder = _folder(county, table.town, habit)
    return File(
        f"{folder}/{unit}{contract.title}{table.part}", [sheet], writer
    )


def _style(habit: int) -> Style:
    return Style(
        aliases=habit % 2 == 1,
        title=habit % 5 != 4,
        numbered=habit % 4 == 1,
        footer=habit % 3 != 2,
    )


def _folder(county: County, town: Town | None, habit: int) -> str:
    if town is None:
        return f"{county.code}/county"
    return town_folder(county, town, habit)


def village_in_turn(town: Town, number: int = 0) -> Row:
    """Return the columns of a place: the villages of a town take turns by ``number``."""
    village = in_turn(town.villages, number)
    return village_columns(town.name, village.name)


def town_folder(county: County, town: Town, habit: int) -> str:
    """Return a town's folder: its code, and with some towns the name behind it."""
    is_named = habit % 3 == 1
    return (
        f"{county.code}/{town.code} {town.name}"
        if is_named
        else f"{county.code}/{town.code}"
    )
