"""What cleaning gives: typed values, and a note of everything that was met in a cell.

A note never decides what becomes of a row. Its ``facts`` may hold ``level``, the
verdict that the catalogue gives to this very case where one rule id has several (A W
Q), and beside it ``kind``, ``off_by``, ``n``, ``word``, ``choices``, ``form``,
``first`` and ``last`` (row numbers). A person's value stands nowhere in the facts: it
is in ``original``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pandas as pd

Facts = Mapping[str, object]
Place = tuple[int, str]  # position in the frame, name of the column


class Met(NamedTuple):
    """One thing met in a value: the rule id and what its message needs."""

    code: str
    facts: Facts


class Parsed(NamedTuple):
    """What a cell's content means. ``value`` is None where it is unknown."""

    value: object = None
    met: tuple[Met, ...] = ()
    quality: Mapping[str, object] | None = None


class Note(NamedTuple):
    """One thing met in one cell of a frame."""

    position: int
    field: str
    code: str
    facts: Facts


@dataclass(frozen=True)
class CleaningContext:
    """What cleaning must know beside the table.

    ``file_period`` is YYYY-MM, YYYY-Qn or YYYY.
    """

    business_date: date
    file_period: str | None = None
    epoch_1904: bool = False
    # csv, tsv and html hold text only: a number's lost zero cannot be seen there
    untyped: bool = False


@dataclass
class Cleaned:
    """One table cleaned.

    ``frame`` holds every contract column, then ``row_no``, ``sheet`` and ``part``.
    ``original`` holds the text of every cell that was repaired or not understood,
    ``retold`` the columns where that text is not word for word what the reader gave,
    ``verbatim`` those of places where every other value is;
    ``id_looks`` says which share of the cells where the person's number should stand
    looks like what; ``sheet_facts`` the findings about the whole table (N02) with their
    facts.
    """

    list_code: str
    sheet: str | None
    part: int
    frame: pd.DataFrame
    notes: list[Note] = field(default_factory=list)
    quality: dict[Place, dict[str, object]] = field(default_factory=dict)
    original: dict[Place, str] = field(default_factory=dict)
    retold: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    id_looks: dict[str, float] = field(default_factory=dict)
    sheet_facts: dict[str, dict[str, object]] = field(default_factory=dict)


BLANK = Parsed()


def met(code: str, level: str, **facts: object) -> Met:
    """Build a note's content with the verdict that the catalogue gives to this case."""
    return Met(code, {"level": level, **facts})


def unknown(code: str, level: str, **facts: object) -> Parsed:
    """Build the answer for a value that is not understood."""
    return Parsed(None, (met(code, level, **facts),))


def noted(
    found: tuple[Met, ...], code: str, level: str, **facts: object
) -> tuple[Met, ...]:
    """Return what was met in a value before, and one thing more."""
    return (*found, met(code, level, **facts))


def refused(
    found: tuple[Met, ...], code: str, level: str, **facts: object
) -> Parsed:
    """Build the answer for a value that is not understood, with what was met before."""
    return Parsed(None, noted(found, code, level, **facts))


def parse_code(
    value: object, from_text: Callable[[str, bool], Parsed], mandatory: bool
) -> Parsed:
    """Read a value that should be a text of digits.

    One stored as a number has lost digits or zeros (I15).
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return from_text(value, mandatory)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return unknown("I15", "Q")
    return unknown("T05", "Q")
