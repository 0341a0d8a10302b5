"""The files that a mail brings, by the names that their sender gave them."""

from __future__ import annotations

import email
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from pathlib import PurePosixPath

from yiku.intake.mail_head import readable
from yiku.intake.path_names import is_litter

_DEEPEST = 20  # multiparts within multiparts; a mail program makes four
_MOST_NAME = 200  # bytes; with what we add no folder takes longer ones
_NO_NAME = "附件"
# What mail programs add by themselves.
_ADDED = frozenset(
    {
        *("application/pkcs7-signature", "application/x-pkcs7-signature"),
        *("application/pgp-signature", "text/calendar"),
        *("text/vcard", "text/x-vcard"),
    }
)
_OF_THE_PAGE = frozenset({"image", "audio", "video"})
_OUTLOOKS_OWN = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
# Chinese programs write the name of the older list and mean the newer one.
_CHINESE = frozenset({"gb2312", "gbk", "hz-gb-2312", "gb18030", "cp936"})
_ENDINGS = {b"PK": ".zip", b"\xd0\xcf": ".xls"}
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass
class Parcel:
    """What a mail brings: its files, and whether Outlook packed some into a winmail.dat."""

    files: list[tuple[str, bytes]] = field(default_factory=list)
    has_winmail: bool = False


def read_files(raw: bytes) -> Parcel:
    """Return the files that a mail brings, those of mails that it forwards included.

    Pictures of the page and signatures are none. A mail forwarded within a
    forwarded one is not opened.
    """
    parcel = Parcel()
    _collect(email.message_from_bytes(raw), parcel, may_forward=True)
    return parcel


def _collect(message: Message, parcel: Parcel, may_forward: bool) -> None:
    for part, is_of_page in _parts(message, _DEEPEST, False):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            if may_forward:
                _collect_forwarded(part, parcel)
            continue
        name = file_name(part)
        if kind in _OUTLOOKS_OWN or name.lower() == "winmail.dat":
            parcel.has_winmail = True
        elif may_forward and name.lower().endswith(".eml"):
            inner = email.message_from_bytes(_content(part))
            _collect(inner, parcel, may_forward=False)
        elif _is_file(part, name, is_of_page):
            _add(parcel, part, name)


def _collect_forwarded(part: Message, parcel: Parcel) -> None:
    inner = part.get_payload()
    if isinstance(inner, list) and isinstance(inner[0], Message):
        _collect(inner[0], parcel, may_forward=False)


def _parts(
    message: Message, depth: int, is_of_page: bool
) -> Iterator[tuple[Message, bool]]:
    """Yield the parts of a mail that hold no others, and whether the page of the text shows each."""
    if message.get_content_maintype() != "multipart" or depth == 0:
        yield message, is_of_page
        return
    inner = message.get_payload()
    if not isinstance(inner, list):
        return  # a multipart whose boundary never comes
    is_related = message.get_content_subtype() == "related"
    for part in inner:
        if isinstance(part, Message):
            yield from _parts(part, depth - 1, is_of_page or is_related)


def _is_file(part: Message, name: str, is_of_page: bool) -> bool:
    main_kind = part.get_content_maintype()
    if part.get_content_type() in _ADDED or main_kind == "message":
        return False
    if main_kind == "multipart" or (name and is_litter(name)):
        return False
    disposition = part.get_content_disposition()
    if main_kind in _OF_THE_PAGE:
        # Outlook and Foxmail attach the picture of a signature by an id.
        is_shown = is_of_page or "content-id" in part
        return disposition == "attachment" and not is_shown
    return bool(name) or main_kind != "text"


def _add(parcel: Parcel, part: Message, name: str) -> None:
    content = _content(part)
    called = name or _NO_NAME + _ENDINGS.get(content[:2], "")
    taken = {known for known, _ in parcel.files}
    parcel.files.append((_distinct(called, taken), content))


def _distinct(name: str, taken: set[str]) -> str:
    """Return a name that no other file of the mail has."""
    path = PurePosixPath(name)
    number = 1
    while name in taken:
        number += 1
        name = f"{path.stem}({number}){path.suffix}"
    return name


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def file_name(part: Message) -> str:
    """Return the name of a file as its sender sees it; '' without one.

    It comes by RFC 2231, by RFC 2047 where that is not allowed, or as bare
    bytes of GBK, as the program likes it.
    """
    readable_part = Message()
    for header in ("content-disposition", "content-type"):
        for known, value in part.raw_items():
            if known.lower() == header and header not in readable_part:
                readable_part[header] = readable(str(value))
    name = _parameter(readable_part, "content-disposition", "filename")
    return name or _parameter(readable_part, "content-type", "name")


def _parameter(part: Message, header: str, wanted: str) -> str:
    """Return a parameter of a header as a name of a file; '' without one."""
    try:
        parameters = part.get_params([], header)
    except (ValueError, LookupError):
        return ""  # a header that its own parser trips over
    found = ""
    for key, value in parameters:
        if key.lower() != wanted:
            continue
        if isinstance(value, tuple):
            # Some programs say the name twice, for old readers less well.
            return _safe(_of_rfc_2231(value[0], value[2]))
        found = found or _safe(_of_rfc_2047(value))
    return found


def _of_rfc_2231(charset: str | None, text: str) -> str:
    data = text.encode("latin-1", "replace")
    return _decoded(data, charset or "utf-8")


def _of_rfc_2047(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (ValueError, LookupError, MessageError):
        return text
    decoded: list[str] = []
    for piece, charset in pieces:
        if isinstance(piece, bytes):
            piece = _decoded(piece, charset or "utf-8")
        decoded.append(piece)
    return "".join(decoded)


def _decoded(data: bytes, charset: str) -> str:
    known = charset.lower()
    if known in _CHINESE:
        known = "gb18030"
    try:
        return data.decode(known)
    except (LookupError, ValueError):
        return data.decode("gb18030", "replace")


def _safe(name: str) -> str:
    """Return the last part of a name, without what no folder takes."""
    plain = unicodedata.normalize("NFC", _BREAKS.sub("", name))
    last = re.split(r"[/\\]", plain)[-1].strip()
    is_lock_file = last.startswith("~$")
    if not is_lock_file:
        # else a file called .xlsx would be passed over as a program's own
        last = last.lstrip(". ")
    path = PurePosixPath(last)
    ending = path.suffix.encode()
    if len(ending) > _MOST_NAME // 2:
        return _cut(last, _MOST_NAME)
    return _cut(path.stem, _MOST_NAME - len(ending)) + path.suffix


def _cut(text: str, most_bytes: int) -> str:
    """Return the beginning of a text that takes no more than so many bytes."""
    return text.encode("utf-8", "replace")[:most_bytes].decode(errors="ignore")
