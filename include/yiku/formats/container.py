"""Zip files, safely: the workbook formats that are zips, and the bundles that clerks send.

What a zip says of itself may be a lie: how many entries it has, how large each is when unpacked.
All of it is held against a limit before anything is unpacked, and read by the size that was
checked.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import PurePosixPath

from yiku.formats.cells import RefusedError

MAX_FILE_BYTES = 20 * 1024 * 1024
# One XML part that is read in pieces: a million formatted empty rows fit.
MAX_PART_BYTES = 600 * 1024 * 1024
MAX_KEPT_BYTES = (
    80 * 1024 * 1024
)  # one part that has to be held in memory as a whole
MAX_BUNDLE_FILES = 200
MAX_BUNDLE_BYTES = 200 * 1024 * 1024
MAX_ENTRIES = 5_000
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
# Bits of an entry's flags.
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_END_OF_DIRECTORY = b"PK\x05\x06"
_END_BYTES = 22  # of it, without the remark that may follow
_MOST_REMARK = 1 << 16
_BIG_ZIP = 0xFFFFFFFF  # the size stands elsewhere
# What a file in a bundle is called whose own name says nothing.
_NAMELESS = "未命名"
# What the computers of clerks put into a bundle unasked.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def check_size(data: bytes) -> None:
    """Refuse a file of 0 bytes (F06) or of more than 20 MB (F13)."""
    if not data:
        raise RefusedError("F06", why="empty")
    if len(data) > MAX_FILE_BYTES:
        limit_mb = MAX_FILE_BYTES // 1024 // 1024
        raise RefusedError("F13", why="bytes", limit_mb=limit_mb)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip whose directory is sound: no doubled names, no absurd sizes.

    F06 or F13 otherwise.
    """
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
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked_bytes > 2 * MAX_PART_BYTES:
        raise RefusedError("F13", why="unpacked")
    # Readers differ in which of two entries of one name they take.
    names = {entry.filename for entry in entries}
    if not entries or len(names) < len(entries):
        raise RefusedError("F06", why="zip")
    return archive


def _directory_size(data: bytes) -> int:
    """Return the size that a zip's own end says its directory has, in bytes.

    Reading the directory is what makes a zip costly to open.
    """
    at = data.rfind(_END_OF_DIRECTORY, -_MOST_REMARK - _END_BYTES)
    if at < 0 or at + 16 > len(data):
        return 0
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    return at if size == _BIG_ZIP else min(size, at)


def with_plain_names(
    data: bytes,
    archive: zipfile.ZipFile,
) -> tuple[bytes, zipfile.ZipFile]:
    """Return a workbook whose parts have the names that their readers look for.

    Some programs write them with backslashes, or with a slash or ``./`` in front. A workbook that
    has the right ones comes back as it is.
    """
    wanted = {name: _plain_name(name) for name in archive.namelist()}
    if all(name == plain for name, plain in wanted.items()):
        return data, archive
    if len(set(wanted.values())) < len(wanted):
        raise RefusedError("F06", why="zip")
    out = io.BytesIO()
    # Compressed as little as possible: it is read once and thrown away.
    with zipfile.ZipFile(
        out, "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as renamed:
        for name, plain_name in wanted.items():
            renamed.writestr(plain_name, read_part(archive, name) or b"")
    return out.getvalue(), zipfile.ZipFile(out)


def _plain_name(name: str) -> str:
    """Return an entry's name as the standards write it, folders with a slash at the end."""
    slashed = name.replace("\\", "/")
    parts = [
        part for part in slashed.split("/") if part not in ("", ".", "..")
    ]
    plain = "/".join(parts)
    is_folder = bool(parts) and slashed.endswith("/")
    return f"{plain}/" if is_folder else plain


def find_entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """Return the entry of a name, in letters of whatever size; None if there is none."""
    if name in archive.NameToInfo:
        return archive.NameToInfo[name]
    lower = name.lower()
    for entry in archive.infolist():
        if entry.filename.lower() == lower:
            return entry
    return None


def read_part(
    archive: zipfile.ZipFile,
    name: str,
    limit: int = MAX_KEPT_BYTES,
) -> bytes | None:
    """Return one entry, its checksum verified, or None if there is none.

    F05, F06 or F13 if it cannot be had; ``limit`` is in bytes.
    """
    entry = find_entry(archive, name)
    if entry is None:
        return None
    if entry.flag_bits & _ENCRYPTED:
        raise RefusedError("F05")
    if entry.file_size > limit:
        raise RefusedError("F13", why="unpacked")
    try:
        with archive.open(entry) as stream:
            # By a given size: reading to the end would unpack whatever there is, however much
            # the entry says.
            return stream.read(entry.file_size + 1)
    except MemoryError:
        raise
    # zlib, lzma, a wrong checksum, a method nobody knows: all are a damaged file.
    except Exception as error:
        raise RefusedError("F06", why="zip") from error


def kind_of_zip(archive: zipfile.ZipFile) -> str:
    """Return xlsx, xlsm, xlsb, ods, word, slides, ofd or bundle, by the names inside."""
    names = {_plain_name(name) for name in archive.namelist()}
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return "xlsb"
    if any(_is_book_part(name) for name in lower):
        return "xlsm" if "xl/vbaproject.bin" in lower else "xlsx"
    if "mimetype" in names and "content.xml" in names:
        mime = read_part(archive, "mimetype") or b""
        return "ods" if b"spreadsheet" in mime else "word"
    # Some programs leave the mimetype out.
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        return "ods"
    if _has_folder(names, "word/"):
        return "word"
    if _has_folder(names, "ppt/"):
        return "slides"
    return "ofd" if "OFD.xml" in names else "bundle"


def _is_book_part(lower_name: str) -> bool:
    return lower_name.startswith("xl/") and lower_name.endswith("workbook.xml")


def _has_folder(names: set[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)


# --- bundles


def is_bundle(data: bytes) -> bool:
    """Return whether a file is a zip of other files."""
    if not data.startswith(b"PK") or len(data) > MAX_FILE_BYTES:
        return False
    try:
        return kind_of_zip(open_zip(data)) == "bundle"
    except RefusedError:
        return False


def unpack(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """Return the files of a bundle by their paths inside it; anything else comes back as it is.

    F13 when it holds more than 200 files or 200 MB, F06 when it is damaged or holds none, F05 when
    it is encrypted.
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
    names = _distinct([member_name(entry) for entry in entries])
    files = []
    for inner_name, entry in zip(names, entries, strict=True):
        content = read_part(archive, entry.filename, MAX_BUNDLE_BYTES)
        files.append((inner_name, content or b""))
    return files


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the clerk's files in a bundle.

    F13 when there are too many, F06 when there is none, F05 when they are encrypted.
    """
    entries = []
    for entry in archive.infolist():
        # zipfile's own question breaks on an entry without a name.
        is_folder = entry.filename.endswith("/")
        if not is_folder and not _is_litter(member_name(entry)):
            entries.append(entry)
    if not entries:
        raise RefusedError("F06", why="empty")
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_BUNDLE_FILES or unpacked_bytes > MAX_BUNDLE_BYTES:
        raise RefusedError("F13", why="bundle", limit=MAX_BUNDLE_FILES)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise RefusedError("F05")
    return entries


def member_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's path inside the bundle; nothing in it leads out, and it is never empty."""
    name = _decoded_name(entry).replace("\\", "/")
    parts = [
        part
        for part in PurePosixPath(name).parts
        if part not in ("/", "..", ".")
    ]
    return "/".join(parts) or _NAMELESS


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name; Chinese programs write it in GBK without saying so."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    # zipfile takes what names no encoding for the one of the first PCs.
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_litter(name: str) -> bool:
    """Return whether a file is nobody's submission.

    A lock file, a preview, a folder's settings.
    """
    last = name.rsplit("/", 1)[-1]
    if not last or last in _LITTER:
        return True
    return last.startswith(("~$", "._")) or name.startswith(_LITTER)


def _distinct(names: list[str]) -> list[str]:
    """Add a number to names that occur more than once.

    Each inner file can be told apart by its name then.
    """
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result
