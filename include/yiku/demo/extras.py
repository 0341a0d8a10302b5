"""Dirt that takes a whole sheet or file: one table, from the rule to the function that makes the file."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from yiku.demo.files import File, render
from yiku.demo.page import Mark, Page, Record
from yiku.demo.sheets import Sheet, lay_out
from yiku.demo.specials import append
from yiku.demo.world import County
from yiku.demo.writers import to_encrypted, to_xlsxwriter

_LATER = date(2017, 11, 16)


@dataclass
class Desk:
    """What the makers of extra files draw from."""

    county: County
    files: list[File]
    rng: Random

    def sheet(self, code: str, n: int = 0) -> tuple[File, Sheet]:
        """Return the n-th file that carries a list, and a copy of its sheet."""
        found = [(f, s) for f in self.files for s in f.sheets if s.contract.code == code and len(s.records) > 2]
        file, sheet = found[n]
        plain = {"hidden": 0, "struck": 0, "comment": "", "joined": "", "extra_header": "", "wrong_total": False}
        return file, replace(deepcopy(sheet), marks=[], **plain)  # type: ignore[arg-type]

    def beside(self, file: File, name: str) -> str:
        """Return a path in the folder of another file."""
        return f"{file.path.rsplit('/', 1)[0]}/{name}"


def extra_files(county: County, files: list[File], rng: Random) -> list[File]:
    """Return the extra files of a county, and plant the dirt of sheets in those it has."""
    desk = Desk(county, files, rng)
    if not county.plan.full:
        return [make(desk) for make in _SMALL] if county.code == "510821" else []
    for mark in _SHEETS:
        mark(desk)
    return [file for make in _LARGE for file in make(desk)]


def _clean(sheet: Sheet) -> Sheet:
    sheet.records = [r for r in sheet.records if not r.marks]
    sheet.style = replace(sheet.style, village="plain", subtotals=False)
    return sheet


# --- dirt on sheets that are there anyway


def _hidden(desk: Desk) -> None:
    _on(desk, "L3", 1, Mark("L13", "W", None), hidden=3)


def _struck(desk: Desk) -> None:
    _on(desk, "L1", 0, Mark("L18", "W", None), struck=2)


def _commented(desk: Desk) -> None:
    _on(desk, "L5", 0, Mark("L19", "W", None), comment="此人电话已换")


def _wrong_total(desk: Desk) -> None:
    _on(desk, "L2", 2, Mark("L08", "W", None), wrong_total=True)


def _unknown_column(desk: Desk) -> None:
    _on(desk, "L3", 5, Mark("L05", "W", None), extra_header="录入人签章")


def _joined_wage(desk: Desk) -> None:
    sheet = _live(desk, "L3", "xlsxwriter", 1)
    sheet.joined = "wage_yuan"
    for record in sheet.records[:3]:
        record.marks.append(Mark("L10", "Q", "wage_yuan"))


def _own_wording(desk: Desk) -> None:
    sheet = _live(desk, "L1", "xlsxwriter", 2)
    sheet.headers["phone"] = "个人联系手机号码"
    sheet.marks.append(Mark("L04", "W", None))


def _spans(desk: Desk) -> None:
    """Write the first and the last day of a class into one cell, as most clerks do, under a wording of their own."""
    sheet = _live(desk, "L2", "xlsxwriter", 1)
    sheet.columns = [c for c in sheet.columns if c.name != "end_on"]
    sheet.headers["start_on"] = "培训时间"
    for record in sheet.records:
        days = [record.values[n] for n in ("start_on", "end_on")]
        record.cells["start_on"] = "-".join(f"{d.year}.{d.month}.{d.day}" for d in days)
    sheet.marks += [Mark("T07", "A", "start_on"), Mark("T07", "A", "end_on"), Mark("L04", "W", None)]


def _macros(desk: Desk) -> None:
    file = next(f for f in desk.files if f.writer == "xlsxwriter" and f.sheets[0].contract.code == "L1")
    file.writer = "xlsm"
    file.sheets[0].marks.append(Mark("F13", "W", None))


def _spare_sheets(desk: Desk) -> None:
    file = next(f for f in desk.files if f.writer == "xlsxwriter" and f.sheets[0].contract.code == "L2")
    file.spare = [Page("Sheet2", []), Page("填表说明", [["填表说明"], ["1、本表由乡镇填写"]]), Page("Sheet3", [])]
    file.marks.append(Mark("L14", "A", None, said=False))


def _on(desk: Desk, code: str, n: int, mark: Mark, **habits: object) -> None:
    sheet = _live(desk, code, "xlsxwriter", n) if code != "L5" else _live(desk, code, "xlsxwriter", 0)
    for name, value in habits.items():
        setattr(sheet, name, value)
    sheet.marks.append(mark)


def _live(desk: Desk, code: str, writer: str, n: int) -> Sheet:
    """Return the n-th sheet of a list that a program writes (those of three rows without dirt first)."""
    found = [f.sheets[0] for f in desk.files if f.writer == writer and len(f.sheets) == 1]
    found = [s for s in found if s.contract.code == code]
    fit = [s for s in found if not any(r.marks for r in s.records[:3]) and not s.marks]
    return fit[n % len(fit)]


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
    file, sheet = desk.sheet("L3", 0)
    data = to_xlsxwriter([lay_out(_clean(sheet))])
    return [
        File(desk.beside(file, "转移就业名单（加密）.xlsx"), data=to_encrypted(data), marks=[Mark("F05", "F", None)]),
        File(
            desk.beside(file, "转移就业名单（未传完）.xlsx"),
            data=data[: len(data) // 2],
            marks=[Mark("F06", "F", None)],
        ),
        File(desk.beside(file, "新建工作表.xlsx"), data=b"", marks=[Mark("F06", "F", None)]),
        File(desk.beside(file, "~$转移就业名单.xlsx"), data=b"\x06clerk", marks=[Mark("F06", "A", None, said=False)]),
        File(desk.beside(file, "扫描件.pdf"), data=b"%PDF-1.4\n% scan\n", marks=[Mark("F07", "F", None)]),
        File(desk.beside(file, "照片.jpg"), data=b"\xff\xd8\xff\xe0" + bytes(64), marks=[Mark("F07", "F", None)]),
        File(f"{desk.county.code}/散落的转移就业名单.xlsx", data=data, marks=[Mark("U01", "F", None)]),
    ]


def _again(desk: Desk) -> list[File]:
    """Send the same bytes under another name, and the same cells from another program."""
    file, _ = desk.sheet("E01", 3)
    _, data = render(file)
    extension = render(file)[0].rsplit(".", 1)[1]
    other, sheet = desk.sheet("E01", 4)
    writer = "openpyxl" if other.writer != "openpyxl" else "xls"
    return [
        File(desk.beside(file, f"回访记录表（发送第二遍）.{extension}"), data=data, marks=[Mark("F08", "W", None)]),
        File(desk.beside(other, "回访记录表另存"), [_quiet(sheet)], writer, marks=[Mark("F09", "W", None)]),
    ]


def _quiet(sheet: Sheet) -> Sheet:
    """Forget the dirt of a copy that will not be loaded row by row."""
    for record in sheet.records:
        record.marks = []
    sheet.marks = []
    return sheet


def _corrections(desk: Desk) -> list[File]:
    """Break rows, and send their correction in a second file of the same night."""
    found = []
    for code, rule, n in (("L2", "I08", 6), ("L5", "I07", 2)):
        file = next(f for f in desk.files if f.writer == "xlsxwriter" and f.sheets[0].contract.code == code)
        sheet = file.sheets[0]
        right = _clean(deepcopy(sheet))
        right.records = right.records[3 : 3 + n]
        right.wrong_total, right.comment, right.style = False, "", replace(right.style, fill_day=_LATER)
        broken = [r for r in sheet.records if not r.marks][3 : 3 + n]
        for record in broken:
            number = str(record.cells["id_no"])
            wrong = number[:-1] + ("3" if number[-1] != "3" else "5")
            record.cells["id_no"] = wrong if rule == "I08" else number[:-1]
            record.marks.append(Mark(rule, "Q", "id_no"))
        found.append(File(desk.beside(file, f"{sheet.unit}{sheet.contract.title}（更正）"), [_quiet(right)]))
    return found


def _resend(desk: Desk) -> list[File]:
    """Send a whole list again in which three persons are missing."""
    file, sheet = desk.sheet("L3", 8)
    sheet = _clean(sheet)
    sheet.records = sheet.records[:-3]
    sheet.style = replace(sheet.style, fill_day=_LATER)
    return [
        File(desk.beside(file, f"{sheet.unit}{sheet.contract.title}-11月16日"), [sheet], marks=[Mark("F10", "W", None)])
    ]


def _bundle(desk: Desk) -> list[File]:
    """Send a supplement in a zip, and one with an identity number in its name."""
    file, sheet = desk.sheet("E01", 6)
    sheet = _clean(sheet)
    sheet.records = [_on_another_day(r) for r in sheet.records[:3]]
    named = deepcopy(sheet)
    named.records = [_on_another_day(r) for r in named.records]
    number = str(named.records[0].values["id_no"])
    return [
        File(desk.beside(file, f"{sheet.unit}回访补报.zip"), [sheet], marks=[Mark("F07", "A", None, said=False)]),
        File(desk.beside(file, f"回访补报{number}"), [named], marks=[Mark("F14", "A", None)]),
    ]


def _on_another_day(record: Record) -> Record:
    record.values["visited_on"] = record.cells["visited_on"] = date(2017, 11, 9 + record.values["visited_on"].day % 2)
    return record


def _held(desk: Desk) -> list[File]:
    """Send sheets that cannot be taken in as they are."""
    home, sheet = desk.sheet("E01", 9)
    sheet = _clean(sheet)
    no_date, doubled, shuffled = (deepcopy(sheet) for _ in range(3))
    no_date.columns = [c for c in no_date.columns if c.name != "visited_on"]
    no_date.marks = [Mark("L06", "S", None)]
    doubled.headers["phone"] = doubled.headers["id_no"]
    doubled.marks = [Mark("L03", "S", None)]
    numbers = [r.cells["id_no"] for r in shuffled.records]
    for record, number in zip(shuffled.records, [*numbers[1:], numbers[0]], strict=True):
        record.cells["id_no"] = number
    shuffled.marks = [Mark("X13", "F", None)]
    union = Page(
        "Sheet1", [["工会会员花名册"], ["会员编号", "会员姓名", "入会年月", "会费"], ["001", "何建国", "2015-03", 60]]
    )
    return [
        File(desk.beside(home, "回访记录表补报（缺列）"), [no_date]),
        File(desk.beside(home, "回访记录表补报（两列）"), [doubled]),
        File(desk.beside(home, "回访记录表补报（排序）"), [shuffled]),
        # its header is one, though of no list that we know
        File(desk.beside(home, "工会会员花名册"), spare=[union], marks=[Mark("F12", "S", None)], held=1),
    ]


def _strays(desk: Desk) -> list[File]:
    """Put another town's sheet in this town's folder, and copy a neighbour's sheet under the own name."""
    (home, _), (_, other) = desk.sheet("L4", 0), desk.sheet("L4", 1)
    other = _clean(other)
    other.marks = [Mark("F11", "S", None)]
    thief, stolen = desk.sheet("L3", 10)[0], _clean(desk.sheet("L3", 11)[1])
    stolen.unit = str(desk.sheet("L3", 10)[1].unit)
    for record in stolen.records:
        record.cells["town_name"] = stolen.unit
    stolen.marks = [Mark("X14", "S", None)]
    return [
        File(desk.beside(home, "自主创业名单补报（邻乡）"), [other]),
        File(desk.beside(thief, "转移就业名单补报（照抄）"), [stolen]),
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
    file, sheet = desk.sheet("L3", 0)
    sheet = _clean(sheet)
    for record in sheet.records:
        record.cells["wage_yuan"] = float(record.values["wage_yuan"]) / 10000
    sheet.marks = [Mark("N02", "S", None)]
    return File(desk.beside(file, "转移就业名单补报（万）"), [sheet])


def _swapped(desk: Desk) -> File:
    """Put identity numbers and phones in each other's columns."""
    file, sheet = desk.sheet("L3", 1)
    sheet = _clean(sheet)
    for record in sheet.records:
        record.cells["id_no"], record.cells["phone"] = record.cells["phone"], record.cells["id_no"]
    sheet.marks = [Mark("I12", "S", None)]
    return File(desk.beside(file, "转移就业名单补报（填反）"), [sheet])


def _card_as_number(desk: Desk) -> File:
    """Send earlier posts of two persons, one with a card number that the program rounded."""
    file, sheet = desk.sheet("L5", 0)
    sheet = _clean(sheet)
    past = {"start_on": date(2016, 1, 1), "end_on": date(2016, 12, 31), "months": 1}
    rows = [r.values | past | {"amount_yuan": r.values["std_yuan"]} for r in sheet.records[:2]]
    sheet.records = []
    for row in rows:
        append(sheet, row)
    rounded = sheet.records[1]
    rounded.cells["account_no"] = float(str(rounded.cells["account_no"]))
    rounded.marks = [Mark("I15", "Q", "account_no")]
    return File(desk.beside(file, "公益性岗位补报"), [sheet])


_SMALL: tuple[Callable[[Desk], File], ...] = (_no_unit, _swapped, _card_as_number)
