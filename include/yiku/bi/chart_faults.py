"""What is wrong with the charts of a bundle: kinds, controls, columns, measures, words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yiku.bi.bundle_parts import (
    BundleParts,
    Fault,
    Part,
    canonical_uuid,
    is_chinese,
)
from yiku.bi.chart_files import known_controls
from yiku.bi.sql_words import (
    asks_a_relation,
    is_unbalanced,
    named_columns,
    strange_calls,
)

# Which controls of a kind name columns, which name measures, and which of them it cannot do without.
_COLUMN_CONTROLS = (
    "groupby",
    "all_columns",
    "x_axis",
    "entity",
    "series",
)
METRIC_CONTROLS = (
    "metric",
    "metrics",
    "x",
    "y",
    "size",
    "timeseries_limit_metric",
)
_LABEL_CONTROLS = ("subheader", "x_axis_label", "y_axis_label")
# What several rows of bars can be ordered by, in Superset's words.
_SERIES_ORDERS = frozenset(("sum", "name"))
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "big_number_total": ("metric",),
    "table": (),
    "echarts_timeseries_bar": ("x_axis", "metrics"),
    "echarts_timeseries_line": ("x_axis", "metrics"),
    "pie": ("groupby", "metric"),
    "bubble_v2": ("entity", "x", "y", "size"),
}
_OPERATORS = {
    "==": "EQUALS",
    "IN": "IN",
    "IS TRUE": "IS_TRUE",
    "IS FALSE": "IS_FALSE",
    "IS NOT NULL": "IS_NOT_NULL",
}


@dataclass(frozen=True)
class _Names:
    """What a dataset offers to charts."""

    columns: frozenset[str]
    groupable: frozenset[str]
    metrics: frozenset[str]


def chart_faults(parts: BundleParts) -> Iterator[Fault]:
    """Yield what of the charts would be empty, wrong or unreadable in a browser."""
    datasets = parts.datasets_by_uuid
    for name, chart in parts.charts.items():
        if not is_chinese(chart.get("slice_name")):
            yield Fault(name, "图表标题不是中文")
        yield from _kind_faults(name, chart)
        dataset = datasets.get(canonical_uuid(chart.get("dataset_uuid")))
        if dataset is None:
            yield Fault(name, "引用的数据集不在包里（dataset_uuid）")
            continue
        params = chart.get("params")
        if not isinstance(params, dict):
            yield Fault(name, "没有设置（params）")
            continue
        yield from _control_faults(name, params, _names_of(dataset))


def _names_of(dataset: Part) -> _Names:
    columns = dataset.get("columns") or ()
    metrics = dataset.get("metrics") or ()
    return _Names(
        frozenset(str(one.get("column_name")) for one in columns),
        frozenset(
            str(one.get("column_name"))
            for one in columns
            if one.get("groupby")
        ),
        frozenset(str(one.get("metric_name")) for one in metrics),
    )


def _kind_faults(name: str, chart: Part) -> Iterator[Fault]:
    kind = str(chart.get("viz_type"))
    params = chart.get("params") or {}
    if kind not in _NEEDED:
        yield Fault(name, f"图表种类 {kind} 不认识")
        return
    if params.get("viz_type") != kind:
        yield Fault(name, "图表种类两处不一致（viz_type）")
    for control in _NEEDED[kind]:
        if not params.get(control):
            yield Fault(name, f"缺少设置 {control}")
    if kind == "table" and not _shows_anything(params):
        yield Fault(name, "表格没有任何列")
    for control in sorted(params.keys() - known_controls(kind)):
        yield Fault(name, f"设置 {control} 不认识")


def _shows_anything(params: Mapping[str, Any]) -> bool:
    if params.get("query_mode") == "raw":
        return bool(params.get("all_columns"))
    return bool(params.get("groupby") or params.get("metrics"))


def _control_faults(
    name: str, params: Mapping[str, Any], names: _Names
) -> Iterator[Fault]:
    for control in _COLUMN_CONTROLS:
        for column in _as_list(params.get(control)):
            yield from _used_column_faults(name, control, column, names)
    for control in METRIC_CONTROLS:
        for metric in _as_list(params.get(control)):
            yield from _used_metric_faults(name, metric, names)
    for one in params.get("adhoc_filters") or ():
        yield from _filter_faults(name, one, names)
    for control in _LABEL_CONTROLS:
        if params.get(control) and not is_chinese(params[control]):
            yield Fault(name, f"{control} 不是中文")
    yield from _order_faults(name, params, names)


def _order_faults(
    name: str, params: Mapping[str, Any], names: _Names
) -> Iterator[Fault]:
    axis_order = params.get("x_axis_sort")
    known = names.columns | names.metrics | _SERIES_ORDERS
    if axis_order and axis_order not in known:
        yield Fault(name, f"排序用的 {axis_order} 数据集里没有")
    for order in params.get("order_by_cols") or ():
        if _ordered_column(order) not in names.columns:
            yield Fault(name, "排序用的列数据集里没有（order_by_cols）")


def _as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _used_column_faults(
    name: str, control: str, column: Any, names: _Names
) -> Iterator[Fault]:
    if not isinstance(column, str):
        yield Fault(name, f"{control} 里的自定义列应写进数据集")
    elif column not in names.columns:
        yield Fault(name, f"列 {column} 数据集里没有（{control}）")
    elif control != "all_columns" and column not in names.groupable:
        yield Fault(name, f"列 {column} 不能用来分组（{control}）")


def _used_metric_faults(
    name: str, metric: Any, names: _Names
) -> Iterator[Fault]:
    if isinstance(metric, str):
        if metric not in names.metrics:
            yield Fault(name, f"度量 {metric} 数据集里没有")
        return
    # A measure that the chart makes for itself, as Superset's editor does.
    if not is_chinese(metric.get("label")):
        yield Fault(name, "自定义度量的名称不是中文")
    expression = metric.get("sqlExpression") or ""
    column = (metric.get("column") or {}).get("column_name")
    if _is_beyond_the_row(expression):
        yield Fault(name, "自定义度量查询了别的表")
    used = named_columns(expression) | ({column} if column else set())
    for word in sorted(used - names.columns):
        yield Fault(name, f"自定义度量用了数据集里没有的列 {word}")


def _is_beyond_the_row(expression: str) -> bool:
    """Return whether an expression of a chart could ask more than its dataset, or end before it should."""
    return (
        asks_a_relation(expression)
        or bool(strange_calls(expression))
        or is_unbalanced(expression)
    )


def _ordered_column(order: Any) -> Any:
    try:
        return json.loads(order)[0]
    except (TypeError, ValueError, LookupError):
        return None


def _filter_faults(
    name: str, one: Mapping[str, Any], names: _Names
) -> Iterator[Fault]:
    if one.get("expressionType") != "SIMPLE":
        expression = str(one.get("sqlExpression") or "")
        unknown = named_columns(expression) - names.columns
        if _is_beyond_the_row(expression) or unknown:
            yield Fault(name, "筛选条件用了数据集之外的东西")
        return
    if one.get("subject") not in names.columns:
        yield Fault(name, f"筛选用的列 {one.get('subject')} 数据集里没有")
    operator = str(one.get("operator"))
    if _OPERATORS.get(operator) != one.get("operatorId"):
        yield Fault(name, f"筛选的运算 {operator} 不认识")
