"""What a sheet carries: its tables as a clerk would see them, each with its list.

Rows and columns are numbered from 1, as a spreadsheet program shows them. For csv the
row number is the record's number, the first line being 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from yiku.formats.cells import CellValue, Look

# The class of lines on sheets that carry no list; the others stand in ``line_classes``.
UNREAD = "unread"

Problem = tuple[
    str, Mapping[str, object]
]  # rule id and what its message needs


@dataclass(frozen=True)
class SheetMetadata:
    """What stands around a table: who filled it in, for which place and period."""

    title: str = ""
    # names of towns that title and 填报单位 contain, as written
    towns: tuple[str, ...] = ()
    reporting_unit: str | None = None
    filler: str | None = None
    reviewer: str | None = None
    phone: str | None = None
    fill_date: date | None = None
    # YYYY-MM, YYYY-Qn or YYYY as the title says
    period: str | None = None
    # 元, 万元 …
    money_unit: str | None = None
    # of a return workbook that comes back
    receipt_no: str | None = None


@dataclass(frozen=True)
class MatchedColumn:
    """The header with which a column of the list was matched.

    ``how``: official, alias, or guess (L04) with its score from 0 to 1; ``sheet``
    (column 0) when no column says it but the sheet's name, its title or a line above
    the rows does.
    """

    field: str
    column: int
    header: str
    how: str
    score: float = 1.0


@dataclass
class Table:
    """One table of one list on a sheet: its headers matched, its data rows picked out.

    ``rows`` are the row numbers of the data rows; ``cells[field]`` the values below
    that header, one for each of ``rows``, merged and blank cells already filled down
    where the contract allows it (``filled`` tells which). Titles, headers, subtotals,
    footers, examples, column numbers and blank rows are not among the rows.
    """

    sheet: str | None
    # which of the sheet's tables, from 0
    part: int
    # '' where no list can be named (F12)
    list_code: str
    header_rows: tuple[int, int]
    matched: Mapping[str, MatchedColumn]
    rows: list[int]
    cells: dict[str, list[CellValue]]
    metadata: SheetMetadata
    visible: bool = True
    # column number -> header nobody knows, and the values below such headers
    unknown: Mapping[int, str] = field(default_factory=dict)
    extra: dict[str, list[CellValue]] = field(default_factory=dict)
    # field -> row numbers filled from above, and rows of a merge that was not filled
    filled: Mapping[str, frozenset[int]] = field(default_factory=dict)
    merged: Mapping[str, frozenset[int]] = field(default_factory=dict)
    # money field -> 元, 万元 … where one is written
    units: Mapping[str, str] = field(default_factory=dict)
    # field -> row and stated sum (L08)
    totals: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    # field -> for each row its own column (of a wide table)
    places: dict[str, list[MatchedColumn]] = field(default_factory=dict)
    # fields that stand once for several of the rows, and count once
    once: frozenset[str] = frozenset()
    # of a return workbook: row -> its hidden reference, and what the clerk answered
    references: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)
    # F12, L03, L06, L15 …
    problems: tuple[Problem, ...] = ()
    # row -> class of each line of its stretch but the data rows, and how many there
    # are of each class, data rows included
    lines: Mapping[int, str] = field(default_factory=dict)
    line_counts: Mapping[str, int] = field(default_factory=dict)
    width: int = 0
    look: Look = field(default_factory=Look)
    # put together from the lines of a work list: it holds some rows of the list alone
    is_of_work_list: bool = False

    def where(self, name: str, position: int) -> MatchedColumn | None:
        """Return the column in which the row at ``position`` has a field.

        None when the table lacks it.
        """
        if name in self.places:
            return self.places[name][position]
        return self.matched.get(name)

    def asked_elsewhere(self) -> Iterator[tuple[int, str]]:
        """Yield the cells that are blank because another record of the row has them."""
        for name in self.once:
            for position, (before, row) in enumerate(pairwise(self.rows), 1):
                if before == row:
                    yield position, name


@dataclass(frozen=True)
class Unread:
    """A sheet that carries no list.

    ``why``: empty, summary, dictionary, notes (all passed over) or no_header (L14).
    ``lines`` counts those that are not blank.
    """

    sheet: str | None
    why: str
    data_rows: int = 0
    lines: int = 0


@dataclass
class WorkListAnswers:
    """What a work list that comes back answers, beside the rows of its tables.

    ``units`` are those for which its lines were written; ``references`` the rows that it answers, ``gone`` those of
    them, by list, that a newer list no longer named; ``declined`` the proposed pairs that it says no to;
    ``settled_count`` counts answers of which none is wanted any more, ``unread_count`` those that cannot be told.
    """

    units: set[str] = field(default_factory=set)
    confirmed: dict[tuple[str, str], str] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    gone: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    declined: set[str] = field(default_factory=set)
    answered_count: int = 0
    settled_count: int = 0
    unread_count: int = 0


@dataclass
class Reading:
    """All that one file holds."""

    book_format: str
    tables: list[Table]
    unread: list[Unread]
    saved_at: datetime | None
    # of the normalised cells: equal for what another program saved again (F09)
    grid_hash: str
    epoch_1904: bool = False
    has_macros: bool = False
    external_links: int = 0
    # (list, header) -> field, by the clerk
    confirmed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # None of any other file
    work_list: WorkListAnswers | None = None

    def line_counts(self) -> dict[str, int]:
        """Return how many lines of each class the file has: all that are not blank."""
        found: Counter[str] = Counter()
        for table in self.tables:
            found.update(table.line_counts)
        found[UNREAD] += sum(sheet.lines for sheet in self.unread)
        return dict(+found)
