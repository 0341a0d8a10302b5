"""Sending.

The outbox folder, mail, the group-chat robots of DingTalk, WeCom and Feishu, and
whatever Apprise speaks.

The three robots answer 200 even to what they refuse and say so in the body, which
Apprise does not read; it also encodes DingTalk's signature twice. So these three are
spoken to here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import mimetypes
import re
import smtplib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import apprise
import requests

from yiku.notices.digests import Digest, Enclosure
from yiku.notices.recipients import Channel, MailServer

TIMEOUT = 20  # seconds
# answers that mean 'too many messages, try later'
_BUSY = frozenset((-1, 130101, 660026, 45009, 45033, 9499, 11232))
# WeCom takes 2048 bytes at most, the other two some 20000; a little is left
# for what they put around it.
_BYTES = {"dingtalk": 18000, "wecom": 2000, "feishu": 18000}  # of one message


class ChannelDownError(Exception):
    """A channel cannot be reached now: the network, a full server, too many messages.

    Trying again may help.
    """


class ChannelSilentError(ChannelDownError):
    """A server cannot be reached at all, or does not answer in time."""


class ChannelRefusedError(Exception):
    """A channel refuses us: a wrong address, key or password.

    Somebody must mend the configuration.
    """


def send(
    digest: Digest,
    channel: Channel,
    outbox: Path,
    mail: MailServer | None = None,
    enclosures: Sequence[Enclosure] = (),
) -> None:
    """Send one digest by one channel.

    A mail brings ``enclosures`` along, which no other channel can.
    ChannelDownError when it may pass, ChannelRefusedError when it will not.
    """
    if channel.kind == "outbox":
        write_to_outbox(digest, outbox)
    elif channel.kind == "mail":
        _send_mail(digest, channel, mail, enclosures)
    elif channel.kind == "apprise":
        _send_by_apprise(digest, channel)
    else:
        for piece in pieces(digest.text, _BYTES[channel.kind]):
            _post(channel, piece)


def write_to_outbox(digest: Digest, outbox: Path) -> Path:
    """Write a digest below ``outbox/<date>/digests``; return the path of its text.

    A page for a browser lies beside it.
    """
    folder = outbox / digest.day.isoformat() / "digests"
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w\-]+", "_", digest.recipient.id)
    (folder / f"{name}.html").write_text(digest.html, "utf-8")
    path = folder / f"{name}.txt"
    path.write_text(digest.text + "\n", "utf-8")
    return path


def pieces(text: str, limit: int) -> Iterator[str]:
    """Cut a text between its lines into messages of at most ``limit`` bytes.

    One longer line is cut inside.
    """
    piece = ""
    for line in text.splitlines():
        while len(line.encode()) > limit:
            # half a character at the end of the cut goes to the next message
            head = line.encode()[:limit].decode(errors="ignore")
            if piece:
                yield piece
            if head:
                yield head
            piece = ""
            line = line[len(head) :]
        longer = f"{piece}\n{line}" if piece else line
        if len(longer.encode()) > limit:
            yield piece
            longer = line
        piece = longer
    if piece:
        yield piece


def _message(
    digest: Digest, to: str, sender: str, enclosures: Sequence[Enclosure]
) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = digest.subject
    message["From"] = sender
    message["To"] = to
    message["Date"] = formatdate(localtime=True)
    # the same digest sent twice is one message to a mail program
    message["Message-ID"] = (
        f"<{digest.fingerprint[:32]}.{digest.day:%Y%m%d}@yiku>"
    )
    # Else a town's notice of absence would come back every night.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest.text)
    message.add_alternative(digest.html, subtype="html")
    for file in enclosures:
        kind, _ = mimetypes.guess_type(file.name)
        main, _, sub = (kind or "application/octet-stream").partition("/")
        message.add_attachment(
            file.content, maintype=main, subtype=sub, filename=file.name
        )
    return message


@contextmanager
def _mail_server(server: MailServer) -> Iterator[smtplib.SMTP]:
    place = urlsplit(server.url)
    if place.scheme not in ("smtp", "smtps") or not place.hostname:
        raise ChannelRefusedError(
            "mail 的 server 应写成 smtp://主机:端口 或 smtps://主机:端口。"
        )
    kind = smtplib.SMTP_SSL if place.scheme == "smtps" else smtplib.SMTP
    with kind(place.hostname, place.port or 0, timeout=TIMEOUT) as smtp:
        smtp.ehlo_or_helo_if_needed()
        # A server inside the county's network may offer no TLS at all.
        if place.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls()
        if place.username:
            smtp.login(unquote(place.username), unquote(place.password or ""))
        yield smtp


def _send_mail(
    digest: Digest,
    channel: Channel,
    mail: MailServer | None,
    enclosures: Sequence[Enclosure],
) -> None:
    if mail is None or not channel.to:
        raise ChannelRefusedError("没有配置邮件服务器或收件地址。")
    try:
        with _mail_server(mail) as smtp:
            message = _message(digest, channel.to, mail.sender, enclosures)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        # What the server says may quote the address: its code alone is told.
        codes = [code for code, _text in refused.recipients.values()]
        raise _refusal(max(codes)) from None
    except smtplib.SMTPResponseException as refused:
        raise _refusal(refused.smtp_code) from None
    except (smtplib.SMTPNotSupportedError, ValueError):
        raise ChannelRefusedError(
            "邮件服务器不支持所配置的登录方式，或地址写法不对。"
        ) from None
    except (OSError, smtplib.SMTPException):
        raise ChannelSilentError("邮件服务器暂时连不上。") from None


def _refusal(code: int) -> Exception:
    if 400 <= code < 500:
        return ChannelDownError(f"邮件服务器暂时不接收（{code}）。")
    return ChannelRefusedError(
        f"邮件服务器拒收（{code}），请检查账号、密码和地址。"
    )


# Parameters of the address, and the body.
Posted = tuple[dict[str, str], dict[str, Any]]


def _signature(key: str, message: str) -> str:
    digest = hmac.digest(key.encode(), message.encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def _dingtalk(secret: str | None, now: int, text: str) -> Posted:
    payload: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    if not secret:
        return {}, payload
    stamp = str(now * 1000)  # in milliseconds
    sign = _signature(secret, f"{stamp}\n{secret}")
    return {"timestamp": stamp, "sign": sign}, payload


def _wecom(secret: str | None, now: int, text: str) -> Posted:
    return {}, {"msgtype": "text", "text": {"content": text}}


def _feishu(secret: str | None, now: int, text: str) -> Posted:
    payload: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        # unlike DingTalk it takes stamp and secret for the key, and signs nothing
        payload["timestamp"] = str(now)
        payload["sign"] = _signature(f"{now}\n{secret}", "")
    return {}, payload


_ROBOTS: dict[str, Callable[[str | None, int, str], Posted]] = {
    "dingtalk": _dingtalk,
    "wecom": _wecom,
    "feishu": _feishu,
}


def _post(channel: Channel, text: str) -> None:
    """Post one message to a robot and read its answer.

    No exception carries the address, which is a secret.
    """
    params, payload = _ROBOTS[channel.kind](
        channel.secret, int(time.time()), text
    )
    try:
        answer = requests.post(
            channel.url or "", params=params, json=payload, timeout=TIMEOUT
        )
    except (requests.ConnectionError, requests.Timeout):
        raise ChannelSilentError(f"{channel.kind} 暂时连不上。") from None
    except requests.RequestException:
        raise ChannelRefusedError(f"{channel.kind} 的地址不对。") from None
    if answer.status_code == 429 or answer.status_code >= 500:
        raise ChannelDownError(
            f"{channel.kind} 暂时不接收（{answer.status_code}）。"
        )
    code = _answer_code(answer)
    if code in _BUSY:
        raise ChannelDownError(f"{channel.kind} 暂时不接收（{code}）。")
    if not answer.ok or code != 0:
        raise ChannelRefusedError(
            f"{channel.kind} 拒收（{answer.status_code}/{code}），请检查地址、关键词和密钥。"
        )


def _answer_code(answer: requests.Response) -> int | None:
    """Return what a robot says in the body of its answer, 0 for yes.

    None when it says nothing that we know.
    """
    try:
        body = answer.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    # DingTalk and WeCom say errcode, Feishu code, and at times only StatusCode
    # when all is well.
    for key in ("errcode", "code", "StatusCode"):
        if key in body:
            return body[key] if isinstance(body[key], int) else None
    return None


def _send_by_apprise(digest: Digest, channel: Channel) -> None:
    service = apprise.Apprise()
    if not service.add(channel.url or ""):
        raise ChannelRefusedError("apprise 不认识所配置的地址。")
    was_sent = service.notify(
        body=digest.text,
        title=digest.subject,
        # plain text: the service escapes what its own marks would be
        body_format=apprise.NotifyFormat.TEXT,
    )
    # It says yes or no and never why: trying again does least harm.
    if not was_sent:
        raise ChannelDownError("apprise 没有发出。")
