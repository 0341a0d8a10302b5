"""Which nodes of the build have to be computed tonight: those of which something that they are made of has changed.

Where nobody can tell, a node is computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from yiku.pipeline.build_graph import BuildGraph, BuildNode
from yiku.warehouse import source_state
from yiku.warehouse.connection import Connection
from yiku.warehouse.source_state import Staging
from yiku.warehouse.standing_nodes import StandingNode


@dataclass(frozen=True)
class Fingerprints:
    """What each node is made of tonight.

    ``made_of`` is what it hands on to those that stand on it, rows included; ``defined_by`` is what has to be the same
    for its relation to stay: of a staging view the code alone.
    """

    made_of: Mapping[str, UUID | None]
    defined_by: Mapping[str, UUID | None]


def fingerprints(
    conn: Connection,
    graph: BuildGraph,
    nodes: Sequence[BuildNode],
    known: Mapping[str, UUID | None] | None = None,
) -> Fingerprints:
    """Return of some nodes what they are made of now, on the connection's business date.

    ``known`` says it of the nodes that were built earlier this night.
    """
    world = source_state.world(conn)
    day = source_state.day_facts(conn)
    tokens = source_state.read_tokens(
        conn,
        [
            Staging(node.unique_id, node.source, node.query)
            for node in nodes
            if node.source
        ],
    )
    made_of: dict[str, UUID | None] = dict(known or {})
    defined_by: dict[str, UUID | None] = {}
    for node in nodes:
        parents = [made_of.get(parent) for parent in node.parents]
        if node.unknown or None in parents:
            made_of[node.unique_id] = defined_by[node.unique_id] = None
            continue
        words = [graph.key, world, node.unique_id, *map(str, parents)]
        if node.uses_day:
            words.append(str(day))
        own = _digest(words)
        defined_by[node.unique_id] = made_of[node.unique_id] = own
        if node.source:
            token = tokens[node.unique_id]
            made_of[node.unique_id] = (
                _digest([str(own), token]) if token is not None else None
            )
    return Fingerprints(made_of, defined_by)


def _digest(words: Sequence[str]) -> UUID:
    text = "\n".join(words)
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def due_nodes(
    nodes: Sequence[BuildNode],
    found: Fingerprints,
    standing: Mapping[str, StandingNode],
    guarded_by: UUID | None,
    due_before: Collection[str] = (),
) -> set[str]:
    """Return which of the nodes have to be computed tonight.

    ``guarded_by`` tells by which names the privacy guard looks: what it covered by others is made anew.
    ``due_before`` are nodes that this night has computed already.
    """
    due = set(due_before)
    for node in nodes:
        stands = standing.get(node.unique_id)
        fingerprint = found.defined_by[node.unique_id]
        is_as_made = (
            stands is not None
            and fingerprint is not None
            and stands.fingerprint == fingerprint
            and stands.relations.issuperset(public_names(node))
            and not (stands.is_covered and stands.guarded_by != guarded_by)
        )
        if not is_as_made or _is_pulled_along(node, due):
            due.add(node.unique_id)
    return due.difference(due_before)


def _is_pulled_along(node: BuildNode, due: Collection[str]) -> bool:
    """Return whether a node goes with what it stands on: a view is dropped with it, a test has to look at it again."""
    stands_on_it = node.is_view or node.kind == "test"
    return stands_on_it and any(parent in due for parent in node.parents)


def public_names(node: BuildNode) -> tuple[str, ...]:
    """Return the relations of a node as they are called once they are published."""
    return tuple(public_name(name) for name in node.relations)


def public_name(name: str) -> str:
    """Return what a relation is called once it is published."""
    schema, relation = name.split(".")
    return f"{schema.removesuffix('_shadow')}.{relation}"
