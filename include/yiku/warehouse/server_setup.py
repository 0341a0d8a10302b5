"""The first set-up of the embedded Postgres: its folder of data and its password."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yiku import private
from yiku.settings import Settings
from yiku.warehouse.server_owner import (
    Owner,
    called,
    give,
    new_owner,
    nobody,
    run_as,
)
from yiku.warehouse.server_programs import (
    PUBLIC_FOLDER,
    EmbeddedError,
    is_root,
    programs,
)

USER = "yiku"


def data_folder(settings: Settings) -> Path:
    """Return where the data lie.

    Of root's server of an older version it was elsewhere, until it is started anew.
    """
    own, former = settings.postgres / "data", elsewhere(settings)
    is_former = is_root() and former.exists() and not own.exists()
    return former if is_former else own


def elsewhere(settings: Settings) -> Path:
    """Return where an older version kept the data of root's server."""
    mark = hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
    return PUBLIC_FOLDER / mark / "data"


def initialise(settings: Settings) -> None:
    """Set the server up, where that has not been done."""
    if is_root():
        _take_over(settings)
    data = data_folder(settings)
    if (data / "PG_VERSION").exists():
        return
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password = password_of(settings) or secrets.token_urlsafe(24)
    private.write(settings.postgres / "password", password)
    _initdb(settings, fresh, password)
    # only a complete set-up ever stands under its own name
    os.replace(fresh, data)


def _take_over(settings: Settings) -> None:
    """Bring home the data of a version that kept them elsewhere, and take those that belong to the nobody of all."""
    data, own = data_folder(settings), settings.postgres / "data"
    # A server that still runs keeps its place, and moves at its next start.
    if not data.exists() or in_use(data):
        return
    if data != own:
        shutil.move(data, own)
    if own.stat().st_uid == nobody().uid:
        owner = new_owner(settings, own)
        if owner != nobody():
            give(own, owner)


def _initdb(settings: Settings, folder: Path, password: str) -> None:
    owner = new_owner(settings, folder) if is_root() else None
    # initdb asks for the name of its user, which a number of its own has not: nobody, in the
    # group that is ours alone
    runs_as = Owner(nobody().uid, owner.gid) if owner else None
    if runs_as:
        os.chown(folder, runs_as.uid, runs_as.gid)
    # On the command line the password would be seen by every user, and a file
    # would have to be open to the one that initdb runs as.
    with _handed_over(
        settings.postgres / "password.once", password, runs_as
    ) as handed:
        command = [
            str(programs() / "initdb"),
            *(
                f"--pgdata={called(folder)}",
                f"--username={USER}",
                f"--pwfile=/dev/fd/{handed}",
            ),
            *("--auth=scram-sha-256", "--encoding=UTF8"),
            # Sorted by code on every machine: an update of the system's own
            # tables of letters would break the indexes.
            *(
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
            ),
        ]
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            check=False,
            pass_fds=[handed],
            **run_as(runs_as, folder),
        )
    if done.returncode:
        raise EmbeddedError(
            f"内嵌数据库初始化失败：{done.stderr.decode(errors='replace')[-500:]}"
        )
    if owner:
        give(folder, owner)


@contextmanager
def _handed_over(path: Path, text: str, to: Owner | None) -> Iterator[int]:
    """Give a file with a text for one program to read.

    Its descriptor, the file has no name any more.
    """
    private.write(path, text)
    descriptor = os.open(path, os.O_RDONLY)
    path.unlink()
    try:
        if to:
            os.fchown(descriptor, to.uid, to.gid)
        yield descriptor
    finally:
        os.close(descriptor)


def in_use(data: Path) -> bool:
    """Return whether a process of a server still works in a folder of data."""
    # The server and its children all work in its folder of data.
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if process.readlink() == data:
                return True
        except OSError:  # it has just ended, or it is another user's
            continue
    return False


def password_of(settings: Settings) -> str | None:
    """Return the password of the server; None before it is set up."""
    try:
        return (settings.postgres / "password").read_text() or None
    except OSError:
        return None
