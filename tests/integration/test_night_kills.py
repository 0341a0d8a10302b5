"""A night that is killed at any moment is finished by the next, as if nothing had happened."""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from nights import DAY, PEOPLE, Nights, labourer, post, villages, workbook
from outcomes import ledger, outcome
from test_night_order import (
    HERE,
    LATER,
    OTHER,
    THERE,
    TOWN,
    day,
    differences,
    files,
    put,
    registers,
)
from test_pairing_night import FAR, HOUSEHOLDS, NEAR, pair, put_county
from test_pairing_night import put as put_list
from yiku import pipeline
from yiku.batch.fork import run_forked
from yiku.notices import night as notices
from yiku.warehouse import night_lock

# Of all commits of the night, where it is killed: in hundredths.
MOMENTS = [3, 15, 30, 45, 60, 75, 88, 97]


def lay_out(nights: Nights) -> None:
    """A first night that is undisturbed, and the files of the second: lists, a register and villages that change."""
    put(nights, "first", "both", "post")
    for file in registers("first"):
        nights.put(*file)
    take_in(nights)
    put(nights, "resent", "old", "work", "mended", "posts")
    for file in registers("second"):
        nights.put(*file)
    renamed = [
        {**v, "aliases": "新坑村"} if v["village_name"] == "高坑村" else v
        for v in villages()
    ]
    nights.put(
        "county",
        "V01新.xlsx",
        workbook("V01", renamed, title="村基本信息表", filled=day(18)),
    )
    rows = [labourer(p, village_name="新坑村") for p in PEOPLE[TOWN][4:6]]
    nights.put(TOWN, "L1新村.xlsx", workbook("L1", rows, filled=day(15)))
    # the same person again, in another county's file: found only by comparing what two processes loaded
    abroad = {"town_name": "东河镇", "village_name": "东河村"}
    rows = [labourer(p, **abroad) for p in (HERE[6], THERE[6])]
    nights.put(
        "510821100",
        "L1.xlsx",
        workbook("L1", rows, filled=day(9)),
        county="510821",
    )
    rows = [
        post(
            HERE[0],
            post_no="G9",
            post_name="护林员",
            post_type="护林",
            start_on=day(1),
            **abroad,
        )
    ]
    nights.put(
        "510821100",
        "L5.xlsx",
        workbook("L5", rows, filled=day(9)),
        county="510821",
    )
    copy = (nights.inbox / "510802" / TOWN / files()["resent"][1]).read_bytes()
    nights.put(OTHER, "放错.xlsx", copy)


def take_in(nights: Nights, on=DAY) -> None:
    """Run a night up to its last batch, as one command does."""
    with night_lock.watching(nights.settings) as watcher:
        run = f"run {watcher.pid} {watcher.since}"
        number = pipeline.open_night(
            nights.settings, on, str(nights.inbox), run, watcher
        )["night"]
        pulled = pipeline.pull(nights.settings, on, str(nights.inbox), number)
        pipeline.load_references(
            nights.settings, on, pulled["reference"], number
        )
        for batch in pulled["batches"]:
            pipeline.process_batch(nights.settings, on, batch, number)


@contextmanager
def counted(at_each: Callable[[int], None]) -> Iterator[None]:
    """Call ``at_each`` with the number of every commit of this process."""
    commit, leave, done = (
        psycopg.Connection.commit,
        psycopg.Transaction._commit_gen,
        [],
    )

    def count() -> None:
        done.append(1)
        at_each(len(done))

    def counted_commit(self):
        commit(self)
        count()

    def counted_leave(self):
        yield from leave(self)
        count()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Connection, "commit", counted_commit)
        patch.setattr(psycopg.Transaction, "_commit_gen", counted_leave)
        yield


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked process and a group of its own; return the signal that ended it, 0 for none."""
    pid = os.fork()
    if pid == 0:
        os.setpgrp()
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), status
    return os.WTERMSIG(status)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """How many commits a night takes, and what its ledger is: what the first test finds."""
    return {}


@pytest.mark.parametrize("moment", [None, *MOMENTS])
def test_a_night_that_is_killed_is_finished_by_the_next(
    nights, undisturbed, tmp_path, moment
):
    lay_out(nights)
    if moment is None:
        commits = tmp_path / "commits"

        def run() -> None:
            with counted(lambda n: commits.write_text(str(n)) and None):
                take_in(nights, LATER)

        assert in_child(run) == 0
        undisturbed |= {
            "commits": int(commits.read_text()),
            "ledger": ledger(nights, LATER),
        }
        assert nights.rows("select count(*) from register.person") != [(0,)]
        return
    last = max(1, undisturbed["commits"] * moment // 100)

    def run() -> None:
        with counted(
            lambda n: os.killpg(0, signal.SIGKILL) if n == last else None
        ):
            take_in(nights, LATER)

    assert in_child(run) == signal.SIGKILL
    take_in(nights, LATER)
    assert differences(undisturbed["ledger"], ledger(nights, LATER)) == {}


def test_a_child_ends_with_its_parent(tmp_path):
    told = tmp_path / "child"

    def child() -> None:
        told.write_text(str(os.getpid()))
        signal.pause()

    def parent() -> None:
        run_forked([lambda: _kill_when(told), child])

    assert in_child(parent) == signal.SIGKILL
    number = int(told.read_text())
    for _ in range(100):
        if not _alive(number):
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError("the child lives on")


def _kill_when(told: Path) -> None:
    while not (told.exists() and told.read_text()):
        signal.sigtimedwait([], 0.01)
    os.kill(os.getpid(), signal.SIGKILL)


def _alive(number: int) -> bool:
    try:
        return (
            Path(f"/proc/{number}/stat")
            .read_text()
            .rpartition(")")[2]
            .split()[0]
            != "Z"
        )
    except OSError:
        return False


# --- whole nights

WHOLE = ("load_references", "propose", "publish", "send_back", "notify")


def lay_out_whole(nights: Nights) -> None:
    """A first night that is undisturbed, and the files of the second: lists, a register, pairs that change."""
    put_county(nights)
    put(nights, "first", "post")
    for file in registers("first"):
        nights.put(*file)
    nights.run(DAY)
    put(nights, "both", "work", "posts")
    for file in registers("second"):
        nights.put(*file)
    put_list(
        nights,
        "T05",
        [pair(FAR, HOUSEHOLDS[-1]), pair(NEAR, HOUSEHOLDS[1])],
        unit=TOWN,
    )


@dataclass
class Walk:
    """The steps of the second night one by one, as the workers of a scheduled night run them."""

    nights: Nights
    number: int = 0
    pulled: dict[str, Any] = field(default_factory=dict)

    def open(self) -> None:
        self.nights.end()
        self.number = pipeline.open_night(
            self.nights.settings, LATER, str(self.nights.inbox)
        )["night"]
        self.pulled = pipeline.pull(
            self.nights.settings, LATER, str(self.nights.inbox), self.number
        )

    def steps(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        settings, facts = (
            self.nights.settings,
            {"business_date": LATER, "night": self.number},
        )
        yield (
            "load_references",
            lambda: pipeline.load_references(
                settings, submissions=self.pulled["reference"], **facts
            ),
        )
        for batch in self.pulled["batches"]:
            yield (
                "process_batch",
                lambda b=batch: pipeline.process_batch(
                    settings, batch=b, **facts
                ),
            )
        for name in (
            "build_marts",
            "propose",
            "publish",
            "send_back",
            "notify",
            "close_night",
        ):
            yield name, lambda n=name: getattr(pipeline, n)(settings, **facts)

    def to_the_end(self) -> None:
        """Run a whole night."""
        self.open()
        self.go_on("load_references")

    def go_on(self, first: str) -> None:
        """Run a step and all after it."""
        names = [name for name, _ in self.steps()]
        for _, work in list(self.steps())[names.index(first) :]:
            work()

    def until(self, last: str) -> None:
        """Begin a night, and run all before a step."""
        self.open()
        self.before(last)

    def before(self, last: str) -> Callable[[], Any]:
        """Run what there is to do before a step, from the proposals on where the marts are built; return the step."""
        built = not self.pulled["batches"] and not self.pulled["reference"]
        for name, work in self.steps():
            if name == last:
                return work
            if not built or name in LATE:
                work()
        raise AssertionError(last)


@dataclass
class Kept:
    """An installation at two moments of its second night, and what that night left when nothing disturbed it."""

    nights: Nights
    number: int
    bring_back: Callable[[str], Nights]
    undisturbed: dict[str, list[str]]

    def walk(self, step: str) -> Walk:
        """Return a walk that goes on before a step, or begins anew for one before the marts are built."""
        if step not in LATE:
            walk = Walk(self.bring_back("begun"))
            walk.open()
            return walk
        return Walk(
            self.bring_back("built"),
            self.number,
            {"reference": [], "batches": []},
        )


LATE = ("propose", "publish", "send_back", "notify", "close_night")


@pytest.fixture(scope="module")
def kept(shared_nights: Nights, copy_database) -> Iterator[Kept]:
    """Run the second night once, and keep how all was before it and before its proposals."""
    nights, folder = shared_nights, shared_nights.inbox.parent
    name = str(
        psycopg.conninfo.conninfo_to_dict(str(nights.settings.warehouse_dsn))[
            "dbname"
        ]
    )

    def keep(moment: str) -> None:
        copy_database(name, f"kills_{moment}")
        shutil.copytree(folder, folder.with_name(moment), symlinks=True)

    def bring_back(moment: str) -> Nights:
        shutil.rmtree(folder)
        shutil.copytree(folder.with_name(moment), folder, symlinks=True)
        copy_database(f"kills_{moment}", name)
        return nights

    with noting(nights):
        lay_out_whole(nights)
        keep("begun")
        walk = Walk(nights)
        walk.until("propose")
        keep("built")
        walk.go_on("propose")
        yield Kept(nights, walk.number, bring_back, outcome(nights, LATER))


@contextmanager
def noting(nights: Nights) -> Iterator[None]:
    """Write down every message that leaves."""
    send, sent = notices.send, nights.settings.home / "sent.txt"

    def noted(digest, channel, *rest):
        with sent.open("a", encoding="utf-8") as told:
            told.write(
                f"{digest.recipient.id} {channel.kind} {digest.day} {digest.fingerprint}\n"
            )
        send(digest, channel, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notices, "send", noted)
        yield


def killed_at(work: Callable[[], Any], commit: int) -> bool:
    """Run a step in a process that is killed right after that commit; tell whether it came so far."""

    def run() -> None:
        with counted(
            lambda n: os.killpg(0, signal.SIGKILL) if n == commit else None
        ):
            work()

    return in_child(run) == signal.SIGKILL


def test_an_undisturbed_night_has_something_to_lose(kept):
    assert (
        len(set(kept.undisturbed["messages"]))
        == len(kept.undisturbed["messages"])
        > 3
    )
    assert kept.undisturbed["mart.pairing_proposal"]
    assert [name for name in kept.undisturbed if name.endswith(".校验.xlsx")]


def test_steps_that_are_killed_after_each_of_their_commits_and_tried_again(
    kept,
):
    walk, kills = kept.walk("load_references"), Counter()
    for name, work in walk.steps():
        if name in WHOLE:
            while killed_at(work, kills[name] + 1):
                kills[name] += 1
        else:
            work()
    assert all(kills[name] > 2 for name in WHOLE)
    assert differences(kept.undisturbed, outcome(walk.nights, LATER)) == {}


@pytest.mark.parametrize("step", WHOLE)
def test_a_night_that_is_killed_in_a_step_is_done_once_more(kept, step):
    walk = kept.walk(step)
    work = walk.before(step)
    assert killed_at(work, Random(f"2017 {step}").randint(1, 3))
    Walk(kept.nights).to_the_end()
    assert differences(kept.undisturbed, outcome(kept.nights, LATER)) == {}
