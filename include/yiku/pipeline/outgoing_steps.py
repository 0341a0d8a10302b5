"""The steps of a night that answer senders, and bring to everybody what is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from yiku.contracts import load_contracts
from yiku.notices.night import notify as send_digests
from yiku.pipeline import replies
from yiku.pipeline.batch_context import gazetteer_of
from yiku.pipeline.bringing_back import (
    answer_of,
    bring_back_all,
    bring_pages,
    readers_of,
    sources_without_answers,
)
from yiku.pipeline.kept_readings import kept_readings
from yiku.pipeline.missing_people import vanished_lists
from yiku.pipeline.night_step import Facts, night_step
from yiku.pipeline.period_forms import write_forms
from yiku.pipeline.plan import parts_of
from yiku.pipeline.wall_pages import write_wall_pages
from yiku.pipeline.work_lists import open_lists, write_work_lists
from yiku.settings import Settings
from yiku.warehouse import lookup, unanswered
from yiku.warehouse.answers_sent import prepare_answers
from yiku.warehouse.arrivals import received
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import note_faults
from yiku.warehouse.night_record import is_overtaken, is_published
from yiku.warehouse.town_rows import town_rows
from yiku.warehouse.unit_deliveries import (
    note_changed_lists,
    prepare_at_places,
    prepare_unit_files,
)


def draw_wall(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write the wall pages of what this night published and bring each to where its unit's files came from.

    None where it was withheld. After the answers: a fault of a page keeps none of them waiting.
    """
    with night_step(settings, business_date, night) as (conn, number):
        if not is_published(conn, number):
            return {"pages": 0}
        folder = settings.outbox / business_date.isoformat()
        pages = write_wall_pages(conn, folder)
        prepare_at_places(conn, business_date, pages, readers_of(settings))
        conn.commit()
        done = bring_pages(conn, settings)
    return {
        "pages": len(pages),
        "delivered": done.delivered,
        "undelivered": done.undelivered,
    }


def hand_out_answers(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Hand out what waits for an answer, in parts of whole counties; none where nothing waits."""
    with night_step(settings, business_date, night) as (conn, _):
        waiting = unanswered.unanswered_by_county(conn, business_date)
    return {"parts": list(parts_of(waiting))}


def send_back(
    settings: Settings,
    business_date: date,
    night: int | None = None,
    counties: Sequence[str] | None = None,
) -> Facts:
    """Write receipts and return workbooks for what was settled and not answered yet.

    Of some ``counties`` (side by side with other parts of the night), or of all.
    """
    is_part = counties is not None
    with night_step(settings, business_date, night, shared=is_part) as (
        conn,
        _,
    ):
        unanswered.take_turn(conn, counties or ())
        lines = unanswered.unanswered(conn, business_date, counties)
        numbers = [line.submission_id for line in lines]
        work = _gathered(conn, settings, business_date, lines)
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


def _gathered(
    conn: Connection,
    settings: Settings,
    business_date: date,
    lines: Sequence[unanswered.Unanswered],
) -> replies.Replies:
    """Gather what the answers to some submissions are made of."""
    numbers = [line.submission_id for line in lines]
    with_rows = unanswered.findings_with_rows(conn, numbers)
    findings = replies.findings_of(conn, numbers, with_rows)
    confirmed = lookup.confirmed_headers(conn)
    sources = {
        r.submission_id: r.source for r in received(conn, settings, numbers)
    }
    counties = sorted({line.county_code for line in lines if line.county_code})
    return replies.Replies(
        outbox=settings.outbox,
        day=business_date,
        findings=findings,
        sources=sources,
        gazetteer=gazetteer_of(conn, counties),
        confirmed=confirmed,
        kept=kept_readings(conn, lines, with_rows, confirmed),
        vanished=vanished_lists(conn, numbers),
        sheets=unanswered.sheets_in_files(conn, numbers),
        persons=lookup.persons_named(conn, [line.file_name for line in lines]),
        carried=unanswered.rows_carried(conn, numbers),
    )


def work_lists(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Write for every unit what is open for it, and the forms of a period that begins.

    Nothing for a day before the one that is shown: who takes in an old day does not mean to ask anybody anything.
    """
    with night_step(settings, business_date, night) as (conn, _):
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
    with night_step(settings, business_date, night) as (conn, _):
        done = bring_back_all(conn, settings)
    return {"delivered": done.delivered, "undelivered": done.undelivered}


def notify(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Send each recipient one digest of what concerns them, unless they know it already."""
    with night_step(settings, business_date, night) as (conn, _):
        done = send_digests(conn, settings, business_date)
    return {"sent": done.sent, "unchanged": done.unchanged}


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
