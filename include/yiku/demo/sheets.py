"""How a clerk lays a list out.

Wording of the headers, titles, merges, subtotals, footers, pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from random import Random
from typing import Any

from yiku.contracts import Column, Contract
from yiku.demo.page import Cell, Mark, Page, Record

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
_GROUPS = {"LOC": "家庭基本情况", "PER": "个人基本信息", "REM": None}
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


def lay_out(sheet: Sheet) -> Page:
    """Turn one list into a page and tell every record on which row it stands."""
    page = Page(sheet.name, [])
    _title(page, sheet)
    _header(page, sheet)
    _preliminaries(page, sheet)
    _body(page, sheet)
    _footer(page, sheet)
    _join(page, sheet)
    return page


def _join(page: Page, sheet: Sheet) -> None:
    """Merge a column over the first three rows, as one value for all of them."""
    if not sheet.joined:
        return
    rows = []
    for record in sheet.records[:3]:
        if record.row_no:
            rows.append(record.row_no - 1)
    column = sheet.position(sheet.joined)
    for row in rows[1:]:
        page.cells[row][column] = None
    page.merges.append((rows[0], column, rows[-1], column))


def _title(page: Page, sheet: Sheet) -> None:
    style = sheet.style
    if not style.title:
        return
    if style.grouped:
        page.add(["附件1"])
    row = page.add([f"{sheet.unit}{style.period}{sheet.contract.title}"])
    last_column = len(sheet.header_cells) - 1
    page.merges.append((row, 0, row, last_column))
    unit = f"填报单位（盖章）：{sheet.unit}人民政府"
    filled = f"填报时间：{style.fill_day:%Y年%m月%d日}"
    page.add([unit, None, None, None, None, filled])


def _header(page: Page, sheet: Sheet) -> None:
    if sheet.style.grouped:
        _grouped_header(page, sheet)
    else:
        page.add(sheet.header_cells)


def _grouped_header(page: Page, sheet: Sheet) -> None:
    """Write two lines of header: groups above, columns below.

    A column without a group is merged over both.
    """
    groups = _groups(sheet)
    top: list[Cell] = []
    bottom: list[Cell] = []
    for group, header in zip(groups, sheet.header_cells, strict=True):
        top.append(group or header)
        bottom.append(header if group else None)
    row = page.add(top)
    page.add(bottom)
    column = 0
    for group, members in groupby(groups):
        end = column + len(list(members))
        _merge_group(page, row, column, end, is_group=group is not None)
        column = end


def _merge_group(
    page: Page, row: int, column: int, end: int, *, is_group: bool
) -> None:
    if not is_group:
        for lone in range(column, end):
            page.merges.append((row, lone, row + 1, lone))
    elif end - column > 1:
        page.merges.append((row, column, row, end - 1))
        page.cells[row][column + 1 : end] = [None] * (end - column - 1)


def _groups(sheet: Sheet) -> list[str | None]:
    """Return the group that stands above each column of the page."""
    own = re.sub("名单|台账|记录表|表$", "", sheet.contract.title) + "情况"
    groups: list[str | None] = [None] if sheet.serial else []
    for column in sheet.columns:
        groups.append(_GROUPS.get(column.block or "", own))
    if sheet.extra_header:
        groups.append(None)
    return groups


def _preliminaries(page: Page, sheet: Sheet) -> None:
    """Write what stands between the header and the data.

    Numbers of the columns, an example.
    """
    width = len(sheet.header_cells)
    if sheet.style.numbered:
        page.add(list(range(1, width + 1)))
    if sheet.style.example and sheet.records:
        example: list[Cell] = ["示例" if sheet.serial else None]
        example += sheet.records[0].cells.values()
        example += [None] * (width - len(example))
        page.add(example)


def _village_of(numbered: tuple[int, Record]) -> str:
    _number, record = numbered
    return str(record.values.get("village_name"))


def _body(page: Page, sheet: Sheet) -> None:
    numbered = enumerate(sheet.records, 1)
    for village, block in groupby(numbered, key=_village_of):
        first = len(page.cells)
        members = []
        for number, record in block:
            _repeat_header(page, sheet, number)
            _data_row(page, sheet, number, record)
            members.append(record)
        _village_column(page, sheet, first, len(members))
        if sheet.style.subtotals and village != "None":
            page.add(_sum_row(sheet, "小计", members))
        if sheet.style.gaps:
            page.add([])


def _repeat_header(page: Page, sheet: Sheet, number: int) -> None:
    length = sheet.style.page_length
    if length and number > 1 and (number - 1) % length == 0:
        page.add(sheet.header_cells)


def _data_row(page: Page, sheet: Sheet, number: int, record: Record) -> None:
    cells: list[Cell] = [number] if sheet.serial else []
    for column in sheet.columns:
        cells.append(record.cells.get(column.name))
    if sheet.extra_header:
        cells.append("已录入")
    row = page.add(cells)
    record.row_no = row + 1
    if number <= sheet.hidden:
        page.hidden_rows.add(row)
    if number <= sheet.struck:
        page.struck_rows.add(row)
    if number == 1 and sheet.comment:
        page.comments[row, 1] = sheet.comment


def _village_column(page: Page, sheet: Sheet, first: int, count: int) -> None:
    """Merge or blank the village of a block, where the block stands without a gap."""
    if sheet.villages == "plain" or count < 2:
        return
    column = sheet.position("village_name")
    for row in page.cells[first + 1 :]:
        row[column] = None
    if sheet.villages == "merge":
        page.merges.append((first, column, len(page.cells) - 1, column))


def _sum_row(sheet: Sheet, word: str, records: list[Record]) -> list[Cell]:
    cells: list[Cell] = [word] if sheet.serial else []
    for column in sheet.columns:
        numbers = _numbers(records, column)
        is_summed = column.kind == "money" and numbers
        cells.append(round(sum(numbers), 4) if is_summed else None)
    return cells


def _numbers(records: list[Record], column: Column) -> list[int | float]:
    numbers = []
    for record in records:
        value = record.cells.get(column.name)
        if isinstance(value, int | float):
            numbers.append(value)
    return numbers


def _footer(page: Page, sheet: Sheet) -> None:
    if sheet.style.subtotals or sheet.wrong_total:
        total = _sum_row(sheet, "合计", sheet.records)
        if sheet.wrong_total:
            _miscount(total)
        page.add(total)
    if sheet.style.footer:
        page.add([])
        page.add(
            [
                "填表人：何建国",
                None,
                None,
                "审核人：罗志远",
                None,
                "联系电话：0839-3200000",
            ]
        )


def _miscount(total: list[Cell]) -> None:
    """Make the first sum wrong."""
    for column, value in enumerate(total):
        if isinstance(value, int | float):
            total[column] = value + 500
            return


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
