import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yiku.cleaning import CleaningContext, clean_table
from yiku.cleaning.crosswise import dragged_down
from yiku.contracts import load_codes, load_contracts
from yiku.formats.cells import Look
from yiku.formats.detection import read_book
from yiku.tables.extraction import find_tables
from yiku.tables.table import MatchedColumn, SheetMetadata, Table

MAN, WOMAN = "510802198503129977", "510802198503129985"
CONTEXT = CleaningContext(date(2017, 11, 20), "2017-11")


def table(template="L1", first_row=4, **cells):
    contract = load_contracts()[template]
    extra = {
        k: cells.pop(k)
        for k in ("look", "units", "merged", "metadata")
        if k in cells
    }
    n = len(next(iter(cells.values())))
    understood = {
        c.name: MatchedColumn(c.name, i + 1, c.header, "official")
        for i, c in enumerate(contract.columns)
        if c.name in cells
    }
    rows = list(range(first_row, first_row + n))
    extra.setdefault("metadata", SheetMetadata())
    return Table(
        "Sheet1",
        0,
        template,
        (3, 3),
        understood,
        rows,
        {k: list(v) for k, v in cells.items()},
        **extra,
    )


def clean(template="L1", context=CONTEXT, **cells):
    return clean_table(
        table(template, **cells),
        load_contracts()[template],
        load_codes(),
        context,
    )


def notes(cleaned, field=None):
    return [
        (n.position, n.field, n.code, n.facts["level"])
        for n in cleaned.notes
        if field in (None, n.field)
    ]


def at(template, name):
    """Return the column number that ``table`` gives to a column."""
    return load_contracts()[template].names.index(name) + 1


def test_every_column_of_the_contract_stands_in_the_frame():
    cleaned = clean(name=["李明", "王芳"], id_no=[MAN, WOMAN])
    assert tuple(cleaned.frame.columns) == (
        *load_contracts()["L1"].names,
        "row_no",
        "sheet",
        "part",
    )
    assert cleaned.frame["row_no"].tolist() == [4, 5]
    assert cleaned.frame["phone"].tolist() == [None, None]
    assert set(map(str, cleaned.frame.dtypes)) == {"object"}
    assert cleaned.notes == []


def test_a_column_that_asks_which_of_two_has_words_of_its_own_for_yes_and_no():
    cleaned = clean(
        "T02", is_team=["个人", " 团队", "是", "两者"], route=["柔性引进"] * 4
    )
    assert cleaned.frame["is_team"].tolist() == [False, True, True, None]
    assert [(n[0], n[3]) for n in notes(cleaned, "is_team")] == [
        (0, "A"),
        (1, "A"),
        (3, "W"),
    ]


def test_a_csv_whose_rows_all_have_more_cells_than_its_header_is_displaced():
    """1,300,000 without quotes is three cells: nothing behind it stands below its own header."""
    head = "资金安排表\n年度,资金名称,来源,文号,用途,安排金额(元),已拨付(元)"
    rows = [
        f"2018,就业补助资金第{n}批,省,织财社〔2018〕{n}号,培训补贴,1,300,000,0"
        for n in (1, 2, 3)
    ]
    assert displaced_rows(head, *rows) == [0, 1, 2]
    assert (
        displaced_rows(
            head, *(r.replace("1,300,000", '"1,300,000"') for r in rows)
        )
        == []
    )
    noted = [r.replace("1,300,000", '"1,300,000"') + ",已到账" for r in rows]
    assert displaced_rows(head + ",", *noted) == []


def displaced_rows(*written):
    book = read_book("\n".join(written).encode(), "表.csv")
    [found] = find_tables(book, load_contracts(), load_codes()).tables
    cleaned = clean_table(
        found, load_contracts()["E11"], load_codes(), CONTEXT
    )
    return [n.position for n in cleaned.notes if n.code == "L23"]


@pytest.mark.parametrize("code", sorted(load_contracts()))
def test_every_list_can_be_cleaned(code):
    contract = load_contracts()[code]
    cleaned = clean(
        code,
        **{
            c.name: ["同上", "#N/A", None, 7, "某某"] for c in contract.columns
        },
    )
    assert len(cleaned.frame) == 5
    assert {n.code for n in cleaned.notes if n.position == 0} >= {"L12"}
    assert {n.code for n in cleaned.notes if n.position == 1} == {"L21"}


def test_what_was_repaired_or_not_understood_keeps_its_text():
    cleaned = clean(
        name=["李 明", "王芳"],
        id_no=["510802 19850312 9977", 5.10802198503129e17],
    )
    assert cleaned.frame["name"].tolist() == ["李明", "王芳"]
    assert cleaned.frame["id_no"].tolist() == [MAN, None]
    assert cleaned.original == {
        (0, "name"): "李 明",
        (0, "id_no"): "510802 19850312 9977",
        (1, "id_no"): "5.10802198503129e+17",
    }
    assert notes(cleaned, "id_no") == [
        (0, "id_no", "I05", "A"),
        (1, "id_no", "I01", "Q"),
    ]
    assert cleaned.quality[1, "id_no"] == {"prefix15": "510802198503129"}


def test_sex_birth_date_and_age_follow_the_id():
    cleaned = clean(
        id_no=[MAN, WOMAN, MAN, WOMAN],
        sex=["男", "男", None, "女"],
        birth_date=["1985-3-12", "1985年3月", "1990-5-24", None],
        age=[32, 33, None, 50],
    )
    assert cleaned.frame["sex"].tolist() == ["男", "女", "男", "女"]
    assert set(cleaned.frame["birth_date"]) == {date(1985, 3, 12)}
    assert cleaned.frame["age"].tolist() == [32, 32, 32, 32]
    differences = [
        (n.position, n.field, dict(n.facts))
        for n in cleaned.notes
        if n.code == "I10"
    ]
    assert differences == [
        (1, "sex", {"level": "W", "kind": "sex"}),
        (2, "birth_date", {"level": "Q", "kind": "date"}),
        (1, "age", {"level": "W", "kind": "age", "off_by": 1}),
        (3, "age", {"level": "W", "kind": "age", "off_by": 18}),
    ]


def test_age_is_that_of_the_day_the_sheet_speaks_of():
    filled = clean(
        id_no=[MAN], metadata=SheetMetadata(fill_date=date(2017, 3, 11))
    )
    assert filled.frame["age"].tolist() == [31]


def test_numbers_that_run_on_down_a_column_are_noted():
    phones = [
        "13812345670",
        "13812345671",
        "13812345672",
        "13912345675",
        "13812345690",
        "13812345691",
    ]
    cleaned = clean(phone=phones)
    assert notes(cleaned, "phone") == [
        (i, "phone", "C10", "Q") for i in range(3)
    ]
    assert (
        cleaned.notes[0].facts["first"],
        cleaned.notes[0].facts["last"],
    ) == (4, 6)
    assert list(
        dragged_down([None] * 3, [MAN, str(int(MAN) + 1), str(int(MAN) + 2)])
    ) == [(0, 2)]


def test_an_amount_over_several_rows_is_one_amount():
    cleaned = clean(
        "L2",
        amount_yuan=[800, None, 800],
        merged={"amount_yuan": frozenset({4, 5})},
    )
    assert notes(cleaned, "amount_yuan") == [
        (0, "amount_yuan", "L10", "Q"),
        (1, "amount_yuan", "L10", "Q"),
    ]


def test_formulas_without_result_and_sums_of_other_rows_are_noted():
    column = at("L2", "amount_yuan")
    look = Look(
        formulas={
            (4, column): "SUM(F5:F9)",
            (5, column): "=SUM(F5:G5)",
            (6, column): "'x'!A1",
        },
        uncached=frozenset({(6, column)}),
    )
    cleaned = clean("L2", amount_yuan=[4000, 800, None], look=look)
    assert notes(cleaned) == [
        (0, "amount_yuan", "N06", "Q"),
        (2, "amount_yuan", "L20", "Q"),
    ]


def test_a_symbol_font_changes_what_a_letter_means():
    look = Look(symbol_font=frozenset({(4, at("L1", "train_intent"))}))
    cleaned = clean(train_intent=["P", "P"], look=look)
    assert cleaned.frame["train_intent"].tolist() == [True, None]
    assert notes(cleaned) == [
        (1, "train_intent", "C11", "W"),
        (0, "train_intent", "C11", "A"),
    ]


def test_money_comes_in_yuan():
    cleaned = clean(
        "L4",
        invest_yuan=[1.15, "3000元", "2万元"],
        units={"invest_yuan": "万元"},
    )
    assert cleaned.frame["invest_yuan"].tolist() == [
        Decimal("11500.00"),
        Decimal("3000.00"),
        Decimal("20000.00"),
    ]
    assert cleaned.sheet_facts == {}


def test_a_column_of_small_amounts_without_a_unit_holds_the_sheet():
    cleaned = clean("L4", invest_yuan=[12.98, 16.99])
    assert cleaned.sheet_facts["N02"]["fields"] == ("invest_yuan",)
    assert cleaned.sheet_facts["N02"]["kinds"] == {
        "invest_yuan": "not_written"
    }


def test_remarks_that_speak_of_a_change_are_noted():
    cleaned = clean(
        remark=["2016年外嫁，已迁出", "无"],
        name=["李明", "王芳(已死亡)"],
        id_no=[MAN, WOMAN],
    )
    assert [
        (n.position, n.field, n.facts["word"])
        for n in cleaned.notes
        if n.code == "R03"
    ] == [
        (0, "remark", "外嫁、迁出"),
        (1, "name", "死亡"),
    ]


def test_what_stands_beside_the_columns_of_the_list_is_a_remark_too():
    beside = table(name=["李明", "王芳"], id_no=[MAN, WOMAN])
    beside.extra = {
        "第14列（无表头）": [None, "已死亡，请删除"],
        "村里意见": ["返乡了", 3],
    }
    cleaned = clean_table(
        beside, load_contracts()["L1"], load_codes(), CONTEXT
    )
    found = [
        (n.position, n.field, n.facts["word"])
        for n in cleaned.notes
        if n.code == "R03"
    ]
    assert found == [(1, "remark", "死亡"), (0, "remark", "返乡")]


def test_a_certificate_in_the_id_column_goes_to_its_own():
    cleaned = clean(id_no=[WOMAN + "44"], disability_no=[None])
    assert cleaned.frame["id_no"].tolist() == [WOMAN]
    assert cleaned.frame["disability_no"].tolist() == [WOMAN + "44"]


def test_one_cell_with_an_interval_fills_both_dates():
    cleaned = clean(
        "L2", start_on=["2017.3.1-2017.3.10"], end_on=["2017.3.1-2017.3.10"]
    )
    assert cleaned.frame["start_on"].tolist() == [date(2017, 3, 1)]
    assert cleaned.frame["end_on"].tolist() == [date(2017, 3, 10)]


def test_swapped_columns_show_in_the_shares():
    cleaned = clean(id_no=["13812345679", "13912345670"], phone=[MAN, WOMAN])
    assert cleaned.id_looks == {"phone": 1.0}


CELL = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.booleans(),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.dates(),
    st.datetimes(),
)


@settings(max_examples=40, deadline=None)
@example("E01", [math.nan, math.inf, -math.inf])
@given(
    st.sampled_from(sorted(load_contracts())),
    st.lists(CELL, min_size=1, max_size=3),
)
def test_nothing_that_a_clerk_typed_makes_cleaning_raise(code, cells):
    cleaned = clean(
        code, **{c.name: cells for c in load_contracts()[code].columns}
    )
    assert len(cleaned.frame) == len(cells)
    assert all(0 <= n.position < len(cells) for n in cleaned.notes)


def test_the_end_of_an_interval_below_the_header_of_its_start_is_kept():
    """A spell told as 2017.2-2017.6 below 起始日期 is over; without its end it would count as open for ever."""
    spells = [
        "2017.2-2017.6",
        "2017年2月20日至今",
        "2017.2-2017.6",
        "2017年2月20日",
        "2017.2-2017.6",
    ]
    cleaned = clean("L3", start_on=spells)
    assert cleaned.frame["end_on"].tolist() == [
        date(2017, 6, 1),
        None,
        date(2017, 6, 1),
        None,
        date(2017, 6, 1),
    ]
    assert cleaned.quality[1, "end_on"] == {"open": True}
    beside = clean(
        "L3", start_on=spells[:3], end_on=["2017.6", None, "2017.9"]
    )
    assert beside.frame["start_on"].tolist() == [
        date(2017, 2, 1),
        date(2017, 2, 20),
        None,
    ]
    assert ("start_on", "T06", "Q") in [
        n[1:] for n in notes(beside) if n[0] == 2
    ]


def test_several_persons_in_a_cell_are_told_apart():
    """Two names that a space parts were one expert whom nobody knows."""
    typed = [
        "段玉山 严国良",
        "段玉山（组长），严国良",
        "段玉山教授、严国良",
        "欧阳 明志",
        "段玉山等",
        "段玉山（县农业局）",
        "无",
    ]
    cleaned = clean("T08", experts=typed)
    both, one = ("段玉山", "严国良"), ("段玉山",)
    assert cleaned.frame["experts"].tolist() == [
        both,
        both,
        both,
        ("欧阳明志",),
        one,
        one,
        None,
    ]
    assert [
        (n[0], n[2], n[3]) for n in notes(cleaned, "experts") if n[3] != "A"
    ] == [(4, "C08", "W")]


def test_no_place_is_named_by_a_word_for_nothing():
    assert clean("T15", paired_village=["无", "/", "红岩村"]).frame[
        "paired_village"
    ].tolist() == [None, None, "红岩村"]
