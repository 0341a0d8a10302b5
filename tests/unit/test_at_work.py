"""``yiku down`` ends what works in another terminal, and nothing else."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from yiku import at_work, cli
from yiku.settings import load_settings

# A command at work with a child of its own; it does not listen to the first signal, as a task of Airflow does not.
WORKS = """
import signal, subprocess, sys, time
from yiku import at_work
from yiku.settings import load_settings
signal.signal(signal.SIGTERM, lambda *_: None)
with at_work.written_down(load_settings({"YIKU_HOME": sys.argv[1]}), "业务日期 2017-11-20 的夜间运行"):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("YIKU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("YIKU_WAREHOUSE_DSN", raising=False)
    monkeypatch.setattr(at_work, "STOP_SECONDS", 0.5)
    return load_settings({"YIKU_HOME": str(tmp_path / "home")})


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_down_ends_a_night_of_another_terminal_and_says_so(at_home, capsys):
    night = subprocess.Popen(
        [sys.executable, "-c", WORKS, str(at_home.home)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert night.stdout is not None
    child = int(night.stdout.readline())
    cli.main(["down"])
    said = capsys.readouterr().out
    assert "业务日期 2017-11-20 的夜间运行被停下了" in said
    night.wait(10)
    until = time.monotonic() + 10
    while not gone(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(child)
    cli.main(["down"])
    assert "被停下" not in capsys.readouterr().out


def test_what_has_ended_is_not_written_down_any_more(at_home):
    with at_work.written_down(at_home, "备份"):
        (path,) = (at_home.run / "at_work").iterdir()
        assert path.stat().st_mode & 0o077 == 0
        assert at_work.end(at_home) == []  # oneself goes on
    assert list((at_home.run / "at_work").iterdir()) == []


def test_whoever_was_given_the_number_of_one_that_was_killed_is_left_alone(
    at_home,
):
    folder = at_home.run / "at_work"
    folder.mkdir(parents=True)
    other = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"]
    )
    try:
        for number in (other.pid, 2**22 + os.getpid()):
            (folder / f"{number}.json").write_text(
                json.dumps({"title": "备份", "born": 1.0})
            )
        assert at_work.end(at_home) == []
        assert other.poll() is None
        assert list(folder.iterdir()) == []
    finally:
        other.kill()
        other.wait()
