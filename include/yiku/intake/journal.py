"""The journal in the archive: what arrived from whom and when, what was taken back, which nights there were.

With it the archive alone is enough to build a whole warehouse anew. Entries are small JSON files that are only ever
added, each by its own name: written twice, an entry is the same. A file's path may hold the number of a person, as its
content does: the archive is for its owner alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from yiku.intake.archive import Archive

_KEY = "identity.key"


@dataclass(frozen=True)
class Arrived:
    """A file as it came: where it lay in the inbox, what it held, and the night that took it in."""

    path: str  # relative to the inbox
    sha256: str
    size: int
    business_date: date
    received_at: datetime


@dataclass(frozen=True)
class TakenBack:
    """A submission that was taken back."""

    receipt_no: str
    sha256: str
    at: datetime


@dataclass(frozen=True)
class Night:
    """A night that was published."""

    night: int
    business_date: date
    began: datetime
    finished: datetime


E = TypeVar("E", Arrived, TakenBack, Night)


@dataclass(frozen=True)
class Journal:
    """The journal of an archive."""

    archive: Archive

    def arrived(self, path: str, sha256: str, size: int, business_date: date) -> None:
        """Note that a file came tonight."""
        entry = Arrived(path, sha256, size, business_date, datetime.now(UTC))
        place = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._add(f"arrivals/{business_date}/{place}-{sha256[:32]}.json", entry)

    def taken_back(self, receipt_no: str, sha256: str, at: datetime) -> None:
        """Note that a submission was taken back."""
        self._add(f"taken_back/{receipt_no}.json", TakenBack(receipt_no, sha256, at))

    def night(self, night: int, business_date: date, began: datetime, finished: datetime) -> None:
        """Note that a night was published."""
        self._add(f"nights/{night:010d}.json", Night(night, business_date, began, finished))

    def arrivals(self) -> list[Arrived]:
        """Return all arrivals, in the order in which they came."""
        return sorted(self._all("arrivals", Arrived), key=lambda a: (a.received_at, a.path))

    def all_taken_back(self) -> list[TakenBack]:
        """Return all that was taken back, in that order."""
        return sorted(self._all("taken_back", TakenBack), key=lambda t: t.at)

    def nights(self) -> list[Night]:
        """Return all published nights, in their order."""
        return sorted(self._all("nights", Night), key=lambda n: (n.began, n.night))

    def keep_key(self, key: bytes) -> None:
        """Keep what turns ID numbers into keys: built without it, everybody would get a new one."""
        if not self.archive.exists(_KEY):
            self.archive.put(_KEY, key.hex().encode())

    def key(self) -> bytes | None:
        """Return the key that was kept, or None."""
        return bytes.fromhex(self.archive.read(_KEY).decode()) if self.archive.exists(_KEY) else None

    def _add(self, name: str, entry: Arrived | TakenBack | Night) -> None:
        if not self.archive.exists(name):
            self.archive.put(name, json.dumps(asdict(entry), default=_plain).encode("utf-8", "surrogatepass"))

    def _all(self, kind: str, shape: type[E]) -> Iterator[E]:
        for name in self.archive.names(kind):
            yield shape(**_typed(json.loads(self.archive.read(name).decode("utf-8", "surrogatepass"))))


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _typed(entry: Mapping[str, Any]) -> dict[str, Any]:
    days = {k: date.fromisoformat(v) for k, v in entry.items() if k == "business_date"}
    moments = {
        k: datetime.fromisoformat(v) for k, v in entry.items() if k in ("received_at", "at", "began", "finished")
    }
    return {**entry, **days, **moments}
