"""Who sees what, asked by real logins; and the swap that puts marts and rights in place at once."""

import uuid

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from yiku.warehouse.roles import create_login
from yiku.warehouse.swap import NotBuiltError, swap, swap_back

HERE, THERE, FAR = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
PEOPLE = [
    (HERE, "510802199003079977", "张小三", "510802", "510802101"),
    (THERE, "510802199003079985", "李四", "510802", "510802100"),
    (FAR, "510821199003079971", "王五", "510821", "510821101"),
]


def build(conn, note="first"):
    """Build a small shadow, as dbt would."""
    conn.execute("create schema mart_shadow; create schema mart_masked_shadow; create schema published_shadow")
    conn.execute(
        "create table mart_shadow.one_db (person_sk uuid, id_no text, name text, county_code text, town_code text)"
    )
    conn.cursor().executemany("insert into mart_shadow.one_db values (%s, %s, %s, %s, %s)", PEOPLE)
    conn.execute(
        "create table mart_shadow.payment as select person_sk, id_no, name, county_code, town_code,"
        " '培训补贴' as policy, 800.00 as amount_yuan, '6217000012340004' as account_no, '健康' as health"
        " from mart_shadow.one_db"
    )
    conn.execute(
        "create table mart_shadow.status_conflict as select person_sk, '510802101' as a_town_code,"
        " '510802100' as b_town_code, county_code from mart_shadow.one_db where town_code = '510802101'"
    )
    conn.execute(
        "create view mart_masked_shadow.one_db with (security_invoker = true) as select person_sk,"
        " ops.mask_id(id_no) as id_no, ops.mask_name(name) as name, county_code, town_code from mart_shadow.one_db"
    )
    conn.execute(
        "create table published_shadow.coverage as"
        " select town_code, count(*) as persons from mart_shadow.one_db group by town_code"
    )
    conn.execute(psycopg.sql.SQL("comment on table mart_shadow.one_db is {}").format(psycopg.sql.Literal(note)))
    conn.commit()


@pytest.fixture
def built(warehouse):
    build(warehouse)
    swap(warehouse)
    warehouse.commit()
    return warehouse


@pytest.fixture
def login(built, database):
    """Make a login of a role, and give a function that asks a question as that login."""
    made, open_ones = [], []

    def make(role, *scope):
        name = f"clerk_{uuid.uuid4().hex[:12]}"
        create_login(built, name, "a password", role, scope)
        built.commit()
        made.append(name)
        conn = psycopg.connect(make_conninfo(database, user=name, password="a password"), autocommit=True)
        open_ones.append(conn)
        return lambda question, *values: conn.execute(question, values).fetchall()

    yield make
    for conn in open_ones:
        conn.close()
    built.rollback()
    for name in made:
        built.execute(f"drop role {name}")
    built.commit()


def denied(ask, question):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(question)


def test_a_town_sees_its_own_rows_in_clear_and_nothing_else(login):
    ask = login("yiku_town", ("510802", "510802101"))
    assert ask("select id_no, name from mart.one_db") == [("510802199003079977", "张小三")]
    assert ask("select count(*) from mart.status_conflict") == [(1,)]
    for other in ("raw.l1", "mart_masked.one_db", "ops.finding", "register.identity_key", "ops.login_scope"):
        denied(ask, f"select * from {other}")


def test_both_sides_of_a_conflict_see_it(login):
    ask = login("yiku_town", ("510802", "510802100"))
    assert ask("select count(*) from mart.status_conflict") == [(1,)]


def test_a_county_sees_its_own_rows_masked(login):
    ask = login("yiku_county", ("510802", None))
    assert ask("select id_no, name from mart_masked.one_db order by name") == [
        ("510802************", "张*三"),
        ("510802************", "李*"),
    ]
    denied(ask, "select * from mart.one_db")


def test_unmasking_takes_a_reason_stays_in_the_county_and_is_logged(login, built):
    ask = login("yiku_county", ("510802", None))
    assert ask("select id_no from ops.unmask(%s, '核对补贴')", HERE) == [("510802199003079977",)]
    assert ask("select id_no from ops.unmask(%s, '核对补贴')", FAR) == []
    with pytest.raises(psycopg.errors.CheckViolation):
        ask("select id_no from ops.unmask(%s, ' ')", HERE)
    logged = built.execute("select person_sk, reason from ops.access_log where action = 'unmask'").fetchall()
    assert logged == [(HERE, "核对补贴"), (FAR, "核对补贴")]


@pytest.mark.parametrize("role", ["yiku_town", "yiku_finance", "yiku_bi"])
def test_nobody_else_unmasks(login, role):
    denied(login(role, ("510802", "510802101")), "select * from ops.unmask(gen_random_uuid(), 'x y z')")


def test_finance_sees_payee_account_amount_and_the_last_four(login):
    ask = login("yiku_finance", ("510802", None))
    columns = "name, account_no, amount_yuan::integer, id_last4"
    assert ask(f"select {columns} from mart.payment order by name limit 1") == [
        ("张小三", "6217000012340004", 800, "9977")
    ]
    assert ask("select count(*) from mart.payment") == [(2,)]
    for hidden in ("id_no", "health", "*"):
        denied(ask, f"select {hidden} from mart.payment")
    denied(ask, "select 1 from mart.one_db")


def test_bi_sees_everything_masked_and_what_is_published(login):
    ask = login("yiku_bi")
    assert ask("select count(*) from mart_masked.one_db") == [(3,)]
    assert ask("select count(*) from published.coverage") == [(3,)]
    denied(ask, "select 1 from mart.one_db")


def test_a_bi_login_can_be_narrowed(login):
    assert login("yiku_bi", ("510821", None))("select count(*) from mart_masked.one_db") == [(1,)]


def test_the_auditor_reads_all_and_every_reading_is_logged(login, built):
    ask = login("yiku_audit")
    assert ask("select count(*) from mart.one_db") == [(3,)]
    assert ask("select count(*) from mart_masked.one_db") == [(3,)]
    assert ask("select count(*) from raw.l1_now") == [(0,)]
    read = [r[0] for r in built.execute("select object from ops.access_log order by at")]
    assert read.count("mart.one_db") == 2
    assert ask("select set_config('default_transaction_read_only', 'on', false)") == [("on",)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):  # what cannot be logged cannot be read
        ask("select count(*) from mart.one_db")


def test_the_auditor_does_not_get_at_the_secret_key(login):
    denied(login("yiku_audit"), "select * from register.identity_key")


@pytest.mark.parametrize(("role", "relation"), [("yiku_town", "mart.one_db"), ("yiku_county", "mart_masked.one_db")])
def test_without_a_scope_nothing_is_seen(login, role, relation):
    assert login(role)(f"select count(*) from {relation}") == [(0,)]


def test_no_session_widens_its_own_view(login):
    ask = login("yiku_town", ("510802", "510802101"))
    for trick in (
        "insert into ops.login_scope values (session_user, '510821', '510821101')",
        "set session authorization yiku",
        "set role yiku_masker",
        "alter table mart.one_db disable row level security",
        "select ops.log_read('x')",
    ):
        denied(ask, trick)


def test_the_groups_themselves_cannot_log_in(warehouse):
    can = warehouse.execute("select rolname from pg_roles where rolname like 'yiku\\_%' and rolcanlogin").fetchall()
    assert can == []


def test_a_swap_keeps_the_marts_of_one_night(built, login):
    build(built, "second")
    swap(built)
    built.commit()
    comment = "select obj_description('{}.one_db'::regclass)"
    assert built.execute(comment.format("mart")).fetchone() == ("second",)
    assert built.execute(comment.format("mart_old")).fetchone() == ("first",)
    assert login("yiku_bi")("select count(*) from mart_masked.one_db") == [(3,)]
    swap_back(built)
    assert built.execute(comment.format("mart")).fetchone() == ("first",)


def test_a_swap_without_all_three_schemas_changes_nothing(built):
    built.execute("create schema mart_shadow")
    built.commit()
    with pytest.raises(NotBuiltError, match="mart_masked"):
        swap(built)
    assert built.execute("select count(*) from mart.one_db").fetchone() == (3,)


def test_a_view_among_the_marts_is_refused(built):
    build(built)
    built.execute("create view mart_shadow.odd as select 1 as one")
    built.commit()
    with pytest.raises(RuntimeError, match=r"mart\.odd"):
        swap(built)
