"""The lists of experts, groups, teams and pairs: their rules within a row, and what other rows say of them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    VILLAGES,
    Row,
    households,
    id_number,
    members,
    towns,
    villages,
    workbook,
)
from yiku.notices.facts import facts_of
from yiku.pipeline.check import check_files
from yiku.warehouse.connection import connect
from yiku.warehouse.trace import trace
from yiku.warehouse.undo import undo

TOWN = "510802101"
HERE, THERE = VILLAGES[TOWN]
HOMES = PEOPLE[TOWN][::2]
SPRING = date(2017, 3, 1)
LI, ZHAO, QIAN = (
    id_number("19800105"),
    id_number("19800206"),
    id_number("19800307"),
)
TEA = {
    HOMES[0].household_no: "茶叶",
    HOMES[1].household_no: "茶叶、核桃",
    HOMES[2].household_no: "核桃",
}


def homes() -> list[Row]:
    return [
        {**h, "industries": TEA.get(h["household_no"])} for h in households()
    ]


def expert(name: str = "王教授", **more: object) -> Row:
    return {
        "name": name, "level": "省级", "category": "大专家", "unit": "省农科院", "phone": "13900000011",
        "title": "研究员", "specialty": "茶叶栽培", "industries": "茶叶", "forms": "顾问指导", "state": "在聘",
        "valid_from": date(2016, 1, 1), "source": "科研院所", "base_place": "成都市", "days_per_year": 30,
    } | more  # fmt: skip


def technician(name: str, id_no: str, **more: object) -> Row:
    row = {
        "id_no": id_no,
        "level": "乡级",
        "category": "土专家、产业技术员",
        "unit": "农技站",
        "phone": None,
    }
    return expert(name, **row | more)


def recruited(**more: object) -> Row:
    return {
        "name": "孙博士", "unit": "区茶业局", "phone": "13900000012", "route": "绿色通道", "talent_type": "高层次",
        "is_team": "否", "industry": "茶叶", "need_no": "X-1", "recruited_on": SPRING, "years": 3, "paid_yuan": 60000,
        "paid_on": date(2017, 5, 1), "project": "茶叶加工", "follower": "周干事",
    } | more  # fmt: skip


def need(**more: object) -> Row:
    return {
        "need_no": "X-1",
        "unit": "区茶业局",
        "industry": "茶叶",
        "position": "制茶师",
        "need": 4,
        "year": 2017,
    } | more


def grouped(name: str, role: str = "成员", **more: object) -> Row:
    return {
        "group_name": "茶叶服务组", "industry": "茶叶", "group_type": "专家服务组", "expert": name, "role": role,
        "valid_from": SPRING,
    } | more  # fmt: skip


def teamed(name: str, role: str = "成员", **more: object) -> Row:
    return {
        "village_name": HERE, "industry": "茶叶", "member": name, "role": role, "appointed_on": SPRING,
        "member_kind": "科研院所专家" if role == "团长" else "产业技术人员",
    } | more  # fmt: skip


def pair(
    home: int = 0, name: str = "李技术", id_no: str = LI, **more: object
) -> Row:
    return {
        "household_no": HOMES[home].household_no, "head_name": HOMES[home].name, "technician": name, "tech_id": id_no,
        "industry": "茶叶", "paired_on": SPRING,
    } | more  # fmt: skip


def village_pair(**more: object) -> Row:
    row = {
        "town_name": TOWNS[TOWN],
        "village_name": HERE,
        "expert": "王教授",
        "services": "技术指导、培养人才",
    }
    return row | {"valid_from": SPRING} | more


def home_pair(**more: object) -> Row:
    return {
        "household_no": HOMES[0].household_no, "head_name": HOMES[0].name, "expert": "王教授", "services": "技术指导",
        "valid_from": SPRING,
    } | more  # fmt: skip


def helped(**more: object) -> Row:
    return {
        "household_no": HOMES[0].household_no, "head_name": HOMES[0].name, "talent": "何能人",
        "helper_kind": "乡土人才", "help": "帮技术、帮信息", "valid_from": SPRING,
    } | more  # fmt: skip


WINTER = date(2017, 1, 1)
BROKEN = {
    "T01": ([expert(), expert("钱专家", level="县级", category="小专家"), expert("孙专家", category="土专家"),
             expert("周专家", valid_to=date(2015, 1, 1)), expert("吴专家", industries=None)],
            [("R01", "Q", 5), ("K50", "W", 6), ("T08", "Q", 7), ("R01", "Q", 8)]),
    "T02": ([recruited(), recruited(name="郑团队", is_team="是"), recruited(name="吴博士", paid_on=WINTER)],
            [("R01", "Q", 5), ("T08", "Q", 6)]),
    "T02b": ([need(), need(need_no="X-2", industry="挖矿")], [("C13", "Q", 5)]),
    "T03": ([grouped("王教授", "首席"), grouped("李技术", valid_to=WINTER)], [("T08", "Q", 5)]),
    "T04": ([teamed("王教授", "团长"), teamed("李技术", "团长", village_name=THERE, member_kind="技术员"),
             teamed("赵技术", left_on=WINTER)],
            [("K56", "W", 5), ("T08", "Q", 6)]),
    "T05": ([pair(), pair(1, ended_on=date(2017, 6, 1)), pair(2),
             pair(head_name="欧阳无名", paired_on=date(2017, 4, 1)),
             pair(0, household_no="999", industry="水果"),
             pair(1, industry="核桃", ended_on=WINTER, end_reason="调离")],
            [("R01", "Q", 5), ("K51", "Q", 6), ("K31", "Q", 7), ("K30", "W", 8), ("T08", "Q", 9)]),
    "T06": ([village_pair(), village_pair(village_name=None), village_pair(town_name=None, village_name=None),
             village_pair(expert="钱专家", valid_to=WINTER)],
            [("K59", "Q", 6), ("T08", "Q", 7)]),
    "T06h": ([home_pair(), home_pair(expert="钱专家", household_no=HOMES[4].household_no, head_name=HOMES[4].name)],
             [("K58", "W", 5)]),
    "T07": ([helped(), helped(talent="冯能人", valid_to=WINTER)], [("T08", "Q", 5)]),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_row_is_told_and_a_clean_one_is_not(
    code, tmp_path, monkeypatch
):
    monkeypatch.setenv("YIKU_WORKERS", "1")
    rows, expected = BROKEN[code]
    register = homes()
    register[-1]["poverty_status"] = "一般农户"
    folder = Path(tmp_path / COUNTY / "county")
    folder.mkdir(parents=True)
    books = {
        "V01": villages(),
        "V02": towns(),
        "H01": register,
        "H02": members(),
        code: rows,
    }
    for name, held in books.items():
        (folder / f"{name}.xlsx").write_bytes(workbook(name, held))
    found = check_files(sorted(folder.iterdir())).findings
    told = [
        (f["rule"], f["verdict"], f["row"])
        for f in found
        if f["file"].endswith(f"{code}.xlsx")
    ]
    assert sorted(
        t for t in told if t[1] in "QWS" and t[0] != "R02"
    ) == sorted(expected)


def lists() -> dict[str, bytes]:
    """Lay out pairs, groups and teams that stand, and beside each one that another row contradicts."""
    rows = {
        "T01": [expert(), expert("钱专家", id_no=QIAN, level="县级", category="小专家", industries="核桃"),
                technician("李技术", LI), technician("赵技术", ZHAO, industries="茶叶、核桃", max_load=1)],
        "T02": [recruited(),
                recruited(name="郑团队", is_team="是", team_size=5, talent_type="急需紧缺", need_no="X-2")],
        "T02b": [need(), need(need_no="X-2", need=2)],
        "T03": [grouped("王教授", "首席专家"), grouped("李技术"), grouped("钱专家"), grouped("赵技术", "首席专家"),
                grouped("何外人")],
        "T04": [teamed("王教授", "团长"), teamed("李技术"),
                teamed("钱专家", "团长", appointed_on=date(2017, 4, 1))],
        "T05": [pair(), pair(1), pair(1, "赵技术", ZHAO, industry="核桃"), pair(2, "赵技术", ZHAO, industry="核桃"),
                pair(2, industry="核桃"), pair(0, "赵技术", ZHAO, paired_on=date(2017, 5, 1))],
        "T06": [village_pair(), village_pair(village_name=None), village_pair(valid_from=date(2017, 4, 1))],
        "T06h": [home_pair(), home_pair(valid_from=date(2017, 4, 1))],
        "T07": [helped()],
    }  # fmt: skip
    return {code: workbook(code, held) for code, held in rows.items()}


def test_of_two_that_cannot_both_be_one_stays(nights):
    nights.put("county", "H01.xlsx", workbook("H01", homes()))
    for code, data in lists().items():
        nights.put(
            TOWN if code in ("T05", "T07") else "county", f"{code}.xlsx", data
        )
    nights.take_in()
    nights.build()
    told = {
        c: [
            (rule, v, row)
            for rule, v, row, _ in nights.findings(f"{c}.xlsx")
            if rule[0] == "K"
        ]
        for c in lists()
    }
    assert told == {
        "T01": [], "T02": [], "T02b": [], "T07": [],
        "T03": [("K61", "W", 6), ("K54", "Q", 7), ("K60", "W", 8)],
        "T04": [("K54", "Q", 6)],
        "T05": [("K52", "Q", 8), ("K53", "Q", 9)],
        "T06": [("K57", "Q", 6)],
        "T06h": [("K57", "Q", 5)],
    }  # fmt: skip
    ask = nights.rows
    assert ask(
        "select chief, members, expert_count, has_one_chief, is_complete from mart.expert_group"
    ) == [("王教授", 3, 4, True, True)]
    assert ask(
        "select chief, members, is_poor, chief_fits, is_complete from mart.village_team"
    ) == [("王教授", 1, True, True, True)]
    held = (
        "select pair_kind, name, industry, is_overloaded from "
        "mart.pairing_household where is_current order by 1, 2, 3"
    )
    assert ask(held) == [
        ("T05", "李技术", "茶叶", False),
        ("T05", "李技术", "茶叶", False),
        ("T05", "赵技术", "核桃", True),
        ("T05", "赵技术", "核桃", True),
        ("T06h", "王教授", None, False),
        ("T07", "何能人", None, False),
    ]
    assert ask(
        "select target_level, is_zombie from mart.pairing_village order by 1"
    ) == [
        ("town", True),
        ("village", True),
    ]
    load = "select name, villages, towns, households, is_idle, is_overloaded from mart.expert order by households, name"
    assert sorted(ask(load)) == sorted([
        ("王教授", 1, 1, 1, False, False), ("钱专家", 0, 0, 0, False, False),
        ("李技术", 0, 0, 2, False, False), ("赵技术", 0, 0, 2, False, True),
    ])  # fmt: skip
    assert ask(
        "select need_no, recruited, gap from mart.talent_need order by 1"
    ) == [
        ("X-1", 1, 3),
        ("X-2", 5, 0),
    ]
    shares = (
        "select metric, numerator, denominator from mart.coverage"
        " where level = 'county' and metric in ('village_team_pct', 'village_expert_pct', 'town_expert_pct',"
        " 'household_technician_pct') order by 1"
    )
    assert ask(shares) == [
        ("household_technician_pct", 3, 3),
        ("town_expert_pct", 1, 2),
        ("village_expert_pct", 1, 4),
        ("village_team_pct", 1, 4),
    ]
    gaps = "select kind, sum(item_count)::integer from mart.pairing_gap group by 1 order by 1"
    assert dict(ask(gaps)) == {
        "overloaded": 1, "town_without_expert": 1, "village_without_expert": 3, "village_without_team": 3, "zombie": 7,
    }  # fmt: skip


def standing(
    nights, day: date
) -> tuple[list[tuple[object, ...]], int, int, int]:
    """Return what stands of the pair that was sent back: its finding, its row in the mart, its task, its notice."""
    finding = nights.rows(
        "select verdict, closed_on, closed_by from ops.finding where rule = 'K52'",
        day=day,
    )
    ((pairs,),) = nights.rows(
        "select count(*) from mart.pairing_household where industry = '核桃'",
        day=day,
    )
    ((tasks,),) = nights.rows(
        "select count(*) from mart.task where kind = 'open_finding'", day=day
    )
    with connect(nights.settings, day) as conn:
        notices = [
            f for f in facts_of(conn, day, "") if f.kind == "quarantined"
        ]
    return finding, pairs, tasks, len(notices)


def test_a_pair_that_nothing_contradicts_any_more_stands_again(nights):
    one, two, three = (DAY + timedelta(days=n) for n in (1, 2, 3))
    nights.put("county", "H01.xlsx", workbook("H01", homes()))
    nights.put(
        "county", "T01.xlsx", workbook("T01", [technician("李技术", LI)])
    )
    nights.put(TOWN, "T05.xlsx", workbook("T05", [pair(1, industry="核桃")]))
    nights.run()
    nights.run(one)
    assert standing(nights, one) == ([("Q", None, None)], 0, 1, 1)
    mended = workbook(
        "T01",
        [technician("李技术", LI, industries="茶叶、核桃")],
        filled=date(2017, 11, 16),
    )
    nights.put("county", "T01更正.xlsx", mended)
    nights.run(two)
    assert standing(nights, two) == ([("Q", two, None)], 1, 0, 0)
    law = "select rows_read, rows_loaded, rows_quarantined from ops.submission where file_name = 'T05.xlsx'"
    assert nights.rows(law) == [(1, 1, 0)]
    with connect(nights.settings, two) as conn:
        (traced,) = trace(conn, "T05.xlsx")
        assert f"［{two} 矛盾已消除］" in traced.page()
        ((number,),) = conn.execute(
            "select max(submission_id) from ops.submission"
        )
        undo(conn, number)
    nights.run(three)
    assert standing(nights, three)[:2] == ([("Q", None, None)], 0)
