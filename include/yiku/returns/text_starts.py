"""Whether any text of a part can begin with some sign: told from its bytes, before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

# Parts in UTF-16 begin so; their letters are not looked for.
_WIDE = (b"\xfe\xff", b"\xff\xfe")


def may_begin(part: bytes, starts: Sequence[str], needle: bytes = b"") -> bool:
    """Return whether a text in a part may begin with one of some signs; False is certain.

    ``needle`` is what every part with such texts holds somewhere.
    """
    if part.startswith(_WIDE):
        return True
    if needle not in part:
        return False
    # Looked for first: hardly any part has such a pair of signs at all, and
    # a byte is found ten times as fast as a pattern.
    behind_tag = [f">{sign}".encode() for sign in (*starts, "&", "<!")]
    if not any(pair in part for pair in behind_tag):
        return False
    return _text_beginning(tuple(starts)).search(part) is not None


@cache
def _text_beginning(starts: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return what finds the first sign of a text, also one that is written as a number or apart."""
    signs = "".join(re.escape(sign) for sign in starts)
    pattern = rf"<(?:\w++:)?t(?:\s[^<>]*+)?>(?:[{signs}&]|<!)"
    return re.compile(pattern.encode())
