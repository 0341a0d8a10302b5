"""Companion lists of Lizhou.

Fairs, placements, bases, villages, awards, classes, funds, meetings, findings, posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from yiku.demo.occupations import BASES, Roles, base_code, base_name
from yiku.demo.official_tables import Table
from yiku.demo.page import Mark, Percent, Record
from yiku.demo.rows import Row, credit_code, in_turn, pick, village_columns
from yiku.demo.sheets import Sheet
from yiku.demo.world import County, Town

PLACEMENTS = 300
FAIRS = 9
VILLAGES = 9
YEAR = 2017
CLAIMANTS = (
    "广元永固建筑公司",
    "广元锦程劳务公司",
)  # employers who claim an award for the same workers
CLAIMED = 3
VILLAGE_YUAN = (140_000,) * 6 + (120_000,) * 3  # 1,200,000
FUND_LINES = (
    ("公益性岗位补贴", "公益性岗位补贴资金", 300 * 15_600),
    ("职业介绍(就业服务)补助", "职业介绍补助资金", 300 * 600),
    ("招聘会经费", "专场招聘会经费", 9 * 30_000),
    ("大学生创业奖励", "贫困家庭大学生创业扶持资金", 5 * 12_000),
    ("基地奖补", "就业扶贫基地奖补资金", 10 * 50_000),
)  # 5,690,000
_PLACED = (
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
_OF_A_CLASS = (
    "train_type",
    "occupation",
    "level",
    "org_name",
    "place",
    "start_on",
    "end_on",
    "hours",
)
_OF_A_POST = (
    "town_name",
    "village_name",
    "post_no",
    "post_type",
    "manager_unit",
)
_OF_A_BORROWER = ("town_name", "village_name", "name", "id_no", "sex", "phone")


def companion_tables(
    county: County, roles: Roles, spells: Sequence[Sheet]
) -> Iterator[Table]:
    """Yield the companion lists.

    ``spells`` are the county's sheets of L3 as they will be sent.
    """
    placed = _placed_this_year(spells)[:PLACEMENTS]
    ventures = list(roles.venture.values())
    fairs = [_fair(number) for number in range(FAIRS)]
    yield Table("E03", fairs)
    placements = [
        _placement(record, number) for number, record in enumerate(placed)
    ]
    yield Table("E04", placements)
    bases = [_base(number) for number in range(BASES)]
    yield Table("E05", bases)
    items = list(_items(county))
    yield Table("E06", items)
    yield _awards(roles)
    collectives = [_collective(town) for town in county.towns[:4]]
    yield Table("E08", collectives)
    yield _loans(ventures[:12])
    classes = list(_classes(roles))
    yield Table("E10", classes)
    funds = [_fund(*line) for line in FUND_LINES]
    yield Table("E11", funds)
    # a meeting a month until the one before the demo's night
    meetings = [_meeting(month) for month in range(1, 11)]
    yield Table("E13", meetings)
    findings = [
        _finding(town, number) for number, town in enumerate(county.towns)
    ]
    yield Table("E14", findings)
    posts = [_post(row) for row in roles.post.values()]
    yield Table("E15", posts)


def _placed_this_year(spells: Sequence[Sheet]) -> list[Record]:
    """Return the spells that began this year and go on.

    Without those that the night sends back: nobody was placed in them.
    """
    found = []
    for sheet in spells:
        for record in sheet.records:
            is_clean = not record.marks and not record.taken
            is_open = record.values["end_on"] is None
            if is_clean and is_open and record.values["start_on"].year == YEAR:
                found.append(record)
    return found


def _fair(number: int) -> Row:
    return {
        "fair_no": f"ZPH2017-{number + 1:02}",
        "held_on": date(2017, 2 + number, 12),
        "place": f"利州区第{number + 1}招聘点",
        "organiser": "利州区就业局",
        "employers": 20 + number,
        "posts": 300 + 10 * number,
        "attendees": 500 + 20 * number,
        "poor_attendees": 120 + number,
        "intents": 90 + number,
        "hired": 40 + number,
        "cost_yuan": 30_000,
    }


def _placement(record: Record, number: int) -> Row:
    spell = record.values
    start: date = spell["start_on"]
    a_year_later = start.replace(year=start.year + 1)
    return pick(spell, _PLACED) | {
        "agency": f"利州{in_turn(('惠民', '诚信'), number)}职业介绍所",
        "agency_uscc": _code("52", number % 2),
        "employer": spell["employer"],
        "placed_on": start,
        "contract_to": a_year_later + timedelta(days=180),
        "is_free": True,
        # six months had passed when the list was filled in
        "stable_6m": start <= date(2017, 5, 10),
    }


def _code(kind: str, number: int) -> str:
    return credit_code(kind, "510802", "MA9", number)


def _base(number: int) -> Row:
    return {
        "base_name": base_name(number),
        "uscc": base_code(number),
        "ent_type": "企业",
        "address": f"利州区工业园{number + 1}号",
        "recognised_on": date(2016, 8, 1 + number),
        "workers": 40 + number,
        "poor_workers": 10,
        "avg_wage": 2600,
        "award_yuan": 50_000,
        "paid_on": date(2017, 10, 9),
        "valid_to": date(2018, 12, 31),
    }


def _items(county: County) -> Iterator[Row]:
    """Yield the eight items of each model village."""
    for town, yuan in zip(county.towns[:VILLAGES], VILLAGE_YUAN, strict=True):
        for item in range(len(_ITEMS)):
            yield _item(town, yuan, item)


def _item(town: Town, yuan: int, item: int) -> Row:
    number = town.code[-3:]
    # two items name what stands in other lists
    evidence = _ITEMS[item]
    if item == 3:
        evidence = f"专业合作社，信用代码{_code('93', int(number))}"
    elif item == 5:
        evidence = f"就业扶贫基地：{base_name(0)}"
    return village_columns(town.name, town.villages[0].name) | {
        "item_no": item + 1,
        "done": True,
        "evidence": evidence,
        "invest_yuan": yuan / len(_ITEMS),
        "done_on": date(2017, 10, 15),
        "proof_no": f"SF{number}-{item + 1}",
    }


def _awards(roles: Roles) -> Table:
    """Claim awards for those who work at four bases, and for a student who came home.

    And for the same workers twice, which is a conflict.
    """
    table = Table("E07", [])
    for number in range(4):
        base, uscc = base_name(number), base_code(number)
        award = _award(base, uscc, 8, f"MD2017-{number + 1}")
        table.rows.append(award)
    table.rows.append(_students_award(roles))
    first, second = CLAIMANTS
    claimed = _award(first, _code("91", 0), CLAIMED, "MD2017-5")
    table.rows.append(claimed)
    claimed_again = _award(second, _code("91", 1), CLAIMED, "MD2017-6")
    table.spoil(claimed_again, Mark("K49", "W"))
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


def _students_award(roles: Roles) -> Row:
    student = next(row for row in roles.venture.values() if row["is_student"])
    return {
        "employer": student["name"],
        "uscc": student["id_no"],
        "claimant_type": "返乡创业贫困家庭大学生",
        "from_month": "2017-01",
        "to_month": "2017-10",
        "award_yuan": 12_000,
    }


def _collective(town: Town) -> Row:
    return village_columns(town.name, town.villages[0].name) | {
        "quarter": "2017年第3季度",
        "persons": 0,
        "list_ref": "无",
        "fund_yuan": 3_000,
    }


def _loans(ventures: Sequence[Row]) -> Table:
    """Lend to those who run a venture.

    A clerk typed one rate as a share of one; another is shown as a percentage.
    """
    table = Table(
        "E09",
        [_loan(venture, number) for number, venture in enumerate(ventures)],
    )
    table.rows[1]["rate_pct"] = 0.0435
    table.marks[1] = [Mark("N05", "W", "rate_pct")]
    table.rows[2]["rate_pct"] = Percent(0.0435)
    table.marks[2] = [Mark("N05", "A", "rate_pct")]
    return table


def _loan(venture: Row, number: int) -> Row:
    return pick(venture, _OF_A_BORROWER) | {
        "entity": venture["ent_name"],
        "bank": "利州农村商业银行",
        "loan_yuan": 100_000,
        "rate_pct": "4.35%",
        "loan_from": date(2017, 3, 1 + number),
        "loan_to": date(2019, 2, 27),
        "interest_yuan": 4_350,
        "fund_source": "省",
    }


def _classes(roles: Roles) -> Iterator[Row]:
    seen = set()
    for row in roles.training.values():
        number = row["class_no"]
        if number in seen:
            continue
        seen.add(number)
        yield pick(row, _OF_A_CLASS) | {
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


def _finding(town: Town, number: int) -> Row:
    # every third one is open, past its day
    is_closed = number % 3 > 0
    return {
        "round": "2017年第三季度督查",
        "found_on": date(2017, 9, 20),
        "unit": town.name,
        "problem": in_turn(
            ("回访记录不全", "台账更新不及时", "岗位考勤缺失"), number
        ),
        "owner": "罗志远",
        "due": date(2017, 10, 20) if is_closed else date(2017, 11, 10),
        "done": "已整改" if is_closed else "正在整改",
        "closed_on": date(2017, 10, 18) if is_closed else None,
    }


def _post(post: Row) -> Row:
    return pick(post, _OF_A_POST) | {
        "developed_on": date(2016, 12, 20),
        "doc_no": "利人社发〔2016〕121号",
    }
