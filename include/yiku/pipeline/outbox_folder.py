"""Where in the outbox a unit's files of a night lie, and what is noted of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from yiku.intake.archive import fingerprint
from yiku.warehouse.unit_deliveries import UnitFile


def outbox_folder(
    outbox: Path, day: date, county_code: str, unit_code: str
) -> Path:
    """Return the folder of a unit's files of one night; it may not be there yet."""
    return outbox / day.isoformat() / county_code / unit_code


def unit_file(
    kind: str,
    unit: tuple[str, str],
    file_name: str,
    data: bytes,
    item_count: int = 0,
) -> UnitFile:
    """Return what is noted of a file that was written for a unit, given by the codes of its county and itself."""
    county_code, unit_code = unit
    return UnitFile(
        kind=kind,
        county_code=county_code,
        unit_code=unit_code,
        file_name=file_name,
        sha256=fingerprint(data),
        size_bytes=len(data),
        item_count=item_count,
    )
