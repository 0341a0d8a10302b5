"""Bring what was printed to the units that it was printed for: with the next answers that go there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yiku import private
from yiku.pipeline.bringing_back import readers_of
from yiku.pipeline.outbox_folder import outbox_folder, unit_file
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.unit_deliveries import PAPER, UnitFile, prepare_at_places
from yiku.whole_files import write_whole


@dataclass(frozen=True)
class HandedOn:
    """How many printed files go to their units with the next night, and how many units have no place of their own."""

    file_count: int
    units_without: int


def hand_on_prints(
    conn: Connection, settings: Settings, day: date, printed: Sequence[Path]
) -> HandedOn:
    """Write down that printed files are to be brought, each to its own unit and each content once.

    ``printed`` lie by county and unit, as printing leaves them. A unit whose answers go by mail has no place to fetch
    them from: pages with names and telephones do not go through the post.
    """
    files = [_in_outbox(settings, day, path) for path in printed]
    readers = readers_of(settings)
    prepared = prepare_at_places(conn, day, files, readers)
    conn.commit()
    without = set(map(_unit_of, files)) - set(map(_unit_of, prepared))
    return HandedOn(len(prepared), len(without))


def _unit_of(file: UnitFile) -> tuple[str, str]:
    return file.county_code, file.unit_code


def _in_outbox(settings: Settings, day: date, path: Path) -> UnitFile:
    """Copy a file to where the night looks for what it brings."""
    county_code, unit_code = path.parts[-3:-1]
    folder = outbox_folder(settings.outbox, day, county_code, unit_code)
    private.make_folder(folder)
    data = path.read_bytes()
    write_whole(folder / path.name, data)
    return unit_file(PAPER, (county_code, unit_code), path.name, data)
