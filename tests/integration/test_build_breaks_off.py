"""What is remembered of the marts when a build breaks off, runs once more, or is answered for only in part."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from yiku.faults import StepError
from yiku.pipeline import build_parts, marts
from yiku.pipeline.build_graph import BuildNode
from yiku.pipeline.build_parts import PartPlan
from yiku.pipeline.due_nodes import Fingerprints
from yiku.settings import Settings
from yiku.warehouse import shown_cells, standing_nodes
from yiku.warehouse.connection import Connection
from yiku.warehouse.standing_nodes import StandingNode
from yiku.warehouse.taken_over import take_over

DAY = date(2017, 11, 20)
SEED, MODEL = "seed.yiku.policy_rule", "model.yiku.payment"
MADE_OF = UUID(int=1)
TITLE, REASON = "mart_masked.task", "mart_masked.payment"


def night(conn: Connection) -> int:
    found = conn.execute(
        "insert into ops.night (business_date, state) values (%s, 'published') returning night_id",
        (DAY,),
    ).fetchone()
    assert found is not None
    return int(found[0])


def stand(conn: Connection, night_id: int, *nodes: str) -> None:
    stands = StandingNode(
        MADE_OF, night_id, "success", None, None, False, frozenset()
    )
    standing_nodes.keep_standing(conn, dict.fromkeys(nodes, stands))


def plan_of(due: str) -> PartPlan:
    node = BuildNode(due, due.split(".")[-1], "seed", ())
    found = Fingerprints({due: MADE_OF}, {due: MADE_OF})
    return PartPlan(marts.AFTER_PROPOSAL, (node,), found, frozenset([due]), {})


def test_what_a_build_began_to_make_is_trusted_no_more(
    warehouse: Connection,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A seed is written into its old table: after a broken build nobody knows by whose version."""
    number = night(warehouse)
    stand(warehouse, number, SEED, MODEL)
    warehouse.commit()

    def broken(*_: object) -> list[dict[str, object]]:
        raise StepError("killed in the middle")

    monkeypatch.setattr(marts, "build", broken)
    with pytest.raises(StepError, match="in the middle"):
        build_parts.build_part(settings, DAY, warehouse, number, plan_of(SEED))
    warehouse.rollback()
    assert set(standing_nodes.standing_nodes(warehouse)) == {MODEL}


def test_a_node_that_dbt_passes_over_is_not_published_without(
    warehouse: Connection,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = night(warehouse)
    monkeypatch.setattr(marts, "build", lambda *_: [])
    with pytest.raises(StepError, match=f"passed over 1 nodes: {SEED}"):
        build_parts.build_part(settings, DAY, warehouse, number, plan_of(SEED))


def noted(conn: Connection, night_id: int) -> dict[str, int]:
    query = "select relation, cells from ops.masked_cell where night_id = %s"
    return dict(conn.execute(query, (night_id,)).fetchall())


def note(conn: Connection, night_id: int, relation: str, cells: int) -> None:
    column = shown_cells.TextColumn(*relation.split("."), "title", False)
    shown_cells.note_masked(conn, night_id, column, cells)


def test_what_was_masked_is_counted_once_however_often_it_is_shown(
    warehouse: Connection,
) -> None:
    first = night(warehouse)
    shown_cells.begin_notes(warehouse, first)
    note(warehouse, first, TITLE, 3)
    stand(warehouse, first, MODEL)
    # The next one computes one relation and takes the other over, twice.
    second = night(warehouse)
    for _ in range(2):
        shown_cells.begin_notes(warehouse, second, [TITLE])
        note(warehouse, second, REASON, 2)
        assert noted(warehouse, second) == {TITLE: 3, REASON: 2}
    # It is published, and runs once more: nothing is due any more.
    stand(warehouse, second, MODEL)
    shown_cells.begin_notes(warehouse, second, [TITLE, REASON])
    assert noted(warehouse, second) == {TITLE: 3, REASON: 2}
    # In a third one a copy is looked at again, by other names.
    third = night(warehouse)
    shown_cells.begin_notes(warehouse, third, [TITLE, REASON])
    note(warehouse, third, TITLE, 1)
    assert noted(warehouse, third) == {TITLE: 4, REASON: 2}


def test_a_copy_leaves_row_policies_on_for_what_follows(
    warehouse: Connection,
) -> None:
    warehouse.execute(
        "create schema shown; create schema beside; create table shown.mart (id integer)"
    )
    take_over(warehouse, "shown.mart", "beside.mart")
    assert warehouse.execute("show row_security").fetchone() == ("on",)
