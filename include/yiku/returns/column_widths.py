"""The widths of a sheet's columns, which of them are hidden, and the formats they give their cells.

One element stands for a range of columns. Ranges must not overlap, and stand in their order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from lxml import etree

from yiku.returns.package import Element, whole

_DEFAULT_WIDTH = "9"  # characters


@dataclass(frozen=True)
class Columns:
    """The element ``cols`` of a worksheet."""

    root: Element

    def style(self, column: int) -> int:
        """Return the number of the format that a column gives its empty cells."""
        for col in self.root:
            if _covers(col, column):
                return whole(col.get("style")) or 0
        return 0

    def set(self, column: int, width: float | None, hidden: bool) -> None:
        """Give one column its own width (characters) and say whether it is hidden.

        Its neighbours keep theirs.
        """
        made = self._own_col(column)
        # A column that is folded away with its neighbours would not be seen.
        for name in ("hidden", "collapsed", "outlineLevel"):
            if name in made.attrib:
                del made.attrib[name]
        if width is not None:
            made.set("width", f"{width:g}")
            made.set("customWidth", "1")
        elif made.get("width") is None:
            made.set("width", _DEFAULT_WIDTH)
        if hidden:
            made.set("hidden", "1")

    def _own_col(self, column: int) -> Element:
        """Return the element of one column alone.

        A range that covers it is cut into pieces that do not overlap.
        """
        for col in self.root:
            if _covers(col, column):
                return self._cut_out(col, column)
        return self._new_col(column)

    def _cut_out(self, covering: Element, column: int) -> Element:
        """Return the element of one column, cut out of that of a range."""
        made = _cut(covering, column, column)
        first = whole(covering.get("min")) or 1
        last = whole(covering.get("max")) or 1
        if first < column:
            covering.addprevious(_cut(covering, first, column - 1))
        covering.addprevious(made)
        if column < last:
            covering.addprevious(_cut(covering, column + 1, last))
        self.root.remove(covering)
        return made

    def _new_col(self, column: int) -> Element:
        """Put the element of a column that none covers in its place."""
        namespace = etree.QName(self.root).namespace or ""
        made = etree.Element(
            f"{{{namespace}}}col", min=str(column), max=str(column)
        )
        place = 0
        for col in self.root:
            if (whole(col.get("min")) or 0) > column:
                break
            place += 1
        self.root.insert(place, made)
        return made


def _covers(col: Element, column: int) -> bool:
    """Return whether an element of columns stands for one of them."""
    first = whole(col.get("min")) or 0
    last = whole(col.get("max")) or 0
    return first <= column <= last


def _cut(col: Element, first: int, last: int) -> Element:
    """Return a copy of an element of columns that stands for some of them."""
    made = copy.deepcopy(col)
    made.set("min", str(first))
    made.set("max", str(last))
    return made
