"""What the marts are made of, node by node, as dbt has parsed the project: kept in a file, so that a night asks no dbt.

The file holds good as long as the code does: ``code_key`` names it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from yiku.product import product_version
from yiku.settings import Settings
from yiku.whole_files import write_whole

_FILE = "build-graph.json"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_KINDS = frozenset({"model", "seed", "test"})
_CODE = frozenset({".sql", ".yml", ".csv", ".md"})
_MASKED = {"mart_shadow": "mart_masked_shadow"}
_PROPOSAL = "proposal"  # the tag of what waits for the optimiser

_SOURCE_CALL = re.compile(
    r"\{\{\s*source\(\s*\"(\w+)\"\s*,\s*\"(\w+)\"\s*\)\s*\}\}"
)
_LINE_COMMENT = re.compile(r"--[^\n]*")
_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(")
_CALL = re.compile(r"\b(\w+)\s*\(")
# Objects that a model names by itself, past dbt's sources.
_NAMED = re.compile(
    r"\b((?:ops|raw|register|pairing)\"?\.\"?\w+|yiku\.business_date)",
    re.IGNORECASE,
)
_DAY = frozenset(
    {"ops.business_date", "ops.first_night", "yiku.business_date"}
)
# What these functions and this table hold is part of what the warehouse's
# own state says (``source_state.world``); a mask may be named in two halves.
_COVERED = frozenset(
    {
        "ops.age_band",
        "ops.code_word",
        "ops.employer_norm",
        "ops.mask_",
        "ops.mask_name",
        "ops.mask_text",
    }
)
CALLED = _DAY | _COVERED
# What gives another answer whenever it is asked.
_BY_CHANCE = re.compile(
    r"\b(?:current_date|current_time(?:stamp)?|localtime(?:stamp)?|nextval|random|gen_random_uuid|timeofday"
    r"|current_user|session_user|run_started_at|invocation_id"
    r"|(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|pg_current_xact_id)\s*\("
    r"|age\s*\([^,()]*\))|'(?:now|today|yesterday|tomorrow)'",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class BuildNode:
    """A model, seed or data test of the dbt project, with all that it is made of but the rows.

    ``relations`` are called as while they are built. ``source`` and ``query`` are a staging model's own: what it reads,
    and how; ``unknown`` names what it reads and nobody can answer for.
    """

    unique_id: str
    name: str
    kind: str
    parents: tuple[str, ...]
    relations: tuple[str, ...] = ()
    is_view: bool = False
    uses_day: bool = False
    waits_for_proposal: bool = False
    source: str = ""
    query: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuildGraph:
    """The nodes of the project, each after those that it is made of."""

    key: str
    nodes: tuple[BuildNode, ...]

    def part(self, after_proposal: bool) -> tuple[BuildNode, ...]:
        """Return the nodes that are built before, or after, pairs are proposed."""
        return tuple(
            node
            for node in self.nodes
            if node.waits_for_proposal == after_proposal
        )


def code_key(settings: Settings) -> str:
    """Return a fingerprint of the project's code, of ours and of dbt's version."""
    digest = hashlib.sha256(product_version().encode())
    for package in ("dbt-core", "dbt-postgres"):
        digest.update(f"{package} {version(package)}\n".encode())
    root = settings.dbt_project
    paths = [path for path in root.rglob("*") if path.suffix in _CODE]
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root)}\n".encode())
        digest.update(path.read_bytes())
    # In letters alone: where nobody may read a number it shows none.
    return digest.hexdigest().translate(_LETTERS)


def load_graph(settings: Settings, parse: Callable[[], Any]) -> BuildGraph:
    """Return the graph of the project: from the file if the code is the same, else from what ``parse`` returns."""
    key = code_key(settings)
    path = settings.run / "dbt" / _FILE
    kept = _read(path)
    if kept and kept.key == key:
        return kept
    graph = BuildGraph(key, graph_nodes(parse()))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(graph), ensure_ascii=False)
    write_whole(path, text.encode())
    return graph


def _read(path: Path) -> BuildGraph | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
        nodes = tuple(BuildNode(**_tuples(node)) for node in kept["nodes"])
        return BuildGraph(kept["key"], nodes)
    # One of another version, or broken off: it is made anew.
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tuples(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in node.items()
    }


def graph_nodes(manifest: Any) -> tuple[BuildNode, ...]:
    """Return the nodes of a manifest of dbt's, each after its parents."""
    macros = _own_macros(manifest)
    wanted = {
        unique_id: node
        for unique_id, node in manifest.nodes.items()
        if node.resource_type.value in _KINDS
    }
    after = {
        unique_id: sorted(
            parent for parent in node.depends_on_nodes if parent in wanted
        )
        for unique_id, node in wanted.items()
    }
    made: dict[str, BuildNode] = {}
    # The order is that of the names wherever the graph leaves a choice.
    for unique_id in TopologicalSorter(
        dict(sorted(after.items()))
    ).static_order():
        node = wanted[unique_id]
        parents = tuple(after[unique_id])
        waits = _PROPOSAL in node.tags or any(
            made[parent].waits_for_proposal for parent in parents
        )
        made[unique_id] = _build_node(node, parents, waits, macros)
    return tuple(made.values())


def _build_node(
    node: Any,
    parents: tuple[str, ...],
    waits_for_proposal: bool,
    macros: Mapping[str, str],
) -> BuildNode:
    text = _all_text(node, macros)
    named = {name.replace('"', "").lower() for name in _NAMED.findall(text)}
    unknown = named - _DAY - _COVERED
    unknown |= set(_BY_CHANCE.findall(text))
    source, query = _staging_query(node)
    sources = [
        parent
        for parent in node.depends_on_nodes
        if parent.startswith("source.")
    ]
    # A model that reads a source in a way that cannot be asked by itself.
    if sources and not source:
        unknown |= set(sources)
    return BuildNode(
        unique_id=node.unique_id,
        name=node.name,
        kind=node.resource_type.value,
        parents=parents,
        relations=relations_of(node),
        is_view=node.config.materialized == "view",
        # What a staging model shows of the ledger on a day its own query
        # tells; of a list the rows are told, and not the query.
        uses_day=bool(named & _DAY) and not _tells_its_day(source),
        waits_for_proposal=waits_for_proposal,
        source=source,
        query=query,
        unknown=tuple(sorted(unknown)),
    )


def _tells_its_day(source: str) -> bool:
    return bool(source) and not source.startswith("raw.")


def relations_of(node: Any) -> tuple[str, ...]:
    """Return the relations that a node of dbt's makes; a mart makes its masked one as well."""
    if node.resource_type.value not in ("model", "seed"):
        return ()
    schemas = [node.schema]
    if node.schema in _MASKED:
        schemas.append(_MASKED[node.schema])
    return tuple(f"{schema}.{node.alias}" for schema in schemas)


def _staging_query(node: Any) -> tuple[str, str]:
    """Return the one source of a staging model and its query as the server understands it, if it has one."""
    text = _without_comments(getattr(node, "raw_code", ""))
    found = _SOURCE_CALL.findall(text)
    if len(found) != 1:
        return "", ""
    query = _SOURCE_CALL.sub(r"\1.\2", text)
    # What Jinja still has to say something about is no plain query.
    if "{" in query:
        return "", ""
    return ".".join(found[0]), query.strip()


# --- what a node's text comes to


def _own_macros(manifest: Any) -> dict[str, str]:
    """Return the text of the project's macros by name, dbt's own left out: these are named by dbt's version."""
    own: dict[str, str] = {}
    for macro in manifest.macros.values():
        if macro.package_name == manifest.metadata.project_name:
            text = _without_comments(macro.macro_sql)
            for name in _MACRO.findall(text):
                own[name] = text
            own[macro.name] = text
    return own


def _all_text(node: Any, macros: Mapping[str, str]) -> str:
    """Return a node's code, its hooks and arguments, and the text of every macro that any of them may call.

    By the names that stand there, not by what dbt noticed: dbt sees no call behind ``{% if execute %}``.
    """
    pieces = [getattr(node, "raw_code", ""), *_configured_text(node)]
    reached: dict[str, str] = {}
    waiting = [_without_comments(piece) for piece in pieces]
    texts = list(waiting)
    while waiting:
        text = waiting.pop()
        for name in _new_macros(text, macros, reached):
            reached[name] = macros[name]
            waiting.append(macros[name])
    return "\n".join([*texts, *reached.values()])


def _without_comments(text: str) -> str:
    """Return a text without the comments of Jinja and of SQL, each in place of a blank."""
    before, *pieces = text.split("{#")
    kept = [before]
    for piece in pieces:
        # What closes nothing is still inside: a comment may quote how one begins.
        _, closed, after = piece.partition("#}")
        kept.append(after if closed else "")
    return _LINE_COMMENT.sub(" ", " ".join(kept))


def _new_macros(
    text: str, macros: Mapping[str, str], reached: Mapping[str, str]
) -> Iterable[str]:
    called = {name for name in _CALL.findall(text) if name in macros}
    return sorted(called - set(reached))


def _configured_text(node: Any) -> list[str]:
    hooks = [
        *getattr(node.config, "pre_hook", ()),
        *getattr(node.config, "post_hook", ()),
    ]
    arguments = getattr(node, "test_metadata", None)
    where = getattr(node.config, "where", None)
    return [*(hook.sql for hook in hooks), str(arguments), str(where)]
