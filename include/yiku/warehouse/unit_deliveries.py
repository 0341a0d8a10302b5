"""What goes to a unit and answers none of its files: its work list, the forms of a period, pages, bulletins, prints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from yiku.warehouse.connection import Connection

WORK_LIST, FORM = "work_list", "form"
WALL_PAGE, BULLETIN, PAPER = "wall_page", "bulletin", "paper"

# A unit moves on from the server to the mailbox: what it sent last says where it looks.
_LAST_SOURCES = """
select distinct on (county_code, unit_code) county_code, unit_code, source
from ops.submission
where source is not null and source <> all (%s) and county_code is not null and unit_code is not null
order by county_code, unit_code, submission_id desc
"""
# A rebuilt warehouse knows of the lists that were laid down, and not of the others.
_LAST_LISTS = """
select county_code, unit_code, sha256
from (
    select county_code, unit_code, sha256, business_date, 1 as rank from ops.work_list
    union all
    select county_code, unit_code, sha256, business_date, 0 from ops.delivery
    where kind = 'work_list' and delivered_at is not null
) as said
where business_date <= %s
order by county_code, unit_code, rank, business_date
"""
_CHANGED = """
insert into ops.work_list (county_code, unit_code, business_date, file_name, sha256, item_count)
values (%s, %s, %s, %s, %s, %s)
on conflict (county_code, unit_code, business_date) do update
set file_name = excluded.file_name, sha256 = excluded.sha256, item_count = excluded.item_count,
    written_at = clock_timestamp()
"""
_REPLACED = """
update ops.delivery set withdrawn_at = clock_timestamp()
where kind = 'work_list' and county_code = %s and unit_code = %s and sha256 is distinct from %s
    and delivered_at is null and withdrawn_at is null
"""
_OPEN_LISTS = """
select w.county_code, w.unit_code, w.business_date, w.file_name, w.item_count, d.place, d.delivery_id is not null
from (
    select distinct on (county_code, unit_code) *
    from ops.work_list where business_date <= %s
    order by county_code, unit_code, business_date desc
) as w
left join lateral (
    select place, delivery_id from ops.delivery
    where kind = 'work_list' and withdrawn_at is null and county_code = w.county_code and unit_code = w.unit_code
        and file_name = w.file_name
    order by delivery_id desc limit 1
) as d on true
where w.item_count > 0
order by 1, 2
"""
_PREPARE = """
insert into ops.delivery (kind, business_date, county_code, unit_code, source, file_name, sha256, size_bytes)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (county_code, unit_code, kind, file_name, sha256) where submission_id is null
do update set withdrawn_at = null
"""
# A page of yesterday that waits is out of date, and an issue's file that was
# written anew has other bytes.
_REPLACED_BY_NAME = """
update ops.delivery set withdrawn_at = clock_timestamp()
where kind = %s and county_code = %s and unit_code = %s and file_name = %s and sha256 <> %s
    and submission_id is null and delivered_at is null and withdrawn_at is null
"""
_IS_THERE = """
select exists (select from ops.delivery
    where kind = %s and county_code = %s and unit_code = %s and file_name = %s and delivered_at is not null)
"""
_PLACES = """
select distinct on (county_code, unit_code, file_name) county_code, unit_code, file_name, place
from ops.delivery
where kind = %s and withdrawn_at is null and business_date >= %s
order by county_code, unit_code, file_name, delivery_id desc
"""
# Who takes part: what a unit owes is worked out from what it and its county have sent.
_OWED = """
select distinct county_code, unit_code, list from mart.list_due
where unit_code ~ '^[0-9]{9}$' order by county_code, unit_code, list
"""
_HANDED_OUT = "select county_code, unit_code, template, period from ops.form_handed_out where period = any (%s)"
_HAND_OUT = """
insert into ops.form_handed_out (county_code, unit_code, template, period, business_date, file_name)
values (%s, %s, %s, %s, %s, %s) on conflict do nothing
"""


@dataclass(frozen=True)
class UnitFile:
    """A file of the outbox that goes to a unit."""

    kind: str
    county_code: str
    unit_code: str
    file_name: str
    sha256: str
    size_bytes: int
    item_count: int = 0  # of a work list


class OwedForm(NamedTuple):
    """A list that a town fills in."""

    county_code: str
    unit_code: str
    template: str


class HandedOut(NamedTuple):
    """A form of a period that a unit has been given."""

    county_code: str
    unit_code: str
    template: str
    period: str


def note_changed_lists(
    conn: Connection, day: date, lists: Sequence[UnitFile]
) -> list[UnitFile]:
    """Write down which units' lists say something else than the ones before them; return these lists."""
    last = {
        (county, unit): sha256
        for county, unit, sha256 in conn.execute(_LAST_LISTS, (day,))
    }
    changed: list[UnitFile] = []
    for file in lists:
        unit = (file.county_code, file.unit_code)
        if last.pop(unit, None) == file.sha256:
            continue
        changed.append(file)
        _note_list(conn, day, unit, file)
    for unit, sha256 in last.items():
        # nothing is open for it any more
        if sha256 is not None:
            _note_list(conn, day, unit, None)
    return changed


def _note_list(
    conn: Connection, day: date, unit: tuple[str, str], file: UnitFile | None
) -> None:
    content = file.sha256 if file else None
    name = file.file_name if file else None
    count = file.item_count if file else 0
    conn.execute(_CHANGED, (*unit, day, name, content, count))
    # What waits to be brought says what was true yesterday.
    conn.execute(_REPLACED, (*unit, content))


def prepare_unit_files(
    conn: Connection,
    day: date,
    files: Iterable[UnitFile],
    sources_without: Sequence[str],
) -> int:
    """Write down what is to be brought to the units, where their files came from last; return how many files."""
    sources = _last_sources(conn, sources_without)
    count = 0
    for file in files:
        unit = (file.county_code, file.unit_code)
        if unit in sources:
            named = (sources[unit], file.file_name)
            content = (file.sha256, file.size_bytes)
            conn.execute(_PREPARE, (file.kind, day, *unit, *named, *content))
            count += 1
    return count


@dataclass(frozen=True)
class Readers:
    """Where units read what nobody sent for.

    ``without`` are the sources that take nothing, ``mailboxes`` those whose answers go by mail;
    ``own`` are the sources of the units of which no file came so far, by county and unit.
    """

    without: Sequence[str] = ()
    mailboxes: Collection[str] = ()
    own: Mapping[tuple[str, str], str] = field(default_factory=dict)


def prepare_at_places(
    conn: Connection, day: date, files: Iterable[UnitFile], readers: Readers
) -> list[UnitFile]:
    """Write down which wall pages or prints are to be brought, each in place of one of its name; return those.

    None by mail: a letter every night would be read by nobody. One that says the same as one that was brought is not
    brought again.
    """
    sources = _sources_of(conn, readers)
    prepared: list[UnitFile] = []
    for file in files:
        source = sources.get((file.county_code, file.unit_code))
        if source is not None and source not in readers.mailboxes:
            _prepare_by_name(conn, day, source, file)
            prepared.append(file)
    return prepared


def prepare_bulletin(
    conn: Connection, day: date, files: Iterable[UnitFile], readers: Readers
) -> int:
    """Write down which files of an issue are to be brought, each once whatever is written again; return how many."""
    sources = _sources_of(conn, readers)
    count = 0
    for file in files:
        source = sources.get((file.county_code, file.unit_code))
        if source is None or _is_there(conn, file):
            continue
        _prepare_by_name(conn, day, source, file)
        count += 1
    return count


def _sources_of(
    conn: Connection, readers: Readers
) -> dict[tuple[str, str], str]:
    """Return by county and unit where it reads what answers none of its files."""
    return {**readers.own, **_last_sources(conn, readers.without)}


def _last_sources(
    conn: Connection, without: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Return by county and unit the source of its last file."""
    return {
        (county, unit): source
        for county, unit, source in conn.execute(
            _LAST_SOURCES, (list(without),)
        )
    }


def _is_there(conn: Connection, file: UnitFile) -> bool:
    whose = (file.kind, file.county_code, file.unit_code, file.file_name)
    found = conn.execute(_IS_THERE, whose).fetchone()
    return bool(found and found[0])


def _prepare_by_name(
    conn: Connection, day: date, source: str, file: UnitFile
) -> None:
    unit = (file.county_code, file.unit_code)
    conn.execute(
        _REPLACED_BY_NAME, (file.kind, *unit, file.file_name, file.sha256)
    )
    named = (source, file.file_name, file.sha256, file.size_bytes)
    conn.execute(_PREPARE, (file.kind, day, *unit, *named))


def places_of(
    conn: Connection, kind: str, since: date
) -> dict[tuple[str, str, str], str | None]:
    """Return where files of a kind lie since a day (None: not yet), by county, unit and name."""
    rows = conn.execute(_PLACES, (kind, since))
    return {(county, unit, name): place for county, unit, name, place in rows}


class OpenList(NamedTuple):
    """The last list of a unit, and where it was laid down (None: not yet); only in the outbox without a delivery."""

    county_code: str
    unit_code: str
    business_date: date
    file_name: str
    item_count: int
    place: str | None
    is_delivered: bool


def lists_that_stand(conn: Connection, day: date) -> list[OpenList]:
    """Return the lists of the units for which anything is open, with the day since when they say so."""
    return [OpenList(*line) for line in conn.execute(_OPEN_LISTS, (day,))]


def owed_forms(conn: Connection) -> list[OwedForm]:
    """Return which lists which towns fill in."""
    return [OwedForm(*line) for line in conn.execute(_OWED)]


def forms_handed_out(
    conn: Connection, periods: Sequence[str]
) -> set[HandedOut]:
    """Return which forms of some periods have been given to whom."""
    found = conn.execute(_HANDED_OUT, (list(periods),))
    return {HandedOut(*line) for line in found}


def note_handed_out(
    conn: Connection, form: HandedOut, day: date, file_name: str
) -> None:
    """Write down that a unit has been given a form, so that it is not given once more."""
    conn.execute(_HAND_OUT, (*form, day, file_name))
