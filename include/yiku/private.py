"""Keep what lies below YIKU_HOME from the machine's other users.

Return workbooks, databases, logs, passwords.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from yiku.settings import SettingsError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close_to_others() -> None:
    """Let this process, and all that it starts, make files and folders for their owner alone."""
    os.umask(OTHERS)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    # Those that are there may be shared on purpose: they stay as they are.
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, text: str) -> None:
    """Write a file that was never readable by others, not for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)


def tighten(home: Path) -> None:
    """Close a YIKU_HOME that others can enter, and everything in it.

    One that is closed is left as it is. SettingsError for a folder that is not ours alone to
    close: one of another user's, or a shared one like /tmp.
    """
    if not home.exists():
        return
    mode = home.stat().st_mode
    if not mode & (OTHERS | stat.S_ISVTX):
        return
    user = os.geteuid()
    is_anothers = user != 0 and home.stat().st_uid != user
    if mode & stat.S_ISVTX or is_anothers:
        raise SettingsError(
            f"YIKU_HOME（{home}）是别人也能用的文件夹，请换成只属于本用户的文件夹。"
        )
    # First: from here on nobody gets at what is below it.
    home.chmod(0o700)
    for folder, folders, files in os.walk(home):
        for name in (*folders, *files):
            _close(Path(folder, name))


def _close(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
    # It went away, or it is another user's: the closed folder above keeps it.
    except OSError:
        return
