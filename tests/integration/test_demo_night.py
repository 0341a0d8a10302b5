"""The demo counties' night, all of it: totals in the marts, findings in the ledger, files in the outbox."""

import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import psycopg
import pytest
from database_copies import drop, put_copy
from nights import NIGHTS
from package_validator import faults
from wall_reader import (
    NOTHING,
    figures_in_sql,
    figures_of,
    marks_of,
    plain,
)
from yiku import pipeline
from yiku.demo import write_inbox
from yiku.demo.counties import SERIALS, county_files, office_tables
from yiku.demo.extras import extra_files
from yiku.demo.manifest import Manifest
from yiku.demo.official_tables import table_files
from yiku.demo.programmes import HIGH_LEVEL, LEADERS
from yiku.demo.references import GOALS, village_rows
from yiku.demo.rows import Row
from yiku.demo.world import INDUSTRIES, PLANS, County, make_county
from yiku.pipeline.wall_pages import write_wall_pages
from yiku.settings import Settings, load_settings
from yiku.wall import PAGE_NAME
from yiku.warehouse.connection import connect

NIGHT = date(2017, 11, 20)
LIZHOU, WANGCANG, ZHIJIN = "510802", "510821", "520524"
ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


@dataclass
class DemoNight:
    """What a night of the demo counties left behind."""

    settings: Settings
    manifest: Manifest
    conn: psycopg.Connection[tuple[Any, ...]]

    def one(self, query: str) -> Any:
        """Return the first row of a query, or its only value."""
        row = self.conn.execute(query).fetchone()
        assert row is not None
        return row[0] if len(row) == 1 else row


def sent_by(code: str) -> tuple[County, list[tuple[str, Row]]]:
    """Make a demo county once more, with the rows that its offices sent of each list, draw by draw as the demo does."""
    at = next(n for n, plan in enumerate(PLANS) if plan.code == code)
    rng = Random(f"2017-{code}")
    county = make_county(PLANS[at], 1, rng, serial=SERIALS[at])
    files = county_files(county, 1, rng)
    files += extra_files(county, files, rng)
    sheets = (
        s
        for f in table_files(county, office_tables(county, files, rng), rng)
        for s in f.sheets
    )
    return county, [
        (s.contract.code, r.values) for s in sheets for r in s.records
    ]


def run_night(settings: Settings, inbox: str) -> None:
    """Run the steps in the order of the DAG, the batches the other way round: which comes first is chance."""
    pipeline.open_night(settings, NIGHT, inbox)
    pulled = pipeline.pull(settings, NIGHT, inbox)
    pipeline.load_references(settings, NIGHT, pulled["reference"])
    for batch in reversed(pulled["batches"]):
        pipeline.process_batch(settings, NIGHT, batch)
    pipeline.build_marts(settings, NIGHT)
    pipeline.propose(settings, NIGHT)
    pipeline.publish(settings, NIGHT)
    pipeline.draw_wall(settings, NIGHT)
    pipeline.send_back(settings, NIGHT)
    pipeline.notify(settings, NIGHT)
    pipeline.close_night(settings, NIGHT)


@pytest.fixture(scope="module")
def demo(
    server: Settings,
    prepared: str,
    share_parse: Callable[[Settings], None],
) -> Iterator[DemoNight]:
    """Run one night of all demo counties on a warehouse of its own."""
    home = Path(tempfile.mkdtemp(prefix="yiku-demo-"))
    dsn = put_copy(server, prepared, NIGHTS)
    settings = load_settings(
        {
            "YIKU_HOME": str(home),
            "YIKU_WAREHOUSE_DSN": dsn,
            "YIKU_WORKERS": "2",
        }
    )
    share_parse(settings)
    manifest = write_inbox(home / "inbox")
    run_night(settings, str(home / "inbox"))
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield DemoNight(settings, manifest, conn)
    drop(server, NIGHTS)
    shutil.rmtree(home)


def test_lizhous_totals_come_out_exactly(demo: DemoNight) -> None:
    people, yuan = demo.one(
        "select count(distinct person_sk), sum(amount_yuan) from mart.list_training"
        f" where is_current and county_code = '{LIZHOU}'"
    )
    assert (people, yuan) == (1690, 1_624_000)
    assert (
        demo.one(
            f"select count(*) from mart.list_public_post where is_current and county_code = '{LIZHOU}'"
        )
        == 300
    )
    paid = "select sum(amount_yuan) from mart.payment where policy = '培训补贴' and pay_status = '拨付'"
    assert demo.one(f"{paid} and county_code = '{LIZHOU}'") == 1_624_000
    students = "select count(*) from mart.list_self_employment where is_current and is_student"
    assert demo.one(f"{students} and county_code = '{LIZHOU}'") == 5


def test_targets_stand_beside_what_was_reached(demo: DemoNight) -> None:
    reached = dict(
        demo.conn.execute(
            "select indicator, actual from mart.target_progress"
            f" where county_code = '{LIZHOU}' and town_code is null and actual is not null"
        ).fetchall()
    )
    assert {k: int(v) for k, v in reached.items()} == {
        k: demo.manifest.totals[k] for k in reached
    }
    assert set(demo.manifest.totals) == set(reached)


def test_prescriptions_cover_the_industries_of_wangcangs_villages(
    demo: DemoNight,
) -> None:
    county, rows = sent_by(WANGCANG)
    led = {
        (v["town_name"], v["village_name"], i)
        for v in village_rows(county)
        for i in v["industries"]
    }
    prescribed = {
        (r["town_name"], r["village_name"], r["industry"])
        for code, r in rows
        if code == "T09"
    }
    assert prescribed < led
    needed, met = (
        Counter(town for town, *_ in led),
        Counter(town for town, *_ in prescribed),
    )
    expected = {town: (met[town], of) for town, of in needed.items()} | {
        None: (97 * len(INDUSTRIES), len(led))
    }
    found = demo.conn.execute(
        "select town_name, numerator, denominator from mart.coverage where metric = 'prescription_rate_pct'"
        f" and level <> 'village' and county_code = '{WANGCANG}'"
    ).fetchall()
    assert {town: (n, of) for town, n, of in found} == expected
    gaps = "select count(*) from mart.pairing_gap where kind = 'village_without_prescription'"
    assert demo.one(f"{gaps} and county_code = '{WANGCANG}'") == len(
        led - prescribed
    )


def test_zhijins_goals_are_counted_beside_targets_without_a_number(
    demo: DemoNight,
) -> None:
    county, rows = sent_by(ZHIJIN)
    helped = {
        r["household_no"]
        for code, r in rows
        if code in ("T06h", "T07", "T13h")
    }
    taught = {
        r["id_no"]
        for code, r in rows
        if code == "T12" and r["trainee_kind"] == "贫困群众"
    }
    towns = len(county.towns)
    expected = {
        "service_experts": 8
        + 12
        + 24
        + towns
        + towns,  # of province, city, county, towns and villages
        "leaders": LEADERS,
        "new_leaders": LEADERS,
        "demo_sites": 12,
        "lead_industries": len(INDUSTRIES),
        "led_households": sum(
            h.exited
            for t in county.towns
            for h in t.households
            if h.number in helped
        ),
        "high_level_talents": HIGH_LEVEL,
        "scarce_talents": 102 - HIGH_LEVEL,
        "recruited_experts": 15,
        "taught_poor": len(taught | set(county.roles.training)),
    }
    assert set(expected) == {code for code, *_ in GOALS}
    at_county = f"county_code = '{ZHIJIN}' and level = 'county'"
    goals = f"select indicator, target, actual from mart.target_progress where {at_county}"
    found = demo.conn.execute(goals).fetchall()
    assert all(target is None for _, target, _ in found)
    assert {code: int(actual) for code, _, actual in found} == expected
    counted = f"select metric, numerator from mart.coverage where {at_county} and metric = any(%s)"
    assert (
        dict(demo.conn.execute(counted, (list(expected),)).fetchall())
        == expected
    )
    leaders = "select town_name, numerator from mart.coverage where metric = 'leaders' and level = 'town'"
    by_town = Counter(r["town_name"] for code, r in rows if code == "T17")
    assert (
        dict(
            demo.conn.execute(
                f"{leaders} and county_code = '{ZHIJIN}'"
            ).fetchall()
        )
        == by_town
    )


COUNTED = {
    f"select count(*) from mart.job_fair where county_code = '{LIZHOU}'": 9,
    f"select count(*) from mart.employment_base where is_current and county_code = '{LIZHOU}'": 10,
    f"select count(*) from mart.placement where county_code = '{LIZHOU}'": 300,
    "select count(*) from mart.entitlement where beneficiary_kind = '就业扶贫基地' and state = '未享'"
    f" and county_code = '{LIZHOU}'": 10,
    f"select sum(due_yuan) from mart.entitlement where policy = '基地奖补' and county_code = '{LIZHOU}'": 500_000,
    "select count(*) from mart.entitlement where beneficiary_kind = '职业介绍机构' and town_code is null"
    f" and county_code = '{LIZHOU}'": 2,
    "select count(*) from mart.entitlement where (beneficiary_kind = '个人') <> (person_sk is not null)": 0,
    f"select count(*) from mart.post where closed_on is null and county_code = '{LIZHOU}'": 300,
    "select count(distinct person_sk) from mart.subsidy_duplicate where kind = 'two_employers'"
    f" and county_code = '{LIZHOU}'": 3,
    f"select count(*) from mart.demonstration_village where is_complete and county_code = '{LIZHOU}'": 9,
    f"select sum(invest_yuan) from mart.demonstration_village where county_code = '{LIZHOU}'": 1_200_000,
    f"select sum(amount_yuan) from mart.fund_line where county_code = '{LIZHOU}'": 5_690_000,
    f"select count(*) from mart.place where level = 'town' and county_code = '{ZHIJIN}'": 32,
    f"select count(*) from mart.place where exit_state = '未摘帽' and county_code = '{ZHIJIN}'": 6,
    f"select count(*) from mart.place where is_poor and level = 'village' and county_code = '{ZHIJIN}'": 282,
    f"select count(*) from mart.place where is_deep and county_code = '{ZHIJIN}'": 120,
    f"select 10 * poverty_rate_pct from mart.place where level = 'county' and county_code = '{ZHIJIN}'": 198,
    "select sum(coalesce(team_size, 1)) from mart.recruited_talent where route = '绿色通道'"
    f" and talent_type in ('高层次', '急需紧缺') and county_code = '{ZHIJIN}'": 102,
    "select count(*) from mart.led_project where project_class = '山地高效生态农业' and state = '申报'"
    f" and county_code = '{ZHIJIN}'": 32,
    f"select count(distinct person_sk) from mart.returnee where county_code = '{ZHIJIN}'": 362,
    f"select sum(funds_yuan) from mart.returnee where county_code = '{ZHIJIN}'": 65_917_000,
    f"select count(distinct paired_village) from mart.returnee where county_code = '{ZHIJIN}'": 21,
    f"select count(*) from mart.expert_group where county_code = '{WANGCANG}'": 4,
    f"select count(*) from mart.expert_group_member where is_current and county_code = '{WANGCANG}'": 36,
    f"select count(*) from mart.village_team where county_code = '{WANGCANG}'": 97,
    f"select count(*) from mart.prescription where county_code = '{WANGCANG}'": 2_890,
    f"select count(distinct village_code) from mart.prescription where county_code = '{WANGCANG}'": 97,
}
RANGES = {
    f"select sum(paid_yuan) from mart.recruited_talent where talent_type = '高层次' and county_code = '{ZHIJIN}'": (
        480_001,
        489_999,
    ),
    f"select count(*) from mart.leader where is_current and county_code = '{ZHIJIN}'": (
        201,
        299,
    ),
    "select sum(amount_yuan) from mart.honour where honour = '基层人才补贴' and year = 2017"
    f" and county_code = '{ZHIJIN}'": (1, 26_000_000),
    "select count(*) from mart.consultation where mode = '远程' and answered_on is not null"
    f" and county_code = '{WANGCANG}'": (2_201, 2_299),
    f"select count(*) from mart.expert where is_technician and county_code = '{WANGCANG}'": (
        601,
        699,
    ),
    "select count(distinct household_sk) from mart.pairing_household where pair_kind = 'T05'"
    f" and county_code = '{WANGCANG}'": (16_500, 17_499),
}


@pytest.mark.parametrize("query", COUNTED)
def test_the_totals_of_the_sources_come_out_exactly(
    demo: DemoNight, query: str
) -> None:
    assert demo.one(query) == COUNTED[query]


@pytest.mark.parametrize("query", RANGES)
def test_what_the_sources_say_roughly_lies_in_its_range(
    demo: DemoNight, query: str
) -> None:
    least, most = RANGES[query]
    assert least <= demo.one(query) <= most


def test_every_planted_dirt_is_found_as_often_as_it_was_planted(
    demo: DemoNight,
) -> None:
    rows = demo.conn.execute(
        "select rule, verdict, count(*) from ops.finding group by 1, 2"
    ).fetchall()
    found = Counter({(rule, verdict): n for rule, verdict, n in rows})
    assert found == demo.manifest.findings()
    assert len({rule for rule, _ in found}) >= 45


def test_the_ledger_keeps_its_law(demo: DemoNight) -> None:
    for table in ("submission", "submission_sheet"):
        broken = demo.one(
            f"select count(*) from ops.{table} where rows_read <> rows_loaded + rows_quarantined + rows_dropped"
        )
        assert broken == 0
    assert (
        demo.one(
            "select count(*) from ops.submission where status = 'received'"
        )
        == 0
    )
    read = dict(
        demo.conn.execute(
            "select template, sum(rows_read) from ops.submission_sheet group by 1"
        ).fetchall()
    )
    raw = sum(
        demo.one(f"select count(*) from raw.{code.lower()}")
        for code in read
        if code
    )
    assert raw == sum(int(n) for code, n in read.items() if code)


def test_no_row_of_one_night_stands_beside_the_one_it_should_give_way_to(
    demo: DemoNight,
) -> None:
    given_way = (
        "select count(*) from ops.finding as f inner join raw.{} as r using "
        "(row_id) where f.rule in ('X02', 'X15')"
    )
    fates = [
        demo.one(f"{given_way.format(table)} and r.fate = 'quarantined'")
        for table in ("l1", "l5")
    ]
    kept = [
        demo.one(f"{given_way.format(table)} and r.fate <> 'quarantined'")
        for table in ("l1", "l5")
    ]
    assert min(fates) > 0
    assert kept == [0, 0]


def test_one_person_is_one_row(demo: DemoNight) -> None:
    assert (
        demo.one(
            "select count(*) - count(distinct person_sk) from mart.one_db"
        )
        == 0
    )
    assert (
        demo.one("select count(*) - count(distinct id_no) from mart.one_db")
        == 0
    )


def test_conflicts_and_double_payments_are_named(demo: DemoNight) -> None:
    kinds = dict(
        demo.conn.execute(
            "select kind, count(*) from mart.status_conflict group by 1"
        ).fetchall()
    )
    assert kinds["L3xL5"] >= 3
    blocked, paid_twice = demo.one(
        "select count(*) filter (where blocked), count(*) filter (where not blocked and pay_status = '拨付'"
        f" and right(batch_no, 1) = '补') from mart.payment where county_code = '{LIZHOU}'"
    )
    assert (blocked, paid_twice) == (3, 3)
    assert demo.one("select count(*) from mart.subsidy_duplicate") >= 6


def test_every_file_has_its_receipt_and_every_faulty_one_its_workbook(
    demo: DemoNight,
) -> None:
    outbox = demo.settings.outbox / str(NIGHT)
    receipts = {p.stem for p in outbox.rglob("R*.txt")}
    assert receipts == {
        r
        for (r,) in demo.conn.execute(
            "select receipt_no from ops.submission"
        ).fetchall()
    }
    faulty = demo.one(
        "select count(*) from ops.submission as s where status <> 'duplicate' and exists"
        " (select from ops.finding as f where f.submission_id = s.submission_id and f.verdict in ('Q', 'S', 'F'))"
    )
    workbooks = list(outbox.rglob("*.校验.xlsx"))
    refused = {
        path.name: found
        for path in workbooks
        if (found := faults(path.read_bytes()))
    }
    assert refused == {}
    assert len(workbooks) >= faulty
    assert openpyxl.load_workbook(workbooks[0]).sheetnames[0] == "校验报告"


def test_no_identity_number_leaves_the_restricted_schemas(
    demo: DemoNight,
) -> None:
    told = [
        m
        for (m,) in demo.conn.execute(
            "select message || facts::text from ops.finding"
        ).fetchall()
    ]
    told += [
        p.read_text("utf-8")
        for p in (demo.settings.outbox / str(NIGHT)).rglob("*.txt")
    ]
    views = demo.conn.execute(
        "select format('%I.%I', schemaname, name) from (select schemaname, viewname as name from pg_views union all"
        " select schemaname, tablename from pg_tables) as r where schemaname in ('mart_masked', 'published')"
    ).fetchall()
    assert len(views) > 15
    for (view,) in views:
        told += [
            str(row)
            for row in demo.conn.execute(f"select * from {view}").fetchall()
        ]
    assert not [1 for text in told if ID.search(text)], (
        "an identity number is shown where none may be"
    )


def test_every_number_on_the_wall_pages_equals_sql(demo: DemoNight) -> None:
    said = figures_in_sql(demo.conn)
    pages = sorted(demo.settings.outbox.rglob(PAGE_NAME))
    towns = sum(len(plan_towns(code)) for code in (LIZHOU, WANGCANG, ZHIJIN))
    assert len(pages) == 3 + towns
    compared = 0
    for path in pages:
        text = path.read_text("utf-8")
        assert len(text.encode()) <= 100_000
        assert not ID.search(text)
        wrong = [
            where
            for where, printed in figures_of(text)
            if where != "as_of" and plain(printed) != said.get(where, NOTHING)
        ]
        assert wrong == [], path.parent
        for code, light, rate in marks_of(text):
            here = f"coverage|{code}|four_full_pct|"
            assert said.get(here + "light", "灰") == light
            assert said.get(here + "rate_pct", NOTHING) == rate
        compared += len(figures_of(text)) + len(marks_of(text))
    assert compared > 9_000


def plan_towns(code: str) -> list[str]:
    """Return the names of a demo county's towns."""
    return [town.name for town in sent_by(code)[0].towns]


def test_the_pages_of_three_counties_are_drawn_in_two_seconds(
    demo: DemoNight, tmp_path: Path
) -> None:
    began = time.process_time()
    with connect(demo.settings, NIGHT) as conn:
        write_wall_pages(conn, tmp_path)
    assert time.process_time() - began < 2
    drawn = {
        path.relative_to(tmp_path): path.read_bytes()
        for path in tmp_path.rglob(PAGE_NAME)
    }
    night = demo.settings.outbox / NIGHT.isoformat()
    assert all(
        (night / path).read_bytes() == data for path, data in drawn.items()
    )
