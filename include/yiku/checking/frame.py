"""The frame that a suite judges: only the columns it asks for, in types that compare fast.

A column of which the suite only asks whether it is filled goes in as 1.0 or nothing, so that names, numbers and
accounts of people do not reach the rule engine at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

# The last day that a date may mean stands in a column beside it, where that is written less precisely than by the day.
UNTIL = "_until"


def judged_frame(
    frame: pd.DataFrame, index: str, read: Iterable[str], seen: Iterable[str]
) -> pd.DataFrame:
    """Return the columns ``read`` typed, those only ``seen`` as marks, and the integer column ``index``.

    KeyError names a column that ``frame`` lacks.
    """
    wanted = set(read)
    columns: dict[str, Any] = {index: frame[index].to_numpy(dtype="int64")}
    columns |= {c: _typed(frame[c]) for c in sorted(wanted - {index})}
    columns |= {
        c: _mark(frame[c]) for c in sorted(set(seen) - wanted - {index})
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _mark(values: pd.Series[Any]) -> np.ndarray[Any, Any]:
    return np.where(values.notna().to_numpy(), 1.0, np.nan)


def _typed(values: pd.Series[Any]) -> Any:
    """Turn a column of objects into floats, dates or categories; several values in a cell stay as they are."""
    if values.dtype != object:
        return values.array
    held = pd.api.types.infer_dtype(values, skipna=True)
    # Rules ask for membership, which a categorical column answers for each
    # distinct text once, and not for each row.
    if held == "string":
        return pd.Categorical(values)
    if held in ("date", "datetime"):
        return pd.to_datetime(values).array
    try:
        return values.to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError):
        return values.array
