"""The sheet 校验报告 in front: what came in, what became of it, what is wrong and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yiku.calendar import in_chinese
from yiku.contracts.rules import load_rules
from yiku.formats.return_marks import (
    ACCEPT_WORD,
    BAD_FILL,
    RECEIPT_LABEL,
    REPORT_SHEET,
    WARN_FILL,
)
from yiku.returns.own_page import HEADER, OwnPage, OwnSheets
from yiku.returns.reply import Mark, ReceiptFacts, sheet_title
from yiku.returns.styles import Own

_VERDICTS = {
    "F": "未接收",
    "S": "整表暂缓",
    "Q": "已退回",
    "W": "请核实",
    "A": "已自动更正",
}
_ORDER = "FSQWA"
_WIDTHS = (14, 30, 12, 8, 16, 26, 44)
_HEADERS = (
    "规则",
    "问题",
    "处理",
    "条数",
    "工作表",
    "所在行（前几行）",
    "怎么改（举例）",
)
ROWS_SHEET = "逐行问题"
_ROWS_COLUMNS = (("工作表", 20), ("行号", 10), ("怎么改", 90))
_MAX_ROWS_LISTED = 2000
_MAX_ROWS_SHOWN = 8
_FILLS = {
    "F": BAD_FILL,
    "S": BAD_FILL,
    "Q": BAD_FILL,
    "W": WARN_FILL,
    "A": "E2EFDA",
}
_IN_BOX = Own(wrapped=True)
_CENTRED_IN_BOX = Own(wrapped=True, centred=True)
_LABEL = Own(wrapped=True, bold=True, fill="F2F2F2")
_LINE_LOOK = Own(wrapped=True, boxed=False)
_PART_TITLE = Own(wrapped=True, boxed=False, bold=True, size=12)
_TITLE = Own(wrapped=True, boxed=False, bold=True, size=18, centred=True)
_COUNT = Own(centred=True, bold=True, size=14)
_BAD_COUNT = Own(centred=True, bold=True, size=14, colour="C00000")
_LINK = Own(wrapped=True, underlined=True, colour="0563C1")
_VERDICT_LOOKS = {
    verdict: Own(wrapped=True, centred=True, fill=fill)
    for verdict, fill in _FILLS.items()
}
_LAST = len(_WIDTHS)
_COUNT_COLUMN, _ROWS_COLUMN = 4, 6
_CENTRED = (1, 3, 5)


@dataclass(frozen=True)
class Problem:
    """All findings of one rule on one sheet."""

    rule: str
    verdict: str
    sheet: str | None
    count: int
    rows: tuple[int, ...]
    example: str
    column: int | None

    @property
    def title(self) -> str:
        """What the catalogue calls the rule."""
        rule = load_rules().get(self.rule)
        return rule.title if rule else self.rule

    @property
    def verdict_text(self) -> str:
        """What was done, in the clerk's words."""
        return _VERDICTS[self.verdict]

    @property
    def rows_text(self) -> str:
        """The first row numbers, and an ellipsis if there are more."""
        if not self.rows:
            return "整表"
        more = "…" if len(self.rows) > _MAX_ROWS_SHOWN else ""
        first = (str(row_no) for row_no in self.rows[:_MAX_ROWS_SHOWN])
        return "、".join(first) + more

    @property
    def rank(self) -> tuple[int, int, str, str]:
        """Its place among the problems: the gravest first, then the most frequent."""
        gravity = _ORDER.index(self.verdict)
        return gravity, -self.count, self.rule, self.sheet or ""


def group_problems(marks: Iterable[Mark]) -> list[Problem]:
    """Group findings by verdict, rule and sheet: the gravest first, then the most frequent."""
    groups: dict[tuple[str, str, str | None], list[Mark]] = {}
    for mark in marks:
        key = (mark.verdict, mark.rule, mark.sheet)
        groups.setdefault(key, []).append(mark)
    problems = [_problem(found) for found in groups.values()]
    return sorted(problems, key=lambda problem: problem.rank)


def _problem(marks: Sequence[Mark]) -> Problem:
    """Return what marks of one verdict, rule and sheet come to."""
    rows = {mark.row_no for mark in marks if mark.row_no is not None}
    # The sentence of the first row stands for all: a clerk mends one and knows the others.
    example = min(marks, key=lambda mark: mark.row_no or 0)
    return Problem(
        rule=example.rule,
        verdict=example.verdict,
        sheet=example.sheet,
        count=len(marks),
        rows=tuple(sorted(rows)),
        example=example.sentence,
        column=example.column,
    )


def lost_line(lost: Sequence[str]) -> str:
    """Say what of the clerk's own workbook is not in this one."""
    return f"原表里的{'、'.join(lost)}没能带进这个退件文件，需要时请看您自己留的原表；数据不受影响。"


def advice_lines(facts: ReceiptFacts, marks: Sequence[Mark]) -> list[str]:
    """Say what the clerk has to do now."""
    if facts.status == "duplicate":
        return [
            "这份文件以前收到过，内容相同，不用再报。如发错了文件，请把正确的文件放进上报文件夹。"
        ]
    if not any(mark.back for mark in marks):
        return ["没有退回的行。标黄的地方请核对，有错就改好再报，没错不用管。"]
    if not any(mark.back and mark.row_no is not None for mark in marks):
        return [
            "整份文件没有接收。请按下面“怎么改”的说明改好，再把文件放进上报文件夹。"
        ]
    steps = _steps(facts, marks)
    return [f"{number}. {step}" for number, step in enumerate(steps, start=1)]


def _steps(facts: ReceiptFacts, marks: Sequence[Mark]) -> list[str]:
    """Say one after the other what is to be done; only what this file needs."""
    held = {mark.sheet for mark in marks if mark.verdict in "SF"}
    steps = []
    if held:
        steps.append(
            "“整表暂缓”“未接收”的工作表：先照“怎么改”改好标红的表头、单位或所放的文件夹，各行不用逐行改。"
        )
    if any(mark.back and mark.sheet not in held for mark in marks):
        steps.append(
            "只改标红的行：鼠标停在红色单元格上能看到原因，“校验结果”“修改意见”两列写着怎么改。标黄的请核对。"
        )
    steps.append(
        "改好后把这个文件（或只把改过的行）放回上报文件夹，文件名不限；已接收的行不用再改。"
    )
    # Only a number that we propose can be agreed to.
    if any(f"“{ACCEPT_WORD}”" in mark.sentence for mark in marks):
        steps.append(
            "系统推测的号码，确认无误就把该行“修改意见”整格改成“同意”两个字；不对就直接改正号码。"
        )
    steps.append(
        "请不要删除“校验报告”表和隐藏的“行引用”列，系统靠它们认出改的是哪一行。"
    )
    return [
        *steps,
        f"请在 {in_chinese(facts.deadline)} 前改好报回；逾期未改的会提醒区县。",
    ]


def write_report(
    own: OwnSheets,
    facts: ReceiptFacts,
    marks: Sequence[Mark],
    lost: Sequence[str] = (),
) -> OwnPage:
    """Write the report, which is shown first.

    ``lost`` is what of the clerk's workbook could not be kept.
    """
    page = own.add(REPORT_SHEET)
    row = _write_head(page, facts)
    row = _write_counts(page, row + 1, facts)
    lines = advice_lines(facts, marks)
    if lost:
        lines.append(lost_line(lost))
    row = _write_lines(page, row + 1, "现在要做什么", lines)
    problems = group_problems(marks)
    if problems:
        _write_problems(page, row + 1, problems, own.titles)
    page.widths.update(enumerate(_WIDTHS, start=1))
    page.has_grid = False
    page.is_printed_across = True
    page.is_selected = True
    return page


def write_rows(own: OwnSheets, marks: Sequence[Mark]) -> None:
    """Write what is to be mended row by row on a sheet of its own.

    Where it cannot stand beside the rows.
    """
    told = [
        mark
        for mark in marks
        if mark.row_no is not None and mark.verdict != "A"
    ]
    if not told:
        return
    told.sort(key=lambda mark: mark.row_no or 0)
    page = own.add(ROWS_SHEET)
    for column, (title, width) in enumerate(_ROWS_COLUMNS, start=1):
        page.put(1, column, title, HEADER)
        page.widths[column] = width
    for row, mark in enumerate(told[:_MAX_ROWS_LISTED], start=2):
        texts = (mark.sheet or "", str(mark.row_no), mark.sentence)
        for column, text in enumerate(texts, start=1):
            page.put(row, column, text, _IN_BOX)


def _write_head(page: OwnPage, facts: ReceiptFacts) -> int:
    page.merge(1, 1, _LAST)
    page.put(1, 1, REPORT_SHEET, _TITLE)
    page.heights[1] = 30
    pairs = [
        (RECEIPT_LABEL, facts.receipt_no),
        ("上报单位", facts.unit_name),
        ("文件", facts.file_name),
        ("名单", facts.list_text),
        ("处理日期", facts.business_date.isoformat()),
        ("处理结果", facts.status_text),
        ("未作为数据行", facts.left_out),
    ]
    if facts.reason:
        pairs.append(("原因", facts.reason))
    row = 1
    told = [(label, text) for label, text in pairs if text]
    for row, (label, text) in enumerate(told, start=2):
        page.put(row, 1, label, _LABEL)
        page.merge(row, 2, _LAST)
        page.put(row, 2, text, _IN_BOX)
    return row + 1


def _write_counts(page: OwnPage, row: int, facts: ReceiptFacts) -> int:
    counts = [
        ("读到的行", facts.rows_read),
        ("已接收", facts.rows_loaded),
        ("已退回", facts.rows_quarantined),
        ("无变化", facts.rows_dropped),
    ]
    for column, (label, number) in enumerate(counts, start=1):
        page.put(row, column, label, HEADER)
        is_bad = label == "已退回" and number > 0
        page.put(row + 1, column, number, _BAD_COUNT if is_bad else _COUNT)
    page.heights[row + 1] = 24
    return row + 2


def _write_lines(
    page: OwnPage, row: int, title: str, lines: Sequence[str]
) -> int:
    page.put(row, 1, title, _PART_TITLE)
    for number, line in enumerate(lines, start=row + 1):
        page.merge(number, 1, _LAST)
        page.put(number, 1, line, _LINE_LOOK)
        page.heights[number] = 18
    return row + 1 + len(lines)


def _write_problems(
    page: OwnPage,
    row: int,
    problems: Sequence[Problem],
    titles: Sequence[str],
) -> None:
    page.put(row, 1, "问题汇总", _PART_TITLE)
    for column, text in enumerate(_HEADERS, start=1):
        page.put(row + 1, column, text, HEADER)
    for number, problem in enumerate(problems, start=row + 2):
        _write_problem(page, number, problem, titles)


def _write_problem(
    page: OwnPage,
    row: int,
    problem: Problem,
    titles: Sequence[str],
) -> None:
    """Write one problem as a line, with a link to the first of its rows."""
    texts = {
        1: problem.rule,
        2: problem.title,
        5: problem.sheet or "",
        6: problem.rows_text,
        7: problem.example,
    }
    for column, text in texts.items():
        is_centred = column in _CENTRED
        page.put(row, column, text, _CENTRED_IN_BOX if is_centred else _IN_BOX)
    page.put(row, 3, problem.verdict_text, _VERDICT_LOOKS[problem.verdict])
    page.put(row, _COUNT_COLUMN, problem.count, _CENTRED_IN_BOX)
    # 409 points are the highest row that programs allow.
    page.heights[row] = min(_lines_of(problem) * 15 + 4, 400)
    title = sheet_title(problem.sheet)
    if problem.rows and title in titles:
        page.put(row, _ROWS_COLUMN, problem.rows_text, _LINK)
        place = (problem.rows[0], problem.column or 1)
        page.link(row, _ROWS_COLUMN, title, place)


def _lines_of(problem: Problem) -> int:
    """Return how many lines a problem takes: programs do not measure text before it is edited."""
    return max(
        math.ceil(len(problem.example) / 21),
        math.ceil(len(problem.title) / 14),
        math.ceil(len(problem.rows_text) / 20),
        1,
    )
