"""Take in what is new at every source.

One that is away or breaks off stops no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from yiku.faults import is_of_database
from yiku.intake.archive import Archive
from yiku.intake.mailbox import MailboxAwayError, MailboxRefusedError
from yiku.intake.source import Source
from yiku.intake.sources_error import SourcesError
from yiku.intake.visits import REACHED, Visit, broken_off, visit_all
from yiku.pipeline.taking_mail import take_in_mails
from yiku.settings import Settings
from yiku.warehouse.answers_sent import note_visit
from yiku.warehouse.connection import Connection
from yiku.warehouse.inbox_seen import places_of
from yiku.warehouse.kind import settle_kind
from yiku.warehouse.pull import PullResult, finish, pull_source


@dataclass
class _Visited:
    """What came of all visits together."""

    total: PullResult = field(default_factory=PullResult)
    missed_count: int = 0


def pull_sources(
    conn: Connection,
    settings: Settings,
    business_date: date,
    sources: Sequence[Source],
) -> tuple[PullResult, int]:
    """Take in what is new at all sources; return what was found, and how many sources could not be read whole.

    MixedWarehouseError where one has the demo's people.
    """
    visits = visit_all(sources, settings)
    here: set[str] = set()
    for found in visits:
        if found.state == REACHED:
            # Of all places before anything is taken in from one: the demo's
            # people among the sources stop the whole.
            settle_kind(conn, found.is_demo)
        if found.look:
            here |= places_of(found.look.files)
    conn.commit()
    # what lies at one place tonight is a copy of what lies at another, not the same file moved
    visited = _Visited()
    for found in visits:
        _take_in_from(conn, settings, found, here, business_date, visited)
    result = finish(conn, settings, business_date, visited.total)
    conn.commit()
    return result, visited.missed_count


def _take_in_from(
    conn: Connection,
    settings: Settings,
    found: Visit,
    here: set[str],
    business_date: date,
    visited: _Visited,
) -> None:
    result = PullResult()
    if found.state == REACHED and found.source.is_mailbox:
        result = _pull_mails(conn, settings, found, business_date)
    elif found.state == REACHED:
        result = pull_source(conn, settings, found, here, business_date)
    if result.broken:
        found = broken_off(found, result.broken)
    visited.missed_count += found.state != REACHED
    visited.total.add(result)
    new_count = result.new + result.duplicates + result.rejected
    note_visit(conn, business_date, found, new_count, result.changing)
    conn.commit()


def _pull_mails(
    conn: Connection, settings: Settings, found: Visit, business_date: date
) -> PullResult:
    """Take in what is new in a mailbox; where its server fails meanwhile, the result says why."""
    archive, result = Archive.at(settings.archive), PullResult()
    try:
        take_in_mails(conn, archive, found.source, business_date, result)
    except (MailboxAwayError, MailboxRefusedError, SourcesError) as broken:
        # of what was under way nothing is noted
        conn.rollback()
        result.broken = broken
    except Exception as fault:
        # A server that speaks as no other does stops no other source. The
        # type alone: its text may quote a mail.
        conn.rollback()
        if is_of_database(fault) or isinstance(fault, MemoryError):
            raise
        problem = f"程序出错（{type(fault).__name__}），请报告。"
        result.broken = MailboxRefusedError(problem)
    return result
