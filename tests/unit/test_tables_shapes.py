"""Lists of another shape than one row a record: wide items, a session with its trainees, stages."""

from __future__ import annotations

from typing import Any

import pytest
from yiku.contracts import (
    Column,
    Contract,
    KeyPart,
    load_codes,
    load_contracts,
)
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.tables.extraction import find_tables
from yiku.tables.table import Table

Row = list[CellValue]


def contract(
    code: str,
    columns: list[Column],
    shape: dict[str, Any],
    person: bool = False,
) -> Contract:
    return Contract(
        code=code,
        table=code.lower(),
        title="样表",
        columns=tuple(columns),
        keys=(KeyPart((columns[0].name,)),),
        person_name="name" if person else None,
        person_id="id_no" if person else None,
        reference=False,
        cadence="monthly",
        audience="",
        shape=shape,
    )


def read(found: Contract, rows: list[Row]) -> Table:
    tables = find_tables(
        Book("xlsx", [Sheet("Sheet1", rows)]), {found.code: found}, {}
    ).tables
    assert len(tables) == 1
    return tables[0]


VILLAGE = contract(
    "X1",
    [
        Column(
            "village_name", "行政村", "village", "M", ("村",), fill_down=True
        ),
        Column("item_no", "项目序号", "integer", "M"),
        Column("done", "是否具备", "bool", "M"),
        Column("invest_yuan", "投入资金", "money", "S"),
    ],
    {
        "wide": {
            "item": "item_no",
            "into": "done",
            "items": [
                {"value": 1, "headers": ["公共就业服务平台", "平台"]},
                {"value": 2, "headers": ["专职负责人员", "专职人员"]},
                {"value": 3, "headers": ["支柱性产业", "支柱产业"]},
            ],
        }
    },
)


def test_wide_items_become_rows() -> None:
    table = read(
        VILLAGE,
        [
            ["序号", "村", "平台", "专职人员", "支柱产业", "投入资金"],
            [1, "红岩村", "是", "否", None, 5],
            [2, "青山村", "√", "√", "×", 7],
        ],
    )
    assert table.rows == [2, 2, 2, 3, 3, 3]
    assert table.cells["item_no"] == [1, 2, 3, 1, 2, 3]
    assert table.cells["done"] == ["是", "否", None, "√", "√", "×"]
    assert table.cells["village_name"][3:] == ["青山村"] * 3
    assert [table.where("done", i).column for i in range(3)] == [3, 4, 5]  # type: ignore[union-attr]
    assert not table.problems


def test_an_amount_beside_the_items_counts_once() -> None:
    table = read(
        VILLAGE,
        [
            ["村", "平台", "专职人员", "投入资金"],
            ["红岩村", "是", "否", 5],
            ["青山村", "是", "是", 7],
        ],
    )
    assert table.cells["invest_yuan"] == [5, None, 7, None]
    assert list(table.asked_elsewhere()) == [
        (1, "invest_yuan"),
        (3, "invest_yuan"),
    ]


def test_items_may_have_columns_of_their_own() -> None:
    table = read(
        VILLAGE,
        [
            ["村", "平台", None, "专职人员", None],
            [None, "是否具备", "投入资金", "是否具备", "投入资金"],
            ["红岩村", "是", 5, "否", None],
            ["青山村", "是", 7, "是", 2],
        ],
    )
    assert table.rows == [3, 3, 4, 4]
    assert table.cells["done"] == ["是", "否", "是", "是"]
    assert table.cells["invest_yuan"] == [5, None, 7, 2]
    place = table.where("invest_yuan", 3)
    assert place is not None
    assert (place.column, place.header) == (5, "专职人员/投入资金")
    assert not table.once
    assert not table.problems


def test_a_long_sheet_of_the_same_list_is_read_as_it_stands() -> None:
    table = read(
        VILLAGE,
        [
            ["村", "项目序号", "是否具备", "投入资金"],
            ["红岩村", 1, "是", 5],
            ["红岩村", 2, "否", None],
        ],
    )
    assert table.rows == [2, 3]
    assert table.cells["item_no"] == [1, 2]


SESSION = contract(
    "X2",
    [
        Column("session_no", "场次号", "text", "M", ("场次",)),
        Column("held_on", "培训日期", "date", "M", ("举办日期",)),
        Column("teacher", "讲师", "text", "M", ("授课讲师",)),
        Column("name", "姓名", "name", "M", ("学员姓名",)),
        Column("id_no", "身份证号", "id", "M", ("身份证号码",)),
        Column("trainee_kind", "学员类别", "text", "S"),
    ],
    {"session": {"columns": ["session_no", "held_on", "teacher"]}},
    person=True,
)
TRAINEES: list[Row] = [
    ["序号", "学员姓名", "身份证号码", "学员类别"],
    [1, "赵明德", "510802198503129977", "贫困群众"],
    [2, "钱桂芳", "510802198503129985", "土专家"],
]


def test_session_facts_above_the_trainees_stand_on_each_row() -> None:
    above: list[Row] = [
        ["技术培训签到表", None, None, None],
        ["场次号", "S-07", "举办日期：2017年5月3日", None],
        ["讲师：王建国", None, None, None],
    ]
    table = read(SESSION, [*above, *TRAINEES])
    assert table.rows == [5, 6]
    assert table.cells["session_no"] == ["S-07", "S-07"]
    assert [str(v) for v in table.cells["held_on"]] == ["2017-05-03"] * 2
    assert table.cells["teacher"] == ["王建国"] * 2
    assert not table.problems


def test_a_fact_that_was_left_blank_does_not_take_the_next_label() -> None:
    above: list[Row] = [
        ["技术培训签到表", None, None, None],
        ["场次号", None, "讲师", "王建国"],
        ["举办日期：2017年5月3日", None, None, None],
    ]
    table = read(SESSION, [*above, *TRAINEES])
    assert [facts["fields"] for _, facts in table.problems] == [
        ("session_no",)
    ]
    assert table.cells["teacher"] == ["王建国"] * 2


def test_several_facts_in_one_cell() -> None:
    line: Row = [
        "场次号：S-07   举办日期：2017年5月3日  讲师：王建国",
        None,
        None,
        None,
    ]
    above: list[Row] = [["技术培训签到表", None, None, None], line]
    table = read(SESSION, [*above, *TRAINEES])
    assert table.cells["session_no"] == ["S-07"] * 2
    assert [str(v) for v in table.cells["held_on"]] == ["2017-05-03"] * 2
    assert table.cells["teacher"] == ["王建国"] * 2


def test_a_row_of_facts_right_above_the_header_is_no_level_of_it() -> None:
    above: list[Row] = [
        ["技术培训签到表", None, None, None],
        ["场次号：S-07", None, "举办日期：2017年5月3日", None],
        ["讲师：王建国", None, "学员类别：土专家", "备注：无"],
    ]
    table = read(
        SESSION,
        [*above, ["序号", "学员姓名", "身份证号码", None], *TRAINEES[1:]],
    )
    assert not table.problems
    assert table.cells["teacher"] == ["王建国"] * 2
    assert [str(v) for v in table.cells["held_on"]] == ["2017-05-03"] * 2


def test_two_sessions_on_one_sheet() -> None:
    def facts(number: str) -> list[Row]:
        return [
            ["场次号", number, "举办日期：2017年5月3日", None],
            ["讲师：王建国", None, None, None],
        ]

    rows = [*facts("S-07"), *TRAINEES, *facts("S-08"), *TRAINEES]
    found = find_tables(
        Book("xlsx", [Sheet("Sheet1", rows)]), {"X2": SESSION}, {}
    ).tables
    assert [t.cells["session_no"] for t in found] == [
        ["S-07"] * 2,
        ["S-08"] * 2,
    ]
    assert [(t.part, t.rows) for t in found] == [(0, [4, 5]), (1, [9, 10])]


@pytest.mark.parametrize(
    ("code", "above", "header", "facts"),
    [
        (
            "L2",
            "培训机构：朝天职业培训学校    班次编号：CT2017-05  开班日期：2017年3月1日  结业日期：2017年3月10日",
            ["姓名", "身份证号", "行政村", "培训项目", "培训工种", "考核结果"],
            {"org_name": "朝天职业培训学校", "class_no": "CT2017-05"},
        ),
        (
            "T03",
            "服务组名称：茶叶专家服务组  产业：茶叶",
            ["专家姓名", "角色", "起"],
            {"group_name": "茶叶专家服务组"},
        ),
        (
            "T04",
            "村：三滩村  产业：茶叶",
            ["姓名", "角色", "成员类别", "聘任日期"],
            {"village_name": "三滩村"},
        ),
    ],
)
def test_what_all_rows_share_may_stand_above_them(
    code: str, above: str, header: Row, facts: dict[str, CellValue]
) -> None:
    contract = load_contracts()[code]
    title: Row = [contract.title, *[None] * (len(header) - 1)]
    people: list[Row] = [
        ["赵明德", *["…"] * (len(header) - 1)],
        ["钱桂芳", *["…"] * (len(header) - 1)],
    ]
    rows = [title, [above, *title[1:]], header, *people]
    (table,) = find_tables(
        Book("xlsx", [Sheet("Sheet1", rows)]), load_contracts(), load_codes()
    ).tables
    assert table.list_code == code
    assert {name: table.cells[name] for name in facts} == {
        name: [value] * 2 for name, value in facts.items()
    }


def test_session_facts_as_columns() -> None:
    header: Row = ["场次", "举办日期", "讲师", "学员姓名", "身份证号码"]
    table = read(
        SESSION,
        [
            header,
            ["S-07", "2017-05-03", "王建国", "赵明德", "510802198503129977"],
        ],
    )
    assert table.cells["session_no"] == ["S-07"]
    assert not table.problems


def test_a_session_that_is_not_told_holds_the_sheet() -> None:
    table = read(SESSION, TRAINEES)
    assert [rule for rule, _ in table.problems] in (["L06"], ["F12"])


STAGES = contract(
    "X3",
    [
        Column("requester", "点单对象", "text", "M"),
        Column("ordered_on", "点单日期", "date", "M"),
        Column("persons", "人数", "integer", "M"),
        Column("dept", "接单部门", "text", "M"),
        Column("accepted_on", "接单日期", "date", "M"),
        Column("delivered_on", "开课日期", "date", "M"),
    ],
    {
        "stages": [
            {"columns": ["dept", "accepted_on"]},
            {"columns": ["delivered_on"]},
        ]
    },
)


def test_stages_that_have_not_come_are_not_missing() -> None:
    table = read(
        STAGES,
        [["点单对象", "点单日期", "人数"], ["红岩村", "2017-03-01", 30]],
    )
    assert table.list_code == "X3"
    assert not table.problems


def test_a_stage_that_came_must_be_whole() -> None:
    table = read(
        STAGES,
        [
            ["点单对象", "点单日期", "人数", "接单部门"],
            ["红岩村", "2017-03-01", 30, "农牧局"],
        ],
    )
    assert [facts["fields"] for _, facts in table.problems] == [
        ("accepted_on",)
    ]
