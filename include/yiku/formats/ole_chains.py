"""Chains of sectors in an OLE file: what a damaged one leads round in a circle is read for ever.

calamine follows a chain until it ends and keeps what it read: a file of five kilobytes fills the memory. olefile counts
its steps, so that only what is handed to calamine has to be looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import olefile  # type: ignore[import-untyped]

# Beyond stand the marks: end of a chain, free, and what belongs to the tables themselves ([MS-CFB] 2.1).
_LAST_SECTOR = 0xFFFFFFFA
_FIRST_DIFAT = (
    0x44  # where the header says at which sector the table of tables goes on
)


def has_circle(data: bytes) -> bool:
    """Return whether any chain of an OLE file leads back into itself."""
    with olefile.OleFileIO(data) as ole:
        ole.loadminifat()
        sector_bytes = int(ole.sector_size)
        tables = (list(ole.fat), list(ole.minifat))
    if any(_is_circular(table) for table in tables):
        return True
    return _is_circular(_tables_after_tables(data, sector_bytes))


def _is_circular(next_of: Sequence[int]) -> bool:
    """Return whether following any of these numbers comes back to where it has been."""
    is_safe = bytearray(len(next_of))
    for start in range(len(next_of)):
        walked: list[int] = []
        on_way: set[int] = set()
        place = start
        while place < len(next_of) and not is_safe[place]:
            if place in on_way:
                return True
            on_way.add(place)
            walked.append(place)
            place = next_of[place]
        for passed in walked:
            is_safe[passed] = 1
    return False


def _tables_after_tables(data: bytes, sector_bytes: int) -> list[int]:
    """Return for each sector which one it would name as the next of the table of tables: its last number."""
    (first,) = struct.unpack_from("<I", data, _FIRST_DIFAT)
    if first >= _LAST_SECTOR:
        return []
    count = max(0, len(data) - sector_bytes) // sector_bytes
    found = [_LAST_SECTOR] * count
    place = first
    for _ in range(count):
        if place >= count:
            break
        end = (place + 2) * sector_bytes
        (following,) = struct.unpack_from("<I", data, end - 4)
        found[place] = following
        place = following
    return found
