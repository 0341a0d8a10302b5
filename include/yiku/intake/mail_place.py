"""How a mailbox of ``sources.yml`` is spoken to: its two servers, their locks and its limits."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from yiku.intake.sources_error import SourcesError

LIMIT_MB = 50  # of a mail that comes; servers take 20 to 50
ATTACHMENT_MB = 20  # of all that is attached to a mail that goes
BYTES_A_MB = 1024 * 1024
# Base64, its line ends and what locking adds: servers count what is sent.
AS_SENT = 1.4
_PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
_TLS_FROM_THE_START = frozenset({"imaps", "smtps"})
_NUMBER = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True)
class MailServer:
    """One server of a mailbox, and who speaks to it.

    ``is_plain`` says that it may be spoken to without TLS; ``folder`` is of
    IMAP alone.
    """

    host: str
    port: int
    has_tls_from_start: bool
    is_plain: bool
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    folder: str = ""

    def tls(self) -> ssl.SSLContext:
        """Return what checks the server's certificate, by ``ca_file`` alone where there is one."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError):
            raise SourcesError("ca_file 读不了，或不是证书。") from None


@dataclass(frozen=True)
class MailLimits:
    """What a mailbox takes and sends.

    ``limit_bytes`` of a mail that comes, ``attachment_bytes`` of all that is
    attached to one that goes; ``authserv`` names the server whose word on
    forged senders counts; mails before ``since`` are left alone.
    """

    address: str
    limit_bytes: int
    attachment_bytes: int
    authserv: str
    filed_in: str
    since: date | None
    link: str


def require_mail_settings(said: Mapping[str, str], where: str) -> None:
    """Refuse a mailbox that lacks what it needs. SourcesError says what."""
    if not said.get("address"):
        raise SourcesError(
            f"{where}（mailbox）缺少 address（这个邮箱自己的地址）。"
        )
    if "smtp" not in said and said.get("answers") != "none":
        raise SourcesError(
            f"{where}（mailbox）缺少 smtp（不寄答复请写 answers: none）。"
        )
    scheme = urlsplit(said.get("smtp", "smtp://none")).scheme
    if scheme not in ("smtp", "smtps"):
        raise SourcesError(f"{where}的 smtp 应写成 smtps://… 或 smtp://…。")
    for key in ("limit_mb", "attachment_mb"):
        if key in said and not _NUMBER.fullmatch(said[key]):
            raise SourcesError(f"{where}的 {key} 应为正整数（MB）。")
    if said.get("plain", "False") not in ("True", "False"):
        raise SourcesError(f"{where}的 plain 应为 true 或 false。")
    _since(said, where)


def limits_of(said: Mapping[str, str]) -> MailLimits:
    """Return what a mailbox takes and sends, from what its source says."""
    limit_mb = int(said.get("limit_mb", LIMIT_MB))
    attachment_mb = int(said.get("attachment_mb", ATTACHMENT_MB))
    return MailLimits(
        address=said["address"],
        limit_bytes=limit_mb * BYTES_A_MB,
        attachment_bytes=int(attachment_mb * BYTES_A_MB / AS_SENT),
        authserv=said.get("authserv", ""),
        filed_in=said.get("filed_in", ""),
        since=_since(said, "sources.yml "),
        link=said.get("link", "").rstrip("/"),
    )


def imap_server(
    location: str, user: str, password: str, said: Mapping[str, str]
) -> MailServer:
    """Return the server that a mailbox is read from."""
    folder = unquote(urlsplit(location).path).strip("/") or "INBOX"
    secret = password or _kept_in_file(said)
    return _server(location, user, secret, said, folder)


def smtp_server(
    user: str, password: str, said: Mapping[str, str]
) -> MailServer:
    """Return the server that a mailbox sends by; its login is the mailbox's own unless another is said."""
    own_user = said.get("smtp_user", user)
    own_password = said.get("smtp_password") or password or _kept_in_file(said)
    return _server(said.get("smtp", ""), own_user, own_password, said)


def _server(
    address: str,
    user: str,
    password: str,
    said: Mapping[str, str],
    folder: str = "",
) -> MailServer:
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_said_plain = said.get("plain") == "True"
    return MailServer(
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        has_tls_from_start=parts.scheme in _TLS_FROM_THE_START,
        is_plain=is_said_plain or _is_this_machine(host),
        user=user,
        password=password,
        ca_file=said.get("ca_file") or None,
        folder=folder,
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _kept_in_file(said: Mapping[str, str]) -> str:
    """Return the password from ``password_file``; '' without one."""
    if not said.get("password_file"):
        return ""
    try:
        text = Path(said["password_file"]).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SourcesError("password_file 读不了。") from None
    # An editor ends the last line of a file; no password ends so.
    return text.strip("\r\n")


def _since(said: Mapping[str, str], where: str) -> date | None:
    written = said.get("since")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise SourcesError(f"{where}的 since 应写成 2026-11-01。") from None
