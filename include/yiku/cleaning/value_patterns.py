"""What a value looks like, whatever its column is called.

The evidence for swapped columns (I12).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from yiku.cleaning.person_names import starts_like_a_name
from yiku.cleaning.text import HAN, half_width, without_spaces

_FORMS = (
    (
        "id",
        re.compile(
            r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|\d{17}[Xx]",
            re.A,
        ),
    ),
    (
        "id",
        re.compile(
            r"\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}", re.A
        ),
    ),
    ("phone", re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}", re.A)),
    (
        "date",
        re.compile(
            r"(?:19|20)\d{2}[-./年]\d{1,2}(?:[-./月]\d{1,2}日?|月?)", re.A
        ),
    ),
    ("account", re.compile(r"\d{14,30}", re.A)),
    ("number", re.compile(r"[-+]?[\d,]+(?:\.\d+)?%?", re.A)),
    ("name", re.compile(rf"[{HAN}]{{2,4}}|[{HAN}]{{1,6}}·[{HAN}]{{1,8}}")),
)

_SAMPLE = 100
_MOST = 1e300  # near the largest float


def looks_like(value: object) -> str:
    """Return id, phone, account, name, date, number or text."""
    if isinstance(value, date):
        return "date"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_looks_like(value)
    text = without_spaces(half_width(str(value))[0])
    for kind, form in _FORMS:
        if not form.fullmatch(text):
            continue
        if kind == "name" and not starts_like_a_name(text):
            return "text"
        return kind
    return "text"


def _number_looks_like(value: float) -> str:
    """Return what a number may be: one of nine digits and less is only a number."""
    if value != value or abs(value) >= _MOST:
        return "number"
    return looks_like(str(int(value))) if abs(value) >= 1e9 else "number"


def shares(
    cells: Sequence[object],
    values: Sequence[object],
    kind: str,
) -> dict[str, float]:
    """Return the share of a column's filled cells that look like each kind.

    A long column is judged by a sample. A cell that was read as the ID, credit code or
    phone number it stands for needs no second look: a credit code of digits alone looks
    like an account.
    """
    filled: list[tuple[object, object]] = []
    for cell, value in zip(cells, values, strict=True):
        if cell is not None and cell != "":
            filled.append((cell, value))
    step = max(1, len(filled) // _SAMPLE)
    sample = filled[::step]
    is_trusted = kind in ("id", "id_or_uscc", "phone")
    counts: Counter[str] = Counter()
    for cell, value in sample:
        is_read = is_trusted and value is not None
        counts[kind if is_read else looks_like(cell)] += 1
    return {form: count / len(sample) for form, count in counts.items()}
