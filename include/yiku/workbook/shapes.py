"""Lists that come in another shape than one row a record, one column a field. The contract's ``shape`` says which.

``wide``: ``{item: item_no, into: done, items: [{value: 1, headers: [...]}, ...]}`` one column an item; each row
becomes as many rows as there are items, all with the row number of the sheet.
``session``: ``{columns: [session_no, held_on, ...]}`` facts that stand once above the table, or as columns.
``stages``: ``[{columns: [...]}, ...]`` groups of columns that may be missing while the stage has not come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yiku.contracts import CodeList, Contract
from yiku.workbook import headers
from yiku.workbook.envelope import read_day
from yiku.workbook.model import CellValue, Table, Understood
from yiku.workbook.spans import share_spans
from yiku.workbook.understand import (
    Heading,
    Match,
    Understanding,
    lookups,
    quick_score,
    understand,
    vocabulary,
)

Rows = Sequence[Sequence[CellValue]]


def quick(contract: Contract, headings: list[Heading], above: Rows) -> float:
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
    headings: list[Heading],
    above: Rows,
    codes: Mapping[str, CodeList],
    confirmed: Mapping[tuple[str, str], str],
) -> Understanding:
    """Understand the headers of a table, and whatever the list's shape puts elsewhere."""
    items = _items(contract, headings)
    plain = [h for h in headings if h.column not in items]
    result = understand(contract, plain, codes, confirmed)
    share_spans(result)
    result.items = items
    for name in _item_fields(contract, items):
        heading = next(h for h in headings if h.column in items)
        result.matches[name] = Match(name, heading, "alias", 1.0)
    result.facts = {n: v for n, v in session_facts(contract, above).items() if n not in result.matches}
    return result


def _item_fields(contract: Contract, items: Mapping[int, Any]) -> tuple[str, ...]:
    wide = contract.shape.get("wide")
    return (wide["item"], wide["into"]) if wide and items else ()


def _items(contract: Contract, headings: Sequence[Heading]) -> dict[int, Any]:
    """Return the columns (from 0) that stand for items, with the value of the item; none unless two are found."""
    wide = contract.shape.get("wide")
    if not wide:
        return {}
    named = {key: item["value"] for item in wide["items"] for h in item["headers"] for key in headers.keys(str(h))}
    found: dict[int, Any] = {}
    for heading in headings:
        value = next((named[key] for key in lookups(heading.levels) if key in named), None)
        if value is not None and value not in found.values():
            found[heading.column] = value
    return found if len(found) > 1 else {}


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
            if not isinstance(cell, str):
                continue
            label, _, rest = cell.replace("：", ":").partition(":")
            name = next((exact[k] for k in headers.keys(label) if k in exact), None)
            value: CellValue = rest.strip() or (cells[at + 1] if at + 1 < len(cells) else None)
            if name is not None and name in columns and value is not None:
                found.setdefault(name, value)
    return found


def absent_stage_columns(contract: Contract, present: Mapping[str, Understood]) -> frozenset[str]:
    """Return the columns of stages of which the table has none: they have not come yet."""
    stages = contract.shape.get("stages", ())
    gone = [stage["columns"] for stage in stages if not any(name in present for name in stage["columns"])]
    return frozenset(name for columns in gone for name in columns)


def reshape(table: Table, contract: Contract, understanding: Understanding, rows: Rows) -> None:
    """Bring a table to one row a record: session facts on every row, one row an item."""
    for name, value in understanding.facts.items():
        day = read_day(value) if contract.column(name).kind == "date" else None
        table.cells[name] = [day or value] * len(table.rows)
        table.understood = {**table.understood, name: Understood(name, 0, contract.column(name).header, "alias")}
    if understanding.items:
        _unpivot(table, contract.shape["wide"], understanding.items, rows)


def _unpivot(table: Table, wide: Mapping[str, Any], items: Mapping[int, Any], rows: Rows) -> None:
    sources, kept = list(table.rows), {n: v for n, v in table.cells.items() if n not in (wide["item"], wide["into"])}
    count = len(items)
    table.rows = [row for row in sources for _ in range(count)]
    table.cells = {name: [v for v in values for _ in range(count)] for name, values in kept.items()}
    table.extra = {name: [v for v in values for _ in range(count)] for name, values in table.extra.items()}
    table.cells[wide["item"]] = [value for _ in sources for value in items.values()]
    table.cells[wide["into"]] = [rows[row - 1][column] for row in sources for column in items]
