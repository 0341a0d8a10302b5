"""The DAGs of reports run to their end, on a step that only writes down what it was asked."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import yiku

REPORTS = {
    "monthly_bulletin": ("issue_bulletins", "2017-11"),
    "quarterly_inspection": ("issue_inspections", "2017-Q4"),
}


@pytest.fixture
def asked(monkeypatch, settings):
    """What the steps of ``yiku.pipeline`` were asked, by name."""
    monkeypatch.setenv("YIKU_HOME", str(settings.home))
    told = {}
    module = ModuleType("yiku.pipeline")

    def writes_down(name):
        def issue(settings, **arguments):
            told[name] = arguments
            return {"period": arguments["period"], "written": 1}

        return issue

    for step, _ in REPORTS.values():
        setattr(module, step, writes_down(step))
    monkeypatch.setitem(sys.modules, "yiku.pipeline", module)
    monkeypatch.setattr(yiku, "pipeline", module, raising=False)
    return told


@pytest.mark.parametrize("dag", REPORTS)
def test_a_run_by_hand_asks_for_a_county_a_period_and_a_preview(
    settings, asked, dag
):
    from airflow.dag_processing.dagbag import DagBag
    from yiku.airflow_glue import _ensure_metadata

    _ensure_metadata(settings)
    step, period = REPORTS[dag]
    bag = DagBag(str(settings.dags / f"{dag}.py"))
    wanted = {"county": "510802", "period": period, "preview": True}
    run = bag.dags[dag].test(run_conf=wanted)
    assert run.state == "success"
    assert {name: asked[step][name] for name in wanted} == wanted
