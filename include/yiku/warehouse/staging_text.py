"""The text of a staging model: one relation of ``raw``, column by column."""

from __future__ import annotations

from yiku.contracts import Contract
from yiku.warehouse.schema import raw_columns


def staging_text(contract: Contract, relation: str) -> str:
    """Return the dbt model that shows a relation of a list as it is."""
    # By name: a star would hide from readers, and from dbt, what there is.
    columns = [f"    r.{name}" for name in raw_columns(contract)]
    source = f'{{{{ source("raw", "{relation}") }}}}'
    lines = ["select", ",\n".join(columns), f"from {source} as r", ""]
    return "\n".join(lines)
