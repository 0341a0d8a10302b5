"""The bundle as it lies in a folder: read for the check, packed for the importer."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

# The importer takes away the first folder of every name.
_TOP = "yiku"
# A bundle that did not change is the same bytes.
_MOMENT = (2017, 11, 20, 0, 0, 0)


def read_bundle(folder: Path) -> dict[str, str]:
    """Return the texts of a bundle's files by their names, in the order of the names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    # What is no text is told of as a file that cannot be read.
    return {
        path.relative_to(folder).as_posix(): path.read_text(
            "utf-8", errors="replace"
        )
        for path in paths
    }


def packed(files: Mapping[str, str]) -> bytes:
    """Return the bundle as the zip that Superset's importer takes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{_TOP}/{name}", _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return buffer.getvalue()
