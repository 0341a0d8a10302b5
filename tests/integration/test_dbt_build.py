"""The dbt project on a real warehouse: it builds in the shadow, its unit tests hold, and what shows is masked."""

import json
import uuid
from datetime import UTC, date, datetime
from importlib import resources

import pytest
from database_copies import drop, put_copy
from dbt.cli.main import dbtRunner
from nights import NIGHTS
from psycopg import sql
from yiku.faults import PassingError
from yiku.notices.facts import facts_of
from yiku.pipeline.guard import mask_what_shows
from yiku.pipeline.marts import (
    build,
    connection_variables,
    failed_nodes,
    require_built,
)
from yiku.warehouse.shadow import drop_views_in_place
from yiku.warehouse.swap import swap

DAY = date(2017, 11, 20)
TOWN, VILLAGE = "510802100", "510802100201"
ME, SPOUSE = uuid.UUID(int=1), uuid.UUID(int=2)
ALWAYS = {
    "part": 0,
    "fate": "loaded",
    "county_code": "510802",
    "unit_code": TOWN,
    "quality": "{}",
    "sheet": "Sheet1",
}
DATED = {
    "as_of": date(2017, 11, 15),
    "fill_date": date(2017, 11, 15),
    "received_at": datetime(2017, 11, 20, tzinfo=UTC),
}
PLACE = {
    "town_code": TOWN,
    "town_name": "荣山镇",
    "village_code": VILLAGE,
    "village_name": "红岩村",
}
MAN = {
    "person_sk": ME,
    "id_no": "510802198503129977",
    "name": "张三丰",
    "in_register": True,
}
WOMAN = {
    "person_sk": SPOUSE,
    "id_no": "510802198503129985",
    "name": "李四妹",
    "in_register": True,
}
WORKS = {
    "labour_capacity": "普通劳动力",
    "member_state": "在册",
    "school": "非在校生",
    "household_no": "1",
}
POST = {
    "post_name": "保洁",
    "start_on": date(2017, 1, 1),
    "end_on": date(2017, 12, 31),
}
PAID = {
    "person_sk": ME,
    "payee": "张三丰",
    "payee_id": MAN["id_no"],
    "policy": "公益性岗位补贴",
    "pay_status": "拨付",
}
ROWS = [
    ("v02", {"town_code": TOWN, "town_name": "荣山镇", "key": "v02"}),
    ("v01", {**PLACE, "is_poor": True, "key": "v01"}),
    (
        "h01",
        {
            **PLACE,
            "household_no": "1",
            "household_sk": uuid.UUID(int=9),
            "member_count": 2,
            "key": "h01",
        },
    ),
    ("h02", {**MAN, **WORKS, "rel_to_head": "户主", "key": "h02a"}),
    ("h02", {**WOMAN, **WORKS, "rel_to_head": "配偶", "key": "h02b"}),
    (
        "l1",
        {
            **MAN,
            **PLACE,
            "period": "2017-11",
            "emp_status": "公益性岗位",
            "emp_intent": "县内",
            "key": "l1a",
        },
    ),
    (
        "l1",
        {
            **WOMAN,
            **PLACE,
            "period": "2017-11",
            "emp_status": "未就业",
            "emp_intent": "县内",
            "key": "l1b",
        },
    ),
    ("l5", {**MAN, **PLACE, **POST, "key": "l5a"}),
    (
        "e02",
        {
            **PAID,
            "period": "2017-10",
            "amount_yuan": 500,
            "batch_no": "1",
            "key": "e02a",
        },
    ),
    (
        "e02",
        {
            **PAID,
            "period": "2017-10",
            "amount_yuan": 500,
            "batch_no": "2",
            "key": "e02b",
            "pay_status": "审核",
        },
    ),
]


def send(conn, table, row_no, values):
    row = {
        **ALWAYS,
        **DATED,
        "row_id": uuid.uuid4(),
        "submission_id": 1,
        "row_no": row_no,
        **values,
    }
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier("raw", table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    conn.execute(statement, list(row.values()))


@pytest.fixture
def database(server, prepared):
    """Give a warehouse under the name with which dbt has parsed its models."""
    yield put_copy(server, prepared, NIGHTS)
    drop(server, NIGHTS)


@pytest.fixture
def settings(settings, share_parse):
    share_parse(settings)
    return settings


@pytest.fixture
def filled(warehouse):
    warehouse.execute(
        "insert into ops.night (business_date) values (%s)", (DAY,)
    )
    warehouse.execute(
        "insert into ops.submission (submission_id, business_date, county_code, unit_code, file_name, sha256, status,"
        " receipt_no, archive_key, size_bytes) overriding system value"
        " values (1, %s, '510802', %s, 'a.xlsx', 'x', 'loaded', 'R1', 'x', 1)",
        (DAY, TOWN),
    )
    for number, (table, values) in enumerate(ROWS, 5):
        send(warehouse, table, number, values)
    warehouse.commit()
    return warehouse


def unit_tests(settings):
    # Not where the others look: with the day among its variables dbt parses all anew.
    folder = settings.run / "dbt-unit"
    words = [
        "--project-dir",
        settings.dbt_project,
        "--profiles-dir",
        settings.dbt_project,
        "--target-path",
        folder,
    ]
    words += ["--log-path", settings.logs, "--select", "test_type:unit"]
    words += [
        "--vars",
        json.dumps({"business_date": DAY.isoformat(), "shadow": True}),
    ]
    run = dbtRunner().invoke(["--quiet", "test", *map(str, words)])
    assert run.result is not None, run.exception
    return {
        r.node.name: str(r.status)
        for r in run.result.results
        if r.node.resource_type == "unit_test"
    }


def contents(conn, schema):
    """Return what each mart but ``place`` holds, in an order of its own."""
    query = (
        "select relname from pg_class where relnamespace = %s::regnamespace "
        "and relkind = 'r' and relname <> 'place'"
    )
    held = sql.SQL("select array_agg(t::text order by t::text) from {} as t")
    names = [
        name
        for (name,) in conn.execute(query, (schema,)).fetchall()
        if name != "place"
    ]
    return {
        n: conn.execute(held.format(sql.Identifier(schema, n))).fetchone()
        for n in names
    }


def test_a_night_of_rows_becomes_marts_that_leak_nothing(
    settings, filled, monkeypatch
):
    assert failed_nodes(build(settings, DAY)) == []
    first = contents(filled, "mart_shadow")
    swap(filled)
    filled.commit()
    ask = filled.execute
    status = dict(
        ask("select name, current_status from mart.one_db").fetchall()
    )
    assert status == {"张三丰": "公益性岗位", "李四妹": "未就业"}
    assert ask(
        "select kind, measure from mart.subsidy_duplicate"
    ).fetchall() == [("same_period", "停发")]
    assert ask(
        "select count(*) from mart.payment where blocked"
    ).fetchone() == (1,)
    masked = ask(
        "select id_no, name from mart_masked.one_db where sex = '男'"
    ).fetchone()
    assert masked == ("510802" + "*" * 12, "张*丰")
    comment = ask(
        "select col_description('mart.one_db'::regclass, 1)"
    ).fetchone()[0]
    assert "人员标识" in comment
    uncommented = ask(
        "select c.relname, a.attname from pg_class as c inner join pg_attribute as a"
        " on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped where c.relkind = 'r'"
        " and c.relnamespace::regnamespace::text in ('mart', 'mart_masked', 'published')"
        " and col_description(c.oid, a.attnum) is null"
    ).fetchall()
    assert uncommented == []

    # The same rows in another order give the same marts.
    ask("create table kept as select * from raw.l1; truncate raw.l1")
    ask("insert into raw.l1 select * from kept order by key desc")
    # A mask that fails stops no night: what shows is masked before it is published, and told without the value.
    ask(
        "create or replace function ops.mask_text(words text) returns text language sql as $$ select words $$"
    )
    ask("update raw.v01 set aliases = array['138****1234', '前山李四妹家']")
    filled.commit()
    assert failed_nodes(build(settings, DAY)) == []
    assert contents(filled, "mart_shadow") == first
    (night,) = ask("select max(night_id) from ops.night").fetchone()
    assert mask_what_shows(filled, settings, night).cells == 1
    assert ask(
        "select aliases from mart_masked_shadow.place where level = 'village'"
    ).fetchone() == (["***", "前山李**家"],)
    filled.commit()
    told = [
        (f.kind, f.title, f.count)
        for f in facts_of(filled, DAY, "")
        if f.kind == "mask_failed"
    ]
    assert told == [("mask_failed", "mart_masked.place.aliases", 1)]

    ask(
        resources.files("yiku.warehouse")
        .joinpath("migrations/functions.sql")
        .read_bytes()
    )  # the mask as it is
    filled.commit()
    for name, value in connection_variables(settings).items():
        monkeypatch.setenv(name, value)
    outcomes = unit_tests(settings)
    assert len(outcomes) > 30
    assert {n for n, s in outcomes.items() if s != "pass"} == set()


def test_a_model_that_fails_says_nothing_of_a_row_and_leaves_what_was_there(
    settings, filled, capfd
):
    assert failed_nodes(build(settings, DAY)) == []
    core = contents(filled, "core")
    filled.execute("alter table raw.h02 rename to rows_of_h02")
    filled.execute(
        "create view raw.h02 as select * from raw.rows_of_h02 where name::int > 0"
    )
    filled.commit()

    failed = failed_nodes(build(settings, DAY))
    assert failed
    assert all(name.endswith("(error)") for name in failed)
    assert contents(filled, "core") == core
    said = capfd.readouterr()
    kept = [path.read_text() for path in settings.logs.rglob("*.log")]
    assert not any(
        MAN["name"] in text or WOMAN["name"] in text
        for text in (said.out, said.err, *kept)
    )


def test_a_build_that_lost_its_server_may_be_tried_again(settings, filled):
    assert failed_nodes(build(settings, DAY)) == []
    filled.execute("alter table raw.h02 rename to rows_of_h02")
    filled.execute(
        "create view raw.h02 as select * from raw.rows_of_h02"
        " where pg_terminate_backend(pg_backend_pid())"
    )
    filled.commit()
    with pytest.raises(PassingError, match=r"terminating connection|closed"):
        require_built(build(settings, DAY))


def test_nothing_stands_on_the_views_that_a_build_makes_again(
    settings, filled
):
    assert failed_nodes(build(settings, DAY)) == []
    drop_views_in_place(filled)
    [(left,)] = filled.execute(
        "select count(*) from pg_views where schemaname in ('stg', 'core')"
    ).fetchall()
    assert left == 0
    assert contents(filled, "core")
    filled.commit()  # what was read is locked until then
    assert failed_nodes(build(settings, DAY)) == []
