"""What the ledger knows and a rebuild needs, written into the archive's journal when a night is over."""

from __future__ import annotations

from datetime import date

from yiku.intake.journal import Journal
from yiku.pipeline.link_decisions import journal_of_decisions
from yiku.warehouse.connection import Connection


def note_night(
    conn: Connection, journal: Journal, night: int, business_date: date
) -> None:
    """Write a published night, and what was taken back since, into the journal."""
    query = "select started_at, finished_at from ops.night where night_id = %s and state = 'published'"
    row = conn.execute(query, (night,)).fetchone()
    if row and row[1]:
        journal.night(night, business_date, *row)
    key = conn.execute("select key from register.identity_key").fetchone()
    if key:
        journal.keep_key(bytes(key[0]))
    undone = "select receipt_no, sha256, undone_at from ops.submission where undone_at is not null"
    for receipt, sha256, at in conn.execute(undone):
        journal.taken_back(receipt, sha256, at)
    for decision in journal_of_decisions(conn):
        journal.decided(decision)
