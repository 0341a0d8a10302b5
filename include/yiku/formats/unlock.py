"""Workbooks that are encrypted though nobody set a password.

Spreadsheet programs encrypt a workbook whose structure is protected with a fixed word, and open
it without asking.
"""

from __future__ import annotations

import io

import msoffcrypto
from msoffcrypto.format.ooxml import OOXMLFile

from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_FILE_BYTES

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
    """Return a workbook that was locked with a unit's word as it was before, and anything else as it is."""
    if not data.startswith(_LOCKED_START):
        return data
    try:
        return unlocked(data, word)
    except RefusedError:
        return data


def locked(data: bytes, word: str) -> bytes:
    """Return a workbook (xlsx) that opens with a word alone."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(word, out)
    return out.getvalue()
