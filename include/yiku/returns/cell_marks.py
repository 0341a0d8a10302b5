"""What is said on a cell or a row, whichever way the workbook is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from yiku.returns.reply import Mark, PlacedTable

# Cells whose fault is that the program took text for a number or a date: typed again, they must
# stay text.
TEXT_RULES = frozenset({"F04", "I01", "I15", "T03", "T05"})
_VERDICT_ORDER = "FSQWA"
_PER_LINE = 28  # Chinese characters that fit into a line of 修改意见


def sorted_marks(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks in the order in which they are said: the gravest first."""
    return sorted(marks, key=_gravity)


def _gravity(mark: Mark) -> tuple[int, int, str]:
    return _VERDICT_ORDER.index(mark.verdict), mark.column or 0, mark.rule


def sentences(marks: Iterable[Mark]) -> list[str]:
    """Return what marks say, in their order, each thing once."""
    said = [mark.sentence for mark in sorted_marks(marks)]
    return list(dict.fromkeys(said))


def numbered(lines: Sequence[str]) -> list[str]:
    """Return sentences with their numbers in front, where there are several."""
    if len(lines) == 1:
        return list(lines)
    return [f"{number}. {text}" for number, text in enumerate(lines, start=1)]


def line_count(advice: Iterable[str]) -> int:
    """Return how many lines sentences take in the column 修改意见."""
    return sum(1 + (len(text) - 1) // _PER_LINE for text in advice)


def leaf_of(header: str) -> str:
    """Return what stands in the lowest cell of a header, without blanks.

    Its groups stand before it.
    """
    leaf = header.rsplit("/", 1)[-1]
    return "".join(leaf.split())


def references(tables: Iterable[PlacedTable]) -> dict[int, str]:
    """Return one reference a row; where two tables share a row, its own key has to do."""
    found: dict[int, str] = {}
    shared: set[int] = set()
    for table in tables:
        shared |= found.keys() & table.references.keys()
        found.update(table.references)
    for row_no in shared:
        del found[row_no]
    return found
