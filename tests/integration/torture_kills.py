"""Processes of a running night, and the moments at which they are killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
from torture_world import World
from yiku.settings import Settings
from yiku.warehouse import embedded

RUN, CHILD, BACKEND, POSTMASTER = "run", "child", "backend", "postmaster"
# The exit status of a step that failed for what can pass.
PASSING = 75
KINDS = (RUN, CHILD, BACKEND, POSTMASTER)
# What takes longer hangs, on however slow a machine.
_HANGS_SECONDS = 600
_LOOK_SECONDS = 0.004
_LAST_CHARACTERS = 3000
_READ_BYTES = 65536
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Kill:
    """Whom to kill, and when: so many seconds after the step began for the so-manieth time."""

    kind: str
    step: str
    nth: int
    seconds: float


@dataclass
class Ended:
    """How a night or a step ended: its exit status, what it gave, and who was killed in which step."""

    status: int = 0
    began: float = field(default_factory=time.monotonic)
    events: list[tuple[float, str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    killed: str = ""
    step: str = ""
    due: float | None = None

    def note(self, event: str, word: str) -> None:
        """Write down what is told of it."""
        if event == "gave":
            self.facts = json.loads(word)
        else:
            seconds = time.monotonic() - self.began
            self.events.append((seconds, event, word))

    def begun(self, step: str) -> int:
        """Return how often a step has begun."""
        return self.events_of("begin").count(step)

    def events_of(self, kind: str) -> list[str]:
        """Return the steps that a kind of event told of."""
        return [step for _, event, step in self.events if event == kind]

    def step_now(self) -> str:
        """Return the step that runs; '' between two of them."""
        if not self.events:
            return ""
        _, event, step = self.events[-1]
        return step if event == "begin" else ""


class HangsError(Exception):
    """A night does not come to an end."""


def victims(kind: str, run: int, settings: Settings) -> list[int]:
    """Return the processes of a kind that serve a running night now."""
    if kind == RUN:
        return [run]
    with suppress(psutil.NoSuchProcess):
        if kind == CHILD:
            family = psutil.Process(run).children(recursive=True)
            return [one.pid for one in family if not _is_server(one)]
        server = embedded.status(settings).pid
        if server is None:
            return []
        if kind == POSTMASTER:
            return [server]
        helpers = psutil.Process(server).children()
        return [one.pid for one in helpers if _serves_client(one)]
    return []


def _is_server(process: psutil.Process) -> bool:
    # the night that starts the server is its parent
    return "postgres" in process.name()


def _serves_client(process: psutil.Process) -> bool:
    return "127.0.0.1(" in " ".join(process.cmdline())


class _Lines:
    """The lines that come through a pipe, looked at without waiting for more than there is."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._text = ""

    def has_line(self, seconds: float) -> bool:
        """Return whether there is a whole line, waiting so long for more to come."""
        if "\n" in self._text:
            return True
        if select.select([self._number], [], [], seconds)[0]:
            self._text += os.read(self._number, _READ_BYTES).decode()
        return "\n" in self._text

    def next(self) -> str:
        """Return the next line."""
        line, _, self._text = self._text.partition("\n")
        return line

    def forget(self) -> None:
        """Pass over all that has come."""
        while self.has_line(0):
            self.next()
        self._text = ""

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._number)


class Runner:
    """Runs nights of one world and kills what it is told to."""

    def __init__(self, world: World, chance: Random) -> None:
        """Start the process that the nights are forked from; ``chance`` chooses among processes of a kind."""
        self.world = world
        self._chance = chance
        events_out, events = os.pipe()
        answers_out, answers = os.pipe()
        self._events, self._answers = _Lines(events_out), _Lines(answers_out)
        files = (str(events), str(answers))
        log = (world.folder / "torture.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, _HERE / "torture_night.py", *files],
            env={**os.environ, **world.environment()},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=(events, answers),
        )
        os.close(events)
        os.close(answers)
        log.close()
        self._hear()

    def close(self) -> None:
        """End the process that the nights are forked from."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._answers.close()
        self._events.close()

    def last_words(self) -> str:
        """Return the end of what the nights said."""
        text = (self.world.folder / "torture.log").read_text(
            "utf-8", "replace"
        )
        return text[-_LAST_CHARACTERS:]

    def _hear(self) -> str:
        """Return the next answer, however long it takes."""
        while not self._answers.has_line(_LOOK_SECONDS):
            if self._process.poll() is not None:
                raise AssertionError("the process of the nights has ended")
        return self._answers.next()

    def run(self, request: dict[str, Any], kill: Kill | None = None) -> Ended:
        """Serve a request; kill at the moment, if that comes."""
        assert self._process.stdin is not None
        # Who was killed while it told something left half a line.
        self._events.forget()
        self._process.stdin.write(f"{json.dumps(request)}\n".encode())
        self._process.stdin.flush()
        process = int(self._hear())
        ended = Ended()
        while not self._answers.has_line(_LOOK_SECONDS):
            self._listen(ended)
            if kill is not None and not ended.killed:
                self._kill_when_due(kill, process, ended)
            elif request.get("waits") and ended.events_of("end"):
                # another process was killed in its place
                os.kill(process, signal.SIGUSR1)
                request = {}
            if time.monotonic() - ended.began > _HANGS_SECONDS:
                os.kill(process, signal.SIGKILL)
                raise HangsError(f"{request} {kill} {ended.step}")
        ended.status = int(self._hear())
        self._listen(ended)
        return ended

    def _listen(self, ended: Ended) -> None:
        while self._events.has_line(0):
            event, _, word = self._events.next().partition(" ")
            ended.note(event, word)

    def _kill_when_due(self, kill: Kill, process: int, ended: Ended) -> None:
        """Kill one of the kind once its moment has come and one is there; in the step's last moment, the run."""
        if ended.begun(kill.step) < kill.nth:
            return
        now = time.monotonic()
        if ended.due is None:
            ended.due = now + kill.seconds
        is_by = ended.step_now() != kill.step
        if now < ended.due and not is_by:
            return
        kind = RUN if is_by else kill.kind
        found = victims(kind, process, self.world.settings)
        if not found:
            return
        with suppress(ProcessLookupError):
            os.kill(self._chance.choice(sorted(found)), signal.SIGKILL)
            ended.killed, ended.step = kind, kill.step


@contextmanager
def running(world: World, chance: Random) -> Iterator[Runner]:
    """Give a runner of a world's nights; end it and the world's server afterwards."""
    runner = Runner(world, chance)
    try:
        yield runner
    finally:
        runner.close()
        embedded.stop(world.settings)
