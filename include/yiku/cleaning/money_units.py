"""Whether the amounts of a column stand in the unit that its list is kept in (N02)."""

from __future__ import annotations

import math
from statistics import median

from yiku.cleaning.numbers import (
    HIGHEST_YUAN,
    LEAST_YUAN,
    PLAIN,
    NumberRules,
    is_number,
)
from yiku.cleaning.text import (
    half_width,
    without_spaces,
)
from yiku.contracts.money import FOREIGN, factor_of


def unit_doubt(
    values: list[object],
    unit: str | None,
    rules: NumberRules,
) -> dict[str, object] | None:
    """Return why the unit of a money column is in doubt (N02), None where it is not.

    Cells that carry a unit of their own do not count. Where no unit is written, numbers
    too small for the column's yuan may be 万元; a written 万元 that makes absurd amounts
    of numbers that would do as yuan is one too many.
    """
    if unit == FOREIGN:
        return {"kind": "foreign"}
    numbers = [number for number in map(_bare_number, values) if number]
    if not numbers:
        return None
    middle = median(numbers)
    least = max(rules.least or 0, LEAST_YUAN)
    if unit is None:
        return {"kind": "not_written"} if middle < least else None
    if unit == "元":
        return None
    made = middle * float(factor_of(unit))
    high = rules.high or HIGHEST_YUAN
    would_do_as_yuan = middle >= least
    if made > 100 * high or (made > high and would_do_as_yuan):
        return {"kind": "absurd"}
    return None


def _bare_number(value: object) -> float | None:
    """Return the size of a number that carries no unit; None for anything else.

    3,000 and -5 count, 3千 says its own unit and does not.
    """
    if isinstance(value, str):
        text = without_spaces(half_width(value)[0]).replace(",", "")
        return abs(float(text)) if PLAIN.fullmatch(text) else None
    if is_number(value) and math.isfinite(value):
        return abs(float(value))
    return None
