"""How well headers that no contract lists are understood: wrong must be rare, unknown the exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
import yaml
from yiku.contracts import Column, load_codes, load_contracts
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.tables import Hints
from yiku.tables.extraction import find_tables
from yiku.tables.header_vocabulary import known, vocabulary
from yiku.tables.table import Table

CORPUS = yaml.safe_load(
    (Path(__file__).parent / "data" / "novel_headers.yml").read_text("utf-8")
)
FIRST = ("L1", "L2", "L3", "L4", "L5", "E01", "E02", "H01")
LISTS = [code for code in CORPUS if code in load_contracts()]
NEWER = [code for code in LISTS if code not in FIRST]
ROWS = 6
NAMES = ("赵明德", "钱桂芳", "孙立", "李春梅", "周大勇", "吴秀英")
IDS = (
    "510802198503129977",
    "510802198503129985",
    "51080219650615997X",
    "520524196207019989",
    "510821196805139978",
)
TEXTS = {
    "place": "广东省东莞市",
    "org_name": "蜀道培训学校",
    "employer": "鑫源电子有限公司",
    "bank": "农村信用社",
    "project": "茶叶加工",
    "household_no": "510802100000",
    "class_no": "2017-02-0",
    "batch_no": "2017-第3批",
    "job": "缝纫工",
    "skill": "砌筑",
}
SAMPLES: dict[str, tuple[CellValue, ...]] = {
    "name": NAMES,
    "id": IDS,
    "id_or_uscc": IDS,
    "phone": ("13988782367", "19082132429", "17368826791"),
    "date": ("2017-03-01", "2017.4.12", "2017年5月"),
    "month": ("2017-03", "2017年4月"),
    "quarter": ("2017年第1季度", "2017Q2"),
    "money": (800, 1200.0, "3000元"),
    "number": (3, 10),
    "integer": (2, 4, 7),
    "percent": ("95%",),
    "bool": ("是", "否"),
    "village": ("红岩村", "白果社区", "青山村"),
    "town": ("大石镇",),
    "group": ("3组", "4组", 5),
    "account": ("6228480402564890018", "621700123456789012"),
    "uscc": ("93510802844413702T", "92510802488270452X"),
    "disability": ("",),
}


def _values(column: Column) -> list[CellValue]:
    if column.kind == "code" and column.codes:
        kinds: tuple[CellValue, ...] = load_codes()[column.codes].labels[:4]
    elif column.name == "exit_year" or column.name == "in_year":
        kinds = (2016, 2017)
    else:
        kinds = SAMPLES.get(column.kind, (TEXTS.get(column.name, "若干"),))
    return [kinds[i % len(kinds)] for i in range(ROWS)]


def _mandatory(code: str) -> list[Column]:
    return [
        c
        for c in load_contracts()[code].columns
        if c.need == "M" and not c.required_if and not c.required_unless
    ]


def _sheet(
    code: str, columns: Mapping[str, Column], titled: bool = True
) -> Sheet:
    """Lay out a sheet with these columns below these headers."""
    body = [
        list(row)
        for row in zip(*(_values(c) for c in columns.values()), strict=True)
    ]
    title = (
        [[load_contracts()[code].title, *[None] * (len(columns) - 1)]]
        if titled
        else []
    )
    return Sheet("Sheet1", [*title, list(columns), *body])


def _table(code: str, sheet: Sheet, only: bool = False) -> Table:
    hints = Hints(lists=frozenset({code})) if only else None
    return find_tables(
        Book("xlsx", [sheet]), load_contracts(), load_codes(), hints
    ).tables[0]


def _read(code: str, renamed: Mapping[str, str], only: bool = False) -> Table:
    """Read a sheet of all columns of a list, some of them under another header."""
    columns = {
        renamed.get(c.name, c.header): c
        for c in load_contracts()[code].columns
    }
    return _table(code, _sheet(code, columns), only)


def _beside(
    code: str,
    columns: Sequence[Column],
    wording: str,
    values: Sequence[CellValue],
) -> str | None:
    """Say which column one more header beside a list's own is taken for."""
    sheet = _sheet(code, {c.header: c for c in columns})
    sheet.values[1].append(wording)
    for at, row in enumerate(sheet.values[2:]):
        row.append(values[at % len(values)])
    return _field_of(_table(code, sheet, only=True), wording)


def _cases() -> Iterator[tuple[str, str, str]]:
    for code in LISTS:
        for name, wordings in CORPUS[code].items():
            yield from ((code, name, wording) for wording in wordings)


def _field_of(table: Table, wording: str) -> str | None:
    shown = "".join(wording.split())
    return next(
        (n for n, u in table.matched.items() if u.header == shown), None
    )


@cache
def outcomes() -> dict[tuple[str, str, str], str | None]:
    """Understand each wording alone among official headers."""
    return {
        case: _field_of(_read(case[0], {case[1]: case[2]}, only=True), case[2])
        for case in _cases()
    }


def _named(code: str, wording: str) -> bool:
    return known(vocabulary(load_contracts()[code]), (wording,)) is not None


def _novel(lists: Sequence[str]) -> dict[tuple[str, str, str], str | None]:
    return {
        case: got
        for case, got in outcomes().items()
        if case[0] in lists and not _named(case[0], case[2])
    }


def test_corpus_is_large_enough() -> None:
    assert len(_novel(FIRST)) >= 550
    assert len(_novel(NEWER)) >= 900
    assert set(load_contracts()) - set(LISTS) == {"E12", "H02", "V01", "V02"}


@pytest.mark.parametrize("code", NEWER)
def test_wordings_of_the_newer_lists_stand_in_no_contract(code: str) -> None:
    assert not [
        w
        for wordings in CORPUS[code].values()
        for w in wordings
        if _named(code, w)
    ]
    assert {c.name for c in _mandatory(code)} - {"town_name"} <= set(
        CORPUS[code]
    )


def test_no_wording_is_misunderstood() -> None:
    assert not {
        case: got
        for case, got in outcomes().items()
        if got not in (None, case[1])
    }


@pytest.mark.parametrize("lists", [FIRST, NEWER], ids=["first", "newer"])
def test_nearly_all_are_understood(lists: Sequence[str]) -> None:
    missed = [case for case, got in _novel(lists).items() if got is None]
    assert len(missed) <= len(_novel(lists)) * 0.04, missed


@pytest.mark.parametrize("code", LISTS)
def test_many_at_once_are_never_mixed_up(code: str) -> None:
    for turn in range(3):
        renamed = {n: w[turn % len(w)] for n, w in CORPUS[code].items()}
        table = _read(code, renamed, only=code in NEWER)
        mixed = {
            w: got
            for n, w in renamed.items()
            if (got := _field_of(table, w)) not in (None, n)
        }
        assert table.list_code == code or (
            code in NEWER and not table.list_code
        )
        assert not mixed


def _all_strange(code: str, turn: int, titled: bool) -> str:
    """Return which list a sheet is taken for all of whose mandatory columns have novel headers; '' when held."""
    columns = [c for c in _mandatory(code) if c.kind != "town"]
    named = {
        CORPUS[code][c.name][turn % len(CORPUS[code][c.name])]: c
        for c in columns
    }
    return _table(code, _sheet(code, named, titled)).list_code


@cache
def _taken_for() -> dict[tuple[str, int], str]:
    return {
        (c, turn): _all_strange(c, turn, titled=turn == 1)
        for c in NEWER
        for turn in range(2)
    }


def test_a_sheet_of_strange_headers_only_is_its_own_list_or_held() -> None:
    assert not {
        case: got
        for case, got in _taken_for().items()
        if got not in (case[0], "")
    }


def test_hardly_any_sheet_of_strange_headers_only_is_held() -> None:
    held = [case for case, got in _taken_for().items() if not got]
    assert len(held) <= len(_taken_for()) * 0.1, held


def _recognised(code: str, novel: Callable[[int], bool], titled: bool) -> str:
    """Return which list a sheet is taken for in which some columns have headers that mean nothing; '' when none."""
    columns = load_contracts()[code].columns
    header: list[CellValue] = [
        f"栏目{at}" if novel(at) else c.header for at, c in enumerate(columns)
    ]
    title = (
        [[load_contracts()[code].title, *[None] * (len(header) - 1)]]
        if titled
        else []
    )
    body = [
        list(row) for row in zip(*(_values(c) for c in columns), strict=True)
    ]
    tables = find_tables(
        Book("xlsx", [Sheet("Sheet1", [*title, header, *body])]),
        load_contracts(),
        load_codes(),
    ).tables
    return tables[0].list_code if tables else ""


@pytest.mark.parametrize("code", load_contracts())
def test_a_sheet_is_its_own_list_or_none_however_many_headers_are_strange(
    code: str,
) -> None:
    assert _recognised(code, lambda at: False, titled=False) == code
    for every, first in ((3, 0), (3, 1), (3, 2), (2, 0), (2, 1)):
        found = _recognised(
            code, lambda at, e=every, f=first: at % e == f, titled=every == 2
        )  # type: ignore[misc]
        assert found in (code, "")


@pytest.mark.parametrize(
    "day",
    [
        "2017-03-01 00:00:00",
        "2017/3/1 0:00",
        "2017-03-01T00:00:00",
        "2017.3.1 上午9:30",
    ],
)
@pytest.mark.parametrize(
    ("code", "name", "wording"),
    [("L3", "start_on", "出去打工时间"), ("L1", "verified_on", "核查的日子")],
)
def test_a_day_with_its_time_of_day_is_a_day_for_a_header_that_no_list_names(
    code: str, name: str, wording: str, day: str
) -> None:
    columns = {
        wording if c.name == name else c.header: c for c in _mandatory(code)
    }
    sheet = _sheet(code, columns)
    for row in sheet.values[2:]:
        row[list(columns).index(wording)] = day
    assert _field_of(_table(code, sheet, only=True), wording) == name


@pytest.mark.parametrize("code", LISTS)
def test_columns_of_no_list_stay_unknown(code: str) -> None:
    columns = load_contracts()[code].columns
    taken = {
        w: got
        for w in CORPUS["strangers"]
        if (got := _beside(code, columns, w, ("其它", "若干")))
    }
    assert not taken


def _look_alikes() -> Iterator[tuple[str, str, str]]:
    for code in ("L1", "L3", "L5", "E01"):
        yield from (
            (code, kind, w)
            for kind, wordings in CORPUS["look_alikes"].items()
            for w in wordings
        )
    for code, kinds in CORPUS["not_own"].items():
        yield from (
            (code, kind, w)
            for kind, wordings in kinds.items()
            for w in wordings
        )


def test_what_belongs_to_somebody_else_stays_unknown() -> None:
    assert set(CORPUS["not_own"]) == set(NEWER)
    taken = {}
    for code, kind, wording in _look_alikes():
        values = SAMPLES.get(kind, ("若干甲", "其它乙"))
        if got := _beside(code, _mandatory(code), wording, values):
            taken[code, wording] = got
    assert not taken


@pytest.mark.parametrize("code", CORPUS["anybodys"])
def test_what_could_be_anybodys_never_stands_for_a_missing_column(
    code: str,
) -> None:
    taken = {}
    for name, wordings in CORPUS["anybodys"][code].items():
        own = load_contracts()[code].column(name)
        others = [c for c in load_contracts()[code].columns if c is not own]
        taken |= {
            w: got
            for w in wordings
            if (got := _beside(code, others, w, _values(own)))
        }
    assert not taken


@pytest.mark.parametrize(
    "wishes",
    [("县内", "省外", "无意愿"), ("县内", "县外省内", "省外")],
    ids=["wish", "both"],
)
def test_a_hand_form_of_an_optional_choice_may_be_the_mandatory_one_that_is_missing(
    wishes: Sequence[str],
) -> None:
    """Where no column asks for the wish, 就业意向地 does; the official header of the region stays what it says."""
    columns = {
        c.header: c
        for c in load_contracts()["L1"].columns
        if c.name != "emp_intent"
    }
    for wording, field in (
        ("就业意向地", "emp_intent"),
        ("意向地域", "intent_region"),
    ):
        sheet = _sheet(
            "L1",
            {
                (wording if h == "意向地域" else h): c
                for h, c in columns.items()
            },
        )
        at = sheet.values[1].index(wording)
        for number, row in enumerate(sheet.values[2:]):
            row[at] = wishes[number % len(wishes)]
        table = _table("L1", sheet)
        assert _field_of(table, wording) == field
        assert "L06" not in [
            rule for rule, _ in table.problems
        ]  # not every row of the sheet needs the wish
    assert (
        _field_of(_read("L1", {"intent_region": "就业意向地"}), "就业意向地")
        == "intent_region"
    )


@pytest.mark.parametrize(
    ("code", "name", "wording", "taken"),
    [
        ("L1", "emp_status", "现在干什么", True),
        ("L1", "emp_status", "眼下靠啥", True),
        ("L5", "post_type", "那一栏", True),
        ("L1", "emp_status", "去年干什么", False),
        ("L1", "emp_status", "配偶干什么", False),
        (
            "E01",
            "reached",
            "那一栏",
            False,
        ),  # yes and no say nothing by themselves
    ],
)
def test_choices_of_a_missing_column_alone_say_what_it_is(
    code: str, name: str, wording: str, taken: bool
) -> None:
    columns = [c for c in load_contracts()[code].columns if c.name != name]
    values = _values(load_contracts()[code].column(name))
    assert _beside(code, columns, wording, values) == (name if taken else None)
    assert (
        _beside(code, columns, wording, values[:2] + [None] * 4) is None
    )  # too few to tell
    assert (
        _beside(code, load_contracts()[code].columns, wording, values) is None
    )  # nothing is missing


def test_words_for_leaving_and_for_a_licence_are_not_taken_for_others() -> (
    None
):
    assert (
        _field_of(_read("L3", {"end_on": "离厂日期"}), "离厂日期") == "end_on"
    )
    assert (
        _field_of(_read("L4", {"reg_on": "发照日期"}), "发照日期") == "reg_on"
    )
    others = [
        c
        for c in load_contracts()["L4"].columns
        if c.name not in ("reg_on", "paid_on")
    ]
    assert _beside("L4", others, "发照日期", ["2017-03-01"]) == "reg_on"


def test_a_village_committee_may_be_a_unit() -> None:
    others = [
        c for c in load_contracts()["L5"].columns if c.name != "manager_unit"
    ]
    assert (
        _beside("L5", others, "派用单位", ["红岩村村民委员会", "青山村村委会"])
        == "manager_unit"
    )
    assert _beside("L5", others, "派用单位", ["红岩村", "青山村"]) is None
