"""The workbook that a town is given for its next report, filled in from the warehouse, comes back clean."""

import io
from contextlib import closing

import openpyxl
import pytest
from nights import DAY, PEOPLE, TOWNS, labourer, post, workbook
from yiku import pipeline
from yiku.contracts import load_contracts
from yiku.returns import build_template
from yiku.warehouse.connection import connect

TOWN, OTHER = list(TOWNS)


def form(nights, code: str, town: str) -> bytes:
    with closing(connect(nights.settings, DAY)) as conn:
        name, rows = pipeline.town_form(conn, code, town)
    return build_template(load_contracts()[code], rows=rows, town=name)


@pytest.mark.parametrize(("code", "row"), [("L1", labourer), ("L5", post)])
def test_what_a_town_sent_stands_in_its_next_form(nights, code, row):
    for town, people in PEOPLE.items():
        nights.put(
            town, f"{code}.xlsx", workbook(code, [row(p) for p in people[:4]])
        )
    nights.take_in()
    data = form(nights, code, TOWN)
    cells = {
        str(c)
        for line in openpyxl.load_workbook(io.BytesIO(data))
        .worksheets[0]
        .values
        for c in line
    }
    assert f"填报单位：{TOWNS[TOWN]}" in cells
    assert {p.id_no for p in PEOPLE[TOWN][:4]} <= cells
    assert not {p.id_no for p in PEOPLE[OTHER]} & cells
    nights.put(TOWN, "下一期.xlsx", data)
    nights.take_in()
    _, _, read, loaded, back, same = nights.statuses()["下一期.xlsx"]
    assert (read, back) == (4, 0)
    assert loaded + same == 4


def test_a_town_that_nobody_knows_gets_no_form(nights):
    with pytest.raises(LookupError):
        form(nights, "L1", "510802999")
