"""Which version of a row counts: the one filled in last, then saved last, then received last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from yiku.register.columns import rows_of, values_of

VERSION_COLUMNS = ("fill_date", "saved_at", "received_at", "submission_id")


def version_of(fill_date: Any, saved_at: Any, received_at: Any, submission_id: int) -> tuple[Any, ...]:
    """Return what versions are ordered by; what is unknown comes first."""
    never = datetime.min.replace(tzinfo=UTC)
    day = fill_date if isinstance(fill_date, date) and not pd.isna(fill_date) else date.min
    saved = saved_at if isinstance(saved_at, datetime) and not pd.isna(saved_at) else never
    return (day, saved, received_at, submission_id)


def orders_of(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield what the version of each row is ordered by; the rows of one file have the same."""
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for version in rows_of(frame, *VERSION_COLUMNS):
        if version not in known:
            known[version] = version_of(*version)
        yield known[version]


@dataclass(frozen=True)
class _Version:
    order: tuple[Any, ...]
    content: str


def fate_hints(frame: pd.DataFrame, passing: Iterable[bool], loaded: pd.DataFrame) -> list[str | None]:
    """Return for each row 'same_as_loaded', 'overtaken' or None.

    ``passing`` marks the rows that no rule sends back: only those can overtake another. ``loaded`` holds the current
    rows of earlier submissions (key, content_hash and VERSION_COLUMNS).
    """
    best = _current(loaded)
    orders = list(orders_of(frame))
    rows = list(zip(values_of(frame, "key"), values_of(frame, "content_hash"), orders, passing, strict=True))
    first: dict[tuple[str, str], tuple[Any, ...]] = {(k, v.content): v.order for k, v in best.items()}
    for key, content, order, passes in rows:
        if key is not None and passes:
            if key not in best or order > best[key].order:
                best[key] = _Version(order, content)
            first[key, content] = min(first.get((key, content), order), order)
    return [_hint(k, c, o, best, first) if p else None for k, c, o, p in rows]


def _current(loaded: pd.DataFrame) -> dict[str, _Version]:
    best: dict[str, _Version] = {}
    if not len(loaded):
        return best
    for (key, content), order in zip(rows_of(loaded, "key", "content_hash"), orders_of(loaded), strict=True):
        if key is not None and (key not in best or order > best[key].order):
            best[key] = _Version(order, content)
    return best


def _hint(
    key: str | None,
    content: str,
    order: tuple[Any, ...],
    best: dict[str, _Version],
    first: dict[tuple[str, str], tuple[Any, ...]],
) -> str | None:
    if key is None:
        return None
    if best[key].content == content:
        return None if first[key, content] == order else "same_as_loaded"
    return "overtaken" if best[key].order > order else None
