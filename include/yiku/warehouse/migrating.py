"""The numbered scripts that bring the ledger to the shape of this version, and those that are run when they change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

from yiku.warehouse.connection import Connection

_MIGRATIONS = """
create table if not exists ops.migration
(name text primary key, sha256 text not null,
    applied_at timestamptz not null default clock_timestamp())
"""
_NOTE = """
insert into ops.migration (name, sha256) values (%s, %s)
on conflict (name) do update set sha256 = excluded.sha256, applied_at = clock_timestamp()
"""


def pending_migrations(conn: Connection) -> list[str]:
    """Return the names of the scripts that this warehouse has not seen.

    Numbered ones once, others when changed.

    A script that ran under another number is known by its content. RuntimeError when a numbered
    script was changed after it ran: that is a fault of ours.
    """
    known = _applied(conn)
    renumbered = _renumbered(known)
    pending: list[str] = []
    for script in _scripts():
        digest, ran = _digest(script), known.get(script.name)
        if ran == digest or script.name in renumbered:
            continue
        if ran is not None and _is_numbered(script):
            raise RuntimeError(
                f"migration {script.name} was changed after it ran"
            )
        pending.append(script.name)
    return pending


def migrate(conn: Connection) -> list[str]:
    """Run the pending scripts in the caller's transaction; return their names."""
    conn.execute("create schema if not exists ops")
    conn.execute(_MIGRATIONS)
    for name, former in _renumbered(_applied(conn)).items():
        conn.execute(
            "update ops.migration set name = %s where name = %s",
            (name, former),
        )
    pending = pending_migrations(conn)
    for script in _scripts():
        if script.name in pending:
            # As bytes and without parameters the driver sends a script of many
            # statements as it is.
            conn.execute(script.read_bytes())
            conn.execute(_NOTE, (script.name, _digest(script)))
    return pending


def _scripts() -> list[Traversable]:
    """Return all scripts in the order in which they run."""
    folder = resources.files("yiku.warehouse").joinpath("migrations")
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(found, key=lambda file: file.name)


def _is_numbered(script: Traversable) -> bool:
    # What has no number replaces something as a whole, a function or a view,
    # and may run again whenever it changes.
    return script.name[0].isdigit()


def _digest(script: Traversable) -> str:
    return hashlib.sha256(script.read_bytes()).hexdigest()


def _renumbered(known: Mapping[str, str]) -> dict[str, str]:
    """Return by its name of today each numbered script that ran under a name that is no script's any more."""
    scripts = _scripts()
    names = {script.name for script in scripts}
    former = {
        digest: name for name, digest in known.items() if name not in names
    }
    found: dict[str, str] = {}
    for script in scripts:
        digest = _digest(script)
        is_new = _is_numbered(script) and script.name not in known
        if is_new and digest in former:
            found[script.name] = former[digest]
    return found


def _applied(conn: Connection) -> dict[str, str]:
    """Return the digest of each script as it was when it ran; nothing in an empty database."""
    there = conn.execute(
        "select to_regclass('ops.migration') is not null"
    ).fetchone()
    if not there or not there[0]:
        return {}
    found = conn.execute("select name, sha256 from ops.migration")
    return {str(name): str(digest) for name, digest in found}
