"""A disk that is full in the middle of a file: the step fails, no half file lies under its name, and nothing is lost.

No disk is filled: the kernel lets a process of the test write no file beyond so many bytes (RLIMIT_FSIZE), which a
write meets in the same place and with the same halves. The database is another process, and is not held back.
"""

import os
import resource
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from nights import DAY, PEOPLE, TOWNS, Nights, labourer, workbook
from yiku import pipeline
from yiku.faults import StepError, guarded

TOWN, OTHER = list(TOWNS)
# A workbook of this county takes some six thousand.
_FULL_AFTER = 3000
_FAILED = 3


def on_full_disk(work: Callable[[], object]) -> bool:
    """Run work in a process whose files may not grow beyond some bytes; return whether it failed as a step does."""
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (_FULL_AFTER, most))
        try:
            with guarded():
                work()
        except StepError:
            os._exit(_FAILED)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, _FAILED), code
    return code == _FAILED


def broken_books(folder: Path) -> list[str]:
    """Return the names of workbooks below a folder that are not whole."""
    books = folder.rglob("*.xlsx")
    return [book.name for book in books if not zipfile.is_zipfile(book)]


@pytest.fixture
def filled(nights: Nights) -> Nights:
    """Two towns' lists, one of them with a row that goes back."""
    rows = [labourer(person) for person in PEOPLE[TOWN]]
    rows[2] |= {"emp_intent": None}
    nights.put(TOWN, "L1.xlsx", workbook("L1", rows))
    others = [labourer(person) for person in PEOPLE[OTHER]]
    nights.put(OTHER, "L1.xlsx", workbook("L1", others))
    return nights


def test_a_disk_that_fills_while_files_are_kept_and_answered(filled: Nights):
    settings = filled.settings
    place = str(filled.inbox)
    filled.end()
    night = pipeline.open_night(settings, DAY, place)["night"]
    assert on_full_disk(lambda: pipeline.pull(settings, DAY, place, night))
    # With room again all comes as if nothing had been.
    filled.take_in()
    states = filled.rows(
        "select status, rows_loaded from ops.submission where file_name = 'L1.xlsx' order by 2"
    )
    assert states == [("partly_loaded", 9), ("loaded", 10)]

    assert on_full_disk(lambda: pipeline.send_back(settings, DAY))
    outbox = settings.outbox / DAY.isoformat()
    assert broken_books(settings.outbox) == []
    filled.answer()
    assert broken_books(settings.outbox) == []
    assert (outbox / "510802" / TOWN / "L1.xlsx.校验.xlsx").is_file()
    waiting = "select count(*) from ops.submission where answered_at is null"
    assert filled.rows(waiting) == [(0,)]
