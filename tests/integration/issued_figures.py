"""What figures an issued bulletin may show: those that were frozen with it, as they are printed."""

from __future__ import annotations

from collections.abc import Iterable

from yiku.bulletin.contents import plain
from yiku.warehouse.bulletins import Line


def figures_of(lines: Iterable[Line]) -> set[str]:
    """Return every figure of an issue's lines as text."""
    frozen: set[str] = set()
    for line in lines:
        for value in (line.value, line.target, line.change, line.rate_pct):
            if value is not None:
                frozen.add(plain(value))
        for count in (line.rank, line.overdue):
            if count is not None:
                frozen.add(str(count))
    return frozen
