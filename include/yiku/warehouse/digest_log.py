"""What each recipient of digests was told last, in ``ops.digest_sent``."""

from __future__ import annotations

from datetime import date

from yiku.warehouse.connection import Connection

# The last one counts, not whether it was ever sent: news that ended and comes
# again is told again.
_LAST = """
select fingerprint from ops.digest_sent where recipient = %s and channel = %s
    order by sent_at desc limit 1
"""
_ADD = """
insert into ops.digest_sent (recipient, business_date, channel, fingerprint) values (%s, %s,
    %s, %s)
on conflict (recipient, business_date, channel, fingerprint) do update
    set sent_at = clock_timestamp()
"""


def last_fingerprint(
    conn: Connection, recipient: str, channel: str
) -> str | None:
    """Return the fingerprint of what a recipient was sent last by a channel.

    None where that is nothing.
    """
    found = conn.execute(_LAST, (recipient, channel)).fetchone()
    return str(found[0]) if found else None


def note_sent(
    conn: Connection, recipient: str, day: date, channel: str, fingerprint: str
) -> None:
    """Remember that a digest was sent, and commit: a retry must not send it twice."""
    conn.execute(_ADD, (recipient, day, channel, fingerprint))
    conn.commit()
