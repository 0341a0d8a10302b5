"""Put tonight's marts in the place of yesterday's.

All three schemas, with their rights, in one transaction.

Renaming a schema waits for nobody: who reads yesterday's tables goes on reading them. Yesterday's
stay as ``…_old``; older ones wait as ``…_old_<n>`` until nobody reads them any more.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from psycopg import errors, sql

from yiku.warehouse.connection import Connection
from yiku.warehouse.mart_rights import apply_rights

log = logging.getLogger(__name__)

PUBLIC = ("mart", "mart_masked", "published")
# Views before what they read: a generation goes in this order.
_DROP_ORDER = ("published", "mart_masked", "mart")
_WAIT = "60s"  # for another command of ours that renames or grants
_WAIT_FOR_READER = "1s"
# So many nights marts may be kept for readers who do not end; then their sessions are ended.
KEPT_NIGHTS = 7


class NotBuiltError(RuntimeError):
    """A shadow schema is missing: there is nothing to put in place."""


def swap(conn: Connection) -> None:
    """Give rights to the shadow schemas and swap them in.

    Yesterday's stay as ``…_old``. Waits for no reader. Nothing changes when it fails:
    NotBuiltError when dbt did not build all three.
    """
    with conn.transaction():
        _wait_at_most(conn, _WAIT)
        there = _schemas(conn)
        missing = [name for name in PUBLIC if f"{name}_shadow" not in there]
        if missing:
            raise NotBuiltError(f"not built: {', '.join(missing)}")
        # a number that no generation has, even where a restored ledger counts nights anew
        after_others = [generation + 1 for generation in _generations(conn)]
        number = max(_newest_night(conn), *after_others, 1)
        for name in PUBLIC:
            apply_rights(conn, f"{name}_shadow", name)
        for name in PUBLIC:
            if f"{name}_old" in there:
                _rename(conn, f"{name}_old", f"{name}_old_{number}")
            if name in there:
                _rename(conn, name, f"{name}_old")
            _rename(conn, f"{name}_shadow", name)


def drop_old(conn: Connection) -> int:
    """Drop what is older than yesterday's marts and read by nobody; return how many stay.

    A generation a transaction. The sessions that read marts of more than KEPT_NIGHTS ago are
    ended, where our login may do that.
    """
    conn.commit()
    for generation in _generations(conn):
        if generation + KEPT_NIGHTS < _newest_night(conn):
            _end_readers(conn, generation)
    for generation in _generations(conn):
        # Readers may hold the tables of a generation in another order than
        # ours.
        with suppress(errors.LockNotAvailable, errors.DeadlockDetected):
            _drop_generation(conn, generation)
    kept = len(_generations(conn))
    conn.commit()
    if kept:
        log.warning(
            "%d generations of older marts are still being read; they go in a later night",
            kept,
        )
    return kept


def _drop_generation(conn: Connection, generation: int) -> None:
    drop = sql.SQL("drop schema if exists {} cascade")
    with conn.transaction():
        _wait_at_most(conn, _WAIT_FOR_READER)
        for name in _DROP_ORDER:
            conn.execute(
                drop.format(sql.Identifier(f"{name}_old_{generation}"))
            )


def _wait_at_most(conn: Connection, time: str) -> None:
    """Let the transaction give up where a lock takes longer."""
    conn.execute(
        sql.SQL("set local lock_timeout = {}").format(sql.Literal(time))
    )


def swap_back(conn: Connection) -> None:
    """Bring yesterday's marts back, for when tonight's turn out to be wrong.

    NotBuiltError when there are none.
    """
    with conn.transaction():
        there = _schemas(conn)
        missing = [name for name in PUBLIC if f"{name}_old" not in there]
        if missing:
            raise NotBuiltError(f"nothing to go back to: {', '.join(missing)}")
        for name in PUBLIC:
            _rename(conn, name, f"{name}_shadow")
            _rename(conn, f"{name}_old", name)


def _schemas(conn: Connection) -> set[str]:
    found = conn.execute("select nspname from pg_namespace")
    return {str(name) for (name,) in found}


def _generations(conn: Connection) -> list[int]:
    """Return the generations that wait to be dropped, by the night that put them aside, the oldest first."""
    form = f"^(?:{'|'.join(PUBLIC)})_old_([0-9]+)$"
    rows = conn.execute(
        "select distinct substring(nspname from %s)::integer from pg_namespace",
        (form,),
    )
    return sorted(int(night) for (night,) in rows if night is not None)


def _newest_night(conn: Connection) -> int:
    row = conn.execute(
        "select coalesce(max(night_id), 0) from ops.night"
    ).fetchone()
    return int(row[0]) if row else 0


def _end_readers(conn: Connection, generation: int) -> None:
    schemas = [f"{name}_old_{generation}" for name in PUBLIC]
    query = (
        "select distinct l.pid from pg_locks as l inner join pg_class as c on l.relation = c.oid"
        " inner join pg_database as d on l.database = d.oid and d.datname = current_database()"
        " where c.relnamespace::regnamespace::text = any (%s) and l.pid <> pg_backend_pid()"
    )
    for (pid,) in conn.execute(query, (schemas,)).fetchall():
        with suppress(errors.InsufficientPrivilege), conn.transaction():
            # 5000 milliseconds to wait until it has gone
            conn.execute("select pg_terminate_backend(%s, 5000)", (pid,))


def _rename(conn: Connection, name: str, to: str) -> None:
    rename = sql.SQL("alter schema {} rename to {}")
    conn.execute(rename.format(sql.Identifier(name), sql.Identifier(to)))
