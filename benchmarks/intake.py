"""``make bench``: the intake of 100,000 dirty rows against the least that any intake has to do.

The floor is calamine plus COPY as text in one process: no cleaning, no linking, no checks. Both run here, one after
the other, on the same files and the same server. Imports and the start of processes are counted for neither.
"""

from __future__ import annotations

import importlib
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from rich.console import Console
from rich.table import Table
from yiku import pipeline
from yiku.settings import Settings, load_settings
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import stop

from benchmarks.workbooks import DAY, MEASURED, write_inbox

# Where the time goes: what is timed, as those who call it know it. The time of a stage inside another counts once.
STAGES = {
    "read and clean": ("yiku.batch.processing", "read_files"),
    "ask what is known": ("yiku.pipeline.settling", "known_to"),
    "link and compare": ("yiku.batch.processing", "stack"),
    "facts of sheets": ("yiku.batch.processing", "sheet_facts"),
    "check": ("yiku.checking.validation", "Checker.judge"),
    "settle": ("yiku.batch.processing", "settle_part"),
    "load": ("yiku.pipeline.settling", "hand_over"),
}
console = Console(highlight=False)


def floor(settings: Settings, inbox: Path) -> tuple[float, int]:
    """Load every L1 as text with nothing else done; return seconds and rows."""
    files = [
        p
        for county in MEASURED
        for p in sorted(inbox.glob(f"{county}/*/L1.xlsx"))
    ]
    began, rows = time.perf_counter(), 0
    with connect(settings) as conn:
        conn.execute(
            "create table floor_of_benchmark ("
            + ", ".join(f"c{i} text" for i in range(25))
            + ")"
        )
        copy = "copy floor_of_benchmark from stdin"
        for path in files:
            cells = (
                CalamineWorkbook.from_path(path)
                .get_sheet_by_index(0)
                .to_python()[2:]
            )
            with conn.cursor().copy(copy) as target:
                for row in cells:
                    target.write_row(
                        [None if v == "" else str(v) for v in row]
                    )
            rows += len(cells)
        conn.commit()
        seconds = time.perf_counter() - began
        conn.execute("drop table floor_of_benchmark")
    return seconds, rows


def intake(
    settings: Settings, batches: list[dict[str, Any]]
) -> tuple[float, Counter[str]]:
    """Take in all batches; return the seconds and what became of files and rows."""
    counted: Counter[str] = Counter()
    began = time.perf_counter()
    for batch in batches:
        facts = pipeline.process_batch(
            settings, business_date=DAY, batch=batch
        )
        counted.update({k: v for k, v in facts.items() if isinstance(v, int)})
    return time.perf_counter() - began, counted


class Stopwatch:
    """Counts seconds by stage; while a stage runs inside another, only the inner one is counted."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = ["the rest"]
        self._since = time.perf_counter()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def timed(
        self, stage: str, function: Callable[..., Any]
    ) -> Callable[..., Any]:
        """Return ``function`` with its time counted to ``stage``."""

        def run(*arguments: Any, **named: Any) -> Any:
            self._turn()
            self._running.append(stage)
            try:
                return function(*arguments, **named)
            finally:
                self._turn()
                self._running.pop()

        return run

    def stop(self) -> dict[str, float]:
        """Return the seconds of every stage."""
        self._turn()
        return dict(self.seconds)


def _home(module: str, name: str) -> tuple[Any, str]:
    found: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        found = getattr(found, part)
    return found, last


def stages(settings: Settings, batch: dict[str, Any]) -> dict[str, float]:
    """Take one batch in, in a single process, and return the seconds of each stage."""
    watch, undo = Stopwatch(), []
    for stage, (module, name) in STAGES.items():
        home, last = _home(module, name)
        undo.append((home, last, getattr(home, last)))
        setattr(home, last, watch.timed(stage, getattr(home, last)))
    try:
        pipeline.process_batch(
            replace(settings, workers=1), business_date=DAY, batch=batch
        )
        return watch.stop()
    finally:
        for home, last, function in undo:
            setattr(home, last, function)


def _peak() -> float:
    unit = 1024 if sys.platform.startswith("linux") else 1024 * 1024
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(k).ru_maxrss for k in kinds) / unit


def write_files(inbox: Path) -> None:
    """Write the workbooks, if that was not done before."""
    if not (inbox / ".ready").exists():
        console.print("Writing 264 workbooks …")
        write_inbox(inbox)
        (inbox / ".ready").touch()


def prepare(settings: Settings, inbox: Path) -> list[dict[str, Any]]:
    """Write the workbooks once, load the reference lists, and return the batches that wait to be taken in."""
    write_files(inbox)
    console.print("Loading the reference lists …")
    pipeline.open_night(settings, inbox=str(inbox), business_date=DAY)
    pulled = pipeline.pull(settings, inbox=str(inbox), business_date=DAY)
    pipeline.load_references(
        settings, business_date=DAY, submissions=pulled["reference"]
    )
    return list(pulled["batches"])


def main() -> None:
    """Measure, and print two tables."""
    settings = load_settings()
    bench = settings.home / "bench"
    inbox = bench / "inbox"
    run = replace(
        settings,
        home=bench / f"run-{time.time_ns()}",
        warehouse_dsn=None,
        archive=str(bench / "archive"),
    )
    try:
        batches = prepare(run, inbox)
        intake(run, batches[:1])
        least, rows = floor(run, inbox)
        taken, counted = intake(run, batches[1:-1])
        spent = stages(run, batches[-1])
        _print(least, rows, taken, counted, spent)
    finally:
        stop(run)


def _print(
    least: float,
    rows: int,
    taken: float,
    counted: Counter[str],
    spent: dict[str, float],
) -> None:
    table = Table(
        title=f"{rows:,} rows of L1 in 264 workbooks, 2 % of them dirty"
    )
    for header in ("way in", "seconds", "rows a second", "times the floor"):
        table.add_column(
            header, justify="left" if header == "way in" else "right"
        )
    for name, seconds in (
        ("floor: calamine, COPY as text", least),
        ("yiku: read, clean, link, check, load", taken),
    ):
        table.add_row(
            name,
            f"{seconds:.1f}",
            f"{rows / seconds:,.0f}",
            f"{seconds / least:.1f}",
        )
    console.print(table)
    console.print(", ".join(f"{k} {v:,}" for k, v in sorted(counted.items())))
    console.print(f"largest process: {_peak():,.0f} MB\n")
    where = Table(title="where the time goes (one batch, one process)")
    where.add_column("stage")
    where.add_column("seconds", justify="right")
    where.add_column("share", justify="right")
    for stage, seconds in spent.items():
        where.add_row(
            stage, f"{seconds:.2f}", f"{seconds / sum(spent.values()):.0%}"
        )
    console.print(where)


if __name__ == "__main__":
    main()
