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
    return digits[-6:] if len(digits) in (6, 8) else None


def is_marking(rgb: str | None) -> bool:
    """Tell whether a colour can be a mark: black and white never are."""
    return rgb is not None and rgb not in _WHITE


def coloured_rows(cells: Iterable[ColouredCell], height: int) -> frozenset[int]:
    """Return the rows whose colour sets them apart.

    A colour on half of the rows, on half of one column, or on every second row belongs to the layout. Header rows may
    be among the result: who knows the header leaves them out.
    """
    by_colour: defaultdict[str, set[int]] = defaultdict(set)
    by_column: Counter[tuple[int, str]] = Counter()
    kept = [c for c in cells if c[0] <= height]
    for row, column, colour in kept:
        by_colour[colour].add(row)
        by_column[column, colour] += 1
    layout = {
        colour for colour, rows in by_colour.items() if _is_layout(sorted(rows), height)
    }
    return frozenset(
        row
        for row, column, colour in kept
        if colour not in layout and by_column[column, colour] * 2 <= height
    )


def _is_layout(rows: list[int], height: int) -> bool:
    if len(rows) * 2 > height:
        return True
    gaps = [b - a for a, b in pairwise(rows)]
    return (
        len(rows) * 10 >= height * 3
        and len(gaps) >= 2
        and gaps.count(2) * 5 >= len(gaps) * 4
    )
