"""Tables with one column, or several, for each of a few items.

``wide`` in the contract's shape: ``{item: item_no, into: done, items: [{value: 1,
headers: [...]}, ...]}``. Each row of the sheet becomes as many rows as there are items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yiku.contracts import Contract
from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_vocabulary import lookups, vocabulary
from yiku.tables.known_headers import HeaderMatching, Item, Match
from yiku.tables.table import MatchedColumn, Table

Rows = Sequence[Sequence[CellValue]]
Items = Mapping[int, Item]  # by column, from 0


def items_of(
    contract: Contract, headers: Sequence[ColumnHeader]
) -> dict[int, Item]:
    """Return the columns that stand for items; none unless two items are found."""
    wide = contract.shape.get("wide")
    if not wide:
        return {}
    named: dict[str, Any] = {}
    for item in wide["items"]:
        for header in item["headers"]:
            for key in header_text.keys(str(header)):
                named[key] = item["value"]
    found: dict[int, Item] = {}
    for header in headers:
        item = _item(contract, header, named)
        # an item's header printed twice counts once
        if item is not None and item not in found.values():
            found[header.column] = item
    # one such header may stand in any list
    values = {item.value for item in found.values()}
    return found if len(values) > 1 else {}


def _item(
    contract: Contract,
    header: ColumnHeader,
    named: Mapping[str, Any],
) -> Item | None:
    """Return which item a column stands for.

    By its own header, or by the group above a header of the list: 人员名册 | 是否具备.
    """
    into: str = contract.shape["wide"]["into"]
    for key in lookups(header.levels):
        if key in named:
            return Item(named[key], into)
    name = _field_of(contract, header.leaf)
    if name is None:
        return None
    for level in header.levels[:-1]:
        for key in header_text.keys(level):
            if key in named:
                value = named[key]
                return None if value is None else Item(value, name)
    return None


def _field_of(contract: Contract, leaf: str) -> str | None:
    """Return the column of the list that a leaf below an item's group is."""
    exact = vocabulary(contract).exact
    for key in header_text.keys(leaf):
        if key in exact:
            return exact[key]
    return None


def item_fields(contract: Contract, items: Items) -> tuple[str, ...]:
    """Return the fields that each item has: its number first, then what it says."""
    if not items:
        return ()
    number: str = contract.shape["wide"]["item"]
    said = dict.fromkeys(item.field for item in items.values())
    return (number, *said)


def add_items(
    matching: HeaderMatching,
    items: dict[int, Item],
    headers: Sequence[ColumnHeader],
) -> None:
    """Take the columns of items into a matching.

    A field of the items counts as found at the first column that has it.
    """
    matching.items = items
    of_items = [header for header in headers if header.column in items]
    for header in of_items:
        matching.item_headers[header.column] = "/".join(header.levels)
    number, *fields = item_fields(matching.contract, items) or ("",)
    if not number:
        return
    matching.matches[number] = Match(number, of_items[0], "alias", 1.0)
    for name in fields:
        first = next(
            header for header in of_items if items[header.column].field == name
        )
        matching.matches[name] = Match(name, first, "alias", 1.0)


def unpivot(
    table: Table,
    contract: Contract,
    matching: HeaderMatching,
    rows: Rows,
) -> None:
    """Cut each row of a table into one for each item.

    What stands once beside the items holds for each of them. Amounts, and the columns
    that ``once`` names, count once: they stay with the first, so that sums stay right.
    """
    wide = contract.shape["wide"]
    sheet_rows = list(table.rows)
    values = list(
        dict.fromkeys(item.value for item in matching.items.values())
    )
    fields = item_fields(contract, matching.items)
    table.rows = [row for row in sheet_rows for _ in values]
    for name, cells in table.extra.items():
        table.extra[name] = _repeated(cells, len(values))
    # the columns of the items themselves are taken from the sheet below
    shared = {
        name: cells
        for name, cells in table.cells.items()
        if name not in fields
    }
    counted = wide.get("once", ())
    table.once = frozenset(
        name
        for name in shared
        if contract.column(name).kind == "money" or name in counted
    )
    table.cells = {
        name: _repeated(cells, len(values), name in table.once)
        for name, cells in shared.items()
    }
    for name in fields:
        columns = [_column_of(matching.items, value, name) for value in values]
        table.cells[name] = [
            None if column is None else rows[row - 1][column]
            for row in sheet_rows
            for column in columns
        ]
        places = [_place(matching, name, column) for column in columns]
        table.places[name] = places * len(sheet_rows)
    numbers: list[CellValue] = [value for _ in sheet_rows for value in values]
    table.cells[wide["item"]] = numbers


def _repeated(
    cells: Sequence[CellValue],
    times: int,
    is_once: bool = False,
) -> list[CellValue]:
    """Return each cell as often as there are items; ``is_once``: then blanks."""
    found: list[CellValue] = []
    for value in cells:
        following = None if is_once else value
        found.append(value)
        found.extend([following] * (times - 1))
    return found


def _column_of(
    items: Items,
    value: object,
    name: str,
) -> int | None:
    """Return the column that holds a field of the item ``value``."""
    for column, item in items.items():
        if item.value == value and item.field == name:
            return column
    return None


def _place(
    matching: HeaderMatching,
    name: str,
    column: int | None,
) -> MatchedColumn:
    """Return where an item's field stands; column 0 where the table has it not."""
    if column is None:
        header = matching.contract.column(name).header
        return MatchedColumn(name, 0, header, "alias")
    return MatchedColumn(
        name, column + 1, matching.item_headers[column], "alias"
    )
