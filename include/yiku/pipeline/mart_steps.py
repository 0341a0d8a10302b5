"""The steps of a night that build the marts, and show them."""

from __future__ import annotations

from datetime import date

from yiku.pipeline import (
    build_parts,
    guard,
    marts,
    proposal_runs,
    repeated_prescriptions,
    row_conflicts,
)
from yiku.pipeline.night_step import Facts, night_step
from yiku.pipeline.settling import settle_contested
from yiku.settings import Settings
from yiku.warehouse import shown_cells
from yiku.warehouse.connection import Connection
from yiku.warehouse.month_history import keep_month
from yiku.warehouse.night_record import (
    is_overtaken,
    is_published,
    note_state,
)
from yiku.warehouse.shadow import (
    drop_shadows,
    relations_noted,
    stands_published,
    tell_planner,
)
from yiku.warehouse.swap import drop_old, swap


def build_marts(
    settings: Settings, business_date: date, night: int | None = None
) -> Facts:
    """Settle claims, compare prescriptions, and build the marts in the shadow but for those of the proposed pairs.

    StepError names the nodes that failed: yesterday's marts stay in place.
    """
    with night_step(settings, business_date, night) as (conn, number):
        # Only now the rows of all batches are there, and nothing has been
        # built yet of those that fall.
        settled = settle_contested(settings, business_date, conn)
        drop_shadows(conn, number)
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
    with night_step(settings, business_date, night) as (conn, number):
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
    plan = build_parts.plan_part(settings, business_date, conn, night, part)
    return build_parts.build_part(settings, business_date, conn, night, plan)


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
    with night_step(settings, business_date, night) as (conn, number):
        masked = 0
        if not publish_old and is_overtaken(conn, business_date):
            marts.put_aside(conn, number)
            return {"withheld": 1}
        # a task that is run again may have done its work the first time
        if not is_published(conn, number):
            marts.require_whole(conn, number)
            masked = _put_in_place(settings, business_date, conn, number)
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


def _put_in_place(
    settings: Settings, business_date: date, conn: Connection, night: int
) -> int:
    """Swap in what a night built, if it built anything; return how many cells were masked that no mask had covered."""
    if stands_published(conn, night):
        shown = relations_noted(conn, night)
        shown_cells.begin_notes(conn, night, shown)
        return shown_cells.masked_count(conn, night)
    graph, found = build_parts.all_fingerprints(settings, business_date, conn)
    seen = build_parts.relations_taken_over(conn, night, graph)
    guarded = guard.mask_what_shows(conn, settings, night, seen)
    swap(conn)
    build_parts.keep_standing(conn, night, graph, found, guarded)
    return guarded.cells
