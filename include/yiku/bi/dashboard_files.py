"""The files of the dashboards: where each chart stands, and the filters that lead from county to village."""

from __future__ import annotations

from typing import Any

from yiku.bi.chart_files import chart_uuid
from yiku.bi.dataset_files import VERSION, dataset_uuid
from yiku.bi.declared import Declaration, DeclaredChart, DeclaredDashboard
from yiku.bi.fixed_uuids import identity

# The dataset whose names the filters offer, and its columns from the county down.
PLACES, LEVELS = (
    "place",
    {"county_name": "县区", "town_name": "乡镇", "village_name": "村"},
)
MEASURED, MEASURE = "coverage", "metric_name"
# The lights look as they are called, on every chart.
LIGHT_COLOURS = {
    "红": "#c62828",
    "黄": "#f9a825",
    "绿": "#2e7d32",
    "灰": "#9e9e9e",
}
_COLOUR_SCHEME = "supersetColors"

Position = dict[str, Any]


def dashboard_file(
    dashboard: DeclaredDashboard, declaration: Declaration
) -> dict[str, Any]:
    """Return the file of a dashboard."""
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.about,
        "css": "",
        "slug": dashboard.slug,
        "certified_by": "一库",
        "certification_details": "随一库的版本更新，请勿在此修改，可另存为自己的看板。",
        "published": True,
        "uuid": identity("dashboard", dashboard.slug),
        "position": _position(dashboard),
        "metadata": _metadata(dashboard, declaration),
        "version": VERSION,
    }


def _position(dashboard: DeclaredDashboard) -> Position:
    tabs_id = "TABS-pages"
    above_tabs = ["ROOT_ID", tabs_id]
    position: Position = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": [tabs_id]},
        # Superset expects it, also where tabs stand at the top.
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "children": [],
            "parents": ["ROOT_ID"],
        },
        "HEADER_ID": {
            "type": "HEADER",
            "id": "HEADER_ID",
            "meta": {"text": dashboard.title},
        },
    }
    tab_ids = []
    for tab_no, tab in enumerate(dashboard.tabs, start=1):
        tab_id = f"TAB-{tab_no}"
        tab_ids.append(tab_id)
        row_ids = []
        for row_no, row in enumerate(tab.rows, start=1):
            row_id = f"ROW-{tab_no}-{row_no}"
            row_ids.append(row_id)
            position |= _row(dashboard, row, row_id, [*above_tabs, tab_id])
        position[tab_id] = {
            "type": "TAB",
            "id": tab_id,
            "children": row_ids,
            "meta": {"text": tab.title},
            "parents": above_tabs,
        }
    position[tabs_id] = {
        "type": "TABS",
        "id": tabs_id,
        "children": tab_ids,
        "meta": {},
        "parents": ["ROOT_ID"],
    }
    return position


def _row(
    dashboard: DeclaredDashboard,
    row: tuple[DeclaredChart, ...],
    row_id: str,
    parents: list[str],
) -> Position:
    position: Position = {}
    chart_ids = []
    for chart in row:
        number = chart_number(dashboard, chart)
        chart_id = f"CHART-{number}"
        chart_ids.append(chart_id)
        position[chart_id] = {
            "type": "CHART",
            "id": chart_id,
            "children": [],
            "parents": [*parents, row_id],
            "meta": {
                "chartId": number,
                "width": chart.width,
                "height": chart.height,
                "sliceName": chart.title,
                "uuid": chart_uuid(dashboard.slug, chart),
            },
        }
    position[row_id] = {
        "type": "ROW",
        "id": row_id,
        "children": chart_ids,
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
        "parents": parents,
    }
    return position


def chart_number(dashboard: DeclaredDashboard, chart: DeclaredChart) -> int:
    """Return the number of a chart within its bundle's dashboard; Superset puts its own in its place."""
    return dashboard.charts.index(chart) + 1


def _metadata(
    dashboard: DeclaredDashboard, declaration: Declaration
) -> dict[str, Any]:
    filters = _place_filters(dashboard, declaration)
    if dashboard.measure:
        filters.append(_measure_filter(dashboard, declaration))
    numbers = [chart_number(dashboard, chart) for chart in dashboard.charts]
    return {
        "color_scheme": _COLOUR_SCHEME,
        "label_colors": LIGHT_COLOURS,
        "shared_label_colors": [],
        "refresh_frequency": 0,
        "timed_refresh_immune_slices": [],
        "expanded_slices": {},
        "default_filters": "{}",
        "cross_filters_enabled": True,
        "chart_configuration": {},
        "global_chart_configuration": {
            "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
            "chartsInScope": numbers,
        },
        "native_filter_configuration": filters,
    }


def _place_filters(
    dashboard: DeclaredDashboard, declaration: Declaration
) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = []
    place = dataset_uuid(declaration.datasets[PLACES])
    for column, label in LEVELS.items():
        above = [one["id"] for one in filters]
        one = _select(dashboard, label, place, column)
        # A county chosen leaves its towns to choose from, a town its villages.
        one["cascadeParentIds"] = above
        filters.append(one)
    return filters


def _measure_filter(
    dashboard: DeclaredDashboard, declaration: Declaration
) -> dict[str, Any]:
    """Return the choice of which coverage is compared: two of them in one bar would be a sum of nothing."""
    measured = dataset_uuid(declaration.datasets[MEASURED])
    one = _select(dashboard, "指标", measured, MEASURE)
    one["controlValues"] |= {"multiSelect": False, "enableEmptyFilter": True}
    chosen = [dashboard.measure]
    one["defaultDataMask"] = {
        "extraFormData": {
            "filters": [{"col": MEASURE, "op": "IN", "val": chosen}]
        },
        "filterState": {"value": chosen, "label": dashboard.measure},
        "ownState": {},
    }
    one["scope"]["excluded"] = [
        chart_number(dashboard, chart)
        for chart in dashboard.charts
        if not compares_one_measure(chart)
    ]
    return one


def compares_one_measure(chart: DeclaredChart) -> bool:
    """Return whether a chart compares places by the coverage that is chosen."""
    return (
        chart.dataset == MEASURED
        and MEASURE not in chart.where
        and chart.where.get("level") != "county"
    )


def _select(
    dashboard: DeclaredDashboard, label: str, dataset: str, column: str
) -> dict[str, Any]:
    key = identity("filter", dashboard.slug, column)
    return {
        "id": f"NATIVE_FILTER-{key}",
        "type": "NATIVE_FILTER",
        "name": label,
        "description": "",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": dataset, "column": {"name": column}}],
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "inverseSelection": False,
            "searchAllOptions": True,
        },
        "defaultDataMask": {
            "extraFormData": {},
            "filterState": {},
            "ownState": {},
        },
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
    }
