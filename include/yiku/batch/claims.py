"""Which rows go back because of others, judged anew among those that stand.

A row that goes back for a fault of its own says nothing against the clean one beside it: that one is loaded, and the
other is corrected or left away. What the rows of other senders turn out to be is not known here; a row that gave way
to one of those is judged again (``yiku.pipeline.reprocessing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yiku.batch.stack import Stack
from yiku.checking.findings import Failed, JudgedTable, Verdicts
from yiku.checking.outcomes import sent_back
from yiku.comparison.row_comparison import compare_claims
from yiku.gazetteer.places import Gazetteer

if TYPE_CHECKING:
    from yiku.checking.validation import Checker

# What two rows have in common of which one may go back because of the other.
_SHARED = ("person_sk", "key", "household_no")


def among_standing(
    stacks: Sequence[Stack],
    tables: Sequence[JudgedTable],
    verdicts: Verdicts,
    gazetteer: Gazetteer,
    checker: Checker,
) -> Verdicts:
    """Return ``verdicts`` on ``tables`` with the claims of rows that do not stand themselves left out of account."""
    rows = dict(verdicts.rows)
    for stack in stacks:
        code = stack.contract.code
        mine = [t for t in tables if t.template == code]
        own = [f for f in rows.get(code, ()) if not f.claims]
        if len(own) == len(rows.get(code, ())):
            continue
        gone = _refs(mine, replace(verdicts, rows={code: own}))
        if _concerns(stack.frame, [f for f in rows[code] if f.claims], gone):
            rest = stack.frame[~stack.frame["ref"].isin(gone)]
            compared = compare_claims(rest, stack.contract, stack.loaded, gazetteer)
            rows[code] = [*own, *checker.check_claims(code, compared)]
    return replace(verdicts, rows=rows)


def _refs(
    tables: Sequence[JudgedTable], verdicts: Verdicts
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the numbers of the rows that are sent back."""
    found = [t.first_ref + np.flatnonzero(sent_back(t, verdicts)) for t in tables]
    return np.concatenate(found) if found else np.empty(0, dtype="int64")


def _concerns(
    frame: pd.DataFrame,
    claims: Sequence[Failed],
    gone: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> bool:
    """Tell whether a row that else stands may go back because of one that does not."""
    claimed = np.setdiff1d(np.concatenate([f.refs for f in claims]), gone)
    asked, others = (frame[frame["ref"].isin(refs)] for refs in (claimed, gone))
    shared = (asked[c].isin(others[c].dropna()).any() for c in _SHARED if c in frame)
    return any(shared)
