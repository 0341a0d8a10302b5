"""Templates: official headers that the reader understands, drop-downs, text columns."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from yiku.cleaning.date_rules import DateRules
from yiku.cleaning.dates import parse_date
from yiku.contracts import load_codes, load_contracts
from yiku.returns import build_template
from yiku.tables import Hints, read_file

CODES = sorted(load_contracts())


def first_page(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def number_format(
    page: openpyxl.worksheet.worksheet.Worksheet, column: int
) -> str:
    """Return the format of a column; neighbours that look the same share one entry."""
    return next(
        d.number_format
        for d in page.column_dimensions.values()
        if d.min <= column <= d.max
    )


@pytest.mark.parametrize("code", CODES)
def test_a_filled_in_template_is_read_as_its_list(code: str):
    contract = load_contracts()[code]
    values = {
        "town_name": "大石镇",
        contract.columns[-1].name: "甲",
        contract.columns[2].name: "乙",
    }
    reading = read_file(
        build_template(contract, [values], "大石镇"), "填好.xlsx", Hints()
    )
    (table,) = reading.tables
    assert table.list_code == code
    assert set(table.matched) == set(contract.names)
    assert table.metadata.reporting_unit == "大石镇"


@pytest.mark.parametrize("code", CODES)
def test_columns_of_numbers_that_must_not_be_counted_with_are_text(code: str):
    contract, page = (
        load_contracts()[code],
        first_page(build_template(load_contracts()[code])),
    )
    for position, column in enumerate(contract.columns, start=2):
        if column.kind in (
            "id",
            "id_or_uscc",
            "phone",
            "account",
            "uscc",
            "date",
        ):
            assert number_format(page, position) == "@", column.name


def test_drop_downs_hold_exactly_the_labels_of_the_code_list():
    contract = load_contracts()["L1"]
    workbook = openpyxl.load_workbook(io.BytesIO(build_template(contract)))
    rules = {
        r.promptTitle: r
        for r in workbook.worksheets[0].data_validations.dataValidation
    }
    for column in contract.columns:
        if column.codes:
            place = (
                rules[column.header]
                .formula1.removeprefix("字典!")
                .replace("$", "")
            )
            labels = tuple(row[0].value for row in workbook["字典"][place])
            assert labels == load_codes()[column.codes].labels
    assert workbook["字典"].sheet_state == "hidden"
    assert str(rules["姓名"].sqref).endswith("1003")


def test_prefilled_rows_keep_their_types_and_never_become_formulas():
    row: dict[str, object] = {"name": "=1+1", "id_no": "510802198503129971"}
    row |= {"intent_wage": Decimal("3000.00"), "birth_date": date(1985, 3, 12)}
    contract = load_contracts()["L1"]
    page = first_page(build_template(contract, [row | {"train_intent": True}]))
    cells = {
        name: page.cell(4, contract.names.index(name) + 2)
        for name in (*row, "train_intent")
    }
    assert {n: (c.value, c.data_type) for n, c in cells.items()} == {
        "name": ("=1+1", "s"),
        "id_no": ("510802198503129971", "s"),
        "intent_wage": (3000, "n"),
        "birth_date": ("1985-03-12", "s"),
        "train_intent": ("是", "s"),
    }


def test_conditions_are_said_in_the_hints():
    page = first_page(build_template(load_contracts()["L1"]))
    hints = {
        r.promptTitle: r.prompt for r in page.data_validations.dataValidation
    }
    assert "“就业状态”为未就业时应填" in hints["未就业原因"]
    assert all(len(text) <= 255 for text in hints.values())


def test_what_must_stand_under_a_condition_need_not_stand_otherwise():
    pages = {
        code: first_page(build_template(load_contracts()[code]))
        for code in ("L3", "L4")
    }
    hints = {
        (code, r.promptTitle): r.prompt
        for code, p in pages.items()
        for r in p.data_validations.dataValidation
    }
    end = load_contracts()["L3"].column("end_on").header
    assert hints["L3", "返乡原因"].startswith(f"已填“{end}”时应填。")
    assert [
        h for h in hints.values() if h.startswith("必填；") and "时必填" in h
    ] == []


def test_beside_the_title_there_are_no_boxes():
    page = first_page(build_template(load_contracts()["L1"]))
    # The row has a format of its own, which goes before the columns' one with its lines.
    assert page.row_dimensions[1].s
    assert page.row_dimensions[1].border.left.style is None


def test_an_age_is_not_written_in_beforehand():
    contract = load_contracts()["L1"]
    page = first_page(build_template(contract, [{"name": "甲", "age": 32}]))
    assert page.cell(4, contract.names.index("name") + 2).value == "甲"
    assert page.cell(4, contract.names.index("age") + 2).value is None


@pytest.mark.parametrize(
    ("kind", "month_only"), [("month", True), ("date", False)]
)
def test_what_a_hint_shows_first_needs_no_mending(kind: str, month_only: bool):
    contract, column = next(
        (c, k)
        for c in load_contracts().values()
        for k in c.columns
        if k.kind == kind
    )
    rules = {
        r.promptTitle: r
        for r in first_page(
            build_template(contract)
        ).data_validations.dataValidation
    }
    shown = re.search(r"写成 (\S+?)(?= |。)", rules[column.header].prompt)
    assert shown
    parsed = parse_date(shown[1], DateRules(None, 2017, month_only=month_only))
    assert parsed.value is not None
    assert parsed.met == ()
