"""Two days in one cell: where an interval is cut, and what its sides leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yiku.cleaning.date_parts import (
    COMPACT,
    ImpossibleDateError,
    Parts,
    parts_of,
    trimmed,
)
from yiku.cleaning.date_rules import DateRules

# what can only stand between two dates; a single dash may be a part of one
_STRONG = re.compile(
    r"起?至|起?到|起[,，]?(?=长期|永久|无固定)|~+|～+|—+|–+|―+|-{2,}|\s-\s"
)
_FULL = (
    r"\d{4}(?:[-./]\d{1,2}(?:[-./]\d{1,2})?|年\d{1,2}月(?:\d{1,2}[日号]?)?)"
)
_TWO_DAYS = re.compile(
    rf"(?:起[:：]?)?({_FULL})(?:起\s?|[/\s])(?:止[:：]?)?({_FULL})止?"
)  # a line break between them


def split_interval(text: str) -> tuple[str, str] | None:
    """Cut an interval into its two sides; None when it is one date.

    2017.3.1-2017.5.1, 2017年3月至5月, 201703-201705; but 2017-3-1 is one date.
    """
    both = _TWO_DAYS.fullmatch(text)
    if both:
        return both[1], both[2]
    strong = _STRONG.split(text, maxsplit=1)
    if len(strong) == 2:
        return strong[0].strip(), strong[1].strip()
    # a bare dash parts a date as well: 2017-3-1
    pieces = text.split("-")
    if len(pieces) == 2 and _are_sides(text, pieces):
        return pieces[0], pieces[1]
    if len(pieces) not in (4, 6):
        return None
    half = len(pieces) // 2
    if not all(piece.strip().isdigit() for piece in pieces):
        return None
    # both halves begin with a year: 2017-3-1-2017-5-1
    if len(pieces[0]) != 4 or len(pieces[half]) != 4:
        return None
    return "-".join(pieces[:half]), "-".join(pieces[half:])


def _are_sides(text: str, pieces: Sequence[str]) -> bool:
    """Return whether one dash stands between two dates: 2017.3-2017.5, 201703-201705."""
    if "/" in text or re.search(r"[年月.]", pieces[0]):
        return True
    return all(COMPACT.fullmatch(piece) for piece in pieces)


def right_of(
    left: Parts,
    text: str,
    rules: DateRules,
) -> Parts:
    """Read the right side of an interval, with what it leaves out: 2017.3.1-10."""
    bare = trimmed(text)
    short = re.fullmatch(r"(?:(\d{1,2})[月./-])?(\d{1,2})([月日号]?)", bare)
    if not short:
        return parts_of(bare, rules)
    first, last, unit = short.groups()
    if first:
        # after 2017.3 a second 5.6 may be May 6 or two numbers of a month
        if len(left) < 3 and unit != "日":
            raise ImpossibleDateError
        return left[0], int(first), int(last)
    if unit == "月" or (not unit and len(left) == 2):
        return left[0], int(last)
    if len(left) == 3:
        return left[0], left[1], int(last)
    raise ImpossibleDateError


def left_of(text: str, rules: DateRules) -> tuple[Parts, bool]:
    """Read the left side of an interval, and say whether its year is assumed."""
    bare = trimmed(text)
    short = re.fullmatch(r"(\d{1,2})月(?:份)?", bare)
    if not short or not rules.period:
        return parts_of(bare, rules), False
    # '3月至今' speaks of the latest March up to the reported month
    year, reported = rules.period
    month = int(short[1])
    if month > reported:
        year -= 1
    return (year, month), True
