"""Who sees what, asked by real logins; and the swap that puts marts and rights in place at once."""

import json
import uuid

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from yiku import cli
from yiku.warehouse.roles import GROUPS, create_login
from yiku.warehouse.swap import NotBuiltError, swap, swap_back

HERE, THERE, FAR = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
PEOPLE = [
    (HERE, "510802199003079977", "张小三", "510802", "510802101"),
    (THERE, "510802199003079985", "李四", "510802", "510802100"),
    (FAR, "510821199003079971", "王五", "510821", "510821101"),
]


def build(conn, note="first"):
    """Build a small shadow, as dbt would."""
    conn.execute(
        "create schema mart_shadow; create schema mart_masked_shadow; create schema published_shadow"
    )
    conn.execute(
        "create table mart_shadow.one_db (person_sk uuid, id_no text, name text, county_code text, town_code text)"
    )
    conn.cursor().executemany(
        "insert into mart_shadow.one_db values (%s, %s, %s, %s, %s)", PEOPLE
    )
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
        "create table mart_masked_shadow.one_db as select person_sk,"
        " ops.mask_id(id_no) as id_no, ops.mask_name(name) as name, county_code, town_code from mart_shadow.one_db"
    )
    conn.execute(
        "create table published_shadow.coverage as"
        " select town_code, count(*) as persons from mart_shadow.one_db group by town_code"
    )
    conn.execute(
        psycopg.sql.SQL("comment on table mart_shadow.one_db is {}").format(
            psycopg.sql.Literal(note)
        )
    )
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

        def connected():
            conn = psycopg.connect(
                make_conninfo(database, user=name, password="a password"),
                autocommit=True,
            )
            open_ones.append(conn)
            return conn

        def ask(question, *values):
            return ask.conn.execute(question, values).fetchall()

        ask.conn, ask.again, ask.name = connected(), connected, name
        return ask

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
    assert ask("select id_no, name from mart.one_db") == [
        ("510802199003079977", "张小三")
    ]
    assert ask("select count(*) from mart.status_conflict") == [(1,)]
    for other in (
        "raw.l1",
        "mart_masked.one_db",
        "ops.finding",
        "register.identity_key",
        "ops.login_scope",
    ):
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


UNMASK = "select id_no from ops.unmask(%s, '核对补贴')"
EVERYBODY = "select u.id_no from mart_masked.one_db as m cross join lateral ops.unmask(m.person_sk, '核对补贴') as u"


def logged(conn, action="unmask"):
    conn.rollback()
    return conn.execute(
        "select person_sk, reason from ops.access_log where action = %s",
        (action,),
    ).fetchall()


@pytest.fixture
def county(login):
    return login("yiku_county", ("510802", None))


def test_a_person_is_asked_for_and_shown_after_the_asking_was_committed(
    county, built
):
    assert county(UNMASK, HERE) == []
    assert county(UNMASK, HERE) == [("510802199003079977",)]
    assert logged(built) == [(HERE, "核对补贴")]


def test_another_county_s_person_is_not_shown_but_logged(county, built):
    assert [county(UNMASK, FAR), county(UNMASK, FAR)] == [[], []]
    assert logged(built) == [(FAR, "核对补贴")]


TRICKS = [
    [UNMASK, UNMASK],
    ["savepoint a", UNMASK, "release savepoint a", UNMASK],
    ["savepoint a", UNMASK, "rollback to a", UNMASK, UNMASK],
    ["do $$ begin perform ops.unmask('{}', '核对补贴'); end $$", UNMASK],
    [
        "do $$ begin begin perform ops.unmask('{}', '核对补贴'); exception when others then null; end; end $$",
        UNMASK,
    ],
    [
        "declare c cursor for select id_no from ops.unmask('{}', '核对补贴')",
        "fetch all c",
        "fetch all c",
        UNMASK,
    ],
    [
        "create temp table t as select * from ops.unmask('{}', '核对补贴')",
        UNMASK,
        "select id_no from t",
    ],
    [
        "with a as materialized (select * from ops.unmask('{0}', '核对补贴')), b as materialized"
        " (select count(*) from a), c as (select u.* from b, ops.unmask('{0}', '核对补贴') as u) select id_no from c"
    ],
    ["set transaction isolation level repeatable read", UNMASK, UNMASK],
]


@pytest.mark.parametrize("statements", TRICKS)
def test_what_is_rolled_back_was_never_shown(county, built, statements):
    shown = []
    with county.conn.transaction(force_rollback=True):
        for statement in statements:
            values = (HERE,) if "%s" in statement else None
            cursor = county.conn.execute(
                statement if values else statement.format(HERE), values
            )
            shown += cursor.fetchall() if cursor.description else []
    assert shown == []
    assert logged(built) == []


def test_the_line_stays_whatever_becomes_of_the_answer(county, built):
    county(UNMASK, HERE)
    with county.conn.transaction(force_rollback=True):
        assert county(UNMASK, HERE) == [("510802199003079977",)]
    assert logged(built) == [(HERE, "核对补贴")]


def test_nobody_is_shown_beside_another(county, built):
    with pytest.raises(psycopg.errors.CardinalityViolation):
        county(EVERYBODY)
    assert logged(built) == []
    for person in (HERE, THERE):
        county(UNMASK, person)
    with pytest.raises(psycopg.errors.CardinalityViolation):
        county(EVERYBODY)


def test_a_request_is_good_for_ten_minutes_and_its_own_login_person_and_reason(
    county, login, built
):
    county(UNMASK, HERE)
    assert (
        county("select id_no from ops.unmask(%s, '核对另一件工单')", HERE)
        == []
    )
    assert county(UNMASK, THERE) == []
    assert login("yiku_county", ("510802", None))(UNMASK, HERE) == []
    built.execute("update ops.access_log set at = at - interval '11 minutes'")
    built.commit()
    assert county(UNMASK, HERE) == []


def test_each_login_may_ask_so_often_a_day(county, login, built):
    built.execute("update ops.access_limit set most_a_day = 2")
    built.commit()
    for person in (HERE, THERE):
        county(UNMASK, person)
    denied(county, UNMASK.replace("%s", f"'{FAR}'"))
    assert login("yiku_county", ("510802", None))(UNMASK, HERE) == []
    built.execute("update ops.access_log set on_day = on_day - 1")
    built.commit()
    assert county(UNMASK, FAR) == []


def test_the_limit_holds_for_sessions_that_look_at_an_older_state(
    county, built
):
    built.execute("update ops.access_limit set most_a_day = 1")
    built.commit()
    late = county.again()
    late.autocommit = False
    late.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    late.execute("select 1")
    county(UNMASK, HERE)
    with pytest.raises(psycopg.errors.UniqueViolation):
        late.execute(UNMASK, (THERE,))


@pytest.mark.parametrize(
    "why",
    [
        "",
        "  ",
        "查看",
        "....",
        "1234",
        "测试测试",
        "aaaaaa",
        "核对 510802199003079977 的补贴",
    ],
)
def test_a_reason_says_something_and_names_no_number(county, built, why):
    with pytest.raises(psycopg.errors.CheckViolation):
        county("select * from ops.unmask(%s, %s)", HERE, why)
    assert logged(built) == []


def test_one_call_does_both_steps_where_it_can_commit(county, built):
    assert county("call ops.reveal(%s, '核对补贴')", HERE) == [
        (HERE, "510802199003079977", "张小三")
    ]
    with (
        pytest.raises(psycopg.errors.InvalidTransactionTermination),
        county.conn.transaction(),
    ):
        county("call ops.reveal(%s, '核对补贴')", THERE)
    assert logged(built) == [(HERE, "核对补贴")]


@pytest.mark.parametrize("role", ["yiku_town", "yiku_finance", "yiku_bi"])
def test_nobody_else_unmasks(login, role):
    ask = login(role, ("510802", "510802101"))
    for way in (
        "select * from ops.unmask({})",
        "call ops.reveal({})",
        "select ops.ask_unmask({})",
    ):
        denied(ask, way.format("gen_random_uuid(), '核对补贴'"))


def test_finance_sees_payee_account_amount_and_the_last_four(login):
    ask = login("yiku_finance", ("510802", None))
    columns = "name, account_no, amount_yuan::integer, id_last4"
    assert ask(
        f"select {columns} from mart.payment order by name limit 1"
    ) == [("张小三", "6217000012340004", 800, "9977")]
    assert ask("select count(*) from mart.payment") == [(2,)]
    for hidden in ("id_no", "health", "*"):
        denied(ask, f"select {hidden} from mart.payment")
    cursor = ask.conn.execute("select * from mart.payment_finance")
    assert {"name", "account_no", "amount_yuan", "id_last4"} <= {
        c.name for c in cursor.description
    }
    assert not {"id_no", "health"} & {c.name for c in cursor.description}
    assert len(cursor.fetchall()) == 2
    denied(ask, "select 1 from mart.one_db")


@pytest.mark.parametrize(
    ("batch", "read"),
    [
        ("12批", "12批"),
        ("2017-10-公-01", "2017-10-公-01"),
        ("第二批", "第二批"),
        ("2017年11月培训补贴1批", "2017年11月培训补贴1批"),
        ("138-0000-1234", "--"),
        ("尾号1234", "尾号"),
        ("一三八〇〇〇〇一二三四", ""),
        ("1990-03-07", "--"),
    ],
)
def test_finance_sees_no_number_that_was_typed_where_a_bank_or_a_batch_belongs(
    login, built, batch, read
):
    """A mart that has what is typed by hand is swapped in."""
    build(built)
    typed = {
        "bank": "信用社 138-0000-1234",
        "account_name": "李四妹５１０８０２１９９００３０７",
        "batch_no": batch,
    }
    for column, text in typed.items():
        built.execute(
            f"alter table mart_shadow.payment add column {column} text default '{text}'"
        )
    swap(built)
    built.commit()
    ask = login("yiku_finance", ("510802", None))
    shown = ask(
        "select distinct bank, account_name, batch_no from mart.payment_finance"
    )
    assert shown == [("信用社 --", "李四妹", read)]
    denied(ask, "select bank from mart.payment")


def test_bi_sees_everything_masked_and_what_is_published(login):
    ask = login("yiku_bi")
    assert ask("select count(*) from mart_masked.one_db") == [(3,)]
    assert ask("select count(*) from published.coverage") == [(3,)]
    denied(ask, "select 1 from mart.one_db")


def test_a_bi_login_can_be_narrowed(login):
    assert login("yiku_bi", ("510821", None))(
        "select count(*) from mart_masked.one_db"
    ) == [(1,)]


@pytest.fixture
def auditor(login, built):
    """Give an auditor on a server that does not note logins: before Postgres 17, or not ours."""
    built.execute("drop event trigger yiku_note_login")
    built.execute(FILLED)
    built.commit()
    return login("yiku_audit")


# A row in each, for a policy is asked only where there is something to read.
FILLED = """
insert into ops.submission (business_date, file_name, sha256, receipt_no, archive_key, size_bytes)
values ('2017-11-20', 'a.xlsx', 'a', 'R1', 'a', 1);
insert into raw.l1 (row_id, submission_id, part, row_no, fate) values (gen_random_uuid(), 1, 0, 2, 'loaded');
insert into register.person (person_sk, id_no) values (gen_random_uuid(), '510802199003079977');
insert into pairing.run (county_code, part, business_date, inputs, status, helpers, wanted, paired, kept, objective,
    bound, greedy, greedy_paired, penalty, seconds)
values ('510802', 'chief', '2017-11-20', 'x', 'OPTIMAL', 1, 1, 1, 0, 0, 0, 0, 1, 1, 0);
insert into ops.night (business_date) values ('2017-11-20');
insert into ops.access_log (login, action) values ('somebody', 'unmask');
"""
READABLE = [
    "mart.one_db",
    "mart.payment",
    "mart_masked.one_db",
    "ops.submission",
    "ops.access_log",
    "raw.l1_now",
]
READABLE += ["register.person", "pairing.run"]


@pytest.mark.parametrize("relation", READABLE)
def test_an_auditor_reads_nothing_before_the_audit_is_noted_for_good(
    auditor, built, relation
):
    question = f"select count(*) from {relation}"
    denied(auditor, question)
    with auditor.conn.transaction(force_rollback=True):
        auditor("select ops.open_audit('专项审计第3号')")
        denied(auditor, question)
    auditor("select ops.open_audit('专项审计第3号')")
    with auditor.conn.transaction(force_rollback=True):
        assert len(auditor(question)) == 1
    assert logged(built, "audit") == [(None, "专项审计第3号")]


def test_an_audit_says_what_it_is_for_and_ends_after_twelve_hours(
    auditor, built
):
    with pytest.raises(psycopg.errors.CheckViolation):
        auditor("select ops.open_audit('看看')")
    auditor("select ops.open_audit('专项审计第3号')")
    assert auditor("select count(*) from mart.one_db") == [(3,)]
    built.execute(
        "update ops.access_log set at = at - interval '13 hours' where action = 'audit'"
    )
    built.commit()
    denied(auditor, "select count(*) from mart.one_db")


def test_nobody_else_opens_an_audit(login):
    denied(
        login("yiku_county", ("510802", None)),
        "select ops.open_audit('专项审计第3号')",
    )


def test_the_auditor_reads_all_and_every_reading_is_logged(login, built):
    built.execute(FILLED)
    ask = login("yiku_audit")
    with ask.conn.transaction(force_rollback=True):
        assert ask("select count(*) from mart.one_db") == [(3,)]
    noted = built.execute(
        "select login from ops.access_log where action = 'audit_login'"
    ).fetchall()
    assert noted == [(ask.name,)]
    for relation in READABLE:
        ask(f"select count(*) from {relation}")
    built.rollback()
    read = [
        r[0]
        for r in built.execute(
            "select object from ops.access_log where action = 'read' order by at"
        )
    ]
    assert read[:3] == ["mart.one_db", "mart.payment", "mart_masked.one_db"]
    assert {"ops.access_log", "raw.l1", "register.person"} <= set(read)
    assert ask(
        "select set_config('default_transaction_read_only', 'on', false)"
    ) == [("on",)]
    with pytest.raises(
        psycopg.errors.ReadOnlySqlTransaction
    ):  # what cannot be logged cannot be read
        ask("select count(*) from mart.one_db")


def test_logins_of_others_are_not_noted(login, built):
    login("yiku_bi")
    login("yiku_pipeline")
    assert logged(built, "audit_login") == []


def test_the_auditor_does_not_get_at_the_secret_key(login):
    denied(login("yiku_audit"), "select * from register.identity_key")


@pytest.mark.parametrize(
    ("role", "relation"),
    [("yiku_town", "mart.one_db"), ("yiku_county", "mart_masked.one_db")],
)
def test_without_a_scope_nothing_is_seen(login, role, relation):
    assert login(role)(f"select count(*) from {relation}") == [(0,)]


def test_no_session_widens_its_own_view(login):
    ask = login("yiku_town", ("510802", "510802101"))
    for trick in (
        "insert into ops.login_scope values (session_user, '510821', '510821101')",
        "set session authorization yiku",
        "set role yiku_pipeline",
        "alter table mart.one_db disable row level security",
        "select ops.log_read('x')",
    ):
        denied(ask, trick)


NOT_AUDITED = {"register.identity_key", "ops.night_turn", "ops.night_gate"}
SEES, NOTHING = "sees rows", "sees no rows"
DENIED = "is denied"
MATRIX = {
    "yiku_town": dict.fromkeys(
        [
            "mart.one_db",
            "mart.payment",
            "mart.status_conflict",
            "published.coverage",
        ],
        SEES,
    ),
    "yiku_county": {"mart_masked.one_db": SEES, "published.coverage": SEES},
    "yiku_finance": {"mart.payment_finance": SEES, "published.coverage": SEES},
    "yiku_bi": {"mart_masked.one_db": SEES, "published.coverage": SEES},
    "yiku_audit": {
        **dict.fromkeys(
            [
                "mart.one_db",
                "mart.payment",
                "mart.payment_finance",
                "mart.status_conflict",
            ],
            SEES,
        ),
        **dict.fromkeys(
            [
                "mart_masked.one_db",
                "published.coverage",
                "ops.access_log",
                "ops.login_scope",
            ],
            SEES,
        ),
        **dict.fromkeys(
            [
                "ops.access_limit",
                "ops.migration",
                "ops.list_duty",
                "ops.code_word",
            ],
            SEES,
        ),
    },
}


def outcome(ask, relation):
    try:
        return (
            SEES
            if ask(
                f"select count(*) from (select * from {relation} offset 0) as t"
            )
            != [(0,)]
            else NOTHING
        )
    except psycopg.errors.InsufficientPrivilege:
        return DENIED


@pytest.mark.parametrize("role", sorted(MATRIX))
def test_each_role_sees_what_it_is_for_and_nothing_else(login, built, role):
    scope = {
        "yiku_town": [("510802", "510802101")],
        "yiku_county": [("510802", None)],
    }
    ask = login(
        role,
        *scope.get(role, [("510802", None)] if role == "yiku_finance" else []),
    )
    built.execute(
        "insert into ops.login_scope values ('somebody', '510821', null)"
    )
    built.commit()
    schemas = "nspname !~ '^pg_|^information_schema$'"
    everything = [
        str(r[0])
        for r in built.execute(
            "select format('%I.%I', nspname, relname) from pg_class join pg_namespace as n on n.oid = relnamespace"
            f" where relkind in ('r', 'v', 'm', 'p') and {schemas}"
        )
    ]
    built.rollback()
    found = {relation: outcome(ask, relation) for relation in everything}
    assert {r: o for r, o in found.items() if o == SEES} == MATRIX[role]
    if role == "yiku_audit":
        assert {r for r, o in found.items() if o == DENIED} == NOT_AUDITED
    for relation in everything:
        denied(ask, f"do $$ begin lock table {relation} in share mode; end $$")


def test_a_login_of_the_pipeline_writes_the_ledger(login):
    ask = login("yiku_pipeline")
    ask(
        "insert into ops.login_scope values ('somebody', '510802', null) returning login"
    )
    ask(
        "insert into ops.night (business_date) values ('2017-11-20') returning night_id"
    )
    assert ask("select count(*) from mart_masked.one_db") == [(3,)]


def test_a_login_of_a_person_does_not_wait_for_ever(login):
    ask = login("yiku_bi")
    for name in (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ):
        assert ask(f"show {name}") != [("0",)]


def test_the_groups_themselves_cannot_log_in(warehouse):
    can = warehouse.execute(
        "select rolname from pg_roles where rolname = any (%s) and rolcanlogin",
        (list(GROUPS),),
    )
    assert can.fetchall() == []


@pytest.fixture
def dsn_of(built, database, own_home, monkeypatch, capsys):
    """Ask the command for a connection string; what it made is taken away again."""
    monkeypatch.setenv("YIKU_HOME", str(own_home / "home"))
    monkeypatch.setenv("YIKU_WAREHOUSE_DSN", database)

    def ask(*arguments):
        cli.main(["dsn", *arguments])
        return capsys.readouterr().out.strip()

    yield ask
    built.rollback()
    held = own_home / "home" / "logins.json"
    for login, _ in (
        json.loads(held.read_text()).values() if held.exists() else []
    ):
        built.execute(f"drop role {login}")
    built.commit()


def test_a_string_for_a_role_is_of_a_login_that_has_it_alone(dsn_of, own_home):
    text = dsn_of("--role", "yiku_town", "--place", "510802101")
    with psycopg.connect(text, autocommit=True) as conn:
        ask = lambda question: conn.execute(question).fetchall()  # noqa: E731
        assert ask("select name from mart.one_db") == [("张小三",)]
        assert ask(
            "select session_user like 'yiku_town_%', rolsuper from pg_roles where rolname = session_user"
        ) == [(True, False)]
        for way in (
            "set role yiku_pipeline",
            "reset role; select * from raw.l1",
            "set session authorization yiku",
        ):
            denied(ask, way)
    assert dsn_of("--role", "yiku_town", "--place", "510802101") == text
    held = own_home / "home" / "logins.json"
    assert held.stat().st_mode & 0o077 == 0


def test_a_string_for_the_command_line_holds_no_password(dsn_of, own_home):
    for arguments in ((), ("--role", "yiku_bi")):
        text = dsn_of("--no-password", *arguments)
        assert "password" not in text
        with psycopg.connect(text) as conn:
            assert conn.execute(
                "select count(*) from mart_masked.one_db"
            ).fetchone() == (3,)
    assert [
        p for p in (own_home / "home").rglob("*") if p.stat().st_mode & 0o077
    ] == []


def test_a_swap_keeps_the_marts_of_one_night(built, login):
    build(built, "second")
    swap(built)
    built.commit()
    comment = "select obj_description('{}.one_db'::regclass)"
    assert built.execute(comment.format("mart")).fetchone() == ("second",)
    assert built.execute(comment.format("mart_old")).fetchone() == ("first",)
    assert login("yiku_bi")("select count(*) from mart_masked.one_db") == [
        (3,)
    ]
    swap_back(built)
    assert built.execute(comment.format("mart")).fetchone() == ("first",)


def test_a_swap_without_all_three_schemas_changes_nothing(built):
    built.execute("create schema mart_shadow")
    built.commit()
    with pytest.raises(NotBuiltError, match="mart_masked"):
        swap(built)
    assert built.execute("select count(*) from mart.one_db").fetchone() == (3,)


@pytest.mark.parametrize("schema", ["mart", "mart_masked", "published"])
def test_a_view_among_the_marts_is_refused(built, schema):
    build(built)
    built.execute(f"create view {schema}_shadow.odd as select 1 as one")
    built.commit()
    with pytest.raises(RuntimeError, match=rf"{schema}\.odd"):
        swap(built)
