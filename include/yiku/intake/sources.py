"""Where files come from when there are several places: ``sources.yml``.

Secrets come from elsewhere, never from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from yiku.intake.location import has_secret
from yiku.intake.mail_place import (
    require_mail_settings,
)
from yiku.intake.mail_senders import (
    MailSender,
    parse_senders,
    require_one_unit,
    require_one_word,
    same_address,
)
from yiku.intake.source import MAILBOX, Source, canonical_url, place_of_source
from yiku.intake.sources_error import SourcesError
from yiku.own_yaml import parse_own_yaml
from yiku.settings import Settings, SettingsError

NO_ANSWERS = "none"
SAME_PLACE = "here"
_COUNTY = re.compile(r"\d{6}")
_TOWN = re.compile(r"\d{9}")
_VARIABLE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_SECRETS = ("password", "key", "secret", "smtp_password")
_SERVER = frozenset(
    {"name", "kind", "location", "connection", "county", "unit"}
)
_TOLD = frozenset({"answers", "seen_as"})
_COMMON = _SERVER | _TOLD
# What each kind may say of itself, and how its address begins.
_FIELDS = {
    "folder": _COMMON - {"connection"},
    "sftp": _COMMON | {"user", "password", "key_file", "known_hosts"},
    "s3": _COMMON | {"key", "secret", "endpoint"},
    "webdav": _COMMON | {"user", "password"},
    MAILBOX: (_COMMON - {"unit"})
    | {"user", "password", "password_file", "address", "senders"}
    | {"smtp", "smtp_user", "smtp_password", "ca_file", "plain"}
    | {"authserv", "limit_mb", "attachment_mb", "filed_in", "since", "link"},
}
_SCHEMES = {
    "sftp": ("sftp://",),
    "s3": ("s3://",),
    "webdav": ("https://", "http://"),
    MAILBOX: ("imaps://", "imap://"),
}


def has_sources(settings: Settings) -> bool:
    """Return whether nights take their files from ``sources.yml``; an empty file is none.

    SourcesError where the file that was named, or what has its name, is no file.
    """
    file = settings.sources
    if file.is_file():
        return file.stat().st_size > 0
    is_named = "YIKU_SOURCES" in settings.variables
    if file.is_dir():
        # Docker makes a folder of what it is to mount and does not find.
        raise SourcesError(
            "sources.yml（或 YIKU_SOURCES 指明的）是文件夹，应是文件。"
        )
    # Containers without such a file mount a device that is always empty.
    if is_named and not file.is_char_device():
        raise SourcesError("YIKU_SOURCES 指明的文件不存在，或读不了。")
    return False


def load_sources(settings: Settings) -> tuple[Source, ...]:
    """Read the file of sources. SourcesError when it cannot be read or used."""
    try:
        text = settings.sources.read_text("utf-8-sig")
    except OSError as fault:
        raise SourcesError(
            f"sources.yml 读不了（{fault.strerror}）。"
        ) from None
    except UnicodeDecodeError:
        raise SourcesError(
            "sources.yml 不是 UTF-8 编码，请另存为 UTF-8。"
        ) from None
    return parse_sources(text, settings)


def parse_sources(text: str, settings: Settings) -> tuple[Source, ...]:
    """Read the sources from the text of the file, filling ``${NAME}``.

    SourcesError when they cannot be used.
    """
    data = _parsed(text)
    entries = data.get("sources") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        raise SourcesError(
            "sources.yml 应有 sources 一项，其下每个来源以“- ”开头。"
        )
    sources = [
        _source(entry, number, settings)
        for number, entry in enumerate(entries, 1)
    ]
    _require_different(sources)
    for source in sources:
        _require_known_answers(source, sources)
    senders = [sender for source in sources for sender in source.senders]
    require_one_unit(senders)
    require_one_word(senders)
    return tuple(sources)


def _parsed(text: str) -> object:
    return parse_own_yaml(text, "sources.yml ", SourcesError)


def _source(entry: object, number: int, settings: Settings) -> Source:
    where = f"sources 第{number}项"
    said = _said(entry, where)
    _require_no_secret(said, where)
    filled = _filled(said, where, settings)
    # A variable may hold an address with its password.
    _require_plain_addresses(filled, where)
    _require_places(filled, where)
    name, kind = filled["name"], filled["kind"]
    senders: tuple[MailSender, ...] = ()
    if kind == MAILBOX:
        senders = _mail_senders(entry, filled, where, settings)
    return Source(
        name=name,
        kind=kind,
        address=_address(filled, where, settings),
        county=filled.get("county"),
        unit=filled.get("unit"),
        answers=_answers(name, filled.get("answers", SAME_PLACE)),
        seen_as=filled.get("seen_as", ""),
        connection=filled.get("connection"),
        said=filled,
        senders=senders,
    )


def _mail_senders(
    entry: object, filled: Mapping[str, str], where: str, settings: Settings
) -> tuple[MailSender, ...]:
    assert isinstance(entry, dict)
    require_mail_settings(filled, where)
    county = filled.get("county")
    found = parse_senders(entry.get("senders"), where, county, settings.expand)
    own_address = same_address(filled["address"])
    if any(own_address in sender.addresses for sender in found):
        # What we send would come back to us as a submission.
        raise SourcesError(f"{where}的 senders 里有这个邮箱自己的地址。")
    return found


def _said(entry: object, where: str) -> dict[str, str]:
    """Return what an entry says, where it says what its kind needs and nothing else."""
    if not isinstance(entry, dict):
        raise SourcesError(f"{where}应写成“名称: 内容”的形式。")
    said: dict[str, str] = {}
    for key, value in entry.items():
        # a key without a value is one that nobody filled in yet
        if value is not None and key != "senders":
            said[str(key)] = str(value)
    for needed in ("name", "kind", "location"):
        if not said.get(needed):
            raise SourcesError(f"{where}缺少 {needed}。")
    kind = said["kind"]
    if kind not in _FIELDS:
        kinds = "、".join(_FIELDS)
        raise SourcesError(f"{where}的 kind 应为：{kinds}。")
    unknown = sorted(said.keys() - _FIELDS[kind])
    if unknown:
        # a word that is passed over in silence would leave a secret unused, or a unit unnamed
        names = "、".join(unknown)
        raise SourcesError(f"{where}（{kind}）不认识 {names}。")
    return said


def _answers(name: str, said: str) -> str | None:
    if said == NO_ANSWERS:
        return None
    return name if said == SAME_PLACE else said


def _require_no_secret(said: Mapping[str, str], where: str) -> None:
    """Refuse a secret that stands in the file itself: the file is copied, mailed and shown."""
    for key in _SECRETS:
        if key in said and not _VARIABLE.fullmatch(said[key]):
            raise SourcesError(
                f"{where}的 {key} 不能直接写在文件里，请写成 ${{YIKU_…}}，由环境变量给出。"
            )
    _require_plain_addresses(said, where)


def _require_plain_addresses(said: Mapping[str, str], where: str) -> None:
    """Refuse an address that holds a secret: addresses are shown."""
    if has_secret(said["location"]):
        raise SourcesError(
            f"{where}的 location 里不能有口令，请用 user 和 password 两项。"
        )
    if has_secret(said.get("endpoint", "")):
        raise SourcesError(
            f"{where}的 endpoint 里不能有口令，请用 key 和 secret 两项。"
        )
    if has_secret(said.get("smtp", "")):
        raise SourcesError(
            f"{where}的 smtp 里不能有口令，请用 smtp_user 和 smtp_password 两项。"
        )


def _filled(
    said: Mapping[str, str], where: str, settings: Settings
) -> dict[str, str]:
    try:
        return {key: settings.expand(value) for key, value in said.items()}
    except SettingsError as missing:
        raise SourcesError(f"{where}：{missing}") from None


def _address(said: Mapping[str, str], where: str, settings: Settings) -> str:
    """Return where a source lies; a folder is relative to where the file of sources lies."""
    location, kind = said["location"], said["kind"]
    if kind == "folder":
        if "://" in location:
            raise SourcesError(f"{where}（folder）的 location 应是文件夹。")
        return str(settings.sources.parent / Path(location).expanduser())
    _require_readable(said, where)
    if not location.lower().startswith(_SCHEMES[kind]):
        written = "、".join(f"{scheme}…" for scheme in _SCHEMES[kind])
        raise SourcesError(f"{where}（{kind}）的 location 应写成 {written}。")
    return location.rstrip("/")


def _require_readable(said: Mapping[str, str], where: str) -> None:
    """Refuse an address of which no host or port can be read."""
    for key in ("location", "endpoint", "smtp"):
        try:
            _ = urlsplit(said.get(key, "")).port
        except ValueError:
            raise SourcesError(
                f"{where}的 {key} 里的主机或端口写法不对。"
            ) from None


def _require_places(said: Mapping[str, str], where: str) -> None:
    county, unit = said.get("county"), said.get("unit")
    if county is not None and not _COUNTY.fullmatch(county):
        raise SourcesError(f"{where}的 county 应为加引号的 6 位县区代码。")
    if unit is None:
        return
    is_town = bool(_TOWN.fullmatch(unit)) and unit.startswith(county or "-")
    if county is None or not (is_town or unit == "county"):
        raise SourcesError(
            f"{where}的 unit 应为本县的 9 位乡镇代码（加引号）或 county，并写明 county。"
        )


def _require_different(sources: list[Source]) -> None:
    """Refuse two sources of one name or one place: what lies there would belong to two units."""
    known: list[Source] = []
    names: set[str] = set()
    for source in sources:
        if source.name in names:
            raise SourcesError("sources.yml 里有两个来源同名。")
        names.add(source.name)
        for other in known:
            _require_apart(source, other)
            _require_apart(other, source)
        known.append(source)


def _require_apart(inner: Source, outer: Source) -> None:
    """Refuse a source whose place is another's or lies in it."""
    if place_of_source(inner) == place_of_source(outer):
        raise SourcesError("sources.yml 里有两个来源是同一个地方。")
    if MAILBOX in (inner.kind, outer.kind):
        return  # a folder of mails holds none of the others'
    users = {_sftp_user(inner), _sftp_user(outer)}
    # A server may show each of its users a tree of his own.
    if len(users - {""}) == 2:
        return
    place, other_place = _canonical(inner), _canonical(outer)
    if place == other_place:
        raise SourcesError("sources.yml 里有两个来源是同一个地方。")
    if place.startswith(f"{other_place.rstrip('/')}/"):
        raise SourcesError(
            f"来源 {inner.name} 的位置在来源 {outer.name} 之内，同一文件会有两个归属。"
        )


def _canonical(source: Source) -> str:
    """Return the one spelling of where a source lies, however it is written.

    Only to compare: a server may know no folder by this spelling.
    """
    if source.kind == "folder":
        return os.path.realpath(source.address)
    if source.kind == "s3":
        # To an object store each sign of a name means itself.
        bucket = source.address.partition("://")[2]
        bucket = re.sub("/+", "/", bucket).rstrip("/")
        endpoint = source.said.get("endpoint")
        server = canonical_url(endpoint).rstrip("/") if endpoint else "s3:/"
        return f"{server}/{bucket}"
    return canonical_url(source.address)


def _sftp_user(source: Source) -> str:
    """Return who opens a source of SFTP as far as the file says it."""
    if source.kind != "sftp":
        return ""
    in_address = unquote(urlsplit(source.address).username or "")
    return source.said.get("user") or in_address


def _require_known_answers(source: Source, sources: list[Source]) -> None:
    if source.answers in (None, source.name):
        return
    named = [other for other in sources if other.name == source.answers]
    if not named:
        raise SourcesError(
            f"来源 {source.name} 的 answers 应为 here、none 或另一来源的名称。"
        )
    target = named[0]
    if target.is_mailbox:
        return  # whose an answer is, is asked of its senders
    # A place of one unit must never be handed the answers of another.
    is_of_county = target.county in (None, source.county)
    is_of_unit = target.unit in (None, source.unit)
    if not (is_of_county and is_of_unit):
        raise SourcesError(
            f"来源 {source.name} 的 answers 指向只属于别的单位的 {target.name}。"
        )
