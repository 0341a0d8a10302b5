"""Tell at once that a task broke.

Needs no database: it may be the database that broke.
"""

from __future__ import annotations

from datetime import date

from yiku.notices.digests import Digest, NoticeFact, build_digests
from yiku.notices.kinds import load_kinds
from yiku.notices.night import Sent, deliver, readable_book
from yiku.notices.recipients import outbox_recipients
from yiku.settings import Settings

# When one of these fails, readers keep the marts of the night before.
GATES = frozenset({"build", "propose", "publish"})


class _NothingRemembered:
    """An alarm is sent every time.

    A task that breaks again the next night is news again.
    """

    def last(self, recipient: str, channel: str) -> str | None:
        return None

    def add(self, digest: Digest, channel: str, fingerprint: str) -> None:
        return None


def alarm(settings: Settings, day: date, task: str, run_id: str) -> Sent:
    """Tell the engineer and the county's data officers that ``task`` of a run failed.

    A file of recipients that cannot be used is part of what is told, in the outbox.
    Raises ChannelDownError or ChannelRefusedError after all that can be reached have
    been told.
    """
    book, unusable = readable_book(settings)
    kind = "gate_failed" if task in GATES else "pipeline_failed"
    facts = [
        NoticeFact(
            kind,
            None,
            None,
            title=f"步骤 {task}",
            detail=run_id,
            ref=str(settings.logs),
        )
    ]
    if unusable:
        facts.append(
            NoticeFact(
                "pipeline_failed",
                None,
                None,
                title="收件人文件无法使用",
                detail=str(unusable),
            )
        )
    # Of no county: the database, which knows them, may be what broke.
    recipients = book.recipients or outbox_recipients(
        [(None, None)], load_kinds().roles
    )
    return deliver(
        build_digests(recipients, facts, day),
        book,
        settings.outbox,
        _NothingRemembered(),
    )
