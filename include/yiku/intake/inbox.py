"""Look into the inbox: a folder of this machine or of any place that fsspec knows.

Nothing there is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

import fsspec

from yiku.faults import PassingError, StepError, can_pass, is_in_use
from yiku.intake.location import Location, shown
from yiku.intake.path_names import Sender, arrival_order, is_litter, sender_of

DEMO_MARK = ".yiku-demo"  # lies in every inbox that the demo writes
_STAMPS = (
    "ETag",
    "etag",
    "mtime",
    "modified",
    "last_modified",
    "LastModified",
    "time",
    "created",
)


class InboxMissingError(StepError, FileNotFoundError):
    """There is no folder at the location that was given."""


class InboxUnknownError(StepError):
    """The location names a kind of place that nothing here knows how to reach."""


class InboxRefusedError(StepError):
    """The place was reached and let us not in: a wrong user, password, key or host key."""


class InboxAwayError(PassingError):
    """The place cannot be reached now."""


@contextmanager
def _reached() -> Iterator[None]:
    """Say in a sentence why an inbox cannot be opened.

    What a library says of it may quote a password.
    """
    try:
        yield
    except StepError:
        raise
    except FileNotFoundError:
        raise InboxMissingError("收件箱不存在，或不是文件夹。") from None
    except (ValueError, ImportError):
        raise InboxUnknownError(
            "收件箱的地址写法不对，或缺少访问这种地址所需的程序包。"
        ) from None
    except Exception as fault:
        if can_pass(fault):
            raise InboxAwayError(
                "收件箱暂时连不上（网络或对方服务器）。"
            ) from None
        raise InboxRefusedError(
            "收件箱拒绝访问：请核对用户、密码或密钥，以及文件夹的权限。"
        ) from None


class PlaceBrokeError(StepError):
    """A place failed while its files were read, or would not give one of them out; why is its cause."""

    def __init__(self, fault: Exception) -> None:
        super().__init__("读取来件时中断。")
        self.fault = fault
        self.may_pass = can_pass(fault)
        self.is_in_use = is_in_use(fault)


@contextmanager
def _reading() -> Iterator[None]:
    """Tell what fails at the place from what fails where we keep what we read."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as fault:
        raise PlaceBrokeError(fault) from fault


class _Stream:
    """A file of a place as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` bytes."""
        with _reading():
            return self._stream.read(size)


@dataclass(frozen=True)
class InboxFile:
    """One file of the inbox as it was seen.

    ``stamp`` is what its file system says of its last change.
    """

    path: str  # in the usual tree, <county>/<unit>/…
    location: str  # as its file system names it
    size: int
    stamp: str

    @property
    def sender(self) -> Sender:
        """Whose folder it lies in."""
        return sender_of(self.path)


@dataclass(frozen=True)
class Look:
    """What a look into an inbox found.

    The clerks' files in their order, how many folders were closed to us, and
    how many files no folder of ours could hold under their name.
    """

    files: list[InboxFile]
    closed_count: int = 0
    misnamed_count: int = 0


@dataclass(frozen=True)
class Inbox:
    """An inbox: its file system and its root there."""

    files: Any
    root: str
    url: str
    prefix: str = (
        ""  # of the usual tree: the folders in which all that lies here is
    )

    @classmethod
    def at(cls, location: str | Location, prefix: str = "") -> Inbox:
        """Open an inbox by folder or URL (sftp://, s3://, memory:// …).

        Raises InboxMissingError when it is not there and InboxUnknownError for a kind of place
        that we cannot reach; InboxRefusedError when the place refuses us; InboxAwayError when it
        cannot be reached now.
        """
        place = (
            location if isinstance(location, Location) else Location(location)
        )
        with _reached():
            files, root = fsspec.core.url_to_fs(place.url, **place.options)
            root = root.rstrip("/")
            if not _is_folder(files, root):
                raise InboxMissingError("收件箱不存在，或不是文件夹。")
        address = place.address or shown(files.unstrip_protocol(root))
        return cls(files, root, address, prefix)

    @property
    def is_demo(self) -> bool:
        """Whether it is an inbox of the demo, whose people are fictitious."""
        with _reached():
            return bool(self.files.exists(f"{self.root}/{DEMO_MARK}"))

    def list(self) -> list[InboxFile]:
        """Return the clerks' files, in the order in which they are taken in."""
        return self.look().files

    def look(self) -> Look:
        """List the clerks' files, and count the folders that let nobody in.

        A place that goes away meanwhile raises InboxAwayError: half a listing is none.
        """
        self.files.invalidate_cache()
        with _reached():
            # who lists all in one go raises what goes wrong; a walk of fsspec's leaves out such a folder
            walks = type(self.files).find is fsspec.AbstractFileSystem.find
            seen, closed_count = (
                _walked(self.files, self.root)
                if walks
                else (self.files.find(self.root, detail=True), 0)
            )
        files = []
        misnamed_count = 0
        for name, facts in seen.items():
            file = self._seen(name, facts)
            # An object store keeps an empty object for a folder.
            is_folder = name.endswith("/") or name == self.root
            if _leads_out(file.path):
                misnamed_count += 1
            elif not is_folder and not is_litter(file.path):
                files.append(file)
        files.sort(key=lambda file: arrival_order(file.path))
        return Look(files, closed_count, misnamed_count)

    def unchanged(self, file: InboxFile) -> bool:
        """Look a second time: False when the file is still being copied, or has gone."""
        self.files.invalidate_cache()
        try:
            with _reading():
                if (
                    self._seen(file.location, self.files.info(file.location))
                    == file
                ):
                    return True
                # Of one file some file systems say other things than of a folder's files.
                beside = self.files.ls(
                    self.files._parent(file.location), detail=True
                )
        except FileNotFoundError:
            return False
        return any(
            self._seen(facts["name"], facts) == file for facts in beside
        )

    @contextmanager
    def open(self, file: InboxFile) -> Iterator[BinaryIO]:
        """Open a file to read its bytes. PlaceBrokeError when the place fails meanwhile."""
        with _reading():
            stream = self.files.open(file.location, "rb")
        try:
            yield _Stream(stream)  # type: ignore[misc]
        finally:
            # a line that was cut cannot be hung up either; what was read of it is told of already
            with suppress(Exception):
                stream.close()

    def _seen(self, name: str, facts: dict[str, Any]) -> InboxFile:
        stamp = next(
            (str(facts[s]) for s in _STAMPS if facts.get(s) is not None), ""
        )
        relative = name[len(self.root) :].lstrip("/")
        path = f"{self.prefix}/{relative}" if self.prefix else relative
        return InboxFile(
            path=path,
            location=name,
            size=int(facts.get("size") or 0),
            stamp=stamp,
        )


def _leads_out(path: str) -> bool:
    """Return whether a path leads out of the folder in which it lies.

    To an object store such a name is one like any other; a rebuild lays files
    out under their names.
    """
    return ".." in path.split("/")


def _is_folder(files: Any, root: str) -> bool:
    if files.isdir(root or "/"):
        return True
    # an object store knows no folder in which nothing lies; its bucket it knows
    bucket = root.partition("/")[0]
    is_object_store = "s3" in files.protocol
    return is_object_store and bool(files.isdir(bucket))


def _walked(files: Any, root: str) -> tuple[dict[str, Any], int]:
    """Return all files below a folder with what is known of each, and how many folders could not be listed."""
    seen: dict[str, Any] = {}
    closed_count = 0
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            # the top of a server; an empty path would be the home of the user
            listing = files.ls(folder or "/", detail=True)
        except FileNotFoundError:
            continue  # it went away meanwhile, and lacks nothing
        except TimeoutError:
            raise  # each further folder would take as long to say nothing
        except OSError:
            closed_count += 1
            continue
        for facts in listing:
            name = facts["name"].rstrip("/")
            if facts["type"] != "directory":
                seen[name] = facts
            elif name != folder:
                folders.append(name)
    # a line that was cut looks like many closed folders
    if closed_count and not _is_folder(files, root):
        raise InboxAwayError("列目录时中断（网络或对方服务器）。")
    return seen, closed_count
