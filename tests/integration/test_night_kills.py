"""A night that is killed at any moment is finished by the next, as if nothing had happened."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from nights import DAY, PEOPLE, Nights, labourer, post, villages, workbook
from test_night_order import HERE, LATER, OTHER, THERE, TOWN, day, differences, files, put, registers
from yiku import pipeline
from yiku.batch.fork import run_forked
from yiku.contracts import load_contracts
from yiku.warehouse import turn

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
    renamed = [{**v, "aliases": "新坑村"} if v["village_name"] == "高坑村" else v for v in villages()]
    nights.put("county", "V01新.xlsx", workbook("V01", renamed, title="村基本信息表", filled=day(5)))
    rows = [labourer(p, village_name="新坑村") for p in PEOPLE[TOWN][4:6]]
    nights.put(TOWN, "L1新村.xlsx", workbook("L1", rows, filled=day(15)))
    # the same person again, in another county's file: found only by comparing what two processes loaded
    abroad = {"town_name": "东河镇", "village_name": "东河村"}
    rows = [labourer(p, **abroad) for p in (HERE[6], THERE[6])]
    nights.put("510821100", "L1.xlsx", workbook("L1", rows, filled=day(9)), county="510821")
    rows = [post(HERE[0], post_no="G9", post_name="护林员", post_type="护林", start_on=day(1), **abroad)]
    nights.put("510821100", "L5.xlsx", workbook("L5", rows, filled=day(9)), county="510821")
    copy = (nights.inbox / "510802" / TOWN / files()["resent"][1]).read_bytes()
    nights.put(OTHER, "放错.xlsx", copy)


def take_in(nights: Nights, on=DAY) -> None:
    """Run a night up to its last batch, as one command does."""
    with turn.watching(nights.settings) as watcher:
        run = f"run {watcher.pid} {watcher.since}"
        number = pipeline.open_night(nights.settings, on, str(nights.inbox), run, watcher)["night"]
        pulled = pipeline.pull(nights.settings, on, str(nights.inbox), number)
        pipeline.load_references(nights.settings, on, pulled["reference"], number)
        for batch in pulled["batches"]:
            pipeline.process_batch(nights.settings, on, batch, number)


@contextmanager
def counted(at_each: Callable[[int], None]) -> Iterator[None]:
    """Call ``at_each`` with the number of every commit of this process."""
    commit, leave, done = psycopg.Connection.commit, psycopg.Transaction._commit_gen, []

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
    """Run ``work`` in a forked process; return the signal that ended it, 0 for none."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), status
    return os.WTERMSIG(status)


def ledger(nights: Nights) -> dict[str, list[str]]:
    """Return what became of every file and row, what was told, the register, and what is still to be done."""
    of_file = "inner join ops.submission as s using (submission_id)"
    asked = {
        "file": "select county_code, unit_code, file_name, status, reason, rows_read, rows_loaded, rows_quarantined,"
        " rows_dropped, replay, compare_due, spread_due from ops.submission",
        "finding": "select s.unit_code, s.file_name, f.sheet, f.row_no, f.field, f.rule, f.verdict, f.message,"
        f" f.opened_on, f.closed_on is null from ops.finding as f {of_file}",
        "register": "select p::text from register.person as p",
    }
    asked |= {
        c.table: "select s.unit_code, s.file_name, r.row_no, r.fate, r.fate_rule, r.person_sk, r.link_tier,"
        f" r.in_register, r.town_code, r.village_code, r.content_hash from raw.{c.table} as r {of_file}"
        for c in load_contracts().values()
    }
    found = {name: sorted(map(str, nights.rows(query, day=LATER))) for name, query in asked.items()}
    return {name: rows for name, rows in found.items() if rows}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """How many commits a night takes, and what its ledger is: what the first test finds."""
    return {}


@pytest.mark.parametrize("moment", [None, *MOMENTS])
def test_a_night_that_is_killed_is_finished_by_the_next(nights, undisturbed, tmp_path, moment):
    lay_out(nights)
    if moment is None:
        commits = tmp_path / "commits"

        def run() -> None:
            with counted(lambda n: commits.write_text(str(n)) and None):
                take_in(nights, LATER)

        assert in_child(run) == 0
        undisturbed |= {"commits": int(commits.read_text()), "ledger": ledger(nights)}
        assert nights.rows("select count(*) from register.person") != [(0,)]
        return
    last = max(1, undisturbed["commits"] * moment // 100)

    def run() -> None:
        with counted(lambda n: os.kill(os.getpid(), signal.SIGKILL) if n == last else None):
            take_in(nights, LATER)

    assert in_child(run) == signal.SIGKILL
    take_in(nights, LATER)
    assert differences(undisturbed["ledger"], ledger(nights)) == {}


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
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
