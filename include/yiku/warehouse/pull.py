"""Pull: what is new in the inbox goes to the archive and gets a line in the ledger."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from psycopg import sql
from psycopg.rows import dict_row

from yiku.contracts.rules import load_rules
from yiku.formats.cells import RefusedError
from yiku.formats.container import MAX_FILE_BYTES, is_bundle, unpack
from yiku.intake.archive import Archive, Stored
from yiku.intake.arrival import Arrival
from yiku.intake.inbox import Inbox, InboxFile
from yiku.intake.journal import Journal
from yiku.intake.location import locate
from yiku.intake.path_names import (
    Sender,
    is_correction,
    is_litter,
    is_supplement,
    masked,
    owner_of,
    place_of,
)
from yiku.isolation import Ended, one_apart
from yiku.product import product_version
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FindingRow, add_findings

# The columns are the fields of an arrival by their names.
_ARRIVALS = """
select submission_id, county_code, unit_code, file_name, receipt_no, sha256, received_at, size_bytes, business_date
from ops.submission
where {}
order by submission_id
"""
_WAITS = "(status = 'received' or replay) and undone_at is null and business_date <= %s"
# A copy of a file that lay in the wrong place is not a duplicate: only now does it lie where it belongs.
_MISPLACED = ("U01", "F11")


@dataclass
class PullResult:
    """What a pull found: counts, and everything that now waits to be read, older work included."""

    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    changing: int = 0
    unchanged: int = 0
    work: list[Arrival] = field(default_factory=list)


@dataclass(frozen=True)
class _Content:
    """One content to be registered: a file, or one file of a bundle."""

    sender: Sender
    name: str
    sha256: str
    size: int
    container: str | None = None


def pull(
    conn: Connection, settings: Settings, inbox: str, business_date: date
) -> PullResult:
    """Take in what is new, one transaction a file, and return all that waits to be read.

    Raises the errors of ``Inbox.at`` when the inbox cannot be opened. A file that changes while it is looked at waits
    for the next night. The inbox itself is never changed.
    """
    place, archive, result = (
        Inbox.at(locate(inbox, settings)),
        Archive.at(settings.archive),
        PullResult(),
    )
    files = place.list()
    seen = _seen(conn, place)
    _place(conn, place, files)
    conn.commit()
    here = {_hash(place_of(f.path)) for f in files}
    for file in files:
        known = seen.get(_hash(file.path))
        if known and known[:2] == (file.size, file.stamp):
            result.unchanged += 1
            continue
        _take_in(
            _Pull(conn, place, archive, here, business_date, result),
            file,
            known[2] if known else None,
        )
    _try_again(conn)
    result.work = waiting(conn, settings, business_date)
    return result


def _try_again(conn: Connection) -> None:
    """Let this version of the product try what an earlier one could not take in."""
    conn.execute(
        "update ops.submission set replay = true where fault is not null and fault_version <> %s and undone_at is null",
        (product_version(),),
    )


@dataclass(frozen=True)
class _Pull:
    """A pull under way. ``here`` are the places of all files that lie in the inbox now, as hashes."""

    conn: Connection
    place: Inbox
    archive: Archive
    here: AbstractSet[str]
    business_date: date
    result: PullResult


def waiting(conn: Connection, settings: Settings, business_date: date) -> list[Arrival]:
    """Return every submission that has arrived by ``business_date`` and is to be read, or to be read again."""
    query = sql.SQL(_ARRIVALS).format(sql.SQL(_WAITS))
    return _arrivals(conn, settings, query, business_date)


def received(
    conn: Connection, settings: Settings, submissions: Sequence[int]
) -> list[Arrival]:
    """Return some submissions by their numbers."""
    query = sql.SQL(_ARRIVALS).format(sql.SQL("submission_id = any (%s)"))
    return _arrivals(conn, settings, query, list(submissions))


def _arrivals(
    conn: Connection, settings: Settings, query: sql.Composed, parameter: object
) -> list[Arrival]:
    archive = Archive.at(settings.archive)
    found: list[Arrival] = []
    with conn.cursor(row_factory=dict_row) as cursor:
        for line in cursor.execute(query, (parameter,)):
            source = archive.url(line.pop("sha256"))
            inner = line["file_name"].rsplit("/", 1)[-1]
            found.append(Arrival(**line, source=source, inner=inner))
    return found


def _hash(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def _seen(conn: Connection, place: Inbox) -> dict[str, tuple[int, str, str]]:
    rows = conn.execute(
        "select path_hash, size_bytes, stamp, sha256 from ops.inbox_seen where location = %s",
        (place.url,),
    )
    return {str(h): (int(size), str(stamp), str(sha)) for h, size, stamp, sha in rows}


def _place(conn: Connection, place: Inbox, files: Sequence[InboxFile]) -> None:
    """Say of files that were seen before there were places where they lie."""
    query = "select path_hash from ops.inbox_seen where location = %s and place_hash is null"
    unplaced = {str(h) for (h,) in conn.execute(query, (place.url,))}
    found = [f.path for f in files if _hash(f.path) in unplaced]
    conn.cursor().executemany(
        "update ops.inbox_seen set place_hash = %s, owner_hash = %s where location = %s and path_hash = %s",
        [
            (_hash(place_of(path)), _hash(owner_of(path)), place.url, _hash(path))
            for path in found
        ],
    )


def _take_in(to: _Pull, file: InboxFile, known_sha: str | None) -> None:
    try:
        with to.place.open(file) as stream:
            stored = to.archive.store(stream)
    except FileNotFoundError:  # taken away between the two looks
        to.result.changing += 1
        return
    if stored.size != file.size or not to.place.unchanged(file):
        to.result.changing += 1
        return
    with to.conn.transaction():
        known = stored.sha256 == known_sha or (
            known_sha is None and _was_elsewhere(to, file, stored.sha256)
        )
        _note_seen(to.conn, to.place, file, stored.sha256)
        if known:
            to.result.unchanged += 1
            return
        # Before the ledger's own line: what the archive does not know, no rebuild can bring back.
        Journal(to.archive).arrived(
            file.path, stored.sha256, stored.size, to.business_date
        )
        for content in _contents(to.archive, file, stored.sha256, stored.size):
            result_of = _register(to.conn, content, to.business_date)
            setattr(to.result, result_of, getattr(to.result, result_of) + 1)


def _was_elsewhere(to: _Pull, file: InboxFile, sha256: str) -> bool:
    """Tell whether a file that was never seen at this address is one that was taken in before.

    The inbox may have moved (to another folder, mount or server), or the file within its sender's folder: then it lies
    no more where it lay. A copy beside the file is a duplicate and gets its own answer.
    """
    mine, path = _hash(place_of(file.path)), _hash(file.path)
    found = to.conn.execute(
        "select place_hash from ops.inbox_seen"
        " where sha256 = %s and (place_hash = %s or owner_hash = %s or (place_hash is null and path_hash = %s))",
        (sha256, mine, _hash(owner_of(file.path)), path),
    ).fetchall()
    return any(place in (None, mine) or place not in to.here for (place,) in found)


def _note_seen(conn: Connection, place: Inbox, file: InboxFile, sha256: str) -> None:
    conn.execute(
        "insert into ops.inbox_seen (location, path_hash, path, size_bytes, stamp, sha256, place_hash, owner_hash)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (location, path_hash) do update set size_bytes ="
        " excluded.size_bytes, stamp = excluded.stamp, sha256 = excluded.sha256, place_hash = excluded.place_hash,"
        " owner_hash = excluded.owner_hash, seen_at = clock_timestamp()",
        (
            *(
                place.url,
                _hash(file.path),
                _text(masked(file.path)),
                file.size,
                file.stamp,
                sha256,
            ),
            *(_hash(place_of(file.path)), _hash(owner_of(file.path))),
        ),
    )


def _text(name: str) -> str:
    """Return a name that a database can hold: file systems allow bytes that are no text."""
    return name.encode("utf-8", "replace").decode().replace("\x00", "")


def _contents(
    archive: Archive, file: InboxFile, sha256: str, size: int
) -> list[_Content]:
    """Return the file itself, or the files of a bundle. What cannot be unpacked is refused when it is read."""
    name, sender = (
        _text(unicodedata.normalize("NFC", PurePosixPath(file.path).name)),
        file.sender,
    )
    whole = [_Content(sender, name, sha256, size)]
    if (
        sender.unit_code is None
        or size > MAX_FILE_BYTES
        or not is_bundle(archive.read(sha256))
    ):
        return whole
    kept = one_apart(lambda: _unpacked(archive, sha256, name))
    if isinstance(kept, Ended):
        return whole
    return [
        _Content(sender, f"{name}/{_text(n)}", s.sha256, s.size, container=name)
        for n, s in kept
    ] or whole


def _unpacked(archive: Archive, sha256: str, name: str) -> list[tuple[str, Stored]]:
    """Put the files of a bundle into the archive, each by itself; none where the bundle has to be refused."""
    try:
        inner = unpack(archive.read(sha256), name)
    except RefusedError:
        return []
    return [(n, archive.store_bytes(data)) for n, data in inner if not is_litter(n)]


# --- the ledger


def _register(conn: Connection, content: _Content, business_date: date) -> str:
    """Write the line of one content; return which count of PullResult it belongs to."""
    original = _original(conn, content)
    status = (
        "rejected"
        if content.sender.unit_code is None
        else "duplicate"
        if original
        else "received"
    )
    number = _insert(conn, content, business_date, status, original)
    add_findings(
        conn, number, list(_first_findings(content, status, original)), business_date
    )
    return {"rejected": "rejected", "duplicate": "duplicates", "received": "new"}[
        status
    ]


@dataclass(frozen=True)
class _Original:
    submission_id: int
    receipt_no: str
    business_date: date


def _original(conn: Connection, content: _Content) -> _Original | None:
    """Return the earlier submission of the same bytes, unless that was taken back or lay in the wrong place."""
    row = conn.execute(
        "select submission_id, receipt_no, business_date from ops.submission"
        " where sha256 = %s and undone_at is null and status <> 'duplicate'"
        " and not (coalesce(reason, '') = any (%s) and unit_code is distinct from %s)"
        " order by submission_id limit 1",
        (content.sha256, list(_MISPLACED), content.sender.unit_code),
    ).fetchone()
    return _Original(*row) if row else None


def _insert(
    conn: Connection,
    content: _Content,
    business_date: date,
    status: str,
    original: _Original | None,
) -> int:
    name = _kept_name(content)
    reason = {"rejected": "U01", "duplicate": "F08"}.get(status)
    row = conn.execute(
        "insert into ops.submission (business_date, county_code, unit_code, file_name, sha256, status, reason,"
        " receipt_no, container, archive_key, size_bytes, is_correction, is_supplement, duplicate_of, processed_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, case when %s then clock_timestamp() end)"
        " returning submission_id",
        (
            *(
                business_date,
                content.sender.county_code,
                content.sender.unit_code,
                name,
                content.sha256,
            ),
            *(status, reason, _receipt(conn, content.sender, business_date)),
            *(
                masked(content.container) if content.container else None,
                content.sha256,
                content.size,
            ),
            *(is_correction(content.name), is_supplement(content.name)),
            *(original.submission_id if original else None, status != "received"),
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _receipt(conn: Connection, sender: Sender, business_date: date) -> str:
    """Return the next receipt number of a unit and night, such as R20171120-510802101-0007."""
    unit = (
        sender.unit_code
        if sender.unit_code not in (None, "county")
        else sender.county_code or "000000"
    )
    prefix = f"R{business_date:%Y%m%d}-{unit}-"
    row = conn.execute(
        "select coalesce(max(substr(receipt_no, %s)::integer), 0) + 1 from ops.submission"
        " where starts_with(receipt_no, %s)",
        (len(prefix) + 1, prefix),
    ).fetchone()
    assert row is not None
    return f"{prefix}{row[0]:04d}"


def _kept_name(content: _Content) -> str:
    """Return the name to keep: masked, and then marked so that two files do not look the same (F14)."""
    name = masked(content.name)
    if name == content.name:
        return name
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{content.sha256[:4]}{path.suffix}"))


def _first_findings(
    content: _Content, status: str, original: _Original | None
) -> Iterable[FindingRow]:
    """Say what can be said of a file before it is opened."""
    if masked(content.name) != content.name:
        yield _finding("F14")
    if status == "rejected":
        yield _finding("U01")
    elif original is not None:
        yield _finding(
            "F08", date=original.business_date.isoformat(), receipt=original.receipt_no
        )


def _finding(rule_id: str, **facts: object) -> FindingRow:
    rule = load_rules()[rule_id]
    return FindingRow(rule.id, rule.verdict, rule.say(None, **facts), facts=facts)


def revive_copies(conn: Connection, submission_ids: Sequence[int]) -> list[int]:
    """Let copies of files that turned out to lie in the wrong place (F11) be read after all; return which."""
    done = conn.execute(
        "update ops.submission as s set status = 'received', reason = null, duplicate_of = null, processed_at = null"
        " from ops.submission as o where s.duplicate_of = o.submission_id and o.submission_id = any (%s)"
        " and o.reason = any (%s) and s.unit_code is distinct from o.unit_code and s.undone_at is null"
        " returning s.submission_id",
        (list(submission_ids), list(_MISPLACED)),
    ).fetchall()
    conn.execute(
        "delete from ops.finding as f using ops.submission as s where f.submission_id = s.submission_id"
        " and f.rule = 'F08' and s.status = 'received'"
    )
    return sorted(int(number) for (number,) in done)


def tally(result: PullResult) -> dict[str, int]:
    """Return the counts of a pull by name."""
    names = ("new", "duplicates", "rejected", "changing", "unchanged")
    return {n: getattr(result, n) for n in names}
