"""What is said on a cell or a row, whichever way the workbook is written."""

from __future__ import annotations

from collections.abc import Iterable

from yiku.returns.reply import Mark, PlacedTable

# Cells whose fault is that the program took text for a number or a date: typed again, they must stay text.
TEXT_RULES = frozenset({"F04", "I01", "I15", "T03", "T05"})
_VERDICT_ORDER = "FSQWA"


def sorted_marks(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks in the order in which they are said: the gravest first."""
    return sorted(
        marks, key=lambda m: (_VERDICT_ORDER.index(m.verdict), m.column or 0, m.rule)
    )


def sentences(marks: Iterable[Mark]) -> list[str]:
    """Return what marks say, in their order, each thing once."""
    return list(dict.fromkeys(m.sentence for m in sorted_marks(marks)))


def leaf_of(header: str) -> str:
    """Return what stands in the lowest cell of a header, without blanks; its groups stand before it."""
    return "".join(header.rsplit("/", 1)[-1].split())


def references(tables: Iterable[PlacedTable]) -> dict[int, str]:
    """Return one reference a row; where two tables share a row, its own key has to do."""
    found: dict[int, str] = {}
    shared: set[int] = set()
    for table in tables:
        shared |= found.keys() & table.references.keys()
        found.update(table.references)
    return {row: text for row, text in found.items() if row not in shared}
