"""The files of the counties' own departments, each read once: only its cells tell whether it is a reference list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

from yiku.batch import Known
from yiku.batch.reading_files import read_files
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.pipeline.batch_context import known_to
from yiku.pipeline.plan import BATCH_FILES, REFERENCE_ORDER
from yiku.pipeline.settling import OwnConnection
from yiku.settings import Settings
from yiku.warehouse.arrivals import received
from yiku.warehouse.connection import Connection

# A cleaned row takes about three kilobytes, so that these take less than 1 GB. A file beyond them is opened again when
# it is its turn.
KEPT_ROWS = 300_000

_Confirmed = Mapping[str, Mapping[tuple[str, str], str]]


@dataclass
class OfficeFiles:
    """What the files of county offices hold, as far as it is kept, and which lists they carry."""

    arrivals: Sequence[Arrival]
    confirmed: _Confirmed  # when they were read, by sender
    lists: dict[int, frozenset[str]] = field(default_factory=dict)
    reads: dict[int, FileRead] = field(default_factory=dict)
    kept_row_count: int = 0

    def add(self, read: FileRead) -> None:
        """Take note of a file that was read, and keep what it holds while there is room."""
        number = read.arrival.submission_id
        tables = read.reading.tables if read.reading else ()
        self.lists[number] = frozenset(table.list_code for table in tables)
        row_count = sum(
            len(cleaned.frame) for cleaned in read.cleaned.values()
        )
        if self.kept_row_count + row_count <= KEPT_ROWS:
            self.reads[number] = read
            self.kept_row_count += row_count

    def reference_phases(self) -> list[list[int]]:
        """Return the files with reference lists, those first on which the next ones lean."""
        phases: list[list[int]] = []
        for wanted in REFERENCE_ORDER:
            phase = [n for n, lists in self.lists.items() if lists & wanted]
            if phase:
                phases.append(phase)
        return phases

    def others(self) -> list[Arrival]:
        """Return the files without any reference list."""
        first = {n for phase in self.reference_phases() for n in phase}
        return [a for a in self.arrivals if a.submission_id not in first]

    def reads_with(self, confirmed: _Confirmed) -> dict[int, FileRead]:
        """Return what is kept of files that would be read in the same way with ``confirmed`` headers of senders."""
        found: dict[int, FileRead] = {}
        for number, read in self.reads.items():
            sender = read.arrival.sender
            # A phase before may have confirmed a header: then its sender's
            # later files mean other columns.
            if confirmed.get(sender, {}) == self.confirmed.get(sender, {}):
                found[number] = read
        return found


def read_office(
    settings: Settings,
    business_date: date,
    conn: Connection,
    submissions: Sequence[int],
) -> OfficeFiles:
    """Read and clean the files of county offices, a batch of them at a time."""
    if not submissions:
        return OfficeFiles([], {})
    arrivals = received(conn, settings, submissions)
    # Reading takes long, and no transaction stays open meanwhile.
    conn.commit()
    with closing(OwnConnection(settings, business_date)) as own:
        known: Known = known_to(own, business_date, list(submissions))
    office = OfficeFiles(arrivals, known.confirmed)
    for start in range(0, len(arrivals), BATCH_FILES):
        piece = arrivals[start : start + BATCH_FILES]
        for read in read_files(piece, known, settings.workers):
            office.add(read)
    return office
