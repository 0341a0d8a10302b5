"""No file, however broken or hostile, does anything but be refused with its rule."""

from __future__ import annotations

import io
import struct
import zipfile

import format_files as files
import msoffcrypto.format.ooxml as ooxml
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yiku.formats import calamine_cells, container
from yiku.formats.cells import RefusedError
from yiku.formats.detection import read_book, unpack

SEEDS = {
    "xlsx": files.xlsx_with_looks(),
    "xls": files.xls_with_looks(),
    "xlsb": files.xlsb(),
    "ods": files.ods(),
    "xml": files.XML2003.encode(),
    "html": files.HTML.encode(),
    "csv": "姓名,村\n张三,红岩村\n".encode("gb18030"),
}
PART = "xl/worksheets/sheet1.xml"


def verdict(data: bytes, name: str = "表.xlsx") -> str | None:
    """Return the rule by which a file is refused, or None when it can be read."""
    try:
        read_book(data, name)
    except RefusedError as refused:
        return refused.rule
    return None


def with_sheet(xml: bytes) -> bytes:
    """Return a workbook whose one sheet holds this XML."""
    archive = zipfile.ZipFile(io.BytesIO(files.plain_xlsx([["x"]])))
    return files.zipped(
        {n: archive.read(n) for n in archive.namelist()} | {PART: xml}
    )


def cells(xml: str, before: str = "") -> bytes:
    """Return a worksheet's XML around some rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{before}<worksheet xmlns="{space}"><sheetData>{xml}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize("name", ["..", "./.", "../.."])
def test_a_file_of_a_bundle_without_a_name_is_taken_in(name: str):
    bundle = files.zipped({name: "姓名\n张三\n".encode(), "乙.csv": b"1"})
    assert [one for one, _ in unpack(bundle, "打包.zip")] == [
        "未命名",
        "乙.csv",
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes):
    assert verdict(data) in (None, "F05", "F06", "F07", "F13")


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    kind=st.sampled_from(sorted(SEEDS)),
    flips=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
        min_size=1,
        max_size=12,
    ),
    keep=st.one_of(st.just(1.0), st.floats(0.05, 1)),
)
def test_damaged_workbooks_are_read_or_refused(
    kind: str, flips: list[tuple[float, int]], keep: float
):
    data = bytearray(SEEDS[kind])
    for place, value in flips:
        data[int(place * len(data))] = value
    assert verdict(bytes(data[: int(len(data) * keep)])) in (
        None,
        "F05",
        "F06",
        "F07",
        "F13",
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
        min_size=1,
        max_size=8,
    )
)
def test_damage_inside_the_xml_is_read_or_refused(
    flips: list[tuple[float, int]],
):
    archive = zipfile.ZipFile(io.BytesIO(SEEDS["xlsx"]))
    parts = {n: bytearray(archive.read(n)) for n in archive.namelist()}
    for number, (place, value) in enumerate(flips):
        part = parts[sorted(parts)[number * 7 % len(parts)]]
        part[int(place * len(part))] = value
    assert verdict(files.zipped({n: bytes(d) for n, d in parts.items()})) in (
        None,
        "F05",
        "F06",
        "F13",
    )


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "F06"),
        (b"\x00" * 200, "F06"),
        (b"  \r\n\t", "F06"),
        (SEEDS["xlsx"][: len(SEEDS["xlsx"]) // 2], "F06"),
        (SEEDS["xls"][:2000], "F06"),
        (b"%PDF-1.4 ...", "F07"),
        (b"\xff\xd8\xff\xe0 jpeg", "F07"),
        (b"\x89PNG\r\n\x1a\n", "F07"),
        (b"Rar!\x1a\x07\x00", "F07"),
        (b"7z\xbc\xaf\x27\x1c", "F07"),
        (files.zipped({"word/document.xml": b"<x/>"}), "F07"),
        (files.zipped({"OFD.xml": b"<x/>"}), "F07"),
        (b"<html><body><p>\xe6\xb2\xa1\xe6\x9c\x89</p></body></html>", "F07"),
        (b"x," * (11 * 1024 * 1024), "F13"),
        (b"<?xml version='1.0'?><Workbook><Worksheet>", "F06"),
    ],
)
def test_each_kind_of_refusal(data: bytes, rule: str):
    assert verdict(data) == rule


def test_encrypted_workbooks_are_told_from_damaged_ones():
    out = io.BytesIO()
    ooxml.OOXMLFile(io.BytesIO(SEEDS["xlsx"])).encrypt("秘密", out)
    assert verdict(out.getvalue()) == "F05"
    manifest = b"<m><encryption-data/></m>"
    parts = {"content.xml": b"junk", "META-INF/manifest.xml": manifest}
    assert (
        verdict(
            files.zipped(
                parts
                | {
                    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet"
                }
            )
        )
        == "F05"
    )


def test_an_encrypted_xls_is_told_from_a_damaged_one():
    # A FILEPASS record behind the workbook's first one is what says that an old file has a password.
    data = SEEDS["xls"]
    start = data.index(struct.pack("<HH", 0x0809, 16))
    body = data[start + 20 :]
    record = struct.pack("<HH", 0x002F, 6) + b"\x00" * 6
    assert verdict(data[: start + 20] + record + body[len(record) :]) == "F05"


@pytest.mark.parametrize(
    "corner",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c><c\nr="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="&#88;FD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row><row r="1"><c r="A1"/>'
        + "<c><v>1</v></c>" * 600
        + "</row>",
        '<row r="1" xmlns:y="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A1"><v>1</v></c>'
        '<y:c r="XFD1048576"><y:v>1</y:v></y:c></row>',
    ],
)
def test_a_far_away_cell_is_refused_before_memory_is_taken(corner: str):
    assert verdict(with_sheet(cells(corner))) in ("F13", "F06")


def test_an_et_that_nobody_can_read_has_a_verdict_of_its_own():
    broken = SEEDS["xls"].replace(
        "Workbook".encode("utf-16-le"), "Weitbook".encode("utf-16-le")
    )
    assert verdict(broken, "表.et") == "F02"
    assert verdict(broken, "表.xls") == "F06"
    assert verdict(SEEDS["xls"], "表.et") is None


def test_a_far_away_cell_of_an_xlsb_is_refused_before_memory_is_taken():
    assert verdict(files.xlsb(last_row=1_048_575, last_column=16_383)) == "F13"


def test_a_dimension_that_lies_is_not_believed():
    corner = (1_048_575, 16_383)
    assert read_book(files.xlsb(said=corner), "x").sheets[0].values[3] == [
        None,
        2.0,
    ]
    xml = cells('<row r="1"><c r="A1"><v>7</v></c></row>')
    lie = xml.replace(
        b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    assert read_book(with_sheet(lie), "x").sheets[0].values == [[7.0]]


def test_a_million_formatted_empty_rows_cost_nothing():
    ghosts = "".join(
        f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>'
        for n in range(2, 200_000)
    )
    book = read_book(
        with_sheet(cells(f'<row r="1"><c r="A1"><v>7</v></c></row>{ghosts}')),
        "x.xlsx",
    )
    assert book.sheets[0].values == [[7.0]]


def test_a_repeated_ods_row_of_values_is_refused_before_memory_is_taken():
    content = files.ODS_CONTENT.replace(
        'table:number-rows-repeated="2"',
        'table:number-rows-repeated="1000000"',
        1,
    )
    wide = content.replace(
        '<table:table-cell table:style-name="cut"',
        '<table:table-cell table:number-columns-repeated="16384"',
    )
    assert verdict(files.ods(wide)) == "F13"


def test_html_spans_do_not_blow_up():
    row = "<tr>" + "<td rowspan=1000 colspan=1000>x</td>" * 10 + "</tr>"
    assert verdict(f"<html><table>{row}</table></html>".encode()) == "F13"


def test_entities_are_not_expanded():
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>"
        for n in range(8)
    )
    xml = files.XML2003.replace("<Workbook", f"{bomb}]><Workbook", 1).replace(
        "<?mso-application progid=", "<?x y="
    )
    assert verdict(xml.replace("右", "&i;").encode()) == "F06"
    outside = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Workbook"
    xml = files.XML2003.replace("<Workbook", outside, 1).replace("右", "&f;")
    assert "root:" not in str(
        read_book(xml.encode(), "x.xls").sheets[0].values
    )


def test_zip_bombs_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(container, "MAX_PART_BYTES", 100_000)
    assert verdict(with_sheet(b" " * 5_000_000)) == "F13"


def test_a_zip_that_lies_about_its_sizes_is_refused():
    data = bytearray(
        with_sheet(cells('<row r="1"><c r="A1"><v>1</v></c></row>' * 50))
    )
    archive = zipfile.ZipFile(io.BytesIO(bytes(data)))
    size = archive.getinfo(PART).file_size
    lied = bytes(data).replace(struct.pack("<I", size), struct.pack("<I", 40))
    assert verdict(lied) == "F06"


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calamine_cells, "MAX_CELLS", 10)
    assert verdict(files.plain_xlsx([["x"] * 4] * 4)) == "F13"


def test_bundles_have_limits(monkeypatch: pytest.MonkeyPatch):
    many = files.zipped({f"{n}.csv": b"a" for n in range(201)})
    with pytest.raises(RefusedError) as refused:
        unpack(many, "b.zip")
    assert refused.value.rule == "F13"
    monkeypatch.setattr(container, "MAX_BUNDLE_BYTES", 10)
    with pytest.raises(RefusedError) as refused:
        unpack(files.zipped({"a.csv": b"a" * 100}), "b.zip")
    assert refused.value.rule == "F13"
    with pytest.raises(RefusedError) as refused:
        unpack(files.zipped({"~$a.xlsx": b"a"}), "b.zip")
    assert refused.value.rule == "F06"
