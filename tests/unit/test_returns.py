"""The workbook that goes back: marked, safe to open, and understood again when it returns."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import format_files as files
import openpyxl
import openpyxl.chart
import pytest
from openpyxl.cell.cell import MergedCell
from package_validator import faults
from yiku.formats.detection import read_book
from yiku.formats.return_marks import (
    ADVICE_HEADER,
    BAD_FILL,
    COMMENT_START,
    REFERENCE_HEADER,
    REPORT_SHEET,
    RESULT_HEADER,
    answer_in,
)
from yiku.returns import (
    Mark,
    PlacedTable,
    ReceiptFacts,
    build_receipt,
    build_return,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "returns"
FACTS = ReceiptFacts(
    receipt_no="R20171120-510802101-0007",
    file_name="大石镇补贴.xlsx",
    list_title="补贴发放台账",
    status="partly_loaded",
    business_date=date(2017, 11, 20),
    deadline=date(2017, 12, 4),
    unit_name="大石镇",
    period="2017-11",
    rows_read=4,
    rows_loaded=2,
    rows_quarantined=2,
)
MARKS = [
    Mark(
        "名单",
        3,
        "id_no",
        3,
        "I08",
        "Q",
        "第3行【身份证号】校验位不对。请对照身份证核对。",
    ),
    Mark(
        "名单",
        4,
        "id_no",
        3,
        "I01",
        "Q",
        "第4行身份证号被当作数字保存。确认请填“同意”。",
    ),
    Mark(
        "名单",
        4,
        "amount_yuan",
        4,
        "N01",
        "W",
        "第4行【金额】不是一个准确的数字。",
    ),
    Mark(
        "名单", None, None, None, "L13", "W", "有1行被隐藏，请确认是否需要。"
    ),
    Mark(
        "名单",
        None,
        "phone",
        None,
        "C09",
        "A",
        "【联系电话】有5处多余的空格，已自动去掉。",
    ),
]
TABLES = [PlacedTable("名单", 2, {3: "id-3", 4: "id-4", 5: "id-5", 6: "id-6"})]
SOURCES = {
    "xlsx": files.xlsx_with_looks(),
    "xls": files.xls_with_looks(),
    "ods": files.ods(),
    "xml2003": files.XML2003.encode(),
}


def opened(data: bytes) -> openpyxl.Workbook:
    assert faults(data) == []
    return openpyxl.load_workbook(io.BytesIO(data))


def returned(kind: str = "xlsx", marks: list[Mark] = MARKS) -> bytes:
    return build_return(
        SOURCES[kind], f"表.{kind}", kind, FACTS, marks, TABLES
    )


def dump(data: bytes) -> str:
    """Write down every cell with what can be seen of it, one a line."""
    lines = []
    for page in opened(data).worksheets:
        lines.append(
            f"# {page.title} {page.sheet_state} {sorted(map(str, page.merged_cells.ranges))}"
        )
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell, MergedCell) or (
                    cell.value is None and cell.comment is None
                ):
                    continue
                fill = cell.fill.fgColor.rgb if cell.fill.fill_type else "-"
                text = (
                    ""
                    if cell.comment is None
                    else f" ‖ {cell.comment.author}: {cell.comment.text!r}"
                )
                lines.append(
                    f"{cell.coordinate} {cell.data_type} {cell.number_format} {fill} {cell.value!r}{text}"
                )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_return_workbook_looks_as_agreed(kind: str):
    assert dump(returned(kind)) == (GOLDEN / f"{kind}.txt").read_text("utf-8")


def test_a_period_is_not_named_without_a_list():
    facts = replace(FACTS, list_title="")
    assert "2017-11）" not in build_receipt(facts, MARKS)
    page = opened(
        build_return(SOURCES["xlsx"], "表.xlsx", "xlsx", facts, MARKS, TABLES)
    )[REPORT_SHEET]
    assert "名单" not in {cell.value for cell in page["A"]}


def test_the_receipt_reads_as_agreed():
    assert build_receipt(FACTS, MARKS, "表.校验.xlsx") == (
        GOLDEN / "receipt.txt"
    ).read_text("utf-8")


def test_an_xlsx_keeps_its_formatting_and_its_formulas_with_their_results():
    page = opened(returned())["名单"]
    assert page["D7"].value == "=SUM(D3:D6)"
    assert page["B4"].font.strike
    assert page["B5"].fill.fgColor.rgb == "FFFF0000"
    assert page.row_dimensions[6].hidden
    assert page["B3"].comment.text == "核实过"
    sheet = next(
        s for s in read_book(returned(), "x").sheets if s.name == "名单"
    )
    assert sheet.values[6][3] == 3600.5
    assert sheet.values[7][3] == "#N/A"
    assert (7, 4) not in sheet.look.uncached


def test_bad_number_cells_become_text_cells_for_the_next_try():
    page = opened(returned())["名单"]
    assert page["C4"].number_format == "@"
    assert page["C3"].number_format != "@"


def test_a_clerks_comment_survives_ours():
    once = returned(marks=[replace(MARKS[0], column=2)])
    assert opened(once)["名单"]["B3"].comment.text.endswith("\n原批注：核实过")
    sheet = next(s for s in read_book(once, "x").sheets if s.name == "名单")
    assert sheet.look.comments == {(3, 2): "核实过"}
    again = build_return(once, "x.xlsx", "xlsx", FACTS, [], TABLES)
    assert opened(again)["名单"]["B3"].comment.text == "核实过"


def test_our_own_marks_are_not_taken_for_the_clerks():
    book = read_book(returned(), "x.xlsx")
    sheet = next(s for s in book.sheets if s.name == "名单")
    assert sheet.look.comments == {(3, 2): "核实过"}
    assert sheet.look.hidden_columns == {8}
    assert not sheet.look.coloured_rows & {3, 4}
    report = book.sheets[0]
    assert report.name == REPORT_SHEET
    assert report.values[1][:2] == ["回执编号", FACTS.receipt_no]


def test_a_return_workbook_that_comes_back_is_marked_anew_not_twice():
    again = build_return(
        returned(),
        "x.xlsx",
        "xlsx",
        FACTS,
        MARKS[:1],
        [PlacedTable("名单", 2, {3: "new-3", 4: "new-4"})],
    )
    workbook = opened(again)
    assert workbook.sheetnames.count(REPORT_SHEET) == 1
    page = workbook["名单"]
    headers = [c.value for c in page[2]]
    assert [
        headers.count(h)
        for h in (RESULT_HEADER, ADVICE_HEADER, REFERENCE_HEADER)
    ] == [1, 1, 1]
    column = headers.index(RESULT_HEADER) + 1
    assert [page.cell(r, column).value for r in (3, 4)] == ["已退回", None]
    assert page.cell(4, column + 2).value == "r:new-4"
    assert page["C4"].fill.fill_type is None
    assert page["C4"].comment is None
    assert page["C3"].comment is not None


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://x","点")',
    "+86-139",
    "-2+3",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\t=1",
    "#N/A",
]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "xml2003", "html"])
def test_no_text_of_a_clerk_becomes_a_formula(kind: str):
    rows = [
        ["姓名", "备注"],
        *[[f"张{n}", text] for n, text in enumerate(HOSTILE)],
    ]
    data = {
        "xlsx": xlsx_of_text,
        "csv": csv_of_text,
        "xml2003": xml_of_text,
        "html": html_of_text,
    }[kind](rows)
    sheet = read_book(data, "x").sheets[0].name
    marks = [
        Mark(sheet, n + 2, "remark", 2, "C06", "Q", text)
        for n, text in enumerate(HOSTILE)
    ]
    back = build_return(
        data, "x", kind, FACTS, marks, [PlacedTable(sheet, 1, {2: "=evil()"})]
    )
    workbook = opened(back)
    cells = [
        cell
        for page in workbook.worksheets
        for row in page.iter_rows()
        for cell in row
    ]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {
        "s",
        "n",
    }
    page = workbook[sheet or "数据"]
    assert {page.cell(n + 2, 2).value for n in range(len(HOSTILE))} >= {
        "=1+1",
        "@SUM(A1)",
        "#N/A",
    }
    assert page["B2"].quotePrefix


def xlsx_of_text(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = book.active.cell(number, column, text)
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of_text(rows: list[list[str]]) -> bytes:
    return "\n".join(
        ";".join('"' + t.replace('"', '""') + '"' for t in row) for row in rows
    ).encode()


def xml_of_text(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<Row>"
        + "".join(
            f"<Cell><Data ss:Type='String'>{t}</Data></Cell>" for t in row
        )
        + "</Row>"
        for row in rows
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f"<?xml version='1.0'?><Workbook xmlns='{space}' xmlns:ss='{space}'><Worksheet ss:Name='表'><Table>{cells}"
        "</Table></Worksheet></Workbook>"
    ).encode()


def html_of_text(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<tr>" + "".join(f"<td>{t}</td>" for t in row) + "</tr>"
        for row in rows
    )
    return f"<html><body><table>{cells}</table></body></html>".encode()


def test_an_id_stored_as_a_number_stays_visible_in_a_rebuilt_workbook():
    page = opened(
        build_return(SOURCES["xml2003"], "x", "xml2003", FACTS, [], [])
    )["名单"]
    assert page["A3"].number_format == "0"


def test_marks_on_merged_cells_go_to_the_cell_that_shows_the_value():
    data = SOURCES["xls"]
    mark = Mark(
        "名单", 1, "title", 3, "L10", "Q", "第1行合并单元格，请逐人填写。"
    )
    page = opened(build_return(data, "x.xls", "xls", FACTS, [mark], TABLES))[
        "名单"
    ]
    assert page["A1"].comment.text == COMMENT_START + mark.sentence


def test_a_row_that_is_wrong_as_a_whole_is_marked_where_it_begins():
    mark = Mark("名单", 5, None, None, "X15", "Q", "该人另有一个在岗的岗位。")
    warning = Mark("名单", 6, None, None, "X07", "W", "该人不在库。")
    page = opened(returned(marks=[mark, warning]))["名单"]
    assert page["A5"].comment.text == COMMENT_START + mark.sentence
    assert page["A6"].comment is None


def test_a_held_sheet_shows_which_header_holds_it_and_asks_for_no_rows():
    held = [
        Mark(
            "名单",
            None,
            None,
            None,
            "L03",
            "S",
            "有2列都可以理解为“身份证号”。",
            header="个人情况/身份证号",
        ),
        Mark(
            "名单", 3, None, None, "L03", "Q", "有2列都可以理解为“身份证号”。"
        ),
    ]
    book = opened(returned(marks=held))
    page = book["名单"]
    (head,) = [
        c
        for row in page.iter_rows(max_row=2)
        for c in row
        if c.value == "身份证号"
    ]
    assert head.fill.fgColor.rgb.endswith(BAD_FILL)
    assert "有2列都可以理解" in head.comment.text
    told = "".join(str(c.value) for (c,) in book["校验报告"]["A1:A30"])
    assert "各行不用逐行改" in told
    assert "只改标红的行" not in told
    assert "系统推测" not in told


def test_two_tables_that_share_rows_carry_no_reference_there():
    tables = [
        PlacedTable("名单", 2, {3: "a", 4: "b"}),
        PlacedTable("名单", 2, {4: "c"}, part=1),
    ]
    page = opened(
        build_return(SOURCES["xls"], "x.xls", "xls", FACTS, MARKS, tables)
    )["名单"]
    column = [c.value for c in page[2]].index(REFERENCE_HEADER) + 1
    assert [page.cell(r, column).value for r in (3, 4)] == ["r:a", None]


def test_a_file_that_cannot_be_read_comes_back_as_a_report():
    facts = replace(
        FACTS,
        status="rejected",
        reason="文件已加密。",
        rows_read=0,
        rows_loaded=0,
        rows_quarantined=0,
    )
    marks = [
        Mark(
            None,
            None,
            None,
            None,
            "F05",
            "F",
            "文件已加密，请取消打开密码后重新上报。",
        )
    ]
    workbook = opened(build_return(b"%PDF-1.4", "x.pdf", "", facts, marks))
    assert workbook.sheetnames == [REPORT_SHEET]


def test_only_one_sheet_is_selected():
    workbook = opened(returned())
    assert [bool(p.sheet_view.tabSelected) for p in workbook.worksheets] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("同意", "同意"),
        (" 同意。", "同意"),
        ("删除", "删除"),
        ("系统推测是“510802********9971”，确认请填“同意”。", None),
        ("系统推测是“510802********9971”，确认请填“同意”。同意", "同意"),
        ("同意\n确认请填“同意”。", "同意"),
        ("不同意", None),
        ("请确认：①应删除（请在修改意见中写“删除”）②漏报。", None),
        ("同意，删除", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_word_that_stands_alone_is_an_answer(
    text: str | None, answer: str | None
):
    assert answer_in(text) == answer


def told_lost(
    data: bytes, name: str = "表.xlsx", kind: str = "xlsx"
) -> list[str]:
    page = opened(build_return(data, name, kind, FACTS, MARKS, TABLES))[
        REPORT_SHEET
    ]
    lines = [str(cell.value) for (cell, *_) in page.iter_rows() if cell.value]
    return [line for line in lines if "没能带进" in line]


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_the_report_says_what_of_the_workbook_could_not_be_kept():
    assert told_lost(files.xlsx_with_looks()) == []  # text boxes and all
    plain = files.plain_xlsx([["姓名"], ["张三"]])
    assert told_lost(plain) == []
    (line,) = told_lost(
        with_part(plain, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
        "表.xlsm",
        "xlsm",
    )
    assert "宏没能带进" in line
    (line,) = told_lost(SOURCES["xls"], "表.xls", "xls")
    assert "只按单元格的内容重新生成" in line


def test_a_chart_and_a_picture_that_are_kept_are_not_told_of():
    book = openpyxl.Workbook()
    page = book.active
    for row in (["名单"], ["姓名", "金额"], ["张三", 1], ["李四", 2]):
        page.append(row)
    chart = openpyxl.chart.BarChart()
    chart.add_data(
        openpyxl.chart.Reference(page, min_col=2, min_row=2, max_row=4)
    )
    page.add_chart(chart, "E2")
    out = io.BytesIO()
    book.save(out)
    assert told_lost(out.getvalue()) == []
