"""What a clerk says in a return workbook beside the cells, and what people decided of its rows.

Which row a row answers, by its hidden reference; 同意 and 删除 under 修改意见.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from yiku.batch.files import Known, SheetRead
from yiku.comparison.answered_rows import answers, identity_columns
from yiku.contracts import Contract, load_contracts
from yiku.formats.return_marks import (
    ACCEPT_WORD,
    WITHDRAW_WORD,
    answer_in,
    reference_of,
)
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.decisions import LinkDecisions
from yiku.register.name_comparison import compare_names

# A clerk who unhides the column may type into it or fill it down. What has not
# the form of our keys counts as if nothing stood there.
_REFERENCE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

Row = Mapping[str, Any]


# --- which rows are answered


def references_of(
    sheet: SheetRead, row_nos: Iterable[int]
) -> list[str | None]:
    """Return each record's reference; of several records of one row the sheet shows that of the first."""
    seen: Counter[int] = Counter()
    found: list[str | None] = []
    for row_no in row_nos:
        # A line with several courses or visits makes several records, and its
        # cell has room for one key: those of the others are counted on from
        # it.
        seen[row_no] += 1
        shown = _reference(sheet, row_no)
        found.append(reference_of(shown, seen[row_no]) if shown else None)
    return found


def _reference(sheet: SheetRead, row_no: int) -> str | None:
    """Return the reference that a row of a return workbook brought back; what a clerk made of it may be none."""
    text = sheet.table.references.get(row_no) or ""
    return text if _REFERENCE.fullmatch(text) else None


def withdrawn_in(sheet: SheetRead, row_nos: Iterable[int]) -> list[bool]:
    """Return by row whether the clerk takes it out."""
    said = sheet.table.answers
    withdrawn = {
        row_no
        for row_no, text in said.items()
        if answer_in(text) == WITHDRAW_WORD
    }
    return [row_no in withdrawn for row_no in row_nos]


def confirm_references(
    linked: pd.DataFrame, contract: Contract, known: Known
) -> None:
    """Leave out the references of rows over which something else was typed, and mark such rows (``typed_over``).

    What stood there may stand elsewhere on the sheet, which was sorted: then nothing is lost.
    """
    references = values_of(linked, "reference")
    asked = sorted({reference for reference in references if reference})
    earlier = known.answered(contract.code, asked)
    kept: list[str | None] = [None] * len(linked)
    is_over = [False] * len(linked)
    if earlier:
        names = ("key", "person_sk", *identity_columns(contract))
        rows = [
            dict(zip(names, said, strict=True))
            for said in rows_of(linked, *names)
        ]
        told = {name for row in rows for name in _told_by(row, contract)}
        for position, row in enumerate(rows):
            reference = references[position]
            before = earlier.get(reference or "")
            if not before:
                continue
            if answers(contract, row, before):
                kept[position] = reference
            else:
                is_over[position] = told.isdisjoint(_told_by(before, contract))
    linked["reference"] = as_column(kept, linked)
    linked["typed_over"] = as_column(is_over, linked)


def _told_by(row: Row, contract: Contract) -> list[tuple[str, Any]]:
    """Return by what a row is found again on a sorted sheet: its key, and the name of its person."""
    columns = [name for name in ("key", contract.person_name) if name]
    return [(name, row[name]) for name in columns if row.get(name)]


# --- who is meant


def accept_proposals(sheets: Sequence[SheetRead], known: Known) -> None:
    """Put in the proposed number where a clerk answered 同意 on a row that carries its reference."""
    accepted = []
    for sheet in sheets:
        for position, reference in _accepted(sheet):
            accepted.append((sheet, position, reference))
    if not accepted:
        return
    # One question for all of them: a query for each row that agrees would cost
    # more than the judging of the batch.
    proposed = known.proposals([reference for _, _, reference in accepted])
    for sheet, position, reference in accepted:
        number, name = proposed.get(reference, (None, ""))
        if number and _is_named(sheet, position, name):
            _put_number(sheet, position, number)


def _accepted(sheet: SheetRead) -> Iterable[tuple[int, str]]:
    for position, row_no in enumerate(sheet.content.frame["row_no"]):
        reference = _reference(sheet, row_no)
        # most rows bring no reference, and no answer is looked for then
        if not reference:
            continue
        if answer_in(sheet.table.answers.get(row_no)) == ACCEPT_WORD:
            yield position, reference


def _is_named(sheet: SheetRead, position: int, name: str) -> bool:
    """Return whether a row still names whoever was proposed: another may have been typed over it."""
    column = load_contracts()[sheet.table.list_code].person_name
    typed = sheet.content.frame[column].iat[position] if column else None
    return not typed or compare_names(typed, name) != "different"


def take_decisions(
    sheets: Sequence[SheetRead], decisions: LinkDecisions
) -> None:
    """Note on each row whose people decided that it is, and put in that person's number where it is known."""
    if not (decisions.rows or decisions.words):
        return
    for sheet in sheets:
        contract = load_contracts()[sheet.table.list_code]
        if (
            contract.person_id
            and contract.person_name
            and not contract.reference
        ):
            _decide(sheet, contract.person_id, contract.person_name, decisions)


def _decide(
    sheet: SheetRead,
    id_column: str,
    name_column: str,
    decisions: LinkDecisions,
) -> None:
    rows = list(rows_of(sheet.content.frame, "row_no", id_column, name_column))
    references = references_of(sheet, [row_no for row_no, _, _ in rows])
    arrival, table = sheet.arrival, sheet.table
    for position, (row_no, typed, name) in enumerate(rows):
        place = (arrival.submission_id, table.sheet, table.part, row_no)
        # A decision is kept under the number as it was typed, so that one that
        # cleaning could not use finds it as well.
        number = typed or sheet.content.original.get((position, id_column))
        said = (arrival.county_code, number, name)
        decided = decisions.of_row(place, references[position], said)
        if not decided:
            continue
        sheet.decided[position] = decided.person
        if decided.number:
            _put_number(sheet, position, decided.number)


def _put_number(sheet: SheetRead, position: int, number: str) -> None:
    column = load_contracts()[sheet.table.list_code].person_id
    if sheet.cleaned is None or column is None:
        return
    sheet.cleaned.frame.at[position, column] = number
    # what was noted of the number that stood there is settled
    cell = (position, column)
    notes = sheet.cleaned.notes
    sheet.cleaned.notes = [
        note for note in notes if (note.position, note.field) != cell
    ]
