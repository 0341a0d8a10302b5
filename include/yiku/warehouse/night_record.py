"""What ``ops.night`` says of a night.

How far it came, what it counted, whether its marts are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from yiku.warehouse.connection import Connection

_COUNTED = """
select count(*), coalesce(sum(rows_read), 0), coalesce(sum(rows_loaded), 0),
    coalesce(sum(rows_quarantined), 0), coalesce(sum(rows_dropped), 0), count(fault)
from ops.submission
where business_date = %s and undone_at is null
"""
# By the order of nights, not by their dates: an old day may have been
# published on purpose.
_SHOWN_DAY = """
select business_date from ops.night where state = 'published' order by night_id desc limit 1
"""
_PUBLISHED_SPAN = """
select started_at, finished_at from ops.night where night_id = %s and state = 'published'
"""


class NightSpan(NamedTuple):
    """When a night began and, once it is over, when it ended."""

    began: datetime
    finished: datetime | None


def is_published(conn: Connection, night_id: int) -> bool:
    """Return whether the marts of a night were swapped in."""
    found = conn.execute(
        "select state = 'published' from ops.night where night_id = %s",
        (night_id,),
    ).fetchone()
    return found is not None and bool(found[0])


def is_overtaken(conn: Connection, business_date: date) -> bool:
    """Return whether the marts that are shown are of a later day."""
    found = conn.execute(_SHOWN_DAY).fetchone()
    return found is not None and business_date < found[0]


def shown_day(conn: Connection) -> date | None:
    """Return the business date of the marts that are shown; None before the first night."""
    found = conn.execute(_SHOWN_DAY).fetchone()
    return found[0] if found else None


def note_state(conn: Connection, night_id: int, state: str) -> None:
    """Write down how far a night came: open, published or withheld."""
    conn.execute(
        "update ops.night set state = %s where night_id = %s",
        (state, night_id),
    )


def night_counts(conn: Connection, business_date: date) -> dict[str, int]:
    """Return how many files and rows came in on a business date.

    ``warnings`` counts faults of ours.
    """
    found = conn.execute(_COUNTED, (business_date,)).fetchone()
    assert found is not None
    files, read, loaded, quarantined, dropped, faults = map(int, found)
    return {
        "submissions": files,
        "rows_read": read,
        "rows_loaded": loaded,
        "rows_quarantined": quarantined,
        "rows_dropped": dropped,
        "warnings": faults,
    }


def finish_night(
    conn: Connection, night_id: int, counts: Mapping[str, Any]
) -> None:
    """Write down that a night is over and what it did."""
    conn.execute(
        "update ops.night set finished_at = clock_timestamp(), counts = %s where night_id = %s",
        (Jsonb(dict(counts)), night_id),
    )


def published_span(conn: Connection, night_id: int) -> NightSpan | None:
    """Return when a night whose marts were shown began and ended; None for any other."""
    found = conn.execute(_PUBLISHED_SPAN, (night_id,)).fetchone()
    return NightSpan(*found) if found else None
