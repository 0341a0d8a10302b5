"""The steps of a night, in the order in which the DAG runs them.

Each returns counts and ids alone: they end up in Airflow's database. A file that is wrong ends in a verdict; a fault
of ours raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import (
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from yiku.contracts import load_contracts
from yiku.contracts.own_parameters import load_own_parameters
from yiku.intake.archive import Archive, require_fit
from yiku.intake.inbox import Inbox
from yiku.intake.journal import Journal
from yiku.intake.location import locate, shown
from yiku.intake.sources import Source, load_sources
from yiku.notices.night import notify as send_digests
from yiku.pipeline import (
    guard,
    marts,
    proposal_runs,
    repeated_prescriptions,
    replies,
    row_conflicts,
)
from yiku.pipeline.batch_context import gazetteer_of
from yiku.pipeline.bringing_back import (
    answer_of,
    bring_back_all,
    bring_pages,
    readers_of,
    sources_without_answers,
)
from yiku.pipeline.journalling import note_night
from yiku.pipeline.kept_readings import kept_readings
from yiku.pipeline.missing_people import vanished_lists
from yiku.pipeline.office_files import read_office
from yiku.pipeline.period_forms import write_forms
from yiku.pipeline.plan import (
    BATCH_FILES,
    REFERENCE_ORDER,
    batches_of,
    plan,
)
from yiku.pipeline.settling import settle_contested, take_in_files
from yiku.pipeline.visiting import pull_sources
from yiku.pipeline.wall_pages import write_wall_pages
from yiku.pipeline.work_lists import open_lists, write_work_lists
from yiku.settings import Settings
from yiku.warehouse import lookup, night_lock, reprocessing, unanswered
from yiku.warehouse.answers_sent import prepare_answers
from yiku.warehouse.arrivals import received
from yiku.warehouse.connection import (
    Connection,
    connect,
)
from yiku.warehouse.init import prepare
from yiku.warehouse.kind import settle_kind
from yiku.warehouse.load import note_faults
from yiku.warehouse.month_history import keep_month
from yiku.warehouse.night_record import (
    finish_night,
    is_overtaken,
    is_published,
    night_counts,
    note_state,
)
from yiku.warehouse.parameters_kept import keep_parameters
from yiku.warehouse.pull import pull as take_in
from yiku.warehouse.register_table import refresh_register
from yiku.warehouse.shadow import (
    drop_shadows,
    drop_views_in_place,
    tell_planner,
)
from yiku.warehouse.swap import drop_old, swap
from yiku.warehouse.town_rows import town_rows
from yiku.warehouse.unit_deliveries import (
    note_changed_lists,
    prepare_pages,
    prepare_unit_files,
)

Facts = dict[str, Any]


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


@contextmanager
def _step(
    settings: Settings,
    business_date: date,
    night: int | None,
    shared: bool = False,
) -> Iterator[tuple[Connection, int]]:
    """Give a step its connection and the number of its night (None: the newest) when it is its turn."""
    with (
        night_lock.standing(settings, night, shared=shared) as number,
        closing(connect(settings, business_date)) as conn,
    ):
        yield conn, number


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
    with _step(settings, business_date, night) as (conn, _):
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
    with _step(settings, business_date, night) as (conn, _):
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
    with _step(settings, business_date, night, shared=True) as (conn, _):
        return take_in_files(
            settings, business_date, conn, batch["submissions"]
        )


def settle_claims(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Decide what rows of different files say of one person, once all are loaded; return what was judged otherwise."""
    with _step(settings, business_date, night) as (conn, _):
        return settle_contested(settings, business_date, conn)


def build_marts(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Settle claims, compare prescriptions, and build the marts in the shadow but for those of the proposed pairs.

    StepError names the nodes that failed: yesterday's marts stay in place.
    """
    with _step(settings, business_date, night) as (conn, number):
        # Only now the rows of all batches are there, and nothing has been
        # built yet of those that fall.
        settled = settle_contested(settings, business_date, conn)
        drop_shadows(conn, number)
        drop_views_in_place(conn)
        tell_planner(conn)
        copied = repeated_prescriptions.find(conn)
        built = _build(
            settings, business_date, conn, number, marts.BEFORE_PROPOSAL
        )
        judged_again = settled.get("files", 0)
        return {"copied": copied, "judged_again": judged_again} | built


def propose(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Work out who should help whom where anything changed, and build the marts that show it beside the others.

    StepError names the nodes that failed: yesterday's marts stay in place. No list is touched.
    """
    with _step(settings, business_date, night) as (conn, number):
        proposed = proposal_runs.propose_all(conn, business_date)
        return proposed | _build(
            settings, business_date, conn, number, marts.AFTER_PROPOSAL
        )


def _build(
    settings: Settings,
    business_date: date,
    conn: Connection,
    night: int,
    part: marts.Part,
) -> Facts:
    records = marts.build(settings, business_date, part.nodes)
    marts.keep_records(conn, night, part, records)
    marts.require_built(records)
    return marts.by_status(records)


def publish(
    settings: Settings,
    business_date: date,
    night: int | None = None,
    publish_old: bool = False,
) -> Facts:
    """Mask what still shows, swap the new marts in, and tell the senders of rows that others contradict (no more).

    Marts of a day before the one that is published are put aside unless ``publish_old``: whoever takes in an old day
    does not mean to show everybody the lists of that day. StepError when the shadow is not the whole one that this
    night built: yesterday's marts stay in place.
    """
    with _step(settings, business_date, night) as (conn, number):
        masked = 0
        if not publish_old and is_overtaken(conn, business_date):
            marts.put_aside(conn, number)
            return {"withheld": 1}
        # a task that is run again may have done its work the first time
        if not is_published(conn, number):
            marts.require_whole(conn, number)
            masked = guard.mask_what_shows(conn, settings, number)
            swap(conn)
            note_state(conn, number, "published")
            keep_month(conn, business_date)
        # Senders are told of what readers can see by now.
        withdrawn = row_conflicts.withdraw(conn, business_date)
        told = row_conflicts.tell(conn, business_date)
        # Shown from here on: what is dropped next may have to wait for
        # readers.
        conn.commit()
        kept = drop_old(conn)
    return {
        "contradicted": told,
        "withdrawn": withdrawn,
        "still_read": kept,
        "masked": masked,
    }


def draw_wall(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write the wall pages of what this night published and bring each to where its unit's files came from.

    None where it was withheld. After the answers: a fault of a page keeps none of them waiting.
    """
    with _step(settings, business_date, night) as (conn, number):
        if not is_published(conn, number):
            return {"pages": 0}
        folder = settings.outbox / business_date.isoformat()
        pages = write_wall_pages(conn, folder)
        prepare_pages(conn, business_date, pages, readers_of(settings))
        conn.commit()
        done = bring_pages(conn, settings)
    return {
        "pages": len(pages),
        "delivered": done.delivered,
        "undelivered": done.undelivered,
    }


def send_back(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write receipts and return workbooks for what was settled and not answered yet."""
    with _step(settings, business_date, night) as (conn, _):
        lines = unanswered.unanswered(conn, business_date)
        numbers = [line.submission_id for line in lines]
        with_rows = unanswered.findings_with_rows(conn, numbers)
        findings = replies.findings_of(conn, numbers, with_rows)
        confirmed = lookup.confirmed_headers(conn)
        sources = {
            r.submission_id: r.source
            for r in received(conn, settings, numbers)
        }
        counties = sorted(
            {line.county_code for line in lines if line.county_code}
        )
        work = replies.Replies(
            outbox=settings.outbox,
            day=business_date,
            findings=findings,
            sources=sources,
            gazetteer=gazetteer_of(conn, counties),
            confirmed=confirmed,
            kept=kept_readings(conn, lines, with_rows, confirmed),
            vanished=vanished_lists(conn, numbers),
            sheets=unanswered.sheets_in_files(conn, numbers),
            persons=lookup.persons_named(
                conn, [line.file_name for line in lines]
            ),
            carried=unanswered.rows_carried(conn, numbers),
        )
        # Writing answers takes long, and no transaction stays open meanwhile.
        conn.commit()
        answered = replies.answer_all(work, lines, settings.workers)
        note_faults(conn, answered.faults)
        written = [
            answer_of(line.submission_id, kind, path)
            for line in lines
            for kind, path in replies.answer_files(work, line).items()
        ]
        # Noted together with the answers as given, neither without the other.
        prepare_answers(
            conn, business_date, written, sources_without_answers(settings)
        )
        unanswered.note_answered(conn, numbers)
        conn.commit()
    return {
        "receipts": len(lines),
        "workbooks": answered.workbooks,
        "faults": len(answered.faults),
    }


def work_lists(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write for every unit what is open for it, and the forms of a period that begins.

    Nothing for a day before the one that is shown: who takes in an old day does not mean to ask anybody anything.
    """
    with _step(settings, business_date, night) as (conn, _):
        if is_overtaken(conn, business_date):
            return {"lists": 0, "forms": 0}
        gazetteer = gazetteer_of(conn, lookup.counties(conn))
        found = open_lists(conn, business_date, gazetteer)
        # Writing takes its time, and no transaction stays open meanwhile.
        conn.commit()
        lists = list(
            write_work_lists(found, gazetteer, settings.outbox, business_date)
        )
        forms = list(
            write_forms(conn, gazetteer, settings.outbox, business_date)
        )
        # Noted together with the forms as handed out, neither without the other.
        changed = note_changed_lists(conn, business_date, lists)
        prepare_unit_files(
            conn,
            business_date,
            [*changed, *forms],
            sources_without_answers(settings),
        )
        conn.commit()
    return {"lists": len(lists), "forms": len(forms)}


def bring_back(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Lay what waits in the outbox down where the clerks' files came from; what a place does not take waits on."""
    with _step(settings, business_date, night) as (conn, _):
        done = bring_back_all(conn, settings)
    return {"delivered": done.delivered, "undelivered": done.undelivered}


def notify(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Send each recipient one digest of what concerns them, unless they know it already."""
    with _step(settings, business_date, night) as (conn, _):
        done = send_digests(conn, settings, business_date)
    return {"sent": done.sent, "unchanged": done.unchanged}


def close_night(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write down that the night is over, return what it did, and let the next one begin."""
    with _step(settings, business_date, night) as (conn, number):
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


def town_form(
    conn: Connection, code: str, town: str
) -> tuple[str, list[dict[str, Any]]]:
    """Return a town's name and the rows of a list that stand for it, by column, to fill in beforehand.

    LookupError when nobody knows the town.
    """
    name = gazetteer_of(conn, [town[:6]]).town_name(town)
    if name is None:
        raise LookupError(town)
    return name, town_rows(conn, load_contracts()[code], town)
