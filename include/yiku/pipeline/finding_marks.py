"""Findings as marks in the clerk's own file: which cell each is about, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from yiku.checking.findings import Finding
from yiku.checking.message import sentence
from yiku.contracts import load_contracts
from yiku.returns import HeaderQuestion, Mark, PlacedTable
from yiku.tables import Table
from yiku.tables.table import MatchedColumn
from yiku.warehouse.load import row_ids

# Verdicts for which a clerk gets the file back; repairs alone do not need an answer.
ANSWERED = frozenset("WQSF")


def needs_answer(findings: Iterable[Finding]) -> bool:
    """Return whether a clerk gets the file back for what was found in it."""
    return any(finding.verdict in ANSWERED for finding in findings)


def marks_of(
    tables: Iterable[Table], findings: Iterable[Finding]
) -> list[Mark]:
    """Turn findings into marks: which cell, and the sentence with the value that stands in it."""
    by_place = {(table.sheet, table.part): table for table in tables}
    # of all rows at once: a file may have as many findings as rows
    positions = {place: _positions(table) for place, table in by_place.items()}
    marks: list[Mark] = []
    for finding in findings:
        if finding.verdict not in ANSWERED:
            continue
        place = (finding.sheet, finding.part)
        records = positions.get(place, {}).get(finding.row_no or 0, ())
        marks.append(_mark(finding, by_place.get(place), records))
    return marks


def _positions(table: Table) -> dict[int, list[int]]:
    """Return by row of the sheet the positions of the records that stand on it."""
    found: dict[int, list[int]] = {}
    for position, row_no in enumerate(table.rows):
        found.setdefault(row_no, []).append(position)
    return found


def _mark(
    finding: Finding, table: Table | None, records: Sequence[int]
) -> Mark:
    column: int | None = None
    told = finding
    if table is not None:
        position = _position(table, finding, records)
        matched = _column(table, finding, position)
        column = matched.column if matched else None
        value = _value(table, finding, position)
        # The ledger holds no value of a person: it is put in here, for the
        # sender alone.
        if value:
            told = replace(finding, facts={**finding.facts, "value": value})
    is_of_sheet = finding.row_no is None
    return Mark(
        sheet=finding.sheet,
        row_no=finding.row_no,
        field=finding.field,
        column=column,
        rule=finding.rule,
        verdict=finding.verdict,
        sentence=sentence(told),
        header=finding.facts.get("header") if is_of_sheet else None,
    )


def _position(
    table: Table, finding: Finding, records: Sequence[int]
) -> int | None:
    """Return which record a finding is about.

    Of several on one row of the sheet the header tells which.
    """
    for position in records:
        place = table.where(finding.field or "", position)
        if place and place.header == finding.header:
            return position
    return records[0] if records else None


def _column(
    table: Table, finding: Finding, position: int | None
) -> MatchedColumn | None:
    name = finding.field or ""
    if position is None:
        return table.matched.get(name)
    return table.where(name, position)


def _value(table: Table, finding: Finding, position: int | None) -> str | None:
    if position is None or finding.field not in table.cells:
        return None
    cell = table.cells[finding.field][position]
    return None if cell is None else str(cell)


def placed_tables(
    tables: Iterable[Table], submission_id: int | None
) -> list[PlacedTable]:
    """Tell where the tables stand and by which references their rows are known.

    None without a submission.
    """
    placed: list[PlacedTable] = []
    for table in tables:
        # where no list was recognised there is no header to write beside
        if not table.list_code:
            continue
        is_kept = submission_id is not None
        references = _references(table, submission_id or 0) if is_kept else {}
        header_row = table.header_rows[1]
        placed.append(
            PlacedTable(table.sheet, header_row, references, table.part)
        )
    return placed


def _references(table: Table, submission_id: int) -> dict[int, str]:
    """Return by row number the reference of its first record.

    Those of the others follow from it.
    """
    ids = row_ids(submission_id, table.sheet, table.part, table.rows)
    found: dict[int, str] = {}
    for row_no, row_id in zip(table.rows, ids, strict=True):
        found.setdefault(row_no, row_id)
    return found


def questions_of(tables: Iterable[Table]) -> list[HeaderQuestion]:
    """Return the headers of a file that were understood by their meaning, for its clerk to confirm."""
    asked: dict[tuple[str, str], HeaderQuestion] = {}
    for table in tables:
        if table.list_code:
            asked.update(_questions_of_table(table))
    return list(asked.values())


def _questions_of_table(
    table: Table,
) -> Mapping[tuple[str, str], HeaderQuestion]:
    contract = load_contracts()[table.list_code]
    asked: dict[tuple[str, str], HeaderQuestion] = {}
    for guess in table.matched.values():
        # What a contract names needs no question.
        if guess.how == "guess":
            meaning = contract.column(guess.field).header
            question = HeaderQuestion(contract.title, guess.header, meaning)
            asked[contract.code, guess.header] = question
    return asked
