"""A table cleaned column by column: each distinct value is parsed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from yiku.cleaning.cells_together import (
    ask_for_unit,
    compare_columns,
    put_in_place,
    take_ends,
)
from yiku.cleaning.choices import ChoiceReader
from yiku.cleaning.cleaned import (
    Cleaned,
    CleaningContext,
)
from yiku.cleaning.column_parsers import (
    Desk,
)
from yiku.cleaning.column_reading import (
    TableWork,
    formula_notes,
    read_column,
    reread_special,
)
from yiku.contracts.codes import CodeList
from yiku.contracts.contract import Contract
from yiku.tables.table import Table

_CHOICES: dict[tuple[str, bool, str], ChoiceReader] = {}


def _frame(work: TableWork) -> pd.DataFrame:
    """Put the columns side by side as one block of objects.

    Typed by us, never guessed by pandas.
    """
    table = work.table
    height = len(table.rows)
    columns: dict[str, Sequence[object]] = {}
    for name in work.contract.names:
        columns[name] = work.columns.get(name, [None] * height)
    columns["row_no"] = table.rows
    columns["sheet"] = [table.sheet] * height
    columns["part"] = [table.part] * height
    # pandas would make one array a column, and guess what is in it
    shape = (len(columns), height)
    block: np.ndarray[Any, np.dtype[np.object_]] = np.empty(
        shape, dtype=object
    )
    for number, values in enumerate(columns.values()):
        block[number] = np.fromiter(values, dtype=object, count=height)
    return pd.DataFrame(
        block.T, columns=list(columns), dtype=object, copy=False
    )


def clean_table(
    table: Table,
    contract: Contract,
    codes: Mapping[str, CodeList],
    context: CleaningContext,
) -> Cleaned:
    """Bring a table's cells to the types of its contract.

    Everything that was met on the way is noted. Nothing that a clerk typed makes it
    raise; a contract that names an unknown kind or code list does (KeyError).
    """
    work = TableWork(table, contract, Desk(table, codes, context, _CHOICES))
    for column in contract.columns:
        cells = table.cells.get(column.name)
        if cells is None:
            work.columns[column.name] = [None] * len(table.rows)
            continue
        read_column(work, column, cells)
        reread_special(work, column)
        work.note(formula_notes(work, column))
    # the end of an interval must stand before cells are compared
    take_ends(work)
    compare_columns(work)
    put_in_place(work)
    money = [column for column in contract.columns if column.kind == "money"]
    ask_for_unit(work, money)
    work.cleaned.frame = _frame(work)
    return work.cleaned
