"""``make bench``: whole nights of the demo counties, against the least that taking in their workbooks costs.

Four nights through Airflow, as ``make demo`` runs them: everything new, nothing new on the same day and on the next,
and one file in a hundred changed. The floor is calamine plus COPY as text of the same workbooks in one process,
nothing checked, nothing built.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineError, CalamineWorkbook
from rich.console import Console
from rich.table import Table
from yiku.demo import write_inbox
from yiku.settings import Settings, load_settings
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import stop

DAY = date(2017, 11, 20)
CHANGED_EVERY = 100
NEXT = timedelta(days=1)
YIKU = Path(sys.executable).with_name("yiku")
console = Console(highlight=False)


def floor(settings: Settings, inbox: Path) -> tuple[float, int]:
    """Load every row of every workbook as text; return seconds and rows."""
    began, rows = time.perf_counter(), 0
    with connect(settings) as conn:
        conn.execute("create table floor_of_benchmark (cells text[])")
        for path in sorted(p for p in inbox.rglob("*") if p.is_file()):
            with conn.cursor().copy(
                "copy floor_of_benchmark from stdin"
            ) as target:
                for row in _rows(path):
                    target.write_row(
                        [[None if v == "" else str(v) for v in row]]
                    )
                    rows += 1
        conn.commit()
        seconds = time.perf_counter() - began
        conn.execute("drop table floor_of_benchmark")
    return seconds, rows


def _rows(path: Path) -> Iterator[list[Any]]:
    """Yield the rows of a workbook; those that calamine cannot open cost the floor nothing."""
    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            yield from book.get_sheet_by_name(name).to_python()
    except CalamineError:
        return


def night(home: Path, inbox: Path, day: date) -> dict[str, Any]:
    """Run one night as the command line does; return what it says to a program."""
    words = [
        str(YIKU),
        "nightly",
        "--inbox",
        str(inbox),
        "--date",
        day.isoformat(),
        "--json",
    ]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "YIKU_HOME": str(home)},
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def change_some(inbox: Path) -> int:
    """Correct a telephone number in one workbook of a hundred; return how many were changed."""
    wanted = max(
        1, sum(p.is_file() for p in inbox.rglob("*")) // CHANGED_EVERY
    )
    changed = 0
    for path in sorted(inbox.rglob("*.xlsx")):
        changed += (
            changed < wanted
            and zipfile.is_zipfile(path)
            and _change_phone(path)
        )
    return changed


def _change_phone(path: Path) -> bool:
    book = openpyxl.load_workbook(path)
    for cell in (
        c for sheet in book for row in sheet.iter_rows() for c in row
    ):
        if (
            isinstance(cell.value, str)
            and cell.value.startswith("139")
            and len(cell.value) == 11
        ):
            cell.value = cell.value[:-4] + "8642"
            book.save(path)
            return True
    return False


def main() -> None:
    """Measure, and print a table of where the time goes."""
    settings = load_settings()
    home = settings.home / "bench" / f"night-{time.time_ns()}"
    inbox = home / "inbox"
    write_inbox(inbox)
    nights = {
        "everything new": night(home, inbox, DAY),
        "nothing new, same day": night(home, inbox, DAY),
        "nothing new, next day": night(home, inbox, DAY + NEXT),
    }
    run = load_settings({"YIKU_HOME": str(home)})
    try:
        least, rows = floor(run, inbox)
        changed = change_some(inbox)
        nights[f"{changed} files changed"] = night(home, inbox, DAY + 2 * NEXT)
    finally:
        stop(run)
    _print(nights, least, rows)


def _print(nights: dict[str, dict[str, Any]], least: float, rows: int) -> None:
    table = Table(
        title=f"nights of the demo counties, seconds (floor: {least:.1f} s for {rows:,} rows of cells)"
    )
    table.add_column("step")
    for name in nights:
        table.add_column(name, justify="right")
    for step in dict.fromkeys(
        s for n in nights.values() for s in n["seconds"]
    ):
        table.add_row(
            step,
            *(f"{n['seconds'].get(step, 0):.1f}" for n in nights.values()),
        )
    table.add_row(
        "the whole night",
        *(f"{n['seconds_total']:.1f}" for n in nights.values()),
        style="bold",
    )
    table.add_row(
        "times the floor",
        *(f"{n['seconds_total'] / least:.1f}" for n in nights.values()),
    )
    console.print(table)


if __name__ == "__main__":
    main()
