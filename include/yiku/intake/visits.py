"""Tonight's visit to each source: opened, listed, tried again when it is away.

One that stays away stops no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yiku.faults import PassingError, StepError, can_pass
from yiku.intake.inbox import Inbox, Look
from yiku.intake.mailbox import opened
from yiku.intake.source import Source
from yiku.intake.source_logins import imap_of, location_of
from yiku.intake.sources_error import SourcesError
from yiku.settings import Settings

# Seconds before each further try: a server that restarts is back in a minute, and a night
# can wait no longer.
WAITS: Sequence[float] = (2, 10, 40)

REACHED = "reached"
AWAY = "away"  # the network or the server: it may come back by itself
REFUSED = "refused"  # somebody has to mend something


@dataclass(frozen=True)
class Visit:
    """What came of a visit.

    ``problem`` is a sentence for the engineer, without an address or a secret.
    """

    source: Source
    state: str
    inbox: Inbox | None = None
    look: Look | None = None
    problem: str = ""
    is_demo: bool = False
    mail_count: int = 0  # of a mailbox: mails in its folder


def visit_all(
    sources: Sequence[Source],
    settings: Settings,
    waits: Sequence[float] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Visit]:
    """Open every source and list what lies there; those that are away are tried again after ``waits`` (seconds).

    All that are away wait together: twenty of them cost a night no more than one.
    """
    found = {source.name: visit(source, settings) for source in sources}
    for pause in WAITS if waits is None else waits:
        away = [one.source for one in found.values() if one.state == AWAY]
        if not away:
            break
        sleep(pause)
        found |= {source.name: visit(source, settings) for source in away}
    return [found[source.name] for source in sources]


def visit(source: Source, settings: Settings, is_listed: bool = True) -> Visit:
    """Open a source once, and list what lies there where it is to be ``is_listed``."""
    try:
        if source.is_mailbox:
            return _visit_mailbox(source)
        place = location_of(source, settings)
        inbox = Inbox.at(place, source.prefix)
        if not is_listed:
            return Visit(source, REACHED, inbox)
        look = inbox.look()
        # Asked here, where a place that goes away meanwhile stops no other.
        return Visit(source, REACHED, inbox, look, is_demo=inbox.is_demo)
    except PassingError as away:
        return Visit(source, AWAY, problem=told(away))
    except (StepError, SourcesError) as refused:
        return Visit(source, REFUSED, problem=told(refused))


def _visit_mailbox(source: Source) -> Visit:
    """Open a mailbox once; what lies in it is looked at when its mails are taken in."""
    with opened(imap_of(source), is_read_only=True) as box:
        return Visit(source, REACHED, mail_count=box.mail_count)


def broken_off(before: Visit, fault: Exception) -> Visit:
    """Return the visit to a place that failed while its files were read."""
    state = AWAY if can_pass(fault) else REFUSED
    problem = "读取文件时中断（网络或对方服务器）。"
    if before.source.is_mailbox:
        problem = told(fault)
    return Visit(before.source, state, before.inbox, before.look, problem)


def told(fault: Exception) -> str:
    """Return a fault of a source in a sentence that speaks of a source, not of the one inbox."""
    return str(fault).replace("收件箱", "来源")
