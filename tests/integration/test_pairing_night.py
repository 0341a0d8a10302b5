"""Who should help whom in a small county: what a night proposes, keeps, and leaves alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from nights import (
    COUNTY,
    DAY,
    TOWNS,
    Nights,
    households,
    id_number,
    villages,
    workbook,
)
from psycopg import errors
from yiku import pipeline
from yiku.contracts import load_contracts
from yiku.notices.facts import facts_of
from yiku.warehouse.connection import connect

LATER = DAY + timedelta(days=1)
HOME, AWAY = list(TOWNS)
HOUSEHOLDS = sorted(r["household_no"] for r in households())
SPOTS = {
    "高坑村": (105.90, 32.40),
    "中口村": (105.95, 32.42),
    "前哨村": (106.40, 32.70),
    "青峰村": (106.42, 32.71),
}


def expert(
    name: str,
    n: int,
    level: str,
    category: str,
    industries: str,
    base: str,
    **more: object,
) -> dict[str, object]:
    row = {
        "name": name,
        "id_no": id_number(f"19{60 + n}0412"),
        "phone": f"1370{n * 7_393_913 % 10_000_000:07d}",
        "level": level,
        "category": category,
        "unit": "区农业局",
        "specialty": "栽培",
        "industries": industries,
        "base_place": base,
        "title": "中级",
        "state": "在聘",
    }
    return row | more


NEAR = expert(
    "郑成功", 1, "乡", "产业技术员", "茶叶", "荣山镇高坑村", max_load=3
)
FAR = expert(
    "孙中山", 2, "乡", "产业技术员", "茶叶", "大石镇前哨村", max_load=5
)
LEADER = expert("林则徐", 3, "县", "小专家", "茶叶", "105.91, 32.41")
CRAFTSMAN = expert("魏源清", 4, "村", "土专家", "核桃", "青峰村")


def put(
    nights: Nights,
    code: str,
    rows: list[dict[str, object]],
    unit: str = "county",
    name: str = "",
) -> None:
    title = load_contracts()[code].title
    nights.put(
        unit,
        name or f"{code}.xlsx",
        workbook(code, rows, title=title, filled=date(2017, 11, 16)),
    )


def put_county(nights: Nights) -> None:
    """Tea everywhere but in one village, which grows walnuts; one household has both."""
    trades = {"青峰村": "核桃"}
    places = [
        {
            **r,
            "industries": trades.get(r["village_name"], "茶叶"),
            "lon": SPOTS[r["village_name"]][0],
        }
        | {"lat": SPOTS[r["village_name"]][1]}
        for r in villages()
    ]
    homes = [
        {
            **r,
            "industries": "茶叶、核桃"
            if r["household_no"] == HOUSEHOLDS[0]
            else "茶叶",
        }
        for r in households()
    ]
    put(nights, "V01", places, name="村名录二.xlsx")
    put(nights, "H01", homes, name="户名录二.xlsx")
    put(nights, "T01", [NEAR, FAR, LEADER, CRAFTSMAN])
    team = {
        "town_name": TOWNS[HOME],
        "village_name": "高坑村",
        "industry": "茶叶",
        "member": LEADER["name"],
    }
    put(
        nights,
        "T04",
        [
            team
            | {
                "role": "团长",
                "member_kind": "科研院所专家",
                "appointed_on": date(2017, 4, 1),
            }
        ],
    )


def pair(who: dict[str, object], household_no: str) -> dict[str, object]:
    head = next(
        r["head_name"]
        for r in households()
        if r["household_no"] == household_no
    )
    return {
        "household_no": household_no,
        "head_name": head,
        "technician": who["name"],
        "tech_id": who["id_no"],
        "industry": "茶叶",
        "paired_on": date(2017, 5, 1),
    }


def raw_rows(nights: Nights) -> list[tuple[object, ...]]:
    lists = [c.table for c in load_contracts().values()]
    counts = " union all ".join(
        f"select '{t}', count(*), md5(string_agg(r::text, '' order by r::text)) from raw.{t} as r"
        for t in lists
    )
    return nights.rows(counts)


def test_a_night_proposes_and_touches_no_list(nights):
    put_county(nights)
    put(
        nights,
        "T05",
        [pair(FAR, HOUSEHOLDS[-1]), pair(NEAR, HOUSEHOLDS[1])],
        unit=HOME,
    )
    nights.take_in()
    pipeline.build_marts(nights.settings, DAY)
    before = raw_rows(nights)
    first = pipeline.propose(nights.settings, DAY)
    assert raw_rows(nights) == before
    assert (first["cases"], first["worked_out"]) == (2, 2)
    assert set(map(type, first.values())) == {int}
    pipeline.publish(nights.settings, DAY)

    # Five tea households live in each town, eight places are there for them; nobody helps with walnuts.
    found = nights.rows(
        "select household_no, name, is_standing, distance_km <= 45, load_after, load_most, is_proven_optimal"
        " from mart.pairing_proposal where kind = 'household_technician' order by household_no"
    )
    assert len(found) == 8
    assert {(r[1], r[4], r[5]) for r in found} == {
        ("郑成功", 3, 3),
        ("孙中山", 5, 5),
    }
    assert all(near and optimal for *_, near, _, _, optimal in found)
    assert [r[0] for r in found if r[2]] == [HOUSEHOLDS[1], HOUSEHOLDS[-1]]
    chiefs = nights.rows(
        "select name, village_name, distance_basis, is_standing from mart.pairing_proposal"
        " where kind = 'village_chief' order by is_standing"
    )
    assert chiefs == [
        ("林则徐", "中口村", "坐标", False),
        ("林则徐", "高坑村", "坐标", True),
    ]
    gaps = nights.rows(
        "select kind, village_name, reason, item_count, people_needed, nearest_name from mart.pairing_shortfall"
        " where kind = 'village_chief' order by village_name"
    )
    assert gaps == [
        ("village_chief", "前哨村", "far", 1, 1, "林则徐"),
        ("village_chief", "青峰村", "level", 1, 1, "魏源清"),
    ]
    reasons = dict(
        nights.rows(
            "select reason, sum(item_count) from mart.pairing_shortfall where kind = 'household_technician' group by 1"
        )
    )
    assert reasons == {"full": 2, "nobody": 1}
    runs = nights.rows(
        "select part, status, objective = bound, greedy >= objective from pairing.run order by part"
    )
    assert runs == [
        ("chief", "OPTIMAL", True, True),
        ("technician", "OPTIMAL", True, True),
    ]
    masked = nights.rows(
        "select id_no, name from mart_masked.pairing_proposal where name like '郑%%' limit 1"
    )
    assert masked == [(COUNTY + "*" * 12, "郑*功")]
    with connect(nights.settings, DAY) as conn:
        told = [
            (f.title, f.count)
            for f in facts_of(conn, DAY, "")
            if f.kind in ("shortfall", "proposed")
        ]
    assert sorted(told) == [
        ("专家任贫困村特派团团长", 1),
        ("技术员结对贫困户", 6),
        ("贫困户没有可配的技术员（核桃）", 1),
        ("贫困户没有可配的技术员（茶叶）", 2),
        ("贫困村没有可配的团长（核桃）", 1),
        ("贫困村没有可配的团长（茶叶）", 1),
    ]


def test_only_what_changed_is_worked_out_again(nights):
    put_county(nights)
    put(nights, "T05", [pair(FAR, HOUSEHOLDS[-1])], unit=HOME)
    nights.take_in()
    nights.build()
    runs = nights.rows("select run_id, part from pairing.run order by run_id")
    assert len(runs) == 2
    shown = nights.rows(
        "select t::text from (select proposal_key, name, why from mart.pairing_proposal order by 1) as t"
    )
    nights.take_in(LATER)
    nights.build(LATER)
    assert (
        nights.rows("select run_id, part from pairing.run order by run_id")
        == runs
    )
    assert (
        nights.rows(
            "select t::text from (select proposal_key, name, why from mart.pairing_proposal order by 1) as t"
        )
        == shown
    )
    # A pair that stands changes one of the two problems; the proposal of the day after takes it in.
    taken = nights.rows(
        "select household_no, name from mart.pairing_proposal"
        " where kind = 'household_technician' and not is_standing order by 1 limit 1"
    )
    who = NEAR if taken[0][1] == NEAR["name"] else FAR
    put(nights, "T05", [pair(who, taken[0][0])], unit=HOME, name="T05二.xlsx")
    third = LATER + timedelta(days=1)
    nights.take_in(third)
    pipeline.build_marts(nights.settings, third)
    again = pipeline.propose(nights.settings, third)
    pipeline.publish(nights.settings, third)
    assert (again["cases"], again["worked_out"]) == (2, 1)
    kept = nights.rows(
        "select household_no, proposed_on from mart.pairing_proposal where is_standing and household_no is not null"
        " order by household_no"
    )
    assert kept == [(taken[0][0], third), (HOUSEHOLDS[-1], third)]


def test_a_county_without_experts_costs_nothing_and_a_fault_keeps_the_marts(
    nights,
):
    nights.take_in()
    nights.build()
    assert nights.rows("select count(*) from pairing.run") == [(0,)]
    assert nights.rows("select count(*) from mart.pairing_proposal") == [(0,)]
    before = nights.rows("select count(*) from mart.household")
    pipeline.build_marts(nights.settings, LATER)
    with connect(nights.settings) as conn:
        conn.execute("alter table pairing.run rename to run_away")
    with pytest.raises(errors.UndefinedTable):
        pipeline.propose(nights.settings, LATER)
    assert nights.rows("select count(*) from mart.household") == before
    assert nights.rows("select count(*) from mart.pairing_proposal") == [(0,)]
