"""Stack the tables of a batch by list, and link and compare their rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any

import pandas as pd

from yiku.batch.files import FileRead, Known, SheetRead
from yiku.batch.period import as_of_day, month_of
from yiku.checking.frame import UNTIL
from yiku.cleaning.dates import last_day
from yiku.comparison.answered_rows import answers, identity_columns
from yiku.comparison.content import business_keys, fingerprints
from yiku.comparison.rival_claims import Loss, add_spell, losses_within
from yiku.comparison.row_comparison import compare
from yiku.contracts import Contract, load_contracts
from yiku.formats.return_marks import (
    ACCEPT_WORD,
    WITHDRAW_WORD,
    answer_in,
    reference_of,
)
from yiku.gazetteer.places import Gazetteer
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.decisions import LinkDecisions
from yiku.register.link import is_person_id, link
from yiku.register.name_comparison import compare_names
from yiku.register.snapshot import RegisterSnapshot

_REFERENCE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


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
    """Give every table that could be read a number, and say for which period and day it speaks."""
    found: list[SheetRead] = []
    for read in reads:
        if read.reading is None:
            continue
        for i, table in enumerate(read.reading.tables):
            period, filled = table.metadata.period, table.metadata.fill_date
            found.append(
                SheetRead(
                    ref=len(found),
                    arrival=read.arrival,
                    reading=read.reading,
                    table=table,
                    cleaned=read.cleaned.get(i),
                    # the day of its arrival, not of tonight: judged again it must speak for the same month
                    period=month_of(period, filled, read.arrival.arrived_on),
                    as_of=as_of_day(period, filled, read.arrival.arrived_on),
                    fill_date=filled,
                )
            )
    return found


def with_origin(sheets: Sequence[SheetRead]) -> pd.DataFrame:
    """Return the rows of some tables of one list, all cleaned, in one frame, with where and when they come from."""
    frame = pd.concat([s.content.frame for s in sheets], ignore_index=True)
    row_nos = [(s, values_of(s.content.frame, "row_no")) for s in sheets]
    origins = [(_origin(s), len(rows)) for s, rows in row_nos]
    for column in origins[0][0]:
        frame[column] = as_column(
            (v for origin, n in origins for v in repeat(origin[column], n)), frame
        )
    for column, days in _imprecise(sheets).items():
        frame[column + UNTIL] = as_column(map(days.get, frame.index), frame)
    frame["reference"] = as_column(
        (r for s, rows in row_nos for r in _references(s, rows)), frame
    )
    frame["withdrawn"] = [w for s, rows in row_nos for w in _withdrawn(s, rows)]
    frame["decided"] = as_column(
        (s.decided.get(i) for s, rows in row_nos for i in range(len(rows))), frame
    )
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
    before = 0
    for sheet in sheets:
        for (position, name), marks in sheet.content.quality.items():
            written = (
                sheet.content.frame[name].iat[position]
                if "precision" in marks
                else None
            )
            if isinstance(written, date):
                found[name][before + position] = last_day(written, marks["precision"])
        before += len(sheet.content.frame)
    return found


def _withdrawn(sheet: SheetRead, row_nos: Iterable[int]) -> list[bool]:
    answers = sheet.table.answers
    return [r in answers and answer_in(answers[r]) == WITHDRAW_WORD for r in row_nos]


def _references(sheet: SheetRead, row_nos: Iterable[int]) -> Iterable[str | None]:
    """Yield each record's reference; of several records of one row the sheet shows that of the first."""
    seen: Counter[int] = Counter()
    for row_no in row_nos:
        seen[row_no] += 1
        found = _reference(sheet, row_no)
        yield found and reference_of(found, seen[row_no])


def _reference(sheet: SheetRead, row_no: int) -> str | None:
    """Return the reference that a row of a return workbook brought back; what a clerk made of it may be none."""
    text = sheet.table.references.get(row_no) or ""
    return text if _REFERENCE.fullmatch(text) else None


def stack(sheets: Sequence[SheetRead], known: Known) -> tuple[list[Stack], Gazetteer]:
    """Return one stack for each list, linked to the register and compared, and the places that were looked up in."""
    by_list: dict[str, list[SheetRead]] = defaultdict(list)
    for sheet in sheets:
        if sheet.cleaned is not None:
            by_list[sheet.table.list_code].append(sheet)
    together = [s for group in by_list.values() for s in group]
    accept_proposals(together, known)
    take_decisions(together, known.decisions())
    frames = {code: with_origin(group) for code, group in by_list.items()}
    snapshot = known.snapshot(
        _ids(frames), sorted({s.arrival.county_code for s in sheets})
    )
    stacks = [
        _stack_one(code, frames[code], by_list[code], snapshot, known)
        for code in sorted(frames)
    ]
    return stacks, snapshot.gazetteer


def _ids(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    columns = ((f, load_contracts()[c].person_id) for c, f in frames.items())
    return sorted(
        {
            i
            for frame, column in columns
            if column
            for i in values_of(frame, column)
            if is_person_id(i)
        }
    )


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
    linked["business_date"] = as_column([known.business_date] * len(linked), linked)
    if "period" not in linked:  # a list with a period of its own keeps it
        linked["period"] = linked["period_of_file"]
    add_spell(linked, contract)
    linked["content_hash"] = as_column(fingerprints(linked, contract), linked)
    linked["key"] = as_column(business_keys(linked, contract), linked)
    _confirm_references(linked, contract, known)
    loaded = known.loaded(code, linked)
    decided = _decided_losses(sheets, known)
    losses = losses_within(linked, contract, loaded) if decided is None else decided
    compared = compare(linked, contract, losses, snapshot.gazetteer)
    compared["ref"] = range(len(compared))
    return Stack(contract, compared, loaded, is_decided=decided is not None)


def _decided_losses(sheets: Sequence[SheetRead], known: Known) -> list[Loss] | None:
    """Return what was decided of each row of some sheets beside all that was loaded; None where nothing was."""
    if known.losses is None:
        return None
    found: list[Loss] = []
    for sheet in sheets:
        row_nos = values_of(sheet.content.frame, "row_no")
        number, table = sheet.arrival.submission_id, sheet.table
        found += known.losses(number, table.sheet, table.part, row_nos)
    return found


def _confirm_references(linked: pd.DataFrame, contract: Contract, known: Known) -> None:
    """Leave out the references of rows over which something else was typed, and mark such rows (``typed_over``).

    What stood there may stand elsewhere on the sheet, which was sorted: then nothing is lost.
    """
    references = values_of(linked, "reference")
    earlier = known.answered(contract.code, sorted({r for r in references if r}))
    names = ("key", "person_sk", *identity_columns(contract)) if earlier else ()
    rows = (
        [dict(zip(names, said, strict=True)) for said in rows_of(linked, *names)]
        if earlier
        else []
    )
    told = {
        (c, row[c])
        for row in rows
        for c in ("key", contract.person_name)
        if c and row[c]
    }
    kept: list[str | None] = [None] * len(linked)
    over = [False] * len(linked)
    for i, (row, reference) in enumerate(
        zip(rows, references if rows else (), strict=True)
    ):
        if before := earlier.get(reference or ""):
            kept[i] = reference if answers(contract, row, before) else None
            over[i] = kept[i] is None and told.isdisjoint(
                (c, before.get(c)) for c in ("key", contract.person_name) if c
            )
    linked["reference"], linked["typed_over"] = (
        as_column(kept, linked),
        as_column(over, linked),
    )


def _originals(sheets: Iterable[SheetRead], contract: Contract) -> list[str | None]:
    found: list[str | None] = []
    for sheet in sheets:
        column = contract.person_id or ""
        found += [
            sheet.content.original.get((i, column))
            for i in range(len(sheet.content.frame))
        ]
    return found


def accept_proposals(sheets: Sequence[SheetRead], known: Known) -> None:
    """Put in the proposed number where a clerk answered 同意 on a row that carries its reference."""
    wanted = [(s, i, ref) for s in sheets for i, ref in _accepted(s)]
    if not wanted:
        return
    proposed = known.proposals([ref for _, _, ref in wanted])
    for sheet, i, ref in wanted:
        number, name = proposed.get(ref, (None, ""))
        if number and _is_named(sheet, i, name):
            _put_number(sheet, i, number)


def take_decisions(sheets: Sequence[SheetRead], decisions: LinkDecisions) -> None:
    """Note on each row whose people decided that it is, and put in that person's number where it is known."""
    if not (decisions.rows or decisions.words):
        return
    for sheet in sheets:
        contract = load_contracts()[sheet.table.list_code]
        if contract.person_id and contract.person_name and not contract.reference:
            _decide(sheet, contract.person_id, contract.person_name, decisions)


def _decide(sheet: SheetRead, number: str, name: str, decisions: LinkDecisions) -> None:
    rows = list(rows_of(sheet.content.frame, "row_no", number, name))
    references = _references(sheet, [row_no for row_no, _, _ in rows])
    for i, ((row_no, typed, called), reference) in enumerate(
        zip(rows, references, strict=True)
    ):
        place = (
            sheet.arrival.submission_id,
            sheet.table.sheet,
            sheet.table.part,
            row_no,
        )
        said = (
            sheet.arrival.county_code,
            typed or sheet.content.original.get((i, number)),
            called,
        )
        if decided := decisions.of_row(place, reference, said):
            sheet.decided[i] = decided.person
            if decided.number:
                _put_number(sheet, i, decided.number)


def _accepted(sheet: SheetRead) -> Iterable[tuple[int, str]]:
    for i, row_no in enumerate(sheet.content.frame["row_no"]):
        reference = _reference(sheet, row_no)
        if reference and answer_in(sheet.table.answers.get(row_no)) == ACCEPT_WORD:
            yield i, reference


def _is_named(sheet: SheetRead, position: int, name: str) -> bool:
    """Tell whether a row still names whoever was proposed: another may have been typed over it."""
    column = load_contracts()[sheet.table.list_code].person_name
    typed = sheet.content.frame[column].iat[position] if column else None
    return not typed or compare_names(typed, name) != "different"


def _put_number(sheet: SheetRead, position: int, number: str) -> None:
    column = load_contracts()[sheet.table.list_code].person_id
    if sheet.cleaned is None or column is None:
        return
    sheet.cleaned.frame.at[position, column] = number
    sheet.cleaned.notes = [
        n for n in sheet.cleaned.notes if (n.position, n.field) != (position, column)
    ]


def slice_values(values: Mapping[tuple[int, str], Any]) -> dict[int, dict[str, Any]]:
    """Turn values by (position, field) into values by position."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for (position, name), value in values.items():
        found[position][name] = value
    return dict(found)
