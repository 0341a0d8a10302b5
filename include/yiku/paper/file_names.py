"""What printed files are called."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

BOARDS, BOARD_LIST = "明示牌", "内部-明示牌清单"
HOUSEHOLDS, EXPERTS = "内部-一户一页", "内部-一人一档"
# By this a PDF says that our type-setter made it.
_SET_BY_TYPST = b"/Creator(Typst"
_ODD = re.compile(r"[/\\:*?\"<>|\s\x00-\x1f\x7f]+")
_LONGEST_NAME = 40  # characters; with the code the name stays below what a file system takes


def paper_name(kind: str, code: str | None, name: str | None) -> str:
    """Return the file name of something printed: what it is, whose, and the name that people know."""
    words = [kind, code, name]
    parts = [_ODD.sub("_", word)[:_LONGEST_NAME] for word in words if word]
    return "-".join(parts) + ".pdf"


def name_beside(name: str, taken: Container[str]) -> str:
    """Return a file name that is not taken: with a number for what bears another's name."""
    stem = name.removesuffix(".pdf")
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.pdf"
    return name


def is_printed(path: Path, kind: str) -> bool:
    """Return whether a file is one that was printed as ``kind``: by its name, and by what it says of its maker."""
    is_named_so = path.name.startswith(f"{kind}-") and path.suffix == ".pdf"
    return is_named_so and _SET_BY_TYPST in path.read_bytes()
