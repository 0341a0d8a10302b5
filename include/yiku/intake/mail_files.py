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
_MOST_FORWARDS = 5  # mails forwarded within forwarded ones
_MOST_FILES = 200  # of a mail; each gets an answer of its own
# What says where a file is, or holds a piece of it.
_ELSEWHERE = frozenset({"message/external-body", "message/partial"})
_UUENCODED = re.compile(rb"(?m)^begin [0-7]{3,4} \S")
_HEADER_OF_PART = re.compile(
    r"(?mi)^content-(?:type|disposition|transfer-encoding):"
)
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
    """What a mail brings: its files, and what of it could not be had.

    ``has_winmail``: Outlook packed some into a winmail.dat; ``has_more``: there
    are more than are taken of one mail; ``has_passed``: there are parts that
    are not opened.
    """

    files: list[tuple[str, bytes]] = field(default_factory=list)
    has_winmail: bool = False
    has_more: bool = False
    has_passed: bool = False


def read_files(raw: bytes) -> Parcel:
    """Return the files that a mail brings, those of mails that it forwards included.

    Pictures of the page and signatures are none.
    """
    parcel = Parcel()
    _collect(email.message_from_bytes(raw), parcel, _MOST_FORWARDS)
    return parcel


def _collect(message: Message, parcel: Parcel, forwards_left: int) -> None:
    for part, is_of_page in _parts(message, _DEEPEST, False):
        name = file_name(part)
        is_mail = name.lower().endswith(".eml")
        kind = part.get_content_type()
        if kind == "message/rfc822" or is_mail:
            inner = _forwarded(part)
            if forwards_left and inner is not None:
                _collect(inner, parcel, forwards_left - 1)
            else:
                parcel.has_passed = True
        elif kind in _OUTLOOKS_OWN or name.lower() == "winmail.dat":
            parcel.has_winmail = True
        elif _is_file(part, name, is_of_page):
            _add(parcel, part, name)
        else:
            parcel.has_passed |= _may_hold_files(part, kind)


def _may_hold_files(part: Message, kind: str) -> bool:
    """Return whether a part that is no file may hold some that its sender thinks to have sent."""
    is_of_parts = part.get_content_maintype() == "multipart"
    if kind in _ELSEWHERE or part.is_multipart() or is_of_parts:
        return True
    if kind != "text/plain":
        return False
    return bool(_UUENCODED.search(_content(part)))


def _forwarded(part: Message) -> Message | None:
    """Return the mail that a part is; None where it holds none."""
    inner = part.get_payload()
    if not isinstance(inner, list):
        return email.message_from_bytes(_content(part))
    if not inner or not isinstance(inner[0], Message):
        return None
    coding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if coding not in ("base64", "quoted-printable"):
        return inner[0]
    # Not allowed on a mail, and written all the same: what was read as its
    # text is the whole mail.
    coded = Message()
    coded["Content-Transfer-Encoding"] = coding
    coded.set_payload(inner[0].get_payload())
    return email.message_from_bytes(_content(coded))


def _parts(
    message: Message, depth: int, is_of_page: bool
) -> Iterator[tuple[Message, bool]]:
    """Yield the parts of a mail that hold no others, and whether the page of the text shows each."""
    if message.get_content_maintype() != "multipart" or depth == 0:
        yield message, is_of_page
        return
    inner = message.get_payload()
    if not isinstance(inner, list):
        yield message, is_of_page  # a multipart whose boundary never comes
        return
    is_related = message.get_content_subtype() == "related"
    for part in inner:
        if isinstance(part, Message):
            yield from _parts(part, depth - 1, is_of_page or is_related)
    # Whatever cut the mail in two, what stands behind its end is read by nobody.
    if _HEADER_OF_PART.search(message.epilogue or ""):
        yield message, is_of_page


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
    is_attached = disposition == "attachment"
    return bool(name) or main_kind != "text" or is_attached


def _add(parcel: Parcel, part: Message, name: str) -> None:
    if len(parcel.files) == _MOST_FILES:
        parcel.has_more = True
        return
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
