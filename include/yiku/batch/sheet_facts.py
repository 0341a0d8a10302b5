"""What is known of each table as a whole: the numbers that the sheet rules judge, and what their messages need."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from yiku.batch.anomalies import odd_files
from yiku.batch.files import Known, SheetRead
from yiku.batch.period import is_old
from yiku.batch.stack import Stack
from yiku.checking.findings import SheetFacts
from yiku.comparison.content import tells_by_content
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
from yiku.register.column_values import rows_of, values_of
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


@dataclass
class _Measured:
    """Collects measures and their facts for one table."""

    measures: dict[str, float] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, rule: str, measure: float, **facts: Any) -> None:
        self.measures[rule] = float(measure)
        self.facts[rule] = facts


def sheet_facts(
    sheets: Sequence[SheetRead],
    stacks: Sequence[Stack],
    gazetteer: Gazetteer,
    known: Known,
) -> list[SheetFacts]:
    """Return the facts of every table of the batch."""
    measured = {sheet.ref: _Measured() for sheet in sheets}
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


def _from_reading(to: _Measured, sheet: SheetRead) -> None:
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


def _guessed_headers(to: _Measured, sheet: SheetRead) -> None:
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


def _swapped(to: _Measured, sheet: SheetRead) -> None:
    """Measure how much of an ID column looks like phones, names or accounts (I12)."""
    looks = sheet.content.id_looks
    foreign = {look: looks[look] for look in looks if look in _FOREIGN_LOOKS}
    if foreign:
        other = max(foreign, key=lambda look: foreign[look])
        contract = load_contracts()[sheet.table.list_code]
        mine = contract.column(contract.person_id or "").header
        to.add("I12", foreign[other], header=mine, other=_FOREIGN_LOOKS[other])


def _from_place(
    to: _Measured, sheet: SheetRead, gazetteer: Gazetteer, known: Known
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


def repeated_grids(
    sheets: Sequence[SheetRead], known: Known
) -> dict[int, str]:
    """Return the submissions whose cells equal those of an earlier file of the same unit, with its receipt (F09)."""
    by_file = {sheet.arrival.submission_id: sheet for sheet in sheets}
    before = known.grids(
        [sheet.reading.grid_hash for sheet in by_file.values()]
    )
    seen: dict[tuple[str, str, str], str] = {}
    found = {}
    for sheet in sorted(by_file.values(), key=_order_of_arrival):
        arrival = sheet.arrival
        place = (
            arrival.county_code,
            arrival.unit_code,
            sheet.reading.grid_hash,
        )
        earlier = before.get(place) or seen.get(place)
        if earlier:
            found[arrival.submission_id] = earlier
        seen.setdefault(place, arrival.file_name)
    return found


def _order_of_arrival(sheet: SheetRead) -> tuple[Any, ...]:
    """Return what sorts files: one that says that it corrects another comes after it, whatever the clock says."""
    arrival = sheet.arrival
    return (arrival.is_correction, arrival.received_at, arrival.file_name)


def _from_rows(
    measured: Mapping[int, _Measured],
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
        _compare_resent(measured, one, sheets, _partial_files(one, sheets))


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


def _totals(to: _Measured, sheet: SheetRead, rows: pd.DataFrame) -> None:
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


@dataclass
class _Sent:
    """What one file says on a list: its place among the versions, and the keys of its rows."""

    version: str
    keys: set[str] = field(default_factory=set)

    @property
    def named(self) -> set[str]:
        """The keys that tell rows apart by more than their content, if there are any.

        Of a row whose content is its key nobody knows which row it is once it was put right.
        """
        telling = {key for key in self.keys if not tells_by_content(key)}
        return telling or self.keys


_Files = Mapping[int, _Sent]  # by submission


def _files(rows: pd.DataFrame, *by: str) -> Mapping[tuple[Any, ...], _Files]:
    """Sort rows by the values of some columns, and by file."""
    found: dict[tuple[Any, ...], dict[int, _Sent]] = defaultdict(dict)
    if not len(rows):
        return found
    places = rows_of(rows, *by) if by else repeat(())
    said = zip(
        values_of(rows, "version"),
        rows_of(rows, "submission_id", "key"),
        strict=True,
    )
    for place, (version, (number, key)) in zip(places, said, strict=False):
        files = found[place]
        if number not in files:
            files[number] = _Sent(version)
        if key:
            files[number].keys.add(key)
    return found


def _compare_resent(
    measured: Mapping[int, _Measured],
    one: Stack,
    sheets: Mapping[int, SheetRead],
    partial: set[int],
) -> None:
    """Compare each file with earlier ones of its unit, list and period: a full resend, or a supplement (F10)."""
    first: dict[int, SheetRead] = {}
    for sheet in sheets.values():
        if sheet.template == one.contract.code:
            first.setdefault(sheet.arrival.submission_id, sheet)
    own: _Files = _files(one.frame).get((), {})
    before = [
        _files(rows, "county_code", "unit_code", "period_of_file")
        for rows in (one.frame, one.loaded)
    ]
    for number, sent in own.items():
        sheet = first[number]
        # A correction leaves nearly everybody out on purpose: nobody has
        # vanished from it.
        if sheet.is_partial:
            continue
        arrival = sheet.arrival
        place = (arrival.county_code, arrival.unit_code, sheet.period)
        others = []
        for files in before:
            of_place = files.get(place, {})
            others += [file for file in of_place.items() if file[0] != number]
        earlier = _earlier_keys(sent, others, partial)
        _resent(measured[sheet.ref], sent, earlier)


def _resent(to: _Measured, sent: _Sent, earlier: set[str]) -> None:
    if not sent.keys or not earlier:
        return
    shared = len(sent.named & earlier) / len(sent.named)
    # who repeats less than half adds to what was sent, and takes nothing out
    is_supplement = shared < 0.5
    gone_count = 0 if is_supplement else len(earlier - sent.keys)
    percent = round(100 * shared)
    to.add("F10", gone_count, n=gone_count, percent=percent)
    to.add("F10_SUPPLEMENT", float(is_supplement), percent=percent)


def _earlier_keys(
    sent: _Sent, others: Iterable[tuple[int, _Sent]], partial: set[int]
) -> set[str]:
    """Return the keys of a sender's earlier files for a period; none while those only correct or supplement."""
    keys: set[str] = set()
    has_whole_list = False
    for number, other in others:
        # By version and not by arrival: an older list that comes late takes
        # nobody off the newer one.
        if other.version < sent.version:
            keys |= other.named
            has_whole_list = has_whole_list or number not in partial
    return keys if has_whole_list else set()
