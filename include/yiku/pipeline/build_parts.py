"""Build a part of the marts: compute what is due, take the rest over from what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from yiku.faults import StepError
from yiku.pipeline import guard, marts
from yiku.pipeline.build_graph import BuildGraph, BuildNode, load_graph
from yiku.pipeline.due_nodes import (
    Fingerprints,
    due_nodes,
    fingerprints,
    public_name,
    public_names,
)
from yiku.pipeline.night_step import Facts
from yiku.settings import Settings
from yiku.warehouse import shadow, standing_nodes
from yiku.warehouse.connection import Connection
from yiku.warehouse.standing_nodes import PendingNode, StandingNode
from yiku.warehouse.taken_over import ensure_shadows, take_over

# What stands is as good as computed; anything else of dbt's words is not.
_STANDS = frozenset({"success", "pass", "warn", "no-op"})


@dataclass(frozen=True)
class PartPlan:
    """What a night computes of a part, and what it takes over."""

    part: marts.Part
    nodes: tuple[BuildNode, ...]
    found: Fingerprints
    due: frozenset[str]
    standing: Mapping[str, StandingNode]

    @property
    def taken_over(self) -> dict[str, StandingNode]:
        """What stands of the nodes that are not due."""
        return {
            node.unique_id: self.standing[node.unique_id]
            for node in self.nodes
            if node.unique_id not in self.due
        }

    def shadow_relations(self) -> list[str]:
        """Return the relations of the nodes that are not due, as they are called in the shadow."""
        return [
            name
            for node in self.nodes
            if node.unique_id not in self.due
            for name in node.relations
            if name.split(".")[0] in shadow.SHADOWS
        ]


def plan_part(
    settings: Settings,
    business_date: date,
    conn: Connection,
    night: int,
    part: marts.Part,
) -> PartPlan:
    """Say what a night has to compute of a part of the marts."""
    graph = project_graph(settings, business_date)
    is_second = part == marts.AFTER_PROPOSAL
    nodes = graph.part(is_second)
    standing = {} if settings.full_build else _standing(conn)
    before = _built_before(conn, night, graph) if is_second else {}
    # As they were built: what has come to the warehouse since is tomorrow's.
    known = {node: pending.fingerprint for node, pending in before.items()}
    computed = {
        node for node, pending in before.items() if not pending.is_taken_over
    }
    found = fingerprints(conn, graph, nodes, known)
    guarded_by = None
    if any(stands.is_covered for stands in standing.values()):
        guarded_by = guard.sight(conn)
    due = due_nodes(nodes, found, standing, guarded_by, computed)
    conn.commit()
    return PartPlan(part, nodes, found, frozenset(due), standing)


def _built_before(
    conn: Connection, night: int, graph: BuildGraph
) -> dict[str, PendingNode]:
    """Return what this night came to in the nodes that are built before pairs are proposed."""
    pending = standing_nodes.pending_nodes(conn, night)
    return {
        node.unique_id: pending[node.unique_id]
        for node in graph.part(after_proposal=False)
        if node.unique_id in pending
    }


def project_graph(settings: Settings, business_date: date) -> BuildGraph:
    """Return what the marts are made of, node by node."""
    return load_graph(settings, lambda: marts.parse(settings, business_date))


def _standing(conn: Connection) -> dict[str, StandingNode]:
    return {
        node: stands
        for node, stands in standing_nodes.standing_nodes(conn).items()
        if stands.status in _STANDS
    }


def build_part(
    settings: Settings,
    business_date: date,
    conn: Connection,
    night: int,
    plan: PartPlan,
) -> Facts:
    """Compute what is due of a part and put the rest beside it; return how many nodes came to what.

    Where nothing is due, here or in the part before, nothing is put into the shadow: what is published stays.
    StepError names the nodes that failed.
    """
    taken_over = plan.taken_over
    is_first = plan.part == marts.BEFORE_PROPOSAL
    stays = not plan.due and (is_first or shadow.stands_published(conn, night))
    if stays:
        published = [public_name(name) for name in plan.shadow_relations()]
        shadow.keep_relations(conn, night, plan.part.name, published)
        _keep_taken_over(conn, night, plan)
        conn.commit()
        return {"taken_over": len(taken_over)}
    ensure_shadows(conn, shadow.SHADOWS)
    if not is_first and shadow.stands_published(conn, night):
        _bring_over(conn, night, marts.BEFORE_PROPOSAL)
    copies = plan.shadow_relations()
    _copy(conn, copies)
    conn.commit()
    records = _compute(settings, business_date, conn, plan)
    marts.keep_records(conn, night, plan.part, records, copies)
    _keep_taken_over(conn, night, plan)
    computed = {node: plan.found.made_of[node] for node in plan.due}
    standing_nodes.mark_pending(conn, night, computed)
    conn.commit()
    marts.require_built(records)
    _require_answers(plan.due, records)
    counted = marts.by_status(records)
    return counted | ({"taken_over": len(taken_over)} if taken_over else {})


def _require_answers(
    due: Iterable[str], records: Sequence[Mapping[str, object]]
) -> None:
    """Raise StepError when dbt passed over nodes that it was asked for: their marts would be missing."""
    answered = {str(record["node"]) for record in records}
    unanswered = set(due) - answered
    if unanswered:
        names = ", ".join(sorted(unanswered)[:10])
        raise StepError(f"dbt passed over {len(unanswered)} nodes: {names}")


def _keep_taken_over(conn: Connection, night: int, plan: PartPlan) -> None:
    standing_nodes.keep_taken_over(
        conn, night, plan.taken_over, plan.found.made_of
    )


def _bring_over(conn: Connection, night: int, part: marts.Part) -> None:
    """Put into the shadow what a part had no reason to build, now that another has."""
    names = [
        name.replace(".", "_shadow.", 1)
        for name in shadow.relations_of_part(conn, night, part.name)
    ]
    _copy(conn, names)
    shadow.keep_relations(conn, night, part.name, names)


def _copy(conn: Connection, names: Iterable[str]) -> None:
    for name in names:
        take_over(conn, public_name(name), name)


def _compute(
    settings: Settings, business_date: date, conn: Connection, plan: PartPlan
) -> list[dict[str, object]]:
    if not plan.due:
        return []
    standing_nodes.forget_standing(conn, plan.due)
    conn.commit()
    due = [node for node in plan.nodes if node.unique_id in plan.due]
    if plan.part == marts.BEFORE_PROPOSAL:
        views = {
            name for node in due if node.is_view for name in node.relations
        }
        is_whole = len(due) == len(plan.nodes)
        shadow.drop_views_in_place(conn, None if is_whole else views)
    if len(due) == len(plan.nodes):
        return marts.build(settings, business_date, plan.part.nodes)
    return marts.build(settings, business_date, _selected(due))


def _selected(nodes: Sequence[BuildNode]) -> tuple[str, ...]:
    names = sorted(node.name for node in nodes)
    # Only these: a test that dbt would add of its own looks at what it did.
    return ("--indirect-selection", "empty", "--select", *names)


def keep_standing(
    conn: Connection,
    night: int,
    graph: BuildGraph,
    found: Fingerprints,
    guarded: guard.Guarded,
) -> None:
    """Remember what the marts that were just put in place are made of, in the caller's transaction.

    Of a node that would be made of something else by now (somebody's command came in between) nothing is remembered,
    nor of one that nobody may take over.
    """
    pending = standing_nodes.pending_nodes(conn, night)
    before = standing_nodes.standing_nodes(conn)
    standing: dict[str, StandingNode] = {}
    for node in graph.nodes:
        built = pending.get(node.unique_id)
        fingerprint = found.defined_by[node.unique_id]
        if built is None or built.fingerprint is None or fingerprint is None:
            continue
        is_same = built.fingerprint == found.made_of[node.unique_id]
        if not is_same or built.status not in _STANDS:
            continue
        names = frozenset(public_names(node))
        stands = StandingNode(
            fingerprint,
            night,
            built.status,
            built.failures,
            guarded.by,
            not names.isdisjoint(guarded.covered),
            names,
        )
        if built.is_taken_over:
            earlier = before.get(node.unique_id)
            if earlier is None or _is_covered_twice(earlier, guarded.by):
                continue
            stands = _as_it_stood(stands, earlier)
        standing[node.unique_id] = stands
    standing_nodes.keep_standing(conn, standing)


def _is_covered_twice(earlier: StandingNode, looked_by: UUID) -> bool:
    """Return whether covered cells were looked at again by other names, who see less of what is covered already."""
    return earlier.is_covered and earlier.guarded_by != looked_by


def _as_it_stood(stands: StandingNode, earlier: StandingNode) -> StandingNode:
    is_covered = stands.is_covered or earlier.is_covered
    return replace(stands, night_id=earlier.night_id, is_covered=is_covered)


def all_fingerprints(
    settings: Settings, business_date: date, conn: Connection
) -> tuple[BuildGraph, Fingerprints]:
    """Return the graph, and what each of its nodes would be made of now."""
    graph = project_graph(settings, business_date)
    return graph, fingerprints(conn, graph, graph.nodes)


def relations_taken_over(
    conn: Connection, night: int, graph: BuildGraph
) -> dict[str, UUID | None]:
    """Return the public relations that a night took over, each with what the guard last looked at it by."""
    pending = standing_nodes.pending_nodes(conn, night)
    standing = standing_nodes.standing_nodes(conn)
    return {
        name: standing[node.unique_id].guarded_by
        for node in graph.nodes
        for name in public_names(node)
        if node.unique_id in standing
        and node.unique_id in pending
        and pending[node.unique_id].is_taken_over
    }
