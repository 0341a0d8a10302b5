"""Which files of a batch can be settled together, once one of them has broken the judging of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from yiku.batch.read import clean_reading
from yiku.checking.findings import SheetHit
from yiku.checking.outcomes import refuse
from yiku.contracts import load_contracts, load_rules
from yiku.faults import StepError, blames_no_file
from yiku.formats.cells import CellValue
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.isolation import Ended, place_of
from yiku.tables.table import MatchedColumn, Reading, SheetMetadata, Table
from yiku.warehouse.settled import Settled

T = TypeVar("T")
R = TypeVar("R")
# Takes in files of different senders at once and gives something for each.
Deliver = Callable[[Sequence[Settled]], list[R]]
# So many rows are delivered at once: their text has to fit into memory.
MOST_ROWS = 5_000


def refusal(ended: Ended) -> tuple[str, dict[str, object]]:
    """Return rule and facts for a file whose work was ended: too large (F13), or a fault of ours (F16)."""
    return ("F13", {"why": ended.limit}) if ended.limit else ("F16", {})


def fault_of(ended: Ended) -> str:
    """Say what of ours failed: its type and place, or that judging went beyond its limits."""
    return ended.fault or f"judging went beyond its limit of {ended.limit}"


def apart_from_faulty(
    items: Sequence[T], breaks: Callable[[Sequence[T]], Ended | None]
) -> tuple[list[T], list[tuple[T, Ended]]]:
    """Split items into those that ``breaks`` nothing together, and the others with what happened to each.

    Halves are tried in turn beside what is sound so far: two that break something only side by side are parted too.
    """
    sound: list[T] = []
    faulty: list[tuple[T, Ended]] = []

    def add(piece: Sequence[T]) -> None:
        # Each trial is a process that may run into its limits before it ends.
        # Halves find one file among fifty in a dozen trials.
        ended = breaks([*sound, *piece])
        if ended is None:
            sound.extend(piece)
        elif len(piece) == 1:
            faulty.append((piece[0], ended))
        else:
            middle = len(piece) // 2
            add(piece[:middle])
            add(piece[middle:])

    if items:
        add(items)
    return sound, faulty


def control(code: str, like: FileRead) -> FileRead:
    """Return a file of our own with one row of a list that says nothing: what breaks on it is no stranger's fault."""
    contract = load_contracts()[code]
    columns = {
        c.name: MatchedColumn(c.name, n, c.header, "official")
        for n, c in enumerate(contract.columns, 1)
    }
    cells: dict[str, list[CellValue]] = {name: [None] for name in columns}
    table = Table(None, 0, code, (1, 1), columns, [2], cells, SheetMetadata())
    reading = Reading("xlsx", [table], [], None, "")
    # not even its name is the stranger's
    return clean_reading(
        replace(
            like.arrival, submission_id=-1, file_name="自检.xlsx", inner=None
        ),
        reading,
        date.min,
    )


def held(arrival: Arrival, fault: str) -> Settled:
    """Return the outcome of a file that a fault of ours keeps from being taken in: held, with no rows (F16)."""
    rule = load_rules()["F16"]
    hits = [SheetHit(rule.id, rule.verdict, {})]
    outcome = refuse(arrival.submission_id, hits, "held", rule.id)
    return Settled(FileRead(arrival, fault=fault), outcome)


def deliver_each(settled: Sequence[Settled], deliver: Deliver[R]) -> list[R]:
    """Deliver every file, many at once; one whose delivery breaks is delivered as held.

    StepError when several files break at one place and none gets through, a fault that can pass as it is: then no
    file is to blame.
    """
    done: list[R] = []
    failed: list[tuple[Settled, str]] = []
    for together in _of_different_senders(settled):
        try:
            done += deliver(together)
        except Exception as fault:
            # Nobody's file is held for a full disk or a lost connection.
            if blames_no_file(fault):
                raise
            delivered, broken = _one_by_one(together, deliver)
            done += delivered
            failed += broken
    if (
        len(failed) > 1
        and not done
        and len({place for _, place in failed}) == 1
    ):
        raise StepError(failed[0][1])
    for one, place in failed:
        done += deliver([held(one.arrival, place)])
    return done


def _one_by_one(
    files: Sequence[Settled], deliver: Deliver[R]
) -> tuple[list[R], list[tuple[Settled, str]]]:
    """Deliver files each by itself; return what that gave, and the files that broke it with the place."""
    done: list[R] = []
    failed: list[tuple[Settled, str]] = []
    for one in files:
        try:
            done += deliver([one])
        except Exception as fault:
            # Nobody's file is held for a full disk or a lost connection.
            if blames_no_file(fault):
                raise
            failed.append((one, place_of(fault)))
    return done, failed


def _of_different_senders(
    settled: Iterable[Settled],
) -> list[list[Settled]]:
    """Split files into groups that can be delivered at once, in the order in which each sender's come.

    A file may put right what an earlier one of its sender was told of: it comes in a later group.
    """
    groups: list[list[Settled]] = []
    row_counts: list[int] = []
    next_group: dict[tuple[str, str], int] = defaultdict(int)
    for one in settled:
        sender = (one.arrival.county_code, one.arrival.unit_code)
        rows = sum(len(table.frame) for table in one.tables)
        place = next_group[sender]
        while place < len(groups) and row_counts[place] + rows > MOST_ROWS:
            place += 1
        if place == len(groups):
            groups.append([])
            row_counts.append(0)
        groups[place].append(one)
        row_counts[place] += rows
        next_group[sender] = place + 1
    return groups
