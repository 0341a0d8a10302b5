"""The monthly bulletin's DAG run to its end, on a step that only writes down what it was asked."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import yiku


@pytest.fixture
def asked(monkeypatch, settings):
    """What ``yiku.pipeline.issue_bulletins`` was asked, by name."""
    monkeypatch.setenv("YIKU_HOME", str(settings.home))
    told = {}
    module = ModuleType("yiku.pipeline")

    def issue_bulletins(settings, **arguments):
        told.update(arguments)
        return {"period": "2017-11", "written": 1}

    module.issue_bulletins = issue_bulletins
    monkeypatch.setitem(sys.modules, "yiku.pipeline", module)
    monkeypatch.setattr(yiku, "pipeline", module, raising=False)
    return told


def test_a_run_by_hand_asks_for_a_county_a_month_and_a_preview(
    settings, asked
):
    from airflow.dag_processing.dagbag import DagBag
    from yiku.airflow_glue import _ensure_metadata

    _ensure_metadata(settings)
    bag = DagBag(str(settings.dags / "monthly_bulletin.py"))
    wanted = {"county": "510802", "period": "2017-11", "preview": True}
    run = bag.dags["monthly_bulletin"].test(run_conf=wanted)
    assert run.state == "success"
    assert {name: asked[name] for name in wanted} == wanted
