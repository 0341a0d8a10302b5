"""The share of a batch that one process settles, from the suites' verdicts to the fate of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from yiku.batch.claims import among_standing
from yiku.batch.faulty_files import Deliver, deliver_each
from yiku.batch.files import SheetRead
from yiku.batch.stack import Stack, slice_values
from yiku.batch.withdrawn import without_withdrawn
from yiku.batch.work_lists_back import hits_of
from yiku.checking.findings import (
    FileOutcome,
    JudgedTable,
    SheetFacts,
    SheetHit,
    SheetOutcome,
    Verdicts,
)
from yiku.checking.noted_cells import notes_frame
from yiku.checking.outcomes import refuse, sent_back, settle_file
from yiku.cleaning.cleaned import Note
from yiku.comparison.unchanged import fate_hints
from yiku.contracts import Contract, load_contracts, load_rules
from yiku.gazetteer.places import Gazetteer
from yiku.intake.file_read import FileRead
from yiku.warehouse.settled import Settled, TableRows

if TYPE_CHECKING:
    from yiku.checking.validation import Checker

T = TypeVar("T")


def settle_part(
    reads: Sequence[FileRead],
    sheets: Sequence[SheetRead],
    stacks: Sequence[Stack],
    gazetteer: Gazetteer,
    facts: Mapping[int, SheetFacts],
    checker: Checker,
    deliver: Deliver[T],
) -> list[T]:
    """Judge the files ``reads`` of a batch, settle each and deliver it; return what that gives.

    ``sheets``, ``stacks`` and ``facts`` are those of the whole batch.
    """
    numbers = {read.arrival.submission_id for read in reads}
    own = [sheet for sheet in sheets if sheet.arrival.submission_id in numbers]
    frames = {
        stack.contract.code: _rows_of_files(stack.frame, numbers)
        for stack in stacks
    }
    own_facts = [facts[sheet.ref] for sheet in own]
    verdicts = checker.judge(frames, _notes_of(own), own_facts)
    part = _Part(own, frames, verdicts)
    part.verdicts = among_standing(
        stacks, list(part.tables.values()), verdicts, gazetteer, checker
    )
    # Only now is it known what goes back: a row that does cannot stand in for
    # the one that repeats it.
    part.hint({stack.contract.code: stack.loaded for stack in stacks})
    return deliver_each([part.settle(read) for read in reads], deliver)


def _rows_of_files(frame: pd.DataFrame, numbers: set[int]) -> pd.DataFrame:
    return frame[frame["submission_id"].isin(numbers)].copy()


def _notes_of(sheets: Sequence[SheetRead]) -> pd.DataFrame:
    """Return what cleaning noted in the cells of some sheets, as the suite of noted cells judges it."""
    noted: list[tuple[int, Contract, Sequence[Note]]] = []
    for sheet in sheets:
        if sheet.cleaned is not None:
            contract = load_contracts()[sheet.table.list_code]
            noted.append((sheet.ref, contract, sheet.cleaned.notes))
    return notes_frame(noted)


class _Part:
    """The share of a batch that one process settles: whole senders, so that versions of a row stand side by side."""

    def __init__(
        self,
        sheets: Sequence[SheetRead],
        frames: Mapping[str, pd.DataFrame],
        verdicts: Verdicts,
    ) -> None:
        self.verdicts = verdicts
        self.rows: dict[int, pd.DataFrame] = {}
        for frame in frames.values():
            for ref, rows in frame.groupby("sheet_ref"):
                self.rows[int(str(ref))] = rows
        self.sheets = {sheet.ref: sheet for sheet in sheets}
        self.tables = {sheet.ref: self._judged(sheet) for sheet in sheets}

    def _judged(self, sheet: SheetRead) -> JudgedTable:
        judged = JudgedTable(
            sheet.ref, sheet.table, sheet.period, sheet.table.rows
        )
        rows = self.rows.get(sheet.ref)
        if rows is not None:
            judged.row_nos = list(rows["row_no"])
        if rows is not None and len(rows):
            judged.first_ref = int(rows["ref"].iloc[0])
        if sheet.cleaned is not None:
            judged.original = sheet.cleaned.original
        return judged

    def hint(self, loaded: Mapping[str, pd.DataFrame]) -> None:
        """Say of each row that passes whether it changes anything, beside the other files and what was loaded."""
        for code, before in loaded.items():
            mine = [
                table
                for table in self.tables.values()
                if table.template == code and table.sheet_ref in self.rows
            ]
            if mine:
                self._hint_list(mine, before)

    def _hint_list(
        self, tables: Sequence[JudgedTable], loaded: pd.DataFrame
    ) -> None:
        """Say it of the rows of the tables of one list."""
        passing = np.concatenate(
            [~sent_back(table, self.verdicts) for table in tables]
        )
        together = pd.concat([self.rows[table.sheet_ref] for table in tables])
        hints = fate_hints(together, passing, loaded)
        for table in tables:
            row_count = len(table.row_nos)
            table.hints, hints = hints[:row_count], hints[row_count:]

    def settle(self, read: FileRead) -> Settled:
        """Settle one file of the part."""
        number = read.arrival.submission_id
        if read.refused is not None:
            hit = _refusing_hit(read.refused)
            return Settled(read, settle_file(number, [], self.verdicts, [hit]))
        mine = [
            sheet
            for sheet in self.sheets.values()
            if sheet.arrival.submission_id == number
        ]
        judged = [self.tables[sheet.ref] for sheet in mine]
        outcome = _outcome(read, judged, self.verdicts)
        if outcome.sheets:
            withdrawn = [self._withdrawn(sheet) for sheet in mine]
            outcome = without_withdrawn(outcome, withdrawn)
        return Settled(read, outcome, self._tables(mine, outcome))

    def _withdrawn(self, sheet: SheetRead) -> frozenset[int]:
        rows = self.rows.get(sheet.ref)
        if rows is None:
            return frozenset()
        return frozenset(np.flatnonzero(rows["withdrawn"]))

    def _tables(
        self, sheets: Sequence[SheetRead], outcome: FileOutcome
    ) -> list[TableRows]:
        """Return the rows of the tables of a file that a list fits and that were not refused."""
        found: list[TableRows] = []
        for sheet, became in zip(sheets, outcome.sheets, strict=True):
            if became.fates and sheet.template:
                found.append(self._table_rows(sheet, became))
        return found

    def _table_rows(
        self, sheet: SheetRead, outcome: SheetOutcome
    ) -> TableRows:
        rows, cleaned = self.rows[sheet.ref].copy(deep=False), sheet.content
        rows["fate"] = [fate.fate for fate in outcome.fates]
        rows["fate_rule"] = [fate.rule for fate in outcome.fates]
        return TableRows(
            outcome=outcome,
            frame=rows,
            quality=_with_links(slice_values(cleaned.quality), rows),
            original=slice_values(cleaned.original),
            extra=_beside(sheet.table.extra),
        )


def _refusing_hit(refused: tuple[str, Mapping[str, object]]) -> SheetHit:
    rule, facts = refused
    return SheetHit(rule, load_rules()[rule].verdict, facts)


def _beside(extra: Mapping[str, Sequence[Any]]) -> dict[int, dict[str, Any]]:
    """Turn what stands below headers that nobody knows into values by position."""
    found: dict[tuple[int, str], Any] = {}
    for header, values in extra.items():
        for position, value in enumerate(values):
            if value is not None:
                found[position, header] = value
    return slice_values(found)


def _with_links(
    quality: dict[int, dict[str, Any]], rows: pd.DataFrame
) -> dict[int, dict[str, Any]]:
    """Keep beside a row who was proposed for it, for the day that a clerk answers 同意, and which row it answers."""
    for name in ("proposal", "reference"):
        for position, value in enumerate(rows[name]):
            if value is not None:
                quality.setdefault(position, {})[name] = value
    return quality


def _outcome(
    read: FileRead, judged: Sequence[JudgedTable], verdicts: Verdicts
) -> FileOutcome:
    """Settle one file that could be read."""
    number = read.arrival.submission_id
    listed = read.reading.work_list if read.reading else None
    if listed is None:
        return settle_file(number, judged, verdicts, _unread(read))
    told = hits_of(listed)
    # Answers without a row, or none at all: there is nothing to hold.
    if not judged:
        return refuse(number, told, "loaded", None)
    return settle_file(number, judged, verdicts, told)


def _unread(read: FileRead) -> list[SheetHit]:
    """Tell of the sheets that were passed over though they hold data, and of a workbook with nothing to read at all."""
    if read.reading is None:
        return []
    skipped = [
        unread.sheet
        for unread in read.reading.unread
        if unread.why == "no_header"
    ]
    if read.reading.tables:
        return [SheetHit("L14", "W", {"sheet": sheet}) for sheet in skipped]
    # Data below no header that is understood may be last year's template: that
    # is held and asked about. A workbook of empty sheets is refused, for there
    # is nothing to ask.
    if not skipped:
        return [SheetHit("F06", "F", {})]
    named = "、".join(sheet for sheet in skipped if sheet)
    return [SheetHit("F12", "S", {"sheet": named})]
