"""The XML of a sheet of an xlsx, in pieces that fit into memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_KEPT_BYTES, MAX_PART_BYTES, find_entry

_PIECE_BYTES = 4 * 1024 * 1024
# Without a prefix too: what is found at the beginning is not sought in megabytes of cells.
_ROOT = re.compile(rb"<(\w+:)?worksheet\b")


def pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces that begin with a row."""
    try:
        entry = part_entry(archive, part)
        # All at once is three times as quick; by a given size, for what the entry says of it
        # may be a lie.
        size = entry.file_size + 1
        if entry.file_size > _PIECE_BYTES:
            size = _PIECE_BYTES
        with archive.open(entry) as stream:
            yield from _cut(stream, size)
    except (RefusedError, MemoryError):
        raise
    # No such part, a wrong checksum, broken compression: all are a damaged file.
    except Exception as error:
        raise RefusedError("F06", why="zip") from error


def part_entry(archive: zipfile.ZipFile, part: str) -> zipfile.ZipInfo:
    """Return the entry of a part.

    F06 when there is none, F13 when it says that it is too large to be unpacked.
    """
    entry = find_entry(archive, part)
    if entry is None:
        raise RefusedError("F06", why="zip")
    if entry.file_size > MAX_PART_BYTES:
        raise RefusedError("F13", why="unpacked")
    return entry


def _cut(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield what a stream holds, cut in front of the last row that each block of it begins."""
    rest = b""
    prefix = b""
    is_start = True
    while block := stream.read(size):
        if is_start:
            found = _ROOT.search(block)
            prefix = (found.group(1) if found else None) or b""
        rest += block
        cut = rest.rfind(b"<" + prefix + b"row")
        if cut > 0:
            yield _without(prefix, rest[:cut])
            rest = rest[cut:]
        elif len(rest) > MAX_KEPT_BYTES:
            raise RefusedError("F13", why="unpacked")
        is_start = False
    yield _without(prefix, rest)


def _without(prefix: bytes, xml: bytes) -> bytes:
    """Drop the namespace prefix that some libraries put on every name."""
    if not prefix:
        return xml
    plain = xml.replace(b"<" + prefix, b"<")
    return plain.replace(b"</" + prefix, b"</")
