"""Pull: what is new in the inbox goes to the archive and gets a line in the ledger."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePosixPath

from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_FILE_BYTES, is_bundle, unpack
from yiku.intake.archive import Archive, Stored, fingerprint
from yiku.intake.arrival import Arrival
from yiku.intake.inbox import Inbox, InboxFile, PlaceBrokeError
from yiku.intake.journal import Journal
from yiku.intake.location import locate
from yiku.intake.path_names import ANSWERS_FOLDER, is_litter
from yiku.intake.visits import Visit
from yiku.isolation import Ended, one_apart
from yiku.product import product_version
from yiku.settings import Settings
from yiku.warehouse import inbox_seen
from yiku.warehouse.answers_sent import answers_of_county
from yiku.warehouse.arrivals import waiting
from yiku.warehouse.connection import Connection
from yiku.warehouse.inbox_seen import Seen, path_hash, text_of
from yiku.warehouse.registration import Content, register

__all__ = ["PullResult", "contents_of", "finish", "pull", "pull_source"]

# A file on which something of ours broke is tried once a version: the same
# code would break again.
_TRY_AGAIN = """
update ops.submission set replay = true where fault is not null and fault_version <> %s
    and undone_at is null
"""


@dataclass
class PullResult:
    """What a pull found.

    Counts, and everything that now waits to be read, older work included.
    """

    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    changing: int = 0
    unchanged: int = 0
    broken: Exception | None = None  # what ended the visit to a source
    work: list[Arrival] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return {
            "new": self.new,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "changing": self.changing,
            "unchanged": self.unchanged,
        }

    def add(self, other: PullResult) -> None:
        """Add what another place had."""
        for name, found_count in other.counts().items():
            setattr(self, name, getattr(self, name) + found_count)

    def count(self, status: str) -> None:
        """Count a content by the status with which it was registered."""
        if status == "rejected":
            self.rejected += 1
        elif status == "duplicate":
            self.duplicates += 1
        else:
            self.new += 1


@dataclass(frozen=True)
class _Pull:
    """A pull under way.

    ``here`` are the places of all files that lie in the inbox now, as hashes; ``source`` is
    what the file of sources calls the place.
    """

    conn: Connection
    place: Inbox
    archive: Archive
    here: AbstractSet[str]
    business_date: date
    result: PullResult
    source: str | None = None


def pull(
    conn: Connection, settings: Settings, inbox: str, business_date: date
) -> PullResult:
    """Take in what is new, one transaction a file, and return all that waits to be read.

    Raises the errors of ``Inbox.at`` when the inbox cannot be opened. A file that changes while
    it is looked at waits for the next night. The inbox itself is never changed.
    """
    place = Inbox.at(locate(inbox, settings))
    archive, result = Archive.at(settings.archive), PullResult()
    look = place.look()
    files = look.files
    result.changing += look.misnamed_count
    here = inbox_seen.places_of(files)
    under_way = _Pull(conn, place, archive, here, business_date, result)
    try:
        _take_in_all(under_way, files)
    except PlaceBrokeError as broken:
        # of the one inbox it is the step that fails, for the reason that the place had
        raise broken.fault from None
    return finish(conn, settings, business_date, result)


def pull_source(
    conn: Connection,
    settings: Settings,
    found: Visit,
    here: AbstractSet[str],
    business_date: date,
) -> PullResult:
    """Take in what is new at one source, one transaction a file.

    ``here`` is what lies at all sources tonight. Where the place fails in the midst of it,
    what was taken in until then stays, and the result says why.
    """
    assert found.inbox is not None
    assert found.look is not None
    archive, result = Archive.at(settings.archive), PullResult()
    result.changing += found.look.misnamed_count
    name = found.source.name
    under_way = _Pull(
        conn, found.inbox, archive, here, business_date, result, name
    )
    try:
        _take_in_all(under_way, found.look.files)
    except PlaceBrokeError as broken:
        result.broken = broken.fault
    return result


def finish(
    conn: Connection,
    settings: Settings,
    business_date: date,
    result: PullResult,
) -> PullResult:
    """Return the result of a pull with everything that now waits to be read."""
    _try_again(conn)
    result.work = waiting(conn, settings, business_date)
    return result


def _take_in_all(under_way: _Pull, files: Sequence[InboxFile]) -> None:
    conn, place = under_way.conn, under_way.place
    seen = inbox_seen.seen_before(conn, place)
    inbox_seen.put_in_places(conn, place, files)
    inbox_seen.note_gone(conn, place, seen, files, under_way.business_date)
    # From here on each file is a transaction of its own.
    conn.commit()
    for file in files:
        before = seen.get(path_hash(file.path))
        # size and stamp spare the reading: what is the same as last night is not even opened
        if before and (before.size, before.stamp) == (file.size, file.stamp):
            under_way.result.unchanged += 1
        else:
            _take_in(under_way, file, before)


def _try_again(conn: Connection) -> None:
    """Let this version of the product try what an earlier one could not take in."""
    conn.execute(_TRY_AGAIN, (product_version(),))


def _take_in(under_way: _Pull, file: InboxFile, before: Seen | None) -> None:
    """Take in a file that is not what was seen at its path before."""
    try:
        if _is_own(under_way, file):
            return
        stored = _store(under_way, file)
    # A clerk moved it between the list and this look: as with one that is
    # still being written, the next night sees what became of it.
    except FileNotFoundError:
        stored = None
    except PlaceBrokeError as broken:
        if not _is_of_one_file(under_way, broken):
            raise
        stored = None
    if stored is None:
        under_way.result.changing += 1
        return
    conn = under_way.conn
    with conn.transaction():
        if before:
            is_known = stored.sha256 == before.sha256
        else:
            is_known = inbox_seen.was_elsewhere(
                conn, file, stored.sha256, under_way.here
            )
        inbox_seen.note_seen(conn, under_way.place, file, stored.sha256)
        if is_known:
            under_way.result.unchanged += 1
            return
        day = under_way.business_date
        # Before the ledger's own line: what the archive does not know, no rebuild can bring back.
        journal = Journal(under_way.archive)
        source = under_way.source
        journal.arrived(file.path, stored.sha256, stored.size, day, source)
        for content in contents_of(under_way.archive, file, stored):
            sent = replace(content, source=source)
            under_way.result.count(register(conn, sent, day))


def _is_of_one_file(under_way: _Pull, broken: PlaceBrokeError) -> bool:
    """Return whether a file that was not given out keeps none of the others waiting."""
    # A clerk has it open; she closes it before the next night.
    if broken.is_in_use:
        return True
    return under_way.source is not None and not broken.may_pass


def _store(under_way: _Pull, file: InboxFile) -> Stored | None:
    """Put a file into the archive.

    None while somebody is still writing it. FileNotFoundError when it has
    been taken away.
    """
    with under_way.place.open(file) as stream:
        stored = under_way.archive.store(stream)
    is_whole = stored.size == file.size and under_way.place.unchanged(file)
    return stored if is_whole else None


def _is_own(under_way: _Pull, file: InboxFile) -> bool:
    """Return whether a file is an answer that we laid down.

    It is no submission, but a corrected copy of it is. It stays ours where a
    clerk has carried it into the folder of a neighbour's answers, and where
    the place is one day read without a file of sources.
    """
    folders = PurePosixPath(file.path).parts
    if ANSWERS_FOLDER not in folders:
        return False
    conn = under_way.conn
    # By the size a file is ruled out without being read over the network.
    ours = answers_of_county(conn, file.sender.county_code, file.size)
    # What follows is a transaction of its own.
    conn.commit()
    if not ours:
        return False
    with under_way.place.open(file) as stream:
        sha256 = fingerprint(stream.read())
    if sha256 not in ours:
        return False
    inbox_seen.note_seen(conn, under_way.place, file, sha256)
    conn.commit()
    under_way.result.unchanged += 1
    return True


def contents_of(
    archive: Archive, file: InboxFile, stored: Stored
) -> list[Content]:
    """Return the file itself, or the files of a bundle.

    What cannot be unpacked is refused when it is read.
    """
    sender = file.sender
    # some systems write a letter and its mark apart: the name must not depend on that
    composed = unicodedata.normalize("NFC", PurePosixPath(file.path).name)
    name = text_of(composed)
    whole = [Content(sender, name, stored.sha256, stored.size)]
    # What is refused anyway is not unpacked first.
    if sender.unit_code is None or stored.size > MAX_FILE_BYTES:
        return whole
    if not is_bundle(archive.read(stored.sha256)):
        return whole
    # Apart, for a bundle may be made to fill the memory.
    kept = one_apart(lambda: _unpacked(archive, stored.sha256, name))
    if isinstance(kept, Ended):
        return whole
    inner: list[Content] = []
    for inner_name, one in kept:
        called = f"{name}/{text_of(inner_name)}"
        inner.append(
            Content(sender, called, one.sha256, one.size, container=name)
        )
    # A bundle of nothing keeps its own line, or its sender would hear nothing.
    return inner or whole


def _unpacked(
    archive: Archive, sha256: str, name: str
) -> list[tuple[str, Stored]]:
    """Put the files of a bundle into the archive, each by itself.

    None where the bundle has to be refused.
    """
    try:
        inner = unpack(archive.read(sha256), name)
    except RefusedError:
        return []
    return [
        (inner_name, archive.store_bytes(data))
        for inner_name, data in inner
        if not is_litter(inner_name)
    ]
