"""Which rows go back because of others, judged anew among those that stand.

A row that goes back for a fault of its own says nothing against the clean one beside it: that one is loaded, and the
other is corrected or left away. What the rows of other senders turn out to be is not known here: a night decides once
all of its files are loaded (``yiku.pipeline.decided_claims``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yiku.batch.stack import Stack
from yiku.checking.findings import (
    BEYOND,
    WITHIN,
    Failed,
    JudgedTable,
    Verdicts,
)
from yiku.checking.outcomes import sent_back
from yiku.comparison.rival_claims import losses_within
from yiku.comparison.row_comparison import add_losses, add_rivals
from yiku.gazetteer.places import Gazetteer

if TYPE_CHECKING:
    from yiku.checking.validation import Checker

# What two rows of a file have in common of which one may go back because of the other.
_SHARED = ("person_sk", "key", "household_no")

Refs = np.ndarray[tuple[int], np.dtype[np.int64]]


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
        failed = rows.get(code, ())
        if not any(failure.claims for failure in failed):
            continue
        mine = [table for table in tables if table.template == code]
        own = [failure for failure in failed if failure.claims is None]
        gone = _refs(mine, replace(verdicts, rows={code: own}))
        # Within the file first: a row that goes back there displaces nobody in
        # another file.
        within = _within_file(stack, failed, gone, checker)
        gone = _refs(mine, replace(verdicts, rows={code: [*own, *within]}))
        beyond = _beyond_file(stack, failed, gone, gazetteer, checker)
        # The order of the suite, whether or not a claim was judged anew: the
        # first rule that sends a row back is named in the row's fate.
        rows[code] = _in_order_of(failed, [*own, *within, *beyond])
    return replace(verdicts, rows=rows)


def _of(failed: Sequence[Failed], where: str) -> list[Failed]:
    return [failure for failure in failed if failure.claims == where]


def _in_order_of(
    failed: Sequence[Failed], anew: Sequence[Failed]
) -> list[Failed]:
    """Return what was judged anew in the order of the suite: the first rule that sends a row back names its fate."""
    places: dict[str, int] = {}
    for place, failure in enumerate(failed):
        places.setdefault(failure.rule, place)
    return sorted(
        anew, key=lambda failure: places.get(failure.rule, len(failed))
    )


def _within_file(
    stack: Stack, failed: Sequence[Failed], gone: Refs, checker: Checker
) -> list[Failed]:
    """Return what the rows of one file say against one another, those that are ``gone`` left out."""
    said = _of(failed, WITHIN)
    claimed = np.setdiff1d(_all_refs(said), gone)
    # Judging anew is another run of the engine. In nearly all batches nobody
    # who is gone has anything to do with a claim.
    if not _share(stack.frame, claimed, gone, _SHARED):
        return said
    rest = stack.frame[~stack.frame["ref"].isin(gone)].copy(deep=False)
    # The marks were set with the rows in view that are gone now: what
    # contradicted one of them may contradict nothing any more.
    add_rivals(rest)
    return checker.check_claims(stack.contract.code, rest, WITHIN)


def _beyond_file(
    stack: Stack,
    failed: Sequence[Failed],
    gone: Refs,
    gazetteer: Gazetteer,
    checker: Checker,
) -> list[Failed]:
    """Return what rows of other files say against rows, where those that are ``gone`` displace nobody."""
    said = _of(failed, BEYOND)
    # also where a row that is gone was told itself: what told it may be gone too
    if stack.is_decided or not _share(
        stack.frame, _all_refs(said), gone, ("person_sk",)
    ):
        return said
    compared = stack.frame.copy(deep=False)
    stands = ~compared["ref"].isin(gone)
    losses = losses_within(compared, stack.contract, stack.loaded, stands)
    add_losses(compared, losses, gazetteer)
    return checker.check_claims(stack.contract.code, compared, BEYOND)


def _refs(tables: Sequence[JudgedTable], verdicts: Verdicts) -> Refs:
    """Return the numbers of the rows that are sent back."""
    found = []
    for table in tables:
        positions = np.flatnonzero(sent_back(table, verdicts))
        found.append(table.first_ref + positions)
    return np.concatenate(found) if found else np.empty(0, dtype="int64")


def _all_refs(failed: Sequence[Failed]) -> Refs:
    """Return the numbers of all rows that some rules send back."""
    if not failed:
        return np.empty(0, dtype="int64")
    return np.concatenate([failure.refs for failure in failed])


def _share(
    frame: pd.DataFrame, claimed: Refs, gone: Refs, columns: Sequence[str]
) -> bool:
    """Return whether a row that may go back because of others has something in common with one that is gone."""
    asked, others = (
        frame[frame["ref"].isin(refs)] for refs in (claimed, gone)
    )
    for column in columns:
        if (
            column in frame
            and asked[column].isin(others[column].dropna()).any()
        ):
            return True
    return False
