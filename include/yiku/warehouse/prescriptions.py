"""The prescriptions that are compared with one another, and where it is kept which repeat which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yiku.warehouse.connection import Connection
from yiku.warehouse.copying import copy_rows

_PRESCRIPTIONS = """
select county_code, issued_on, village_code, row_id::text, measures
from raw.t09_now
where county_code is not null and village_code is not null and issued_on is not null
    and measures is not null
order by county_code
"""
_COLUMNS = {"row_id": "uuid", "other_row_id": "uuid"}


def prescriptions(conn: Connection) -> list[tuple[str, date, str, str, str]]:
    """Return what counts on the night's date: county, day, village, row id, text.

    One county after the other.
    """
    return conn.execute(_PRESCRIPTIONS).fetchall()


def keep(conn: Connection, copies: Sequence[tuple[str, str]]) -> None:
    """Put tonight's copies (row id, row id of the original) in the place of those known so far."""
    # All are compared again each night: what was found before counts for
    # nothing.
    conn.execute("delete from ops.copied_prescription")
    copy_rows(
        conn,
        ("ops", "copied_prescription"),
        _COLUMNS,
        list(zip(*copies, strict=True)),
    )
