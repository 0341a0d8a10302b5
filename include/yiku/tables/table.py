"""What a sheet carries: its tables as a clerk would see them, each with the list that it belongs to.

Rows and columns are numbered from 1, as a spreadsheet program shows them. For csv the row number is the record's
number, the first line being 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from yiku.formats.cells import CellValue, Look

UNREAD = "unread"  # the class of lines on sheets that carry no list; the others stand in ``line_classes``


@dataclass(frozen=True)
class SheetMetadata:
    """What stands around a table: title, who filled it in, for which place and period, in which unit of money."""

    title: str = ""
    towns: tuple[
        str, ...
    ] = ()  # names of towns that title and 填报单位 contain, as written
    reporting_unit: str | None = None
    filler: str | None = None
    reviewer: str | None = None
    phone: str | None = None
    fill_date: date | None = None
    period: str | None = None  # YYYY-MM, YYYY-Qn or YYYY as the title says
    money_unit: str | None = None  # 元, 万元 …
    receipt_no: str | None = None  # of a return workbook that comes back


@dataclass(frozen=True)
class MatchedColumn:
    """How one header was understood. ``how``: official, alias, or guess (L04) with its score from 0 to 1.

    ``sheet`` (column 0) when no column says it but the sheet's name, its title or a line above the rows does.
    """

    field: str
    column: int
    header: str
    how: str
    score: float = 1.0


@dataclass
class Table:
    """One table of one list on a sheet: its header understood, its data rows picked out.

    ``rows`` are the row numbers of the data rows; ``cells[field]`` the values below that header, one for each of
    ``rows``, merged and blank cells already filled down where the contract allows it (``filled`` tells which).
    Titles, headers, subtotals, footers, examples, column numbers and blank rows are not among the rows.
    """

    sheet: str | None
    part: int  # which of the sheet's tables, from 0
    list_code: str
    header_rows: tuple[int, int]
    matched: Mapping[str, MatchedColumn]
    rows: list[int]
    cells: dict[str, list[CellValue]]
    metadata: SheetMetadata
    visible: bool = True
    unknown: Mapping[int, str] = field(
        default_factory=dict
    )  # column number -> header nobody knows
    extra: dict[str, list[CellValue]] = field(
        default_factory=dict
    )  # the values below the unknown headers
    filled: Mapping[str, frozenset[int]] = field(
        default_factory=dict
    )  # field -> row numbers filled from above
    merged: Mapping[str, frozenset[int]] = field(
        default_factory=dict
    )  # field -> rows of a merge that was not filled
    units: Mapping[str, str] = field(
        default_factory=dict
    )  # money field -> 元, 万元 … where one is written
    totals: Mapping[str, tuple[int, float]] = field(
        default_factory=dict
    )  # field -> row and stated sum (L08)
    places: dict[str, list[MatchedColumn]] = field(
        default_factory=dict
    )  # field -> for each row its own column (wide)
    once: frozenset[str] = (
        frozenset()
    )  # fields that stand once for several of the rows, and count once
    references: Mapping[int, str] = field(
        default_factory=dict
    )  # row -> hidden reference of a return workbook
    answers: Mapping[int, str] = field(
        default_factory=dict
    )  # row -> what the clerk wrote under 修改意见
    problems: tuple[
        tuple[str, Mapping[str, object]], ...
    ] = ()  # rule id and facts: F12, L03, L06, L15 …
    lines: Mapping[int, str] = field(
        default_factory=dict
    )  # row -> class of each line of its stretch but the data rows
    line_counts: Mapping[str, int] = field(
        default_factory=dict
    )  # class (``lines``) -> lines of it, data rows included
    width: int = 0
    look: Look = field(default_factory=Look)

    def where(self, name: str, position: int) -> MatchedColumn | None:
        """Return the column in which the row at ``position`` has a field; None when the table lacks it."""
        return (
            self.places[name][position]
            if name in self.places
            else self.matched.get(name)
        )

    def asked_elsewhere(self) -> Iterator[tuple[int, str]]:
        """Yield the places that are blank because the value stands with another record of the same row."""
        for name in self.once:
            for at, (before, row) in enumerate(pairwise(self.rows), 1):
                if before == row:
                    yield at, name


@dataclass(frozen=True)
class Unread:
    """A sheet that carries no list. ``why``: empty, summary, dictionary, notes (all passed over) or no_header (L14)."""

    sheet: str | None
    why: str
    data_rows: int = 0
    lines: int = 0  # that are not blank


@dataclass
class Reading:
    """All that one file holds."""

    book_format: str
    tables: list[Table]
    unread: list[Unread]
    saved_at: datetime | None
    grid_hash: str  # of the normalised cells: equal for the same content saved by another program (F09)
    epoch_1904: bool = False
    has_macros: bool = False
    external_links: int = 0
    confirmed: Mapping[tuple[str, str], str] = field(
        default_factory=dict
    )  # (list, header) -> field, by the clerk

    def line_counts(self) -> dict[str, int]:
        """Return how many lines of each class the file has: together all that are not blank."""
        found: Counter[str] = Counter()
        for table in self.tables:
            found.update(table.line_counts)
        found[UNREAD] += sum(u.lines for u in self.unread)
        return dict(+found)
