"""What the files in the outbox are called."""

from __future__ import annotations

import hashlib
import re

SUFFIX = ".校验.xlsx"
_MOST_BYTES = 255  # that a file system takes for one name
_ODD = re.compile(r"[/\\\x00-\x1f\x7f]")


def outbox_name(file_name: str, receipt_no: str | None = None) -> str:
    """Return the name of a file's return workbook.

    A bundle's inner files keep the bundle's name in front. ``receipt_no`` tells an older file from
    a newer one of the same name that is answered in the same night. A name that no file system
    takes is cut, and marked so that two do not become one.
    """
    name = _ODD.sub("_", file_name)
    if receipt_no:
        name += f".{receipt_no}"
    if len((name + SUFFIX).encode()) <= _MOST_BYTES:
        return name + SUFFIX
    fingerprint = hashlib.sha256(name.encode()).hexdigest()
    ending = f"~{fingerprint[:8]}{SUFFIX}"
    room = _MOST_BYTES - len(ending.encode())
    # Cut by bytes: half a character at the end is left out.
    beginning = name.encode()[:room].decode(errors="ignore")
    return beginning + ending
