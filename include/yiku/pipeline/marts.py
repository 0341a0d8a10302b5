"""Build the marts with dbt in shadow schemas, and keep what became of every node."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiku.contracts import load_contracts
from yiku.faults import StepError
from yiku.settings import Settings
from yiku.warehouse.connection import Connection, connect, libpq_environment

_SHADOW = '{"shadow": true}'
SHADOWS = ("mart_shadow", "mart_masked_shadow", "published_shadow")
_MASKED = {"mart_shadow": "mart_masked_shadow"}


@dataclass(frozen=True)
class Part:
    """A part of the project that is built at once: its name in the ledger, and dbt's words for its nodes."""

    name: str
    nodes: tuple[str, ...]


# What shows the proposed pairs, and the tests that look at it with all else, wait for the optimiser.
BEFORE_PROPOSAL = Part("before_proposal", ("--exclude", "tag:proposal+"))
AFTER_PROPOSAL = Part("after_proposal", ("--select", "tag:proposal+"))
_DBT_WORDS = {  # what dbt's profile asks for by name
    "PGHOST": "YIKU_DBT_HOST",
    "PGPORT": "YIKU_DBT_PORT",
    "PGUSER": "YIKU_DBT_USER",
    "PGPASSWORD": "YIKU_DBT_PASSWORD",
    "PGDATABASE": "YIKU_DBT_DBNAME",
}
_GOOD = frozenset({"success", "pass", "warn", "skipped", "no-op"})


def connection_variables(
    settings: Settings, business_date: date | None = None
) -> dict[str, str]:
    """Return the environment by which dbt reaches the very server that we reach, in the very same way.

    What dbt asks for by name goes to the variables of ``profiles.yml``, the rest (sslmode, certificates, timeouts) to
    libpq's own. Its options carry the business date, as all other connections do: as a dbt variable it would be
    another one every night, and dbt would parse the whole project again.
    """
    with closing(connect(settings, business_date)) as conn:
        reached = libpq_environment(conn)
    named = {
        ours: reached.pop(theirs)
        for theirs, ours in _DBT_WORDS.items()
        if theirs in reached
    }
    return {**reached, **named}


def _heard(settings: Settings) -> list[str]:
    """Return dbt's words for what it may say and write to its log: nothing, for its faults quote rows, but to debug."""
    return (
        ["--quiet"]
        if settings.debug
        else ["--log-level", "none", "--log-level-file", "none"]
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update(
                {name: value}
            )


def build(
    settings: Settings, business_date: date, nodes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Run ``dbt build`` for a day in the shadow schemas; return one record a node.

    ``nodes`` are dbt's words for a part of the project: those of both parts together are all.
    Raises StepError when dbt could not run at all; nodes that failed are among the records.
    """
    from dbt.cli.main import (
        dbtRunner,  # three seconds to import: only a night that builds pays them
    )

    folder = settings.run / "dbt"
    words = [
        "--project-dir",
        settings.dbt_project,
        "--profiles-dir",
        settings.dbt_project,
        "--target-path",
        folder,
    ]
    words += [
        "--log-path",
        settings.logs,
        "--vars",
        _SHADOW,
        "--exclude-resource-type",
        "unit_test",
    ]
    with _environment(connection_variables(settings, business_date)):
        # nobody reads the artifacts, which take seconds to write
        done = dbtRunner().invoke(
            [*_heard(settings), "--no-write-json", "build", *map(str, words), *nodes]
        )
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
        "relations": _shown(result.node),
    }


def _shown(node: Any) -> list[str]:
    """Return the names of the relations in shadow schemas that a node makes; a mart makes the masked one as well."""
    schemas = (
        (node.schema, _MASKED.get(node.schema)) if node.resource_type == "model" else ()
    )
    return [f"{schema}.{node.alias}" for schema in schemas if schema in SHADOWS]


def keep_records(
    conn: Connection, night_id: int, part: Part, records: list[dict[str, Any]]
) -> None:
    """Put the outcome of every node into ``ops.build_node``, in place of an earlier build's of the same night.

    The relations that came of them go into ``ops.shadow_relation``: what ``require_whole`` will look for.
    """
    nodes = [r["node"] for r in records]
    conn.execute(
        "delete from ops.build_node where night_id = %s and node = any (%s)",
        (night_id, nodes),
    )
    conn.cursor().executemany(
        "insert into ops.build_node (night_id, node, status, seconds, failures)"
        " values (%(night)s, %(node)s, %(status)s, %(seconds)s, %(failures)s)",
        [{"night": night_id, **r} for r in records],
    )
    conn.execute(
        "delete from ops.shadow_relation where night_id = %s and part = %s",
        (night_id, part.name),
    )
    conn.execute(
        "insert into ops.shadow_relation (night_id, part, name, relation)"
        " select %s, %s, name, coalesce(to_regclass(name)::oid, 0) from unnest(%s::text[]) as r (name)",
        (night_id, part.name, [name for r in records for name in r["relations"]]),
    )
    conn.commit()


# What this night built and is not there any more as it was built, and what is there that it did not build.
_STRAY = """
with built as (
    select name, relation from ops.shadow_relation where night_id = %(night)s
),
there as (
    select c.relnamespace::regnamespace::text || '.' || c.relname as name, c.oid as relation
    from pg_class as c
    where c.relnamespace::regnamespace::text = any (%(shadows)s) and c.relkind in ('r', 'v', 'm', 'p')
)
select coalesce(b.name, t.name)
from built as b
full join there as t on b.name = t.name and b.relation = t.relation
where b.name is null or t.name is null
order by 1
"""


def require_whole(conn: Connection, night_id: int) -> None:
    """Raise StepError unless the shadow schemas hold exactly what this night built, both parts of it."""
    parts = {
        str(p)
        for (p,) in conn.execute(
            "select part from ops.shadow_relation where night_id = %s", (night_id,)
        )
    }
    if missing := {BEFORE_PROPOSAL.name, AFTER_PROPOSAL.name} - parts:
        raise StepError(
            f"the marts of this night were not built: {', '.join(sorted(missing))}"
        )
    stray = conn.execute(
        _STRAY, {"night": night_id, "shadows": list(SHADOWS)}
    ).fetchall()
    if stray:
        names = ", ".join(str(name) for (name,) in stray[:10])
        raise StepError(
            f"the shadow is not what this night built: {len(stray)} relations differ: {names}"
        )


def is_published(conn: Connection, night_id: int) -> bool:
    """Tell whether the marts of a night were swapped in."""
    row = conn.execute(
        "select state = 'published' from ops.night where night_id = %s", (night_id,)
    ).fetchone()
    return row is not None and bool(row[0])


def put_aside(conn: Connection, night_id: int) -> None:
    """Take away what a night built, and write down that it was not shown."""
    drop_shadows(conn, night_id)
    conn.execute(
        "update ops.night set state = 'withheld' where night_id = %s", (night_id,)
    )
    conn.commit()


def is_overtaken(conn: Connection, business_date: date) -> bool:
    """Return whether the marts that are shown are of a later day."""
    query = "select business_date from ops.night where state = 'published' order by night_id desc limit 1"
    row = conn.execute(query).fetchone()
    return row is not None and business_date < row[0]


def failed_nodes(records: list[dict[str, Any]]) -> list[str]:
    """Return the names of the nodes that keep the new marts from being published."""
    return [
        f"{r['node'].split('.')[2]} ({r['status']})"
        for r in records
        if r["status"] not in _GOOD
    ]


def by_status(records: list[dict[str, Any]]) -> dict[str, int]:
    """Count the nodes by status."""
    return dict(Counter(r["status"] for r in records))


def tell_planner(conn: Connection) -> None:
    """Let the planner know what the night loaded: it must not take a hundred thousand fresh rows for a handful."""
    tables = [
        "ops.submission",
        "ops.finding",
        *(f"raw.{c.table}" for c in load_contracts().values()),
    ]
    conn.execute(f"analyze {', '.join(tables)}")
    conn.commit()


def drop_shadows(conn: Connection, night_id: int) -> None:
    """Remove what an earlier build left behind; what follows is this night's own."""
    for schema in SHADOWS:
        conn.execute(f"drop schema if exists {schema} cascade")
    conn.execute("delete from ops.shadow_relation")
    conn.execute("update ops.night set state = 'open' where night_id = %s", (night_id,))
    conn.commit()
