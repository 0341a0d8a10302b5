"""Check workbooks without a database: what `yiku check` does. Each file is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from yiku import calendar
from yiku.batch import Known
from yiku.batch.offline import known_from_files
from yiku.batch.processing import settle_reads
from yiku.batch.reading_files import clean_files, read_tables_of
from yiku.checking.suites import rules_needing_register
from yiku.contracts import load_contracts
from yiku.formats.cells import RefusedError
from yiku.formats.container import unpack
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.intake.path_names import Sender, is_litter, sender_of
from yiku.pipeline.check_result import CheckResult
from yiku.pipeline.check_returns import CheckReturns
from yiku.settings import Settings, load_settings
from yiku.tables.table import SheetMetadata
from yiku.warehouse.settled import Settled

Watch = Callable[[range, str], Iterable[int]]


def check_files(
    paths: Sequence[Path],
    out: Path | None = None,
    watched: Watch = lambda items, _: items,
) -> CheckResult:
    """Read and check workbooks, also those below a folder.

    With ``out``, write a return workbook for what has findings.

    What the reference lists among the files say is used. The business date is the latest that the
    files speak of. ``watched`` is handed the numbers of the files and what is done with them, and
    yields them as it is begun.
    """
    settings = load_settings()
    reads = read_tables_of(
        _arrivals_of(paths, out),
        settings.workers,
        lambda files: watched(files, "读表"),
    )
    # only now is it known how old everybody is
    day = _business_date(reads)
    for read in reads:
        read.arrival = replace(read.arrival, business_date=day)
    cleaned = clean_files(
        reads, day, settings.workers, lambda files: watched(files, "核对")
    )
    known = known_from_files(cleaned, day)
    settled = _settled(cleaned, known, settings)
    result = CheckResult(with_cells(settled, reads))
    if not _has_register(known):
        result.not_checked = _rules_not_checked(settings)
    if out is not None:
        result.written = CheckReturns(out, day).write_all(
            result.files,
            settings.workers,
            lambda files: watched(files, "写退件"),
        )
    return result


def _settled(
    reads: Sequence[FileRead], known: Known, settings: Settings
) -> list[Settled]:
    """Return the files with their outcomes, in the order in which they were given."""
    # Nothing is loaded: what a warehouse would be told is the result.
    settled = settle_reads(
        reads, known, settings.expectations, settings.workers, _without_rows
    )
    return sorted(settled, key=lambda one: one.arrival.submission_id)


def _without_rows(files: Sequence[Settled]) -> list[Settled]:
    """Leave the rows behind with the process that judged them: nobody here asks for them."""
    return [
        Settled(replace(settled.file, cleaned={}), settled.outcome)
        for settled in files
    ]


def with_cells(
    settled: Sequence[Settled], reads: Sequence[FileRead]
) -> list[Settled]:
    """Give files that were settled their cells again, which were let go when these had been cleaned."""
    by_number = {read.arrival.submission_id: read for read in reads}
    found: list[Settled] = []
    for one in settled:
        # What something of ours broke on stays without: it would break again.
        if one.file.reading is not None:
            read = by_number[one.arrival.submission_id]
            found.append(replace(one, file=read))
        else:
            found.append(one)
    return found


def _has_register(known: Known) -> bool:
    return bool(known.snapshot([], []).counties)


def _rules_not_checked(settings: Settings) -> list[str]:
    """Return the rules that nobody can judge by without a register."""
    needing = rules_needing_register(settings.expectations, load_contracts())
    return sorted({rule for rules in needing.values() for rule in rules})


def _arrivals_of(
    paths: Sequence[Path], out: Path | None = None
) -> list[Arrival]:
    """Return the files below some paths, those of bundles too, numbered in their order.

    What lies below ``out`` is what an earlier check wrote there.
    """
    found: list[Arrival] = []
    for path in paths:
        for file in _files(path):
            if out is None or out.resolve() not in file.resolve().parents:
                found += _arrivals(file)
    return [
        replace(arrival, submission_id=number)
        for number, arrival in enumerate(found)
    ]


def _files(path: Path) -> list[Path]:
    """Return a file, or the clerks' files below a folder."""
    if not path.is_dir():
        return [path]
    below = [file for file in path.rglob("*") if file.is_file()]
    return sorted(
        file
        for file in below
        if not is_litter(file.relative_to(path).as_posix())
    )


def _arrivals(path: Path) -> list[Arrival]:
    """Return a file, or the files of a bundle, as they would arrive; not numbered yet."""
    sender = _sender(path.resolve())
    # A file on a desk lies in no town's folder. The county may send every
    # list, so that nothing is held against where it lies.
    whole = Arrival(
        submission_id=0,
        county_code=sender.county_code or "",
        unit_code=sender.unit_code or "county",
        file_name=path.name,
        source=str(path),
        received_at=datetime.now(UTC),
    )
    try:
        inner_files = unpack(path.read_bytes(), path.name)
    except RefusedError:
        # reading it says why
        return [whole]
    inner_names = [name for name, _ in inner_files]
    if inner_names == [path.name]:
        return [whole]
    return [
        replace(
            whole,
            file_name=f"{path.name}/{name}",
            source=f"zip://{name}::{path}",
            inner=name,
        )
        for name in inner_names
    ]


def _sender(path: Path) -> Sender:
    """Tell from the folders above a file who sent it, wherever the inbox begins."""
    parts = path.parts
    # Nobody says where the inbox begins: from the top on, the first folders
    # that read as a county and a unit are taken.
    for start in range(len(parts) - 2):
        sender = sender_of("/".join(parts[start:]))
        if sender.unit_code:
            return sender
    return Sender(None, None)


def _business_date(reads: Sequence[FileRead]) -> date:
    """Return the latest day that files speak of, never one that is still to come.

    Today when they name none.
    """
    today = calendar.business_date(datetime.now(UTC))
    named: list[date] = []
    for read in reads:
        for table in read.reading.tables if read.reading else ():
            day = _day_of(table.metadata)
            if day:
                named.append(day)
    # One wrong digit in a date must not make everybody ten years older.
    return min(max(named, default=today), today)


def _day_of(metadata: SheetMetadata) -> date | None:
    if metadata.fill_date:
        return metadata.fill_date
    return calendar.period_end(metadata.period) if metadata.period else None
