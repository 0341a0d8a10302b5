"""What cells say of one another.

A person's ID and sex, numbers that run on down a column, remarks, merged amounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from yiku.cleaning.cleaned import Note, Place
from yiku.cleaning.date_rules import agrees
from yiku.cleaning.id_arithmetic import age_on, birth_date, sex_of
from yiku.cleaning.text import shown
from yiku.contracts.contract import Contract

Columns = dict[str, list[object]]
Quality = dict[Place, dict[str, object]]

# words on what became of somebody since the register was made
_REMARK = re.compile(
    r"死亡|去世|病故|亡故|迁出|外嫁|婚嫁|出嫁|服刑|参军|入伍|重复|失联|返乡"
)
_NUMBER = re.compile(
    "[0-9]{1,30}"
)  # no number of anybody or anything is longer
_LEAST_DIGITS = 7  # of a number that a cell can be dragged down from
_DRAGGED = 3  # rows in a row whose numbers rise by one


def derive_from_id(
    contract: Contract,
    columns: Columns,
    quality: Quality,
    as_of: date,
) -> Iterator[Note]:
    """Fill sex, birth date and age from the ID, and note where typed ones differ (I10).

    Ages are those on the day ``as_of``.
    """
    if contract.person_id is None:
        return

    def age(number: str) -> int:
        return age_on(birth_date(number), as_of)

    derived: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("sex", sex_of),
        ("birth_date", birth_date),
        ("age", age),
    )
    numbers: list[tuple[int, str]] = []
    for position, number in enumerate(columns[contract.person_id]):
        if isinstance(number, str) and _is_person(number):
            numbers.append((position, number))
    for name, derive in derived:
        if contract.has(name) and contract.column(name).need == "X":
            yield from _compare(name, derive, numbers, columns[name], quality)


def _is_person(number: str) -> bool:
    """Return whether a payee's number is a person's."""
    # a payee's number may be an entity's code, which has no date in it
    return number[6:8] in ("19", "20") and number[:17].isdigit()


def _compare(
    name: str,
    derive: Callable[[str], object],
    numbers: Sequence[tuple[int, str]],
    values: list[object],
    quality: Quality,
) -> Iterator[Note]:
    """Put what the number says in the place of what was typed, and note differences."""
    for position, number in numbers:
        known = derive(number)
        written = values[position]
        values[position] = known
        if written is None or written == known or written == "未知":
            continue
        facts = _difference(
            name, written, known, quality.get((position, name), {})
        )
        if facts:
            yield Note(position, name, "I10", facts)


def _difference(
    name: str,
    written: object,
    known: object,
    quality: dict[str, object],
) -> dict[str, object] | None:
    """Return in what a typed value differs from the number's; None where it agrees.

    A birth date that differs sends the row back, an age is asked about.
    """
    if isinstance(written, date) and isinstance(known, date):
        precision = quality.pop("precision", None)
        if agrees(written, precision, known):
            return None
        return {"level": "Q", "kind": "date"}
    if isinstance(written, int) and isinstance(known, int):
        return {"level": "W", "kind": "age", "off_by": abs(written - known)}
    return {"level": "W", "kind": name}


def _digits(parsed: object, cell: object) -> int | None:
    """Return the number that a cell holds: as it was read, else as it was typed.

    An ID or a telephone number, whether it was understood or not.
    """
    if isinstance(parsed, str):
        if _NUMBER.fullmatch(parsed):
            return int(parsed)
        text = parsed
    else:
        text = shown(cell) if isinstance(cell, str) else ""
    bare = re.sub(r"[\s\-]", "", text)
    if len(bare) < _LEAST_DIGITS or not _NUMBER.fullmatch(bare):
        return None
    return int(bare)


def dragged_down(
    parsed: Sequence[object],
    cells: Sequence[object],
) -> Iterator[tuple[int, int]]:
    """Yield every run of three rows and more whose numbers rise by one (C10).

    First and last position: a cell that was dragged down counts on.
    """
    numbers = [
        _digits(value, cell) for value, cell in zip(parsed, cells, strict=True)
    ]
    start = 0
    for position, (before, here) in enumerate(pairwise([*numbers, None]), 1):
        if before is not None and here == before + 1:
            continue
        if position - start >= _DRAGGED:
            yield start, position - 1
        start = position


def drag_notes(
    name: str,
    parsed: Sequence[object],
    cells: Sequence[object],
    rows: Sequence[int],
) -> Iterator[Note]:
    """Note every row of a run of numbers that rise by one."""
    for first, last in dragged_down(parsed, cells):
        facts = {"level": "Q", "first": rows[first], "last": rows[last]}
        for position in range(first, last + 1):
            yield Note(position, name, "C10", facts)


def remark_notes(name: str, values: Sequence[object]) -> Iterator[Note]:
    """Note the words in a remark that may change somebody's state (R03).

    Never acted upon silently.
    """
    for position, value in enumerate(values):
        words = _REMARK.findall(value) if isinstance(value, str) else []
        if words:
            told = "、".join(dict.fromkeys(words))
            yield Note(position, name, "R03", {"level": "W", "word": told})


def merged_notes(
    name: str,
    merged: frozenset[int],
    rows: Sequence[int],
) -> Iterator[Note]:
    """Note the rows of a merge that must not be filled down (L10).

    One amount over three rows is one amount.
    """
    if not merged:
        return
    facts = {"level": "Q", "first": min(merged), "last": max(merged)}
    for position, row in enumerate(rows):
        if row in merged:
            yield Note(position, name, "L10", facts)
