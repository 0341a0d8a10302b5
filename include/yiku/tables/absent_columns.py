"""Columns that a list must have and a table has not (L06)."""

from __future__ import annotations

from collections.abc import Sequence

from yiku.contracts import Column, Contract, load_codes
from yiku.tables import reshape
from yiku.tables.known_headers import must_stand
from yiku.tables.table import Problem, Table
from yiku.tables.value_profile import cell_text, clean_text


def absent_columns(
    table: Table,
    contract: Contract,
    unclear: set[str],
) -> list[Problem]:
    """Say which columns the list must have and this table has not (L06).

    Stages that have not come yet are excused, and ``unclear`` columns, of which
    another problem speaks.
    """
    later = reshape.absent_stage_columns(contract, table.matched)
    excused = {*table.matched, *later, *unclear}
    absent: list[Column] = []
    for column in contract.columns:
        if column.name in excused or not must_stand(column):
            continue
        if not _some_do_without(column, table, contract):
            absent.append(column)
    # one problem for all of them: the sheet is held once
    if not absent:
        return []
    facts: dict[str, object] = {
        "headers": "、".join(column.header for column in absent),
        "fields": tuple(column.name for column in absent),
        "sheet": table.sheet,
    }
    return [("L06", facts)]


def _some_do_without(
    column: Column,
    table: Table,
    contract: Contract,
) -> bool:
    """Return whether a row says what makes it do without the column.

    No code where nobody is registered. Then the rows are judged one by one, and those
    that need it go back by themselves (R01).
    """
    for name, words in column.required_unless.items():
        if _is_excused(table, contract.column(name), words):
            return True
    return False


def _is_excused(
    table: Table,
    column: Column,
    words: Sequence[object],
) -> bool:
    """Return whether some row has one of ``words`` in ``column``."""
    codes = load_codes()[column.codes or ""]
    # a table without that column says for no row what would excuse it
    values = table.cells.get(column.name) or [None] * len(table.rows)
    for value in values:
        if codes.label(clean_text(cell_text(value))) in words:
            return True
    return False
