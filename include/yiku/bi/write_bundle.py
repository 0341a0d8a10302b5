"""``python -m yiku.bi.write_bundle``: the bundle of the dashboards, written from the declaration and the marts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from yiku.bi.chart_files import chart_file
from yiku.bi.dashboard_files import dashboard_file
from yiku.bi.dataset_files import VERSION, database_file, dataset_file
from yiku.bi.declared import (
    Declaration,
    DeclarationError,
    read_declaration,
)
from yiku.bi.shown_tables import read_shown_tables
from yiku.settings import Settings, load_settings

# Superset's importer compares the moment with nothing, and a bundle that did not change must not look changed.
METADATA = {
    "version": VERSION,
    "type": "assets",
    "timestamp": "2017-11-20T00:00:00+00:00",
}


def bundle_files(settings: Settings) -> dict[str, str]:
    """Return the files of the bundle by their names.

    DeclarationError when a dataset is of a table that may not be shown, or a chart of no dataset.
    """
    declaration = read_declaration(settings.superset)
    tables = read_shown_tables(settings.dbt_project)
    files: dict[str, Mapping[str, Any]] = {
        "metadata.yaml": METADATA,
        "databases/yiku.yaml": database_file(),
    }
    for dataset in declaration.datasets.values():
        table = tables.get((dataset.schema, dataset.table))
        if table is None:
            raise DeclarationError(
                f"数据集 {dataset.name} 不是脱敏或公示的表。"
            )
        name = f"datasets/{dataset.schema}.{dataset.table}.yaml"
        files[name] = dataset_file(dataset, table)
    files |= _pages(declaration)
    return {name: _yaml(facts) for name, facts in files.items()}


def _pages(declaration: Declaration) -> dict[str, Mapping[str, Any]]:
    pages: dict[str, Mapping[str, Any]] = {}
    for dashboard in declaration.dashboards:
        for chart in dashboard.charts:
            dataset = declaration.datasets.get(chart.dataset)
            if dataset is None:
                raise DeclarationError(
                    f"图表“{chart.title}”的数据集 {chart.dataset} 没有。"
                )
            name = f"charts/{dashboard.slug}/{chart.title}.yaml"
            if name in pages:
                raise DeclarationError(f"图表“{chart.title}”写了两次。")
            pages[name] = chart_file(dashboard.slug, chart, dataset)
        name = f"dashboards/{dashboard.slug}.yaml"
        pages[name] = dashboard_file(dashboard, declaration)
    return pages


def _yaml(facts: Mapping[str, Any]) -> str:
    # Without anchors: Superset shows files as they are, and people compare them.
    return yaml.dump(
        dict(facts),
        Dumper=_PlainDumper,
        allow_unicode=True,
        sort_keys=False,
        width=120,
    )


class _PlainDumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_bundle(settings: Settings, folder: Path) -> int:
    """Write the bundle in the place of what a folder holds; return the number of files."""
    files = bundle_files(settings)
    if folder.exists():
        shutil.rmtree(folder)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return len(files)


if __name__ == "__main__":
    here = load_settings({})
    write_bundle(here, here.superset / "assets")
