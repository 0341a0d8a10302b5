"""Small workbooks of every format, made in memory, for the tests of reading and returning."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime

import xlsxwriter
import xlwt

HEADER = ["序号", "姓名", "身份证号", "金额", "日期"]
ROWS = [
    [1, "张三", "510802198503129971", 1200.5, date(2017, 3, 1)],
    [2, "李四", "510802198503129972", 800, date(2017, 10, 1)],
    [3, "王五", "510802198503129973", 900, date(2017, 11, 5)],
    [4, "赵六", "510802198503129974", 700, date(2017, 11, 6)],
]


def xlsx_with_looks() -> bytes:
    """An xlsx with everything that calamine hides."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2017, 11, 5, 8, 0)})
    sheet = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    struck, red = (
        book.add_format({"font_strikeout": True}),
        book.add_format({"bg_color": "#FF0000"}),
    )
    head = book.add_format({"bg_color": "#DDDDDD", "bold": True})
    sheet.merge_range(0, 0, 0, 4, "就业补贴发放台账")
    sheet.write_row(1, 0, HEADER, head)
    for number, row in enumerate(ROWS, start=2):
        sheet.write_row(number, 0, row[:4])
        sheet.write_datetime(number, 4, row[4], day)
    sheet.write(3, 1, "李四", struck)
    sheet.write(4, 1, "王五", red)
    sheet.set_row(5, None, None, {"hidden": True})
    sheet.write_formula(6, 3, "=SUM(D3:D6)", None, 3600.5)
    sheet.write_formula(7, 3, "=VLOOKUP(B3,[1]Sheet1!A:B,2,0)", None, "#N/A")
    sheet.write_formula(8, 3, '=IF(B3="","",B3)', None, "")
    sheet.write(9, 0, 0.95, book.add_format({"num_format": "0%"}))
    sheet.write(9, 1, "ü", book.add_format({"font_name": "Wingdings"}))
    sheet.write(9, 3, 3, book.add_format({"num_format": '0.00"万元"'}))
    sheet.write(9, 4, 0, day)
    sheet.write_rich_string(
        10, 1, "孙七", book.add_format({"font_strikeout": True}), "周八"
    )
    sheet.set_column(7, 7, None, None, {"hidden": True})
    sheet.write(10, 8, "右")
    sheet.write_comment(2, 1, "核实过")
    sheet.insert_textbox(2, 6, "附注：以村为单位")
    for ghost in range(20, 500):
        sheet.write_blank(ghost, 30, None, red)
    book.add_worksheet("字典").hide()
    book.close()
    return out.getvalue()


def plain_xlsx(rows: list[list[object]], sheet: str = "Sheet1") -> bytes:
    """An xlsx of one sheet that holds ``rows``."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}
    )
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def xls_with_looks() -> bytes:
    """An xls with hidden rows, strike-through, colours, errors, formulas and merges."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    sheet.write_merge(0, 0, 0, 4, "就业补贴发放台账")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for column, text in enumerate(HEADER):
        sheet.write(1, column, text)
    for number, row in enumerate(ROWS, start=2):
        for column, value in enumerate(row):
            if column == 4:
                sheet.write(number, column, value, day)
            else:
                sheet.write(number, column, value)
    sheet.write(6, 0, True)
    sheet.row(6).set_cell_error(1, "#REF!")
    sheet.write(6, 2, xlwt.Formula("SUM(D3:D6)"))
    sheet.write(7, 0, "孙七", xlwt.easyxf("font: struck_out on"))
    sheet.write(
        8, 0, "周八", xlwt.easyxf("pattern: pattern solid, fore_colour yellow")
    )
    sheet.write(9, 0, 0.5, xlwt.easyxf(num_format_str="0%"))
    sheet.write(9, 1, "ü", xlwt.easyxf("font: name Wingdings"))
    sheet.row(3).hidden = True
    sheet.col(4).hidden = True
    book.add_sheet("字典").visibility = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<office:automatic-styles>
<style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="red" style:family="table-cell"><style:table-cell-properties fo:background-color="#ff0000"/>
</style:style>
<style:style style:name="cut" style:family="table-cell">
<style:text-properties style:text-line-through-style="solid"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet>
<table:table table:name="名单"><table:table-column table:number-columns-repeated="2"/>
<table:table-column table:visibility="collapse"/>
<table:table-row><table:table-cell table:number-columns-spanned="3" office:value-type="string">
<text:p>台账</text:p></table:table-cell><table:covered-table-cell table:number-columns-repeated="2"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>张<text:s text:c="2"/>三</text:p>
<text:p>二行</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.5</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2017-03-01"><text:p>2017年3月</text:p></table:table-cell>
</table:table-row>
<table:table-row table:visibility="filter"><table:table-cell table:style-name="red" office:value-type="percentage"
 office:value="0.95"><text:p>95%</text:p></table:table-cell>
<table:table-cell table:formula="of:=VLOOKUP([.A1];[.B1];1)" office:value-type="string" office:string-value="">
<text:p>#N/A</text:p></table:table-cell>
<table:table-cell table:formula="of:=SUM([.A1:.A2])"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:style-name="cut" office:value-type="boolean"
 office:boolean-value="true"><office:annotation><dc:date>2017</dc:date><text:p>批注</text:p></office:annotation>
<text:p>TRUE</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048571"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row>
</table:table>
<table:table table:name="字典" table:style-name="hid"><table:table-row/></table:table>
</office:spreadsheet></office:body></office:document-content>"""


def ods(content: str = ODS_CONTENT) -> bytes:
    """An ods around ``content.xml``."""
    meta = (
        '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><dc:date>2017-11-05T10:11:12.123456789</dc:date>'
        "</office:meta></office:document-meta>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "meta.xml": meta.encode(),
        }
    )


XML2003 = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">
<DocumentProperties xmlns="urn:schemas-microsoft-com:office:office"><LastSaved>2017-11-05T08:00:00Z</LastSaved>
</DocumentProperties>
<Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style>
<Style ss:ID="s2"><Interior ss:Color="#FFFF00" ss:Pattern="Solid"/></Style>
<Style ss:ID="s3"><NumberFormat ss:Format="Percent"/></Style></Styles>
<Worksheet ss:Name="名单"><Table><Column ss:Index="2" ss:Hidden="1"/>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">台账</Data></Cell>
<Cell><Data ss:Type="String">右</Data></Cell></Row>
<Row ss:Index="3" ss:Hidden="1"><Cell><Data ss:Type="Number">510802198503129984</Data></Cell>
<Cell ss:Index="3" ss:StyleID="s1"><Data ss:Type="DateTime">2017-03-01T00:00:00.000</Data></Cell></Row>
<Row><Cell><Data ss:Type="Error">#REF!</Data></Cell>
<Cell ss:Formula="=SUM(R[-1]C)"><Data ss:Type="Number">5</Data></Cell>
<Cell ss:Formula="=R1C1"/><Cell ss:StyleID="s3"><Data ss:Type="Number">0.5</Data></Cell></Row>
<Row><Cell ss:StyleID="s2" ss:MergeDown="1"><Data ss:Type="Boolean">1</Data>
<Comment><Data>批注</Data></Comment></Cell></Row>
<Row><Cell ss:Index="2"><Data ss:Type="String">末</Data></Cell></Row>
</Table></Worksheet>
<Worksheet ss:Name="字典"><Table/><WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">
<Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"""

HTML = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"></head><body>
<h3>台账</h3><table border=1><tr><th rowspan=2>姓名<th colspan=2>金额</tr><tr><td>元<td>角</tr>
<tr style="display:none"><td>张<br>三</td><td x:num="1200.5">1,200.50</td><td>　&nbsp;0012 </td></tr>
<tr><td style="background:#ff0000">李四</td><td><comment>批注</comment><s>5</s></td><td></td></tr>
<tr><td>王五</td></tr><tr><td>赵六</td></tr></table></body></html>"""


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _record(kind: int, body: bytes = b"") -> bytes:
    head = (
        bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    )
    return head + bytes([len(body)]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary_styles(number_format: str) -> bytes:
    """Two cell styles; the second has a number format of its own."""
    formats = _record(615, struct.pack("<I", 1)) + _record(
        44, struct.pack("<H", 176) + _wide(number_format)
    )
    parents = (
        _record(626, struct.pack("<I", 1))
        + _record(47, struct.pack("<HH12x", 0xFFFF, 0))
        + _record(627)
    )
    cells = [_record(47, struct.pack("<HH12x", 0, kind)) for kind in (0, 176)]
    return (
        _record(278)
        + formats
        + _record(616)
        + parents
        + _record(617, struct.pack("<I", 2))
        + b"".join(cells)
        + _record(618)
        + _record(279)
    )


def xlsb(
    last_row: int = 3,
    last_column: int = 1,
    said: tuple[int, int] = (3, 1),
    number_format: str | None = None,
) -> bytes:
    """An xlsb of one sheet with text, a number, an error, a hidden row and a last cell; ``said`` is its dimension."""
    style = 1 if number_format else 0
    sheet = _record(129) + _record(
        148, struct.pack("<4I", 0, said[0], 0, said[1])
    )
    sheet += _record(60, struct.pack("<4IH", 5, 6, 2560, 0, 1)) + _record(145)
    for row, hidden, cells in (
        (0, False, [_record(6, struct.pack("<II", 0, 0) + _wide("姓名"))]),
        (
            1,
            True,
            [
                _record(5, struct.pack("<IId", 0, style, 1.5)),
                _record(3, struct.pack("<IIB", 1, 0, 0x17)),
            ],
        ),
        (
            last_row,
            False,
            [_record(5, struct.pack("<IId", last_column, 0, 2.0))],
        ),
    ):
        flags = 0x10 if hidden else 0
        sheet += _record(
            0, struct.pack("<IIHBBBI", row, 0, 300, 0, flags, 0, 0)
        ) + b"".join(cells)
    sheet += _record(146) + _record(130)
    entry = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("名单")
    book = (
        _record(131)
        + _record(143)
        + _record(156, entry)
        + _record(144)
        + _record(132)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    office = (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    )
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    links = f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/>'
    relations = f'<Relationships xmlns="{package}/relationships">{links}</Relationships>'
    types = f'<Override PartName="/xl/workbook.bin" ContentType="{kind}"/>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">{types}</Types>'.encode(),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations.encode(),
            "xl/worksheets/sheet1.bin": sheet,
        }
        | (
            {"xl/styles.bin": _binary_styles(number_format)}
            if number_format
            else {}
        )
    )
