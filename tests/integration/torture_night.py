"""Nights of one installation on demand, each in a process of its own that has loaded all before it begins.

    python torture_night.py EVENTS ANSWERS        # numbers of open files to write to; YIKU_HOME says where

Reads a request a line, in JSON: a ``day`` alone is a night by ``yiku nightly``; with ``step`` and ``arguments`` it is
one step, as a worker of Airflow runs a task; one that ``waits`` stays until it is killed or told to go. Writes to
ANSWERS the number of the process that works for it, then how it ended; to EVENTS when steps begin and end, and what a
step gave. Loading takes longer than many a night, and one that is killed need not do it again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import date, timedelta
from typing import Any

from yiku import airflow_home
from yiku.settings import load_settings
from yiku.terminal import NightScreen

# a fault that can pass is tried again; the twenty seconds in between would be most of a killed night
_RETRY_DELAY = timedelta(seconds=1)
_WAITS_SECONDS = 60
_PASSING = 75


def _load() -> None:
    """Import what a night needs, as the settings of this installation say."""
    with airflow_home.quiet(load_settings()):
        import dbt.cli.main  # noqa: F401
        import great_expectations  # noqa: F401
        from airflow.dag_processing import dagbag  # noqa: F401
        from yiku import (
            airflow_glue,
            night_page,  # noqa: F401
            pipeline,  # noqa: F401
        )

        airflow_glue.DEFAULT_ARGS["retry_delay"] = _RETRY_DELAY  # type: ignore[index]


def _tell_steps(events: int) -> None:
    """Let the screen of a night write to ``events`` what begins and ends, besides showing it."""
    begin, end = NightScreen.begin, NightScreen.end

    def begin_and_tell(self: NightScreen, step: str, label: str) -> None:
        os.write(events, f"begin {step}\n".encode())
        begin(self, step, label)

    def end_and_tell(self: NightScreen, step: str, *rest: object) -> None:
        end(self, step, *rest)  # type: ignore[arg-type]
        os.write(events, f"end {step}\n".encode())

    NightScreen.begin = begin_and_tell  # type: ignore[method-assign]
    NightScreen.end = end_and_tell  # type: ignore[method-assign]


def _run(day: str) -> int:
    """Run one night as its command does; return the exit status."""
    from click import ClickException
    from yiku.cli import cli

    try:
        cli.main(["nightly", "--date", day], standalone_mode=False)
    except ClickException as failed:
        sys.stderr.write(f"{failed.message}\n")
        return 1
    return 0


def _run_step(events: int, request: dict[str, Any]) -> int:
    """Run one step as a task does; return the exit status."""
    from yiku import pipeline
    from yiku.faults import PassingError, StepError, guarded

    day, step = date.fromisoformat(request["day"]), request["step"]
    os.write(events, f"begin {step}\n".encode())
    work = getattr(pipeline, step)
    try:
        with guarded():
            facts = work(
                load_settings(), business_date=day, **request["arguments"]
            )
    except StepError as failed:
        sys.stderr.write(f"{failed}\n")
        return _PASSING if isinstance(failed, PassingError) else 1
    # Whoever is to be killed waits for it: done, and nobody told so.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    os.write(events, f"gave {json.dumps(facts)}\nend {step}\n".encode())
    if request.get("waits"):
        signal.sigtimedwait([signal.SIGUSR1], _WAITS_SECONDS)
    return 0


def _serve(events: int, request: dict[str, Any]) -> int:
    if "step" in request:
        return _run_step(events, request)
    return _run(request["day"])


def main(events: int, answers: int) -> None:
    """Serve requests until there are no more."""
    _load()
    _tell_steps(events)
    os.write(answers, b"ready\n")
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            os._exit(_serve(events, json.loads(line)))
        os.write(answers, f"{process}\n".encode())
        _, status = os.waitpid(process, 0)
        code = os.waitstatus_to_exitcode(status)
        os.write(answers, f"{code}\n".encode())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
