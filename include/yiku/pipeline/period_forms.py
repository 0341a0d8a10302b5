"""The forms of a period: on its first workday each town gets what it has to fill in, with what is known filled in.

A night that failed is made up for by the next ones; who begins in the midst of a period waits for the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from yiku.calendar import add_workdays, is_workday, next_workday
from yiku.contracts import load_contracts
from yiku.gazetteer.places import Gazetteer
from yiku.pipeline.outbox_folder import outbox_folder, unit_file
from yiku.returns.template import build_template
from yiku.warehouse.connection import Connection
from yiku.warehouse.town_rows import town_rows
from yiku.warehouse.unit_deliveries import (
    FORM,
    HandedOut,
    OwedForm,
    UnitFile,
    forms_handed_out,
    note_handed_out,
    owed_forms,
)
from yiku.whole_files import write_whole

# So many workdays after the first one a night that failed is made up for.
_LATE_WORKDAYS = 4
_MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def period_of(cadence: str, day: date) -> tuple[str, date] | None:
    """Return the period of a list in which ``day`` lies, and its first day; None where a list has no period."""
    months = _MONTHS.get(cadence)
    if months is None:
        return None
    number = (day.month - 1) // months
    first = date(day.year, number * months + 1, 1)
    names = {
        1: f"{day:%Y-%m}",
        3: f"{day.year}-Q{number + 1}",
        6: f"{day.year}-H{number + 1}",
        12: f"{day.year}",
    }
    return names[months], first


def is_due(first: date, day: date) -> bool:
    """Return whether the forms of a period that begins on ``first`` go out on ``day``, if they have not yet."""
    opens = first if is_workday(first) else next_workday(first)
    return opens <= day <= add_workdays(opens, _LATE_WORKDAYS)


def forms_to_write(conn: Connection, day: date) -> list[tuple[OwedForm, str]]:
    """Return which forms of which period are to go out tonight, and have not gone out in another night."""
    periods: dict[str, str] = {}
    for code, contract in load_contracts().items():
        found = period_of(contract.cadence, day)
        if found and is_due(found[1], day):
            periods[code] = found[0]
    if not periods:
        return []
    there = forms_handed_out(conn, sorted(set(periods.values())))
    due: list[tuple[OwedForm, str]] = []
    for owed in owed_forms(conn):
        period = periods.get(owed.template)
        if period and HandedOut(*owed, period) not in there:
            due.append((owed, period))
    return due


def _form_name(owed: OwedForm, town: str, period: str) -> str:
    title = load_contracts()[owed.template].title
    return f"{title}-{town}-{period}.xlsx"


def note_forms_as_written(
    conn: Connection, gazetteer: Gazetteer, day: date
) -> None:
    """Note the forms of a night that is only repeated: they went out when it was night for the first time."""
    for owed, period in forms_to_write(conn, day):
        town = gazetteer.town_name(owed.unit_code) or owed.unit_code
        name = _form_name(owed, town, period)
        note_handed_out(conn, HandedOut(*owed, period), day, name)


def write_forms(
    conn: Connection, gazetteer: Gazetteer, outbox: Path, day: date
) -> Iterator[UnitFile]:
    """Write the forms that are due into the towns' folders; note and yield each as it is written."""
    for owed, period in forms_to_write(conn, day):
        contract = load_contracts()[owed.template]
        town = gazetteer.town_name(owed.unit_code) or owed.unit_code
        rows = town_rows(conn, contract, owed.unit_code)
        data = build_template(contract, rows, town)
        folder = outbox_folder(outbox, day, owed.county_code, owed.unit_code)
        folder.mkdir(parents=True, exist_ok=True)
        name = _form_name(owed, town, period)
        write_whole(folder / name, data)
        note_handed_out(conn, HandedOut(*owed, period), day, name)
        codes = owed.county_code, owed.unit_code
        yield unit_file(FORM, codes, name, data)
