"""A list as a clerk keeps it: its columns, their wording, its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

from yiku.contracts import Column, Contract
from yiku.demo.page import Cell, Mark, Record

# short words that mean something else on the next sheet: nobody understands them out of
# their place
_VAGUE = frozenset(
    [
        "单位",
        "关系",
        "说明",
        "注",
        "自",
        "至",
        "起",
        "止",
        "人员",
        "项目",
        "来源",
        "状态",
        "名称",
        "代码",
        "目标",
        "类型",
        "性质",
        "等级",
        "级别",
        "起始",
        "开始",
        "结束",
        "天",
        "标准",
        "数量",
        "户号",
    ]
)
_REFERENCE_DAY = date(2017, 11, 10)


@dataclass(frozen=True)
class Style:
    """One clerk's habits."""

    aliases: bool = False  # own words in the header, such as others use too
    title: bool = True  # and who fills it in, above the header
    grouped: bool = False  # a header of two lines
    numbered: bool = False  # the numbers of the columns below the header
    example: bool = False  # the example of the template left in its place
    footer: bool = True  # who filled it in, below the data
    subtotals: bool = False  # for each village, and a total
    page_length: int = (
        0  # rows until the header is repeated for printing; 0: never
    )
    village: str = (
        "plain"  # plain, merge, blank: how often a village is written
    )
    wan: bool = False  # money in ten thousands of yuan
    gaps: bool = False  # an empty row between villages
    fill_day: date = _REFERENCE_DAY
    period: str = "2017年11月"


@dataclass
class Sheet:
    """One list on one sheet of a file."""

    contract: Contract
    unit: str
    style: Style
    records: list[Record]
    columns: list[Column]
    headers: dict[str, str]
    name: str = "Sheet1"
    serial: bool = True  # a first column that counts the rows
    hidden: int = 0  # rows at the top that a filter hides
    struck: int = 0  # rows at the top that are struck out
    comment: str = ""  # beside the first row
    wrong_total: bool = False
    extra_header: str = ""  # a column of the clerk's own
    joined: str = ""  # a column that is merged over the first three rows
    marks: list[Mark] = field(default_factory=list)

    def show(self, name: str) -> None:
        """Write a column that the sheet leaves out so far, under its official header."""
        if name not in self.headers:
            column = self.contract.column(name)
            self.columns.append(column)
            self.headers[name] = column.header

    def hide(self, name: str) -> None:
        """Leave a column out."""
        self.columns = [
            column for column in self.columns if column.name != name
        ]

    def position(self, name: str) -> int:
        """Return where a column stands on the page, from 0."""
        names = [column.name for column in self.columns]
        return names.index(name) + self.serial

    @property
    def header_cells(self) -> list[Cell]:
        """The cells of the header."""
        cells: list[Cell] = ["序号"] if self.serial else []
        cells += [self.headers[column.name] for column in self.columns]
        if self.extra_header:
            cells.append(self.extra_header)
        return cells

    @property
    def villages(self) -> str:
        """How the column of villages is written.

        In one way all down the sheet, or nobody could read it.
        """
        style = self.style
        is_whole = self.serial and not style.gaps and not style.page_length
        is_written = any(
            column.name == "village_name" for column in self.columns
        )
        if is_whole and is_written and not self._has_dirt_on("village_name"):
            return style.village
        return "plain"

    def _has_dirt_on(self, name: str) -> bool:
        touched: set[str | None] = set()
        for record in self.records:
            touched.update(mark.field for mark in record.marks)
        return name in touched


def make_sheet(
    contract: Contract,
    unit: str,
    rows: Sequence[dict[str, Any]],
    style: Style,
    rng: Random,
) -> Sheet:
    """Choose columns and wordings for the rows of one list."""
    used = _used_columns(rows)
    columns = []
    headers = {}
    for column in contract.columns:
        is_asked = column.need in "MS" and not column.required_if
        if column.name in used or is_asked:
            columns.append(column)
            headers[column.name] = _wording(column, style, rng)
    sheet = Sheet(contract, unit, style, [], columns, headers)
    for row in rows:
        record = add_record(sheet, dict(row))
        for name, value in row.items():
            # several codes in one cell are always told apart with a word
            if isinstance(value, tuple) and len(value) > 1:
                record.marks.append(Mark("C12", "A", name))
    return sheet


def _used_columns(rows: Sequence[dict[str, Any]]) -> set[str]:
    used: set[str] = set()
    for row in rows:
        used.update(name for name, value in row.items() if value is not None)
    return used


def add_record(sheet: Sheet, row: dict[str, Any], *marks: Mark) -> Record:
    """Add a row with its dirt at the end of a sheet."""
    record = Record(row, marks=list(marks))
    for column in sheet.columns:
        header = sheet.headers[column.name]
        record.cells[column.name] = as_cell(
            row.get(column.name), column, header
        )
    sheet.records.append(record)
    return record


def _wording(column: Column, style: Style, rng: Random) -> str:
    if style.wan and column.kind == "money":
        for alias in column.aliases:
            if "(万元)" in alias:
                return alias
    known = []
    for alias in column.aliases[:8]:
        if alias not in _VAGUE and "万元" not in alias:
            known.append(alias)
    if style.aliases and known:
        return rng.choice(known)
    return column.header


def as_cell(value: Any, column: Column, header: str) -> Cell:
    """Return what a careful clerk types for a value."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    if column.kind == "money" and "万元" in header:
        return float(value) / 10000
    if column.kind == "group":
        return f"{value}组"
    return value  # type: ignore[no-any-return]


def split_by_village(sheet: Sheet) -> list[Sheet]:
    """Return the same list with a sheet for each village, named after it."""
    by_village: dict[str, list[Record]] = {}
    for record in sheet.records:
        by_village.setdefault(str(record.values["village_name"]), []).append(
            record
        )
    found = []
    for village, records in by_village.items():
        part = replace(sheet, name=village, records=records, marks=[])
        part.hide("village_name")
        found.append(part)
    return found
