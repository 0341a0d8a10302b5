"""One night at a time, whatever processes run it; no reader keeps it waiting; a run that broke off gives way."""

import os
import signal
import threading
import uuid
from contextlib import closing, contextmanager
from datetime import date

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from yiku import pipeline
from yiku.product import running_version
from yiku.warehouse import night_lock
from yiku.warehouse.connection import connect
from yiku.warehouse.roles import create_login

DAY, LATER = date(2017, 11, 20), date(2017, 11, 21)
SOON = 20  # seconds within which what may happen has happened


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let waiting nights look often."""
    monkeypatch.setattr(night_lock, "_POLL", 0.02)


@pytest.fixture
def opened(settings, tmp_path):
    """Prepare the warehouse, and give a function that opens a night."""

    def open_night(day=DAY, run="first", watcher=None, tell=lambda text: None):
        return pipeline.open_night(
            settings, day, str(tmp_path), run, watcher, tell
        )["night"]

    return open_night


class Waiting:
    """Work in a thread, and what it was told while it waited."""

    def __init__(self, work):
        self.told, self.result, self.begun = [], [], threading.Event()
        self.thread = threading.Thread(
            target=lambda: self.result.append(work(self.tell)), daemon=True
        )
        self.thread.start()

    def tell(self, text):
        self.told.append(text)
        self.begun.set()

    def waits(self):
        assert self.begun.wait(SOON)
        self.thread.join(0.2)
        return self.thread.is_alive()

    def ends(self):
        self.thread.join(SOON)
        assert not self.thread.is_alive()
        return self.result[0]


def states(settings):
    with connect(settings) as conn:
        return dict(
            conn.execute("select night_id, state from ops.night").fetchall()
        )


def expire(settings):
    with connect(settings) as conn:
        conn.execute("update ops.night_turn set until = '-infinity'")


def test_a_night_keeps_which_version_ran(settings, opened):
    night = opened()
    with connect(settings) as conn:
        query = "select version from ops.night where night_id = %s"
        (version,) = conn.execute(query, (night,)).fetchone()
    assert version == running_version()


def test_a_second_night_waits_until_the_first_has_ended(settings, opened):
    first = opened()
    second = Waiting(lambda tell: opened(LATER, "second", tell=tell))
    assert second.waits()
    assert "2017-11-20" in second.told[0]
    assert list(states(settings)) == [first]
    pipeline.end_run(settings, "first")
    assert states(settings)[first] == "failed"  # it was not published
    assert second.ends() > first


def test_the_last_step_lets_the_next_night_begin(settings, opened):
    first = opened()
    pipeline.close_night(settings, DAY, first)
    assert opened(LATER, "second") > first


def test_a_run_that_lost_its_watcher_has_broken_off(settings, opened):
    with night_lock.watching(settings) as watcher:
        first = opened(watcher=watcher)
        second = Waiting(lambda tell: opened(LATER, "second", tell=tell))
        expire(settings)
        assert second.waits()
    number = second.ends()
    assert states(settings) == {first: "failed", number: "open"}


def test_a_scheduled_run_keeps_its_turn_between_two_steps_for_a_while(
    settings, opened
):
    opened()
    second = Waiting(lambda tell: opened(LATER, "second", tell=tell))
    assert second.waits()
    expire(settings)
    second.ends()


def test_a_turn_that_was_taken_before_the_clock_was_set_back_is_not_kept_for_years(
    settings, opened
):
    opened()
    with connect(settings) as conn:
        conn.execute(
            "update ops.night_turn set until = clock_timestamp() + interval '2 years'"
        )
    second = Waiting(lambda tell: opened(LATER, "second", tell=tell))
    assert second.ends()
    assert second.told == []


def test_a_step_that_runs_keeps_the_turn_however_long(settings, opened):
    first = opened()
    with night_lock.standing(settings, first, shared=True):
        expire(settings)
        second = Waiting(lambda tell: opened(LATER, "second", tell=tell))
        assert second.waits()
        with night_lock.standing(
            settings, first, shared=True
        ):  # another batch of the same night
            pass
    pipeline.end_run(settings, "first")
    second.ends()


def test_a_run_that_begins_once_more_takes_its_own_turn(settings, opened):
    first = opened()
    second = opened()
    assert states(settings) == {first: "failed", second: "open"}


def test_a_night_whose_turn_has_gone_waits_like_any_other_and_goes_on(
    settings, opened
):
    first = opened()
    expire(settings)
    second = opened(LATER, "second")
    assert states(settings)[first] == "failed"

    def step(tell):
        with night_lock.standing(settings, first, tell=tell) as number:
            return number

    waiting = Waiting(step)
    assert waiting.waits()
    pipeline.close_night(settings, LATER, second)
    assert waiting.ends() == first
    assert states(settings)[first] == "open"


def test_a_killed_step_leaves_the_gate(settings, opened):
    first = opened()
    pid = os.fork()
    if pid == 0:
        with night_lock.standing(settings, first):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    expire(settings)
    assert (
        Waiting(lambda tell: opened(LATER, "second", tell=tell)).ends() > first
    )


@contextmanager
def county_login(settings):
    """Open a session of a county's officer."""
    name = f"clerk_{uuid.uuid4().hex[:12]}"
    with closing(connect(settings)) as conn:
        create_login(
            conn, name, "a password", "yiku_county", [("510802", None)]
        )
        conn.commit()
        login = make_conninfo(
            settings.warehouse_dsn, user=name, password="a password"
        )
        with psycopg.connect(login, autocommit=True) as session:
            yield session
        conn.execute(
            psycopg.sql.SQL("drop owned by {0}; drop role {0}").format(
                psycopg.sql.Identifier(name)
            )
        )
        conn.commit()


def test_no_reader_keeps_a_night_waiting(settings, opened):
    pipeline.close_night(settings, DAY, opened())
    with county_login(settings) as session:
        for key in (0x59494B55, 0x59494B56):  # keys that were locked here once
            session.execute("select pg_advisory_lock(%s)", (key,))
        for words in ("yiku", "yiku roles"):
            session.execute("select pg_advisory_lock(hashtext(%s))", (words,))
        for mode in (
            "access share",
            "row share",
            "exclusive",
            "access exclusive",
        ):
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                session.transaction(),
            ):
                session.execute(f"lock table ops.night_gate in {mode} mode")
        for trick in (
            "select * from ops.night_turn for update",
            "update ops.night_turn set night_id = 1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(trick)
        began = Waiting(lambda tell: opened(LATER, "second", tell=tell))
        number = began.ends()
        with night_lock.standing(settings, number):
            pass
        assert began.told == []
