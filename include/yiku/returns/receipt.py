"""The receipt: a short text that says what became of a file.

It names no person and no number of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiku.formats.return_marks import RECEIPT_LABEL
from yiku.returns.reply import Mark, ReceiptFacts
from yiku.returns.report import group_problems

_MAX_PROBLEMS = 12


def build_receipt(
    facts: ReceiptFacts, marks: Sequence[Mark], return_name: str | None = None
) -> str:
    """Return the text of ``<receipt_no>.txt``.

    ``return_name`` is the return workbook that lies beside it.
    """
    lines = [f"{RECEIPT_LABEL}：{facts.receipt_no}"]
    if facts.unit_name:
        lines.append(f"上报单位：{facts.unit_name}")
    lines.append(f"文件：{facts.file_name}")
    if facts.list_text:
        lines.append(f"名单：{facts.list_text}")
    lines += [
        f"处理日期：{facts.business_date.isoformat()}",
        f"处理结果：{facts.status_text}",
    ]
    if facts.reason:
        lines.append(f"原因：{facts.reason}")
    if facts.rows_read:
        lines.append(
            f"读到{facts.rows_read}行：接收{facts.rows_loaded}行，退回{facts.rows_quarantined}行，"
            f"无变化{facts.rows_dropped}行。"
        )
    if facts.left_out:
        lines.append(f"未作为数据行读取：{facts.left_out}。")
    for receipt_no, count in sorted(facts.carried.items()):
        lines.append(
            f"{receipt_no}中退回的行，有{count}行又报来仍有问题，改由本回执继续跟踪。"
        )
    lines += facts.remarks
    lines += _problem_lines(marks)
    if any(mark.back for mark in marks):
        lines.append(f"请在{facts.deadline.isoformat()}前改好报回。")
    if return_name:
        lines.append(f"逐行的修改意见见“{return_name}”。")
    return "\n".join(lines) + "\n"


def _problem_lines(marks: Sequence[Mark]) -> list[str]:
    problems = group_problems(marks)
    if not problems:
        return []
    lines = ["问题："]
    for problem in problems[:_MAX_PROBLEMS]:
        where = f"（工作表“{problem.sheet}”）" if problem.sheet else ""
        what = f"[{problem.rule}] {problem.title}：{problem.verdict_text}"
        lines.append(f"  {what}，{problem.count}处{where}")
    # A receipt is read on a phone: the rest stands in the return workbook.
    more = len(problems) - _MAX_PROBLEMS
    if more > 0:
        lines.append(f"  另有{more}类问题，见校验文件。")
    return lines
