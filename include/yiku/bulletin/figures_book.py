"""The figures of a bulletin as a workbook, every line of it, for whoever reckons on."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from yiku.bulletin.contents import Head, title_of
from yiku.bulletin.printable import printable_lines
from yiku.calendar import is_quarter, period_end
from yiku.warehouse.bulletins import Line

_SECTIONS = {
    "overall": "总体情况",
    "ranking": "乡镇排名",
    "target": "目标任务",
    "submission": "报送质量",
    "problem": "存在问题",
    "ask": "下步要求",
    "round": "走访情况",
    "finding": "督查问题",
    "town": "各乡镇整改",
    "sample": "本次抽查",
    "correction": "更正",
}
_HEADERS = (
    *("部分", "单位", "指标", "数值", "计量单位", "目标", "灯", "名次"),
    *("比上月", "完成率%", "其中逾期", "完成时限"),
)
_WIDTHS = (12, 20, 30, 12, 10, 12, 6, 8, 10, 10, 10, 14)
_MADE = datetime(2000, 1, 1)  # the same file whenever it is written


def build_figures(head: Head, lines: Sequence[Line]) -> bytes:
    """Return the workbook; the same lines give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _MADE})
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#F2F2F2"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("数据")
    sheet.write_string(0, 0, title_of(head), book.add_format({"bold": True}))
    sheet.write_string(1, 0, _days(head))
    for column, (header, width) in enumerate(
        zip(_HEADERS, _WIDTHS, strict=True)
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, header, bold)
    for row, line in enumerate(printable_lines(lines), start=3):
        cells = (
            _SECTIONS[line.section],
            line.place_name,
            line.measure_name,
            line.value,
            line.unit,
            line.target,
            line.light,
            line.rank,
            line.change,
            line.rate_pct,
            line.overdue,
        )
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write_number(row, column, float(value))
        if line.due_on is not None:
            sheet.write_datetime(
                row,
                len(cells),
                datetime.combine(line.due_on, datetime.min.time()),
                day,
            )
    sheet.freeze_panes(3, 0)
    book.close()
    return out.getvalue()


def _days(head: Head) -> str:
    """Return as of which days the parts stand: what is open is known of the night of the issue alone."""
    as_of, issued = head.as_of_on.isoformat(), head.issued_on.isoformat()
    if is_quarter(head.period):
        last_day = period_end(head.period).isoformat()
        return (
            f"总体情况、乡镇排名截至 {as_of}；走访情况、督查问题、各乡镇整改截至 {last_day}；"
            f"本次抽查于 {issued} 抽取"
        )
    return (
        f"总体情况、乡镇排名、目标任务截至 {as_of}；"
        f"报送质量、存在问题、下步要求截至 {issued}"
    )
