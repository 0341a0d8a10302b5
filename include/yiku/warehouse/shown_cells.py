"""The cells of the marts that wait to be shown.

What stands in them, and how the guard covers what must not.

All of it is done in the shadow schemas, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from yiku.contracts import Contract, load_contracts
from yiku.warehouse.connection import Connection

_TEXT_COLUMNS = """
select c.relname, a.attname, a.atttypid = 'text[]'::regtype
from pg_class as c
inner join pg_attribute as a on a.attrelid = c.oid
where c.relnamespace = %s::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    and a.atttypid in ('text'::regtype, 'text[]'::regtype)
order by c.relname, a.attnum
"""
_NOTE = """
insert into ops.masked_cell (night_id, relation, column_name, cells) values (%s, %s, %s, %s)
on conflict (night_id, relation, column_name) do update set cells = masked_cell.cells + excluded.cells
"""
# The night of which the published marts are: whatever was computed last, was then.
_PUBLISHED_OF = "select max(night_id) from ops.standing_node"
_NOTE_AGAIN = """
insert into ops.masked_cell (night_id, relation, column_name, cells)
select %s, m.relation, m.column_name, m.cells
from ops.masked_cell as m
where m.night_id = %s and m.relation = any (%s)
"""
# All values in one statement: one for each would write the table as often.
_REPLACE = """
update {relation} set {column} = s.shown
from unnest(%s::text[], %s::text[]) as s (value, shown)
where {column} = s.value
"""
# Within arrays nothing can be joined; few of their values are replaced.
_REPLACE_ITEM = (
    "update {relation} set {column} = array_replace({column}, %s, %s)"
)


@dataclass(frozen=True)
class TextColumn:
    """A column of text in a shadow schema.

    ``has_many`` where each of its cells holds several values.
    """

    schema: str  # as it is called once it is shown
    relation: str
    name: str
    has_many: bool


def text_columns(conn: Connection, schema: str) -> list[TextColumn]:
    """Return the columns of text that wait to be shown in a schema."""
    found = conn.execute(_TEXT_COLUMNS, (f"{schema}_shadow",))
    return [
        TextColumn(schema, relation, name, has_many)
        for relation, name, has_many in found
    ]


def values_of_column(conn: Connection, column: TextColumn) -> list[str]:
    """Return the distinct values of a column."""
    several, one = (
        "select distinct unnest({column}) from {relation}",
        "select distinct {column} from {relation}",
    )
    query = _of_column(several if column.has_many else one, column)
    return [
        str(value) for (value,) in conn.execute(query) if value is not None
    ]


def count_cells(
    conn: Connection, column: TextColumn, values: Sequence[str]
) -> int:
    """Return how many cells of a column hold one of some values."""
    if not values:
        return 0
    several, one = (
        "select count(*) from {relation} where {column} && %s::text[]",
        "select count(*) from {relation} where {column} = any (%s)",
    )
    query = _of_column(several if column.has_many else one, column)
    found = conn.execute(query, (list(values),)).fetchone()
    return int(found[0]) if found else 0


def replace_values(
    conn: Connection, column: TextColumn, shown: Mapping[str, str]
) -> None:
    """Put into the cells of a column what may be shown in the place of some values."""
    if not column.has_many:
        values = (list(shown), list(shown.values()))
        conn.execute(_of_column(_REPLACE, column), values)
        return
    query = _of_column(_REPLACE_ITEM, column)
    for value, instead in shown.items():
        conn.execute(query, (value, instead))


def _of_column(statement: LiteralString, column: TextColumn) -> sql.Composed:
    relation = sql.Identifier(f"{column.schema}_shadow", column.relation)
    return sql.SQL(statement).format(
        relation=relation, column=sql.Identifier(column.name)
    )


def code_words(conn: Connection) -> set[str]:
    """Return the words of the code lists: what they spell is nobody's own."""
    return {
        str(word) for (word,) in conn.execute("select word from ops.code_word")
    }


def names_on_record(conn: Connection) -> set[str]:
    """Return whatever the register and the columns of names of all lists hold."""
    # Whoever is on a list is a person, in the register or not.
    asked = [sql.SQL("select name from register.person"), *_columns_of_names()]
    found = conn.execute(sql.SQL(" union ").join(asked))
    return {name for (name,) in found if name}


def _columns_of_names() -> list[sql.Composed]:
    return [
        _asks_for(contract, column.name, column.many)
        for contract in load_contracts().values()
        for column in contract.columns
        if column.personal == "name"
    ]


def _asks_for(contract: Contract, column: str, has_many: bool) -> sql.Composed:
    several, one = (
        sql.SQL("select unnest({}) from {}"),
        sql.SQL("select {} from {}"),
    )
    query = several if has_many else one
    table = sql.Identifier("raw", contract.table)
    return query.format(sql.Identifier(column), table)


def begin_notes(
    conn: Connection, night_id: int, taken_over: Sequence[str] = ()
) -> None:
    """Begin the notes of a night's masks anew, with what was noted of the relations that it takes over.

    A night that runs again takes over what it published itself: its own notes of that stand.
    """
    found = conn.execute(_PUBLISHED_OF).fetchone()
    published_of = found[0] if found else None
    kept = list(taken_over) if published_of == night_id else []
    conn.execute(
        "delete from ops.masked_cell where night_id = %s and relation <> all (%s)",
        (night_id, kept),
    )
    if published_of != night_id:
        noted = (night_id, published_of, list(taken_over))
        conn.execute(_NOTE_AGAIN, noted)


def note_masked(
    conn: Connection, night_id: int, column: TextColumn, cells: int
) -> None:
    """Write down how many cells of a column showed what no mask should have let through."""
    relation = f"{column.schema}.{column.relation}"
    conn.execute(_NOTE, (night_id, relation, column.name, cells))


def masked_count(conn: Connection, night_id: int) -> int:
    """Return how many cells a night noted in all."""
    found = conn.execute(
        "select coalesce(sum(cells), 0) from ops.masked_cell where night_id = %s",
        (night_id,),
    ).fetchone()
    return int(found[0]) if found else 0
