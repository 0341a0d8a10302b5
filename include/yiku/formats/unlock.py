"""Workbooks that are encrypted though nobody set a password.

Spreadsheet programs encrypt a workbook whose structure is protected with a fixed word, and open
it without asking.
"""

from __future__ import annotations

import io
import zipfile

import msoffcrypto
from msoffcrypto.format.ooxml import OOXMLFile

from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_FILE_BYTES, is_bundle, unpack

_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LOCKED_START = _STARTS[1]  # the container of old workbooks and of locked ones
_FIXED_WORD = "VelvetSweatshop"


def unlocked(data: bytes, word: str = _FIXED_WORD) -> bytes:
    """Return the bytes of a workbook that opens with a word, by default the programs' own.

    F05 when it does not.
    """
    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=word)
        file.decrypt(out)
    except MemoryError:
        raise
    # Another password, rights management, a method nobody knows.
    except Exception as error:
        raise RefusedError("F05") from error
    plain = out.getvalue()
    # A wrong word gives noise where the method has no check of its own.
    if (
        not plain.startswith(_STARTS)
        or len(plain) > MAX_FILE_BYTES
        or plain == data
    ):
        raise RefusedError("F05")
    return plain


def unlocked_or_as_it_is(data: bytes, word: str) -> bytes:
    """Return a workbook that was locked with a unit's word as it was before, and anything else as it is.

    Of a bundle of workbooks those in it.
    """
    if is_bundle(data):
        return _bundle_unlocked(data, word)
    if not data.startswith(_LOCKED_START):
        return data
    try:
        return unlocked(data, word)
    except RefusedError:
        return data


def _bundle_unlocked(data: bytes, word: str) -> bytes:
    """Return a bundle with its locked workbooks open; as it is where none of them opens."""
    try:
        packed = unpack(data, "")
    except RefusedError:
        return data  # its answer says why
    opened: list[tuple[str, bytes]] = []
    for name, content in packed:
        # A bundle in a bundle is not unpacked anywhere.
        plain = content if is_bundle(content) else None
        plain = plain or unlocked_or_as_it_is(content, word)
        opened.append((name, plain))
    if opened == packed:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in opened:
            # The same bytes whenever the same bundle comes.
            bundle.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def locked(data: bytes, word: str) -> bytes:
    """Return a workbook (xlsx) that opens with a word alone."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(word, out)
    return out.getvalue()
