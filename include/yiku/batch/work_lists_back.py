"""Work lists that came back: whose they are, and which of their answers nobody wants any more."""

from __future__ import annotations

from collections.abc import Iterable

from yiku.batch.files import Known
from yiku.checking.findings import SheetHit
from yiku.contracts import load_rules
from yiku.intake.file_read import FileRead
from yiku.tables.table import WorkListAnswers

# A list that was written for somebody else; one in which nothing was filled in; answers to what was settled before,
# and answers of which nobody can tell what they are about.
FOREIGN, EMPTY, SETTLED, UNREAD = "F18", "F20", "F17", "F19"


def refused_if_foreign(read: FileRead) -> FileRead:
    """Return a file that was read; refused where it is the work list of another unit."""
    answers, sender = _answers(read), read.arrival.sender
    # A file that is checked where it lies has no sender.
    if answers is None or not sender or answers.units <= {sender}:
        return read
    return FileRead(read.arrival, refused=(FOREIGN, {}))


def settled_lines(read: FileRead, known: Known) -> frozenset[str]:
    """Return of which rows that a work list answers earlier nights wanted no answer any more."""
    answers = _answers(read)
    if answers is None or not answers.references:
        return frozenset()
    return frozenset(known.settled(answers, read.arrival.arrived_on))


def hits_of(answers: WorkListAnswers) -> list[SheetHit]:
    """Return what a clerk is told of a work list as a whole."""
    counts = {
        SETTLED: answers.settled_count,
        UNREAD: answers.unread_count,
    }
    hits = [_hit(rule, count) for rule, count in counts.items() if count]
    if not answers.answered_count and not hits:
        hits.append(_hit(EMPTY, 0))
    return hits


def _hit(rule: str, count: int) -> SheetHit:
    return SheetHit(rule, load_rules()[rule].verdict, {"n": count})


def _answers(read: FileRead) -> WorkListAnswers | None:
    return read.reading.work_list if read.reading else None


def with_answers(reads: Iterable[FileRead]) -> list[FileRead]:
    """Return those of some files that are work lists of their senders and answer for a row."""
    found: list[FileRead] = []
    for read in reads:
        answers = _answers(read)
        if answers is not None and answers.references:
            found.append(read)
    return found
