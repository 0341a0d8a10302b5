"""Who opens a source, and how: what its library or its mail server is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiku.intake.location import TIMEOUT, Location
from yiku.intake.mail_place import (
    MailServer,
    imap_server,
    smtp_server,
)
from yiku.intake.source import Source, place_of_source
from yiku.intake.sources_error import SourcesError
from yiku.settings import Settings


@dataclass(frozen=True)
class Login:
    """What an Airflow connection knows of a place: who opens it and with what."""

    user: str = ""
    password: str = field(default="", repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


# Only a task of Airflow's can ask for a connection: it leaves here what it was told, for
# this process.
_logins: dict[str, Login] = {}


def keep_login(connection: str, login: Login) -> None:
    """Keep what an Airflow connection says in the memory of this process."""
    _logins[connection] = login


def location_of(source: Source, settings: Settings) -> Location:
    """Return a source as it is opened.

    SourcesError when its Airflow connection is not known to this process.
    """
    login = login_of(source)
    options = _OPTIONS[source.kind](source, login, settings)
    given = {
        name: value
        for name, value in options.items()
        if value not in (None, "")
    }
    # fsspec hands out one object a place for ever, also one whose line was cut: a retry
    # needs a fresh one
    given["skip_instance_cache"] = True
    url = source.address
    if source.kind == "webdav":
        url = "webdav://"
    return Location(url, given, place_of_source(source))


def login_of(source: Source) -> Login:
    """Return who opens a source and with what.

    SourcesError when its Airflow connection is not known to this process.
    """
    said = source.said
    own = Login(
        said.get("user") or said.get("key", ""),
        said.get("password") or said.get("secret", ""),
        said,
    )
    if source.connection is None:
        return own
    if source.connection not in _logins:
        raise SourcesError(
            f"来源 {source.name} 用的是 Airflow 连接，只有 Airflow 的任务能打开。"
        )
    known = _logins[source.connection]
    return Login(
        known.user or own.user,
        known.password or own.password,
        {**known.extra, **said},
    )


def imap_of(source: Source) -> MailServer:
    """Return the server that the mails of a mailbox are read from.

    SourcesError as of ``login_of``.
    """
    login = login_of(source)
    return imap_server(source.address, login.user, login.password, login.extra)


def smtp_of(source: Source) -> MailServer:
    """Return the server that a mailbox sends by. SourcesError as of ``login_of``."""
    login = login_of(source)
    return smtp_server(login.user, login.password, login.extra)


def _folder_options(
    source: Source, login: Login, settings: Settings
) -> dict[str, Any]:
    return {}


def _sftp_options(
    source: Source, login: Login, settings: Settings
) -> dict[str, Any]:
    return {
        "username": login.user,
        "password": login.password,
        "key_filename": login.extra.get("key_file"),
        "known_hosts": login.extra.get("known_hosts") or settings.known_hosts,
    }


def _s3_options(
    source: Source, login: Login, settings: Settings
) -> dict[str, Any]:
    endpoint = login.extra.get("endpoint") or login.extra.get("endpoint_url")
    patience = {
        "connect_timeout": TIMEOUT,
        "read_timeout": TIMEOUT,
        "retries": {"max_attempts": 2},
    }
    return {
        "key": login.user,
        "secret": login.password,
        "endpoint_url": endpoint,
        "config_kwargs": patience,
        "use_listings_cache": False,
    }


def _webdav_options(
    source: Source, login: Login, settings: Settings
) -> dict[str, Any]:
    return {
        "base_url": source.address,
        "auth": (login.user, login.password) if login.user else None,
        "timeout": TIMEOUT,
    }


_OPTIONS = {
    "folder": _folder_options,
    "sftp": _sftp_options,
    "s3": _s3_options,
    "webdav": _webdav_options,
}
