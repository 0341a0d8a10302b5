"""What the suites found of the rows of one table, as its clerk is told of it: row by row, or once for all of a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import numpy as np

from yiku.checking.findings import (
    Failed,
    Finding,
    JudgedNote,
    JudgedTable,
    Verdicts,
)
from yiku.contracts import load_contracts

MISSING = frozenset({"R01", "R02"})
# An open end ("至今") leaves a date empty on purpose.
ANSWERED = "T07"
# More row numbers than these no clerk looks up one by one.
ROWS_NAMED = 20

_Cells = AbstractSet[tuple[int, str | None]]


def row_findings(table: JudgedTable, verdicts: Verdicts) -> list[Finding]:
    """Return what is told of the rows of a table, each cell and rule once."""
    notes = verdicts.notes.get(table.sheet_ref, ())
    failed = [
        failure
        for failure in verdicts.rows.get(table.template or "", ())
        if not _is_column_missing(failure, table)
    ]
    blank = [
        failure
        for failure in failed
        if failure.rule == "R02" and _is_never_there(failure, table)
    ]
    found = [*_from_notes(table, notes), *_never_filled(table, blank)]
    answered = _answered_cells(table, notes)
    for failure in failed:
        if failure in blank or failure.verdict == "A":
            continue
        silent = answered if failure.rule in MISSING else frozenset()
        found += _from_rule(table, failure, silent)
    found += _counted_repairs(table, failed)
    found += _repeats(table, failed)
    return _first_words(found)


def twins(table: JudgedTable, failed: Iterable[Failed]) -> dict[int, str]:
    """Return the rows that repeat an earlier one of their sheet: a repair that drops the row.

    Where the earlier one was sent back for a fault of its own the row stands in for it: its hint says so.
    """
    repeats: dict[int, str] = {}
    for failure in failed:
        if failure.verdict == "A" and failure.drops:
            for position in _rows_of(failure, table):
                repeats[position] = failure.rule
    hints = table.hints
    if hints is None:
        return repeats
    return {
        position: rule
        for position, rule in repeats.items()
        if hints[position] is not None
    }


def finding_about(
    table: JudgedTable | None,
    position: int | None,
    field: str | None,
    rule: str,
    verdict: str,
    facts: Mapping[str, Any],
) -> Finding:
    """Return a finding about a row, a table as a whole (no position), or a file (no table)."""
    if table is None:
        return Finding(0, None, None, field, rule, verdict, facts)
    row_no, written = None, None
    if position is not None:
        row_no = table.row_nos[position]
        if field is not None:
            written = table.original.get((position, field))
    if written is not None:
        facts = {**facts, "value": written}
    return Finding(
        file=0,  # put in when the file is put together
        sheet=table.table.sheet,
        row_no=row_no,
        field=field,
        rule=rule,
        verdict=verdict,
        facts=facts,
        template=table.template,
        header=_header(table, field, position),
        part=table.table.part,
        position=position,
    )


def counted(
    table: JudgedTable,
    field: str | None,
    rule: str,
    verdict: str,
    positions: Sequence[int],
) -> Finding:
    """Return one finding for several rows: how many they are, and the first of them by number."""
    rows = [table.row_nos[position] for position in positions]
    named = "、".join(map(str, rows[:ROWS_NAMED]))
    if len(rows) > ROWS_NAMED:
        named += "等"
    facts = {"n": len(rows), "rows": named}
    return finding_about(table, None, field, rule, verdict, facts)


def _first_words(found: Sequence[Finding]) -> list[Finding]:
    """Leave out who speaks of a cell and a rule that somebody has spoken of; the order is that of the last words."""
    heard: dict[tuple[int | None, str | None, str], Finding] = {}
    # Reversed, for of equal keys a dictionary keeps the last value.
    for finding in reversed(found):
        cell = (finding.position, finding.field, finding.rule)
        heard[cell] = finding
    return list(reversed(heard.values()))


def _answered_cells(table: JudgedTable, notes: Iterable[JudgedNote]) -> _Cells:
    """Return the cells that may be blank: what they say stands elsewhere, or was told otherwise."""
    # A cell that could not be read is empty for that very reason: told as
    # missing too it would look like two faults.
    told = {
        (note.position, note.field)
        for note in notes
        if note.verdict != "A" or note.rule == ANSWERED
    }
    return table.elsewhere | told


def _is_column_missing(failed: Failed, table: JudgedTable) -> bool:
    """Return whether a column that must be filled is not on the sheet at all: that is a fact about the sheet (L06)."""
    if failed.rule != "R01" or failed.conditional:
        return False
    return bool(table.headers) and failed.field not in table.headers


def _is_never_there(failed: Failed, table: JudgedTable) -> bool:
    """Return whether what should be filled has no column, or an empty one: the sheet's finding says it for all rows."""
    blank_count = len(_places(failed, table))
    if blank_count == 0:
        return False
    if table.headers and failed.field not in table.headers:
        return True
    return not failed.conditional and blank_count == len(table.row_nos)


def _places(failed: Failed, table: JudgedTable) -> range:
    """Return where in ``failed.refs`` the rows of the table stand."""
    limits = (table.first_ref, table.first_ref + len(table.row_nos))
    # Refs are sorted and a table's rows are a span of them: looking at each
    # row for each table would be quadratic in a batch of many sheets.
    first, last = np.searchsorted(failed.refs, limits)
    return range(int(first), int(last))


def _rows_of(failed: Failed, table: JudgedTable) -> list[int]:
    """Return the positions in the table of the rows that a rule names."""
    refs = failed.refs
    return [
        int(refs[place]) - table.first_ref for place in _places(failed, table)
    ]


def _from_rule(
    table: JudgedTable, failed: Failed, silent: _Cells
) -> Iterator[Finding]:
    """Yield a finding for each row that a rule names, but of the ``silent`` cells."""
    for place in _places(failed, table):
        position = int(failed.refs[place]) - table.first_ref
        if (position, failed.field) in silent:
            continue
        facts = {
            name: values[place]
            for name, values in failed.facts.items()
            if values[place] is not None
        }
        yield finding_about(
            table, position, failed.field, failed.rule, failed.verdict, facts
        )


def _from_notes(
    table: JudgedTable, notes: Iterable[JudgedNote]
) -> Iterator[Finding]:
    """Yield one finding for each note that asks something of the clerk, and one for all repairs of a kind."""
    repaired: dict[tuple[str, str], list[int]] = defaultdict(list)
    for note in notes:
        if note.verdict == "A":
            repaired[note.field, note.rule].append(note.position)
            continue
        yield finding_about(
            table,
            note.position,
            note.field,
            note.rule,
            note.verdict,
            note.facts,
        )
    for (field, rule), positions in repaired.items():
        yield counted(table, field, rule, "A", positions)


def _never_filled(
    table: JudgedTable, blank: Iterable[Failed]
) -> Iterator[Finding]:
    """Tell once for all rows which columns that should be filled are not filled in any of them."""
    headers = [_header(table, failure.field) or "" for failure in blank]
    if headers:
        all_rows = range(len(table.row_nos))
        told = counted(table, None, "R02", "W", all_rows)
        yield replace(told, header="、".join(headers))


def _counted_repairs(
    table: JudgedTable, failed: Iterable[Failed]
) -> Iterator[Finding]:
    """Tell of each repair how many rows it concerns."""
    for failure in failed:
        if failure.verdict != "A" or failure.drops:
            continue
        positions = _rows_of(failure, table)
        if positions:
            yield counted(table, failure.field, failure.rule, "A", positions)


def _repeats(
    table: JudgedTable, failed: Iterable[Failed]
) -> Iterator[Finding]:
    """Tell of each kind of repetition how many rows it drops."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for position, rule in sorted(twins(table, failed).items()):
        by_rule[rule].append(position)
    for rule, positions in by_rule.items():
        yield counted(table, None, rule, "A", positions)


def _header(
    table: JudgedTable, field: str | None, position: int | None = None
) -> str | None:
    """Return what the clerk calls a column: the header on the sheet, else that of the template."""
    if field is None:
        return None
    on_sheet = table.header(field, position)
    if on_sheet:
        return on_sheet
    contract = load_contracts().get(table.template or "")
    if contract is None or not contract.has(field):
        return None
    return contract.column(field).header
