"""One batch from its files to the fate of every row, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from yiku.batch.claims import among_standing
from yiku.batch.collector import resting_collector
from yiku.batch.faulty_files import (
    apart_from_faulty,
    control,
    deliver_each,
    fault_of,
    refusal,
)
from yiku.batch.files import Known, SheetRead
from yiku.batch.fork import run_forked, split_evenly
from yiku.batch.read import (
    clean_read,
    read_arrival,
    read_tables,
    warm_up,
)
from yiku.batch.sheet_facts import sheet_facts
from yiku.batch.stack import Stack, slice_values, stack, tables_of
from yiku.batch.withdrawn import without_withdrawn
from yiku.batch.work_lists_back import hits_of, settled_lines, with_answers
from yiku.checking.findings import (
    FileOutcome,
    JudgedTable,
    SheetFacts,
    SheetHit,
    SheetOutcome,
    Verdicts,
)
from yiku.checking.noted_cells import notes_frame
from yiku.checking.outcomes import refuse, sent_back, settle_file
from yiku.comparison.unchanged import fate_hints
from yiku.contracts import load_contracts, load_rules
from yiku.faults import StepError
from yiku.gazetteer.places import Gazetteer
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.isolation import Ended, Limits, each_apart, one_apart
from yiku.warehouse.settled import Settled, TableRows

if TYPE_CHECKING:
    from yiku.checking.validation import Checker

T = TypeVar("T")

# Opening a file takes as long as reading so many more bytes of it.
OPENING = 4096
# A process may have so many times its share of the bytes before it is quicker to read and to settle side by side.
UNEVEN = 1.25


@resting_collector()
def settle_files(
    arrivals: Sequence[Arrival],
    known: Known,
    suites: Path,
    workers: int,
    deliver: Callable[[Settled], T],
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[T]:
    """Settle every file and hand each to ``deliver`` in one of ``workers`` processes; return what that gives.

    ``suites`` is the folder of the Great Expectations suites; ``watched`` yields the files as their reading begins. A
    file that breaks something of ours, or keeps it busy for ever, is held (F16); StepError tells of a fault that is not
    one file's.
    """
    reads = read_files(arrivals, known, workers, watched)
    return settle_reads(reads, known, suites, workers, deliver)


@resting_collector()
def settle_reads(
    reads: Sequence[FileRead],
    known: Known,
    suites: Path,
    workers: int,
    deliver: Callable[[Settled], T],
) -> list[T]:
    """Settle files that were read and cleaned, as ``settle_files`` does."""
    batch = _Batch(known, suites, workers)
    done = batch.settle_apart(reads, deliver)
    if isinstance(done, Ended):
        done = batch.settle_apart(_without_faulty(batch, reads, done), deliver)
    if isinstance(done, Ended):
        raise StepError(fault_of(done))
    return done


def _without_faulty(
    batch: _Batch, reads: Sequence[FileRead], why: Ended
) -> list[FileRead]:
    """Return the reads with those held that broke the judging of all. StepError when that was no file's fault."""
    judged = [r for r in reads if r.reading is not None]
    lists = {
        c: r
        for r in judged
        for i in r.cleaned
        if r.reading and (c := r.reading.tables[i].list_code)
    }
    # A row of our own first: where that breaks too, rules or code are at
    # fault, and no sender's file is to be held for it.
    if any(
        batch.breaks([control(code, like)])
        for code, like in sorted(lists.items(), key=lambda item: item[0])
    ):
        raise StepError(fault_of(why))
    _, faulty = apart_from_faulty(judged, batch.breaks)
    if not faulty:
        raise StepError(fault_of(why))
    # What can be read within its limits and cannot be judged within ours is no fault of its sender.
    held = {
        r.arrival.submission_id: _unread_as(
            r.arrival, Ended(fault=fault_of(ended))
        )
        for r, ended in faulty
    }
    return [held.get(r.arrival.submission_id, r) for r in reads]


@dataclass(frozen=True)
class _Batch:
    """What the files of one batch are judged by."""

    known: Known
    suites: Path
    workers: int

    def settle(
        self, reads: Sequence[FileRead], deliver: Callable[[Settled], T]
    ) -> list[T]:
        """Judge the files side by side and deliver each."""
        sheets = tables_of(reads)
        stacks, gazetteer = stack(sheets, self.known)
        facts = {
            f.sheet_ref: f
            for f in sheet_facts(sheets, stacks, gazetteer, self.known)
        }
        rows = {r.arrival.submission_id: _rows_of(r) for r in reads}
        parts = split_evenly(
            list(_by_unit(reads).values()),
            lambda unit: sum(rows[r.arrival.submission_id] for r in unit),
            self.workers,
        )
        # It takes seconds to import: only a night with new files pays them.
        from yiku.checking.validation import checker

        judge = checker(self.suites)
        work = [
            partial(
                _settle_part,
                [r for unit in p for r in unit],
                sheets,
                stacks,
                gazetteer,
                facts,
                judge,
                deliver,
            )
            for p in parts
        ]
        return [result for part in run_forked(work) for result in part]

    def settle_apart(
        self, reads: Sequence[FileRead], deliver: Callable[[Settled], T]
    ) -> list[T] | Ended:
        """Settle the files in processes that may be ended; say how that ended if it did."""
        import yiku.checking.validation  # noqa: F401 - once, here: what the processes import they forget

        return one_apart(
            lambda: self.settle(reads, deliver),
            judging_limits(len(reads), sum(map(_rows_of, reads))),
        )

    def breaks(self, reads: Sequence[FileRead]) -> Ended | None:
        """Judge some files in a process of their own and deliver nothing; return how that ended if it did not."""
        ended = replace(self, workers=1).settle_apart(reads, lambda settled: 0)
        return ended if isinstance(ended, Ended) else None


def judging_limits(files: int, rows: int) -> Limits:
    """Return what judging so many files of so many rows may take: about twenty times what they take on a slow machine.

    The clock is there for what waits for ever; a machine that is busy with other things must not set it off.
    """
    cpu = 20 + files // 10 + rows // 500
    return Limits(
        cpu_seconds=cpu,
        clock_seconds=600.0 + 10 * cpu,
        memory_bytes=(3 << 30) + rows * (64 << 10),
    )


@resting_collector()
def settle_counties(
    arrivals: Sequence[Arrival],
    known: Known,
    suites: Path,
    workers: int,
    deliver: Callable[[Settled], T],
) -> list[T]:
    """Settle every file as ``settle_files`` does, but rows of different counties are not compared.

    Where whole counties share the cores well each process takes its own from reading to delivery, and nothing waits
    for anything. ``known`` and ``deliver`` are then called in several processes. StepError tells of a fault of ours.
    """
    parts = counties_apart(arrivals, workers)
    if len(parts) < 2:
        return settle_files(arrivals, known, suites, workers, deliver)
    import yiku.checking.validation  # noqa: F401 - once, before the processes part

    found = run_forked(
        [partial(settle_files, p, known, suites, 1, deliver) for p in parts]
    )
    return [result for part in found for result in part]


def counties_apart(
    arrivals: Sequence[Arrival], workers: int
) -> list[list[Arrival]]:
    """Split files by county into ``workers`` parts, in the order of ``arrivals``; one part where one is too heavy."""
    counties: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        counties.setdefault(arrival.county_code, []).append(arrival)
    parts = split_evenly(list(counties.values()), _weight, workers)
    heaviest = max((sum(map(_weight, part)) for part in parts), default=0)
    if heaviest * workers > UNEVEN * _weight(arrivals):
        return [list(arrivals)]
    return [[a for county in part for a in county] for part in parts]


def _weight(arrivals: Sequence[Arrival]) -> int:
    """Return the bytes of some files, and something for each of them."""
    return sum(OPENING + a.size_bytes for a in arrivals)


@resting_collector()
def read_files(
    arrivals: Sequence[Arrival],
    known: Known,
    workers: int,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[FileRead]:
    """Read and clean the files in ``workers`` processes that may be ended, in the order of ``arrivals``.

    What was read before (``known.reads``) is not read again.
    """
    warm_up()
    unread = [a for a in arrivals if a.submission_id not in known.reads]
    work = partial(_read, known)
    reads = dict(known.reads)
    for read in _each_read(work, unread, unread, workers, watched):
        reads[read.arrival.submission_id] = read
    in_order = [reads[arrival.submission_id] for arrival in arrivals]
    return _without_settled(in_order, known, workers)


def _without_settled(
    reads: list[FileRead], known: Known, workers: int
) -> list[FileRead]:
    """Read work lists once more whose answers came too late, without these: few are, and none but they pays for it."""
    late: dict[int, frozenset[str]] = {}
    for read in with_answers(reads):
        settled = settled_lines(read, known)
        if settled:
            late[read.arrival.submission_id] = settled
    if not late:
        return reads
    again = [
        read.arrival for read in reads if read.arrival.submission_id in late
    ]
    work = partial(_read_late, known, late)
    found = _each_read(work, again, again, workers, iter)
    by_number = {read.arrival.submission_id: read for read in found}
    return [by_number.get(read.arrival.submission_id, read) for read in reads]


@resting_collector()
def read_tables_of(
    arrivals: Sequence[Arrival],
    workers: int,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[FileRead]:
    """Read the files as ``read_files`` does, but leave their cells as they are: ``clean_files`` cleans them."""
    warm_up()
    work = partial(read_tables, confirmed={})
    return _each_read(work, arrivals, arrivals, workers, watched)


@resting_collector()
def clean_files(
    reads: Sequence[FileRead],
    business_date: date,
    workers: int,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[FileRead]:
    """Clean files that were read, in processes that may be ended; ``reads`` keep their cells."""
    # the processes clean copies of their own
    work = partial(clean_read, business_date=business_date)
    arrivals = [read.arrival for read in reads]
    return _each_read(work, reads, arrivals, workers, watched)


def _each_read(
    work: Callable[[T], FileRead],
    given: Sequence[T],
    arrivals: Sequence[Arrival],
    workers: int,
    watched: Callable[[range], Iterable[int]],
) -> list[FileRead]:
    """Do a piece of work for each of ``arrivals`` apart; a file whose process was ended is one that was not read."""
    found = each_apart(work, given, workers, watched=watched)
    return [
        _unread_as(arrival, result) if isinstance(result, Ended) else result
        for arrival, result in zip(arrivals, found, strict=True)
    ]


def _read(known: Known, arrival: Arrival) -> FileRead:
    return read_arrival(
        arrival, known.business_date, known.confirmed.get(arrival.sender, {})
    )


def _read_late(
    known: Known, late: Mapping[int, frozenset[str]], arrival: Arrival
) -> FileRead:
    confirmed = known.confirmed.get(arrival.sender, {})
    settled = late[arrival.submission_id]
    return read_arrival(arrival, known.business_date, confirmed, settled)


def _unread_as(arrival: Arrival, ended: Ended) -> FileRead:
    """Refuse a file whose reading was ended: too large (F13), or a fault of ours (F16)."""
    return FileRead(arrival, refused=refusal(ended), fault=ended.fault)


def _rows_of(read: FileRead) -> int:
    return 1 + sum(len(c.frame) for c in read.cleaned.values())


def _by_unit(
    reads: Sequence[FileRead],
) -> dict[tuple[str, str], list[FileRead]]:
    """Group the files by sender: versions of one row are settled side by side."""
    units: dict[tuple[str, str], list[FileRead]] = {}
    for read in reads:
        units.setdefault(
            (read.arrival.county_code, read.arrival.unit_code), []
        ).append(read)
    return units


def _settle_part(
    reads: Sequence[FileRead],
    sheets: Sequence[SheetRead],
    stacks: Sequence[Stack],
    gazetteer: Gazetteer,
    facts: Mapping[int, SheetFacts],
    checker: Checker,
    deliver: Callable[[Settled], T],
) -> list[T]:
    mine = {r.arrival.submission_id for r in reads}
    own = [s for s in sheets if s.arrival.submission_id in mine]
    frames = {
        s.contract.code: s.frame[s.frame["submission_id"].isin(mine)].copy()
        for s in stacks
    }
    notes = notes_frame(
        [
            (s.ref, load_contracts()[s.table.list_code], s.cleaned.notes)
            for s in own
            if s.cleaned
        ]
    )
    verdicts = checker.judge(frames, notes, [facts[s.ref] for s in own])
    part = _Part(own, frames, verdicts)
    part.verdicts = among_standing(
        stacks, list(part.tables.values()), verdicts, gazetteer, checker
    )
    # Only now is it known what goes back: a row that does cannot stand in for
    # the one that repeats it.
    part.hint({s.contract.code: s.loaded for s in stacks})
    return deliver_each([part.settle(r) for r in reads], deliver)


class _Part:
    """The share of a batch that one process settles: whole senders, so that versions of a row stand side by side."""

    def __init__(
        self,
        sheets: Sequence[SheetRead],
        frames: Mapping[str, pd.DataFrame],
        verdicts: Verdicts,
    ) -> None:
        self.verdicts = verdicts
        self.rows = {
            int(str(ref)): rows
            for f in frames.values()
            for ref, rows in f.groupby("sheet_ref")
        }
        self.sheets = {s.ref: s for s in sheets}
        self.tables = {s.ref: self._judged(s) for s in sheets}

    def _judged(self, sheet: SheetRead) -> JudgedTable:
        rows = self.rows.get(sheet.ref)
        judged = JudgedTable(
            sheet.ref, sheet.table, sheet.period, sheet.table.rows
        )
        if rows is not None:
            judged.row_nos = list(rows["row_no"])
        if rows is not None and len(rows):
            judged.first_ref = int(rows["ref"].iloc[0])
        if sheet.cleaned is not None:
            judged.original = sheet.cleaned.original
        return judged

    def hint(self, loaded: Mapping[str, pd.DataFrame]) -> None:
        """Say of each row that passes whether it changes anything, beside the other files and what was loaded."""
        for code, before in loaded.items():
            mine = [
                t
                for t in self.tables.values()
                if t.template == code and t.sheet_ref in self.rows
            ]
            if not mine:
                continue
            passing = np.concatenate(
                [~sent_back(t, self.verdicts) for t in mine]
            )
            together = pd.concat([self.rows[t.sheet_ref] for t in mine])
            hints = fate_hints(together, passing, before)
            for table in mine:
                n = len(table.row_nos)
                table.hints, hints = hints[:n], hints[n:]

    def settle(self, read: FileRead) -> Settled:
        """Settle one file of the part."""
        number = read.arrival.submission_id
        if read.refused is not None:
            rule, facts = read.refused
            outcome = settle_file(
                number,
                [],
                self.verdicts,
                [SheetHit(rule, load_rules()[rule].verdict, facts)],
            )
            return Settled(read, outcome)
        mine = [
            s
            for s in self.sheets.values()
            if s.arrival.submission_id == number
        ]
        judged = [self.tables[sheet.ref] for sheet in mine]
        outcome = _outcome(read, judged, self.verdicts)
        if outcome.sheets:
            outcome = without_withdrawn(
                outcome, [self._withdrawn(s) for s in mine]
            )
        tables = [
            self._table_rows(s, o)
            for s, o in zip(mine, outcome.sheets, strict=True)
            if o.fates and s.template
        ]
        return Settled(read, outcome, tables)

    def _withdrawn(self, sheet: SheetRead) -> frozenset[int]:
        rows = self.rows.get(sheet.ref)
        return (
            frozenset(np.flatnonzero(rows["withdrawn"]))
            if rows is not None
            else frozenset()
        )

    def _table_rows(
        self, sheet: SheetRead, outcome: SheetOutcome
    ) -> TableRows:
        rows, cleaned = self.rows[sheet.ref].copy(deep=False), sheet.content
        rows["fate"] = [f.fate for f in outcome.fates]
        rows["fate_rule"] = [f.rule for f in outcome.fates]
        return TableRows(
            outcome=outcome,
            frame=rows,
            quality=_with_links(slice_values(cleaned.quality), rows),
            original=slice_values(cleaned.original),
            extra=_beside(sheet.table.extra),
        )


def _beside(extra: Mapping[str, Sequence[Any]]) -> dict[int, dict[str, Any]]:
    """Turn what stands below headers that nobody knows into values by position."""
    return slice_values(
        {
            (i, h): v
            for h, values in extra.items()
            for i, v in enumerate(values)
            if v is not None
        }
    )


def _with_links(
    quality: dict[int, dict[str, Any]], rows: pd.DataFrame
) -> dict[int, dict[str, Any]]:
    """Keep beside a row who was proposed for it, for the day that a clerk answers 同意, and which row it answers."""
    for name in ("proposal", "reference"):
        for i, value in enumerate(rows[name]):
            if value is not None:
                quality.setdefault(i, {})[name] = value
    return quality


def _outcome(
    read: FileRead, judged: Sequence[JudgedTable], verdicts: Verdicts
) -> FileOutcome:
    """Settle one file that could be read."""
    number = read.arrival.submission_id
    listed = read.reading.work_list if read.reading else None
    if listed is None:
        return settle_file(number, judged, verdicts, _unread(read))
    told = hits_of(listed)
    # Answers without a row, or none at all: there is nothing to hold.
    if not judged:
        return refuse(number, told, "loaded", None)
    return settle_file(number, judged, verdicts, told)


def _unread(read: FileRead) -> list[SheetHit]:
    """Tell of the sheets that were passed over though they hold data, and of a workbook with nothing to read at all."""
    if read.reading is None:
        return []
    skipped = [u for u in read.reading.unread if u.why == "no_header"]
    # Data below no header that is understood may be last year's template: that
    # is held and asked about. A workbook of empty sheets is refused, for there
    # is nothing to ask.
    if not read.reading.tables:
        named = {"sheet": "、".join(u.sheet for u in skipped if u.sheet)}
        return [
            SheetHit("F12", "S", named)
            if skipped
            else SheetHit("F06", "F", {})
        ]
    return [SheetHit("L14", "W", {"sheet": u.sheet}) for u in skipped]
