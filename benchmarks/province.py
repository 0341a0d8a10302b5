"""``make bench-province``: nights of a province at several sizes, and how time and memory grow with the rows.

Three nights a size, as the command line runs them: everything new, nothing new, one file in a hundred changed. Beside
the wall's time stands the processor's, of the night and of its Postgres, which says more on a machine that does other
things too. The last table says what ten times the rows would cost, step by step.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread

import openpyxl
from rich.console import Console
from rich.table import Table
from yiku.demo import write_province
from yiku.settings import load_settings
from yiku.terminal import STEPS
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import ensure_running, stop
from yiku.warehouse.server_setup import data_folder

from benchmarks.night import YIKU

DAY = date(2017, 11, 20)
SIZES = (3, 10, 30)
# 88 counties at this scale are ten million rows
FULL_SCALE = 17
FIRST, NOTHING_NEW, SOME_CHANGED = (
    "everything new",
    "nothing new",
    "1 % changed",
)
_CHANGED_EVERY = 100
_PHONE = re.compile(r"1\d{10}")
_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.5  # seconds
_MEBIBYTE = 1024.0  # kB
_ENDED = re.compile(r"^  (\S+).*?  (\d+\.\d) 秒")
_STEP_OF = {title: step for step, title in STEPS.items()}
console = Console(highlight=False)


@dataclass
class Night:
    """What one night took, by step and in all: seconds of the wall and of processors, peaks of memory in MiB."""

    wall: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )
    processor: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )
    memory: dict[str, float] = field(default_factory=dict)


@dataclass
class Size:
    """A province of one size: its rows, what writing it took, its nights, what it leaves behind in MiB."""

    counties: int
    files: int
    rows: int
    writing: float
    nights: dict[str, Night] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)


def main() -> None:
    """Measure each size, and print what was measured."""
    asked = _arguments()
    sizes = []
    for counties in asked.sizes:
        home = Path(asked.home).absolute() / str(counties)
        size = measure(home, counties, asked.scale)
        _print_size(size)
        sizes.append(size)
        if not asked.keep:
            shutil.rmtree(home)
    if len(sizes) > 1:
        _print_growth(sizes[0], sizes[-1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--scale", type=int, default=FULL_SCALE)
    parser.add_argument(
        "--home", default=load_settings().home / "bench" / "province"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the warehouses"
    )
    return parser.parse_args()


def measure(home: Path, counties: int, scale: int) -> Size:
    """Write a province and run its nights in a home of its own."""
    inbox = home / "inbox"
    began = time.perf_counter()
    manifest = write_province(inbox, counties, scale)
    writing = time.perf_counter() - began
    files, rows = len(manifest.files), manifest.rows.total()
    size = Size(counties, files, rows, writing)
    settings = load_settings({"YIKU_HOME": str(home / "y")})
    ensure_running(settings)
    try:
        size.nights[FIRST] = night(settings.home, inbox, DAY)
        size.nights[NOTHING_NEW] = night(settings.home, inbox, DAY)
        _change_some(inbox)
        next_day = DAY + timedelta(days=1)
        size.nights[SOME_CHANGED] = night(settings.home, inbox, next_day)
        size.left = _left_behind(settings.home)
    finally:
        stop(settings)
    return size


def _change_some(inbox: Path) -> None:
    """Correct a telephone number in one of a hundred workbooks of towns, all over the province."""
    towns = sorted(
        path
        for path in inbox.rglob("*.xlsx")
        if path.parent.name[:9].isdigit()
    )
    for path in towns[::_CHANGED_EVERY]:
        book = openpyxl.load_workbook(path)
        phones = (
            cell
            for row in book.worksheets[0].iter_rows()
            for cell in row
            if _PHONE.fullmatch(str(cell.value))
        )
        cell = next(phones, None)
        if cell is not None:
            cell.value = f"{cell.value[:-4]}8642"
            book.save(path)


def night(home: Path, inbox: Path, day: date) -> Night:
    """Run one night and look at its processes and the server's while it runs.

    CalledProcessError when it fails.
    """
    words = [str(YIKU), "nightly", "--inbox", str(inbox)]
    words += ["--date", day.isoformat()]
    settings = load_settings({"YIKU_HOME": str(home)})
    pid_file = data_folder(settings) / "postmaster.pid"
    server = int(pid_file.read_text().split()[0])
    result = Night()
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "YIKU_HOME": str(home)},
    ) as run:
        roots = (run.pid, server)
        done = Event()
        watcher = Thread(target=_watch, args=(roots, result, done))
        watcher.start()
        _follow(run, roots, result)
        done.set()
        watcher.join()
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, words)
    return result


def _follow(
    run: subprocess.Popen[str], roots: tuple[int, ...], result: Night
) -> None:
    """Read what the night says, and note at the end of each step what it took."""
    began = time.perf_counter()
    before = at_start = _processor_seconds(roots)
    assert run.stdout is not None
    for line in run.stdout:
        ended = _ENDED.match(line)
        step = _STEP_OF.get(ended[1].split()[0]) if ended else None
        if ended and step:
            now = _processor_seconds(roots)
            result.wall[step] += float(ended[2])
            result.processor[step] += now - before
            before = now
    result.wall["all"] = time.perf_counter() - began
    result.processor["all"] = before - at_start


def _watch(roots: tuple[int, ...], result: Night, done: Event) -> None:
    while not done.wait(_LOOK_EVERY):
        kinds = ("night", "server")
        for kind, root in zip(kinds, roots, strict=True):
            for pid in _family(root):
                name = kind if pid == root else f"{kind}, a child"
                used = _own_memory(pid)
                result.memory[name] = max(used, result.memory.get(name, 0.0))


def _family(root: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield root
    try:
        tasks = list(Path(f"/proc/{root}/task").iterdir())
        children = [(task / "children").read_text() for task in tasks]
    except OSError:  # it has ended meanwhile
        return
    for child in " ".join(children).split():
        yield from _family(int(child))


def _processor_seconds(roots: tuple[int, ...]) -> float:
    """Return what processes and their children, ended ones too, have had of processors."""
    total = 0
    for root in roots:
        for pid in _family(root):
            try:
                stat = Path(f"/proc/{pid}/stat").read_text()
            except OSError:
                continue
            # the name, in brackets, may hold blanks; user, system, and both of reaped children
            fields = stat.rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS


def _own_memory(pid: int) -> float:
    """Return the MiB that a process has for itself: without files and the server's shared buffers."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) / _MEBIBYTE if found else 0.0


def _left_behind(home: Path) -> dict[str, float]:
    """Return the MiB of what the nights leave: the warehouse, and the folders of the home."""
    left = {}
    for folder in sorted(home.iterdir()):
        if folder.is_dir():
            sizes = [
                path.lstat().st_size
                for path in folder.rglob("*")
                if path.is_file()
            ]
            left[folder.name] = sum(sizes) / 2**20
    with connect(load_settings({"YIKU_HOME": str(home)})) as conn:
        found = conn.execute(
            "select pg_database_size(current_database())"
        ).fetchone()
    left["warehouse alone"] = (found[0] if found else 0) / 2**20
    return left


def _print_size(size: Size) -> None:
    table = Table(
        title=f"{size.counties} counties: {size.files:,} files, {size.rows:,} rows "
        f"(written in {size.writing:.0f} s); seconds of the wall / of processors"
    )
    table.add_column("step")
    for name in size.nights:
        table.add_column(name, justify="right")
    for step in (*STEPS, "all"):
        figures = [
            f"{one.wall[step]:.1f} / {one.processor[step]:.1f}"
            for one in size.nights.values()
        ]
        table.add_row(step, *figures)
    kinds = dict.fromkeys(
        kind for one in size.nights.values() for kind in one.memory
    )
    for kind in kinds:
        peaks = [
            f"{one.memory.get(kind, 0.0):.0f}" for one in size.nights.values()
        ]
        table.add_row(f"memory at most, MiB: {kind}", *peaks)
    console.print(table)
    for name, mebibytes in size.left.items():
        console.print(f"  left behind, MiB: {name} {mebibytes:.1f}")


def _print_growth(small: Size, large: Size) -> None:
    """Print what ten times the rows cost by the growth between two sizes."""
    times = large.rows / small.rows
    table = Table(
        title=f"from {small.rows:,} to {large.rows:,} rows ({times:.1f} times): processor time grew, "
        "and ten times the rows would take so many times as long (asked: 11 at most)"
    )
    for column in ("night", "step", "small", "large", "times", "for ten"):
        table.add_column(column, justify="right")
    for name, one in small.nights.items():
        other = large.nights[name]
        for step in (*STEPS, "all"):
            before, after = one.processor[step], other.processor[step]
            if before < 0.5 and after < 0.5:  # a clock's tick says nothing
                continue
            grown = after / max(before, 0.1)
            of_ten = 10 ** (math.log(grown) / math.log(times))
            table.add_row(
                name,
                step,
                f"{before:.1f}",
                f"{after:.1f}",
                f"{grown:.1f}",
                f"{of_ten:.1f}",
            )
    console.print(table)


if __name__ == "__main__":
    main()
