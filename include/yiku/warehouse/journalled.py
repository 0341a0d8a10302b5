"""What the ledger tells the archive's journal, and what a rebuild from it writes back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from yiku.warehouse.connection import Connection

_TAKEN_BACK = "select receipt_no, sha256, undone_at from ops.submission where undone_at is not null"
# Of several with one content the one that bore the receipt.
_WITH_CONTENT = """
select submission_id from ops.submission where sha256 = %s and undone_at is null
order by receipt_no <> %s, submission_id limit 1
"""


class Undone(NamedTuple):
    """A submission that was taken back, and when."""

    receipt_no: str
    sha256: str
    undone_at: datetime


def undone_submissions(conn: Connection) -> list[Undone]:
    """Return all that was taken back."""
    return [Undone(*line) for line in conn.execute(_TAKEN_BACK)]


def submission_with_content(
    conn: Connection, sha256: str, receipt_no: str
) -> int | None:
    """Return the standing submission with a content, the one with ``receipt_no`` if there is one.

    Else None.
    """
    found = conn.execute(_WITH_CONTENT, (sha256, receipt_no)).fetchone()
    return int(found[0]) if found else None


def key_of_persons(conn: Connection) -> bytes | None:
    """Return the key by which numbers become ``person_sk``.

    None in a warehouse that has none yet.
    """
    found = conn.execute("select key from register.identity_key").fetchone()
    return bytes(found[0]) if found else None


def set_key_of_persons(conn: Connection, key: bytes) -> None:
    """Let a rebuilt warehouse give the persons the ids that they had."""
    # Ids are made of number and key: with a new key all that people decided
    # about a person would point to nobody.
    conn.execute("update register.identity_key set key = %s", (key,))


def has_submissions(conn: Connection) -> bool:
    """Return whether anything has come into the warehouse."""
    found = conn.execute("select count(*) from ops.submission").fetchone()
    return found is not None and bool(found[0])
