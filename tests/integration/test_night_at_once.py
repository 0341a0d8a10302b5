"""What is loaded in one night comes out the same whichever of two came first, and when both came at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    VILLAGES,
    Nights,
    labourer,
    post,
    workbook,
)
from yiku import pipeline
from yiku.batch import settle_counties
from yiku.pipeline import settling

TOWN, OTHER = list(TOWNS)
NEXT_COUNTY, NEXT_TOWN = "510821", "510821100"
HERE = PEOPLE[TOWN]
ABROAD = {"town_name": TOWNS[OTHER], "village_name": VILLAGES[OTHER][0]}
ELSEWHERE = {"town_name": "东河镇", "village_name": "东河村"}

File = tuple[str, str, str, bytes]


def l1(
    unit: str, people, filled: int, county: str = COUNTY, **more: object
) -> File:
    rows = [labourer(p, **more) for p in people]
    return (
        county,
        unit,
        f"L1{unit}.xlsx",
        workbook("L1", rows, filled=date(2017, 11, filled)),
    )


def l5(
    unit: str, people, filled: int, county: str = COUNTY, **more: object
) -> File:
    rows = [post(p, **more) for p in people]
    return (
        county,
        unit,
        f"L5{unit}.xlsx",
        workbook("L5", rows, filled=date(2017, 11, filled)),
    )


# Two files that cannot both be believed: one person of two towns, and two posts at once, in one county and in two.
PAIRS: dict[str, Callable[[], tuple[File, File]]] = {
    "X02": lambda: (l1(TOWN, HERE, 10), l1(OTHER, HERE[:3], 9, **ABROAD)),
    "X15": lambda: (
        l5(TOWN, HERE[:3], 10),
        l5(
            OTHER,
            HERE[1:4],
            9,
            post_no="G2",
            post_name="护林员",
            post_type="护林",
            start_on=date(2017, 4, 1),
            **ABROAD,
        ),
    ),
    "X02 of two counties": lambda: (
        l1(TOWN, HERE, 10),
        l1(NEXT_TOWN, HERE[:3], 9, county=NEXT_COUNTY, **ELSEWHERE),
    ),
}


def put(nights: Nights, *files: File) -> None:
    for county, unit, name, data in files:
        nights.put(unit, name, data, county)


def pulled(nights: Nights, *files: File) -> list[list[int]]:
    """Let files arrive one after the other; return the number of each."""
    numbers = []
    for file in files:
        put(nights, file)
        found = pipeline.pull(nights.settings, DAY, str(nights.inbox))
        numbers.append(
            [
                n
                for batch in found["batches"]
                for n in batch["submissions"]
                if [n] not in numbers
            ]
        )
    return numbers


def judged(nights: Nights, table: str) -> list[tuple[object, ...]]:
    """Return what became of every row, and what is told of it."""
    return nights.rows(
        "select unit_code, row_no, fate, fate_rule, array(select rule from ops.finding as f"
        f" where f.row_id = r.row_id and f.closed_on is null order by 1) from raw.{table} as r order by 1, 2"
    )


def one_after_the_other(
    nights: Nights, files: tuple[File, File], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in pulled(nights, *files):
        pipeline.process_batch(nights.settings, DAY, {"submissions": number})


def the_other_way_round(
    nights: Nights, files: tuple[File, File], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Load the one that should stand when the other stands already."""
    for number in reversed(pulled(nights, *files)):
        pipeline.process_batch(nights.settings, DAY, {"submissions": number})


def at_once(
    nights: Nights, files: tuple[File, File], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Load the second between the judging and the loading of the first: neither sees the other."""
    first, second = pulled(nights, *files)
    waiting = [second]

    def interrupted(arrivals, known, suites, workers, deliver):
        def deliver_late(settled):
            while waiting:
                pipeline.process_batch(
                    nights.settings, DAY, {"submissions": waiting.pop()}
                )
            return deliver(settled)

        return settle_counties(arrivals, known, suites, workers, deliver_late)

    monkeypatch.setattr(settling, "settle_counties", interrupted)
    pipeline.process_batch(nights.settings, DAY, {"submissions": first})


def in_one_batch(
    nights: Nights, files: tuple[File, File], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judge both in one batch; those of two counties in a process each."""
    numbers = pulled(nights, *files)
    settings = replace(nights.settings, workers=2)
    pipeline.process_batch(
        settings,
        DAY,
        {"submissions": [n for number in numbers for n in number]},
    )


@pytest.fixture(scope="module")
def outcomes():
    """What became of each kind the first way; the others must equal it."""
    return {}


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    "way", [one_after_the_other, the_other_way_round, at_once, in_one_batch]
)
def test_what_is_loaded_in_one_night_is_compared(
    nights, outcomes, monkeypatch, way, kind
):
    files = PAIRS[kind]()
    way(nights, files, monkeypatch)
    pipeline.settle_claims(nights.settings, DAY)
    found = judged(nights, files[0][2][:2].lower())
    assert {
        unit for unit, _, fate, _, _ in found if fate == "quarantined"
    } == {files[1][1]}
    assert found == outcomes.setdefault(kind, found)


def faulty(kind: str) -> tuple[File, File]:
    """Return a file with rows that would win but lack what is mandatory, and one whose rows would give way to them."""
    first, others = HERE[:3], HERE[3:]
    if kind == "X02":
        rows = [
            *(labourer(p, emp_status=None) for p in first),
            *map(labourer, others),
        ]
        return (COUNTY, TOWN, "L1错.xlsx", workbook("L1", rows)), l1(
            OTHER, first, 9, **ABROAD
        )
    rows = [*(post(p, post_type=None) for p in first), *map(post, others)]
    second = l5(
        OTHER, first, 9, post_no="G2", start_on=date(2017, 4, 1), **ABROAD
    )
    return (COUNTY, TOWN, "L5错.xlsx", workbook("L5", rows)), second


@pytest.mark.parametrize("kind", ["X02", "X15"])
@pytest.mark.parametrize(
    "way", [one_after_the_other, the_other_way_round, in_one_batch]
)
def test_a_row_that_is_sent_back_itself_displaces_nobody(
    nights, outcomes, monkeypatch, way, kind
):
    files = faulty(kind)
    way(nights, files, monkeypatch)
    pipeline.settle_claims(nights.settings, DAY)
    found = judged(nights, files[0][2][:2].lower())
    fates = [(unit, fate) for unit, _, fate, _, _ in found]
    assert (
        fates
        == [(TOWN, "quarantined")] * 3
        + [(TOWN, "loaded")] * 7
        + [(OTHER, "loaded")] * 3
    )
    assert found == outcomes.setdefault(f"faulty {kind}", found)
