"""Whether a row of a return workbook still is the row that its hidden reference names.

A clerk may type another person over a row, or sort the columns that she sees: the reference stays where it was. It is
believed only where the content does not speak against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """Tell whether ``row`` is a new version of ``earlier``, the row that its reference names.

    Both have ``key``, ``person_sk`` and the columns of ``identity_columns``. Where nothing can be compared nothing
    speaks against the reference.
    """
    for name in ("key", "person_sk"):
        if row.get(name) and row[name] == earlier.get(name):
            return True
    if contract.person_name or contract.person_id:
        return _one_person(
            *(
                _pair(row, earlier, c)
                for c in (contract.person_name, contract.person_id)
            )
        )
    pairs = [_pair(row, earlier, c) for c in identity_columns(contract)]
    known = [(a, b) for a, b in pairs if a and b]
    return not known or any(a == b or _like(a, b) for a, b in known)


def identity_columns(contract: Contract) -> list[str]:
    """Return the columns by which rows of a list are told apart: a person's, else those of its business keys."""
    named: Iterable[str | None] = (contract.person_name, contract.person_id)
    if not any(named):
        named = (c for key in contract.keys for c in key.columns)
    return [c for c in dict.fromkeys(named) if c and contract.has(c)]


def _pair(row: Row, earlier: Row, column: str | None) -> tuple[str, str]:
    return tuple(
        "" if (v := r.get(column or "")) is None else str(v) for r in (row, earlier)
    )  # type: ignore[return-value]


def _one_person(names: tuple[str, str], numbers: tuple[str, str]) -> bool:
    name = compare_names(*names) if all(names) else None
    near = _near(*numbers) if all(numbers) else None
    if name is None or name == "similar":
        return near is not False
    return name == "same" or (all(numbers) and numbers[0] == numbers[1])


def _near(number: str, other: str) -> bool:
    """Tell whether two ID numbers are one with a slip of the pen, or one that was cut short."""
    a, b = number.upper(), other.upper()
    return (
        a[:KEPT_DIGITS] == b[:KEPT_DIGITS]
        or Levenshtein.distance(a, b, score_cutoff=SLIPS) <= SLIPS
    )


def _like(text: str, other: str) -> bool:
    return Levenshtein.normalized_similarity(text, other) >= LIKE
