"""Rows of a csv with more cells than their header: nothing that was moved is loaded, and no other row goes back."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yiku.cleaning import CleaningContext, clean_table
from yiku.contracts import load_codes, load_contracts
from yiku.tables import read_file

L3 = load_contracts()["L3"]
COLUMNS = (
    *(
        "town_name",
        "village_name",
        "group_no",
        "name",
        "id_no",
        "sex",
        "phone",
        "emp_form",
        "region",
        "place",
    ),
    *(
        "employer",
        "job",
        "channel",
        "start_on",
        "end_on",
        "wage_yuan",
        "remark",
    ),
)
ROW = (
    *(
        "荣山镇",
        "高坑村",
        "2组",
        "何某",
        "510802198503129977",
        "男",
        "13800000000",
        "单位就业",
        "省外",
        "浙江省杭州市",
    ),
    *("杭州某某服装厂", "缝纫", "自主/亲友", "2017/03/01", "", "3200", ""),
)


HEADERS = [L3.column(c).header for c in COLUMNS]


def cleaned(*rows, header=HEADERS):
    text = "\n".join(
        [
            "2017年11月转移就业名单",
            ",".join(header),
            *rows,
            *[",".join(ROW)] * 6,
        ]
    )
    (table,) = read_file(text.encode(), "名单.csv").tables
    return table, clean_table(
        table, L3, load_codes(), CleaningContext(date(2017, 11, 20), "2017-11")
    )


def outcome(*cells):
    """Return whether the first row was said to be displaced, what it says and what stands beside it."""
    table, found = cleaned(",".join(cells))
    told = any(n.code == "L23" and n.position == 0 for n in found.notes)
    return (
        told,
        found.frame.iloc[0].to_dict(),
        {k: v[0] for k, v in table.extra.items()},
    )


def with_cells(**said):
    return [said.get(c, v) for c, v in zip(COLUMNS, ROW, strict=True)]


CLEAN = outcome(*ROW)[1]


@given(
    column=st.sampled_from(
        ["village_name", "name", "place", "employer", "job", "remark"]
    ),
    rest=st.lists(
        st.sampled_from(
            [
                "a",
                "厂",
                "2组",
                "3200",
                "800",
                "000",
                "2017/03/01",
                "男",
                "省外",
                "某某",
            ]
        ),
        max_size=3,
    ),
    remark=st.sampled_from(["", "在外", "春节回来"]),
    channel=st.sampled_from(["", "自主/亲友"]),
)
@example("wage_yuan", ["000"], "在外", "自主/亲友")
@example("remark", ["春节回来"], "在外", "自主/亲友")
@example("employer", ["电子厂"], "", "自主/亲友")
def test_a_comma_anywhere_moves_nothing_into_the_warehouse(
    column, rest, remark, channel
):
    cells = with_cells(
        remark=remark or ("在外" if column == "remark" else ""),
        channel=channel,
    )
    remark = cells[-1]
    at = COLUMNS.index(column)
    whole = CLEAN | {"remark": remark or None, "channel": channel or None}
    told, row, _ = outcome(*cells[:at], cells[at], *rest, *cells[at + 1 :])
    assert (
        told
        or row == whole
        or (
            column == "remark"
            and row == whole | {"remark": ",".join([remark, *rest])}
        )
    )


@pytest.mark.parametrize(
    ("said", "beyond", "remark"),
    [
        ({"remark": "在外"}, ["春节回来", "再看"], "在外,春节回来,再看"),
        ({}, ["已外迁"], None),
        ({}, ["", "已外迁"], None),
        ({}, [""], None),
        ({"wage_yuan": ""}, ["", "", ""], None),
    ],
)
def test_what_stands_beyond_the_header_sends_no_row_back(said, beyond, remark):
    told, row, beside = outcome(*with_cells(**said), *beyond)
    assert (told, row["remark"], row["start_on"]) == (
        False,
        remark,
        date(2017, 3, 1),
    )
    assert [v for v in beside.values() if v] == [v for v in beyond if v]


@pytest.mark.parametrize(
    "cells",
    [
        with_cells(employer="某某,电子厂"),
        with_cells(employer="某某,电子厂", remark="在外"),
        with_cells(wage_yuan="3,200"),
        with_cells(wage_yuan="3,200", remark="在外"),
        with_cells(place="浙江省,杭州市", employer="", job="", channel=""),
        with_cells(start_on="2017,3,1"),
        with_cells(
            job="缝纫,包装",
            channel="",
            start_on="2017/03/01",
            wage_yuan="",
            remark="外",
        ),
        [*with_cells(start_on="某天"), "在外"],
    ],
)
def test_a_row_that_a_comma_moved_goes_back(cells):
    assert outcome(*cells)[0]


def test_where_most_rows_are_wider_none_is_said_to_be_displaced():
    _, found = cleaned(header=HEADERS[:-1])
    assert not [n for n in found.notes if n.code == "L23"]
