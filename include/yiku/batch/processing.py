"""One batch from its files to the fate of every row, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from yiku.batch.collector import resting_collector
from yiku.batch.faulty_files import (
    Deliver,
    apart_from_faulty,
    control,
    fault_of,
)
from yiku.batch.files import Known
from yiku.batch.fork import run_forked, split_evenly
from yiku.batch.judged_part import settle_part
from yiku.batch.reading_files import read_files, unread_as
from yiku.batch.sheet_facts import sheet_facts
from yiku.batch.stack import stack, tables_of
from yiku.faults import StepError
from yiku.gazetteer.places import divisions
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.isolation import Ended, Limits, one_apart
from yiku.warehouse.settled import Settled

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
    deliver: Deliver[T],
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[T]:
    """Settle every file and hand all to ``deliver`` in one of ``workers`` processes; return what that gives.

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
    deliver: Deliver[T],
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
    judged = [read for read in reads if read.reading is not None]
    # A row of our own first: where that breaks too, rules or code are at
    # fault, and no sender's file is to be held for it.
    by_list = _by_list(judged)
    for code in sorted(by_list):
        like = by_list[code]
        if batch.breaks([control(code, like)]):
            raise StepError(fault_of(why))
    _, faulty = apart_from_faulty(judged, batch.breaks)
    if not faulty:
        raise StepError(fault_of(why))
    held: dict[int, FileRead] = {}
    for read, ended in faulty:
        # What can be read within its limits and cannot be judged within ours is no fault of its sender.
        ours = Ended(fault=fault_of(ended))
        held[read.arrival.submission_id] = unread_as(read.arrival, ours)
    return [held.get(read.arrival.submission_id, read) for read in reads]


def _by_list(reads: Sequence[FileRead]) -> dict[str, FileRead]:
    """Return for each list that some files carry one of these files."""
    found: dict[str, FileRead] = {}
    for sheet in tables_of(reads):
        if sheet.cleaned is not None:
            found[sheet.table.list_code] = sheet.file
    return found


@dataclass(frozen=True)
class _Batch:
    """What the files of one batch are judged by."""

    known: Known
    suites: Path
    workers: int

    def settle(
        self, reads: Sequence[FileRead], deliver: Deliver[T]
    ) -> list[T]:
        """Judge the files side by side and deliver each."""
        sheets = tables_of(reads)
        stacks, gazetteer = stack(sheets, self.known)
        facts = {
            fact.sheet_ref: fact
            for fact in sheet_facts(sheets, stacks, gazetteer, self.known)
        }
        # It takes seconds to import: only a night with new files pays them.
        from yiku.checking.validation import checker

        judge = checker(self.suites)
        units = list(_by_unit(reads).values())
        work = [
            partial(
                settle_part,
                [read for unit in part for read in unit],
                sheets,
                stacks,
                gazetteer,
                facts,
                judge,
                deliver,
            )
            for part in split_evenly(units, _row_count, self.workers)
        ]
        return [result for part in run_forked(work) for result in part]

    def settle_apart(
        self, reads: Sequence[FileRead], deliver: Deliver[T]
    ) -> list[T] | Ended:
        """Settle the files in processes that may be ended; say how that ended if it did."""
        _learn_to_judge(self.suites)
        limits = judging_limits(len(reads), _row_count(reads))
        return one_apart(lambda: self.settle(reads, deliver), limits)

    def breaks(self, reads: Sequence[FileRead]) -> Ended | None:
        """Judge some files in a process of their own and deliver nothing; return how that ended if it did not."""
        alone = replace(self, workers=1)
        ended = alone.settle_apart(reads, _to_nobody)
        return ended if isinstance(ended, Ended) else None


def _learn_to_judge(suites: Path) -> None:
    """Import and read, before processes part, what each of them would have to and forgets with its end."""
    from yiku.checking.validation import checker

    checker(suites)
    divisions()


def _to_nobody(files: Sequence[Settled]) -> list[None]:
    """Deliver nothing."""
    return [None for _ in files]


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
    deliver: Deliver[T],
) -> list[T]:
    """Settle every file as ``settle_files`` does, but rows of different counties are not compared.

    Where whole counties share the cores well each process takes its own from reading to delivery, and nothing waits
    for anything. ``known`` and ``deliver`` are then called in several processes. StepError tells of a fault of ours.
    """
    parts = counties_apart(arrivals, workers)
    if len(parts) < 2:
        return settle_files(arrivals, known, suites, workers, deliver)
    _learn_to_judge(suites)
    work = [
        partial(settle_files, part, known, suites, 1, deliver)
        for part in parts
    ]
    return [result for part in run_forked(work) for result in part]


def counties_apart(
    arrivals: Sequence[Arrival], workers: int
) -> list[list[Arrival]]:
    """Split files by county into ``workers`` parts, in the order of ``arrivals``; one part where one is too heavy."""
    counties: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        counties.setdefault(arrival.county_code, []).append(arrival)
    parts = split_evenly(list(counties.values()), _weight, workers)
    together = [
        [arrival for county in part for arrival in county] for part in parts
    ]
    heaviest = max(map(_weight, together), default=0)
    if heaviest * workers > UNEVEN * _weight(arrivals):
        return [list(arrivals)]
    return together


def _weight(arrivals: Iterable[Arrival]) -> int:
    """Return the bytes of some files, and something for each of them."""
    return sum(OPENING + arrival.size_bytes for arrival in arrivals)


def _row_count(reads: Iterable[FileRead]) -> int:
    """Return the rows of some files, and one for each of them."""
    count = 0
    for read in reads:
        count += 1 + sum(len(one.frame) for one in read.cleaned.values())
    return count


def _by_unit(
    reads: Sequence[FileRead],
) -> dict[tuple[str, str], list[FileRead]]:
    """Group the files by sender: versions of one row are settled side by side."""
    units: dict[tuple[str, str], list[FileRead]] = {}
    for read in reads:
        sender = (read.arrival.county_code, read.arrival.unit_code)
        units.setdefault(sender, []).append(read)
    return units
