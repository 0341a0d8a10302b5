"""Check workbooks without a database: what `yiku check` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from yiku import calendar
from yiku.batch import Arrival, Known, Settled, settle_files
from yiku.batch.offline import known_from_files, nothing_known
from yiku.batch.processing import read_files
from yiku.checking.message import message, sentence
from yiku.checking.suites import rules_needing_register
from yiku.contracts import load_contracts
from yiku.display import inline
from yiku.formats.cells import RefusedError
from yiku.formats.container import unpack
from yiku.intake.path_names import Sender, is_litter, sender_of
from yiku.pipeline.ledger_texts import Told
from yiku.pipeline.replies import write_returns
from yiku.redaction import sheet_names, without_numbers
from yiku.settings import load_settings
from yiku.tables.line_classes import left_out, left_out_text

Watch = Callable[[range, str], Iterable[int]]

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


@dataclass
class CheckResult:
    """What came out: ``findings`` with the file they belong to, the files' outcomes, what could not be checked."""

    files: list[Settled] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Everything that a clerk would be told, repairs that need no action aside."""
        return [f for f in self._all() if f["verdict"] != "A"]

    def _all(self) -> list[dict[str, Any]]:
        return [
            {
                "file": without_numbers(s.arrival.file_name),
                "sheet": f.sheet and without_numbers(f.sheet),
                "row": f.row_no,
                "field": f.field,
                "rule": f.rule,
                "verdict": f.verdict,
                "message": message(told.finding(f)),
            }
            for s in self.files
            for told in [
                Told(
                    sheet_names({f.sheet for f in s.outcome.findings if f.sheet}),
                    frozenset(),
                )
            ]
            for f in s.outcome.findings
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a program reads it."""
        outcomes = [
            {
                "file": without_numbers(s.arrival.file_name),
                "status": s.outcome.status,
                "template": s.outcome.template,
                **_counts(s),
                **_lines(s),
            }
            for s in self.files
        ]
        written = [str(p) for p in self.written]
        return {
            "files": outcomes,
            "findings": self._all(),
            "not_checked": self.not_checked,
            "written": written,
        }

    def lines(self) -> list[str]:
        """Return the result as a clerk or an engineer reads it on a terminal."""
        lines: list[str] = []
        for settled in self.files:
            lines += _file_lines(settled)
        lines += (
            [f"没有名录和建档立卡数据，未核对：{'、'.join(self.not_checked)}。"]
            if self.not_checked
            else []
        )
        return lines + [f"退件已写到 {p}" for p in self.written]


def _counts(settled: Settled) -> dict[str, int]:
    c = settled.outcome.counts
    return {
        "read": c.read,
        "loaded": c.loaded,
        "quarantined": c.quarantined,
        "dropped": c.dropped,
    }


def _lines(settled: Settled) -> dict[str, Any]:
    """Say of every line of a file that is not blank what it was taken for."""
    return {"lines": dict(settled.lines), "rows_left_out": left_out(settled.lines)}


def _file_lines(settled: Settled) -> list[str]:
    outcome, counts = settled.outcome, settled.outcome.counts
    contract = load_contracts().get(outcome.template or "")
    title = f"《{contract.title}》" if contract else ""
    head = f"{inline(settled.arrival.file_name)}{title}：{STATUSES[outcome.status]}，读到 {counts.read} 行"
    lines = [
        f"{head}，通过 {counts.loaded} 行，退回 {counts.quarantined} 行，重复 {counts.dropped} 行。"
    ]
    if told := left_out_text(settled.lines):
        lines.append(f"  未作为数据行读取：{told}。")
    order = {v: i for i, v in enumerate("FSQWA")}
    for f in sorted(
        outcome.findings, key=lambda f: (order[f.verdict], f.sheet or "", f.row_no or 0)
    ):
        place = "".join(
            [
                f"工作表“{inline(f.sheet)}”" if f.sheet else "",
                f"第{f.row_no}行" if f.row_no else "",
            ]
        )
        lines.append(
            f"  [{VERDICTS[f.verdict]} {f.rule}] {place}{'：' if place else ''}{inline(sentence(f))}"
        )
    return lines


def check_files(
    paths: Sequence[Path],
    out: Path | None = None,
    watched: Watch = lambda items, _: items,
) -> CheckResult:
    """Read and check workbooks, also those below a folder; with ``out``, write a return workbook for what has findings.

    What the reference lists among the files say is used. The business date is the latest that the files speak of.
    ``watched`` is handed the numbers of the files and what is done with them, and yields them as it is begun.
    """
    settings = load_settings()
    arrivals = [a for p in paths for f in _files(p) for a in _arrivals(f)]
    arrivals = [replace(a, submission_id=i) for i, a in enumerate(arrivals)]
    day = _business_date(
        arrivals, settings.workers, lambda files: watched(files, "读表")
    )
    arrivals = [replace(a, business_date=day) for a in arrivals]
    known = known_from_files(arrivals, day, settings.workers)
    settled: list[Settled] = settle_files(
        arrivals,
        known,
        settings.expectations,
        settings.workers,
        lambda s: s,
        lambda files: watched(files, "核对"),
    )
    result = CheckResult(sorted(settled, key=lambda s: s.arrival.submission_id))
    if not _has_register(known):
        needing = rules_needing_register(settings.expectations, load_contracts())
        result.not_checked = sorted({r for rules in needing.values() for r in rules})
    if out is not None:
        result.written = write_returns(
            result.files, out, day, settings.workers, lambda fs: watched(fs, "写退件")
        )
    return result


def _has_register(known: Known) -> bool:
    return bool(known.snapshot([], []).counties)


def _files(path: Path) -> list[Path]:
    """Return a file, or the clerks' files below a folder."""
    if not path.is_dir():
        return [path]
    below = ((p, p.relative_to(path)) for p in path.rglob("*") if p.is_file())
    return sorted(p for p, name in below if not is_litter(name.as_posix()))


def _arrivals(path: Path) -> list[Arrival]:
    sender = _sender(path.resolve())
    place: dict[str, Any] = {
        "submission_id": 0,  # numbered when all are known
        "county_code": sender.county_code or "",
        "unit_code": sender.unit_code or "county",
        "received_at": datetime.now(UTC),
    }
    try:
        inner = unpack(path.read_bytes(), path.name)
    except RefusedError:  # reading it says so
        inner = [(path.name, b"")]
    if [n for n, _ in inner] == [path.name]:
        return [Arrival(file_name=path.name, source=str(path), **place)]
    return [
        Arrival(
            file_name=f"{path.name}/{n}", source=f"zip://{n}::{path}", inner=n, **place
        )
        for n, _ in inner
    ]


def _sender(path: Path) -> Sender:
    """Tell from the folders above a file who sent it, wherever the inbox begins."""
    parts = path.parts
    for i in range(len(parts) - 2):
        sender = sender_of("/".join(parts[i:]))
        if sender.unit_code:
            return sender
    return Sender(None, None)


def _business_date(
    arrivals: Sequence[Arrival], workers: int, watched: Callable[[range], Iterable[int]]
) -> date:
    today = calendar.business_date(datetime.now(UTC))
    reads = read_files(arrivals, nothing_known(today), workers, watched)
    tables = [t.metadata for r in reads if r.reading for t in r.reading.tables]
    days = [
        e.fill_date or (calendar.period_end(e.period) if e.period else None)
        for e in tables
    ]
    return min(max((d for d in days if d), default=today), today)
