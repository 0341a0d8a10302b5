"""The ledger of the places that files come from: visits, and what goes back to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yiku.intake.journal import Delivered
from yiku.intake.path_names import Sender
from yiku.intake.visits import Visit
from yiku.warehouse.connection import Connection


@dataclass(frozen=True)
class Answer:
    """A file that was written for a sender. ``kind`` is receipt or return_workbook."""

    submission_id: int
    kind: str
    file_name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Waiting:
    """An answer that has not been laid down yet. ``source`` is where the submission came from."""

    delivery_id: int
    kind: str
    business_date: date
    county_code: str
    unit_code: str
    source: str
    file_name: str
    sha256: str
    size_bytes: int
    receipt_no: str  # '' where it answers no submission
    submission_id: int | None = None
    letter: str | None = None  # in which it went, or was to go


# What lay outside every unit's folder has no sender, and so no place to which
# its answer could go. A content that another had replaced may be due once
# more: its old line is taken up again.
_PREPARE = """
insert into ops.delivery (submission_id, kind, business_date, county_code, unit_code, source, file_name, sha256,
    size_bytes)
select submission_id, %s, %s, county_code, unit_code, source, %s, %s, %s
from ops.submission
where submission_id = %s and source is not null and source <> all (%s) and county_code is not null
    and unit_code is not null
on conflict (submission_id, kind, sha256) do update set withdrawn_at = null
"""
# The line stays: a night that ended in the midst may have laid it down all the same.
_REPLACED = """
update ops.delivery set withdrawn_at = clock_timestamp()
where submission_id = %s and kind = %s and sha256 <> %s and delivered_at is null and withdrawn_at is null
"""
_WAITING = """
select d.delivery_id, d.kind, d.business_date, d.county_code, d.unit_code, d.source, d.file_name, d.sha256,
    d.size_bytes, coalesce(s.receipt_no, ''), d.submission_id, d.letter
from ops.delivery as d left join ops.submission as s using (submission_id)
where d.delivered_at is null and d.withdrawn_at is null order by d.delivery_id
"""
# By the receipt: a rebuilt warehouse may number its submissions otherwise.
_RESTORE = """
insert into ops.delivery (submission_id, kind, business_date, county_code, unit_code, source, file_name, sha256,
    size_bytes, delivered_at, withdrawn_at)
values ((select max(submission_id) from ops.submission where receipt_no = %s), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""
# A step that is tried again visits a place twice in one night. What was new
# adds up; what waits is what was found last.
_VISITED = """
insert into ops.source_visit (business_date, source, state, problem, new_count, waiting_count, closed_count)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (business_date, source) do update set state = excluded.state, problem = excluded.problem,
    new_count = ops.source_visit.new_count + excluded.new_count, waiting_count = excluded.waiting_count,
    closed_count = excluded.closed_count, visited_at = clock_timestamp()
"""


def prepare_answers(
    conn: Connection,
    business_date: date,
    answers: Iterable[Answer],
    sources_without: Sequence[str],
) -> None:
    """Write down what is to be laid down; nothing for the sources that take no answers.

    An answer of which another wording still waits takes its place.
    """
    for answer in answers:
        conn.execute(
            _REPLACED, (answer.submission_id, answer.kind, answer.sha256)
        )
        conn.execute(
            _PREPARE,
            (
                answer.kind,
                business_date,
                answer.file_name,
                answer.sha256,
                answer.size_bytes,
                answer.submission_id,
                list(sources_without),
            ),
        )


def waiting_answers(conn: Connection) -> list[Waiting]:
    """Return what has not been laid down yet, the oldest first."""
    return [Waiting(*row) for row in conn.execute(_WAITING)]


def restore_deliveries(conn: Connection, entries: Iterable[Delivered]) -> None:
    """Write down again what the archive's journal knows to have been laid down."""
    for entry in entries:
        conn.execute(
            _RESTORE,
            (
                entry.receipt_no,
                entry.kind,
                entry.business_date,
                entry.county_code,
                entry.unit_code,
                entry.source,
                entry.file_name,
                entry.sha256,
                entry.size,
                # Ours it is all the same, wherever it is met.
                None if entry.is_pending else entry.at,
                entry.at if entry.is_pending else None,
            ),
        )


def note_laid_down(conn: Connection, delivery_id: int, place: str) -> None:
    """Write down that an answer lies where it belongs."""
    conn.execute(
        "update ops.delivery set place = %s, delivered_at = clock_timestamp(), attempts = attempts + 1,"
        " problem = null where delivery_id = %s",
        (place, delivery_id),
    )


def note_not_laid_down(
    conn: Connection, delivery_ids: Collection[int], problem: str
) -> None:
    """Write down why answers could not be laid down tonight."""
    conn.execute(
        "update ops.delivery set attempts = attempts + 1, problem = %s where delivery_id = any (%s)",
        (problem, list(delivery_ids)),
    )


def contents_laid_down(conn: Connection, sender: Sender) -> set[str]:
    """Return the contents that were written for a sender.

    Those that are not noted as laid down are among them: a night may end between the two.
    """
    found = conn.execute(
        "select sha256 from ops.delivery where county_code = %s and unit_code = %s",
        (sender.county_code, sender.unit_code),
    )
    return {str(sha256) for (sha256,) in found}


def answers_of_county(
    conn: Connection, county_code: str | None, size: int
) -> set[str]:
    """Return the contents of that many bytes that were written for anybody in a county (None: in any)."""
    found = conn.execute(
        "select sha256 from ops.delivery"
        " where county_code = coalesce(%s, county_code) and size_bytes = %s",
        (county_code, size),
    )
    return {str(sha256) for (sha256,) in found}


def note_visit(
    conn: Connection,
    business_date: date,
    found: Visit,
    new_count: int = 0,
    waiting_count: int = 0,
) -> None:
    """Write down what came of tonight's visit to a source."""
    closed_count = found.look.closed_count if found.look else 0
    conn.execute(
        _VISITED,
        (
            business_date,
            found.source.name,
            found.state,
            found.problem or None,
            new_count,
            waiting_count,
            closed_count,
        ),
    )


@dataclass(frozen=True)
class VisitTold:
    """What is told of tonight's visit to a source."""

    source: str
    state: str
    problem: str
    waiting_count: int
    closed_count: int


def visits_on(conn: Connection, business_date: date) -> list[VisitTold]:
    """Return tonight's visits of which something is to be told."""
    rows = conn.execute(
        "select source, state, coalesce(problem, ''), waiting_count, closed_count from ops.source_visit"
        " where business_date = %s and (state <> 'reached' or waiting_count > 0 or closed_count > 0) order by source",
        (business_date,),
    )
    return [VisitTold(*row) for row in rows]


def undelivered_counts(conn: Connection) -> list[tuple[str, str, str, int]]:
    """Return county, source, reason and number of answers that could not be laid down."""
    rows = conn.execute(
        "select county_code, source, problem, count(*) from ops.delivery"
        " where delivered_at is null and withdrawn_at is null and problem is not null"
        " group by 1, 2, 3 order by 1, 2, 3"
    )
    return [
        (str(county), str(source), str(why), int(n))
        for county, source, why, n in rows
    ]


def places_of_workbooks(conn: Connection) -> dict[int, tuple[str, str | None]]:
    """Return by submission its last return workbook: the name, and where it lies (None: not yet)."""
    rows = conn.execute(
        "select distinct on (submission_id) submission_id, file_name, place from ops.delivery"
        " where kind = 'return_workbook' and withdrawn_at is null order by submission_id, delivery_id desc"
    )
    return {int(number): (str(name), place) for number, name, place in rows}
