"""Zip files, safely: the workbook formats that are zips, and the bundles that clerks send."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import PurePosixPath

from yiku.formats.cells import RefusedError

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_PART_BYTES = (
    600 * 1024 * 1024
)  # one XML part that is read in pieces: a million formatted empty rows fit
MAX_KEPT_BYTES = 80 * 1024 * 1024  # one part that has to be held in memory as a whole
MAX_BUNDLE_FILES = 200
MAX_BUNDLE_BYTES = 200 * 1024 * 1024
MAX_ENTRIES = 5_000
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def check_size(data: bytes) -> None:
    """Refuse a file of 0 bytes (F06) or of more than 20 MB (F13)."""
    if not data:
        raise RefusedError("F06", why="empty")
    if len(data) > MAX_FILE_BYTES:
        raise RefusedError("F13", why="bytes", limit_mb=MAX_FILE_BYTES // 1024 // 1024)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip whose directory is sound: no doubled names, no absurd sizes; F06 or F13 otherwise."""
    if _directory_size(data) > MAX_DIRECTORY_BYTES:
        raise RefusedError("F13", why="unpacked")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        NotImplementedError,
        EOFError,
        struct.error,
    ) as error:
        raise RefusedError("F06", why="zip") from error
    entries = archive.infolist()
    if (
        len(entries) > MAX_ENTRIES
        or sum(e.file_size for e in entries) > 2 * MAX_PART_BYTES
    ):
        raise RefusedError("F13", why="unpacked")
    if not entries or len({e.filename for e in entries}) < len(entries):
        raise RefusedError("F06", why="zip")
    return archive


def _directory_size(data: bytes) -> int:
    """Return the size that a zip's own end says its directory has: reading it is what makes a zip costly to open."""
    at = data.rfind(b"PK\x05\x06", -(1 << 16) - 22)
    if at < 0 or at + 16 > len(data):
        return 0
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    return at if size == 0xFFFFFFFF else min(size, at)


def with_plain_names(
    data: bytes, archive: zipfile.ZipFile
) -> tuple[bytes, zipfile.ZipFile]:
    """Return a workbook whose parts have the names that their readers look for; itself where they have them.

    Some programs write them with backslashes, or with a slash or ``./`` in front.
    """
    wanted = {name: _plain_name(name) for name in archive.namelist()}
    if all(name == plain for name, plain in wanted.items()):
        return data, archive
    if len(set(wanted.values())) < len(wanted):
        raise RefusedError("F06", why="zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain:
        for name in wanted:
            plain.writestr(wanted[name], read_part(archive, name) or b"")
    return out.getvalue(), zipfile.ZipFile(out)


def _plain_name(name: str) -> str:
    parts = [p for p in name.replace("\\", "/").split("/") if p not in ("", ".", "..")]
    return "/".join(parts) + ("/" if name.endswith(("/", "\\")) and parts else "")


def find_entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """Return the entry of a name, in letters of whatever size; None if there is none."""
    if name in archive.NameToInfo:
        return archive.NameToInfo[name]
    return next(
        (e for e in archive.infolist() if e.filename.lower() == name.lower()), None
    )


def read_part(
    archive: zipfile.ZipFile, name: str, limit: int = MAX_KEPT_BYTES
) -> bytes | None:
    """Return one entry, its checksum verified, or None if there is none. F05, F06 or F13 if it cannot be had."""
    entry = find_entry(archive, name)
    if entry is None:
        return None
    if entry.flag_bits & _ENCRYPTED:
        raise RefusedError("F05")
    if entry.file_size > limit:
        raise RefusedError("F13", why="unpacked")
    try:
        with archive.open(entry) as stream:
            # By a given size: reading to the end would unpack whatever there is, however much the entry says.
            return stream.read(entry.file_size + 1)
    except MemoryError:
        raise
    except Exception as error:  # zlib, lzma, a wrong checksum, a method nobody knows: all are a damaged file
        raise RefusedError("F06", why="zip") from error


def kind_of_zip(archive: zipfile.ZipFile) -> str:
    """Tell xlsx, xlsm, xlsb, ods, word, slides, ofd or bundle by the names inside."""
    names = {_plain_name(n) for n in archive.namelist()}
    lower = {n.lower() for n in names}
    if "xl/workbook.bin" in lower:
        return "xlsb"
    if any(n.endswith("workbook.xml") and n.startswith("xl/") for n in lower):
        return "xlsm" if "xl/vbaproject.bin" in lower else "xlsx"
    if "mimetype" in names and "content.xml" in names:
        mime = read_part(archive, "mimetype") or b""
        return "ods" if b"spreadsheet" in mime else "word"
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        return "ods"
    if any(n.startswith("word/") for n in names):
        return "word"
    if any(n.startswith("ppt/") for n in names):
        return "slides"
    return "ofd" if "OFD.xml" in names else "bundle"


def is_bundle(data: bytes) -> bool:
    """Tell whether a file is a zip of other files."""
    if not data.startswith(b"PK") or len(data) > MAX_FILE_BYTES:
        return False
    try:
        return kind_of_zip(open_zip(data)) == "bundle"
    except RefusedError:
        return False


def unpack(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """Return the files of a bundle by their paths inside it; anything else comes back as it is.

    F13 when it holds more than 200 files or 200 MB, F06 when it is damaged or holds none, F05 when it is encrypted.
    """
    if not data.startswith(b"PK") or len(data) > MAX_FILE_BYTES:
        return [(name, data)]
    try:
        archive = open_zip(data)
    except RefusedError as refused:
        # What is broken is one submission with its own verdict; only a bundle's own limits stop it here.
        if refused.rule == "F13":
            raise
        return [(name, data)]
    if kind_of_zip(archive) != "bundle":
        return [(name, data)]
    entries = members(archive)
    names = _distinct([member_name(e) for e in entries])
    return [
        (n, read_part(archive, e.filename, MAX_BUNDLE_BYTES) or b"")
        for n, e in zip(names, entries, strict=True)
    ]


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the clerk's files in a bundle. F13 when there are too many, F06 when there is none, F05 encrypted."""
    entries = [
        e for e in archive.infolist() if not e.is_dir() and not _litter(member_name(e))
    ]
    if not entries:
        raise RefusedError("F06", why="empty")
    if (
        len(entries) > MAX_BUNDLE_FILES
        or sum(e.file_size for e in entries) > MAX_BUNDLE_BYTES
    ):
        raise RefusedError("F13", why="bundle", limit=MAX_BUNDLE_FILES)
    if any(e.flag_bits & _ENCRYPTED for e in entries):
        raise RefusedError("F05")
    return entries


def member_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's path; Chinese programs write it in GBK without saying so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    parts = [
        p
        for p in PurePosixPath(name.replace("\\", "/")).parts
        if p not in ("/", "..", ".")
    ]
    return "/".join(parts)


def _litter(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return (
        not last
        or last.startswith(("~$", "._"))
        or name.startswith(_LITTER)
        or last in _LITTER
    )


def _distinct(names: list[str]) -> list[str]:
    """Add a number to names that occur more than once, so that each inner file can be told apart."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result
