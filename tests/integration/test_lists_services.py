"""The lists of services: consultations, prescriptions, visits, orders, sessions, bases, projects, returnees."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    VILLAGES,
    Nights,
    Row,
    households,
    id_number,
    members,
    towns,
    villages,
    workbook,
)
from yiku.pipeline.check import check_files
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

TOWN = "510802101"
HERE, THERE = VILLAGES[TOWN]
HOME = PEOPLE[TOWN][0]
SPRING, SUMMER, WINTER, LATER = (
    date(2017, 3, 1),
    date(2017, 6, 1),
    date(2017, 1, 1),
    date(2018, 1, 1),
)


def problem(**more: object) -> Row:
    return {
        "village_name": HERE, "asked_on": SPRING, "asker": "何建国", "industry": "茶叶", "problem": "叶片发黄",
        "urgency": "一般", "group_name": "茶叶专家服务组", "triaged_at": SPRING, "experts": "王教授、李研究员",
        "mode": "远程", "answered_on": date(2017, 3, 2), "advice": "清沟排水", "case_state": "已答复",
    } | more  # fmt: skip


def prescribed(number: str, **more: object) -> Row:
    return {
        "village_name": HERE, "rx_no": number, "industry": "茶叶", "expert": "王教授", "issued_on": SPRING,
        "symptom": "叶片发黄", "measures": "清沟排水，增施有机肥", "households": 20,
    } | more  # fmt: skip


def carried_out(**more: object) -> Row:
    return {
        "household_no": HOME.household_no, "head_name": HOME.name, "rx_no": "CF1", "technician": "李技术",
        "visited_on": SUMMER, "execution": "已落实", "effect": "好转", "signed": "是",
    } | more  # fmt: skip


def ordered(number: str, **more: object) -> Row:
    return {
        "village_name": HERE, "order_no": number, "requester": "村委会", "persons": 30, "wanted": "茶叶、核桃",
        "wanted_on": SUMMER, "ordered_on": SPRING, "dept": "农牧", "accepted_on": date(2017, 3, 5),
        "expert": "王教授", "delivered_on": date(2017, 4, 1),
    } | more  # fmt: skip


def trained(day: str, **more: object) -> Row:
    return {
        "name": "赵学员", "id_no": id_number(day), "session_no": "SD1", "order_no": "DD1", "village_name": HERE,
        "cascade": "小带土", "teacher": "王教授", "teacher_level": "县级", "held_on": SPRING, "place": "文化室",
        "topic": "茶叶", "hours": 6, "trainee_kind": "土专家",
    } | more  # fmt: skip


def base(name: str, **more: object) -> Row:
    criteria: Row = {f"c{n}": "是" for n in range(1, 7)} | {
        f"c{n}_evidence": "见材料" for n in range(1, 7)
    }
    return criteria | {
        "village_name": HERE, "base_name": name, "year": 2017, "industry": "茶叶", "layer": "点", "entity": "合作社",
        "uscc": "93510802844413702T", "scale": 100, "uom": "亩", "expert": "王教授", "households": 20,
        "share_households": 10, "project_no": "扶项1号", "score": 90, "selected_on": WINTER, "effect": "明显",
        "assessed_on": SUMMER,
    } | more  # fmt: skip


def member_of_base(**more: object) -> Row:
    return {
        "household_no": HOME.household_no, "head_name": HOME.name, "base_name": "茶园", "how": "入股",
        "share_yuan": 2000, "valid_from": SPRING,
    } | more  # fmt: skip


def project(name: str, **more: object) -> Row:
    return {
        "village_name": HERE, "project": name, "leader": "孙领办", "id_no": id_number("19700101"),
        "phone": "13900000001", "leader_kind": "乡土人才", "how": "领办", "project_class": "山地高效生态农业",
        "industry": "茶叶", "invest_yuan": 200000, "policies": "信贷支持", "households": 10, "filed_on": SPRING,
        "state": "申报",
    } | more  # fmt: skip


def returned(day: str, **more: object) -> Row:
    return {
        "name": "钱返乡", "id_no": id_number(day), "phone": "13900000002", "from_place": "浙江省杭州市",
        "returned_on": SPRING, "project": "茶厂", "funds_yuan": "18.2", "paired_village": THERE, "jobs": 3,
    } | more  # fmt: skip


BROKEN = {
    "T08": ([problem(), problem(asked_on=date(2017, 3, 3), asker="赵大"), problem(asker="钱二", experts=None),
             problem(asker="孙三", answered_on=None, advice=None, experts=None), problem(asker="李四", asked_on=LATER)],
            {("T08", 5), ("R01", 6), ("R01", 7), ("T08", 8)}),
    "T09": ([prescribed("CF1"), prescribed("CF2", valid_to=WINTER), prescribed("CF3", measures=None)],
            {("T08", 5), ("R01", 6)}),
    "T10": ([carried_out(), carried_out(rx_no="CF2", visited_on=LATER), carried_out(rx_no="CF3", execution="好像吧")],
            {("T08", 5), ("C13", 6)}),
    "T11": ([ordered("D1"), ordered("D2", dept=None, accepted_on=None), ordered("D3", accepted_on=WINTER),
             ordered("D4", delivered_on=date(2017, 3, 3)), ordered("D5", expert=None)],
            {("K65", 5), ("R01", 5), ("T08", 6), ("T08", 7), ("R01", 8)}),
    "T12": ([trained("19800101"), trained("19800102", teacher_level="乡级"),
             trained("19800103", teacher_level="县级", trainee_kind="小专家"),
             trained("19800104", teacher_level="乡级", trainee_kind="贫困群众")],
            {("K66", 5), ("K79", 5), ("K66", 6), ("K79", 7)}),
    "T13": ([base("甲园", award_yuan=50000), base("乙园", c5="否"), base("丙园", project_no=None),
             base("丁园", share_households=0), base("戊园", effect="一般", award_yuan=50000),
             base("己园", selected_on=None, cited_on=SUMMER)],
            {("K67", 5), ("K68", 6), ("K68", 7), ("K69", 8), ("K69", 9)}),
    "T13h": ([member_of_base(), member_of_base(base_name="核桃园", valid_to=WINTER)], {("T08", 5)}),
    "T14": ([project("甲项目"), project("乙项目", leader_kind="党政人才"), project("丙项目", filed_on=LATER)],
            {("K70", 5), ("T08", 6)}),
    "T15": ([returned("19750101"), returned("19750102", funds_yuan=None), returned("19750103", returned_on=LATER),
             returned("19750104", paired_village="桃花源村"), returned("19750105", paired_village=f"{HERE}、{THERE}")],
            {("R01", 5), ("T08", 6), ("X06", 7), ("X06", 8)}),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_row_is_told_and_a_clean_one_is_not(
    code, tmp_path, monkeypatch
):
    monkeypatch.setenv("YIKU_WORKERS", "1")
    rows, expected = BROKEN[code]
    folder = Path(tmp_path / COUNTY / "county")
    folder.mkdir(parents=True)
    books = {
        "V01": villages(),
        "V02": towns(),
        "H01": households(),
        "H02": members(),
        code: rows,
    }
    for name, content in books.items():
        (folder / f"{name}.xlsx").write_bytes(workbook(name, content))
    paths = sorted(folder.iterdir())
    found = check_files(paths, None).findings
    told = {
        (f["rule"], f["row"])
        for f in found
        if f["file"] == f"{code}.xlsx" and f["row"] is not None
    }
    assert {t for t in told if t[0] != "R02"} == expected


ADVICE = "冬季清园一次，剪除病枝并集中烧毁，萌芽前喷施石硫合剂，五月上旬再喷一次波尔多液，注意排水，增施有机肥"
COPY = "今季清园一次，剪除病枝并集中烧毁，萌芽前喷施石硫合剂，五月上旬再喷一次波尔多液，注意排水，增施有机粪"


def paired(**more: object) -> Row:
    return {
        "household_no": HOME.household_no, "head_name": HOME.name, "technician": "李技术",
        "tech_id": id_number("19800101"), "industry": "茶叶", "paired_on": WINTER,
    } | more  # fmt: skip


def leader(**more: object) -> Row:
    return {
        "village_name": HERE, "industry": "茶叶", "member": "王教授", "role": "团长", "member_kind": "科研院所专家",
        "appointed_on": WINTER,
    } | more  # fmt: skip


def told(nights: Nights, rule: str) -> list[tuple[str, str, int]]:
    """Return file, verdict and row of what senders were told by a rule."""
    return nights.rows(
        "select s.file_name, f.verdict, f.row_no from ops.finding as f"
        " inner join ops.submission as s using (submission_id) where f.rule = %s order by 1, 3",
        rule,
    )  # type: ignore[return-value]


def returned_text(outbox: Path, name: str) -> str:
    """Return all that the return workbook of a file says."""
    (path,) = outbox.rglob(f"{name}.校验.xlsx")
    book = openpyxl.load_workbook(path)
    return "".join(
        str(c)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for c in row
        if c
    )


def test_a_strange_technician_and_an_outsider_are_told_to_their_senders(
    nights,
):
    rows = {
        "H01": [{**h, "industries": "茶叶"} for h in households()],
        "T04": [leader()],
        "T05": [paired()],
        "T09": [
            prescribed("CF1"),
            prescribed(
                "CF2",
                expert="孙外人",
                symptom="长势偏弱",
                measures="施肥三次，浅耕",
            ),
        ],
        "T10": [
            carried_out(),
            carried_out(technician="赵技术", visited_on=date(2017, 7, 1)),
        ],
    }
    for code, held in rows.items():
        nights.put(
            "county" if code == "H01" else TOWN,
            f"{code}.xlsx",
            workbook(code, held),
        )
    outbox = nights.run()
    outsider, stranger = (
        "开方专家不在该村科技扶贫特派团内。",
        "入户的技术员不是该户的结对技术员。",
    )
    assert told(nights, "K73") == [("T09.xlsx", "W", 5)]
    assert told(nights, "K72") == [("T10.xlsx", "W", 5)]
    assert outsider in returned_text(outbox, "T09.xlsx")
    assert stranger in returned_text(outbox, "T10.xlsx")
    assert nights.rows(
        "select rx_no, is_by_outsider from mart.prescription order by 1"
    ) == [
        ("CF1", False),
        ("CF2", True),
    ]


def test_a_copy_and_a_new_village_are_known_a_night_later(nights):
    """What was judged before is judged again: the original of a copy arrives, the county's list has a new village."""
    theirs = [
        prescribed("CF2", village_name=THERE, issued_on=SUMMER, measures=COPY)
    ]
    nights.put(TOWN, "抄来的.xlsx", workbook("T09", theirs))
    helped = [
        returned("19750101"),
        returned("19750102", paired_village="桃花源村"),
    ]
    nights.put("county", "返乡.xlsx", workbook("T15", helped))
    nights.run()
    assert told(nights, "K71") == []
    assert told(nights, "X06") == [("返乡.xlsx", "Q", 5)]
    paired = "select paired_village_code from mart.returnee order by 1"
    assert nights.rows(paired) == [("510802101201",)]
    new = {
        **villages()[0],
        "village_code": "510802100209",
        "village_name": "桃花源村",
    }
    nights.put(
        "county",
        "新村.xlsx",
        workbook("V01", [new], title="村名录补报", filled=None),
    )
    nights.put(
        TOWN,
        "原方.xlsx",
        workbook("T09", [prescribed("CF1", measures=ADVICE)]),
    )
    for later in (1, 2):
        outbox = nights.run(DAY + timedelta(days=later))
        assert told(nights, "K71") == [("抄来的.xlsx", "W", 4)]
        if later == 1:
            assert "这张处方与另一个村的处方内容基本相同。" in returned_text(
                outbox, "抄来的.xlsx"
            )
            assert (told(nights, "X06"), nights.rows(paired)) == (
                [],
                [("510802100209",), ("510802101201",)],
            )
    assert nights.rows(
        "select rx_no, is_copied from mart.prescription order by 1"
    ) == [
        ("CF1", False),
        ("CF2", True),
    ]
    (number,) = nights.rows(
        "select submission_id from ops.submission where file_name = '原方.xlsx'"
    )[0]
    with closing(connect(nights.settings)) as conn:
        undo(conn, number)
    nights.run(DAY + timedelta(days=3))
    assert nights.rows(
        "select rx_no, is_copied from mart.prescription order by 1"
    ) == [("CF2", False)]
