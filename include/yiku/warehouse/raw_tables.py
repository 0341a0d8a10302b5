"""The raw tables, one a list, derived from its contract.

Created when a list is new, grown when it has grown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from psycopg import sql

from yiku.contracts.contract import Column, Contract
from yiku.intake.version_order import version_of
from yiku.warehouse.connection import Connection
from yiku.warehouse.raw_views import ensure_person_links, ensure_views
from yiku.warehouse.schema import META, raw_columns

# Files with rows that were judged before their places were looked up: the next night judges them
# again.
_UNPLACED = """
update ops.submission set replay = true
where undone_at is null and status in ('loaded', 'partly_loaded', 'held')
    and submission_id in (select submission_id from {table})
"""

_UNVERSIONED = """
select distinct
    r.submission_id, r.period_of_file, r.fill_date, r.saved_at, r.received_at, s.business_date
from raw.{table} as r
inner join ops.submission as s on r.submission_id = s.submission_id
where r.version is null and r.received_at is not null
"""
_VERSIONED = """
update raw.{table} set version = %s
where (submission_id, received_at) = (%s, %s)
    and (period_of_file, fill_date, saved_at) is not distinct from (%s::text, %s::date,
        %s::timestamptz)
"""


def missing_raw(
    conn: Connection, contracts: Iterable[Contract]
) -> dict[str, list[str]]:
    """Return for each list the columns that its raw table still lacks (all of them where there is no table)."""
    there = _columns_there(conn)
    lacking = {
        c.table: _lacking(c, there.get(c.table, set())) for c in contracts
    }
    return {table: columns for table, columns in lacking.items() if columns}


def _lacking(contract: Contract, there: set[str]) -> list[str]:
    """Return the columns that a raw table lacks.

    One that is there by its former name is renamed, not added.
    """
    renamed = {
        column.name for column in renamed_columns(contract, there).values()
    }
    return [
        name
        for name in raw_columns(contract)
        if name not in there and name not in renamed
    ]


def renamed_columns(
    contract: Contract, there: Collection[str]
) -> dict[str, Column]:
    """Return by its former name each column that a raw table with the columns ``there`` holds under that name alone."""
    wanted = raw_columns(contract)
    return {
        column.formerly: column
        for column in contract.columns
        if column.formerly
        and column.formerly in there
        and column.formerly not in wanted
        and column.name not in there
    }


def ensure_raw_tables(
    conn: Connection, contracts: Iterable[Contract]
) -> list[str]:
    """Create the raw tables and their views, add missing columns.

    Return the tables that changed.
    """
    lists = list(contracts)
    missing = missing_raw(conn, lists)
    for contract in lists:
        if contract.table in missing:
            _change_table(conn, contract, missing[contract.table])
    # The view over all lists has to name the new one too.
    if missing:
        ensure_person_links(
            conn, [contract for contract in lists if contract.person]
        )
    return list(missing)


def _columns_there(conn: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
    for table, column in conn.execute(query):
        found.setdefault(table, set()).add(column)
    return found


def _change_table(
    conn: Connection, contract: Contract, missing: list[str]
) -> None:
    columns = raw_columns(contract)
    if len(missing) == len(columns):
        _create_table(conn, contract)
    else:
        _add_columns(conn, contract, missing)
    _comment(conn, contract, missing)
    if "version" in missing:
        _put_in_versions(conn, contract)
    ensure_views(conn, contract)


def _definitions(
    contract: Contract, names: Sequence[str]
) -> list[sql.Composed]:
    columns = raw_columns(contract)
    defined = sql.SQL("{} {}")
    return [
        defined.format(sql.Identifier(name), sql.SQL(columns[name]))
        for name in names
    ]


def _create_table(conn: Connection, contract: Contract) -> None:
    table = sql.Identifier("raw", contract.table)
    definitions = sql.SQL(", ").join(
        _definitions(contract, list(raw_columns(contract)))
    )
    conn.execute(sql.SQL("create table {} ({})").format(table, definitions))
    # What nights ask for: the rows of a file, of a person and of a key, and
    # what a sender said of a period.
    index = sql.SQL("create index on {} ({})")
    for name in ("submission_id", "person_sk", "key"):
        conn.execute(index.format(table, sql.Identifier(name)))
    conn.execute(
        sql.SQL("create index on {} (unit_code, period_of_file)").format(table)
    )


def _add_columns(
    conn: Connection, contract: Contract, missing: Sequence[str]
) -> None:
    table = sql.Identifier("raw", contract.table)
    definitions = _definitions(contract, missing)
    added = [sql.SQL("add column ") + definition for definition in definitions]
    conn.execute(
        sql.SQL("alter table {} {}").format(table, sql.SQL(", ").join(added))
    )
    if any(column.place_column in missing for column in contract.placed):
        conn.execute(sql.SQL(_UNPLACED).format(table=table))


def _comment(
    conn: Connection, contract: Contract, names: Iterable[str]
) -> None:
    """Say in Chinese of the table and of some of its columns what they hold."""
    words_of = {name: words for name, _, words in META}
    for column in contract.placed:
        words_of[column.place_column] = f"{column.header}：区划代码"
    table, title = sql.Identifier("raw", contract.table), contract.title
    on_table = sql.SQL("comment on table {} is {}")
    conn.execute(
        on_table.format(table, sql.Literal(f"{title}：每一行收到的数据"))
    )
    on_column = sql.SQL("comment on column {} is {}")
    for name in names:
        is_own = contract.has(name)
        words = contract.column(name).header if is_own else words_of[name]
        place = sql.Identifier("raw", contract.table, name)
        conn.execute(on_column.format(place, sql.Literal(words)))


def _put_in_versions(conn: Connection, contract: Contract) -> None:
    """Say of the rows that were loaded before there were versions which version they are."""
    table = sql.Identifier(contract.table)
    found = conn.execute(sql.SQL(_UNVERSIONED).format(table=table)).fetchall()
    # Versions are worked out here and not in SQL: of the few that a file has,
    # not of each of its rows.
    for number, period, filled, saved, received, arrived in found:
        version = version_of(period, filled, saved, received, arrived, number)
        conn.execute(
            sql.SQL(_VERSIONED).format(table=table),
            (version, number, received, period, filled, saved),
        )
