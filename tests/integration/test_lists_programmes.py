"""The lists of people and programmes: their rules within a row, and boards held against the pairs of today."""

from datetime import date
from pathlib import Path

import pytest
from nights import COUNTY, PEOPLE, TOWNS, Person, Row, id_number, workbook
from yiku.pipeline.check import check_files

TOWN = "510802101"
ONE, TWO, THREE, FOUR = PEOPLE[TOWN][:8:2]  # heads of four households
EXPERT_ID, SPRING, LATER = (
    id_number("19700101"),
    date(2017, 3, 1),
    date(2018, 3, 1),
)


def about(p: Person) -> Row:
    return {
        "town_name": TOWNS[p.town],
        "village_name": p.village,
        "name": p.name,
        "id_no": p.id_no,
    }


def talent(**more: object) -> Row:
    row = {
        "kind": "种植能手",
        "skill": "核桃嫁接",
        "recognised_on": SPRING,
        "level": "县级",
        "in_training": "是",
    }
    return about(ONE) | row | more


def leader(**more: object) -> Row:
    return (
        about(ONE)
        | {
            "industry": "核桃",
            "batch": "第一批",
            "how": "集中培训",
            "trained_on": SPRING,
        }
        | more
    )


def board(p: Person = ONE, **more: object) -> Row:
    return {
        "town_name": TOWNS[p.town], "village_name": p.village, "household_no": p.household_no, "head_name": p.name,
        "board_no": f"MS{p.household_no[-3:]}", "expert": "王建国", "unit": "市农科院", "industry": "茶叶",
        "content": "每月上门指导一次", "hung_on": SPRING, "board_state": "完好",
    } | more  # fmt: skip


def honour(**more: object) -> Row:
    row = {
        "honour": "基层人才补贴",
        "year": 2017,
        "level": "县级",
        "state": "已发放",
        "amount_yuan": 2000,
    }
    return about(ONE) | row | more


def care(**more: object) -> Row:
    return (
        about(ONE)
        | {
            "care": "慰问",
            "held_on": SPRING,
            "dimension": "生活",
            "content": "走访",
        }
        | more
    )


def task(**more: object) -> Row:
    return {
        "level": "乡镇", "war_zone": "第一战区", "area": "大石镇", "commander": "李强", "goal": "全面脱贫",
        "stage": "产业到户", "year_plan": "新增200亩", "measure": "发苗", "start_on": date(2017, 1, 1),
        "due": date(2017, 12, 31), "progress": "60%",
    } | more  # fmt: skip


def score(**more: object) -> Row:
    return {
        "unit": "大石镇", "round": "2017年度", "item": "引才", "weight": "60%", "score": 50, "full": 60,
        "kind": "目标责任制",
    } | more  # fmt: skip


def platform(**more: object) -> Row:
    return {
        "kind": "农业产业园",
        "level": "县级",
        "name": "利州农业园",
        "place": "大石镇",
        "built_on": SPRING,
    } | more


def share(**more: object) -> Row:
    return {
        "expert": "王建国", "entity": "某茶业公司", "technology": "机采工艺", "share_pct": "10%", "signed_on": SPRING,
    } | more  # fmt: skip


BROKEN: dict[str, tuple[list[Row], list[tuple[str, str, int]]]] = {
    # Row 4 of each list is clean.
    "T16": (
        [
            talent(),
            talent(**about(TWO), title_name="农艺师"),
            talent(**about(THREE), recognised_on=LATER),
            talent(**about(FOUR), kind="会唱歌"),
        ],
        [("R01", "Q", 5), ("T08", "Q", 6), ("C13", "Q", 7)],
    ),
    "T17": (
        [leader(), leader(**about(TWO), trained_on=LATER)],
        [("T08", "Q", 5)],
    ),
    "T18": (
        [
            board(),
            board(TWO, expert=None),
            board(THREE, expert=None, technician="赵文明"),
            board(FOUR, hung_on=LATER),
            board(TWO, board_no="MS9", checked_on=date(2017, 2, 28)),
        ],
        [("R01", "Q", 5), ("T08", "Q", 7), ("T08", "Q", 8)],
    ),
    "T19": (
        [
            honour(),
            honour(**about(TWO), amount_yuan=-1),
            honour(**about(THREE), paid_on=LATER),
        ],
        [("N04", "Q", 5), ("T08", "Q", 6)],
    ),
    "T20": ([care(), care(held_on=LATER)], [("T08", "Q", 5)]),
    "T21": (
        [
            task(),
            task(area="荣山镇", progress="101%"),
            task(area="荣山镇", measure="修路", due=date(2016, 12, 31)),
        ],
        [("N04", "W", 5), ("T08", "Q", 6)],
    ),
    "T22": (
        [
            score(weight="40%", item="育才"),
            score(),
            score(unit="荣山镇", weight="60%", score=61),
            score(unit="荣山镇", weight="40%", item="育才"),
            score(unit="河西街道", weight="90%"),
            score(unit="河西街道", weight="40%", item="育才"),
        ],
        [("K80", "Q", 6), ("K81", "W", 8), ("K81", "W", 9)],
    ),
    "T23": (
        [platform(), platform(name="另一园", built_on=LATER)],
        [("T08", "Q", 5)],
    ),
    "T24": (
        [
            share(),
            share(entity="甲公司", share_pct="101%"),
            share(entity="乙公司", signed_on=LATER),
        ],
        [("N04", "W", 5), ("T08", "Q", 6)],
    ),
}


@pytest.mark.parametrize("code", BROKEN)
def test_each_rule_has_a_row_that_breaks_it(code: str, tmp_path: Path) -> None:
    rows, expected = BROKEN[code]
    path = tmp_path / COUNTY / "county" / f"{code}.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(workbook(code, rows))
    told = [
        (f["rule"], f["verdict"], f["row"])
        for f in check_files([path]).findings
    ]
    assert sorted(
        t for t in told if t[1] in "QWS" and t[0] not in ("R02", "X07")
    ) == sorted(expected)


def technician_pair(p: Person, **more: object) -> Row:
    return {
        "town_name": TOWNS[p.town], "village_name": p.village, "household_no": p.household_no, "head_name": p.name,
        "technician": "赵文明", "tech_id": EXPERT_ID, "industry": "茶叶", "paired_on": date(2017, 1, 1),
    } | more  # fmt: skip


def expert_pair(p: Person, **more: object) -> Row:
    return {
        "town_name": TOWNS[p.town], "village_name": p.village, "household_no": p.household_no, "head_name": p.name,
        "expert": "王建国", "services": "技术指导", "valid_from": date(2017, 1, 1),
    } | more  # fmt: skip


def test_a_board_is_held_against_the_pairs_of_today(nights):
    pairs = [
        technician_pair(ONE),
        technician_pair(TWO),
        technician_pair(THREE, ended_on=SPRING, end_reason="调离"),
    ]
    boards = [
        board(ONE, technician="赵文明", content="每月指导，电话13812345678"),
        board(TWO, expert=None, technician="钱永红"),
        board(THREE, expert=None, technician="赵文明"),
    ]
    nights.put(TOWN, "T05.xlsx", workbook("T05", pairs))
    nights.put(
        "county",
        "T06h.xlsx",
        workbook("T06h", [expert_pair(ONE), expert_pair(FOUR)]),
    )
    nights.put(TOWN, "T18.xlsx", workbook("T18", boards))
    nights.put(
        "county",
        "T21.xlsx",
        workbook("T21", [task(), task(area="荣山镇", progress="95%")]),
    )
    nights.put(
        "county",
        "T22.xlsx",
        workbook(
            "T22",
            [
                score(weight="100%"),
                score(weight="100%", unit="荣山镇", score=57),
            ],
        ),
    )
    nights.take_in()
    nights.build()
    shown = nights.rows(
        "select household_no, state_now, expert_differs, technician_differs, is_paired from mart.sign_board order by 1"
    )
    assert shown == [
        (ONE.household_no, "已挂", False, False, True),
        (TWO.household_no, "信息过期", False, True, True),
        (THREE.household_no, "信息过期", False, True, False),
        (FOUR.household_no, "未挂", False, False, True),
    ]
    # On the wall: the paired households, the helpers of today, all names masked, nothing that a clerk wrote freely.
    wall = nights.rows(
        "select head_name, experts, technicians, content from published.sign_board order by 4, 2, 3"
    )
    assert len(wall) == 3
    assert ("王*国", "赵*明", "技术指导") in [row[1:] for row in wall]
    assert {head for head, *_ in wall}.isdisjoint(
        {p.name for p in (ONE, TWO, FOUR)}
    )
    text = " ".join(
        str(row)
        for row in nights.rows("select t::text from published.sign_board as t")
    )
    assert not [
        p
        for p in (ONE, TWO, FOUR)
        if p.id_no in text or p.phone in text or p.household_no in text
    ]

    assert nights.rows(
        "select town_name, light from mart.war_map order by 1"
    ) == [
        ("大石镇", "红"),
        ("荣山镇", "绿"),
    ]
    ranks = "select town_name, unit_score, unit_rank from mart.assessment order by 3"
    assert [
        (town, float(points), rank)
        for town, points, rank in nights.rows(ranks)
    ] == [
        ("荣山镇", 95.0, 1),
        ("大石镇", 83.33, 2),
    ]
