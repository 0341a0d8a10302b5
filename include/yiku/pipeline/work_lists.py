"""The work lists of a night: for every unit one workbook with all that is open for it, for the county's officer too.

Written when anything is open, into the unit's own folder of the outbox and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from yiku.checking.message import sentence
from yiku.contracts import load_contracts
from yiku.gazetteer.places import Gazetteer
from yiku.intake.arrival import sender_key
from yiku.notices.facts import conflict_title
from yiku.pipeline import open_entries
from yiku.pipeline.outbox_folder import outbox_folder, unit_file
from yiku.pipeline.replies import is_about_number, proposed_numbers
from yiku.warehouse import digest_facts, open_items
from yiku.warehouse.connection import Connection
from yiku.warehouse.open_items import OpenRow
from yiku.warehouse.unit_deliveries import WORK_LIST, UnitFile
from yiku.warehouse.vanished_rows import short_lists, vanished_rows
from yiku.whole_files import write_whole
from yiku.worklist import Entry, Page, build_work_list, work_list_name
from yiku.worklist import page_forms as forms

# What is asked about a file that nobody has replaced for so long is asked no more.
OPEN_DAYS = 60
# So many days before it is due a visit stands on the list.
VISIT_AHEAD_DAYS = 7
# So many cases show where to begin; their number says how many there are.
_MOST_CASES = 5
_COUNTY_UNIT = "county"
_PAGES = (
    forms.ROWS,
    forms.QUESTIONS,
    forms.VISITS,
    forms.MISSING,
    forms.GONE,
    forms.PAIRS,
    forms.COUNTY,
)


class Unit(NamedTuple):
    """For whom a list is: a town, or ``county`` for the county's own departments."""

    county_code: str
    unit_code: str


@dataclass
class OpenLists:
    """What is open, by unit and page, in the order in which it is told."""

    by_unit: dict[Unit, dict[str, list[Entry]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, unit: Unit, page: Page, entry: Entry) -> None:
        """Note something that is open for a unit."""
        self.by_unit[unit][page.title].append(entry)

    def pages(self, unit: Unit) -> list[Page]:
        """Return the pages of a unit's list, those with nothing on them left out."""
        of_unit = self.by_unit[unit]
        return [
            page.holding(of_unit[page.title])
            for page in _PAGES
            if page.title in of_unit
        ]


def open_lists(conn: Connection, day: date, gazetteer: Gazetteer) -> OpenLists:
    """Return all that is open on ``day``, for all units."""
    found = OpenLists()
    _add_rows(found, conn, day)
    for question in open_items.open_questions(conn, day, OPEN_DAYS):
        unit = Unit(question.county_code, question.unit_code)
        for entry in open_entries.question_entries(question):
            if entry not in found.by_unit[unit][forms.QUESTIONS.title]:
                found.add(unit, forms.QUESTIONS, entry)
    _add_gone(found, conn, day)
    # After a first gate that failed there is no mart.
    if digest_facts.has_mart(conn, "task"):
        _add_from_marts(found, conn, day)
        _add_for_officers(found, conn, day, gazetteer)
    return found


def _add_rows(found: OpenLists, conn: Connection, day: date) -> None:
    rows = open_items.open_rows(conn, day, load_contracts())
    suggested = _suggested(conn, rows)
    for row in rows:
        unit = Unit(row.county_code, row.unit_code)
        for entry in open_entries.row_entries(row):
            found.add(unit, forms.ROWS, entry)
        number = suggested.get(row.row_id)
        if number and not open_entries.is_declined(row):
            entry = open_entries.person_entry(row, number)
            found.add(unit, forms.QUESTIONS, entry)


def _suggested(
    conn: Connection, rows: Sequence[OpenRow]
) -> Mapping[str | None, str]:
    with_rows = [
        (row.row_id, finding)
        for row in rows
        for finding in row.findings
        if is_about_number(finding)
    ]
    return proposed_numbers(conn, with_rows)


def _add_gone(found: OpenLists, conn: Connection, day: date) -> None:
    files = {
        file.submission_id: file for file in open_items.short_files(conn, day)
    }
    seen: set[str] = set()
    for short in short_lists(conn, sorted(files)):
        file = files[short.submission_id]
        unit = Unit(file.county_code, file.unit_code)
        contract = load_contracts()[short.template]
        rows = vanished_rows(conn, short, contract)
        sender = sender_key(*unit)
        for entry in open_entries.gone_entries(
            contract, short.period, sender, rows
        ):
            # Two newer lists may both lack somebody.
            if entry.key.reference not in seen:
                seen.add(entry.key.reference)
                found.add(unit, forms.GONE, entry)


def _add_from_marts(found: OpenLists, conn: Connection, day: date) -> None:
    for visit in open_items.visits_to_make(conn, day, VISIT_AHEAD_DAYS):
        unit = Unit(visit.county_code, visit.town_code)
        found.add(unit, forms.VISITS, open_entries.visit_entry(visit))
    for person in open_items.missing_people(conn):
        unit = Unit(person.county_code, person.town_code)
        found.add(unit, forms.MISSING, open_entries.missing_entry(person))
    declined = open_items.declined_pairs(conn)
    for pair in open_items.proposed_pairs(conn):
        entry = open_entries.pair_entry(pair)
        if entry.key.reference not in declined:
            unit = Unit(pair.county_code, _COUNTY_UNIT)
            found.add(unit, forms.PAIRS, entry)


def _add_for_officers(
    found: OpenLists, conn: Connection, day: date, gazetteer: Gazetteer
) -> None:
    """Tell the county's officer of files that were not taken in, conflicts between lists, and units that are late."""
    for county, entry in _told(conn, day, gazetteer):
        found.add(Unit(county, _COUNTY_UNIT), forms.COUNTY, entry)


def _told(
    conn: Connection, day: date, gazetteer: Gazetteer
) -> Iterator[tuple[str, Entry]]:
    for question in open_items.open_questions(conn, day, OPEN_DAYS):
        if question.finding.rule != "L04":
            county = question.county_code
            unit = _unit_name(gazetteer, question.unit_code)
            said = sentence(question.finding)
            name = question.file_name
            yield (
                county,
                open_entries.told_entry(
                    county, "未接收的文件", unit, name, said
                ),
            )
    for conflict in digest_facts.conflicts(conn):
        county = conflict.county_code
        unit = _unit_name(gazetteer, conflict.town_code)
        matter = f"{conflict_title(conflict.kind)}：{conflict.case_count}件"
        said = "；".join(conflict.cases[:_MOST_CASES])
        yield (
            county,
            open_entries.told_entry(county, "名单冲突", unit, matter, said),
        )
    for missing in digest_facts.missing_lists(conn):
        county = missing.county_code
        unit = _unit_name(gazetteer, missing.unit_code)
        periods = "、".join(missing.periods)
        said = f"应于{missing.due_on.isoformat()}前报送，期次：{periods}"
        yield (
            county,
            open_entries.told_entry(
                county, "迟报", unit, missing.list_title, said
            ),
        )


def _unit_name(gazetteer: Gazetteer, code: str | None) -> str:
    if code is None or code == _COUNTY_UNIT:
        return "县直部门"
    return gazetteer.town_name(code) or code


def write_work_lists(
    found: OpenLists, gazetteer: Gazetteer, outbox: Path, day: date
) -> Iterator[UnitFile]:
    """Write the lists into the units' folders; yield each as it is written."""
    for unit in sorted(found.by_unit):
        pages = found.pages(unit)
        if not any(page.entries for page in pages):
            continue
        folder = outbox_folder(outbox, day, unit.county_code, unit.unit_code)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / work_list_name(unit.unit_code, day)
        name = _unit_name(gazetteer, unit.unit_code)
        data = build_work_list(name, pages)
        write_whole(path, data)
        codes = unit.county_code, unit.unit_code
        count = sum(page.total for page in pages)
        yield unit_file(WORK_LIST, codes, path.name, data, count)
