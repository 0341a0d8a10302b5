"""Where tables stood is kept without any cell, and not at all where it would not be enough."""

from dataclasses import replace

import pytest
from yiku.tables.table import MatchedColumn, SheetMetadata, Table
from yiku.tables.whereabouts import NothingTold, table_at, whereabouts_of

NAME = MatchedColumn("name", 2, "姓名", "official")
GUESS = MatchedColumn("phone", 5, "咋联系", "guess", 0.8)


def table(**more):
    plain = Table(
        sheet="名单",
        part=1,
        list_code="L1",
        header_rows=(2, 3),
        matched={"name": NAME, "phone": GUESS},
        rows=[4, 5, 6, 9, 12, 11],
        cells={"name": ["某人"] * 6, "phone": [None] * 6},
        metadata=SheetMetadata(),
    )
    return replace(plain, **more)


def plain(text):
    return text


def test_a_table_stands_again_where_it_stood_but_without_its_cells():
    stood = whereabouts_of(table(), 0, NothingTold(["phone"]), plain)
    assert stood is not None
    assert stood.runs == [[4, 3], [9, 1], [12, 1], [11, 1]]
    assert "某人" not in str(stood.kept())
    again = table_at("名单", 1, stood)
    assert again.rows == table().rows
    assert again.header_rows[1] == 3
    assert {n: m.column for n, m in again.matched.items()} == {
        "name": 2,
        "phone": 5,
    }
    assert again.matched["phone"].header == "咋联系"
    assert again.matched["phone"].how == "guess"
    assert again.matched["name"].how != "guess"
    assert again.cells == {}


@pytest.mark.parametrize(
    ("more", "public"),
    [
        ({"rows": [4, 4, 5, 9, 10, 11]}, plain),
        ({"places": {"name": [NAME] * 6}}, plain),
        ({}, lambda header: header.replace("咋", "*")),
    ],
    ids=["two records on a line", "wide", "a header that is hidden"],
)
def test_nothing_is_kept_that_would_not_be_enough(more, public):
    assert whereabouts_of(table(**more), 0, NothingTold(), public) is None
