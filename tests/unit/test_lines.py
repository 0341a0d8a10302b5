"""Every line of a sheet is of exactly one class, and no row of a list is taken for anything else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yiku.contracts import load_codes, load_contracts
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.tables import line_classes
from yiku.tables.extraction import find_tables
from yiku.tables.line_classes import (
    is_number_row,
    left_out_text,
    sort_of,
)
from yiku.tables.table import Reading

Row = list[CellValue]
LONG = "一、修剪：去除病枝，集中烧毁；二、施肥：每亩有机肥三百公斤；三、用药：波尔多液喷雾，十天一次，注意防护。"
HEADERS: dict[str, Row] = {
    "L3": [
        "序号",
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期",
        "月工资",
        "备注",
    ],
    "T09": [
        "序号",
        "处方号",
        "村",
        "产业",
        "开方专家",
        "开方日期",
        "症状/问题",
        "技术措施",
        "适用户数",
    ],
    "E13": [
        "序号",
        "日期",
        "层级",
        "机构",
        "议题",
        "决定",
        "责任人",
        "时限",
        "完成",
    ],
    "T02b": [
        "序号",
        "需求编号",
        "单位",
        "产业",
        "岗位",
        "人数",
        "急需程度",
        "年度",
    ],
}
# what a careless reader could take for a signature, a note or a sum stands among the values of complete rows
VALUES: dict[str, list[list[CellValue]]] = {
    "村": [["五郎村", "红岩村"]],
    "姓名": [["赵明德", "计划", "孙立"]],
    "身份证号": [["510802198503129977", "520524196207019989"]],
    "务工区域": [["省外", "县内"]],
    "务工地址": [["广东省东莞市", "浙江省"]],
    "起始日期": [["2017年3月1日", "2017-03-01", "2017年3月"]],
    "月工资": [[3000, "3200元", None]],
    "备注": [[None, LONG, "备注：另行填报", "合计两处务工"]],
    "处方号": [["C1", "C2"]],
    "产业": [["茶叶", "核桃"]],
    "开方专家": [["王专家", "李清源"]],
    "开方日期": [["2018年4月4日", "2018-04-04"]],
    "症状/问题": [["长势弱", "注：叶片发黄", LONG]],
    "技术措施": [["剪枝施肥", LONG, "说明：按图施工"]],
    "适用户数": [[5, "5户", None]],
    "日期": [["2018年4月2日", "2018-04-02"]],
    "层级": [["县", "乡"]],
    "机构": [["县指挥部", "人社局：就业科"]],
    "议题": [["推进会", LONG, "时间：本周五；地点：会议室"]],
    "决定": [["加快进度", LONG, "审核", None]],
    "责任人": [["张局长", "负责人", None]],
    "时限": [["2018年6月30日", None]],
    "完成": [["否", None]],
    "需求编号": [["X1", "X2"]],
    "单位": [["县统计局", "县审核中心"]],
    "岗位": [["统计员", "审核", "制表", "植保专家"]],
    "人数": [[2, "2人"]],
    "急需程度": [["急", None]],
    "年度": [[2018, "2018年"]],
}
ASIDE: dict[str, list[dict[int, CellValue]]] = {
    line_classes.FOOTER: [
        {0: "填表人：李明", 4: "审核人：王芳"},
        {1: "填表人", 2: "李明", 5: "审核人", 6: "王芳"},
        {0: "填报日期：2017年11月15日"},
        {6: "2017年11月15日"},
        {2: "村主任签字："},
        {3: "单位负责人：王小川", 6: "联系电话：0839-4202345"},
        {5: "（盖章）"},
        {1: "村委会（章）"},
        {4: "驻村第一书记：张三  村支书：李四"},
        {1: "*注：带星号的必填"},
        {6: "（此页无正文）"},
        {1: "附件2"},
        {0: "制表：王小川", 2: "复核：李青", 4: "时间：2018年4月20日"},
        {1: "核定人数：3人", 4: "核定金额：2400元"},
    ],
    line_classes.NOTE: [
        {0: "望各村认真核对，逐户走访，不得漏报。"},
        {0: "1、工资为税后，2、地址写到县。"},
    ],
    line_classes.TOTAL: [
        {0: "合  计", 7: 3000},
        {1: "红岩村小计", 7: "3000元"},
        {0: "总人数", 5: 20},
        {1: "合计人数：20"},
        {0: "本页小计", 6: 5},
        {0: "全镇合计", 5: "20人", 6: "大写：叁仟元整"},
        {1: "共20人", 7: 60000},
        {0: "累计", 6: 3, 7: 4},
        {1: "共12户35人"},
        {1: "共3家", 5: 120, 6: 36},
        {0: "平均", 7: 500},
    ],
    line_classes.PREPARED: [{0: 31}, {0: 32, 4: "/", 5: "—"}],
}


def read(*rows: Row) -> Reading:
    return find_tables(
        Book("xlsx", [Sheet("Sheet1", [list(r) for r in rows])]),
        load_contracts(),
        load_codes(),
    )


def placed(width: int, cells: dict[int, CellValue]) -> Row:
    return [cells.get(at) for at in range(width)]


@st.composite
def complete_rows(draw: st.DrawFn, code: str) -> Row:
    found = [
        draw(st.sampled_from(VALUES[str(h)][0])) for h in HEADERS[code][1:]
    ]
    return [draw(st.integers(1, 40)), *found]


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, list[tuple[str, Row]]]:
    """Draw a list, and lines of all kinds below its header with what each of them is."""
    code = draw(st.sampled_from(sorted(HEADERS)))
    width = len(HEADERS[code])
    body: list[tuple[str, Row]] = [
        (line_classes.DATA, draw(complete_rows(code)))
    ]
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(
            st.sampled_from(
                [
                    line_classes.DATA,
                    line_classes.DATA,
                    "blank",
                    line_classes.AGAIN,
                    *ASIDE,
                ]
            )
        )
        if kind == line_classes.DATA:
            body.append((kind, draw(complete_rows(code))))
        elif kind == line_classes.AGAIN:
            body.append((kind, list(HEADERS[code])))
        else:
            body.append(
                (
                    kind,
                    placed(
                        width,
                        draw(st.sampled_from(ASIDE[kind]))
                        if kind in ASIDE
                        else {},
                    ),
                )
            )
    return code, body


@settings(max_examples=300, deadline=None)
@given(sheets())
def test_every_line_is_of_one_class_and_complete_rows_are_rows(
    drawn: tuple[str, list[tuple[str, Row]]],
) -> None:
    code, body = drawn
    title: Row = [f"大石镇2018年{load_contracts()[code].title}"]
    reading = read(title, HEADERS[code], *(row for _, row in body))
    table = reading.tables[0]
    filled = {
        at
        for at, row in enumerate(
            [title, HEADERS[code], *(r for _, r in body)], 1
        )
        if any(c is not None for c in row)
    }
    assert len(reading.tables) == 1
    assert table.list_code == code
    assert filled == set(table.lines) | set(table.rows)
    assert not set(table.lines) & set(table.rows)
    assert sum(reading.line_counts().values()) == len(filled)
    expected = {
        at: kind for at, (kind, _) in enumerate(body, 3) if kind != "blank"
    }
    found = {
        at: line_classes.DATA if at in set(table.rows) else table.lines[at]
        for at in expected
    }
    assert found == expected
    assert Counter(found.values()) == Counter(
        {
            k: n
            for k, n in table.line_counts.items()
            if k not in (line_classes.TITLE, line_classes.HEADER)
        }
    )


@pytest.mark.parametrize("code", sorted(HEADERS))
@pytest.mark.parametrize("blank", range(2, 8))
def test_a_row_that_lacks_one_value_stays_a_row(code: str, blank: int) -> None:
    rows = [
        [
            n,
            *(
                VALUES[str(h)][0][n % len(VALUES[str(h)][0])]
                for h in HEADERS[code][1:]
            ),
        ]
        for n in range(1, 9)
    ]
    for row in rows[1:]:
        row[min(blank, len(row) - 1)] = None
    assert read(HEADERS[code], *rows).tables[0].rows == list(range(2, 10))


@pytest.mark.parametrize(
    "row",
    [
        [1, 2, 3, 4],
        ["（1）", "（2）", "（3）", "（4）"],
        ["①", "②", "③", "④"],
        ["A", "B", "C", "D"],
        ["栏次", 1, 2, 3],
        ["甲", "乙", 1, 2, 3],
        ["第1列", "第2列", "第3列"],
        ["一", "二", "三", "四"],
        ["1", "2", "3=1+2", "4"],
        ["序号", 1, 2, 3],
    ],
)
def test_numbers_of_columns(row: Row) -> None:
    assert is_number_row(row)
    head: Row = ["村", "姓名", "身份证号", "务工区域", "务工地址", "起始日期"]
    person: Row = [
        "红岩村",
        "赵明德",
        "510802198503129977",
        "省外",
        "广东省东莞市",
        "2017-03-01",
    ]
    wide = [*row, *[None] * (len(head) - len(row))]
    table = read(head, wide, person, person).tables[0]
    assert (table.rows, table.lines[2]) == ([3, 4], line_classes.NUMBERS)


@pytest.mark.parametrize(
    "row",
    [
        [3, 1, 2],
        ["A", "C", "是", "D"],
        [1, 2],
        ["甲", "男", "是"],
        [2016, 2017, 2018],
        [True, True, 1],
    ],
)
def test_values_are_no_numbers_of_columns(row: Row) -> None:
    assert not is_number_row(row)


@pytest.mark.parametrize(
    "text",
    [
        "合 计",
        "总计：",
        "石岩村小计",
        "小计（石岩村）",
        "累计",
        "共计20人",
        "本月合计",
        "总人数",
        "合计人数：20",
        "共 12 户",
        "总金额",
    ],
)
def test_sums_by_many_names(text: str) -> None:
    assert sort_of(text) == "total"


@pytest.mark.parametrize(
    "text",
    ["统计员", "计划", "合计两处务工", "共青团", "会计", "共同富裕", "总经理"],
)
def test_words_that_only_sound_like_sums(text: str) -> None:
    assert sort_of(text) != "total"


@pytest.mark.parametrize(
    "first", ["例", "填写示例", "示例1", "（样例）", "例：", "参考示例"]
)
@pytest.mark.parametrize("place", [0, 2])
def test_examples_are_left_out_and_told(first: str, place: int) -> None:
    head = HEADERS["L3"]
    rows: list[Row] = [
        [n, *(VALUES[str(h)][0][0] for h in head[1:])] for n in (1, 2)
    ]
    shown = list(rows[0])
    shown[place] = first
    reading = read(head, [str(n) for n in range(1, 10)], shown, *rows)
    assert reading.tables[0].rows == [4, 5]
    assert left_out_text(reading.line_counts()) == "列号行1行、示例行1行"


def test_a_small_table_below_the_list_is_told_and_not_read() -> None:
    head = HEADERS["L3"]
    people: list[Row] = [
        [n, *(VALUES[str(h)][0][0] for h in head[1:])] for n in (1, 2, 3)
    ]
    below: list[Row] = [
        [],
        ["附：各村人数"],
        ["村名", "人数", "其中省外"],
        ["红岩村", 2, 1],
        ["五郎村", 1, 0],
        ["合计", 3, 1],
    ]
    reading = read(
        ["大石镇转移就业名单"], head, *people, *below, ["填表人：李明"]
    )
    table = reading.tables[0]
    assert table.rows == [3, 4, 5]
    assert reading.line_counts() == {
        "title": 1,
        "header": 1,
        "data": 3,
        "note": 1,
        "other_table": 4,
        "footer": 1,
    }
    late = read(["大石镇转移就业名单"], head, *people, *below, people[0])
    assert late.tables[0].rows == [3, 4, 5, 12]


def test_what_stands_beside_the_rows_without_a_header_is_kept() -> None:
    head = HEADERS["L3"]
    people: list[Row] = [
        [n, *(VALUES[str(h)][0][0] for h in head[1:])] for n in (1, 2, 3)
    ]
    people[1] += ["已死亡，请删除"]
    table = read(head, *people).tables[0]
    assert table.unknown == {10: "第10列（无表头）"}
    assert table.extra == {"第10列（无表头）": [None, "已死亡，请删除", None]}


def test_the_lines_of_a_sheet_that_carries_no_list_are_counted() -> None:
    head = HEADERS["L3"]
    person: Row = [1, *(VALUES[str(h)][0][0] for h in head[1:])]
    notes = Sheet(
        "填表说明",
        [["填表说明"], [None], ["一、本表由村委会填写"], ["二、每月25日前报"]],
    )
    book = Book("xlsx", [Sheet("名单", [head, person]), notes])
    assert find_tables(book, load_contracts(), load_codes()).line_counts() == {
        "header": 1,
        "data": 1,
        "unread": 3,
    }


PAIRS = {
    "T06": "乡镇:大石镇 村:红岩村 专家:王专家 服务内容:-技术指导 服务形式:-对口帮扶 起始日期:-2018-01-20",
    "T07": "村:红岩村 户编号:510821100001 户主:钱桂芳 帮扶人:-赵明德 身份:-乡土人才 帮扶方式:-帮技术",
    "T13h": "基地名称:-红岩基地 村:红岩村 户编号:510821100001 户主:钱桂芳 参与方式:-务工 起始日期:-2018-01-20",
}


@pytest.mark.parametrize("code", PAIRS)
def test_a_pair_that_says_no_more_than_who_and_where_is_a_row(
    code: str,
) -> None:
    cells = [cell.split(":") for cell in PAIRS[code].split()]
    whole: Row = [value.removeprefix("-") for _, value in cells]
    poor: Row = [
        None if value.startswith("-") else value for _, value in cells
    ]
    table = read(
        [f"旺苍县{load_contracts()[code].title}"],
        [h for h, _ in cells],
        whole,
        poor,
        whole,
    ).tables[0]
    assert (table.list_code, table.rows) == (code, [3, 4, 5])


def test_units_below_a_header_are_no_row() -> None:
    table = read(
        HEADERS["T02b"],
        placed(len(HEADERS["T02b"]), {5: "人", 7: "年"}),
        *_needs("X1", "X2"),
    ).tables[0]
    assert (table.rows, table.lines[2]) == ([3, 4], line_classes.HINT)


def test_the_title_of_the_next_table_is_no_row_of_the_one_above() -> None:
    """What stands alone above a header further down is its title: it is left out, and told."""
    reading = read(
        HEADERS["T02b"],
        *_needs("X1"),
        ["以那镇产业人才需求"],
        HEADERS["T02b"],
        *_needs("X2"),
    )
    assert [row for table in reading.tables for row in table.rows] == [2, 5]
    assert reading.line_counts()[line_classes.NOTE] == 1


def test_a_mean_is_no_sum_to_compare_with() -> None:
    table = read(
        HEADERS["T02b"],
        *_needs("X1", "X2"),
        ["平均", *[None] * 4, 9, None, None],
    ).tables[0]
    assert (table.rows, table.totals) == ([2, 3], {})


def _needs(*numbers: str) -> list[Row]:
    return [
        [n, number, "县统计局", "茶叶", "统计员", 2, "急", 2018]
        for n, number in enumerate(numbers, 1)
    ]
