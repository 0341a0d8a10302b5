"""Companion lists of Lizhou: fairs, placements, bases, villages, awards, classes, funds, meetings, findings, posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from stdnum.cn import uscc

from yiku.demo.lists import BASES, CLAIMANTS, CLAIMED, Roles, Row, base_code, base_name
from yiku.demo.page import Mark, Percent, Record
from yiku.demo.sheets import Sheet
from yiku.demo.tables import Table
from yiku.demo.world import County, Town

PLACEMENTS, FAIRS, VILLAGES, YEAR = 300, 9, 9, 2017
VILLAGE_YUAN = (140_000,) * 6 + (120_000,) * 3  # 1,200,000
FUND_LINES = (
    ("公益性岗位补贴", "公益性岗位补贴资金", 300 * 15_600),
    ("职业介绍(就业服务)补助", "职业介绍补助资金", 300 * 600),
    ("招聘会经费", "专场招聘会经费", 9 * 30_000),
    ("大学生创业奖励", "贫困家庭大学生创业扶持资金", 5 * 12_000),
    ("基地奖补", "就业扶贫基地奖补资金", 10 * 50_000),
)  # 5,690,000
_PER = (
    "town_name",
    "village_name",
    "group_no",
    "household_no",
    "head_name",
    "name",
    "id_no",
    "sex",
    "ethnic",
    "edu",
    "phone",
)
_ITEMS = (
    "村级公共就业服务平台一个，设在村委会",
    "何建国，联系电话0839-3200000",
    "支柱产业为核桃",
    "",
    "返乡创业园一处",
    "",
    "村级电商服务站一个",
    "村集体经济收入稳定增长机制一套",
)


def companion_tables(county: County, roles: Roles, spells: Sequence[Sheet]) -> Iterator[Table]:
    """Yield the companion lists; ``spells`` are the county's sheets of L3 as they will be sent."""
    kept = [r for s in spells for r in s.records if not r.marks and not r.taken and r.values["end_on"] is None]
    placed = [r for r in kept if r.values["start_on"].year == YEAR][:PLACEMENTS]
    yield Table("E03", [_fair(n) for n in range(FAIRS)])
    yield Table("E04", [_placement(r, n) for n, r in enumerate(placed)])
    yield Table("E05", [_base(n) for n in range(BASES)])
    yield Table(
        "E06", [_item(v, yuan, i) for v, yuan in zip(_villages(county), VILLAGE_YUAN, strict=True) for i in range(8)]
    )
    yield _awards(roles)
    yield Table("E08", [_collective(t) for t in county.towns[:4]])
    yield _loans(list(roles.venture.values())[:12])
    yield Table("E10", list(_classes(roles)))
    yield Table("E11", [_fund(*line) for line in FUND_LINES])
    yield Table("E13", [_meeting(m) for m in range(1, 11)])
    yield Table("E14", [_finding(t, n) for n, t in enumerate(county.towns)])
    yield Table("E15", [_post(r) for r in roles.post.values()])


def _fair(n: int) -> Row:
    return {
        "fair_no": f"ZPH2017-{n + 1:02}",
        "held_on": date(2017, 2 + n, 12),
        "place": f"利州区第{n + 1}招聘点",
        "organiser": "利州区就业局",
        "employers": 20 + n,
        "posts": 300 + 10 * n,
        "attendees": 500 + 20 * n,
        "poor_attendees": 120 + n,
        "intents": 90 + n,
        "hired": 40 + n,
        "cost_yuan": 30_000,
    }


def _placement(record: Record, n: int) -> Row:
    spell = record.values
    start: date = spell["start_on"]
    return {k: spell[k] for k in _PER} | {
        "agency": f"利州{('惠民', '诚信')[n % 2]}职业介绍所",
        "agency_uscc": _code("52", n % 2),
        "employer": spell["employer"],
        "placed_on": start,
        "contract_to": start.replace(year=start.year + 1) + timedelta(days=180),
        "is_free": True,
        "stable_6m": start <= date(2017, 5, 10),
    }


def _code(prefix: str, n: int) -> str:
    body = f"{prefix}510802MA9{n:05}X"
    return f"{body}{uscc.calc_check_digit(body)}"


def _base(n: int) -> Row:
    return {
        "base_name": base_name(n),
        "uscc": base_code(n),
        "ent_type": "企业",
        "address": f"利州区工业园{n + 1}号",
        "recognised_on": date(2016, 8, 1 + n),
        "workers": 40 + n,
        "poor_workers": 10,
        "avg_wage": 2600,
        "award_yuan": 50_000,
        "paid_on": date(2017, 10, 9),
        "valid_to": date(2018, 12, 31),
    }


def _villages(county: County) -> list[tuple[Town, str]]:
    return [(t, t.villages[0].name) for t in county.towns[:VILLAGES]]


def _item(village: tuple[Town, str], yuan: int, item: int) -> Row:
    town, name = village
    said = {3: f"专业合作社，信用代码{_code('93', int(town.code[-3:]))}", 5: f"就业扶贫基地：{base_name(0)}"}
    return {
        "town_name": town.name,
        "village_name": name,
        "item_no": item + 1,
        "done": True,
        "evidence": said.get(item, _ITEMS[item]),
        "invest_yuan": yuan / 8,
        "done_on": date(2017, 10, 15),
        "proof_no": f"SF{town.code[-3:]}-{item + 1}",
    }


def _awards(roles: Roles) -> Table:
    """Claim awards for those who work at four bases, for a student who came home, and for the same workers twice."""
    table = Table("E07", [_award(base_name(n), base_code(n), 8, f"MD2017-{n + 1}") for n in range(4)])
    table.rows += _students_award(roles)
    first, second = (_award(name, _code("91", n), CLAIMED, f"MD2017-{n + 5}") for n, name in enumerate(CLAIMANTS))
    table.rows.append(first)
    table.spoil(second, Mark("K49", "W", None))
    return table


def _award(employer: str, uscc: str, workers: int, list_ref: str) -> Row:
    return {
        "employer": employer,
        "uscc": uscc,
        "claimant_type": "企业",
        "workers": workers,
        "list_ref": list_ref,
        "from_month": "2017-11",
        "to_month": "2017-11",
        "award_yuan": 1_000 * workers,
    }


def _students_award(roles: Roles) -> Iterator[Row]:
    student = next(v for v in roles.venture.values() if v["is_student"])
    yield {
        "employer": student["name"],
        "uscc": student["id_no"],
        "claimant_type": "返乡创业贫困家庭大学生",
        "from_month": "2017-01",
        "to_month": "2017-10",
        "award_yuan": 12_000,
    }


def _collective(town: Town) -> Row:
    return {
        "town_name": town.name,
        "village_name": town.villages[0].name,
        "quarter": "2017年第3季度",
        "persons": 0,
        "list_ref": "无",
        "fund_yuan": 3_000,
    }


def _loans(ventures: Sequence[Row]) -> Table:
    """Let a clerk type one rate as a share of one, and the program show another one as a percentage."""
    table = Table("E09", [_loan(r, n) for n, r in enumerate(ventures)])
    table.rows[1]["rate_pct"], table.rows[2]["rate_pct"] = 0.0435, Percent(0.0435)
    table.marks = {1: [Mark("N05", "W", "rate_pct")], 2: [Mark("N05", "A", "rate_pct")]}
    return table


def _loan(venture: Row, n: int) -> Row:
    return {k: venture[k] for k in ("town_name", "village_name", "name", "id_no", "sex", "phone")} | {
        "entity": venture["ent_name"],
        "bank": "利州农村商业银行",
        "loan_yuan": 100_000,
        "rate_pct": "4.35%",
        "loan_from": date(2017, 3, 1 + n),
        "loan_to": date(2019, 2, 27),
        "interest_yuan": 4_350,
        "fund_source": "省",
    }


def _classes(roles: Roles) -> Iterator[Row]:
    by_class: dict[str, list[Row]] = {}
    for row in roles.training.values():
        by_class.setdefault(row["class_no"], []).append(row)
    for number, rows in by_class.items():
        first = rows[0]
        yield {
            k: first[k]
            for k in ("train_type", "occupation", "level", "org_name", "place", "start_on", "end_on", "hours")
        } | {
            "class_no": number,
            "org_uscc": _code("52", 7),
            "plan_size": 50,
            "mode": "集中",
        }


def _fund(policy: str, name: str, yuan: int) -> Row:
    return {
        "year": 2017,
        "fund_name": name,
        "fund_source": "省",
        "doc_no": "利财社〔2017〕18号",
        "purpose": policy,
        "amount_yuan": yuan,
    }


def _meeting(month: int) -> Row:
    return {
        "held_on": date(2017, month, 6),
        "level": "县",
        "body": "利州区就业扶贫指挥部",
        "topic": f"{month}月就业扶贫推进会",
        "decision": "按月通报进度",
        "owner": "罗志远",
        "due": date(2017, month, 26),
        "done": True,
    }


def _finding(town: Town, n: int) -> Row:
    return {
        "round": "2017年第三季度督查",
        "found_on": date(2017, 9, 20),
        "unit": town.name,
        "problem": ("回访记录不全", "台账更新不及时", "岗位考勤缺失")[n % 3],
        "owner": "罗志远",
        "due": date(2017, 10, 20) if n % 3 else date(2017, 11, 10),
        "done": "已整改" if n % 3 else "正在整改",
        "closed_on": date(2017, 10, 18) if n % 3 else None,
    }


def _post(post: Row) -> Row:
    return {k: post[k] for k in ("town_name", "village_name", "post_no", "post_type", "manager_unit")} | {
        "developed_on": date(2016, 12, 20),
        "doc_no": "利人社发〔2016〕121号",
    }
