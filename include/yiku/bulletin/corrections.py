"""What a correction corrects: the month's figures that are not what an earlier issue said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from yiku.warehouse.bulletins import Line

# Problems and asks are of the night of an issue, a sample is drawn once: that they are others later corrects nothing.
_OF_THE_PERIOD = frozenset(
    {
        "overall",
        "ranking",
        "target",
        "submission",
        "round",
        "finding",
        "town",
    }
)


def changes(before: Sequence[Line], now: Sequence[Line]) -> list[Line]:
    """Return the month's figures that differ from an earlier issue, with by how much, and those that are gone."""
    earlier = _by_key(before)
    current = _by_key(now)
    found = []
    for key, line in current.items():
        old = earlier.get(key)
        if old is None:
            found.append(_told(line, "原通报没有"))
        elif old != line:
            found.append(_corrected(old, line))
    for key, line in earlier.items():
        if key not in current:
            nothing = line._replace(value=None, light=None, rank=None)
            found.append(_told(nothing, "原通报有，现已没有"))
    return found


def _by_key(
    lines: Iterable[Line],
) -> dict[tuple[str, str | None, str], Line]:
    return {
        (line.section, line.place_code, line.measure): line
        for line in lines
        if line.section in _OF_THE_PERIOD
    }


def _corrected(old: Line, line: Line) -> Line:
    change = None
    if old.value is not None and line.value is not None:
        change = line.value - old.value
    moved = [
        f"{label}由{_said(was)}改为{_said(value)}"
        for label, was, value in (
            ("名次", old.rank, line.rank),
            ("灯", old.light, line.light),
            ("其中逾期", old.overdue, line.overdue),
        )
        if was != value
    ]
    return _told(line, "，".join(moved))._replace(change=change)


def _told(line: Line, remark: str) -> Line:
    """Return a line of the correction; ``remark`` says what a figure and its difference do not."""
    name = f"{line.measure_name}（{remark}）" if remark else line.measure_name
    return line._replace(section="correction", measure_name=name, change=None)


def _said(value: object) -> str:
    return "无" if value is None else str(value)
