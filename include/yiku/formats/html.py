"""HTML saved or exported under the name .xls: its tables, one below the other.

Web systems offer "download as Excel" and write a page. A spreadsheet program opens it and shows
all of its tables on one sheet, with the text between them in rows of their own; so does this
reader.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import Book, CellValue, Look, RefusedError, Sheet, Span
from yiku.formats.row_colours import (
    ColouredCell,
    coloured_rows,
    is_marking,
    plain_rgb,
)
from yiku.formats.xml_parts import local

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MAX_SPAN = 1000  # as browsers have it
_NOT_SHOWN = re.compile(r"display\s*:\s*none")
_COLOUR = re.compile(
    r"(?:background(?:-color)?|(?<![-\w])color|bgcolor)\s*:"
    r"\s*(#[0-9a-f]{6}|red|yellow)",
    re.IGNORECASE,
)
# The two names by which people mark rows; pages write all others as numbers.
_NAMED = {"red": "FF0000", "yellow": "FFFF00"}
# A ``comment`` holds a remark on the cell around it: it is no part of the cell's text.
_UNSEEN = frozenset(["script", "style", "comment"])
_BLOCKS = frozenset(
    ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "center", "caption", "li"]
)
_STRUCK = ("s", "strike", "del")


def read_html(text: str) -> Book:
    """Read every table of a page into one sheet. F07 if there is none, F13 if it is too large."""
    parser = html.HTMLParser(no_network=True, huge_tree=False)
    # lxml refuses text that names an encoding of its own.
    page = _DECLARATION.sub("", text)
    root = etree.fromstring(page, parser)
    if root is None or next(root.iter("table"), None) is None:
        raise RefusedError("F07", kind="html")
    grid = _Grid()
    _walk(root, grid)
    return Book("html", [grid.finished()])


class _Grid:
    """The sheet while it grows, and the look of its cells.

    ``taken`` is the last row to which a rowspan reaches down in a column, ``area`` the number of
    cells so far, with those that spans cover.
    """

    def __init__(self) -> None:
        self.rows: list[list[CellValue]] = []
        self.merges: list[Span] = []
        self.taken: dict[int, int] = {}
        self.hidden: set[int] = set()
        self.struck: set[int] = set()
        self.coloured: list[ColouredCell] = []
        self.comments: dict[tuple[int, int], str] = {}
        self.area = 0

    def add_line(self, text: str) -> None:
        """Add a row that holds a line of text in its first cell."""
        self.rows.append([text])

    def add_row(self, node: Any) -> None:
        """Add the cells of a ``tr``."""
        self.rows.append([])
        row_no = len(self.rows)
        if _NOT_SHOWN.search(node.get("style") or ""):
            self.hidden.add(row_no)
        column = 1
        for cell in node:
            if local(cell) not in ("td", "th"):
                continue
            # Where a cell of a row above reaches down to, the next one moves to the right.
            while self.taken.get(column, 0) >= row_no:
                column += 1
            column = self._place(cell, row_no, column)

    def finished(self) -> Sheet:
        """Return the sheet. F13 when its rows span too large a rectangle."""
        width = max(map(len, self.rows), default=0)
        if len(self.rows) * width > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        height = len(trim(self.rows))
        look = Look(
            hidden_rows=_down_to(height, self.hidden),
            struck_rows=_down_to(height, self.struck),
            coloured_rows=coloured_rows(self.coloured, height),
            comments=self.comments,
        )
        return Sheet(
            name=None,
            values=self.rows,
            merges=tuple(self.merges),
            look=look,
        )

    def _place(self, cell: Any, row_no: int, column: int) -> int:
        """Put a cell in its place and return the column behind it."""
        down = _span(cell, "rowspan")
        across = _span(cell, "colspan")
        last_row = row_no + down - 1
        last_column = column + across - 1
        row = self.rows[-1]
        self._count(down * across)
        if down > 1 or across > 1:
            self.merges.append((row_no, column, last_row, last_column))
            covered = range(column, last_column + 1)
            self.taken.update(dict.fromkeys(covered, last_row))
        self.area += max(0, column - 1 - len(row))
        row.extend([None] * (last_column - len(row)))
        row[column - 1] = _value(cell)
        self._note_look(cell, row_no, column)
        return last_column + 1

    def _count(self, cells: int) -> None:
        """Count cells before they are made: a few spans can claim more than memory holds."""
        self.area += cells
        if self.area > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)

    def _note_look(self, cell: Any, row_no: int, column: int) -> None:
        style = cell.get("style") or ""
        if _holds(cell, *_STRUCK) or "line-through" in style:
            self.struck.add(row_no)
        comment = next(cell.iter("comment"), None)
        remark = "" if comment is None else _text(comment)
        if remark:
            self.comments[row_no, column] = remark
        colour = _colour(cell)
        if colour:
            self.coloured.append((row_no, column, colour))


def _down_to(height: int, rows: set[int]) -> frozenset[int]:
    """Return the rows that are left after blank ones at the end were cut."""
    return frozenset(row_no for row_no in rows if row_no <= height)


def _walk(node: Any, grid: _Grid) -> None:
    """Add all that stands below a node, in the order of the page."""
    for child in node:
        name = local(child)
        if name == "tr":
            if _holds(child, "table"):
                _walk_layout(child, grid)
            else:
                grid.add_row(child)
        elif name in ("head", "xml") or name in _UNSEEN:
            continue
        elif _holds(child, "table", "tr"):
            _walk(child, grid)
        elif name in _BLOCKS:
            text = _text(child)
            if text:
                grid.add_line(text)


def _walk_layout(row: Any, grid: _Grid) -> None:
    """Read a row that only arranges the page: what its cells hold stands one below the other."""
    for cell in row:
        if _holds(cell, "tr"):
            _walk(cell, grid)
        elif local(cell) in ("td", "th"):
            text = _text(cell)
            if text:
                grid.add_line(text)


def _holds(node: Any, *names: str) -> bool:
    """Return whether a node is, or has below it, an element of one of these names."""
    return next(node.iter(*names), None) is not None


def _span(cell: Any, name: str) -> int:
    """Return over how many rows or columns a cell says that it reaches."""
    text = (cell.get(name) or "1").strip()
    if not (text.isascii() and text.isdigit()):
        return 1
    return max(1, min(int(text[:9]), _MAX_SPAN))


def _text(node: Any) -> str:
    """Return the text below a node, blanks joined as a browser joins them."""
    parts: list[str] = []
    for item in node.iter():
        # A break is kept apart from the line ends of the page's source until those are joined.
        if local(item) == "br":
            parts.append("\v")
        is_below = item is not node
        is_skipped = is_below and local(item) in _UNSEEN
        if isinstance(item.tag, str) and item.text and not is_skipped:
            parts.append(item.text)
        if is_below and item.tail:
            parts.append(item.tail)
    joined = _SPACES.sub(" ", "".join(parts))
    return joined.replace("\v", "\n").strip(" \n")


def _value(cell: Any) -> CellValue:
    """Return a cell's text, or its number where the page says that it is one (``x:num``)."""
    text = _text(cell)
    number = cell.get("x:num")
    if number is None or cell.get("x:str") is not None:
        return text or None
    try:
        # An attribute without a value says that the text is the number.
        return float(number or text)
    except ValueError:
        return text or None


def _colour(cell: Any) -> str | None:
    """Return the first colour of a cell that can be a mark, RRGGBB; None if it has none."""
    styles = [cell.get("style") or ""]
    background = cell.get("bgcolor")
    styles.append(f"bgcolor:{background}" if background else "")
    for font in cell.iter("font"):
        if font.get("color"):
            styles.append(f"color:{font.get('color')}")
    for found in _COLOUR.findall(";".join(styles)):
        rgb = _NAMED.get(found.lower()) or plain_rgb(found)
        if is_marking(rgb):
            return rgb
    return None
