"""Put tonight's marts in the place of yesterday's: all three schemas, with their rights, in one transaction."""

from __future__ import annotations

from psycopg import sql

from yiku.warehouse.connection import Connection
from yiku.warehouse.roles import apply_rights

PUBLIC = ("mart", "mart_masked", "published")
# Views before what they read: yesterday's yesterday goes in this order.
_DROP_ORDER = ("published", "mart_masked", "mart")
_WAIT = "60s"  # for readers of the marts of the night before last


class NotBuiltError(RuntimeError):
    """A shadow schema is missing: there is nothing to put in place."""


def swap(conn: Connection) -> None:
    """Give rights to the shadow schemas and swap them in; yesterday's stay as ``…_old`` until the next swap.

    Nothing changes when it fails: NotBuiltError when dbt did not build all three, psycopg.OperationalError when a
    reader of the old marts does not end.
    """
    with conn.transaction():
        conn.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(_WAIT)))
        there = _schemas(conn)
        if missing := [s for s in PUBLIC if f"{s}_shadow" not in there]:
            raise NotBuiltError(f"not built: {', '.join(missing)}")
        for name in _DROP_ORDER:
            conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(f"{name}_old")))
        for name in PUBLIC:
            apply_rights(conn, f"{name}_shadow", name)
        for name in PUBLIC:
            if name in there:
                _rename(conn, name, f"{name}_old")
            _rename(conn, f"{name}_shadow", name)


def swap_back(conn: Connection) -> None:
    """Bring yesterday's marts back, for when tonight's turn out to be wrong. NotBuiltError when there are none."""
    with conn.transaction():
        if missing := [s for s in PUBLIC if f"{s}_old" not in _schemas(conn)]:
            raise NotBuiltError(f"nothing to go back to: {', '.join(missing)}")
        for name in PUBLIC:
            _rename(conn, name, f"{name}_shadow")
            _rename(conn, f"{name}_old", name)


def _schemas(conn: Connection) -> set[str]:
    return {str(r[0]) for r in conn.execute("select nspname from pg_namespace")}


def _rename(conn: Connection, name: str, to: str) -> None:
    conn.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(name), sql.Identifier(to)))
