"""The facts of a session that stand once above its table, as label and value.

讲师：王建国  地点：大石镇政府. The contract's ``shape`` names their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from yiku.contracts import Contract
from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.header_vocabulary import vocabulary
from yiku.tables.sheet_metadata import LABELS

# a label among several in one cell: 时间：3月1日 地点：大石镇
_LABEL = re.compile(r"([^\s:,;，；、。()（）]{1,12})\s*:")
_AROUND_VALUE = " ,;，；、"

Rows = Sequence[Sequence[CellValue]]


class _Label(NamedTuple):
    """A label in a text: the column that it names, where it begins and its value."""

    field: str
    start: int
    value_start: int


class _Fact(NamedTuple):
    """What a label says; ``is_beside`` when its value stands in the next cell."""

    field: str
    value: CellValue
    is_beside: bool


def session_facts(contract: Contract, above: Rows) -> dict[str, CellValue]:
    """Read the facts of a session that stand as label and value above its table."""
    found: dict[str, CellValue] = {}
    if "session" not in contract.shape:
        return found
    for row in above:
        for facts in _facts_by_cell(contract, row):
            for fact in facts:
                found.setdefault(fact.field, fact.value)
    return found


def first_fact(
    sessions: Sequence[Contract],
    rows: Rows,
    top: int,
) -> int:
    """Return the first of the rows (from 0) right above ``top`` with session facts.

    ``top`` itself when the row above it tells none.
    """
    while top and any(
        _tells_facts(contract, rows[top - 1]) for contract in sessions
    ):
        top -= 1
    return top


def _tells_facts(contract: Contract, row: Sequence[CellValue]) -> bool:
    """Return whether most of what stands on a line are facts of a session.

    A row that only mentions one is not such a line.
    """
    cells = told = 0
    for facts in _facts_by_cell(contract, row):
        cells += 1
        if facts:
            # a value in the next cell makes that cell one of the facts as well
            told += 2 if facts[-1].is_beside else 1
    return told > 0 and told * 2 >= cells


def _facts_by_cell(
    contract: Contract,
    row: Sequence[CellValue],
) -> Iterator[list[_Fact]]:
    """Yield for each filled cell of a row the facts of a session that it tells."""
    columns = contract.shape["session"].get("columns", ())
    exact = vocabulary(contract).exact
    cells = [cell for cell in row if cell is not None]
    # blanks of merged cells between label and value do not count
    neighbours = [*cells[1:], None]
    for cell, beside in zip(cells, neighbours, strict=False):
        yield [
            fact
            for fact in _labelled(cell, beside, exact)
            if fact.field in columns and fact.value is not None
        ]


def _labelled(
    cell: CellValue,
    beside: CellValue,
    exact: Mapping[str, str],
) -> Iterator[_Fact]:
    """Yield what the labels in a cell name, with what follows each.

    It follows in the cell, or behind the last label in the next one.
    """
    if not isinstance(cell, str):
        return
    text = cell.replace("：", ":")
    labels = list(_labels(text, exact))
    starts = [label.start for label in labels[1:]]
    for label, end in zip(labels, [*starts, len(text)], strict=False):
        written = text[label.value_start : end].strip(_AROUND_VALUE)
        if written:
            yield _Fact(label.field, written, False)
        elif label is labels[-1] and not _is_label(beside, exact):
            yield _Fact(label.field, beside, True)
        else:
            yield _Fact(label.field, None, False)


def _labels(text: str, exact: Mapping[str, str]) -> Iterator[_Label]:
    """Yield the labels of a text that name a column of the list."""
    whole = text.partition(":")[0]
    if text.count(":") <= 1:
        # a lone label may hold spaces and brackets: 培训 时间（起）：
        name = _named(whole, exact)
        if name:
            yield _Label(name, 0, len(whole) + 1)
            return
    for match in _LABEL.finditer(text):
        name = _named(match[1], exact)
        if name:
            yield _Label(name, match.start(), match.end())


def _named(text: str, exact: Mapping[str, str]) -> str | None:
    """Return the column that a label names, None for any other text."""
    for key in header_text.keys(text):
        if key in exact:
            return exact[key]
    return None


def _is_label(cell: CellValue, exact: Mapping[str, str]) -> bool:
    """Return whether a cell names the next fact: the one before was left blank.

    讲师： | 地点：大石镇 has no lecturer.
    """
    text = cell.replace("：", ":") if isinstance(cell, str) else ""
    label = text.partition(":")[0]
    if _named(label, exact) is not None:
        return True
    return re.sub(r"\s+", "", label) in LABELS
