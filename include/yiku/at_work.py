"""Commands that work in a terminal for a while.

Each writes itself down, so that ``yiku down`` ends it with the rest.

A night whose database stops under it would fail as if something were broken, and tell the
engineers so. One that is ended is finished by the next.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from yiku import private
from yiku.settings import Settings

STOP_SECONDS = 5
_SAME_BIRTH = 2  # seconds: a number of a process is given out again, its moment of birth is not


@contextmanager
def written_down(settings: Settings, title: str) -> Iterator[None]:
    """Write down that this process does ``title``, for as long as it does."""
    private.make_folder(_folder(settings))
    path = _folder(settings) / f"{os.getpid()}.json"
    private.write(
        path,
        json.dumps({"title": title, "born": psutil.Process().create_time()}),
    )
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def end(settings: Settings) -> list[str]:
    """End every command that is at work, and all that it started; return what they did."""
    done = []
    for path in sorted(_folder(settings).glob("*.json")):
        facts = json.loads(path.read_text("utf-8") or "{}")
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(path.stem))
            if (
                abs(process.create_time() - facts.get("born", 0)) < _SAME_BIRTH
                and process.pid != os.getpid()
            ):
                _end(process)
                done.append(str(facts["title"]))
        path.unlink(missing_ok=True)
    return done


def _end(process: psutil.Process) -> None:
    family = [process, *process.children(recursive=True)]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.send_signal(sign)
        _, family = psutil.wait_procs(family, timeout=STOP_SECONDS)


def _folder(settings: Settings) -> Path:
    return settings.run / "at_work"
