"""The shadow schemas in which a night builds its marts, and what the ledger keeps of the build.

``ops.shadow_relation`` remembers each relation as this night built it: before the swap the shadow
is held against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from psycopg import sql

from yiku.contracts import load_contracts
from yiku.warehouse.connection import Connection
from yiku.warehouse.night_record import note_state

SHADOWS = ("mart_shadow", "mart_masked_shadow", "published_shadow")
# What the marts are made of is built anew where it stands.
_IN_PLACE = ("stg", "core")

_KEEP_NODE = """
insert into ops.build_node (night_id, node, status, seconds, failures)
values (%(night)s, %(node)s, %(status)s, %(seconds)s, %(failures)s)
"""
# With its number, for one of the same name may have been made since by
# somebody else.
_KEEP_RELATIONS = """
insert into ops.shadow_relation (night_id, part, name, relation)
select %s, %s, name, coalesce(to_regclass(name)::oid, 0) from unnest(%s::text[]) as r (name)
"""
# What this night built and is not there any more as it was built, and what is there that it did
# not build.
_STRAY = """
with built as (
    select name, relation from ops.shadow_relation where night_id = %(night)s
),
there as (
    select c.relnamespace::regnamespace::text || '.' || c.relname as name, c.oid as relation
    from pg_class as c
    where c.relnamespace::regnamespace::text = any (%(shadows)s) and c.relkind in ('r', 'v',
        'm', 'p')
)
select coalesce(b.name, t.name)
from built as b
full join there as t on b.name = t.name and b.relation = t.relation
where b.name is null or t.name is null
order by 1
"""
# What the server counts is lost with a crash: then it knows of no analyze either.
_WRITTEN_TO = """
select schemaname, relname
from pg_stat_user_tables
where schemaname || '.' || relname = any (%s)
    and (n_mod_since_analyze > 0 or (last_analyze is null and last_autoanalyze is null))
"""


def keep_nodes(
    conn: Connection, night_id: int, records: Sequence[Mapping[str, Any]]
) -> None:
    """Put the outcome of every node into ``ops.build_node``, in place of an earlier build's of the same night."""
    nodes = [record["node"] for record in records]
    conn.execute(
        "delete from ops.build_node where night_id = %s and node = any (%s)",
        (night_id, nodes),
    )
    lines = [{"night": night_id, **record} for record in records]
    conn.cursor().executemany(_KEEP_NODE, lines)


def keep_relations(
    conn: Connection, night_id: int, part: str, relations: Sequence[str]
) -> None:
    """Remember the relations of a part as they are now, in place of what an earlier build of it left."""
    conn.execute(
        "delete from ops.shadow_relation where night_id = %s and part = %s",
        (night_id, part),
    )
    conn.execute(_KEEP_RELATIONS, (night_id, part, list(relations)))


def relations_of_part(conn: Connection, night_id: int, part: str) -> list[str]:
    """Return by name the relations of a part as a night remembers them."""
    found = conn.execute(
        "select name from ops.shadow_relation where night_id = %s and part = %s order by name",
        (night_id, part),
    )
    return [str(name) for (name,) in found]


def relations_noted(conn: Connection, night_id: int) -> list[str]:
    """Return by name all relations that a night remembers."""
    found = conn.execute(
        "select name from ops.shadow_relation where night_id = %s", (night_id,)
    )
    return [str(name) for (name,) in found]


def parts_built(conn: Connection, night_id: int) -> set[str]:
    """Return the names of the parts that a night has built."""
    found = conn.execute(
        "select part from ops.shadow_relation where night_id = %s", (night_id,)
    )
    return {str(part) for (part,) in found}


def stray_relations(conn: Connection, night_id: int) -> list[str]:
    """Return by name what stands in the shadow otherwise than this night built it, or is missing there."""
    found = conn.execute(_STRAY, {"night": night_id, "shadows": list(SHADOWS)})
    return [str(name) for (name,) in found]


def drop_shadows(conn: Connection, night_id: int) -> None:
    """Remove what an earlier build left behind and commit; what follows is this night's own."""
    for schema in SHADOWS:
        conn.execute(f"drop schema if exists {schema} cascade")
    conn.execute("delete from ops.shadow_relation")
    note_state(conn, night_id, "open")
    conn.commit()


def stands_published(conn: Connection, night_id: int) -> bool:
    """Return whether a night builds nothing, for what it would build is published and unchanged."""
    found = conn.execute(
        "select coalesce(bool_and(split_part(name, '.', 1) <> all (%s)), false)"
        " from ops.shadow_relation where night_id = %s",
        (list(SHADOWS), night_id),
    ).fetchone()
    return found is not None and bool(found[0])


def replaced_relations(conn: Connection, night_id: int) -> list[str]:
    """Return by name what a night counts on and is not there any more as it was."""
    found = conn.execute(
        "select name from ops.shadow_relation where night_id = %s"
        " and relation is distinct from to_regclass(name)::oid order by name",
        (night_id,),
    )
    return [str(name) for (name,) in found]


def drop_views_in_place(
    conn: Connection, only: Collection[str] | None = None
) -> None:
    """Remove the views on which the marts stand, all at once or ``only`` some by name, and commit.

    dbt drops each view, and with it whatever stands on it, before it makes it again, several at a time: two that took
    the same views away in another order would wait for each other until the server ends one (deadlock).
    """
    found = conn.execute(
        "select schemaname, viewname from pg_views where schemaname = any (%s)",
        (list(_IN_PLACE),),
    ).fetchall()
    views = [
        sql.Identifier(schema, name)
        for schema, name in found
        if only is None or f"{schema}.{name}" in only
    ]
    if views:
        every_view = sql.SQL(", ").join(views)
        conn.execute(sql.SQL("drop view {} cascade").format(every_view))
    conn.commit()


def tell_planner(conn: Connection) -> None:
    """Let the planner know what the night loaded, and commit.

    It must not take a hundred thousand fresh rows for a handful. Tables that nobody wrote to since are left alone.
    """
    tables = ["ops.submission", "ops.finding", *_raw_tables()]
    found = conn.execute(_WRITTEN_TO, (tables,)).fetchall()
    if found:
        names = [sql.Identifier(schema, name) for schema, name in found]
        every_name = sql.SQL(", ").join(names)
        conn.execute(sql.SQL("analyze {}").format(every_name))
    conn.commit()


def _raw_tables() -> Iterable[str]:
    return [f"raw.{contract.table}" for contract in load_contracts().values()]
