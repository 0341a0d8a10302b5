"""What waits for an answer to its sender, and what the ledger says that goes into the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from psycopg import sql
from psycopg.rows import class_row

from yiku.checking.findings import Finding
from yiku.contracts.contract import Contract
from yiku.product import product_version
from yiku.tables.whereabouts import QUOTED_KIND, Whereabouts
from yiku.warehouse.connection import Connection

# What was settled again since its answer is answered again. Of files with one
# name only the newest gives its answer the plain name, or one would overwrite
# the other.
_UNANSWERED = """
select submission_id, county_code, unit_code, file_name, template, period, status, reason,
    receipt_no,
    rows_read, rows_loaded, rows_quarantined, rows_dropped, line_counts, book_format, is_work_list,
    row_number() over (partition by county_code, unit_code, file_name
        order by submission_id desc) = 1 as is_newest
from ops.submission
where business_date <= %(day)s and status <> 'received' and undone_at is null
    and (answered_at is null or answered_at < processed_at)
    and (%(counties)s::text[] is null or coalesce(county_code, '') = any (%(counties)s))
order by submission_id
"""
_BY_COUNTY = """
select coalesce(county_code, ''), count(*)
from ops.submission
where business_date <= %s and status <> 'received' and undone_at is null
    and (answered_at is null or answered_at < processed_at)
group by 1 order by 1
"""
# A lock of the session, not of a transaction: answers are written in none.
_TURN = "select pg_advisory_lock(hashtextextended('yiku answers ' || %s, 0))"
# What no submission closed was withdrawn, for other rows contradict it no
# more: of that nothing is told.
_FINDINGS = """
select row_id::text, submission_id, sheet, row_no, field, rule, verdict, facts, template,
    header, part
from ops.finding where submission_id = any (%s) and (closed_on is null
    or closed_by is not null) order by finding_id
"""
_CARRIED = """
select f.closed_by, s.receipt_no, count(distinct f.row_id)
from ops.finding as f
inner join ops.submission as s using (submission_id)
where f.closed_by = any (%s) and f.carried
group by 1, 2
"""
_RENAMED_SHEETS = """
select submission_id, sheet, named_in_file
from ops.submission_sheet
where submission_id = any (%s) and named_in_file is not null
"""
# Of another version of ours, or of a part of the tables, it is worth nothing.
_WHEREABOUTS = """
select submission_id, array_agg(sheet), array_agg(part), array_agg(coalesce(named_in_file, sheet)),
    array_agg(whereabouts)
from ops.submission_sheet
where submission_id = any (%s)
group by submission_id
having bool_and(whereabouts is not null and whereabouts_version = %s)
"""


@dataclass(frozen=True)
class Unanswered:
    """A submission whose sender is to be told what became of it.

    Fields as in ``ops.submission``.
    """

    submission_id: int
    county_code: str | None
    unit_code: str | None
    file_name: str
    template: str | None
    period: str | None
    status: str
    reason: str | None
    receipt_no: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_dropped: int
    line_counts: Mapping[str, int]
    book_format: str | None
    is_work_list: bool
    is_newest: bool  # of those with its name that its sender waits for


def unanswered(
    conn: Connection,
    business_date: date,
    counties: Sequence[str] | None = None,
) -> list[Unanswered]:
    """Return the submissions that arrived by a night and have not been answered since they were last settled.

    Of some ``counties`` alone, or of all; the county of what lies in no county's folder is ``""``.
    """
    asked = {
        "day": business_date,
        "counties": None if counties is None else list(counties),
    }
    with conn.cursor(row_factory=class_row(Unanswered)) as cursor:
        return cursor.execute(_UNANSWERED, asked).fetchall()


def unanswered_by_county(
    conn: Connection, business_date: date
) -> list[tuple[str, int]]:
    """Return how many submissions of each county wait for an answer; ``""`` is no county."""
    return conn.execute(_BY_COUNTY, (business_date,)).fetchall()


def take_turn(conn: Connection, counties: Sequence[str]) -> None:
    """Wait until no other session answers some counties, and answer them alone for as long as this one lasts.

    A task may be handed out again while the first one still works: both would tell the same senders.
    """
    # in one order everywhere, or two parts could wait for each other
    for county in sorted(counties):
        conn.execute(_TURN, (county,))


def findings_with_rows(
    conn: Connection, submissions: Sequence[int]
) -> list[tuple[str | None, Finding]]:
    """Return the findings of some submissions that a sender is to see, each with the id of its row."""
    found: list[tuple[str | None, Finding]] = []
    for row_id, *facts in conn.execute(_FINDINGS, (list(submissions),)):
        found.append((row_id, Finding(*facts)))
    return found


def rows_carried(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return for each submission of which earlier receipts it brings rows again that are still wrong, and how many."""
    found: dict[int, dict[str, int]] = {}
    for number, receipt, rows in conn.execute(_CARRIED, (list(submissions),)):
        found.setdefault(number, {})[receipt] = rows
    return found


def sheets_in_files(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, dict[str | None, str]]:
    """Return for each submission what its sheets are called in the file, where the ledger calls them otherwise."""
    found: dict[int, dict[str | None, str]] = {}
    for number, sheet, name in conn.execute(
        _RENAMED_SHEETS, (list(submissions),)
    ):
        found.setdefault(number, {})[sheet] = name
    return found


@dataclass(frozen=True)
class KeptTable:
    """A table as it stood in its file, the sheet as the ledger and as the file calls it."""

    sheet: str | None
    part: int
    named_in_file: str | None
    stood: Whereabouts


def kept_tables(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, list[KeptTable]]:
    """Return for each submission where its tables stood, in their order, where this version of ours kept it."""
    query = (list(submissions), product_version())
    found: dict[int, list[KeptTable]] = {}
    for number, *columns in conn.execute(_WHEREABOUTS, query):
        tables = [
            KeptTable(sheet, part, named, Whereabouts(**kept))
            for sheet, part, named, kept in zip(*columns, strict=True)
        ]
        found[number] = sorted(tables, key=lambda table: table.stood.position)
    return found


@dataclass(frozen=True)
class RowTexts:
    """What a row's cells said: ``kept`` of those that were repaired or not understood, ``values`` of places."""

    kept: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def of(self, column: str) -> str | None:
        """Return the text of a cell, None where it is not known."""
        return self.kept.get(column, self.values.get(column))


NO_TEXTS = RowTexts()


def texts_kept(
    conn: Connection, contract: Contract, row_ids: Sequence[str]
) -> dict[str, RowTexts]:
    """Return the texts of cells by row of a list."""
    names = [
        column.name
        for column in contract.columns
        if column.kind == QUOTED_KIND and not column.many
    ]
    values = [
        sql.SQL("{}, {}::text").format(name, sql.Identifier(name))
        for name in names
    ]
    query = sql.SQL(
        "select row_id::text, coalesce(original, '{{}}'), jsonb_strip_nulls(jsonb_build_object({}))"
        " from raw.{} where row_id = any (%s::uuid[])"
    ).format(sql.SQL(", ").join(values), sql.Identifier(contract.table))
    rows = conn.execute(query, (list(row_ids),))
    return {row_id: RowTexts(kept, said) for row_id, kept, said in rows}


def note_answered(conn: Connection, submissions: Sequence[int]) -> None:
    """Write down that the senders of some submissions have been told."""
    conn.execute(
        "update ops.submission set answered_at = clock_timestamp() where submission_id = any (%s)",
        (list(submissions),),
    )


def note_all_answered(conn: Connection) -> None:
    """Write down that nobody waits for an answer.

    A night that is only repeated tells nobody anything.
    """
    conn.execute(
        "update ops.submission set answered_at = clock_timestamp() where answered_at is null"
    )
