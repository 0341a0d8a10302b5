"""Yes and no in the words that clerks write below each header, both ways; and choices asked for as yes or no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning.choices import ChoiceReader
from yiku.cleaning.yes_no import parse_bool
from yiku.contracts import load_codes, load_contracts

BOOLS = [
    (code, c)
    for code, contract in load_contracts().items()
    for c in contract.columns
    if c.kind == "bool"
]


def read(code, name, value):
    column = load_contracts()[code].column(name)
    return parse_bool(value, headers=column.headers, means=column.means).value


@pytest.mark.parametrize(
    ("code", "column"),
    BOOLS,
    ids=lambda x: x if isinstance(x, str) else x.name,
)
def test_everyday_words_are_read_in_every_column(code, column):
    for word in (
        "是",
        "有",
        "√",
        "是√",
        "√是",
        "☑是 □否",
        "■是□否",
        "是☑否□",
        "是(✓)",
        "（是）",
        "是的",
        "是。",
        "对",
        "Y",
        "[√]是 [ ]否",
    ):
        assert read(code, column.name, word) is True, word
    for word in (
        "否",
        "无",
        "没有",
        "不是",
        "否。",
        "□是 ☑否",
        "是□ 否√",
        "是× 否√",
        "×",
        "N",
        "否√",
    ):
        assert read(code, column.name, word) is False, word
    for word in (
        "是/否",
        "□是 □否",
        "☑是 ☑否",
        "是□",
        "1",
        "请选择",
        "待定",
        "不详",
        "部分",
        "",
        "　",
    ):
        assert read(code, column.name, word) is None, word


@pytest.mark.parametrize(
    ("code", "name", "yes", "no"),
    [
        (
            "L4",
            "is_returnee",
            ["返乡", "已返乡", "返乡创业", "返乡人员"],
            ["未返乡", "没有返乡", "非返乡", "不是返乡人员"],
        ),
        (
            "L4",
            "is_student",
            ["大学生", "是大学生", "高校毕业生"],
            ["非大学生", "不是大学生", "非高校毕业生"],
        ),
        (
            "L3",
            "insured",
            ["已购买", "已参保", "参保了", "已缴纳", "买了"],
            ["未参保", "没买", "未购买", "没有缴纳", "未缴"],
        ),
        (
            "L5",
            "insured",
            ["已买", "已投保", "购买了"],
            ["未买", "未购买", "没有购买", "还没买"],
        ),
        (
            "E01",
            "reached",
            ["联系上", "已联系上", "接通", "见到了"],
            ["未联系上", "没联系上", "联系不上", "未接通"],
        ),
        ("E01", "stable", ["稳定", "已稳定"], ["不稳定", "未稳定"]),
        (
            "E04",
            "is_free",
            ["免费", "是免费", "未收费", "是，免费", "全免"],
            ["不免费", "非免费", "不是免费", "收费", "有偿", "否，收费"],
        ),
        (
            "E04",
            "stable_6m",
            ["已满", "满6个月", "稳定"],
            ["未满", "不满6个月", "没满", "不稳定"],
        ),
        ("L4", "is_student", ["在读大学生", "应届大学生"], ["不是在校大学生"]),
        (
            "T13",
            "c4",
            ["符合", "达标", "已达标", "满足"],
            ["不符合", "未达标", "没有达到", "不满足"],
        ),
        (
            "L1",
            "train_intent",
            ["愿参加", "愿意参加", "想参加"],
            ["不愿参加", "不想参加"],
        ),
        (
            "E06",
            "done",
            ["已建成", "具备", "已完成", "达标"],
            ["未建成", "不具备", "未完成", "没有完成", "未达标"],
        ),
        (
            "E13",
            "done",
            ["已完成", "已落实", "办结"],
            ["未完成", "未落实", "没有办结", "尚未完成"],
        ),
        (
            "H01",
            "relocated",
            ["已搬迁", "易地搬迁", "搬迁户", "已入住"],
            ["未搬迁", "非搬迁户", "没有搬迁"],
        ),
        (
            "T10",
            "signed",
            ["已签字", "签了", "已签"],
            ["未签字", "没签", "未签"],
        ),
        (
            "L1",
            "train_intent",
            ["愿意", "想培训", "有培训意愿", "愿意参加培训", "有意愿", "想学"],
            [
                "不愿意",
                "无培训意愿",
                "没有意愿",
                "不想培训",
                "不愿意参加培训",
                "不想学",
                "无意向",
            ],
        ),
        (
            "L1",
            "venture_intent",
            ["想创业", "有创业意愿", "愿意创业"],
            ["不想创业", "无创业意愿", "没有创业意愿"],
        ),
        (
            "V01",
            "is_poor",
            ["贫困村", "是贫困村", "深度贫困村"],
            ["非贫困村", "不是贫困村", "一般村"],
        ),
        (
            "T16",
            "in_training",
            ["已纳入", "纳入培训", "已纳入培训"],
            ["未纳入培训", "没有纳入培训"],
        ),
    ],
)
def test_a_column_is_answered_in_its_own_words(code, name, yes, no):
    for word in yes:
        assert read(code, name, word) is True, word
    for word in no:
        assert read(code, name, word) is False, word


@pytest.mark.parametrize(
    ("codes", "word", "label"),
    [
        ("int", "愿意", "有意愿"), ("int", "有", "有意愿"), ("int", "是", "有意愿"), ("int", "想就业", "有意愿"),
        ("int", "不愿意", "无意愿"), ("int", "否", "无意愿"), ("int", "不愿意就业", "无意愿"),
        ("emp", "没有", "未就业"), ("emp", "否", "未就业"),
        ("execution", "是", "已落实"), ("execution", "否", "未落实"), ("execution", "没有", "未落实"),
        ("expert_state", "是", "在聘"), ("expert_state", "否", "离任"),
        ("need_urgency", "是", "急"), ("need_urgency", "否", "一般"),
        ("group_role", "是", "首席专家"), ("group_role", "否", "成员"),
        ("team_role", "是", "团长"), ("team_role", "否", "成员"),
        ("con", "有", "劳动合同"), ("con", "未签订", "无"), ("con", "没有签", "无"),
        ("sch", "否", "非在校生"), ("sch", "不在校", "非在校生"),
        ("lab", "有", "普通劳动力"), ("lab", "是", "普通劳动力"),
        ("lab", "没有", "无劳动力"), ("lab", "否", "无劳动力"),
        ("res", "未合格", "不合格"), ("res", "不合格", "不合格"), ("res", "没过", "不合格"),
        ("pov", "没有", "未脱贫"), ("exit_state", "没有", "未摘帽"),
    ],
)  # fmt: skip
def test_a_choice_that_is_asked_for_as_yes_or_no_is_answered_so(
    codes, word, label
):
    assert (
        ChoiceReader(load_codes()[codes], many=False, level="Q")(word).value
        == label
    )


@pytest.mark.parametrize("word", ["川内", "黔内", "四川省内", "广元市内"])
def test_a_region_named_by_its_province_depends_on_whose_county_asks(word):
    assert (
        ChoiceReader(load_codes()["reg"], many=False, level="Q")(word).value
        is None
    )


def test_a_word_that_may_mean_two_things_is_no_choice():
    """Who will not leave may well work at home; a city lies in the province of one county and outside another's."""
    read = ChoiceReader(load_codes()["int"], many=False, level="Q")
    assert [read(word).value for word in ("不想出去", "成都")] == [None, None]


@given(
    st.sampled_from(["不", "未", "没有", "非", "不是", "未曾", "尚未"]),
    st.sampled_from(BOOLS),
    st.data(),
)
def test_what_is_denied_is_never_a_yes(no, where, data):
    code, column = where
    word = data.draw(
        st.sampled_from(
            [
                "合格",
                "愿意",
                "参加",
                *(w for w, yes in column.means.items() if yes),
            ]
        )
    )
    if word.startswith(("不", "未", "无")):
        return  # 不收费 denies already
    assert read(code, column.name, no + word) is not True


@given(st.text("是否有无√×☑□ 已未不没愿意/()返乡", max_size=80))
def test_no_text_makes_the_reader_fail(text):
    for code, name in (("L4", "is_returnee"), ("L1", "train_intent")):
        assert read(code, name, text) in (True, False, None)
