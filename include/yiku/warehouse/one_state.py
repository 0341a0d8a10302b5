"""Read several tables as of one moment, so that no report mixes two nights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from psycopg import IsolationLevel, errors

from yiku.faults import StepError
from yiku.warehouse.connection import Connection

Found = TypeVar("Found")

_MOST_TRIES = 3


def read_in_one_state(conn: Connection, read: Callable[[], Found]) -> Found:
    """Return what ``read`` returns, all of its statements asked of one state of the warehouse.

    What is open on the connection is committed first. StepError where nights
    are published faster than is read.
    """
    for _ in range(_MOST_TRIES):
        before = _marts_shown(conn)
        try:
            with _snapshot(conn):
                found = read()
        except (StepError, errors.SerializationFailure):
            # It found nothing where a night was put in place meanwhile.
            if _marts_shown(conn) == before:
                raise
            continue
        if _marts_shown(conn) == before:
            return found
    raise StepError("正在发布新的一夜，数字还在换：请过一会儿再运行。")


@contextmanager
def _snapshot(conn: Connection) -> Iterator[None]:
    # An isolation level is a transaction's, from its beginning.
    conn.commit()
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    conn.read_only = True
    try:
        with conn.transaction():
            yield
    finally:
        conn.isolation_level = None
        conn.read_only = None


def _marts_shown(conn: Connection) -> int | None:
    """Return the number of the schema that bears the name of the masked marts now."""
    # Names are looked up as of now even in an old snapshot: a night that is published meanwhile
    # puts its tables under the names that are read next, with rows that the snapshot cannot see.
    found = conn.execute(
        "select to_regnamespace('mart_masked')::oid::bigint"
    ).fetchone()
    conn.commit()
    return found[0] if found else None
