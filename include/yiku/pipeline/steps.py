"""The steps that begin and end a night and take its files in; ``mart_steps`` and ``outgoing_steps`` have the rest.

Each returns counts and ids alone: they end up in Airflow's database. A file that is wrong ends in a verdict; a fault
of ours raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import (
    Mapping,
    Sequence,
)
from contextlib import closing
from datetime import date
from typing import Any

from yiku.contracts.own_parameters import load_own_parameters
from yiku.intake.archive import Archive, require_fit
from yiku.intake.inbox import Inbox
from yiku.intake.journal import Journal
from yiku.intake.location import locate, shown
from yiku.intake.source import Source
from yiku.intake.sources import load_sources
from yiku.pipeline.journalling import note_night
from yiku.pipeline.night_step import Facts, night_step
from yiku.pipeline.office_files import read_office
from yiku.pipeline.plan import (
    BATCH_FILES,
    REFERENCE_ORDER,
    batches_of,
    plan,
)
from yiku.pipeline.settling import settle_contested, take_in_files
from yiku.pipeline.visiting import pull_sources
from yiku.settings import Settings
from yiku.warehouse import night_lock, reprocessing
from yiku.warehouse.connection import (
    Connection,
    connect,
)
from yiku.warehouse.init import prepare
from yiku.warehouse.kind import settle_kind
from yiku.warehouse.night_record import (
    finish_night,
    is_published,
    night_counts,
)
from yiku.warehouse.parameters_kept import keep_parameters
from yiku.warehouse.pull import pull as take_in
from yiku.warehouse.register_table import refresh_register


def open_night(
    settings: Settings,
    business_date: date,
    inbox: str | None,
    run_id: str | None = None,
    watcher: night_lock.Watcher | None = None,
    tell: night_lock.Tell = night_lock.log.warning,
) -> Facts:
    """Prepare the warehouse, wait until no other night runs, and write down that this one begins.

    Without an ``inbox`` files come from the sources of ``sources.yml``. ``run_id`` tells a run
    that begins once more from another; ``tell`` is told for whom it waits.
    """
    # First of all: what the archive cannot keep no rebuild could bring back.
    require_fit(settings.archive)
    with closing(connect(settings)) as conn:
        prepare(conn)
        # A file that cannot be used ends a night at once.
        keep_parameters(conn, load_own_parameters(settings))
        if inbox is None:
            load_sources(settings)
        else:
            settle_kind(conn, Inbox.at(locate(inbox, settings)).is_demo)
        # Others may be waited for for hours: nothing stays locked meanwhile.
        conn.commit()
    place = settings.sources.name if inbox is None else shown(inbox)
    return {
        "night": night_lock.begin(
            settings, business_date, place, run_id, watcher, tell
        )
    }


def pull(
    settings: Settings,
    business_date: date,
    inbox: str | None,
    night: int | None = None,
    sources: Sequence[Source] | None = None,
) -> Facts:
    """Take in what is new in the inbox, or at all sources, and say what is to be read, county offices first.

    Without an ``inbox`` the ``sources`` are visited, those of ``sources.yml`` where none are given.
    SourcesError for such a file that cannot be used.
    """
    with night_step(settings, business_date, night) as (conn, _):
        # What people did by day comes first, so that what follows from it is
        # read with tonight's files.
        reprocessing.queue_stranded(conn)
        reprocessing.queue_decided(conn)
        missed: Facts = {}
        if inbox is None:
            places = load_sources(settings) if sources is None else sources
            found, missed["missed_sources"] = pull_sources(
                conn, settings, business_date, places
            )
        else:
            found = take_in(conn, settings, inbox, business_date)
        conn.commit()
        return {
            **found.counts(),
            **missed,
            **plan(found.work),
        }


def load_references(
    settings: Settings,
    business_date: date,
    submissions: Sequence[int],
    night: int | None = None,
) -> Facts:
    """Take in the files of the counties' own departments, reference lists first; judge what depends on these.

    What a night that broke off has not looked at any more is looked at first.
    """
    total: Counter[str] = Counter()
    with night_step(settings, business_date, night) as (conn, _):
        office = read_office(settings, business_date, conn, submissions)
        phases = office.reference_phases()
        # Each phase leans on the one before: people live in households, and
        # these in villages.
        for phase in phases:
            total += Counter(
                take_in_files(
                    settings, business_date, conn, phase, office.reads_with
                )
            )
        queued = _judged_otherwise(
            conn, business_date, [n for phase in phases for n in phase]
        )
        # What earlier nights, or an earlier try of this step, left to be judged
        # again is in no batch of this night.
        queued |= set(reprocessing.queued_before(conn, business_date))
        # A reference list that is judged again may change the register and so
        # make more files due: after each piece it is asked anew.
        while queued:
            piece = reprocessing.in_phases(
                conn, sorted(queued), REFERENCE_ORDER, BATCH_FILES
            )[0]
            total += Counter(
                take_in_files(settings, business_date, conn, piece)
            )
            queued = queued.difference(piece) | _judged_otherwise(
                conn, business_date, []
            )
        for batch in batches_of(office.others()):
            numbers = batch["submissions"]
            total += Counter(
                take_in_files(
                    settings, business_date, conn, numbers, office.reads_with
                )
            )
    return dict(total)


def _judged_otherwise(
    conn: Connection, business_date: date, references: Sequence[int]
) -> set[int]:
    """Bring the register up to date; return the files that were judged by other reference lists, now queued."""
    # one transaction: a register that has changed without what follows from it would never be noticed again
    queued = {
        *reprocessing.queue_left_over(conn),
        *reprocessing.queue_about_persons(
            conn, refresh_register(conn, business_date)
        ),
    }
    if spread := sorted({*references, *reprocessing.to_spread(conn)}):
        queued |= {
            *reprocessing.queue_without_reference(conn, spread),
            *reprocessing.queue_about_places(conn, spread),
        }
        reprocessing.note_spread(conn, spread)
    conn.commit()
    return queued


def process_batch(
    settings: Settings,
    business_date: date,
    batch: Mapping[str, Any],
    night: int | None = None,
) -> Facts:
    """Read, clean, link, check and load the files of one batch; return what became of how many files and rows."""
    with night_step(settings, business_date, night, shared=True) as (conn, _):
        return take_in_files(
            settings, business_date, conn, batch["submissions"]
        )


def settle_claims(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Decide what rows of different files say of one person, once all are loaded; return what was judged otherwise."""
    with night_step(settings, business_date, night) as (conn, _):
        return settle_contested(settings, business_date, conn)


def close_night(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write down that the night is over, return what it did, and let the next one begin."""
    with night_step(settings, business_date, night) as (conn, number):
        counts = {
            "published": is_published(conn, number),
            **night_counts(conn, business_date),
        }
        finish_night(conn, number, counts)
        note_night(
            conn, Journal(Archive.at(settings.archive)), number, business_date
        )
        conn.commit()
    # The turn goes last: the next night has to find this one finished.
    night_lock.end_night(settings, number)
    return {"night": number, **counts}


def end_run(settings: Settings, run_id: str) -> None:
    """Let the next night begin, whatever became of the steps of a run: what was not published has failed."""
    night_lock.end_run(settings, run_id)
