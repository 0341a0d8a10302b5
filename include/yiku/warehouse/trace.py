"""What became of a file.

The fate of every row, what its sender was told, and what put it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any

from psycopg import sql

from yiku.contracts.contract_files import load_contracts
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
_SUBMISSIONS = """
select
    s.submission_id, s.receipt_no, s.file_name, s.business_date::text, s.county_code, s.unit_code,
    s.status, s.reason, s.rows_read, s.rows_loaded, s.rows_quarantined, s.rows_dropped,
    s.rows_left_out, s.line_counts, d.receipt_no, s.undone_at is not null
from ops.submission as s
left join ops.submission as d on s.duplicate_of = d.submission_id
where
    s.receipt_no = %(is)s
    or s.submission_id::text = %(is)s
    or s.file_name = any (%(names)s)
    or s.container = any (%(names)s)
    or regexp_replace(s.file_name, '^.*/', '') = any (%(names)s)
order by s.submission_id
"""
_LISTS = """
select distinct template from ops.submission_sheet
where submission_id = %s and template is not null
order by template
"""
_ROWS = """
select sheet, row_no, {code}, fate, fate_rule from raw.{table}
where submission_id = %s
order by sheet, part, row_no
"""
_FINDINGS = """
select
    f.sheet, f.row_no, f.field, f.rule, f.verdict, f.message, c.receipt_no,
    f.closed_on::text, f.carried
from ops.finding as f
left join ops.submission as c on f.closed_by = c.submission_id
where f.submission_id = %s
order by f.sheet nulls first, f.row_no nulls first, f.rule, f.finding_id
"""
FATES = {"loaded": "已入库", "quarantined": "已退回", "dropped": "无变化"}


@dataclass(frozen=True)
class RowTrace:
    """The fate of one row."""

    sheet: str | None
    row_no: int
    template: str
    fate: str
    rule: str | None

    @property
    def became(self) -> tuple[str, str | None]:
        """What became of it, and why."""
        return self.fate, self.rule


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
    carried: bool = False  # the row came again and was still wrong: ``closed_by`` carries it on


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
        # Neighbours alone are put together: whoever reads this has the file in
        # front of her, in its own order.
        alike = groupby(
            self.rows, key=lambda row: (row.sheet, row.template, *row.became)
        )
        for (sheet, template, fate, rule), rows in alike:
            why = f"（{rule}）" if rule else ""
            place = f"{template}·{inline(sheet)}" if sheet else template
            spans = _spans([row.row_no for row in rows])
            yield f"  〔{place}〕第{spans}行 {FATES[fate]}{why}"

    def _findings(self) -> Iterable[str]:
        for finding in self.findings:
            place = f"第{finding.row_no}行 " if finding.row_no else ""
            message = inline(finding.message)
            yield f"  {finding.rule} {place}{message}{_closed(finding)}"


def _closed(finding: FindingTrace) -> str:
    if finding.closed_on is None:
        return ""
    how = (
        f"已由 {finding.closed_by} 更正" if finding.closed_by else "矛盾已消除"
    )
    if finding.carried:
        how = f"又报来仍有问题，由 {finding.closed_by} 继续跟踪"
    return f"［{finding.closed_on} {how}］"


def _spans(numbers: Sequence[int]) -> str:
    """Return row numbers as spans: 3-17、20."""
    spans: list[list[int]] = []
    for number in numbers:
        # several records may stand on one row
        if spans and number - spans[-1][1] in (0, 1):
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [
        str(first) if first == last else f"{first}-{last}"
        for first, last in spans
    ]
    return "、".join(told)


def trace(conn: Connection, reference: str) -> list[Trace]:
    """Return the submissions with this receipt number, number or file name.

    A file's name may come with its bundle's or without.
    """
    asked = {"is": reference, "names": _names(reference)}
    traces = [
        Trace(*line) for line in conn.execute(_SUBMISSIONS, asked).fetchall()
    ]
    # Asked anew, for the register may know a person today whom it did not know
    # when the file came.
    persons = persons_named(conn, [one.file_name for one in traces])
    for one in traces:
        one.file_name = public(one.file_name, persons)
        one.rows = _rows_of(conn, one.submission_id)
        one.findings = _findings_of(conn, one.submission_id)
        _name_sheets(conn, one)
    return traces


def _name_sheets(conn: Connection, one: Trace) -> None:
    """Leave out of the names of sheets whoever was registered only after the ledger had named them."""
    sheets = {row.sheet for row in one.rows if row.sheet} | {
        f.sheet for f in one.findings if f.sheet
    }
    shown = sheet_names(sorted(sheets), persons_named(conn, sheets))
    changed = {
        name: public_name
        for name, public_name in shown.items()
        if name != public_name
    }
    if not changed:
        return
    one.rows = [
        replace(row, sheet=changed.get(row.sheet or "", row.sheet))
        for row in one.rows
    ]
    for position, finding in enumerate(one.findings):
        name = finding.sheet or ""
        if name in changed:
            # the message names the sheet too: it was written when nobody knew the person
            told = finding.message.replace(name, changed[name])
            public_finding = replace(
                finding, sheet=changed[name], message=told
            )
            one.findings[position] = public_finding


def _names(reference: str) -> list[str]:
    """Return the names under which a file may stand in the ledger.

    A path's last part, without the return's ending.
    """
    # The ledger keeps names with their numbers covered, so what is asked for
    # is covered alike.
    name = masked(reference.replace("\\", "/").rsplit("/", 1)[-1])
    # Clerks type what lies before them: the return workbook or the receipt.
    return [
        masked(reference),
        name,
        name.removesuffix(".校验.xlsx"),
        name.removesuffix(".txt"),
    ]


def _rows_of(conn: Connection, submission_id: int) -> list[RowTrace]:
    rows: list[RowTrace] = []
    for (code,) in conn.execute(_LISTS, (submission_id,)).fetchall():
        contract = load_contracts()[str(code)]
        query = sql.SQL(_ROWS).format(
            code=sql.Literal(contract.code),
            table=sql.Identifier(contract.table),
        )
        rows += [
            RowTrace(*line) for line in conn.execute(query, (submission_id,))
        ]
    return rows


def _findings_of(conn: Connection, submission_id: int) -> list[FindingTrace]:
    found = conn.execute(_FINDINGS, (submission_id,))
    return [FindingTrace(*line) for line in found]
