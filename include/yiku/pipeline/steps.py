"""The steps of a night, in the order in which the DAG runs them.

Each returns counts and ids alone: they end up in Airflow's database. A file that is wrong ends in a verdict; a fault
of ours raises.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from yiku.batch import Settled, settle_counties, settle_files
from yiku.contracts import load_contracts
from yiku.faults import StepError
from yiku.intake.inbox import Inbox
from yiku.notices.night import notify as send_digests
from yiku.pipeline import again, contradictions, copies, marts, proposals, replies
from yiku.pipeline.deliver import deliver
from yiku.pipeline.known import gazetteer_of, known_to
from yiku.pipeline.plan import BATCH_FILES, REFERENCE_ORDER, arrival_of, plan
from yiku.pipeline.vanished import vanished_lists
from yiku.settings import Settings
from yiku.warehouse import lookup
from yiku.warehouse.connection import Connection, connect, night_lock
from yiku.warehouse.init import prepare
from yiku.warehouse.kind import settle_kind
from yiku.warehouse.pull import pull as take_in
from yiku.warehouse.pull import received, revive_copies
from yiku.warehouse.register_table import refresh_register
from yiku.warehouse.swap import swap

Facts = dict[str, Any]
_Settle = Callable[..., list[Facts]]  # settle_files or settle_counties


def open_night(settings: Settings, business_date: date, inbox: str) -> Facts:
    """Prepare the warehouse and write down that a night begins."""
    with closing(connect(settings)) as conn:
        prepare(conn)
        settle_kind(conn, Inbox.at(inbox).is_demo)
        row = conn.execute(
            "insert into ops.night (business_date, inbox) values (%s, %s) returning night_id", (business_date, inbox)
        ).fetchone()
        conn.commit()
    assert row is not None
    return {"night": int(row[0])}


def pull(settings: Settings, business_date: date, inbox: str) -> Facts:
    """Take in what is new in the inbox and say what is to be read, reference lists first."""
    with closing(connect(settings, business_date)) as conn, night_lock(conn):
        found = take_in(conn, settings, inbox, business_date)
        conn.commit()
    counts = {n: getattr(found, n) for n in ("new", "duplicates", "rejected", "changing", "unchanged")}
    return {**counts, **plan(found.work, settings.workers)}


def load_references(settings: Settings, business_date: date, submissions: Sequence[Sequence[int]]) -> Facts:
    """Load the villages and towns, then the households and people, that the counties sent."""
    total: Counter[str] = Counter()
    for phase in submissions:
        total += Counter(process_batch(settings, business_date, {"submissions": phase}))
    for piece in _judged_otherwise(settings, business_date, [n for phase in submissions for n in phase]):
        total += Counter(process_batch(settings, business_date, {"submissions": piece}))
        _refresh(settings, business_date)
    return dict(total)


def _refresh(settings: Settings, business_date: date) -> None:
    with closing(connect(settings, business_date)) as conn:
        refresh_register(conn, business_date)
        conn.commit()


def _judged_otherwise(settings: Settings, business_date: date, references: Sequence[int]) -> list[list[int]]:
    """Bring the register up to date; return the files that were judged by other reference lists, in pieces."""
    with closing(connect(settings, business_date)) as conn:
        # one transaction: a register that has changed without what follows from it would never be noticed again
        queued = set(again.queue_about_persons(conn, refresh_register(conn, business_date)))
        if references:
            queued |= {*again.queue_without_reference(conn, references), *again.queue_about_places(conn, references)}
        pieces = again.in_phases(conn, sorted(queued), REFERENCE_ORDER, BATCH_FILES)
        conn.commit()
    return pieces


def process_batch(settings: Settings, business_date: date, batch: Mapping[str, Any]) -> Facts:
    """Read, clean, link, check and load the files of one batch; return what became of how many files and rows."""
    numbers = list(batch["submissions"])
    with closing(connect(settings, business_date)) as conn, night_lock(conn, shared=True):
        total = Counter(_settle_batch(settings, business_date, conn, numbers, settle_counties))
        # Which of two came first tonight is chance: both sides are judged again, side by side.
        clashing = again.queue_clashing(conn, numbers)
        done = set(numbers).difference(clashing)
        numbers = _next(conn, numbers, clashing, done)
        while numbers:
            total += Counter(_settle_batch(settings, business_date, conn, numbers, settle_files))
            done.update(numbers)
            numbers = _next(conn, numbers, (), done)
    return dict(total)


def _next(conn: Connection, numbers: Sequence[int], clashing: Iterable[int], done: Collection[int]) -> list[int]:
    """Return which files are to be judged after ``numbers``, and put all so far on the disk."""
    # The right town's copy of a file that lay in the wrong folder was taken for a duplicate until now.
    revived = revive_copies(conn, numbers)
    found = sorted({*clashing, *revived, *again.queue_beside(conn, numbers, done)})
    conn.execute("select pg_current_xact_id()")  # a commit that reaches the disk, and all before it
    conn.commit()
    return found


def _settle_batch(
    settings: Settings,
    business_date: date,
    conn: Connection,
    numbers: Sequence[int],
    settle: _Settle,
) -> Facts:
    arrivals = [arrival_of(r) for r in received(conn, settings, numbers)]
    conn.commit()
    with closing(_OwnConnection(settings, business_date)) as own:
        known = known_to(own, business_date, numbers)
        done = settle(arrivals, known, settings.expectations, settings.workers, own.deliver)
    total = Counter({f"files_{status}": n for status, n in Counter(d.pop("status") for d in done).items()})
    for counts in done:
        total += Counter(counts)
    return {"files": len(done), **total}


class _OwnConnection:
    """The warehouse through a connection that each process opens for itself: a forked one must not use its parent's."""

    def __init__(self, settings: Settings, business_date: date) -> None:
        self._settings, self._day = settings, business_date
        self._by_process: dict[int, Connection] = {}

    def __call__(self) -> Connection:
        process = os.getpid()
        if process not in self._by_process:
            conn = connect(self._settings, self._day, autocommit=True)
            # A file whose commit a crash of the server loses still waits to be read; the batch ends with a real flush.
            conn.execute("set synchronous_commit = off")
            self._by_process[process] = conn
        return self._by_process[process]

    def deliver(self, settled: Settled) -> Facts:
        """Load a settled file."""
        return deliver(self(), settled, self._day)

    def close(self) -> None:
        """Close the connection of this process."""
        if conn := self._by_process.pop(os.getpid(), None):
            conn.close()


def build_marts(settings: Settings, business_date: date) -> Facts:
    """Compare the prescriptions, and build the marts in their shadow schemas but for those of the proposed pairs.

    StepError names the nodes that failed: yesterday's marts stay in place.
    """
    with closing(connect(settings, business_date)) as conn, night_lock(conn):
        marts.drop_shadows(conn)
        marts.tell_planner(conn)
        copied = copies.find(conn)
        return {"copied": copied} | _build(settings, business_date, conn, marts.BEFORE_PROPOSAL)


def propose(settings: Settings, business_date: date) -> Facts:
    """Work out who should help whom where anything changed, and build the marts that show it beside the others.

    StepError names the nodes that failed: yesterday's marts stay in place. No list is touched.
    """
    with closing(connect(settings, business_date)) as conn, night_lock(conn):
        proposed = proposals.propose_all(conn, business_date)
        return proposed | _build(settings, business_date, conn, marts.AFTER_PROPOSAL)


def _build(settings: Settings, business_date: date, conn: Connection, nodes: Sequence[str]) -> Facts:
    records = marts.build(settings, business_date, nodes)
    marts.keep_records(conn, _night(conn), records)
    if failed := marts.failed_nodes(records):
        raise StepError(f"dbt: {len(failed)} nodes failed: {', '.join(failed[:10])}")
    return marts.by_status(records)


def _night(conn: Connection) -> int:
    row = conn.execute("select max(night_id) from ops.night").fetchone()
    if row is None or row[0] is None:
        raise StepError("no night was opened")
    return int(row[0])


def publish(settings: Settings, business_date: date) -> Facts:
    """Swap the new marts in; withdraw what holds no more, and tell the senders of rows that others contradict."""
    with closing(connect(settings, business_date)) as conn, night_lock(conn):
        swap(conn)
        withdrawn = contradictions.withdraw(conn, business_date)
        told = contradictions.tell(conn, business_date)
        conn.commit()
    return {"contradicted": told, "withdrawn": withdrawn}


def send_back(settings: Settings, business_date: date) -> Facts:
    """Write receipts and return workbooks for what was settled and not answered yet."""
    with closing(connect(settings, business_date)) as conn:
        lines = replies.pending(conn, business_date)
        numbers = [line["submission_id"] for line in lines]
        findings = replies.findings_of(conn, numbers)
        sources = {r.submission_id: r.source for r in received(conn, settings, numbers)}
        counties = sorted({line["county_code"] for line in lines if line["county_code"]})
        gazetteer = gazetteer_of(conn, counties)
        confirmed, gone = lookup.confirmed_headers(conn), vanished_lists(conn, numbers)
        conn.commit()
        work = replies.Replies(settings.outbox, business_date, findings, sources, gazetteer, confirmed, gone)
        workbooks = replies.answer_all(work, lines, settings.workers)
        conn.execute(
            "update ops.submission set answered_at = clock_timestamp() where submission_id = any (%s)", (numbers,)
        )
        conn.commit()
    return {"receipts": len(lines), "workbooks": workbooks}


def notify(settings: Settings, business_date: date) -> Facts:
    """Send each recipient one digest of what concerns them, unless they know it already."""
    with closing(connect(settings, business_date)) as conn:
        done = send_digests(conn, settings, business_date)
    return {"sent": done.sent, "unchanged": done.unchanged}


def close_night(settings: Settings, business_date: date) -> Facts:
    """Write down that the night is over, and return what it did."""
    with closing(connect(settings, business_date)) as conn:
        number = _night(conn)
        counts = _night_counts(conn, business_date)
        conn.execute(
            "update ops.night set state = 'published', finished_at = clock_timestamp(), counts = %s"
            " where night_id = %s",
            (Jsonb(counts), number),
        )
        conn.commit()
    return {"night": number, **counts}


def _night_counts(conn: Connection, business_date: date) -> Facts:
    row = conn.execute(
        "select count(*), coalesce(sum(rows_read), 0), coalesce(sum(rows_loaded), 0),"
        " coalesce(sum(rows_quarantined), 0), coalesce(sum(rows_dropped), 0)"
        " from ops.submission where business_date = %s and undone_at is null",
        (business_date,),
    ).fetchone()
    assert row is not None
    names = ("submissions", "rows_read", "rows_loaded", "rows_quarantined", "rows_dropped")
    return {n: int(v) for n, v in zip(names, row, strict=True)}


def town_form(conn: Connection, code: str, town: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a town's name and the rows of a list that stand for it, by column, to fill in beforehand.

    LookupError when nobody knows the town.
    """
    name = gazetteer_of(conn, [town[:6]]).town_name(town)
    if name is None:
        raise LookupError(town)
    contract = load_contracts()[code]
    columns = ", ".join(f'"{c.name}"' for c in contract.columns)
    where = "town_code = %s or unit_code = %s"
    query = f"select {columns} from raw.{contract.table}_now where {where} order by key"  # noqa: S608 - our own names
    cursor = conn.execute(query, (town, town))
    return name, [dict(zip(contract.names, row, strict=True)) for row in cursor]
