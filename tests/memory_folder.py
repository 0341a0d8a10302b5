"""Folders for databases that are thrown away: in memory where there is room, for a disk is slow to make many files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")
# two processes' servers with all their copies take a tenth of it
_ENOUGH_BYTES = 4 * 2**30


@contextmanager
def memory_folder(purpose: str) -> Iterator[Path]:
    """Give an empty folder and remove it; its name is short, and says whose it is."""
    prefix = f"yiku-{purpose}-{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_place(purpose)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _place(purpose: str) -> Path | None:
    """Return where the folder is to be; None for where temporary files go on this machine."""
    if not _MEMORY.is_dir():
        return None
    _remove_left_behind(purpose)
    has_room = shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES
    return _MEMORY if has_room else None


def _remove_left_behind(purpose: str) -> None:
    # A run that was killed removes nothing, and what it left would take up memory until the machine is started anew.
    for folder in _MEMORY.glob(f"yiku-{purpose}-*"):
        owner = folder.name.split("-")[2]
        if not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
