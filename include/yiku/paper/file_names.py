"""What printed files are called."""

from __future__ import annotations

import re

_ODD = re.compile(r"[/\\:*?\"<>|\s\x00-\x1f\x7f]+")
_LONGEST_NAME = 40  # characters; with the code the name stays below what a file system takes


def paper_name(kind: str, code: str | None, name: str | None) -> str:
    """Return the file name of something printed: what it is, whose, and the name that people know."""
    words = [kind, code, name]
    parts = [_ODD.sub("_", word)[:_LONGEST_NAME] for word in words if word]
    return "-".join(parts) + ".pdf"
