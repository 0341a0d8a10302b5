"""Put into the shadow what a night takes over of the published marts, as dbt would have made it.

The published tables stay where they are, for their readers and for the way back to them.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from yiku.warehouse.connection import Connection

# What was added when the rights were given is added again then: a column
# that is generated.
_COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstattarget,
    col_description(a.attrelid, a.attnum)
from pg_attribute as a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by a.attnum
"""
_INDEXES = """
select c.relname, pg_get_indexdef(i.indexrelid)
from pg_index as i
inner join pg_class as c on i.indexrelid = c.oid
where i.indrelid = %s::regclass
    and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
order by i.indexrelid
"""
# Keys and checks; that a column is required stands with the column.
_CONSTRAINTS = """
select conname, pg_get_constraintdef(oid)
from pg_constraint
where conrelid = %s::regclass and contype in ('p', 'u', 'c')
order by oid
"""


def ensure_shadows(conn: Connection, schemas: Iterable[str]) -> None:
    """Make the shadow schemas that are not there."""
    for schema in schemas:
        name = sql.Identifier(schema)
        conn.execute(sql.SQL("create schema if not exists {}").format(name))


def take_over(conn: Connection, published: str, shadow: str) -> None:
    """Copy a published table to another name, both with their schemas, in the caller's transaction.

    With columns, rows, keys, comments, indexes and statistics targets; rights are given when the shadow is shown.
    """
    # A login whom policies hide rows from must not publish what is left.
    conn.execute("set local row_security = off")
    columns = conn.execute(_COLUMNS, (published,)).fetchall()
    source, target = _identifier(published), _identifier(shadow)
    made = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(name),
            _catalog_words(kind),
            sql.SQL(" not null" if is_required else ""),
        )
        for name, kind, is_required, *_ in columns
    ]
    # An earlier try of the same step may have got so far.
    conn.execute(sql.SQL("drop table if exists {} cascade").format(target))
    conn.execute(
        sql.SQL("create table {} ({})").format(
            target, sql.SQL(", ").join(made)
        )
    )
    names = sql.SQL(", ").join(sql.Identifier(name) for name, *_ in columns)
    conn.execute(
        sql.SQL("insert into {} ({}) select {} from {}").format(
            target, names, names, source
        )
    )
    for name, definition in conn.execute(
        _CONSTRAINTS, (published,)
    ).fetchall():
        conn.execute(
            sql.SQL("alter table {} add constraint {} {}").format(
                target, sql.Identifier(name), _catalog_words(definition)
            )
        )
    _copy_indexes(conn, published, shadow)
    _copy_statistics_targets(conn, target, columns)
    _copy_comments(conn, published, target, columns)
    # What the same transaction writes elsewhere is written as ever.
    conn.execute("set local row_security = on")


def _copy_indexes(conn: Connection, published: str, shadow: str) -> None:
    schema, _ = published.split(".")
    target_schema, _ = shadow.split(".")
    for _, definition in conn.execute(_INDEXES, (published,)).fetchall():
        # The definition names its table with the schema, and itself without.
        before, found, after = definition.partition(f" ON {schema}.")
        if not found:
            raise RuntimeError("an index of a mart does not say on what it is")
        conn.execute(_catalog_words(f"{before} ON {target_schema}.{after}"))


def _copy_statistics_targets(
    conn: Connection,
    target: sql.Identifier,
    columns: list[tuple[object, ...]],
) -> None:
    set_targets = [
        sql.SQL("alter column {} set statistics {}").format(
            sql.Identifier(str(name)), sql.Literal(statistics)
        )
        for name, _, _, statistics, _ in columns
        if statistics is not None and statistics != -1
    ]
    if set_targets:
        conn.execute(
            sql.SQL("alter table {} {}").format(
                target, sql.SQL(", ").join(set_targets)
            )
        )


def _copy_comments(
    conn: Connection,
    published: str,
    target: sql.Identifier,
    columns: list[tuple[object, ...]],
) -> None:
    found = conn.execute(
        "select obj_description(%s::regclass, 'pg_class')", (published,)
    ).fetchone()
    if found and found[0]:
        conn.execute(
            sql.SQL("comment on table {} is {}").format(
                target, sql.Literal(found[0])
            )
        )
    for name, *_, words in columns:
        if words:
            conn.execute(
                sql.SQL("comment on column {}.{} is {}").format(
                    target, sql.Identifier(str(name)), sql.Literal(words)
                )
            )


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*name.split("."))


def _catalog_words(words: str) -> sql.SQL:
    # As the server's own catalogue says it, never anybody's text.
    return sql.SQL(words)
