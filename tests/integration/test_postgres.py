"""The embedded server: set up once, found by all, survives a kill, stops without leaving a process."""

import ast
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from yiku.settings import load_settings
from yiku.warehouse import (
    embedded,
    server_owner,
    server_programs,
    server_setup,
)
from yiku.warehouse.init import logs_statements


def test_a_second_request_finds_the_server_running(server):
    before = embedded.status(server)
    assert before.running
    embedded.ensure_running(server)
    assert embedded.status(server) == before


def test_a_given_server_is_used_as_it_is(tmp_path):
    given = load_settings(
        {
            "YIKU_HOME": str(tmp_path),
            "YIKU_WAREHOUSE_DSN": "postgresql://elsewhere/db",
        }
    )
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
    wrong = embedded.dsn(server).replace(
        server_setup.password_of(server), "wrong"
    )
    with psycopg.connect(embedded.dsn(server)) as conn:
        assert conn.execute(
            "select current_setting('listen_addresses')"
        ).fetchone() == ("127.0.0.1",)
    try:
        psycopg.connect(wrong)
        raise AssertionError
    except psycopg.OperationalError:
        pass
    assert (server.postgres / "password").stat().st_mode & 0o777 == 0o600


def test_it_survives_kill_nine_and_stops_clean(own_home):
    settings = load_settings({"YIKU_HOME": str(own_home)})
    with psycopg.connect(
        embedded.ensure_running(settings), autocommit=True
    ) as conn:
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


def test_a_server_that_does_not_answer_for_a_while_is_waited_for(own_home):
    """As after the death of one of its processes: it recovers, and is where it was."""
    settings = load_settings({"YIKU_HOME": str(own_home)})
    embedded.ensure_running(settings)
    before = embedded.status(settings)
    os.kill(before.pid, signal.SIGSTOP)
    # Longer than one question waits for its answer.
    waker = threading.Timer(7, os.kill, (before.pid, signal.SIGCONT))
    waker.start()
    with psycopg.connect(embedded.ensure_running(settings)) as conn:
        assert conn.execute("select 1").fetchone() == (1,)
    waker.join()
    assert embedded.status(settings) == before
    assert embedded.stop(settings)


def test_many_processes_may_ask_at_once_and_it_outlives_them(own_home):
    program = "from yiku.settings import load_settings; from yiku.warehouse.embedded import ensure_running, status; "
    program += "s = load_settings(); ensure_running(s); print(status(s).pid)"
    environment = {
        **os.environ,
        "YIKU_HOME": str(own_home),
        "YIKU_WAREHOUSE_DSN": "",
    }
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    answers = {p.communicate()[0] for p in asked}
    settings = load_settings({"YIKU_HOME": str(own_home)})
    try:
        assert len(answers) == 1
        assert embedded.status(settings).pid == int(answers.pop())
    finally:
        embedded.stop(settings)


# Lists and reads what it is told, and says what it got at.
SPY = """
import os, sys
found = set()
for path in sys.stdin.read().split(chr(0)):
    for attempt in (os.listdir, lambda p: open(p, 'rb').read(1)):
        try:
            attempt(path)
            found.add(path)
        except OSError:
            pass
print(found or [])
"""


def seen_by(uid, gid, paths):
    """Which of some paths another user of the machine can list or read."""
    done = subprocess.run(
        ["python3", "-c", SPY],
        input="\0".join(map(str, paths)),
        **{"user": uid, "group": gid, "extra_groups": [], "cwd": "/"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ast.literal_eval(done.stdout)


@pytest.fixture
def closed(own_home):
    """A server in a home below a folder that only we can enter."""
    (own_home / "closed").mkdir(mode=0o700)
    settings = load_settings({"YIKU_HOME": str(own_home / "closed" / "home")})
    embedded.ensure_running(settings)
    yield settings
    embedded.stop(settings)


def test_a_home_is_closed_to_all_others_and_the_server_works_in_it(closed):
    with psycopg.connect(embedded.dsn(closed)) as conn:
        assert conn.execute("select 1").fetchone() == (1,)
        assert conn.execute(
            "select current_setting('unix_socket_directories')"
        ).fetchone() == ("",)
    everything = [closed.home, *closed.home.rglob("*")]
    assert closed.postgres / "data" / "PG_VERSION" in everything
    assert [p for p in everything if p.stat().st_mode & 0o077] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("other", ["nobody", "daemon"])
def test_another_user_sees_nothing_of_a_home_and_of_the_server(server, other):
    # It lies in a folder of the machine's, which is not ours to open or close.
    assert server.home.parent.stat().st_mode & 0o001
    entry, pid = pwd.getpwnam(other), embedded.status(server).pid
    owner = server_owner.owner_of(server.postgres / "data")
    assert owner.uid not in {0, *(p.pw_uid for p in pwd.getpwall())}
    shared = [
        p
        for p in Path("/dev/shm").glob("PostgreSQL.*")
        if p.stat().st_uid == owner.uid
    ]
    of_process = [
        f"/proc/{pid}/{name}"
        for name in ("environ", "cwd", "cwd/PG_VERSION", "fd", "mem")
    ]
    paths = [server.home, *server.home.rglob("*"), *shared, *of_process]
    assert len(paths) > 500
    assert list(seen_by(entry.pw_uid, entry.pw_gid, paths)) == []


def test_data_of_a_version_that_shared_its_user_are_taken_over(
    own_home, monkeypatch
):
    for module in (server_programs, server_setup):
        monkeypatch.setattr(module, "PUBLIC_FOLDER", own_home / "public")
    settings = load_settings({"YIKU_HOME": str(own_home / "home")})
    try:
        with psycopg.connect(
            embedded.ensure_running(settings), autocommit=True
        ) as conn:
            conn.execute("create table kept (n int)")
        embedded.stop(settings)
        if os.geteuid() == 0:
            server_owner.give(
                settings.postgres / "data", server_owner.nobody()
            )
            server_setup.elsewhere(settings).parent.mkdir(parents=True)
            (settings.postgres / "data").rename(
                server_setup.elsewhere(settings)
            )
        settings.home.chmod(0o711)
        with psycopg.connect(embedded.ensure_running(settings)) as conn:
            assert conn.execute("select count(*) from kept").fetchone() == (0,)
        assert settings.home.stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            assert (
                settings.postgres / "data"
            ).stat().st_uid != server_owner.nobody().uid
    finally:
        embedded.stop(settings)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root's server is another user"
)
def test_programs_below_a_closed_folder_are_copied_with_their_libraries(
    own_home, monkeypatch
):
    """Also those of an installation that its owner keeps to himself, as under a umask of 077."""
    found = server_programs.binaries()
    mine = own_home / "mine" / found.parents[1].name
    shutil.copytree(found.parents[1], mine, symlinks=True)
    libraries = found.parents[1].with_name(f"{mine.name}.libs")
    if libraries.exists():
        shutil.copytree(
            libraries, mine.with_name(libraries.name), symlinks=True
        )
    for path in (p for p in mine.parent.rglob("*") if not p.is_symlink()):
        path.chmod(path.stat().st_mode & 0o700)
    monkeypatch.setattr(
        server_programs, "binaries", lambda: mine.joinpath(*found.parts[-2:])
    )
    for module in (server_programs, server_setup):
        monkeypatch.setattr(module, "PUBLIC_FOLDER", own_home / "public")
    monkeypatch.setattr(server_programs, "_open_to_all", lambda path: False)
    own_home.chmod(0o711)
    settings = load_settings({"YIKU_HOME": str(own_home / "home")})
    try:
        with psycopg.connect(embedded.ensure_running(settings)) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
        assert server_programs.programs().is_relative_to(own_home / "public")
    finally:
        embedded.stop(settings)
