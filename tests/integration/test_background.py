"""``yiku up`` and ``yiku down``: the real servers come up, know the DAG, and leave nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from yiku.settings import load_settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def yiku(tmp_path):
    """Run the command in a home of its own; whatever a test leaves running is stopped."""
    env = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("AIRFLOW", "YIKU"))
    }
    env |= {
        "YIKU_HOME": str(tmp_path / "home"),
        "YIKU_AIRFLOW_PORT": str(free_port()),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "yiku.cli", *arguments]
        return subprocess.run(
            command,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    yield run
    run("down")


def ask(
    facts: dict[str, Any],
    path: str,
    token: str | None = None,
    body: dict[str, str] | None = None,
) -> Any:
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Bearer {token}"} if token else {}
    )
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(facts["web"] + path, data, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=120
    ) as answer:
        return json.load(answer)


def sessions(home: Path) -> set[int]:
    """Process ids that ``yiku up`` wrote down: each leads a session of its own."""
    state = json.loads((home / "run" / "airflow.json").read_text("utf-8"))
    return {c["pid"] for c in state["components"].values()}


def members(leaders: set[int]) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if (
                os.getsid(process.pid) in leaders
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def listening(leaders: set[int]) -> set[str]:
    """Addresses at which the programs of some sessions can be spoken to."""
    found = set()
    for pid in members(leaders):
        try:
            connections = psutil.Process(pid).net_connections("inet")
        except psutil.NoSuchProcess:
            continue
        found |= {
            str(c.laddr.ip)
            for c in connections
            if c.status == psutil.CONN_LISTEN
        }
    return found


def test_up_gives_the_real_thing_and_down_leaves_nothing(yiku, tmp_path):
    home = load_settings({"YIKU_HOME": str(tmp_path / "home")}).home
    done = yiku("up")
    assert done.returncode == 0, done.stderr
    facts = json.loads(yiku("status", "--json").stdout)
    leaders = sessions(home)
    assert facts["postgres"]
    assert set(facts["airflow"]) == {
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
    }
    assert all(facts["airflow"].values())

    token = ask(
        facts,
        "/auth/token",
        body={"username": facts["user"], "password": facts["password"]},
    )["access_token"]
    nightly = ask(facts, "/api/v2/dags/nightly", token)
    assert not nightly["is_paused"]
    assert nightly["next_dagrun_run_after"].endswith(
        "T17:00:00Z"
    )  # 01:00 in Shanghai
    assert (
        ask(facts, "/api/v2/dags/nightly/dagRuns", token)["total_entries"] == 0
    )  # nothing runs before it is time

    assert listening(leaders) == {"127.0.0.1"}
    assert [
        p
        for p in [home, *home.rglob("*")]
        if not p.is_symlink() and p.stat().st_mode & 0o077
    ] == []
    told = [
        a for pid in members(leaders) for a in psutil.Process(pid).cmdline()
    ]
    assert not [a for a in told if facts["password"] in a or "postgresql" in a]

    again = yiku("up")
    assert again.returncode == 0
    assert sessions(home) == leaders

    assert yiku("down").returncode == 0
    assert members(leaders) == []
    assert json.loads(yiku("status", "--json").stdout)["postgres"] is False
