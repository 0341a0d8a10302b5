"""The journal in the archive.

What arrived, what was taken back or decided, which nights there were. With it the archive alone
is enough to build a whole warehouse anew. Entries are small JSON files that are only ever added,
each by its own name: written twice, an entry is the same. A file's path may hold the number of a
person, as its content does: the archive is for its owner alone.
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
    """A file as it came.

    Where it lay in the inbox, what it held, and the night that took it in.
    """

    path: str  # relative to the inbox
    sha256: str
    size: int
    business_date: date
    received_at: datetime
    source: str | None = None  # of sources.yml; none of the one inbox


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
    """What somebody decided about links.

    Whose rows that say something are, or whether two persons are one.
    """

    name: str  # of the decision, the same whenever it is written
    at: datetime
    by: str
    person: str | None
    reversed_at: datetime | None = None
    # County, number and name of the row, the person's number.
    words: tuple[str | None, ...] = ()
    other: str | None = None
    same: bool | None = None


@dataclass(frozen=True)
class Delivered:
    """An answer that goes back to where its file came from; met again there it is no submission."""

    receipt_no: str
    kind: str
    county_code: str
    unit_code: str
    source: str
    file_name: str
    sha256: str
    size: int
    business_date: date
    at: datetime
    is_pending: bool = (
        False  # about to be laid down; whether it was, another says
    )


@dataclass(frozen=True)
class Mailed:
    """A mail that was looked at: seen again it brings nothing."""

    source: str
    identity: str
    business_date: date
    state: str
    county_code: str | None
    unit_code: str | None
    at: datetime


Entry = TypeVar("Entry", Arrived, TakenBack, Night, Decided, Delivered, Mailed)
_AnyEntry = Arrived | TakenBack | Night | Decided | Delivered | Mailed


@dataclass(frozen=True)
class Journal:
    """The journal of an archive."""

    archive: Archive

    def arrived(
        self,
        path: str,
        sha256: str,
        size: int,
        business_date: date,
        source: str | None = None,
    ) -> None:
        """Note that a file came tonight."""
        now = datetime.now(UTC)
        entry = Arrived(path, sha256, size, business_date, now, source)
        # A path may be longer than a name may be, and hold what no name may.
        place = hashlib.sha256(_bytes(path)).hexdigest()[:32]
        name = f"arrivals/{business_date}/{place}-{sha256[:32]}.json"
        self._add(name, entry)

    def taken_back(self, receipt_no: str, sha256: str, at: datetime) -> None:
        """Note that a submission was taken back."""
        entry = TakenBack(receipt_no, sha256, at)
        self._add(f"taken_back/{receipt_no}.json", entry)

    def delivered(self, answer: Delivered) -> None:
        """Note that an answer is about to be laid down, or that it was."""
        # What answers no submission is told from what another unit gets alike.
        of = answer.receipt_no or f"{answer.county_code}-{answer.unit_code}"
        state = "-pending" if answer.is_pending else ""
        name = f"{of}-{answer.sha256[:32]}{state}"
        self._add(f"deliveries/{answer.business_date}/{name}.json", answer)

    def all_delivered(self) -> list[Delivered]:
        """Return all answers that were laid down or about to be, in that order.

        Of one that was laid down only that.
        """
        last: dict[tuple[str, ...], Delivered] = {}
        for answer in self._all("deliveries", Delivered):
            unit = (answer.county_code, answer.unit_code)
            key = (answer.receipt_no, *unit, answer.kind, answer.sha256)
            if key not in last or not answer.is_pending:
                last[key] = answer
        return sorted(last.values(), key=lambda answer: answer.at)

    def mailed(self, mail: Mailed) -> None:
        """Note that a mail is being taken in, or passed over."""
        place = hashlib.sha256(_bytes(mail.source)).hexdigest()[:16]
        name = f"{place}-{mail.identity[:32]}"
        self._add(f"mails/{mail.business_date}/{name}.json", mail)

    def all_mailed(self) -> list[Mailed]:
        """Return all mails that were looked at, in that order."""
        return sorted(self._all("mails", Mailed), key=lambda mail: mail.at)

    def night(
        self,
        night: int,
        business_date: date,
        began: datetime,
        finished: datetime,
    ) -> None:
        """Note that a night was published."""
        entry = Night(night, business_date, began, finished)
        self._add(f"nights/{night:010d}.json", entry)

    def decided(self, decision: Decided) -> None:
        """Note what was decided about links, and once more when it was taken back."""
        state = "made" if decision.reversed_at is None else "reversed"
        self._add(f"decisions/{decision.name}-{state}.json", decision)

    def decisions(self) -> list[Decided]:
        """Return all decisions about links in their order.

        Of one that was taken back only how it ended.
        """
        last: dict[str, Decided] = {}
        for entry in self._all("decisions", Decided):
            if entry.name not in last or entry.reversed_at is not None:
                last[entry.name] = entry
        return sorted(last.values(), key=lambda entry: (entry.at, entry.name))

    def arrivals(self) -> list[Arrived]:
        """Return all arrivals, in the order in which they came."""
        entries = self._all("arrivals", Arrived)
        return sorted(
            entries, key=lambda entry: (entry.received_at, entry.path)
        )

    def all_taken_back(self) -> list[TakenBack]:
        """Return all that was taken back, in that order."""
        entries = self._all("taken_back", TakenBack)
        return sorted(entries, key=lambda entry: entry.at)

    def nights(self) -> list[Night]:
        """Return all published nights, in their order."""
        entries = self._all("nights", Night)
        return sorted(entries, key=lambda entry: (entry.began, entry.night))

    def keep_key(self, key: bytes) -> None:
        """Keep what turns ID numbers into keys.

        Built without it, everybody would get a new one.
        """
        if not self.archive.exists(_KEY):
            self.archive.put(_KEY, key.hex().encode())

    def key(self) -> bytes | None:
        """Return the key that was kept, or None."""
        if not self.archive.exists(_KEY):
            return None
        return bytes.fromhex(self.archive.read(_KEY).decode())

    def _add(self, name: str, entry: _AnyEntry) -> None:
        """Write an entry, unless it stands there already."""
        if self.archive.exists(name):
            return
        text = json.dumps(asdict(entry), default=_plain)
        self.archive.put(name, _bytes(text))

    def _all(self, kind: str, shape: type[Entry]) -> Iterator[Entry]:
        """Yield all entries of one kind, in no order."""
        for name in self.archive.names(kind):
            text = self.archive.read(name).decode("utf-8", "surrogatepass")
            yield shape(**_typed(json.loads(text)))


def _bytes(text: str) -> bytes:
    """Return the bytes of a text; a path may hold what is no character."""
    return text.encode("utf-8", "surrogatepass")


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _typed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON keeps as text and lists as what it was."""
    typed = dict(entry)
    for name, value in entry.items():
        if name == "business_date":
            typed[name] = date.fromisoformat(value)
        elif name in _MOMENTS and value is not None:
            typed[name] = datetime.fromisoformat(value)
        elif name == "words":
            typed[name] = tuple(value)
    return typed
