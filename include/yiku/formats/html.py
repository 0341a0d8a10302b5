"""HTML saved or exported under the name .xls: its tables, one below the other, as a spreadsheet program shows them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from yiku.formats.calamine_cells import MAX_CELLS, trim
from yiku.formats.cells import Book, CellValue, Look, RefusedError, Sheet, Span
from yiku.formats.row_colours import ColouredCell, coloured_rows, is_marking, plain_rgb
from yiku.formats.xml_parts import local

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MAX_SPAN = 1000
_COLOUR = re.compile(
    r"(?:background(?:-color)?|(?<![-\w])color|bgcolor)\s*:\s*(#[0-9a-f]{6}|red|yellow)",
    re.IGNORECASE,
)
_NAMED = {"red": "FF0000", "yellow": "FFFF00"}
_UNSEEN = frozenset(["script", "style", "comment"])
_BLOCKS = frozenset(
    ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "center", "caption", "li"]
)


def read_html(text: str) -> Book:
    """Read every table of a page into one sheet; text between tables takes a row of its own. F07 if there is none."""
    parser = html.HTMLParser(no_network=True, huge_tree=False)
    root = etree.fromstring(_DECLARATION.sub("", text), parser)
    grid = _Grid()
    if root is None or next(root.iter("table"), None) is None:
        raise RefusedError("F07", kind="html")
    _walk(root, grid)
    if len(grid.rows) * max(map(len, grid.rows), default=0) > MAX_CELLS:
        raise RefusedError("F13", why="cells", limit=MAX_CELLS)
    height = len(trim(grid.rows))
    look = Look(
        hidden_rows=frozenset(r for r in grid.hidden if r <= height),
        struck_rows=frozenset(r for r in grid.struck if r <= height),
        coloured_rows=coloured_rows(grid.coloured, height),
        comments=grid.comments,
    )
    return Book("html", [Sheet(None, grid.rows, True, tuple(grid.merges), look)])


class _Grid:
    """The sheet while it grows; ``taken`` is the last row to which a rowspan reaches down in a column."""

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
        number, column = len(self.rows), 1
        if re.search(r"display\s*:\s*none", node.get("style") or ""):
            self.hidden.add(number)
        for cell in node:
            if local(cell) not in ("td", "th"):
                continue
            while self.taken.get(column, 0) >= number:
                column += 1
            column = self._place(cell, number, column)

    def _place(self, cell: Any, number: int, column: int) -> int:
        down, across = _span(cell, "rowspan"), _span(cell, "colspan")
        self.area += down * across
        if self.area > MAX_CELLS:
            raise RefusedError("F13", why="cells", limit=MAX_CELLS)
        if down > 1 or across > 1:
            self.merges.append((number, column, number + down - 1, column + across - 1))
            self.taken.update(
                dict.fromkeys(range(column, column + across), number + down - 1)
            )
        row = self.rows[-1]
        self.area += max(0, column - 1 - len(row))
        row.extend([None] * (column + across - 1 - len(row)))
        row[column - 1] = _value(cell)
        self._note_look(cell, number, column)
        return column + across

    def _note_look(self, cell: Any, number: int, column: int) -> None:
        if next(
            cell.iter("s", "strike", "del"), None
        ) is not None or "line-through" in (cell.get("style") or ""):
            self.struck.add(number)
        if (comment := next(cell.iter("comment"), None)) is not None and (
            text := _text(comment)
        ):
            self.comments[number, column] = text
        if colour := _colour(cell):
            self.coloured.append((number, column, colour))


def _walk(node: Any, grid: _Grid) -> None:
    for child in node:
        name = local(child)
        if name == "tr" and next(child.iter("table"), None) is not None:
            _walk_layout(child, grid)
        elif name == "tr":
            grid.add_row(child)
        elif name in ("head", "xml") or name in _UNSEEN:
            continue
        elif next(child.iter("table", "tr"), None) is not None:
            _walk(child, grid)
        elif name in _BLOCKS and (text := _text(child)):
            grid.add_line(text)


def _walk_layout(row: Any, grid: _Grid) -> None:
    """Read a row that only arranges the page: what its cells hold stands one below the other."""
    for cell in row:
        if next(cell.iter("tr"), None) is not None:
            _walk(cell, grid)
        elif local(cell) in ("td", "th") and (text := _text(cell)):
            grid.add_line(text)


def _span(cell: Any, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return (
        max(1, min(int(text[:9]), _MAX_SPAN))
        if text.isascii() and text.isdigit()
        else 1
    )


def _text(node: Any) -> str:
    parts: list[str] = []
    for item in node.iter():
        if local(item) == "br":
            parts.append("\v")
        skipped = item is not node and local(item) in _UNSEEN
        if isinstance(item.tag, str) and item.text and not skipped:
            parts.append(item.text)
        if item is not node and item.tail:
            parts.append(item.tail)
    return _SPACES.sub(" ", "".join(parts)).replace("\v", "\n").strip(" \n")


def _value(cell: Any) -> CellValue:
    """Return a cell's text, or its number where the page says that it is one (``x:num``)."""
    text = _text(cell)
    number = cell.get("x:num")
    if number is None or cell.get("x:str") is not None:
        return text or None
    try:
        return float(number or text)
    except ValueError:
        return text or None


def _colour(cell: Any) -> str | None:
    texts = [
        cell.get("style") or "",
        f"bgcolor:{cell.get('bgcolor')}" if cell.get("bgcolor") else "",
    ]
    texts += [
        f"color:{font.get('color')}" for font in cell.iter("font") if font.get("color")
    ]
    for found in _COLOUR.findall(";".join(texts)):
        rgb = _NAMED.get(found.lower()) or plain_rgb(found)
        if is_marking(rgb):
            return rgb
    return None
