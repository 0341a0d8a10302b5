"""What the dashboards shall show: ``include/superset/dashboards.yml``, read into records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yiku.bi.shown_tables import MASKED
from yiku.own_yaml import parse_own_yaml

FILE = "dashboards.yml"
_CHART_WORDS = (
    *("title", "kind", "of", "where", "by", "split", "columns", "show"),
    *("sort", "stacked", "width", "height"),
)
_TITLE = re.compile(r"[^/\\:*?\"<>|.\n]{1,40}")
_SLUG = re.compile("[a-z][a-z-]*")
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
    told = parse_own_yaml(
        (folder / FILE).read_text("utf-8"), FILE, DeclarationError
    )
    try:
        return _declaration(told)
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise DeclarationError(
            f"{FILE} 里缺少或写错了一项：{fault}。"
        ) from fault


def _declaration(told: Mapping[str, Any]) -> Declaration:
    _require_known(told, ("datasets", "dashboards"), FILE)
    datasets = [
        _dataset(name, facts) for name, facts in told["datasets"].items()
    ]
    dashboards = tuple(_dashboard(facts) for facts in told["dashboards"])
    return Declaration({one.name: one for one in datasets}, dashboards)


def _dataset(name: str, facts: Mapping[str, Any]) -> DeclaredDataset:
    _require_known(facts, ("measures", "computed"), name)
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
    measures = []
    for name, told in facts.items():
        _require_known(told, ("label", "sql", "format"), name)
        number_format = told.get("format", "")
        measures.append(
            Measure(name, told["label"], told["sql"], number_format)
        )
    return tuple(measures)


def _dashboard(facts: Mapping[str, Any]) -> DeclaredDashboard:
    words = ("slug", "title", "about", "tabs", "measure")
    _require_known(facts, words, facts["title"])
    if not _SLUG.fullmatch(facts["slug"]):
        raise DeclarationError(
            f"看板“{facts['title']}”的 slug 只能是小写字母和连字符。"
        )
    tabs = tuple(_tab(tab) for tab in facts["tabs"])
    return DeclaredDashboard(
        facts["slug"],
        facts["title"],
        facts["about"],
        tabs,
        facts.get("measure", ""),
    )


def _tab(facts: Mapping[str, Any]) -> DeclaredTab:
    _require_known(facts, ("title", "rows"), facts["title"])
    if not facts["rows"]:
        raise DeclarationError(f"页签“{facts['title']}”是空的。")
    rows = []
    for row in facts["rows"]:
        rows.append(tuple(_chart(chart) for chart in row))
    return DeclaredTab(facts["title"], tuple(rows))


def _chart(facts: Mapping[str, Any]) -> DeclaredChart:
    if facts["kind"] not in KINDS:
        raise DeclarationError(
            f"图表“{facts['title']}”的种类 {facts['kind']} 不认识。"
        )
    _require_known(facts, _CHART_WORDS, facts["title"])
    # The title is the name of a file.
    if not _TITLE.fullmatch(facts["title"]):
        raise DeclarationError(
            f"图表标题“{facts['title']}”太长，或有不能用在文件名里的字。"
        )
    sort_by, direction = facts.get("sort") or ("", "up")
    if direction not in ("up", "down"):
        raise DeclarationError(
            f"图表“{facts['title']}”的顺序 {direction} 不认识，应为 up 或 down。"
        )
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


def _require_known(
    facts: Mapping[str, Any], known: Sequence[str], of: str
) -> None:
    """Refuse a misspelt word: it would be passed over, and a filter with it."""
    unknown = sorted(set(facts) - set(known))
    if unknown:
        raise DeclarationError(
            f"{of} 里的 {'、'.join(map(str, unknown))} 不认识。"
        )


def _names(facts: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names: Sequence[str] = facts.get(key, ())
    return tuple(names)
