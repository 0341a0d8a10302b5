"""The companion lists of the employment side: their rules within a row, and what other lists say of their claims."""

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
    post,
    work,
    workbook,
)
from stdnum.cn import uscc
from yiku.pipeline.check import check_files

TOWN = "510802101"
HERE, THERE = VILLAGES[TOWN]
ONE, TWO, THREE = PEOPLE[TOWN][:3]
STUDENT = PEOPLE[TOWN][3]
IN_MARCH = date(2017, 3, 10)


def _code(body: str) -> str:
    return body + str(uscc.calc_check_digit(body))


FACTORY, FARM, AGENCY, SHOP = map(
    _code,
    (
        "91510802MA6250001",
        "93510802MA6250002",
        "91510802MA6250003",
        "92510802MA6250004",
    ),
)


def fair(**more: object) -> Row:
    return {
        "fair_no": "1", "held_on": IN_MARCH, "place": "荣山镇广场", "organiser": "区就业局", "employers": 20,
        "posts": 400,
        "attendees": 300, "poor_attendees": 120, "intents": 80, "hired": 40, "cost_yuan": 30000,
    } | more  # fmt: skip


def placement(person=ONE, **more: object) -> Row:
    return {
        "town_name": TOWNS[person.town], "village_name": person.village, "name": person.name, "id_no": person.id_no,
        "agency": "利民人力资源公司", "agency_uscc": AGENCY, "employer": "鑫源鞋厂有限公司",
        "placed_on": date(2017, 3, 1),
        "is_free": "是", "stable_6m": "是", "grant_yuan": 600,
    } | more  # fmt: skip


def base(**more: object) -> Row:
    return {
        "base_name": "鑫源鞋厂", "uscc": FACTORY, "ent_type": "企业", "address": "荣山镇工业园", "workers": 60,
        "recognised_on": date(2017, 1, 5), "poor_workers": 12, "award_yuan": 50000,
    } | more  # fmt: skip


def award(**more: object) -> Row:
    return {
        "employer": "鑫源鞋厂有限公司", "uscc": FACTORY, "claimant_type": "企业", "workers": 1, "list_ref": "花名册1",
        "from_month": "2017年4月", "to_month": "2017年6月", "award_yuan": 1000,
    } | more  # fmt: skip


def collective(**more: object) -> Row:
    row = {
        "town_name": TOWNS[TOWN],
        "village_name": HERE,
        "quarter": "2017年第一季度",
        "persons": 1,
        "fund_yuan": 2000,
    }
    return row | more


def loan(person=ONE, **more: object) -> Row:
    return {
        "name": person.name, "id_no": person.id_no, "entity": "某农场", "bank": "农村信用社", "loan_yuan": 100000,
        "rate_pct": "4.35%", "loan_from": date(2017, 1, 1), "loan_to": date(2017, 12, 31), "interest_yuan": 4350,
    } | more  # fmt: skip


def training(**more: object) -> Row:
    return {
        "class_no": "LZ-01", "train_type": "就业技能", "occupation": "电工", "org_name": "蜀道培训学校",
        "plan_size": 40,
        "start_on": date(2017, 5, 1), "end_on": date(2017, 5, 10), "mode": "集中培训",
    } | more  # fmt: skip


def fund(**more: object) -> Row:
    return {
        "year": 2017, "fund_name": "就业补助资金", "fund_source": "省级", "doc_no": "川财社1号", "purpose": "基地奖补",
        "amount_yuan": 500000,
    } | more  # fmt: skip


def meeting(**more: object) -> Row:
    return {
        "held_on": IN_MARCH,
        "level": "县级",
        "body": "作战指挥部",
        "topic": "一季度推进会",
        "decision": "建台账",
    } | more


def finding(**more: object) -> Row:
    return {
        "round": "2017年第一季度", "found_on": IN_MARCH, "unit": TOWNS[TOWN], "problem": "台账不全", "owner": "王建国",
        "due": date(2017, 4, 10),
    } | more  # fmt: skip


def developed(**more: object) -> Row:
    return {
        "town_name": TOWNS[TOWN], "village_name": HERE, "post_no": "G-001", "post_type": "保洁员",
        "manager_unit": f"{HERE}委会", "developed_on": date(2017, 1, 1),
    } | more  # fmt: skip


PROOFS = {2: "李明 13900000001", 4: f"前哨合作社{FARM}", 6: "鑫源鞋厂"}


def items(village: str, **more: object) -> list[Row]:
    return [
        {
            "town_name": TOWNS[TOWN], "village_name": village, "item_no": n, "done": "是", "invest_yuan": 17500,
            "evidence": PROOFS.get(n, "见照片"), "done_on": date(2017, 10, n),
        } | more
        for n in range(1, 9)
    ]  # fmt: skip


BROKEN = {
    "E03": ([fair(), fair(place="大石镇", intents=301), fair(place="高坑", hired=81),
             fair(place="甲地", poor_attendees=301)],
            [("K35", "W", 5), ("K35", "W", 6), ("K26", "W", 7)]),
    "E04": ([placement(), placement(TWO, is_free="否"), placement(THREE, stable_6m=None),
             placement(STUDENT, stable_6m="否")],
            [("K36", "Q", 5), ("K36", "Q", 6), ("K36", "Q", 7)]),
    "E05": ([base(), base(uscc=FARM, poor_workers=9), base(uscc=AGENCY, workers=11)],
            [("K37", "Q", 5), ("K26", "W", 6)]),
    "E06": ([*items(HERE)[:4], *({**r, "evidence": "有专人"} for r in items(THERE)[:4]),
             items(THERE)[4] | {"item_no": 9}],
            [("K46", "W", 9), ("K46", "W", 11), ("N04", "W", 12), ("K29", "Q", 12)]),
    "E07": ([award(), award(uscc=FARM, to_month="2017年3月"), award(employer=ONE.name, uscc=ONE.id_no),
             award(claimant_type="大学生", uscc=SHOP, workers=None, list_ref=None), award(uscc=AGENCY, workers=None)],
            [("T08", "Q", 5), ("K38", "Q", 6), ("K38", "Q", 7), ("R01", "Q", 8)]),
    "E08": ([collective(), collective(village_name=THERE, quarter="第五季度")], [("T06", "Q", 5)]),
    "E09": ([loan(), loan(TWO, loan_to=date(2016, 12, 31))], [("T08", "Q", 5)]),
    "E10": ([training(), training(class_no="LZ-02", end_on=date(2017, 4, 30))], [("T08", "Q", 5)]),
    "E11": ([fund(), fund(purpose="不知道")], [("C13", "Q", 5)]),
    "E13": ([meeting(), meeting(level="国家级")], [("C13", "Q", 5)]),
    "E14": ([finding(), finding(problem="甲", due=date(2017, 3, 9)), finding(problem="乙", closed_on=date(2017, 3, 9)),
             finding(problem="丙", result="未发现问题"), finding(problem=None, owner=None, due=None, result="未走访"),
             finding(problem=None, owner=None, due=None, result="未发现问题"),
             finding(problem=None, result="发现问题")],
            [("T08", "Q", 5), ("T08", "Q", 6), ("K82", "Q", 7), ("K82", "Q", 8), ("R01", "Q", 10)]),
    "E15": ([developed(), developed(post_no="G-002", closed_on=date(2016, 12, 31))], [("T08", "Q", 5)]),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_row_is_told_and_a_clean_one_is_not(
    code, tmp_path, monkeypatch
):
    monkeypatch.setenv("YIKU_WORKERS", "1")
    rows, expected = BROKEN[code]
    path = Path(tmp_path / COUNTY / "county" / f"{code}.xlsx")
    path.parent.mkdir(parents=True)
    path.write_bytes(workbook(code, rows))
    told = [
        (f["rule"], f["verdict"], f["row"])
        for f in check_files([path]).findings
    ]
    assert sorted(
        t for t in told if t[1] in "QWS" and t[0] not in ("R02", "X07")
    ) == sorted(expected)


def lists() -> dict[str, bytes]:
    """Lay out claims with what bears them out, and beside each one that nothing bears out."""
    shoes = {
        "employer": "鑫源鞋厂",
        "employer_uscc": FACTORY,
        "channel": "村集体组织",
        "start_on": date(2017, 3, 20),
    }
    rows = {
        "L3": [work(ONE, **shoes), work(TWO, employer="青峰合作社", employer_uscc=FARM, start_on=date(2017, 4, 1))],
        "L5": [post(THREE, post_no="G-001"), post(STUDENT, post_no="G-001", start_on=date(2017, 6, 1))],
        "E03": [fair()],
        "E04": [placement(), placement(TWO), placement(placed_on=date(2017, 4, 15), grant_yuan=None)],
        "E05": [base()],
        "E06": [*items(ONE.village), *({**r, "evidence": r["evidence"].replace("鑫源", "别家")} for r in items(THERE))],
        "E07": [award(), award(employer="另一厂", uscc=FARM, claimant_type="合作社", workers=3)],
        "E08": [collective(village_name=ONE.village), collective(village_name=THERE, persons=4)],
        "E09": [loan()],
        "E10": [training()],
        "E11": [fund(), fund(doc_no="川财社2号", purpose="招聘会经费", amount_yuan=10000)],
        "E13": [meeting()],
        "E14": [finding()],
        "E15": [developed(), developed(post_no="G-002")],
        "E02": [paid("招聘会经费", "区就业局", FARM, 30000, fund_source="省"),
                paid("基地奖补", "鑫源鞋厂", FACTORY, 49000)],
    }  # fmt: skip
    return {code: workbook(code, held) for code, held in rows.items()}


def paid(policy: str, payee: str, code: str, yuan: int, **more: object) -> Row:
    return {
        "policy": policy, "period": "2017年5月", "payee": payee, "payee_id": code, "amount_yuan": yuan, "batch_no": "1",
        "account_no": f"62170000000{yuan:08}", "account_name": payee, "pay_status": "拨付", "paid_on": date(2017, 6, 1),
    } | more  # fmt: skip


def test_claims_are_held_against_the_other_lists(nights):
    for code, data in lists().items():
        nights.put(
            TOWN if code.startswith("L") or code == "E08" else "county",
            f"{code}.xlsx",
            data,
        )
    nights.take_in()
    nights.build()
    told = {
        code: [
            (rule, row)
            for rule, _, row, _ in nights.findings(f"{code}.xlsx")
            if rule[0] == "K"
        ]
        for code in lists()
    }
    assert told == {
        "L3": [], "L5": [("K45", 5)], "E03": [], "E04": [("K40", 5), ("K49", 6)], "E05": [("K41", 4), ("K48", 4)],
        "E06": [("K46", 17)], "E07": [("K41", 5)], "E08": [("K42", 5)], "E09": [], "E10": [], "E11": [("K47", 5)],
        "E13": [], "E14": [], "E15": [], "E02": [("K48", 5)],
    }  # fmt: skip
    villages = "select village_name, is_complete, invest_yuan::integer from mart.demonstration_village order by 2"
    assert nights.rows(villages) == [
        (THERE, False, 140000), (ONE.village, True, 140000),
    ]  # fmt: skip
    shown = (
        "select indicator, actual::integer from core.int_targets__indicator_actual"
        " where town_code is null and indicator = any (%s)"
    )
    wanted = [
        "placements",
        "job_fairs",
        "bases",
        "demo_villages",
        "demo_fund_yuan",
        "policy_fund_yuan",
    ]
    assert dict(nights.rows(shown, wanted)) == {
        "placements": 2, "job_fairs": 1, "bases": 1, "demo_villages": 1, "demo_fund_yuan": 280000,
        "policy_fund_yuan": 79000,
    }  # fmt: skip
    assert nights.rows("select kind from mart.subsidy_duplicate") == [
        ("same_placement",)
    ]
    assert nights.rows("select post_no, is_filled, is_vacant, is_double from mart.post order by 1") == [
        ("G-001", True, False, True), ("G-002", False, True, False),
    ]  # fmt: skip
    assert nights.rows("select spent_yuan::integer, is_overspent from mart.fund_line order by 1") == [
        (30000, True), (49000, False),
    ]  # fmt: skip
    states = "select list, state from mart.reconciliation where list in ('E03', 'E05', 'E06') order by 1, 2"
    assert nights.rows(states) == [
        ("E03", "一致"),
        ("E05", "未付清"),
        ("E06", "未发放"),
        ("E06", "未发放"),
    ]


def test_what_the_missing_list_bears_out_is_asked_about_no_more(nights):
    """A placement, an employer and a fund line that other lists contradict, until those lists come in full."""
    shoes = {
        "employer": "鑫源鞋厂",
        "employer_uscc": FACTORY,
        "start_on": date(2017, 3, 20),
    }
    nights.put(TOWN, "L3.xlsx", workbook("L3", [work(ONE, **shoes)]))
    nights.put(
        "county", "E04.xlsx", workbook("E04", [placement(), placement(TWO)])
    )
    nights.put("county", "E07.xlsx", workbook("E07", [award(workers=2)]))
    nights.put(
        "county",
        "E11.xlsx",
        workbook("E11", [fund(purpose="招聘会经费", amount_yuan=10000)]),
    )
    nights.put(
        "county",
        "E02.xlsx",
        workbook(
            "E02",
            [paid("招聘会经费", "区就业局", FARM, 30000, fund_source="省")],
        ),
    )
    nights.run()
    told = "select template, rule, row_no, closed_on, closed_by from ops.finding where rule like 'K4%%' order by 1, 2"
    asked = [
        ("E04", "K40", 5, None, None),
        ("E07", "K41", 4, None, None),
        ("E11", "K47", 4, None, None),
    ]
    assert nights.rows(told) == asked
    later = DAY + timedelta(days=1)
    nights.put(TOWN, "L3补报.xlsx", workbook("L3", [work(TWO, **shoes)]))
    nights.run(later)
    withdrawn = [(*line[:3], later, None) for line in asked[:2]]
    assert nights.rows(told, day=later) == [*withdrawn, asked[2]]
