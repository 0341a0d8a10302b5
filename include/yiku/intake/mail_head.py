"""What the head of a mail says: who sent it, whether a program did, whether the sender is forged."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses

from yiku.intake.mail_senders import is_address, same_address

OUR_MARK = "yiku."  # how the Message-IDs of our own mails begin
_PROGRAMS = frozenset(
    {"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply"}
)
_BOUNCERS = frozenset({"mailer-daemon", "postmaster"})
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
# Headers that only programs and mailing lists write.
_BY_PROGRAM = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond")
_OF_THE_MAIL = ("date", "subject", "content-type")
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"(?i)\b(dmarc|spf|dkim)\s*=\s*(\w+)")
_ALIGNED_WITH = re.compile(
    r"(?i)\b(?:smtp\.mailfrom|header\.d|header\.i)\s*=\s*\"?([^\s;\"]+)"
)
_MESSAGE_ID = re.compile(
    r"<[!-;=?-~]{1,250}>"
)  # what fits into an answer's head
# Characters of one header: a longer one, or one of a thousand brackets within
# each other, is made to keep a reader busy.
_MOST_HEADER = 2000


@dataclass(frozen=True)
class MailHead:
    """What the head of a mail says.

    ``sender`` is the address that it names, '' for none or several;
    ``identity`` tells the mail from all others wherever it lies, '' where
    only its whole content does.
    """

    sender: str = field(repr=False)
    message_id: str = field(repr=False)
    identity: str
    is_by_program: bool
    is_bounce: bool
    may_have_files: bool
    word_of_servers: tuple[str, ...] = field(repr=False, default=())

    def is_ours(self, own_address: str) -> bool:
        """Return whether we sent it ourselves: from our address, or under a number of ours."""
        if self.sender == same_address(own_address):
            return True
        domain = own_address.rpartition("@")[2]
        begins_as_ours = self.message_id.startswith(f"<{OUR_MARK}")
        return begins_as_ours and self.message_id.endswith(f"@{domain}>")

    def may_be_forged(self, authserv: str) -> bool:
        """Return whether the server that took the mail in doubts its sender.

        With ``authserv`` its word alone counts, and a mail without it is
        doubted; else any word against the mail counts, which only harms
        whoever forges it.
        """
        domain = self.sender.rpartition("@")[2]
        words = list(self.word_of_servers)
        if not authserv:
            return any(_speaks_against(word) for word in words)
        # The one that was put on last stands first: those below may have come with the mail.
        for word in words:
            if _said_by(word) == authserv.lower():
                return not _speaks_for(word, domain)
        return True


def read_head(raw: bytes) -> MailHead:
    """Read the head of a mail; whatever it holds, this does not fail."""
    message = email.message_from_bytes(raw)
    sender = _sender(message)
    message_id = _one(message, "message-id").strip()
    is_bounce = _is_bounce(message, sender)
    return MailHead(
        sender=sender,
        message_id=message_id if _MESSAGE_ID.fullmatch(message_id) else "",
        identity=_identity(message, sender, message_id),
        is_by_program=is_bounce or _is_by_program(message, sender),
        is_bounce=is_bounce,
        may_have_files=message.get_content_type() == "multipart/mixed",
        word_of_servers=tuple(_all(message, "authentication-results")),
    )


def readable(raw: str) -> str:
    """Return a value of a head in which clerks' programs left bytes as they were, UTF-8 or GBK."""
    if raw.isascii():
        return raw
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _all(message: Message, name: str) -> Iterator[str]:
    """Yield all values of a header, on one line each."""
    for header, value in message.raw_items():
        if header.lower() == name:
            text = readable(str(value)[:_MOST_HEADER])
            yield re.sub(r"[\r\n]+[ \t]*", " ", text)


def _one(message: Message, name: str) -> str:
    return next(_all(message, name), "")


def _sender(message: Message) -> str:
    """Return the one address of From.

    Of two, or of one that two programs would read differently, nobody can say
    whose the mail is.
    """
    written = list(_all(message, "from"))
    if len(written) != 1:
        return ""
    try:
        found = getaddresses(written)
    except RecursionError:
        return ""  # brackets within brackets
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
    return is_auto or is_bulk or is_marked or is_program


# --- what servers say of forged senders (RFC 8601)


def _without_comments(word: str) -> str:
    plain, before = word, ""
    while plain != before:
        before = plain
        plain = _COMMENT.sub(" ", plain)
    return plain


def _said_by(word: str) -> str:
    first = _without_comments(word).partition(";")[0].split()
    return first[0].lower() if first else ""


def _results(word: str) -> Iterator[tuple[str, str, str]]:
    """Yield method, result and the domain that it is about."""
    for piece in _without_comments(word).split(";")[1:]:
        result = _RESULT.search(piece)
        about = _ALIGNED_WITH.search(piece)
        if result:
            domain = about[1].rpartition("@")[2].lower() if about else ""
            yield result[1].lower(), result[2].lower(), domain


def _speaks_for(word: str, domain: str) -> bool:
    """Return whether a server vouches for the domain of From, not merely for whoever handed the mail on."""
    results = list(_results(word))
    of_dmarc = [result for method, result, _ in results if method == "dmarc"]
    if "pass" in of_dmarc:
        return True
    if "fail" in of_dmarc:
        return False
    return any(
        result == "pass" and _is_same_domain(about, domain)
        for _, result, about in results
    )


def _speaks_against(word: str) -> bool:
    by_method: dict[str, set[str]] = {}
    for method, result, _ in _results(word):
        by_method.setdefault(method, set()).add(result)
    if "pass" in by_method.get("dmarc", ()):
        return False
    return any("fail" in results for results in by_method.values())


def _is_same_domain(about: str, domain: str) -> bool:
    return bool(about) and (about == domain or domain.endswith(f".{about}"))
