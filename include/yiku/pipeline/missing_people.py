"""The people whom a unit's newest list no longer names.

They stay until the clerk sends the list of them back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from yiku.contracts import Contract, load_contracts
from yiku.formats.cells import CellValue
from yiku.returns import VanishedList
from yiku.warehouse.connection import Connection
from yiku.warehouse.vanished_rows import short_lists, vanished_rows


def vanished_lists(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, list[VanishedList]]:
    """Return for the files among ``submissions`` that miss people who they are, list by list."""
    found: dict[int, list[VanishedList]] = defaultdict(list)
    for short in short_lists(conn, submissions):
        contract = load_contracts()[short.template]
        rows = vanished_rows(conn, short, contract)
        if rows:
            found[short.submission_id].append(
                _list_of(contract, short.period, rows)
            )
    return dict(found)


def _list_of(
    contract: Contract, period: str, rows: Sequence[Mapping[str, Any]]
) -> VanishedList:
    # what every row must have, and what one of these has
    columns = [
        column
        for column in contract.columns
        if column.need == "M" or _is_filled(rows, column.name)
    ]
    names = [column.name for column in columns]
    shown = [
        (str(row["row_id"]), [shown_value(row, name) for name in names])
        for row in rows
    ]
    return VanishedList(
        list_title=contract.title,
        period=period,
        fill_date=rows[0]["asked_on"],
        headers=[column.header for column in columns],
        rows=shown,
    )


def _is_filled(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(row[name] is not None for row in rows)


def shown_value(row: Mapping[str, Any], name: str) -> CellValue:
    """Return a value as a clerk writes it.

    What was typed where that says more than what was understood.
    """
    typed = (row["original"] or {}).get(name)
    if typed is not None and (
        name in (row["quality"] or {}) or row[name] is None
    ):
        return str(typed)
    value = row[name]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return float(value) if isinstance(value, Decimal) else value
