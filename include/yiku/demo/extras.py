"""Dirt that takes a whole sheet or file.

One table, from the rule to the function that makes the file.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from random import Random

from yiku.demo.desk import Desk, clean
from yiku.demo.dirt import cut_short, with_bad_check
from yiku.demo.inbox_files import File, render
from yiku.demo.layout import lay_out
from yiku.demo.page import Mark, Page, Record
from yiku.demo.sheets import Sheet, add_record
from yiku.demo.world import County
from yiku.demo.writers import to_encrypted, to_xlsxwriter

_LATER = date(2017, 11, 16)


def beside(file: File, name: str) -> str:
    """Return a path in the folder of another file."""
    return f"{file.folder}/{name}"


def extra_files(county: County, files: list[File], rng: Random) -> list[File]:
    """Return the extra files of a county, and plant the dirt of sheets in those it has."""
    desk = Desk(county, files, rng)
    extra: list[File] = []
    if county.plan.full:
        for spoil_sheet in _SHEETS:
            spoil_sheet(desk)
        for make_files in _LARGE:
            extra += make_files(desk)
    elif county.code == "510821":
        extra += [make(desk) for make in _SMALL]
    return extra


# --- dirt on sheets that are there anyway


def _hidden(desk: Desk) -> None:
    sheet = desk.live_sheet("L3", 1)
    sheet.hidden = 3
    sheet.marks.append(Mark("L13", "W"))


def _struck(desk: Desk) -> None:
    sheet = desk.live_sheet("L1")
    sheet.struck = 2
    sheet.marks.append(Mark("L18", "W"))


def _commented(desk: Desk) -> None:
    sheet = desk.live_sheet("L5")
    sheet.comment = "此人电话已换"
    sheet.marks.append(Mark("L19", "W"))


def _wrong_total(desk: Desk) -> None:
    sheet = desk.live_sheet("L2", 2)
    sheet.wrong_total = True
    sheet.marks.append(Mark("L08", "W"))


def _unknown_column(desk: Desk) -> None:
    sheet = desk.live_sheet("L3", 5)
    sheet.extra_header = "录入人签章"
    sheet.marks.append(Mark("L05", "W"))


def _joined_wage(desk: Desk) -> None:
    sheet = desk.live_sheet("L3", 1)
    sheet.joined = "wage_yuan"
    for record in sheet.records[:3]:
        record.marks.append(Mark("L10", "Q", "wage_yuan"))


def _own_wording(desk: Desk) -> None:
    sheet = desk.live_sheet("L1", 2)
    sheet.headers["phone"] = "个人联系手机号码"
    sheet.marks.append(Mark("L04", "W"))


def _spans(desk: Desk) -> None:
    """Write the first and the last day of a class into one cell, as most clerks do.

    Under a wording of their own.
    """
    sheet = desk.live_sheet("L2", 1)
    sheet.hide("end_on")
    sheet.headers["start_on"] = "培训时间"
    for record in sheet.records:
        first = _dotted(record.values["start_on"])
        last = _dotted(record.values["end_on"])
        record.cells["start_on"] = f"{first}-{last}"
    sheet.marks += [
        Mark("T07", "A", "start_on"),
        Mark("T07", "A", "end_on"),
        Mark("L04", "W"),
    ]


def _dotted(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def _macros(desk: Desk) -> None:
    file = desk.first_file("L1")
    file.writer = "xlsm"
    file.sheets[0].marks.append(Mark("F13", "W"))


def _spare_sheets(desk: Desk) -> None:
    file = desk.first_file("L2")
    notes = Page("填表说明", [["填表说明"], ["1、本表由乡镇填写"]])
    file.spare = [Page("Sheet2", []), notes, Page("Sheet3", [])]
    file.marks.append(Mark("L14", "A", said=False))


# each takes a sheet that has no dirt so far: the order decides which one
_SHEETS: tuple[Callable[[Desk], None], ...] = (
    _joined_wage,
    _hidden,
    _struck,
    _commented,
    _wrong_total,
    _unknown_column,
    _own_wording,
    _spare_sheets,
    _spans,
    _macros,
)


# --- files that come in addition


def _unreadable(desk: Desk) -> list[File]:
    """Send what is encrypted, cut off, empty, no spreadsheet, or in no unit's folder."""
    home, sheet = desk.clean_sheet("L3")
    data = to_xlsxwriter([lay_out(sheet)])
    half = data[: len(data) // 2]
    photo = b"\xff\xd8\xff\xe0" + bytes(64)
    stray = File(f"{desk.county.code}/散落的转移就业名单.xlsx", data=data)
    stray.marks.append(Mark("U01", "F"))
    # what a program leaves beside an open file is passed over without a word
    lock = Mark("F06", "A", said=False)
    return [
        _raw(
            home,
            "转移就业名单（加密）.xlsx",
            to_encrypted(data),
            Mark("F05", "F"),
        ),
        _raw(home, "转移就业名单（未传完）.xlsx", half, Mark("F06", "F")),
        _raw(home, "新建工作表.xlsx", b"", Mark("F06", "F")),
        _raw(home, "~$转移就业名单.xlsx", b"\x06clerk", lock),
        _raw(home, "扫描件.pdf", b"%PDF-1.4\n% scan\n", Mark("F07", "F")),
        _raw(home, "照片.jpg", photo, Mark("F07", "F")),
        stray,
    ]


def _raw(home: File, name: str, data: bytes, mark: Mark) -> File:
    """Return a file of given bytes in the folder of another one."""
    return File(beside(home, name), data=data, marks=[mark])


def _again(desk: Desk) -> list[File]:
    """Send the same bytes under another name, and the same cells from another program."""
    file, _sheet = desk.sheet("E01", 3)
    path, data = render(file)
    extension = path.rsplit(".", 1)[1]
    copy = _raw(
        file, f"回访记录表（发送第二遍）.{extension}", data, Mark("F08", "W")
    )
    other, sheet = desk.sheet("E01", 4)
    writer = "xls" if other.writer == "openpyxl" else "openpyxl"
    saved = File(beside(other, "回访记录表另存"), [_quiet(sheet)], writer)
    saved.marks.append(Mark("F09", "W"))
    return [copy, saved]


def _quiet(sheet: Sheet) -> Sheet:
    """Forget the dirt of a copy that will not be loaded row by row."""
    for record in sheet.records:
        record.marks = []
    sheet.marks = []
    return sheet


def _corrections(desk: Desk) -> list[File]:
    """Break rows, and send their correction in a second file of the same night."""
    return [
        _correction(desk, "L2", "I08", with_bad_check, 6),
        _correction(desk, "L5", "I07", cut_short, 2),
    ]


def _correction(
    desk: Desk, code: str, rule: str, spoilt: Callable[[str], str], count: int
) -> File:
    file = desk.first_file(code)
    sheet = file.sheets[0]
    chosen = slice(3, 3 + count)
    right = clean(deepcopy(sheet))
    right.records = right.records[chosen]
    right.wrong_total = False
    right.comment = ""
    right.style = replace(right.style, fill_day=_LATER)
    unmarked = [record for record in sheet.records if not record.marks]
    for record in unmarked[chosen]:
        record.cells["id_no"] = spoilt(str(record.cells["id_no"]))
        record.marks.append(Mark(rule, "Q", "id_no"))
    name = f"{sheet.unit}{sheet.contract.title}（更正）"
    return File(beside(file, name), [_quiet(right)])


def _resend(desk: Desk) -> list[File]:
    """Send a whole list again in which three persons are missing."""
    home, sheet = desk.clean_sheet("L3", 8)
    sheet.records = sheet.records[:-3]
    sheet.style = replace(sheet.style, fill_day=_LATER)
    name = f"{sheet.unit}{sheet.contract.title}-11月16日"
    return [File(beside(home, name), [sheet], marks=[Mark("F10", "W")])]


def _bundle(desk: Desk) -> list[File]:
    """Send a supplement in a zip, and one with an identity number in its name."""
    home, sheet = desk.clean_sheet("E01", 6)
    sheet.records = [_on_another_day(record) for record in sheet.records[:3]]
    named = deepcopy(sheet)
    named.records = [_on_another_day(record) for record in named.records]
    number = str(named.records[0].values["id_no"])
    # that a zip was opened is told to nobody
    opened = Mark("F07", "A", said=False)
    return [
        File(
            beside(home, f"{sheet.unit}回访补报.zip"), [sheet], marks=[opened]
        ),
        File(
            beside(home, f"回访补报{number}"),
            [named],
            marks=[Mark("F14", "A")],
        ),
    ]


def _on_another_day(record: Record) -> Record:
    day = record.values["visited_on"].day
    other = date(2017, 11, 9 + day % 2)
    record.values["visited_on"] = other
    record.cells["visited_on"] = other
    return record


def _held(desk: Desk) -> list[File]:
    """Send sheets that cannot be taken in as they are."""
    home, sheet = desk.clean_sheet("E01", 9)
    return [
        File(
            beside(home, "回访记录表补报（缺列）"),
            [_without_date(deepcopy(sheet))],
        ),
        File(
            beside(home, "回访记录表补报（两列）"),
            [_with_a_header_twice(deepcopy(sheet))],
        ),
        File(
            beside(home, "回访记录表补报（排序）"),
            [_shuffled(deepcopy(sheet))],
        ),
        _of_no_list(home),
    ]


def _without_date(sheet: Sheet) -> Sheet:
    sheet.hide("visited_on")
    sheet.marks = [Mark("L06", "S")]
    return sheet


def _with_a_header_twice(sheet: Sheet) -> Sheet:
    sheet.headers["phone"] = sheet.headers["id_no"]
    sheet.marks = [Mark("L03", "S")]
    return sheet


def _shuffled(sheet: Sheet) -> Sheet:
    """Sort one column without the others, as a filter on a part of a sheet does."""
    numbers = [record.cells["id_no"] for record in sheet.records]
    moved = [*numbers[1:], numbers[0]]
    for record, number in zip(sheet.records, moved, strict=True):
        record.cells["id_no"] = number
    sheet.marks = [Mark("X13", "F")]
    return sheet


def _of_no_list(home: File) -> File:
    # its header is one, though of no list that we know
    header: list[str] = ["会员编号", "会员姓名", "入会年月", "会费"]
    union = Page(
        "Sheet1",
        [["工会会员花名册"], [*header], ["001", "何建国", "2015-03", 60]],
    )
    marks = [Mark("F12", "S")]
    return File(
        beside(home, "工会会员花名册"), spare=[union], marks=marks, held=1
    )


def _strays(desk: Desk) -> list[File]:
    """Put another town's sheet in this town's folder.

    And copy a neighbour's sheet under the own name.
    """
    home, _own = desk.sheet("L4", 0)
    _neighbour, other = desk.clean_sheet("L4", 1)
    other.marks = [Mark("F11", "S")]
    thief, own = desk.sheet("L3", 10)
    _victim, stolen = desk.clean_sheet("L3", 11)
    stolen.unit = own.unit
    for record in stolen.records:
        record.cells["town_name"] = stolen.unit
    stolen.marks = [Mark("X14", "S")]
    return [
        File(beside(home, "自主创业名单补报（邻乡）"), [other]),
        File(beside(thief, "转移就业名单补报（照抄）"), [stolen]),
    ]


_LARGE: tuple[Callable[[Desk], list[File]], ...] = (
    _unreadable,
    _again,
    _corrections,
    _resend,
    _bundle,
    _held,
    _strays,
)


def _no_unit(desk: Desk) -> File:
    """Send amounts that may be yuan or ten thousands."""
    home, sheet = desk.clean_sheet("L3", 0)
    for record in sheet.records:
        record.cells["wage_yuan"] = float(record.values["wage_yuan"]) / 10000
    sheet.marks = [Mark("N02", "S")]
    return File(beside(home, "转移就业名单补报（万）"), [sheet])


def _swapped(desk: Desk) -> File:
    """Put identity numbers and phones in each other's columns."""
    home, sheet = desk.clean_sheet("L3", 1)
    for record in sheet.records:
        number = record.cells["id_no"]
        record.cells["id_no"] = record.cells["phone"]
        record.cells["phone"] = number
    sheet.marks = [Mark("I12", "S")]
    return File(beside(home, "转移就业名单补报（填反）"), [sheet])


def _card_as_number(desk: Desk) -> File:
    """Send earlier posts of two persons, one with a card number that the program rounded."""
    home, sheet = desk.clean_sheet("L5")
    past = {
        "start_on": date(2016, 1, 1),
        "end_on": date(2016, 12, 31),
        "months": 1,
    }
    holders = [record.values for record in sheet.records[:2]]
    sheet.records = []
    for holder in holders:
        add_record(sheet, holder | past | {"amount_yuan": holder["std_yuan"]})
    # a program keeps fifteen digits of a number, and a card has nineteen
    rounded = sheet.records[1]
    rounded.cells["account_no"] = float(str(rounded.cells["account_no"]))
    rounded.marks = [Mark("I15", "Q", "account_no")]
    return File(beside(home, "公益性岗位补报"), [sheet])


_SMALL: tuple[Callable[[Desk], File], ...] = (
    _no_unit,
    _swapped,
    _card_as_number,
)
