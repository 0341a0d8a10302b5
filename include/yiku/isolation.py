"""Work on strangers' files apart: in forked processes that may be ended, one file after the other.

A file may crash a library, fill the memory or keep a loop busy for hours. None of that may reach
the process that works for all files, so that each piece of work gets so much processor time,
memory and time on the clock, and a process that is spent is replaced by a fresh one. A child
made by fork has everything already, and works the same inside a Celery worker, a scheduler's
task or a command.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from yiku.faults import (
    PassingError,
    StepError,
    blames_no_file,
    describe,
)
from yiku.parent import end_with_parent

T = TypeVar("T")
R = TypeVar("R")

TIME, MEMORY = "time", "memory"
_PACKAGE = Path(__file__).parent
# A process that has grown by so much is replaced after the file that it is at.
_SPENT = 300 * 1024 * 1024
# A file whose process was killed from outside is worked on once more, so often in all: whoever frees memory on
# a full machine, or ends processes by hand, hits a file that did nothing. One that is hit each time fills it.
_TRIES = 3
# How the death of a process tells of a limit: the kernel's own signal, or an allocation that a library
# cannot survive.
_DEATHS = {
    -signal.SIGXCPU: TIME,
    -signal.SIGKILL: MEMORY,
    -signal.SIGABRT: MEMORY,
}


@dataclass(frozen=True)
class Limits:
    """What one piece of work may take.

    Seconds of processor time and on the clock, bytes beyond what was there.
    """

    cpu_seconds: int = 20
    clock_seconds: float = 120.0
    memory_bytes: int = 1 << 30


@dataclass(frozen=True)
class Ended:
    """Why a piece of work has no result.

    A limit (time or memory), or a fault of ours with its type and place.
    """

    limit: str | None = None
    fault: str | None = None


@dataclass
class _Worker(Generic[T]):
    process: BaseProcess
    jobs: Connection
    answers: Connection
    item: int = -1  # what it works on; -1 when it waits
    deadline: float = 0.0


def each_apart(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: int,
    limits: Limits | None = None,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[R | Ended]:
    """Run ``work`` on every item in at most ``workers`` processes.

    Return results in order, an ``Ended`` for an item that has none. ``watched`` is handed the
    numbers of the items and yields them as they are begun. Raises PassingError when a piece of
    work failed for a reason that can pass, or that lies with this machine.
    """
    pool = _Pool(work, items, limits or Limits(), watched(range(len(items))))
    try:
        return pool.run(max(1, min(workers, len(items))))
    finally:
        pool.close()


def one_apart(
    work: Callable[[], R], limits: Limits | None = None
) -> R | Ended:
    """Run one piece of work in a process of its own."""
    return each_apart(lambda _: work(), [None], 1, limits)[0]


class _Pool(Generic[T, R]):
    """The processes at work, each with the one item that it was handed last."""

    def __init__(
        self,
        work: Callable[[T], R],
        items: Sequence[T],
        limits: Limits,
        waiting: Iterable[int],
    ) -> None:
        self._work = work
        self._items = items
        self._limits = limits
        self._waiting = iter(waiting)
        self._results: dict[int, R | Ended] = {}
        self._workers: list[_Worker[T]] = []
        self._killed: Counter[int] = Counter()
        self._again: list[int] = []

    def run(self, workers: int) -> list[R | Ended]:
        """Hand out every item; return what came of each."""
        for _ in range(workers):
            self._hand_out(None)
        while self._workers:
            self._look()
        return [self._results[item] for item in range(len(self._items))]

    def close(self) -> None:
        """End whatever still runs."""
        for worker in self._workers:
            worker.process.kill()
            _let_go(worker)
        self._workers = []

    def _hand_out(self, worker: _Worker[T] | None) -> None:
        """Give a worker, or a new one, the next item; let it go when there is none."""
        item = self._next_item()
        if item is None:
            if worker is not None:
                self._dismiss(worker)
            return
        if worker is None:
            worker = self._start()
            self._workers.append(worker)
        worker.item = item
        worker.deadline = time.monotonic() + self._limits.clock_seconds
        # It may have just died: its end of the answers says so.
        with suppress(BrokenPipeError):
            worker.jobs.send(item)

    def _next_item(self) -> int | None:
        if self._again:
            return self._again.pop()
        return next(self._waiting, None)

    def _dismiss(self, worker: _Worker[T]) -> None:
        self._workers.remove(worker)
        with suppress(BrokenPipeError):
            worker.jobs.send(None)
        _let_go(worker)

    def _start(self) -> _Worker[T]:
        context = multiprocessing.get_context("fork")
        theirs, jobs = context.Pipe(duplex=False)
        answers, back = context.Pipe(duplex=False)
        # What the children's ends of other pipes are to this one: closed, so that each learns when
        # its parent ends.
        strange = [jobs, answers]
        for worker in self._workers:
            strange += [worker.jobs, worker.answers]
        handed = (
            self._work,
            self._items,
            self._limits,
            theirs,
            back,
            strange,
            os.getpid(),
        )
        process = context.Process(target=_serve, args=handed)
        # A task in a Celery worker is a daemonic process, which may have no children; ours are
        # waited for.
        multiprocessing.current_process().daemon = False
        process.start()
        theirs.close()
        back.close()
        return _Worker(process, jobs, answers)

    def _look(self) -> None:
        """Wait for the next answer, or for the time of one to be over."""
        first_deadline = min(worker.deadline for worker in self._workers)
        left = max(0.0, first_deadline - time.monotonic())
        ready = wait([worker.answers for worker in self._workers], left)
        # Of a copy: whoever is heard may be replaced.
        for worker in [
            worker for worker in self._workers if worker.answers in ready
        ]:
            self._hear(worker)
        now = time.monotonic()
        for worker in [
            worker for worker in self._workers if worker.deadline <= now
        ]:
            worker.process.kill()
            self._lose(worker, Ended(limit=TIME))

    def _hear(self, worker: _Worker[T]) -> None:
        item = worker.item
        try:
            answer = worker.answers.recv_bytes()
        except (EOFError, OSError):
            worker.process.join()
            self._bury(worker, worker.process.exitcode or 0)
            return
        spent, passing, result = pickle.loads(answer)  # noqa: S301 - from our own child
        self._results[item] = result
        if passing:
            raise PassingError(passing)
        if spent:
            self._dismiss(worker)
            self._hand_out(None)
        else:
            self._hand_out(worker)

    def _bury(self, worker: _Worker[T], exit_code: int) -> None:
        """Replace a process that died; what it was at is tried again when none of our limits ended it."""
        item = worker.item
        if exit_code == -signal.SIGKILL:
            self._killed[item] += 1
            if self._killed[item] < _TRIES:
                self._again.append(item)
        self._lose(worker, _death(exit_code))

    def _lose(self, worker: _Worker[T], why: Ended) -> None:
        self._results[worker.item] = why
        self._workers.remove(worker)
        _let_go(worker)
        self._hand_out(None)


def _let_go(worker: _Worker[Any]) -> None:
    worker.jobs.close()
    worker.answers.close()
    worker.process.join()


def _death(code: int) -> Ended:
    limit = _DEATHS.get(code)
    if limit is not None:
        return Ended(limit=limit)
    name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
    return Ended(fault=f"the process ended: {name}")


def _serve(
    work: Callable[[Any], Any],
    items: Sequence[Any],
    limits: Limits,
    jobs: Connection,
    answers: Connection,
    strange: Sequence[Connection],
    parent: int,
) -> None:
    """Work in the child until there is nothing more to do, or the parent has gone."""
    end_with_parent(parent)
    _fall_silent()
    for connection in strange:
        connection.close()
    before = _taken()
    with suppress(EOFError):
        while (item := jobs.recv()) is not None:
            answer = _answer(work, items[item], limits, before)
            answers.send_bytes(answer)


def _fall_silent() -> None:
    """Write nothing to the terminal or the log any more.

    A library that panics quotes what it stumbled over.
    """
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    sys.stderr = os.fdopen(2, "w", closefd=False)


def _answer(
    work: Callable[[Any], Any],
    item: Any,
    limits: Limits,
    before: int,
) -> bytes:
    """Return what a piece of work gave, as bytes.

    Whether this process is spent, a passing fault, the result.
    """
    passing = None
    try:
        with _limited(limits):
            result = work(item)
            is_spent = _taken() - before > _SPENT
            return pickle.dumps(
                (is_spent, None, result), pickle.HIGHEST_PROTOCOL
            )
    except MemoryError:
        result = Ended(limit=MEMORY)
    except (KeyboardInterrupt, SystemExit):
        raise
    # A panic of a library in Rust is no Exception.
    except BaseException as fault:
        # A full disk too: every file would be blamed for it, and its sender be told so.
        if blames_no_file(fault):
            passing = describe(fault)
        result = Ended(fault=place_of(fault))
    return pickle.dumps((True, passing, result))


@contextmanager
def _limited(limits: Limits) -> Iterator[None]:
    """Set this process's limits, counted from what it has taken so far.

    The kernel ends it beyond them.
    """
    spent_seconds = sum(os.times()[:2])
    kept = [
        (kind, resource.getrlimit(kind))
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA)
    ]
    # An image of the memory of a process that dies would hold the values of people.
    _, most_core = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most_core))
    _soften(resource.RLIMIT_CPU, int(spent_seconds) + 1 + limits.cpu_seconds)
    taken = _taken()
    if taken:
        _soften(resource.RLIMIT_DATA, taken + limits.memory_bytes)
    try:
        yield
    finally:
        for kind, old in kept:
            resource.setrlimit(kind, old)


def _soften(kind: int, amount: int) -> None:
    """Set a soft limit, no higher than the hard one, which stays."""
    _, hard = resource.getrlimit(kind)
    soft = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (soft, hard))


def _taken() -> int:
    """Return the bytes of private memory that this process holds.

    0 where the kernel does not say.
    """
    if not sys.platform.startswith("linux"):
        return 0
    # Its sixth number is that of the pages of data and stack (proc(5)).
    pages = Path("/proc/self/statm").read_bytes().split()[5]
    return int(pages) * resource.getpagesize()


def place_of(fault: BaseException) -> str:
    """Say of what type a fault is and where it arose.

    In one line that holds no value of anybody.
    """
    if isinstance(fault, StepError):
        return _first_line(str(fault))
    where = ""
    # The last of our own lines: the libraries below it are not where the fault is mended.
    for frame in traceback.extract_tb(fault.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            module = path.relative_to(_PACKAGE)
            where = f" {module}:{frame.lineno} {frame.name}"
    return _first_line(describe(fault.with_traceback(None))) + where


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
