"""Follow a contract that changed: a column renamed, of another type, or gone.

A list gone. Nothing is lost.

A column that a contract lacks stays in the raw table with what it holds; a value that does not
fit a new type stays in ``original``, where the text of every repaired cell stands. What is to be
done is planned first and said in Chinese (``yiku init --dry-run``). New columns and new lists are
made by ``schema``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from yiku.contracts.contract import Column, Contract
from yiku.warehouse import schema
from yiku.warehouse.connection import Connection
from yiku.warehouse.raw_tables import renamed_columns
from yiku.warehouse.raw_views import ensure_views
from yiku.warehouse.value_conversion import install_conversion

# Stands behind the comment of a column or table that no contract describes any more: it is told
# of once.
GONE = "（契约中已没有，数据保留）"
# Schemas whose views are made anew by the next build; what else looks at a raw table must not be
# taken away.
_REBUILT = r"^(raw|register|(stg|core)(_.*)?)$"
_NOT_STAGING = r"^(?!stg$)"

Facts = Mapping[str, tuple[str, str]]  # column -> (type, comment)


class EvolutionError(Exception):
    """A raw table cannot follow its contract. The message says what stands in the way."""


@dataclass(frozen=True)
class Rename:
    """A column that has another name in its contract now."""

    contract: Contract
    old: str
    new: str

    def __str__(self) -> str:
        return f"原始表 raw.{self.contract.table}：列 {self.old} 改名为 {self.new}"


@dataclass(frozen=True)
class Retype:
    """A column that has another type in its contract now.

    ``unfit`` values stay in ``original`` alone.
    """

    contract: Contract
    column: str
    old: str
    new: str
    fitting: int = 0
    unfit: int = 0

    def __str__(self) -> str:
        what = f"原始表 raw.{self.contract.table}：列 {self.column} 由 {self.old} 改为 {self.new}"
        kept = (
            f"，{self.unfit} 个值不合新类型，原文留在 original"
            if self.unfit
            else ""
        )
        return f"{what}，{self.fitting} 个值照改{kept}"


@dataclass(frozen=True)
class ColumnGone:
    """A column that its contract has no more."""

    table: str
    column: str

    def __str__(self) -> str:
        return (
            f"原始表 raw.{self.table}：列 {self.column} 已不在契约中，数据保留"
        )


@dataclass(frozen=True)
class ListGone:
    """A list that has no contract any more."""

    table: str

    def __str__(self) -> str:
        return f"名单 {self.table.upper()} 已没有契约：原始表 raw.{self.table} 保留，不再催报"


@dataclass(frozen=True)
class Returned:
    """A column, or a whole list (``column`` is None), that was gone and has a contract again."""

    table: str
    column: str | None = None

    def __str__(self) -> str:
        what = f"列 {self.column} " if self.column else "名单"
        return f"原始表 raw.{self.table}：{what}重新启用，原有数据都在"


Change = Rename | Retype | ColumnGone | ListGone | Returned


# --- what is to be done


def plan_changes(
    conn: Connection, contracts: Iterable[Contract]
) -> list[Change]:
    """Return what the raw tables must do to follow ``contracts``, which are all there are.

    It is counted, not done.
    """
    lists = {contract.table: contract for contract in contracts}
    columns = _columns(conn)
    changes: list[Change] = []
    for table, comment in sorted(_tables(conn).items()):
        is_marked = comment.endswith(GONE)
        contract = lists.get(table)
        if contract is not None:
            changes += [Returned(table)] if is_marked else []
            changes += _changes_of(conn, contract, columns[table])
        elif not is_marked:
            changes.append(ListGone(table))
    return changes


def _tables(conn: Connection) -> dict[str, str]:
    query = (
        "select relname, coalesce(obj_description(oid), '') from pg_class"
        " where relkind = 'r' and relnamespace = to_regnamespace('raw')"
    )
    return {str(name): str(comment) for name, comment in conn.execute(query)}


def _columns(conn: Connection) -> dict[str, dict[str, tuple[str, str]]]:
    """Return for each raw table its columns with their types and comments."""
    query = (
        "select relname, attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '')"
        " from pg_attribute inner join pg_class on attrelid = pg_class.oid"
        " where relkind = 'r' and relnamespace = to_regnamespace('raw') and attnum > 0 and not attisdropped"
        " order by relname, attnum"
    )
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for table, name, kind, comment in conn.execute(query):
        found.setdefault(str(table), {})[str(name)] = (str(kind), str(comment))
    return found


def _changes_of(
    conn: Connection, contract: Contract, there: Facts
) -> Iterator[Change]:
    wanted = schema.raw_columns(contract)
    renamed = renamed_columns(contract, there)
    for name, (held_type, comment) in there.items():
        is_marked = comment.endswith(GONE)
        if name in renamed:
            yield Rename(contract, name, renamed[name].name)
            yield from _retype(conn, contract, renamed[name], name, held_type)
        elif contract.has(name):
            yield from [Returned(contract.table, name)] if is_marked else []
            yield from _retype(
                conn, contract, contract.column(name), name, held_type
            )
        elif name not in wanted and not is_marked:
            yield ColumnGone(contract.table, name)


def _retype(
    conn: Connection,
    contract: Contract,
    column: Column,
    held_as: str,
    held_type: str,
) -> Iterator[Retype]:
    wanted = schema.column_type(column)
    if held_type == wanted:
        return
    install_conversion(conn)
    query = sql.SQL(
        "select count(*) filter (where converted is not null), count(*) filter (where converted is null)"
        " from (select pg_temp.converted({column}::text, {old}, {new}) as converted"
        " from {table} where {column} is not null) as held"
    )
    row = conn.execute(
        query.format(**_places(contract, held_as, held_type, wanted))
    ).fetchone()
    fitting, unfit = row or (0, 0)
    yield Retype(contract, column.name, held_type, wanted, fitting, unfit)


# --- doing it


def apply_changes(conn: Connection, changes: Iterable[Change]) -> None:
    """Carry the changes out in the caller's transaction.

    Raises EvolutionError where something of another's own looks at a column that must change its
    type.
    """
    for change in changes:
        match change:
            case Rename():
                _apply_rename(conn, change)
            case Retype():
                _apply_retype(conn, change)
            case ColumnGone(table, column):
                _comment(
                    conn,
                    table,
                    column,
                    _columns(conn)[table][column][1] + GONE,
                )
            case ListGone(table):
                _comment(conn, table, None, _tables(conn)[table] + GONE)
                # Nobody is reminded of a list that is no more.
                conn.execute(
                    "delete from ops.list_duty where code = %s",
                    (table.upper(),),
                )
            case Returned(table, None):
                _comment(
                    conn, table, None, _tables(conn)[table].removesuffix(GONE)
                )
            case Returned(table, str(column)):
                _comment(
                    conn,
                    table,
                    column,
                    _columns(conn)[table][column][1].removesuffix(GONE),
                )


def _comment(
    conn: Connection, table: str, column: str | None, words: str
) -> None:
    kind, name = (
        ("column", ("raw", table, column))
        if column
        else ("table", ("raw", table))
    )
    statement = sql.SQL("comment on {} {} is {}")
    conn.execute(
        statement.format(
            sql.SQL(kind), sql.Identifier(*name), sql.Literal(words)
        )
    )


def _apply_rename(conn: Connection, change: Rename) -> None:
    table = change.contract.table
    names = {
        "old": sql.Identifier(change.old),
        "new": sql.Identifier(change.new),
    }
    # A view keeps the column names that it was made with, whatever its table
    # is told: each of the three is told by itself.
    for kind, relation in (
        ("table", table),
        ("view", f"{table}_standing"),
        ("view", f"{table}_now"),
    ):
        statement = sql.SQL(
            f"alter {kind} {{relation}} rename column {{old}} to {{new}}"
        )
        conn.execute(
            statement.format(relation=sql.Identifier("raw", relation), **names)
        )
    # The notes about a cell, and the ledger, speak of the column by its name.
    for notes in ("original", "quality"):
        _rename_key(conn, change, notes)
    words = (change.new, change.contract.code, change.old)
    conn.execute(
        "update ops.finding set field = %s where template = %s and field = %s",
        words,
    )
    conn.execute(
        "update ops.header_confirmation set field = %s where template = %s and field = %s",
        words,
    )


def _rename_key(conn: Connection, change: Rename, notes: str) -> None:
    statement = sql.SQL(
        "update {table} set {notes} = ({notes} - {old}::text) || jsonb_build_object({new}::text, {notes} -> {old})"
        " where jsonb_exists({notes}, {old})"
    )
    conn.execute(
        statement.format(
            table=sql.Identifier("raw", change.contract.table),
            notes=sql.Identifier(notes),
            old=sql.Literal(change.old),
            new=sql.Literal(change.new),
        )
    )


def _apply_retype(conn: Connection, change: Retype) -> None:
    install_conversion(conn)
    places = _places(change.contract, change.column, change.old, change.new)
    # While the old values are still there: what does not fit is gone after the
    # change. What was typed stays before what was understood.
    keep = sql.SQL(
        "update {table} set original = jsonb_build_object({name}, {column}::text) || coalesce(original, '{{}}'::jsonb)"
        " where {column} is not null and pg_temp.converted({column}::text, {old}, {new}) is null"
    )
    conn.execute(keep.format(**places))
    # A column at which a view looks cannot change its type.
    _drop_views(conn, change.contract.table)
    retype = sql.SQL(
        "alter table {table} alter column {column} type {type}"
        " using pg_temp.converted({column}::text, {old}, {new})::{type}"
    )
    conn.execute(retype.format(**places))
    ensure_views(conn, change.contract)


def _places(
    contract: Contract, column: str, old: str, new: str
) -> dict[str, Any]:
    return {
        "table": sql.Identifier("raw", contract.table),
        "column": sql.Identifier(column),
        "name": sql.Literal(column),
        "old": sql.Literal(old),
        "new": sql.Literal(new),
        "type": sql.SQL(new),
    }


# A view on a view depends on the table as well, and the catalogue knows only
# of one step at a time.
_DEPENDENTS = """
with recursive dependent as (
    select to_regclass(format('raw.%%I', %(table)s::text))::oid as relation
    union
    select r.ev_class
    from dependent as d
    inner join pg_depend as p on d.relation = p.refobjid and p.classid = 'pg_rewrite'::regclass
    inner join pg_rewrite as r on p.objid = r.oid
)
select c.oid::regclass::text
from dependent as d
inner join pg_class as c on d.relation = c.oid
where c.relnamespace::regnamespace::text !~ %(rebuilt)s
order by 1
"""


def _drop_views(conn: Connection, table: str) -> None:
    """Take the views on a raw table and its current rows away.

    Those of dbt come again with the next build.
    """
    views = [f"{table}_now", f"{table}_standing"]
    for relation in (*views, table):
        if found := _dependents(conn, relation, _REBUILT):
            names = "、".join(found)
            raise EvolutionError(
                f"raw.{relation} 上另有视图 {names}：请先改好或删除它们，再运行一次。"
            )
    for view in (
        *(f"raw.{name}" for name in views),
        *_dependents(conn, table, _NOT_STAGING),
    ):
        conn.execute(
            sql.SQL("drop view if exists {} cascade").format(
                sql.Identifier(*view.split("."))
            )
        )


def _dependents(conn: Connection, relation: str, but: str) -> list[str]:
    """Return what looks at a relation of raw, but for what stands in schemas of a pattern."""
    return [
        str(name)
        for (name,) in conn.execute(
            _DEPENDENTS, {"table": relation, "rebuilt": but}
        )
    ]
