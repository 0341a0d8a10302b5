"""docs/dictionary.md.

What the tables of the ledger and of the raw lists hold, written from their comments.
"""

from __future__ import annotations

from collections.abc import Iterable

from yiku.contracts.contract import Contract
from yiku.contracts.contract_files import load_contracts
from yiku.warehouse import schema
from yiku.warehouse.connection import Connection
from yiku.warehouse.descriptions import described_columns, described_tables

HEAD = """# Dictionary of the ledger and the raw lists 台账库与原始表

For whoever runs the warehouse or asks it questions; what readers may rely on are the [marts](marts.md) and the names of
`ops` in the README. Written by `make docs` from the comments in the database; a test keeps it in step.
本页由数据库注释生成。
"""
SCHEMAS = (
    ("ops", "ops, the ledger 台账库"),
    ("register", "register, who is who 人员"),
    ("pairing", "pairing 结对测算"),
)
RAW = """
## raw, every row that was read 原始表

One table a list, `raw.<list>`. `raw.<list>_standing` shows the versions of its rows that may count on the business
date, `raw.<list>_now` of each row the one that does. Each table has the columns below, then those of its contract.
"""


def render_dictionary(conn: Connection) -> str:
    """Return the page for a prepared warehouse."""
    parts = [HEAD]
    for name, title in SCHEMAS:
        parts.append(f"\n## {title}\n")
        for table, comment in described_tables(conn, name):
            parts.append(_table(conn, name, table, comment))
    parts.append(RAW)
    # Behind the first word of a type stand its constraints.
    meta = [
        (name, kind.split()[0], words) for name, kind, words in schema.META
    ]
    parts.append(_rows(meta))
    parts.append(
        "\n| table 表 | list 名单 | columns of its own 自有列 |\n| --- | --- | --- |"
    )
    parts += [_list(contract) for contract in load_contracts().values()]
    return "\n".join(parts) + "\n"


def _table(conn: Connection, schema: str, table: str, comment: str) -> str:
    columns = described_columns(conn, schema, table)
    return f"\n### {schema}.{table}\n\n{comment}\n\n{_rows(columns)}"


def _rows(columns: Iterable[tuple[str, str, str]]) -> str:
    head = "| column 列 | type 类型 | meaning 含义 |\n| --- | --- | --- |\n"
    return head + "\n".join(
        f"| `{name}` | {kind} | {words} |" for name, kind, words in columns
    )


def _list(contract: Contract) -> str:
    own = {name for name, _, _ in schema.META}
    names = " ".join(
        f"`{column.name}`"
        for column in contract.columns
        if column.name not in own
    )
    return f"| `raw.{contract.table}` | {contract.title} | {names} |"
