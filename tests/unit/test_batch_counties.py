"""How the files of a batch are shared out among processes, a county to one of them."""

from datetime import UTC, datetime

from yiku.batch.processing import counties_apart
from yiku.intake.arrival import Arrival


def arrivals(**sizes: int) -> list[Arrival]:
    at = datetime(2017, 11, 20, tzinfo=UTC)
    return [
        Arrival(n, name[:2], "county", name, name, at, size_bytes=s)
        for n, (name, s) in enumerate(sizes.items())
    ]


def test_counties_of_one_weight_are_apart():
    parts = counties_apart(
        arrivals(aa1=30_000, bb1=20_000, aa2=10_000, bb2=20_000), 2
    )
    assert sorted([a.submission_id for a in part] for part in parts) == [
        [0, 2],
        [1, 3],
    ]


def test_a_county_that_outweighs_the_others_is_not_left_to_one_process():
    files = arrivals(aa1=900_000, bb1=20_000)
    assert counties_apart(files, 2) == [files]


def test_one_county_and_one_process_stay_together():
    one, two = (
        arrivals(aa1=10_000, aa2=10_000),
        arrivals(aa1=10_000, bb1=10_000),
    )
    assert counties_apart(one, 2) == [one]
    assert counties_apart(two, 1) == [two]
    assert counties_apart([], 2) == []
