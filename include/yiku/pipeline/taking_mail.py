"""Take in what came by mail: each mail in one transaction, none twice, none lost, none deleted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from yiku.faults import StepError, can_pass
from yiku.formats.unlock import unlocked_or_as_it_is
from yiku.intake.archive import Archive, Stored, fingerprint
from yiku.intake.inbox import InboxFile
from yiku.intake.journal import Journal, Mailed
from yiku.intake.mail_files import read_files
from yiku.intake.mail_head import MailHead, identity_of_content, read_head
from yiku.intake.mail_place import MailLimits, limits_of
from yiku.intake.mail_senders import MailSender, shown_address
from yiku.intake.mailbox import (
    Lying,
    Mailbox,
    MailboxRefusedError,
    opened,
)
from yiku.intake.source import Source
from yiku.intake.source_logins import imap_of
from yiku.intake.sources_error import SourcesError
from yiku.isolation import Ended, one_apart
from yiku.pipeline.answering_strangers import answer_strangers
from yiku.warehouse import mail_taken
from yiku.warehouse.answers_sent import answers_of_county
from yiku.warehouse.connection import Connection
from yiku.warehouse.mail_taken import MailNote
from yiku.warehouse.pull import PullResult, contents_of
from yiku.warehouse.registration import Content, register

log = logging.getLogger(__name__)

# How far back the first look at a mailbox goes: what lies there longer was dealt with by hand.
FIRST_LOOK = timedelta(days=7)
STRANGERS_A_DAY = 20  # answers; whoever sends more junk under false names gets none sent to them


@dataclass(frozen=True)
class _Opened:
    """What was found in a mail: its files in the archive, and what is to be said of it."""

    files: Sequence[tuple[str, Stored]]
    sentence: str | None  # code, where not all of it could be had


@dataclass
class _Taking:
    """A mailbox whose mails are taken in; ``strangers`` are answered when the others are done."""

    conn: Connection
    source: Source
    limits: MailLimits
    archive: Archive
    box: Mailbox
    business_date: date
    result: PullResult
    strangers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def journal(self) -> Journal:
        """Return the journal that a rebuilt warehouse is made from."""
        return Journal(self.archive)

    def sender_at(self, address: str) -> MailSender | None:
        """Return the unit that an address is registered for."""
        for sender in self.source.senders:
            if address in sender.addresses:
                return sender
        return None


def take_in_mails(
    conn: Connection,
    archive: Archive,
    source: Source,
    business_date: date,
    result: PullResult,
) -> None:
    """Take in what is new in a mailbox and add it to the result, one transaction a mail.

    MailboxAwayError or MailboxRefusedError where the server fails in the midst of it: what was
    taken in until then stays.
    """
    limits = limits_of(source.said)
    server = imap_of(source)
    with opened(server, most_bytes=limits.limit_bytes) as box:
        taking = _Taking(
            conn, source, limits, archive, box, business_date, result
        )
        try:
            new = _new_uids(taking)
            given_count = 0
            for lying in box.heads(new):
                _take_in_or_note(taking, lying)
                given_count += 1
            # what the server did not give is asked for again, and told of
            result.changing += len(new) - given_count
            _file_all(taking)
        finally:
            answer_strangers(source, business_date, taking.strangers)


def _new_uids(taking: _Taking) -> list[int]:
    conn, name = taking.conn, taking.source.name
    # Mails come by the clock, whatever day the night is for.
    first = taking.limits.since or datetime.now(UTC).date() - FIRST_LOOK
    since = mail_taken.since_of(conn, name, first)
    known = mail_taken.known_uids(conn, name, taking.box.uid_validity)
    conn.commit()
    found = taking.box.uids_since(taking.limits.since or since)
    return [uid for uid in found if uid not in known]


def _take_in_or_note(taking: _Taking, lying: Lying) -> None:
    """Take in one mail; one on which something of ours breaks keeps no other waiting.

    It is told of and looked at again each night, until we can read it.
    """
    try:
        _take_in(taking, lying)
    except (StepError, SourcesError, OSError, MemoryError):
        raise  # the server or this machine: so it will be with the next one
    except Exception as fault:
        taking.conn.rollback()
        if can_pass(fault):
            raise
        # The type alone: its text may quote the mail.
        log.error("a mail could not be read: %s", type(fault).__name__)
        note = MailNote(
            source=taking.source.name,
            business_date=taking.business_date,
            identity=fingerprint(lying.head),
            state="fault",
            county_code=taking.source.county,
            is_answered=True,
        )
        _keep(taking, lying.uid, note, ())


def _take_in(taking: _Taking, lying: Lying) -> None:
    """Take in one mail, or note why not."""
    head = read_head(lying.head)
    if head.identity and _is_known(taking, lying.uid, head.identity):
        return
    note = _judged_by_head(taking, head, lying)
    if note is not None:
        # Two mails without a number may have one head.
        if head.identity or not _is_known(taking, lying.uid, note.identity):
            _keep(taking, lying.uid, note, ())
        return
    raw = taking.box.whole(lying.uid)
    if raw is None:
        # somebody moved it just now, or the server cannot read it itself
        taking.result.changing += 1
        return
    if len(raw) > taking.limits.limit_bytes:
        # more than the server said that it is
        told = replace(lying, size=len(raw))
        note = _judged_by_head(taking, head, told)
        assert note is not None
        _keep(taking, lying.uid, note, ())
        return
    identity = head.identity or identity_of_content(head, raw)
    if not head.identity and _is_known(taking, lying.uid, identity):
        return
    _open(taking, lying.uid, replace(head, identity=identity), raw)


def _is_known(taking: _Taking, uid: int, identity: str) -> bool:
    """Return whether a mail was looked at before, under another number or in another mailbox."""
    conn, name = taking.conn, taking.source.name
    mail_id = mail_taken.known_mail(conn, name, identity)
    if mail_id is not None:
        validity = taking.box.uid_validity
        mail_taken.note_uid(conn, name, validity, uid, mail_id)
        taking.result.unchanged += 1
    conn.commit()
    return mail_id is not None


def _judged_by_head(
    taking: _Taking, head: MailHead, lying: Lying
) -> MailNote | None:
    """Return what is to be noted of a mail that is not opened, None where it is."""
    head_hash = fingerprint(lying.head)
    seen = MailNote(
        source=taking.source.name,
        business_date=taking.business_date,
        identity=head.identity or head_hash,
        state="own",
        county_code=taking.source.county,
        address=head.sender,
        is_answered=True,
    )
    if head.is_ours(taking.limits.address):
        return seen
    # Never answered, or two programs would write to each other for ever.
    if head.is_by_program:
        state = "bounce" if head.is_bounce else "by_program"
        file_count = int(head.may_have_files)
        return replace(seen, state=state, file_count=file_count)
    unit = taking.sender_at(head.sender)
    is_doubted = head.may_be_forged(taking.limits.authserv)
    if unit is None:
        return _of_stranger(taking, head, seen, is_doubted)
    known = replace(
        seen,
        county_code=unit.county,
        unit_code=unit.unit,
        message_id=head.message_id or None,
        address_shown=shown_address(head.sender),
        is_answered=taking.source.answers is None,
    )
    if is_doubted:
        return _doubted(taking, known)
    if lying.size > taking.limits.limit_bytes:
        return replace(known, state="too_large", sentence="too_large")
    return None


def _of_stranger(
    taking: _Taking, head: MailHead, seen: MailNote, is_doubted: bool
) -> MailNote:
    """Note a mail from an address that we do not know; it is answered once a day, and not where it may be forged."""
    shown = shown_address(head.sender)
    note = replace(seen, state="unknown", address_shown=shown)
    if is_doubted or not head.sender or taking.source.answers is None:
        return note
    own, all_told = mail_taken.strangers_told(taking.conn, head.sender)
    if own or all_told >= STRANGERS_A_DAY:
        return note
    if not head.sender.isascii():
        return note  # few servers can write to one
    taking.strangers.append((head.sender, head.message_id))
    # Written down before it goes: one answer too few harms nobody.
    return replace(note, sentence="unknown")


def _doubted(taking: _Taking, known: MailNote) -> MailNote:
    """Note a mail that says it is a unit's and may be somebody else's; the unit hears of it once a day."""
    own, _ = mail_taken.strangers_told(taking.conn, known.address)
    note = replace(known, state="unverified")
    return note if own else replace(note, sentence="unverified")


def _open(taking: _Taking, uid: int, head: MailHead, raw: bytes) -> None:
    """Take in the files of a mail whose sender is registered."""
    unit = taking.sender_at(head.sender)
    assert unit is not None
    note = MailNote(
        source=taking.source.name,
        business_date=taking.business_date,
        identity=head.identity,
        state="nothing",
        county_code=unit.county,
        unit_code=unit.unit,
        address=head.sender,
        address_shown=shown_address(head.sender),
        message_id=head.message_id or None,
        is_answered=taking.source.answers is None,
    )
    # Apart, for a mail may be made to fill the memory.
    work = partial(_files_of, taking.archive, raw, unit.password)
    found = one_apart(work)
    if isinstance(found, Ended):
        _keep(taking, uid, replace(note, sentence="unreadable"), ())
        return
    fresh = _without_ours(taking, unit, found)
    state = "taken" if fresh else "nothing"
    sentence = _sentence(found, fresh)
    if sentence == "no_file" and head.answers_ours:
        # "Received, thanks", or a notice of absence that says of itself nothing:
        # told of it, its program would write again every night.
        sentence = None
    filled = replace(
        note, state=state, sentence=sentence, file_count=len(fresh)
    )
    _keep(taking, uid, filled, fresh)


def _files_of(archive: Archive, raw: bytes, password: str) -> _Opened:
    """Put the files of a mail into the archive; what was locked with the unit's word is kept open."""
    parcel = read_files(raw)
    stored: list[tuple[str, Stored]] = []
    for name, content in parcel.files:
        plain = content
        if password:
            plain = unlocked_or_as_it_is(content, password)
        stored.append((name, archive.store_bytes(plain)))
    sentence = "passed" if parcel.has_passed else None
    if parcel.has_more:
        sentence = "too_many"
    if parcel.has_winmail:
        sentence = "winmail"
    return _Opened(stored, sentence)


def _without_ours(
    taking: _Taking, unit: MailSender, found: _Opened
) -> list[tuple[str, Stored]]:
    """Return the files that are not what we sent: an answer may quote our letter with all that was attached."""
    fresh: list[tuple[str, Stored]] = []
    for name, stored in found.files:
        # A bundle of nothing but ours is ours too.
        file = _as_sent(f"{unit.county}/{unit.unit}/{name}", stored)
        contents = contents_of(taking.archive, file, stored)
        if not all(_is_ours(taking, unit, content) for content in contents):
            fresh.append((name, stored))
    taking.conn.commit()
    return fresh


def _is_ours(taking: _Taking, unit: MailSender, content: Content) -> bool:
    ours = answers_of_county(taking.conn, unit.county, content.size)
    return content.sha256 in ours


def _as_sent(path: str, stored: Stored) -> InboxFile:
    return InboxFile(path, location="", size=stored.size, stamp="")


def _sentence(
    found: _Opened, fresh: Sequence[tuple[str, Stored]]
) -> str | None:
    if found.sentence or fresh:
        return found.sentence
    return "unchanged" if found.files else "no_file"


def _keep(
    taking: _Taking,
    uid: int,
    note: MailNote,
    files: Sequence[tuple[str, Stored]],
) -> None:
    """Write down a mail and all that it brought, in one transaction."""
    conn = taking.conn
    # What was asked so far must not keep what follows waiting for its end.
    conn.commit()
    with conn.transaction():
        mail_id = mail_taken.note_mail(conn, note)
        validity = taking.box.uid_validity
        mail_taken.note_uid(conn, note.source, validity, uid, mail_id)
        for name, stored in files:
            _register(taking, note, mail_id, name, stored)
        if note.unit_code:
            # Behind its files: a mail that the journal knows brings nothing when a warehouse is
            # rebuilt. Of junk nothing is kept for ever.
            taking.journal.mailed(_entry_of(note))
    conn.commit()


def _entry_of(note: MailNote) -> Mailed:
    return Mailed(
        source=note.source,
        identity=note.identity,
        business_date=note.business_date,
        state=note.state,
        county_code=note.county_code,
        unit_code=note.unit_code,
        at=datetime.now(UTC),
    )


def _register(
    taking: _Taking, note: MailNote, mail_id: int, name: str, stored: Stored
) -> None:
    # A file of the same name and content in another mail is a copy, and gets its own answer.
    folder = f"{note.county_code}/{note.unit_code}/邮件{note.identity[:12]}"
    path = f"{folder}/{name}"
    day = taking.business_date
    taking.journal.arrived(path, stored.sha256, stored.size, day, note.source)
    file = _as_sent(path, stored)
    for content in contents_of(taking.archive, file, stored):
        sent = replace(content, source=note.source, mail_id=mail_id)
        status = register(taking.conn, sent, day)
        taking.result.count(status)


def _file_all(taking: _Taking) -> None:
    """Flag or move the mails that were taken in; what fails is tried again by the next visit."""
    conn, box, name = taking.conn, taking.box, taking.source.name
    waiting = mail_taken.unfiled(conn, name, box.uid_validity)
    conn.commit()
    for uid, mail_id in waiting:
        try:
            box.flag(uid)
            if taking.limits.filed_in:
                box.move(uid, taking.limits.filed_in)
        except MailboxRefusedError:
            continue  # a folder without rights; the mail is taken all the same
        mail_taken.note_filed(conn, mail_id)
        conn.commit()
