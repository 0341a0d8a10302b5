"""Lay a file down at a place, whole or not at all.

Never over what a clerk has made of an earlier one.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from yiku.faults import StepError, can_pass, is_in_use
from yiku.intake.archive import fingerprint
from yiku.intake.inbox import Inbox

_MOST_COPIES = 99  # of one name in one night; a clerk makes two or three
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL_STATUS = 507  # what a WebDAV server says whose disk is full
_CLOSED_STATUS = frozenset({401, 403, 405})


class NotLaidDownError(StepError):
    """A place did not take a file. The message is a sentence without an address or a secret.

    ``is_away``: the place could not be reached, and will take nothing else either.
    """

    def __init__(self, sentence: str, is_away: bool = False) -> None:
        super().__init__(sentence)
        self.is_away = is_away


def lay_down(
    place: Inbox, folder: str, name: str, data: bytes, ours: Collection[str]
) -> str:
    """Write a file into a folder below a place's root, and return the name that it has there.

    A file of that name that holds the same already stays as it is. One that holds what we
    never wrote is the clerk's: ours then gets a number. ``ours`` are the contents (SHA-256)
    that we wrote for this unit. NotLaidDownError when the place does not take it.
    """
    with telling():
        above = f"{place.root}/{folder}"
        for number in range(1, _MOST_COPIES + 1):
            free = _numbered(name, number)
            target = f"{above}/{free}"
            there = _content_at(place.files, target)
            if there == fingerprint(data):
                return free  # a night ended between laying it down and noting that
            is_free = there is None or there in ours
            if is_free and _write(place.files, above, target, data, there):
                return free
    raise NotLaidDownError("同名文件太多，放不下。")


def _numbered(name: str, number: int) -> str:
    if number == 1:
        return name
    path = PurePosixPath(name)
    return f"{path.stem}({number}){path.suffix}"


def _content_at(files: Any, target: str) -> str | None:
    """Return the SHA-256 of what lies at a path, None where nothing does."""
    files.invalidate_cache()
    try:
        with files.open(target, "rb") as stream:
            return fingerprint(stream.read())
    except FileNotFoundError:
        return None


def _write(
    files: Any, folder: str, target: str, data: bytes, there: str | None
) -> bool:
    """Write a file under a name that nobody reads, then give it its own.

    ``there`` is the SHA-256 of what lies at its name. Return False when
    that is something else by now: a clerk wrote there meanwhile. An object
    store shows only whole files.
    """
    if "s3" in files.protocol:
        return _put(files, target, data, there)
    _make_folder(files, folder)
    # a name that is passed over as litter wherever clerks' files are listed
    fresh = f"{folder}/.{uuid.uuid4().hex}.part"
    try:
        with files.open(fresh, "wb") as out:
            out.write(data)
        _require_whole(files, fresh, len(data))
        _share(files, fresh, folder)
        # Writing took its time, in which somebody may have saved a file here.
        is_same = _content_at(files, target) == there
        if is_same and _rename(files, fresh, target, is_new=there is None):
            return True
    except BaseException:
        with suppress(Exception):
            files.rm_file(fresh)
        raise
    files.rm_file(fresh)
    return False


def _put(files: Any, target: str, data: bytes, there: str | None) -> bool:
    if _content_at(files, target) != there:
        return False
    files.pipe_file(target, data)
    return True


def _require_whole(files: Any, path: str, size: int) -> None:
    """Look whether all of a file arrived: a full disk behind a server is told late, or never."""
    files.invalidate_cache()
    if files.info(path)["size"] != size:
        raise OSError(errno.ENOSPC, "short file")


def _make_folder(files: Any, folder: str) -> None:
    if not _is_local(files):
        files.makedirs(folder, exist_ok=True)
        return
    missing = [
        path
        for path in (Path(folder), *Path(folder).parents)
        if not path.exists()
    ]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        # whoever may use the clerk's folder may use what we put into it, whatever our own umask is
        path.chmod(path.parent.stat().st_mode & 0o7777)


def _share(files: Any, path: str, folder: str) -> None:
    """Give a file of this machine to those who may use the folder.

    Other places have rights of their own.
    """
    if _is_local(files):
        os.chmod(path, Path(folder).stat().st_mode & 0o666)


def _rename(files: Any, fresh: str, target: str, is_new: bool) -> bool:
    """Give a file its name; return False where ``is_new`` and the name is taken."""
    if _is_local(files):
        return _rename_here(fresh, target, is_new)
    if "webdav" in files.protocol:
        return _rename_by_webdav(files, fresh, target, is_new)
    return _rename_by_sftp(files, fresh, target, is_new)


def _rename_here(fresh: str, target: str, is_new: bool) -> bool:
    if not is_new:
        os.replace(fresh, target)
        return True
    try:
        # A rename would go over what lies there, a link never does.
        os.link(fresh, target)
    except FileExistsError:
        return False
    except OSError:
        # many shares know no links
        os.replace(fresh, target)
        return True
    os.unlink(fresh)
    return True


def _rename_by_webdav(
    files: Any, fresh: str, target: str, is_new: bool
) -> bool:
    try:
        files.client.move(fresh, target, overwrite=not is_new)
    except Exception:
        # each server has its own word for a name that is taken
        if is_new and _content_at(files, target) is not None:
            return False
        raise
    return True


def _rename_by_sftp(files: Any, fresh: str, target: str, is_new: bool) -> bool:
    if is_new:
        try:
            # the plain rename of SFTP takes only a name that is free
            files.ftp.rename(fresh, target)
        except OSError:
            if _content_at(files, target) is not None:
                return False
            raise
        return True
    try:
        files.mv(fresh, target)
    except OSError:
        # a server without the extension renames only to a name that is free
        with suppress(FileNotFoundError):
            files.ftp.remove(target)
        files.ftp.rename(fresh, target)
    return True


def _is_local(files: Any) -> bool:
    return "file" in files.protocol


@contextmanager
def telling() -> Iterator[None]:
    """Say in a sentence why a place did not take a file.

    What a library says of it may quote names and secrets.
    """
    try:
        yield
    except StepError:
        raise
    except Exception as fault:
        raise NotLaidDownError(_sentence(fault), can_pass(fault)) from None


def _sentence(fault: Exception) -> str:
    status = getattr(getattr(fault, "response", None), "status_code", None)
    number = fault.errno if isinstance(fault, OSError) else None
    if number in _FULL or status == _FULL_STATUS:
        return "空间已满，放不下。"
    if isinstance(fault, PermissionError) or number in _CLOSED:
        return "没有写入的权限，或是只读的。"
    if status in _CLOSED_STATUS:
        return "没有写入的权限，或是只读的。"
    if is_in_use(fault):
        return "同名文件正被人打开。"
    if can_pass(fault):
        return "暂时连不上（网络或对方服务器）。"
    return "对方没有接收（可能已满或只读）。"
