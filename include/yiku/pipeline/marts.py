"""Build the marts with dbt in shadow schemas, and keep what became of every node."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from psycopg.pq import ConninfoOption

from yiku.contracts import load_contracts
from yiku.faults import StepError
from yiku.settings import Settings
from yiku.warehouse.connection import Connection, connect

_SHADOW = '{"shadow": true}'
SHADOWS = ("mart_shadow", "mart_masked_shadow", "published_shadow")
# What shows the proposed pairs, and the tests that look at it with all else, wait for the optimiser.
BEFORE_PROPOSAL = ("--exclude", "tag:proposal+")
AFTER_PROPOSAL = ("--select", "tag:proposal+")
# dbt's profile has words of its own for these.
_OWN_WORDS = frozenset({b"host", b"port", b"user", b"password", b"dbname", b"application_name", b"client_encoding"})
_GOOD = frozenset({"success", "pass", "warn", "skipped", "no-op"})


def connection_variables(settings: Settings, business_date: date | None = None) -> dict[str, str]:
    """Return the environment by which dbt reaches the very server that we reach, in the very same way.

    libpq says what it used, wherever that came from (a connection string, PGPASSWORD, a service or password file):
    what dbt asks for by name goes to the variables of ``profiles.yml``, the rest (sslmode, certificates, timeouts) to
    libpq's own. Its options carry the business date, as all other connections do: as a dbt variable it would be
    another one every night, and dbt would parse the whole project again.
    """
    with closing(connect(settings, business_date)) as conn:
        used, options = conn.info, conn.pgconn.info
        named = {"HOST": used.host, "PORT": str(used.port), "USER": used.user, "DBNAME": used.dbname}
        ours = {f"YIKU_DBT_{name}": value for name, value in {**named, "PASSWORD": used.password}.items() if value}
    return ours | {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val and not _is_named(o)}


def _is_named(option: ConninfoOption) -> bool:
    return option.keyword in _OWN_WORDS


def _heard(settings: Settings) -> list[str]:
    """Return dbt's words for what it may say and write to its log: nothing, for its faults quote rows, but to debug."""
    return ["--quiet"] if settings.debug else ["--log-level", "none", "--log-level-file", "none"]


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def build(settings: Settings, business_date: date, nodes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Run ``dbt build`` for a day in the shadow schemas; return one record a node.

    ``nodes`` are dbt's words for a part of the project: ``BEFORE_PROPOSAL`` and ``AFTER_PROPOSAL`` together are all.
    Raises StepError when dbt could not run at all; nodes that failed are among the records.
    """
    from dbt.cli.main import dbtRunner  # three seconds to import: only a night that builds pays them

    folder = settings.run / "dbt"
    words = ["--project-dir", settings.dbt_project, "--profiles-dir", settings.dbt_project, "--target-path", folder]
    words += ["--log-path", settings.logs, "--vars", _SHADOW, "--exclude-resource-type", "unit_test"]
    with _environment(connection_variables(settings, business_date)):
        # nobody reads the artifacts, which take seconds to write
        done = dbtRunner().invoke([*_heard(settings), "--no-write-json", "build", *map(str, words), *nodes])
    if done.result is None:
        raise StepError(f"dbt could not run: {type(done.exception).__name__}")
    return [_record(r) for r in done.result.results]


def _record(result: Any) -> dict[str, Any]:
    """Return what the ledger keeps of a node; dbt's message may quote values, so only its status is kept."""
    return {
        "node": result.node.unique_id,
        "status": str(result.status),
        "seconds": round(result.execution_time, 3),
        "failures": result.failures,
    }


def keep_records(conn: Connection, night_id: int, records: list[dict[str, Any]]) -> None:
    """Put the outcome of every node into ``ops.build_node``, in place of an earlier build's of the same night."""
    nodes = [r["node"] for r in records]
    conn.execute("delete from ops.build_node where night_id = %s and node = any (%s)", (night_id, nodes))
    conn.cursor().executemany(
        "insert into ops.build_node (night_id, node, status, seconds, failures)"
        " values (%(night)s, %(node)s, %(status)s, %(seconds)s, %(failures)s)",
        [{"night": night_id, **r} for r in records],
    )
    conn.commit()


def failed_nodes(records: list[dict[str, Any]]) -> list[str]:
    """Return the names of the nodes that keep the new marts from being published."""
    return [f"{r['node'].split('.')[2]} ({r['status']})" for r in records if r["status"] not in _GOOD]


def by_status(records: list[dict[str, Any]]) -> dict[str, int]:
    """Count the nodes by status."""
    return dict(Counter(r["status"] for r in records))


def tell_planner(conn: Connection) -> None:
    """Let the planner know what the night loaded: it must not take a hundred thousand fresh rows for a handful."""
    tables = ["ops.submission", "ops.finding", *(f"raw.{c.table}" for c in load_contracts().values())]
    conn.execute(f"analyze {', '.join(tables)}")
    conn.commit()


def drop_shadows(conn: Connection) -> None:
    """Remove what a build that failed left behind."""
    for schema in SHADOWS:
        conn.execute(f"drop schema if exists {schema} cascade")
    conn.commit()
