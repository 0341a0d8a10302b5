"""Build the whole warehouse anew from the archive alone: every night once more, in its order.

The journal says what came in which night, and from where; the files are laid out from the archive
as they lay in the inbox or at the sources, and the nights run as they ran, but nobody is answered a second time.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from yiku.faults import StepError
from yiku.intake.archive import Archive
from yiku.intake.journal import Arrived, Decided, Journal, Night, TakenBack
from yiku.intake.source import Source
from yiku.pipeline import mart_steps, steps
from yiku.pipeline.batch_context import gazetteer_of
from yiku.pipeline.period_forms import note_forms_as_written
from yiku.settings import Settings
from yiku.warehouse import journalled, lookup
from yiku.warehouse.answers_sent import restore_deliveries
from yiku.warehouse.connection import connect
from yiku.warehouse.init import prepare
from yiku.warehouse.link_decisions import decide_again, take_back_again
from yiku.warehouse.mail_taken import restore_mails
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
        places = _LaidOut(Path(folder), archive)
        places.inbox.mkdir()
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
            _night_again(settings, places, night, arrived)
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
    """Write down which answers lie at the sources, and which mails were looked at.

    Without that the next night would take them for submissions.
    """
    with closing(connect(settings)) as conn:
        restore_deliveries(conn, journal.all_delivered())
        restore_mails(conn, journal.all_mailed())
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
    places: _LaidOut,
    night: Night,
    arrived: Sequence[Arrived],
) -> None:
    day = night.business_date
    number = steps.open_night(settings, day, str(places.inbox))["night"]
    # What a night before took in, and did not get to, keeps the day on which it came.
    days = {file.business_date for file in arrived} | {day}
    for came in sorted(days):
        of_day = [file for file in arrived if file.business_date == came]
        for file in of_day:
            places.lay_out(file)
        pulled = _pull(settings, came, places, of_day, number)
    steps.load_references(settings, day, pulled["reference"], night=number)
    for batch in pulled["batches"]:
        steps.process_batch(settings, day, batch, night=number)
    mart_steps.build_marts(settings, day, night=number)
    mart_steps.propose(settings, day, night=number)
    mart_steps.publish(settings, day, night=number)
    # After each night, not at the end: if the rebuild broke off, an ordinary
    # night would answer people about files of years ago.
    _answered(settings, day)
    steps.close_night(settings, day, night=number)


@dataclass
class _LaidOut:
    """The files of the nights before and of this one, as they lay in the inbox or at the sources."""

    root: Path
    archive: Archive
    source_names: set[str] = field(default_factory=set)

    @property
    def inbox(self) -> Path:
        """The folder that stands for the one inbox."""
        return self.root / "inbox"

    @property
    def sources(self) -> list[Source]:
        """A folder for each source that anything came from until now."""
        return [
            Source(name, "folder", str(self._folder(name)))
            for name in sorted(self.source_names)
        ]

    def _folder(self, source: str | None) -> Path:
        if source is None:
            return self.inbox
        # what a source is called may be no name of a folder
        return self.root / hashlib.sha256(source.encode()).hexdigest()

    def lay_out(self, file: Arrived) -> None:
        """Lay a file where it lay, beside those of the nights before.

        A copy of one that still lies there is a copy.
        """
        folder = self._folder(file.source)
        target = folder / file.path
        # An earlier version took in from object stores what leads elsewhere.
        if not target.resolve().is_relative_to(folder.resolve()):
            raise StepError("a file of the archive leads out of its folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(self.archive.read(file.sha256))
        if file.source:
            self.source_names.add(file.source)


def _pull(
    settings: Settings,
    business_date: date,
    places: _LaidOut,
    arrived: Sequence[Arrived],
    night: int,
) -> Facts:
    """Take in once more what came on a day, from where it came; return all that waits to be read.

    A place of which nothing came is not looked at: in that night the inbox, or the sources,
    may have been others.
    """
    came_from = {file.source for file in arrived}
    pulled: Facts = {}
    if None in came_from or not came_from:
        inbox = str(places.inbox)
        pulled = steps.pull(settings, business_date, inbox, night)
    if came_from - {None}:
        pulled = steps.pull(
            settings, business_date, None, night, places.sources
        )
    return pulled


def _answered(settings: Settings, day: date) -> None:
    """Note that the senders have been answered and have their forms: in the night that is repeated."""
    with closing(connect(settings, day)) as conn:
        note_all_answered(conn)
        gazetteer = gazetteer_of(conn, lookup.counties(conn))
        note_forms_as_written(conn, gazetteer, day)
        conn.commit()
