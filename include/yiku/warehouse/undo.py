"""Take a submission back: from the next night on it is as if it had never come.

Its rows stay in the raw tables and its bytes in the archive; nothing counts them any more. Files
that were judged beside it are judged again in the next night.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from yiku.contracts.contract_files import load_contracts
from yiku.warehouse.connection import Connection

# What was said of a file because of what another file says: overtaken rows, two towns, second
# posts, copies, resends.
BESIDE_OTHERS = (
    "X02",
    "X09",
    "X12",
    "X14",
    "X15",
    "X16",
    "F09",
    "F10",
    "F15",
    "VAN",
)

_REFERENCE = re.compile(r"R\d{8}-\d{6,9}-\d{1,9}|\d{1,18}")


class UnknownSubmissionError(Exception):
    """There is no such submission."""


def is_reference(text: str) -> bool:
    """Return whether a text has the form of a receipt number or of a submission's number."""
    return _REFERENCE.fullmatch(text.strip()) is not None


def submission_of(conn: Connection, reference: str) -> int:
    """Return the number of the submission with this receipt number or number.

    Raises UnknownSubmissionError.
    """
    row = conn.execute(
        "select submission_id from ops.submission where receipt_no = %(is)s or submission_id::text = %(is)s",
        {"is": reference.strip()},
    ).fetchone()
    if row is None:
        raise UnknownSubmissionError(
            f"没有找到来件 {reference}：请用回执上的编号（R 开头），或 yiku trace 给出的来件号。"
        )
    return int(row[0])


def undo(conn: Connection, submission_id: int) -> dict[str, int | bool]:
    """Take one submission back in one transaction.

    Return how much that touches. Doing it twice changes nothing.

    Raises UnknownSubmissionError.
    """
    with conn.transaction():
        # Of two who take it back at once the second is told that it is done.
        before = conn.execute(
            "select undone_at is not null from ops.submission where submission_id = %s for update",
            (submission_id,),
        ).fetchone()
        if before is None:
            raise UnknownSubmissionError(f"没有第 {submission_id} 号来件。")
        if before[0]:
            return {"already": True, "reopened": 0, "replayed": 0}
        conn.execute(
            "update ops.submission set undone_at = clock_timestamp(), replay = false where submission_id = %s",
            (submission_id,),
        )
        reopened = _reopen(conn, submission_id)
        replayed = _promote_copy(conn, submission_id) + _queue(
            conn, submission_id
        )
    return {"already": False, "reopened": reopened, "replayed": replayed}


def _reopen(conn: Connection, submission_id: int) -> int:
    """Take back what the submission said of others: findings it closed, links it confirmed."""
    conn.execute(
        "update register.link_decision set reversed_at = clock_timestamp()"
        " where submission_id = %s and reversed_at is null",
        (submission_id,),
    )
    opened = conn.execute(
        "update ops.finding set closed_by = null, closed_on = null, carried = false where closed_by = %s",
        (submission_id,),
    )
    return opened.rowcount


def _promote_copy(conn: Connection, submission_id: int) -> int:
    """Let the first copy of the same bytes take its place, and point the other copies to that one."""
    copies = [
        int(r[0])
        for r in conn.execute(
            "select submission_id from ops.submission where duplicate_of = %s and undone_at is null order by 1",
            (submission_id,),
        )
    ]
    if not copies:
        return 0
    first, *others = copies
    conn.execute(
        "update ops.submission set status = 'received', reason = null, duplicate_of = null, processed_at = null"
        " where submission_id = %s",
        (first,),
    )
    conn.execute(
        "delete from ops.finding where submission_id = %s and rule = 'F08'",
        (first,),
    )
    conn.execute(
        "update ops.submission set duplicate_of = %s where submission_id = any (%s)",
        (first, others),
    )
    return 1


def _queue(conn: Connection, submission_id: int) -> int:
    """Mark for the next night what was settled beside it or after it and may be judged otherwise without it.

    After a reference list that is everything of its county; else what has something to do with other files.
    """
    done = conn.execute(
        "update ops.submission as s set replay = true from ops.submission as u where u.submission_id = %(undone)s"
        " and s.submission_id <> u.submission_id and s.processed_at >= u.received_at and s.undone_at is null"
        " and s.status in ('loaded', 'partly_loaded', 'held') and ("
        " (s.county_code = u.county_code and exists (select from ops.submission_sheet as h"
        " where h.submission_id = u.submission_id and h.template = any (%(references)s)))"
        " or s.rows_dropped > 0 or s.reason = any (%(rules)s)"
        # what had been carried on from a third file may have been put right, or carried on again,
        # since
        " or exists (select from ops.finding as f where f.submission_id = u.submission_id"
        " and f.closed_by = s.submission_id)"
        " or exists (select from ops.finding as f where f.submission_id = s.submission_id"
        " and f.rule = any (%(rules)s)))",
        {
            "undone": submission_id,
            "references": _references(),
            "rules": list(BESIDE_OTHERS),
        },
    )
    return done.rowcount


def _references() -> Sequence[str]:
    return [c.code for c in load_contracts().values() if c.reference]
