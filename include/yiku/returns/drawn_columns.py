"""How far to the right the charts, pictures and text boxes of a sheet reach."""

from __future__ import annotations

from collections.abc import Iterator

from yiku.returns.package import Element, local, whole

# A column of the usual width, in the units of drawings (914,400 an inch).
_COLUMN_UNITS = 609_600


def drawn_columns(drawing: Element) -> Iterator[int]:
    """Yield the last column, from 1, that each shape of a drawing covers."""
    for anchor in drawing:
        found = {local(child): child for child in anchor}
        end = _column(found.get("to"))
        begin = _column(found.get("from"))
        if end is not None:
            yield end
        elif begin is not None and "ext" in found:
            size = whole(found["ext"].get("cx")) or 0
            yield begin + size // _COLUMN_UNITS


def _column(corner: Element | None) -> int | None:
    """Return the column of a corner, which drawings count from 0."""
    if corner is None:
        return None
    for child in corner:
        if local(child) == "col":
            column = whole(child.text)
            return None if column is None else column + 1
    return None
