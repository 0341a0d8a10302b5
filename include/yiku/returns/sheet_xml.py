"""The part of one worksheet under change: cells, formats, heights, widths, panes.

Everything else stays as it is: the clerk's file holds things that no library writes.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from yiku.returns.cell_names import (
    RANGE,
    Span,
    by_row,
    clean,
    column_of,
    letters,
    number,
)
from yiku.returns.column_widths import Columns
from yiku.returns.package import Element, NotEditableError, local, whole

# The order of a worksheet's children (ECMA-376 part 1, CT_Worksheet), as far as we add any.
_ORDER = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "drawingHF",
    "legacyDrawing",
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_VALUES = frozenset({"v", "is", "f"})
_LINE_HEIGHT = 15.0  # points of a row that says none
_TRUE = ("1", "true")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass
class SheetXml:
    """A worksheet. ``string`` gives the text of a shared string by its number."""

    root: Element
    string: Callable[[int], str]
    _rows: dict[int, Element] = field(default_factory=dict)
    _cells: dict[int, dict[int, Element]] = field(default_factory=dict)
    # By each row that they cover.
    _merged: dict[int, list[Span]] | None = None

    def __post_init__(self) -> None:
        """Find the rows. NotEditableError when there is no table of cells."""
        self.ns = etree.QName(self.root).namespace or ""
        self._cell_tag = self.tag("c")
        self._inline_tag = self.tag("is")
        self._words_tag = self.tag("t")
        data = self.root.find(self.tag("sheetData"))
        if data is None or local(self.root) != "worksheet":
            raise NotEditableError("no sheet of cells")
        self._data = data
        last = 0
        for row in data.iterfind(self.tag("row")):
            # A row without its number follows the one before it.
            last = whole(row.get("r")) or last + 1
            self._rows[last] = row
        self._order = sorted(self._rows)

    def tag(self, name: str) -> str:
        """Return the full name of an element."""
        return f"{{{self.ns}}}{name}"

    # --- reading

    def rows(self) -> list[int]:
        """Return the numbers of the rows that stand in the part."""
        return sorted(self._rows)

    def all_cells(self) -> Iterator[Element]:
        """Return every cell, wherever it stands."""
        return self._data.iter(self.tag("c"))

    def cells(self, row_no: int) -> dict[int, Element]:
        """Return the cells of a row by column."""
        if row_no not in self._cells:
            self._cells[row_no] = dict(self._numbered(row_no))
        return self._cells[row_no]

    def _numbered(self, row_no: int) -> Iterator[tuple[int, Element]]:
        row = self._rows.get(row_no)
        if row is None:
            return
        last = 0
        for cell in row.iterfind(self.tag("c")):
            # A cell without its reference follows the one before it.
            last = column_of(cell.get("r")) or last + 1
            yield last, cell

    def text(self, cell: Element) -> str | None:
        """Return the text of a cell that holds text, else None."""
        kind = cell.get("t")
        if kind == "inlineStr":
            pieces = cell.iter(self.tag("t"))
            return "".join(piece.text or "" for piece in pieces)
        value = cell.find(self.tag("v"))
        if value is None or value.text is None:
            return None
        if kind == "s":
            return self.string(whole(value.text) or 0)
        return value.text if kind == "str" else None

    def raw_value(self, cell: Element) -> str:
        """Return the value of a cell as it is written: of shared text its number."""
        return cell.findtext(self.tag("v")) or ""

    def last_column(self) -> int:
        """Return the last column that holds anything; formatted empty columns do not count."""
        last = max((right for _, _, _, right in self.merges()), default=0)
        for row_no in self._rows:
            last = max(last, self._last_filled(row_no, last))
        return last

    def _last_filled(self, row_no: int, known: int) -> int:
        """Return the last filled column of a row beyond the one that is known; else that one."""
        for column, cell in self._from_the_end(row_no):
            if column <= known:
                break
            if self.is_filled(cell):
                return column
        return known

    def _from_the_end(self, row_no: int) -> Iterator[tuple[int, Element]]:
        """Yield the cells of a row with their columns, the last one first."""
        # Most rows end where others do: one look at the end is enough.
        row = self._rows[row_no]
        for cell in row.iterchildren(self._cell_tag, reversed=True):
            column = column_of(cell.get("r"))
            if column is None:
                # Which column it is has to be counted, and so from the front.
                yield from reversed(self.cells(row_no).items())
                return
            yield column, cell

    def is_filled(self, cell: Element) -> bool:
        """Return whether a cell holds a value or a formula."""
        return any(local(child) in _VALUES for child in cell)

    def merges(self) -> list[Span]:
        """Return the merged ranges: first row, first column, last row, last column."""
        path = f"{self.tag('mergeCells')}/{self.tag('mergeCell')}"
        spans = []
        for merge in self.root.iterfind(path):
            found = RANGE.fullmatch(merge.get("ref") or "")
            if found:
                left, top, right, bottom = found.groups()
                spans.append(
                    (int(top), number(left), int(bottom), number(right))
                )
        return spans

    def anchor(self, row_no: int, column: int) -> tuple[int, int]:
        """Return the cell that carries the value of one: the first of a merge."""
        # Once a sheet: it may have thousands of merges.
        if self._merged is None:
            self._merged = by_row(self.merges(), max(self._rows, default=0))
        for top, left, _, right in self._merged.get(row_no, ()):
            if left <= column <= right:
                return top, left
        return row_no, column

    def style(self, row_no: int, column: int) -> int:
        """Return the number of the format that a cell has, or would have.

        Its own, its row's, its column's.
        """
        cell = self.cells(row_no).get(column)
        if cell is not None:
            return whole(cell.get("s")) or 0
        row = self._rows.get(row_no)
        # Without that mark the number on a row is a leftover, and no program
        # goes by it.
        if row is not None and row.get("customFormat") in _TRUE:
            return whole(row.get("s")) or 0
        cols = self.root.find(self.tag("cols"))
        return 0 if cols is None else Columns(cols).style(column)

    @property
    def is_protected(self) -> bool:
        """Whether only unlocked cells may be edited."""
        found = self.root.find(self.tag("sheetProtection"))
        return found is not None and found.get("sheet") in _TRUE

    # --- changing cells

    def _cell(self, row_no: int, column: int) -> Element:
        """Return a cell, made in its place, without a format, where it is missing."""
        row = self._row(row_no)
        made = etree.Element(self._cell_tag, r=f"{letters(column)}{row_no}")
        # Most of what we write stands behind all that a row holds: for that
        # its cells need not be counted.
        if row_no not in self._cells and self._is_behind(row, column):
            row.append(made)
            _forget(row, "spans")
            return made
        cells = self.cells(row_no)
        if column in cells:
            return cells[column]
        later = next((right for right in cells if right > column), None)
        if later is None:
            _append_cell(row, made, self.tag("c"))
        else:
            cells[later].addprevious(made)
        # What a row says of its first and last cell is false now, and may be left out.
        _forget(row, "spans")
        self._cells[row_no] = dict(sorted({**cells, column: made}.items()))
        return made

    def _is_behind(self, row: Element, column: int) -> bool:
        """Return whether a column stands behind the last element of a row."""
        if len(row) == 0:
            return True
        last = row[-1]
        end = column_of(last.get("r"))
        return last.tag == self._cell_tag and end is not None and end < column

    def _row(self, row_no: int) -> Element:
        """Return a row, made in its place where it is missing."""
        if row_no in self._rows:
            return self._rows[row_no]
        made = etree.Element(self.tag("row"), r=str(row_no))
        place = bisect.bisect(self._order, row_no)
        if place < len(self._order):
            following = self._rows[self._order[place]]
            following.addprevious(made)
        else:
            self._data.append(made)
        self._order.insert(place, row_no)
        self._rows[row_no] = made
        self._cells.pop(row_no, None)
        return made

    def set_style(self, row_no: int, column: int, style: int) -> None:
        """Give a cell a format."""
        self._cell(row_no, column).set("s", str(style))

    def put_text(
        self, row_no: int, column: int, text: str, style: int
    ) -> None:
        """Write text that no program may take for anything else."""
        cell = self._cell(row_no, column)
        for child in list(cell):
            cell.remove(child)
        cell.set("t", "inlineStr")
        cell.set("s", str(style))
        # Inline: the shared strings of the clerk's workbook stay as they are.
        inline = etree.SubElement(cell, self._inline_tag)
        words = etree.SubElement(inline, self._words_tag)
        words.text = clean(text)
        words.set(_SPACE, "preserve")

    def drop(self, row_no: int, column: int) -> None:
        """Take a cell out."""
        cell = self.cells(row_no).pop(column, None)
        if cell is not None:
            self._rows[row_no].remove(cell)

    def grow(self, row_no: int, height: float) -> None:
        """Make a row at least so high, in points.

        Spreadsheet programs keep a height that is written down.
        """
        row = self._row(row_no)
        now = _fraction(row.get("ht")) or _LINE_HEIGHT
        row.set("ht", f"{max(now, height):g}")
        row.set("customHeight", "1")

    def set_column(
        self, column: int, width: float | None, hidden: bool
    ) -> None:
        """Give one column its own width (characters) and say whether it is hidden."""
        Columns(self._child("cols")).set(column, width, hidden)

    # --- the sheet as a whole

    def freeze_below(self, row_no: int) -> None:
        """Keep the rows down to one in view, unless the sheet is divided already."""
        view = self._view()
        if view.find(self.tag("pane")) is not None:
            return
        # The upper part shows the header, wherever the clerk had scrolled to.
        _forget(view, "topLeftCell")
        pane = etree.Element(
            self.tag("pane"),
            ySplit=str(row_no),
            topLeftCell=f"A{row_no + 1}",
            activePane="bottomLeft",
            state="frozen",
        )
        # In front of the selections, as the standard has it: behind them it is
        # taken for damage.
        view.insert(0, pane)
        selections = view.findall(self.tag("selection"))
        for selection in selections:
            selection.set("pane", "bottomLeft")
        if not selections:
            pane.addnext(
                etree.Element(self.tag("selection"), pane="bottomLeft")
            )

    def deselect(self) -> None:
        """Let the sheet be none of those that are selected when the workbook is opened."""
        path = f"{self.tag('sheetViews')}/{self.tag('sheetView')}"
        for view in self.root.iterfind(path):
            _forget(view, "tabSelected")

    def _view(self) -> Element:
        views = self._child("sheetViews")
        if len(views) == 0:
            etree.SubElement(views, self.tag("sheetView"), workbookViewId="0")
        return views[0]

    def widen(self, column: int) -> None:
        """Let the part say that it reaches to a column."""
        dimension = self.root.find(self.tag("dimension"))
        if dimension is None:
            return
        found = RANGE.fullmatch(dimension.get("ref") or "")
        if found is None:
            return
        left, top, right, bottom = found.groups()
        if number(right) < column:
            dimension.set("ref", f"{left}{top}:{letters(column)}{bottom}")

    def notes_id(self, relations: str) -> str | None:
        """Return the relationship to the drawing that holds the boxes of the comments."""
        found = self.root.find(self.tag("legacyDrawing"))
        return None if found is None else found.get(f"{{{relations}}}id")

    def show_notes(self, rel_id: str, relations: str) -> None:
        """Point to the drawing that holds the boxes of the comments."""
        found = self._child("legacyDrawing")
        found.set(f"{{{relations}}}id", rel_id)

    def _child(self, name: str) -> Element:
        """Return a child of the worksheet, made in its place in the standard's order.

        Programs take a workbook whose children stand in another order for damaged.
        """
        found = self.root.find(self.tag(name))
        if found is not None:
            return found
        made = etree.Element(self.tag(name))
        later = frozenset(_ORDER[_ORDER.index(name) + 1 :])
        place = 0
        for child in self.root:
            if local(child) in later:
                break
            place += 1
        self.root.insert(place, made)
        return made


def _append_cell(row: Element, made: Element, tag: str) -> None:
    """Put a cell behind the last one: a row may hold other elements behind its cells."""
    cells = row.findall(tag)
    if cells:
        cells[-1].addnext(made)
    else:
        row.insert(0, made)


def _forget(element: Element, name: str) -> None:
    if name in element.attrib:
        del element.attrib[name]


def _fraction(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
