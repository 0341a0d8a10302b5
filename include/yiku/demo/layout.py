"""How a clerk lays a list out: titles, headers, merges, subtotals, footers, pages."""

from __future__ import annotations

import re
from itertools import groupby

from yiku.contracts import Column
from yiku.demo.page import Cell, Page, Record
from yiku.demo.sheets import Sheet

_GROUPS = {"LOC": "家庭基本情况", "PER": "个人基本信息", "REM": None}


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
    # asked once: it looks through all records
    villages = sheet.villages
    numbered = enumerate(sheet.records, 1)
    for village, block in groupby(numbered, key=_village_of):
        first = len(page.cells)
        members = []
        for number, record in block:
            _repeat_header(page, sheet, number)
            _data_row(page, sheet, number, record)
            members.append(record)
        if villages != "plain" and len(members) > 1:
            _village_column(page, sheet, first, villages)
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


def _village_column(
    page: Page, sheet: Sheet, first: int, villages: str
) -> None:
    """Merge or blank the village of a block, where the block stands without a gap."""
    column = sheet.position("village_name")
    for row in page.cells[first + 1 :]:
        row[column] = None
    if villages == "merge":
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
