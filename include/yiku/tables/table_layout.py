"""Where the columns of one table stand on its sheet, and what its lines are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from yiku.contracts import Column, Contract
from yiku.tables import line_classes

# A line that says only these says where, not what: 村, 户主 above the people. Where a
# list pairs somebody with a household, the household is what the row is about.
_WHERE = frozenset({"town", "village", "group"})
_HOUSEHOLD = frozenset({"household_no", "head_name", "head_id_no"})
_PERSON_NUMBERS = frozenset({"id", "id_or_uscc"})


@dataclass
class TableLines:
    """The lines below one header, by row (from 0): the class of each of them.

    ``villages`` has, by the row of a line that names a village alone, that village:
    its people follow.
    """

    classes: dict[int, str] = field(default_factory=dict)
    villages: dict[int, str] = field(default_factory=dict)

    def rows_of(self, *classes: str) -> list[int]:
        """Return the rows of these classes in order."""
        return [row for row, found in self.classes.items() if found in classes]

    @cached_property
    def rows(self) -> list[int]:
        """The data rows, once all lines are told."""
        return self.rows_of(line_classes.DATA)

    @property
    def notes(self) -> list[int]:
        """The lines that say something about the table: who signed it, and when."""
        return self.rows_of(
            line_classes.FOOTER, line_classes.NOTE, line_classes.PLACE
        )

    @cached_property
    def totals(self) -> list[int]:
        """The lines that state sums, once all lines are told."""
        return self.rows_of(line_classes.TOTAL)


@dataclass(frozen=True)
class TableColumns:
    """Where the columns of a table stand (from 0), and which say what a row is about.

    ``own`` are all columns of the table, unknown ones too; ``nameless`` those at the
    left edge that have no header. ``names`` and ``ids`` are the person's, ``anchors``
    what the list must have, ``places`` what says where only.
    """

    by_field: Mapping[str, int]
    own: frozenset[int]
    serial: int | None
    names: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    anchors: tuple[int, ...] = ()
    places: frozenset[int] = frozenset()
    nameless: frozenset[int] = frozenset()

    @property
    def is_about_people(self) -> bool:
        """Whether a row has a person's name and number."""
        return bool(self.names and self.ids)

    @cached_property
    def telling(self) -> tuple[int, ...]:
        """The columns that a plain data row has all filled.

        Who it is about, or whatever the list must have.
        """
        if self.is_about_people:
            return (*self.names, *self.ids)
        return self.anchors

    @classmethod
    def of(
        cls,
        contract: Contract,
        by_field: Mapping[str, int],
        own: frozenset[int],
        serial: int | None,
        nameless: frozenset[int] = frozenset(),
    ) -> TableColumns:
        """Say which columns of ``contract`` carry a row."""
        person = (contract.person_name, contract.person_id)
        names: list[int] = []
        ids: list[int] = []
        anchors: list[int] = []
        places: set[int] = set()
        for name, place in by_field.items():
            column = contract.column(name)
            if name == contract.person_name:
                names.append(place)
            if column.kind in _PERSON_NUMBERS and name in person:
                ids.append(place)
            if _is_place(contract, column):
                places.add(place)
        for name, place in by_field.items():
            if contract.column(name).need == "M" and place not in places:
                anchors.append(place)
        return cls(
            by_field,
            own,
            serial,
            names=tuple(names),
            ids=tuple(ids),
            anchors=tuple(anchors),
            places=frozenset(places),
            nameless=nameless,
        )


def _is_place(contract: Contract, column: Column) -> bool:
    """Return whether a column says where a row belongs, and not what it is about."""
    if column.kind in _WHERE:
        return True
    if column.name not in _HOUSEHOLD:
        return False
    if column.name in (contract.person_name, contract.person_id):
        return False
    return bool(contract.person) and not contract.names_household
