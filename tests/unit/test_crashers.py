"""Files that a fuzzer found to break a reader, each kept: each ends in a verdict, far from any limit.

``make fuzz`` looks for more; what it finds is laid into ``data/crashers`` under a name that says what was wrong.
"""

from __future__ import annotations

import faulthandler
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from yiku.batch.read import read_arrival
from yiku.formats.cells import RefusedError
from yiku.formats.container import unpack
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.isolation import Ended, one_apart

FOLDER = Path(__file__).parent / "data" / "crashers"
CRASHERS = sorted(path.name for path in FOLDER.iterdir())
DAY = date(2017, 11, 20)


def _read(arrival: Arrival) -> FileRead:
    # pytest's own would tell at length how a process dies that is meant to
    faulthandler.disable()
    with suppress(RefusedError):
        unpack(Path(arrival.source).read_bytes(), arrival.file_name)
    return read_arrival(arrival, DAY, {})


@pytest.mark.parametrize("name", CRASHERS)
def test_what_broke_a_reader_once_ends_in_a_verdict(name: str):
    received = datetime(2017, 11, 20, tzinfo=UTC)
    place = str(FOLDER / name)
    arrival = Arrival(1, "510802", "510802100", name, place, received)
    found = one_apart(partial(_read, arrival))
    assert not isinstance(found, Ended), found
    assert found.fault is None
    assert found.refused is not None or found.reading is not None
