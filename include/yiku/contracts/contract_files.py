"""Read the data contracts from their files.

One ``<list>.odcs.yaml`` for each list, in the Open Data Contract Standard.

What the standard has no field for stands in custom properties. On the list: ``code``,
``blocks`` (shared columns that come first) and ``closing_blocks`` (those that come
last), ``needs`` (another need for a shared column), ``called`` (what clerks call a
shared column on this list besides), ``without``, ``keys``, ``person_name`` and
``person_id`` (which columns name the person), ``person_key`` (columns that tell a
person who has no number), ``register: open`` (its people need not stand in the register
of poor households), ``household: named`` (the household that a row names is not the
person's own), ``audience``, ``shape``, ``one_town``, ``exclusive``, ``title_words``. On
a column: ``kind``, ``need``, ``required_if`` and ``required_unless`` (column: values;
``*`` stands for any value), ``codes``, ``many``, ``aliases``, ``foremost`` (aliases
that win where another stands beside them), ``fill_down``, ``varies`` (``rows``: so many
people never have one value alone; ``beyond``: nor these values alone), ``means`` (words
that say yes or no in this column alone), ``measure`` (what a number counts: 月, 天, 人 …;
年度 is a year of the calendar), ``per`` (of which times and heads an amount speaks),
``least`` (yuan: smaller amounts are likely written in another unit), ``formerly`` (the
column's name in earlier versions of the contract), ``place`` (levels of places of the
county that its text may name, beside the place of the row: county, town, village; the
code goes to ``<column>_place``, and a village that is nowhere is sent back).
``blocks.odcs.yaml`` holds the columns that many lists share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from yiku.contracts import folder
from yiku.contracts.contract import (
    KINDS,
    LEVELS,
    NEEDS,
    Column,
    Contract,
    KeyPart,
)
from yiku.contracts.yaml_text import parse_yaml

# Nothing stands in a contract that nothing reads: a misspelt property would change
# nothing, silently.
LIST_PROPERTIES = frozenset(
    [
        "code",
        "blocks",
        "closing_blocks",
        "needs",
        "called",
        "without",
        "keys",
        "person_name",
        "person_id",
        "person_key",
        "register",
        "household",
        "reference",
        "audience",
        "shape",
        "one_town",
        "exclusive",
        "title_words",
    ]
)
COLUMN_PROPERTIES = frozenset(
    [
        "kind",
        "need",
        "required_if",
        "required_unless",
        "codes",
        "many",
        "aliases",
        "foremost",
        "fill_down",
        "varies",
        "means",
        "measure",
        "per",
        "least",
        "formerly",
        "place",
    ]
)


def _custom(
    properties: list[CustomProperty] | None, known: frozenset[str]
) -> dict[str, Any]:
    own = {}
    for prop in properties or []:
        if prop.property:
            own[prop.property] = prop.value
    unknown = own.keys() - known
    if unknown:
        raise ValueError(
            f"contract: nothing reads the properties {sorted(unknown)}"
        )
    return own


def _conditions(
    value: Mapping[str, Any] | None,
) -> dict[str, tuple[str | bool, ...]]:
    conditions = {}
    for column, found in (value or {}).items():
        # one value alone may stand without its brackets
        conditions[column] = (
            tuple(found) if isinstance(found, list) else (found,)
        )
    return conditions


def _column(prop: SchemaProperty, block: str | None) -> Column:
    own = _custom(prop.customProperties, COLUMN_PROPERTIES)
    limits = prop.logicalTypeOptions or {}
    kind = own["kind"]
    need = own.get("need", "O")
    place = tuple(own.get("place", ()))
    is_known = kind in KINDS and need in NEEDS and set(place) <= set(LEVELS)
    if not is_known or not prop.name or not prop.businessName:
        raise ValueError(
            f"contract column {prop.name}: kind {kind}, need {need}"
        )
    return Column(
        name=prop.name,
        header=prop.businessName,
        kind=kind,
        need=need,
        aliases=tuple(own.get("aliases", ())),
        foremost=tuple(own.get("foremost", ())),
        codes=own.get("codes"),
        many=bool(own.get("many", False)),
        required_if=_conditions(own.get("required_if")),
        required_unless=_conditions(own.get("required_unless")),
        low=limits.get("minimum"),
        high=limits.get("maximum"),
        fill_down=bool(own.get("fill_down", False)),
        varies=own.get("varies", {}),
        means=own.get("means", {}),
        measure=own.get("measure"),
        per=frozenset(own.get("per", ())),
        least=own.get("least"),
        place=place,
        personal=prop.classification,
        block=block,
        formerly=own.get("formerly"),
        description=prop.description or "",
    )


def _columns(
    schema: SchemaObject, blocks: Mapping[str, tuple[Column, ...]]
) -> tuple[Column, ...]:
    own = _custom(schema.customProperties, LIST_PROPERTIES)
    mine = [_column(prop, None) for prop in schema.properties or []]
    # a list's own column takes the place of a shared one of the same name
    hidden = {column.name for column in mine} | set(own.get("without", ()))

    def shared(which: str) -> list[Column]:
        found = []
        for block in own.get(which, ()):
            for column in blocks[block]:
                if column.name not in hidden:
                    found.append(_adapted(column, own))
        return found

    columns = (*shared("blocks"), *mine, *shared("closing_blocks"))
    from_blocks = {column.name for column in columns if column.block}
    strangers = own.get("called", {}).keys() - from_blocks
    if strangers:
        raise ValueError(
            f"contract {own['code']}: no shared columns {sorted(strangers)}"
        )
    return columns


def _adapted(column: Column, own: Mapping[str, Any]) -> Column:
    """Return a shared column with the need and the names that it has on one list."""
    need = own.get("needs", {}).get(column.name, column.need)
    called = own.get("called", {}).get(column.name, ())
    return replace(column, need=need, aliases=(*column.aliases, *called))


def _contract(
    document: OpenDataContractStandard,
    blocks: Mapping[str, tuple[Column, ...]],
) -> Contract:
    schema = (document.schema_ or [])[0]
    own = _custom(schema.customProperties, LIST_PROPERTIES)
    due = {
        level.property: level.value for level in document.slaProperties or []
    }
    return Contract(
        code=own["code"],
        table=own["code"].lower(),
        title=schema.businessName or "",
        columns=_columns(schema, blocks),
        keys=tuple(KeyPart(tuple(columns)) for columns in own["keys"]),
        person_name=own.get("person_name"),
        person_id=own.get("person_id"),
        reference=bool(own.get("reference", False)),
        cadence=str(due.get("frequency", "")),
        audience=str(own.get("audience", "")),
        shape=own.get("shape", {}),
        one_town=bool(own.get("one_town", False)),
        exclusive=own.get("exclusive", {}),
        person_key=tuple(own.get("person_key", ())),
        open_register=own.get("register") == "open",
        names_household=own.get("household") == "named",
        title_words=tuple(own.get("title_words", ())),
        description=schema.description or "",
        name=schema.name or "",
    )


def _read(name: str) -> OpenDataContractStandard:
    text = folder.contracts_folder().joinpath(name).read_text("utf-8")
    return OpenDataContractStandard.model_validate(parse_yaml(text))


def _blocks() -> dict[str, tuple[Column, ...]]:
    found = {}
    for schema in _read("blocks.odcs.yaml").schema_ or []:
        name = schema.name or ""
        found[name] = tuple(
            _column(prop, name) for prop in schema.properties or []
        )
    return found


@cache
def load_contracts() -> Mapping[str, Contract]:
    """Read every contract that the package ships, by list code in the order of the codes.

    Raises ValueError when a file is not a valid contract: that is a fault of ours.
    """
    blocks = _blocks()
    contracts = {}
    # Some file systems list a folder in no order at all, and pages and suites
    # follow this one.
    for file in sorted(
        folder.contracts_folder().iterdir(), key=lambda file: file.name
    ):
        if (
            file.name.endswith(".odcs.yaml")
            and file.name != "blocks.odcs.yaml"
        ):
            contract = _contract(_read(file.name), blocks)
            contracts[contract.code] = contract
    return contracts
