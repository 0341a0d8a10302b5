"""Every format read from its bytes: values, and the look that goes with them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone

import format_files as files
import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from yiku.formats.cells import Look, RefusedError
from yiku.formats.detection import read_book, unpack


def grid(data: bytes, name: str = "表.xls") -> list[list[object]]:
    return read_book(data, name).sheets[0].values


def look(data: bytes) -> Look:
    return read_book(data, "表.xls").sheets[0].look


def test_xlsx_values_come_with_errors_and_without_ghost_rows():
    book = read_book(files.xlsx_with_looks(), "随便.xls")
    sheet, codes = book.sheets
    assert (book.format, book.saved_at, book.epoch_1904) == (
        "xlsx",
        datetime(2017, 11, 5, 8, tzinfo=UTC),
        False,
    )
    assert (sheet.name, sheet.visible, codes.visible) == ("名单", True, False)
    assert len(sheet.values) == 11
    assert {len(row) for row in sheet.values} == {9}
    assert sheet.values[2][:5] == [
        1,
        "张三",
        "510802198503129971",
        1200.5,
        date(2017, 3, 1),
    ]
    assert sheet.values[7][3] == "#N/A"
    assert sheet.values[9][4] == "1900-01-00"
    assert sheet.merges == ((1, 1, 1, 5),)


def test_xlsx_look_shows_what_the_values_hide():
    found = look(files.xlsx_with_looks())
    assert found.hidden_rows == {6}
    assert found.hidden_columns == {8}
    assert found.struck_rows == {4, 11}
    assert found.coloured_rows - {2} == {5}
    assert found.comments == {(3, 2): "核实过"}
    assert found.text_boxes == ("附注：以村为单位",)
    assert found.percent == {(10, 1)}
    assert found.symbol_font == {(10, 2)}
    assert found.formats == {(10, 4): '0.00"万元"'}
    assert found.formulas[7, 4] == "=SUM(D3:D6)"
    assert found.formulas[9, 4] == '=IF(B3="","",B3)'
    assert found.uncached == {(9, 4)}


def test_a_formula_whose_result_is_empty_text_was_calculated():
    data = swap_part(
        files.xlsx_with_looks(),
        "xl/worksheets/sheet1.xml",
        b'<c r="D9"><f>',
        b'<c r="D9" t="str"><f>',
    )
    assert look(data).uncached == frozenset()


def test_a_namespace_prefix_changes_nothing():
    data = files.xlsx_with_looks()
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    body = sheet[sheet.index(b"<worksheet") :]
    prefixed = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", body).replace(
        b" xmlns=", b" xmlns:x=", 1
    )
    assert look(
        swap_part(data, "xl/worksheets/sheet1.xml", body, prefixed)
    ) == look(data)


def swap_part(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = {n: archive.read(n) for n in archive.namelist()}
    assert old in parts[part]
    return files.zipped(parts | {part: parts[part].replace(old, new)})


def test_formulas_that_were_never_calculated_are_known():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"], book.active["B1"], book.active["C1"] = (
        "=SUM(B1:B9)",
        date(2018, 1, 1),
        "末",
    )
    book.active["D1"] = timedelta(hours=30)
    out = io.BytesIO()
    book.save(out)
    read = read_book(out.getvalue(), "x.xlsx")
    assert read.epoch_1904
    assert read.sheets[0].values == [
        [None, date(2018, 1, 1), "末", "30:00:00"]
    ]
    assert read.sheets[0].look.uncached == {(1, 1)}


def test_colours_of_a_layout_are_no_marks():
    book = openpyxl.Workbook()
    for row in range(1, 31):
        book.active.append([row, "x", "y"])
        book.active.cell(row, 3).fill = openpyxl.styles.PatternFill(
            "solid", fgColor="FFFF00"
        )
        if row % 2:
            book.active.cell(row, 1).fill = openpyxl.styles.PatternFill(
                "solid", fgColor="DDEEFF"
            )
    book.active.cell(7, 2).font = openpyxl.styles.Font(color="FF0000")
    out = io.BytesIO()
    book.save(out)
    assert look(out.getvalue()).coloured_rows == {7}


def test_xls_is_read_with_its_look():
    book = read_book(files.xls_with_looks(), "表.et")
    sheet = book.sheets[0]
    assert book.format == "et"
    assert sheet.values[2] == [
        1,
        "张三",
        "510802198503129971",
        1200.5,
        date(2017, 3, 1),
    ]
    assert sheet.values[6][:2] == [True, "#REF!"]
    assert sheet.merges == ((1, 1, 1, 5),)
    assert book.sheets[1].visible is False
    assert sheet.look.hidden_rows == {4}
    assert sheet.look.hidden_columns == {5}
    assert sheet.look.struck_rows == {8}
    assert sheet.look.coloured_rows == {9}
    assert sheet.look.percent == {(10, 1)}
    assert sheet.look.symbol_font == {(10, 2)}
    assert sheet.look.formulas == {(7, 3): "=SUM()"}


def test_ods_is_read_with_its_look():
    book = read_book(files.ods(), "表.xlsx")
    sheet = book.sheets[0]
    assert book.saved_at == datetime(
        2017, 11, 5, 10, 11, 12, 123456, timezone(timedelta(hours=8))
    )
    assert sheet.values == [
        ["台账", None, None],
        ["张  三\n二行", 12.5, date(2017, 3, 1)],
        [0.95, "#N/A", None],
        [True, None, None],
        [True, None, None],
    ]
    assert sheet.merges == ((1, 1, 1, 3),)
    assert sheet.look.hidden_rows == {3}
    assert sheet.look.hidden_columns == {3}
    assert sheet.look.coloured_rows == {3}
    assert sheet.look.struck_rows == {4}
    assert sheet.look.comments == {(4, 1): "批注"}
    assert sheet.look.percent == {(3, 1)}
    assert sheet.look.uncached == {(3, 3)}
    assert not book.sheets[1].visible


def test_xml_2003_is_read_with_its_look():
    book = read_book(files.XML2003.encode(), "表.xls")
    sheet = book.sheets[0]
    assert (book.format, book.saved_at) == (
        "xml2003",
        datetime(2017, 11, 5, 8, tzinfo=UTC),
    )
    assert sheet.values == [
        ["台账", None, None, "右"],
        [None, None, None, None],
        [5.1080219850313e17, None, date(2017, 3, 1), None],
        ["#REF!", 5.0, None, 0.5],
        [True, None, None, None],
        [None, "末", None, None],
    ]
    assert sheet.merges == ((1, 1, 1, 3), (5, 1, 6, 1))
    assert sheet.look.hidden_rows == {3}
    assert sheet.look.hidden_columns == {2}
    assert sheet.look.struck_rows == {3}
    assert sheet.look.coloured_rows == {5}
    assert sheet.look.formulas == {(4, 2): "=SUM(R[-1]C)", (4, 3): "=R1C1"}
    assert sheet.look.uncached == {(4, 3)}
    assert sheet.look.comments == {(5, 1): "批注"}
    assert not book.sheets[1].visible


def test_html_tables_become_one_sheet():
    book = read_book(files.HTML.encode(), "表.xls")
    sheet = book.sheets[0]
    assert (book.format, sheet.name) == ("html", None)
    assert sheet.values == [
        ["台账", None, None],
        ["姓名", "金额", None],
        [None, "元", "角"],
        ["张\n三", 1200.5, "　\xa00012"],
        ["李四", "5", None],
        ["王五", None, None],
        ["赵六", None, None],
    ]
    assert sheet.merges == ((2, 1, 3, 1), (2, 2, 2, 3))
    assert sheet.look.hidden_rows == {4}
    assert sheet.look.struck_rows == {5}
    assert sheet.look.coloured_rows == {5}
    assert sheet.look.comments == {(5, 2): "批注"}


def test_xlsb_is_read_with_its_errors_and_hidden_rows():
    book = read_book(files.xlsb(), "表.xlsx")
    sheet = book.sheets[0]
    assert (book.format, sheet.name) == ("xlsb", "名单")
    assert sheet.values == [
        ["姓名", None],
        [1.5, "#REF!"],
        [None, None],
        [None, 2.0],
    ]
    assert sheet.look.hidden_rows == {2}


CSV = '姓名{s}身份证号{s}备注\r\n张三{s}5.10802E+17{s}"一，二, 三"\r\n\r\n李四{s}="510802198503129971"{s} 空 \r\n'


@pytest.mark.parametrize("separator", [",", "\t", ";", "；", "，"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "utf-16-le"]
)
def test_text_in_every_encoding_and_separator(encoding: str, separator: str):
    book = read_book(CSV.format(s=separator).encode(encoding), "表.csv")
    assert book.format == ("tsv" if separator == "\t" else "csv")
    assert book.sheets[0].name is None
    assert book.sheets[0].values == [
        ["姓名", "身份证号", "备注"],
        ["张三", "5.10802E+17", "一，二, 三"],
        [None, None, None],
        ["李四", "510802198503129971", " 空 "],
    ]


def test_a_lone_quotation_mark_does_not_swallow_the_rows_after_it():
    lines = [
        "姓名,村",
        "张三,红岩村",
        '李四,"',
        *[f"王{n},村" for n in range(60)],
    ]
    assert len(grid("\n".join(lines).encode())) == 63


def csv_values(
    text: str,
) -> tuple[list[list[object]], dict[int, tuple[int, int]]]:
    sheet = read_book(text.encode(), "表.csv").sheets[0]
    return [list(row) for row in sheet.values], dict(sheet.look.surplus)


def test_a_quotation_mark_that_nothing_closes_takes_no_other_row():
    head, last = ["姓名", "村", "单位", "备注"], ["王", "b", "c,2", "d"]
    lines = '姓名,村,单位,备注\n{}\n李,b,c,d\n王,b,"c,2",d\n'
    assert csv_values(lines.format('张,a,"广州,x'))[0] == [
        head,
        ["张", "a", '"广州', "x"],
        ["李", "b", "c", "d"],
        last,
    ]
    assert csv_values(lines.format('张,a,"广\n州",x'))[0][1] == [
        "张",
        "a",
        "广\n州",
        "x",
    ]
    two = csv_values('姓名,村,单位,备注\n张,a,"广州,x\n李,b,"c,d\n')[0]
    assert two == [head, ["张", "a", '"广州', "x"], ["李", "b", '"c', "d"]]


def test_a_row_that_a_comma_may_have_moved_is_told():
    rows = "姓名,村,单位,备注\n张,a,广州,深圳,x\n李,b,c,d\n王,b,c,d\n"
    assert csv_values(rows)[1] == {2: (4, 1)}
    assert csv_values(rows.replace("深圳,x", "深圳,"))[1] == {2: (4, 1)}
    assert csv_values(rows.replace("广州,深圳", '"广州,深圳"'))[1] == {}
    few = "名单\n填报单位,,,,,日期\n姓名,村,单位,备注,电话,日期,组,民族,学历,年龄,性别,户号,户主\n"
    assert (
        csv_values(
            few + "张,a,b,c,d,e,f,g,h,i,j,k,l\n填表人,,,,,x\n审核人,,,,,y\n"
        )[1]
        == {}
    )
    # a program that leaves out empty cells at the end: the header and one remark are wider than the rest
    assert (
        csv_values(
            "名单\n姓名,村,单位,备注\n张,a,b\n李,b,c,外出\n王,b,c\n赵,a,c\n"
        )[1]
        == {}
    )
    assert csv_values(
        "名单\n姓名,村,单位,备注\n张,a,b\n李,b,c,外,出\n王,b,c\n赵,a,c\n"
    )[1] == {4: (4, 1)}
    # a program that ends each row with a separator, but not the header
    assert csv_values("姓名,村,单位,备注\n张,a,b,c,\n李,b,c,d,\n")[1] == {}


def test_a_broken_byte_does_not_turn_utf8_into_gibberish():
    data = "姓名,村\n张三,红岩村\n李四,红岩村\n王五,青山村\n赵六,青山村\n孙七,青山村\n".encode()
    assert grid(data.replace("李".encode(), b"\xe6\x9d"))[1] == [
        "张三",
        "红岩村",
    ]


class _GbkInfo(zipfile.ZipInfo):
    """An entry as a Chinese clerk's program writes it: the name in GBK, and no flag that would say UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def test_a_bundle_is_unpacked_with_names_in_gbk():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in (
            ("大石镇/名单.csv", b"a,b"),
            ("__MACOSX/x", b""),
            ("~$名单.xlsx", b"x"),
            ("空/", b""),
        ):
            archive.writestr(_GbkInfo(name), data)
    assert unpack(out.getvalue(), "包.zip") == [("大石镇/名单.csv", b"a,b")]


def test_what_is_no_bundle_stays_as_it_is():
    data = files.plain_xlsx([["x"]])
    assert unpack(data, "a.xlsx") == [("a.xlsx", data)]
    assert unpack(b"PK\x03\x04 broken", "a.zip") == [
        ("a.zip", b"PK\x03\x04 broken")
    ]


def test_inner_zips_stay_closed():
    inner = files.zipped({"a.csv": b"a,b"})
    ((_, data),) = unpack(files.zipped({"b.zip": inner}), "c.zip")
    with pytest.raises(RefusedError) as refused:
        read_book(data, "b.zip")
    assert (refused.value.rule, refused.value.facts) == (
        "F07",
        {"kind": "archive"},
    )
