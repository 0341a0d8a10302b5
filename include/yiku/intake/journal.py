"""The journal in the archive: what arrived from whom and when, what was taken back or decided, which nights there were.

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
_MOMENTS = frozenset(("received_at", "at", "began", "finished", "reversed_at"))


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


@dataclass(frozen=True)
class Decided:
    """What somebody decided about links: whose rows that say something are, or whether two persons are one."""

    name: str  # of the decision, the same whenever it is written
    at: datetime
    by: str
    person: str | None
    reversed_at: datetime | None = None
    words: tuple[
        str | None, ...
    ] = ()  # county, number and name of the row, the person's number
    other: str | None = None
    same: bool | None = None


E = TypeVar("E", Arrived, TakenBack, Night, Decided)


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

    def night(
        self, night: int, business_date: date, began: datetime, finished: datetime
    ) -> None:
        """Note that a night was published."""
        self._add(
            f"nights/{night:010d}.json", Night(night, business_date, began, finished)
        )

    def decided(self, decision: Decided) -> None:
        """Note what was decided about links, and once more when it was taken back."""
        state = "made" if decision.reversed_at is None else "reversed"
        self._add(f"decisions/{decision.name}-{state}.json", decision)

    def decisions(self) -> list[Decided]:
        """Return all decisions about links in their order; of one that was taken back only how it ended."""
        last = {
            d.name: d
            for d in sorted(
                self._all("decisions", Decided), key=lambda d: d.reversed_at is not None
            )
        }
        return sorted(last.values(), key=lambda d: (d.at, d.name))

    def arrivals(self) -> list[Arrived]:
        """Return all arrivals, in the order in which they came."""
        return sorted(
            self._all("arrivals", Arrived), key=lambda a: (a.received_at, a.path)
        )

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
        return (
            bytes.fromhex(self.archive.read(_KEY).decode())
            if self.archive.exists(_KEY)
            else None
        )

    def _add(self, name: str, entry: Arrived | TakenBack | Night | Decided) -> None:
        if not self.archive.exists(name):
            self.archive.put(
                name,
                json.dumps(asdict(entry), default=_plain).encode(
                    "utf-8", "surrogatepass"
                ),
            )

    def _all(self, kind: str, shape: type[E]) -> Iterator[E]:
        for name in self.archive.names(kind):
            yield shape(
                **_typed(
                    json.loads(self.archive.read(name).decode("utf-8", "surrogatepass"))
                )
            )


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _typed(entry: Mapping[str, Any]) -> dict[str, Any]:
    days = {k: date.fromisoformat(v) for k, v in entry.items() if k == "business_date"}
    moments = {
        k: datetime.fromisoformat(v)
        for k, v in entry.items()
        if k in _MOMENTS and v is not None
    }
    words = {k: tuple(v) for k, v in entry.items() if k == "words"}
    return {**entry, **days, **moments, **words}
