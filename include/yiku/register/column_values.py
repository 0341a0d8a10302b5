"""Columns of a frame as plain values: going through a list is several times quicker than through a pandas column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd


def as_column(values: Iterable[Any], frame: pd.DataFrame) -> pd.Series[Any]:
    """Return values, one for each row of ``frame``, as a column that pandas leaves as they are."""
    return pd.Series(list(values), index=frame.index, dtype=object)


def is_missing(value: object) -> bool:
    """Return whether a value of a column is none: None, or what pandas puts in its place."""
    return value is None or value != value


def values_of(frame: pd.DataFrame, name: str | None) -> list[Any]:
    """Return the values of a column; Nones where the frame has no such column, or none was named."""
    return (
        frame[name].tolist() if name and name in frame else [None] * len(frame)
    )


def rows_of(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield for each row its values in the named columns. KeyError where the frame lacks one."""
    return zip(*(frame[name].tolist() for name in names), strict=True)
