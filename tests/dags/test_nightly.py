"""The nightly DAG run to its end, on steps that only write down how they were called."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date
from types import ModuleType

import psycopg
import pytest
import yiku
from yiku import airflow_home

DAY = date(2017, 11, 20)
BATCHES = [
    {"county": "510802", "label": "利州区 1/2", "submissions": [3, 4]},
    {"county": "510802", "label": "利州区 2/2", "submissions": [5]},
]
PARTS = [{"label": "利州区", "counties": ["510802"]}]
STEPS = [
    "open_night",
    "pull",
    "load_references",
    "process_batch",
    "build_marts",
]
STEPS += [
    "propose",
    "publish",
    "hand_out_answers",
    "send_back",
    "work_lists",
    "bring_back",
    "draw_wall",
    "notify",
    "tidy",
    "close_night",
]


class Screen:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def begin(self, step, label):
        return

    def end(self, step, label, seconds, facts):
        self.told.append((step, label))


@pytest.fixture
def steps(monkeypatch, settings):
    """A ``yiku.pipeline`` whose steps keep their arguments and answer from a table."""
    monkeypatch.setenv("YIKU_HOME", str(settings.home))
    module = ModuleType("yiku.pipeline")
    module.calls = []
    module.answers = {
        "pull": {"reference": [1, 2], "batches": BATCHES},
        "close_night": {"files": 5},
        "hand_out_answers": {"parts": PARTS},
    }

    def make(name):
        def run(settings, **arguments):
            module.calls.append((name, arguments))
            answer = module.answers.get(name, {"rows": 7})
            if isinstance(answer, Exception):
                raise answer
            return answer

        return run

    for name in STEPS:
        setattr(module, name, make(name))
    module.ended = []
    module.end_run = lambda settings, run_id: module.ended.append(run_id)
    monkeypatch.setitem(sys.modules, "yiku.pipeline", module)
    monkeypatch.setattr(yiku, "pipeline", module, raising=False)
    return module


def run(settings, screen):
    from yiku.airflow_glue import run_nightly_once

    return run_nightly_once(settings, "/some/inbox", DAY, screen)


def test_a_night_walks_through_every_step(settings, steps):
    screen = Screen()
    result = run(settings, screen)
    assert result.succeeded
    assert steps.ended == [result.run_id]
    assert result.summary["files"] == 5
    names = [name for name, _ in steps.calls]
    assert names[:3] == STEPS[:3]
    assert names[3:5] == ["process_batch"] * 2
    assert names[5:] == STEPS[4:]
    assert all(
        arguments["business_date"] == DAY for _, arguments in steps.calls
    )
    assert steps.calls[1][1]["inbox"] == "/some/inbox"
    assert steps.calls[2][1]["submissions"] == [1, 2]
    assert sorted(
        a["batch"]["label"] for n, a in steps.calls if n == "process_batch"
    ) == ["利州区 1/2", "利州区 2/2"]
    assert ("process_batch", "利州区 1/2") in screen.told


def test_a_night_with_nothing_new_still_builds(settings, steps):
    steps.answers["pull"] = {"reference": [], "batches": []}
    result = run(settings, Screen())
    assert result.succeeded
    names = [name for name, _ in steps.calls]
    assert "process_batch" not in names
    assert names[-1] == "close_night"


def test_a_night_with_nothing_to_answer_goes_on(settings, steps):
    steps.answers["hand_out_answers"] = {"parts": []}
    assert run(settings, Screen()).succeeded
    names = [name for name, _ in steps.calls]
    assert "send_back" not in names
    after = names[names.index("hand_out_answers") + 1 :]
    assert after == STEPS[STEPS.index("work_lists") :]


def test_answers_are_written_by_counties(settings, steps):
    parts = [
        *PARTS,
        {"label": "旺苍县、织金县", "counties": ["510821", "520524"]},
    ]
    steps.answers["hand_out_answers"] = {"parts": parts}
    screen = Screen()
    assert run(settings, screen).succeeded
    written = [a["counties"] for n, a in steps.calls if n == "send_back"]
    assert sorted(written) == [["510802"], ["510821", "520524"]]
    assert ("send_back", "旺苍县、织金县") in screen.told


def test_a_fault_of_ours_fails_the_night_and_says_no_value(
    settings, steps, capfd
):
    steps.answers["build_marts"] = psycopg.errors.UniqueViolation(
        "Key (id_no)=(secret) already exists"
    )
    result = run(settings, Screen())
    assert not result.succeeded
    assert result.failed == ("build",)
    assert steps.ended == [result.run_id]
    assert "publish" not in [name for name, _ in steps.calls]
    out, err = capfd.readouterr()
    assert "secret" not in out + err
    told = "".join(
        p.read_text("utf-8")
        for p in (settings.outbox / DAY.isoformat()).rglob("*.txt")
    )
    assert "步骤 build" in told
    assert "secret" not in told


def test_what_steps_answer_is_small_and_plain():
    assert len(json.dumps(BATCHES)) < 10_000


@pytest.mark.parametrize("given", ["by the setting", "by the command"])
def test_no_secret_of_an_inbox_reaches_the_database_the_logs_or_the_screen(
    settings, steps, monkeypatch, capfd, given
):
    from yiku.intake.location import Location, keep, locate
    from yiku.settings import load_settings

    full, word = "sftp://clerk:s3cr3tw0rd@host/in", b"s3cr3tw0rd"
    monkeypatch.setattr("yiku.intake.location._kept", {})
    if given == "by the setting":
        monkeypatch.setenv("YIKU_INBOX", full)
    asked = keep(Location(full)) if given == "by the command" else ""

    from yiku.airflow_glue import run_nightly_once

    assert run_nightly_once(settings, asked, DAY, Screen()).succeeded
    told = [
        arguments["inbox"]
        for name, arguments in steps.calls
        if name in ("open_night", "pull")
    ]
    assert told == ["sftp://clerk@host/in"] * 2
    assert (
        locate(told[0], load_settings()).options["password"] == word.decode()
    )
    out, err = capfd.readouterr()
    assert word.decode() not in out + err
    assert [
        p
        for p in settings.home.rglob("*")
        if p.is_file() and word in p.read_bytes()
    ] == []


def test_without_an_inbox_a_night_asks_the_sources_and_airflow_for_their_logins(
    settings, steps, monkeypatch, capfd
):
    from yiku.airflow_glue import run_nightly_once
    from yiku.intake import source_logins

    word = "s3cr3tw0rd"
    monkeypatch.setattr(source_logins, "_logins", {})
    monkeypatch.setenv("AIRFLOW_CONN_TOWNS", f"sftp://clerk:{word}@host")
    file = settings.home / "sources.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "sources:\n"
        "  - {name: 前置机, kind: sftp, location: 'sftp://host/in', connection: towns}\n"
        "  - {name: 没有, kind: sftp, location: 'sftp://other/in', connection: nobody}\n",
        "utf-8",
    )
    monkeypatch.setenv("YIKU_SOURCES", str(file))
    assert run_nightly_once(settings, None, DAY, Screen()).succeeded
    asked = [
        arguments["inbox"]
        for name, arguments in steps.calls
        if name in ("open_night", "pull")
    ]
    assert asked == [None, None]
    assert {
        name: login.user for name, login in source_logins._logins.items()
    } == {"towns": "clerk"}
    out, err = capfd.readouterr()
    assert word not in out + err
    assert [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes()
    ] == []


def test_runs_that_are_older_than_their_period_leave_airflows_database(
    settings, steps
):
    for _night in range(2):
        run(settings, Screen())
    with closing(sqlite3.connect(settings.airflow / "one_run.db")) as base:
        for table in ("dag_run", "task_instance"):
            base.execute(
                f"update {table} set start_date = '2017-11-20 00:00:00'"
            )
        base.execute("update xcom set timestamp = '2017-11-20 00:00:00'")
        base.commit()
        run(settings, Screen())
        airflow_home.clean(settings, days=90)
        left = {
            table: base.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("dag_run", "task_instance", "xcom")
        }
    # last night's run alone: two batches, thirteen other steps and what ends it
    assert left["dag_run"] == 1
    assert left["task_instance"] == len(STEPS) + 2
    assert left["xcom"] <= left["task_instance"] + 2


def test_airflows_database_is_cleaned_once_a_week(settings, monkeypatch):
    cleaned = []
    monkeypatch.setattr(
        airflow_home, "clean", lambda *asked: cleaned.append(asked)
    )
    mark = settings.airflow / "cleaned.one_run"
    mark.unlink(missing_ok=True)
    # a new home has nothing old
    assert not airflow_home.clean_now_and_then(settings, 90)
    assert not airflow_home.clean_now_and_then(settings, 90)
    week_ago = time.time() - 8 * 24 * 3600
    os.utime(mark, (week_ago, week_ago))
    assert airflow_home.clean_now_and_then(settings, 90)
    assert not airflow_home.clean_now_and_then(settings, 90)
    assert cleaned == [(settings, 90, None)]
