"""Stack the tables of a batch by list, and link and compare their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from yiku.batch.brought_back import (
    accept_proposals,
    confirm_references,
    references_of,
    take_decisions,
    withdrawn_in,
)
from yiku.batch.files import Known, SheetRead
from yiku.checking.frame import UNTIL
from yiku.cleaning.date_rules import last_day
from yiku.comparison.content import business_keys, fingerprints
from yiku.comparison.rival_claims import Loss, add_spell, losses_within
from yiku.comparison.row_comparison import compare
from yiku.contracts import Contract, load_contracts
from yiku.gazetteer.places import Gazetteer
from yiku.intake.file_read import FileRead
from yiku.register.column_values import as_column, values_of
from yiku.register.link import is_person_id, link
from yiku.register.snapshot import RegisterSnapshot


@dataclass
class Stack:
    """All rows of one list in the batch, one frame with a unique ``ref``, and the earlier rows beside them.

    ``is_decided``: what its rows give way to was decided beside all that was loaded, and not in this batch.
    """

    contract: Contract
    frame: pd.DataFrame
    loaded: pd.DataFrame
    is_decided: bool = False


def tables_of(reads: Sequence[FileRead]) -> list[SheetRead]:
    """Give every table that could be read a number."""
    found: list[SheetRead] = []
    for read in reads:
        if read.reading is None:
            continue
        for position in range(len(read.reading.tables)):
            found.append(SheetRead(len(found), read, position))
    return found


def with_origin(sheets: Sequence[SheetRead]) -> pd.DataFrame:
    """Return the rows of some tables of one list, all cleaned, in one frame, with where and when they come from."""
    frame = pd.concat(
        [sheet.content.frame for sheet in sheets], ignore_index=True
    )
    columns: dict[str, list[Any]] = defaultdict(list)
    for sheet in sheets:
        row_nos = values_of(sheet.content.frame, "row_no")
        row_count = len(row_nos)
        for name, value in _origin(sheet).items():
            columns[name] += [value] * row_count
        columns["reference"] += references_of(sheet, row_nos)
        columns["withdrawn"] += withdrawn_in(sheet, row_nos)
        columns["decided"] += [
            sheet.decided.get(row) for row in range(row_count)
        ]
    withdrawn = columns.pop("withdrawn")
    for name, values in columns.items():
        frame[name] = as_column(values, frame)
    # a column of truth values to pandas: masks are made of it
    frame["withdrawn"] = withdrawn
    for name, days in _imprecise(sheets).items():
        frame[name + UNTIL] = as_column(map(days.get, frame.index), frame)
    return frame


def _origin(sheet: SheetRead) -> dict[str, object]:
    return {
        "submission_id": sheet.arrival.submission_id,
        "sheet_ref": sheet.ref,
        "county_code": sheet.arrival.county_code,
        "unit_code": sheet.arrival.unit_code,
        "period_of_file": sheet.period,
        "as_of": sheet.as_of,
        "fill_date": sheet.fill_date,
        "saved_at": sheet.reading.saved_at,
        "received_at": sheet.arrival.received_at,
        "version": sheet.version,
    }


def _imprecise(sheets: Sequence[SheetRead]) -> Mapping[str, dict[int, date]]:
    """Return, by column and position in all rows, the last day of what was written as a month or a year alone."""
    found: dict[str, dict[int, date]] = defaultdict(dict)
    first = 0
    for sheet in sheets:
        frame = sheet.content.frame
        for (position, name), marks in sheet.content.quality.items():
            precision = marks.get("precision")
            if not precision:
                continue
            written = frame[name].iat[position]
            if isinstance(written, date):
                found[name][first + position] = last_day(written, precision)
        first += len(frame)
    return found


def stack(
    sheets: Sequence[SheetRead], known: Known
) -> tuple[list[Stack], Gazetteer]:
    """Return one stack for each list, linked to the register and compared, and the places that were looked up in."""
    by_list: dict[str, list[SheetRead]] = defaultdict(list)
    for sheet in sheets:
        if sheet.cleaned is not None:
            by_list[sheet.table.list_code].append(sheet)
    together = [sheet for group in by_list.values() for sheet in group]
    # Before the frames are put together, for both write numbers into those of
    # the sheets. What officers decided comes last and outweighs what a clerk
    # agreed to.
    accept_proposals(together, known)
    take_decisions(together, known.decisions())
    frames = {code: with_origin(group) for code, group in by_list.items()}
    counties = sorted({sheet.arrival.county_code for sheet in sheets})
    # A province's register is many times a batch: only whom these numbers and
    # counties can mean is asked for.
    snapshot = known.snapshot(_ids(frames), counties)
    stacks = []
    # By code, and not as the files came: a batch that is run again does the
    # same things in the same order.
    for code in sorted(frames):
        stacks.append(
            _stack_one(code, frames[code], by_list[code], snapshot, known)
        )
    return stacks, snapshot.gazetteer


def _ids(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return all ID numbers in some lists, each once."""
    numbers: set[str] = set()
    for code, frame in frames.items():
        column = load_contracts()[code].person_id
        if column:
            typed = set(values_of(frame, column))
            numbers.update(number for number in typed if is_person_id(number))
    return sorted(numbers)


def _stack_one(
    code: str,
    frame: pd.DataFrame,
    sheets: Sequence[SheetRead],
    snapshot: RegisterSnapshot,
    known: Known,
) -> Stack:
    contract = load_contracts()[code]
    originals = _originals(sheets, contract)
    linked = link(frame, contract, snapshot, originals)
    linked["business_date"] = as_column(
        [known.business_date] * len(linked), linked
    )
    if "period" not in linked:  # a list with a period of its own keeps it
        linked["period"] = linked["period_of_file"]
    add_spell(linked, contract)
    # The content before the key: a row without any whole key is told by it.
    linked["content_hash"] = as_column(fingerprints(linked, contract), linked)
    linked["key"] = as_column(business_keys(linked, contract), linked)
    confirm_references(linked, contract, known)
    loaded = known.loaded(code, linked)
    decided = _decided_losses(sheets, known)
    losses = (
        losses_within(linked, contract, loaded) if decided is None else decided
    )
    compared = compare(linked, contract, losses, snapshot.gazetteer)
    # Tables stand one behind the other, so that the rows of each are a span of
    # these numbers.
    compared["ref"] = range(len(compared))
    return Stack(contract, compared, loaded, is_decided=decided is not None)


def _decided_losses(
    sheets: Sequence[SheetRead], known: Known
) -> list[Loss] | None:
    """Return what was decided of each row of some sheets beside all that was loaded; None where nothing was."""
    if known.losses is None:
        return None
    found: list[Loss] = []
    for sheet in sheets:
        row_nos = values_of(sheet.content.frame, "row_no")
        number, table = sheet.arrival.submission_id, sheet.table
        found += known.losses(number, table.sheet, table.part, row_nos)
    return found


def _originals(
    sheets: Iterable[SheetRead], contract: Contract
) -> list[str | None]:
    """Return by row what stood in the ID column where it was not understood."""
    column = contract.person_id or ""
    found: list[str | None] = []
    for sheet in sheets:
        original = sheet.content.original
        rows = range(len(sheet.content.frame))
        found += [original.get((row, column)) for row in rows]
    return found


def slice_values(
    values: Mapping[tuple[int, str], Any],
) -> dict[int, dict[str, Any]]:
    """Turn values by (position, field) into values by position."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for (position, name), value in values.items():
        found[position][name] = value
    return dict(found)
