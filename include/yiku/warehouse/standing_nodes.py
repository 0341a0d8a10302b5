"""What stands of each node of the dbt project, from a build that was published, and what tonight's builds came to.

``ops.standing_node`` says from what each was made, ``ops.standing_relation`` which tables and views came of it: another
one under the same name is not what was made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from yiku.warehouse.connection import Connection

_STANDING = """
select
    s.node, s.fingerprint, s.night_id, s.status, s.failures, s.guarded_by, s.is_covered,
    coalesce(
        array_agg(r.name order by r.name) filter (where r.relation = to_regclass(r.name)::oid), '{}'
    )
from ops.standing_node as s
left join ops.standing_relation as r on s.node = r.node
group by s.node
"""
_KEEP_PENDING = """
insert into ops.build_node (night_id, node, status, seconds, failures, fingerprint, is_taken_over)
values (%(night)s, %(node)s, %(status)s, 0, %(failures)s, %(fingerprint)s, true)
on conflict (night_id, node) do update set
    status = excluded.status, seconds = excluded.seconds, failures = excluded.failures,
    fingerprint = excluded.fingerprint, is_taken_over = excluded.is_taken_over
"""
_MARK = """
update ops.build_node set fingerprint = m.fingerprint
from unnest(%s::text[], %s::uuid[]) as m (node, fingerprint)
where build_node.night_id = %s and build_node.node = m.node
"""
_PENDING = """
select node, fingerprint, status, failures, is_taken_over
from ops.build_node where night_id = %s
"""
_KEEP_STANDING = """
insert into ops.standing_node (node, fingerprint, night_id, status, failures, guarded_by, is_covered)
values (%(node)s, %(fingerprint)s, %(night)s, %(status)s, %(failures)s, %(guarded_by)s,
    %(is_covered)s)
"""
_KEEP_RELATION = """
insert into ops.standing_relation (name, node, relation)
select %(name)s, %(node)s, to_regclass(%(name)s)::oid where to_regclass(%(name)s) is not null
"""


@dataclass(frozen=True)
class StandingNode:
    """What stands of a node: from what it was made, in which night, and the relations that are still the same."""

    fingerprint: UUID
    night_id: int
    status: str
    failures: int | None
    guarded_by: UUID | None
    is_covered: bool
    relations: frozenset[str]


@dataclass(frozen=True)
class PendingNode:
    """What a night came to in one node; without a ``fingerprint`` nobody may take it over."""

    fingerprint: UUID | None
    status: str
    failures: int | None
    is_taken_over: bool


def standing_nodes(conn: Connection) -> dict[str, StandingNode]:
    """Return what stands of every node, with those of its relations that nobody has replaced since."""
    found: dict[str, StandingNode] = {}
    for (
        node,
        made_of,
        night,
        status,
        failures,
        by,
        covered,
        names,
    ) in conn.execute(_STANDING):
        found[node] = StandingNode(
            made_of, night, status, failures, by, covered, frozenset(names)
        )
    return found


def pending_nodes(conn: Connection, night_id: int) -> dict[str, PendingNode]:
    """Return what a night came to so far, by node."""
    return {
        node: PendingNode(*facts)
        for node, *facts in conn.execute(_PENDING, (night_id,))
    }


def keep_taken_over(
    conn: Connection,
    night_id: int,
    taken_over: Mapping[str, StandingNode],
    fingerprints: Mapping[str, UUID | None],
) -> None:
    """Write down the nodes that a night takes over, with their last outcome, in the caller's transaction."""
    lines = [
        {
            "night": night_id,
            "node": node,
            "status": standing.status,
            "failures": standing.failures,
            "fingerprint": fingerprints[node],
        }
        for node, standing in taken_over.items()
    ]
    conn.cursor().executemany(_KEEP_PENDING, lines)


def forget_standing(conn: Connection, nodes: Collection[str]) -> None:
    """Forget what nodes were made of, in the caller's transaction: from now on they are being made anew.

    A seed is written into the same table: a build that breaks off behind it would else leave rows of another version
    of the project under a fingerprint of this one.
    """
    conn.execute(
        "delete from ops.standing_node where node = any (%s)", (list(nodes),)
    )


def mark_pending(
    conn: Connection,
    night_id: int,
    fingerprints: Mapping[str, UUID | None],
) -> None:
    """Write beside the outcome of nodes that a night computed from what they were made."""
    names = list(fingerprints)
    conn.execute(
        _MARK, (names, [fingerprints[name] for name in names], night_id)
    )


def keep_standing(
    conn: Connection, standing: Mapping[str, StandingNode]
) -> None:
    """Remember what all nodes are made of, and their relations as they are now, in place of whatever stood before.

    In the caller's transaction.
    """
    conn.execute("delete from ops.standing_node")
    lines = [
        {
            "node": node,
            "fingerprint": stands.fingerprint,
            "night": stands.night_id,
            "status": stands.status,
            "failures": stands.failures,
            "guarded_by": stands.guarded_by,
            "is_covered": stands.is_covered,
        }
        for node, stands in standing.items()
    ]
    conn.cursor().executemany(_KEEP_STANDING, lines)
    names = [
        {"name": name, "node": node}
        for node, stands in standing.items()
        for name in sorted(stands.relations)
    ]
    conn.cursor().executemany(_KEEP_RELATION, names)
