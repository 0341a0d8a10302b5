"""Columns of Python values to the text that COPY takes.

By distinct value, because lists repeat themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
from psycopg import sql

from yiku.warehouse.connection import Connection

# An empty text is not NULL to COPY: this mark alone tells the two apart.
NULL = r"\N"
_ESCAPED = {
    "\\": r"\\",
    "\t": r"\t",
    "\n": r"\n",
    "\r": r"\r",
    "\x00": "",
}  # Postgres keeps no NUL in a text
_ESCAPES = str.maketrans(_ESCAPED)

Formatter = Callable[[Any], str]
_QUOTED = ("\x00", "\\", '"')
_NOTHING = {type(None)}
_TEXT = {str, type(None)}


def is_blank(value: object) -> bool:
    """Tell whether a value means nothing: None and what pandas puts in its place."""
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and value != value)
    )


def escape(text: str) -> str:
    """Write a text as COPY reads it."""
    return text.translate(_ESCAPES)


def array_text(values: Iterable[object]) -> str:
    """Write a list as Postgres reads an array."""
    texts = [str(value) for value in values]
    # ids and keys are thousands, and hold none of these
    if any(special in "".join(texts) for special in _QUOTED):
        texts = [_quoted(text) for text in texts]
    return "{" + ",".join([f'"{text}"' for text in texts]) + "}"


def _quoted(text: str) -> str:
    """Write a text as it stands between quotes in an array."""
    bare = text.replace("\x00", "")
    return bare.replace("\\", "\\\\").replace('"', '\\"')


def _json(value: object) -> str:
    # jsonb refuses the escape of NUL, which a cell of a broken file may hold.
    return json.dumps(value, ensure_ascii=False, default=str).replace(
        "\\u0000", ""
    )


_FORMATS: dict[str, Formatter] = {
    "integer": lambda v: str(int(v)),
    "bigint": lambda v: str(int(v)),
    "smallint": lambda v: str(int(v)),
    "boolean": lambda v: "t" if v else "f",
    # strftime does not fill the year 17 up with zeros on every system, and the
    # server would take it for something else.
    "date": lambda v: (
        v.strftime("%Y-%m-%d") if v.year > 999 else f"{v.year:04}-{v:%m-%d}"
    ),
    "timestamptz": lambda v: v.isoformat(),
    "text[]": array_text,
    "jsonb": _json,
}


def format_column(kind: str, values: Sequence[Any]) -> list[str]:
    """Return the COPY texts of a column whose SQL type begins with ``kind``."""
    types = set(map(type, values))
    if types == _NOTHING:
        return [NULL] * len(values)
    if types <= _TEXT and _is_plain(values):
        return [NULL if v is None else v for v in values]
    write = _FORMATS.get(kind.split(" ", 1)[0], str)

    def text(value: Any) -> str:
        return NULL if is_blank(value) else escape(write(value))

    try:
        known = {v: text(v) for v in set(values)}
        return [known[v] for v in values]
    except TypeError:  # dictionaries and lists have no hash
        return [NULL if v is None else text(v) for v in values]


def _is_plain(values: Sequence[str | None]) -> bool:
    """Tell whether texts need no escape: so it is in most columns of most files."""
    text = "".join(filter(None, values))
    return not any(special in text for special in _ESCAPED)


def copy_rows(
    conn: Connection,
    table: tuple[str, str],
    columns: dict[str, str],
    values: Sequence[Sequence[Any]],
) -> None:
    """Copy rows, given as one sequence of values a column (name -> SQL type), into ``table`` (schema, name)."""
    if not values or not len(values[0]):
        return
    texts = [
        format_column(kind, column)
        for kind, column in zip(columns.values(), values, strict=True)
    ]
    lines = "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n"
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    # Half of a pair of surrogates, as a broken file may hold, has no UTF-8.
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(lines.encode("utf-8", "replace"))
