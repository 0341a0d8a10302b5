"""What is open for the units: rows sent back, questions, visits, missing people, proposed pairs.

All units are asked for at once, with one query a kind and one a list: a province has thousands of units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from psycopg import sql
from psycopg.rows import class_row, dict_row

from yiku.checking.findings import Finding
from yiku.contracts import Contract
from yiku.warehouse.connection import Connection

# The rows of a sheet that was held wait for the sheet: each of them asked about by itself would bury its question.
_SENT_BACK = """
select f.row_id::text, f.submission_id, f.sheet, f.row_no, f.field, f.rule, f.verdict, f.facts, f.template,
    f.header, f.part, f.opened_on, s.county_code, s.unit_code, s.file_name
from ops.finding as f
inner join ops.submission as s on f.submission_id = s.submission_id
inner join ops.submission_sheet as h
    on f.submission_id = h.submission_id and f.sheet is not distinct from h.sheet and f.part = h.part
where f.verdict = 'Q' and f.closed_on is null and f.row_id is not null and h.status in ('loaded', 'partly_loaded')
    and s.undone_at is null and s.superseded_by is null and s.unit_code is not null and s.county_code is not null
    and s.business_date <= %s
order by f.opened_on, f.submission_id, f.sheet nulls first, f.part, f.row_no, f.finding_id
"""
_ROWS = "select * from raw.{} where submission_id = any (%s) and row_id = any (%s::uuid[])"
# Headers that were guessed; sheets that were held, files that were refused.
_QUESTIONS = """
select f.submission_id, f.sheet, f.row_no, f.field, f.rule, f.verdict, f.facts, f.template, f.header, f.part,
    s.county_code, s.unit_code, s.file_name, s.receipt_no
from ops.finding as f
inner join ops.submission as s on f.submission_id = s.submission_id
where f.row_no is null and f.closed_on is null and (f.rule = 'L04' or f.verdict in ('S', 'F'))
    and s.undone_at is null and s.superseded_by is null and s.unit_code is not null and s.county_code is not null
    and s.business_date between %(day)s - %(open)s and %(day)s
order by s.submission_id, f.finding_id
"""
# Lists that miss people: which of them do is asked list by list.
_SHORT = """
select distinct f.submission_id, s.county_code, s.unit_code
from ops.finding as f
inner join ops.submission as s on f.submission_id = s.submission_id
where f.rule = 'F10' and f.closed_on is null and s.undone_at is null and s.superseded_by is null
    and s.unit_code is not null and s.county_code is not null and s.business_date <= %s
order by f.submission_id
"""
_VISITS = """
select county_code, town_code, person_sk::text, name, id_no, phone, town_name, village_name, visit_type, due_on,
    is_overdue, needs_home_visit
from mart.revisit_due
where due_on <= %(day)s + %(ahead)s and town_code is not null
order by town_code, due_on, village_name, name, id_no
"""
_MISSING = """
select o.county_code, o.town_code, o.town_name, o.village_name, o.name, o.id_no, o.person_sk::text
from mart.task as t inner join mart.one_db as o on t.person_sk = o.person_sk
where t.kind = 'missing_from_l1' and o.town_code is not null
order by o.town_code, o.village_name, o.name, o.id_no
"""
_PAIRS = """
select proposal_key::text, kind, kind_name, county_code, town_name, village_name, household_no, head_name, id_no,
    name, unit, industry, why
from mart.pairing_proposal where not is_standing
order by county_code, kind, town_name, village_name, household_no, industry, name
"""
# What counts against a line is what came in an earlier night. Of two files of one night the version decides, for
# which of them was read first is chance.
_SETTLED = """
select f.row_id::text
from ops.finding as f
inner join ops.submission as s on f.submission_id = s.submission_id
left join ops.submission as c on f.closed_by = c.submission_id
where f.row_id = any (%(references)s::uuid[]) and f.verdict = 'Q'
group by f.row_id
having bool_and(s.undone_at is not null or f.closed_on is not null
    and (c.submission_id is null or c.business_date < %(day)s))
"""
_REPLACED = """
select r.row_id::text
from raw.{table} as r
where r.row_id = any (%(references)s::uuid[]) and (
    exists (
        select from raw.{table} as n
        inner join ops.submission as s on n.submission_id = s.submission_id
        where n.key = r.key and n.unit_code = r.unit_code and n.version > r.version and n.fate <> 'quarantined'
            and s.undone_at is null and s.business_date < %(day)s and n.period_of_file = r.period_of_file
    )
    or exists (
        select from ops.withdrawn_row as w
        inner join ops.submission as s on w.submission_id = s.submission_id
        where w.key = r.key and w.template = %(code)s and s.undone_at is null and s.business_date < %(day)s
    )
)
"""


@dataclass(frozen=True)
class OpenRow:
    """A row that was sent back and that nothing has mended, with what stands on it and what is wrong with it."""

    county_code: str
    unit_code: str
    row_id: str
    template: str
    file_name: str
    row_no: int
    opened_on: date
    values: Mapping[str, Any]
    findings: list[Finding]


class Question(NamedTuple):
    """A finding about a sheet or file as a whole, and whose it is."""

    county_code: str
    unit_code: str
    file_name: str
    receipt_no: str
    finding: Finding


@dataclass(frozen=True)
class Visit:
    """A visit that is due soon, or overdue."""

    county_code: str
    town_code: str
    person_sk: str
    name: str | None
    id_no: str | None
    phone: str | None
    town_name: str | None
    village_name: str | None
    visit_type: str
    due_on: date
    is_overdue: bool
    needs_home_visit: bool


@dataclass(frozen=True)
class MissingPerson:
    """A labourer of the register who stands on no list of labourers."""

    county_code: str
    town_code: str
    town_name: str | None
    village_name: str | None
    name: str | None
    id_no: str | None
    person_sk: str


@dataclass(frozen=True)
class ProposedPair:
    """A pair that the optimiser proposes and that nobody has accepted."""

    proposal_key: str
    kind: str
    kind_name: str
    county_code: str
    town_name: str | None
    village_name: str | None
    household_no: str | None
    head_name: str | None
    id_no: str | None
    name: str | None
    unit: str | None
    industry: str | None
    why: str | None


class ShortFile(NamedTuple):
    """A file with a list that names fewer people than the one before it."""

    submission_id: int
    county_code: str
    unit_code: str


def open_rows(
    conn: Connection, day: date, contracts: Mapping[str, Contract]
) -> list[OpenRow]:
    """Return the rows that wait for a correction, the oldest first."""
    lines: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row_id, *facts in conn.execute(_SENT_BACK, (day,)):
        lines[str(row_id)].append(tuple(facts))
    by_list: dict[str, list[str]] = defaultdict(list)
    for row_id, facts_of_row in lines.items():
        template = facts_of_row[0][7]
        if template in contracts:
            by_list[template].append(row_id)
    values: dict[str, Mapping[str, Any]] = {}
    for template, row_ids in by_list.items():
        files = {int(lines[row_id][0][0]) for row_id in row_ids}
        table = contracts[template].table
        values |= _raw_rows(conn, table, sorted(files), row_ids)
    return [
        _open_row(row_id, facts_of_row, values[row_id])
        for row_id, facts_of_row in lines.items()
        if row_id in values
    ]


def _raw_rows(
    conn: Connection, table: str, files: Sequence[int], row_ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    query = sql.SQL(_ROWS).format(sql.Identifier(table))
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, (list(files), list(row_ids)))
        return {str(row["row_id"]): row for row in found}


def _open_row(
    row_id: str,
    facts_of_row: Sequence[tuple[Any, ...]],
    values: Mapping[str, Any],
) -> OpenRow:
    findings = [Finding(*facts[:10]) for facts in facts_of_row]
    opened_on, county_code, unit_code, file_name = facts_of_row[0][10:14]
    return OpenRow(
        county_code=county_code,
        unit_code=unit_code,
        row_id=row_id,
        template=findings[0].template or "",
        file_name=file_name,
        row_no=findings[0].row_no or 0,
        opened_on=opened_on,
        values=values,
        findings=findings,
    )


def open_questions(
    conn: Connection, day: date, open_days: int
) -> list[Question]:
    """Return what is asked about sheets and files that came within so many days."""
    asked = {"day": day, "open": open_days}
    found: list[Question] = []
    for *facts, county, unit, name, receipt in conn.execute(_QUESTIONS, asked):
        found.append(Question(county, unit, name, receipt, Finding(*facts)))
    return found


def short_files(conn: Connection, day: date) -> list[ShortFile]:
    """Return the files of which was asked what became of people whom they no longer name."""
    return [ShortFile(*line) for line in conn.execute(_SHORT, (day,))]


def visits_to_make(conn: Connection, day: date, ahead: int) -> list[Visit]:
    """Return the visits that are overdue on ``day`` or due within so many days more."""
    with conn.cursor(row_factory=class_row(Visit)) as cursor:
        asked = {"day": day, "ahead": ahead}
        return cursor.execute(_VISITS, asked).fetchall()


def missing_people(conn: Connection) -> list[MissingPerson]:
    """Return the labourers whom no list names, town by town."""
    with conn.cursor(row_factory=class_row(MissingPerson)) as cursor:
        return cursor.execute(_MISSING).fetchall()


def proposed_pairs(conn: Connection) -> list[ProposedPair]:
    """Return the pairs that wait to be accepted, county by county."""
    with conn.cursor(row_factory=class_row(ProposedPair)) as cursor:
        return cursor.execute(_PAIRS).fetchall()


def declined_pairs(conn: Connection) -> set[str]:
    """Return the proposed pairs that officers have said no to, by the references of their lines."""
    query = (
        "select d.reference from ops.declined_pair as d inner join ops.submission as s using (submission_id)"
        " where s.undone_at is null and s.business_date <= ops.business_date()"
    )
    return {str(reference) for (reference,) in conn.execute(query)}


def keep_declined(
    conn: Connection, submission_id: int, references: Iterable[str]
) -> None:
    """Keep which proposed pairs a work list says no to, in the place of what an earlier reading of it found."""
    conn.execute(
        "delete from ops.declined_pair where submission_id = %s",
        (submission_id,),
    )
    conn.cursor().executemany(
        "insert into ops.declined_pair (reference, submission_id) values (%s, %s)",
        [(reference, submission_id) for reference in sorted(references)],
    )


def settled_references(
    conn: Connection, references: Sequence[str], day: date
) -> set[str]:
    """Return the rows that earlier nights than ``day`` have put right, so that no answer is wanted any more."""
    asked = {"references": list(references), "day": day}
    return {str(row_id) for (row_id,) in conn.execute(_SETTLED, asked)}


def replaced_references(
    conn: Connection, contract: Contract, references: Sequence[str], day: date
) -> set[str]:
    """Return the rows of a list that came again, or were taken out, in earlier nights than ``day``."""
    query = sql.SQL(_REPLACED).format(table=sql.Identifier(contract.table))
    asked = {
        "references": list(references),
        "day": day,
        "code": contract.code,
    }
    return {str(row_id) for (row_id,) in conn.execute(query, asked)}
