"""The rows of a list that stand for a town, to fill in a form beforehand."""

from __future__ import annotations

from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts import Contract
from yiku.warehouse.connection import Connection

# By place or by sender: the county's office sends rows for towns, and a town
# answers for people who live elsewhere.
_STANDING = """
select {columns} from raw.{view} where town_code = %(town)s or unit_code = %(town)s order by key
"""


def town_rows(
    conn: Connection, contract: Contract, town: str
) -> list[dict[str, Any]]:
    """Return what stands of a list for a town (9 digits), by column, in the order of the keys."""
    columns = [sql.Identifier(column.name) for column in contract.columns]
    query = sql.SQL(_STANDING).format(
        columns=sql.SQL(", ").join(columns),
        view=sql.Identifier(f"{contract.table}_now"),
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"town": town}).fetchall()
