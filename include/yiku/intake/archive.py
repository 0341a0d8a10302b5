"""The archive: every content that ever arrived, under its SHA-256, never changed.

It is the raw record: whatever else is lost can be built from it again.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import fsspec

from yiku.faults import StepError
from yiku.intake.location import kinds

# Each process opens the archive by itself, by an address without any password, and renames what it
# has written: these ask for a password, do not rename in one go, or cannot be written to.
_UNFIT = frozenset({"sftp", "ssh", "ftp", "ftps", "smb", "http", "https"})
_CHUNK = 1 << 20  # bytes
_HALF = ".incoming-"  # begins the name of what is being copied


class ArchiveUnfitError(StepError):
    """The archive is to lie where it cannot be kept. The message names the kind of place alone."""


def require_fit(location: str) -> None:
    """Raise ArchiveUnfitError for a kind of place that no archive can be kept in."""
    unfit = sorted(kinds(location) & _UNFIT)
    if unfit:
        raise ArchiveUnfitError(
            f"归档不能放在 {unfit[0]}:// 地址（YIKU_ARCHIVE）。请用本机文件夹（可以是挂载的网络盘），"
            "或 s3:// 一类的对象存储。"
        )


@dataclass(frozen=True)
class Stored:
    """One content in the archive."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Archive:
    """An archive: its file system and its root there."""

    files: Any
    root: str

    @classmethod
    def at(cls, location: str) -> Archive:
        """Open an archive by folder or URL, making the folder where needed.

        It is readable by its owner alone. ArchiveUnfitError for a kind of place that no archive
        can be kept in.
        """
        require_fit(location)
        files, root = fsspec.core.url_to_fs(location)
        if _is_local(files):
            Path(root).mkdir(parents=True, exist_ok=True, mode=0o700)
        else:
            files.makedirs(root, exist_ok=True)
        return cls(files, root.rstrip("/"))

    def store(self, stream: BinaryIO) -> Stored:
        """Copy a stream into the archive in pieces.

        A content that is there already is not written again.
        """
        fresh = self._fresh_name()
        try:
            stored = self._copy(stream, fresh)
            final = self.location(stored.sha256)
            if self.files.exists(final):
                self.files.rm_file(fresh)
            else:
                self._keep(fresh, final)
        # Also when the process is told to end: nothing half copied is left behind.
        except BaseException:
            if self.files.exists(fresh):
                self.files.rm_file(fresh)
            raise
        return stored

    def _fresh_name(self) -> str:
        """Return a name for what is being copied, which no other process has."""
        return f"{self.root}/{_HALF}{uuid.uuid4().hex}"

    def store_bytes(self, data: bytes) -> Stored:
        """Keep a content that is in memory."""
        return self.store(io.BytesIO(data))

    def read(self, sha256: str) -> bytes:
        """Return a content; FileNotFoundError when the archive has lost it."""
        with self.files.open(self.location(sha256), "rb") as stream:
            data: bytes = stream.read()
        return data

    def names(self, folder: str = "") -> set[str]:
        """Return the names of everything in the archive (or a folder of it), below its root."""
        place = f"{self.root}/{folder}".rstrip("/")
        if not self.files.isdir(place):
            return set()
        names = set()
        for found in self.files.find(place):
            name = str(found)[len(self.root) :].lstrip("/")
            last = name.rsplit("/", 1)[-1]
            if not last.startswith(_HALF):
                names.add(name)
        return names

    def exists(self, name: str) -> bool:
        """Return whether the archive has a file of that name."""
        return bool(self.files.exists(f"{self.root}/{name}"))

    def put(self, name: str, data: bytes) -> None:
        """Keep a small file of our own under its name, where it appears at once or not at all."""
        fresh = self._fresh_name()
        self._copy(io.BytesIO(data), fresh)
        self._place(fresh, name)

    def copy(self, name: str, target: Archive) -> None:
        """Copy one file of the archive to another archive.

        It appears there at once or not at all.
        """
        fresh = target._fresh_name()
        with self.files.open(f"{self.root}/{name}", "rb") as stream:
            target._copy(stream, fresh)
        target._place(fresh, name)

    def location(self, sha256: str) -> str:
        """Return where a content lies, as its file system names it."""
        return f"{self.root}/{sha256}"

    def url(self, sha256: str) -> str:
        """Return where a content lies, for ``fsspec.open`` in any process."""
        location = self.location(sha256)
        if _is_local(self.files):
            return location
        url: str = self.files.unstrip_protocol(location)
        return url

    def _copy(self, stream: BinaryIO, to: str) -> Stored:
        digest = hashlib.sha256()
        size = 0
        with self.files.open(to, "wb") as out:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            # A name that outlives a power cut must have its content too.
            if _is_local(self.files):
                out.flush()
                os.fsync(out.fileno())
        return Stored(digest.hexdigest(), size)

    def _place(self, fresh: str, name: str) -> None:
        """Give a complete copy a name that may lie in a folder, which is for its owner alone."""
        final = f"{self.root}/{name}"
        folder = final.rpartition("/")[0]
        if _is_local(self.files):
            self._make_folder(Path(folder))
        else:
            self.files.makedirs(folder, exist_ok=True)
        self._keep(fresh, final)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, down from the root.

        One by one: ``mkdir`` gives its mode to the last alone.
        """
        for part in reversed([folder, *folder.parents]):
            if part.is_relative_to(self.root):
                part.mkdir(exist_ok=True, mode=0o700)

    def _keep(self, fresh: str, final: str) -> None:
        """Give a complete copy its name: nobody ever sees half a content under it."""
        if not _is_local(self.files):
            self.files.mv(fresh, final)
            return
        Path(fresh).chmod(0o400)
        os.replace(fresh, final)
        folder = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_local(files: Any) -> bool:
    """Return whether a file system is that of this machine."""
    protocols = files.protocol
    if isinstance(protocols, str):
        protocols = (protocols,)
    return "file" in protocols


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a content in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
