"""The names of columns in an expression of SQL, as far as a measure may be written."""

from __future__ import annotations

import re

_TEXT = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r'"([^"]+)"|([A-Za-z_][A-Za-z0-9_]*)(\s*\()?')
_KEYWORDS = frozenset(
    (
        "all and as asc between by case cast coalesce count date day desc distinct else end false filter group ilike in"
        " integer interval is like month not null nulls numeric or order then text true when where within year"
    ).split()
)
# A measure that asks another relation would leave the schemas that may be shown.
_ASKING = re.compile(
    r"\b(select|from|join|union|with|into|execute|table)\b", re.IGNORECASE
)


def asks_a_relation(expression: str) -> bool:
    """Return whether an expression reads more than the row that it stands on, or says more than one thing."""
    bare = _TEXT.sub("", expression)
    return bool(_ASKING.search(bare)) or ";" in bare or "--" in bare


def named_columns(expression: str) -> set[str]:
    """Return the words of an expression that are neither texts, nor functions, nor keywords."""
    names = set()
    for found in _WORD.finditer(_TEXT.sub("", expression)):
        quoted, word, opens_call = found.groups()
        if quoted:
            names.add(quoted)
        elif not opens_call and word.lower() not in _KEYWORDS:
            names.add(word)
    return names
