"""Who is told what and how: one configuration file.

Addresses and secrets come from the environment, never from git.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yiku.notices.kinds import load_kinds
from yiku.own_yaml import parse_own_yaml

CHANNELS = {
    "outbox": (),
    "mail": ("to",),
    "dingtalk": ("url",),
    "wecom": ("url",),
    "feishu": ("url",),
    "apprise": ("url",),
}
# They look after the installation and belong to no county.
_PLATFORM = frozenset(("engineer", "privacy_officer"))
_TOWN = frozenset(("town_clerk", "town_leader", "village_visitor"))


class RecipientsError(Exception):
    """The configuration of recipients cannot be used.

    The message names places, never addresses or secrets.
    """


@dataclass(frozen=True)
class Channel:
    """One way to reach a recipient.

    ``kind``, and the address and secret that it needs.
    """

    kind: str
    to: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Recipient:
    """One person or group. ``units`` are town codes.

    None means the whole county, ``county`` None every county.
    """

    id: str
    name: str
    role: str
    county: str | None = None
    units: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = (Channel("outbox"),)

    def covers(self, county: str | None, unit: str | None) -> bool:
        """Return whether a fact of that county and unit is this recipient's business."""
        if not self.covers_county(county):
            return False
        return not self.units or unit in self.units

    def covers_county(self, county: str | None) -> bool:
        """Return whether what a county as such is told is this recipient's business."""
        # What is of no county, such as a task that broke, is kept from nobody
        # for belonging to one.
        return None in (county, self.county) or county == self.county


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out.

    ``smtp://user:password@host:587`` or ``smtps://…``, and who it is from.
    """

    url: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class RecipientBook:
    """All recipients, the mail server, and where links to return workbooks begin."""

    recipients: tuple[Recipient, ...] = ()
    mail: MailServer | None = None
    link: str = ""


def _mapping(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise RecipientsError(f"{where} 应写成“名称: 内容”的形式。")
    return data


def _entries(data: object, where: str) -> list[Any]:
    """Return the entries of a list that may be missing.

    One alone may stand without its dash.
    """
    if data is None:
        return []
    if isinstance(data, dict):
        raise RecipientsError(f"{where} 应是一个列表（每项以“- ”开头）。")
    return data if isinstance(data, list) else [data]


def _need(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key)
    if value is None or value == "":
        raise RecipientsError(f"{where} 缺少 {key}。")
    return str(value)


def _channel(
    entry: object, where: str, expand: Callable[[str], str]
) -> Channel:
    data = _mapping(entry, where)
    kind = _need(data, "kind", where)
    if kind not in CHANNELS:
        raise RecipientsError(f"{where} 的 kind 应为：{'、'.join(CHANNELS)}。")
    for key in CHANNELS[kind]:
        _need(data, key, where)
    filled = {}
    for key in ("to", "url", "secret"):
        if data.get(key):
            filled[key] = expand(str(data[key]))
    return Channel(kind, **filled)


def _recipient(
    entry: object, index: int, expand: Callable[[str], str]
) -> Recipient:
    where = f"recipients 第{index}项"
    data = _mapping(entry, where)
    role = _need(data, "role", where)
    if role not in load_kinds().roles:
        raise RecipientsError(
            f"{where} 的 role 应为：{'、'.join(load_kinds().roles)}。"
        )
    channels = _entries(data.get("channels"), f"{where}的 channels") or [
        {"kind": "outbox"}
    ]
    # YAML reads a code without quotes as a number.
    units = _entries(data.get("units"), f"{where}的 units")
    return Recipient(
        id=_need(data, "id", where),
        name=_need(data, "name", where),
        role=role,
        county=str(data["county"]) if data.get("county") else None,
        units=tuple(str(unit) for unit in units),
        channels=tuple(
            _channel(channel, f"{where}的通道", expand) for channel in channels
        ),
    )


def parse_recipients(
    text: str, expand: Callable[[str], str] = str
) -> RecipientBook:
    """Read the configuration.

    ``expand`` fills its ``${NAME}``. RecipientsError when it cannot be used.
    """
    data = _mapping(
        _parsed(text), "收件人文件的最外层（recipients、mail、link）"
    )
    entries = _entries(data.get("recipients"), "recipients")
    recipients = []
    kinds: set[str] = set()
    for index, entry in enumerate(entries, 1):
        recipient = _recipient(entry, index, expand)
        recipients.append(recipient)
        kinds.update(channel.kind for channel in recipient.channels)
    # The log of what was sent goes by the id: two of one id would silence each other.
    names = {recipient.id for recipient in recipients}
    if len(names) < len(recipients):
        raise RecipientsError("收件人的 id 有重复。")
    # Told when the file is read, not in the night when the first mail is due.
    server = _server(data.get("mail"), expand)
    if server is None and "mail" in kinds:
        raise RecipientsError(
            "有收件人用邮件，但没有写 mail 的 server 和 sender。"
        )
    link = str(data.get("link") or "")
    return RecipientBook(tuple(recipients), server, expand(link))


def _parsed(text: str) -> object:
    return parse_own_yaml(text, "收件人文件", RecipientsError) or {}


def _server(entry: object, expand: Callable[[str], str]) -> MailServer | None:
    if not entry:
        return None
    mail = _mapping(entry, "mail")
    url = _need(mail, "server", "mail")
    sender = _need(mail, "sender", "mail")
    return MailServer(expand(url), expand(sender))


def load_recipients(
    path: Path, expand: Callable[[str], str] = str
) -> RecipientBook:
    """Read the file of recipients.

    An empty book when there is none, which sends every digest to the outbox.

    RecipientsError when it cannot be read or used.
    """
    try:
        # Windows' editor puts a mark in front of UTF-8.
        text = path.read_text("utf-8-sig") if path.exists() else ""
    except OSError as fault:
        raise RecipientsError(
            f"收件人文件读不了（{fault.strerror}）。"
        ) from None
    except UnicodeDecodeError:
        raise RecipientsError(
            "收件人文件不是 UTF-8 编码，请另存为 UTF-8。"
        ) from None
    return parse_recipients(text, expand)


def outbox_recipients(
    places: Iterable[tuple[str | None, str | None]], names: Mapping[str, str]
) -> tuple[Recipient, ...]:
    """Make up a recipient for every role and place.

    So that a book without recipients still shows every digest.

    ``names`` are those of counties and units by code.
    """
    made: dict[str, Recipient] = {}
    for role in load_kinds().roles:
        if role in _PLATFORM:
            recipient = _made_up("平台", "平台", role, None, ())
            made[recipient.id] = recipient
    for county, unit in places:
        for recipient in _of_place(county, unit, names):
            made.setdefault(recipient.id, recipient)
    return tuple(made.values())


def _of_place(
    county: str | None,
    unit: str | None,
    names: Mapping[str, str],
) -> Iterator[Recipient]:
    """Yield those who are told of a unit: its own people, and the county's."""
    if county is None:
        return
    for role in load_kinds().roles:
        if role in _TOWN and unit is not None:
            # 'county' is what every county calls its own offices
            place = f"{county}-county" if unit == "county" else unit
            yield _made_up(
                place, names.get(place, place), role, county, (unit,)
            )
        elif role not in _TOWN and role not in _PLATFORM:
            yield _made_up(county, names.get(county, county), role, county, ())


def _made_up(
    place: str,
    name: str,
    role: str,
    county: str | None,
    units: tuple[str, ...],
) -> Recipient:
    return Recipient(
        f"{place}-{role}", name + load_kinds().roles[role], role, county, units
    )
