"""A publish puts in place what its own night has built, the whole of it, or nothing."""

from contextlib import closing

import pytest
from nights import DAY, Nights
from yiku import pipeline
from yiku.faults import StepError
from yiku.pipeline import build_parts, marts
from yiku.pipeline.build_graph import BuildGraph, BuildNode
from yiku.warehouse.connection import connect

RELATIONS = {
    "before_proposal": [
        "mart_shadow.one_db",
        "mart_masked_shadow.one_db",
        "mart_masked_shadow.coverage",
        "mart_masked_shadow.target_progress",
        "published_shadow.coverage",
    ],
    "after_proposal": [
        "mart_shadow.pairing_proposal",
        "mart_shadow.pairing_gap",
    ],
}
GRAPH = BuildGraph(
    "the code",
    tuple(
        BuildNode(
            f"model.yiku.{name}",
            name,
            "model",
            parents=(),
            relations=(name,),
            waits_for_proposal=part == "after_proposal",
        )
        for part, names in RELATIONS.items()
        for name in names
    ),
)
# What the publish step keeps of these.
KEPT_OF_MONTHS = {
    "mart_masked_shadow.coverage": "like ops.coverage_month",
    "mart_masked_shadow.target_progress": "like ops.target_month",
}
# What the publish step looks at besides.
TOLD = "rule text, verdict text, list text, row_id uuid, submission_id bigint, sheet text, row_no integer"


@pytest.fixture
def night(settings, tmp_path, monkeypatch):
    """Give an installation whose builds make a few small relations."""

    def build(settings, business_date, nodes):
        # A part by dbt's words for it, or some nodes by their names.
        parts = {
            marts.BEFORE_PROPOSAL.nodes: RELATIONS["before_proposal"],
            marts.AFTER_PROPOSAL.nodes: RELATIONS["after_proposal"],
        }
        every = [name for names in RELATIONS.values() for name in names]
        made = parts.get(nodes) or [name for name in every if name in nodes]
        with connect(settings) as conn:
            for schema in marts.SHADOWS:
                conn.execute(f"create schema if not exists {schema}")
            for name in made:
                columns = KEPT_OF_MONTHS.get(name, "note text")
                conn.execute(
                    f"drop table if exists {name}; create table {name} ({columns})"
                )
            for name in (
                "int_row_conflicts__found",
                "int_row_conflicts__figures",
            ):
                conn.execute(
                    f"create table if not exists core.{name} ({TOLD}, other_town_code text)"
                )
        done = {"status": "success", "seconds": 0, "failures": 0}
        return [
            {**done, "node": f"model.yiku.{n}", "relations": [n]} for n in made
        ]

    monkeypatch.setattr(marts, "build", build)
    monkeypatch.setattr(build_parts, "project_graph", lambda *_: GRAPH)
    monkeypatch.setattr(
        pipeline.mart_steps.proposal_runs, "propose_all", lambda conn, day: {}
    )
    found = Nights(settings, tmp_path / "inbox")
    found.inbox.mkdir()
    return found


def open_night(night):
    number = pipeline.open_night(
        night.settings, DAY, str(night.inbox), "the run"
    )["night"]
    with closing(connect(night.settings)) as conn:
        conn.execute(
            "drop schema if exists mart_shadow, mart_masked_shadow, published_shadow cascade"
        )
        conn.commit()
    return number


def whole_night(night):
    """Build and publish a night, and close it."""
    number = open_night(night)
    pipeline.build_marts(night.settings, DAY, number)
    pipeline.propose(night.settings, DAY, number)
    pipeline.publish(night.settings, DAY, number)
    pipeline.close_night(night.settings, DAY, number)


def published(night, number):
    return night.rows(
        "select state from ops.night where night_id = %s", number
    ) == [("published",)]


def test_what_a_night_has_built_is_published_once(night):
    number = open_night(night)
    pipeline.build_marts(night.settings, DAY, number)
    pipeline.propose(night.settings, DAY, number)
    for _ in range(2):  # the second time as a task that is run again
        pipeline.publish(night.settings, DAY, number)
        assert published(night, number)
    assert night.rows("select count(*) from mart.pairing_proposal") == [(0,)]


def spoil(night, statement):
    with closing(connect(night.settings)) as conn:
        conn.execute(statement)
        conn.commit()


SPOILT = {
    "one is missing": "drop table mart_shadow.one_db",
    "one is another's": "drop table mart_shadow.one_db; create table mart_shadow.one_db (note text)",
    "one is too many": "create table published_shadow.strange (note text)",
    "all are another's": "drop schema mart_shadow cascade; create schema mart_shadow",
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_shadow_that_is_not_what_the_night_built_is_refused(night, spoilt):
    number = open_night(night)
    pipeline.build_marts(night.settings, DAY, number)
    pipeline.propose(night.settings, DAY, number)
    spoil(night, SPOILT[spoilt])
    with pytest.raises(StepError, match="not what this night built"):
        pipeline.publish(night.settings, DAY, number)
    assert night.rows("select to_regclass('mart.one_db')") == [(None,)]
    pipeline.end_run(night.settings, "the run")
    assert night.rows(
        "select state from ops.night where night_id = %s", number
    ) == [("failed",)]


def test_half_a_build_is_refused(night):
    number = open_night(night)
    pipeline.build_marts(night.settings, DAY, number)
    with pytest.raises(StepError, match="after_proposal"):
        pipeline.publish(night.settings, DAY, number)


def test_what_the_night_before_built_is_refused(night):
    pipeline.build_marts(night.settings, DAY, open_night(night))
    pipeline.propose(night.settings, DAY)
    later = pipeline.open_night(
        night.settings, DAY, str(night.inbox), "the run"
    )["night"]
    with pytest.raises(StepError, match="were not built"):
        pipeline.publish(night.settings, DAY, later)
    assert not published(night, later)


def test_a_night_that_builds_nothing_counts_on_what_is_published(night):
    whole_night(night)

    number = open_night(night)
    said = pipeline.build_marts(night.settings, DAY, number)
    assert said["taken_over"] == len(RELATIONS["before_proposal"])
    said = pipeline.propose(night.settings, DAY, number)
    assert said["taken_over"] == len(RELATIONS["after_proposal"])
    assert night.rows("select to_regnamespace('mart_shadow')") == [(None,)]
    # Somebody brings older marts back before they are shown for tonight's.
    spoil(
        night, "create schema aside; alter table mart.one_db set schema aside"
    )
    with pytest.raises(StepError, match="not what this night built"):
        pipeline.publish(night.settings, DAY, number)
    assert not published(night, number)
    spoil(night, "alter table aside.one_db set schema mart")
    pipeline.publish(night.settings, DAY, number)
    assert published(night, number)


def test_what_was_put_in_the_place_of_a_mart_is_not_taken_over(night):
    whole_night(night)
    spoil(
        night, "drop table mart.one_db; create table mart.one_db (note text)"
    )
    number = open_night(night)
    said = pipeline.build_marts(night.settings, DAY, number)
    assert said["success"] == 1
