"""What became of a file.

The fate of every row, what its sender was told, and what put it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any

from psycopg import sql

from yiku.contracts.contract import load_contracts
from yiku.display import inline
from yiku.intake.path_names import masked
from yiku.redaction import public, sheet_names
from yiku.tables.line_classes import left_out_text
from yiku.warehouse.connection import Connection
from yiku.warehouse.lookup import persons_named

STATUSES = {
    "received": "等待处理",
    "loaded": "全部入库",
    "partly_loaded": "部分退回",
    "held": "整表暂存",
    "rejected": "未接收",
    "duplicate": "重复文件",
}
FATES = {"loaded": "已入库", "quarantined": "已退回", "dropped": "无变化"}


@dataclass(frozen=True)
class RowTrace:
    """The fate of one row."""

    sheet: str | None
    row_no: int
    template: str
    fate: str
    rule: str | None


@dataclass(frozen=True)
class FindingTrace:
    """One finding, with the receipt of the file that closed it.

    None where other rows contradict the row no more.
    """

    sheet: str | None
    row_no: int | None
    field: str | None
    rule: str
    verdict: str
    message: str
    closed_by: str | None
    closed_on: str | None
    carried: bool = (
        False  # the row came again and was still wrong: ``closed_by`` carries it on
    )


@dataclass
class Trace:
    """What became of one submission."""

    submission_id: int
    receipt_no: str
    file_name: str
    business_date: str
    county_code: str | None
    unit_code: str | None
    status: str
    reason: str | None
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_dropped: int
    rows_left_out: int
    line_counts: dict[str, int]
    duplicate_of: str | None
    undone: bool
    rows: list[RowTrace] = field(default_factory=list)
    findings: list[FindingTrace] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return everything for a program to read."""
        return asdict(self)

    def page(self) -> str:
        """Return everything for a person to read."""
        return "\n".join([*self._head(), *self._rows(), *self._findings()])

    def _head(self) -> Iterable[str]:
        yield f"{inline(self.file_name)}（第 {self.submission_id} 号来件，回执编号 {self.receipt_no}）"
        yield f"  {self.business_date} 由 {self.unit_code or '单位文件夹之外'} 报送：{STATUSES[self.status]}"
        if self.undone:
            yield "  已撤回，不再计入"
        if self.duplicate_of:
            yield f"  与回执编号 {self.duplicate_of} 的文件完全相同"
        yield (
            f"  读到 {self.rows_read} 行：入库 {self.rows_loaded}，退回 {self.rows_quarantined}，"
            f"无变化 {self.rows_dropped}"
        )
        if self.rows_left_out:
            yield f"  未作为数据行读取：{left_out_text(self.line_counts)}"

    def _rows(self) -> Iterable[str]:
        for (sheet, template, fate, rule), rows in groupby(
            self.rows, key=lambda r: (r.sheet, r.template, r.fate, r.rule)
        ):
            why = f"（{rule}）" if rule else ""
            place = f"{template}·{inline(sheet)}" if sheet else template
            yield f"  〔{place}〕第{_spans([r.row_no for r in rows])}行 {FATES[fate]}{why}"

    def _findings(self) -> Iterable[str]:
        for f in self.findings:
            place = f"第{f.row_no}行 " if f.row_no else ""
            yield f"  {f.rule} {place}{inline(f.message)}{_closed(f)}"


def _closed(finding: FindingTrace) -> str:
    if finding.closed_on is None:
        return ""
    how = f"已由 {finding.closed_by} 更正" if finding.closed_by else "矛盾已消除"
    if finding.carried:
        how = f"又报来仍有问题，由 {finding.closed_by} 继续跟踪"
    return f"［{finding.closed_on} {how}］"


def _spans(numbers: Sequence[int]) -> str:
    """Return row numbers as spans: 3-17、20."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n - spans[-1][1] in (0, 1):
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return "、".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def trace(conn: Connection, reference: str) -> list[Trace]:
    """Return the submissions with this receipt number, number or file name (with or without its bundle)."""
    found = conn.execute(
        "select s.submission_id, s.receipt_no, s.file_name, s.business_date::text, s.county_code, s.unit_code,"
        " s.status, s.reason, s.rows_read, s.rows_loaded, s.rows_quarantined, s.rows_dropped, s.rows_left_out,"
        " s.line_counts, d.receipt_no,"
        " s.undone_at is not null from ops.submission as s"
        " left join ops.submission as d on s.duplicate_of = d.submission_id"
        " where s.receipt_no = %(is)s or s.submission_id::text = %(is)s or s.file_name = any (%(names)s)"
        " or s.container = any (%(names)s) or regexp_replace(s.file_name, '^.*/', '') = any (%(names)s)"
        " order by s.submission_id",
        {"is": reference, "names": _names(reference)},
    ).fetchall()
    traces = [Trace(*row) for row in found]
    persons = persons_named(conn, [one.file_name for one in traces])
    for one in traces:
        one.file_name = public(one.file_name, persons)
        one.rows, one.findings = (
            _rows_of(conn, one.submission_id),
            _findings_of(conn, one.submission_id),
        )
        _name_sheets(conn, one)
    return traces


def _name_sheets(conn: Connection, one: Trace) -> None:
    """Leave out of the names of sheets whoever was registered only after the ledger had named them."""
    sheets = {row.sheet for row in one.rows if row.sheet} | {
        f.sheet for f in one.findings if f.sheet
    }
    shown = sheet_names(sorted(sheets), persons_named(conn, sheets))
    changed = {
        name: public_name for name, public_name in shown.items() if name != public_name
    }
    if not changed:
        return
    one.rows = [
        replace(row, sheet=changed.get(row.sheet or "", row.sheet)) for row in one.rows
    ]
    for n, finding in enumerate(one.findings):
        name = finding.sheet or ""
        if name in changed:
            told = finding.message.replace(name, changed[name])
            one.findings[n] = replace(finding, sheet=changed[name], message=told)


def _names(reference: str) -> list[str]:
    """Return the names under which a file may stand in the ledger.

    A path's last part, without the return's ending.
    """
    name = masked(reference.replace("\\", "/").rsplit("/", 1)[-1])
    return [
        masked(reference),
        name,
        name.removesuffix(".校验.xlsx"),
        name.removesuffix(".txt"),
    ]


def _rows_of(conn: Connection, submission_id: int) -> list[RowTrace]:
    carried = conn.execute(
        "select distinct template from ops.submission_sheet"
        " where submission_id = %s and template is not null order by template",
        (submission_id,),
    )
    rows: list[RowTrace] = []
    for contract in [load_contracts()[str(r[0])] for r in carried.fetchall()]:
        query = sql.SQL(
            "select sheet, row_no, {}, fate, fate_rule from raw.{} where submission_id = %s"
            " order by sheet, part, row_no"
        ).format(sql.Literal(contract.code), sql.Identifier(contract.table))
        rows += [RowTrace(*r) for r in conn.execute(query, (submission_id,))]
    return rows


def _findings_of(conn: Connection, submission_id: int) -> list[FindingTrace]:
    found = conn.execute(
        "select f.sheet, f.row_no, f.field, f.rule, f.verdict, f.message, c.receipt_no, f.closed_on::text, f.carried"
        " from ops.finding as f left join ops.submission as c on f.closed_by = c.submission_id"
        " where f.submission_id = %s order by f.sheet nulls first, f.row_no nulls first, f.rule, f.finding_id",
        (submission_id,),
    )
    return [FindingTrace(*r) for r in found]
