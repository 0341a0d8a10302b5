"""What every DAG of this project keeps to."""

from __future__ import annotations

import ast
import json
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from yiku.settings import load_settings

ROOT = load_settings({}).project_root
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
TAGS = {
    "impact/tier_1",
    "impact/tier_2",
    "impact/tier_3",
    "area/intake",
    "area/reports",
}
HEADINGS = ("## Purpose", "## Triage", "## Rerun")


@pytest.fixture(scope="session")
def dags(settings):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag.dags


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_every_file_gives_a_dag(dags):
    assert set(dags) == {p.stem for p in DAG_FILES}


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda p: p.name)
def test_dag_files_are_wiring(path):
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    functions = [
        n
        for n in nodes
        if isinstance(n, ast.FunctionDef) and n.name != path.stem
    ]
    # counted in statements: how many lines they take is for the formatter to say
    assert sum(isinstance(n, ast.stmt) for n in nodes) <= 60
    assert all(f.end_lineno - f.lineno < 25 for f in functions)
    assert not path.name.startswith("dbt_")
    assert not {
        "pandas",
        "psycopg",
        "great_expectations",
        "yiku.pipeline",
    } & imports(path)


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda p: p.name)
@pytest.mark.parametrize(
    "word",
    ["Variable", "Connection", "{{ ds", "data_interval", "lambda", "now()"],
)
def test_dag_files_avoid_what_bites(path, word):
    assert word not in path.read_text("utf-8")


def test_airflow_is_imported_in_one_module():
    users = {
        p.name
        for p in (ROOT / "include").rglob("*.py")
        if any(i.split(".")[0] == "airflow" for i in imports(p))
    }
    assert users == {"airflow_glue.py"}


def test_dags_say_what_they_are_for(dags):
    for dag in dags.values():
        assert all(h in dag.doc_md for h in HEADINGS)
        assert dag.tags <= TAGS
        assert any(t.startswith("impact/") for t in dag.tags)


def test_dags_run_one_at_a_time_and_never_catch_up(dags):
    assert all(d.max_active_runs == 1 and not d.catchup for d in dags.values())


def is_report(dag):
    """Tell whether a DAG waits for the marts of a night and so has no hour of its own."""
    return not dag.timetable.can_be_scheduled or not hasattr(
        dag.timetable, "expression"
    )


def test_reports_wait_for_the_marts_that_a_night_publishes(dags):
    from yiku.airflow_glue import MARTS

    published = dags["nightly"].task_dict["publish"].outlets
    assert [asset.uri for asset in published] == [MARTS.uri]
    reports = {name: dag for name, dag in dags.items() if is_report(dag)}
    assert set(reports) == {"monthly_bulletin", "quarterly_inspection"}
    for dag in reports.values():
        condition = dag.timetable.asset_condition
        assert {a.uri for a in condition.objects} == {MARTS.uri}
        assert set(dag.params) == {"county", "period", "preview"}


def test_the_night_begins_at_one_in_shanghai(dags):
    timetable = dags["nightly"].timetable
    assert timetable.expression == "0 1 * * *"
    assert "Asia/Shanghai" in str(timetable.timezone)


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_a_fresh_installation_begins_with_the_next_night(
    dags, monkeypatch, hour
):
    import pendulum
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables import trigger
    from airflow.timetables.base import TimeRestriction

    now = pendulum.datetime(2026, 11, 27, hour, 30, tz="Asia/Shanghai")
    monkeypatch.setattr(trigger, "utcnow", lambda: now.in_timezone("UTC"))
    by_the_clock = [dag for dag in dags.values() if not is_report(dag)]
    assert by_the_clock
    for dag in by_the_clock:
        asked = TimeRestriction(
            earliest=dag.start_date, latest=None, catchup=dag.catchup
        )
        as_scheduled = DagSerialization.from_dict(
            DagSerialization.to_dict(dag)
        ).timetable
        first = as_scheduled.next_dagrun_info(
            last_automated_data_interval=None, restriction=asked
        )
        assert now < first.run_after <= now.add(days=1)


def test_only_faults_that_can_pass_are_tried_again(dags):
    from airflow.sdk.definitions.retry_policy import RetryAction
    from yiku.faults import PassingError, StepError

    for task in (t for d in dags.values() for t in d.tasks):
        assert task.retries == 2
        assert (
            task.retry_policy.evaluate(PassingError(), 1, 3).action
            is RetryAction.RETRY
        )
        assert (
            task.retry_policy.evaluate(StepError(), 1, 3).action
            is RetryAction.FAIL
        )
        assert (
            task.retry_policy.evaluate(ValueError(), 1, 3).action
            is RetryAction.FAIL
        )


def test_serialising_twice_gives_the_same(settings):
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    def text() -> str:
        bag = DagBag(str(ROOT / "dags"))
        return json.dumps(
            [DagSerialization.to_dict(d) for d in bag.dags.values()],
            sort_keys=True,
            default=str,
        )

    assert text() == text()


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2017, 11, 19, 17, tzinfo=UTC), date(2017, 11, 20)),
        (datetime(2017, 11, 20, 15, 59, tzinfo=UTC), date(2017, 11, 20)),
    ],
)
def test_the_business_date_is_the_one_in_shanghai(settings, utc, expected):
    from yiku.airflow_glue import _started

    assert (
        _started(SimpleNamespace(logical_date=utc, run_after=utc)) == expected
    )


@pytest.mark.parametrize(
    ("inbox", "taken"),
    [
        ("sftp://clerk@host/in", True),
        ("airflow://towns/in", True),
        (None, True),
        ("sftp://clerk:word@host/in", False),
    ],
)
def test_a_run_takes_no_password_among_its_parameters(inbox, taken):
    from airflow.sdk import Param
    from airflow.sdk.exceptions import ParamValidationError
    from yiku.airflow_glue import INBOX

    parameter = Param(None, **INBOX)
    with nullcontext() if taken else pytest.raises(ParamValidationError):
        parameter.resolve(inbox)
