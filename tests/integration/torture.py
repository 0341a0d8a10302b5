"""Kill a night's processes at seeded moments, some in a row: nothing is lost, and nothing said twice.

    make torture KILLS=200 SEED=2017

Worlds of three nights each: one that nothing disturbs, then others of the same inbox until there were so many kills. In
some a night is one command that is begun anew (``yiku nightly``), in others each step is a task that a worker tries
again. After the last kill of a night it is done once undisturbed. What a world then holds must be what the undisturbed
one holds: marts, ledger, answers, letters. Exit status 1 where they differ; the values of nobody are printed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from memory_folder import memory_folder
from outcomes import Outcome
from torture_kills import (
    BACKEND,
    CHILD,
    KINDS,
    PASSING,
    POSTMASTER,
    RUN,
    Ended,
    Kill,
    Runner,
    running,
)
from torture_world import DAYS, Told, World, differences, servers

COMMAND, TASKS = "command", "tasks"
# Of ten kills so many hit each kind: a server that went down takes its time to come back.
_OF_TEN = {RUN: 4, CHILD: 3, BACKEND: 2, POSTMASTER: 1}
# A task that failed for what can pass is tried again, as in the DAG; there the pause is longer.
_TRIES, _PAUSE_SECONDS = 3, 2.0
_AFTER_LOADING = (
    "build_marts",
    "propose",
    "publish",
    "send_back",
    "work_lists",
    "bring_back",
    "draw_wall",
    "notify",
    "close_night",
)


@dataclass
class Report:
    """What was done and what came of it."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    survived: int = 0  # kills after which the very process they hit, or whom it served, came to its end
    worlds: int = 0
    repeats: int = 0
    faults: list[str] = field(default_factory=list)

    def count(self, ended: Ended) -> None:
        """Count a kill, if there was one."""
        if ended.killed:
            self.kills[ended.step, ended.killed] += 1
            self.survived += ended.status == 0

    def table(self) -> Iterator[str]:
        """Give the kills by step and kind of process."""
        yield f"{'step':<18}" + "".join(f"{kind:>12}" for kind in KINDS)
        for step in dict.fromkeys(step for step, _ in self.kills):
            counts = [self.kills[step, kind] for kind in KINDS]
            yield f"{step:<18}" + "".join(f"{count:>12}" for count in counts)
        by_kind = Counter[str]()
        for (_, kind), count in self.kills.items():
            by_kind[kind] += count
        counts = [by_kind[kind] for kind in KINDS]
        yield f"{'all':<18}" + "".join(f"{count:>12}" for count in counts)
        yield (
            f"{self.kills.total()} kills in {self.worlds} worlds; {self.survived} times the work went on by itself;"
            f" {self.repeats} messages came once more under their old number; {len(self.faults)} faults"
        )


class Deck:
    """Cards drawn by chance, each as often as any other of its weight."""

    def __init__(self, cards: list[str], chance: Random) -> None:
        """Shuffle with ``chance``."""
        self._cards, self._chance = cards, chance
        self._left: list[str] = []

    def draw(self) -> str:
        """Return the next card."""
        if not self._left:
            self._left = list(self._cards)
            self._chance.shuffle(self._left)
        return self._left.pop()


@dataclass
class Torture:
    """Worlds of one inbox, and what they are compared with."""

    root: Path
    told: Told
    nights: int
    most_in_a_row: int
    only: tuple[str, ...] = ()
    say: Callable[[str], None] = print
    report: Report = field(default_factory=Report)
    usual: dict[str, float] = field(default_factory=dict)
    expected: Outcome = field(default_factory=dict)

    def begin(self) -> None:
        """Make the installation that each world is a copy of, and the world that nothing disturbs."""
        World(self.root / "base", self.told).set_up()
        with self._world(Random(0)) as (world, runner):
            for night in range(self.nights):
                world.lay(night)
                ended = runner.run({"day": DAYS[night].isoformat()})
                assert ended.status == 0, "the undisturbed night failed"
                self._note_usual(ended)
                self.say(
                    f"undisturbed night {night + 1}: {ended.events[-1][0]:.0f} s"
                )
            self.expected = world.outcome(DAYS[self.nights - 1])

    @contextmanager
    def _world(self, chance: Random) -> Iterator[tuple[World, Runner]]:
        # Always in the same place: what a digest says holds the path of the outbox.
        folder = self.root / "world"
        self.told.clear()
        world = World(self.root / "base", self.told).copy_to(folder)
        with running(world, chance) as runner:
            yield world, runner
        shutil.rmtree(folder)

    def _note_usual(self, ended: Ended) -> None:
        """Remember how long each step takes."""
        begun = 0.0
        for seconds, event, step in ended.events:
            if event == "begin":
                begun = seconds
            else:
                known = self.usual.get(step, 0.0)
                self.usual[step] = max(known, seconds - begun)

    def world(self, seed: str, mode: str, most: int) -> None:
        """Run the nights of one world with at most so many kills, and compare what it came to."""
        chance = Random(seed)
        before = self.report.kills.total()
        with self._world(chance) as (world, runner):
            tormented = _Tormented(self, runner, chance, before + most)
            for night in range(self.nights):
                world.lay(night)
                tormented.night(DAYS[night].isoformat(), mode)
            found = world.outcome(DAYS[self.nights - 1])
        self.report.worlds += 1
        self.report.repeats += self.told.repeats()
        for name, lines in differences(self.expected, found).items():
            self.report.faults.append(
                f"{seed} {mode}: {name}: {len(lines)} lines differ"
            )
        kills = self.report.kills.total() - before
        self.say(
            f"{seed} {mode}: {kills} kills, {len(self.report.faults)} faults so far"
        )


class _Tormented:
    """The nights of one world, and the kills that they are dealt."""

    def __init__(
        self, torture: Torture, runner: Runner, chance: Random, most: int
    ) -> None:
        self.torture, self.report = torture, torture.report
        self.runner, self.chance, self.most = runner, chance, most
        kinds = [kind for kind, count in _OF_TEN.items() for _ in range(count)]
        self.kinds = Deck(kinds, chance)
        steps = torture.only or tuple(torture.usual)
        self.steps = Deck(list(steps), chance)

    def night(self, day: str, mode: str) -> None:
        """Run a night that is killed again and again, then to its end."""
        if mode == COMMAND:
            self._command(day)
        else:
            self._tasks(day)

    def _command(self, day: str) -> None:
        request = {"day": day}
        for _ in range(self._in_a_row()):
            kill = self._kill(self.steps.draw())
            ended = self.runner.run(request, kill)
            self.report.count(ended)
            self.torture.say(f"{day} {kill.step}: {ended.killed} killed")
        ended = self.runner.run(request)
        if ended.status:
            why = self.runner.last_words()
            self.report.faults.append(f"{day}: the last run failed: {why}")

    def _tasks(self, day: str) -> None:
        # the run's name, by which a task that is tried again knows its own turn
        opened = {"inbox": None, "run_id": f"run of {day}"}
        number = self._task(day, "open_night", opened)["night"]
        facts = {"night": number}
        pulled = self._task(day, "pull", {"inbox": None, **facts})
        references = {"submissions": pulled["reference"], **facts}
        self._task(day, "load_references", references)
        for batch in pulled["batches"]:
            self._task(day, "process_batch", {"batch": batch, **facts})
        for step in _AFTER_LOADING:
            self._task(day, step, facts)

    def _task(
        self, day: str, step: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        """Run a step as a task that is tried again however it ended, and once more to its end."""
        request = {"day": day, "step": step, "arguments": arguments}
        is_target = not self.torture.only or step in self.torture.only
        for _ in range(self._in_a_row() if is_target else 0):
            kill = self._kill(step)
            ended = self.runner.run(request | {"waits": True}, kill)
            self.report.count(ended)
            self.torture.say(f"{day} {step}: {ended.killed} killed")
        for _ in range(_TRIES):
            ended = self.runner.run(request)
            if ended.status != PASSING:
                break
            time.sleep(_PAUSE_SECONDS)
        if ended.status:
            why = self.runner.last_words()
            raise AssertionError(
                f"{day}: {step} failed after the kills: {why}"
            )
        return ended.facts

    def _in_a_row(self) -> int:
        left = self.most - self.report.kills.total()
        return min(left, self.chance.randint(1, self.torture.most_in_a_row))

    def _kill(self, step: str) -> Kill:
        seconds = self.chance.random() * self.torture.usual.get(step, 0.1)
        return Kill(self.kinds.draw(), step, 1, seconds)


def torture(
    kills: int,
    seed: str,
    modes: tuple[str, ...],
    nights: int = len(DAYS),
    most_in_a_row: int = 3,
    only: tuple[str, ...] = (),
    say: Callable[[str], None] = print,
) -> Report:
    """Torture worlds until there were so many kills; return what came of it.

    ``only`` are the steps that are hit, all where there are none.
    """
    with memory_folder("torture") as root, servers() as told:
        work = Torture(root, told, nights, most_in_a_row, only, say)
        work.begin()
        while (left := kills - work.report.kills.total()) > 0:
            number = work.report.worlds
            mode = modes[number % len(modes)]
            work.world(f"{seed}-{number}", mode, left)
    return work.report


def main() -> int:
    """Carry out one command line; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default="2017")
    parser.add_argument("--nights", type=int, default=len(DAYS))
    parser.add_argument("--mode", choices=(COMMAND, TASKS), action="append")
    parser.add_argument("--step", action="append", default=[])
    asked = parser.parse_args()
    modes = tuple(asked.mode or (TASKS, COMMAND))
    only = tuple(asked.step)
    report = torture(asked.kills, asked.seed, modes, asked.nights, only=only)
    print("\n".join([*report.table(), *report.faults]))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
