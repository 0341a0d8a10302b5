"""What stands between the DAG files and the steps of a night.

The only module of the package that imports Airflow.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from airflow.sdk import (
    Asset,
    BaseHook,
    CronTriggerTimetable,
    Param,
    get_current_context,
)
from airflow.sdk.definitions.retry_policy import (
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
)
from airflow.sdk.exceptions import AirflowNotFoundException

from yiku import airflow_home, calendar, private
from yiku.faults import PassingError, StepError, guarded
from yiku.housekeeping import load_retention
from yiku.intake.location import Location, keep, shown
from yiku.intake.source_logins import Login, keep_login
from yiku.intake.sources import has_sources, load_sources
from yiku.settings import Settings, load_settings

if TYPE_CHECKING:
    from yiku.warehouse.night_lock import Watcher

log = logging.getLogger(__name__)

Facts = dict[str, Any]

RETRY_PASSING = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=PassingError,
            action=RetryAction.RETRY,
            reason="a fault that can pass",
        )
    ],
    default=RetryAction.FAIL,
)


# A run's parameters are kept by Airflow and shown on its web page: no password among them.
INBOX: Mapping[str, Any] = {
    "type": ["null", "string"],
    "pattern": "^(?!.*://[^/]*:[^/]*@)",
    "description": "folder, fsspec URL without a password, or airflow://CONNECTION/path; empty: sources.yml, or else "
    "YIKU_INBOX",
}


# No start date: a fresh installation begins with the next night, not with the last.
EVERY_NIGHT = CronTriggerTimetable(
    "0 1 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)
)


# The marts that a night has published: what reports wait for.
MARTS = Asset(name="yiku_marts", uri="x-yiku://warehouse/mart")


def night_params() -> dict[str, Param]:
    """Return what a run of a night may be told."""
    return {
        "date": Param(
            None,
            type=["null", "string"],
            format="date",
            description="business date; empty: tonight's",
        ),
        "inbox": Param(None, **INBOX),
        "publish_old": Param(
            False,
            type="boolean",
            description="publish a day before the one that is published",
        ),
    }


MONTH, QUARTER = "month", "quarter"
_PERIODS = {
    MONTH: ("^[0-9]{4}-(0[1-9]|1[0-2])$", "month, YYYY-MM"),
    QUARTER: ("^[0-9]{4}-Q[1-4]$", "quarter, YYYY-Qn"),
}


def report_params(period: str = MONTH) -> dict[str, Param]:
    """Return what a run of a report may be told; ``period`` is what it reports, MONTH or QUARTER."""
    pattern, said = _PERIODS[period]
    return {
        "county": Param(
            None,
            type=["null", "string"],
            pattern="^[0-9]{6}$",
            description="county's code; empty: all",
        ),
        "period": Param(
            None,
            type=["null", "string"],
            pattern=pattern,
            description=f"{said}; empty: the one that is due",
        ),
        "preview": Param(
            False, type="boolean", description="show it, issue nothing"
        ),
    }


class Screen(Protocol):
    """Who is told how a night goes on."""

    def say(self, text: str) -> None:
        """Show one line."""

    def begin(self, step: str, label: str) -> None:
        """Show that a step has begun."""

    def end(self, step: str, label: str, seconds: float, facts: Facts) -> None:
        """Show that a step is done."""


@dataclass(frozen=True)
class NightResult:
    """How a night ended.

    What its last step said, the tasks that broke and why, how many files it found new.
    """

    run_id: str
    succeeded: bool
    failed: tuple[str, ...]
    summary: Facts
    new: int
    seconds: float
    reasons: tuple[str, ...] = ()


_screen: Screen | None = None
# Why a step broke last, in a night that runs in this process.
_reasons: dict[str, str] = {}
# What says that the one-command run of this process lives.
_watcher: Watcher | None = None


def tonight() -> Facts:
    """Return what a run is about.

    Its business date and its inbox, from the run's own parameters or the defaults.

    The business date of a scheduled night is the date in Shanghai when it starts; it is worked
    out here and nowhere else. Raises StepError when no inbox is known.
    """
    context = get_current_context()
    settings = load_settings()
    inbox: str | None = context["params"].get("inbox")
    from_sources = not inbox and has_sources(settings)
    if not inbox and not from_sources:
        inbox = settings.inbox
        if not inbox:
            raise StepError(
                "no inbox: set YIKU_INBOX, or give one with the run"
            )
    # what a step returns stands in Airflow's database
    told = {"publish_old": bool(context["params"].get("publish_old"))}
    return {
        "date": _day(context).isoformat(),
        "inbox": shown(inbox) if inbox else None,
        "run_id": context["dag_run"].run_id,
        **told,
    }


def opened(inbox: str | None) -> str | None:
    """Let this process open an inbox that is an Airflow connection (``airflow://ID/path``).

    Return its plain address.

    Any other address is returned as it is. None are the sources of ``sources.yml``, whose connections are asked for.
    """
    if inbox is None:
        open_connections()
        return None
    scheme, _, rest = inbox.partition("://")
    if scheme != "airflow":
        return inbox
    with guarded():
        name, _, path = rest.partition("/")
        return keep(_of_connection(BaseHook.get_connection(name), path))


def open_connections() -> None:
    """Let this process open the sources that name an Airflow connection.

    A connection that Airflow does not know is left out: the visit to its source tells of it, and stops no other.
    """
    with guarded():
        settings = load_settings()
        sources = load_sources(settings) if has_sources(settings) else ()
        for name in {
            source.connection for source in sources if source.connection
        }:
            with suppress(AirflowNotFoundException):
                known = BaseHook.get_connection(name)
                extra = {
                    key: str(value)
                    for key, value in known.extra_dejson.items()
                }
                keep_login(
                    name, Login(known.login or "", known.password or "", extra)
                )


def _of_connection(known: Any, path: str) -> Location:
    user = quote(known.login or "", safe="") + (
        f":{quote(known.password, safe='')}" if known.password else ""
    )
    port = f":{known.port}" if known.port else ""
    # An SFTP server may stand among Airflow's connections as either.
    scheme = "sftp" if known.conn_type == "ssh" else known.conn_type
    extra = {"key_file": "key_filename", "known_hosts": "known_hosts"}
    options = {
        option: known.extra_dejson[name]
        for name, option in extra.items()
        if known.extra_dejson.get(name)
    }
    return Location(
        f"{scheme}://{user}{'@' if user else ''}{known.host}{port}/{path}",
        options,
    )


def _day(context: Mapping[str, Any]) -> date:
    asked = context["params"].get("date")
    return date.fromisoformat(asked) if asked else _started(context["dag_run"])


def _started(run: Any) -> date:
    # A run that somebody starts by hand may have no logical date.
    when: datetime = run.logical_date or run.run_after
    return calendar.business_date(when)


def begin(night: Facts) -> Facts:
    """Run the first step: wait until no other night runs. Return the night with its number."""
    facts = {
        "run_id": night["run_id"],
        "watcher": _watcher,
        "tell": _tell,
        "inbox": opened(night["inbox"]),
    }
    return night | _run("open_night", night, "", facts)


def step(
    name: str, night: Facts, label: str = "", **arguments: object
) -> Facts:
    """Run one step of ``yiku.pipeline`` for a night.

    What it raises leaves here without any value of a person.
    """
    return _run(name, night, label, {"night": night.get("night"), **arguments})


def load_references(night: Facts, pulled: Facts) -> list[Facts]:
    """Run the step that loads what county offices sent; return the batches of the towns' files."""
    step("load_references", night, submissions=pulled["reference"])
    return list(pulled["batches"])


def report(name: str) -> Facts:
    """Run a step that reports on published marts, as the run's parameters ask."""
    context = get_current_context()
    asked = {key: context["params"].get(key) for key in report_params()}
    return _run(name, {"date": _day(context).isoformat()}, "", asked)


def bring_back(night: Facts) -> Facts:
    """Run the step that lays answers down, with the logins of the places."""
    open_connections()
    return step("bring_back", night)


def draw_wall(night: Facts) -> Facts:
    """Run the step that draws the wall pages and lays them down, with the logins of the places."""
    open_connections()
    return step("draw_wall", night)


def _run(
    name: str, night: Facts, label: str, arguments: Mapping[str, object]
) -> Facts:
    private.close_to_others()
    with _remembered(name), guarded(), _shown(name, label) as facts:
        # Not before a task runs: the DAG file is read again and again, and
        # whoever reads it needs nothing of this.
        from yiku import pipeline

        work: Callable[..., Facts] = getattr(pipeline, name)
        settings = load_settings()
        private.tighten(settings.home)
        facts.update(
            work(
                settings,
                business_date=date.fromisoformat(night["date"]),
                **arguments,
            )
        )
    return facts


def _tell(text: str) -> None:
    log.warning(text)
    if _screen:
        _screen.say(text)


def end_run() -> None:
    """Let the next night begin, however this run ended."""
    with guarded():
        from yiku import pipeline

        pipeline.end_run(
            load_settings(), get_current_context()["dag_run"].run_id
        )


@contextmanager
def _remembered(name: str) -> Iterator[None]:
    try:
        yield
    except StepError as fault:
        _reasons[name] = str(fault).splitlines()[0]
        raise
    _reasons.pop(name, None)  # a try before this one had failed


@contextmanager
def _shown(name: str, label: str) -> Iterator[Facts]:
    facts: Facts = {}
    began = time.monotonic()
    if _screen:
        _screen.begin(name, label)
    yield facts
    if _screen:
        _screen.end(name, label, time.monotonic() - began, facts)


def label_task(label: str) -> str:
    """Show ``label`` in place of the map index in the web page; return it."""
    get_current_context()["label"] = label
    return label


def tell_engineers(context: Mapping[str, Any]) -> None:
    """Tell whoever has to mend it that a task failed for good."""
    with guarded():
        from yiku.notices.alarm import alarm

        alarm(
            load_settings(),
            _day(context),
            context["ti"].task_id,
            context["dag_run"].run_id,
        )


# A fault that can pass is tried again twice; any other fails at once.
DEFAULT_ARGS: Mapping[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_policy": RETRY_PASSING,
    "on_failure_callback": tell_engineers,
}


def run_nightly_once(
    settings: Settings,
    inbox: str | None,
    day: date,
    screen: Screen,
    publish_old: bool = False,
) -> NightResult:
    """Run the nightly DAG to its end in this process and say how it ended.

    Airflow's own words go to its log.
    """
    global _screen, _watcher
    from airflow.dag_processing.dagbag import DagBag

    from yiku.warehouse.night_lock import watching

    _ensure_metadata(settings)
    bag = DagBag(str(settings.dags / "nightly.py"))
    if bag.import_errors:
        raise StepError(
            f"the DAG file cannot be read: {'; '.join(bag.import_errors.values())}"
        )
    asked = {
        "inbox": inbox,
        "date": day.isoformat(),
        "publish_old": publish_old,
    }
    began, _screen = time.monotonic(), screen
    _reasons.clear()
    try:
        with watching(settings) as _watcher:
            # Tasks run one after the other in this process, without a
            # scheduler.
            run = bag.dags["nightly"].test(run_conf=asked)
    finally:
        _screen = _watcher = None
    airflow_home.clean_now_and_then(
        settings, load_retention(settings).airflow_runs
    )
    return _result(run, time.monotonic() - began)


def _result(run: Any, seconds: float) -> NightResult:
    instances = run.get_task_instances()
    failed = tuple(
        sorted({t.task_id for t in instances if t.state == "failed"})
    )
    pulled, summary = (_said(instances, task) for task in ("pull", "close"))
    new = sum(pulled.get(k, 0) for k in ("new", "duplicates", "rejected"))
    return NightResult(
        run.run_id,
        run.state == "success",
        failed,
        summary,
        new,
        seconds,
        tuple(_reasons.values()),
    )


def _said(instances: list[Any], task: str) -> Facts:
    found = next(
        (t for t in instances if t.task_id == task and t.state == "success"),
        None,
    )
    return (
        dict(found.xcom_pull(task_ids=task) or {}) if found is not None else {}
    )


def _ensure_metadata(settings: Settings) -> None:
    """Make Airflow's tables in the SQLite file of one-command runs.

    Once for each version of Airflow.
    """
    from airflow import __version__
    from airflow.utils.db import initdb

    mark = settings.airflow / f"one_run.{__version__}"
    if not mark.exists():
        initdb()
        mark.touch()
