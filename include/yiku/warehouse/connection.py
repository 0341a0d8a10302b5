"""Connections to the warehouse."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg.pq import Conninfo

from yiku.settings import Settings
from yiku.warehouse.embedded import ensure_running

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(
    settings: Settings,
    business_date: date | None = None,
    autocommit: bool = False,
) -> Connection:
    """Open the warehouse, starting the embedded server when needed.

    Psycopg.OperationalError when it is away.

    ``business_date`` sets the date that the ``raw.<list>_now`` views look at.
    """
    dsn = ensure_running(settings)
    # Options of whoever set the server up (a role, a search path) stay; ours come last and win.
    options = [
        _own_options(dsn),
        "-c client_min_messages=warning",
        "-c timezone=Asia/Shanghai",
    ]
    # Among the options, not by a statement: so it holds from the first query
    # on and survives every rollback.
    if business_date:
        options.append(f"-c yiku.business_date={business_date.isoformat()}")
    words = " ".join(filter(None, options))
    return psycopg.connect(
        dsn, autocommit=autocommit, options=words, application_name="yiku"
    )


def flush_later(conn: Connection) -> None:
    """Let the commits of a connection reach the disk when the server comes to it.

    A crash may lose the last of them.
    """
    conn.execute("set synchronous_commit = off")


def commit_to_disk(conn: Connection) -> None:
    """Commit, and return when that and whatever others committed before is on the disk."""
    # without a transaction number of its own the server would not write, and so not flush,
    # anything
    conn.execute("select pg_current_xact_id()")
    conn.commit()


def _own_options(dsn: str) -> str:
    """Return the options that a connection string, or else PGOPTIONS, asks for."""
    # Options that are given replace those of the string: its own are read
    # first.
    given = {
        o.keyword: o.val
        for o in (*Conninfo.get_defaults(), *Conninfo.parse(dsn.encode()))
        if o.val
    }
    return given.get(b"options", b"").decode()


def libpq_environment(conn: Connection) -> dict[str, str]:
    """Return the environment by which another program reaches the very server that ``conn`` reached, as it did.

    libpq says what it used, wherever that came from: a connection string, PGPASSWORD, a service or password file.
    """
    used = conn.info
    named = {
        "PGHOST": used.host,
        "PGPORT": str(used.port),
        "PGUSER": used.user,
        "PGDATABASE": used.dbname,
    }
    options = {
        o.envvar.decode(): o.val.decode()
        for o in conn.pgconn.info
        if o.envvar and o.val
    }
    # Of several hosts that a string names, the one that answered is meant.
    return {
        k: v
        for k, v in {**options, **named, "PGPASSWORD": used.password}.items()
        if v
    }
