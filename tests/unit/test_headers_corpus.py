"""How well headers that no contract lists are understood: wrong must be rare, unknown the exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from yiku.contracts import Column, load_codes, load_contracts
from yiku.workbook.model import Book, CellValue, Sheet, Table
from yiku.workbook.tables import Hints, find_tables

CORPUS = yaml.safe_load((Path(__file__).parent / "data" / "novel_headers.yml").read_text("utf-8"))
LISTS = [code for code in CORPUS if code not in ("strangers", "look_alikes", "not_own")]
ROWS = 6
NAMES = ("赵明德", "钱桂芳", "孙立", "李春梅", "周大勇", "吴秀英")
IDS = ("510802198503129977", "510802198503129985", "51080219650615997X", "520524196207019989", "510821196805133170")
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


def _columns(code: str) -> list[Column]:
    hard = {"birth_date", "loan_from", "loan_to", "interest_yuan", "loan_yuan"}
    return [c for c in load_contracts()[code].columns if c.name not in hard]


def _read(code: str, renamed: dict[str, str], extra: str | None = None, only: bool = False) -> Table:
    columns = _columns(code)
    header: list[CellValue] = [renamed.get(c.name, c.header) for c in columns]
    body = [list(row) for row in zip(*(_values(c) for c in columns), strict=True)]
    if extra:
        header.append(extra)
        body = [[*row, "若干" if at % 2 else "其它"] for at, row in enumerate(body)]
    sheet = Sheet("Sheet1", [[load_contracts()[code].title, *[None] * (len(header) - 1)], header, *body])
    hints = Hints(lists=frozenset({code})) if only else None
    return find_tables(Book("xlsx", [sheet]), load_contracts(), load_codes(), hints).tables[0]


def _cases() -> Iterator[tuple[str, str, str]]:
    for code in LISTS:
        for name, wordings in CORPUS[code].items():
            yield from ((code, name, wording) for wording in wordings)


def _field_of(table: Table, wording: str) -> str | None:
    shown = "".join(wording.split())
    return next((n for n, u in table.understood.items() if u.header == shown), None)


@cache
def outcomes() -> dict[tuple[str, str, str], str | None]:
    """Understand each wording alone among official headers."""
    return {case: _field_of(_read(case[0], {case[1]: case[2]}, only=True), case[2]) for case in _cases()}


def test_corpus_is_large_enough() -> None:
    assert len(outcomes()) >= 600


def test_hardly_any_wording_is_misunderstood() -> None:
    wrong = {case: got for case, got in outcomes().items() if got not in (None, case[1])}
    assert len(wrong) <= len(outcomes()) * 0.005, wrong


def test_nine_in_ten_are_understood() -> None:
    missed = [case for case, got in outcomes().items() if got is None]
    assert len(missed) <= len(outcomes()) * 0.1, missed


@pytest.mark.parametrize("code", LISTS)
def test_many_at_once_are_never_mixed_up(code: str) -> None:
    for turn in range(3):
        renamed = {n: w[turn % len(w)] for n, w in CORPUS[code].items()}
        table = _read(code, renamed)
        mixed = {w: got for n, w in renamed.items() if (got := _field_of(table, w)) not in (None, n)}
        assert table.template == code
        assert not mixed


def _recognised(code: str, novel: Callable[[int], bool], titled: bool) -> str:
    """Return which list a sheet is taken for in which some columns have headers that mean nothing; '' when none."""
    columns = load_contracts()[code].columns
    header: list[CellValue] = [f"栏目{at}" if novel(at) else c.header for at, c in enumerate(columns)]
    title = [[load_contracts()[code].title, *[None] * (len(header) - 1)]] if titled else []
    body = [list(row) for row in zip(*(_values(c) for c in columns), strict=True)]
    tables = find_tables(
        Book("xlsx", [Sheet("Sheet1", [*title, header, *body])]), load_contracts(), load_codes()
    ).tables
    return tables[0].template if tables else ""


@pytest.mark.parametrize("code", load_contracts())
def test_a_sheet_is_its_own_list_or_none_however_many_headers_are_strange(code: str) -> None:
    assert _recognised(code, lambda at: False, titled=False) == code
    for every, first in ((3, 0), (3, 1), (3, 2), (2, 0), (2, 1)):
        found = _recognised(code, lambda at, e=every, f=first: at % e == f, titled=every == 2)  # type: ignore[misc]
        assert found in (code, "")


@pytest.mark.parametrize("code", LISTS)
def test_columns_of_no_list_stay_unknown(code: str) -> None:
    taken = {w: got for w in CORPUS["strangers"] if (got := _field_of(_read(code, {}, w, only=True), w))}
    assert not taken


@pytest.mark.parametrize("code", ["L1", "L3", "L5", "E01"])
def test_what_belongs_to_somebody_else_stays_unknown(code: str) -> None:
    contract = load_contracts()[code]
    columns = [c for c in contract.columns if c.need == "M" and not c.required_if]
    taken = {}
    for kind, wordings in CORPUS["look_alikes"].items():
        values = [SAMPLES.get(kind, ("若干甲", "其它乙"))[i % 2] for i in range(ROWS)]
        body = [list(row) for row in zip(*(_values(c) for c in columns), values, strict=True)]
        for wording in wordings:
            sheet = Sheet("Sheet1", [[*(c.header for c in columns), wording], *body])
            table = find_tables(Book("xlsx", [sheet]), load_contracts(), load_codes()).tables[0]
            if (got := _field_of(table, wording)) is not None:
                taken[wording] = got
    assert not taken
