"""Tell those who write to a mailbox and are not registered there."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import date

from yiku.delivery.lay_down import NotLaidDownError
from yiku.delivery.letter import stranger_letter, stranger_number
from yiku.delivery.post_office import post, post_office
from yiku.intake.mail_place import limits_of
from yiku.intake.source import Source
from yiku.intake.source_logins import smtp_of
from yiku.intake.sources_error import SourcesError

log = logging.getLogger(__name__)


def answer_strangers(
    source: Source, day: date, strangers: Sequence[tuple[str, str]]
) -> None:
    """Tell strangers, by address and Message-ID; a server that does not send now is not waited for.

    Whatever happens, this does not fail: it must not break what was taken in.
    """
    if not strangers:
        return
    try:
        with post_office(smtp_of(source)) as line:
            for address, message_id in strangers:
                _answer_one(source, day, line, address, message_id)
    except (NotLaidDownError, SourcesError):
        return
    except Exception as fault:
        # The type alone: its text may quote an address.
        log.error("strangers were not answered: %s", type(fault).__name__)


def _answer_one(
    source: Source,
    day: date,
    line: smtplib.SMTP,
    address: str,
    message_id: str,
) -> None:
    """Tell one. NotLaidDownError when the server is away, for all that follow too."""
    number = stranger_number(day, address, message_id)
    own_address = limits_of(source.said).address
    letter = stranger_letter(address, own_address, message_id, number)
    try:
        post(line, letter, address)
    except NotLaidDownError as refused:
        # An address that the server does not take silences no other.
        if refused.is_away:
            raise
