"""Count how the code reads: function lengths, density, names, comments, and the layers of the dbt models.

    python -m benchmarks.figures         # a table, each figure beside its aim

Counted over the lines that are not blank of ``include/yiku``. A node is an expression or a statement of Python's
syntax tree; a short name is one of one or two characters that is bound by an assignment or as a parameter.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from yiku.pages import parsed_manifest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "include" / "yiku"
PROJECT = ROOT / "dbt_project"
LONG_LINE = 100
SHORT_NAME = 2


@dataclass(frozen=True)
class Figure:
    """One figure beside the most, or the least, that it should be."""

    name: str
    value: float
    aim: float
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Return whether the aim is reached."""
        return (
            self.value >= self.aim if self.is_least else self.value <= self.aim
        )


@dataclass
class Counts:
    """What was counted in some modules."""

    lines: int = 0
    long_lines: int = 0
    nodes: int = 0
    names: int = 0
    short_names: int = 0
    comments: int = 0
    function_lengths: list[int] = field(default_factory=list)

    def add(self, source: str) -> None:
        """Count one module's source."""
        written = [line for line in source.splitlines() if line.strip()]
        self.lines += len(written)
        self.long_lines += sum(len(line) >= LONG_LINE for line in written)
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        self.comments += sum(
            token.type == tokenize.COMMENT for token in tokens
        )
        for node in ast.walk(ast.parse(source)):
            self._add_node(node)

    def _add_node(self, node: ast.AST) -> None:
        self.nodes += isinstance(node, (ast.expr, ast.stmt))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.function_lengths.append(
                (node.end_lineno or node.lineno) - node.lineno + 1
            )
        name = _bound_name(node)
        if name:
            self.names += 1
            self.short_names += len(name) <= SHORT_NAME


def _bound_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else None


def code_figures(package: Path = PACKAGE) -> list[Figure]:
    """Return the figures of a package's Python."""
    counts = Counts()
    for path in sorted(package.rglob("*.py")):
        counts.add(path.read_text("utf-8"))
    lengths = sorted(counts.function_lengths)
    return [
        Figure("function lines, median", statistics.median(lengths), 10),
        Figure(
            "function lines, nine in ten", lengths[int(len(lengths) * 0.9)], 30
        ),
        Figure("function lines, longest", lengths[-1], 60),
        Figure("nodes a line", round(counts.nodes / counts.lines, 2), 4.0),
        Figure(
            f"lines of {LONG_LINE} characters and more, %",
            _percent(counts.long_lines, counts.lines),
            3,
        ),
        Figure(
            "names of one or two characters, %",
            _percent(counts.short_names, counts.names),
            8,
        ),
        Figure(
            "comments in 100 lines",
            _percent(counts.comments, counts.lines),
            4,
            is_least=True,
        ),
    ]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


def layer_figures(manifest: dict[str, Any]) -> list[Figure]:
    """Return the figures of the layers of the dbt models."""
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    ]
    staging = [model for model in models if model["fqn"][1] == "staging"]
    intermediate = [
        model for model in models if model["fqn"][1] == "intermediate"
    ]
    return [
        Figure(
            "staging models on other models",
            sum(map(_is_on_models, staging)),
            0,
        ),
        Figure(
            "intermediate models without int_",
            sum(not m["name"].startswith("int_") for m in intermediate),
            0,
        ),
        Figure(
            "intermediate models in no folder",
            sum(len(m["fqn"]) < 4 for m in intermediate),
            0,
        ),
        Figure(
            "intermediate models not described",
            sum(not m["description"] for m in intermediate),
            0,
        ),
    ]


def _is_on_models(model: dict[str, Any]) -> bool:
    return any(
        name.startswith("model.") for name in model["depends_on"]["nodes"]
    )


def main() -> int:
    """Print the table; return 1 where an aim is missed."""
    figures = [*code_figures(), *layer_figures(parsed_manifest(PROJECT))]
    table = Table("figure", "value", "aim", "")
    for figure in figures:
        bound = "≥" if figure.is_least else "≤"
        table.add_row(
            figure.name,
            f"{figure.value:g}",
            f"{bound} {figure.aim:g}",
            "" if figure.is_met else "missed",
        )
    Console().print(table)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
