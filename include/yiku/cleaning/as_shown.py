"""Numbers whose format says more than the number.

55 shown as 55万元, 1 shown as GY0001: what is shown counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from yiku.cleaning.cleaned import Met, Parsed, met
from yiku.cleaning.numbers import (
    NumberRules,
    decimal_of,
    parse_number,
    read_in,
)
from yiku.cleaning.text import half_width, without_spaces
from yiku.contracts.money import is_foreign
from yiku.formats.number_format import Shown, shown

# kinds whose cells are texts: a padded or prefixed number there is the text that is shown
TEXTS = frozenset(
    ("text", "code", "place", "phone", "group", "town", "village", "bool")
)
AMOUNTS = frozenset(("money", "integer", "number"))
_MAGNITUDE = re.compile(r"[百千万亿]")
_EXACT = 1e15  # from here on a float has lost digits


def _shown(value: float, code: str) -> Shown | None:
    """Return what a format shows of a number; None where it cannot be told."""
    if not math.isfinite(value):
        return None
    return shown(decimal_of(value), code)


def parse_shown_text(
    value: float,
    code: str,
    read: Callable[[object], Parsed],
) -> Parsed:
    """Read a number in a column of texts as the text that its format shows."""
    seen = _shown(value, code) if abs(value) < _EXACT else None
    if seen is None or value < 0:
        return read(value)
    return read(seen.text)


def parse_shown_date(
    value: float,
    code: str,
    read: Callable[[object], Parsed],
) -> Parsed:
    """Read a number in a date column.

    Where a format writes digits itself (``"2017年"0"月"``) they are part of it.
    """
    seen = _shown(value, code) if abs(value) < _EXACT else None
    if seen is None:
        return read(value)
    has_own_digits = any(char.isdigit() for char in seen.prefix + seen.suffix)
    return read(seen.text if has_own_digits else value)


def parse_shown_amount(
    value: float,
    code: str,
    rules: NumberRules,
    unit: str | None,
) -> Parsed:
    """Read an amount whose format names a unit or scales what is shown.

    ``unit`` is the header's, where it has one.
    """
    seen = _shown(value, code)
    if seen is None:
        return parse_number(value, rules)
    words = without_spaces(half_width(seen.prefix + seen.suffix)[0])
    readings, refused = read_in(_written(seen), rules)
    is_money = rules.kind == "money"
    if is_money and (is_foreign(words) or "foreign" in refused):
        return _refused(rules, "foreign")
    if "span" in refused and not readings:
        return _refused(rules, "span")
    # digits or 万 of the format itself that no reading explains
    has_digits = any(char.isdigit() for char in words)
    if has_digits or (not readings and _MAGNITUDE.search(words)):
        return _refused(rules, "shown")
    meant = readings.pop() if len(readings) == 1 else seen.number * rules.scale
    return _settle(value, meant, seen, rules, unit)


def _settle(
    value: float,
    meant: Decimal,
    seen: Shown,
    rules: NumberRules,
    unit: str | None,
) -> Parsed:
    """Compare what is shown with what the cell holds.

    Take what both say, or what is shown, or nothing.
    """
    stored = decimal_of(value)
    plain = replace(rules, scale=Decimal(1))
    is_scaled = seen.number != stored
    if meant == stored and (is_scaled or rules.scale == 1):
        return parse_number(value, plain)
    if is_scaled:
        # a format that leaves out thousands is laid over whole amounts: the cell holds
        # them, the display is off
        told = met("N01", "W", kind="shown", stored=True)
        return _with_note(parse_number(value, plain), told)
    if meant == stored * rules.scale:
        return parse_number(value, rules)
    if unit is not None:
        return _refused(
            rules, "shown"
        )  # the header says one unit, the format another
    return _with_note(parse_number(str(meant), plain), met("N01", "A"))


def _with_note(read: Parsed, told: Met) -> Parsed:
    """Return what was read with one thing more that was met."""
    return read._replace(met=(*read.met, told))


def _written(seen: Shown) -> str:
    """Return what is shown with all its digits.

    Not rounded to those that the format has room for.
    """
    prefix, suffix = _words(seen.prefix), _words(seen.suffix)
    if seen.percent:
        suffix = suffix.replace("%", "")
    return f"{prefix}{seen.number:f}{suffix}"


def _words(text: str) -> str:
    """Return the words of a format without spaces and outer brackets."""
    return without_spaces(half_width(text)[0]).strip("()")


def _refused(rules: NumberRules, fact: str) -> Parsed:
    """Return the answer for a cell whose format and number do not agree (N01)."""
    level = "W" if fact == "span" and not rules.mandatory else "Q"
    return Parsed(None, (met("N01", level, kind="shown", **{fact: True}),))
