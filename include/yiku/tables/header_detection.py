"""Find headers on a sheet: the row where they stand, the levels above and below it, tables beside one another."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from yiku.contracts import Contract
from yiku.formats.cells import CellValue, Sheet
from yiku.tables import header_hints, header_text
from yiku.tables.header_matching import (
    ColumnHeader,
    clues_of,
    counts_up,
    is_serial,
    vocabulary,
)
from yiku.tables.line_classes import is_number_row
from yiku.tables.sheet_metadata import is_label_row
from yiku.tables.split_dates import joined_day, split_days
from yiku.tables.value_profile import ColumnSample

SEARCH_ROWS = 30
OPENING = 3  # rows below a header where column numbers, examples and hints may stand
_LEVELS = 3
_BLANK_COLUMNS = 2  # so many without a header may lie side by side
_SPARSE = 3  # a data row holds at least a third of what the fullest does
_LONG = 24  # a header's text is short; hints in brackets are not counted
_DATA = re.compile(r"\d{6,}|^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}")

_SPACES = (
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\xa0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\n ",
    " \n",
    " \xa0",
)
_BLANKS: frozenset[CellValue] = frozenset(c * n for c in _SPACES for n in range(13))


def text_of(value: CellValue) -> str:
    """Return a header cell as text without line breaks; '' for blanks."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return header_hints.bracketed(value) if isinstance(value, str) else str(value)


class Grid:
    """The cells of a sheet, every row as wide as the widest, blank text as None."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.width = max(map(len, sheet.values), default=0)
        self.height = len(sheet.values)
        self.rows = [
            row if len(row) == self.width else self._widened(row)
            for row in sheet.values
        ]
        if any(not _BLANKS.isdisjoint(column) for column in self.columns):
            self.rows = [
                [None if isinstance(c, str) and c in _BLANKS else c for c in row]
                for row in self.rows
            ]
            del self.columns
        self.counts = [
            self.width - row.count(None) for row in self.rows
        ]  # of each row's filled cells

    def _widened(self, row: list[CellValue]) -> list[CellValue]:
        return row + [None] * (self.width - len(row))

    @cached_property
    def columns(self) -> list[tuple[CellValue, ...]]:
        """The cells by column: what is sought in all rows is found quicker there."""
        return list(zip(*self.rows, strict=True))

    def cells_among(self, words: frozenset[CellValue], start: int) -> Counter[int]:
        """Return, for each row from ``start`` (from 0) that has any, how many of its cells are one of ``words``."""
        found: Counter[int] = Counter()
        for column in self.columns:
            below = column[start:]
            if not words.isdisjoint(below):
                found.update(
                    at for at, cell in enumerate(below, start) if cell in words
                )
        return found

    def join_days(
        self, columns: Sequence[int], start: int, again: frozenset[int]
    ) -> None:
        """Put what stands in ``columns`` from the row ``start`` on (from 0) into the first of them as one day."""
        for at in range(start, self.height):
            row = self.rows[at]
            if (
                at in again
                or is_number_row(row)
                or all(row[c] is None for c in columns)
            ):
                continue
            self.rows[at] = row = list(row)
            row[columns[0]] = joined_day([row[c] for c in columns])
            for column in columns[1:]:
                row[column] = None
            self.counts[at] = self.width - row.count(None)
        self.__dict__.pop("columns", None)

    def filled(self, row: int) -> list[int]:
        """Return the columns (from 0) of a row (from 0) that hold something."""
        return [c for c, v in enumerate(self.rows[row]) if v is not None]

    def merged_text(self, row: int, top: int, bottom: int) -> list[str]:
        """Return the texts of a header row, merged cells showing their value in each of their places."""
        texts = [text_of(v) for v in self.rows[row]]
        for r1, c1, r2, c2 in self.sheet.merges:
            if r1 - 1 <= row <= r2 - 1 and r1 - 1 >= top and r2 - 1 <= bottom:
                value = text_of(self.rows[r1 - 1][c1 - 1]) if c1 <= self.width else ""
                for c in range(c1 - 1, min(c2, self.width)):
                    texts[c] = value
        return texts


@dataclass(frozen=True)
class TableHeader:
    """A header found: its first and last row (from 0), what each column is called, where it is printed again (L16)."""

    top: int
    bottom: int
    headings: tuple[ColumnHeader, ...]
    again: frozenset[int] = frozenset()


class HeaderWords:
    """What all the lists together know: to tell a header row from other rows."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = contracts
        self.keys = frozenset(key for c in contracts for key in vocabulary(c).exact)
        self.raw = frozenset(
            h for c in contracts for column in c.columns for h in column.headers
        )
        self._by_clue: dict[str, list[tuple[Contract, str]]] = defaultdict(list)
        for contract in contracts:
            for name in contract.names:
                for clue in vocabulary(contract).clues(name):
                    self._by_clue[clue].append((contract, name))

    @lru_cache(maxsize=16384)  # noqa: B019 - one object a set of contracts, kept as long as the process
    def likely(self, text: str) -> float:
        """Return from 0 to 1 how much a text reads like a header of any list."""
        if any(key in self.keys for key in header_text.keys(text)):
            return 1.0
        columns = {
            column for clue in clues_of(text) for column in self._by_clue.get(clue, ())
        }
        best = max(
            (vocabulary(c).likeness(text, name) for c, name in columns), default=0.0
        )
        return 0.6 * best if best >= 0.5 else 0.0

    def knows(self, text: str) -> bool:
        """Tell whether some list has a header of exactly this text."""
        return any(key in self.keys for key in header_text.keys(text))


_LEXICALS: dict[tuple[int, ...], HeaderWords] = {}


def header_words(contracts: Mapping[str, Contract]) -> HeaderWords:
    """Return what the given lists know together, made once a process."""
    key = tuple(id(c) for c in contracts.values())
    if key not in _LEXICALS:
        _LEXICALS[key] = HeaderWords(tuple(contracts.values()))
    return _LEXICALS[key]


def _is_data(text: str) -> bool:
    """Tell whether a text holds a number or day of the data; an example in a header's hint is none."""
    if not _DATA.search(text) or len(text) > 2 * _LONG:
        return _DATA.search(text) is not None
    told = header_text.meaning_text(text)
    return _DATA.search(told) is not None or not any(
        "\u4e00" <= c <= "\u9fff" for c in told
    )


def _could_be_header(row: Sequence[CellValue]) -> bool:
    cells = [c for c in row if c is not None]
    if any(type(c) is str and _is_data(c) for c in cells):
        return False
    texts = [text_of(c) for c in cells if isinstance(c, str)]
    if (
        len(cells) < 2
        or len(texts) * 2 < len(cells)
        or any(isinstance(c, date) for c in cells)
    ):
        return False
    if len(set(texts)) < 2:
        return False
    return all(map(_is_short, texts))


def _is_short(text: str) -> bool:
    """Tell whether a text is no longer than a header's, its hints aside."""
    return len(text) <= _LONG or len(header_text.meaning_text(text)) <= _LONG


def find_header(
    grid: Grid, lex: HeaderWords, start: int = 0, stop: int | None = None
) -> TableHeader | None:
    """Find the header between two rows (from 0): the row that reads most like one, with its other levels."""
    best, found = 0.0, -1
    for row in range(
        start, min(grid.height, start + SEARCH_ROWS) if stop is None else stop
    ):
        if _could_be_header(grid.rows[row]):
            score = sum(
                lex.likely(text_of(c)) for c in grid.rows[row] if isinstance(c, str)
            )
            if score > best + 0.01:
                best, found = score, row
    if best < 1.5:
        return None
    top, bottom = _levels(grid, found, _below_facts(grid, lex, found, start))
    again = frozenset(_printed_again(grid, top, bottom))
    return TableHeader(
        top,
        bottom,
        _with_days(grid, _headings(grid, top, bottom), bottom, again),
        again,
    )


def _with_days(
    grid: Grid, headings: tuple[ColumnHeader, ...], bottom: int, again: frozenset[int]
) -> tuple[ColumnHeader, ...]:
    """Bring days that stand in several columns together in the first of them, which then has the group's header."""
    found = list(split_days([(h.column, h.levels) for h in headings]))
    if not found:
        return headings
    for columns, _ in found:
        grid.join_days(columns, bottom + 1, again)
    body, called = (
        _body(grid, bottom + 1),
        {columns[0]: levels for columns, levels in found},
    )
    gone = {c for columns, _ in found for c in columns[1:]}
    kept = [h for h in headings if h.column not in gone]
    return tuple(
        ColumnHeader(
            h.column, called.get(h.column, h.levels), ColumnSample(body, h.column)
        )
        for h in kept
    )


def _printed_again(grid: Grid, top: int, bottom: int) -> Iterator[int]:
    """Yield the rows below a header that print one of its rows again, as the head of a page (L16)."""
    places = range(top, bottom + 1)
    rows = [
        {
            c: header_text.normalise(text_of(v))
            for c, v in enumerate(grid.rows[r])
            if v is not None
        }
        for r in places
    ]
    stand = {v for row in places for v in grid.rows[row] if isinstance(v, str)}
    words = frozenset[CellValue](stand.union(*(texts.values() for texts in rows)))
    said = grid.cells_among(words, bottom + 1)
    for at, n in said.items():
        filled = grid.counts[at]
        if (n >= 2 or n == filled) and any(
            _repeats(grid.rows[at], filled, texts) for texts in rows
        ):
            yield at


def _repeats(row: Sequence[CellValue], filled: int, texts: Mapping[int, str]) -> bool:
    """Tell whether at least seven tenths of a row's cells, and two, say what the header row says, or its only one."""
    spare = filled - (1 if filled == len(texts) == 1 else max(2, -(-filled * 7 // 10)))
    for column, value in enumerate(row):
        if spare < 0:
            break
        if value is not None and not _says(value, texts.get(column)):
            spare -= 1
    return spare >= 0


def _says(value: CellValue, text: str | None) -> bool:
    """Tell whether a cell reads like ``text``, a normalised header; a number is told at a glance."""
    if not isinstance(value, str) or text is None:
        return False
    # a text of plain ASCII stays one however it is normalised
    return (text.isascii() or not value.isascii()) and header_text.normalise(
        value
    ) == text


def _below_facts(grid: Grid, lex: HeaderWords, row: int, start: int) -> int:
    """Return the first row that may hold a level of the header at ``row``: label and value in a cell are no groups."""
    told = [
        above
        for above in range(max(start, row - _LEVELS), row)
        if _tells_facts(grid.rows[above], lex)
    ]
    return max(told, default=start - 1) + 1


def _tells_facts(row: Sequence[CellValue], lex: HeaderWords) -> bool:
    """Tell whether most cells of a row say what is so of the whole table, as 讲师：王建国 does."""
    cells = [c for c in row if c is not None]
    parts = (text_of(c).replace("：", ":").partition(":") for c in cells)
    told = sum(bool(value) and lex.knows(label) for label, _, value in parts)
    return told > 0 and told * 2 >= len(cells)


def _levels(grid: Grid, row: int, start: int) -> tuple[int, int]:
    top = bottom = row
    while (
        top > start
        and bottom - top < _LEVELS - 1
        and (step := _group_rows(grid, top, start))
    ):
        top -= step
    while (
        bottom + 1 < grid.height
        and bottom - top < _LEVELS - 1
        and _is_leaf_row(grid, bottom, bottom + 1)
    ):
        bottom += 1
    top = max(top, bottom - _LEVELS + 1)
    return top, _reach(grid, top, bottom)


def _reach(grid: Grid, top: int, bottom: int) -> int:
    """Return the last row to which merged headers reach down, blank rows between the levels included."""
    ends = [
        r2 - 1
        for r1, c1, r2, _ in grid.sheet.merges
        if top <= r1 - 1 <= bottom < r2 - 1 < min(top + _LEVELS, grid.height)
        and grid.rows[r1 - 1][c1 - 1] is not None
    ]
    reached = max([bottom, *ends])
    below = [
        v
        for row in range(bottom + 1, reached + 1)
        for v in grid.rows[row]
        if v is not None
    ]
    return (
        reached
        if all(isinstance(v, str) and not _is_data(text_of(v)) for v in below)
        else bottom
    )


def _group_rows(grid: Grid, row: int, start: int) -> int:
    """Return how many rows above a header row belong to it: 1, or 2 where few columns have a level between."""
    if _is_group_row(grid, row - 1, row):
        return 1
    between = grid.filled(row - 1)
    leaves = set(grid.filled(row))
    if row - 2 < start or not (
        between or _spans(grid, row - 2, row) or _completes(grid, row - 2, leaves)
    ):
        return 0
    inside = all(c and isinstance(grid.rows[row - 1][c], str) for c in between)
    if (
        not inside
        or not leaves.issuperset(between)
        or not _could_be_header(grid.rows[row - 2])
    ):
        return 0
    return 2 if _is_group_row(grid, row - 2, row) else 0


def _completes(grid: Grid, row: int, leaves: set[int]) -> bool:
    """Tell whether a row names just the columns that the leaves leave without a header."""
    both = leaves | set(grid.filled(row))
    return len(both) > len(leaves) and both == set(range(min(both), max(both) + 1))


def _spans(grid: Grid, upper: int, lower: int) -> bool:
    """Tell whether a merge reaches from one row into the next."""
    return any(
        r1 - 1 <= upper and r2 - 1 >= lower for r1, _, r2, _ in grid.sheet.merges
    )


def _is_group_row(grid: Grid, upper: int, lower: int) -> bool:
    """Tell whether the row above a header row holds the groups of its columns."""
    above = grid.filled(upper)
    texts = [text_of(grid.rows[upper][c]) for c in above]
    if (
        (len(above) < 2 and not _spans(grid, upper, lower))
        or is_label_row(texts)
        or not above
    ):
        return False
    if any(
        not isinstance(grid.rows[upper][c], str)
        or not _is_short(text_of(grid.rows[upper][c]))
        for c in above
    ):
        return False
    below = set(grid.filled(lower))
    covers = any(c not in below for c in above)  # a header of its own that has no leaf
    groups = any(c in below and c + 1 in below and c + 1 not in above for c in above)
    return (
        (covers and _spans(grid, upper, lower))
        or groups
        or (covers and len(set(above) - below) <= len(above))
    )


def _is_leaf_row(grid: Grid, upper: int, lower: int) -> bool:
    """Tell whether the row below a header row holds the leaves of its groups."""
    above, below = set(grid.filled(upper)), grid.filled(lower)
    if not below or any(not isinstance(grid.rows[lower][c], str) for c in below):
        return False
    group = _group_columns(grid, upper)
    if not all(c in group for c in below) or not any(c not in above for c in below):
        return False
    return all(
        _is_short(text_of(grid.rows[lower][c]))
        and not _is_data(text_of(grid.rows[lower][c]))
        for c in below
    )


def _group_columns(grid: Grid, row: int) -> set[int]:
    """Return the columns below cells of a row that span several columns, by a merge or by blanks to their right."""
    found: set[int] = set()
    for r1, c1, r2, c2 in grid.sheet.merges:
        if r1 - 1 == row == r2 - 1 and c2 > c1:
            found.update(range(c1 - 1, c2))
    above = grid.filled(row)
    for at, column in enumerate(above):
        end = above[at + 1] if at + 1 < len(above) else column + 1
        if end - column > 1:
            found.update(range(column, end))
    return found


def _headings(grid: Grid, top: int, bottom: int) -> tuple[ColumnHeader, ...]:
    levels = [grid.merged_text(row, top, bottom) for row in range(top, bottom + 1)]
    for upper, lower in pairwise(levels):
        _spread(upper, lower)
    body = _body(grid, bottom + 1)
    found = []
    for column in range(grid.width):
        texts = [level[column] for level in levels if level[column]]
        texts = [t for at, t in enumerate(texts) if t not in texts[:at]]
        if texts:
            found.append(ColumnHeader(column, tuple(texts), ColumnSample(body, column)))
    return tuple(found)


def _body(grid: Grid, start: int) -> list[list[CellValue]]:
    """Return the rows from ``start`` on that may be data: no column numbers, nor nearly empty as notes are."""
    numbers = {
        r
        for r in range(start, min(start + OPENING, grid.height))
        if is_number_row(grid.rows[r])
    }
    rows = [r for r in range(start, grid.height) if r not in numbers]
    most = max((grid.counts[r] for r in rows[:SEARCH_ROWS]), default=0)
    return [grid.rows[r] for r in rows if grid.counts[r] * _SPARSE >= most] or [
        grid.rows[r] for r in rows
    ]


def _spread(upper: list[str], lower: list[str]) -> None:
    """Let a group that no merge marks stand above the leaves to its right."""
    current = ""
    for column, text in enumerate(upper):
        if text:
            current = (
                text if lower[column] not in ("", text) else ""
            )  # a label merged downwards is no group
        elif lower[column] and current:
            upper[column] = current
        else:
            current = ""


def side_by_side(headings: Sequence[ColumnHeader]) -> list[list[ColumnHeader]]:
    """Cut a header row where its headers begin again: two tables printed in two columns (L15)."""
    keys = [header_text.keys(h.text)[:1] for h in headings]
    threes = list(
        zip(keys, keys[1:], keys[2:], strict=False)
    )  # that many headers the same are no chance
    places: dict[object, list[int]] = {}
    for at, three in enumerate(threes):
        places.setdefault(three, []).append(at)
    cuts = [0]
    while (again := _again(threes, places, cuts[-1], len(keys))) is not None:
        cuts.append(again)
    return [list(headings[a:b]) for a, b in pairwise([*cuts, len(headings)])]


def _again(
    threes: Sequence[object], places: Mapping[object, list[int]], start: int, end: int
) -> int | None:
    """Return where the headers from ``start`` on begin again; the first half of them is looked at."""
    for at in range(start, min(start + (end - start) // 2 + 1, len(threes))):
        found = places[threes[at]]
        later = bisect_left(found, at + 3)
        if later < len(found):
            return found[later]
    return None


def nameless_columns(
    grid: Grid, headings: Sequence[ColumnHeader], part: int
) -> frozenset[int]:
    """Return the columns without a header at the left edge of a sheet, where numbers and 合计 may stand."""
    return (
        frozenset(range(min((h.column for h in headings), default=0)))
        if part == 0 and grid.rows
        else frozenset()
    )


def serial_column(
    grid: Grid, headings: Sequence[ColumnHeader], nameless: frozenset[int], bottom: int
) -> int | None:
    """Return the column that numbers the rows, if there is one."""
    named = next((h.column for h in headings if is_serial(h)), None)
    if named is not None:
        return named
    body = grid.rows[bottom + 1 :]
    return next(
        (c for c in sorted(nameless) if counts_up(ColumnSample(body, c).values)), None
    )
