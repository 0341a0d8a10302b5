"""Which files are read first, and how the others are handed out in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from yiku.batch.processing import lists_of
from yiku.gazetteer.places import divisions
from yiku.intake.arrival import Arrival

# A batch is big enough that starting it does not count, and small enough that one can be run
# again.
BATCH_FILES = 50
# So many counties' names are readable in a task's label.
LABELLED = 3
# Villages and towns before the households and people who live in them.
REFERENCE_ORDER = (frozenset({"V01", "V02"}), frozenset({"H01", "H02"}))


def plan(work: Sequence[Arrival], workers: int) -> dict[str, Any]:
    """Return ``reference`` (submissions by phase) and ``batches`` of the rest, of few counties each."""
    office = [r for r in work if r.unit_code == "county"]
    lists = lists_of(office, workers)
    phases = [
        [r.submission_id for r in office if lists[r.submission_id] & wanted]
        for wanted in REFERENCE_ORDER
    ]
    first = {i for phase in phases for i in phase}
    rest = [r for r in work if r.submission_id not in first]
    return {"reference": [p for p in phases if p], "batches": list(_batches(rest))}


def _batches(work: Iterable[Arrival]) -> Iterable[dict[str, Any]]:
    counties: dict[str, list[Arrival]] = defaultdict(list)
    for received in work:
        counties[received.county_code].append(received)
    batches: list[dict[str, list[int]]] = []
    for label, numbers in (
        piece
        for county in sorted(counties)
        for piece in _pieces(county, counties[county])
    ):
        if (
            not batches
            or sum(map(len, batches[-1].values())) + len(numbers) > BATCH_FILES
        ):
            batches.append({})
        batches[-1][label] = numbers
    for batch in batches:
        yield {
            "label": _label(list(batch)),
            "submissions": [n for numbers in batch.values() for n in numbers],
        }


def _pieces(county: str, files: Iterable[Arrival]) -> Iterable[tuple[str, list[int]]]:
    """Cut the files of a county, a sender's side by side, into labelled pieces that fit into a batch."""
    numbers = [
        r.submission_id
        for r in sorted(files, key=lambda r: (r.unit_code, r.submission_id))
    ]
    pieces = [numbers[i : i + BATCH_FILES] for i in range(0, len(numbers), BATCH_FILES)]
    for n, piece in enumerate(pieces, 1):
        yield f"{divisions().get(county, county)} {n}/{len(pieces)}", piece


def _label(pieces: Sequence[str]) -> str:
    """Name what a batch holds by its counties, the first ones of many."""
    named = "、".join(pieces[:LABELLED])
    return named if len(pieces) <= LABELLED else f"{named}等{len(pieces)}县"
