"""Whose turn it is.

One night at a time, from its first step to its last, whatever processes run the steps.

The turn stands in the one row of ``ops.night_turn``. It is a night's as long as its run lives:
while one of its steps runs, while the session that watches over a one-command run is open, else
for ``PAUSE`` after its last step. A step that runs stands in the gate: it locks the empty table
``ops.night_gate``, on which no reader has a right, in a transaction that does nothing else and
ends with its process. A night whose turn has gone to another waits like any.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

import psycopg

from yiku.faults import StepError
from yiku.product import running_version
from yiku.settings import Settings
from yiku.warehouse.connection import Connection, connect

log = logging.getLogger(__name__)

# Between two steps of a scheduled run: a task that is tried again, workers that are busy, a
# scheduler that restarts.
PAUSE = timedelta(minutes=15)
_POLL, _SAY_EVERY = 1.0, 60.0  # seconds

Tell = Callable[[str], None]

# The server gives out the numbers of its processes again: the moment at which
# a session began tells whether it is still the same. A login that may not see
# it goes by the number.
_FREE = """
select
    t.night_id,
    t.night_id is null
    or coalesce(n.run_id = %(run)s, false)
    or not case
        -- further ahead than any step sets it, the clock has been set back meanwhile
        when t.watcher_pid is null then t.until - clock_timestamp() between interval '0' and %(pause)s
        else exists (
            select from pg_stat_activity as a
            where a.pid = t.watcher_pid and coalesce(a.backend_start,
                t.watcher_since) = t.watcher_since
        )
    end
from ops.night_turn as t
left join ops.night as n on t.night_id = n.night_id
"""

# Whatever is still open has lost its turn: its run ended without a word.
_BEGIN = """
with broken_off as (
    update ops.night set state = 'failed', finished_at = clock_timestamp() where state = 'open'
),
night as (
    insert into ops.night (business_date, inbox, run_id, version)
    values (%(day)s, %(inbox)s, %(run)s, %(version)s)
    returning night_id
)
update ops.night_turn
set
    night_id = night.night_id, watcher_pid = %(pid)s, watcher_since = %(since)s,
    until = clock_timestamp() + %(pause)s
from night
returning night_turn.night_id
"""

# Somebody lets a failed task of a night run again: its night goes on.
_TAKE_AGAIN = """
with taken as (
    update ops.night_turn
    set night_id = %(night)s, watcher_pid = null, watcher_since = null,
        until = clock_timestamp() + %(pause)s
)
update ops.night set state = 'open', finished_at = null where night_id = %(night)s
    and state = 'failed'
"""

_END = """
with ended as (
    update ops.night_turn set night_id = null, watcher_pid = null, watcher_since = null,
        until = '-infinity'
    where night_id = %(night)s
)
update ops.night
set state = case state when 'open' then 'failed' else state end,
    finished_at = coalesce(finished_at, clock_timestamp())
where night_id = %(night)s
"""


@dataclass(frozen=True)
class Watcher:
    """A session of the server that is open as long as a run lives."""

    pid: int
    since: datetime


@contextmanager
def watching(settings: Settings) -> Iterator[Watcher]:
    """Keep a session open that says that this run lives."""
    with closing(_patient(settings)) as conn:
        row = conn.execute(
            "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()"
        ).fetchone()
        # The session has only to be there: no transaction stays open in it for
        # hours.
        conn.commit()
        assert row is not None
        yield Watcher(*row)


def begin(
    settings: Settings,
    day: date,
    inbox: str,
    run_id: str | None,
    watcher: Watcher | None,
    tell: Tell = log.warning,
) -> int:
    """Wait until no other run lives, write down that a night begins, and return its number.

    A run that begins once more takes its own turn over; a night that broke off is written down as
    failed.
    """
    facts = {"day": day, "inbox": inbox, "run": run_id, "pause": PAUSE}
    facts["version"] = running_version()
    facts |= {
        "pid": watcher and watcher.pid,
        "since": watcher and watcher.since,
    }
    with closing(_patient(settings)) as conn:
        return _wait(conn, lambda: _begin(conn, facts), tell)


def _begin(conn: Connection, facts: dict[str, object]) -> int | None:
    try:
        with conn.transaction():
            _lock(conn, "exclusive")
            if not _is_free(conn, facts["run"]):
                return None
            row = conn.execute(_BEGIN, facts).fetchone()
            return int(row[0]) if row else None
    except psycopg.errors.LockNotAvailable:
        return None


@contextmanager
def standing(
    settings: Settings,
    night: int | None,
    *,
    shared: bool = False,
    tell: Tell = log.warning,
) -> Iterator[int]:
    """Let a step of a night (None.

    The newest) run when it is its turn, alone or ``shared`` with others of its night.

    Gives the night's number. StepError when no night was ever opened.
    """
    # Batches stand in the gate side by side, all other steps alone.
    mode: LiteralString = "row share" if shared else "exclusive"
    with closing(_patient(settings)) as gate:
        number = _wait(gate, lambda: _enter(gate, night, mode), tell)
        try:
            yield number
        finally:
            # What broke the session too is told by the step itself.
            with suppress(psycopg.Error):
                _leave(gate, number)


def _enter(
    gate: Connection, night: int | None, mode: LiteralString
) -> int | None:
    """Lock the gate for as long as the transaction lasts; None when it is another's turn."""
    try:
        _lock(gate, mode)
    except psycopg.errors.LockNotAvailable:
        gate.rollback()
        return None
    number = night or _newest(gate)
    if _holder(gate) == number:
        return number
    gate.rollback()
    return _enter(gate, number, mode) if _take_again(gate, number) else None


def _leave(gate: Connection, night: int) -> None:
    gate.rollback()
    gate.execute(
        "update ops.night_turn set until = clock_timestamp() + %s where night_id = %s",
        (PAUSE, night),
    )
    gate.commit()


def _take_again(conn: Connection, night: int) -> bool:
    try:
        with conn.transaction():
            _lock(conn, "exclusive")
            free = _is_free(conn, None)
            if free:
                conn.execute(_TAKE_AGAIN, {"night": night, "pause": PAUSE})
            return free
    except psycopg.errors.LockNotAvailable:
        return False


def end_night(settings: Settings, night: int) -> None:
    """Give the turn back; a night that was not published has failed."""
    with closing(connect(settings)) as conn:
        conn.execute(_END, {"night": night})
        conn.commit()


def end_run(settings: Settings, run_id: str) -> None:
    """Give the turn of a run back, whatever became of its steps.

    Of a run that never began nothing is known.
    """
    with closing(connect(settings)) as conn:
        there = conn.execute(
            "select to_regclass('ops.night_turn') is not null"
        ).fetchone()
        if there and there[0]:
            rows = conn.execute(
                "select max(night_id) from ops.night where run_id = %s",
                (run_id,),
            ).fetchall()
            for (night,) in rows:
                conn.execute(_END, {"night": night})
        conn.commit()


# --- the gate


def _patient(settings: Settings) -> Connection:
    """Open a session that may be idle for hours, and that the server misses soon when its machine is gone."""
    conn = connect(settings)
    for name, value in {
        "idle_session_timeout": 0,
        "idle_in_transaction_session_timeout": 0,
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 6,
    }.items():
        conn.execute("select set_config(%s, %s, false)", (name, str(value)))
    conn.commit()
    return conn


def _lock(conn: Connection, mode: LiteralString) -> None:
    # Whoever waits for a table lock lets nobody pass who comes after him: the
    # batches of the running night would be held up.
    conn.execute(f"lock table ops.night_gate in {mode} mode nowait")


def _holder(conn: Connection) -> int | None:
    row = conn.execute("select night_id from ops.night_turn").fetchone()
    return row[0] if row else None


def _is_free(conn: Connection, run_id: object) -> bool:
    facts = {"run": run_id, "pause": PAUSE}
    row = conn.execute(_FREE, facts).fetchone()
    return row is None or bool(row[1])


def _newest(conn: Connection) -> int:
    row = conn.execute("select max(night_id) from ops.night").fetchone()
    if row is None or row[0] is None:
        raise StepError("no night was opened")
    return int(row[0])


def _wait(
    conn: Connection, attempt: Callable[[], int | None], tell: Tell
) -> int:
    told = float("-inf")
    while (number := attempt()) is None:
        if time.monotonic() - told >= _SAY_EVERY:
            tell(_who_runs(conn))
            told = time.monotonic()
        time.sleep(_POLL)
    return number


def _who_runs(conn: Connection) -> str:
    row = conn.execute(
        "select n.business_date, to_char(n.started_at, 'MM-DD HH24:MI') from ops.night as n"
        " inner join ops.night_turn as t on n.night_id = t.night_id"
    ).fetchone()
    conn.rollback()
    which = f"（业务日期 {row[0]:%Y-%m-%d}，{row[1]} 开始）" if row else ""
    return f"另一夜{which}还在运行，等它结束。"
