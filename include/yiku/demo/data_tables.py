"""Lists whose demo rows are data.

``tables/<list>.yml``, for lists added without Python.

Such a file names its county and holds rows under the names of the contract. ``town`` is
the number of a town, ``village`` that of a village in it and ``person`` that of a
labourer of the town, all from 0: their columns are those of the demo county.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from yiku.contracts import load_contracts
from yiku.contracts.contract import Contract
from yiku.contracts.yaml_text import parse_yaml
from yiku.demo.official_tables import Table
from yiku.demo.rows import Row, person_columns, village_columns
from yiku.demo.world import County

_PLACES = frozenset(("town", "village", "person"))


def tables_folder() -> Traversable:
    """Return the folder of the demo rows that are data; there may be none."""
    return resources.files("yiku.demo").joinpath("tables")


def data_tables(county: County) -> Iterator[Table]:
    """Yield the tables that a county sends of lists whose demo rows are data."""
    folder = tables_folder()
    if not folder.is_dir():
        return
    contracts = load_contracts()
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        data = parse_yaml(file.read_text("utf-8"))
        if data["county"] == county.code:
            contract = contracts[file.name.removesuffix(".yml")]
            rows = [_row(county, contract, told) for told in data["rows"]]
            yield Table(contract.code, rows)


def _row(county: County, contract: Contract, told: Mapping[str, Any]) -> Row:
    """Return one row: what the file tells, and the columns of its person and its place.

    KeyError or IndexError where the file names what the county has not: our fault.
    """
    known: Row = {}
    if "town" in told:
        town = county.towns[told["town"]]
        if "person" in told:
            known = person_columns(town.labourers[told["person"]])
        elif "village" in told:
            known = village_columns(
                town.name, town.villages[told["village"]].name
            )
        else:
            known = village_columns(town.name, None)
    row = {
        column: value
        for column, value in known.items()
        if contract.has(column)
    }
    for column, value in told.items():
        if column not in _PLACES:
            row[contract.column(column).name] = value
    return row
