"""Who sends by mail: the addresses that a mailbox of ``sources.yml`` registers for each unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yiku.intake.path_names import Sender, masked
from yiku.intake.sources_error import SourcesError
from yiku.settings import SettingsError

_PART = r"[^@\s<>\"(),:;\x00-\x20\x7f]+"
_ADDRESS = re.compile(f"{_PART}@{_PART}")
_MOST_ADDRESS = 254  # characters, by RFC 5321
_MOST_DOMAIN = 60  # characters that are shown of one
_COUNTY = re.compile(r"\d{6}")
_TOWN = re.compile(r"\d{9}")
_VARIABLE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_FIELDS = frozenset({"county", "unit", "address", "encrypt", "password"})

Expand = Callable[[str], str]  # fills ${NAME} from the environment


@dataclass(frozen=True)
class MailSender:
    """A unit that sends by mail.

    ``addresses`` in small letters, the first is the one that is written to
    where none of them asked; ``password`` locks what it is sent ('': open).
    """

    county: str
    unit: str
    addresses: tuple[str, ...] = field(repr=False)
    password: str = field(default="", repr=False)

    @property
    def sender(self) -> Sender:
        """Return the unit as files know it."""
        return Sender(self.county, self.unit)


def same_address(address: str) -> str:
    """Return an address as it is compared.

    Servers may tell capitals before the @ apart; no clerk's does.
    """
    return address.strip().casefold()


def is_address(text: str) -> bool:
    """Return whether a text is one address and nothing else, without the quotes that only tests of servers use."""
    return len(text) <= _MOST_ADDRESS and bool(_ADDRESS.fullmatch(text))


def shown_address(address: str) -> str:
    """Return an address by which its owner is known to whoever knows him: many are a number of a person."""
    local_part, _, domain = address.rpartition("@")
    if not domain:
        return ""
    # It stands in notices, which are read by people and not only by programs.
    plain = re.sub(r"[^\w.-]", "", domain)[:_MOST_DOMAIN]
    return f"{local_part[:1]}***@{masked(plain)}"


def parse_senders(
    entries: object, where: str, county: str | None, expand: Expand
) -> tuple[MailSender, ...]:
    """Read the senders of a mailbox; ``county`` is whose they are where they do not say.

    SourcesError when they cannot be used.
    """
    if not isinstance(entries, list) or not entries:
        raise SourcesError(
            f"{where}（mailbox）应有 senders 一项，其下每个单位以“- ”开头。"
        )
    found: list[MailSender] = []
    for number, entry in enumerate(entries, 1):
        place = f"{where}的 senders 第{number}项"
        found.append(_sender(entry, place, county, expand))
    return tuple(found)


def require_one_unit(senders: Iterable[MailSender]) -> None:
    """Refuse an address that stands for two units: whose a file is would be a guess."""
    owners: dict[str, Sender] = {}
    for one in senders:
        for address in one.addresses:
            owner = owners.setdefault(address, one.sender)
            if owner != one.sender:
                raise SourcesError(
                    f"sources.yml 里同一个邮箱地址登记给了两个单位：{owner.unit_code} 和 {one.unit}。"
                )


def require_one_word(senders: Iterable[MailSender]) -> None:
    """Refuse a unit that is sent locked files at one address and open ones at another: one stands in for the other."""
    words: dict[Sender, str] = {}
    for one in senders:
        if words.setdefault(one.sender, one.password) != one.password:
            raise SourcesError(
                f"sources.yml 里单位 {one.unit} 的几项 senders 的 encrypt 或 password 不一致。"
            )


def _sender(
    entry: object, where: str, county: str | None, expand: Expand
) -> MailSender:
    said = _said(entry, where)
    unit = str(said.get("unit") or "")
    own_county = _county(said, unit, county)
    _require_unit(own_county, unit, where)
    addresses = _addresses(said.get("address"), where, expand)
    password = _password(said, where, expand)
    return MailSender(own_county, unit, addresses, password)


def _said(entry: object, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise SourcesError(f"{where}应写成“名称: 内容”的形式。")
    unknown = sorted(str(key) for key in entry.keys() - _FIELDS)
    if unknown:
        names = "、".join(unknown)
        raise SourcesError(f"{where}不认识 {names}。")
    return entry


def _county(said: Mapping[str, Any], unit: str, county: str | None) -> str:
    if said.get("county"):
        return str(said["county"])
    # A town's code begins with its county's.
    of_town = unit[:6] if _TOWN.fullmatch(unit) else ""
    return county or of_town


def _require_unit(county: str, unit: str, where: str) -> None:
    is_town = bool(_TOWN.fullmatch(unit)) and unit.startswith(county)
    is_known = is_town or unit == "county"
    if not (is_known and _COUNTY.fullmatch(county)):
        raise SourcesError(
            f"{where}的 unit 应为本县的 9 位乡镇代码（加引号）或 county，并写明 county。"
        )


def _addresses(said: object, where: str, expand: Expand) -> tuple[str, ...]:
    listed = said if isinstance(said, list) else [said]
    found: list[str] = []
    for one in listed:
        address = same_address(_filled(str(one or ""), where, expand))
        if not is_address(address):
            raise SourcesError(f"{where}的 address 应为邮箱地址。")
        found.append(address)
    return tuple(found)


def _password(said: Mapping[str, Any], where: str, expand: Expand) -> str:
    is_locked = said.get("encrypt", False)
    written = str(said.get("password") or "")
    if not isinstance(is_locked, bool):
        raise SourcesError(f"{where}的 encrypt 应为 true 或 false。")
    if not is_locked:
        return ""
    if not _VARIABLE.fullmatch(written):
        # the file is copied, mailed and shown
        raise SourcesError(
            f"{where}写了 encrypt: true，password 应写成 ${{YIKU_…}}，由环境变量给出。"
        )
    return _filled(written, where, expand)


def _filled(text: str, where: str, expand: Expand) -> str:
    try:
        return expand(text)
    except SettingsError as missing:
        raise SourcesError(f"{where}：{missing}") from None
