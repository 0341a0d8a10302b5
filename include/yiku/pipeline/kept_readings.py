"""What is known of files since they were judged: enough to answer them without reading them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from yiku.checking.findings import Finding
from yiku.contracts import load_contracts, load_rules
from yiku.intake.arrival import sender_key
from yiku.pipeline.finding_marks import ANSWERED
from yiku.tables import Table
from yiku.tables.whereabouts import table_at
from yiku.warehouse.connection import Connection
from yiku.warehouse.unanswered import (
    NO_TEXTS,
    KeptTable,
    RowTexts,
    Unanswered,
    kept_tables,
    texts_kept,
)

# The row of a finding, None where it is about none, beside the finding.
WithRow = tuple[str | None, Finding]
Confirmed = Mapping[str, Mapping[tuple[str, str], str]]
_Cell = tuple[str | None, int, int | None, str | None]


@dataclass
class KeptReading:
    """Where the tables of a file stood, and what its cells say of which an answer speaks."""

    kept: Sequence[KeptTable]
    texts: dict[_Cell, str] = field(default_factory=dict)

    def tables(self) -> list[Table]:
        """Return the tables as they stood, without their cells."""
        return [
            table_at(table.named_in_file, table.part, table.stood)
            for table in self.kept
        ]

    def with_text(self, finding: Finding) -> Finding:
        """Return a finding with the text of its cell, where the answer tells it."""
        text = self.texts.get(_cell_of(finding))
        if not text:
            return finding
        return replace(finding, facts={**finding.facts, "value": text})

    def has(self, finding: Finding) -> bool:
        """Return whether the table of a finding has the column that it is about."""
        table = self._table_of(finding)
        return table is not None and finding.field in table.stood.columns

    def tells_as_read(self, finding: Finding, is_kept: bool) -> bool:
        """Return whether the ledger's text of a finding's cell is word for word its reader's.

        ``is_kept``: it is the text that was kept beside the row, and not the value.
        """
        table = self._table_of(finding)
        if table is None or finding.field in table.stood.retold:
            return False
        return is_kept or finding.field in table.stood.verbatim

    def _table_of(self, finding: Finding) -> KeptTable | None:
        for table in self.kept:
            if (table.sheet, table.part) == (finding.sheet, finding.part):
                return table
        return None


def kept_readings(
    conn: Connection,
    waiting: Sequence[Unanswered],
    with_rows: Sequence[WithRow],
    confirmed: Confirmed,
) -> dict[int, KeptReading]:
    """Return what is known of the files that wait for an answer; of one that is not in it all has to be read again."""
    numbers = [told.submission_id for told in waiting]
    readings = {
        number: KeptReading(tables)
        for number, tables in kept_tables(conn, numbers).items()
    }
    for told in waiting:
        reading = readings.get(told.submission_id)
        if reading and _is_understood_anew(reading, told, confirmed):
            del readings[told.submission_id]
    telling = list(_telling(with_rows, readings))
    texts = _texts_of(conn, telling)
    for row_id, finding in telling:
        reading = readings.get(finding.file)
        if reading is None:
            continue
        row = texts.get(row_id or "", NO_TEXTS)
        text = row.of(finding.field or "")
        is_kept = finding.field in row.kept
        if text is None or not reading.tells_as_read(finding, is_kept):
            del readings[finding.file]
        else:
            reading.texts[_cell_of(finding)] = text
    return readings


def _cell_of(finding: Finding) -> _Cell:
    return finding.sheet, finding.part, finding.row_no, finding.field


def _is_understood_anew(
    reading: KeptReading, told: Unanswered, confirmed: Confirmed
) -> bool:
    """Return whether its sender has said something of headers since, which may answer what would be asked."""
    sender = sender_key(told.county_code, told.unit_code)
    lists_spoken_of = {code for code, _ in confirmed.get(sender, {})}
    return any(
        table.stood.guesses and table.stood.list_code in lists_spoken_of
        for table in reading.kept
    )


def _telling(
    with_rows: Sequence[WithRow], readings: Mapping[int, KeptReading]
) -> Iterator[WithRow]:
    """Yield the findings whose sentence holds what stands in the cell."""
    rules = load_rules()
    for row_id, finding in with_rows:
        is_told = finding.verdict in ANSWERED and finding.row_no is not None
        if not is_told or not rules[finding.rule].tells_value:
            continue
        reading = readings.get(finding.file)
        if reading is not None and reading.has(finding):
            yield row_id, finding


def _texts_of(
    conn: Connection, findings: Sequence[WithRow]
) -> dict[str, RowTexts]:
    """Return by row the texts of its cells."""
    by_list: dict[str, list[str]] = {}
    for row_id, finding in findings:
        if row_id and finding.template:
            by_list.setdefault(finding.template, []).append(row_id)
    texts: dict[str, RowTexts] = {}
    contracts = load_contracts()
    for code, row_ids in by_list.items():
        texts |= texts_kept(conn, contracts[code], row_ids)
    return texts
