"""Lists that come in another shape than one row a record, one column a field. The contract's ``shape`` says which.

``wide``: ``{item: item_no, into: done, items: [{value: 1, headers: [...]}, ...]}`` one column an item, or several
below its header (是否具备, 内容说明 …); each row becomes as many rows as there are items, all with the row number of
the sheet. What stands once beside the items holds for each of them; amounts, and other columns that ``once`` names,
count once.
``session``: ``{columns: [session_no, held_on, ...]}`` facts that stand once above the table, or as columns.
``stages``: ``[{columns: [...]}, ...]`` groups of columns that may be missing while the stage has not come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yiku.contracts import CodeList, Contract
from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.header_matching import (
    ColumnHeader,
    HeaderMatching,
    Item,
    Match,
    lookups,
    quick_score,
    understand,
    vocabulary,
)
from yiku.tables.interval_columns import share_spans
from yiku.tables.sheet_metadata import LABELS, read_day
from yiku.tables.table import MatchedColumn, Table

Rows = Sequence[Sequence[CellValue]]
_LABEL = re.compile(r"([^\s:,;，；、。()（）]{1,12})\s*:")


def quick(contract: Contract, headings: list[ColumnHeader], above: Rows) -> float:
    """Return ``quick_score`` for a list of any shape."""
    if not contract.shape:
        return quick_score(contract, headings)
    items = _items(contract, headings)
    facts = session_facts(contract, above)
    plain = [h for h in headings if h.column not in items]
    names = [*_item_fields(contract, items), *facts]
    return quick_score(contract, plain, frozenset(names))


def understand_shaped(
    contract: Contract,
    headings: list[ColumnHeader],
    above: Rows,
    codes: Mapping[str, CodeList],
    confirmed: Mapping[tuple[str, str], str],
) -> HeaderMatching:
    """Understand the headers of a table, and whatever the list's shape puts elsewhere."""
    items = _items(contract, headings)
    plain = [h for h in headings if h.column not in items]
    result = understand(contract, plain, codes, confirmed)
    share_spans(result)
    result.items, result.item_headers = (
        items,
        {h.column: "/".join(h.levels) for h in headings if h.column in items},
    )
    item = contract.shape["wide"]["item"] if items else ""
    for name in _item_fields(contract, items):
        heading = next(
            h
            for h in headings
            if h.column in items and name in (items[h.column].field, item)
        )
        result.matches[name] = Match(name, heading, "alias", 1.0)
    result.facts = {
        n: v
        for n, v in session_facts(contract, above).items()
        if n not in result.matches
    }
    return result


def _item_fields(contract: Contract, items: Mapping[int, Item]) -> tuple[str, ...]:
    return (
        (
            contract.shape["wide"]["item"],
            *dict.fromkeys(i.field for i in items.values()),
        )
        if items
        else ()
    )


def _items(contract: Contract, headings: Sequence[ColumnHeader]) -> dict[int, Item]:
    """Return the columns (from 0) that stand for items; none unless two items are found."""
    wide = contract.shape.get("wide")
    if not wide:
        return {}
    named = {
        key: item["value"]
        for item in wide["items"]
        for h in item["headers"]
        for key in header_text.keys(str(h))
    }
    found: dict[int, Item] = {}
    for heading in headings:
        item = _item(contract, heading, named)
        if item is not None and item not in found.values():
            found[heading.column] = item
    return found if len({item.value for item in found.values()}) > 1 else {}


def _item(
    contract: Contract, heading: ColumnHeader, named: Mapping[str, Any]
) -> Item | None:
    """Tell which item a column stands for: by its own header, or by the group above a header of the list."""
    into: str = contract.shape["wide"]["into"]
    for key in lookups(heading.levels):
        if key in named:
            return Item(named[key], into)
    groups = (key for level in heading.levels[:-1] for key in header_text.keys(level))
    value = next((named[key] for key in groups if key in named), None)
    name = _named(heading.leaf, vocabulary(contract).exact)
    return Item(value, name) if value is not None and name is not None else None


def session_facts(contract: Contract, above: Rows) -> dict[str, CellValue]:
    """Read the facts of a session that stand as label and value above its table."""
    columns = contract.shape.get("session", {}).get("columns", ())
    if not columns:
        return {}
    exact = vocabulary(contract).exact
    found: dict[str, CellValue] = {}
    for row in above:
        cells = [c for c in row if c is not None]
        for at, cell in enumerate(cells):
            beside = cells[at + 1] if at + 1 < len(cells) else None
            for name, value in _labelled(cell, beside, exact):
                if name in columns and value is not None:
                    found.setdefault(name, value)
    return found


def first_fact(sessions: Sequence[Contract], rows: Rows, top: int) -> int:
    """Return the first of the rows (from 0) right above ``top`` that tell facts of a session; ``top`` without any."""
    while top and any(_tells_facts(c, rows[top - 1]) for c in sessions):
        top -= 1
    return top


def _tells_facts(contract: Contract, row: Sequence[CellValue]) -> bool:
    """Tell whether most of what stands on a line are facts of a session; a row that mentions one is not such a line."""
    columns, exact = contract.shape["session"]["columns"], vocabulary(contract).exact
    cells, told = [c for c in row if c is not None], 0
    for at, cell in enumerate(cells):
        beside = cells[at + 1] if at + 1 < len(cells) else None
        facts = [
            (n, v)
            for n, v in _labelled(cell, beside, exact)
            if n in columns and v is not None
        ]
        told += (2 if facts[-1][1] is beside else 1) if facts else 0
    return told > 0 and told * 2 >= len(cells)


def _labelled(
    cell: CellValue, beside: CellValue, exact: Mapping[str, str]
) -> Iterator[tuple[str, CellValue]]:
    """Yield what the labels in a cell name, with what follows each: in the cell, or behind the last in the next one."""
    text = cell.replace("：", ":") if isinstance(cell, str) else ""
    labels = list(_labels(text, exact))
    for number, (name, _, end) in enumerate(labels):
        last = number + 1 == len(labels)
        value: CellValue = (
            text[end : len(text) if last else labels[number + 1][1]].strip(" ,;，；、")
            or None
        )
        if value is None and last and not _is_label(beside, exact):
            value = beside
        yield name, value


def _labels(text: str, exact: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    """Yield the labels of a text: the column that each names, where it begins and where its value does."""
    whole = text.partition(":")[0]
    if text.count(":") <= 1 and (name := _named(whole, exact)):
        yield name, 0, len(whole) + 1
        return
    for match in _LABEL.finditer(text):
        if name := _named(match[1], exact):
            yield name, match.start(), match.end()


def _named(text: str, exact: Mapping[str, str]) -> str | None:
    return next((exact[key] for key in header_text.keys(text) if key in exact), None)


def _is_label(cell: CellValue, exact: Mapping[str, str]) -> bool:
    """Tell whether a cell names the next fact: the one before it was left blank."""
    text = cell.replace("：", ":") if isinstance(cell, str) else ""
    label = text.partition(":")[0]
    return _named(label, exact) is not None or re.sub(r"\s+", "", label) in LABELS


def absent_stage_columns(
    contract: Contract, present: Mapping[str, MatchedColumn]
) -> frozenset[str]:
    """Return the columns of stages of which the table has none: they have not come yet."""
    stages = contract.shape.get("stages", ())
    gone = [
        stage["columns"]
        for stage in stages
        if not any(name in present for name in stage["columns"])
    ]
    return frozenset(name for columns in gone for name in columns)


def reshape(
    table: Table, contract: Contract, understanding: HeaderMatching, rows: Rows
) -> None:
    """Bring a table to one row a record: session facts on every row, one row an item."""
    for name, value in understanding.facts.items():
        day = read_day(value) if contract.column(name).kind == "date" else None
        table.cells[name] = [day or value] * len(table.rows)
        table.matched = {
            **table.matched,
            name: MatchedColumn(name, 0, contract.column(name).header, "alias"),
        }
    if understanding.items:
        _unpivot(table, contract, understanding, rows)


def _unpivot(
    table: Table, contract: Contract, understanding: HeaderMatching, rows: Rows
) -> None:
    """Cut each row into one for each item."""
    items, sources, number = (
        understanding.items,
        list(table.rows),
        contract.shape["wide"]["item"],
    )
    values = list(dict.fromkeys(item.value for item in items.values()))
    own = {
        name: [_column_of(items, v, name) for v in values]
        for name in _item_fields(contract, items)
    }
    table.rows = [row for row in sources for _ in values]
    table.extra = {
        name: [v for v in cells for _ in values] for name, cells in table.extra.items()
    }
    shared = {name: cells for name, cells in table.cells.items() if name not in own}
    counted = contract.shape["wide"].get("once", ())
    table.once = frozenset(
        n for n in shared if contract.column(n).kind == "money" or n in counted
    )
    table.cells = {
        n: [_share(v, i, n in table.once) for v in c for i in range(len(values))]
        for n, c in shared.items()
    }
    for name, columns in own.items():
        table.cells[name] = [
            None if c is None else rows[row - 1][c] for row in sources for c in columns
        ]
        table.places[name] = [_place(understanding, name, c) for c in columns] * len(
            sources
        )
    table.cells[number] = [value for _ in sources for value in values]


def _column_of(items: Mapping[int, Item], value: object, name: str) -> int | None:
    mine = [column for column, item in items.items() if item.value == value]
    return next((c for c in mine if items[c].field == name), None)


def _share(value: CellValue, nth: int, once: bool) -> CellValue:
    """Return what stands once on a row for the nth of its records: an amount goes to the first, the sum stays right."""
    return None if once and nth else value


def _place(
    understanding: HeaderMatching, name: str, column: int | None
) -> MatchedColumn:
    if column is None:
        return MatchedColumn(
            name, 0, understanding.contract.column(name).header, "alias"
        )
    return MatchedColumn(name, column + 1, understanding.item_headers[column], "alias")
