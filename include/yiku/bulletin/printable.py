"""Heads and lines without characters that no Word file or workbook can hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from yiku.bulletin.contents import Head
from yiku.returns.cell_names import clean
from yiku.warehouse.bulletins import Line


def printable_head(head: Head) -> Head:
    """Return a head as it can be printed."""
    return replace(
        head,
        note=clean(head.note) if head.note else None,
        silent_towns=tuple(clean(name) for name in head.silent_towns),
    )


def printable_lines(lines: Iterable[Line]) -> list[Line]:
    """Return lines as they can be printed; the ledger keeps them as they came."""
    return [
        line._replace(
            place_name=clean(line.place_name) if line.place_name else None,
            measure_name=clean(line.measure_name),
            unit=clean(line.unit),
        )
        for line in lines
    ]
