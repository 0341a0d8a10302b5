"""Files from their bytes to their rows in the warehouse, judged again where they clash with others.

The steps of a night use this. Each function returns counts alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

from yiku.batch import settle_counties, settle_files
from yiku.batch.files import LossesOf
from yiku.intake.file_read import FileRead
from yiku.pipeline.batch_context import known_to
from yiku.pipeline.decided_claims import Decided, decide_claims
from yiku.pipeline.plan import BATCH_FILES
from yiku.pipeline.settled_file import hand_over
from yiku.product import product_version
from yiku.settings import Settings
from yiku.warehouse import reprocessing
from yiku.warehouse.arrivals import received
from yiku.warehouse.connection import (
    Connection,
    commit_to_disk,
    connect,
    flush_later,
)
from yiku.warehouse.registration import revive_copies
from yiku.warehouse.settled import Settled

Facts = dict[str, Any]
_Settle = Callable[..., list[Facts]]  # settle_files or settle_counties
# What files held that were read before, asked for with the headers that their senders confirmed so far.
ReadBefore = Callable[
    [Mapping[str, Mapping[tuple[str, str], str]]], Mapping[int, FileRead]
]


def nothing_read(
    confirmed: Mapping[str, Mapping[tuple[str, str], str]],
) -> Mapping[int, FileRead]:
    """Return that no file was read before."""
    return {}


def take_in_files(
    settings: Settings,
    business_date: date,
    conn: Connection,
    submissions: Sequence[int],
    read_before: ReadBefore = nothing_read,
) -> Facts:
    """Read, clean, link, check and load some files of one night; return what became of how many files and rows."""
    numbers = list(submissions)
    # Nearly all rows concern one county alone: each is worked on by itself,
    # and what clashes is judged again with all at hand.
    total = Counter(
        _settle_batch(
            settings,
            business_date,
            conn,
            numbers,
            settle_counties,
            read_before=read_before,
        )
    )
    # Which of two came first tonight is chance: both sides are judged again, side by side.
    clashing = reprocessing.queue_clashing(conn, numbers)
    done = set(numbers).difference(clashing)
    numbers = _next(conn, numbers, clashing, done)
    while numbers:
        total += Counter(
            _settle_batch(
                settings,
                business_date,
                conn,
                numbers,
                settle_files,
                read_before=read_before,
            )
        )
        done.update(numbers)
        numbers = _next(conn, numbers, [], done)
    return dict(total)


def _next(
    conn: Connection,
    numbers: Sequence[int],
    clashing: Iterable[int],
    done: Collection[int],
) -> list[int]:
    """Return which files are to be judged together after ``numbers``, and put all so far on the disk."""
    # The right town's copy of a file that lay in the wrong folder was taken for a duplicate until now.
    revived = revive_copies(conn, numbers)
    stranded = reprocessing.queue_stranded(conn, numbers, done)
    reprocessing.note_compared(conn, numbers)
    commit_to_disk(conn)
    return sorted({*clashing, *revived, *stranded})


def settle_contested(
    settings: Settings, business_date: date, conn: Connection
) -> Facts:
    """Decide what rows of different files say of one person, and judge the files otherwise that this changes."""
    total: Counter[str] = Counter()
    done: set[int] = set()
    # A claim that falls may let another one stand, so it is decided until
    # nothing changes. No file takes part twice, so that this ends.
    while True:
        decided = decide_claims(conn)
        otherwise = sorted(decided.judged_otherwise.difference(done))
        queued = reprocessing.queue(conn, otherwise)
        conn.commit()
        if not queued:
            return dict(total)
        done.update(queued)
        total += _judge_as_decided(
            settings, business_date, conn, queued, decided
        )


def _judge_as_decided(
    settings: Settings,
    business_date: date,
    conn: Connection,
    queued: Sequence[int],
    decided: Decided,
) -> Counter[str]:
    """Judge files again as was decided of their rows, and then those whose rows had been dropped in favour of these."""
    total: Counter[str] = Counter()
    done: set[int] = set()
    numbers = list(queued)
    while numbers:
        # As many at once as a batch has: the rows of all files might not fit
        # the memory.
        piece, numbers = numbers[:BATCH_FILES], numbers[BATCH_FILES:]
        total += Counter(
            _settle_batch(
                settings,
                business_date,
                conn,
                piece,
                settle_files,
                decided.of_rows,
            )
        )
        stranded = reprocessing.queue_stranded(conn, piece, done)
        done.update(stranded)
        numbers += [number for number in stranded if number not in numbers]
        reprocessing.note_compared(conn, piece)
        commit_to_disk(conn)
    return total


def _settle_batch(
    settings: Settings,
    business_date: date,
    conn: Connection,
    numbers: Sequence[int],
    settle: _Settle,
    losses: LossesOf | None = None,
    read_before: ReadBefore = nothing_read,
) -> Facts:
    arrivals = received(conn, settings, numbers)
    # Children load by connections of their own, and take their time: nothing
    # stays open here.
    conn.commit()
    with closing(OwnConnection(settings, business_date)) as own:
        known = known_to(own, business_date, numbers, losses)
        known = replace(known, reads=read_before(known.confirmed))
        done = settle(
            arrivals,
            known,
            settings.expectations,
            settings.workers,
            own.hand_over,
        )
    total = Counter(
        {
            f"files_{status}": n
            for status, n in Counter(d.pop("status") for d in done).items()
        }
    )
    for counts in done:
        total += Counter(counts)
    return {"files": len(done), **total}


class OwnConnection:
    """The warehouse through a connection that each process opens for itself: a forked one must not use its parent's."""

    def __init__(self, settings: Settings, business_date: date) -> None:
        self._settings, self._day = settings, business_date
        # Reading all our files for it once is enough: forked processes know it from here.
        product_version()
        self._by_process: dict[int, Connection] = {}

    def __call__(self) -> Connection:
        """Return the connection of the process that asks."""
        process = os.getpid()
        if process not in self._by_process:
            conn = connect(self._settings, self._day, autocommit=True)
            # A file whose commit a crash of the server loses still waits to be read; the batch ends with a real flush.
            flush_later(conn)
            self._by_process[process] = conn
        return self._by_process[process]

    def hand_over(self, files: Sequence[Settled]) -> list[Facts]:
        """Load settled files of different senders."""
        return hand_over(self(), files, self._day)

    def close(self) -> None:
        """Close the connection of this process."""
        # Those of forked children went with them.
        if conn := self._by_process.pop(os.getpid(), None):
            conn.close()
