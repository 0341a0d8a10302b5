"""Whatever is damaged inside a clerk's package: it is edited, or written anew, and what comes of it can be read."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import format_files as files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yiku.formats.cells import RefusedError
from yiku.formats.detection import openable, read_book
from yiku.formats.return_marks import REPORT_SHEET
from yiku.returns import Mark, PlacedTable, ReceiptFacts, build_return

DAY = date(2017, 11, 20)
FACTS = ReceiptFacts(
    "R20171120-510802101-0007", "表.xlsx", "名单", "partly_loaded", DAY, DAY
)
MARKS = [
    Mark("名单", 3, "id_no", 2, "I08", "Q", "第3行【身份证号】校验位不对。"),
    Mark("名单", 5, None, None, "R01", "Q", "第5行必填项为空。"),
    Mark("名单", None, None, None, "L05", "W", "不认识的列。", header="姓名"),
]
TABLES = [PlacedTable("名单", 2, {3: "id-3", 4: "id-4", 900: "id-900"})]
FIRST = files.xlsx_with_looks()
# A workbook as it came, and one that went back once and came again.
SEEDS = [FIRST, build_return(FIRST, "表.xlsx", "xlsx", FACTS, MARKS, TABLES)]
ODD = [
    "",
    "0",
    "-1",
    "x",
    "9" * 5_000,
    "1048577",
    "XFD1048576",
    "A0",
    "true",
    "1e999",
    "&#233;",
]

Parts = list[tuple[str, bytes]]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def with_attribute(xml: bytes, place: float, value: str) -> bytes:
    """Put another value into one of the attributes of a part."""
    pieces = xml.split(b'"')
    if len(pieces) < 3:
        return xml
    at = 1 + 2 * int(place * (len(pieces) // 2))
    return b'"'.join([*pieces[:at], value.encode(), *pieces[at + 1 :]])


def without_element(xml: bytes, place: float) -> bytes:
    """Take one mark of a part out, so that it is no XML any more or holds less than it did."""
    begin = xml.find(b"<", int(place * len(xml)))
    end = xml.find(b"/>", begin)
    return xml if begin < 0 or end < 0 else xml[:begin] + xml[end + 2 :]


CHANGES = {
    "attribute": with_attribute,
    "element": lambda xml, place, _: without_element(xml, place),
    "byte": lambda xml, place, value: (
        xml[: int(place * len(xml))]
        + value.encode()
        + xml[int(place * len(xml)) + 1 :]
    ),
    "cut": lambda xml, place, _: xml[: int(place * len(xml))],
    "comment": lambda xml, place, _: xml.replace(
        b"><", b"><!-- x --><?y z?><", 1 + int(place * 9)
    ),
    "gone": lambda *_: None,
}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.sampled_from(sorted(CHANGES)),
            st.floats(0, 1, exclude_max=True),
            st.sampled_from(ODD),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_a_damaged_package_goes_back_with_its_report(
    seed: bytes, changes: list[tuple[float, str, float, str]]
) -> None:
    parts: dict[str, bytes] = dict(parts_of(seed))
    for which, how, place, value in changes:
        name = sorted(parts)[int(which * len(parts))]
        changed = CHANGES[how](parts.pop(name), place, value)
        if changed is not None:
            parts[name] = changed
    data = files.zipped(parts)
    try:
        book = read_book(data, "表.xlsx")
    except RefusedError:
        return
    back = build_return(
        openable(data), "表.xlsx", book.format, FACTS, MARKS, TABLES
    )
    assert read_book(back, "表.xlsx").sheets[0].name == REPORT_SHEET


def test_a_part_whose_bytes_are_damaged_is_no_part_of_ours() -> None:
    """A drawing that nobody can unpack: the cells are read, and go back without it."""
    data = bytearray(FIRST)
    with zipfile.ZipFile(io.BytesIO(FIRST)) as archive:
        entry = next(
            e for e in archive.infolist() if e.filename.endswith(".vml")
        )
    data[entry.header_offset + 30 + len(entry.filename) + 4] ^= 0xFF
    back = build_return(
        bytes(data),
        "表.xlsx",
        read_book(bytes(data), "表.xlsx").format,
        FACTS,
        MARKS,
        TABLES,
    )
    assert read_book(back, "表.xlsx").sheets[0].name == REPORT_SHEET
