"""Where files come from: an address that may be shown, and the secrets that open it, kept apart from it.

An address ends up in the ledger, in Airflow's database, in logs and on screens. So what travels is ``shown``, which has
no secret, and each process finds the secrets again where it opens the place: in the setting that the address came from,
in variables of the environment, in a file of keys or in an Airflow connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import fsspec

from yiku.settings import Settings

# Of these the name is a user's; of all others it may be a token, and is no more shown than a password.
_NAMED = frozenset({"sftp", "ssh", "ftp", "smb"})
_CHECKED = frozenset({"sftp", "ssh"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PORT = re.compile(r"\d{1,5}")

for _protocol in sorted(
    _CHECKED
):  # fsspec's own takes whatever key the first server that answers shows
    fsspec.register_implementation(
        _protocol, "yiku.intake.sftp.CheckedSFTPFileSystem", clobber=True
    )


@dataclass(frozen=True)
class Location:
    """A place as it is opened: its address with all its secrets, and options of its file system."""

    url: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


# Between two links of a chained address; two colons of a password are followed by no other place.
_CHAINED = re.compile(r"::(?=[A-Za-z][\w+.-]{0,30}://)")


def shown(address: str) -> str:
    """Return an address without passwords, tokens and parameters, as it may stand anywhere; a folder as it is."""
    return (
        "::".join(map(_shown, _CHAINED.split(address))) if "://" in address else address
    )


def kinds(address: str) -> frozenset[str]:
    """Return which kinds of places an address leads through (sftp, s3 …); nothing for a plain folder."""
    links = map(_SCHEME.match, _CHAINED.split(address)) if "://" in address else ()
    return frozenset(found[1].lower() for found in links if found)


def has_secret(address: str) -> bool:
    """Tell whether an address holds what must not be shown."""
    return shown(address) != address


def _shown(part: str) -> str:
    scheme = _SCHEME.match(part)
    if not scheme or scheme[1].lower() in ("file", "local", "memory"):
        return part
    user, rest = _split(part[scheme.end() :])
    if scheme[1].lower() not in _NAMED:
        return scheme[0] + re.split("[?#]", rest)[0]
    name = user.partition(":")[0]
    return f"{scheme[0]}{name}{'@' if name else ''}{rest}"


def _split(rest: str) -> tuple[str, str]:
    """Split what follows the scheme into user with password, and the place. A password may hold any character."""
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        user, _, host = authority.rpartition("@")
        return user, host + slash + path
    port = authority.partition(":")[2]
    if (
        "@" in path and port and not _PORT.fullmatch(port)
    ):  # a slash inside the password
        user, _, place = rest.rpartition("@")
        return user, place
    return "", rest


# --- finding the secrets again

_kept: dict[str, Location] = {}


def keep(location: Location) -> str:
    """Keep a place with its secrets in the memory of this process; return the address to speak of it by."""
    address = shown(location.url)
    _kept[address] = location
    return address


def locate(address: str, settings: Settings) -> Location:
    """Return the place that an address speaks of, with the secrets that this process knows for it."""
    if address in _kept:
        found = _kept[address]
    elif settings.inbox and shown(settings.inbox) == address:
        found = Location(settings.inbox)
    else:
        found = Location(address)
    return (
        _checked(found, settings)
        if found.url.partition("://")[0].lower() in _CHECKED
        else found
    )


def _checked(place: Location, settings: Settings) -> Location:
    """Return a place of SFTP with user, password and keys as options: fsspec reads %40 in an address as it stands."""
    user, password = _user_of(place.url)
    given = {
        "password": settings.inbox_password,
        "key_filename": settings.inbox_key_file,
        "known_hosts": settings.known_hosts,
    }
    found = {option: text for option, text in given.items() if text}
    written = {
        name: unquote(text)
        for name, text in (("username", user), ("password", password))
        if text
    }
    return Location(shown(place.url), {**found, **written, **place.options})


def _user_of(url: str) -> tuple[str, str]:
    user, _, password = _split(url.partition("://")[2])[0].partition(":")
    return user, password
