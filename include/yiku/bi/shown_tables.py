"""The tables that dashboards may read, as the dbt project describes them: names, types and Chinese labels of columns.

Read from the files of descriptions, not from dbt: parsing the project would take longer than the whole check. A test
holds what is read here against dbt's manifest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MASKED, PUBLISHED = "mart_masked", "published"
SCHEMAS = (MASKED, PUBLISHED)
# Where the Chinese of a description begins: a code list may stand in its English.
_CHINESE = re.compile(r"(?:^|[.?”] )([一-鿿“《（][^.?]*)$", re.DOTALL)
_CLAUSE = re.compile(r"[，；。：]")
# "（元）" and "（%）" belong to a label, an explanation does not.
_ASIDE = re.compile(r"（[^（）]{4,}）")


@dataclass(frozen=True)
class ShownColumn:
    """A column as readers of the masked marts see it."""

    name: str
    data_type: str
    label: str
    description: str

    @property
    def is_day(self) -> bool:
        """Whether it holds a day or a moment."""
        return self.data_type.startswith(("date", "timestamp"))

    @property
    def is_number(self) -> bool:
        """Whether it holds what can be added up or averaged."""
        return self.data_type.startswith(
            ("integer", "bigint", "numeric", "double")
        )


@dataclass(frozen=True)
class ShownTable:
    """A table of ``mart_masked`` or ``published``."""

    schema: str
    name: str
    description: str
    columns: tuple[ShownColumn, ...]


def read_shown_tables(
    project: Path,
) -> dict[tuple[str, str], ShownTable]:
    """Return the tables of a dbt project that may be shown, by schema and name."""
    marts = [
        _shown_table(MASKED, model["name"], model, {})
        for model in _described_models(project / "models/marts")
    ]
    types = {
        table.name: {column.name: column.data_type for column in table.columns}
        for table in marts
    }
    published = []
    for model in _described_models(project / "models/published"):
        name = model["name"].removeprefix("published_")
        published.append(
            _shown_table(PUBLISHED, name, model, types.get(name, {}))
        )
    return {(table.schema, table.name): table for table in marts + published}


def _described_models(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.rglob("*.yml")):
        # Our own files of a hundred kilobytes: the reader in C takes a tenth of the time.
        text = path.read_text("utf-8")
        described = yaml.load(text, Loader=yaml.CSafeLoader)
        yield from described.get("models") or ()


def _shown_table(
    schema: str,
    name: str,
    model: Mapping[str, Any],
    types: Mapping[str, str],
) -> ShownTable:
    """Return a table; ``types`` are those of its mart, for what is published has the same."""
    columns = []
    for column in model["columns"]:
        personal = column.get("config", {}).get("meta", {}).get("personal", "")
        # As the macro masked_copy makes the masked table.
        if schema == MASKED and personal == "hidden":
            continue
        is_age = schema == MASKED and personal == "age"
        shown_as = "age_band" if is_age else column["name"]
        data_type = column.get("data_type") or types.get(shown_as, "text")
        chinese = chinese_part(column["description"])
        columns.append(
            ShownColumn(
                shown_as,
                "text" if is_age else data_type,
                _short_label(chinese),
                chinese,
            )
        )
    description = chinese_part(model["description"])
    return ShownTable(schema, name, description, _told_apart(columns))


def chinese_part(description: str) -> str:
    """Return the Chinese of a description that says everything in English first."""
    found = _CHINESE.search(description.strip())
    return found[1].strip() if found else description.strip()


def _short_label(chinese: str) -> str:
    # An explanation in brackets may hold a comma of its own.
    return _CLAUSE.split(_ASIDE.sub("", chinese))[0]


def _told_apart(
    columns: list[ShownColumn],
) -> tuple[ShownColumn, ...]:
    """Give columns of one table that have the same label their whole description for it."""
    counts = Counter(column.label for column in columns)
    told = []
    for column in columns:
        label = column.label
        if counts[label] > 1:
            label = column.description.rstrip("。")
        told.append(
            ShownColumn(
                column.name, column.data_type, label, column.description
            )
        )
    return tuple(told)
