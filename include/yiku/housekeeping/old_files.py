"""The files below a home that are older than their period."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from yiku.calendar import SHANGHAI
from yiku.housekeeping.retention import Retention
from yiku.settings import Settings

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BEFORE = ".1"  # behind the name of a log that was begun anew
_MEGABYTE = 1_000_000


@dataclass
class OldFiles:
    """What may go: files by kind, and logs that are to begin anew."""

    logs: list[Path] = field(default_factory=list)
    outbox: list[Path] = field(default_factory=list)
    large_logs: list[Path] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """How many bytes go."""
        return sum(_size(path) for path in (*self.logs, *self.outbox))

    def remove(self, settings: Settings) -> None:
        """Take them away, and the folders that are empty then; what goes meanwhile is no fault."""
        for path in (*self.logs, *self.outbox):
            with suppress(FileNotFoundError):
                path.unlink()
        for path in self.large_logs:
            # a program that is writing goes on in the old one until it ends
            with suppress(FileNotFoundError):
                path.replace(path.with_name(path.name + _BEFORE))
        if self.outbox:
            _remove_empty(settings.outbox)
        if self.logs:
            _remove_empty(settings.logs)


def old_files(
    settings: Settings,
    retention: Retention,
    day: date,
    today: date,
    needed: Collection[Path],
) -> OldFiles:
    """Find what is older than its period.

    The outbox is dated by business dates and so counts from ``day``, logs are written
    ``today``. ``needed`` are files of the outbox that stay however old they are.
    """
    found = OldFiles()
    limit = retention.log_megabytes * _MEGABYTE
    for path in _files(settings.logs):
        if _written_on(path) < today - timedelta(days=retention.logs):
            found.logs.append(path)
        elif path.suffix == ".log" and _size(path) > limit:
            found.large_logs.append(path)
    first = day - timedelta(days=retention.outbox)
    for folder in _folders_of_days(settings.outbox):
        if date.fromisoformat(folder.name) < first:
            found.outbox += [
                path for path in _files(folder) if path not in needed
            ]
    return found


def _files(folder: Path) -> Iterator[Path]:
    for where, _folders, names in os.walk(folder):
        for name in names:
            yield Path(where, name)


def _folders_of_days(outbox: Path) -> Iterator[Path]:
    if not outbox.is_dir():
        return
    for folder in sorted(outbox.iterdir()):
        if folder.is_dir() and _DAY.fullmatch(folder.name):
            with suppress(ValueError):  # 2017-02-30: somebody's own folder
                date.fromisoformat(folder.name)
                yield folder


def _remove_empty(top: Path) -> None:
    """Remove the empty folders below one, the innermost first."""
    for where, _folders, _names in os.walk(top, topdown=False):
        if Path(where) != top:
            with suppress(OSError):  # it is not empty, or went meanwhile
                Path(where).rmdir()


def _written_on(path: Path) -> date:
    try:
        moment = path.lstat().st_mtime
    except FileNotFoundError:
        return date.max
    return datetime.fromtimestamp(moment, SHANGHAI).date()


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
