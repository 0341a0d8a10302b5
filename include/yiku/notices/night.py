"""The digests of one night.

What the ledger and the marts say, whom it concerns, and what was sent already.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from yiku.intake.archive import fingerprint
from yiku.notices.channels import (
    ChannelDownError,
    ChannelRefusedError,
    ChannelSilentError,
    send,
    write_to_outbox,
)
from yiku.notices.digests import (
    Digest,
    Enclosure,
    NoticeFact,
    build_digests,
    should_send,
)
from yiku.notices.facts import facts_of, place_names
from yiku.notices.recipients import (
    Channel,
    MailServer,
    RecipientBook,
    RecipientsError,
    load_recipients,
    outbox_recipients,
)
from yiku.settings import Settings, SettingsError
from yiku.warehouse.connection import Connection
from yiku.warehouse.digest_log import last_fingerprint, note_sent

log = logging.getLogger(__name__)

# A server that keeps silent is waited for twenty seconds. A province has some thousand recipients: a night that waited
# for each of them would not be over in the morning.
_MOST_SILENT = 3


@dataclass(frozen=True)
class Sent:
    """How many digests went out, and how many said nothing new."""

    sent: int = 0
    unchanged: int = 0


class SentLog(Protocol):
    """Remembers the fingerprint of what a recipient was told last by each channel."""

    def last(self, recipient: str, channel: str) -> str | None:
        """Return the last fingerprint, or None."""

    def add(self, digest: Digest, channel: str, fingerprint: str) -> None:
        """Remember what was sent with a digest, itself or a file, for good."""


class LedgerLog:
    """The log in ``ops.digest_sent``.

    Every entry is committed by itself, so that a retry does not send twice.
    """

    def __init__(self, conn: Connection) -> None:
        """Use ``conn``, whose transaction this log ends with every entry."""
        self.conn = conn

    def last(self, recipient: str, channel: str) -> str | None:
        """Return the last fingerprint that the recipient was sent by that channel."""
        return last_fingerprint(self.conn, recipient, channel)

    def add(self, digest: Digest, channel: str, fingerprint: str) -> None:
        """Write the entry and commit."""
        recipient = digest.recipient.id
        note_sent(self.conn, recipient, digest.day, channel, fingerprint)


def _label(channel: Channel, number: int) -> str:
    # Two groups of one kind of robot are told apart by their place in the file.
    return f"{channel.kind}#{number}"


def _label_of(file: Enclosure, channel: str) -> str:
    return f"{channel} {file.key}"


def _server_of(channel: Channel) -> str:
    """Return by whom a channel goes: all mails by one server, robots by the host of their address."""
    if channel.kind == "mail":
        return channel.kind
    # Parsed by hand where a service of Apprise has an address that is none.
    host = (channel.url or "").partition("://")[2].partition("/")[0]
    return f"{channel.kind} {host}"


@dataclass
class _Attempt:
    """What came of sending digests.

    How many went out or said nothing new, and what stood in the way of others.
    """

    outbox: Path
    mail: MailServer | None
    done: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)
    down: list[str] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    silent: Counter[str] = field(default_factory=Counter)

    def send(
        self, digest: Digest, channel: Channel, files: Sequence[Enclosure]
    ) -> bool:
        """Send one digest by one channel, a mail with its files.

        Return whether it went out. What could not lies in the outbox.
        """
        try:
            self._send_unless_silent(digest, channel, files)
        except ChannelRefusedError as fault:
            self.refused.append(f"{digest.recipient.id} {fault}")
        except ChannelDownError as fault:
            self.down.append(f"{digest.recipient.id} {fault}")
        # A fault of ours: the others are told all the same.
        except Exception as fault:
            self.broken.append(fault)
        else:
            self.done += 1
            return True
        # What fails goes to the outbox: when that fails itself nothing is left
        # to try.
        if channel.kind != "outbox":
            write_to_outbox(digest, self.outbox)
        return False

    def _send_unless_silent(
        self, digest: Digest, channel: Channel, files: Sequence[Enclosure]
    ) -> None:
        """Send one digest, but to no server that has kept others waiting in vain: ChannelSilentError at once."""
        server = _server_of(channel)
        if self.silent[server] >= _MOST_SILENT:
            raise ChannelSilentError(f"{channel.kind} 暂时连不上，没有再试。")
        try:
            send(digest, channel, self.outbox, self.mail, files)
        except ChannelSilentError:
            self.silent[server] += 1
            raise
        self.silent[server] = 0

    def raise_first(self) -> None:
        """Raise what went wrong.

        A fault of ours, else a wrong configuration, else a channel that was down.
        """
        if self.broken:
            raise self.broken[0]
        if self.refused:
            raise ChannelRefusedError("；".join(self.refused + self.down))
        if self.down:
            raise ChannelDownError("；".join(self.down))


def deliver(
    digests: Iterable[Digest], book: RecipientBook, outbox: Path, sent: SentLog
) -> Sent:
    """Send what is new to each recipient by each of their channels.

    One channel's failure keeps no other recipient waiting, and what it could not carry
    lies in the outbox. Afterwards it raises what no channel should (a fault of ours),
    else ChannelRefusedError when a configuration is wrong, else ChannelDownError when a
    channel was down: a retry then sends only what is left.
    """
    attempt = _Attempt(outbox, book.mail)
    for digest in digests:
        for number, channel in enumerate(digest.recipient.channels):
            label = _label(channel, number)
            if not should_send(digest, sent.last(digest.recipient.id, label)):
                attempt.unchanged += 1
                continue
            files = _files_for(digest, channel, label, sent)
            if attempt.send(digest, channel, files):
                sent.add(digest, label, digest.fingerprint)
                for file in files:
                    content = fingerprint(file.content)
                    sent.add(digest, _label_of(file, label), content)
    counts = (
        attempt.done,
        attempt.unchanged,
        len(attempt.refused),
        len(attempt.down),
    )
    log.info("digests sent: %d, unchanged: %d, refused: %d, down: %d", *counts)
    attempt.raise_first()
    return Sent(attempt.done, attempt.unchanged)


def _files_for(
    digest: Digest, channel: Channel, label: str, sent: SentLog
) -> list[Enclosure]:
    """Return the files that a mail brings along: each of them once, however long it is spoken of."""
    if channel.kind != "mail":
        return []
    recipient = digest.recipient.id
    return [
        file
        for file in digest.enclosures
        if sent.last(recipient, _label_of(file, label)) is None
    ]


def notify(
    conn: Connection,
    settings: Settings,
    day: date,
    more: Sequence[NoticeFact] = (),
) -> Sent:
    """Send the digests of the night of ``day``.

    ``more`` are facts that the database does not know (a failed task).

    Raises RecipientsError or SettingsError for a file of recipients that cannot be
    used, once all is in the outbox.
    """
    book, unusable = readable_book(settings)
    # Where nothing serves the outbox, its folder on this machine is told.
    link = book.link or str(settings.outbox)
    facts = [*facts_of(conn, day, link), *more]
    places = dict.fromkeys((fact.county, fact.unit) for fact in facts)
    recipients = book.recipients or outbox_recipients(
        places, place_names(conn, facts)
    )
    # No transaction stays open while servers of others are waited for.
    conn.commit()
    digests = build_digests(recipients, facts, day)
    done = deliver(digests, book, settings.outbox, LedgerLog(conn))
    if unusable:
        raise unusable
    return done


def readable_book(
    settings: Settings,
) -> tuple[RecipientBook, Exception | None]:
    """Return who is told, and why the file of recipients cannot be used.

    Then all goes to the outbox, as without it.
    """
    try:
        return load_recipients(settings.recipients, settings.expand), None
    except (RecipientsError, SettingsError) as fault:
        return RecipientBook(), fault
