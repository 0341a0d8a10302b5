"""What a work list says, as tables of the lists that it is about: from here on it is read like any submission.

A corrected cell is put into the row that it belongs to, a visit is a row of E01, an accepted pair one of T05 or T06.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yiku.contracts import Contract
from yiku.formats import return_marks
from yiku.formats import work_list_marks as marks
from yiku.formats.cells import CellValue
from yiku.tables.line_classes import DATA
from yiku.tables.table import (
    MatchedColumn,
    SheetMetadata,
    Table,
    WorkListAnswers,
)
from yiku.tables.work_list_lines import WorkListLine, WorkListSheets

# What an officer calls the day on which a pair begins: each list of pairs has its own word.
_PAIR_BEGINS = "开始日期"
_BEGINS = {"T05": "paired_on", "T06": "valid_from"}
_YUAN = "元"


@dataclass
class _Row:
    """A row that is said again: its cells, where its line stands, and what else is answered."""

    line: WorkListLine
    contract: Contract
    cells: dict[str, CellValue]
    reference: str | None = None
    answer: str | None = None
    is_declined: bool = False
    changed: set[str] = field(default_factory=set)

    @property
    def group(self) -> tuple[str, str, str, str]:
        """What rows of one table have in common: their sheet, list, period and day."""
        kept = self.line.kept
        return (
            self.line.sheet or "",
            self.contract.code,
            _word(kept.get("period")),
            _word(kept.get("filled")),
        )


class _Reader:
    """Reads the lines of one work list."""

    def __init__(
        self, contracts: Mapping[str, Contract], settled: frozenset[str]
    ) -> None:
        self.contracts, self.settled = contracts, settled
        self.answers = WorkListAnswers()
        # By reference: several cells of one row stand on several lines.
        self.rows: dict[str, _Row] = {}

    def take(self, line: WorkListLine) -> None:
        """Take the answer of a line, if there is one."""
        self.answers.units.add(line.key.unit)
        if line.key.kind == marks.TOLD or not _is_answered(line):
            return
        contract = self._contract(line)
        if contract is None:
            self.answers.unread_count += 1
            return
        self.answers.answered_count += 1
        if line.key.kind == marks.HEADER:
            self._confirm(line, contract)
        elif line.key.kind in (marks.ROW, marks.GONE):
            self._take_row(line, contract)
        else:
            self._take_new(line, contract)

    def _contract(self, line: WorkListLine) -> Contract | None:
        """Return the list of a line; None where what is kept with it is not what its key says."""
        if line.kept.get("key") != line.key.reference:
            return None
        return self.contracts.get(_word(line.kept.get("list")))

    def _confirm(self, line: WorkListLine, contract: Contract) -> None:
        if not return_marks.is_yes(line.text(marks.ANSWER_HEADER)):
            return
        meaning = line.kept.get("meaning")
        for column in contract.columns:
            if column.header == meaning:
                header = _word(line.kept.get("header"))
                self.answers.confirmed[contract.code, header] = column.name

    def _take_row(self, line: WorkListLine, contract: Contract) -> None:
        reference = line.key.reference
        self.answers.references.add(reference)
        if line.key.kind == marks.GONE:
            self.answers.gone[contract.code].add(reference)
        if reference in self.settled:
            self.answers.settled_count += 1
            return
        row = self.rows.get(reference)
        if row is None:
            cells = _kept_cells(line, contract)
            row = _Row(line, contract, cells, reference)
            self.rows[reference] = row
        answer = line.text(marks.ANSWER_HEADER)
        word = return_marks.answer_in(answer)
        row.answer = word or row.answer
        row.is_declined |= answer == marks.REFUSE_WORD
        self._change(row, line)

    def _change(self, row: _Row, line: WorkListLine) -> None:
        value = line.cells.get(marks.CHANGE_HEADER)
        if value is None:
            return
        column = _column_called(row.contract, line.text(marks.COLUMN_HEADER))
        if column is None:
            self.answers.unread_count += 1
            return
        is_cleared = value == marks.CLEAR_WORD
        row.cells[column] = None if is_cleared else value
        row.changed.add(column)

    def _take_new(self, line: WorkListLine, contract: Contract) -> None:
        """Take a visit that was made, or a pair that was accepted."""
        answer = line.text(marks.ANSWER_HEADER)
        if line.key.kind == marks.PAIR and answer != marks.TAKE_WORD:
            if answer == marks.DECLINE_WORD:
                self.answers.declined.add(line.key.reference)
            return
        cells = _kept_cells(line, contract)
        for header, value in line.cells.items():
            name = _column_called(contract, header)
            if header == _PAIR_BEGINS:
                name = _BEGINS.get(contract.code)
            # What we had written beside it is kept with the line, unchanged.
            if name and value is not None and name not in cells:
                cells[name] = value
        self.rows[line.key.reference] = _Row(line, contract, cells)


def read_work_list(
    found: WorkListSheets,
    contracts: Mapping[str, Contract],
    settled: frozenset[str],
) -> tuple[list[Table], WorkListAnswers]:
    """Return the tables that a work list comes to, and what else it answers.

    ``settled`` are the references of rows that have been put right meanwhile: their lines change nothing.
    """
    reader = _Reader(contracts, settled)
    for line in found.lines:
        reader.take(line)
    reader.answers.unread_count += found.keyless_count
    return _tables(reader.rows.values()), reader.answers


def _is_answered(line: WorkListLine) -> bool:
    """Return whether a clerk filled something in."""
    if line.key.kind == marks.VISIT:
        # The kind of the visit and its person are ours.
        kept = line.kept.get("values")
        own = set(kept) if isinstance(kept, dict) else set()
        return bool(_visit_answers(line) - own)
    answered = (marks.ANSWER_HEADER, marks.CHANGE_HEADER)
    return any(line.cells.get(header) is not None for header in answered)


_VISIT_ANSWERS = {
    "回访日期": "visited_on",
    "回访方式": "method",
    "是否联系上": "reached",
    "未联系上原因": "unreached_reason",
    "当前就业状态": "status_found",
    "需求": "needs",
    "回访人": "visitor",
}


def _visit_answers(line: WorkListLine) -> set[str]:
    return {
        name
        for header, name in _VISIT_ANSWERS.items()
        if line.cells.get(header) is not None
    }


def _kept_cells(
    line: WorkListLine, contract: Contract
) -> dict[str, CellValue]:
    kept = line.kept.get("values")
    if not isinstance(kept, dict):
        return {}
    return {
        name: value
        for name, value in kept.items()
        if contract.has(name) and isinstance(value, str)
    }


def _column_called(contract: Contract, header: str) -> str | None:
    """Return the column that a header names: the list's own word, or one of those that clerks have for it."""
    wanted = header.strip()
    for column in contract.columns:
        if column.header == wanted:
            return column.name
    for column in contract.columns:
        if wanted in column.aliases:
            return column.name
    return None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _tables(rows: Iterable[_Row]) -> list[Table]:
    groups: dict[tuple[str, str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    parts: dict[str, int] = defaultdict(int)
    tables: list[Table] = []
    for (sheet, _, period, filled), group in sorted(groups.items()):
        table = _table(group, parts[sheet], period, filled)
        tables.append(table)
        parts[sheet] += 1
    return tables


def _table(rows: Sequence[_Row], part: int, period: str, filled: str) -> Table:
    first = rows[0]
    ordered = sorted(rows, key=lambda row: row.line.row_no)
    names = _columns_of(ordered)
    row_nos = [row.line.row_no for row in ordered]
    matched = {name: _matched(first, name) for name in names}
    return Table(
        sheet=first.line.sheet,
        part=part,
        list_code=first.contract.code,
        header_rows=(1, 1),
        matched=matched,
        rows=row_nos,
        cells={
            name: [row.cells.get(name) for row in ordered] for name in names
        },
        metadata=SheetMetadata(period=period or None, fill_date=_day(filled)),
        extra=_beside(ordered),
        # In what the warehouse holds money stands in yuan, whatever the first sheet had.
        units={
            name: _YUAN
            for name in names
            if first.contract.column(name).kind == "money"
        },
        references={
            row.line.row_no: row.reference for row in ordered if row.reference
        },
        answers={row.line.row_no: row.answer for row in ordered if row.answer},
        lines=dict.fromkeys(row_nos, DATA),
        is_of_work_list=True,
    )


def _columns_of(rows: Sequence[_Row]) -> list[str]:
    """Return the columns that the rows must have, and those that one of them fills or had filled."""
    wanted: list[str] = []
    for column in rows[0].contract.columns:
        has_any = any(
            row.cells.get(column.name) is not None
            or column.name in row.changed
            for row in rows
        )
        if column.need == "M" or has_any:
            wanted.append(column.name)
    return wanted


def _matched(row: _Row, name: str) -> MatchedColumn:
    """Return where a clerk put a column right, for the marks in her file."""
    columns = row.line.columns
    column = columns.get(marks.CHANGE_HEADER)
    header = row.contract.column(name).header
    place = columns.get(header, column or 1)
    return MatchedColumn(name, place, header, "official")


def _beside(rows: Sequence[_Row]) -> dict[str, list[CellValue]]:
    """Keep beside the rows where they came first, and whom they are not about."""
    found: dict[str, list[CellValue]] = {}
    kept = {marks.FIRST_FILE: "file", marks.FIRST_ROW: "row"}
    for header, name in kept.items():
        values = [row.line.kept.get(name) for row in rows]
        if any(isinstance(value, str | int) for value in values):
            found[header] = [
                str(value) if isinstance(value, str | int) else None
                for value in values
            ]
    if any(row.is_declined for row in rows):
        found[marks.DECLINED_NOTE] = [
            "是" if row.is_declined else None for row in rows
        ]
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
