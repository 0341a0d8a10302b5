"""A Superset of this machine on the warehouse, in an environment of its own: ``make bi``.

It runs for as long as the command does. Superset's packages and ours cannot live in one environment, so that it is
another Python that prepares it and serves it; over its interface it is ours that brings the dashboards in.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from yiku import private
from yiku.bi.bundle import packed, read_bundle
from yiku.bi.checked_checkout import identities
from yiku.bi.superset_client import Superset
from yiku.settings import Settings
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import ensure_running
from yiku.warehouse.reader_logins import (
    ANALYST,
    ReaderLogin,
    reader_logins,
    server_variables,
)

ADMIN = "admin"
# Of roles.json: what a county's officer, and an analyst, may do in Superset itself.
_ROLES = {ANALYST: "一库分析"}
_VIEWER = "一库阅览"
# Loading Superset takes ten seconds on a quiet machine.
START_SECONDS = 180
STOP_SECONDS = 20


class TrialError(RuntimeError):
    """Superset did not come up. The message names its log."""


@dataclass(frozen=True)
class Trial:
    """A Superset that runs: its address, its first user, and who may look at what."""

    url: str
    admin_password: str = field(repr=False)
    logins: tuple[ReaderLogin, ...] = ()


@contextmanager
def running_superset(
    settings: Settings, python: Path, port: int
) -> Iterator[Trial]:
    """Prepare a Superset on the warehouse, serve it on a port of this machine, and end it with the block.

    ``python`` is that of the environment of superset.lock. TrialError when it does not come up.
    """
    home = settings.home / "superset"
    private.make_folder(home)
    dsn = ensure_running(settings)
    with closing(connect(settings)) as conn:
        logins = reader_logins(conn, settings, dsn)
        conn.commit()
    lines = [login.line for login in logins]
    private.write(home / "pgpass", "\n".join(lines) + "\n")
    trial = Trial(
        f"http://127.0.0.1:{port}",
        _kept_secret(home / "admin"),
        tuple(logins),
    )
    variables = _variables(settings, home, dsn)
    _prepare(settings, python, variables, _users(trial))
    log = settings.logs / "superset.log"
    private.make_folder(log.parent)
    with log.open("ab") as heard:
        server = subprocess.Popen(
            _serving(python, port),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=heard,
            stderr=heard,
        )
    try:
        _wait(server, trial.url, log)
        yield trial
    finally:
        _end(server)


def bring_dashboards(settings: Settings, trial: Trial) -> int:
    """Bring the bundle of the checkout into a Superset that runs; return the number of its files."""
    files = read_bundle(settings.superset / "assets")
    server = Superset(trial.url, ADMIN, trial.admin_password)
    server.bring_in(packed(files))
    server.take_out(identities(files))
    return len(files)


def _variables(settings: Settings, home: Path, dsn: str) -> dict[str, str]:
    """Return the environment of Superset: of ours without what says where another Postgres is."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "SUPERSET", "PYTHON"))
    }
    return {
        **ours,
        **server_variables(dsn),
        "PGPASSFILE": str(home / "pgpass"),
        "SUPERSET_HOME": str(home),
        "SUPERSET_SECRET_KEY": _kept_secret(home / "secret"),
        "SUPERSET_CONFIG_PATH": str(settings.superset / "superset_config.py"),
        "LC_ALL": "C.UTF-8",
    }


def _kept_secret(path: Path) -> str:
    """Return the secret in a file of ours; without the same one Superset could not read what it stored."""
    if not path.exists():
        private.write(path, secrets.token_urlsafe(32))
    return path.read_text("utf-8")


def _users(trial: Trial) -> str:
    """Return the users as prepare.py reads them: in this trial a login of the warehouse has one password for both."""
    users = [
        {"name": ADMIN, "password": trial.admin_password, "role": "Admin"}
    ]
    for login in trial.logins:
        users.append(
            {
                "name": login.name,
                "password": login.password,
                "role": _ROLES.get(login.role, _VIEWER),
            }
        )
    return json.dumps(users)


def _prepare(
    settings: Settings, python: Path, variables: dict[str, str], users: str
) -> None:
    done = subprocess.run(
        [python, settings.superset / "prepare.py", "--fresh"],
        env=variables,
        input=users,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise TrialError(f"Superset 没有准备好：{''.join(last)}")


def _serving(python: Path, port: int) -> Sequence[str | Path]:
    return [
        python,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--worker-class",
        "gthread",
        "--no-control-socket",
        "--threads",
        "12",
        "--timeout",
        "120",
        "superset.app:create_app()",
    ]


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    asking = requests.Session()
    # This machine's proxy would be asked for a page of this machine.
    asking.trust_env = False
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            if asking.get(f"{url}/health", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise TrialError(f"Superset 没有启动，原因见 {log}。")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
