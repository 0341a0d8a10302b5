"""What a data contract says of a list: its columns, keys and properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

KINDS = frozenset(
    (
        *(
            "text",
            "name",
            "id",
            "id_or_uscc",
            "date",
            "month",
            "quarter",
            "money",
            "integer",
            "number",
            "percent",
            "bool",
        ),
        *(
            "code",
            "phone",
            "uscc",
            "account",
            "town",
            "village",
            "group",
            "place",
            "disability",
        ),
    )
)
NEEDS = frozenset("MSOX")
LEVELS = ("county", "town", "village")
ANYTHING = "*"  # in a condition: the other column is filled


@dataclass(frozen=True)
class Column:
    """One column of a list.

    What clerks call it, what it may hold and whether it must.
    """

    name: str
    header: str
    kind: str
    need: str
    aliases: tuple[str, ...] = ()
    foremost: tuple[str, ...] = ()
    codes: str | None = None
    many: bool = False
    required_if: Mapping[str, tuple[str | bool, ...]] = field(
        default_factory=dict
    )
    required_unless: Mapping[str, tuple[str | bool, ...]] = field(
        default_factory=dict
    )
    low: float | None = None
    high: float | None = None
    fill_down: bool = False
    varies: Mapping[str, Any] = field(default_factory=dict)
    means: Mapping[str, bool] = field(default_factory=dict)
    measure: str | None = None
    per: frozenset[str] = frozenset()
    least: float | None = None
    place: tuple[str, ...] = ()
    personal: str | None = None
    block: str | None = None
    formerly: str | None = None
    description: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """The official header first, then every alias."""
        return (self.header, *self.aliases)

    @property
    def place_column(self) -> str:
        """The column of the code of the place that this one's text names."""
        return f"{self.name}_place"


# What stands in the business key of a row that only its content tells apart.
BY_CONTENT = "/=@"


@dataclass(frozen=True)
class KeyPart:
    """One way to tell two rows of a list apart.

    The first whose parts are all filled is used.
    """

    columns: tuple[str, ...]


# One object a list: compared and hashed by identity, for mappings have no
# hash.
@dataclass(frozen=True, eq=False)
class Contract:
    """One list.

    Its columns in the order of the official template, its key and how often it is due.
    """

    code: str
    table: str
    title: str
    columns: tuple[Column, ...]
    keys: tuple[KeyPart, ...]
    person_name: str | None
    person_id: str | None
    reference: bool
    cadence: str
    audience: str
    shape: Mapping[str, Any] = field(default_factory=dict)
    # A person may stand on it for one town only in a period (X02).
    one_town: bool = False
    # {start, ends}: spells of a person must not overlap.
    exclusive: Mapping[str, Any] = field(default_factory=dict)
    # The columns that tell a person who has no number (T6).
    person_key: tuple[str, ...] = ()
    open_register: bool = False  # its people need not stand in the register
    # The household that a row names is not the person's own.
    names_household: bool = False
    title_words: tuple[str, ...] = ()
    description: str = ""
    name: str = ""  # the English word for what a row is

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError if the list has none."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Return whether the list has a column called ``name``."""
        return name in self._by_name

    @property
    def placed(self) -> tuple[Column, ...]:
        """The columns whose text names a place beside that of the row."""
        return tuple(column for column in self.columns if column.place)

    @property
    def person(self) -> bool:
        """Return whether a row of the list is about a person."""
        return self.person_id is not None

    @property
    def names_event(self) -> bool:
        """Return whether a row's place is where something was held.

        Else it is where its person lives.
        """
        of_session = self.shape.get("session", {})
        return "village_name" in of_session.get("columns", ())

    @property
    def _by_name(self) -> Mapping[str, Column]:
        return _index(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The English names of the columns in order."""
        return tuple(column.name for column in self.columns)


# Columns are looked up far more often than there are contracts.
@cache
def _index(contract: Contract) -> dict[str, Column]:
    return {column.name: column for column in contract.columns}
