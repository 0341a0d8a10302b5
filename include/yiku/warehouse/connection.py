"""Connections to the warehouse, and the lock of a night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
from psycopg.pq import Conninfo

from yiku.settings import Settings
from yiku.warehouse.embedded import ensure_running

Connection = psycopg.Connection[tuple[Any, ...]]
NIGHT_LOCK = 0x59494B55  # "YIKU"


def connect(settings: Settings, business_date: date | None = None, autocommit: bool = False) -> Connection:
    """Open the warehouse, starting the embedded server when needed. psycopg.OperationalError when it is away.

    ``business_date`` sets the date that the ``raw.<list>_now`` views look at.
    """
    dsn = ensure_running(settings)
    # Options of whoever set the server up (a role, a search path) stay; ours come last and win.
    options = [_own_options(dsn), "-c client_min_messages=warning", "-c timezone=Asia/Shanghai"]
    if business_date:
        options.append(f"-c yiku.business_date={business_date.isoformat()}")
    words = " ".join(filter(None, options))
    return psycopg.connect(dsn, autocommit=autocommit, options=words, application_name="yiku")


def _own_options(dsn: str) -> str:
    """Return the options that a connection string, or else PGOPTIONS, asks for."""
    given = {o.keyword: o.val for o in (*Conninfo.get_defaults(), *Conninfo.parse(dsn.encode())) if o.val}
    return given.get(b"options", b"").decode()


@contextmanager
def night_lock(conn: Connection, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a night: alone for pull, dbt and swap, shared by batches. Waits for its turn."""
    suffix = "_shared" if shared else ""
    conn.execute(f"select pg_advisory_lock{suffix}({NIGHT_LOCK})")
    try:
        yield
    finally:
        if not conn.closed:
            if conn.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
                conn.rollback()
            conn.execute(f"select pg_advisory_unlock{suffix}({NIGHT_LOCK})")
