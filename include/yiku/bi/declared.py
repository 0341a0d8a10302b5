"""What the dashboards shall show: ``include/superset/dashboards.yml``, read into records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from yiku.bi.shown_tables import MASKED

FILE = "dashboards.yml"
KINDS = ("number", "table", "bar", "line", "pie", "map")


class DeclarationError(Exception):
    """The description of the dashboards says what cannot be written. Chinese, for whoever edits it."""


@dataclass(frozen=True)
class Measure:
    """A metric of a dataset, or a computed column: its name, label and SQL expression."""

    name: str
    label: str
    sql: str
    number_format: str = ""


@dataclass(frozen=True)
class DeclaredDataset:
    """A table of the warehouse with what is computed on it."""

    schema: str
    table: str
    measures: tuple[Measure, ...]
    computed: tuple[Measure, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the declaration and in references of charts."""
        return (
            self.table if self.schema == MASKED else f"published.{self.table}"
        )


@dataclass(frozen=True)
class DeclaredChart:
    """A chart; width in twelfths of the page, height in Superset's units of 8 px."""

    title: str
    kind: str
    dataset: str
    where: Mapping[str, Any] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    sort_by: str = ""
    is_descending: bool = False
    is_stacked: bool = False
    width: int = 12
    height: int = 24


@dataclass(frozen=True)
class DeclaredTab:
    """A tab of a dashboard: rows of charts."""

    title: str
    rows: tuple[tuple[DeclaredChart, ...], ...]


@dataclass(frozen=True)
class DeclaredDashboard:
    """A dashboard; ``measure`` is the coverage that its pages of towns and villages show first."""

    slug: str
    title: str
    about: str
    tabs: tuple[DeclaredTab, ...]
    measure: str = ""

    @property
    def charts(self) -> tuple[DeclaredChart, ...]:
        """All its charts, in the order in which they are read."""
        return tuple(
            chart for tab in self.tabs for row in tab.rows for chart in row
        )


@dataclass(frozen=True)
class Declaration:
    """All datasets by name, and the dashboards."""

    datasets: Mapping[str, DeclaredDataset]
    dashboards: tuple[DeclaredDashboard, ...]


def read_declaration(folder: Path) -> Declaration:
    """Return what the file in a folder declares; DeclarationError for a word that it does not know."""
    told = yaml.safe_load((folder / FILE).read_text("utf-8"))
    datasets = [
        _dataset(name, facts) for name, facts in told["datasets"].items()
    ]
    dashboards = tuple(_dashboard(facts) for facts in told["dashboards"])
    return Declaration({one.name: one for one in datasets}, dashboards)


def _dataset(name: str, facts: Mapping[str, Any]) -> DeclaredDataset:
    schema, _, table = name.rpartition(".")
    return DeclaredDataset(
        schema or MASKED,
        table,
        _measures(facts.get("measures", {})),
        _measures(facts.get("computed", {})),
    )


def _measures(
    facts: Mapping[str, Mapping[str, str]],
) -> tuple[Measure, ...]:
    return tuple(
        Measure(name, told["label"], told["sql"], told.get("format", ""))
        for name, told in facts.items()
    )


def _dashboard(facts: Mapping[str, Any]) -> DeclaredDashboard:
    tabs = tuple(_tab(tab) for tab in facts["tabs"])
    return DeclaredDashboard(
        facts["slug"],
        facts["title"],
        facts["about"],
        tabs,
        facts.get("measure", ""),
    )


def _tab(facts: Mapping[str, Any]) -> DeclaredTab:
    rows = []
    for row in facts["rows"]:
        rows.append(tuple(_chart(chart) for chart in row))
    return DeclaredTab(facts["title"], tuple(rows))


def _chart(facts: Mapping[str, Any]) -> DeclaredChart:
    if facts["kind"] not in KINDS:
        raise DeclarationError(
            f"图表“{facts['title']}”的种类 {facts['kind']} 不认识。"
        )
    sort_by, direction = facts.get("sort") or ("", "up")
    return DeclaredChart(
        title=facts["title"],
        kind=facts["kind"],
        dataset=facts["of"],
        where=facts.get("where", {}),
        by=_names(facts, "by"),
        split=_names(facts, "split"),
        columns=_names(facts, "columns"),
        show=_names(facts, "show"),
        sort_by=sort_by,
        is_descending=direction == "down",
        is_stacked=facts.get("stacked", False),
        width=facts.get("width", 12),
        height=facts.get("height", 24),
    )


def _names(facts: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names: Sequence[str] = facts.get(key, ())
    return tuple(names)
