"""The demo counties' night, all of it: totals in the marts, findings in the ledger, files in the outbox."""

import re
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from psycopg import sql
from yiku import pipeline
from yiku.demo import write_inbox
from yiku.demo.inbox import Manifest
from yiku.settings import Settings, load_settings
from yiku.warehouse import embedded

NIGHT = date(2017, 11, 20)
LIZHOU = "510802"
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


def run_night(settings: Settings, inbox: str) -> None:
    """Run the steps in the order of the DAG."""
    pipeline.open_night(settings, NIGHT, inbox)
    pulled = pipeline.pull(settings, NIGHT, inbox)
    pipeline.load_references(settings, NIGHT, pulled["reference"])
    for batch in pulled["batches"]:
        pipeline.process_batch(settings, NIGHT, batch)
    pipeline.build_marts(settings, NIGHT)
    pipeline.propose(settings, NIGHT)
    pipeline.publish(settings, NIGHT)
    pipeline.send_back(settings, NIGHT)
    pipeline.notify(settings, NIGHT)
    pipeline.close_night(settings, NIGHT)


@pytest.fixture(scope="module")
def demo(server: Settings, prepared: str) -> Iterator[DemoNight]:
    """Run one night of all demo counties on a warehouse of its own."""
    home = Path(tempfile.mkdtemp(prefix="yiku-demo-"))
    name = f"demo_{uuid.uuid4().hex}"
    with psycopg.connect(embedded.dsn(server, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(prepared)))
        dsn = embedded.dsn(server, name)
        settings = load_settings({"YIKU_HOME": str(home), "YIKU_WAREHOUSE_DSN": dsn, "YIKU_WORKERS": "2"})
        manifest = write_inbox(home / "inbox")
        run_night(settings, str(home / "inbox"))
        with psycopg.connect(dsn, autocommit=True) as conn:
            yield DemoNight(settings, manifest, conn)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    shutil.rmtree(home)


def test_lizhous_totals_come_out_exactly(demo: DemoNight) -> None:
    people, yuan = demo.one(
        "select count(distinct person_sk), sum(amount_yuan) from mart.list_training"
        f" where is_current and county_code = '{LIZHOU}'"
    )
    assert (people, yuan) == (1690, 1_624_000)
    assert demo.one(f"select count(*) from mart.list_public_post where is_current and county_code = '{LIZHOU}'") == 300
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
    assert {k: int(v) for k, v in reached.items()} == {k: demo.manifest.totals[k] for k in reached}
    assert set(demo.manifest.totals) == set(reached)


COUNTED = {
    "select count(*) from mart.job_fair": 9,
    "select count(*) from mart.employment_base where is_current": 10,
    "select count(*) from mart.placement": 300,
    "select count(*) from mart.entitlement where beneficiary_kind = '就业扶贫基地' and state = '未享'": 10,
    "select sum(due_yuan) from mart.entitlement where policy = '基地奖补'": 500_000,
    "select count(*) from mart.entitlement where beneficiary_kind = '职业介绍机构' and town_code is null": 2,
    "select count(*) from mart.entitlement where (beneficiary_kind = '个人') <> (person_sk is not null)": 0,
    "select count(*) from mart.post where closed_on is null": 300,
    "select count(distinct person_sk) from mart.subsidy_duplicate where kind = 'two_employers'": 3,
    "select count(*) from mart.demonstration_village where is_complete": 9,
    "select sum(invest_yuan) from mart.demonstration_village": 1_200_000,
    "select sum(amount_yuan) from mart.fund_line": 5_690_000,
    "select count(*) from mart.place where level = 'town' and county_code = '520524'": 32,
    "select count(*) from mart.place where exit_state = '未摘帽' and county_code = '520524'": 6,
    "select count(*) from mart.place where is_poor and level = 'village' and county_code = '520524'": 282,
    "select count(*) from mart.place where is_deep and county_code = '520524'": 120,
    "select 10 * poverty_rate_pct from mart.place where level = 'county' and county_code = '520524'": 198,
    "select sum(coalesce(team_size, 1)) from mart.recruited_talent where route = '绿色通道'"
    " and talent_type in ('高层次', '急需紧缺')": 102,
    "select count(*) from mart.led_project where project_class = '山地高效生态农业' and state = '申报'": 32,
    "select count(distinct person_sk) from mart.returnee": 362,
    "select sum(funds_yuan) from mart.returnee": 65_917_000,
    "select count(distinct paired_village) from mart.returnee": 21,
    "select count(*) from mart.expert_group": 4,
    "select count(*) from mart.expert_group_member where is_current": 36,
    "select count(*) from mart.village_team": 97,
    "select count(*) from mart.prescription": 2_890,
    "select count(distinct village_code) from mart.prescription": 97,
}
RANGES = {
    "select sum(paid_yuan) from mart.recruited_talent where talent_type = '高层次'": (480_001, 489_999),
    "select count(*) from mart.leader where is_current": (201, 299),
    "select sum(amount_yuan) from mart.honour where honour = '基层人才补贴' and year = 2017": (1, 26_000_000),
    "select count(*) from mart.consultation where mode = '远程' and answered_on is not null": (2_201, 2_299),
    "select count(*) from mart.expert where is_technician": (601, 699),
    "select count(distinct household_sk) from mart.pairing_household where pair_kind = 'T05'": (16_500, 17_499),
}


@pytest.mark.parametrize("query", COUNTED)
def test_the_totals_of_the_sources_come_out_exactly(demo: DemoNight, query: str) -> None:
    assert demo.one(query) == COUNTED[query]


@pytest.mark.parametrize("query", RANGES)
def test_what_the_sources_say_roughly_lies_in_its_range(demo: DemoNight, query: str) -> None:
    least, most = RANGES[query]
    assert least <= demo.one(query) <= most


def test_every_planted_dirt_is_found_as_often_as_it_was_planted(demo: DemoNight) -> None:
    rows = demo.conn.execute("select rule, verdict, count(*) from ops.finding group by 1, 2").fetchall()
    found = Counter({(rule, verdict): n for rule, verdict, n in rows})
    assert found == demo.manifest.findings()
    assert len({rule for rule, _ in found}) >= 45


def test_the_ledger_keeps_its_law(demo: DemoNight) -> None:
    for table in ("submission", "submission_sheet"):
        broken = demo.one(
            f"select count(*) from ops.{table} where rows_read <> rows_loaded + rows_quarantined + rows_dropped"
        )
        assert broken == 0
    assert demo.one("select count(*) from ops.submission where status = 'received'") == 0
    read = dict(demo.conn.execute("select template, sum(rows_read) from ops.submission_sheet group by 1").fetchall())
    raw = sum(demo.one(f"select count(*) from raw.{code.lower()}") for code in read if code)
    assert raw == sum(int(n) for code, n in read.items() if code)


def test_one_person_is_one_row(demo: DemoNight) -> None:
    assert demo.one("select count(*) - count(distinct person_sk) from mart.one_db") == 0
    assert demo.one("select count(*) - count(distinct id_no) from mart.one_db") == 0


def test_conflicts_and_double_payments_are_named(demo: DemoNight) -> None:
    kinds = dict(demo.conn.execute("select kind, count(*) from mart.status_conflict group by 1").fetchall())
    assert kinds["L3xL5"] >= 3
    blocked, paid_twice = demo.one(
        "select count(*) filter (where blocked), count(*) filter (where not blocked and pay_status = '拨付'"
        f" and right(batch_no, 1) = '补') from mart.payment where county_code = '{LIZHOU}'"
    )
    assert (blocked, paid_twice) == (3, 3)
    assert demo.one("select count(*) from mart.subsidy_duplicate") >= 6


def test_every_file_has_its_receipt_and_every_faulty_one_its_workbook(demo: DemoNight) -> None:
    outbox = demo.settings.outbox / str(NIGHT)
    receipts = {p.stem for p in outbox.rglob("R*.txt")}
    assert receipts == {r for (r,) in demo.conn.execute("select receipt_no from ops.submission").fetchall()}
    faulty = demo.one(
        "select count(*) from ops.submission as s where status <> 'duplicate' and exists"
        " (select from ops.finding as f where f.submission_id = s.submission_id and f.verdict in ('Q', 'S', 'F'))"
    )
    workbooks = list(outbox.rglob("*.校验.xlsx"))
    assert len(workbooks) >= faulty
    assert openpyxl.load_workbook(workbooks[0]).sheetnames[0] == "校验报告"


def test_no_identity_number_leaves_the_restricted_schemas(demo: DemoNight) -> None:
    told = [m for (m,) in demo.conn.execute("select message || facts::text from ops.finding").fetchall()]
    told += [p.read_text("utf-8") for p in (demo.settings.outbox / str(NIGHT)).rglob("*.txt")]
    views = demo.conn.execute(
        "select format('%I.%I', schemaname, name) from (select schemaname, viewname as name from pg_views union all"
        " select schemaname, tablename from pg_tables) as r where schemaname in ('mart_masked', 'published')"
    ).fetchall()
    assert len(views) > 15
    for (view,) in views:
        told += [str(row) for row in demo.conn.execute(f"select * from {view}").fetchall()]
    assert not [1 for text in told if ID.search(text)], "an identity number is shown where none may be"
