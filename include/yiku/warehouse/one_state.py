"""Read several tables as of one moment, so that no report mixes two nights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from psycopg import IsolationLevel

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
        # an isolation level is a transaction's, from its beginning
        conn.commit()
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        try:
            with conn.transaction():
                before = _marts_shown(conn)
                found = read()
                is_of_one_night = _marts_shown(conn) == before
        finally:
            conn.isolation_level = None
            conn.read_only = None
        if is_of_one_night:
            return found
    raise StepError("正在发布新的一夜，数字还在换：请过一会儿再运行。")


def _marts_shown(conn: Connection) -> int | None:
    """Return the number of the schema that bears the name of the masked marts now."""
    # Names are looked up as of now even in an old snapshot: a night that is published meanwhile
    # puts its tables under the names that are read next, with rows that this snapshot cannot see.
    found = conn.execute(
        "select to_regnamespace('mart_masked')::oid::bigint"
    ).fetchone()
    return found[0] if found else None
