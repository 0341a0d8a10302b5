"""The swap waits for no reader and takes nothing away: who reads yesterday's marts goes on, nobody finds them empty."""

import threading
import time
import uuid
from contextlib import closing, suppress

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from test_warehouse_roles import build
from yiku.warehouse.one_state import read_in_one_state
from yiku.warehouse.roles import create_login
from yiku.warehouse.swap import KEPT_NIGHTS, drop_old, swap

READERS = {
    "yiku_town": ("mart.one_db", ("510802", "510802101")),
    "yiku_county": ("mart_masked.one_db", ("510802", None)),
    "yiku_bi": ("published.coverage", None),
    "yiku_finance": ("mart.payment", ("510802", None)),
}


def night(conn, note="tonight"):
    """Build the marts and swap them in, in less than a reader would be waited for."""
    build(conn, note)
    conn.execute("insert into ops.night (business_date) values ('2017-11-20')")
    began = time.monotonic()
    swap(conn)
    conn.commit()
    assert time.monotonic() - began < 10
    return drop_old(conn)


def schemas(conn):
    rows = conn.execute(
        "select nspname from pg_namespace where nspname ~ '^(mart|published)' order by 1"
    ).fetchall()
    conn.commit()
    return [name for (name,) in rows]


@pytest.fixture
def login(warehouse, database):
    """Give a function that opens a session of a fresh login of a role."""
    night(warehouse, "first")
    made, sessions = [], []

    def make(role):
        name = f"clerk_{uuid.uuid4().hex[:12]}"
        scope = READERS[role][1]
        create_login(
            warehouse, name, "a password", role, [scope] if scope else []
        )
        warehouse.commit()
        made.append(name)
        session = psycopg.connect(
            make_conninfo(database, user=name, password="a password"),
            autocommit=True,
        )
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()
    warehouse.rollback()
    for name in made:
        warehouse.execute(f"drop role {name}")
    warehouse.commit()


@pytest.mark.parametrize("role", READERS)
def test_a_report_that_stays_open_keeps_its_marts_and_stops_no_night(
    warehouse, login, role
):
    session = login(role)
    counted = f"select count(*) from {READERS[role][0]}"
    session.execute("begin")
    before = session.execute(counted).fetchone()
    assert before[0] > 0
    session.execute(
        f"declare report cursor for select count(*) from {READERS[role][0]}"
    )
    assert [night(warehouse, n) for n in ("second", "third", "fourth")] == [
        0,
        1,
        1,
    ]
    assert (
        len([s for s in schemas(warehouse) if s.startswith("mart_old_")]) == 1
    )
    assert session.execute("fetch report").fetchone() == before
    session.execute("commit")
    assert session.execute(counted).fetchone() == before
    assert drop_old(warehouse) == 0
    assert [s for s in schemas(warehouse) if s.startswith("mart_old")] == [
        "mart_old"
    ]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_reader_of_one_snapshot_is_never_shown_emptiness(
    warehouse, login, role, level
):
    session = login(role)
    counted = f"select count(*) from {READERS[role][0]}"
    session.execute(f"begin isolation level {level}")
    before = session.execute(counted).fetchone()
    assert before[0] > 0
    night(warehouse, "second")
    with pytest.raises(psycopg.errors.SerializationFailure, match="重新查询"):
        session.execute(counted)
    session.execute("rollback")
    session.execute(f"begin isolation level {level}")
    assert session.execute(counted).fetchone() == before
    session.execute("rollback")


def test_a_plan_that_was_prepared_before_the_swap_reads_what_came_after(
    warehouse, login
):
    session = login("yiku_town")
    session.execute("prepare asked as select count(*) from mart.one_db")
    assert session.execute("execute asked").fetchone() == (1,)
    build(warehouse, "second")
    warehouse.execute("delete from mart_shadow.one_db")
    swap(warehouse)
    warehouse.commit()
    assert session.execute("execute asked").fetchone() == (0,)


def test_readers_who_never_stop_asking_get_an_answer_each_time(
    warehouse, login
):
    wrong, asked, over = [], [], threading.Event()

    def ask(session, role):
        while not over.is_set():
            try:
                found = session.execute(
                    f"select count(*) from {READERS[role][0]}"
                ).fetchone()
            except psycopg.Error as error:
                wrong.append(type(error).__name__)
                return
            asked.append(1)
            if not found[0]:
                wrong.append("nothing")

    readers = [
        threading.Thread(target=ask, args=(login(role), role))
        for role in READERS
    ]
    for reader in readers:
        reader.start()
    for n in range(8):
        night(warehouse, str(n))
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(asked) > 100


def test_readers_who_never_end_are_ended_after_so_many_nights(
    warehouse, login
):
    session = login("yiku_town")
    session.execute("begin")
    session.execute("select count(*) from mart.one_db")
    kept = [night(warehouse, str(n)) for n in range(KEPT_NIGHTS + 3)]
    assert kept == [0, *[1] * (KEPT_NIGHTS + 1), 0]
    with pytest.raises(psycopg.OperationalError), closing(session):
        session.execute("select 1")


def test_marts_restored_on_another_server_are_shown_to_every_reader(
    warehouse, login
):
    session = login("yiku_town")
    warehouse.execute("drop policy whole on mart.one_db")
    warehouse.execute(
        "create policy whole on mart.one_db as restrictive for select to public"
        " using (ops.shows_whole('4000000000000'))"  # a transaction that this server has not come to
    )
    warehouse.commit()
    session.execute("begin isolation level repeatable read")
    assert session.execute("select count(*) from mart.one_db").fetchone() == (
        1,
    )
    with suppress(psycopg.Error):
        session.execute("rollback")


def test_a_report_reads_one_night_whole_while_another_is_published(
    warehouse, database
):
    night(warehouse, "yesterday")
    seen = []
    with closing(psycopg.connect(database)) as conn:

        def read():
            first = conn.execute("select count(*) from ops.night").fetchone()
            if not seen:
                night(warehouse, "tonight")
            rows = conn.execute("select count(*) from mart_masked.one_db")
            again = conn.execute("select count(*) from ops.night").fetchone()
            # within one reading nothing moves
            assert first == again
            seen.append(rows.fetchone())
            return seen[-1]

        found = read_in_one_state(conn, read)
        # the new tables look empty to the old snapshot: that was not returned
        assert seen == [(0,), found]
        assert found > (0,)
        # and the connection writes again
        conn.execute("create temporary table after (x integer)")
