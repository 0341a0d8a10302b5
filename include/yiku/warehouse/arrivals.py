"""The submissions that are to be read, as the ledger knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg import sql
from psycopg.rows import dict_row

from yiku.intake.archive import Archive
from yiku.intake.arrival import Arrival
from yiku.settings import Settings
from yiku.warehouse.connection import Connection

# The columns are the fields of an arrival by their names.
_ARRIVALS = """
select submission_id, county_code, unit_code, file_name, receipt_no, sha256, received_at,
    size_bytes, business_date
from ops.submission
where {}
order by submission_id
"""
# A night that is run for an old date must not see what came after it. What is
# only to be judged again is asked for by itself, and comes first: beside newer
# files of the same night it would be taken for one that came too late.
_WAITS = "status = 'received' and undone_at is null and business_date <= %s"


def waiting(
    conn: Connection, settings: Settings, business_date: date
) -> list[Arrival]:
    """Return every submission that has arrived by ``business_date`` and was not read to its end yet."""
    query = sql.SQL(_ARRIVALS).format(sql.SQL(_WAITS))
    return _arrivals(conn, settings, query, business_date)


def received(
    conn: Connection, settings: Settings, submissions: Sequence[int]
) -> list[Arrival]:
    """Return some submissions by their numbers."""
    query = sql.SQL(_ARRIVALS).format(sql.SQL("submission_id = any (%s)"))
    return _arrivals(conn, settings, query, list(submissions))


def _arrivals(
    conn: Connection,
    settings: Settings,
    query: sql.Composed,
    parameter: object,
) -> list[Arrival]:
    archive = Archive.at(settings.archive)
    found: list[Arrival] = []
    with conn.cursor(row_factory=dict_row) as cursor:
        for line in cursor.execute(query, (parameter,)):
            source = archive.url(line.pop("sha256"))
            # A file of a bundle is called bundle.zip/inner.xlsx, and its
            # reader is told the inner name alone.
            inner = line["file_name"].rsplit("/", 1)[-1]
            found.append(Arrival(**line, source=source, inner=inner))
    return found
