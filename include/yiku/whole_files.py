"""Files that are there as a whole or not at all, however the process that writes them ends."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name beside its place, and move it there when it is whole."""
    # The same name at the next try, so that what a kill leaves is written
    # over; a short one, for the file's own may be as long as there may be.
    fingerprint = hashlib.sha256(path.name.encode()).hexdigest()
    unfinished = path.with_name(f".{fingerprint[:16]}.part")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        # Who reads of it knows the file by its own name alone.
        error.filename, error.filename2 = str(path), None
        raise
