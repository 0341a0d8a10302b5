"""What checking workbooks came to, as one page for a browser: file by file, what is wrong where.

It needs nothing from outside and no script, prints on A4, and names no person: rows by their
numbers, columns by their headers.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path, PurePath

from yiku.checking.findings import Finding
from yiku.checking.message import message
from yiku.contracts import load_contracts
from yiku.display import inline
from yiku.intake.path_names import CHECK_PAGE
from yiku.pipeline.check_result import (
    STATUSES,
    VERDICTS,
    CheckResult,
    reading_order,
)
from yiku.pipeline.ledger_texts import Told
from yiku.redaction import sheet_names, without_numbers
from yiku.tables.line_classes import left_out_text
from yiku.warehouse.settled import Settled
from yiku.whole_files import write_whole

# More lines of one file nobody reads: what causes them is one thing.
_MOST_LINES = 300
_LINE_HEADERS = ("处理", "规则", "工作表", "行", "列", "怎么改")
_FILE_HEADERS = (
    "文件",
    "名单",
    "期次",
    "结果",
    "读到",
    "通过",
    "退回",
    "重复",
    "请核实",
)
_STYLE = """
body { font: 15px/1.6 "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #222;
  margin: 24px auto; max-width: 1200px; padding: 0 16px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 18px; margin: 28px 0 4px }
p { margin: 4px 0 } .when, .left-out { color: #666 }
.sums { display: table; margin: 16px 0 } .sums span { display: table-cell; padding: 6px 22px 6px 0 }
.sums b { display: block; font-size: 24px }
table { border-collapse: collapse; width: 100%; margin: 8px 0 }
th, td { border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: #eef2f7; white-space: nowrap } td.number { text-align: right; white-space: nowrap }
td.short { white-space: nowrap }
.bad { background: #ffc7ce } .ask { background: #ffeb9c } .good { background: #e2efda }
a { color: inherit }
@media print { @page { size: A4 landscape; margin: 12mm } body { margin: 0; max-width: none; font-size: 12px }
  thead { display: table-header-group } tr { break-inside: avoid } h2 { break-after: avoid }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
"""


@dataclass(frozen=True)
class _Cell:
    """A cell of a table on the page: its text and how it is dressed."""

    text: str
    dress: str = ""
    anchor: str = ""  # of the page, to which a click leads

    def html(self) -> str:
        """Return the cell, with what a stranger wrote as text."""
        words = escape(inline(self.text))
        if self.anchor:
            words = f'<a href="#{self.anchor}">{words}</a>'
        dress = f' class="{self.dress}"' if self.dress else ""
        return f"<td{dress}>{words}</td>"


def write_page(result: CheckResult, path: Path, now: datetime) -> None:
    """Write the page. OSError where it cannot be written."""
    write_whole(path, page(result, now).encode())


def place_of_page(paths: Sequence[Path]) -> Path:
    """Return where the page about some files or folders goes: beside the workbooks."""
    first = paths[0]
    folder = first if first.is_dir() else first.parent
    return folder / CHECK_PAGE


def page(result: CheckResult, now: datetime) -> str:
    """Return the page. ``now`` is when it was checked."""
    named = list(
        enumerate(zip(_file_names(result.files), result.files, strict=True))
    )
    lines = [
        _file_line(number, name, settled) for number, (name, settled) in named
    ]
    pieces = [
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>核对报告</title><style>{_STYLE}</style></head><body>",
        "<h1>核对报告</h1>",
        f'<p class="when">{now:%Y-%m-%d %H:%M} 核对，未上报。本页不含个人信息。</p>',
        _sums(result),
        _not_checked(result),
        _table(_FILE_HEADERS, lines),
    ]
    for number, (name, settled) in named:
        pieces += _file_part(number, name, settled)
    pieces.append("</body></html>\n")
    return "".join(pieces)


def _sums(result: CheckResult) -> str:
    counts = [settled.outcome.counts for settled in result.files]
    statuses = Counter(settled.outcome.status for settled in result.files)
    sums = {
        "文件": len(result.files),
        **{STATUSES[status]: count for status, count in statuses.items()},
        "读到的行": sum(count.read for count in counts),
        "通过的行": sum(count.loaded for count in counts),
        "退回的行": sum(count.quarantined for count in counts),
    }
    shown = "".join(
        f"<span>{name}<b>{count}</b></span>" for name, count in sums.items()
    )
    return f'<div class="sums">{shown}</div>'


def _not_checked(result: CheckResult) -> str:
    if not result.not_checked:
        return ""
    rules = "、".join(result.not_checked)
    return f"<p>没有名录和建档立卡数据，未核对：{rules}。</p>"


def _file_names(files: Sequence[Settled]) -> list[str]:
    """Return how each file is called: with its folders, where those of the files differ."""
    folders = [_folder_of(settled) for settled in files]
    common = os.path.commonpath(folders) if folders else ""
    names = []
    for settled, folder in zip(files, folders, strict=True):
        path = PurePath(os.path.relpath(folder, common))
        name = (path / settled.arrival.file_name).as_posix()
        names.append(inline(without_numbers(name)))
    return names


def _folder_of(settled: Settled) -> str:
    """Return the folder in which a file lies, or the bundle that it is in."""
    path = settled.arrival.source.rsplit("::", 1)[-1]
    return os.path.dirname(os.path.abspath(path))


def _file_line(number: int, name: str, settled: Settled) -> Sequence[_Cell]:
    outcome, counts = settled.outcome, settled.outcome.counts
    has_part = any(_shown_findings(settled))
    anchor = f"file-{number}" if has_part else ""
    asked = sum(finding.verdict == "W" for finding in outcome.findings)
    numbers = (
        counts.read,
        counts.loaded,
        counts.quarantined,
        counts.dropped,
        asked,
    )
    return [
        _Cell(name, anchor=anchor),
        _Cell(_list_title(settled)),
        _Cell(outcome.period or "", "short"),
        _Cell(STATUSES[outcome.status], _status_dress(outcome.status)),
        *(_Cell(str(count), "number") for count in numbers),
    ]


def _status_dress(status: str) -> str:
    if status == "loaded":
        return "good"
    return "ask" if status == "duplicate" else "bad"


def _file_part(number: int, name: str, settled: Settled) -> Iterator[str]:
    """Yield what is wrong in one file; nothing of one in which nothing is."""
    findings = sorted(_shown_findings(settled), key=reading_order)
    if not findings:
        return
    title = _list_title(settled)
    named = f"《{title}》" if title else ""
    yield f'<h2 id="file-{number}">{escape(name)}{escape(named)}</h2>'
    left_out = left_out_text(settled.file.lines)
    if left_out:
        yield f'<p class="left-out">未作为数据行读取：{escape(left_out)}。</p>'
    sheets = {finding.sheet for finding in findings if finding.sheet}
    # Without a warehouse nobody's name is known: sheets lose their numbers alone.
    told = Told(sheet_names(sheets, frozenset()), frozenset())
    shown = findings[:_MOST_LINES]
    lines = (_finding_line(told.finding(finding)) for finding in shown)
    yield _table(_LINE_HEADERS, lines)
    more = len(findings) - len(shown)
    if more:
        yield f"<p>另有 {more} 处，改好以上的再核对一次就会列出。</p>"


def _shown_findings(settled: Settled) -> list[Finding]:
    """Return what a clerk is told of a file: repairs need no action."""
    return [
        finding
        for finding in settled.outcome.findings
        if finding.verdict != "A"
    ]


def _finding_line(finding: Finding) -> Sequence[_Cell]:
    row = "" if finding.row_no is None else str(finding.row_no)
    dress = "ask" if finding.verdict == "W" else "bad"
    return [
        _Cell(VERDICTS[finding.verdict], f"short {dress}"),
        _Cell(finding.rule, "short"),
        _Cell(without_numbers(finding.sheet or "")),
        _Cell(row, "number"),
        _Cell(_column_name(finding)),
        _Cell(message(finding)),
    ]


def _column_name(finding: Finding) -> str:
    """Return the header that a finding is about, as the file has it, else as the list has it."""
    if finding.header:
        return without_numbers(finding.header)
    contract = load_contracts().get(finding.template or "")
    if contract is None or not finding.field:
        return ""
    headers = {column.name: column.header for column in contract.columns}
    return headers.get(finding.field, "")


def _list_title(settled: Settled) -> str:
    contract = load_contracts().get(settled.outcome.template or "")
    return contract.title if contract else ""


def _table(headers: Iterable[str], lines: Iterable[Sequence[_Cell]]) -> str:
    head = "".join(f"<th>{header}</th>" for header in headers)
    body = ""
    for line in lines:
        cells = "".join(cell.html() for cell in line)
        body += f"<tr>{cells}</tr>\n"
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
    )
