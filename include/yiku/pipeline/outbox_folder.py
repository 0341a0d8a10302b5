"""Where in the outbox a unit's files of a night lie."""

from __future__ import annotations

from datetime import date
from pathlib import Path


def outbox_folder(
    outbox: Path, day: date, county_code: str, unit_code: str
) -> Path:
    """Return the folder of a unit's files of one night; it may not be there yet."""
    return outbox / day.isoformat() / county_code / unit_code
