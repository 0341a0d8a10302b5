"""The numbers that a county sets for itself, kept in the warehouse, where the marts find them."""

from __future__ import annotations

from collections.abc import Sequence

from yiku.contracts.own_parameters import OwnParameter
from yiku.warehouse.connection import Connection

_HELD = """
select name, jurisdiction, value, valid_from, valid_to from ops.parameter
"""
_KEEP = """
insert into ops.parameter (name, jurisdiction, value, valid_from, valid_to)
values (%s, %s, %s, %s, %s)
"""


def changed_parameters(
    conn: Connection, own: Sequence[OwnParameter]
) -> list[str]:
    """Return in Chinese what ``keep_parameters`` would change, one line a number."""
    held = _held(conn)
    lines = [f"参数 {one}" for one in own if one not in held]
    gone = [one for one in held if one not in own]
    return lines + [f"参数不再另设，{one}" for one in gone]


def keep_parameters(conn: Connection, own: Sequence[OwnParameter]) -> None:
    """Keep the numbers of the file in place of those that are there."""
    # On all nights but few nothing has changed, and nobody is kept waiting.
    if not changed_parameters(conn, own):
        return
    with conn.transaction():
        conn.execute("delete from ops.parameter")
        lines = [
            (
                one.name,
                one.jurisdiction,
                one.value,
                one.valid_from,
                one.valid_to,
            )
            for one in own
        ]
        conn.cursor().executemany(_KEEP, lines)


def _held(conn: Connection) -> list[OwnParameter]:
    there = conn.execute("select to_regclass('ops.parameter')").fetchone()
    # before the first init nobody has made it
    if there is None or there[0] is None:
        return []
    return [OwnParameter(*line) for line in conn.execute(_HELD)]
