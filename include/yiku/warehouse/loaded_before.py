"""What an earlier run left of files that are loaded again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql

from yiku.contracts.contract import Contract
from yiku.warehouse.connection import Connection


def forget(
    conn: Connection, submissions: Sequence[int], contracts: Iterable[Contract]
) -> None:
    """Remove the rows and findings that an earlier run left of some submissions.

    Their lines in the ledger stay.
    """
    # Locked until all is loaded, in one order by whoever does it: a task that was started twice
    # must not load a file twice, nor wait for itself.
    before = conn.execute(
        "select submission_id, processed_at from ops.submission where submission_id = any (%s)"
        " order by submission_id for update",
        (list(submissions),),
    ).fetchall()
    missing = set(submissions).difference(number for number, _ in before)
    if missing:
        raise LookupError(f"no submission {min(missing)}")
    # Those never settled are left out: no table holds anything of them, and going through all of
    # them takes its time.
    settled = [number for number, at in before if at is not None]
    if not settled:
        return
    tables = [sql.Identifier("raw", c.table) for c in contracts]
    tables += [
        sql.Identifier("ops", t) for t in ("submission_sheet", "withdrawn_row")
    ]
    for table in tables:
        conn.execute(
            sql.SQL("delete from {} where submission_id = any (%s)").format(
                table
            ),
            (settled,),
        )
    # What the pull said of the file's name no reading says again.
    conn.execute(
        "delete from ops.finding where submission_id = any (%s) and rule <> 'F14'",
        (settled,),
    )
    # What they had put right is open again until it is found out anew whether they
    # do.
    conn.execute(
        "update ops.finding set closed_by = null, closed_on = null, carried = false where closed_by = any (%s)",
        (settled,),
    )
