"""What the ledger knows and a rebuild needs, written into the archive's journal when a night is over."""

from __future__ import annotations

from datetime import date

from yiku.intake.journal import Journal
from yiku.warehouse.connection import Connection
from yiku.warehouse.journalled import key_of_persons, undone_submissions
from yiku.warehouse.link_decisions import journal_of_decisions
from yiku.warehouse.night_record import published_span


def note_night(
    conn: Connection, journal: Journal, night: int, business_date: date
) -> None:
    """Write a published night, and what was taken back since, into the journal."""
    span = published_span(conn, night)
    # A night that was not published is not repeated by a rebuild: its files
    # come with the next one that was.
    if span and span.finished:
        journal.night(night, business_date, span.began, span.finished)
    # Without its key a rebuild would give all persons other ids.
    key = key_of_persons(conn)
    if key:
        journal.keep_key(key)
    for undone in undone_submissions(conn):
        journal.taken_back(undone.receipt_no, undone.sha256, undone.undone_at)
    for decision in journal_of_decisions(conn):
        journal.decided(decision)
