"""The embedded server: set up once, found by all, survives a kill, stops without leaving a process."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest
from yiku.settings import load_settings
from yiku.warehouse import embedded
from yiku.warehouse.init import logs_statements


def test_a_second_request_finds_the_server_running(server):
    before = embedded.status(server)
    assert before.running
    embedded.ensure_running(server)
    assert embedded.status(server) == before


def test_a_given_server_is_used_as_it_is(tmp_path):
    given = load_settings({"YIKU_HOME": str(tmp_path), "YIKU_WAREHOUSE_DSN": "postgresql://elsewhere/db"})
    assert embedded.ensure_running(given) == "postgresql://elsewhere/db"
    assert list(tmp_path.iterdir()) == []


def test_a_statement_that_fails_leaves_nothing_of_a_row_in_the_log(server):
    with psycopg.connect(embedded.dsn(server), autocommit=True) as conn:
        assert not logs_statements(conn)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            conn.execute("select '张三丰'::int")
        conn.execute("set log_min_messages = 'warning'")
        assert logs_statements(conn)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            conn.execute("select '李四妹'::int")
    log = (server.logs / "postgres.log").read_text()
    assert "张三丰" not in log
    assert "李四妹" in log  # what the level is for


def test_the_password_is_asked_for_and_kept_private(server):
    wrong = embedded.dsn(server).replace(embedded._password(server), "wrong")
    with psycopg.connect(embedded.dsn(server)) as conn:
        assert conn.execute("select current_setting('listen_addresses')").fetchone() == ("127.0.0.1",)
    try:
        psycopg.connect(wrong)
        raise AssertionError
    except psycopg.OperationalError:
        pass
    assert (server.postgres / "password").stat().st_mode & 0o777 == 0o600


def test_it_survives_kill_nine_and_stops_clean(own_home):
    settings = load_settings({"YIKU_HOME": str(own_home)})
    with psycopg.connect(embedded.ensure_running(settings), autocommit=True) as conn:
        conn.execute("create table kept (n int)")
        conn.execute("insert into kept values (1)")
        os.kill(embedded.status(settings).pid, signal.SIGKILL)
    with psycopg.connect(embedded.ensure_running(settings)) as conn:
        assert conn.execute("select n from kept").fetchall() == [(1,)]
    pid = embedded.status(settings).pid
    assert embedded.stop(settings)
    assert not embedded.status(settings).running
    assert not embedded._alive(pid)
    assert not embedded.stop(settings)


def test_many_processes_may_ask_at_once_and_it_outlives_them(own_home):
    program = "from yiku.settings import load_settings; from yiku.warehouse.embedded import ensure_running, status; "
    program += "s = load_settings(); ensure_running(s); print(status(s).pid)"
    environment = {**os.environ, "YIKU_HOME": str(own_home), "YIKU_WAREHOUSE_DSN": ""}
    asked = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) for _ in range(3)
    ]
    answers = {p.communicate()[0] for p in asked}
    settings = load_settings({"YIKU_HOME": str(own_home)})
    try:
        assert len(answers) == 1
        assert embedded.status(settings).pid == int(answers.pop())
    finally:
        embedded.stop(settings)


def test_a_home_below_a_closed_folder_works_too(own_home):
    closed = own_home / "closed"
    closed.mkdir(mode=0o700)
    settings = load_settings({"YIKU_HOME": str(closed / "home")})
    try:
        with psycopg.connect(embedded.ensure_running(settings)) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
    finally:
        embedded.stop(settings)
