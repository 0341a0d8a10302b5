"""The files of database and datasets: columns and labels from the marts, measures from the declaration."""

from __future__ import annotations

from typing import Any

from yiku.bi.declared import DeclarationError, DeclaredDataset, Measure
from yiku.bi.fixed_uuids import identity
from yiku.bi.shown_tables import ShownColumn, ShownTable

VERSION = "1.0.0"
DATABASE = "一库"
DATABASE_UUID = identity("database", DATABASE)
# So long an answer is kept, for each login by itself: nobody reads yesterday's marts an hour after a swap.
CACHE_SECONDS = 3600
# Towns of several counties share names, villages of one town do: what is drawn is keyed by what tells them apart.
_TOWN_LABEL = Measure(
    "town_label",
    "乡镇（县区）",
    "COALESCE(NULLIF(town_name, ''), town_code, '未填乡镇')"
    " || COALESCE('（' || county_name || '）', '')",
)
_VILLAGE_LABEL = Measure(
    "village_label",
    "村（乡镇、代码）",
    "COALESCE(NULLIF(village_name, ''), village_code, '未填村')"
    " || '（' || COALESCE(town_name, '') || COALESCE(' ' || village_code, '') || '）'",
)


def database_file() -> dict[str, Any]:
    """Return the one database: whoever looks is who asks it, and what is kept is kept for each login alone."""
    return {
        "database_name": DATABASE,
        # Where it is, the server's PGHOST, PGPORT and PGDATABASE say; the password lies in its PGPASSFILE.
        "sqlalchemy_uri": "postgresql+psycopg2://",
        "cache_timeout": CACHE_SECONDS,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "impersonate_user": True,
        "extra": {
            "per_user_caching": True,
            "allows_virtual_table_explore": True,
            "cancel_query_on_windows_unload": True,
            "metadata_params": {},
            "engine_params": {"connect_args": {"connect_timeout": 10}},
            "metadata_cache_timeout": {},
            "schemas_allowed_for_csv_upload": [],
        },
        "uuid": DATABASE_UUID,
        "version": VERSION,
    }


def dataset_uuid(declared: DeclaredDataset) -> str:
    """Return the identity of a dataset."""
    return identity("dataset", declared.schema, declared.table)


def dataset_file(
    declared: DeclaredDataset, table: ShownTable
) -> dict[str, Any]:
    """Return the file of a dataset on a table of the warehouse."""
    columns = [_column(column) for column in table.columns]
    columns += [_computed_column(one) for one in computed(declared, table)]
    days = [column.name for column in table.columns if column.is_day]
    return {
        "table_name": declared.table,
        "schema": declared.schema,
        "catalog": None,
        "sql": None,
        "description": table.description,
        # Marts say how things are on one day: no chart is cut by a range of time unless it says so.
        "main_dttm_col": "as_of_on" if "as_of_on" in days else None,
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": dataset_uuid(declared),
        "metrics": [_metric(measure) for measure in declared.measures],
        "columns": columns,
        "version": VERSION,
        "database_uuid": DATABASE_UUID,
    }


def computed(
    declared: DeclaredDataset, table: ShownTable
) -> tuple[Measure, ...]:
    """Return the computed columns of a dataset: its own, and the labels of the places that it names."""
    names = {column.name for column in table.columns}
    labels = []
    if {"town_name", "town_code", "county_name"} <= names:
        labels.append(_TOWN_LABEL)
    if {"village_name", "village_code", "town_name"} <= names:
        labels.append(_VILLAGE_LABEL)
    for own in declared.computed:
        if own.name in names:
            raise DeclarationError(f"{declared.name} 已有列 {own.name}。")
    return (*labels, *declared.computed)


def _column(column: ShownColumn) -> dict[str, Any]:
    is_list = column.data_type.endswith("[]")
    return {
        "column_name": column.name,
        "verbose_name": column.label,
        "is_dttm": column.is_day,
        "is_active": True,
        "type": _type_in_superset(column.data_type),
        "advanced_data_type": None,
        # A key of ours or several words at once are nothing to draw bars by.
        "groupby": not is_list and not column.name.endswith("_sk"),
        "filterable": not is_list,
        "expression": None,
        "description": column.description,
        "python_date_format": None,
        "extra": None,
    }


def _type_in_superset(data_type: str) -> str:
    """Return a type as Superset reads it off Postgres, without its length."""
    return data_type.split("(")[0].upper()


def _computed_column(one: Measure) -> dict[str, Any]:
    return {
        "column_name": one.name,
        "verbose_name": one.label,
        "is_dttm": False,
        "is_active": True,
        "type": "TEXT",
        "advanced_data_type": None,
        "groupby": True,
        "filterable": True,
        "expression": one.sql,
        "description": one.label,
        "python_date_format": None,
        "extra": None,
    }


def _metric(measure: Measure) -> dict[str, Any]:
    return {
        "metric_name": measure.name,
        "verbose_name": measure.label,
        "metric_type": None,
        "expression": measure.sql,
        "description": measure.label,
        "d3format": measure.number_format or ",d",
        "currency": None,
        "extra": None,
        "warning_text": None,
    }
