"""What cells say of one another: a person's ID and sex, numbers that run on down a column, remarks, merged amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from yiku.cleaning.cleaned import Note, Place
from yiku.cleaning.dates import agrees
from yiku.cleaning.ids import age_on, birth_date, sex_of
from yiku.cleaning.text import shown
from yiku.contracts.contract import Contract

Columns = dict[str, list[object]]
Quality = dict[Place, dict[str, object]]

_REMARK = re.compile(
    r"死亡|去世|病故|亡故|迁出|外嫁|婚嫁|出嫁|服刑|参军|入伍|重复|失联|返乡"
)
_NUMBER = re.compile("[0-9]{1,30}")  # no number of anybody or anything is longer
_DRAGGED = 3  # rows in a row whose numbers rise by one


def derive_from_id(
    contract: Contract, columns: Columns, quality: Quality, as_of: date
) -> Iterator[Note]:
    """Fill sex, birth date and age from the ID, and note where the typed ones differ (I10)."""
    if contract.person_id is None:
        return
    derived: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("sex", sex_of),
        ("birth_date", birth_date),
        ("age", lambda number: age_on(birth_date(number), as_of)),
    )
    numbers = [
        (i, n)
        for i, n in enumerate(columns[contract.person_id])
        if isinstance(n, str) and _is_person(n)
    ]
    for name, derive in derived:
        if contract.has(name) and contract.column(name).need == "X":
            yield from _compare(name, derive, numbers, columns[name], quality)


def _is_person(number: str) -> bool:
    # a payee's number may be an entity's code, which has no date in it
    return number[6:8] in ("19", "20") and number[:17].isdigit()


def _compare(
    name: str,
    derive: Callable[[str], object],
    numbers: Sequence[tuple[int, str]],
    values: list[object],
    quality: Quality,
) -> Iterator[Note]:
    for i, number in numbers:
        known = derive(number)
        written, values[i] = values[i], known
        if written is None or written == known or written == "未知":
            continue
        facts = _difference(name, written, known, quality.get((i, name), {}))
        if facts:
            yield Note(i, name, "I10", facts)


def _difference(
    name: str, written: object, known: object, quality: dict[str, object]
) -> dict[str, object] | None:
    if isinstance(written, date) and isinstance(known, date):
        precision = quality.pop("precision", None)
        return (
            None
            if agrees(written, precision, known)
            else {"level": "Q", "kind": "date"}
        )
    if isinstance(written, int) and isinstance(known, int):
        return {"level": "W", "kind": "age", "off_by": abs(written - known)}
    return {"level": "W", "kind": name}


def _digits(parsed: object, cell: object) -> int | None:
    if isinstance(parsed, str) and _NUMBER.fullmatch(parsed):
        return int(parsed)
    text = (
        parsed
        if isinstance(parsed, str)
        else shown(cell)
        if isinstance(cell, str)
        else ""
    )
    bare = re.sub(r"[\s\-]", "", text)
    return int(bare) if len(bare) >= 7 and _NUMBER.fullmatch(bare) else None


def dragged_down(
    parsed: Sequence[object], cells: Sequence[object]
) -> Iterator[tuple[int, int]]:
    """Yield first and last position of every run of three rows and more whose numbers rise by one (C10)."""
    numbers = [_digits(p, c) for p, c in zip(parsed, cells, strict=True)]
    start = 0
    for i in range(1, len(numbers) + 1):
        before, here = numbers[i - 1], numbers[i] if i < len(numbers) else None
        if before is None or here is None or here != before + 1:
            if i - start >= _DRAGGED:
                yield start, i - 1
            start = i


def drag_notes(
    name: str, parsed: Sequence[object], cells: Sequence[object], rows: Sequence[int]
) -> Iterator[Note]:
    """Note every row of a run of numbers that rise by one."""
    for first, last in dragged_down(parsed, cells):
        facts = {"level": "Q", "first": rows[first], "last": rows[last]}
        for i in range(first, last + 1):
            yield Note(i, name, "C10", facts)


def remark_notes(name: str, values: Sequence[object]) -> Iterator[Note]:
    """Note the words in a remark that may change somebody's state (R03); never acted upon silently."""
    for i, value in enumerate(values):
        words = _REMARK.findall(value) if isinstance(value, str) else []
        if words:
            yield Note(
                i, name, "R03", {"level": "W", "word": "、".join(dict.fromkeys(words))}
            )


def merged_notes(
    name: str, merged: frozenset[int], rows: Sequence[int]
) -> Iterator[Note]:
    """Note the rows of a merge that must not be filled down (L10): one amount over three rows is one amount."""
    if not merged:
        return
    facts = {"level": "Q", "first": min(merged), "last": max(merged)}
    for i, row in enumerate(rows):
        if row in merged:
            yield Note(i, name, "L10", facts)
