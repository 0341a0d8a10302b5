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
# Never before what was sent before it: where the clock was set back, the older news would count as the last, and be
# told again and again.
_ADD = """
insert into ops.digest_sent (recipient, business_date, channel, fingerprint, sent_at)
select
    %(recipient)s, %(day)s, %(channel)s, %(fingerprint)s,
    greatest(clock_timestamp(), max(d.sent_at) + interval '1 microsecond')
from ops.digest_sent as d where d.recipient = %(recipient)s and d.channel = %(channel)s
on conflict (recipient, business_date, channel, fingerprint) do update
    set sent_at = excluded.sent_at
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
    facts = {
        "recipient": recipient,
        "day": day,
        "channel": channel,
        "fingerprint": fingerprint,
    }
    conn.execute(_ADD, facts)
    conn.commit()
