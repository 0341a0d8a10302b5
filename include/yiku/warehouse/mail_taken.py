"""The ledger of mails: which were looked at, what came of each, and what its sender is still to be told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from yiku.intake.journal import Mailed
from yiku.intake.mail_senders import same_address
from yiku.warehouse.connection import Connection

# One on which something of ours broke is looked at again: it may be a clerk's.
_KNOWN_UIDS = """
select u.uid from ops.mail_uid as u left join ops.mail as m using (mail_id)
where u.source = %s and u.uid_validity = %s and m.state is distinct from 'fault'
"""
# Of another mailbox only what was taken counts: who is unknown there may be
# known here. A mail whose sender was doubted is looked at again: it may have
# come once more by a way that leaves no doubt.
_KNOWN = """
select mail_id from ops.mail
where identity = %s and (source = %s or state = 'taken') and state not in ('unverified', 'fault')
order by source <> %s, mail_id limit 1
"""
_NOTE = """
insert into ops.mail (source, business_date, identity, state, county_code, unit_code, address_hash, address_shown,
    message_id, file_count, sentence, answered_at, filed_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, case when %s then clock_timestamp() end,
    case when %s then clock_timestamp() end)
on conflict (source, identity) do update set business_date = excluded.business_date, state = excluded.state,
    file_count = excluded.file_count, sentence = excluded.sentence, answered_at = excluded.answered_at,
    filed_at = excluded.filed_at, noted_at = clock_timestamp()
returning mail_id
"""
# Of an earlier numbering nothing is asked any more.
_NOTE_UID = """
insert into ops.mail_uid (source, uid_validity, uid, mail_id) values (%s, %s, %s, %s)
on conflict (source, uid_validity, uid) do update set mail_id = excluded.mail_id
"""
_UNFILED = """
select u.uid, u.mail_id from ops.mail_uid as u inner join ops.mail as m using (mail_id)
where u.source = %s and u.uid_validity = %s and m.filed_at is null order by u.uid
"""
_STRANGERS_TOLD = """
select count(*) filter (where address_hash = %s), count(*) from ops.mail
where state in ('unknown', 'unverified') and answered_at > clock_timestamp() - interval '1 day'
    and sentence is not null
"""
_RESTORE = """
insert into ops.mail (source, business_date, identity, state, county_code, unit_code, answered_at, filed_at, noted_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_UNTOLD = """
select mail_id, business_date, county_code, unit_code, address_hash, sentence, letter from ops.mail
where source = %s and sentence is not null and answered_at is null and unit_code is not null
order by mail_id
"""
_COUNTS = """
select source, county_code, state, count(*), count(*) filter (where file_count > 0),
    array_agg(distinct address_shown) filter (where address_shown is not null)
from ops.mail where business_date = %s and state in ('unknown', 'unverified', 'bounce', 'by_program', 'fault')
group by 1, 2, 3 order by 1, 2, 3
"""


@dataclass(frozen=True)
class MailNote:
    """What came of a mail.

    ``sentence`` is the code of what its sender is to be told, None for
    nothing; ``is_answered`` that this is done, or never will be.
    """

    source: str
    business_date: date
    identity: str
    state: str
    county_code: str | None = None
    unit_code: str | None = None
    address: str = ""
    address_shown: str | None = None
    message_id: str | None = None
    file_count: int = 0
    sentence: str | None = None
    is_answered: bool = False

    @property
    def needs_filing(self) -> bool:
        """Return whether the mail is to be flagged or moved: only what was taken in is."""
        return self.state == "taken"


class Untold(NamedTuple):
    """A registered sender's mail that brought nothing, of which nothing has been said yet."""

    mail_id: int
    business_date: date
    county_code: str
    unit_code: str
    address_hash: str
    sentence: str
    letter: str | None


class MailCount(NamedTuple):
    """How many mails of one kind a mailbox had tonight."""

    source: str
    county_code: str | None
    state: str
    mail_count: int
    with_files: int
    addresses: list[str] | None


def hash_of(address: str) -> str:
    """Return what is kept of an address: enough to find it again in ``sources.yml``, too little to write to."""
    return hashlib.sha256(same_address(address).encode()).hexdigest()


def since_of(conn: Connection, source: str, first: date) -> date:
    """Return from which day on mails are looked at; ``first`` where the mailbox was never opened before."""
    conn.execute(
        "insert into ops.mailbox (source, since) values (%s, %s) on conflict do nothing",
        (source, first),
    )
    found = conn.execute(
        "select since from ops.mailbox where source = %s", (source,)
    ).fetchone()
    assert found is not None
    return date.fromisoformat(str(found[0]))


def known_uids(conn: Connection, source: str, uid_validity: int) -> set[int]:
    """Return the numbers of the mails that were looked at."""
    found = conn.execute(_KNOWN_UIDS, (source, uid_validity))
    return {int(uid) for (uid,) in found}


def known_mail(conn: Connection, source: str, identity: str) -> int | None:
    """Return the mail that was looked at before under another number or in another mailbox."""
    found = conn.execute(_KNOWN, (identity, source, source)).fetchone()
    return int(found[0]) if found else None


def note_mail(conn: Connection, note: MailNote) -> int:
    """Write down what came of a mail; return its number in the ledger."""
    found = conn.execute(
        _NOTE,
        (
            *(note.source, note.business_date, note.identity, note.state),
            *(note.county_code, note.unit_code),
            *(hash_of(note.address), note.address_shown, note.message_id),
            *(note.file_count, note.sentence, note.is_answered),
            not note.needs_filing,
        ),
    ).fetchone()
    assert found is not None
    return int(found[0])


def note_uid(
    conn: Connection, source: str, uid_validity: int, uid: int, mail_id: int
) -> None:
    """Remember under which number a mail lies in its folder."""
    conn.execute(_NOTE_UID, (source, uid_validity, uid, mail_id))


def unfiled(
    conn: Connection, source: str, uid_validity: int
) -> list[tuple[int, int]]:
    """Return number in the folder and in the ledger of what was taken and not flagged or moved yet."""
    found = conn.execute(_UNFILED, (source, uid_validity))
    return [(int(uid), int(mail_id)) for uid, mail_id in found]


def note_filed(conn: Connection, mail_id: int) -> None:
    """Write down that a mail is flagged, or lies in the folder of those taken."""
    conn.execute(
        "update ops.mail set filed_at = clock_timestamp() where mail_id = %s",
        (mail_id,),
    )


def strangers_told(conn: Connection, address: str) -> tuple[int, int]:
    """Return how often an address that we do not know was answered in a day, and how many such answers there were."""
    found = conn.execute(_STRANGERS_TOLD, (hash_of(address),)).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def restore_mails(conn: Connection, entries: Iterable[Mailed]) -> None:
    """Write down again which mails the archive's journal knows; their senders heard of them."""
    for entry in entries:
        conn.execute(
            _RESTORE,
            (
                *(entry.source, entry.business_date, entry.identity),
                *(entry.state, entry.county_code, entry.unit_code),
                *(entry.at, entry.at, entry.at),
            ),
        )


def untold(conn: Connection, source: str) -> list[Untold]:
    """Return the mails of registered senders that brought nothing and of which they do not know yet."""
    return [Untold(*row) for row in conn.execute(_UNTOLD, (source,))]


def letters_of_mails(
    conn: Connection, submission_ids: Sequence[int]
) -> dict[int, tuple[str, str | None]]:
    """Return of submissions that came by mail the hash of the address and the Message-ID."""
    found = conn.execute(
        "select s.submission_id, m.address_hash, m.message_id from ops.submission as s"
        " inner join ops.mail as m using (mail_id) where s.submission_id = any (%s)",
        (list(submission_ids),),
    )
    return {
        int(number): (str(address), message_id)
        for number, address, message_id in found
    }


def note_letter(
    conn: Connection,
    letter: str,
    delivery_ids: Iterable[int],
    mail_ids: Iterable[int],
) -> None:
    """Write down what goes in a letter, before it goes."""
    conn.execute(
        "update ops.delivery set letter = %s where delivery_id = any (%s)",
        (letter, list(delivery_ids)),
    )
    conn.execute(
        "update ops.mail set letter = %s where mail_id = any (%s)",
        (letter, list(mail_ids)),
    )


def note_told(conn: Connection, mail_ids: Iterable[int]) -> None:
    """Write down that the senders of mails know what came of them."""
    conn.execute(
        "update ops.mail set answered_at = clock_timestamp() where mail_id = any (%s)",
        (list(mail_ids),),
    )


def odd_mails(conn: Connection, business_date: date) -> list[MailCount]:
    """Return tonight's mails of which somebody should know, by mailbox and kind."""
    return [MailCount(*row) for row in conn.execute(_COUNTS, (business_date,))]
