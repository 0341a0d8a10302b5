"""Whether a row of a return workbook still is the row that its hidden reference names.

A clerk may type another person over a row, or sort the columns that she sees: the reference stays where it was. It is
believed only where the content does not speak against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapidfuzz.distance import Levenshtein

from yiku.contracts import Contract
from yiku.register.name_comparison import compare_names

# So many slips of the pen in a number, at most; or what a spreadsheet program leaves of it.
SLIPS, KEPT_DIGITS = 2, 15
# Two texts of a key are alike when so great a share of the longer one is left as it was.
LIKE = 0.6

Row = Mapping[str, Any]


def answers(contract: Contract, row: Row, earlier: Row) -> bool:
    """Return whether ``row`` is a new version of ``earlier``, the row that its reference names.

    Both have ``key``, ``person_sk`` and the columns of ``identity_columns``. Where nothing can be compared nothing
    speaks against the reference.
    """
    for name in ("key", "person_sk"):
        if row.get(name) and row[name] == earlier.get(name):
            return True
    if contract.person_name or contract.person_id:
        names = _said_of(row, earlier, contract.person_name)
        numbers = _said_of(row, earlier, contract.person_id)
        return _are_one_person(names, numbers)
    said = [
        _said_of(row, earlier, name) for name in identity_columns(contract)
    ]
    comparable = [texts for texts in said if all(texts)]
    return not comparable or any(_are_alike(*texts) for texts in comparable)


def identity_columns(contract: Contract) -> list[str]:
    """Return the columns by which rows of a list are told apart: a person's, else those of its business keys."""
    named: list[str | None] = [contract.person_name, contract.person_id]
    if not any(named):
        named = [column for key in contract.keys for column in key.columns]
    # a key may name parts that are no columns: the month of a start, an employer without its form
    return [
        name for name in dict.fromkeys(named) if name and contract.has(name)
    ]


def _said_of(row: Row, earlier: Row, column: str | None) -> tuple[str, str]:
    """Return what the two rows say in a column, nothing where there is none."""
    now, before = (said.get(column or "") for said in (row, earlier))
    return _as_text(now), _as_text(before)


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _are_one_person(names: tuple[str, str], numbers: tuple[str, str]) -> bool:
    has_numbers = all(numbers)
    is_near = not has_numbers or _are_near(*numbers)
    likeness = compare_names(*names) if all(names) else None
    if likeness is None or likeness == "similar":
        return is_near
    # another name beside the same number is a corrected name
    return likeness == "same" or (has_numbers and numbers[0] == numbers[1])


def _are_near(number: str, other: str) -> bool:
    """Return whether two ID numbers are one with a slip of the pen, or one that was cut short."""
    typed, earlier = number.upper(), other.upper()
    # A number that a program had cut was sent back for just that: what comes
    # now is whole and shares its beginning alone.
    if typed[:KEPT_DIGITS] == earlier[:KEPT_DIGITS]:
        return True
    return Levenshtein.distance(typed, earlier, score_cutoff=SLIPS) <= SLIPS


def _are_alike(text: str, other: str) -> bool:
    return (
        text == other or Levenshtein.normalized_similarity(text, other) >= LIKE
    )
