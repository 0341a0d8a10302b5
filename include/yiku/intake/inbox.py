"""Look into the inbox: a folder of this machine or of any place that fsspec knows. Nothing there is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import fsspec

from yiku.intake.names import Sender, arrival_order, is_litter, sender_of

_STAMPS = ("ETag", "etag", "mtime", "modified", "last_modified", "LastModified", "time", "created")


@dataclass(frozen=True)
class InboxFile:
    """One file of the inbox as it was seen. ``stamp`` is what its file system says of its last change."""

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
    def at(cls, location: str) -> Inbox:
        """Open an inbox by folder or URL (sftp://, s3://, memory:// …). FileNotFoundError when it is not there."""
        files, root = fsspec.core.url_to_fs(location)
        root = root.rstrip("/")
        if not files.isdir(root):
            raise FileNotFoundError("inbox not found")
        return cls(files, root, files.unstrip_protocol(root))

    def list(self) -> list[InboxFile]:
        """Return the clerks' files, in the order in which they are taken in."""
        self.files.invalidate_cache()
        found = [self._seen(name, facts) for name, facts in self.files.find(self.root, detail=True).items()]
        return sorted((f for f in found if not is_litter(f.path)), key=lambda f: arrival_order(f.path))

    def unchanged(self, file: InboxFile) -> bool:
        """Look a second time: False when the file is still being copied, or has gone."""
        self.files.invalidate_cache()
        try:
            return self._seen(file.location, self.files.info(file.location)) == file
        except FileNotFoundError:
            return False

    @contextmanager
    def open(self, file: InboxFile) -> Iterator[BinaryIO]:
        """Open a file to read its bytes."""
        with self.files.open(file.location, "rb") as stream:
            yield stream

    def _seen(self, name: str, facts: dict[str, Any]) -> InboxFile:
        stamp = next((str(facts[s]) for s in _STAMPS if facts.get(s) is not None), "")
        relative = name[len(self.root) :].lstrip("/")
        return InboxFile(path=relative, location=name, size=int(facts.get("size") or 0), stamp=stamp)
