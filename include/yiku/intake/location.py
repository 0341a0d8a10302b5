"""Where files come from: an address that may be shown, and the secrets that open it.

The secrets are kept apart from it. An address ends up in the ledger, in Airflow's database, in logs
and on screens. So what travels is ``shown``, which has no secret, and each process finds the secrets
again where it opens the place: in the setting that the address came from, in variables of the
environment, in a file of keys or in an Airflow connection.
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
TIMEOUT = 20  # seconds, until a server that says nothing counts as away
_CHECKED = frozenset({"sftp", "ssh"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PORT = re.compile(r"\d{1,5}")

# fsspec's own take whatever key the first server that answers shows, and stumble over some names.
_OURS = dict.fromkeys(_CHECKED, "yiku.intake.sftp.CheckedSFTPFileSystem")
_OURS["webdav"] = "yiku.intake.webdav.AnyNamesWebDAVFileSystem"
for _protocol, _implementation in sorted(_OURS.items()):
    fsspec.register_implementation(_protocol, _implementation, clobber=True)


@dataclass(frozen=True)
class Location:
    """A place as it is opened.

    Its address with all its secrets, and options of its file system.
    ``address`` is what the place is known by, where its url alone does not tell it from others.
    """

    url: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    address: str = ""


# Between two links of a chained address; two colons of a password are followed by no other place.
_CHAINED = re.compile(r"::(?=[A-Za-z][\w+.-]{0,30}://)")


def shown(address: str) -> str:
    """Return an address without passwords, tokens and parameters, as it may stand anywhere.

    A folder comes back as it is.
    """
    if "://" not in address:
        return address
    return "::".join(_shown(link) for link in _CHAINED.split(address))


def kinds(address: str) -> frozenset[str]:
    """Return which kinds of places an address leads through (sftp, s3 …).

    Nothing for a plain folder.
    """
    if "://" not in address:
        return frozenset()
    schemes = [_SCHEME.match(link) for link in _CHAINED.split(address)]
    return frozenset(scheme[1].lower() for scheme in schemes if scheme)


def has_secret(address: str) -> bool:
    """Return whether an address holds what must not be shown."""
    return shown(address) != address


def _shown(link: str) -> str:
    """Return one link of a chained address without its secrets."""
    scheme = _SCHEME.match(link)
    if not scheme or scheme[1].lower() in ("file", "local", "memory"):
        return link
    user, place = _split(link[scheme.end() :])
    if scheme[1].lower() not in _NAMED:
        # Parameters of object stores and web addresses hold keys and signatures.
        return scheme[0] + re.split("[?#]", place)[0]
    name = user.partition(":")[0]
    return f"{scheme[0]}{name}@{place}" if name else f"{scheme[0]}{place}"


def _split(rest: str) -> tuple[str, str]:
    """Split what follows the scheme into user with password, and the place.

    A password may hold any character.
    """
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        user, _, host = authority.rpartition("@")
        return user, host + slash + path
    # What stands where a port would and is none, is the start of a password with a slash in it.
    port = authority.partition(":")[2]
    if "@" in path and port and not _PORT.fullmatch(port):
        user, _, place = rest.rpartition("@")
        return user, place
    return "", rest


# --- finding the secrets again

_kept: dict[str, Location] = {}


def keep(location: Location) -> str:
    """Keep a place with its secrets in the memory of this process.

    Return the address to speak of it by.
    """
    address = shown(location.url)
    _kept[address] = location
    return address


def locate(address: str, settings: Settings) -> Location:
    """Return the place that an address speaks of, with the secrets that are known here for it."""
    if address in _kept:
        found = _kept[address]
    elif settings.inbox and shown(settings.inbox) == address:
        found = Location(settings.inbox)
    else:
        found = Location(address)
    scheme = found.url.partition("://")[0]
    if scheme.lower() in _CHECKED:
        return _checked(found, settings)
    return found


def _checked(place: Location, settings: Settings) -> Location:
    """Return a place of SFTP with user, password and keys as options.

    fsspec reads %40 in an address as it stands. What the address says goes before the settings,
    and what an Airflow connection says before both.
    """
    options: dict[str, Any] = {}
    if settings.inbox_password:
        options["password"] = settings.inbox_password
    if settings.inbox_key_file:
        options["key_filename"] = settings.inbox_key_file
    if settings.known_hosts:
        options["known_hosts"] = settings.known_hosts
    user, password = _user_of(place.url)
    if user:
        options["username"] = unquote(user)
    if password:
        options["password"] = unquote(password)
    return Location(shown(place.url), {**options, **place.options})


def _user_of(url: str) -> tuple[str, str]:
    """Return the user and the password that an address holds, '' where it holds none."""
    rest = url.partition("://")[2]
    user, _, password = _split(rest)[0].partition(":")
    return user, password
