"""What may be shown of a text that a stranger wrote: the names of files and sheets, headers.

A terminal obeys control characters, a chat group its own marks, and both turn letters round for
marks of direction. What they would obey is shown, not sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Control characters of both tables, and what changes the direction, breaks lines or cannot be
# seen.
_UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
_ALL_CONTROL = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_UNSEEN}]")
_MARKS = str.maketrans("<>@[]", "＜＞＠［］")


def printable(text: str) -> str:
    """Return a text of several lines as a terminal may have it.

    What it would obey is replaced by �.
    """
    return _CONTROL.sub("\ufffd", text)


def inline(text: str) -> str:
    """Return a stranger's text as part of one line."""
    return _ALL_CONTROL.sub("\ufffd", text)


def inert(text: str, link: bool = False) -> str:
    """Return a stranger's text that no chat program takes for a mention or a mark.

    Nor, but for ``link``, for a link.
    """
    plain = inline(text).translate(_MARKS)
    if link:
        return plain
    without_schemes = plain.replace("://", ":／／")
    return without_schemes.replace("www.", "www．")


def as_json(facts: Mapping[str, Any]) -> str:
    """Return an object as JSON in readable Chinese.

    It says the same as any other JSON of it, and can be shown on a terminal.
    """
    text = json.dumps(facts, ensure_ascii=False, default=str)
    return _ALL_CONTROL.sub(_escaped, text)


def _escaped(char: re.Match[str]) -> str:
    return f"\\u{ord(char[0]):04x}"
