"""Work on a stranger's file is ended at its limits, and what breaks there stays with that file."""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import multiprocessing
import os
import re
import signal
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest
from yiku.faults import PassingError
from yiku.isolation import Ended, Limits, each_apart, one_apart

SECRET = "51080219550505998X"
TIGHT = Limits(cpu_seconds=1, clock_seconds=5, memory_bytes=1 << 28)


def busy() -> None:
    while True:
        pass


def deep(n: int = 0) -> int:
    return deep(n + 1)


def broken() -> None:
    raise ValueError(SECRET)


class PanicError(BaseException):
    """What a library in Rust raises when it gives up: no Exception."""


def panicking() -> None:
    os.write(2, f"panicked at {SECRET}".encode())
    raise PanicError(SECRET)


def crashing() -> None:
    faulthandler.disable()
    ctypes.string_at(0)


WORK = {
    "busy": busy,
    "busy in C": lambda: re.match("(a+)+$", "a" * 40 + "b"),
    "asleep": lambda: time.sleep(60),
    "large": lambda: len(bytearray(1 << 30)),
    "growing": lambda: [bytearray(1 << 20) for _ in range(1 << 20)],
    "crashing": crashing,
    "leaving": lambda: os._exit(3),
    "deep": deep,
    "broken": broken,
    "panicking": panicking,
}
ENDS = {
    "busy": "time",
    "busy in C": "time",
    "asleep": "time",
    "large": "memory",
    "growing": "memory",
}


def test_each_file_ends_by_itself_and_the_others_go_on(
    capfd: pytest.CaptureFixture[str],
):
    items = [name for bad in WORK for name in ("sound", bad)]
    found = each_apart(
        lambda item: item if item == "sound" else WORK[item](), items, 2, TIGHT
    )
    assert [r for i, r in zip(items, found, strict=True) if i == "sound"] == [
        "sound"
    ] * len(WORK)
    ended = {i: r for i, r in zip(items, found, strict=True) if i != "sound"}
    assert all(isinstance(r, Ended) for r in ended.values())
    assert {name: r.limit for name, r in ended.items() if r.limit} == ENDS
    assert ended["deep"].fault.startswith("RecursionError")
    assert "SIGSEGV" in ended["crashing"].fault
    assert ended["broken"].fault.startswith("ValueError")
    assert ended["panicking"].fault.startswith("PanicError")
    assert SECRET not in ended["broken"].fault + ended["panicking"].fault
    assert capfd.readouterr().err == ""


def test_limits_count_from_what_was_taken_before():
    def some(_: int) -> int:
        until = time.process_time() + 0.4
        while time.process_time() < until:
            pass
        return len(bytearray(100 << 20))

    patient = replace(TIGHT, clock_seconds=60)
    assert each_apart(some, range(6), 1, patient) == [100 << 20] * 6


def test_a_fault_that_can_pass_is_no_files_fault():
    def away(_: int) -> None:
        raise ConnectionError(SECRET)

    with pytest.raises(PassingError) as raised:
        each_apart(away, range(3), 2)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE])
def test_a_fault_of_the_machine_is_no_files_fault(number: int):
    def work() -> None:
        raise OSError(number, "of the machine")

    with pytest.raises(PassingError, match="of the machine"):
        one_apart(work)


def test_it_works_in_the_daemonic_process_of_a_worker():
    def share(answer: Connection) -> None:
        answer.send(each_apart(lambda n: n * 2, range(5), 2))

    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=share, args=(theirs,), daemon=True)
    worker.start()
    assert mine.poll(30)
    assert mine.recv() == [0, 2, 4, 6, 8]
    worker.join()


def test_no_process_outlives_the_one_that_made_it(tmp_path: Path):
    def leave_a_child() -> None:
        one_apart(
            lambda: (
                (tmp_path / "child").write_text(str(os.getpid()))
                and time.sleep(60)
            )
        )

    parent = multiprocessing.get_context("fork").Process(target=leave_a_child)
    parent.start()
    until = time.monotonic() + 20
    while (
        not (tmp_path / "child").exists()
        or not (tmp_path / "child").read_text()
    ):
        assert time.monotonic() < until
        time.sleep(0.02)
    child = psutil.Process(int((tmp_path / "child").read_text()))
    parent.kill()
    parent.join()
    assert (
        not psutil.wait_procs([child], timeout=10)[1]
        or child.status() == psutil.STATUS_ZOMBIE
    )


def killed_times(note: Path, times: int) -> str:
    """Be killed from outside so many times, however often this is begun; then end well."""
    note.write_text(note.read_text() + "." if note.exists() else ".")
    if len(note.read_text()) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "sound"


def test_who_is_killed_from_outside_is_begun_again_and_not_for_ever(
    tmp_path: Path,
):
    counts = {"once": 1, "twice": 2, "always": 99}
    items = ["sound", *counts, "sound"]

    def work(item: str) -> str:
        if item == "sound":
            return item
        return killed_times(tmp_path / item, counts[item])

    found = each_apart(work, items, 2)
    assert found == ["sound"] * 3 + [Ended(limit="memory"), "sound"]
    assert len((tmp_path / "always").read_text()) == 3
