"""The clerk's xlsx with our marks: parts of its package are changed, none is written anew.

What openpyxl cannot keep (text boxes, pictures in cells, sparklines, drop-downs of newer
programs, embedded documents) lies in parts, or pieces of parts, that are not touched here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from yiku.formats.return_marks import (
    ADVICE_HEADER,
    BAD_FILL,
    REFERENCE_HEADER,
    REFERENCE_PREFIX,
    REPORT_SHEET,
    RESULT_HEADER,
    WARN_FILL,
)
from yiku.returns.book_xml import BookXml
from yiku.returns.cell_marks import (
    TEXT_RULES,
    leaf_of,
    line_count,
    numbered,
    references,
    sentences,
)
from yiku.returns.cell_names import MAX_COLUMN, Place
from yiku.returns.drawn_columns import drawn_columns
from yiku.returns.notes import Notes
from yiku.returns.own_page import FORMULA_STARTS, HEADER, OwnSheets
from yiku.returns.own_sheets import plant
from yiku.returns.package import Element, Package, whole
from yiku.returns.reply import Mark, PlacedTable, sheet_title
from yiku.returns.sheet_xml import SheetXml
from yiku.returns.styles import Change, Own, Styles
from yiku.returns.text_starts import may_begin

_OWN_HEADERS = (RESULT_HEADER, ADVICE_HEADER, REFERENCE_HEADER)
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})
_WIDTHS = (10.0, 56.0)  # characters
# Programs scroll from row to row: of one that is higher than the window the
# end is never seen.
_LINE_HEIGHT, _MAX_HEIGHT = 15.0, 180.0  # points
# So far from the table nobody looks for our columns behind a drawing.
_FAR_COLUMNS = 20

Write = Callable[[OwnSheets, Sequence[str]], None]


def edit(
    data: bytes,
    marks: Sequence[Mark],
    tables: Sequence[PlacedTable],
    write: Write,
) -> bytes:
    """Return the clerk's workbook with marks, two columns at the right, and the sheets of ``write``.

    ``write`` is given the sheets of ours to be added to and the names of what could not be kept.
    NotEditableError when the file is no package as the standard has it.
    """
    book = BookXml(Package(data))
    # Before anything is changed: a signature speaks of the bytes that were
    # signed, and would call our marks a forgery.
    lost = book.strip()
    # It has been sent back before: what we wrote then is out of date.
    is_again = REPORT_SHEET in book.titles()
    if is_again:
        book.remove(REPORT_SHEET)
    quoted = book.strings_beginning_with(FORMULA_STARTS)
    for title, part in book.parts().items():
        own_title = sheet_title(title)
        placed = [
            table for table in tables if sheet_title(table.sheet) == own_title
        ]
        said = [mark for mark in marks if sheet_title(mark.sheet) == own_title]
        _Page(book, part, quoted).edit(placed, said, is_again)

    def write_own(own: OwnSheets) -> None:
        write(own, lost)

    plant(book, write_own)
    book.open_at_first()
    saved = book.package.save()
    book.forget_sheets()
    return saved


@dataclass(frozen=True)
class _Page:
    """One sheet of the clerk's.

    ``quoted`` are the numbers, as cells name them, of the shared strings that a program could take
    for formulas.
    """

    book: BookXml
    part: str
    quoted: frozenset[str]

    @property
    def sheet(self) -> SheetXml:
        """The part under change."""
        return self.book.sheet(self.part)

    @property
    def styles(self) -> Styles:
        """The formats of the workbook."""
        return self.book.styles

    def edit(
        self,
        tables: Sequence[PlacedTable],
        marks: Sequence[Mark],
        is_again: bool,
    ) -> None:
        """Change what has to be; a sheet about which there is nothing to say keeps its bytes."""
        raw = self.book.package.read(self.part)
        told = [mark for mark in marks if mark.verdict != "A"]
        may_hold_formula_text = bool(self.quoted) or may_begin(
            raw, FORMULA_STARTS, needle=b"inlineStr"
        )
        # Two selected sheets are edited together: the report alone is to be selected.
        is_selected = b"tabSelected" in raw
        is_spoken_of = bool(tables) or bool(told) or is_again
        if not (is_spoken_of or may_hold_formula_text or is_selected):
            return
        notes = Notes(self.book.package, self.part, self.sheet)
        if is_again:
            self._clear(notes)
        self.sheet.deselect()
        if may_hold_formula_text:
            self._guard()
        remarks = {}
        for (row_no, column), found in self._by_cell(tables, told).items():
            self._mark(row_no, column, found)
            remarks[row_no, column] = "\n".join(sentences(found))
        notes.put(remarks)
        if tables:
            on_rows = [mark for mark in told if mark.row_no is not None]
            self._write_columns(tables, on_rows)

    def _clear(self, notes: Notes) -> None:
        """Take out what an earlier round wrote: columns, comments, colours."""
        cells = self._all_cells()
        own = frozenset(
            column
            for _, column, cell in cells
            if self.sheet.text(cell) in _OWN_HEADERS
        )
        for row_no, column, cell in cells:
            # Left there they would count as columns of the clerk's, and a
            # second 校验结果 would stand beside the first.
            if column in own:
                self.sheet.drop(row_no, column)
                continue
            style = _style_of(cell)
            if self.styles.fill_of(style) in _OWN_FILLS:
                self._change(cell, Change(fill=""))
        notes.clear_ours(own)

    def _all_cells(self) -> list[tuple[int, int, Element]]:
        """Return row, column and element of every cell."""
        cells = []
        for row_no in self.sheet.rows():
            for column, cell in self.sheet.cells(row_no).items():
                cells.append((row_no, column, cell))
        return cells

    def _guard(self) -> None:
        """Keep every text of the clerk from turning into a formula when it is edited."""
        for cell in self.sheet.all_cells():
            if self._is_formula_text(cell):
                self._change(cell, Change(quoted=True))

    def _is_formula_text(self, cell: Element) -> bool:
        """Return whether a cell holds text that a program could take for a formula."""
        kind = cell.get("t")
        if kind == "s":
            return self.sheet.raw_value(cell) in self.quoted
        if kind != "inlineStr":
            return False
        text = self.sheet.text(cell) or ""
        return text.startswith(FORMULA_STARTS)

    def _change(self, cell: Element, change: Change) -> None:
        """Give a cell a format like its own but for a change."""
        style = self.styles.changed(_style_of(cell), change)
        cell.set("s", str(style))

    def _by_cell(
        self,
        tables: Sequence[PlacedTable],
        marks: Sequence[Mark],
    ) -> Mapping[Place, list[Mark]]:
        """Return what is said by the cell that is to show it."""
        found: defaultdict[Place, list[Mark]] = defaultdict(list)
        for mark in marks:
            if mark.row_no is None:
                continue
            column = mark.column
            if not column and mark.back:
                column = self._first_column(mark.row_no)
            # What is asked of a row as a whole stands at its right only.
            if column:
                found[self.sheet.anchor(mark.row_no, column)].append(mark)
        # Questions about a header are put on it, wherever in the file it is repeated.
        on_headers = [mark for mark in marks if mark.header]
        places = self._header_places(tables) if on_headers else {}
        for mark in on_headers:
            for place in places.get(leaf_of(mark.header or ""), ()):
                found[place].append(mark)
        return found

    def _first_column(self, row_no: int) -> int:
        """Return where a row begins: what is wrong with it as a whole is shown there."""
        for column, cell in self.sheet.cells(row_no).items():
            if self.sheet.is_filled(cell):
                return column
        return 1

    def _header_places(
        self,
        tables: Sequence[PlacedTable],
    ) -> Mapping[str, list[Place]]:
        """Return the cells down to the last header by what stands in them, without blanks."""
        found: defaultdict[str, list[Place]] = defaultdict(list)
        last = max((table.header_row for table in tables), default=0)
        for row_no in self.sheet.rows():
            if row_no > last:
                continue
            for column, cell in self.sheet.cells(row_no).items():
                words = (self.sheet.text(cell) or "").split()
                found["".join(words)].append((row_no, column))
        return found

    def _mark(self, row_no: int, column: int, marks: Sequence[Mark]) -> None:
        """Colour a cell about which something is said."""
        is_back = any(mark.back for mark in marks)
        change = Change(
            fill=BAD_FILL if is_back else WARN_FILL,
            text=any(mark.rule in TEXT_RULES for mark in marks),
            # What has to be corrected can be, on a protected sheet too.
            unlocked=is_back and self.sheet.is_protected,
        )
        style = self.sheet.style(row_no, column)
        changed = self.styles.changed(style, change)
        self.sheet.set_style(row_no, column, changed)

    def _write_columns(
        self,
        tables: Sequence[PlacedTable],
        marks: Sequence[Mark],
    ) -> None:
        """Write 校验结果, 修改意见 and the hidden 行引用 behind the last column."""
        first = self._last_column() + 1
        hidden = first + 2
        # No room: the report says all of it.
        if hidden > MAX_COLUMN:
            return
        for table in tables:
            self._write_headers(table.header_row, first)
        by_row: defaultdict[int, list[Mark]] = defaultdict(list)
        for mark in marks:
            by_row[mark.row_no or 0].append(mark)
        for row_no, found in by_row.items():
            self._write_result(row_no, first, found)
        plain = self.styles.own(Own(plain=True))
        sheet = self.sheet
        for row_no, reference in references(tables).items():
            text = REFERENCE_PREFIX + reference
            sheet.put_text(row_no, hidden, text, plain)
        for offset, width in enumerate(_WIDTHS):
            self.sheet.set_column(first + offset, width, hidden=False)
        self.sheet.set_column(hidden, None, hidden=True)
        self.sheet.widen(hidden)
        self.sheet.freeze_below(min(table.header_row for table in tables))

    def _last_column(self) -> int:
        """Return the last column in use: behind charts and text boxes beside the table, which would hide ours."""
        last = self.sheet.last_column()
        drawing = self.book.package.related(self.part, "drawing")
        if drawing is None or drawing.target is None:
            return last
        root = self.book.package.peek(drawing.target)
        near = [
            column
            for column in drawn_columns(root)
            if column <= last + _FAR_COLUMNS
        ]
        return max([last, *near])

    def _write_headers(self, row_no: int, first: int) -> None:
        for offset, text in enumerate(_OWN_HEADERS):
            style = self.styles.own(HEADER)
            self.sheet.put_text(row_no, first + offset, text, style)

    def _write_result(
        self, row_no: int, first: int, marks: Sequence[Mark]
    ) -> None:
        """Write what became of one row, and what the clerk is to do with it."""
        is_back = any(mark.back for mark in marks)
        lines = numbered(sentences(marks))
        advice = "\n".join(lines)
        fill = BAD_FILL if is_back else WARN_FILL
        result_style = self.styles.own(Own(fill=fill, centred=True))
        # The clerk answers in the cell of the advice.
        advice_format = Own(
            fill=fill,
            wrapped=True,
            unlocked=self.sheet.is_protected,
            quoted=advice.startswith(FORMULA_STARTS),
        )
        advice_style = self.styles.own(advice_format)
        result = "已退回" if is_back else "请核实"
        self.sheet.put_text(row_no, first, result, result_style)
        self.sheet.put_text(row_no, first + 1, advice, advice_style)
        height = line_count(lines) * _LINE_HEIGHT + 3
        self.sheet.grow(row_no, min(height, _MAX_HEIGHT))


def _style_of(cell: Element) -> int:
    return whole(cell.get("s")) or 0
