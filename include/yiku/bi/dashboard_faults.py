"""What is wrong with the dashboards of a bundle: charts that are not there, filters of nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from yiku.bi.bundle_parts import (
    BundleParts,
    Fault,
    Part,
    canonical_uuid,
    is_chinese,
)

_WIDTH = 12
_KINDS = frozenset(("ROOT", "GRID", "HEADER", "TABS", "TAB", "ROW", "CHART"))

Nodes = Mapping[str, Mapping[str, Any]]


def dashboard_faults(parts: BundleParts) -> Iterator[Fault]:
    """Yield what of the dashboards would be empty, unreachable or unreadable."""
    known = {
        canonical_uuid(chart.get("uuid")) for chart in parts.charts.values()
    }
    shown: Counter[str] = Counter()
    slugs: Counter[object] = Counter(
        part.get("slug") for part in parts.dashboards.values()
    )
    for name, dashboard in parts.dashboards.items():
        if not is_chinese(dashboard.get("dashboard_title")):
            yield Fault(name, "看板标题不是中文")
        slug = dashboard.get("slug")
        if not slug or slugs[slug] > 1:
            yield Fault(name, "slug 缺少，或与另一个看板相同")
        nodes = _nodes(dashboard)
        yield from _place_faults(name, nodes)
        for node in nodes.values():
            yield from _node_faults(name, node, nodes)
            if node.get("type") == "CHART":
                shown[_chart_of(node)] += 1
        for uuid in sorted(shown.keys() - known):
            if uuid in {_chart_of(node) for node in nodes.values()}:
                yield Fault(name, "上面的一张图表不在包里")
        yield from _filter_faults(name, dashboard, parts)
    for name, chart in parts.charts.items():
        times = shown[canonical_uuid(chart.get("uuid"))]
        if times != 1:
            yield Fault(name, f"应恰好在一个看板上，现在是 {times} 个")


def _nodes(dashboard: Part) -> Nodes:
    position = dashboard.get("position") or {}
    return {
        key: node for key, node in position.items() if isinstance(node, dict)
    }


def _chart_of(node: Mapping[str, Any]) -> str:
    return canonical_uuid((node.get("meta") or {}).get("uuid"))


def _place_faults(name: str, nodes: Nodes) -> Iterator[Fault]:
    """Yield charts that no way leads to from the top of the page."""
    reached: set[str] = set()
    waiting = ["ROOT_ID"]
    while waiting:
        key = waiting.pop()
        if key in reached or key not in nodes:
            continue
        reached.add(key)
        waiting += nodes[key].get("children") or ()
    for key, node in nodes.items():
        if node.get("type") == "CHART" and key not in reached:
            yield Fault(name, f"{key} 不在任何一页上")


def _node_faults(
    name: str, node: Mapping[str, Any], nodes: Nodes
) -> Iterator[Fault]:
    kind, meta = node.get("type"), node.get("meta") or {}
    if kind not in _KINDS:
        yield Fault(name, f"版面里的 {kind} 不认识")
    children = node.get("children") or ()
    for child in children:
        if child not in nodes:
            yield Fault(name, f"版面里的 {child} 没有")
    if kind in ("TAB", "HEADER") and not is_chinese(meta.get("text")):
        yield Fault(name, "页签或标题不是中文")
    if kind == "CHART" and not is_chinese(meta.get("sliceName")):
        yield Fault(name, "版面里的图表名称不是中文")
    if kind == "ROW":
        metas = [nodes.get(child, {}).get("meta") or {} for child in children]
        width = sum(one.get("width", 0) for one in metas)
        if width > _WIDTH:
            yield Fault(name, f"一行宽 {width}，最多 {_WIDTH}")


def _filter_faults(
    name: str, dashboard: Part, parts: BundleParts
) -> Iterator[Fault]:
    metadata = dashboard.get("metadata") or {}
    filters = metadata.get("native_filter_configuration") or []
    if not filters:
        yield Fault(name, "没有县区、乡镇、村的筛选")
    ids = {one.get("id") for one in filters}
    numbers = {
        (node.get("meta") or {}).get("chartId")
        for node in _nodes(dashboard).values()
    }
    for one in filters:
        if not is_chinese(one.get("name")):
            yield Fault(name, "筛选的名称不是中文")
        for target in one.get("targets") or [{}]:
            yield from _target_faults(name, target, parts)
        if set(one.get("cascadeParentIds") or ()) - ids:
            yield Fault(name, "筛选依赖的上级筛选没有")
        excluded = (one.get("scope") or {}).get("excluded") or ()
        if set(excluded) - numbers:
            yield Fault(name, "筛选排除的图表不在看板上")


def _target_faults(
    name: str, target: Mapping[str, Any], parts: BundleParts
) -> Iterator[Fault]:
    dataset = parts.datasets_by_uuid.get(
        canonical_uuid(target.get("datasetUuid"))
    )
    if dataset is None:
        yield Fault(name, "筛选引用的数据集不在包里（datasetUuid）")
        return
    wanted = (target.get("column") or {}).get("name")
    columns = dataset.get("columns") or ()
    if wanted not in {column.get("column_name") for column in columns}:
        yield Fault(name, f"筛选用的列 {wanted} 数据集里没有")
