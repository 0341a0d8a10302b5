"""Which of several files about one row counts, whatever they leave out and in whatever order they come."""

import io
import random
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from nights import DAY, PEOPLE, TOWNS, labourer, work, workbook
from yiku import pipeline
from yiku.warehouse.connection import connect

TOWN = next(iter(TOWNS))
HERE = PEOPLE[TOWN]


def later(days):
    return DAY + timedelta(days=days)


def together(**sheets):
    """Return one workbook of the first sheets of several, under other names."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, data in sheets.items():
        page = book.create_sheet(name)
        for row in openpyxl.load_workbook(io.BytesIO(data)).active.values:
            page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wages(nights, day):
    return dict(
        nights.rows(
            "select name, wage_yuan::int from raw.l3_now order by name",
            day=day,
        )
    )


def test_the_newest_sheet_counts_though_its_clerk_forgot_the_fill_date(nights):
    rows = [work(p) for p in HERE[:4]]
    rows[0] |= {"region": None}
    nights.put(TOWN, "十一月.xlsx", workbook("L3", rows))
    nights.take_in()
    better = [work(p, wage_yuan=4000) for p in HERE[:4]]
    newer = workbook(
        "L3",
        better,
        title="2017年12月转移就业名单",
        filled=None,
        saved=datetime(2017, 12, 20),
    )
    nights.put(TOWN, "十二月.xlsx", newer)
    nights.take_in(date(2017, 12, 20))
    assert set(wages(nights, date(2017, 12, 20)).values()) == {4000}
    assert nights.statuses()["十二月.xlsx"] == ("loaded", None, 4, 4, 0, 0)
    assert [f for f in nights.findings("十一月.xlsx") if f[0] == "R01"] == [
        ("R01", "Q", 4, False)
    ]
    # An older one that comes last closes nothing and changes nothing.
    older = [work(p, wage_yuan=2000) for p in HERE[:4]] + [
        work(HERE[4], region=None)
    ]
    nights.put(
        TOWN, "旧.xlsx", workbook("L3", older, filled=date(2017, 11, 2))
    )
    nights.put(
        TOWN,
        "更旧.xlsx",
        workbook(
            "L3", [work(HERE[4], wage_yuan=1500)], filled=date(2017, 11, 1)
        ),
    )
    nights.take_in(date(2017, 12, 21))
    assert wages(nights, date(2017, 12, 21)) == {
        p.name: 4000 for p in HERE[:4]
    } | {HERE[4].name: 1500}
    assert [f for f in nights.findings("旧.xlsx") if f[0] == "R01"] == [
        ("R01", "Q", 8, True)
    ]


def test_a_workbook_that_keeps_its_months_ends_with_the_last(nights):
    def month(n, **more):
        return workbook(
            "L3",
            [work(p, **more) for p in HERE[: n - 4]],
            title=f"2017年{n}月转移就业名单",
            filled=None,
        )

    months = {
        "9月": month(9),
        "10月": month(10),
        "11月": month(11, wage_yuan=3500),
    }
    nights.put(TOWN, "L3.xlsx", together(**months))
    nights.take_in()
    assert wages(nights, DAY) == {p.name: 3500 for p in HERE[:7]}
    assert nights.statuses()["L3.xlsx"] == ("loaded", None, 18, 7, 0, 11)
    assert nights.findings("L3.xlsx") == []


def test_of_rows_that_contradict_one_another_none_stands_nor_a_copy_of_one(
    nights,
):
    rows = [labourer(p) for p in HERE[:4]]
    nights.put(
        TOWN,
        "L1.xlsx",
        workbook(
            "L1",
            [*rows, rows[1], labourer(HERE[1], emp_intent="省外"), rows[2]],
        ),
    )
    nights.take_in()
    assert nights.statuses()["L1.xlsx"] == ("partly_loaded", None, 7, 3, 3, 1)
    assert nights.rows(
        "select count(*) from raw.l1_now where id_no = %s", HERE[1].id_no
    ) == [(0,)]


def test_a_row_whose_copy_is_sent_back_stands_in_for_it(nights):
    once = [labourer(p) for p in HERE[:3]]
    nights.put(TOWN, "一.xlsx", workbook("L1", once))
    nights.put(
        TOWN,
        "二补报.xlsx",
        workbook(
            "L1", [once[0], labourer(HERE[5])], filled=date(2017, 11, 16)
        ),
    )
    nights.take_in()
    assert nights.statuses()["二补报.xlsx"][2:] == (2, 1, 0, 1)
    who = "select count(*) from raw.l1_now where id_no = %s"
    with connect(
        nights.settings, DAY
    ) as conn:  # as if another list had spoken against it
        conn.execute(
            "update raw.l1 set fate = 'quarantined' where id_no = %s and fate = 'loaded'",
            (HERE[0].id_no,),
        )
    assert nights.rows(who, HERE[0].id_no) == [(0,)]
    nights.take_in(later(1))
    assert nights.statuses()["二补报.xlsx"][2:] == (2, 2, 0, 0)
    assert nights.rows(who, HERE[0].id_no, day=later(1)) == [(1,)]


def test_what_a_clerk_took_out_is_not_brought_back_by_an_older_list(nights):
    rows = [labourer(p) for p in HERE[:3]]
    nights.put(TOWN, "一.xlsx", workbook("L1", rows))
    nights.take_in()
    with connect(nights.settings, DAY) as conn:
        conn.execute(
            "insert into ops.withdrawn_row (template, key, submission_id, row_no, version)"
            " select 'L1', key, submission_id, row_no, version from raw.l1 where id_no = %s",
            (HERE[0].id_no,),
        )
    nights.put(TOWN, "旧.xlsx", workbook("L1", rows, filled=date(2017, 11, 2)))
    nights.take_in(later(1))
    found = nights.rows(
        "select id_no from raw.l1_now order by 1", day=later(1)
    )
    assert found == [
        (p.id_no,) for p in sorted(HERE[1:3], key=lambda p: p.id_no)
    ]


def files():
    """Return versions of one list of which each lacks something, by what they say."""
    rows = {
        n: [work(p, wage_yuan=3000 + 100 * n) for p in HERE[n : n + 4]]
        for n in range(5)
    }
    rows[4] += rows[0][:1]  # back to what was said first
    rows[2] += rows[2][:1]
    rows[1][0] |= {"region": None}
    return {
        "甲.xlsx": workbook("L3", rows[0], filled=date(2017, 11, 10)),
        "乙.xlsx": workbook(
            "L3", rows[1], filled=None, saved=datetime(2017, 11, 12)
        ),
        "丙补报.xlsx": workbook("L3", rows[2], filled=date(2017, 11, 13)),
        "丁.xlsx": workbook(
            "L3",
            rows[3],
            title="2017年10月转移就业名单",
            filled=None,
            saved=datetime(2017, 11, 15),
        ),
        "戊更正.xlsx": workbook(
            "L3", rows[4], filled=None, saved=datetime(2017, 11, 16)
        ),
    }


@pytest.fixture(scope="module")
def outcomes():
    """What counted after the first order; the others must equal it."""
    return []


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_any_order_and_any_split_into_nights_give_the_same_rows(
    nights, outcomes, seed
):
    order, chance = list(files()), random.Random(seed)
    if seed is not None:
        chance.shuffle(order)
    for name in order:
        nights.put(TOWN, name, files()[name])
        if seed is not None and chance.random() < 0.5:
            nights.take_in()
    nights.take_in()
    outcomes.append(
        nights.rows(
            "select key, content_hash, name, wage_yuan, version::text ~ '^2017' from raw.l3_now order by 1"
        )
    )
    assert len(outcomes[0]) == 8
    assert outcomes[-1] == outcomes[0]
    assert nights.rows(LAW) == []


# A row that was dropped because another one says the same points to one that was loaded, and says the same.
LAW = """
select d.row_no from raw.l3 as d
where d.fate = 'dropped' and d.fate_rule <> 'X12'
and not exists (select from raw.l3 as l where l.fate = 'loaded' and l.key = d.key and l.content_hash = d.content_hash)
"""


def test_judged_again_in_another_month_a_list_without_a_date_speaks_for_its_own(
    nights,
):
    nights.put(
        TOWN,
        "L1.xlsx",
        workbook("L1", [labourer(HERE[0])], title="基础信息名单", filled=None),
    )
    nights.take_in()
    with connect(nights.settings, DAY) as conn:
        conn.execute(
            "update ops.submission set replay = true where file_name = 'L1.xlsx'"
        )
        ((number,),) = conn.execute(
            "select submission_id from ops.submission where file_name = 'L1.xlsx'"
        ).fetchall()
    before = nights.rows("select period, as_of, version from raw.l1")
    nights.end()
    pipeline.open_night(nights.settings, date(2017, 12, 5), str(nights.inbox))
    pipeline.process_batch(
        nights.settings, date(2017, 12, 5), {"submissions": [number]}
    )
    assert nights.rows("select period, as_of, version from raw.l1") == before


def meeting(**more):
    said = {
        "held_on": date(2017, 11, 3),
        "level": "县",
        "body": "脱贫攻坚指挥部",
        "topic": "推进就业扶贫",
    }
    return said | {"decision": "逐户核实"} | more


def care(name, **more):
    return {
        "name": name,
        "care": "走访慰问",
        "held_on": date(2017, 11, 3),
        "content": "听取意见",
    } | more


def test_what_a_county_numbers_and_dates_for_itself_is_no_version_of_anothers(
    nights,
):
    """Two counties meet on one day about one thing; two unnamed acts of care are equal in every word."""
    nights.put("county", "会议.xlsx", workbook("E13", [meeting()]))
    nights.put(
        "county",
        "关爱.xlsx",
        workbook(
            "T20",
            [care("何某"), care("何某"), care("何某", content="送药上门")],
        ),
    )
    nights.take_in()
    nights.put(
        "county",
        "会议.xlsx",
        workbook("E13", [meeting(decision="集中销号")]),
        county="510821",
    )
    nights.put(
        "county", "关爱.xlsx", workbook("T20", [care("何某")]), county="510821"
    )
    nights.put(
        "county",
        "关爱又.xlsx",
        workbook("T20", [care("何某", remark=None), care("钱某")]),
    )
    nights.take_in(later(1))
    known = "select county_code, {} from raw.{}_now order by 1, 2"
    resolved = [("510802", "逐户核实"), ("510821", "集中销号")]
    assert (
        nights.rows(known.format("decision", "e13"), day=later(1)) == resolved
    )
    told = [
        ("510802", "何某"),
        ("510802", "何某"),
        ("510802", "钱某"),
        ("510821", "何某"),
    ]
    assert nights.rows(known.format("name", "t20"), day=later(1)) == told
    dropped = "select s.file_name, r.fate_rule from raw.t20 as r join ops.submission as s using (submission_id)"
    assert sorted(nights.rows(dropped + " where r.fate = 'dropped'")) == [
        ("关爱.xlsx", "X01"),
        ("关爱又.xlsx", "F09"),
    ]
    assert nights.findings("关爱又.xlsx") == [("F10", "W", None, True)]


def test_a_row_that_came_without_its_key_is_known_by_its_name_when_it_comes_mended(
    nights,
):
    rows = [work(p) for p in HERE[:4]]
    nights.put(
        TOWN,
        "名单.xlsx",
        workbook("L3", [rows[0] | {"start_on": "某天"}, *rows[1:]]),
    )
    nights.take_in()
    assert [
        f[:3] for f in nights.findings("名单.xlsx") if f[3] and f[1] == "Q"
    ] == [("T06", "Q", 4)]
    nights.put(
        TOWN,
        "名单改.xlsx",
        workbook("L3", rows, saved=datetime(2017, 11, 21, 9)),
    )
    nights.take_in(later(1))
    assert [
        f for f in nights.findings("名单.xlsx") if f[3] and f[1] == "Q"
    ] == []
