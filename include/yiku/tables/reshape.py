"""Lists that come in another shape than one row a record, one column a field.

The contract's ``shape`` says which.

``wide``: ``{item: item_no, into: done, items: [{value: 1, headers: [...]}, ...]}`` one
column an item, or several below its header (是否具备, 内容说明 …); each row becomes as
many rows as there are items, all with the row number of the sheet. What stands once
beside the items holds for each of them; amounts, and other columns that ``once``
names, count once (``wide_tables``).
``session``: ``{columns: [session_no, held_on, ...]}`` facts that stand once above the
table, or as columns (``session_facts``).
``stages``: ``[{columns: [...]}, ...]`` groups of columns that may be missing while the
stage has not come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yiku.contracts import Contract
from yiku.formats.cells import CellValue
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_matching import match_headers
from yiku.tables.interval_columns import share_spans
from yiku.tables.known_headers import (
    Codes,
    Confirmed,
    HeaderMatching,
    quick_score,
)
from yiku.tables.session_facts import first_fact, session_facts
from yiku.tables.sheet_metadata import read_day
from yiku.tables.table import MatchedColumn, Table
from yiku.tables.wide_tables import add_items, item_fields, items_of, unpivot

Rows = Sequence[Sequence[CellValue]]

__all__ = [
    "absent_stage_columns",
    "first_fact",
    "match_shaped_headers",
    "quick_shaped_score",
    "reshape",
]


def quick_shaped_score(
    contract: Contract,
    headers: Sequence[ColumnHeader],
    above: Rows,
) -> float:
    """Return ``quick_score`` for a list of any shape."""
    if not contract.shape:
        return quick_score(contract, headers)
    items = items_of(contract, headers)
    facts = session_facts(contract, above)
    plain = [header for header in headers if header.column not in items]
    elsewhere = frozenset([*item_fields(contract, items), *facts])
    return quick_score(contract, plain, elsewhere)


def match_shaped_headers(
    contract: Contract,
    headers: Sequence[ColumnHeader],
    above: Rows,
    codes: Codes,
    confirmed: Confirmed,
) -> HeaderMatching:
    """Match the headers of a table, and whatever the list's shape puts elsewhere."""
    items = items_of(contract, headers)
    plain = [header for header in headers if header.column not in items]
    matching = match_headers(contract, plain, codes, confirmed)
    share_spans(matching)
    add_items(matching, items, headers)
    for name, value in session_facts(contract, above).items():
        # a column says it for each row, and better
        if name not in matching.matches:
            matching.facts[name] = value
    return matching


def absent_stage_columns(
    contract: Contract,
    present: Mapping[str, MatchedColumn],
) -> frozenset[str]:
    """Return the columns of stages of which the table has none: yet to come."""
    absent: set[str] = set()
    for stage in contract.shape.get("stages", ()):
        columns = stage["columns"]
        if not any(name in present for name in columns):
            absent.update(columns)
    return frozenset(absent)


def reshape(
    table: Table,
    contract: Contract,
    matching: HeaderMatching,
    rows: Rows,
) -> None:
    """Bring a table to one row a record: session facts on each, one row an item."""
    for name, value in matching.facts.items():
        column = contract.column(name)
        day = read_day(value) if column.kind == "date" else None
        table.cells[name] = [day or value] * len(table.rows)
        matched = MatchedColumn(name, 0, column.header, "alias")
        table.matched = {**table.matched, name: matched}
    if matching.items:
        unpivot(table, contract, matching, rows)
