"""What people decided about links, against what the rules find: whose a row is, and whether two persons are one.

A decision about a row holds for that row, for what comes back in its place, and for every row of the county that gives
the same number and the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NOBODY = ""  # in place of a person's key: not the one whom the number means
DECIDED = "D"  # the tier of such links

Place = tuple[int, str | None, int, int]  # submission, sheet, part, row number
Words = tuple[str, str, str]  # county, number as typed, name


def place_text(place: Place) -> str:
    """Return a row's place as the warehouse keeps it beside a decision."""
    submission, sheet, part, row_no = place
    return f"{submission}/{part}/{row_no}/{sheet or ''}"


@dataclass(frozen=True)
class Decided:
    """Whose a row is: a person's key (NOBODY: not that person's), and their number where it is known."""

    person: str
    number: str | None = None


@dataclass(frozen=True)
class LinkDecisions:
    """The decisions that stand. ``merged`` maps persons to those whom they are, ``apart`` holds pairs who are two."""

    # By row id, and by ``place_text``.
    rows: Mapping[str, Decided] = field(default_factory=dict)
    words: Mapping[Words, Decided] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[frozenset[str]] = frozenset()

    def of_row(
        self,
        place: Place,
        reference: str | None,
        words: tuple[str, str | None, str | None],
    ) -> Decided | None:
        """Return what was decided of a row: by where it stands, by the row that it answers, by what it says."""
        county, number, name = words
        here = self.rows.get(place_text(place)) or self.rows.get(
            reference or ""
        )
        return here or (
            self.words.get((county, number, name)) if number and name else None
        )


def pairs_decided(
    told: Iterable[tuple[str, str, bool]],
) -> tuple[dict[str, str], frozenset[frozenset[str]]]:
    """Return who is whom, and who are two, of decisions (person, other, same) in their order: the last of a pair holds.

    Chains are followed to their end; one that closes a circle changes nothing.
    """
    kept: dict[str, str] = {}
    apart: set[frozenset[str]] = set()
    for person, other, same in told:
        # The pair may have been decided the other way round before: both ways
        # are forgotten when somebody decides anew.
        for one, two in ((other, person), (person, other)):
            if kept.get(one) == two:
                del kept[one]
        apart.discard(frozenset((person, other)))
        if not same:
            apart.add(frozenset((person, other)))
        elif _end(kept, person) != other:
            kept[other] = person
    return {other: _end(kept, other) for other in kept}, frozenset(apart)


def _end(kept: Mapping[str, str], person: str) -> str:
    while person in kept:
        person = kept[person]
    return person
