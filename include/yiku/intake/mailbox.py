"""A mailbox, read over IMAP without being changed: what lies in it stays there, unread.

The standard library's client: what a mailbox needs is ten commands, and the
wrappers around it hide UIDVALIDITY and the folder's own flags.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from yiku.faults import PassingError, StepError
from yiku.intake.location import TIMEOUT
from yiku.intake.mail_place import MailServer
from yiku.intake.sources_error import SourcesError

KEYWORD = "$YikuReceived"  # what a mail is flagged with that was taken in
_HEAD_BYTES = 64 * 1024  # a head that is longer is somebody's attack
_AT_ONCE = 50  # mails whose heads are asked for in one go
# Numbers that are asked for in one go: an answer is one line, and imaplib reads
# none of more than a million characters.
_SPAN = 50_000
_MOST_SPANS = 200
# Seconds on the clock for one visit. A server that says "still here" every
# second is never silent for long enough to count as away.
VISIT_SECONDS = 3600.0
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_STARTS = re.compile(rb"\d+ \(")
# Words of a server that will let us in a little later.
_PASSING = ("UNAVAILABLE", "INUSE", "LIMIT", "TRY AGAIN", "TEMPORAR")

# What imaplib returns: a literal stands in a pair with what announces it.
_Answer = Sequence[bytes | tuple[bytes, bytes] | None]


class MailboxRefusedError(StepError):
    """A mail server was reached and let us not in, or is not who it should be."""


class MailboxAwayError(PassingError):
    """A mail server cannot be reached now, or the line was cut."""


@dataclass(frozen=True)
class Lying:
    """A mail as it lies in the folder: its number there, its bytes and its head."""

    uid: int
    size: int
    head: bytes


@contextmanager
def telling_of_mail() -> Iterator[None]:
    """Say in a sentence why a mail server cannot be used.

    What it says itself may quote the user.
    """
    try:
        yield
    except (StepError, SourcesError):
        raise
    except ssl.SSLCertVerificationError:
        raise MailboxRefusedError(
            "邮件服务器的证书不可信（可能有人冒充）：请核对主机名，或用 ca_file 指明本单位的根证书。"
        ) from None
    except ssl.SSLError:
        raise MailboxRefusedError(
            "与邮件服务器建立不了加密连接：请核对端口和 imaps/imap、smtps/smtp 的写法。"
        ) from None
    except imaplib.IMAP4.abort:
        raise MailboxAwayError("与邮件服务器的连接中断。") from None
    except imaplib.IMAP4.error as fault:
        raise _refusal(str(fault)) from None
    except UnicodeError:
        raise MailboxRefusedError(
            "邮箱的用户名或密码里有邮件服务器不认识的字符。"
        ) from None
    except (OSError, EOFError):
        raise MailboxAwayError("邮件服务器暂时连不上。") from None


def _refusal(said: str) -> StepError:
    if any(word in said.upper() for word in _PASSING):
        return MailboxAwayError("邮件服务器暂时不接待。")
    return MailboxRefusedError(
        "邮箱拒绝访问：请核对用户名、密码（不少邮箱要用授权码）、IMAP 是否已开通，以及文件夹名。"
    )


@contextmanager
def opened(
    server: MailServer, is_read_only: bool = False, most_bytes: int = 0
) -> Iterator[Mailbox]:
    """Open a mailbox and its folder until the block ends; of a mail no more than ``most_bytes`` are read (0: all).

    MailboxRefusedError or MailboxAwayError when that fails, then or meanwhile.
    """
    with telling_of_mail():
        line = _connected(server)
    try:
        # What the caller does meanwhile fails by its own name.
        with telling_of_mail():
            _log_in(line, server)
            box = Mailbox.of(line, server.folder, is_read_only, most_bytes)
        yield box
    finally:
        line.clock.cancel()
        # a line that was cut cannot be hung up either
        with suppress(Exception):
            line.logout()


class _Line(imaplib.IMAP4):
    """A line that is hung up when the time of a visit is over, even before the server has greeted."""

    clock: threading.Timer

    def open(
        self,
        host: str = "",
        port: int = 143,
        timeout: float | None = None,
    ) -> None:
        super().open(host, port, timeout)
        self.clock = _hung_up_later(self)


class _TlsLine(imaplib.IMAP4_SSL):
    """The same by TLS from the start."""

    clock: threading.Timer

    def open(
        self,
        host: str = "",
        port: int | None = 993,
        timeout: float | None = None,
    ) -> None:
        super().open(host, port or 993, timeout)
        self.clock = _hung_up_later(self)


def _hung_up_later(line: imaplib.IMAP4) -> threading.Timer:
    clock = threading.Timer(VISIT_SECONDS, _hang_up, [line])
    clock.daemon = True
    clock.start()
    return clock


def _hang_up(line: imaplib.IMAP4) -> None:
    # whoever waits for an answer is told that the line was cut
    with suppress(OSError):
        line.sock.shutdown(socket.SHUT_RDWR)


def _connected(server: MailServer) -> _Line | _TlsLine:
    if server.has_tls_from_start:
        return _TlsLine(
            server.host,
            server.port,
            ssl_context=server.tls(),
            timeout=TIMEOUT,
        )
    line = _Line(server.host, server.port, timeout=TIMEOUT)
    if "STARTTLS" in line.capabilities:
        line.starttls(ssl_context=server.tls())
    elif not server.is_plain:
        # Somebody between us and the server may have taken the word away.
        raise MailboxRefusedError(
            "邮件服务器不提供加密：请改用 imaps://（确要明文传送密码，写 plain: true）。"
        )
    return line


def _log_in(line: imaplib.IMAP4, server: MailServer) -> None:
    line.login(server.user, server.password)
    _, known = line.capability()
    capabilities = (known[0] or b"").upper().split()
    if b"ID" in capabilities:
        # NetEase opens no folder to a program that does not say who it is.
        line.xatom("ID", '("name" "yiku" "version" "1")')


@dataclass(frozen=True)
class Mailbox:
    """A folder of a mailbox that is open.

    ``uid_validity`` says how long its numbers hold, ``next_uid`` which the
    next mail gets (0: unknown).
    """

    line: imaplib.IMAP4
    uid_validity: int
    next_uid: int
    mail_count: int
    takes_keywords: bool
    most_bytes: int

    @classmethod
    def of(
        cls,
        line: imaplib.IMAP4,
        folder: str,
        is_read_only: bool,
        most_bytes: int,
    ) -> Mailbox:
        """Open a folder. MailboxRefusedError where there is none of that name."""
        state, counted = line.select(folder_name(folder), is_read_only)
        if state != "OK":
            raise MailboxRefusedError(
                "邮箱里没有 location 所指的文件夹，或没有权限打开。"
            )
        _, validity = line.response("UIDVALIDITY")
        _, next_uid = line.response("UIDNEXT")
        _, flags = line.response("PERMANENTFLAGS")
        may_flag = b"\\*" in b" ".join(flag or b"" for flag in flags)
        return cls(
            line=line,
            uid_validity=int(_first(validity) or 0),
            next_uid=int(_first(next_uid) or 0),
            mail_count=int(_first(counted) or 0),
            takes_keywords=may_flag and not is_read_only,
            most_bytes=most_bytes,
        )

    def uids_since(self, day: date) -> list[int]:
        """Return the numbers of the mails that came on a day or later."""
        # In English whatever this machine speaks.
        month = _MONTHS[day.month - 1]
        written = f"{day.day}-{month}-{day.year}"
        uids: set[int] = set()
        for span in self._spans():
            found = self._ask("SEARCH", "UID", span, "SINCE", written)
            for part in found:
                if isinstance(part, bytes):
                    uids.update(int(number) for number in part.split())
        return sorted(uids)

    def _spans(self) -> Iterator[str]:
        """Yield the ranges of numbers that are asked for one after the other."""
        width = max(_SPAN, self.next_uid // _MOST_SPANS)
        start = 1
        while start + width < self.next_uid:
            yield f"{start}:{start + width - 1}"
            start += width
        yield f"{start}:*"

    def heads(self, uids: Sequence[int]) -> Iterator[Lying]:
        """Yield the heads of mails; one that was moved meanwhile, or that the server does not give, is left out."""
        for start in range(0, len(uids), _AT_ONCE):
            numbers = uids[start : start + _AT_ONCE]
            try:
                found = self._heads(numbers)
            except MailboxRefusedError:
                # one that is damaged on the server must not hide the others
                for uid in numbers:
                    with suppress(MailboxRefusedError):
                        yield from _lying(self._heads([uid]))
            else:
                yield from _lying(found)

    def _heads(self, uids: Sequence[int]) -> _Answer:
        # PEEK: whoever reads the mailbox too still sees what is unread.
        wanted = f"(UID RFC822.SIZE BODY.PEEK[HEADER]<0.{_HEAD_BYTES}>)"
        return self._ask("FETCH", ",".join(map(str, uids)), wanted)

    def whole(self, uid: int) -> bytes | None:
        """Return a mail; None when it is no longer here, or the server does not give it."""
        part_wanted = ""
        if self.most_bytes:
            # whatever size the server said it has
            part_wanted = f"<0.{self.most_bytes + 1}>"
        try:
            found = self._ask(
                "FETCH", str(uid), f"(UID BODY.PEEK[]{part_wanted})"
            )
        except MailboxRefusedError:
            return None
        for part in found:
            if isinstance(part, tuple):
                return part[1]
        return None

    def flag(self, uid: int) -> None:
        """Flag a mail as taken in, where the folder knows other flags than its own."""
        if self.takes_keywords:
            self._ask("STORE", str(uid), "+FLAGS.SILENT", f"({KEYWORD})")

    def move(self, uid: int, folder: str) -> None:
        """Move a mail to another folder, which is made where it is not there.

        Nothing on a server that cannot move: a copy and a deletion may end
        in between.
        """
        if "MOVE" not in self._capabilities():
            return
        name = folder_name(folder)
        with telling_of_mail():
            state, _ = self.line.uid("MOVE", str(uid), name)
            if state != "OK":
                self.line.create(name)
                self._ask("MOVE", str(uid), name)

    def _capabilities(self) -> list[str]:
        with telling_of_mail():
            _, known = self.line.capability()
        return (known[0] or b"").decode("ascii", "replace").upper().split()

    def _ask(self, command: str, *words: str) -> _Answer:
        with telling_of_mail():
            state, found = self.line.uid(command, *words)
        if state != "OK":
            raise MailboxRefusedError("邮件服务器没有给出所要的邮件。")
        return found


def _first(answer: _Answer) -> bytes | None:
    first = answer[0] if answer else None
    return first if isinstance(first, bytes) else None


def _lying(answer: _Answer) -> Iterator[Lying]:
    """Yield the mails of an answer: what is said of each may stand before its head and behind it."""
    said, head = b"", b""
    for part in answer:
        words = part[0] if isinstance(part, tuple) else part or b""
        if _STARTS.match(words):
            yield from _one_lying(said, head)
            said, head = b"", b""
        said += words
        if isinstance(part, tuple):
            head = part[1]
    yield from _one_lying(said, head)


def _one_lying(said: bytes, head: bytes) -> Iterator[Lying]:
    uid, size = _UID.search(said), _SIZE.search(said)
    # A server may tell of other mails' flags in between.
    if uid and size:
        yield Lying(int(uid[1]), int(size[1]), head)


def folder_name(name: str) -> str:
    """Return the name of a folder as IMAP writes it: quoted, what is not ASCII in its own UTF-7."""
    pieces: list[str] = []
    for part in re.split(r"([^\x20-\x7e]+)", name):
        if part and not " " <= part[0] <= "~":
            coded = base64.b64encode(part.encode("utf-16-be"))
            letters = coded.decode().rstrip("=").replace("/", ",")
            pieces.append(f"&{letters}-")
        else:
            pieces.append(part.replace("&", "&-"))
    written = "".join(pieces)
    escaped = written.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
