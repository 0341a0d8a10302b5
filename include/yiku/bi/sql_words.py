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
# What a measure may call. Others could read a file, wait, take another role or run a query that stands in a text.
_CALLED = frozenset(
    "avg case cast coalesce concat count filter in max min nullif round sum"
    " and as by else in not or over then when where".split()
)
_AGGREGATE = re.compile(r"\b(?:avg|count|max|min|sum)\s*\(", re.IGNORECASE)
# A rate is printed as the marts say it; a sum or a mean of rates is nobody's.
_RATE_ADDED = re.compile(r"\b(?:avg|sum)\s*\(\s*\w+_pct\b", re.IGNORECASE)
# A measure that asks another relation would leave the schemas that may be shown.
_ASKING = re.compile(
    r"\b(select|from|join|union|with|into|execute|table)\b", re.IGNORECASE
)


def asks_a_relation(expression: str) -> bool:
    """Return whether an expression reads more than the row that it stands on, or says more than one thing."""
    bare = _TEXT.sub("", expression)
    is_more = any(mark in bare for mark in (";", "--", "/*", "$", "{", "}"))
    return bool(_ASKING.search(bare)) or is_more


def strange_calls(expression: str) -> set[str]:
    """Return the functions that an expression calls and that none of a measure needs."""
    names = set()
    for found in _WORD.finditer(_TEXT.sub("''", expression)):
        _, word, opens_call = found.groups()
        if opens_call and word.lower() not in _CALLED:
            names.add(word)
    return names


def is_unbalanced(expression: str) -> bool:
    """Return whether a bracket or a text is not closed where it was opened."""
    bare = _TEXT.sub("", expression)
    depth = 0
    for char in bare:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return True
    return depth != 0 or "'" in bare


def is_of_many_rows(expression: str) -> bool:
    """Return whether an expression makes one value of many rows, as a measure must."""
    return bool(_AGGREGATE.search(_TEXT.sub("", expression)))


def adds_rates(expression: str) -> bool:
    """Return whether an expression adds rates up, or takes their mean."""
    return bool(_RATE_ADDED.search(_TEXT.sub("", expression)))


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
