"""Who is told what and how: one configuration file. Addresses and secrets come from the environment, never from git."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from yiku.notices.kinds import load_kinds

CHANNELS = {
    "outbox": (),
    "mail": ("to",),
    "dingtalk": ("url",),
    "wecom": ("url",),
    "feishu": ("url",),
    "apprise": ("url",),
}
_PLATFORM = frozenset(("engineer", "privacy_officer"))
_TOWN = frozenset(("town_clerk", "town_leader", "village_visitor"))


class RecipientsError(Exception):
    """The configuration of recipients cannot be used. The message names places, never addresses or secrets."""


@dataclass(frozen=True)
class Channel:
    """One way to reach a recipient: ``kind``, and the address and secret that it needs."""

    kind: str
    to: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Recipient:
    """One person or group. ``units`` are town codes; none means the whole county, ``county`` None every county."""

    id: str
    name: str
    role: str
    county: str | None = None
    units: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = (Channel("outbox"),)

    def covers(self, county: str | None, unit: str | None) -> bool:
        """Tell whether a fact of that county and unit is this recipient's business."""
        if self.county is not None and county is not None and county != self.county:
            return False
        return not self.units or unit in self.units


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out: ``smtp://user:password@host:587`` or ``smtps://…``, and who it is from."""

    url: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class RecipientBook:
    """All recipients, the mail server, and where links to return workbooks begin."""

    recipients: tuple[Recipient, ...] = ()
    mail: MailServer | None = None
    link: str = ""


def _need(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key)
    if value is None or value == "":
        raise RecipientsError(f"{where} 缺少 {key}。")
    return str(value)


def _channel(data: Mapping[str, Any], where: str, expand: Callable[[str], str]) -> Channel:
    kind = _need(data, "kind", where)
    if kind not in CHANNELS:
        raise RecipientsError(f"{where} 的 kind 应为：{'、'.join(CHANNELS)}。")
    for key in CHANNELS[kind]:
        _need(data, key, where)
    filled = {k: expand(str(data[k])) for k in ("to", "url", "secret") if data.get(k)}
    return Channel(kind, **filled)


def _recipient(data: Mapping[str, Any], index: int, expand: Callable[[str], str]) -> Recipient:
    where = f"recipients 第{index}项"
    role = _need(data, "role", where)
    if role not in load_kinds().roles:
        raise RecipientsError(f"{where} 的 role 应为：{'、'.join(load_kinds().roles)}。")
    channels = data.get("channels") or [{"kind": "outbox"}]
    return Recipient(
        id=_need(data, "id", where),
        name=_need(data, "name", where),
        role=role,
        county=str(data["county"]) if data.get("county") else None,
        units=tuple(str(u) for u in data.get("units", ())),
        channels=tuple(_channel(c, f"{where}的通道", expand) for c in channels),
    )


def parse_recipients(text: str, expand: Callable[[str], str] = str) -> RecipientBook:
    """Read the configuration; ``expand`` fills its ``${NAME}``. RecipientsError when it cannot be used."""
    data = yaml.safe_load(text) or {}
    if not isinstance(data, dict):
        raise RecipientsError("收件人文件的最外层应为 recipients、mail、link。")
    recipients = tuple(_recipient(r, i, expand) for i, r in enumerate(data.get("recipients") or (), 1))
    ids = [r.id for r in recipients]
    if len(ids) != len(set(ids)):
        raise RecipientsError("收件人的 id 有重复。")
    mail = data.get("mail")
    server = MailServer(expand(_need(mail, "server", "mail")), expand(_need(mail, "sender", "mail"))) if mail else None
    if server is None and any(c.kind == "mail" for r in recipients for c in r.channels):
        raise RecipientsError("有收件人用邮件，但没有写 mail 的 server 和 sender。")
    return RecipientBook(recipients, server, expand(str(data.get("link") or "")))


def load_recipients(path: Path, expand: Callable[[str], str] = str) -> RecipientBook:
    """Read the file of recipients; an empty book when there is none, which sends every digest to the outbox."""
    return parse_recipients(path.read_text("utf-8"), expand) if path.exists() else RecipientBook()


def outbox_recipients(
    places: Iterable[tuple[str | None, str | None]], names: Mapping[str, str]
) -> tuple[Recipient, ...]:
    """Make up a recipient for every role and place, so that a book without recipients still shows every digest.

    ``names`` are those of counties and units by code.
    """
    roles = load_kinds().roles
    made = {r.id: r for role in roles if role in _PLATFORM for r in [_made_up("平台", "平台", role, None, ())]}
    for county, unit in places:
        for role in roles:
            if county is None or role in _PLATFORM or (role in _TOWN and unit is None):
                continue
            place = county if role not in _TOWN else f"{county}-county" if unit == "county" else str(unit)
            name = names.get(place, place)
            found = _made_up(place, name, role, county, (str(unit),) if role in _TOWN else ())
            made.setdefault(found.id, found)
    return tuple(made.values())


def _made_up(place: str, name: str, role: str, county: str | None, units: tuple[str, ...]) -> Recipient:
    return Recipient(f"{place}-{role}", name + load_kinds().roles[role], role, county, units)
