"""The clerk's xlsx with our marks: parts of its package are changed, none is written anew.

What openpyxl cannot keep (text boxes, pictures in cells, sparklines, drop-downs of newer programs, embedded documents)
lies in parts, or pieces of parts, that are not touched here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.workbook import Workbook

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
    references,
    sentences,
    sorted_marks,
)
from yiku.returns.notes import Notes
from yiku.returns.own_sheets import plant
from yiku.returns.package import Package, whole
from yiku.returns.reply import Mark, PlacedTable
from yiku.returns.sheet_xml import MAX_COLUMN, SheetXml
from yiku.returns.source import FORMULA_STARTS, sheet_title
from yiku.returns.styles import Change, Own, Styles

_OWN_HEADERS = (RESULT_HEADER, ADVICE_HEADER, REFERENCE_HEADER)
_OWN_FILLS = frozenset({BAD_FILL, WARN_FILL})
_HEAD_FILL = "D9E1F2"
_WIDTHS = (10.0, 56.0)  # characters
_PER_LINE = 28  # Chinese characters that fit into a line of 修改意见
_MAX_HEIGHT = 180.0  # points

Place = tuple[int, int]
Write = Callable[[Workbook, Sequence[str]], None]


def edit(
    data: bytes, marks: Sequence[Mark], tables: Sequence[PlacedTable], write: Write
) -> bytes:
    """Return the clerk's workbook with marks, two columns at the right, and the sheets that ``write`` adds.

    ``write`` is given a workbook with the clerk's titles and the names of what could not be kept. NotEditableError when
    the file is no package as the standard has it.
    """
    book = BookXml(Package(data))
    lost = book.strip()
    again = REPORT_SHEET in book.titles()
    if again:
        book.remove(REPORT_SHEET)
    quoted = frozenset(
        k for k, text in enumerate(book.strings()) if text.startswith(FORMULA_STARTS)
    )
    for title, part in book.parts().items():
        placed = [t for t in tables if sheet_title(t.sheet) == sheet_title(title)]
        mine = [m for m in marks if sheet_title(m.sheet) == sheet_title(title)]
        _Page(book, part, quoted).edit(placed, mine, again)
    plant(book, lambda draft: write(draft, lost))
    book.open_at_first()
    return book.package.save()


@dataclass(frozen=True)
class _Page:
    """One sheet of the clerk's. ``quoted`` are the shared strings that a program could take for formulas."""

    book: BookXml
    part: str
    quoted: frozenset[int]

    @property
    def sheet(self) -> SheetXml:
        """The part under change."""
        return self.book.sheet(self.part)

    @property
    def styles(self) -> Styles:
        """The formats of the workbook."""
        return self.book.styles

    def edit(
        self, tables: Sequence[PlacedTable], marks: Sequence[Mark], again: bool
    ) -> None:
        """Change what has to be; a sheet about which there is nothing to say keeps its bytes."""
        raw = self.book.package.read(self.part)
        told = [m for m in marks if m.verdict != "A"]
        if not (
            tables
            or told
            or again
            or self.quoted
            or b"tabSelected" in raw
            or b"inlineStr" in raw
        ):
            return
        notes = Notes(self.book.package, self.part, self.sheet)
        if again:
            self._clear(notes)
        self.sheet.deselect()
        if self.quoted or b"inlineStr" in raw:
            self._guard()
        by_cell = self._by_cell(tables, told)
        for (row_no, column), found in by_cell.items():
            self._mark(row_no, column, found)
        notes.put(
            {place: "\n".join(sentences(found)) for place, found in by_cell.items()}
        )
        if tables:
            self._write_columns(tables, [m for m in told if m.row_no is not None])

    def _clear(self, notes: Notes) -> None:
        """Take out what an earlier round wrote: columns, comments, colours."""
        cells = [
            (r, c, cell)
            for r in self.sheet.rows()
            for c, cell in self.sheet.cells(r).items()
        ]
        own = frozenset(
            c for _, c, cell in cells if self.sheet.text(cell) in _OWN_HEADERS
        )
        for row_no, column, cell in cells:
            style = whole(cell.get("s")) or 0
            if column in own:
                self.sheet.drop(row_no, column)
            elif self.styles.fill_of(style) in _OWN_FILLS:
                cell.set("s", str(self.styles.changed(style, Change(fill=""))))
        notes.clear_ours(own)

    def _guard(self) -> None:
        """Keep every text of the clerk from turning into a formula when it is edited."""
        for cell in self.sheet.all_cells():
            if cell.get("t") in ("s", "inlineStr") and (
                self.sheet.text(cell) or ""
            ).startswith(FORMULA_STARTS):
                cell.set(
                    "s",
                    str(
                        self.styles.changed(
                            whole(cell.get("s")) or 0, Change(quoted=True)
                        )
                    ),
                )

    def _by_cell(
        self, tables: Sequence[PlacedTable], marks: Sequence[Mark]
    ) -> Mapping[Place, list[Mark]]:
        found: defaultdict[Place, list[Mark]] = defaultdict(list)
        for mark in marks:
            if mark.row_no is not None:
                column = mark.column or (
                    self._first_column(mark.row_no) if mark.back else None
                )
                if column is not None:
                    found[self.sheet.anchor(mark.row_no, column)].append(mark)
        asked = [m for m in marks if m.header]
        places = self._header_places(tables) if asked else {}
        for mark in asked:
            for place in places.get(leaf_of(mark.header or ""), ()):
                found[place].append(mark)
        return found

    def _first_column(self, row_no: int) -> int:
        """Return where a row begins: what is wrong with it as a whole is shown there."""
        cells = self.sheet.cells(row_no)
        return next(
            (column for column, cell in cells.items() if self.sheet.is_filled(cell)), 1
        )

    def _header_places(
        self, tables: Sequence[PlacedTable]
    ) -> Mapping[str, list[Place]]:
        """Return the cells down to the last header by what stands in them, without blanks."""
        found: defaultdict[str, list[Place]] = defaultdict(list)
        last = max((t.header_row for t in tables), default=0)
        for row_no in (r for r in self.sheet.rows() if r <= last):
            for column, cell in self.sheet.cells(row_no).items():
                found["".join((self.sheet.text(cell) or "").split())].append(
                    (row_no, column)
                )
        return found

    def _mark(self, row_no: int, column: int, marks: Sequence[Mark]) -> None:
        back = any(m.back for m in marks)
        change = Change(
            fill=BAD_FILL if back else WARN_FILL,
            text=any(m.rule in TEXT_RULES for m in marks),
            # What has to be corrected can be, on a protected sheet too.
            unlocked=back and self.sheet.is_protected,
        )
        style = self.sheet.style(row_no, column)
        self.sheet.set_style(row_no, column, self.styles.changed(style, change))

    def _write_columns(
        self, tables: Sequence[PlacedTable], marks: Sequence[Mark]
    ) -> None:
        first = self.sheet.last_column() + 1
        if first + 2 > MAX_COLUMN:  # no room: the report says all of it
            return
        for table in tables:
            for offset, text in enumerate(_OWN_HEADERS):
                style = self.styles.own(
                    Own(fill=_HEAD_FILL, bold=True, centred=True, wrapped=True)
                )
                self.sheet.put_text(table.header_row, first + offset, text, style)
        by_row: defaultdict[int, list[Mark]] = defaultdict(list)
        for mark in marks:
            by_row[mark.row_no or 0].append(mark)
        for row_no, found in by_row.items():
            self._write_result(row_no, first, found)
        for row_no, reference in references(tables).items():
            self.sheet.put_text(
                row_no,
                first + 2,
                REFERENCE_PREFIX + reference,
                self.styles.own(Own(plain=True)),
            )
        for offset, width in enumerate(_WIDTHS):
            self.sheet.set_column(first + offset, width, hidden=False)
        self.sheet.set_column(first + 2, None, hidden=True)
        self.sheet.widen(first + 2)
        self.sheet.freeze_below(min(t.header_row for t in tables))

    def _write_result(self, row_no: int, first: int, marks: Sequence[Mark]) -> None:
        back = any(m.back for m in marks)
        lines = sentences(sorted_marks(marks))
        numbered = (
            lines
            if len(lines) == 1
            else [f"{n}. {text}" for n, text in enumerate(lines, 1)]
        )
        advice, fill = "\n".join(numbered), BAD_FILL if back else WARN_FILL
        locked, quoted = self.sheet.is_protected, advice.startswith(FORMULA_STARTS)
        result = self.styles.own(Own(fill=fill, centred=True))
        answer = self.styles.own(
            Own(fill=fill, wrapped=True, unlocked=locked, quoted=quoted)
        )
        self.sheet.put_text(row_no, first, "已退回" if back else "请核实", result)
        self.sheet.put_text(row_no, first + 1, advice, answer)
        height = sum(1 + (len(text) - 1) // _PER_LINE for text in numbered) * 15.0 + 3
        self.sheet.grow(row_no, min(height, _MAX_HEIGHT))
