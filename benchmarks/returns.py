"""``make bench``: what goes back to 264 towns, against the least that writing their workbooks costs.

Two floors of the same run. Marks on 2 % of the rows of a file, and `yiku check` of the folder that
holds them all: openpyxl's mere loading and saving of them. The step that answers a night: the intake
of the same night. Each counts processor time of all our processes; what the database server does is
counted for none.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
from rich.console import Console
from rich.table import Table
from yiku import pipeline
from yiku.batch.read import warm_up
from yiku.calendar import answer_by
from yiku.isolation import Ended, each_apart
from yiku.returns import Mark, PlacedTable, ReceiptFacts, build_return
from yiku.settings import Settings, load_settings
from yiku.warehouse.embedded import stop

from benchmarks.intake import intake, prepare, write_files
from benchmarks.workbooks import DAY, DIRTY_EVERY, L1_HEADERS, MEASURED, ROWS

# Rows below the title and the headers.
FIRST_ROW = 3
ID_COLUMN = L1_HEADERS.index("身份证号") + 1
RETURN_AIM = 0.3
ANSWER_AIM = 0.5
console = Console(highlight=False)


@dataclass(frozen=True)
class Cost:
    """What some work took: seconds of processor time of all processes, seconds on the clock."""

    processor: float
    clock: float


def processor_seconds() -> float:
    """Return the processor time of this process and of all that it has ended."""
    total = 0.0
    for kind in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(kind)
        total += usage.ru_utime + usage.ru_stime
    return total


def cost_of(work: Callable[[], object]) -> Cost:
    """Do some work; return what it took."""
    processor, clock = processor_seconds(), time.perf_counter()
    work()
    return Cost(processor_seconds() - processor, time.perf_counter() - clock)


def each(
    work: Callable[[Path], int], files: Sequence[Path], workers: int
) -> None:
    """Do some work on every file, on all cores. RuntimeError when it fails for one."""
    done = each_apart(work, files, workers)
    if any(isinstance(size, Ended) for size in done):
        raise RuntimeError("a workbook was not written")


def load_and_save(path: Path) -> int:
    """Write a workbook again with openpyxl; return its size in bytes."""
    book = openpyxl.load_workbook(path)
    out = io.BytesIO()
    book.save(out)
    return len(out.getvalue())


def mark_rows(path: Path) -> int:
    """Write the return workbook of a file with marks on one row in fifty; return its size in bytes."""
    rows = range(FIRST_ROW, FIRST_ROW + ROWS)
    marks = [_mark(row_no) for row_no in rows[::DIRTY_EVERY]]
    references = {row_no: f"{row_no:032x}" for row_no in rows}
    table = PlacedTable("Sheet1", FIRST_ROW - 1, references)
    facts = ReceiptFacts(
        receipt_no="R20171120-510832100-0001",
        file_name=path.name,
        list_title="贫困劳动力基础信息",
        status="partly_loaded",
        business_date=DAY,
        deadline=answer_by(DAY),
        rows_read=ROWS,
        rows_loaded=ROWS - len(marks),
        rows_quarantined=len(marks),
    )
    workbook = build_return(
        path.read_bytes(), path.name, "xlsx", facts, marks, [table]
    )
    return len(workbook)


def _mark(row_no: int) -> Mark:
    sentence = f"第{row_no}行【身份证号】校验位不对，请对照身份证核对。"
    return Mark("Sheet1", row_no, "id_no", ID_COLUMN, "I08", "Q", sentence)


def largest_process() -> float:
    """Return the most memory that one of our processes ever had, in MB."""
    unit = 1024 if sys.platform.startswith("linux") else 1024 * 1024
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_maxrss / unit


def workbooks(
    settings: Settings, inbox: Path
) -> tuple[Cost, Cost, list[float]]:
    """Mark all files, and load and save them; return the costs, and the memory after a tenth of the files and all."""
    files = files_of(inbox)
    warm_up()
    each(mark_rows, files[: len(files) // 10], settings.workers)
    memory = [largest_process()]
    ours = cost_of(lambda: each(mark_rows, files, settings.workers))
    memory.append(largest_process())
    floor = cost_of(lambda: each(load_and_save, files, settings.workers))
    return ours, floor, memory


def files_of(inbox: Path) -> list[Path]:
    """Return the workbooks that are measured."""
    files: list[Path] = []
    for county in MEASURED:
        files += sorted(inbox.glob(f"{county}/*/L1.xlsx"))
    return files


def check(inbox: Path) -> Cost:
    """Check the folder's workbooks as an officer does before sending, with return workbooks; return what it took."""
    files = files_of(inbox)
    with tempfile.TemporaryDirectory(prefix="yiku-bench-") as out:
        cost = cost_of(lambda: pipeline.check_files(files, Path(out)))
        written_count = len(list(Path(out).glob("*.xlsx")))
    if not written_count:
        raise RuntimeError("no return workbook was written")
    return cost


def night(settings: Settings, inbox: Path) -> tuple[Cost, Cost, int]:
    """Take in the files of a night and answer them; return the costs of both, and how many workbooks were written."""
    batches = prepare(settings, inbox)
    intake(settings, batches[:1])
    # The reference lists and the files to warm up with are answered before.
    pipeline.send_back(settings, business_date=DAY)
    taken = cost_of(lambda: intake(settings, batches[1:-1]))
    told: list[int] = []

    def answer() -> None:
        facts = pipeline.send_back(settings, business_date=DAY)
        told.append(facts["workbooks"])

    answered = cost_of(answer)
    return taken, answered, told[0]


def main() -> None:
    """Measure, and print a table."""
    settings = load_settings()
    bench = settings.home / "bench"
    inbox = bench / "inbox"
    run = replace(
        settings,
        home=bench / f"returns-{time.time_ns()}",
        warehouse_dsn=None,
        archive=str(bench / "archive"),
    )
    write_files(inbox)
    # First: a process counts as its own what its parent held when it began.
    ours, floor, memory = workbooks(run, inbox)
    checked = check(inbox)
    try:
        taken, answered, written = night(run, inbox)
    finally:
        stop(run)
    table = Table(title="264 workbooks of 380 rows, 2 % of them wrong")
    for header in ("work", "processor s", "clock s", "times the floor", "aim"):
        table.add_column(
            header, justify="left" if header == "work" else "right"
        )
    _add(table, "floor: openpyxl loads and saves", floor, floor, None)
    _add(table, "yiku: marks, columns, report", ours, floor, RETURN_AIM)
    _add(table, "yiku check: the folder, with returns", checked, floor, None)
    _add(table, "floor: intake of the night", taken, taken, None)
    name = f"yiku: send_back, {written} workbooks"
    _add(table, name, answered, taken, ANSWER_AIM)
    console.print(table)
    console.print(
        f"largest process: {memory[0]:,.0f} MB after a tenth of the files, {memory[1]:,.0f} MB after all"
    )


def _add(
    table: Table, name: str, cost: Cost, floor: Cost, aim: float | None
) -> None:
    table.add_row(
        name,
        f"{cost.processor:.1f}",
        f"{cost.clock:.1f}",
        f"{cost.processor / floor.processor:.2f}",
        "" if aim is None else f"{aim:.1f}",
    )


if __name__ == "__main__":
    main()
