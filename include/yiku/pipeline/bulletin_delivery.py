"""Bring an issued bulletin to its county's officers, once an issue: with the next answers that go there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from yiku.pipeline.bringing_back import readers_of
from yiku.pipeline.outbox_folder import unit_file
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.unit_deliveries import (
    BULLETIN,
    UnitFile,
    prepare_bulletin,
)


def hand_on_bulletin(
    conn: Connection,
    settings: Settings,
    county_code: str,
    day: date,
    files: Sequence[Path],
) -> int:
    """Write down that the files of an issue, which lie in the outbox, are to be brought; return how many are new.

    The night lays them down and not this: two at once would send a letter twice.
    """
    issued = [_file_of(county_code, path) for path in files]
    count = prepare_bulletin(conn, day, issued, readers_of(settings))
    conn.commit()
    return count


def _file_of(county_code: str, path: Path) -> UnitFile:
    codes = county_code, "county"
    return unit_file(BULLETIN, codes, path.name, path.read_bytes())
