"""Backup and restore.

The warehouse as it is, by Postgres's own programs, and beside it the archive.

A backup folder holds ``archive/`` (every content once, however many backups there are) and, for
each night that was backed up, ``nights/<business date>/`` with the warehouse in pg_dump's own
format. Roles belong to the server and not to the warehouse: they are made again, and all rights
given anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from yiku.faults import StepError
from yiku.intake.archive import Archive
from yiku.settings import Settings
from yiku.warehouse import roles
from yiku.warehouse.connection import Connection, connect, libpq_environment
from yiku.warehouse.init import prepare
from yiku.warehouse.mart_rights import apply_rights
from yiku.warehouse.server_programs import binaries
from yiku.warehouse.swap import PUBLIC

Watch = Callable[[list[str], str], Any]
KEPT = ("ops", "raw", "register", "stg", "core", "pairing", *PUBLIC)
# Yesterday's marts and half-built ones come with the next nights.
_PASSING = re.compile(r"^(mart|mart_masked|published)_")
_DUMP, _ABOUT = "warehouse.dump", "about.json"


class BackupError(StepError):
    """A backup could not be made or found, or not be brought back.

    The message says what to do.
    """


@dataclass(frozen=True)
class Done:
    """A backup that was made or brought back.

    The night it is of, how large it is, how many contents were copied.
    """

    night: date
    place: Path
    size: int  # bytes of the dump
    contents: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for a program to read."""
        return {
            "night": str(self.night),
            "place": str(self.place),
            "bytes": self.size,
            "contents": self.contents,
        }


def backup(
    settings: Settings, folder: Path, watched: Watch = lambda items, _: items
) -> Done:
    """Write the warehouse and what the archive has that ``folder`` has not.

    A backup of the same night is replaced.

    Raises BackupError when there was no night yet, or Postgres's program fails.
    """
    with closing(connect(settings)) as conn:
        night = _last_night(conn)
        place = folder / "nights" / night.isoformat()
        # Beside its place and under another name: a backup that breaks off
        # leaves the one of the same night as it was.
        fresh = place.with_name(f".{place.name}.{os.getpid()}")
        _own_folder(fresh)
        try:
            _dump(conn, fresh / _DUMP)
            (fresh / _ABOUT).write_text(
                json.dumps(_about(conn, night), ensure_ascii=False), "utf-8"
            )
            for written in fresh.iterdir():
                written.chmod(0o600)
            shutil.rmtree(place, ignore_errors=True)
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    # After the dump: whatever it speaks of has come to the archive by now.
    contents = _copy(
        Archive.at(settings.archive),
        Archive.at(str(folder / "archive")),
        watched,
        "归档",
    )
    return Done(night, place, (place / _DUMP).stat().st_size, contents)


def restore(
    settings: Settings,
    folder: Path,
    night: date | None = None,
    watched: Watch = lambda items, _: items,
) -> Done:
    """Bring the warehouse back as it was after ``night`` (default.

    The last that was backed up), and the archive.

    All or nothing: a restore that fails leaves the warehouse as it was. Raises BackupError when
    there is no such backup, or Postgres's programs fail.
    """
    place = _chosen(folder, night)
    contents = _copy(
        Archive.at(str(folder / "archive")),
        Archive.at(settings.archive),
        watched,
        "归档",
    )
    with closing(connect(settings)) as conn:
        roles.ensure_roles(conn)
        conn.commit()
        _load(conn, place / _DUMP)
    with closing(connect(settings)) as conn:
        # A backup of an older version lacks what was added since: it is
        # brought to the shape of today before rights are given.
        prepare(conn)
        _forget_transactions(conn)
        _give_rights(conn)
        conn.commit()
    return Done(
        date.fromisoformat(place.name),
        place,
        (place / _DUMP).stat().st_size,
        contents,
    )


def nights_of(folder: Path) -> list[date]:
    """Return the nights that a backup folder holds, oldest first."""
    return sorted(
        date.fromisoformat(p.parent.name)
        for p in (folder / "nights").glob(f"????-??-??/{_DUMP}")
    )


def _chosen(folder: Path, night: date | None) -> Path:
    known = nights_of(folder)
    if not known:
        raise BackupError(f"{folder} 里没有备份。")
    if night is not None and night not in known:
        raise BackupError(
            f"没有 {night} 那一夜的备份。有：{'、'.join(map(str, known))}。"
        )
    return folder / "nights" / (night or known[-1]).isoformat()


def _last_night(conn: Connection) -> date:
    there = conn.execute(
        "select to_regclass('ops.night') is not null"
    ).fetchone()
    query = "select business_date from ops.night where state = 'published' order by night_id desc limit 1"
    row = conn.execute(query).fetchone() if there and there[0] else None
    if row is None:
        raise BackupError("还没有完成过一夜，没有可备份的。")
    night: date = row[0]
    return night


def _about(conn: Connection, night: date) -> Mapping[str, Any]:
    row = conn.execute(
        "select count(*), max(submission_id) from ops.submission"
    ).fetchone()
    assert row is not None
    # For a person who has to choose among backups; a restore goes by the dump
    # alone.
    return {
        "night": str(night),
        "server": conn.info.server_version,
        "submissions": row[0],
        "last_submission": row[1],
    }


def _own_folder(folder: Path) -> None:
    """Make a folder that nobody else may look into: a dump holds everything of everybody."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in (folder, *folder.parents[:2]):
        part.chmod(0o700)


# --- Postgres's own programs


def program(name: str, server_version: int) -> Path:
    """Return a client program that can speak to a server.

    This machine's own where it is new enough.

    ``server_version`` is Postgres's own number, such as 160004. The embedded server's programs
    come with the package; they speak no TLS.
    """
    own = shutil.which(name)
    if own and _major(own) >= server_version // 10000:
        return Path(own)
    return binaries() / name


def _major(path: str) -> int:
    said = subprocess.run(
        [path, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def _environment(conn: Connection) -> dict[str, str]:
    # What the shell says of another server would fill in whatever our own
    # connection left open, and the wrong database would be dumped.
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("PG")},
        **libpq_environment(conn),
    }


def _dump(conn: Connection, target: Path) -> None:
    # Owners and rights name roles of this server, which the one that restores
    # may not have.
    command = [
        program("pg_dump", conn.info.server_version),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
    ]
    command += [f"--schema={name}" for name in KEPT]
    _run([*map(str, command), f"--file={target}"], _environment(conn))


def _run(command: list[str], env: Mapping[str, str]) -> None:
    # A program that lacks a password would ask for one on the terminal, and
    # wait for ever.
    done = subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(
            f"{Path(command[0]).name} 没有做成，数据库还是原来的样子：{_said(done.stderr)}"
        )


def _said(error: bytes) -> str:
    """Return what kind of thing went wrong.

    A program's message may quote a row, after the first colon of its line.
    """
    lines = [
        line
        for line in error.decode(errors="replace").splitlines()
        if "error" in line or "FATAL" in line
    ]
    return lines[0].split("DETAIL")[0][:200] if lines else "原因不明"


def _load(conn: Connection, dump: Path) -> None:
    """Put a dump in the place of what is there, in one transaction."""
    version, env = conn.info.server_version, _environment(conn)
    preamble = "".join(
        f"drop schema if exists {name} cascade;\n" for name in _schemas(conn)
    )
    # Our own open transaction would hold locks on what is to be dropped.
    conn.rollback()
    with tempfile.TemporaryDirectory(prefix="yiku-restore-") as folder:
        # Whole before it is begun: of a dump that breaks off, a pipe would bring back what comes
        # before.
        script = Path(folder) / "restore.sql"
        reader = [
            program("pg_restore", version),
            "--no-owner",
            "--no-privileges",
            f"--file={script}",
            dump,
        ]
        _run([*map(str, reader)], env)
        writer = [
            str(program("psql", version)),
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
        ]
        # From the first drop on it is one transaction: a restore that fails
        # must not leave a warehouse without schemas.
        writer += [
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            f"--command=set lock_timeout = '60s';\n{preamble}",
        ]
        _run([*writer, f"--file={script}"], env)


def _schemas(conn: Connection) -> list[str]:
    """Return every schema of ours, yesterday's marts and what was being built included, as SQL names."""
    names = [
        str(n)
        for (n,) in conn.execute(
            "select nspname from pg_namespace order by nspname desc"
        )
    ]
    return [
        sql.Identifier(n).as_string(conn)
        for n in names
        if n in KEPT or _PASSING.match(n)
    ]


def _forget_transactions(conn: Connection) -> None:
    """Take out the numbers of transactions.

    Of another server they mean nothing, or another transaction of this one.

    What was settled before the restore is then settled before tonight, whatever the server has
    counted to.
    """
    conn.execute(
        "update ops.submission set settled_xid = null where settled_xid is not null"
    )
    conn.execute(
        "update ops.night set began = pg_current_snapshot() where began is not null"
    )


def _give_rights(conn: Connection) -> None:
    roles.grant_ledger(conn)
    for name in PUBLIC:
        there = conn.execute(
            "select to_regnamespace(%s) is not null", (name,)
        ).fetchone()
        if there and there[0]:
            apply_rights(conn, name, name)


# --- the archive


def _copy(source: Archive, target: Archive, watched: Watch, title: str) -> int:
    """Copy what ``target`` lacks; return how many files that were."""
    missing = sorted(source.names() - target.names())
    for name in watched(missing, title):
        source.copy(name, target)
    return len(missing)
