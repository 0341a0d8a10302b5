"""The only place that reads the environment.

Every path of a run hangs off ``YIKU_HOME``; everything else has a default that works on a bare
machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_HOME = ".yiku"  # in the checkout
_CHECKOUT = Path(__file__).resolve().parents[2]
_PLACE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class SettingsError(Exception):
    """A setting that cannot be used. The message names the variable, never its value."""


@dataclass(frozen=True)
class Settings:
    """Where this installation keeps things and what it talks to.

    Folders are not created by reading them.
    """

    home: Path
    project_root: Path
    # A real Postgres in place of the embedded one.
    warehouse_dsn: str | None = field(default=None, repr=False)
    # A folder or an fsspec URL, which may hold a password.
    inbox: str | None = field(default=None, repr=False)
    # Of an inbox of SFTP.
    inbox_password: str | None = field(default=None, repr=False)
    inbox_key_file: str | None = None
    # Keys of SFTP servers beside those in ~/.ssh/known_hosts.
    known_hosts: str | None = None
    archive: str = field(default="", repr=False)  # a folder or an fsspec URL
    recipients: Path = Path("recipients.yml")
    sources: Path = Path("sources.yml")
    parameters: Path = Path("parameters.yml")
    # An office's own form of the bulletin in place of ours.
    bulletin_template: Path | None = None
    inspection_template: Path | None = None
    # Of whoever brings the dashboards into a Superset.
    superset_password: str | None = field(default=None, repr=False)
    workers: int = 1
    # Compute every mart anew, whatever has changed.
    full_build: bool = False
    debug: bool = False
    # For ${…} in the recipients file.
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def default_home(self) -> Path:
        """Where state lives when YIKU_HOME is not set."""
        return self.project_root / DEFAULT_HOME

    @property
    def postgres(self) -> Path:
        """The folder of the embedded Postgres."""
        return self.home / "postgres"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        """Log files of background programs."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Process ids of background programs, and what dbt leaves behind."""
        return self.home / "run"

    @property
    def outbox(self) -> Path:
        """Return workbooks, receipts and, without channels, digests."""
        return self.home / "outbox"

    @property
    def dags(self) -> Path:
        """The DAG files."""
        return self.project_root / "dags"

    @property
    def dbt_project(self) -> Path:
        """The dbt project."""
        return self.project_root / "dbt_project"

    @property
    def superset(self) -> Path:
        """What a Superset is set up from: configuration, lock, dashboards."""
        return self.project_root / "include/superset"

    @property
    def expectations(self) -> Path:
        """The Great Expectations suites."""
        return self.project_root / "expectations"

    def expand(self, text: str) -> str:
        """Fill the ``${NAME}`` in a text of a configuration file.

        SettingsError when a variable is not set.
        """
        return _PLACE.sub(lambda m: self._variable(m[1]), text)

    def _variable(self, name: str) -> str:
        if name not in self.variables:
            raise SettingsError(f"环境变量 {name} 没有设置。")
        return self.variables[name]


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{name} 应为正整数。")
    return int(text)


def _path(env: Mapping[str, str], name: str, default: Path) -> Path:
    return (
        Path(env[name]).expanduser().absolute() if env.get(name) else default
    )


def _own_file(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]).expanduser().absolute() if env.get(name) else None


def _configured(
    env: Mapping[str, str], variable: str, home: Path, root: Path
) -> Path:
    """Return where a file of configuration lies, such as recipients.yml of YIKU_RECIPIENTS."""
    name = variable.removeprefix("YIKU_").lower() + ".yml"
    own = home / name
    return _path(env, variable, own if own.exists() else root / name)


def _cpus() -> int:
    # Inside a container fewer processors are ours than the machine has.
    return (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1
    )


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``env`` (default: the process's environment).

    An empty variable counts as not set.
    """
    env = {k: v for k, v in (os.environ if env is None else env).items() if v}
    root = _path(env, "YIKU_PROJECT_ROOT", _CHECKOUT)
    home = _path(env, "YIKU_HOME", root / DEFAULT_HOME)
    return Settings(
        home=home,
        project_root=root,
        warehouse_dsn=env.get("YIKU_WAREHOUSE_DSN"),
        inbox=env.get("YIKU_INBOX"),
        inbox_password=env.get("YIKU_INBOX_PASSWORD"),
        inbox_key_file=env.get("YIKU_INBOX_KEY_FILE"),
        known_hosts=env.get("YIKU_KNOWN_HOSTS"),
        archive=env.get("YIKU_ARCHIVE", str(home / "archive")),
        recipients=_configured(env, "YIKU_RECIPIENTS", home, root),
        sources=_configured(env, "YIKU_SOURCES", home, root),
        parameters=_configured(env, "YIKU_PARAMETERS", home, root),
        bulletin_template=_own_file(env, "YIKU_BULLETIN_TEMPLATE"),
        inspection_template=_own_file(env, "YIKU_INSPECTION_TEMPLATE"),
        superset_password=env.get("YIKU_SUPERSET_PASSWORD"),
        workers=_number(env, "YIKU_WORKERS", _cpus()),
        full_build=env.get("YIKU_FULL_BUILD") == "1",
        debug=env.get("YIKU_DEBUG") == "1",
        # A file of recipients must not reach what else the environment keeps.
        variables={k: v for k, v in env.items() if k.startswith("YIKU_")},
    )
