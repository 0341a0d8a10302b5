"""What was seen of an inbox before: by hashes of paths, as a path may name a person.

Three hashes tell a file that moved from a copy of it: of its path, of its place (its sender's
folder and what lies below it) and of its owner.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import NamedTuple

from yiku.intake.inbox import Inbox, InboxFile
from yiku.intake.path_names import masked, owner_of, place_of
from yiku.warehouse.connection import Connection

_SEEN = """
select path_hash, size_bytes, stamp, sha256 from ops.inbox_seen where location = %s
"""
_UNPLACED = "select path_hash from ops.inbox_seen where location = %s and place_hash is null"
_PLACE = """
update ops.inbox_seen set place_hash = %s, owner_hash = %s where location = %s and path_hash = %s
"""
# Lines from before there were places have the hash of the path alone.
_ELSEWHERE = """
select place_hash from ops.inbox_seen
where sha256 = %s and (place_hash = %s or owner_hash = %s or (place_hash is null
    and path_hash = %s))
"""
_NOTE = """
insert into ops.inbox_seen (location, path_hash, path, size_bytes, stamp, sha256, place_hash,
    owner_hash)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (location, path_hash) do update set
    size_bytes = excluded.size_bytes, stamp = excluded.stamp, sha256 = excluded.sha256,
    place_hash = excluded.place_hash, owner_hash = excluded.owner_hash, seen_at = clock_timestamp()
"""

_GONE = """
update ops.inbox_seen set gone_on = %s where location = %s and gone_on is null and path_hash = any (%s)
"""
_BACK = """
update ops.inbox_seen set gone_on = null where location = %s and gone_on is not null and path_hash = any (%s)
"""


class Seen(NamedTuple):
    """What a file was like when it was seen last."""

    size: int
    stamp: str
    sha256: str


def path_hash(path: str) -> str:
    """Return what is kept of a path."""
    # Bytes of a name that are no text come as halves of surrogates. Were they
    # replaced, two such names would be one.
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def seen_before(conn: Connection, place: Inbox) -> dict[str, Seen]:
    """Return by the hash of its path what was seen of each file of an inbox."""
    found: dict[str, Seen] = {}
    for path, size, stamp, sha256 in conn.execute(_SEEN, (place.url,)):
        found[str(path)] = Seen(int(size), str(stamp), str(sha256))
    return found


def places_of(files: Sequence[InboxFile]) -> set[str]:
    """Return the places of all files that lie in an inbox now, as hashes."""
    return {path_hash(place_of(file.path)) for file in files}


def put_in_places(
    conn: Connection, place: Inbox, files: Sequence[InboxFile]
) -> None:
    """Say of files that were seen before there were places where they lie."""
    unplaced = {str(path) for (path,) in conn.execute(_UNPLACED, (place.url,))}
    lines = []
    for file in files:
        path = path_hash(file.path)
        if path in unplaced:
            lines.append((*_hashes(file), place.url, path))
    conn.cursor().executemany(_PLACE, lines)


def was_elsewhere(
    conn: Connection, file: InboxFile, sha256: str, here: AbstractSet[str]
) -> bool:
    """Return whether a file that was never seen at this address is one that was taken in before.

    The inbox may have moved (to another folder, mount or server), or the file within its sender's
    folder: then it lies no more where it lay. A copy beside the file is a duplicate and gets its
    own answer.
    """
    mine, owner = _hashes(file)
    asked = (sha256, mine, owner, path_hash(file.path))
    for (place,) in conn.execute(_ELSEWHERE, asked).fetchall():
        if place in (None, mine) or place not in here:
            return True
    return False


def note_gone(
    conn: Connection,
    place: Inbox,
    seen: Collection[str],
    files: Sequence[InboxFile],
    day: date,
) -> None:
    """Write down which of the paths that were ``seen`` lie there no more, and which do again."""
    here = {path_hash(file.path) for file in files}
    conn.execute(_GONE, (day, place.url, sorted(set(seen) - here)))
    conn.execute(_BACK, (place.url, sorted(here)))


def note_seen(
    conn: Connection, place: Inbox, file: InboxFile, sha256: str
) -> None:
    """Remember what a file is like now."""
    # numbers of persons in the path are masked; file systems allow bytes that are no text
    shown = text_of(masked(file.path))
    address = (place.url, path_hash(file.path), shown)
    conn.execute(
        _NOTE, (*address, file.size, file.stamp, sha256, *_hashes(file))
    )


def _hashes(file: InboxFile) -> tuple[str, str]:
    """Return the hashes of a file's place and of its owner."""
    return path_hash(place_of(file.path)), path_hash(owner_of(file.path))


def text_of(name: str) -> str:
    """Return a name that a database can hold: file systems allow bytes that are no text."""
    return name.encode("utf-8", "replace").decode().replace("\x00", "")
