"""Colours that a clerk put on rows as a mark, told apart from the colours of a layout."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

ColouredCell = tuple[int, int, str]  # row, column, colour
_WHITE = frozenset({"FFFFFF", "000000"})


def plain_rgb(text: str | None) -> str | None:
    """Return RRGGBB in capitals from RRGGBB, AARRGGBB or #RRGGBB; None for anything else."""
    digits = (text or "").lstrip("#").upper()
    if len(digits) not in (6, 8):
        return None
    return digits[-6:]


def is_marking(rgb: str | None) -> bool:
    """Return whether a colour can be a mark: black and white never are."""
    return rgb is not None and rgb not in _WHITE


def coloured_rows(
    cells: Iterable[ColouredCell], height: int
) -> frozenset[int]:
    """Return the rows whose colour sets them apart.

    A colour on half of the rows, on half of one column, or on every second row belongs to the
    layout. Header rows may be among the result: who knows the header leaves them out.
    """
    rows_of_colour: defaultdict[str, set[int]] = defaultdict(set)
    in_column: Counter[tuple[int, str]] = Counter()
    kept = [cell for cell in cells if cell[0] <= height]
    for row, column, colour in kept:
        rows_of_colour[colour].add(row)
        in_column[column, colour] += 1
    layout = set()
    for colour, rows in rows_of_colour.items():
        if _is_layout(sorted(rows), height):
            layout.add(colour)
    apart = set()
    for row, column, colour in kept:
        is_of_column = in_column[column, colour] * 2 > height
        if colour not in layout and not is_of_column:
            apart.add(row)
    return frozenset(apart)


def _is_layout(rows: list[int], height: int) -> bool:
    """Return whether a colour is on more than half of the rows, or on every second one."""
    if len(rows) * 2 > height:
        return True
    gaps = [below - above for above, below in pairwise(rows)]
    # A few rows two apart are no stripes yet, and stripes may miss a row here and there.
    is_frequent = len(rows) * 10 >= height * 3
    is_striped = len(gaps) >= 2 and gaps.count(2) * 5 >= len(gaps) * 4
    return is_frequent and is_striped
