"""Find the prescriptions that repeat another village's (K71), county by county, before the marts are built."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from yiku.pipeline.text_similarity import Text, find_copies
from yiku.warehouse import prescriptions as kept
from yiku.warehouse.connection import Connection


def find(conn: Connection) -> int:
    """Bring ``ops.copied_prescription`` up to date with the rows that count tonight.

    Return how many repeat another.

    All of them are compared anew: what is found depends neither on the order of arrival nor on
    earlier nights.
    """
    # They come sorted by county, as only neighbours are grouped.
    counties = groupby(kept.prescriptions(conn), key=itemgetter(0))
    found = [
        copy
        for _, rows in counties
        for copy in find_copies(Text(*row[1:]) for row in rows)
    ]
    kept.keep(conn, found)
    conn.commit()
    return len(found)
