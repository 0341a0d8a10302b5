"""What was sent before: files with the same cells, and whole lists or supplements that are sent again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pandas as pd

from yiku.batch.files import Known, SheetRead
from yiku.batch.measured_sheets import Measured
from yiku.batch.stack import Stack
from yiku.comparison.content import tells_by_content
from yiku.register.column_values import rows_of, values_of


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


def compare_resent(
    measured: Mapping[int, Measured],
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


def _resent(to: Measured, sent: _Sent, earlier: set[str]) -> None:
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
