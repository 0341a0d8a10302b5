"""Read and clean one file: the part of a batch that runs in worker processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import fsspec

from yiku.batch.work_lists_back import refused_if_foreign
from yiku.cleaning import clean_table
from yiku.cleaning.cleaned import Cleaned, CleaningContext
from yiku.cleaning.text import storable
from yiku.contracts import load_codes, load_contracts
from yiku.formats.cells import RefusedError
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.tables import Hints, read_file
from yiku.tables.table import Reading, Table
from yiku.tables.whereabouts import QUOTED_KIND

# Here a number is what a program printed: 2017.10 went out as 2017.1, and no
# cell type is left that would tell.
_UNTYPED = frozenset({"csv", "tsv", "html"})


def read_arrival(
    arrival: Arrival,
    business_date: date,
    confirmed: Mapping[tuple[str, str], str],
    settled: frozenset[str] = frozenset(),
) -> FileRead:
    """Read one file and clean its tables; a file that cannot be read comes back refused, with its rule.

    ``settled`` are rows of which a work list brings answers that nobody wants any more.
    """
    read = read_tables(arrival, confirmed, settled)
    return clean_read(read, business_date)


def read_tables(
    arrival: Arrival,
    confirmed: Mapping[tuple[str, str], str],
    settled: frozenset[str] = frozenset(),
) -> FileRead:
    """Read one file and leave its cells as they are; one that cannot be read comes back refused, with its rule."""
    try:
        reading = _read(arrival, confirmed, settled)
    except RefusedError as refusal:
        return FileRead(arrival, refused=(refusal.rule, refusal.facts))
    return refused_if_foreign(FileRead(arrival, reading=reading))


def clean_read(read: FileRead, business_date: date) -> FileRead:
    """Clean the tables of a file that was read; what was refused stays so."""
    if read.reading is None:
        return read
    return clean_reading(read.arrival, read.reading, business_date)


def clean_reading(
    arrival: Arrival, reading: Reading, business_date: date
) -> FileRead:
    """Clean the tables of a file that was read."""
    cleaned = {}
    for i, table in enumerate(reading.tables):
        if table.list_code:
            cleaned[i] = clean_table(
                table,
                load_contracts()[table.list_code],
                load_codes(),
                _context(reading, table, business_date),
            )
            cleaned[i].retold = _retold(table, cleaned[i])
            cleaned[i].verbatim = _verbatim(table, cleaned[i])
            table.cells = {}  # the frame holds them now
    return FileRead(arrival, reading=reading, cleaned=cleaned)


def _retold(table: Table, cleaned: Cleaned) -> frozenset[str]:
    """Return the columns of which some cell is kept in other words than the reader gave: numbers and days mostly."""
    return frozenset(
        name
        for (position, name), kept in cleaned.original.items()
        if str(table.cells[name][position]) != kept
    )


def _verbatim(table: Table, cleaned: Cleaned) -> frozenset[str]:
    """Return the columns of villages whose values are the cells, but for those of which the text is kept.

    Of a village that nobody knows the answer quotes a cell in which there was
    nothing to repair.
    """
    found = set()
    for column in load_contracts()[table.list_code].columns:
        cells = table.cells.get(column.name)
        if column.kind != QUOTED_KIND or cells is None:
            continue
        values = cleaned.frame[column.name].tolist()
        same = [
            value is cell or str(cell) == value
            for value, cell in zip(values, cells, strict=True)
        ]
        unlike = [place for place, is_same in enumerate(same) if not is_same]
        distinct = {str(value) for value in values}
        is_storable = all(storable(text) == text for text in distinct)
        is_kept = all(
            (place, column.name) in cleaned.original for place in unlike
        )
        if is_storable and is_kept:
            found.add(column.name)
    return frozenset(found)


@cache
def warm_up() -> None:
    """Read a small table of our own: what is learned from it, processes that are forked later begin with."""
    columns = load_contracts()["L1"].columns[:12]
    text = "\n".join(
        ",".join(line)
        for line in ([c.header for c in columns], ["" for _ in columns])
    )
    reading = read_file(text.encode(), "L1.csv", Hints())
    for table in reading.tables:
        if table.list_code:
            clean_table(
                table,
                load_contracts()[table.list_code],
                load_codes(),
                _context(reading, table, date.min),
            )


def bytes_of(arrival: Arrival) -> bytes:
    """Return the bytes of a file as they came."""
    with fsspec.open(arrival.source, "rb") as stream:
        data: bytes = stream.read()
    return data


def _read(
    arrival: Arrival,
    confirmed: Mapping[tuple[str, str], str],
    settled: frozenset[str] = frozenset(),
) -> Reading:
    name = arrival.inner or arrival.file_name
    hints = Hints(confirmed=confirmed, settled=settled)
    return read_file(bytes_of(arrival), name, hints)


def _context(
    reading: Reading, table: Table, business_date: date
) -> CleaningContext:
    return CleaningContext(
        business_date=business_date,
        file_period=table.metadata.period,
        epoch_1904=reading.epoch_1904,
        untyped=reading.book_format in _UNTYPED,
    )
