"""Whose the embedded Postgres is, and how its programs are started as that user."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from yiku.settings import Settings
from yiku.warehouse.server_programs import EmbeddedError, is_root

# users and groups that are given out for a while, and to no person
_NUMBERS = range(61184, 65520)


@dataclass(frozen=True)
class Owner:
    """The user and group that a program of the server runs as."""

    uid: int
    gid: int


def nobody() -> Owner:
    """Return the user that other services share as well."""
    entry = pwd.getpwnam("nobody")
    return Owner(entry.pw_uid, entry.pw_gid)


def new_owner(settings: Settings, folder: Path) -> Owner:
    """Choose whose the data shall be; inside a container that knows few numbers it is nobody."""
    number = _own_number(settings)
    try:
        os.chown(folder, number, number)
    except OSError:
        return nobody()
    return Owner(number, number)


def _own_number(settings: Settings) -> int:
    """Return a number that no user, no group and no process of this machine has.

    Of a home mostly the same.
    """
    taken = {user.pw_uid for user in pwd.getpwall()}
    taken |= {group.gr_gid for group in grp.getgrall()}
    # a process may run under a number that no file of users knows
    for process in psutil.process_iter(["uids"]):
        if process.info["uids"]:
            taken.add(process.info["uids"].real)
    start = int(hashlib.sha256(str(settings.home).encode()).hexdigest(), 16)
    for step in range(len(_NUMBERS)):
        number = _NUMBERS[(start + step) % len(_NUMBERS)]
        if number not in taken:
            return number
    raise EmbeddedError("没有空闲的用户编号可供内嵌数据库使用。")


def give(folder: Path, owner: Owner) -> None:
    """Let a folder and all that is in it belong to another user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def owner_of(data: Path) -> Owner | None:
    """Return whom the server runs as: itself, or as root whoever owns its data."""
    found = data.stat()
    return Owner(found.st_uid, found.st_gid) if is_root() else None


def called(folder: Path) -> str:
    """Return what the server calls the folder that it is started in."""
    return "/proc/self/cwd" if is_root() else str(folder)


def run_as(owner: Owner | None, folder: Path) -> dict[str, object]:
    """Return how a program of the server is started: as its own user, in its own folder."""
    # nothing else of the environment: it may hold secrets that the server has no use for
    passed = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    environment = {
        name: os.environ[name] for name in passed if name in os.environ
    }
    how: dict[str, object] = {
        "cwd": folder,
        "env": {**environment, "LC_ALL": "C"},
        "stdin": subprocess.DEVNULL,
    }
    # Else the server would keep the groups of root.
    if owner:
        how |= {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    return how
