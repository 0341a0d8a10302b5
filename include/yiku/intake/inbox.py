"""Look into the inbox: a folder of this machine or of any place that fsspec knows.

Nothing there is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import fsspec

from yiku.faults import PassingError, StepError, can_pass
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
            raise InboxAwayError("收件箱暂时连不上（网络或对方服务器）。") from None
        raise InboxRefusedError(
            "收件箱拒绝访问：请核对用户、密码或密钥，以及文件夹的权限。"
        ) from None


@dataclass(frozen=True)
class InboxFile:
    """One file of the inbox as it was seen.

    ``stamp`` is what its file system says of its last change.
    """

    path: str  # relative to the inbox
    location: str  # as its file system names it
    size: int
    stamp: str

    @property
    def sender(self) -> Sender:
        """Whose folder it lies in."""
        return sender_of(self.path)


@dataclass(frozen=True)
class Inbox:
    """An inbox: its file system and its root there."""

    files: Any
    root: str
    url: str

    @classmethod
    def at(cls, location: str | Location) -> Inbox:
        """Open an inbox by folder or URL (sftp://, s3://, memory:// …).

        Raises InboxMissingError when it is not there and InboxUnknownError for a kind of place
        that we cannot reach; InboxRefusedError when the place refuses us; InboxAwayError when it
        cannot be reached now.
        """
        place = location if isinstance(location, Location) else Location(location)
        with _reached():
            files, root = fsspec.core.url_to_fs(place.url, **place.options)
            root = root.rstrip("/")
            if not files.isdir(root):
                raise InboxMissingError("收件箱不存在，或不是文件夹。")
        return cls(files, root, shown(files.unstrip_protocol(root)))

    @property
    def is_demo(self) -> bool:
        """Whether it is an inbox of the demo, whose people are fictitious."""
        with _reached():
            return bool(self.files.exists(f"{self.root}/{DEMO_MARK}"))

    def list(self) -> list[InboxFile]:
        """Return the clerks' files, in the order in which they are taken in."""
        self.files.invalidate_cache()
        with _reached():
            seen = self.files.find(self.root, detail=True)
        found = [self._seen(name, facts) for name, facts in seen.items()]
        return sorted(
            (f for f in found if not is_litter(f.path)),
            key=lambda f: arrival_order(f.path),
        )

    def unchanged(self, file: InboxFile) -> bool:
        """Look a second time: False when the file is still being copied, or has gone."""
        self.files.invalidate_cache()
        try:
            if self._seen(file.location, self.files.info(file.location)) == file:
                return True
            # Of one file some file systems say other things than of a folder's files.
            beside = self.files.ls(file.location.rsplit("/", 1)[0], detail=True)
        except FileNotFoundError:
            return False
        return any(self._seen(facts["name"], facts) == file for facts in beside)

    @contextmanager
    def open(self, file: InboxFile) -> Iterator[BinaryIO]:
        """Open a file to read its bytes."""
        with self.files.open(file.location, "rb") as stream:
            yield stream

    def _seen(self, name: str, facts: dict[str, Any]) -> InboxFile:
        stamp = next((str(facts[s]) for s in _STAMPS if facts.get(s) is not None), "")
        relative = name[len(self.root) :].lstrip("/")
        return InboxFile(
            path=relative, location=name, size=int(facts.get("size") or 0), stamp=stamp
        )
