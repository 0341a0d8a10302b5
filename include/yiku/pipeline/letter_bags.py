"""The letters of a round: what goes together to one address, and in how many letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from yiku.delivery.letter import letter_number
from yiku.intake.mail_senders import MailSender
from yiku.intake.source import Source
from yiku.warehouse.answers_sent import Waiting
from yiku.warehouse.mail_taken import Untold, hash_of


@dataclass
class Bag:
    """What goes in one letter: answers, and mails of which something is to be said."""

    to: str = field(repr=False)
    unit: MailSender
    day: date
    answers: list[Waiting] = field(default_factory=list)
    mails: list[Untold] = field(default_factory=list)
    # What the server did not take in another letter: this one names it.
    refused: list[Waiting] = field(default_factory=list)

    @property
    def number(self) -> str:
        """Return the number of the letter."""
        delivery_ids = [answer.delivery_id for answer in self.answers]
        # With what it names alone it is another letter than with that enclosed.
        if not delivery_ids:
            delivery_ids = [-answer.delivery_id for answer in self.refused]
        mail_ids = [mail.mail_id for mail in self.mails]
        return letter_number(self.day, delivery_ids, mail_ids)


def address_of(
    target: Source, county: str, unit: str, came_from: str
) -> tuple[MailSender, str] | None:
    """Return a unit and the address on file to write to: the one that it wrote from, where that is still its own.

    Asked of the file when the letter goes: an address that was given to
    another unit meanwhile is that unit's.
    """
    own: list[tuple[MailSender, str]] = []
    for sender in target.senders:
        if (sender.county, sender.unit) == (county, unit):
            own += [(sender, address) for address in sender.addresses]
    for sender, address in own:
        if hash_of(address) == came_from:
            return sender, address
    if unit == "county" and (came_from or len(own) > 1):
        # Its departments share one code: what one of them sent is not another's.
        return None
    return own[0] if own else None


def _parted(bag: Bag, most_bytes: int) -> list[Bag]:
    """Return a letter as several, none of which holds more than may be attached to one."""
    first = Bag(bag.to, bag.unit, bag.day, mails=bag.mails)
    parts, filled_bytes = [first], 0
    for answer in bag.answers:
        # One that is too large for any letter is only named in it.
        own_bytes = answer.size_bytes
        if own_bytes > most_bytes:
            own_bytes = 0
        if filled_bytes + own_bytes > most_bytes:
            parts.append(Bag(bag.to, bag.unit, bag.day))
            filled_bytes = 0
        parts[-1].answers.append(answer)
        filled_bytes += own_bytes
    return parts


def parted_all(bags: Sequence[Bag], most_bytes: int) -> list[Bag]:
    """Return letters as more of them, none of which holds more than may be attached to one."""
    parted: list[Bag] = []
    for bag in bags:
        parted += _parted(bag, most_bytes)
    return parted


def was_tried(bag: Bag) -> bool:
    """Return whether any of it was in a letter before."""
    held = [one.letter for one in bag.answers]
    held += [one.letter for one in bag.mails]
    return any(held)
