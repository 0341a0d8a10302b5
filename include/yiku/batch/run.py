"""One batch from its files to the fate of every row, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from yiku.batch.facts import sheet_facts
from yiku.batch.fork import run_forked, split_evenly
from yiku.batch.model import Arrival, FileRead, Known, Settled, SheetRead
from yiku.batch.read import read_arrival
from yiku.batch.stack import Stack, stack, tables_of
from yiku.checking.cells import notes_frame
from yiku.checking.model import SheetFacts
from yiku.checking.run import checker
from yiku.contracts import load_contracts

T = TypeVar("T")


def settle_files(
    arrivals: Sequence[Arrival], known: Known, suites: Path, workers: int, deliver: Callable[[Settled], T]
) -> list[T]:
    """Settle every file and hand each to ``deliver`` in one of ``workers`` processes; return what that gives.

    ``suites`` is the folder of the Great Expectations suites. StepError tells of a fault of ours.
    """
    reads = read_files(arrivals, known, workers)
    sheets = tables_of(reads, known)
    stacks, gazetteer = stack(sheets, known)
    facts = {f.sheet_ref: f for f in sheet_facts(sheets, stacks, gazetteer, known)}
    rows = {r.arrival.submission_id: _rows_of(r) for r in reads}
    parts = split_evenly(
        list(_by_unit(reads).values()), lambda unit: sum(rows[r.arrival.submission_id] for r in unit), workers
    )
    work = [
        partial(_settle_part, [r for unit in p for r in unit], sheets, stacks, facts, suites, deliver) for p in parts
    ]
    return [result for part in run_forked(work) for result in part]


def read_files(arrivals: Sequence[Arrival], known: Known, workers: int) -> list[FileRead]:
    """Read and clean the files on ``workers`` processes, in the order of ``arrivals``."""
    order = {a.submission_id: i for i, a in enumerate(arrivals)}
    parts = split_evenly(list(arrivals), lambda _: 1, workers)
    found = run_forked([partial(_read_part, p, known) for p in parts])
    return sorted((r for part in found for r in part), key=lambda r: order[r.arrival.submission_id])


def _read_part(arrivals: Sequence[Arrival], known: Known) -> list[FileRead]:
    return [read_arrival(a, known.business_date, known.confirmed.get(a.unit_code, {})) for a in arrivals]


def _rows_of(read: FileRead) -> int:
    return 1 + sum(len(c.frame) for c in read.cleaned.values())


def _by_unit(reads: Sequence[FileRead]) -> dict[tuple[str, str], list[FileRead]]:
    """Group the files by sender: versions of one row are settled side by side."""
    units: dict[tuple[str, str], list[FileRead]] = {}
    for read in reads:
        units.setdefault((read.arrival.county_code, read.arrival.unit_code), []).append(read)
    return units


def _settle_part(
    reads: Sequence[FileRead],
    sheets: Sequence[SheetRead],
    stacks: Sequence[Stack],
    facts: Mapping[int, SheetFacts],
    suites: Path,
    deliver: Callable[[Settled], T],
) -> list[T]:
    mine = {r.arrival.submission_id for r in reads}
    own = [s for s in sheets if s.arrival.submission_id in mine]
    frames = {s.contract.code: s.frame[s.frame["submission_id"].isin(mine)].copy() for s in stacks}
    notes = notes_frame([(s.ref, load_contracts()[s.table.template], s.cleaned.notes) for s in own if s.cleaned])
    verdicts = checker(suites).judge(frames, notes, [facts[s.ref] for s in own])
    return [deliver(s) for s in _settled(reads, own, frames, stacks, facts, verdicts)]
