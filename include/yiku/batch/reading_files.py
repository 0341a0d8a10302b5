"""Files read and cleaned side by side, each in a process that may be ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TypeVar

from yiku.batch.collector import resting_collector
from yiku.batch.faulty_files import refusal
from yiku.batch.files import Known
from yiku.batch.read import clean_read, read_arrival, read_tables, warm_up
from yiku.batch.work_lists_back import settled_lines, with_answers
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.isolation import Ended, each_apart

T = TypeVar("T")


@resting_collector()
def read_files(
    arrivals: Sequence[Arrival],
    known: Known,
    workers: int,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[FileRead]:
    """Read and clean the files in ``workers`` processes, in the order of ``arrivals``.

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


def unread_as(arrival: Arrival, ended: Ended) -> FileRead:
    """Refuse a file whose reading was ended: too large (F13), or a fault of ours (F16)."""
    return FileRead(arrival, refused=refusal(ended), fault=ended.fault)


def _each_read(
    work: Callable[[T], FileRead],
    given: Sequence[T],
    arrivals: Sequence[Arrival],
    workers: int,
    watched: Callable[[range], Iterable[int]],
) -> list[FileRead]:
    """Do a piece of work for each of ``arrivals`` apart; a file whose process was ended is one that was not read."""
    reads: list[FileRead] = []
    found = each_apart(work, given, workers, watched=watched)
    for arrival, result in zip(arrivals, found, strict=True):
        if isinstance(result, Ended):
            reads.append(unread_as(arrival, result))
        else:
            reads.append(result)
    return reads


def _read(known: Known, arrival: Arrival) -> FileRead:
    confirmed = known.confirmed.get(arrival.sender, {})
    return read_arrival(arrival, known.business_date, confirmed)


def _read_late(
    known: Known, late: Mapping[int, frozenset[str]], arrival: Arrival
) -> FileRead:
    confirmed = known.confirmed.get(arrival.sender, {})
    settled = late[arrival.submission_id]
    return read_arrival(arrival, known.business_date, confirmed, settled)
