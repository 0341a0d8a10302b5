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
    measured = {s.ref: _Measured() for s in sheets}
    repeated = repeated_grids(sheets, known)
    for sheet in sheets:
        _from_reading(measured[sheet.ref], sheet)
        _from_place(measured[sheet.ref], sheet, gazetteer, known)
        if sheet.arrival.submission_id in repeated:
            measured[sheet.ref].add(
                "F09", 1, receipt=repeated[sheet.arrival.submission_id]
            )
    for one in stacks:
        _from_rows(measured, one, {s.ref: s for s in sheets}, gazetteer)
        for ref, what in odd_files(one, sheets, gazetteer, known):
            measured[ref].add("X09", 1, what=what)
    return [
        SheetFacts(s.ref, s.template, measured[s.ref].measures, measured[s.ref].facts)
        for s in sheets
    ]


def _from_reading(to: _Measured, sheet: SheetRead) -> None:
    table, look = sheet.table, sheet.table.look
    for rule, facts in table.problems:
        to.add(rule, 1, **facts)
    rows = set(table.rows)
    counted = {
        "L13": len(rows & look.hidden_rows) + len(look.hidden_columns),
        "L18": len(rows & (look.struck_rows | look.coloured_rows)),
        "L19": len(look.comments) + len(look.text_boxes),
    }
    for rule, n in counted.items():
        to.add(rule, n, n=n)
    to.add("L05", len(table.unknown), headers="、".join(table.unknown.values()))
    guessed = [
        u for u in table.matched.values() if u.how == "guess" and table.list_code
    ]
    to.add(
        "L04",
        len(guessed),
        headers="、".join(f"“{u.header}”" for u in guessed),
        fields=_official(sheet, guessed),
    )
    to.add("L15_SPLIT", float(table.part > 0), sheet=table.sheet)
    to.add("F01", float(table is sheet.reading.tables[0] and _misnamed(sheet)))
    to.add("F13", float(sheet.reading.has_macros or sheet.reading.external_links > 0))
    if sheet.cleaned is not None:
        for rule, facts in sheet.cleaned.sheet_facts.items():
            to.add(rule, 1, **facts)
        _swapped(to, sheet)


def _misnamed(sheet: SheetRead) -> bool:
    """Tell whether the file's extension is that of another format than the one its content has."""
    extension = PurePosixPath(sheet.arrival.file_name).suffix.lower().lstrip(".")
    return bool(extension) and extension not in _EXTENSIONS.get(
        sheet.reading.book_format, {extension}
    )


def _official(sheet: SheetRead, guessed: Sequence[MatchedColumn]) -> str:
    contract = load_contracts().get(sheet.table.list_code)
    return (
        "、".join(f"“{contract.column(u.field).header}”" for u in guessed)
        if contract
        else ""
    )


def _swapped(to: _Measured, sheet: SheetRead) -> None:
    """Measure how much of an ID column looks like phones, names or accounts (I12)."""
    contract = load_contracts()[sheet.table.list_code]
    foreign = {
        k: v
        for k, v in sheet.content.id_looks.items()
        if k in ("phone", "account", "name")
    }
    if foreign:
        other = max(foreign, key=lambda k: foreign[k])
        header = {"phone": "联系电话", "account": "银行账号", "name": "姓名"}[other]
        mine = contract.column(contract.person_id or "").header
        to.add("I12", foreign[other], header=mine, other=header)


def _from_place(
    to: _Measured, sheet: SheetRead, gazetteer: Gazetteer, known: Known
) -> None:
    """Compare what the sheet says of its town and period with the folder that it lay in (F11)."""
    unit, envelope = sheet.arrival.unit_code, sheet.table.metadata
    towns = {
        t: gazetteer.find_town(sheet.arrival.county_code, t) for t in envelope.towns
    }
    titled = {code for t, code in towns.items() if code and t in envelope.title}
    named = titled or set(filter(None, towns.values())) | _majority_town(
        sheet, gazetteer
    )
    contract = load_contracts().get(sheet.table.list_code)
    old = contract is not None and is_old(
        envelope.period, contract.cadence, known.business_date
    )
    excused = sheet.arrival.is_correction or sheet.arrival.is_supplement
    foreign = (
        None
        if titled
        else foreign_town(gazetteer, sheet.arrival.county_code, envelope.title)
    )
    named = {foreign} if foreign else named
    if len(unit) == 9 and named and unit not in named:
        other = "、".join(
            gazetteer.town_name(c) or str(c) for c in sorted(map(str, named))
        )
        to.add("F11", 1, title_town=other, town=gazetteer.town_name(unit) or unit)
    elif old and not excused:
        to.add(
            "F11", 1, title_town=envelope.period, town=f"{known.business_date:%Y-%m}"
        )


def _majority_town(sheet: SheetRead, gazetteer: Gazetteer) -> set[str]:
    if sheet.cleaned is None or "town_name" not in sheet.cleaned.frame:
        return set()
    names = Counter(t for t in sheet.cleaned.frame["town_name"] if t)
    if not names:
        return set()
    name, n = names.most_common(1)[0]
    code = gazetteer.find_town(sheet.arrival.county_code, name)
    return {code} if code and n * 2 > names.total() else set()


def repeated_grids(sheets: Sequence[SheetRead], known: Known) -> dict[int, str]:
    """Return the submissions whose cells equal those of an earlier file of the same unit, with its receipt (F09)."""
    by_file = {s.arrival.submission_id: s for s in sheets}
    before = known.grids([s.reading.grid_hash for s in by_file.values()])
    seen: dict[tuple[str, str, str], str] = {}
    found = {}
    ordered = sorted(
        by_file.values(),
        key=lambda s: (
            s.arrival.is_correction,
            s.arrival.received_at,
            s.arrival.file_name,
        ),
    )
    for sheet in ordered:
        place = (
            sheet.arrival.county_code,
            sheet.arrival.unit_code,
            sheet.reading.grid_hash,
        )
        earlier = before.get(place) or seen.get(place)
        if earlier:
            found[sheet.arrival.submission_id] = earlier
        seen.setdefault(place, sheet.arrival.file_name)
    return found


def _from_rows(
    measured: Mapping[int, _Measured],
    one: Stack,
    sheets: Mapping[int, SheetRead],
    gazetteer: Gazetteer,
) -> None:
    copies = copy_shares(one.frame, one.loaded) if one.contract.one_town else {}
    for copied, (likeness, unit) in copies.items():
        measured[copied].add("X14", likeness, town=gazetteer.town_name(unit) or unit)
    for ref, rows in one.frame.groupby("sheet_ref"):
        to, sheet = measured[int(str(ref))], sheets[int(str(ref))]
        share = mixed_up_share(rows) if not one.contract.reference else 0.0
        to.add("X13", share, percent=round(100 * share))
        if one.contract.one_town:
            busiest = rows_of_one_person(rows)
            to.add("BRK", proposal_share(rows, _truncated(sheet)), n=busiest)
            to.add("BRK_PERSON", busiest, n=busiest)
        _totals(to, sheet, rows)
    partial = {
        s.arrival.submission_id
        for s in sheets.values()
        if s.is_partial or s.table.problems
    }
    if len(one.loaded):
        partial |= set(one.loaded["submission_id"][one.loaded["partial"].astype(bool)])
    if not one.contract.reference:
        _compare_resent(measured, one, sheets, partial)


def _truncated(sheet: SheetRead) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(len(sheet.content.frame), dtype=bool)
    for note in sheet.content.notes:
        if note.code in TRUNCATED:
            found[note.position] = True
    return found


def _totals(to: _Measured, sheet: SheetRead, rows: pd.DataFrame) -> None:
    """Compare the sums that stand on the sheet with those of its rows (L08)."""
    wrong = []
    for name, (_, stated) in sheet.table.totals.items():
        values = [v for v in rows[name] if v is not None] if name in rows else []
        factor = float(factor_of(sheet.table.units.get(name)))
        if abs(float(sum(values)) - stated * factor) > SUM_TOLERANCE:
            wrong.append(
                (
                    load_contracts()[sheet.table.list_code].column(name).header,
                    stated,
                    float(sum(values)) / factor,
                )
            )
    if wrong:
        header, stated, computed = wrong[0]
        to.add(
            "L08",
            len(wrong),
            header=header,
            stated=f"{stated:g}",
            computed=f"{computed:g}",
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
        return {k for k in self.keys if not tells_by_content(k)} or self.keys


_Files = Mapping[int, _Sent]  # by submission


def _files(rows: pd.DataFrame, *by: str) -> Mapping[tuple[Any, ...], _Files]:
    """Sort rows by the values of some columns, and by file."""
    found: dict[tuple[Any, ...], dict[int, _Sent]] = defaultdict(dict)
    if not len(rows):
        return found
    places = rows_of(rows, *by) if by else repeat(())
    said = zip(
        values_of(rows, "version"), rows_of(rows, "submission_id", "key"), strict=True
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
    first = {
        s.arrival.submission_id: s
        for s in reversed(list(sheets.values()))
        if s.template == one.contract.code
    }
    own: _Files = _files(one.frame).get((), {})
    before = [
        _files(rows, "county_code", "unit_code", "period_of_file")
        for rows in (one.frame, one.loaded)
    ]
    for number, sent in own.items():
        sheet = first[number]
        if not sheet.is_partial:
            place = (sheet.arrival.county_code, sheet.arrival.unit_code, sheet.period)
            others = [
                (n, other)
                for files in before
                for n, other in files.get(place, {}).items()
                if n != number
            ]
            _resent(measured[sheet.ref], sent, _earlier_keys(sent, others, partial))


def _resent(to: _Measured, sent: _Sent, earlier: set[str]) -> None:
    mine = sent.keys
    if not mine or not earlier:
        return
    shared = len(sent.named & earlier) / len(sent.named)
    gone = len(earlier - mine) if shared >= 0.5 else 0
    to.add("F10", gone, n=gone, percent=round(100 * shared))
    to.add("F10_SUPPLEMENT", float(shared < 0.5), percent=round(100 * shared))


def _earlier_keys(
    sent: _Sent, others: Iterable[tuple[int, _Sent]], partial: set[int]
) -> set[str]:
    """Return the keys of a sender's earlier files for a period; none while those only correct or supplement."""
    earlier = [
        (number, other) for number, other in others if other.version < sent.version
    ]
    whole = any(number not in partial for number, _ in earlier)
    return set().union(*(other.named for _, other in earlier)) if whole else set()
