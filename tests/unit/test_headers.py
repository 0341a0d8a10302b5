"""Headers made comparable, and what stands around a table."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.contracts import load_contracts
from yiku.tables import header_text
from yiku.tables.header_vocabulary import vocabulary
from yiku.tables.header_words import header_words
from yiku.tables.sheet_metadata import (
    read_day,
    read_metadata,
    read_period,
    towns_in,
    village_in,
)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("姓  名", "姓名"),
        ("身份证\n号码", "身份证号码"),
        ("*姓名（必填）", "姓名"),
        ("1、姓名", "姓名"),
        ("（3）姓名：", "姓名"),
        ("①姓名", "姓名"),
        ("ＩＤ", "id"),
        ("身份證號", "身份证号"),
        ("银行帐号", "银行账号"),
        ("身份证号（18位）", "身份证号"),
        ("月工资(元/月)", "月工资"),
        ("是否返乡（是/否）", "是否返乡"),
        ("乡镇（街道）", "乡镇"),
    ],
)
def test_a_header_without_its_noise(raw: str, key: str) -> None:
    assert header_text.keys(raw)[-1] == key


@pytest.mark.parametrize(
    "raw", ["培训时间(起)", "培训时间(止)", "身份证号(户主)"]
)
def test_a_bracket_that_says_which_is_never_dropped(raw: str) -> None:
    inside = raw[raw.index("(") + 1 : -1]
    assert all(key.endswith(inside) for key in header_text.keys(raw))


@given(st.text(max_size=20))
def test_any_text_has_keys_and_meanings(text: str) -> None:
    assert all(header_text.keys(text))
    assert len(set(header_text.meanings(text))) == len(
        header_text.meanings(text)
    )
    assert header_text.normalise(header_text.normalise(text)) is not None


def test_every_header_of_every_list_is_known_as_itself() -> None:
    for contract in load_contracts().values():
        exact = vocabulary(contract).exact
        assert all(
            exact[header_text.keys(c.header)[0]] == c.name
            for c in contract.columns
        )


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("投资额(万元)", "万元"),
        ("金额（元）", "元"),
        ("金额", None),
        ("万人次", None),
    ],
)
def test_money_unit(header: str, unit: str | None) -> None:
    assert header_text.money_unit(header) == unit


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("大石镇2017年11月名单", "2017-11"),
        ("2017年第3季度台账", "2017-Q3"),
        ("2017年三季度台账", "2017-Q3"),
        ("2017年度名册", "2017"),
        ("二〇一七年三月名单", "2017-03"),
        ("就业名单", None),
    ],
)
def test_period_of_a_title(text: str, period: str | None) -> None:
    assert read_period(text) == period


@pytest.mark.parametrize(
    "text",
    [
        "2017年11月5日",
        "2017-11-05",
        "2017.11.5",
        "20171105",
        "二〇一七年十一月五日",
        date(2017, 11, 5),
    ],
)
def test_day(text: str | date) -> None:
    assert read_day(text) == date(2017, 11, 5)


def test_impossible_day_is_none() -> None:
    assert read_day("2017-02-30") is None


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("利州区大石镇2017年名单", ("大石镇",)),
        ("龙潭乡返乡创业人员名单", ("龙潭乡",)),
        ("返乡创业人员名单", ()),
        ("各乡镇汇总", ()),
        ("河西街道办事处", ("河西街道",)),
        ("大石镇 大石镇人民政府", ("大石镇",)),
        ("农民工返乡创业名单", ()),
    ],
)
def test_towns_of_a_title(text: str, towns: tuple[str, ...]) -> None:
    assert towns_in(text) == towns


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("大石镇红岩村转移就业名单", "红岩村"),
        ("大石镇贫困村名单", None),
        ("大石镇各村名单", None),
        ("红星街道古堰社区名单", "古堰社区"),
    ],
)
def test_village_of_a_title(text: str, village: str | None) -> None:
    assert village_in(text) == village


def test_labels_and_values_in_separate_cells() -> None:
    above = [
        ["大石镇就业名单", None],
        ["填报单位", "大石镇人民政府", "金额单位：万元"],
    ]
    below = [
        ["制表：", "李明", "负责人：王芳", None, "日期", date(2017, 11, 5)]
    ]
    envelope = read_metadata(above, below)
    assert envelope.reporting_unit == "大石镇人民政府"
    assert envelope.money_unit == "万元"
    assert (envelope.filler, envelope.reviewer, envelope.fill_date) == (
        "李明",
        "王芳",
        date(2017, 11, 5),
    )


def _exhaustive(text: str) -> float:
    """Ask every column of every list how much it is like a text."""
    lex = header_words(load_contracts())
    best = max(
        vocabulary(c).likeness(text, name)
        for c in lex.contracts
        for name in c.names
    )
    return 1.0 if lex.knows(text) else 0.6 * best if best >= 0.5 else 0.0


def test_the_index_of_columns_finds_what_a_search_through_all_lists_finds():
    known = sorted(
        {
            h
            for c in load_contracts().values()
            for column in c.columns
            for h in column.headers
        }
    )
    pick = random.Random(2017)
    slips = [
        h[:i] + pick.choice("名电活号日") + h[i + 1 :]
        for h in pick.sample(known, 60)
        for i in [pick.randrange(len(h))]
    ]
    joined = [
        a + b
        for a, b in zip(
            pick.sample(known, 40), pick.sample(known, 40), strict=True
        )
    ]
    texts = [
        *pick.sample(known, 20),
        *slips,
        *joined,
        "合计",
        "",
        "备注栏里的话",
        "王建国",
    ]
    scores = [header_words(load_contracts()).likely(t) for t in texts]
    assert scores == [_exhaustive(t) for t in texts]
    assert any(0 < s < 1 for s in scores)
    assert 0.0 in scores
