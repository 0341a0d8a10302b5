"""Send answers by mail: to the address on file of their unit alone, one letter a unit and night.

One letter and not one a file: a clerk who sent five files finds one mail in
the morning, and a box that takes a hundred mails an hour from one sender
takes a county's.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from yiku.delivery.lay_down import NotLaidDownError
from yiku.delivery.letter import (
    SENTENCES,
    Enclosure,
    Letter,
    unit_letter,
)
from yiku.delivery.post_office import (
    LetterRefusedError,
    most_attached,
    post,
    post_office,
)
from yiku.display import inert
from yiku.formats.unlock import locked
from yiku.gazetteer.places import Gazetteer
from yiku.intake.mail_place import BYTES_A_MB, MailLimits, limits_of
from yiku.intake.source import Source
from yiku.intake.source_logins import smtp_of
from yiku.intake.sources_error import SourcesError
from yiku.pipeline.answer_round import (
    GONE,
    Round,
    content_of,
    entry_of,
    note_failed,
)
from yiku.pipeline.letter_bags import Bag, address_of, parted_all, was_tried
from yiku.redaction import public
from yiku.warehouse import answers_sent, lookup, mail_taken
from yiku.warehouse.answers_sent import Waiting
from yiku.warehouse.connection import Connection
from yiku.warehouse.mail_taken import Untold

_NO_ADDRESS = "sources.yml 里没有登记这个单位的邮箱地址。"
_OURS = "程序出错（{}），请报告。"
_ASK = "请向县级数据管理员索取"
_NOT_TAKEN = "《{}》没有寄出，邮件服务器不收这个附件：{}。"
_CUT = "发信服务器几次中断了连接，下次用同一编号再发。"
_MOST_CUTS = 3  # lines in a row, each under its first letter


@dataclass(frozen=True)
class _Desk:
    """What the letters of a mailbox are written with.

    ``mails`` has of submissions that came by mail the hash of the address and
    the Message-ID; ``persons`` are the names that stand in names of files.
    """

    rounds: Round
    target: Source
    limits: MailLimits
    mails: Mapping[int, tuple[str, str | None]]
    unit_names: Mapping[tuple[str, str], str]
    persons: frozenset[str]


def post_answers(
    rounds: Round, target: Source, answers: Sequence[Waiting]
) -> None:
    """Send what waits by the mailbox ``target``, and tell those whose mails brought nothing.

    Each letter is committed by itself.
    """
    untold = mail_taken.untold(rounds.conn, target.name)
    desk = _desk(rounds, target, answers, untold)
    bags = _bags(desk, answers, untold)
    rounds.conn.commit()
    if bags:
        _post_all(desk, bags)


def _post_all(desk: _Desk, bags: Sequence[Bag]) -> None:
    """Send letters. A line that is cut fails the letter that was on it alone; the next goes by a new one."""
    rest, cut_count = list(bags), 0
    problem = _CUT
    try:
        server = smtp_of(desk.target)
        while rest and cut_count < _MOST_CUTS:
            with post_office(server) as line:
                fitting = _fitting(desk, line)
                rest = parted_all(rest, fitting.limits.attachment_bytes)
                done_count = _post_until_cut(fitting, line, rest)
            cut_count = cut_count + 1 if done_count == 1 else 1
            rest = rest[done_count:]
    except (NotLaidDownError, SourcesError) as away:
        problem = str(away)
    for bag in rest:
        note_failed(desk.rounds, bag.answers, problem)


def _fitting(desk: _Desk, line: smtplib.SMTP) -> _Desk:
    """Return the desk with no more attached to a letter than the server says that it takes."""
    most_bytes = most_attached(line)
    if most_bytes is None or most_bytes >= desk.limits.attachment_bytes:
        return desk
    limits = replace(desk.limits, attachment_bytes=most_bytes)
    return replace(desk, limits=limits)


def _post_until_cut(
    desk: _Desk, line: smtplib.SMTP, bags: Sequence[Bag]
) -> int:
    """Send letters until the line is cut; return how many are dealt with, the one that it was cut under among them."""
    for position, bag in enumerate(bags, 1):
        if not _post_one(desk, line, bag):
            return position
    return len(bags)


def _desk(
    rounds: Round,
    target: Source,
    answers: Sequence[Waiting],
    untold: Sequence[Untold],
) -> _Desk:
    conn = rounds.conn
    numbers = [answer.submission_id for answer in answers]
    known = [number for number in numbers if number is not None]
    units = {(one.county_code, one.unit_code) for one in answers}
    units |= {(one.county_code, one.unit_code) for one in untold}
    names = [answer.file_name for answer in answers]
    return _Desk(
        rounds=rounds,
        target=target,
        limits=limits_of(target.said),
        mails=mail_taken.letters_of_mails(conn, known),
        unit_names=_unit_names(conn, units),
        persons=lookup.persons_named(conn, names),
    )


def _unit_names(
    conn: Connection, units: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return what units are called, by county and unit."""
    listed = list(units)
    counties = sorted({county for county, _ in listed})
    gazetteer = Gazetteer(lookup.towns(conn, counties))
    names: dict[tuple[str, str], str] = {}
    for county, unit in listed:
        name = gazetteer.town_name(unit) or unit
        if unit == "county":
            name = f"{gazetteer.town_name(county) or county}部门"
        names[county, unit] = name
    return names


# --- which letters there are


def _bags(
    desk: _Desk, answers: Sequence[Waiting], untold: Sequence[Untold]
) -> list[Bag]:
    """Return the letters to be sent; what was to go together before stays together."""
    bags: dict[tuple[str, ...], Bag] = {}
    homeless: list[Waiting] = []
    for answer in answers:
        came_from = desk.mails.get(answer.submission_id or 0, ("", None))[0]
        bag = _bag_for(desk, bags, answer, came_from)
        if bag is None:
            homeless.append(answer)
        else:
            bag.answers.append(answer)
    for mail in untold:
        bag = _bag_for(desk, bags, mail, mail.address_hash)
        if bag is not None:
            bag.mails.append(mail)
    note_failed(desk.rounds, homeless, _NO_ADDRESS)
    most_bytes = desk.limits.attachment_bytes
    parted = parted_all(list(bags.values()), most_bytes)
    # What did not go before stands last: a letter that the server chokes on
    # keeps no other waiting.
    return sorted(parted, key=was_tried)


def _bag_for(
    desk: _Desk,
    bags: dict[tuple[str, ...], Bag],
    one: Waiting | Untold,
    came_from: str,
) -> Bag | None:
    found = address_of(desk.target, one.county_code, one.unit_code, came_from)
    if found is None:
        return None
    unit, address = found
    day = one.business_date
    key = (one.letter or "", str(day), unit.county, unit.unit, address)
    return bags.setdefault(key, Bag(address, unit, day))


# --- one letter


class _Came(Enum):
    """What came of a letter."""

    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    CUT = "cut"


def _post_one(desk: _Desk, line: smtplib.SMTP, bag: Bag) -> bool:
    """Send one letter and note what came of it; return whether the line still holds."""
    came = _tried(desk, line, bag)
    if came is not _Came.REFUSED:
        return came is not _Came.CUT
    if len(bag.answers) > 1:
        return _post_apart(desk, line, bag)
    return _tell_refused(desk, line, bag, bag.answers)


def _tried(desk: _Desk, line: smtplib.SMTP, bag: Bag) -> _Came:
    """Send one letter and note why it did not go; return what came of it."""
    rounds = desk.rounds
    try:
        _send(desk, line, bag)
    except LetterRefusedError as refused:
        # Of several it is not known yet which one is meant.
        if len(bag.answers) < 2:
            note_failed(rounds, bag.answers, str(refused))
        return _Came.REFUSED
    except NotLaidDownError as refused:
        note_failed(rounds, bag.answers, str(refused))
        return _Came.CUT if refused.is_away else _Came.FAILED
    except Exception as fault:
        # A letter on which something of ours breaks keeps no other waiting.
        # The type alone: its text may quote a name.
        rounds.conn.rollback()
        problem = _OURS.format(type(fault).__name__)
        note_failed(rounds, bag.answers, problem)
        return _Came.FAILED
    return _Came.SENT


def _post_apart(desk: _Desk, line: smtplib.SMTP, bag: Bag) -> bool:
    """Send what is in a refused letter in one each: what the server does not take holds nothing else back.

    The last of them, mostly the receipt, names what was not taken.
    """
    ordered = sorted(bag.answers, key=lambda answer: -answer.size_bytes)
    refused: list[Waiting] = []
    for position, answer in enumerate(ordered):
        alone = Bag(bag.to, bag.unit, bag.day, [answer])
        if position == len(ordered) - 1:
            alone.mails = bag.mails
            alone.refused = _first_time(refused)
        came = _tried(desk, line, alone)
        if came is _Came.CUT:
            left = ordered[position + 1 :]
            note_failed(desk.rounds, left, _CUT)
            return False
        if came is _Came.REFUSED:
            refused.append(answer)
    is_last_refused = ordered[-1] in refused
    if is_last_refused:
        return _tell_refused(desk, line, bag, refused)
    return True


def _tell_refused(
    desk: _Desk, line: smtplib.SMTP, bag: Bag, refused: Sequence[Waiting]
) -> bool:
    """Write to a unit what its server did not take, once; return whether the line still holds."""
    named = _first_time(refused)
    if not named:
        return True
    told = Bag(bag.to, bag.unit, bag.day, mails=bag.mails, refused=named)
    return _tried(desk, line, told) is not _Came.CUT


def _first_time(answers: Sequence[Waiting]) -> list[Waiting]:
    """Return the answers that were in no letter of an earlier night: of the others their unit knows."""
    return [answer for answer in answers if answer.letter is None]


def _send(desk: _Desk, line: smtplib.SMTP, bag: Bag) -> None:
    conn = desk.rounds.conn
    letter = _letter(desk, bag)
    if not (bag.answers or bag.mails or bag.refused):
        return
    delivery_ids = [answer.delivery_id for answer in bag.answers]
    mail_ids = [mail.mail_id for mail in bag.mails]
    # Before it goes: whatever happens then, these go together under this number.
    mail_taken.note_letter(conn, bag.number, delivery_ids, mail_ids)
    conn.commit()
    for answer in bag.answers:
        # What the archive does not know, a rebuilt warehouse would take for a
        # submission when a clerk sends it back as it is.
        desk.rounds.journal.delivered(entry_of(answer, is_pending=True))
    post(line, unit_letter(letter), bag.to)
    for answer in bag.answers:
        desk.rounds.journal.delivered(entry_of(answer, is_pending=False))
    place = f"{desk.target.called}：邮件《{letter.subject}》"
    for enclosure, number in zip(letter.enclosures, delivery_ids, strict=True):
        where = place
        if enclosure.elsewhere:
            where = f"{place}（太大，{enclosure.elsewhere}）"
        answers_sent.note_laid_down(conn, number, where)
    mail_taken.note_told(conn, mail_ids)
    conn.commit()
    desk.rounds.done.delivered += len(delivery_ids)


def _letter(desk: _Desk, bag: Bag) -> Letter:
    """Return a letter; an answer that is no longer in the outbox is left out of its bag."""
    enclosures: list[Enclosure] = []
    for answer in list(bag.answers):
        data = content_of(desk.rounds, answer)
        if data is None:
            bag.answers.remove(answer)
            note_failed(desk.rounds, [answer], GONE)
            continue
        enclosures.append(_enclosure(desk, bag, answer, data))
    unit = (bag.unit.county, bag.unit.unit)
    return Letter(
        number=bag.number,
        to=bag.to,
        sender=desk.limits.address,
        unit_name=desk.unit_names[unit],
        day=bag.day,
        enclosures=enclosures,
        sentences=_sentences(desk, bag),
        answers=_answered(desk, bag),
    )


def _enclosure(
    desk: _Desk, bag: Bag, answer: Waiting, data: bytes
) -> Enclosure:
    # A letter passes through more hands than a folder: no name of a person in that of a file.
    name = public(answer.file_name, desk.persons)
    if len(data) > desk.limits.attachment_bytes:
        elsewhere = _elsewhere(desk, answer)
        return Enclosure(
            answer.kind, name, answer.receipt_no, b"", elsewhere=elsewhere
        )
    is_locked = bool(bag.unit.password) and name.lower().endswith(".xlsx")
    if is_locked:
        data = locked(data, bag.unit.password)
    return Enclosure(answer.kind, name, answer.receipt_no, data, is_locked)


def _elsewhere(desk: _Desk, answer: Waiting) -> str:
    """Return where what is too large can be had."""
    if not desk.limits.link:
        return _ASK
    # The folder alone: in the name of the file somebody's may stand.
    day, county = answer.business_date, answer.county_code
    return f"{desk.limits.link}/{day}/{county}/{answer.unit_code}/"


def _sentences(desk: _Desk, bag: Bag) -> list[str]:
    """Return what is to be said of mails, each thing once."""
    limit_mb = desk.limits.limit_bytes // BYTES_A_MB
    codes = dict.fromkeys(mail.sentence for mail in bag.mails)
    said = [SENTENCES[code].format(limit_mb=limit_mb) for code in codes]
    for answer in bag.refused:
        name = inert(public(answer.file_name, desk.persons))
        said.append(_NOT_TAKEN.format(name, _elsewhere(desk, answer)))
    return said


def _answered(desk: _Desk, bag: Bag) -> list[str]:
    """Return the Message-IDs of the mails that a letter answers, in their order."""
    found: list[str] = []
    for answer in bag.answers:
        _, message_id = desk.mails.get(answer.submission_id or 0, ("", None))
        if message_id and message_id not in found:
            found.append(message_id)
    return found
