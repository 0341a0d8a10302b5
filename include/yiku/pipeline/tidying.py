"""The step that takes away what is older than its period, so that a home keeps its size."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from yiku.calendar import SHANGHAI
from yiku.housekeeping import load_retention, old_files
from yiku.pipeline.night_step import Facts, night_step
from yiku.pipeline.outbox_folder import outbox_folder
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.expired_rows import (
    delete_expired,
    kinds,
    still_needed,
)


def tidy(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Take away what a night finds too old."""
    with night_step(settings, business_date, night) as (conn, _):
        return take_away(conn, settings, business_date)


def take_away(
    conn: Connection,
    settings: Settings,
    business_date: date,
    *,
    dry_run: bool = False,
) -> Facts:
    """Take away rows and files that are older than their period; return how many of each kind.

    With ``dry_run`` nothing goes. RetentionError for an installation's own periods that cannot be used.
    """
    retention = load_retention(settings)
    today = datetime.now(SHANGHAI).date()
    # a night of a day to come, or of one long past, is no clock to throw things away by
    day = min(business_date, today)
    before = {
        kind: day - timedelta(days=getattr(retention, kind))
        for kind in kinds()
    }
    first_folder = day - timedelta(days=retention.outbox)
    needed = _needed_files(conn, settings.outbox, first_folder)
    rows = delete_expired(conn, before)
    files = old_files(settings, retention, day, today, needed)
    facts = {
        **rows,
        "logs": len(files.logs),
        "outbox": len(files.outbox),
        "large_logs": len(files.large_logs),
        "bytes": files.size_bytes,
    }
    if dry_run:
        conn.rollback()
        return facts
    # files after rows: what the ledger still names is there
    conn.commit()
    files.remove(settings)
    return facts


def _needed_files(conn: Connection, outbox: Path, before: date) -> set[Path]:
    """Return the files of old folders that wait to be laid down, or are a unit's newest list."""
    found: set[Path] = set()
    for needed in still_needed(conn, before):
        folder = outbox_folder(
            outbox, needed.business_date, needed.county_code, needed.unit_code
        )
        if needed.file_name:
            found.add(folder / needed.file_name)
        elif folder.is_dir():
            found.update(path for path in folder.rglob("*") if path.is_file())
    return found
