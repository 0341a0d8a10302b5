"""Workbooks that are encrypted though nobody set a password.

Spreadsheet programs encrypt a workbook whose structure is protected with a fixed word, and open
it without asking.
"""

from __future__ import annotations

import io

import msoffcrypto

from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_FILE_BYTES

_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_FIXED_WORD = "VelvetSweatshop"


def unlocked(data: bytes) -> bytes:
    """Return the bytes of a workbook that opens with the programs' own word.

    F05 when it does not.
    """
    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=_FIXED_WORD)
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
