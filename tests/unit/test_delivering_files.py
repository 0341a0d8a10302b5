"""Files handed over many at once: one file of a sender in a group, and one that breaks is found and held alone."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from yiku.batch import faulty_files
from yiku.batch.faulty_files import deliver_each
from yiku.checking.findings import Counts, FileOutcome, SheetOutcome
from yiku.faults import StepError
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.warehouse.settled import Settled, TableRows


def settled(number, unit, rows=1):
    """Return a settled file of a unit with so many rows."""
    at = datetime(2017, 11, 20, tzinfo=UTC)
    arrival = Arrival(number, "510802", unit, "L1.xlsx", "x", at)
    sheet = SheetOutcome("Sheet1", 0, "L1", None, "loaded", None, Counts(), ())
    outcome = FileOutcome(
        number, "loaded", None, "L1", None, Counts(), (sheet,)
    )
    table = TableRows(sheet, pd.DataFrame({"row_no": range(rows)}))
    return Settled(FileRead(arrival), outcome, [table])


class Warehouse:
    """What takes files in; it breaks on the numbers ``breaks_on``, with nothing of the group kept."""

    def __init__(self, *breaks_on):
        self.breaks_on = set(breaks_on)
        self.groups = []

    def take(self, files):
        """Take some files in."""
        numbers = [one.outcome.submission_id for one in files]
        is_held = all(not one.tables for one in files)
        if self.breaks_on.intersection(numbers) and not is_held:
            raise KeyError("a value of somebody")
        self.groups.append(numbers)
        return [
            (n, one.outcome.status)
            for n, one in zip(numbers, files, strict=True)
        ]


def test_files_of_different_senders_come_at_once_and_those_of_one_in_turn():
    warehouse = Warehouse()
    files = [
        settled(1, "a"),
        settled(2, "b"),
        settled(3, "a"),
        settled(4, "c"),
    ]
    assert len(deliver_each(files, warehouse.take)) == 4
    assert warehouse.groups == [[1, 2, 4], [3]]


def test_a_group_holds_only_so_many_rows(monkeypatch):
    monkeypatch.setattr(faulty_files, "MOST_ROWS", 10)
    warehouse = Warehouse()
    files = [settled(1, "a", 6), settled(2, "b", 6), settled(3, "c", 4)]
    # larger than any group by itself
    files.append(settled(4, "d", 50))
    deliver_each(files, warehouse.take)
    assert warehouse.groups == [[1, 3], [2], [4]]


def test_one_that_breaks_is_held_and_the_others_of_its_group_go_on():
    warehouse = Warehouse(2)
    files = [settled(1, "a"), settled(2, "b"), settled(3, "c")]
    done = deliver_each(files, warehouse.take)
    assert done == [(1, "loaded"), (3, "loaded"), (2, "held")]


def test_where_all_break_at_one_place_no_file_is_to_blame():
    warehouse = Warehouse(1, 2)
    with pytest.raises(StepError) as fault:
        deliver_each([settled(1, "a"), settled(2, "b")], warehouse.take)
    assert "somebody" not in str(fault.value)
    assert not warehouse.groups
