"""What the head of a mail says: who sent it, whether a program did, whether the sender is forged."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from yiku.intake.mail_senders import is_address, same_address
from yiku.intake.server_words import MOST_WORD, ServerWord, is_doubted

OUR_MARK = "yiku."  # how the Message-IDs of our own mails begin
_PROGRAMS = frozenset(
    {"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply"}
)
_BOUNCERS = frozenset({"mailer-daemon", "postmaster"})
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
# Headers that only programs and mailing lists write.
_BY_PROGRAM = (
    *("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond"),
    "x-qq-autoreply",
)
_NOTICES = ("自动回复", "自动答复", "Automatic reply", "Out of Office")
_OF_THE_MAIL = ("date", "subject", "content-type")
# What programs number mails with. It goes into the head of our answer, where an
# encoded word ("=?") would be read as what it hides: line ends and headers.
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@:\[\]-]{1,200}>")
# Characters of one header: a longer one is made to keep a reader busy.
_MOST_HEADER = 2000
_MOST_FROM = 1000


@dataclass(frozen=True)
class MailHead:
    """What the head of a mail says.

    ``sender`` is the address that it names, '' for none or several;
    ``identity`` tells the mail from all others wherever it lies, '' where
    only its whole content does; ``answers_ours``: it answers a letter of ours.
    """

    sender: str = field(repr=False)
    message_id: str = field(repr=False)
    identity: str
    is_by_program: bool
    is_bounce: bool
    may_have_files: bool
    answers_ours: bool = False
    words_of_servers: tuple[ServerWord, ...] = field(repr=False, default=())

    def is_ours(self, own_address: str) -> bool:
        """Return whether we sent it ourselves: from our address, or under a number of ours."""
        if self.sender == same_address(own_address):
            return True
        domain = own_address.rpartition("@")[2]
        begins_as_ours = self.message_id.startswith(f"<{OUR_MARK}")
        return begins_as_ours and self.message_id.endswith(f"@{domain}>")

    def may_be_forged(self, authserv: str) -> bool:
        """Return whether the server that took the mail in doubts its sender; ``authserv`` is its name, '' for any."""
        domain = self.sender.rpartition("@")[2]
        return is_doubted(self.words_of_servers, authserv, domain)


def read_head(raw: bytes) -> MailHead:
    """Read the head of a mail; whatever it holds, this does not fail."""
    message = email.message_from_bytes(raw)
    sender = _sender(message)
    message_id = _one(message, "message-id").strip()
    is_bounce = _is_bounce(message, sender)
    return MailHead(
        sender=sender,
        message_id=message_id if may_be_quoted(message_id) else "",
        identity=_identity(message, sender, message_id),
        is_by_program=is_bounce or _is_by_program(message, sender),
        is_bounce=is_bounce,
        may_have_files=message.get_content_type() == "multipart/mixed",
        answers_ours=_answers_ours(message),
        words_of_servers=tuple(_words_of_servers(message)),
    )


def may_be_quoted(message_id: str) -> bool:
    """Return whether the number of a mail may stand in the head of an answer."""
    return bool(_MESSAGE_ID.fullmatch(message_id)) and "=?" not in message_id


def identity_of_content(head: MailHead, raw: bytes) -> str:
    """Return what tells a mail without a Message-ID from others: who sent it and what it holds."""
    body = raw.partition(b"\r\n\r\n")[2]
    whole = head.sender.encode("utf-8", "replace") + b"\n" + body
    return hashlib.sha256(whole).hexdigest()


def readable(raw: str) -> str:
    """Return a value of a head in which clerks' programs left bytes as they were, UTF-8 or GBK."""
    if raw.isascii():
        return raw
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _all(
    message: Message, name: str, most: int = _MOST_HEADER
) -> Iterator[str]:
    """Yield the beginnings of all values of a header, on one line each."""
    for header, value in message.raw_items():
        if header.lower() == name:
            yield _one_line(str(value)[:most])


def _one_line(value: str) -> str:
    return re.sub(r"[\r\n]+[ \t]*", " ", readable(value))


def _words_of_servers(message: Message) -> Iterator[ServerWord]:
    hop = 0
    for header, value in message.raw_items():
        name, written = header.lower(), str(value)
        # Each server writes its Received above all that came to it.
        hop += name == "received"
        if name == "authentication-results":
            text = _one_line(written[:MOST_WORD])
            yield ServerWord(text, hop, is_cut=len(written) > MOST_WORD)


def _one(message: Message, name: str) -> str:
    return next(_all(message, name), "")


def _sender(message: Message) -> str:
    """Return the one address of From.

    Of two, or of one that two programs would read differently, nobody can say
    whose the mail is; nor of one that goes on beyond what is read of it.
    """
    written = list(_all(message, "from", _MOST_FROM + 1))
    if len(written) != 1 or len(written[0]) > _MOST_FROM:
        return ""
    try:
        found = getaddresses(written)
    except (RecursionError, ValueError, IndexError):
        return (
            ""  # brackets within brackets, and what else the parser trips over
        )
    if len(found) != 1:
        return ""
    address = found[0][1].strip()
    has_angle = "<" in written[0]
    if has_angle and not written[0].rstrip().endswith(f"<{address}>"):
        return ""
    return same_address(address) if is_address(address) else ""


def _identity(message: Message, sender: str, message_id: str) -> str:
    """Return what tells a mail from others; '' without a Message-ID.

    A list or an alias may deliver one mail twice, by two ways: what the ways
    write into the head is no part of it.
    """
    if not message_id:
        return ""
    own = [_one(message, name) for name in _OF_THE_MAIL]
    text = "\n".join([message_id, sender, *own])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _answers_ours(message: Message) -> bool:
    named = [_one(message, name) for name in ("in-reply-to", "references")]
    return f"<{OUR_MARK}" in " ".join(named)


def _is_bounce(message: Message, sender: str) -> bool:
    is_without_return = _one(message, "return-path").strip() == "<>"
    is_report = message.get_content_type() == "multipart/report"
    local_part = sender.partition("@")[0]
    return is_without_return or is_report or local_part in _BOUNCERS


def _is_by_program(message: Message, sender: str) -> bool:
    submitted = _one(message, "auto-submitted").partition(";")[0]
    is_auto = submitted.strip().lower() not in ("", "no")
    is_bulk = _one(message, "precedence").strip().lower() in _BULK
    is_marked = any(_one(message, name) for name in _BY_PROGRAM)
    is_program = sender.partition("@")[0] in _PROGRAMS
    is_notice = _is_notice_of_absence(message)
    return is_auto or is_bulk or is_marked or is_program or is_notice


def _is_notice_of_absence(message: Message) -> bool:
    """Return whether it looks like a notice of absence, of which many programs do not say that it is one.

    A mail with files is none: better a word too many than a clerk's file lost.
    """
    if message.get_content_type() == "multipart/mixed":
        return False
    is_marked = bool(_one(message, "x-auto-response-suppress"))
    return is_marked or _subject(message).startswith(_NOTICES)


def _subject(message: Message) -> str:
    written = _one(message, "subject").strip()
    try:
        return str(make_header(decode_header(written)))
    except (ValueError, LookupError, MessageError):
        return written
