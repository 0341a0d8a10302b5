"""The clerk's package with our marks in it: whatever need not change keeps its bytes, and strict programs open it."""

from __future__ import annotations

import io
import itertools
import posixpath
import re
import zipfile
from datetime import date

import format_files as files
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from package_validator import faults
from python_calamine import CalamineWorkbook
from yiku.contracts import load_contracts
from yiku.formats.return_marks import BAD_FILL, REPORT_SHEET
from yiku.returns import Mark, PlacedTable, ReceiptFacts, build_return
from yiku.returns.sheet_xml import SheetXml
from yiku.tables import Hints, read_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# CT_Worksheet of ECMA-376 part 1, typed off the standard: not the product's own list.
WORKSHEET = [
    *(
        "sheetPr",
        "dimension",
        "sheetViews",
        "sheetFormatPr",
        "cols",
        "sheetData",
        "sheetCalcPr",
    ),
    *(
        "sheetProtection",
        "protectedRanges",
        "scenarios",
        "autoFilter",
        "sortState",
        "dataConsolidate",
        "customSheetViews",
    ),
    *(
        "mergeCells",
        "phoneticPr",
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "printOptions",
        "pageMargins",
    ),
    *(
        "pageSetup",
        "headerFooter",
        "rowBreaks",
        "colBreaks",
        "customProperties",
        "cellWatches",
        "ignoredErrors",
    ),
    *(
        "smartTags",
        "drawing",
        "drawingHF",
        "picture",
        "legacyDrawing",
        "legacyDrawingHF",
        "oleObjects",
    ),
    *("controls", "webPublishItems", "tableParts", "extLst"),
]
STYLES = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
]
STYLES += ["colors", "extLst"]
FACTS = ReceiptFacts(
    "R20171120-510802101-0007",
    "表.xlsx",
    "名单",
    "partly_loaded",
    date(2017, 11, 20),
    date(2017, 12, 4),
)
MARKS = [
    Mark("名单", 3, "id_no", 2, "I08", "Q", "第3行【身份证号】校验位不对。"),
    Mark("名单", 4, "amount_yuan", 3, "N01", "W", "第4行【金额】请核实。"),
]
TABLES = [PlacedTable("名单", 2, {3: "id-3", 4: "id-4"})]
ROWS = [
    ["公岗名单"],
    ["姓名", "身份证号", "金额"],
    ["张三", "51080219850312997X", 300],
    ["李四", "x", 500],
]


def back(data: bytes, kind: str = "xlsx", marks=MARKS, tables=TABLES) -> bytes:
    return build_return(data, f"表.{kind}", kind, FACTS, marks, tables)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert len(set(package.namelist())) == len(package.namelist())
        return {n: package.read(n) for n in package.namelist()}


def unchanged_parts(before: bytes, after: bytes) -> list[str]:
    old, new = parts(before), parts(after)
    return sorted(
        name for name in old.keys() & new.keys() if old[name] == new[name]
    )


def sheet_xml(data: bytes, title: str = "名单") -> str:
    found = parts(data)
    book = etree.fromstring(found["xl/workbook.xml"])
    (rel_id,) = [
        s.get(f"{{{OFFICE}}}id")
        for s in book.iter(f"{{{MAIN}}}sheet")
        if s.get("name") == title
    ]
    rels = etree.fromstring(found["xl/_rels/workbook.xml.rels"])
    (target,) = [r.get("Target") for r in rels if r.get("Id") == rel_id]
    return found[
        posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
    ].decode()


def told(data: bytes) -> str:
    page = openpyxl.load_workbook(io.BytesIO(data))[REPORT_SHEET]
    return "".join(str(c.value) for c in page["A"] if c.value)


def check(data: bytes, strict: bool = False) -> None:
    """What a strict program would refuse."""
    assert faults(data) == []
    found = parts(data)
    types = etree.fromstring(found["[Content_Types].xml"])
    named = [t.get("PartName").lstrip("/") for t in types if t.get("PartName")]
    defaults = {
        t.get("Extension").lower() for t in types if t.get("Extension")
    }
    assert len(set(named)) == len(named)
    assert set(named) <= set(found)
    assert all(
        n in named or n.rpartition(".")[2].lower() in defaults
        for n in found
        if n != "[Content_Types].xml"
    )
    for name in (n for n in found if n.endswith(".rels")):
        base = posixpath.dirname(posixpath.dirname(name))
        ids = [r.get("Id") for r in etree.fromstring(found[name])]
        assert len(set(ids)) == len(ids)
        for entry in etree.fromstring(found[name]):
            target = entry.get("Target")
            if entry.get("TargetMode") != "External":
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(base, target))
                )
                assert path in found, (name, target)
    for name in (
        n for n in found if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)
    ):
        check_sheet(etree.fromstring(found[name]))
    order = [
        STYLES.index(etree.QName(e).localname)
        for e in etree.fromstring(found["xl/styles.xml"])
    ]
    assert order == sorted(order)
    CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(
        "名单"
    ).to_python()
    if not strict:  # openpyxl knows nothing of the strict kind
        openpyxl.load_workbook(io.BytesIO(data))


def check_sheet(root) -> None:
    names = [etree.QName(e).localname for e in root if isinstance(e.tag, str)]
    order = [WORKSHEET.index(n) for n in names if n != "AlternateContent"]
    assert order == sorted(order)
    ranges = [
        (int(c.get("min")), int(c.get("max")))
        for c in root.iterfind("{*}cols/{*}col")
    ]
    assert all(a <= b for a, b in ranges)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ranges))
    rows = [
        int(r.get("r"))
        for r in root.iterfind("{*}sheetData/{*}row")
        if r.get("r")
    ]
    assert rows == sorted(set(rows))
    for row in root.iterfind("{*}sheetData/{*}row"):
        cells = [files_column(c.get("r")) for c in row if c.get("r")]
        assert cells == sorted(set(cells))


def files_column(reference: str) -> int:
    return openpyxl.utils.cell.coordinate_from_string(
        reference
    ) and openpyxl.utils.cell.column_index_from_string(
        re.sub(r"\d", "", reference)
    )


def by_xlsxwriter(dress=lambda book, page: None, rows=ROWS) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("名单")
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    dress(book, page)
    book.add_worksheet("字典").write(0, 0, "保洁")
    book.close()
    return out.getvalue()


def patched(
    data: bytes,
    change: dict[str, tuple[str, str]],
    more: dict[str, bytes] | None = None,
) -> bytes:
    """Return a workbook with pieces of parts replaced, and parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts(data).items():
            if name in change:
                assert change[name][0].encode() in content, name
                content = content.replace(
                    change[name][0].encode(), change[name][1].encode()
                )
            package.writestr(name, content)
        for name, content in (more or {}).items():
            package.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_what_need_not_change_keeps_its_bytes():
    before = files.xlsx_with_looks()
    after = back(before)
    check(after)
    changed = set(parts(before)) - set(unchanged_parts(before, after))
    assert changed <= {
        *(
            "[Content_Types].xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
            SHEET,
        ),
        *(
            "xl/worksheets/_rels/sheet1.xml.rels",
            "xl/comments/comment1.xml",
            "xl/drawings/commentsDrawing1.vml",
        ),
        *(
            "xl/comments1.xml",
            "xl/drawings/vmlDrawing1.vml",
            "xl/worksheets/sheet2.xml",
        ),
    }


def test_a_sheet_about_which_there_is_nothing_to_say_keeps_its_bytes():
    before = by_xlsxwriter()
    assert "xl/worksheets/sheet2.xml" in unchanged_parts(before, back(before))


@pytest.mark.parametrize(
    "cols",
    [
        '<cols><col min="1" max="3" width="12" customWidth="1"/><col min="4" max="16384" width="9"/></cols>',
        '<cols><col min="1" max="16384" width="7" hidden="1"/></cols>',
        '<cols><col min="2" max="9" width="20" outlineLevel="1" collapsed="1" hidden="1"/></cols>',
    ],
)
def test_widths_to_the_right_edge_do_not_overlap_ours_nor_hide_them(cols):
    after = back(
        patched(
            by_xlsxwriter(), {SHEET: ("<sheetData>", f"{cols}<sheetData>")}
        )
    )
    check(after)
    page = SheetXml(etree.fromstring(sheet_xml(after).encode()), lambda _: "")
    found = {
        c: e
        for e in page.root.iterfind("{*}cols/{*}col")
        for c in range(int(e.get("min")), 20)
        if c <= int(e.get("max"))
    }
    assert [found[c].get("hidden") for c in (4, 5, 6)] == [None, None, "1"]
    assert [found[c].get("width") for c in (4, 5)] == ["10", "56"]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), max_size=5),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_a_column_of_its_own_leaves_its_neighbours_their_widths(ranges, own):
    cols, last = "", 0
    for first, length in sorted(ranges):
        first = max(first, last + 1)
        last = first + length
        cols += f'<col min="{first}" max="{last}" width="{first}"/>'
    xml = f'<worksheet xmlns="{MAIN}"><cols>{cols}</cols><sheetData/></worksheet>'
    page, before = (
        SheetXml(etree.fromstring(xml), lambda _: ""),
        widths(etree.fromstring(xml)),
    )
    for column in own:
        page.set_column(column, 99, hidden=False)
    check_sheet(page.root)
    assert widths(page.root) == {**before, **dict.fromkeys(own, "99")}


def widths(root) -> dict[int, str]:
    return {
        c: e.get("width")
        for e in root.iter("{*}col")
        for c in range(int(e.get("min")), int(e.get("max")) + 1)
    }


def test_on_a_protected_sheet_the_answer_and_what_is_wrong_can_be_written():
    after = back(by_xlsxwriter(lambda book, page: page.protect("abc")))
    check(after)
    page = openpyxl.load_workbook(io.BytesIO(after))["名单"]
    assert page.protection.sheet
    assert [page[c].protection.locked for c in ("E3", "B3", "A3", "E2")] == [
        False,
        False,
        True,
        True,
    ]
    assert "sheetProtection" in sheet_xml(after)


X14 = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/'
    'spreadsheetml/2009/9/main"><x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/'
    'main"><x14:dataValidation type="list"><x14:formula1><xm:f>字典!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>C3:C9'
    "</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
)


def test_extensions_of_newer_programs_stay():
    after = back(
        patched(
            by_xlsxwriter(), {SHEET: ("</worksheet>", f"{X14}</worksheet>")}
        )
    )
    check(after)
    assert "字典!$A$1:$A$9" in sheet_xml(after)


def test_old_controls_embedded_documents_and_pictures_in_cells_stay():
    box = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape'
        ' id="_x0000_s1025" type="#_x0000_t201"><v:textbox><div>已核<br></div></v:textbox><x:ClientData'
        ' ObjectType="Checkbox"></x:ClientData></v:shape></xml>'
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/oleObject" Target="../embeddings/oleObject1.bin"/></Relationships>'
    )
    objects = '<legacyDrawing r:id="rId1"/><oleObjects><oleObject shapeId="1026" r:id="rId2"/></oleObjects>'
    more = {
        "xl/drawings/vmlDrawing1.vml": box.encode(),
        "xl/worksheets/_rels/sheet1.xml.rels": rels.encode(),
        "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0" + bytes(60),
        "xl/cellimages.xml": b"<etc:cellImages xmlns:etc='http://www.wps.cn/officeDocument/2017/etCustomData'/>",
    }
    types = (
        '<Default Extension="bin" ContentType="application/x"/><Default '
        'Extension="vml" ContentType="application/x"/>'
    )
    kinds = {
        SHEET: ("</worksheet>", f"{objects}</worksheet>"),
        "[Content_Types].xml": ("</Types>", f"{types}</Types>"),
    }
    before = patched(by_xlsxwriter(), kinds, more)
    after = back(before)
    check(after)
    same = unchanged_parts(before, after)
    assert {"xl/embeddings/oleObject1.bin", "xl/cellimages.xml"} <= set(same)
    drawing = parts(after)["xl/drawings/vmlDrawing1.vml"].decode()
    assert "已核<br>" in drawing
    assert drawing.count('ObjectType="Note"') == 2
    assert openpyxl.load_workbook(io.BytesIO(after))["名单"][
        "B3"
    ].comment.text.endswith("校验位不对。")


def test_a_style_sheet_that_stricter_programs_refuse_is_mended():
    grey = '<fill><patternFill patternType="gray125"/></fill>'
    before = patched(by_xlsxwriter(), {"xl/styles.xml": (grey, "<fill/>")})
    with pytest.raises(TypeError):
        openpyxl.load_workbook(io.BytesIO(before))
    check(back(before))


def test_a_workbook_without_formats_and_without_numbers_of_its_cells():
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>'
        + "".join(
            "<row>"
            + "".join(f'<c t="inlineStr"><is><t>{t}</t></is></c>' for t in row)
            + "</row>"
            for row in ROWS
        )
        + "</sheetData></worksheet>"
    )
    found = parts(by_xlsxwriter())
    relation = re.search(
        r"<Relationship [^>]*styles[^>]*/>",
        found["xl/_rels/workbook.xml.rels"].decode(),
    )[0]
    kind = re.search(
        r"<Override [^>]*styles[^>]*/>", found["[Content_Types].xml"].decode()
    )[0]
    change = {
        "xl/_rels/workbook.xml.rels": (relation, ""),
        "[Content_Types].xml": (kind, ""),
    }
    bare = patched(by_xlsxwriter(), change)
    with zipfile.ZipFile(io.BytesIO(bare)) as old:
        kept = {
            n: old.read(n)
            for n in old.namelist()
            if n not in (SHEET, "xl/styles.xml")
        }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in {**kept, SHEET: sheet.encode()}.items():
            package.writestr(name, content)
    page = openpyxl.load_workbook(io.BytesIO(back(out.getvalue())))["名单"]
    assert page["D3"].value == "已退回"
    assert page["B3"].fill.fgColor.rgb.endswith(BAD_FILL)
    assert page["C3"].value == "300"


def test_names_that_hold_on_one_sheet_hold_on_it_still():
    after = back(
        by_xlsxwriter(
            lambda book, page: (page.repeat_rows(1), page.autofilter("A2:C4"))
        )
    )
    check(after)
    book = openpyxl.load_workbook(io.BytesIO(after))
    assert book["名单"].print_title_rows == "$2:$2"
    assert book[REPORT_SHEET].print_title_rows is None
    assert book["名单"].auto_filter.ref == "A2:C4"


def test_a_workbook_with_macros_goes_back_as_one_without_and_says_so():
    kinds = {
        "[Content_Types].xml": (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
        "xl/_rels/workbook.xml.rels": (
            "</Relationships>",
            '<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"'
            ' Target="vbaProject.bin"/></Relationships>',
        ),
    }
    after = back(
        patched(by_xlsxwriter(), kinds, {"xl/vbaProject.bin": b"\xd0\xcf"}),
        "xlsm",
    )
    check(patched(after, {}))
    assert "宏没能带进" in told(after)
    assert "macroEnabled" not in parts(after)["[Content_Types].xml"].decode()


def test_a_signature_that_holds_no_more_is_taken_out_and_told():
    relation = (
        '<Relationship Id="rId77" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature'
        '/origin" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    )
    types = '<Default Extension="sigs" ContentType="application/x"/></Types>'
    change = {
        "_rels/.rels": ("</Relationships>", relation),
        "[Content_Types].xml": ("</Types>", types),
    }
    after = back(
        patched(by_xlsxwriter(), change, {"_xmlsignatures/origin.sigs": b""})
    )
    check(after)
    assert "电子签名没能带进" in told(after)
    assert not any(n.startswith("_xmlsignatures") for n in parts(after))


def test_the_strict_kind_of_the_standard_is_marked_in_its_own_words():
    data = by_xlsxwriter(lambda book, page: page.write_comment("A3", "核实过"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts(data).items():
            text = content.replace(
                MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            )
            strict = text.replace(
                OFFICE.encode(),
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            package.writestr(name, strict)
    after = back(out.getvalue())
    check(after, strict=True)
    xml = sheet_xml_strict(after)
    assert MAIN not in xml
    assert "已退回" in xml


def sheet_xml_strict(data: bytes) -> str:
    return "".join(
        c.decode()
        for n, c in parts(data).items()
        if n.startswith("xl/worksheets/sheet")
    )


def test_talk_on_a_cell_is_left_alone():
    threads = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="B3" id="{1}"><text>再查</text></threadedComment></ThreadedComments>'
    )
    before = by_xlsxwriter(
        lambda book, page: page.write_comment("B3", "[Threaded comment] 再查")
    )
    relation = (
        '<Relationship Id="rId50" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"'
        ' Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    )
    rels = {
        "xl/worksheets/_rels/sheet1.xml.rels": ("</Relationships>", relation)
    }
    before = patched(
        before,
        rels,
        {"xl/threadedComments/threadedComment1.xml": threads.encode()},
    )
    after = back(before)
    assert "xl/threadedComments/threadedComment1.xml" in unchanged_parts(
        before, after
    )
    page = openpyxl.load_workbook(io.BytesIO(after))["名单"]
    assert page["B3"].comment.text == "[Threaded comment] 再查"
    assert page["E3"].value == MARKS[0].sentence
    assert page["C4"].comment is not None


def test_a_second_round_leaves_nothing_of_the_first():
    before = by_xlsxwriter(
        lambda book, page: page.write_comment("B3", "核实过")
    )
    again = back(back(before), marks=[], tables=[])
    check(again)
    page = openpyxl.load_workbook(io.BytesIO(again))["名单"]
    assert [[c.value for c in row] for row in page.iter_rows()] == [
        [
            openpyxl.load_workbook(io.BytesIO(before))["名单"].cell(r, c).value
            for c in range(1, page.max_column + 1)
        ]
        for r in range(1, page.max_row + 1)
    ]
    assert page["B3"].comment.text == "核实过"
    assert page["C4"].comment is None
    assert page["B3"].fill.fill_type is None
    boxes = [c for n, c in parts(again).items() if n.endswith(".vml")]
    assert [c.count(b'ObjectType="Note"') for c in boxes] == [1]


def test_text_that_no_file_can_hold_is_written_without_what_cannot_be():
    marks = [
        Mark(
            "名单",
            3,
            "id_no",
            2,
            "I08",
            "Q",
            "第3行\x00\x0b“\ud800”不对\ufffe。",
        )
    ]
    page = openpyxl.load_workbook(
        io.BytesIO(back(by_xlsxwriter(), marks=marks))
    )["名单"]
    assert page["E3"].value == "第3行“”不对。"


def repacked(data: bytes, renamed) -> bytes:
    """Return a package with its parts under other names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts(data).items():
            package.writestr(renamed(name), content)
    return out.getvalue()


def test_a_package_that_is_none_is_written_anew_and_says_what_is_gone():
    types = {"[Content_Types].xml": ("<Types", "<")}
    before = patched(files.xlsx_with_looks(), types)
    after = back(before)
    assert "没能带进这个退件文件" in told(after)
    assert (
        openpyxl.load_workbook(io.BytesIO(after))["名单"]["C3"].value
        is not None
    )


def test_a_package_whose_folders_have_backslashes_is_edited_all_the_same():
    before = by_xlsxwriter()
    after = back(repacked(before, lambda name: name.replace("/", "\\")))
    check(after)
    assert parts(after) == parts(back(before))


def test_a_picture_in_the_pages_header_is_no_place_for_our_boxes():
    """Its drawing is of the same kind as that of the comments (found in files of exceljs)."""
    picture = '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape id="LH" type="#_x0000_t75"/></xml>'
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>'
    )
    name = "xl/drawings/vmlDrawing1.vml"
    more = {
        name: picture.encode(),
        "xl/worksheets/_rels/sheet1.xml.rels": rels.encode(),
    }
    types = '<Default Extension="vml" ContentType="application/x"/></Types>'
    head = '<legacyDrawingHF r:id="rId1"/></worksheet>'
    change = {
        SHEET: ("</worksheet>", head),
        "[Content_Types].xml": ("</Types>", types),
    }
    before = patched(by_xlsxwriter(), change, more)
    after = back(before)
    check(after)
    assert name in unchanged_parts(before, after)
    page = openpyxl.load_workbook(io.BytesIO(after))["名单"]
    assert page["B3"].comment is not None


def test_formats_that_are_named_and_not_there_are_written_where_they_are_named():
    data = parts(by_xlsxwriter())
    del data["xl/styles.xml"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in data.items():
            package.writestr(name, content)
    after = back(out.getvalue())
    check(after)
    page = openpyxl.load_workbook(io.BytesIO(after))["名单"]
    assert page["B3"].fill.fgColor.rgb.endswith(BAD_FILL)


def test_new_relationships_are_of_a_type_where_each_has_its_own():
    """Numbers and LibreOffice say by name what each part holds (found in files of SheetJS)."""
    kind = "application/vnd.openxmlformats-package.relationships+xml"
    default = f'<Default Extension="rels" ContentType="{kind}"/>'
    own = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name in ("_rels/.rels", "xl/_rels/workbook.xml.rels")
    )
    change = {"[Content_Types].xml": (default, own)}
    check(back(patched(by_xlsxwriter(), change)))


def test_our_columns_stand_behind_a_chart_beside_the_table_and_are_read_again():
    contract = load_contracts()["L1"]
    headers = [column.header for column in contract.columns]
    people = [[f"{header}{row}" for header in headers] for row in (3, 4)]
    rows = [[contract.title], headers, *people]

    def with_chart(book, page) -> None:
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=名单!$C$3:$C$4"})
        page.insert_chart(1, len(headers) + 1, chart)

    before = by_xlsxwriter(with_chart, rows)
    after = back(before)
    check(after)
    assert "xl/charts/chart1.xml" in unchanged_parts(before, after)
    page = openpyxl.load_workbook(io.BytesIO(after))["名单"]
    column = [cell.value for cell in page[2]].index("校验结果")
    assert column > len(headers) + 5
    (table,) = [
        table
        for table in read_file(after, "表.xlsx", Hints()).tables
        if table.list_code == "L1"
    ]
    assert table.rows == [3, 4]
    assert table.references == {3: "id-3", 4: "id-4"}
    assert set(table.answers) == {3, 4}
