"""The files of the charts: what Superset calls the kinds of the declaration, and their controls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from yiku.bi.dataset_files import VERSION, dataset_uuid
from yiku.bi.declared import DeclaredChart, DeclaredDataset
from yiku.bi.fixed_uuids import identity

VIZ_TYPES = {
    "number": "big_number_total",
    "table": "table",
    "bar": "echarts_timeseries_bar",
    "line": "echarts_timeseries_line",
    "pie": "pie",
    "map": "bubble_v2",
}
# So many of one kind are drawn at most: all villages of a large county are 500.
_ROW_LIMITS = {"table": 2000, "map": 5000, "bar": 500, "line": 1000, "pie": 25}
_CERTIFIED_BY = "一库"

Controls = dict[str, Any]


def chart_uuid(dashboard: str, chart: DeclaredChart) -> str:
    """Return the identity of a chart: it is called by its dashboard and title."""
    return identity("chart", dashboard, chart.title)


def chart_file(
    dashboard: str, chart: DeclaredChart, dataset: DeclaredDataset
) -> dict[str, Any]:
    """Return the file of a chart of a dashboard."""
    return {
        "slice_name": chart.title,
        "description": None,
        "certified_by": _CERTIFIED_BY,
        "certification_details": "随一库的版本更新，请勿在此修改，可另存为自己的图表。",
        "viz_type": VIZ_TYPES[chart.kind],
        "params": _controls(dashboard, chart),
        "query_context": None,
        "cache_timeout": None,
        "uuid": chart_uuid(dashboard, chart),
        "version": VERSION,
        "dataset_uuid": dataset_uuid(dataset),
    }


def known_controls(viz_type: str) -> set[str]:
    """Return the names of all controls that a kind of ours is given, empty for a kind that is not ours."""
    names: set[str] = set()
    for kind, called in VIZ_TYPES.items():
        if called == viz_type:
            for example in _EXAMPLES:
                names |= _controls("", replace(example, kind=kind)).keys()
    return names


def _controls(dashboard: str, chart: DeclaredChart) -> Controls:
    filters = []
    for column, value in chart.where.items():
        key = identity("filter", dashboard, chart.title, column)
        filters.append(_filter(column, value, key))
    controls: Controls = {
        "viz_type": VIZ_TYPES[chart.kind],
        "adhoc_filters": filters,
        "time_range": "No filter",
        "extra_form_data": {},
        "dashboards": [],
    }
    if chart.kind in _ROW_LIMITS:
        controls["row_limit"] = _ROW_LIMITS[chart.kind]
    return {**controls, **_KINDS[chart.kind](chart)}


def _filter(column: str, value: Any, key: str) -> Controls:
    if value is None:
        operator, operator_id = "IS NOT NULL", "IS_NOT_NULL"
    elif isinstance(value, bool):
        word = "TRUE" if value else "FALSE"
        operator, operator_id = f"IS {word}", f"IS_{word}"
        # Superset takes no value with these, and needs the key.
        value = None
    elif isinstance(value, list):
        operator, operator_id = "IN", "IN"
    else:
        operator, operator_id = "==", "EQUALS"
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "operatorId": operator_id,
        "comparator": value,
        "filterOptionName": f"filter_{key}",
        "isExtra": False,
        "isNew": False,
    }


def _number(chart: DeclaredChart) -> Controls:
    return {
        "metric": chart.show[0],
        "header_font_size": 0.4,
        "subheader_font_size": 0.15,
        "subheader": "",
        "time_format": "smart_date",
    }


def _table(chart: DeclaredChart) -> Controls:
    controls: Controls = {
        "table_timestamp_format": "%Y-%m-%d",
        "show_cell_bars": False,
        "color_pn": False,
        "page_length": 50,
        "server_pagination": False,
        "include_search": True,
        "allow_rearrange_columns": False,
        "order_desc": chart.is_descending,
        "conditional_formatting": [],
    }
    if chart.columns:
        order = json.dumps([chart.sort_by, not chart.is_descending])
        return {
            **controls,
            "query_mode": "raw",
            "all_columns": list(chart.columns),
            "order_by_cols": [order] if chart.sort_by else [],
            "groupby": [],
            "metrics": [],
        }
    return {
        **controls,
        "query_mode": "aggregate",
        "all_columns": [],
        "order_by_cols": [],
        "groupby": list(chart.by),
        "metrics": list(chart.show),
        "timeseries_limit_metric": chart.sort_by or chart.show[0],
    }


def _along_axis(chart: DeclaredChart) -> Controls:
    """Return the controls of bars and lines along an axis of words, the first measure giving the order."""
    return {
        "x_axis": chart.by[0],
        "xAxisForceCategorical": True,
        "x_axis_sort": _axis_order(chart),
        "x_axis_sort_asc": not chart.is_descending,
        "metrics": list(chart.show),
        "groupby": list(chart.split),
        "timeseries_limit_metric": chart.show[0],
        "order_desc": True,
        "truncate_metric": True,
        "show_empty_columns": True,
        "comparison_type": "values",
        "annotation_layers": [],
        "sort_series_type": "sum",
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "showTooltipTotal": chart.is_stacked,
        "y_axis_bounds": [0, None],
        "truncateYAxis": True,
        "y_axis_format": "SMART_NUMBER",
        "only_total": True,
    }


def _axis_order(chart: DeclaredChart) -> str:
    """Return what an axis is ordered by: of several rows of bars Superset knows only their sum or the name."""
    if chart.split or len(chart.show) > 1:
        return "sum" if chart.sort_by else "name"
    return chart.sort_by or chart.by[0]


def _bar(chart: DeclaredChart) -> Controls:
    return {
        **_along_axis(chart),
        "orientation": "vertical",
        "stack": "Stack" if chart.is_stacked else None,
        "show_value": False,
        "xAxisLabelRotation": 45,
        "minorSplitLine": False,
    }


def _line(chart: DeclaredChart) -> Controls:
    return {
        **_along_axis(chart),
        "seriesType": "line",
        "markerEnabled": True,
        "markerSize": 6,
    }


def _pie(chart: DeclaredChart) -> Controls:
    return {
        "groupby": list(chart.by),
        "metric": chart.show[0],
        "sort_by_metric": True,
        "donut": True,
        "innerRadius": 35,
        "outerRadius": 65,
        "show_labels": True,
        # Words beside a narrow ring are cut off: they stand above it.
        "label_type": "percent",
        "labels_outside": True,
        "label_line": True,
        "number_format": ",d",
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "show_labels_threshold": 3,
    }


def _map(chart: DeclaredChart) -> Controls:
    """Return the controls of a map without tiles: bubbles at longitude and latitude, for no outside host is asked."""
    lon, lat, size = chart.show
    return {
        "entity": chart.by[0],
        "series": chart.split[0],
        "x": lon,
        "y": lat,
        "size": size,
        "max_bubble_size": "15",
        "opacity": 0.75,
        "show_legend": True,
        "legendOrientation": "top",
        "xAxisFormat": ".2f",
        "yAxisFormat": ".2f",
        "tooltipSizeFormat": ",d",
        "x_axis_label": "经度",
        "y_axis_label": "纬度",
        "truncateXAxis": True,
        "truncateYAxis": True,
        "y_axis_bounds": [None, None],
        "xAxisBounds": [None, None],
    }


_KINDS: Mapping[str, Callable[[DeclaredChart], Controls]] = {
    "number": _number,
    "table": _table,
    "bar": _bar,
    "line": _line,
    "pie": _pie,
    "map": _map,
}
# A chart of each form, for the names of its controls.
_EXAMPLES = (
    DeclaredChart("", "table", "", by=("a",), split=("b",), show=("c",) * 3),
    DeclaredChart(
        "",
        "table",
        "",
        columns=("a",),
        by=("a",),
        split=("b",),
        show=("c",) * 3,
    ),
)
