"""Sheets and tables that carry no list: passed over, or held because people stand there.

Beside a list, a summary or a dictionary is no list and passed over. Where a workbook
holds nothing else the best of its doubtful tables is held, so that nothing that was
sent is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from yiku.formats.cells import Sheet
from yiku.tables import line_classes
from yiku.tables.grid import Grid
from yiku.tables.table import Table, Unread
from yiku.tables.table_building import unknown_table
from yiku.tables.value_profile import looks_like_id

# names of sheets that count what the lists hold
_SUMMARY = re.compile(r"汇总|统计表|小结|分析|进度表")
# names of sheets that tell how to fill in the others
_NOTES = re.compile(
    r"说明|须知|封面|目录|首页|要求|样表|示例|模板说明|填报指南|readme", re.I
)
# names of sheets from which cells are chosen
_DICTIONARY = re.compile(
    r"字典|代码|下拉|选项|数据源|参数|码表|dict|lookup|有效性|序列|hidden|wpsreserved",
    re.I,
)
_FEW_LINES = 3  # a sheet of no more, each of one cell, is a note


@dataclass
class _Doubtful:
    """A table that may be no list, and how its sheet is told of if it is none."""

    table: Table
    unread: Unread


@dataclass
class SheetFindings:
    """What the sheets of a workbook hold: tables, sheets without, and the doubtful."""

    tables: list[Table] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    _doubtful: list[_Doubtful] = field(default_factory=list)

    def add_empty(self, sheet: Sheet) -> None:
        """Note a sheet on which nothing stands."""
        self.unread.append(Unread(sheet.name, "empty"))

    def add_table(self, grid: Grid, table: Table) -> None:
        """Keep a table, or doubt it where its sheet or its headers say it is no list."""
        if table.list_code:
            doubt = _doubt(grid.sheet)
            if doubt:
                self._add_doubtful(table, doubt)
            else:
                self.tables.append(table)
            return
        doubt = _doubt(grid.sheet)
        why = _why(grid.sheet)
        people = [] if doubt else _people(grid, table.rows)
        # the first problem of a table without a list is F12, with how near the best list was
        _, facts = table.problems[0]
        if people and why == "no_header":
            _keep_rows(table, people)
            self.tables.append(table)  # nobody is passed over in silence
        elif doubt or facts.get("best", 0) == 0:
            self._add_doubtful(table, doubt or "no_header")
        elif not facts.get("rivals"):
            self._add_doubtful(table, why)
        else:
            self.tables.append(table)

    def _add_doubtful(self, table: Table, why: str) -> None:
        """Keep a table aside until it is known whether the workbook has a list."""
        unread = Unread(table.sheet, why, len(table.rows), len(table.lines))
        self._doubtful.append(_Doubtful(table, unread))

    def add_without_header(self, grid: Grid) -> None:
        """Note a sheet on which no header was found; hold it if people stand on it."""
        why = _why(grid.sheet)
        filled = sum(map(bool, grid.counts))
        # a line of one cell is a title or a note
        wide = [row for row, count in enumerate(grid.counts, 1) if count >= 2]
        if why == "no_header" and not wide and filled <= _FEW_LINES:
            why = "notes"
        people = _people(grid, wide) if why == "no_header" else []
        rows = [row - 1 for row in people or wide]
        table = unknown_table(grid, rows, (0, 0), 0.0, ())
        table.lines = _lines_without_header(grid, table.rows)
        if people:
            self.tables.append(table)
            return
        unread = Unread(grid.sheet.name, why, len(wide), filled)
        self._doubtful.append(_Doubtful(table, unread))

    def settle_doubts(self) -> None:
        """Pass over what is no list beside a list; hold it where nothing else is.

        Of several, those with a known list are held, else those without a header that
        could be one, else all.
        """
        doubtful = self._doubtful
        if any(table.list_code for table in self.tables):
            self.unread.extend(doubt.unread for doubt in doubtful)
            return
        kept = [doubt for doubt in doubtful if doubt.table.list_code]
        if not kept:
            kept = [
                doubt for doubt in doubtful if doubt.unread.why == "no_header"
            ]
        if not kept:
            kept = doubtful
        self.tables.extend(doubt.table for doubt in kept)
        held = {id(doubt) for doubt in kept}
        self.unread.extend(
            doubt.unread for doubt in doubtful if id(doubt) not in held
        )


def _doubt(sheet: Sheet) -> str:
    """Return why the name of a sheet says that it holds no list; '' if it does not."""
    name = sheet.name or ""
    if _SUMMARY.search(name):
        return "summary"
    if _NOTES.search(name):
        return "notes"
    return ""


def _why(sheet: Sheet) -> str:
    """Return why a sheet on which no list was found carries none."""
    if _DICTIONARY.search(sheet.name or "") or not sheet.visible:
        return "dictionary"
    return _doubt(sheet) or "no_header"


def _keep_rows(table: Table, rows: list[int]) -> None:
    """Leave a table no rows but these; the others say something about it.

    Lines without anybody's number are notes there, and counted as such.
    """
    kept = set(rows)
    lines = dict(table.lines)
    for row, found in table.lines.items():
        if found == line_classes.DATA and row not in kept:
            lines[row] = line_classes.NOTE
    table.rows = rows
    table.lines = lines


def _people(grid: Grid, rows: Iterable[int]) -> list[int]:
    """Return those of ``rows`` (from 1) with a cell meant for a resident ID number.

    However damaged it is: somebody was meant.
    """
    return [row for row in rows if any(map(looks_like_id, grid.rows[row - 1]))]


def _lines_without_header(grid: Grid, rows: Iterable[int]) -> dict[int, str]:
    """Return the classes of the lines (from 1) of a sheet without a header."""
    data = set(rows)
    found: dict[int, str] = {}
    for row, count in enumerate(grid.counts, 1):
        if count:
            found[row] = (
                line_classes.DATA if row in data else line_classes.NOTE
            )
    return found
