"""The archive: every content that ever arrived, under its SHA-256, never changed. It is the raw record."""

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

# Each process opens the archive by itself, by an address without any password, and renames what it has written: these
# ask for a password, do not rename in one go, or cannot be written to.
_UNFIT = frozenset({"sftp", "ssh", "ftp", "ftps", "smb", "http", "https"})
_CHUNK = 1 << 20
_HALF = ".incoming-"  # begins the name of what is being copied


class ArchiveUnfitError(StepError):
    """The archive is to lie where it cannot be kept. The message names the kind of place alone."""


def require_fit(location: str) -> None:
    """Raise ArchiveUnfitError for a kind of place that no archive can be kept in."""
    if unfit := sorted(kinds(location) & _UNFIT):
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
        """Open an archive by folder or URL, making the folder where needed (readable by its owner alone).

        ArchiveUnfitError for a kind of place that no archive can be kept in.
        """
        require_fit(location)
        files, root = fsspec.core.url_to_fs(location)
        if _local(files):
            Path(root).mkdir(parents=True, exist_ok=True, mode=0o700)
        else:
            files.makedirs(root, exist_ok=True)
        return cls(files, root.rstrip("/"))

    def store(self, stream: BinaryIO) -> Stored:
        """Copy a stream into the archive in pieces; a content that is there already is not written again."""
        fresh = f"{self.root}/{_HALF}{uuid.uuid4().hex}"
        try:
            stored = self._copy(stream, fresh)
            if self.files.exists(self.location(stored.sha256)):
                self.files.rm_file(fresh)
            else:
                self._keep(fresh, self.location(stored.sha256))
        except BaseException:
            if self.files.exists(fresh):
                self.files.rm_file(fresh)
            raise
        return stored

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
        found = self.files.find(place) if self.files.isdir(place) else ()
        names = (str(name)[len(self.root) :].lstrip("/") for name in found)
        return {name for name in names if not name.rsplit("/", 1)[-1].startswith(_HALF)}

    def exists(self, name: str) -> bool:
        """Return whether the archive has a file of that name."""
        return bool(self.files.exists(f"{self.root}/{name}"))

    def put(self, name: str, data: bytes) -> None:
        """Keep a small file of our own under its name, where it appears at once or not at all."""
        fresh = f"{self.root}/{_HALF}{uuid.uuid4().hex}"
        self._copy(io.BytesIO(data), fresh)
        self._place(fresh, name)

    def copy(self, name: str, target: Archive) -> None:
        """Copy one file of the archive to another archive, where it appears at once or not at all."""
        fresh = f"{target.root}/{_HALF}{uuid.uuid4().hex}"
        with self.files.open(f"{self.root}/{name}", "rb") as stream:
            target._copy(stream, fresh)
        target._place(fresh, name)

    def location(self, sha256: str) -> str:
        """Return where a content lies, as its file system names it."""
        return f"{self.root}/{sha256}"

    def url(self, sha256: str) -> str:
        """Return where a content lies, for ``fsspec.open`` in any process."""
        located: str = self.files.unstrip_protocol(self.location(sha256))
        return self.location(sha256) if _local(self.files) else located

    def _copy(self, stream: BinaryIO, to: str) -> Stored:
        digest, size = hashlib.sha256(), 0
        with self.files.open(to, "wb") as out:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            if _local(self.files):
                out.flush()
                os.fsync(out.fileno())
        return Stored(digest.hexdigest(), size)

    def _place(self, fresh: str, name: str) -> None:
        """Give a complete copy a name that may lie in a folder, which is for its owner alone."""
        folder = f"{self.root}/{name}".rpartition("/")[0]
        if _local(self.files):
            for part in reversed([Path(folder), *Path(folder).parents]):
                if part.is_relative_to(self.root):
                    part.mkdir(exist_ok=True, mode=0o700)
        else:
            self.files.makedirs(folder, exist_ok=True)
        self._keep(fresh, f"{self.root}/{name}")

    def _keep(self, fresh: str, final: str) -> None:
        """Give a complete copy its name: nobody ever sees half a content under it."""
        if not _local(self.files):
            self.files.mv(fresh, final)
            return
        Path(fresh).chmod(0o400)
        os.replace(fresh, final)
        folder = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _local(files: Any) -> bool:
    protocol = files.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a content in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
