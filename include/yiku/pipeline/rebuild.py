"""Build the whole warehouse anew from the archive alone: every night once more, in its order.

The journal says what came in which night; the files are laid out from the archive as they lay in
the inbox, and the nights run as they ran, but nobody is answered a second time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from yiku.faults import StepError
from yiku.intake.archive import Archive
from yiku.intake.journal import Arrived, Decided, Journal, Night, TakenBack
from yiku.pipeline import steps
from yiku.settings import Settings
from yiku.warehouse import journalled
from yiku.warehouse.answers_sent import restore_deliveries
from yiku.warehouse.connection import connect
from yiku.warehouse.init import prepare
from yiku.warehouse.link_decisions import decide_again, take_back_again
from yiku.warehouse.unanswered import note_all_answered
from yiku.warehouse.undo import undo

Facts = dict[str, Any]


class RebuildError(StepError):
    """There is nothing to build from, or something in the way. The message says what to do."""


Watch = Callable[[list[Night], str], Iterable[Night]]


def rebuild(
    settings: Settings, watched: Watch = lambda nights, _: nights
) -> Facts:
    """Build an empty warehouse from the archive; return how many nights and files that took.

    Raises RebuildError when the warehouse holds anything already, or the archive's journal has no
    night.
    """
    archive = Archive.at(settings.archive)
    journal = Journal(archive)
    nights = journal.nights()
    if not nights:
        raise RebuildError("归档里没有任何一夜的记录，无法重建。")
    _begin(settings, journal.key())
    arrivals, undone = journal.arrivals(), journal.all_taken_back()
    events = _events(journal.decisions())
    with tempfile.TemporaryDirectory(prefix="yiku-rebuild-") as folder:
        inbox = Path(folder)
        for night in watched(nights, "重建"):
            # what was taken back or decided by day counts from the night after
            _take_back(
                settings, [entry for entry in undone if entry.at < night.began]
            )
            undone = [entry for entry in undone if entry.at >= night.began]
            _decide(
                settings, [event for event in events if event.at < night.began]
            )
            events = [event for event in events if event.at >= night.began]
            arrived = [
                file for file in arrivals if file.received_at <= night.finished
            ]
            arrivals = arrivals[len(arrived) :]
            _night_again(settings, archive, inbox, night, arrived)
    _take_back(settings, undone)
    _know_what_was_laid_down(settings, journal)
    # all that the archive holds now, counted anew
    file_count = len(journal.arrivals())
    return {"nights": len(nights), "files": file_count, "left": len(arrivals)}


def _begin(settings: Settings, key: bytes | None) -> None:
    with closing(connect(settings)) as conn:
        prepare(conn)
        if journalled.has_submissions(conn):
            raise RebuildError(
                "这个库不是空的：重建请用一个新的数据库（另设 YIKU_WAREHOUSE_DSN 或 YIKU_HOME）。"
            )
        # Before the first row comes in: the ids of persons are made with it.
        if key is not None:
            journalled.set_key_of_persons(conn, key)
        conn.commit()


def _know_what_was_laid_down(settings: Settings, journal: Journal) -> None:
    """Write down which answers lie at the sources: without that the next night would take them for submissions."""
    with closing(connect(settings)) as conn:
        restore_deliveries(conn, journal.all_delivered())
        conn.commit()


def _take_back(settings: Settings, entries: Sequence[TakenBack]) -> None:
    if not entries:
        return
    with closing(connect(settings)) as conn:
        for entry in entries:
            number = journalled.submission_with_content(
                conn, entry.sha256, entry.receipt_no
            )
            if number is not None:
                undo(conn, number)
        conn.commit()


class _Event(NamedTuple):
    """A decision about links, or the moment at which it was taken back."""

    at: datetime
    is_taking_back: bool
    decision: Decided


def _events(decisions: Iterable[Decided]) -> list[_Event]:
    """Return in their order when something was decided about links and when that was taken back."""
    events: list[_Event] = []
    for decision in decisions:
        events.append(_Event(decision.at, False, decision))
        if decision.reversed_at:
            events.append(_Event(decision.reversed_at, True, decision))
    # Of two events at one moment the taking back is the later one.
    return sorted(
        events,
        key=lambda event: (
            event.at,
            event.is_taking_back,
            event.decision.name,
        ),
    )


def _decide(settings: Settings, events: Sequence[_Event]) -> None:
    with closing(connect(settings)) as conn:
        for event in events:
            if event.is_taking_back:
                take_back_again(conn, event.decision)
            else:
                decide_again(conn, event.decision)
        conn.commit()


def _night_again(
    settings: Settings,
    archive: Archive,
    inbox: Path,
    night: Night,
    arrived: Sequence[Arrived],
) -> None:
    day = night.business_date
    number = steps.open_night(settings, day, str(inbox))["night"]
    # What a night before took in, and did not get to, keeps the day on which it came.
    days = {file.business_date for file in arrived} | {day}
    for came in sorted(days):
        of_day = [file for file in arrived if file.business_date == came]
        _lay_out(archive, inbox, of_day)
        pulled = steps.pull(settings, came, str(inbox), night=number)
    steps.load_references(settings, day, pulled["reference"], night=number)
    for batch in pulled["batches"]:
        steps.process_batch(settings, day, batch, night=number)
    steps.build_marts(settings, day, night=number)
    steps.propose(settings, day, night=number)
    steps.publish(settings, day, night=number)
    # After each night, not at the end: if the rebuild broke off, an ordinary
    # night would answer people about files of years ago.
    _answered(settings)
    steps.close_night(settings, day, night=number)


def _lay_out(
    archive: Archive, inbox: Path, arrived: Iterable[Arrived]
) -> None:
    """Lay files where they lay, beside those of the nights before.

    A copy of one that still lies there is a copy.
    """
    for file in arrived:
        target = inbox / file.path
        # An earlier version took in from object stores what leads elsewhere.
        if not target.resolve().is_relative_to(inbox.resolve()):
            raise StepError("a file of the archive leads out of its folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(archive.read(file.sha256))


def _answered(settings: Settings) -> None:
    """Note that the senders have been answered: they were, in the night that is repeated."""
    with closing(connect(settings)) as conn:
        note_all_answered(conn)
        conn.commit()
