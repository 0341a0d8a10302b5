"""Sheets as clerks make them, and the tables that must come out of them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yiku.contracts import load_codes, load_contracts
from yiku.formats.cells import Book, CellValue, Look, Sheet, Span
from yiku.formats.content_hash import grid_hash
from yiku.tables import Hints
from yiku.tables.extraction import find_tables
from yiku.tables.table import Reading, Table

Row = list[CellValue]
IDS = (
    "510802198503129977",
    "510802198503129985",
    "51080219650615997X",
    "520524196207019989",
    "510821196805139978",
)
NAMES = ("赵明德", "钱桂芳", "孙立", "李春梅", "周大勇")
HEADER: Row = ["序号", "乡镇", "村", "户编号", "户主姓名", "姓名", "身份证号"]
HEADER += ["联系电话", "务工区域", "务工地址", "起始日期", "月工资"]


def person(n: int, **changed: CellValue) -> Row:
    row: dict[str, CellValue] = {
        "序号": n,
        "乡镇": "大石镇",
        "村": "红岩村",
        "户编号": f"5108021010{(n + 1) // 2:03d}",
        "户主姓名": "赵明德",
        "姓名": NAMES[(n - 1) % 5],
        "身份证号": IDS[(n - 1) % 5],
        "联系电话": "13988782367",
        "务工区域": "省外",
        "务工地址": "广东省东莞市",
        "起始日期": "2017-03-01",
        "月工资": 3000,
    }
    return list((row | changed).values())


def wide(text: str) -> Row:
    return [text, *[None] * (len(HEADER) - 1)]


def read(
    *rows: Row,
    merges: tuple[Span, ...] = (),
    name: str = "Sheet1",
    hints: Hints | None = None,
    **look: object,
) -> Reading:
    sheet = Sheet(name, list(rows), merges=merges, look=Look(**look))  # type: ignore[arg-type]
    return find_tables(
        Book("xlsx", [sheet]), load_contracts(), load_codes(), hints
    )


def one(
    *rows: Row,
    merges: tuple[Span, ...] = (),
    name: str = "Sheet1",
    **look: object,
) -> Table:
    tables = read(*rows, merges=merges, name=name, **look).tables
    assert len(tables) == 1
    return tables[0]


def rules(table: Table) -> list[str]:
    return [rule for rule, _ in table.problems]


def test_title_header_and_footer_are_not_data() -> None:
    table = one(
        wide("附件2"),
        wide("大石镇2017年11月转移就业人员名单"),
        [
            "填报单位（盖章）：大石镇人民政府",
            *[None] * 6,
            "填报时间：2017年11月15日",
            "单位：元",
            None,
            None,
            None,
        ],
        HEADER,
        person(1),
        person(2),
        [
            "填表人：李明",
            None,
            None,
            None,
            "审核人：王芳",
            None,
            None,
            "联系电话：0839-3300000",
            None,
            None,
            None,
            None,
        ],
        wide("注：本表一式两份，村、乡镇各存一份。"),
    )
    assert table.list_code == "L3"
    assert table.rows == [5, 6]
    assert table.header_rows == (4, 4)
    assert table.metadata.title == "大石镇2017年11月转移就业人员名单"
    assert table.metadata.towns == ("大石镇",)
    assert table.metadata.period == "2017-11"
    assert table.metadata.fill_date == date(2017, 11, 15)
    assert table.metadata.reporting_unit == "大石镇人民政府"
    assert (table.metadata.filler, table.metadata.reviewer) == ("李明", "王芳")
    assert table.metadata.phone == "0839-3300000"
    assert table.units == {"wage_yuan": "元"}
    assert not table.problems


def test_footer_under_name_and_id_columns_is_no_person() -> None:
    footer: Row = [
        None,
        None,
        None,
        None,
        "填表人：李明",
        "审核人：王芳",
        "填报日期：2017-11-15",
        None,
        None,
        None,
        None,
        None,
    ]
    split: Row = [
        "填表人",
        "李明",
        None,
        None,
        None,
        "审核人",
        "王芳",
        None,
        None,
        None,
        None,
        None,
    ]
    assert one(HEADER, person(1), person(2), footer).rows == [2, 3]
    assert one(HEADER, person(1), person(2), split).rows == [2, 3]


def test_two_row_header_with_and_without_merges() -> None:
    group: Row = [
        "序号",
        "家庭基本情况",
        None,
        None,
        None,
        "个人情况",
        None,
        None,
        "务工情况",
        None,
        "务工时间",
        None,
        None,
    ]
    leaf: Row = [
        None,
        "乡镇",
        "村",
        "户编号",
        "户主姓名",
        "姓名",
        "身份证号",
        "联系电话",
        "务工区域",
        "务工地址",
        "起",
        "止",
        "月工资",
    ]
    rows = [[*person(n)[:11], "2017-10-01", 3000] for n in (1, 2)]
    merged = one(
        group,
        leaf,
        *rows,
        merges=(
            (1, 2, 1, 5),
            (1, 6, 1, 8),
            (1, 9, 1, 10),
            (1, 11, 1, 12),
            (1, 1, 2, 1),
        ),
    )
    plain = one(group, leaf, *rows)
    for table in (merged, plain):
        assert table.header_rows == (1, 2)
        assert table.rows == [3, 4]
        assert table.matched["start_on"].column == 11
        assert table.matched["end_on"].column == 12
        assert not table.unknown


def test_leaves_below_a_single_group() -> None:
    upper: Row = [
        "序号",
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "务工时间",
        None,
        "月工资",
    ]
    lower: Row = [None, None, None, None, None, None, "开始", "结束", None]
    body: Row = [
        1,
        "红岩村",
        NAMES[0],
        IDS[0],
        "省外",
        "广东省东莞市",
        "2017-03-01",
        None,
        3000,
    ]
    table = one(upper, lower, body)
    assert table.header_rows == (1, 2)
    assert table.rows == [3]
    assert (
        table.matched["start_on"].column,
        table.matched["end_on"].column,
    ) == (
        7,
        8,
    )


def test_three_row_header() -> None:
    rows: list[Row] = [
        ["序号", "人员情况", None, None, "就业情况", None, None, None],
        [None, "村", "本人", None, "务工区域", "务工地址", "时间", None],
        [None, None, "姓名", "身份证号", None, None, "起始日期", "终止日期"],
        [
            1,
            "红岩村",
            NAMES[0],
            IDS[0],
            "省外",
            "广东省东莞市",
            "2017-03-01",
            None,
        ],
    ]
    merges = (
        (1, 2, 1, 4),
        (1, 5, 1, 8),
        (2, 3, 2, 4),
        (2, 7, 2, 8),
        (1, 1, 3, 1),
        (2, 2, 3, 2),
        (2, 5, 3, 5),
        (2, 6, 3, 6),
    )
    table = one(*rows, merges=merges)
    assert table.header_rows == (1, 3)
    assert table.rows == [4]
    assert {
        "village_name",
        "name",
        "id_no",
        "region",
        "place",
        "start_on",
        "end_on",
    } <= set(table.matched)


def test_group_says_whose_name_it_is() -> None:
    upper: Row = [
        "村",
        "户主",
        None,
        "劳动力",
        None,
        "务工区域",
        "务工地址",
        "起始日期",
    ]
    lower: Row = [
        None,
        "姓名",
        "身份证号",
        "姓名",
        "身份证号",
        None,
        None,
        None,
    ]
    body: Row = [
        "红岩村",
        NAMES[0],
        IDS[0],
        NAMES[1],
        IDS[1],
        "省外",
        "广东省东莞市",
        "2017-03-01",
    ]
    table = one(upper, lower, body, merges=((1, 2, 1, 3), (1, 4, 1, 5)))
    columns = {n: u.column for n, u in table.matched.items()}
    assert (
        columns["head_name"],
        columns["head_id_no"],
        columns["name"],
        columns["id_no"],
    ) == (2, 3, 4, 5)
    assert not table.problems


def test_two_id_columns_are_told_apart_by_their_neighbours() -> None:
    header: Row = [
        "村",
        "户主姓名",
        "身份证号",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期",
    ]
    table = one(
        header,
        [
            "红岩村",
            NAMES[0],
            IDS[0],
            NAMES[1],
            IDS[1],
            "省外",
            "广东省东莞市",
            "2017-03-01",
        ],
    )
    assert (
        table.matched["head_id_no"].column,
        table.matched["id_no"].column,
    ) == (3, 5)
    assert not table.problems


def test_two_id_columns_side_by_side_hold_the_sheet() -> None:
    header: Row = [
        "村",
        "姓名",
        "身份证号",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期",
    ]
    table = one(
        header,
        [
            "红岩村",
            NAMES[0],
            IDS[0],
            IDS[1],
            "省外",
            "广东省东莞市",
            "2017-03-01",
        ],
    )
    assert rules(table) == ["L03"]
    assert table.rows == [2]


def test_only_a_head_and_one_id_is_never_assumed() -> None:
    header: Row = [
        "村",
        "户主姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期",
    ]
    table = one(
        header,
        ["红岩村", NAMES[0], IDS[0], "省外", "广东省东莞市", "2017-03-01"],
    )
    assert rules(table) == ["L03"]


def test_missing_mandatory_column_holds_the_sheet() -> None:
    header = [h for h in HEADER if h != "务工区域"]
    table = one(
        header,
        [v for h, v in zip(HEADER, person(1), strict=True) if h != "务工区域"],
    )
    assert rules(table) == ["L06"]
    assert table.problems[0][1]["fields"] == ("region",)
    assert table.rows == [2]


@pytest.mark.parametrize(
    ("beside", "held"), [("实发金额（元）", []), ("拨付金额", ["L03"])]
)
def test_what_was_paid_wins_over_what_was_due(
    beside: str, held: list[str]
) -> None:
    header: Row = [
        "政策项目",
        "所属期",
        "领取人",
        "身份证号",
        "应发金额",
        beside,
        "账号",
        "批次号",
        "状态",
        "拨付日期",
    ]
    row: Row = [
        "公益性岗位补贴",
        "2017-10",
        NAMES[0],
        IDS[0],
        600,
        520,
        "6228480402564890018",
        "1",
        "拨付",
        "2017-11-02",
    ]
    table = one(header, row)
    assert [r for r in rules(table) if r != "L06"] == held
    assert (table.matched["amount_yuan"].header == beside) is not bool(held)


@pytest.mark.parametrize(
    ("kinds", "held"),
    [
        (["未登记", "未登记"], []),
        (["未登记", "个体工商户"], []),
        (["企业", "个体工商户"], ["L06"]),
    ],
)
def test_a_column_that_not_every_row_needs_may_be_missing(
    kinds: list[str], held: list[str]
) -> None:
    header: Row = [
        "村",
        "姓名",
        "身份证号",
        "创业项目",
        "主体类型",
        "主体名称",
        "登记日期",
        "经营状态",
    ]
    rows: list[Row] = [
        [
            "红岩村",
            NAMES[i],
            IDS[i],
            "茶叶加工",
            kind,
            "明德茶坊",
            "2016-05-28",
            "正常",
        ]
        for i, kind in enumerate(kinds)
    ]
    assert rules(one(header, *rows)) == held


def test_a_missing_town_is_no_problem() -> None:
    table = one(
        [h for h in HEADER if h != "乡镇"],
        [v for h, v in zip(HEADER, person(1), strict=True) if h != "乡镇"],
    )
    assert not table.problems


@pytest.mark.parametrize("first", ["例", "示例", "（例）", "样例：", "举例"])
def test_example_and_column_numbers_are_dropped(first: str) -> None:
    numbers: Row = list(range(1, len(HEADER) + 1))
    example = person(1, 序号=first, 姓名="张三")
    assert one(HEADER, numbers, example, person(1), person(2)).rows == [4, 5]


def test_hints_below_the_header_are_dropped() -> None:
    hints: Row = [
        None,
        "必填",
        "必填",
        "选填",
        "选填",
        "必填",
        "18位，请用文本格式",
        "选填",
        "请下拉选择",
        "必填",
        "格式：2017-03-01",
        "选填",
    ]
    assert one(HEADER, hints, person(1)).rows == [3]


def test_subtotals_are_dropped_and_kept_as_sums() -> None:
    total: Row = ["合计", *[None] * 10, 6000]
    sub: Row = [None, None, "红岩村小计", *[None] * 8, 3000]
    in_name: Row = [
        None,
        None,
        None,
        None,
        None,
        "合  计",
        "2人",
        None,
        None,
        None,
        None,
        "6000元",
    ]
    assert one(HEADER, person(1), person(2), total).totals["wage_yuan"] == (
        4,
        6000.0,
    )
    assert one(HEADER, person(1), sub, person(2), sub).rows == [2, 4]
    table = one(HEADER, person(1), person(2), in_name)
    assert (table.rows, table.totals["wage_yuan"]) == ([2, 3], (4, 6000.0))


def test_sum_formula_without_a_word_is_a_subtotal() -> None:
    sums: Row = [*[None] * 11, 6000]
    assert one(
        HEADER, person(1), person(2), sums, formulas={(4, 12): "SUM(L2:L3)"}
    ).rows == [2, 3]
    assert one(HEADER, person(1), person(2), sums).rows == [2, 3, 4]


def test_a_row_with_an_id_is_never_a_subtotal() -> None:
    assert one(
        HEADER, person(1), person(2, 姓名=None), person(3, 姓名="合计")
    ).rows == [2, 3, 4]


def test_page_headers_blank_rows_and_prepared_lines_are_no_rows() -> None:
    table = one(
        wide("大石镇转移就业人员名单"),
        HEADER,
        person(1),
        [None] * len(HEADER),
        wide("大石镇转移就业人员名单"),
        HEADER,
        person(2),
        ["", " ", *[None] * 10],
        person(3),
        [4, *[None] * 11],
        [5, "大石镇", *[None] * 10],
        *[[None] * len(HEADER) for _ in range(50)],
    )
    assert table.rows == [3, 7, 9]


def test_merged_places_are_filled_and_merged_money_is_not() -> None:
    rows = [
        HEADER,
        person(1),
        person(2, 村=None, 户编号=None, 月工资=None),
        person(3, 村=None),
    ]
    table = one(*rows, merges=((2, 3, 4, 3), (2, 4, 3, 4), (2, 12, 3, 12)))
    assert table.cells["village_name"] == ["红岩村"] * 3
    assert table.filled["village_name"] == {3, 4}
    assert table.cells["household_no"][1] == "5108021010001"
    assert table.cells["wage_yuan"] == [3000, None, 3000]
    assert table.merged == {"wage_yuan": {2, 3}}


def test_what_a_firm_has_in_common_is_merged_over_its_people() -> None:
    own = {h: None for h in ("务工区域", "务工地址", "起始日期")}
    rows = [HEADER, person(1), person(2, **own), person(3, **own), person(4)]
    columns = [HEADER.index(h) + 1 for h in own]
    table = one(*rows, merges=tuple((2, c, 4, c) for c in columns))
    assert table.cells["region"] == ["省外"] * 4
    assert table.cells["start_on"] == ["2017-03-01"] * 4
    assert table.filled["place"] == {3, 4}
    assert not table.merged


def test_one_visitor_and_one_teacher_are_merged_over_those_whom_they_saw() -> (
    None
):
    visits: Row = [
        "村",
        "姓名",
        "身份证号",
        "回访类型",
        "回访日期",
        "回访方式",
        "是否联系上",
        "回访人",
    ]
    seen = [
        [
            "红岩村",
            NAMES[i],
            IDS[i],
            "定期",
            "2017-10-01",
            "电话",
            "是",
            "郑清源" if not i else None,
        ]
        for i in (0, 1, 2)
    ]
    assert (
        one(visits, *seen, merges=((2, 8, 4, 8),)).cells["visitor"]
        == ["郑清源"] * 3
    )
    pairs: Row = [
        "技术员",
        "技术员身份证号",
        "户编号",
        "户主",
        "产业",
        "结对日期",
    ]
    first = ["郑清源", IDS[0], "510802100001", NAMES[1], "茶叶", "2018-01-05"]
    rest = [
        [None, None, f"51080210000{n}", NAMES[n], "茶叶", None] for n in (2, 3)
    ]
    table = one(
        ["技术员贫困户结对表"],
        pairs,
        first,
        *rest,
        merges=((3, 1, 5, 1), (3, 2, 5, 2), (3, 6, 5, 6)),
    )
    assert table.cells["technician"] == ["郑清源"] * 3
    assert table.cells["tech_id"] == [IDS[0]] * 3
    assert table.cells["paired_on"] == ["2018-01-05"] * 3


def _dated(*dates: Row) -> Table:
    """Read people whose first and last day stand in three columns each below one group."""
    top: Row = [
        "序号",
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期",
        None,
        None,
        "终止日期",
        None,
        None,
        "月工资",
    ]
    low: Row = [*[None] * 6, "年", "月", "日", "年", "月", "日", None]
    rows = [
        [n, "红岩村", NAMES[n], IDS[n], "省外", "广东省东莞市", *d, 3000]
        for n, d in enumerate(dates, 1)
    ]
    numbers: Row = list(range(1, 14))
    return one(
        wide("转移就业名单"),
        top,
        low,
        numbers,
        *rows,
        ["合计", *[None] * 11, 9000],
        merges=((2, 7, 2, 9), (2, 10, 2, 12)),
    )


def test_year_month_and_day_in_three_columns_are_one_day() -> None:
    table = _dated(
        [2017, 3, 1, None, None, None],
        [2017.0, "3", None, "2017年", "12月", "5日"],
        [2017, None, 5, "长期", None, None],
    )
    assert table.cells["start_on"] == [
        "2017年3月1日",
        "2017年3月",
        "2017年?月5日",
    ]
    assert table.cells["end_on"] == [None, "2017年12月5日", "长期"]
    assert (
        table.matched["start_on"].column,
        table.matched["end_on"].column,
    ) == (
        7,
        10,
    )
    assert "months" not in table.matched
    assert (table.totals, table.unknown) == ({"wage_yuan": (8, 9000.0)}, {})


def test_year_month_and_day_below_headers_of_their_own() -> None:
    header: Row = [
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "务工开始年",
        "务工开始月",
        "务工开始日",
    ]
    table = one(
        wide("转移就业名单"),
        header,
        ["红岩村", NAMES[0], IDS[0], "省外", "广东省东莞市", 2017, 3, 1],
    )
    assert table.cells["start_on"] == ["2017年3月1日"]


def test_year_month_and_day_in_brackets_are_one_day() -> None:
    header: Row = [
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "起始日期（年）",
        "起始日期（月）",
        "起始日期(日)",
    ]
    table = one(
        wide("转移就业名单"),
        header,
        ["红岩村", NAMES[0], IDS[0], "省外", "广东省东莞市", 2017, 3, 1],
    )
    assert table.cells["start_on"] == ["2017年3月1日"]


def test_a_number_that_is_given_once_is_not_shared_by_merged_rows() -> None:
    """Three households do not hang up one board; a class of three trainees has one number."""
    boards: Row = [
        "牌号",
        "村",
        "户编号",
        "户主",
        "服务专家",
        "服务内容",
        "悬挂日期",
        "状态",
    ]
    rows: list[Row] = [
        [
            "MP-1" if n == 0 else None,
            "红岩村",
            f"51080210020100{n:02d}",
            NAMES[n],
            "王专家",
            "指导",
            "2018-03-01",
            "已挂",
        ]
        for n in range(3)
    ]
    table = one(wide("明示牌登记表"), boards, *rows, merges=((3, 1, 5, 1),))
    assert (table.cells["board_no"], table.merged["board_no"]) == (
        ["MP-1", None, None],
        {3, 4, 5},
    )


def test_a_merge_that_begins_in_the_header_says_nothing_of_the_rows() -> None:
    place = HEADER.index("务工地址") + 1
    table = one(
        HEADER,
        person(1, 乡镇="荣山镇"),
        person(2, 务工地址=None),
        merges=((1, 2, 2, 2), (1, place, 3, place)),
    )
    assert table.cells["town_name"] == ["荣山镇", "大石镇"]
    assert table.cells["place"] == ["广东省东莞市", None]


def test_merged_names_keep_the_first_and_are_told() -> None:
    table = one(
        HEADER, person(1), person(2, 姓名=None), merges=((2, 6, 3, 6),)
    )
    assert table.cells["name"] == [NAMES[0], None]
    assert table.merged == {"name": {2, 3}}


def test_village_in_the_first_row_only_runs_on() -> None:
    rows = [
        person(1),
        person(2, 村=None),
        person(3, 村="白果社区"),
        person(4, 村=None),
    ]
    table = one(HEADER, *rows)
    assert table.cells["village_name"] == [
        "红岩村",
        "红岩村",
        "白果社区",
        "白果社区",
    ]
    assert table.filled["village_name"] == {3, 5}


def test_a_single_blank_among_repeated_villages_stays_blank() -> None:
    table = one(
        HEADER,
        *(person(n) for n in range(1, 5)),
        person(5, 村=None),
        person(6),
        person(7),
    )
    assert table.cells["village_name"][4] is None


def test_blank_village_is_not_filled_without_running_numbers_over_sums_or_towns() -> (
    None
):
    unnumbered = [
        person(1, 序号=None, 户编号="a"),
        person(2, 序号=None, 村=None, 户编号="b"),
    ]
    assert one(HEADER, *unnumbered).cells["village_name"][1] is None
    total: Row = ["小计", *[None] * 10, 3000]
    assert (
        one(HEADER, person(1), total, person(2, 村=None, 户编号="b")).cells[
            "village_name"
        ][1]
        is None
    )
    moved = one(
        HEADER, person(1), person(2, 村=None, 乡镇="龙潭乡", 户编号="b")
    )
    assert moved.cells["village_name"][1] is None


def test_same_household_is_filled_without_numbers() -> None:
    rows = [person(1, 序号=None), person(2, 序号=None, 村=None)]
    assert one(HEADER, *rows).cells["village_name"] == ["红岩村", "红岩村"]


@pytest.mark.parametrize("ditto", ["同上", "〃", '"', "″", " 同 上 "])
def test_same_as_above(ditto: str) -> None:
    table = one(
        HEADER,
        person(1),
        person(2, 村=ditto, 务工区域=ditto, 姓名=ditto, 身份证号=ditto),
    )
    assert table.cells["village_name"][1] == "红岩村"
    assert table.cells["region"][1] == "省外"
    assert table.cells["name"][1] == ditto
    assert table.cells["id_no"][1] == ditto
    assert table.filled["region"] == {3}


def test_side_by_side_tables_share_rows() -> None:
    half = [
        h
        for h in HEADER
        if h not in ("户编号", "户主姓名", "联系电话", "月工资")
    ]
    keep = [HEADER.index(h) for h in half]
    left, right = ([person(n)[c] for c in keep] for n in (1, 2))
    tables = read(
        [*half, None, *half], [*left, None, *right], [*left, *[None] * 9]
    ).tables
    assert [(t.part, t.list_code, t.rows) for t in tables] == [
        (0, "L3", [2, 3]),
        (1, "L3", [2]),
    ]
    assert tables[1].cells["name"] == [NAMES[1]]
    assert not any(t.problems for t in tables)


def test_side_by_side_with_an_incomplete_half_is_held() -> None:
    half: Row = ["序号", "村", "姓名", "身份证号"]
    full: Row = [*half, "务工区域", "务工地址", "起始日期"]
    body: Row = [
        1,
        "红岩村",
        NAMES[0],
        IDS[0],
        "省外",
        "广东省东莞市",
        "2017-03-01",
        2,
        "红岩村",
        NAMES[1],
        IDS[1],
    ]
    tables = read([*full, *half], body).tables
    assert all("L15" in rules(t) for t in tables)


def test_stacked_tables_of_two_lists() -> None:
    visit: Row = [
        "序号",
        "村",
        "姓名",
        "身份证号",
        "回访类型",
        "回访日期",
        "回访方式",
        "是否联系上",
        "当前就业状态",
        "回访人",
    ]
    seen: Row = [
        1,
        "红岩村",
        NAMES[0],
        IDS[0],
        "定期",
        "2017-09-30",
        "上门",
        "是",
        "转移就业",
        "李明",
    ]
    tables = read(
        HEADER,
        person(1),
        wide("附：回访情况"),
        [*visit, None, None],
        [*seen, None, None],
    ).tables
    assert [(t.list_code, t.part, t.rows) for t in tables] == [
        ("L3", 0, [2]),
        ("E01", 1, [5]),
    ]


def test_village_from_sheet_name_title_or_line_above() -> None:
    header = [h for h in HEADER if h != "村"]

    def row(n: int) -> Row:
        return [v for h, v in zip(HEADER, person(n), strict=True) if h != "村"]

    named = one(header, row(1), name="红岩村")
    assert (
        named.cells["village_name"],
        named.matched["village_name"].how,
    ) == (
        ["红岩村"],
        "sheet",
    )
    assert one(header, row(1), name="1.白果社区名单").cells[
        "village_name"
    ] == ["白果社区"]
    titled = one(
        ["大石镇青山村转移就业人员名单", *[None] * 10], header, row(1)
    )
    assert titled.cells["village_name"] == ["青山村"]
    lines = one(
        header,
        ["红岩村", *[None] * 10],
        row(1),
        ["白果社区", *[None] * 10],
        row(2),
    )
    assert lines.cells["village_name"] == ["红岩村", "白果社区"]
    assert rules(one(header, row(1))) == ["L06"]
    assert rules(
        one(["大石镇各村转移就业人员名单", *[None] * 10], header, row(1))
    ) == ["L06"]


def test_one_column_holds_start_and_end() -> None:
    header: Row = [
        "村",
        "姓名",
        "身份证号",
        "务工区域",
        "务工地址",
        "务工起止时间",
    ]
    table = one(
        header,
        [
            "红岩村",
            NAMES[0],
            IDS[0],
            "省外",
            "广东省东莞市",
            "2017.3.1-2017.8.10",
        ],
    )
    assert (
        table.matched["start_on"].column == table.matched["end_on"].column == 6
    )
    assert (
        table.cells["start_on"]
        == table.cells["end_on"]
        == ["2017.3.1-2017.8.10"]
    )
    assert not table.problems


def test_money_unit_of_the_header_wins() -> None:
    header: Row = [*HEADER[:-1], "月工资（万元）"]
    table = one(["单位：元", *[None] * 11], header, person(1))
    assert table.units == {"wage_yuan": "万元"}


def test_confirmed_header_counts() -> None:
    header: Row = [*HEADER[:8], "跑哪片", *HEADER[9:]]
    assert rules(one(header, person(1))) == ["L06"]
    for shown in ("跑哪片", "跑 哪片："):
        known = read(
            header, person(1), hints=Hints(confirmed={("L3", shown): "region"})
        ).tables[0]
        assert known.matched["region"].how == "alias"


def test_unknown_columns_are_kept() -> None:
    table = one(
        [*HEADER, "是否有微信"], [*person(1), "是"], [*person(2), None]
    )
    assert table.unknown == {13: "是否有微信"}
    assert table.extra == {"是否有微信": ["是", None]}


def test_another_list_is_held_as_a_whole() -> None:
    table = one(
        ["会员姓名", "入会时间", "会费标准", "工会小组"],
        ["李强", "2015-05", 10, "机关组"],
    )
    assert (table.list_code, rules(table), table.rows) == ("", ["F12"], [2])


def book(*sheets: Sheet) -> Reading:
    return find_tables(
        Book("xlsx", list(sheets)), load_contracts(), load_codes()
    )


def test_sheets_without_a_list_are_passed_over() -> None:
    listed = Sheet("红岩村", [HEADER, person(1)])
    reading = book(
        listed,
        Sheet("白果社区", [HEADER, person(2)], visible=False),
        Sheet("汇总", [["行政村", "人数"], ["红岩村", 1]]),
        Sheet("字典", [["是"], ["否"], ["健康"]], visible=False),
        Sheet("Sheet3", []),
        Sheet("填表说明", [["一、本表由村填写"], ["二、按月报送"]]),
        Sheet(
            "工会",
            [
                ["会员姓名", "入会时间", "工会小组"],
                ["李强", "2015-05", "机关组"],
            ],
        ),
    )
    assert [(t.sheet, t.visible) for t in reading.tables] == [
        ("红岩村", True),
        ("白果社区", False),
    ]
    assert {u.sheet: u.why for u in reading.unread} == {
        "汇总": "summary",
        "字典": "dictionary",
        "Sheet3": "empty",
        "填表说明": "notes",
        "工会": "no_header",
    }


def test_a_summary_sheet_that_is_the_only_list_is_read() -> None:
    reading = book(Sheet("汇总", [HEADER, person(1)]), Sheet("Sheet2", []))
    assert [t.list_code for t in reading.tables] == ["L3"]
    both = book(
        Sheet("汇总", [HEADER, person(1)]), Sheet("明细", [HEADER, person(1)])
    )
    assert [t.sheet for t in both.tables] == ["明细"]


def test_return_workbook_that_comes_back() -> None:
    header: Row = [*HEADER, "校验结果", "修改意见", "行引用"]
    back: Row = [*person(1), "已退回", "同意", "r:abc-1"]
    report: list[Row] = [
        ["校验报告", None],
        ["回执编号", "R-20171120-0007"],
        ["姓名", "身份证号"],
    ]
    reading = book(Sheet("校验报告", report), Sheet("Sheet1", [header, back]))
    table = reading.tables[0]
    assert len(reading.tables) == 1
    assert table.metadata.receipt_no == "R-20171120-0007"
    assert table.answers == {2: "同意"}
    assert table.references == {2: "abc-1"}
    assert not table.unknown


def test_same_content_saved_again_has_the_same_hash() -> None:
    typed = Book(
        "xlsx",
        [
            Sheet(
                "甲",
                [
                    ["a", 3, None, date(2017, 3, 1)],
                    [None] * 4,
                    ["b", 2.5, None, True],
                ],
            )
        ],
    )
    saved = Book(
        "ods",
        [Sheet("乙", [["a", 3.0, datetime(2017, 3, 1)], ["b", 2.5, True]])],
    )
    other = Book(
        "xlsx",
        [
            Sheet(
                "甲",
                [["a", 4, None, date(2017, 3, 1)], ["b", 2.5, None, True]],
            )
        ],
    )
    assert grid_hash(typed) == grid_hash(saved)
    assert grid_hash(typed) != grid_hash(other)


def test_an_id_typed_again_as_text_is_another_content() -> None:
    number, text = (
        Book("xlsx", [Sheet("甲", [[v]])])
        for v in (510802850312997, "510802850312997")
    )
    assert grid_hash(number) != grid_hash(text)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        [*HEADER, "合计", "同上", "填表人：", "例", "红岩村", *IDS, *NAMES]
    ),
    st.integers(-5, 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(st.lists(CELLS, max_size=9), max_size=12),
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.integers(1, 9),
            st.integers(0, 3),
            st.integers(0, 3),
        ),
        max_size=3,
    ),
)
def test_any_grid_is_read_without_a_fault(
    rows: list[Row], spans: list[tuple[int, int, int, int]]
) -> None:
    merges = tuple((r, c, r + dr, c + dc) for r, c, dr, dc in spans)
    reading = book(Sheet("Sheet1", rows, merges=merges))
    for table in reading.tables:
        assert table.rows == sorted(table.rows)
        assert all(
            len(values) == len(table.rows) for values in table.cells.values()
        )


def test_bare_labels_above_the_header_are_no_groups() -> None:
    table = one(
        ["填报单位", "大石镇人民政府", *[None] * 10], HEADER, person(1)
    )
    assert table.header_rows == (2, 2)
    assert table.metadata.reporting_unit == "大石镇人民政府"


def test_a_merge_that_begins_in_a_subtotal_still_fills() -> None:
    sub: Row = ["小计", None, "红岩村", *[None] * 9]
    table = one(
        HEADER,
        sub,
        person(1, 村=None, 户编号="a"),
        person(2, 村=None, 户编号="b"),
        merges=((2, 3, 4, 3),),
    )
    assert table.cells["village_name"] == ["红岩村", "红岩村"]


def test_two_unknown_columns_of_one_name_are_both_kept() -> None:
    table = one([*HEADER, "签章", "签章"], [*person(1), "甲", "乙"])
    assert list(table.extra.values()) == [["甲"], ["乙"]]


def test_the_epoch_of_the_book_is_told() -> None:
    reading = find_tables(
        Book("xlsx", [], epoch_1904=True), load_contracts(), load_codes()
    )
    assert reading.epoch_1904


def test_a_count_of_people_under_the_names_is_part_of_a_subtotal() -> None:
    total: Row = [None] * len(HEADER)
    total[0], total[5] = "总计", "2人"
    table = one(HEADER, person(1), person(2), total)
    assert table.rows == [2, 3]


@pytest.mark.parametrize("first", [1, 7])
def test_a_column_called_only_number_counts_the_rows_if_it_counts_up(
    first: int,
) -> None:
    header = ["编号", *HEADER[1:]]
    rows = [[n + first - 1, *person(n)[1:]] for n in (1, 2, 3)]
    table = one(header, *rows)
    assert bool(table.unknown) is (first == 7)


def _without(header: str) -> list[int]:
    return [at for at, text in enumerate(HEADER) if text != header]


def test_the_last_missing_column_may_be_told_by_elimination() -> None:
    kept = _without("")
    header = [
        {"起始日期": "上次登记于何日外出"}.get(str(HEADER[at]), HEADER[at])
        for at in kept
    ]
    told = one(
        [{"起始日期": "于何日外出去"}.get(str(h), h) for h in HEADER],
        person(1),
        person(2),
    )
    assert told.matched["start_on"].how == "guess"
    assert (
        "start_on" not in one(header, person(1), person(2)).matched
    )  # last time is another time


def test_no_column_is_invented_for_one_that_is_missing() -> None:
    kept = _without("务工区域")
    header = [*(HEADER[at] for at in kept), "帮扶单位", "审核意见"]
    rows = [
        [*(person(n)[at] for at in kept), "县林业局", "同意"] for n in (1, 2)
    ]
    table = one(header, *rows)
    assert "region" not in table.matched
    assert "L06" in rules(table)


@pytest.mark.parametrize("leaves_last", [True, False])
def test_a_level_that_holds_nothing_or_little_does_not_cut_a_header(
    leaves_last: bool,
) -> None:
    """Three rows of headers; groups reach over the middle one, in which at most one sub-group is named."""
    top: Row = [
        "序号",
        "家庭情况",
        None,
        None,
        None,
        "姓名",
        "身份证号",
        "联系电话",
        "就业有关情况",
        None,
        None,
        None,
    ]
    middle: Row = (
        [None] * 12
        if leaves_last
        else [None] * 8 + ["具体情况", None, None, None]
    )
    low: Row = [None, *HEADER[1:5], None, None, None, *HEADER[8:]]
    alone = (1, 6, 7, 8)
    merges = (*((2, c, 4, c) for c in alone), (2, 2, 2, 5), (2, 9, 2, 12))
    merged = one(
        wide("转移就业人员名单"),
        top,
        middle,
        low,
        person(1),
        person(2),
        merges=merges,
    )
    flat = one(
        wide("转移就业人员名单"), top, middle, low, person(1), person(2)
    )
    found = [merged] if leaves_last else [merged, flat]
    assert all(
        {"name", "id_no", "region", "wage_yuan"} <= set(t.matched)
        and t.rows == [5, 6]
        for t in found
    )


def test_numbers_and_sums_may_stand_in_a_column_without_a_header() -> None:
    example: Row = ["例", *person(3)[1:]]
    total: Row = ["合计", *[None] * (len(HEADER) - 2), 6000]
    table = one([None, *HEADER[1:]], example, person(1), person(2), total)
    assert table.rows == [3, 4]


def test_people_below_no_header_are_held_not_passed_over() -> None:
    people = Sheet(
        "二村", [["", "x"], *[[n, NAMES[n], IDS[n]] for n in (0, 1)]]
    )
    book = Book("xlsx", [Sheet("一村", [HEADER, person(1)]), people])
    found = find_tables(book, load_contracts(), load_codes(), None)
    assert [(t.list_code, t.rows) for t in found.tables] == [
        ("L3", [2]),
        ("", [2, 3]),
    ]


def test_column_numbers_may_run_over_a_column_without_a_header() -> None:
    header: Row = [HEADER[0], None, *HEADER[1:]]
    rows = [[n, None, *person(n)[1:]] for n in (1, 2)]
    assert one(header, list(range(1, len(header) + 1)), *rows).rows == [3, 4]


def test_the_number_beside_the_name_is_the_persons_whatever_group_it_stands_in() -> (
    None
):
    top: Row = [
        "序号",
        "家庭情况",
        None,
        None,
        None,
        "身份证号",
        "个人信息",
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    low: Row = [None, *HEADER[1:5], None, "姓名", "身份证号", *HEADER[7:]]
    rows = [[*person(n)[:5], IDS[4], *person(n)[5:]] for n in (1, 2)]
    table = one(wide("转移就业人员名单"), top, low, *rows)
    assert table.cells["id_no"] == [IDS[0], IDS[1]]


def test_all_levels_of_a_header_printed_again_are_dropped() -> None:
    top: Row = [
        "序号",
        "家庭情况",
        None,
        None,
        None,
        "姓名",
        "身份证号",
        "联系电话",
        "就业有关情况",
        None,
        None,
        None,
    ]
    middle: Row = [None] * 8 + ["具体情况", None, None, None]
    low: Row = [None, *HEADER[1:5], None, None, None, *HEADER[8:]]
    table = one(
        wide("转移就业人员名单"),
        top,
        middle,
        low,
        person(1),
        top,
        middle,
        low,
        person(2),
    )
    assert table.rows == [5, 9]


def test_neither_column_numbers_nor_footers_speak_for_a_column_of_one_row() -> (
    None
):
    header: Row = [
        {"起始日期": "上工日期", "身份证号": "身份代码"}.get(str(h), h)
        for h in HEADER
    ]
    footer: Row = [
        "填表人：王小丽",
        *[None] * 5,
        "审核人：李主任",
        None,
        None,
        None,
        "联系电话：0839-3300000",
        None,
    ]
    table = one(header, list(range(1, len(header) + 1)), person(1), footer)
    assert table.rows == [3]
    assert {"start_on", "id_no"} <= set(table.matched)


def test_a_blank_row_inside_a_header_without_merges() -> None:
    top: Row = [
        "序号",
        "家庭情况",
        None,
        None,
        None,
        "姓名",
        "身份证号",
        "联系电话",
        "就业有关情况",
        None,
        None,
        None,
    ]
    low: Row = [None, *HEADER[1:5], None, None, None, *HEADER[8:]]
    table = one(
        wide("转移就业人员名单"), top, [None] * 12, low, person(1), person(2)
    )
    assert rules(table) == []
    assert table.rows == [5, 6]


@pytest.mark.parametrize("header", ["期望月薪", "原月薪"])
def test_what_is_wished_or_was_once_is_not_what_is(header: str) -> None:
    kept = _without("月工资")
    rows = [[*(person(n)[at] for at in kept), 4000 + n] for n in (1, 2)]
    table = one([*(HEADER[at] for at in kept), header], *rows)
    assert "wage_yuan" not in table.matched


PAIRS: Row = [
    "序号",
    "乡镇",
    "村",
    "专家",
    "服务内容",
    "服务形式",
    "起始日期",
    "终止日期",
]


@pytest.mark.parametrize(
    ("beside", "template"),
    [
        ({"是否公示": ("是", "否", "是")}, "T06"),
        (
            {
                "栏目一": ("510821100001", "510821100002", "510821100003"),
                "栏目二": NAMES[:3],
            },
            "",
        ),  # may be a household
    ],
)
def test_a_list_that_lacks_what_no_header_can_be_is_not_the_one(
    beside: dict[str, tuple[str, ...]], template: str
) -> None:
    pair: Row = [
        "大石镇",
        "红岩村",
        "赵明德",
        "技术指导",
        "对口帮扶",
        "2017-06-02",
        "2020-12-31",
    ]
    rows: list[Row] = [
        [n, *pair, *(values[n] for values in beside.values())]
        for n in range(3)
    ]
    assert one([*PAIRS, *beside], *rows).list_code == template


def test_a_note_above_is_no_title_however_long() -> None:
    header: Row = [
        "镇",
        "村",
        "户号",
        "户主",
        "专家",
        "服务内容",
        "服务形式",
        "结对时间",
        "终止日期",
        "上级意见",
    ]
    row: Row = [
        "大石镇",
        "红岩村",
        "510821100001",
        NAMES[1],
        NAMES[0],
        "技术指导",
        "对口帮扶",
        "2017-06-02",
        "2020-12-31",
        "同意",
    ]
    note = "说明：请如实填写，不得漏报瞒报，日期统一填写到日，各村汇总后报镇。"
    table = one(["旺苍县2018年专家—户结对表"], [note], header, row, row)
    assert (table.list_code, table.metadata.title) == (
        "T06h",
        "旺苍县2018年专家—户结对表",
    )
