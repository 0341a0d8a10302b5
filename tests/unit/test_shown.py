"""What names of files and sheets, headers and titles show: no number of a person in any writing, no person by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.pipeline.guard import cover_names, shows_number
from yiku.redaction import public, sheet_names, without_names, without_numbers

WRITINGS = [
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "٠١٢٣٤٥٦٧٨٩",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
]
NUMBERS = [
    "13800001234",
    "510802199003079977",
    "6217000012340004",
    "510802900307997",
    "08393266666",
]
GAPS = ["", " ", "-", "·", "　", " - ", "_", ".", "—", "/"]


@given(
    st.sampled_from(NUMBERS),
    st.sampled_from(WRITINGS),
    st.sampled_from(GAPS),
    st.integers(1, 6),
)
def test_no_number_shows_in_any_writing(number, writing, gap, every):
    written = gap.join(
        number[i : i + every] for i in range(0, len(number), every)
    )
    written = "".join(
        writing[int(c)] if c in "0123456789" else c for c in written
    )
    shown = without_numbers(f"荣山镇{written}名单.xlsx")
    assert shown.startswith("荣山镇")
    assert shown.endswith("名单.xlsx")
    assert sum(c.isnumeric() for c in shown) <= 6
    assert shows_number(written)
    assert not shows_number(shown.removeprefix("荣山镇510802"))


@pytest.mark.parametrize(
    "text",
    [
        "2017年11月荣山镇名单.xlsx",
        "510802101大石镇/20171115083000.xlsx",
        "R20171120-510802101-0001",
        "回执R20171120-county-0001",
        "20171120-510802101-0007.xlsx",
        "2017.11-2018.10",
        "2017-11-15至2017-11-30",
        "第3批(2)",
        "十一月二十三日",
    ],
)
def test_days_areas_and_receipts_stay_readable(text):
    assert without_numbers(text) == text


@given(st.text())
def test_masking_never_fails_and_is_done_once(text):
    assert without_numbers(without_numbers(text)) == without_numbers(text)


@given(
    st.text(alphabet="张三丰李四名单", max_size=12),
    st.sampled_from(["张三丰", "李四"]),
    st.text(max_size=5),
)
def test_a_name_shows_its_first_character_alone(before, name, after):
    for cover in (without_names, cover_names):
        assert name not in cover(before + name + after, {"张三丰", "李四"})


@pytest.mark.parametrize(
    "written", ["张 三 丰", "张　三丰", "张三\n丰", "张\u200b三丰"]
)
def test_a_name_with_blanks_in_it_is_a_name(written):
    shown = written.replace("三", "＊").replace("丰", "＊")
    assert public(f"{written}名单", {"张三丰"}) == f"{shown}名单"
    assert cover_names(written, {"张三丰"}) == shown.replace("＊", "*")


@pytest.mark.parametrize(
    "text",
    ["尾号4321的卡", "卡尾数：43·21", "身份证后四位是 9977", "末6位098765"],
)
def test_the_end_of_a_number_is_masked_however_short(text):
    assert not any(
        c.isdigit() for c in without_numbers(text).replace("末6位", "")
    )


def test_sheets_keep_different_names_and_a_village_stays_a_village():
    named = sheet_names(
        ["张三丰", "张三李", "高山村", "名单"], {"张三丰", "张三李", "高山"}
    )
    assert len(set(named.values())) == 4
    assert named["高山村"] == "高山村"
    assert named["名单"] == "名单"
    assert all(
        shown.startswith("张＊＊-")
        for name, shown in named.items()
        if name[0] == "张"
    )
    assert public("李四13800001234", {"李四"}) == "李＊138＊＊＊＊＊＊＊＊"


@pytest.mark.parametrize(
    ("value", "form", "shows"),
    [
        ("510802100201", "village", False),
        ("138****1234", "text", True),
        (
            "138****1234",
            "number",
            False,
        ),  # seven digits: as a number of a class has
        ("13800001234", "number", True),
        ("一三八零零", "text", True),
        ("2017-11", "month", False),
        ("2017-11", "text", True),
        ("91510802MA600001XJ", "organisation", False),
        ("510802199003079977", "organisation", True),
        ("510802************", "id", False),
        ("5108************9977", "id", True),
        ("16-24岁", "text", False),
    ],
)
def test_a_column_shows_what_its_form_holds(value, form, shows):
    assert shows_number(value, form) is shows
