"""Rows that a clerk takes out are dropped, whatever was said of them; a table that was stopped keeps all of its own."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from yiku.batch.period import as_of_day, is_old, month_of
from yiku.batch.withdrawn import without_withdrawn
from yiku.checking.findings import (
    Counts,
    FileOutcome,
    Finding,
    RowFate,
    SheetOutcome,
)

DAY = date(2017, 11, 20)
FATES = st.sampled_from(
    [
        RowFate("loaded"),
        RowFate("quarantined", "R01"),
        RowFate("dropped", "F09"),
    ]
)


def outcome(fates, status="partly_loaded"):
    counts = Counts.of(fates)
    findings = [
        Finding(1, "名单", i + 4, "name", "R01", "Q", position=i)
        for i, f in enumerate(fates)
        if f.fate == "quarantined"
    ]
    sheet = SheetOutcome(
        "名单", 0, "L1", "2017-11", status, None, counts, fates
    )
    return FileOutcome(
        1, status, None, "L1", "2017-11", counts, (sheet,), tuple(findings)
    )


@given(st.lists(FATES, min_size=1, max_size=6), st.sets(st.integers(0, 5)))
def test_the_law_holds_with_rows_taken_out(fates, marked):
    marked = frozenset(m for m in marked if m < len(fates))
    found = without_withdrawn(outcome(fates), [marked])
    counts = found.counts
    assert (
        counts.read
        == len(fates)
        == counts.loaded + counts.quarantined + counts.dropped
    )
    assert len(found.findings) == counts.quarantined
    assert all(found.sheets[0].fates[i].fate == "dropped" for i in marked)


def test_a_held_table_is_not_taken_at_its_word():
    held = outcome([RowFate("quarantined", "F11")], "held")
    assert without_withdrawn(held, [frozenset({0})]) == held


def test_periods_end_with_their_last_day_and_never_after_tonight():
    assert month_of("2017-Q3", None, DAY) == "2017-09"
    assert as_of_day("2017", None, DAY) == DAY
    assert as_of_day("2017-10", None, DAY) == date(2017, 10, 31)
    assert is_old("2017-08", "monthly", DAY)
    assert not is_old("2017-09", "monthly", DAY)
