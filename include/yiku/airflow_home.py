"""AIRFLOW_HOME below YIKU_HOME, and the background programs of ``yiku up``.

A one-command run keeps Airflow's metadata in SQLite: it needs no server, and no scheduler that
runs beside it can take its tasks away. ``yiku up`` keeps them in the embedded Postgres. Nothing
here imports Airflow.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from yiku import private
from yiku.calendar import SHANGHAI
from yiku.settings import Settings, SettingsError
from yiku.warehouse.free_ports import any_port, is_free

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# These two would serve their logs to the whole network; the web page reads the files itself.
_WITHOUT_LOG_SERVER = ("scheduler", "triggerer")
_REPORTED = ("scheduler", "triggerer", "dag_processor")
ZONE = SHANGHAI.key
START_SECONDS = 180
_CLEANED_EVERY = 7 * 24 * 3600  # seconds
STOP_SECONDS = 20

_LOCAL_SETTINGS = '''\
"""Make files for their owner alone; import what is slow to import once, in the parent: tasks are forked from it."""

import os
import sys

os.umask(0o077)

if {"scheduler", "celery"} & set(sys.argv):
    import dbt.cli.main
    import great_expectations
'''


@dataclass(frozen=True)
class Component:
    """One background program of Airflow.

    Its name, its process id and whether that process is alive.
    """

    name: str
    pid: int
    alive: bool


class StartError(RuntimeError):
    """A background program did not come up. The message names its log file."""


def environment(
    settings: Settings, database: str | None = None, port: int = 8080
) -> dict[str, str]:
    """Return the variables that Airflow reads, ``database`` being a SQLAlchemy URL (default.

    SQLite in its home).
    """
    keys = _secrets(settings)
    url = f"http://127.0.0.1:{port}"
    home = settings.airflow
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # Whoever reads a log or the web page lives by this clock, wherever the server stands.
        "TZ": ZONE,
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": ZONE,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        # of batches of a night: with the 1024 that Airflow allows, a night of 51,200 files would fail
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "4096",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            _passwords(settings)
        ),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database
        or f"sqlite:///{home / 'one_run.db'}",
        # A DAG file that says something else whenever it is read would fill
        # the database with versions of itself.
        "AIRFLOW__DAG_PROCESSOR__DAG_VERSION_INFLATION_CHECK_LEVEL": "error",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.logs / "airflow"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # Airflow opens its logs to the group and others whatever the umask says
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "PYTHONWARNINGS": "ignore",
    }


def prepare(settings: Settings) -> None:
    """Make AIRFLOW_HOME with what Airflow looks for in it. May be run again at any time."""
    config = settings.airflow / "config"
    for folder in (config, settings.logs, settings.run):
        private.make_folder(folder)
    private.tighten(settings.home)
    write_local_settings(config)


def write_local_settings(config: Path) -> None:
    """Write the module that Airflow imports at its start into the ``config`` folder of AIRFLOW_HOME."""
    local = config / "airflow_local_settings.py"
    if not local.exists() or local.read_text("utf-8") != _LOCAL_SETTINGS:
        local.write_text(_LOCAL_SETTINGS, "utf-8")


@contextmanager
def quiet(settings: Settings) -> Iterator[int]:
    """Set up Airflow for this process and send all that is printed to ``logs/nightly.log``.

    Yield the old stdout.

    Must come before Airflow is first imported, for that is when it reads its configuration.
    """
    prepare(settings)
    os.environ.update(environment(settings))
    # In a process that runs already the zone counts only after this.
    time.tzset()
    kept = _redirect(settings.logs / "nightly.log")
    try:
        yield kept[0]
    finally:
        _restore(kept)


def _redirect(log: Path) -> tuple[int, int]:
    sys.stdout.flush()
    sys.stderr.flush()
    # By their numbers: children and libraries write past Python's own streams.
    kept = os.dup(1), os.dup(2)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    return kept


def _restore(kept: tuple[int, int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    for number, old in enumerate(kept, 1):
        os.dup2(old, number)
        os.close(old)


def _secrets(settings: Settings) -> dict[str, str]:
    path = settings.airflow / "secrets.json"
    if not path.exists():
        private.make_folder(path.parent)
        made = {name: secrets.token_urlsafe(48) for name in ("api", "jwt")}
        made["fernet"] = base64.urlsafe_b64encode(
            secrets.token_bytes(32)
        ).decode()
        _write_private(path, json.dumps(made))
    return dict(json.loads(path.read_text("utf-8")))


def _write_private(path: Path, text: str) -> None:
    # Another process may be doing the same: the whole file appears at once, and the first one
    # stays.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _passwords(settings: Settings) -> Path:
    return settings.airflow / "simple_auth_manager_passwords.json"


def login(settings: Settings) -> tuple[str, str] | None:
    """Return user and password of the web page, or None before it first came up."""
    path = _passwords(settings)
    if not path.exists():
        return None
    user, password = next(iter(json.loads(path.read_text("utf-8")).items()))
    return user, password


def _state(settings: Settings) -> Path:
    return settings.run / "airflow.json"


def _load(settings: Settings) -> dict[str, Any]:
    path = _state(settings)
    return (
        dict(json.loads(path.read_text("utf-8")))
        if path.exists()
        else {"port": None, "components": {}}
    )


def web_page(settings: Settings) -> str | None:
    """Return the address of the web page of the Airflow that was started last, or None."""
    port = _load(settings)["port"]
    return f"http://127.0.0.1:{port}" if port else None


def components(settings: Settings) -> list[Component]:
    """Return every background program that was started, dead or alive."""
    known: Mapping[str, Mapping[str, float]] = _load(settings)["components"]
    return [
        Component(n, int(c["pid"]), _is_alive(int(c["pid"]), c["born"]))
        for n, c in known.items()
    ]


def _is_alive(pid: int, born: float) -> bool:
    # A process id is given out again after a while; the moment of birth tells the two apart.
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - born) < 2
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def choose_port(settings: Settings) -> int:
    """Return the port of the web page: YIKU_AIRFLOW_PORT, else 8080, else any that is free."""
    wanted = settings.variables.get("YIKU_AIRFLOW_PORT")
    if wanted:
        if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
            raise SettingsError(
                "YIKU_AIRFLOW_PORT 应为 1 到 65535 之间的端口号。"
            )
        return int(wanted)
    return 8080 if is_free(8080) else any_port()


def start(
    settings: Settings, database: str, tell: Callable[[str], None]
) -> str:
    """Start every program of Airflow that is not running.

    Return the web page once all are healthy.

    Raises StartError when one of them dies or is not healthy after three minutes.
    """
    running = {c.name for c in components(settings) if c.alive}
    port = int(_load(settings)["port"]) if running else choose_port(settings)
    missing = [name for name in COMPONENTS if name not in running]
    if missing:
        prepare(settings)
        env = {
            **os.environ,
            **environment(settings, database, port),
            "NO_PROXY": _no_proxy(),
        }
        tell("准备 Airflow 的数据库 …")
        _run_once(settings, env, ["db", "migrate"])
        for name in missing:
            tell(f"启动 {name} …")
            _spawn(settings, env, name, port)
        tell("等待各组件就绪 …")
    _wait_healthy(settings, port)
    return f"http://127.0.0.1:{port}"


def clean_now_and_then(
    settings: Settings, days: int, database: str | None = None
) -> bool:
    """Take runs of more than ``days`` ago out of Airflow's database; return whether it was time again.

    Once a week, for it starts Airflow anew. ``database`` as for ``environment``.
    """
    mark = settings.airflow / (
        "cleaned.one_run" if not database else "cleaned"
    )
    is_new = not mark.exists()
    if not is_new and time.time() - mark.stat().st_mtime < _CLEANED_EVERY:
        return False
    mark.touch()
    if is_new:  # there is nothing old yet
        return False
    clean(settings, days, database)
    return True


def clean(settings: Settings, days: int, database: str | None = None) -> None:
    """Take runs of more than ``days`` ago, with their tasks and XCom, out of Airflow's database.

    The last run of a schedule stays. StartError when it cannot be done.
    """
    first = datetime.now(SHANGHAI) - timedelta(days=days)
    words = ["db", "clean", "--clean-before-timestamp", first.isoformat()]
    words += ["--skip-archive", "--yes"]
    env = {**os.environ, **environment(settings, database)}
    _run_once(settings, env, words)


def _no_proxy() -> str:
    # The components talk to each other over this machine's own address, whatever proxy it uses
    # for the rest.
    return ",".join(
        filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1", "localhost"])
    )


def _airflow() -> list[str]:
    return [sys.executable, "-m", "airflow"]


def _run_once(
    settings: Settings, env: Mapping[str, str], arguments: list[str]
) -> None:
    log = settings.logs / "airflow-db.log"
    with log.open("ab") as out:
        done = subprocess.run(
            [*_airflow(), *arguments],
            env=env,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    if done.returncode:
        raise StartError(f"Airflow 的数据库没有准备好，原因见 {log}。")


def _spawn(
    settings: Settings, env: Mapping[str, str], name: str, port: int
) -> None:
    with (settings.logs / f"{name}.log").open("ab") as out:
        process = subprocess.Popen(
            [
                *_airflow(),
                name,
                *(
                    ["--skip-serve-logs"]
                    if name in _WITHOUT_LOG_SERVER
                    else []
                ),
            ],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    state = _load(settings)
    state["port"] = port
    state["components"][name] = {
        "pid": process.pid,
        "born": psutil.Process(process.pid).create_time(),
    }
    private.write(_state(settings), json.dumps(state))


def _wait_healthy(settings: Settings, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        dead = [c.name for c in components(settings) if not c.alive]
        if dead:
            raise StartError(
                f"{dead[0]} 没有启动，原因见 {settings.logs / (dead[0] + '.log')}。"
            )
        if health(port):
            return
        time.sleep(0.5)
    raise StartError(
        f"Airflow 在 {START_SECONDS} 秒内没有就绪，日志在 {settings.logs}。"
    )


def health(port: int) -> bool:
    """Tell whether the web server answers and says that every other program is healthy."""
    # This machine's proxy would be asked for a page of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(
            f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5
        ) as answer:
            said = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return all(
        said.get(part, {}).get("status") == "healthy"
        for part in ("metadatabase", *_REPORTED)
    )


def stop(settings: Settings) -> int:
    """Stop every program of Airflow and all that they started.

    Return how many programs there were.
    """
    # The number of a dead leader still names its session, unless some other process has been
    # given it since.
    leaders = [
        c.pid
        for c in components(settings)
        if c.alive or not psutil.pid_exists(c.pid)
    ]
    family = _family(leaders)
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        for process in family:
            _signal(process, sign)
        _, family_left = psutil.wait_procs(family, timeout=seconds)
        # A program that is about to end may still have started another.
        family = list({*family_left, *_family(leaders)})
        if not family:
            break
    _state(settings).unlink(missing_ok=True)
    return len(leaders)


def _family(leaders: list[int]) -> list[psutil.Process]:
    # Tasks move to process groups of their own, but stay in the session of the program that
    # started them.
    found = []
    for process in psutil.process_iter():
        try:
            if (
                os.getsid(process.pid) in leaders
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return found


def _signal(process: psutil.Process, sign: signal.Signals) -> None:
    try:
        process.send_signal(sign)
    except psutil.NoSuchProcess:
        return
