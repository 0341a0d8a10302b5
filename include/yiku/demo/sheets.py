"""How a clerk lays a list out: wording of the headers, titles, merges, subtotals, footers, pages."""

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

# short words that mean something else on the next sheet: nobody understands them out of their place
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

    aliases: bool = False
    title: bool = True
    grouped: bool = False
    numbered: bool = False
    example: bool = False
    footer: bool = True
    subtotals: bool = False
    page_length: int = 0
    village: str = "plain"  # plain, merge, blank
    wan: bool = False
    gaps: bool = False
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
    serial: bool = True
    hidden: int = 0
    struck: int = 0
    comment: str = ""
    wrong_total: bool = False
    extra_header: str = ""
    joined: str = ""  # a column that is merged over the first three rows
    marks: list[Mark] = field(default_factory=list)

    def show(self, name: str) -> None:
        """Write a column that the sheet leaves out so far, under its official header."""
        if name not in self.headers:
            self.columns.append(self.contract.column(name))
            self.headers[name] = self.columns[-1].header

    @property
    def villages(self) -> str:
        """How the column of villages is written: in one way all down the sheet, or nobody could read it."""
        whole = not self.style.gaps and not self.style.page_length and self.serial
        touched = any(m.field == "village_name" for r in self.records for m in r.marks)
        written = any(c.name == "village_name" for c in self.columns)
        return self.style.village if whole and written and not touched else "plain"


def make_sheet(contract: Contract, unit: str, rows: Sequence[dict[str, Any]], style: Style, rng: Random) -> Sheet:
    """Choose columns and wordings for the rows of one list."""
    records = [Record(dict(r)) for r in rows]
    used = {n for r in rows for n, v in r.items() if v is not None}
    columns = [c for c in contract.columns if c.name in used or (c.need in "MS" and not c.required_if)]
    headers = {c.name: _wording(c, style, rng) for c in columns}
    sheet = Sheet(contract, unit, style, records, columns, headers)
    for record in records:
        record.cells = {c.name: as_cell(record.values.get(c.name), c, headers[c.name]) for c in columns}
        several = [n for n, v in record.values.items() if isinstance(v, tuple) and len(v) > 1]
        record.marks += [Mark("C12", "A", n) for n in several]
    return sheet


def _wording(column: Column, style: Style, rng: Random) -> str:
    large = [a for a in column.aliases if "(万元)" in a]
    if style.wan and column.kind == "money" and large:
        return large[0]
    known = [a for a in column.aliases[:8] if a not in _VAGUE and "万元" not in a]
    return rng.choice(known) if style.aliases and known else column.header


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
    width = len(sheet.columns) + sheet.serial + bool(sheet.extra_header)
    _title(page, sheet, width)
    _header(page, sheet)
    _preliminaries(page, sheet)
    _body(page, sheet)
    _footer(page, sheet, width)
    _join(page, sheet)
    return page


def _join(page: Page, sheet: Sheet) -> None:
    if sheet.joined:
        rows = [r.row_no - 1 for r in sheet.records[:3] if r.row_no]
        column = [c.name for c in sheet.columns].index(sheet.joined) + sheet.serial
        for row in rows[1:]:
            page.cells[row][column] = None
        page.merges.append((rows[0], column, rows[-1], column))


def _title(page: Page, sheet: Sheet, width: int) -> None:
    if not sheet.style.title:
        return
    if sheet.style.grouped:
        page.add(["附件1"])
    row = page.add([f"{sheet.unit}{sheet.style.period}{sheet.contract.title}"])
    page.merges.append((row, 0, row, width - 1))
    page.add([f"填报单位（盖章）：{sheet.unit}人民政府", *[None] * 4, f"填报时间：{sheet.style.fill_day:%Y年%m月%d日}"])


def _header_cells(sheet: Sheet) -> list[Cell]:
    head: list[Cell] = ["序号"] if sheet.serial else []
    head += [sheet.headers[c.name] for c in sheet.columns]
    return [*head, sheet.extra_header] if sheet.extra_header else head


def _header(page: Page, sheet: Sheet) -> None:
    head = _header_cells(sheet)
    if not sheet.style.grouped:
        page.add(head)
        return
    groups: list[str | None] = [None] if sheet.serial else []
    own = re.sub("名单|台账|记录表|表$", "", sheet.contract.title) + "情况"
    groups += [_GROUPS.get(c.block or "", own) for c in sheet.columns]
    groups += [None] * (len(head) - len(groups))
    top = page.add([g if g else h for g, h in zip(groups, head, strict=True)])
    page.add([h if g else None for g, h in zip(groups, head, strict=True)])
    at = 0
    for group, cells in groupby(groups):
        n = len(list(cells))
        if group is None:
            page.merges += [(top, at + i, top + 1, at + i) for i in range(n)]
        elif n > 1:
            page.merges.append((top, at, top, at + n - 1))
            page.cells[top][at + 1 : at + n] = [None] * (n - 1)
        at += n


def _preliminaries(page: Page, sheet: Sheet) -> None:
    width = len(_header_cells(sheet))
    if sheet.style.numbered:
        page.add(list(range(1, width + 1)))
    if sheet.style.example and sheet.records:
        example = ["示例" if sheet.serial else None, *sheet.records[0].cells.values()]
        page.add([*example, *[None] * (width - len(example))])


def _body(page: Page, sheet: Sheet) -> None:
    blocks = groupby(enumerate(sheet.records, 1), key=lambda r: str(r[1].values.get("village_name")))
    for village, block in blocks:
        members = list(block)
        first = len(page.cells)
        for n, record in members:
            _repeat_header(page, sheet, n)
            _data_row(page, sheet, n, record)
        _village_column(page, sheet, first, members)
        if sheet.style.subtotals and village != "None":
            page.add(_sum_row(sheet, "小计", [r for _, r in members]))
        if sheet.style.gaps:
            page.add([])


def _repeat_header(page: Page, sheet: Sheet, n: int) -> None:
    if sheet.style.page_length and n > 1 and (n - 1) % sheet.style.page_length == 0:
        page.add(_header_cells(sheet))


def _data_row(page: Page, sheet: Sheet, n: int, record: Record) -> None:
    cells: list[Cell] = [n] if sheet.serial else []
    cells += [record.cells.get(c.name) for c in sheet.columns]
    at = page.add([*cells, "已录入"] if sheet.extra_header else cells)
    record.row_no = at + 1
    if n <= sheet.hidden:
        page.hidden_rows.add(at)
    if n <= sheet.struck:
        page.struck_rows.add(at)
    if n == 1 and sheet.comment:
        page.comments[at, 1] = sheet.comment


def _village_column(page: Page, sheet: Sheet, first: int, members: list[tuple[int, Record]]) -> None:
    """Merge or blank the village of a block, where the block stands without a gap."""
    if sheet.villages == "plain" or len(members) < 2:
        return
    column = [c.name for c in sheet.columns].index("village_name") + sheet.serial
    for row in page.cells[first + 1 :]:
        row[column] = None
    if sheet.villages == "merge":
        page.merges.append((first, column, len(page.cells) - 1, column))


def _sum_row(sheet: Sheet, word: str, records: list[Record]) -> list[Cell]:
    cells: list[Cell] = [word] if sheet.serial else []
    for column in sheet.columns:
        numbers = [v for v in (r.cells.get(column.name) for r in records) if isinstance(v, int | float)]
        cells.append(round(sum(numbers), 4) if column.kind == "money" and numbers else None)
    return cells


def _footer(page: Page, sheet: Sheet, width: int) -> None:
    if sheet.style.subtotals or sheet.wrong_total:
        total = _sum_row(sheet, "合计", sheet.records)
        if sheet.wrong_total:
            at = next(i for i, v in enumerate(total) if isinstance(v, int | float))
            total[at] = total[at] + 500  # type: ignore[operator]
        page.add(total)
    if sheet.style.footer:
        page.add([])
        page.add(["填表人：何建国", None, None, "审核人：罗志远", None, "联系电话：0839-3200000"])


def split_by_village(sheet: Sheet) -> list[Sheet]:
    """Return the same list with a sheet for each village, named after it."""
    found = []
    for village, block in groupby(sheet.records, key=lambda r: str(r.values["village_name"])):
        columns = [c for c in sheet.columns if c.name != "village_name"]
        found.append(replace(sheet, name=village, records=list(block), columns=columns, marks=[]))
    return found
