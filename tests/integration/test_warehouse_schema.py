"""The shape of the warehouse: derived from the contracts, grown without loss, prepared once."""

import time
import uuid
from dataclasses import replace
from datetime import date
from importlib import resources

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo
from yiku.comparison.content import business_keys, normal_employer
from yiku.contracts.contract_files import load_contracts
from yiku.dictionary_page import render_dictionary
from yiku.settings import load_settings as settings_of_the_product
from yiku.warehouse import migrating, schema
from yiku.warehouse.init import (
    MissingRightsError,
    missing_rights,
    plan,
    prepare,
)
from yiku.warehouse.raw_tables import ensure_raw_tables


def test_preparing_again_has_nothing_to_do(warehouse):
    assert plan(warehouse, load_contracts().values()) == []
    assert prepare(warehouse) == []


def test_a_dry_run_says_what_it_would_do_and_does_nothing(server):
    from yiku.warehouse import embedded

    with psycopg.connect(embedded.dsn(server, "postgres")) as conn:
        steps = prepare(conn, dry_run=True)
        assert any("迁移" in s for s in steps)
        assert conn.execute("select to_regnamespace('raw')").fetchone() == (
            None,
        )


def test_every_list_has_a_raw_table_with_chinese_comments(warehouse):
    silent = warehouse.execute(
        "select attrelid::regclass::text, attname from pg_attribute"
        " join pg_class c on c.oid = attrelid and relkind = 'r' and relnamespace = 'raw'::regnamespace"
        " where attnum > 0 and col_description(attrelid, attnum) is null"
    ).fetchall()
    assert silent == []
    tables = {
        r[0]
        for r in warehouse.execute(
            "select relname from pg_class where relnamespace = 'raw'::regnamespace"
        )
    }
    assert {f"{c.table}_now" for c in load_contracts().values()} < tables


def test_every_column_of_the_ledger_says_what_it_holds(warehouse):
    silent = warehouse.execute(
        "select attrelid::regclass::text, attname from pg_attribute join pg_class c on c.oid = attrelid"
        " where relkind in ('r', 'v') and relnamespace::regnamespace::text in ('ops', 'register', 'pairing')"
        " and attnum > 0 and not attisdropped"
        " and (col_description(attrelid, attnum) is null or obj_description(c.oid) is null)"
    ).fetchall()
    assert silent == []


def test_the_dictionary_in_docs_is_up_to_date(warehouse):
    page = settings_of_the_product({}).project_root / "docs/dictionary.md"
    assert page.read_text("utf-8") == render_dictionary(warehouse)


def test_a_contract_that_grows_a_column_grows_the_table_and_its_view(
    warehouse,
):
    contract = load_contracts()["L3"]
    new = replace(
        contract.columns[0], name="brand_new", header="新列", kind="money"
    )
    grown = replace(contract, columns=(*contract.columns, new))
    assert ensure_raw_tables(warehouse, [grown]) == ["l3"]
    warehouse.execute("select brand_new from raw.l3_now")


def test_a_numbered_migration_that_was_changed_is_refused(warehouse):
    warehouse.execute(
        "update ops.migration set sha256 = 'other' where name like '0001%'"
    )
    with pytest.raises(RuntimeError, match="0001"):
        migrating.pending_migrations(warehouse)


def test_a_migration_that_ran_under_another_number_does_not_run_again(
    warehouse,
):
    migrations = warehouse.execute(
        "select name, sha256 from ops.migration where name ~ '^[0-9]' order by 1"
    ).fetchall()
    warehouse.execute(
        "update ops.migration set name = '0990_by_another_number.sql' where name = %s",
        migrations[0][:1],
    )
    assert migrating.pending_migrations(warehouse) == []
    warehouse.execute(
        "update ops.migration set sha256 = 'older' where name = 'functions.sql'"
    )  # something to do
    assert migrating.migrate(warehouse) == ["functions.sql"]
    renamed = warehouse.execute(
        "select name, sha256 from ops.migration where name ~ '^[0-9]' order by 1"
    ).fetchall()
    assert renamed == migrations


def test_the_ledger_refuses_counts_that_do_not_add_up(warehouse):
    insert = (
        "insert into ops.submission (business_date, file_name, sha256, receipt_no, archive_key, size_bytes, rows_read)"
        " values ('2017-11-20', 'a.xlsx', 'x', 'R', 'x', 1, 5)"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        warehouse.execute(insert)


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("mask_name('张三')", "张*"),
        ("mask_name('张小三')", "张*三"),
        ("mask_name('欧阳三')", "欧阳*"),
        ("mask_name('欧阳小三')", "欧阳*三"),
        ("mask_name('阿依·古丽')", "阿*"),
        ("mask_id('510802199003079977')", "510802************"),
        ("mask_phone('13800001234')", "138****1234"),
        ("mask_account('6217000012340004')", "************0004"),
        (
            "strip_numbers('电话13800001234，５号楼，51080219900307997X')",
            "电话号楼，",
        ),
        ("strip_numbers('电话 138-0000-1234，转一二三')", "电话 ，转"),
        ("strip_numbers('１３８·①③⑧·一三八〇幺·壹叁捌·١٣٨ 号')", " 号"),
        ("strip_numbers('l38OOOO1234')", ""),
        ("strip_numbers('统一管理，一般农户')", "统一管理，一般农户"),
        ("strip_numbers('其女七岁，其子3岁')", "其女岁，其子岁"),
        (
            "mask_text('按月上门，其母患糖尿病多年，其父残疾')",
            "按月上门，…，…",
        ),
        ("mask_text('医疗护理')", "医疗护理"),
        ("mask_text('户主肝硬化，每月吃药；其子截肢')", "…，每月吃药；…"),
        ("mask_text('防治枯心病和稻瘟病')", "防治枯心病和稻瘟病"),
        ("mask_place('高坑村')", "高坑村"),
        ("mask_place('张小三患尿毒症')", "…"),
        ("mask_texts(array['茶叶', '茶叶138 0000 1234'])", ["茶叶", "茶叶"]),
        ("mask_number('利人社发〔2017〕12号')", "利人社发〔2017〕12号"),
        ("mask_number('DD20170016')", "DD20170016"),
        ("mask_number('002-08')", "002-08"),
        ("mask_number('无')", "无"),
        (
            "mask_number('张小三') = '张小三'",
            True,
        ),  # no number: a text, in which names are looked up later
        ("mask_number('张小三-1') ~ '^＊[0-9a-f]{8}$'", True),
        ("mask_number('138 0000 1234') ~ '^＊[0-9a-f]{8}$'", True),
        ("mask_number('20100307') ~ '^＊[0-9a-f]{8}$'", True),
        ("mask_number('2010-3-7') ~ '^＊[0-9a-f]{8}$'", True),
        ("mask_number('13800001234') = ops.mask_number('13800001234')", True),
        ("mask_organisation('91510802MA600001XJ')", "91510802MA600001XJ"),
        ("mask_organisation('51080219900307997X')", ""),
        ("mask_place('五一村')", "五一村"),
        ("mask_place('石岩村138 0000')", "石岩村"),
        ("age_band(59)", "55-59岁"),
        ("mask_id(null)", None),
        ("mask_name('')", ""),
    ],
)
def test_masks(warehouse, call, shown):
    assert warehouse.execute(f"select ops.{call}").fetchone() == (shown,)


WORDS = [
    "四川",
    "长虹",
    "电器",
    "股份",
    "有限",
    "责任",
    "公司",
    "集团",
    "（",
    "）",
    "(广元)",
    " ",
    "·",
    "Ａ",
    "b",
    "Ⅱ",
    "①",
    "㈱",
    "é",
]


@given(
    names=st.lists(
        st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
        min_size=200,
        max_size=200,
    )
)
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_employers_comparable_form_is_one_in_python_and_in_the_warehouse(
    warehouse, names
):
    query = "select ops.employer_norm(n) from unnest(%s::text[]) with ordinality as t (n, i) order by i"
    found = warehouse.execute(query, (names,)).fetchall()
    assert [form for (form,) in found] == [normal_employer(n) for n in names]


def test_keys_follow_the_comparable_form_of_an_employer(warehouse):
    text = "insert into raw.l3 (row_id, submission_id, part, row_no, fate, person_sk, employer, start_on, key)"
    text += " values (gen_random_uuid(), 1, 0, 1, 'loaded', %s, '宏图(集团)有限公司', '2017-03-01', %s)"
    person = "5f6b1f0e-6b0f-5d52-9c3c-79696b752020"
    warehouse.execute(text, (person, f"L3/0/{person}/宏图集团/2017-03"))
    warehouse.execute(
        resources.files("yiku.warehouse")
        .joinpath("migrations/keys.sql")
        .read_bytes()
    )
    said = {
        "person_sk": person,
        "employer": "宏图(集团)有限公司",
        "start_on": date(2017, 3, 1),
    }
    frame = pd.DataFrame(
        [
            {
                **said,
                "place": None,
                "county_code": "510802",
                "content_hash": "a1",
            }
        ]
    )
    assert warehouse.execute("select key from raw.l3").fetchone() == tuple(
        business_keys(frame, load_contracts()["L3"])
    )


def test_keys_take_in_the_county_that_gave_the_number(warehouse):
    """What was loaded under the keys of before is the same row when it comes again."""
    person = "5f6b1f0e-6b0f-5d52-9c3c-79696b752020"
    rows = {
        "T09": ({"rx_no": "CF1"}, "T09/0/CF1"),
        "T20": ({"care": "免费体检"}, None),
        "T01": (
            {"name": "甲", "unit": "乙站", "valid_from": date(2018, 1, 2)},
            None,
        ),
        "L1": (
            {"person_sk": person, "period": "2017-11"},
            f"L1/0/{person}/2017-11",
        ),
    }
    for code, (said, key) in rows.items():
        values = {
            **said,
            "county_code": "510802",
            "content_hash": "a1",
            "key": key,
        }
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        warehouse.execute(
            f"insert into raw.{code.lower()} (row_id, submission_id, part, row_no, fate, {names})"
            f" values (gen_random_uuid(), 1, 0, 1, 'loaded', {marks})",
            list(values.values()),
        )
    script = (
        resources.files("yiku.warehouse")
        .joinpath("migrations/0020_keys_of_counties.sql")
        .read_bytes()
    )
    for _ in range(2):  # what has the new form keeps it
        warehouse.execute(script)
        for code, (said, _) in rows.items():
            contract = load_contracts()[code]
            frame = pd.DataFrame(
                [
                    {
                        **dict.fromkeys(
                            (*contract.names, "person_sk", "village_code")
                        ),
                        **said,
                    }
                ],
                dtype=object,
            )
            frame["county_code"], frame["content_hash"] = "510802", "a1"
            found = warehouse.execute(
                f"select key from raw.{code.lower()}"
            ).fetchone()
            assert found == tuple(business_keys(frame, contract))


@pytest.mark.parametrize(
    "piece", ["一", "1", "l", "1l", "一1", "一 ", "患", "病，", "残", "O- "]
)
def test_masks_take_no_longer_than_a_text_is_long(warehouse, piece):
    def seconds(length):
        began = time.perf_counter()
        warehouse.execute(
            "select ops.mask_text(%s), ops.mask_number(%s)",
            (piece * length, piece * length),
        ).fetchone()
        return time.perf_counter() - began

    seconds(10)
    assert seconds(32_000 // len(piece)) < 2


def test_no_column_of_a_list_takes_the_place_of_what_the_pipeline_writes():
    """A place, a period and their codes are the list's own word where it has a column for them; nothing else is."""
    ours = {name for name, _, _ in schema.META} - {
        "period",
        "town_code",
        "village_code",
    }
    assert [
        (c.code, n)
        for c in load_contracts().values()
        for n in c.names
        if n in ours
    ] == []


@pytest.fixture
def modest(server):
    """A login without any right, and an empty database that is not its own."""
    from psycopg import sql
    from yiku.warehouse import embedded

    login, base = (
        f"modest_{uuid.uuid4().hex[:8]}",
        f"empty_{uuid.uuid4().hex[:8]}",
    )
    with psycopg.connect(
        embedded.dsn(server, "postgres"), autocommit=True
    ) as conn:
        conn.execute(
            sql.SQL("create role {} login password 'secret'").format(
                sql.Identifier(login)
            )
        )
        conn.execute(
            sql.SQL("create database {}").format(sql.Identifier(base))
        )
        yield make_conninfo(
            embedded.dsn(server, base), user=login, password="secret"
        )
        conn.execute(
            sql.SQL("drop database {} with (force)").format(
                sql.Identifier(base)
            )
        )
        conn.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def test_preparing_needs_no_superuser_and_says_what_it_needs_before_it_begins(
    modest, server
):
    from yiku.warehouse import embedded

    with psycopg.connect(modest) as conn:
        lacking = missing_rights(conn)
        assert any("grant create on database" in s for s in lacking)
        assert any("grant yiku_pipeline to" in s for s in lacking)
        with pytest.raises(MissingRightsError, match="什么也没有做"):
            prepare(conn)
        assert conn.execute("select to_regnamespace('ops')").fetchone() == (
            None,
        )
        conn.rollback()
        with psycopg.connect(
            make_conninfo(embedded.dsn(server), dbname=conn.info.dbname),
            autocommit=True,
        ) as there:
            for statement in lacking:
                there.execute(statement)
            there.execute(f'alter role "{conn.info.user}" createrole')
        assert missing_rights(conn) == []
        assert prepare(conn)
        assert prepare(conn) == []
        conn.commit()
