"""Build the marts with dbt in shadow schemas, and keep what became of every node."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiku.faults import PassingError, StepError
from yiku.pipeline.build_graph import code_key, relations_of
from yiku.settings import Settings
from yiku.warehouse import shadow
from yiku.warehouse.connection import Connection, connect, libpq_environment
from yiku.warehouse.night_record import note_state
from yiku.warehouse.shadow import SHADOWS, drop_shadows

_SHADOW = '{"shadow": true}'
# The project as this process parsed it last, by its code and the database: a
# night's second build need not read it again.
_manifests: dict[tuple[str, str, str], Any] = {}


@dataclass(frozen=True)
class Part:
    """A part of the project that is built at once.

    Its name in the ledger, and dbt's words for its nodes.
    """

    name: str
    nodes: tuple[str, ...]


# What shows the proposed pairs, and the tests that look at it with all else, wait for the
# optimiser.
BEFORE_PROPOSAL = Part("before_proposal", ("--exclude", "tag:proposal+"))
AFTER_PROPOSAL = Part("after_proposal", ("--select", "tag:proposal+"))
_DBT_WORDS = {  # what dbt's profile asks for by name
    "PGHOST": "YIKU_DBT_HOST",
    "PGPORT": "YIKU_DBT_PORT",
    "PGUSER": "YIKU_DBT_USER",
    "PGPASSWORD": "YIKU_DBT_PASSWORD",
    "PGDATABASE": "YIKU_DBT_DBNAME",
}
# A test that warns keeps nothing back. A node that was skipped stands behind
# one that failed, and that one is told.
_GOOD = frozenset({"success", "pass", "warn", "skipped", "no-op"})
# What the server says when the same statement may succeed a little later. dbt
# hands on its words without its code; these hold no value of a row.
_PASSING = (
    "deadlock detected",
    "could not serialize access",
    "canceling statement due to lock timeout",
    "terminating connection due to administrator command",
    "server closed the connection unexpectedly",
    "the database system is starting up",
    "the database system is shutting down",
    "the database system is in recovery mode",
    "Connection refused",
)


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
    """Return dbt's words for what it may say and write to its log.

    Nothing, for its faults quote rows, but to debug.
    """
    return (
        ["--quiet"]
        if settings.debug
        else ["--log-level", "none", "--log-level-file", "none"]
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    # dbt runs in this process and takes them from its environment: what comes
    # after must not find tonight's date there.
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
    # Unit tests need no data of tonight: they are for whoever changes a model.
    words = ["--exclude-resource-type", "unit_test", *nodes]
    with _environment(connection_variables(settings, business_date)):
        manifest = _parsed(settings)
        result = _run_dbt(settings, "build", words, manifest)
    return [_record(r) for r in result.results]


def parse(settings: Settings, business_date: date) -> Any:
    """Return dbt's manifest of the project.

    Raises StepError when dbt could not run at all.
    """
    with _environment(connection_variables(settings, business_date)):
        return _parsed(settings)


def _run_dbt(
    settings: Settings,
    command: str,
    more: Sequence[str],
    manifest: Any = None,
) -> Any:
    # Three seconds to import: only a night that builds pays them.
    from dbt.cli.main import dbtRunner

    folders = {
        "--project-dir": settings.dbt_project,
        "--profiles-dir": settings.dbt_project,
        "--target-path": settings.run / "dbt",
        "--log-path": settings.logs,
    }
    words = [str(word) for option in folders.items() for word in option]
    # nobody reads the artifacts, which take seconds to write
    done = dbtRunner(manifest=manifest).invoke(
        [
            *_heard(settings),
            "--no-write-json",
            command,
            *words,
            "--vars",
            _SHADOW,
            *more,
        ]
    )
    if done.result is None:
        raise StepError(f"dbt could not run: {type(done.exception).__name__}")
    return done.result


def _parsed(settings: Settings) -> Any:
    """Return dbt's manifest of the project: what this process has parsed before, if that still holds."""
    # The names of its relations begin with the database.
    # Those of its seeds' files with the folder.
    key = (
        code_key(settings),
        str(settings.dbt_project),
        os.environ.get("YIKU_DBT_DBNAME", ""),
    )
    if key not in _manifests:
        _manifests.clear()
        _manifests[key] = _run_dbt(settings, "parse", [])
    return _manifests[key]


def _record(result: Any) -> dict[str, Any]:
    """Return what the ledger keeps of a node.

    Dbt's message may quote values: of it only those words are kept that tell a fault that can pass.
    """
    message = result.message or ""
    passing = next((words for words in _PASSING if words in message), None)
    return {
        "node": result.node.unique_id,
        "status": str(result.status),
        "passing": passing,
        "seconds": round(result.execution_time, 3),
        "failures": result.failures,
        "relations": _shown(result.node),
    }


def _shown(node: Any) -> list[str]:
    """Return the names of the relations in shadow schemas that a node makes."""
    names = relations_of(node)
    return [name for name in names if name.split(".")[0] in SHADOWS]


def keep_records(
    conn: Connection,
    night_id: int,
    part: Part,
    records: list[dict[str, Any]],
    taken_over: Sequence[str] = (),
) -> None:
    """Keep the outcome of every node, in place of an earlier build's of the same night, and commit.

    The relations that came of them, and those ``taken_over`` beside them, are remembered as well: they are what
    ``require_whole`` will look for.
    """
    shadow.keep_nodes(conn, night_id, records)
    relations = [name for record in records for name in record["relations"]]
    relations += taken_over
    shadow.keep_relations(conn, night_id, part.name, relations)
    conn.commit()


def require_whole(conn: Connection, night_id: int) -> None:
    """Raise StepError unless the shadow schemas hold exactly what this night built, both parts of it.

    Or, where it had nothing to build, unless what it counts on is still published.
    """
    wanted = {BEFORE_PROPOSAL.name, AFTER_PROPOSAL.name}
    missing = wanted - shadow.parts_built(conn, night_id)
    if missing:
        raise StepError(
            f"the marts of this night were not built: {', '.join(sorted(missing))}"
        )
    if shadow.stands_published(conn, night_id):
        stray = shadow.replaced_relations(conn, night_id)
    else:
        stray = shadow.stray_relations(conn, night_id)
    if stray:
        raise StepError(
            f"the shadow is not what this night built: {len(stray)} relations differ: "
            f"{', '.join(stray[:10])}"
        )


def put_aside(conn: Connection, night_id: int) -> None:
    """Take away what a night built, and write down that it was not shown."""
    drop_shadows(conn, night_id)
    note_state(conn, night_id, "withheld")
    conn.commit()


def failed_nodes(records: list[dict[str, Any]]) -> list[str]:
    """Return the names of the nodes that keep the new marts from being published, each with what became of it."""
    return [
        f"{record['node'].split('.')[2]} ({record['passing'] or record['status']})"
        for record in _failed(records)
    ]


def require_built(records: list[dict[str, Any]]) -> None:
    """Raise StepError, naming the nodes, when any failed; PassingError when all that failed may succeed later."""
    failed = _failed(records)
    if not failed:
        return
    can_pass = all(record["passing"] for record in failed)
    names = ", ".join(failed_nodes(failed)[:10])
    fault = PassingError if can_pass else StepError
    raise fault(f"dbt: {len(failed)} nodes failed: {names}")


def _failed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["status"] not in _GOOD]


def by_status(records: list[dict[str, Any]]) -> dict[str, int]:
    """Count the nodes by status."""
    return dict(Counter(r["status"] for r in records))
