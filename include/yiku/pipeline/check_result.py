"""What checking workbooks came to: as lines for a person, as facts for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yiku.checking.findings import Finding
from yiku.checking.message import message, sentence
from yiku.contracts import load_contracts
from yiku.display import inline
from yiku.pipeline.ledger_texts import Told
from yiku.redaction import sheet_names, without_numbers
from yiku.tables.line_classes import left_out, left_out_text
from yiku.warehouse.settled import Settled

VERDICTS = {
    "A": "已自动更正",
    "W": "请核实",
    "Q": "已退回",
    "S": "暂存待核",
    "F": "未接收",
}
STATUSES = {
    "loaded": "全部通过",
    "partly_loaded": "部分退回",
    "held": "整表暂存",
    "rejected": "未接收",
    "duplicate": "重复",
}
# What keeps a whole file out is read before what keeps a row out.
_GRAVEST_FIRST = "FSQWA"


@dataclass
class CheckResult:
    """What came out.

    ``findings`` with the file they belong to, the files' outcomes, what could not be checked.
    """

    files: list[Settled] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    page: Path | None = None
    page_failed: Path | None = None  # where it could not be written

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Everything that a clerk would be told, repairs that need no action aside."""
        return [found for found in self._all() if found["verdict"] != "A"]

    def _all(self) -> list[dict[str, Any]]:
        return [
            found for settled in self.files for found in _findings_of(settled)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a program reads it."""
        return {
            "files": [_outcome_of(settled) for settled in self.files],
            "findings": self._all(),
            "not_checked": self.not_checked,
            "written": [str(path) for path in self.written],
            "report": None if self.page is None else str(self.page),
        }

    def lines(self) -> list[str]:
        """Return the result as a clerk or an engineer reads it on a terminal."""
        lines: list[str] = []
        for settled in self.files:
            lines += _file_lines(settled)
        if self.not_checked:
            rules = "、".join(self.not_checked)
            lines.append(f"没有名录和建档立卡数据，未核对：{rules}。")
        lines += [f"退件已写到 {path}" for path in self.written]
        lines.append(self._summary())
        if self.page:
            lines.append(f"核对报告：{self.page}")
        if self.page_failed:
            lines.append(
                f"核对报告没能写到 {self.page_failed}：那里不能写入。可用 --report 指定别处。"
            )
        return lines

    def _summary(self) -> str:
        """Return all files in one line."""
        statuses = Counter(settled.outcome.status for settled in self.files)
        told = [
            f"{name} {statuses[status]} 个"
            for status, name in STATUSES.items()
            if statuses[status]
        ]
        counts = [settled.outcome.counts for settled in self.files]
        read = sum(count.read for count in counts)
        loaded = sum(count.loaded for count in counts)
        back = sum(count.quarantined for count in counts)
        became = "，".join(told) or "没有可核对的文件"
        return f"共 {len(self.files)} 个文件：{became}；读到 {read} 行，通过 {loaded} 行，退回 {back} 行。"


def _findings_of(settled: Settled) -> Iterator[dict[str, Any]]:
    findings = settled.outcome.findings
    sheets = {finding.sheet for finding in findings if finding.sheet}
    # without a warehouse nobody's name is known: sheets lose their numbers alone
    told = Told(sheet_names(sheets, frozenset()), frozenset())
    file_name = without_numbers(settled.arrival.file_name)
    for finding in findings:
        yield {
            "file": file_name,
            "sheet": finding.sheet and without_numbers(finding.sheet),
            "row": finding.row_no,
            "field": finding.field,
            "rule": finding.rule,
            "verdict": finding.verdict,
            "message": message(told.finding(finding)),
        }


def _outcome_of(settled: Settled) -> dict[str, Any]:
    """Return what became of a file, with what every line of it that is not blank was taken for."""
    outcome, counts = settled.outcome, settled.outcome.counts
    return {
        "file": without_numbers(settled.arrival.file_name),
        "status": outcome.status,
        "template": outcome.template,
        "read": counts.read,
        "loaded": counts.loaded,
        "quarantined": counts.quarantined,
        "dropped": counts.dropped,
        "lines": dict(settled.file.lines),
        "rows_left_out": left_out(settled.file.lines),
    }


def _file_lines(settled: Settled) -> Iterator[str]:
    outcome, counts = settled.outcome, settled.outcome.counts
    contract = load_contracts().get(outcome.template or "")
    title = f"《{contract.title}》" if contract else ""
    name = inline(settled.arrival.file_name)
    yield (
        f"{name}{title}：{STATUSES[outcome.status]}，读到 {counts.read} 行，"
        f"通过 {counts.loaded} 行，退回 {counts.quarantined} 行，重复 {counts.dropped} 行。"
    )
    told = left_out_text(settled.file.lines)
    if told:
        yield f"  未作为数据行读取：{told}。"
    for finding in sorted(outcome.findings, key=reading_order):
        yield _finding_line(finding)


def reading_order(finding: Finding) -> tuple[int, str, int]:
    """Return the place of a finding among those of its file: the gravest first, then down the sheet."""
    gravity = _GRAVEST_FIRST.index(finding.verdict)
    # What is said of a sheet as a whole stands before its rows.
    return gravity, finding.sheet or "", finding.row_no or 0


def _finding_line(finding: Finding) -> str:
    place = f"工作表“{inline(finding.sheet)}”" if finding.sheet else ""
    if finding.row_no:
        place += f"第{finding.row_no}行"
    if place:
        place += "："
    verdict = f"{VERDICTS[finding.verdict]} {finding.rule}"
    return f"  [{verdict}] {place}{inline(sentence(finding))}"
