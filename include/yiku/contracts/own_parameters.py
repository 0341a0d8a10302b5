"""Numbers that a county sets for itself, in a file of its own outside the checkout (``parameters.yml``).

The defaults, and with them the names that there are, stand in the seed ``parameter`` of the dbt project.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime

from yiku.own_yaml import parse_own_yaml
from yiku.settings import Settings, SettingsError

# From when on a number holds whose day nobody names: the day of the defaults.
ALWAYS = date(2010, 1, 1)
# Everywhere, or a province, city or county by its division code.
_JURISDICTION = re.compile(r"\*|\d{2}|\d{4}|\d{6}")
_KEYS = frozenset(
    ("name", "jurisdiction", "value", "valid_from", "valid_to", "reason")
)
# Workdays are counted once for all: a number of one county's own would be passed over in silence.
FOR_ALL_ALONE = frozenset(("visit_retry_workdays", "correction_workdays"))
# By the unit in which a name ends, the least and the most: beyond it no calendar could follow, or something would be
# divided by nothing, and a night would fail.
_LIMITS = (
    ("score_open_days", 1, 3660),
    ("_most", 1, 10_000),
    ("_pct", 0, 100),
    ("_day", 1, 28),
    ("_workdays", 0, 250),
    ("_days", 0, 3660),
    ("_months", 0, 120),
    ("", 0, 2**31 - 1),  # what the warehouse keeps of a number
)


class ParametersError(SettingsError):
    """A file of parameters that cannot be used. The message is for whoever wrote it."""


@dataclass(frozen=True)
class OwnParameter:
    """One number as this installation set it for a jurisdiction, from a day on."""

    name: str
    jurisdiction: str
    value: int
    valid_from: date
    valid_to: date | None = None

    def __str__(self) -> str:
        until = f"至{self.valid_to}" if self.valid_to else "起"
        where = "全部" if self.jurisdiction == "*" else self.jurisdiction
        return (
            f"{self.name}（{where}）：{self.value}，{self.valid_from}{until}"
        )


def load_own_parameters(settings: Settings) -> tuple[OwnParameter, ...]:
    """Read the file of parameters; nothing where there is none. ParametersError when it cannot be used."""
    file = settings.parameters
    if file.is_dir():
        # Docker makes a folder of what it is to mount and does not find.
        raise ParametersError(
            "parameters.yml（或 YIKU_PARAMETERS 指明的）是文件夹，应是文件。"
        )
    if not file.exists():
        if "YIKU_PARAMETERS" in settings.variables:
            raise ParametersError("YIKU_PARAMETERS 指明的文件不存在。")
        return ()
    try:
        text = file.read_text("utf-8-sig")
    except OSError as fault:
        raise ParametersError(
            f"parameters.yml 读不了（{fault.strerror}）。"
        ) from None
    except UnicodeDecodeError:
        raise ParametersError(
            "parameters.yml 不是 UTF-8 编码，请另存为 UTF-8。"
        ) from None
    return parse_own_parameters(text, known_names(settings))


def known_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of all numbers that can be set, from the seed of the defaults."""
    seed = settings.dbt_project / "seeds/parameter.csv"
    with seed.open(encoding="utf-8", newline="") as lines:
        names = [line["name"] for line in csv.DictReader(lines)]
    return tuple(dict.fromkeys(names))


def parse_own_parameters(
    text: str, names: tuple[str, ...]
) -> tuple[OwnParameter, ...]:
    """Read the numbers from the text of the file. ParametersError when they cannot be used."""
    data = _parsed(text)
    if data is None:
        # a device that is always empty stands for no file in a container
        return ()
    entries = data.get("parameters") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ParametersError(
            "parameters.yml 应有 parameters 一项，其下每个参数以“- ”开头。"
        )
    found: list[OwnParameter] = []
    seen: dict[tuple[str, str, date], int] = {}
    for number, entry in enumerate(entries, 1):
        where = f"parameters 第{number}项"
        one = _parameter(entry, where, names)
        place = (one.name, one.jurisdiction, one.valid_from)
        if place in seen:
            raise ParametersError(
                f"{where}与第{seen[place]}项是同一参数、同一地区、同一起始日期，请只留一项。"
            )
        seen[place] = number
        found.append(one)
    return tuple(found)


def _parsed(text: str) -> object:
    try:
        return parse_own_yaml(text, "parameters.yml ", ParametersError)
    except ValueError:
        # a day that the calendar does not have
        raise ParametersError(
            "parameters.yml 里有不存在的日期，应写成 2018-01-01。"
        ) from None


def _parameter(
    entry: object, where: str, names: tuple[str, ...]
) -> OwnParameter:
    if not isinstance(entry, dict):
        raise ParametersError(f"{where}应写成“名称: 内容”的形式。")
    unknown = sorted(str(key) for key in entry.keys() - _KEYS)
    if unknown:
        raise ParametersError(f"{where}不认识 {'、'.join(unknown)}。")
    name = str(entry.get("name") or "")
    if name not in names:
        known = "、".join(names)
        raise ParametersError(f"{where}的 name 应为：{known}。")
    jurisdiction = str(entry.get("jurisdiction", ""))
    if not _JURISDICTION.fullmatch(jurisdiction):
        raise ParametersError(
            f'{where}（{name}）的 jurisdiction 应为 6 位县区代码（或市 4 位、省 2 位），全部地区写 "*"。'
        )
    if name in FOR_ALL_ALONE and jurisdiction != "*":
        raise ParametersError(
            f'{where}（{name}）不分县，jurisdiction 只能写 "*"。'
        )
    valid_from = _day(entry, "valid_from", where) or ALWAYS
    valid_to = _day(entry, "valid_to", where)
    if valid_to is not None and valid_to < valid_from:
        raise ParametersError(
            f"{where}（{name}）的 valid_to 早于 valid_from。"
        )
    return OwnParameter(
        name, jurisdiction, _number(entry, name, where), valid_from, valid_to
    )


def _number(entry: dict[str, object], name: str, where: str) -> int:
    value = entry.get("value")
    least, most = _limits(name)
    # What YAML reads of yes and no counts as a number to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParametersError(f"{where}（{name}）的 value 应为整数。")
    if not least <= value <= most:
        raise ParametersError(
            f"{where}（{name}）的 value 应在 {least} 到 {most} 之间。"
        )
    return value


def _limits(name: str) -> tuple[int, int]:
    for ending, least, most in _LIMITS:
        if name.endswith(ending):
            return least, most
    raise AssertionError(name)


def _day(entry: dict[str, object], key: str, where: str) -> date | None:
    said = entry.get(key)
    if said is None:
        return None
    if isinstance(said, str):
        try:
            return date.fromisoformat(said)
        except ValueError:
            said = None
    if not isinstance(said, date) or isinstance(said, datetime):
        raise ParametersError(f"{where}的 {key} 应写成 2018-01-01。")
    return said
