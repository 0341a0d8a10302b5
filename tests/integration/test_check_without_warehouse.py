"""What a file's own content and the register among the files decide, without a warehouse."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import nights
import pytest
from yiku.batch.model import Arrival
from yiku.batch.offline import known_from_files
from yiku.batch.run import settle_files
from yiku.checking.model import FileOutcome, Finding
from yiku.contracts import load_contracts

ROOT = Path(__file__).parents[2]
TOWN = "510802100"


def settle(folder: Path, files: Mapping[str, bytes], unit: str = TOWN) -> dict[str, FileOutcome]:
    """Settle files of a town beside the county's reference lists."""
    lists = {"V02": nights.towns(), "V01": nights.villages(), "H01": nights.households(), "H02": nights.members()}
    known = {c: nights.workbook(c, rows, title=load_contracts()[c].title, filled=None) for c, rows in lists.items()}
    arrivals = []
    for name, data in {**known, **files}.items():
        path = folder / name
        path.write_bytes(data)
        sender = "county" if name in known else unit
        arrivals.append(Arrival(len(arrivals), nights.COUNTY, sender, name, str(path), datetime(2017, 11, 20, tzinfo=UTC)))
    before = known_from_files([a for a in arrivals if a.unit_code == "county"], nights.DAY, workers=1)
    mine = [a for a in arrivals if a.file_name in files]
    outcomes = settle_files(mine, before, ROOT / "expectations", 1, lambda settled: settled.outcome)
    return {a.file_name: o for a, o in zip(mine, outcomes, strict=True)}


def of_rule(outcome: FileOutcome, rule: str) -> list[Finding]:
    """Return a file's findings of one rule."""
    return [f for f in outcome.findings if f.rule == rule]


def test_a_month_is_before_or_after_a_day_only_if_all_of_it_is(tmp_path: Path) -> None:
    first, second, third, *_ = nights.PEOPLE[TOWN]
    young = replace(first, id_no=nights.id_number("20010315"))
    rows = [
        nights.work(young, start_on="2017.03"),  # may have begun on the 16th birthday
        nights.work(replace(second, id_no=nights.id_number("20010401")), start_on="2017.03"),
        nights.work(third, start_on=date(2017, 3, 15), end_on="2017年3月"),
    ]
    outcome = settle(tmp_path, {"L3.xlsx": nights.workbook("L3", rows)})["L3.xlsx"]
    assert [f.row_no for f in of_rule(outcome, "T08")] == [5]
