"""The embedded Postgres: a small supervisor for the server binaries that come in a wheel.

For the demo and the tests; production uses a real server. The server listens on 127.0.0.1 alone,
asks for a random password (``$YIKU_HOME/postgres/password``) and stays up, detached from whoever
started it, until ``stop``: so one command after another finds it running. Any number of processes
may ask for it at once.

``postgres`` refuses to run as root. Then it runs under a number of its own that no user has, so
that nobody shares it (``nobody`` is the user of other services too). YIKU_HOME stays closed to
it: the server is started inside its folder of data and only ever calls that ``/proc/self/cwd``,
which takes no passing through the folders above.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from yiku import private
from yiku.calendar import SHANGHAI
from yiku.settings import Settings
from yiku.warehouse.free_ports import any_port, is_free
from yiku.warehouse.server_owner import called, owner_of, run_as
from yiku.warehouse.server_programs import EmbeddedError, programs
from yiku.warehouse.server_setup import (
    USER,
    data_folder,
    in_use,
    initialise,
    password_of,
)

WAREHOUSE = "yiku"
AIRFLOW = "airflow"
# with 0.25 s between them: after kill -9 the old server's children take a moment to go
_START_TRIES = 40
_RECOVERY_SECONDS = 300
_LOOK_SECONDS = 0.02

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    # No socket: its path may have some hundred bytes at most, and a home may
    # lie deeper than that.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # Nobody follows this server: it need not write down what a copy of it
    # would want to know.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": SHANGHAI.key,
    "log_timezone": SHANGHAI.key,
    "jit": "off",  # the queries of a night are many and short
    "max_parallel_workers_per_gather": "0",
    # what a statement failed on is a person's value, and stands in the message itself: only the
    # server's own are logged
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class ServerStatus:
    """Whether the embedded server runs, and where."""

    running: bool
    pid: int | None
    port: int | None
    folder: Path


# servers that this process started and has to reap
_ours: dict[int, subprocess.Popen[bytes]] = {}


def ensure_running(settings: Settings) -> str:
    """Return a connection string for the warehouse.

    Set up and start the embedded server where none is given.
    """
    if settings.warehouse_dsn:
        return settings.warehouse_dsn
    with _lock(settings):
        if not _answers(settings) and not _comes_back(settings):
            initialise(settings)
            _start(settings)
        _ensure_databases(settings)
    return dsn(settings)


def dsn(settings: Settings, database: str = WAREHOUSE) -> str:
    """Return the connection string of the server that runs.

    EmbeddedError when it was never set up.
    """
    if settings.warehouse_dsn and database == WAREHOUSE:
        return settings.warehouse_dsn
    port, password = _port(settings), password_of(settings)
    if port is None or password is None:
        raise EmbeddedError("内嵌数据库尚未启动，请先运行 yiku up。")
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{database}"


def airflow_dsn(settings: Settings) -> str:
    """Return the connection string of Airflow's own database on the embedded server."""
    return dsn(settings, AIRFLOW)


def status(settings: Settings) -> ServerStatus:
    """Return whether the embedded server runs."""
    pid, folder = _server_pid(settings), data_folder(settings)
    if pid is None or not _alive(pid):
        return ServerStatus(running=False, pid=None, port=None, folder=folder)
    return ServerStatus(
        running=True, pid=pid, port=_port(settings), folder=folder
    )


def stop(settings: Settings, seconds: float = 60) -> bool:
    """Stop the embedded server and wait until it has gone.

    False when it did not run. Open sessions are cut.
    """
    with _lock(settings):
        pid = _server_pid(settings)
        if pid is None or not _alive(pid):
            return False
        # SIGTERM waits for every session to end by itself, and that of a BI
        # tool never does.
        os.kill(pid, signal.SIGINT)
        if not _wait_gone(pid, seconds):
            raise EmbeddedError("内嵌数据库没有按时停止。")
        return True


def _prepare_folders(settings: Settings) -> None:
    for folder in (settings.home, settings.logs, settings.postgres):
        private.make_folder(folder)
    private.tighten(settings.home)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    _prepare_folders(settings)
    descriptor = os.open(
        settings.postgres / "lock", os.O_WRONLY | os.O_CREAT, 0o600
    )
    with os.fdopen(descriptor, "w") as handle:
        # The lock goes with the process: one that was killed leaves none
        # behind.
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- start


def _start(settings: Settings) -> None:
    for _ in range(_START_TRIES):
        _clear_stale_lock(settings)
        process = _launch(settings, _choose_port(settings))
        if _wait_ready(settings, process):
            return
        time.sleep(0.25)
    raise EmbeddedError(f"内嵌数据库无法启动，详见 {_log(settings)}。")


def _comes_back(settings: Settings) -> bool:
    """Wait for a server that runs and does not answer; return whether there is one.

    One of its processes was killed, and it recovers. A second server beside it would fail, and leave its own port as
    the one that everybody asks at.
    """
    until = time.monotonic() + _RECOVERY_SECONDS
    while _is_ours(_server_pid(settings), data_folder(settings)):
        if _answers(settings):
            return True
        if time.monotonic() > until:
            raise EmbeddedError(
                f"内嵌数据库恢复时间过长，详见 {_log(settings)}。"
            )
        time.sleep(_LOOK_SECONDS)
    return False


def _is_ours(pid: int | None, data: Path) -> bool:
    """Return whether a process is the server of a folder of data: its number may have been given out again since."""
    if pid is None or not _alive(pid):
        return False
    if not Path("/proc/self").exists():
        return True
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:  # it has just ended, or it is another user's
        return False


def _clear_stale_lock(settings: Settings) -> None:
    """Remove the lock file of a killed server that nobody reaped.

    Its number still looks taken to postgres.

    The lock also guards against children of the killed server that still write, so it stays while
    one is left.
    """
    pid = _server_pid(settings)
    if pid is None or _alive(pid):
        return
    data = data_folder(settings)
    is_unreaped = Path(f"/proc/{pid}").exists()
    if is_unreaped and not in_use(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _launch(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    data = data_folder(settings)
    options = {**_OPTIONS, "port": str(port)}
    command = [str(programs() / "postgres"), "-D", called(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    # closed to others from its first moment: open() would make it readable before it could be
    # closed
    descriptor = os.open(
        _log(settings), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    with open(descriptor, "ab") as log:
        # In a session of its own: Ctrl-C in the terminal is meant for the
        # command, not for the server.
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **run_as(owner_of(data), data),  # type: ignore[call-overload]
        )
    _ours[process.pid] = process
    private.write(
        settings.postgres / "server.json", json.dumps({"port": port})
    )
    return process


def _log(settings: Settings) -> Path:
    return settings.logs / "postgres.log"


def _wait_ready(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers, however long it recovers; False when it gave up."""
    until = time.monotonic() + _RECOVERY_SECONDS
    while process.poll() is None:
        if _answers(settings):
            return True
        if time.monotonic() > until:
            raise EmbeddedError(
                f"内嵌数据库恢复时间过长，详见 {_log(settings)}。"
            )
        time.sleep(0.02)
    del _ours[process.pid]
    return False


def _choose_port(settings: Settings) -> int:
    """Return the port of last time if it is still free, else a free one.

    What BI tools were told stays true.
    """
    last = _port(settings)
    return last if last and is_free(last) else any_port()


def _port(settings: Settings) -> int | None:
    try:
        kept = json.loads((settings.postgres / "server.json").read_text())
        return int(kept["port"])
    except (OSError, ValueError, KeyError):
        return None


def _answers(settings: Settings) -> bool:
    """Return whether our own server answers at its port.

    Another installation's server would refuse the password.
    """
    try:
        with psycopg.connect(dsn(settings, "postgres"), connect_timeout=5):
            return True
    except (psycopg.OperationalError, EmbeddedError):
        return False


def _ensure_databases(settings: Settings) -> None:
    # There is no "if not exists" for databases, nor a transaction for it.
    create = psycopg.sql.SQL("create database {}")
    with psycopg.connect(dsn(settings, "postgres"), autocommit=True) as conn:
        there = {
            str(name)
            for (name,) in conn.execute("select datname from pg_database")
        }
        for name in (WAREHOUSE, AIRFLOW):
            if name not in there:
                conn.execute(create.format(psycopg.sql.Identifier(name)))


# --- stop


def _server_pid(settings: Settings) -> int | None:
    try:
        return int(
            (data_folder(settings) / "postmaster.pid")
            .read_text()
            .split("\n", 1)[0]
        )
    except (OSError, ValueError):
        return None


def _alive(pid: int) -> bool:
    """Return whether a server process runs; one that ended and waits to be reaped does not."""
    if pid in _ours:
        return _ours[pid].poll() is None
    try:
        # the name of the program stands in brackets before the state, and may hold a blank
        _, _, facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        is_zombie = facts.split()[0] == "Z"
        return (
            not is_zombie
            and "postgres" in Path(f"/proc/{pid}/comm").read_text()
        )
    except OSError:
        has_proc = Path("/proc/self").exists()
        return False if has_proc else _signalled(pid)


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_gone(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    _ours.pop(pid, None)
    return True
