"""What the database says of its own tables and columns."""

from __future__ import annotations

from yiku.warehouse.connection import Connection

_TABLES = """
select relname, obj_description(oid) from pg_class
where relkind in ('r', 'v') and relnamespace = to_regnamespace(%s) order by relname
"""
# The percent signs are doubled for the driver: format() sees one of each.
_COLUMNS = """
select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
    from pg_attribute
where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0
    and not attisdropped
order by attnum
"""


def described_tables(conn: Connection, schema: str) -> list[tuple[str, str]]:
    """Return the tables and views of a schema, each with its comment."""
    return conn.execute(_TABLES, (schema,)).fetchall()


def described_columns(
    conn: Connection, schema: str, table: str
) -> list[tuple[str, str, str]]:
    """Return name, type and comment of the columns of a table, in their order."""
    return conn.execute(_COLUMNS, (schema, table)).fetchall()
