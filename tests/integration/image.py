"""Build the image's file system as the Dockerfile says, and run the services of the Compose file in it.

Run by ``test_image.py`` as root in namespaces of its own (mounts, network, processes): what is mounted, listens or runs
here goes with it. There is no container engine and no registry, so three things stand in: the base image is this
machine under an overlay, the packages are those of this environment, and one embedded Postgres is both servers.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import yaml
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from yiku.settings import load_settings
from yiku.warehouse import embedded

SOURCE = load_settings({}).project_root
LEFT_OUT = (SOURCE / ".dockerignore").read_text("utf-8").split()
COMPOSE = yaml.safe_load((SOURCE / "docker-compose.yml").read_text("utf-8"))
SERVERS = ("api-server", "scheduler", "dag-processor", "triggerer")
READY_SECONDS = 240
_PLACE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::?[?-]([^}]*))?\}")


def is_left_out(path: Path) -> bool:
    """Return whether the engine never sees a path of the checkout."""
    within = path.relative_to(SOURCE)
    anywhere = [
        pattern.removeprefix("**/")
        for pattern in LEFT_OUT
        if pattern.startswith("**/")
    ]
    return str(within) in LEFT_OUT or any(
        within.match(pattern) for pattern in anywhere
    )


def unseen(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if is_left_out(Path(folder) / name)]


def mount(*words: str | Path) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


class Image:
    """The file system and the settings that the Dockerfile's instructions leave behind."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.volumes = folder / "volumes"
        self.user, self.workdir, self.command = "root", "/", ["true"]
        self.env: dict[str, str] = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        }
        self.arguments: dict[str, str] = {}
        for name in ("root", "upper", "work", "volumes"):
            (folder / name).mkdir()
        layers = (
            f"lowerdir=/,upperdir={folder / 'upper'},workdir={folder / 'work'}"
        )
        mount("-t", "overlay", "overlay", "-o", layers, self.root)
        mount("-t", "proc", "proc", self.at("/proc"))
        mount("--rbind", "/dev", self.at("/dev"))
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", self.at("/tmp"))
        # The base image's Python, wherever this machine keeps its own.
        self.bind(Path(sys.base_prefix), "/opt/python")
        self.bind(Path(sys.prefix), "/opt/packages")
        self.env["PATH"] = f"/opt/python/bin:{self.env['PATH']}"
        self.env["LD_LIBRARY_PATH"] = (
            "/opt/python/lib"  # where it is linked to, the image's user may not look
        )

    def at(self, path: str) -> Path:
        """Return where a path of the image lies on this machine."""
        return self.root / path.lstrip("/")

    def bind(self, source: Path, path: str) -> None:
        target = self.at(path)
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        mount("--bind", source, target)

    def build(self, dockerfile: str) -> None:
        text = re.sub(
            r"\\\n", " ", re.sub(r"^#.*\n", "", dockerfile, flags=re.M)
        )
        for line in filter(str.strip, text.splitlines()):
            verb, _, rest = line.partition(" ")
            getattr(self, f"_{verb.lower()}")(self._filled(rest.strip()))

    def _filled(self, text: str) -> str:
        known = {**self.env, **self.arguments}
        return re.sub(
            r"\$\{?([A-Z_]+)\}?", lambda m: known.get(m[1], m[0]), text
        )

    def _from(self, rest: str) -> None:
        assert rest.startswith("python:"), rest

    def _arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.arguments[name] = value

    def _env(self, rest: str) -> None:
        self.env |= dict(
            word.partition("=")[::2] for word in shlex.split(rest)
        )

    def _workdir(self, rest: str) -> None:
        self.workdir = rest
        self.at(rest).mkdir(parents=True, exist_ok=True)

    def _user(self, rest: str) -> None:
        self.user = rest

    def _volume(self, rest: str) -> None:
        assert all(self.at(path).is_dir() for path in json.loads(rest))

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        place = self.at(os.path.join(self.workdir, target))
        for source in (SOURCE / s for s in sources):
            if source.is_dir():
                shutil.copytree(
                    source, place, ignore=unseen, dirs_exist_ok=True
                )
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)

    def _run(self, rest: str) -> None:
        for part in rest.split("&&"):
            step = part.strip()
            if step.startswith("python -m venv"):
                self._stand_in(step.split()[-1])
            elif not re.match(
                r"pip install|apt-get|rm -rf /var/lib/apt", step
            ):
                self.start(["bash", "-euc", step], {}).wait_well()

    def _stand_in(self, folder: str) -> None:
        """Make the virtual environment and let it find the packages of ours."""
        self.start(
            ["/opt/python/bin/python3", "-m", "venv", "--without-pip", folder],
            {},
        ).wait_well()
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = self.at(f"{folder}/lib/{version}/site-packages")
        (packages / "image.pth").write_text(
            f"/opt/packages/lib/{version}/site-packages\n/opt/yiku/include\n"
        )
        for name in ("airflow", "celery", "yiku"):
            script = (
                (Path(sys.prefix) / "bin" / name)
                .read_text("utf-8")
                .split("\n", 1)[1]
            )
            self.at(f"{folder}/bin/{name}").write_text(
                f"#!{folder}/bin/python\n{script}"
            )
            self.at(f"{folder}/bin/{name}").chmod(0o755)

    def mount_volume(self, volume: str) -> None:
        """Mount one volume as an engine does: a fresh named one is like what the image has there, else root's."""
        source, path, *_ = volume.split(":")
        if source.startswith("/"):
            self.bind(Path(source), path)
            return
        fresh = self.volumes / source
        if not fresh.exists():
            fresh.mkdir(mode=0o755)
            if self.at(path).is_dir():
                subprocess.run(
                    ["cp", "-a", f"{self.at(path)}/.", str(fresh)], check=True
                )
                shutil.copystat(self.at(path), fresh)
                os.chown(
                    fresh,
                    self.at(path).stat().st_uid,
                    self.at(path).stat().st_gid,
                )
        if not self.at(path).is_mount():
            self.bind(fresh, path)

    def start(
        self, command: list[str], more: dict[str, str], log: Path | None = None
    ) -> Program:
        words = [
            "setpriv",
            f"--reuid={self.user}",
            f"--regid={self.user}",
            "--init-groups",
            "--",
            "env",
            "-C",
        ]
        inside = [*words, self.workdir, *command]
        env = {
            **self.env,
            "HOME": "/home/yiku" if self.user != "root" else "/root",
            **more,
        }
        out = log.open("wb") if log else subprocess.PIPE
        started = subprocess.Popen(
            ["chroot", str(self.root), *inside],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        return Program(command, started)


class Program:
    """A program that runs in the image."""

    def __init__(
        self, command: list[str], process: subprocess.Popen[bytes]
    ) -> None:
        self.command, self.process = command, process

    def wait_well(self) -> None:
        said, _ = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(
                f"{self.command} failed:\n{(said or b'').decode(errors='replace')[-4000:]}"
            )


def servers(folder: Path) -> dict[str, str]:
    """Start what stands in for both servers where the Compose file says they are; return the secrets of .env."""
    settings = load_settings({"YIKU_HOME": str(folder / "servers")})
    settings.postgres.mkdir(parents=True)
    settings.home.chmod(0o711)
    settings.postgres.chmod(0o711)
    (settings.postgres / "server.json").write_text('{"port": 5432}')
    parts = conninfo_to_dict(embedded.ensure_running(settings))
    assert parts["port"] == "5432"
    with psycopg.connect(
        embedded.dsn(settings, "postgres"), autocommit=True
    ) as conn:
        conn.execute(
            "create role airflow login password 'airflow-in-the-image'"
        )
        conn.execute(
            sql.SQL("alter database {} owner to airflow").format(
                sql.Identifier(embedded.AIRFLOW)
            )
        )
    secrets = dict.fromkeys(
        re.findall(r"\$\{([A-Z_]+):\?", json.dumps(COMPOSE)),
        "secret-of-the-image-0123456789",
    )
    inbox = folder / "inbox"
    inbox.mkdir()
    return {
        **secrets,
        "WAREHOUSE_PASSWORD": str(parts["password"]),
        "AIRFLOW_DB_PASSWORD": "airflow-in-the-image",
        "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "INBOX_FOLDER": str(inbox),
    }


def filled(value: object, secrets: dict[str, str]) -> str:
    text = _PLACE.sub(lambda m: secrets.get(m[1]) or m[2] or "", str(value))
    return text.replace("$$", "$")


def run(
    image: Image, name: str, secrets: dict[str, str], log: Path | None = None
) -> Program:
    service = COMPOSE["services"][name]
    for volume in service["volumes"]:
        if not volume.startswith("${") or ":/inbox" in volume:
            image.mount_volume(filled(volume, secrets))
    env = {k: filled(v, secrets) for k, v in service["environment"].items()}
    return image.start(
        [filled(w, secrets) for w in service["command"]], env, log
    )


def healthy() -> dict[str, str]:
    try:
        with urllib.request.urlopen(
            "http://127.0.0.1:8080/api/v2/monitor/health", timeout=5
        ) as answer:
            return {
                part: said.get("status") or "?"
                for part, said in json.load(answer).items()
            }
    except OSError:
        return {}


def wait_until_healthy(
    programs: dict[str, Program], logs: Path
) -> dict[str, str]:
    until = time.monotonic() + READY_SECONDS
    said: dict[str, str] = {}
    while time.monotonic() < until:
        for name, program in programs.items():
            if program.process.poll() is not None:
                raise SystemExit(
                    f"{name} ended:\n{(logs / name).read_text('utf-8', 'replace')[-4000:]}"
                )
        said = healthy()
        if said and all(status == "healthy" for status in said.values()):
            return said
        time.sleep(1)
    raise SystemExit(f"not healthy in time: {said}")


def looks_for_queue(log: Path) -> bool | str:
    """Return whether the worker came as far as looking for the queue, which is not there; else what it said."""
    until = time.monotonic() + READY_SECONDS
    while "Cannot connect to redis" not in (
        said := log.read_text("utf-8", "replace")
    ):
        if time.monotonic() > until:
            return said
        time.sleep(1)
    return True


def main(folder: Path) -> None:
    os.umask(
        0o022
    )  # an image's folders are read by its user, whatever the mask of who builds it
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    secrets = servers(folder)
    image = Image(folder)
    image.build((SOURCE / "Dockerfile").read_text("utf-8"))
    hosts = " ".join(COMPOSE["services"])
    image.at("/etc/hosts").write_text(f"127.0.0.1 localhost {hosts}\n")
    logs = folder / "logs"
    logs.mkdir()
    prepare = run(image, "prepare", secrets)
    prepare.wait_well()
    started = {
        name: run(image, name, secrets, logs / name)
        for name in (*SERVERS, "worker")
    }
    said = wait_until_healthy(
        {n: p for n, p in started.items() if n != "worker"}, logs
    )
    demo = image.start(["yiku", "demo-inbox", "/tmp/demo"], {}).process
    refused = (demo.communicate()[0] or b"").decode("utf-8", "replace")
    worker = (logs / "worker").read_text("utf-8", "replace")
    told = {
        "user": image.user,
        "health": said,
        "worker": "Cannot connect to redis" in worker or worker,
    }
    print(json.dumps(told | {"demo": [demo.returncode, refused]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
