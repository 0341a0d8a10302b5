"""Which version of a row counts, and which rows change nothing beside it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.comparison.unchanged import fate_hints
from yiku.intake.version_order import version_of

DAY = date(2017, 11, 20)


def moment(day: int, hour: int = 8) -> datetime:
    return datetime(2017, 11, day, hour, tzinfo=UTC)


def sheet(number: int, **facts: Any) -> str:
    """Return the version of a sheet of November that came on the 20th, but for what is said otherwise."""
    usual = {
        "period": "2017-11",
        "fill_date": None,
        "saved_at": None,
        "arrived_on": DAY,
        "submission_id": number,
    }
    told = usual | facts
    return version_of(
        **(
            told
            | {
                "received_at": told.get("received_at")
                or datetime.combine(told["arrived_on"], time(18), UTC)
            }
        )
    )


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        # a fill date was forgotten on the newer sheet: of a later month, saved later, or but received later
        (
            {"fill_date": date(2017, 11, 15)},
            {"period": "2017-12", "arrived_on": date(2017, 12, 20)},
        ),
        (
            {"fill_date": date(2017, 11, 15)},
            {"saved_at": moment(18), "arrived_on": date(2017, 11, 21)},
        ),
        (
            {"fill_date": date(2017, 11, 15)},
            {"arrived_on": date(2017, 11, 21)},
        ),
        # a fill date was forgotten on the older sheet, which came last
        (
            {"saved_at": moment(10), "arrived_on": date(2017, 11, 21)},
            {"fill_date": date(2017, 11, 15)},
        ),
        # both have one
        (
            {
                "fill_date": date(2017, 11, 14),
                "saved_at": moment(19),
                "arrived_on": date(2017, 11, 22),
            },
            {"fill_date": date(2017, 11, 15), "saved_at": moment(16)},
        ),
        ({"fill_date": date(2017, 11, 25)}, {"fill_date": date(2017, 11, 26)}),
        # a later month ranks first, also where the list of the month before was filled in late
        (
            {"period": "2017-10", "fill_date": date(2017, 11, 19)},
            {"fill_date": date(2017, 11, 18)},
        ),
        # a list of the year does not speak for the months to come
        (
            {"period": "2017-12", "fill_date": date(2017, 3, 1)},
            {"period": "2017-11", "fill_date": date(2017, 11, 5)},
        ),
        # a slip of the pen is no date: it would win for ever
        (
            {"fill_date": date(2071, 11, 15)},
            {
                "fill_date": date(2017, 11, 21),
                "arrived_on": date(2017, 11, 22),
            },
        ),
        # nor is what a program writes that never saved the sheet, or what a wrong clock says
        (
            {"fill_date": date(2017, 11, 15)},
            {"saved_at": datetime(2006, 9, 16, tzinfo=UTC)},
        ),
        (
            {"saved_at": datetime(2026, 1, 1, tzinfo=UTC)},
            {"arrived_on": date(2017, 11, 21)},
        ),
        # of one day the one saved last, then the one that came last
        (
            {"fill_date": DAY, "saved_at": moment(20, 3)},
            {"fill_date": DAY, "saved_at": moment(20, 2) + timedelta(hours=2)},
        ),
        (
            {"fill_date": DAY},
            {"fill_date": DAY, "arrived_on": date(2017, 11, 21)},
        ),
    ],
)
def test_the_newer_sheet_counts(
    older: dict[str, Any], newer: dict[str, Any]
) -> None:
    for first, second in ((1, 2), (2, 1)):
        assert sheet(first, **older) < sheet(second, **newer)


def test_a_moment_that_no_calendar_has_is_no_moment() -> None:
    far = datetime.max.replace(tzinfo=UTC)
    assert (
        sheet(1, saved_at=far)
        == sheet(1, saved_at=datetime.min.replace(tzinfo=UTC))
        == sheet(1)
    )


DAYS = st.dates(date(2017, 10, 1), date(2017, 12, 31))
SHEETS = st.fixed_dictionaries(
    {
        "period": st.sampled_from(["2017-10", "2017-11", "2017-12"]),
        "fill_date": st.none() | DAYS,
        "saved_at": st.none()
        | st.datetimes(
            datetime(2017, 10, 1),
            datetime(2017, 12, 31),
            timezones=st.just(UTC),
        ),
        "arrived_on": DAYS,
    }
)


@given(st.lists(SHEETS, min_size=3, max_size=3))
def test_versions_stand_in_one_order(sheets: list[dict[str, Any]]) -> None:
    """As texts they cannot go round in circles; and the order is that of what both sheets say of one measure."""
    versions = [sheet(n, **facts) for n, facts in enumerate(sheets)]
    assert len(set(versions)) == len(sheets)
    for (a, one), (b, other) in permutations(
        zip(versions, sheets, strict=True), 2
    ):
        filled = [one["fill_date"], other["fill_date"]]
        if (
            one["period"] == other["period"]
            and None not in filled
            and filled[0] < filled[1]
        ):
            believed = all(
                s["fill_date"] <= s["arrived_on"] + timedelta(days=31)
                for s in (one, other)
            )
            assert a < b or not believed


# --- which rows change nothing

ROWS = st.lists(
    st.tuples(
        st.sampled_from("kl"),
        st.sampled_from("xyz"),
        st.integers(0, 5),
        st.booleans(),
    ),
    max_size=9,
)


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = ["key", "content_hash", "submission_id", "version"]
    return pd.DataFrame(
        [(k, c, n, f"v{n}") for k, c, n in rows], columns=columns, dtype=object
    )


class Ledger:
    """What is loaded of a list, file by file, as a night does it."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []  # key, content, submission, fate

    def standing(self) -> list[tuple[Any, ...]]:
        loaded = {(k, c) for k, c, _, fate in self.rows if fate == "loaded"}
        return [
            r for r in self.rows if r[3] != "quarantined" and r[:2] in loaded
        ]

    def now(self) -> dict[str, str]:
        return {
            k: c
            for k, c, _, _ in sorted(
                self.standing(), key=lambda r: (r[2], r[3] == "loaded")
            )
        }

    def take_in(self, rows: list[tuple[Any, ...]]) -> None:
        """Load rows as one batch: key, content, submission, whether no rule sends it back."""
        best = {
            r[0]: r[:3] for r in sorted(self.standing(), key=lambda r: r[2])
        }
        hints = fate_hints(
            frame([r[:3] for r in rows]),
            [r[3] for r in rows],
            frame(list(best.values())),
        )
        for row, hint in zip(rows, hints, strict=True):
            fate = (
                "quarantined"
                if not row[3]
                else "dropped"
                if hint
                else "loaded"
            )
            assert row[3] or hint is None
            self.rows.append((*row[:3], fate))


def without_rivals(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Send back what stands twice in one file with different content, as the suites do."""
    said = {(k, n, c) for k, c, n, _ in rows}
    rivals = {
        (k, n)
        for k, n, _ in said
        if sum((k, n) == (a, b) for a, b, _ in said) > 1
    }
    return [(k, c, n, ok and (k, n) not in rivals) for k, c, n, ok in rows]


@given(ROWS, st.randoms(use_true_random=False))
def test_of_rows_that_say_the_same_one_is_loaded_if_any_is_right(
    rows: list[Any], chance: random.Random
) -> None:
    rows = without_rivals(rows)
    chance.shuffle(rows)
    ledger = Ledger()
    ledger.take_in(rows)
    for key, content, number, fate in ledger.rows:
        same = [f for k, c, _, f in ledger.rows if (k, c) == (key, content)]
        newest = max(
            (n for k, _, n, ok in rows if k == key and ok), default=None
        )
        if fate == "dropped":
            newer = any(k == key and n > number and ok for k, _, n, ok in rows)
            assert same.count("loaded") == 1 or newer
        assert same.count("loaded") <= 1
        if number == newest and fate != "quarantined":
            assert same.count("loaded") == 1
            assert ledger.now()[key] == content


@given(
    ROWS,
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
    st.permutations(range(6)),
)
def test_any_order_of_files_and_any_nights_give_the_same_rows(
    rows: list[Any], nights: list[int], order: Any
) -> None:
    rows = without_rivals(rows)
    together = Ledger()
    together.take_in(rows)
    apart = Ledger()
    for night in range(6):
        tonight = [n for n in order if nights[n] == night]
        apart.take_in([r for n in tonight for r in rows if r[2] == n])
    assert apart.now() == together.now()
