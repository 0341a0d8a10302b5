"""Which files are read first, and how the others are handed out in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from yiku.gazetteer.places import division_name
from yiku.intake.arrival import Arrival

# A batch is big enough that starting it does not count, and small enough that one can be run
# again.
BATCH_FILES = 50
# Answers of so many files are written in one task, more only where one county has more: a small
# night has one such task.
ANSWERED_TOGETHER = 500
# So many counties' names are readable in a task's label.
LABELLED = 3
# Villages and towns before the households and people who live in them.
REFERENCE_ORDER = (frozenset({"V01", "V02"}), frozenset({"H01", "H02"}))


def plan(work: Sequence[Arrival]) -> dict[str, Any]:
    """Return ``reference`` (submissions of county offices) and ``batches`` of the rest."""
    # Reference lists come from the county's own departments alone. Which of
    # their files are some is seen when they are read, and each is read once.
    office = [arrival for arrival in work if arrival.unit_code == "county"]
    towns = [arrival for arrival in work if arrival.unit_code != "county"]
    return {
        "reference": [arrival.submission_id for arrival in office],
        "batches": list(batches_of(towns)),
    }


def batches_of(work: Iterable[Arrival]) -> Iterator[dict[str, Any]]:
    """Yield batches of few counties each: rows are compared within a county."""
    counties: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in work:
        counties[arrival.county_code].append(arrival)
    labels: list[str] = []
    submissions: list[int] = []
    for county in sorted(counties):
        for label, numbers in _pieces(county, counties[county]):
            if labels and len(submissions) + len(numbers) > BATCH_FILES:
                yield {"label": _label(labels), "submissions": submissions}
                labels, submissions = [], []
            labels.append(label)
            submissions += numbers
    if labels:
        yield {"label": _label(labels), "submissions": submissions}


def _pieces(
    county: str, files: Iterable[Arrival]
) -> Iterator[tuple[str, list[int]]]:
    """Cut the files of a county into labelled pieces that fit into a batch.

    A sender's files stand side by side.
    """
    ordered = sorted(
        files, key=lambda file: (file.unit_code, file.submission_id)
    )
    numbers = [file.submission_id for file in ordered]
    starts = range(0, len(numbers), BATCH_FILES)
    name = division_name(county)
    for piece, start in enumerate(starts, 1):
        label = f"{name} {piece}/{len(starts)}"
        yield label, numbers[start : start + BATCH_FILES]


def parts_of(waiting: Iterable[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    """Yield parts of whole counties to be answered side by side, from how many files of each county wait."""
    counties: list[str] = []
    files = 0
    for county, count in waiting:
        if counties and files + count > ANSWERED_TOGETHER:
            yield _part(counties)
            counties, files = [], 0
        counties.append(county)
        files += count
    if counties:
        yield _part(counties)


def _part(counties: Sequence[str]) -> dict[str, Any]:
    names = [division_name(county) for county in counties]
    named = [name or "不在县区文件夹" for name in names]
    return {"label": _label(named), "counties": list(counties)}


def _label(pieces: Sequence[str]) -> str:
    """Name what a batch holds by its counties, the first ones of many."""
    named = "、".join(pieces[:LABELLED])
    return named if len(pieces) <= LABELLED else f"{named}等{len(pieces)}县"
