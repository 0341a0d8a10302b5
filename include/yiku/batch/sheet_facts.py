"""What is known of each table as a whole: the numbers that the sheet rules judge, and what their messages need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from yiku.batch.anomalies import odd_files
from yiku.batch.files import Known, SheetRead
from yiku.batch.measured_sheets import Measured
from yiku.batch.period import is_old
from yiku.batch.sent_again import compare_resent, repeated_grids
from yiku.batch.stack import Stack
from yiku.checking.findings import SheetFacts
from yiku.comparison.row_comparison import (
    copy_shares,
    mixed_up_share,
    proposal_share,
    rows_of_one_person,
)
from yiku.contracts import load_contracts
from yiku.contracts.money import factor_of
from yiku.gazetteer.other_counties import foreign_town
from yiku.gazetteer.places import Gazetteer
from yiku.tables.table import MatchedColumn

# Notes of numbers that a spreadsheet program cut short: the breaker does not count what could only be proposed there.
TRUNCATED = frozenset({"I01", "I02", "F04"})
# Under which extensions a format goes; xls and et are the same inside.
_EXTENSIONS: Mapping[str, frozenset[str]] = {
    "xlsx": frozenset({"xlsx", "xltx"}),
    "xlsm": frozenset({"xlsm", "xltm"}),
    "xlsb": frozenset({"xlsb"}),
    "xls": frozenset({"xls", "xlt", "et", "ett"}),
    "et": frozenset({"xls", "xlt", "et", "ett"}),
    "ods": frozenset({"ods", "ots"}),
    "csv": frozenset({"csv", "txt", "tsv"}),
    "tsv": frozenset({"csv", "txt", "tsv"}),
    "html": frozenset({"html", "htm"}),
    "xml2003": frozenset({"xml"}),
}
# What else may stand below the header of an ID, and the header that it belongs under (I12).
_FOREIGN_LOOKS = {"phone": "联系电话", "account": "银行账号", "name": "姓名"}
# Stated and computed sums may differ by a rounded fen (L08).
SUM_TOLERANCE = 0.01


def sheet_facts(
    sheets: Sequence[SheetRead],
    stacks: Sequence[Stack],
    gazetteer: Gazetteer,
    known: Known,
) -> list[SheetFacts]:
    """Return the facts of every table of the batch."""
    measured = {sheet.ref: Measured() for sheet in sheets}
    by_ref = {sheet.ref: sheet for sheet in sheets}
    repeated = repeated_grids(sheets, known)
    for sheet in sheets:
        to = measured[sheet.ref]
        _from_reading(to, sheet)
        _from_place(to, sheet, gazetteer, known)
        earlier_receipt = repeated.get(sheet.arrival.submission_id)
        if earlier_receipt is not None:
            to.add("F09", 1, receipt=earlier_receipt)
    for one in stacks:
        _from_rows(measured, one, by_ref, gazetteer)
        for ref, what in odd_files(one, sheets, gazetteer, known):
            measured[ref].add("X09", 1, what=what)
    found = []
    for sheet in sheets:
        of_sheet = measured[sheet.ref]
        facts = SheetFacts(
            sheet.ref, sheet.template, of_sheet.measures, of_sheet.facts
        )
        found.append(facts)
    return found


def _from_reading(to: Measured, sheet: SheetRead) -> None:
    table, look = sheet.table, sheet.table.look
    for rule, facts in table.problems:
        to.add(rule, 1, **facts)
    rows = set(table.rows)
    counted = {
        # Hidden rows are mostly left over from another month. Who filtered
        # them away does not know that they are sent along.
        "L13": len(rows & look.hidden_rows) + len(look.hidden_columns),
        # Red may mean dead, new or to be asked, each office has its own
        # custom: colour is told of and never read as a fact.
        "L18": len(rows & (look.struck_rows | look.coloured_rows)),
        "L19": len(look.comments) + len(look.text_boxes),
    }
    for rule, count in counted.items():
        to.add(rule, count, n=count)
    to.add(
        "L05", len(table.unknown), headers="、".join(table.unknown.values())
    )
    _guessed_headers(to, sheet)
    to.add("L15_SPLIT", float(table.part > 0), sheet=table.sheet)
    # what is wrong with the file as a whole is told once, at its first table
    is_first = table is sheet.reading.tables[0]
    to.add("F01", float(is_first and _is_misnamed(sheet)))
    has_links = sheet.reading.external_links > 0
    # Its data is read all the same: macros are never run and links never
    # followed, of which the sender should know.
    to.add("F13", float(sheet.reading.has_macros or has_links))
    if sheet.cleaned is not None:
        for rule, facts in sheet.cleaned.sheet_facts.items():
            to.add(rule, 1, **facts)
        _swapped(to, sheet)


def _guessed_headers(to: Measured, sheet: SheetRead) -> None:
    """Tell which headers were taken for a column that they may not mean (L04)."""
    guessed: list[MatchedColumn] = []
    official = ""
    contract = load_contracts().get(sheet.table.list_code)
    if contract:
        columns = sheet.table.matched.values()
        guessed = [column for column in columns if column.how == "guess"]
        official = _quoted(
            contract.column(column.field).header for column in guessed
        )
    headers = _quoted(column.header for column in guessed)
    to.add("L04", len(guessed), headers=headers, fields=official)


def _quoted(words: Iterable[str]) -> str:
    return "、".join(f"“{word}”" for word in words)


def _is_misnamed(sheet: SheetRead) -> bool:
    """Return whether the file's extension is that of another format than the one its content has."""
    suffix = PurePosixPath(sheet.arrival.file_name).suffix
    extension = suffix.lower().lstrip(".")
    fitting = _EXTENSIONS.get(sheet.reading.book_format, {extension})
    return bool(extension) and extension not in fitting


def _swapped(to: Measured, sheet: SheetRead) -> None:
    """Measure how much of an ID column looks like phones, names or accounts (I12)."""
    looks = sheet.content.id_looks
    foreign = {look: looks[look] for look in looks if look in _FOREIGN_LOOKS}
    if foreign:
        other = max(foreign, key=lambda look: foreign[look])
        contract = load_contracts()[sheet.table.list_code]
        mine = contract.column(contract.person_id or "").header
        to.add("I12", foreign[other], header=mine, other=_FOREIGN_LOOKS[other])


def _from_place(
    to: Measured, sheet: SheetRead, gazetteer: Gazetteer, known: Known
) -> None:
    """Compare what the sheet says of its town and period with the folder that it lay in (F11)."""
    unit = sheet.arrival.unit_code
    named = _towns_named(sheet, gazetteer)
    # a department of the county may speak of any of its towns
    is_town = len(unit) == 9
    if is_town and named and unit not in named:
        codes = sorted(map(str, named))
        others = "、".join(gazetteer.town_name(code) or code for code in codes)
        own = gazetteer.town_name(unit) or unit
        to.add("F11", 1, title_town=others, town=own)
        return
    contract = load_contracts().get(sheet.table.list_code)
    period = sheet.table.metadata.period
    is_excused = (
        sheet.arrival.is_correction
        or sheet.arrival.is_supplement
        or sheet.table.is_of_work_list
    )
    if contract is None or is_excused:
        return
    if is_old(period, contract.cadence, known.business_date):
        this_month = f"{known.business_date:%Y-%m}"
        to.add("F11", 1, title_town=period, town=this_month)


def _towns_named(sheet: SheetRead, gazetteer: Gazetteer) -> set[str]:
    """Return the towns of which a sheet says that it speaks: in its title, else around and in its rows."""
    metadata, county = sheet.table.metadata, sheet.arrival.county_code
    titled = set()
    around = set()
    for name in metadata.towns:
        code = gazetteer.find_town(county, name)
        if code:
            around.add(code)
            # A stamp, a contact or a note may name a neighbour. What the title
            # says comes before all that stands around it.
            if name in metadata.title:
                titled.add(code)
    if titled:
        return titled
    foreign = foreign_town(gazetteer, county, metadata.title)
    if foreign:
        return {foreign}
    return around | _majority_town(sheet, gazetteer)


def _majority_town(sheet: SheetRead, gazetteer: Gazetteer) -> set[str]:
    if sheet.cleaned is None or "town_name" not in sheet.cleaned.frame:
        return set()
    typed = sheet.cleaned.frame["town_name"]
    names = Counter(name for name in typed if name)
    if not names:
        return set()
    name, count = names.most_common(1)[0]
    code = gazetteer.find_town(sheet.arrival.county_code, name)
    # People who are registered in one town and live in another are on many
    # lists: a few of them make no wrong folder.
    is_most = count * 2 > names.total()
    return {code} if code and is_most else set()


def _from_rows(
    measured: Mapping[int, Measured],
    one: Stack,
    sheets: Mapping[int, SheetRead],
    gazetteer: Gazetteer,
) -> None:
    copies = (
        copy_shares(one.frame, one.loaded) if one.contract.one_town else {}
    )
    for copied, (likeness, unit) in copies.items():
        measured[copied].add(
            "X14", likeness, town=gazetteer.town_name(unit) or unit
        )
    for ref, rows in one.frame.groupby("sheet_ref"):
        number = int(str(ref))
        to, sheet = measured[number], sheets[number]
        # The reference lists are the register: beside its own words no name of
        # theirs can be a wrong one.
        share = 0.0 if one.contract.reference else mixed_up_share(rows)
        to.add("X13", share, percent=round(100 * share))
        if one.contract.one_town:
            busiest = rows_of_one_person(rows)
            to.add("BRK", proposal_share(rows, _truncated(sheet)), n=busiest)
            to.add("BRK_PERSON", busiest, n=busiest)
        _totals(to, sheet, rows)
    if not one.contract.reference:
        compare_resent(measured, one, sheets, _partial_files(one, sheets))


def _partial_files(one: Stack, sheets: Mapping[int, SheetRead]) -> set[int]:
    """Return the submissions that may hold a part of their list alone."""
    partial = set()
    for sheet in sheets.values():
        if sheet.is_partial or sheet.table.problems:
            partial.add(sheet.arrival.submission_id)
    if len(one.loaded):
        is_partial = one.loaded["partial"].astype(bool)
        partial.update(one.loaded["submission_id"][is_partial])
    return partial


def _truncated(sheet: SheetRead) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(len(sheet.content.frame), dtype=bool)
    for note in sheet.content.notes:
        if note.code in TRUNCATED:
            found[note.position] = True
    return found


def _totals(to: Measured, sheet: SheetRead, rows: pd.DataFrame) -> None:
    """Compare the sums that stand on the sheet with those of its rows (L08)."""
    contract = load_contracts()[sheet.table.list_code]
    wrong = []
    for name, (_, stated) in sheet.table.totals.items():
        cells: Iterable[Any] = rows.get(name, [])
        computed = float(sum(cell for cell in cells if cell is not None))
        # the sheet may say its sum in 万元, and its rows are kept in yuan
        factor = float(factor_of(sheet.table.units.get(name)))
        if abs(computed - stated * factor) > SUM_TOLERANCE:
            header = contract.column(name).header
            wrong.append((header, f"{stated:g}", f"{computed / factor:g}"))
    if wrong:
        header, shown, expected = wrong[0]
        to.add(
            "L08", len(wrong), header=header, stated=shown, computed=expected
        )
