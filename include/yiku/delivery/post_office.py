"""Send letters by the server of a mailbox, each to one address alone."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from yiku.delivery.lay_down import NotLaidDownError
from yiku.intake.location import TIMEOUT
from yiku.intake.mail_place import AS_SENT, MailServer
from yiku.intake.sources_error import SourcesError

_AROUND = 8192  # bytes of a letter's head and text
DATA_TIMEOUT = 600  # seconds, as RFC 5321 asks for (4.5.3.2.6)


class LetterRefusedError(NotLaidDownError):
    """A server takes letters to this address, and will never take this one: too large, or something in it."""


@contextmanager
def _telling() -> Iterator[None]:
    """Say in a sentence why a letter did not go.

    What a server says may quote the address: its code alone is told.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise _of_code(max(codes), "收件地址") from None
    except smtplib.SMTPServerDisconnected:
        raise NotLaidDownError(
            "发信服务器中断了连接，下次用同一编号再发。", is_away=True
        ) from None
    except smtplib.SMTPAuthenticationError as refused:
        raise _of_code(refused.smtp_code, "登录") from None
    except smtplib.SMTPResponseException as refused:
        raise _of_code(refused.smtp_code, "信件") from None
    except (smtplib.SMTPNotSupportedError, UnicodeError):
        raise NotLaidDownError(
            "发信服务器不支持所配置的登录方式或加密，或地址写法不对。"
        ) from None
    except ssl.SSLCertVerificationError:
        raise NotLaidDownError(
            "发信服务器的证书不可信：请核对主机名，或用 ca_file 指明根证书。",
            is_away=True,
        ) from None
    except SourcesError as wrong:
        raise NotLaidDownError(str(wrong), is_away=True) from None
    except (OSError, smtplib.SMTPException):
        raise NotLaidDownError(
            "发信服务器暂时连不上。", is_away=True
        ) from None


def _of_code(code: int, what: str) -> NotLaidDownError:
    if what == "登录":
        return NotLaidDownError(
            f"发信服务器拒绝登录（{code}），请核对用户名和密码（不少邮箱要用授权码）。",
            is_away=True,
        )
    if 400 <= code < 500:
        return NotLaidDownError(f"发信服务器暂时不接收（{code}）。")
    kind = LetterRefusedError if what == "信件" else NotLaidDownError
    return kind(
        f"发信服务器拒收{what}（{code}），请核对登记的地址和附件大小。"
    )


@contextmanager
def post_office(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Give a line to the server, logged in, until the block ends.

    NotLaidDownError when there is none.
    """
    with _telling():
        line = _connected(server)
    try:
        with _telling():
            _secure(line, server)
            if server.user:
                line.login(server.user, server.password)
        yield line
    finally:
        with suppress(Exception):
            line.quit()


class _Line(smtplib.SMTP):
    """A line on which a whole letter is waited for longer than a word.

    The server looks through it for viruses before it says that it has it.
    Whoever hangs up meanwhile may have sent it, and sends it again.
    """

    def data(self, msg: bytes | str) -> tuple[int, bytes]:  # type: ignore[override]
        assert self.sock is not None
        self.sock.settimeout(DATA_TIMEOUT)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(TIMEOUT)


class _TlsLine(_Line, smtplib.SMTP_SSL):
    """The same by TLS from the start."""


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.has_tls_from_start:
        return _TlsLine(
            server.host, server.port, timeout=TIMEOUT, context=server.tls()
        )
    return _Line(server.host, server.port, timeout=TIMEOUT)


def _secure(line: smtplib.SMTP, server: MailServer) -> None:
    line.ehlo_or_helo_if_needed()
    if server.has_tls_from_start:
        return
    if line.has_extn("starttls"):
        line.starttls(context=server.tls())
        line.ehlo()
    elif not server.is_plain:
        raise NotLaidDownError(
            "发信服务器不提供加密：请改用 smtps://（确要明文传送密码，写 plain: true）。",
            is_away=True,
        )


def post(line: smtplib.SMTP, letter: EmailMessage, to: str) -> None:
    """Send a letter to one address, whatever its head may say. NotLaidDownError when it does not go."""
    with _telling():
        line.send_message(letter, to_addrs=[to])


def most_attached(line: smtplib.SMTP) -> int | None:
    """Return how many bytes may be attached to a letter, as the server says itself; None where it says nothing."""
    said = line.esmtp_features.get("size", "").strip()
    # RFC 1870: 0 is no limit.
    if not said.isascii() or not said.isdecimal() or int(said) == 0:
        return None
    return int(max(int(said) - _AROUND, 0) / AS_SENT)


def sending_problem(server: MailServer) -> str:
    """Return why letters cannot be sent by a server now; '' when they can."""
    try:
        with post_office(server):
            return ""
    except NotLaidDownError as refused:
        return str(refused)
