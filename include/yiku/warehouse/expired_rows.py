"""The rows of the ledger that are kept for a time alone, and what of the outbox is still needed.

What proves something is none of them: submissions, findings, rows, issued bulletins, mails, who looked at whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from yiku.warehouse.connection import Connection
from yiku.warehouse.unit_deliveries import WALL_PAGE, WORK_LIST

# The newest published night is asked for whatever its day.
_OF_OLD_NIGHTS = """
using ops.night as n
where n.night_id = old.night_id and n.business_date < %(before)s
    and n.night_id < (select max(night_id) from ops.night where state = 'published')
"""
# A page or a list that a newer one has replaced, and that waits no more to be laid down.
_REPLACED = """
where old.kind = %(kind)s and old.business_date < %(before)s
    and (old.delivered_at is not null or old.withdrawn_at is not null)
    and exists (
        select from ops.delivery as newer
        where newer.kind = old.kind and newer.county_code = old.county_code
            and newer.unit_code = old.unit_code and newer.delivery_id > old.delivery_id
            and newer.delivered_at is not null)
"""
_EXPIRED = {
    "build_nodes": (
        f"delete from ops.build_node as old {_OF_OLD_NIGHTS}",  # noqa: S608
        f"delete from ops.shadow_relation as old {_OF_OLD_NIGHTS}",  # noqa: S608
    ),
    "wall_pages": (
        f"delete from ops.delivery as old {_REPLACED}",  # noqa: S608
    ),
    "work_lists": (
        f"delete from ops.delivery as old {_REPLACED}",  # noqa: S608
        """
delete from ops.work_list as old
where old.business_date < %(before)s and exists (
    select from ops.work_list as newer
    where newer.county_code = old.county_code and newer.unit_code = old.unit_code
        and newer.business_date > old.business_date and newer.business_date < %(before)s)
""",
    ),
    "digests": (
        """
delete from ops.digest_sent as old
where old.business_date < %(before)s and exists (
    select from ops.digest_sent as newer
    where newer.recipient = old.recipient and newer.channel = old.channel and newer.sent_at > old.sent_at)
""",
    ),
    "source_visits": (
        "delete from ops.source_visit where business_date < %(before)s",
    ),
    "gone_files": ("delete from ops.inbox_seen where gone_on < %(before)s",),
}
_DELIVERED_AS = {"wall_pages": WALL_PAGE, "work_lists": WORK_LIST}
_WAITING = """
select distinct business_date, county_code, unit_code from ops.delivery
where delivered_at is null and withdrawn_at is null and business_date < %s
"""
_NEWEST_LISTS = """
select business_date, county_code, unit_code, file_name
from (
    select distinct on (county_code, unit_code) *
    from ops.work_list order by county_code, unit_code, business_date desc
) as newest
where item_count > 0 and business_date < %s
"""


class Needed(NamedTuple):
    """A file of the outbox that is still needed, or with no name all that lie in its folder."""

    business_date: date
    county_code: str
    unit_code: str
    file_name: str | None = None


def kinds() -> tuple[str, ...]:
    """Return the kinds of rows that are kept for a time alone, by the names of ``retention.yml``."""
    return tuple(_EXPIRED)


def delete_expired(
    conn: Connection, before: Mapping[str, date]
) -> dict[str, int]:
    """Delete what is older than its kind's day; return the rows by kind. Commits nothing."""
    gone = {}
    for kind, statements in _EXPIRED.items():
        asked = {"before": before[kind], "kind": _DELIVERED_AS.get(kind)}
        gone[kind] = sum(
            conn.execute(statement, asked).rowcount for statement in statements
        )
    return gone


def still_needed(conn: Connection, before: date) -> list[Needed]:
    """Return what of the outbox before a day waits to be laid down, or is a unit's newest work list."""
    waiting = [Needed(*row) for row in conn.execute(_WAITING, (before,))]
    newest = [Needed(*row) for row in conn.execute(_NEWEST_LISTS, (before,))]
    return waiting + newest
