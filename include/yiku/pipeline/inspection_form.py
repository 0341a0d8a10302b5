"""The form of an inspection: the county's list of problems with the drawn sample and all open problems filled in.

Filled in and sent back it is read as that list (E14) is: no way of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yiku import private
from yiku.contracts import load_contracts
from yiku.gazetteer.places import division_name
from yiku.returns.template import build_template
from yiku.warehouse.connection import Connection
from yiku.warehouse.inspection_samples import (
    SampleLine,
    Visited,
    open_findings,
    sample_of,
    visits_of,
)
from yiku.whole_files import write_whole

LIST = "E14"
# Inspectors write these on paper, in the village; how many characters wide each is.
_BY_HAND = {"problem": 36, "owner": 10, "done": 20, "remark": 12}
_FOUND, _NOT_VISITED = "发现问题", "未走访"


def round_name(quarter: str) -> str:
    """Return what the inspection of a quarter ``YYYY-Qn`` is called in its list."""
    year, number = quarter.split("-Q")
    return f"{year}年第{number}季度督查"


def write_inspection_form(
    conn: Connection, county_code: str, quarter: str, folder: Path
) -> Path | None:
    """Write the form of a quarter's inspection into a folder; None where no sample was drawn for it."""
    sample = sample_of(conn, county_code, quarter)
    if not sample:
        return None
    visits = visits_of(conn, county_code, quarter)
    rows = [
        *_open_rows(conn, county_code),
        *_sample_rows(quarter, sample, visits),
    ]
    county = division_name(county_code)
    contract = load_contracts()[LIST]
    data = build_template(contract, rows, county, _BY_HAND)
    private.make_folder(folder)
    path = folder / f"{contract.title}-{county}-{quarter}.xlsx"
    write_whole(path, data)
    return path


def _open_rows(conn: Connection, county_code: str) -> Iterator[dict[str, Any]]:
    # What is to be closed stands on the same sheet, so that nobody has to write it again for that.
    for finding in open_findings(conn, county_code):
        yield finding._asdict() | {"result": _FOUND}


def _sample_rows(
    quarter: str, sample: list[SampleLine], visits: dict[str, Visited]
) -> Iterator[dict[str, Any]]:
    for line in sample:
        visited = visits.get(line.sample_no)
        if visited and visited.finding_count:
            # Its problems are told by themselves, as long as they are open.
            continue
        # A line that nobody touches says that nobody went, and goes back to nobody.
        result = visited.result if visited else _NOT_VISITED
        yield {
            "round": round_name(quarter),
            "sample_no": line.sample_no,
            "found_on": visited.visited_on if visited else None,
            "unit": f"{line.town_name}{line.village_name}",
            "subject": _subject(line),
            "drawn_for": line.why,
            "result": result,
        }


def _subject(line: SampleLine) -> str:
    """Return whom to ask for: group and masked names are enough for who goes there with somebody of the village."""
    if line.line_kind == "village":
        return "村委会（名单、台账）"
    group = f"{line.group_no}组 " if line.group_no else ""
    head = f"户主{line.head_shown}" if line.head_shown else ""
    person = line.person_shown or ""
    is_same = person == (line.head_shown or "")
    names = [name for name in (head, "" if is_same else person) if name]
    return group + "、".join(names)
