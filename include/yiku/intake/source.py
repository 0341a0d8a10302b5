"""One place that files come from."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from yiku.intake.location import shown
from yiku.intake.mail_senders import (
    MailSender,
    same_address,
)

MAILBOX = "mailbox"
_PORTS = {"sftp": 22, "http": 80, "https": 443, "imaps": 993, "imap": 143}


@dataclass(frozen=True)
class Source:
    """One place that files come from.

    ``county`` and ``unit`` say for whom all that lies there speaks; without them its
    folders do. ``answers`` is the name of the source at whose place answers are laid down,
    None where none are. ``seen_as`` is what its clerks call the place.
    """

    name: str
    kind: str
    address: str
    county: str | None = None
    unit: str | None = None
    answers: str | None = None
    seen_as: str = ""
    connection: str | None = None
    said: Mapping[str, str] = field(default_factory=dict, repr=False)
    senders: tuple[MailSender, ...] = field(default=(), repr=False)

    @property
    def is_mailbox(self) -> bool:
        """Return whether files come from it by mail."""
        return self.kind == MAILBOX

    @property
    def prefix(self) -> str:
        """Return the folders of the usual tree that all files of this source would lie in."""
        folders = [folder for folder in (self.county, self.unit) if folder]
        return "/".join(folders)

    @property
    def called(self) -> str:
        """Return what a clerk is told of where it is."""
        return self.seen_as or self.name


def place_of_source(source: Source) -> str:
    """Return the address of a source as it may be shown and as one place is told from another."""
    if source.is_mailbox:
        # of one server each address has a mailbox of its own
        address = same_address(source.said["address"])
        return f"{canonical_url(source.address)}#{address}"
    endpoint = source.said.get("endpoint")
    if source.kind == "s3" and endpoint:
        # the bucket of one server is not the bucket of another
        server = shown(endpoint).rstrip("/")
        bucket = source.address.removeprefix("s3://")
        return f"{server}/{bucket}"
    return shown(source.address)


def canonical_url(address: str) -> str:
    """Return an address with its host in small letters, its port, and a plain path."""
    parts = urlsplit(address)
    scheme = parts.scheme
    port = parts.port or _PORTS.get(scheme) or ""
    path = posixpath.normpath(f"/{unquote(parts.path).lstrip('/')}")
    return f"{scheme}://{parts.hostname or ''}:{port}{path}"
