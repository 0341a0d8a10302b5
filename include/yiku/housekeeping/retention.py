"""The periods of ``retention.yml``, ours and an installation's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

from yiku.own_yaml import parse_own_yaml
from yiku.settings import Settings, SettingsError

FILE = "retention.yml"
# Tonight's steps and tomorrow's need what is a few days old; a decade is longer than any of it is asked for.
_SHORTEST, _LONGEST = 7, 3660


class RetentionError(SettingsError):
    """A file of periods that cannot be used. The message is for whoever wrote it."""


@dataclass(frozen=True)
class Retention:
    """How many days each kind of thing is kept, and to how many megabytes one log may grow."""

    logs: int
    log_megabytes: int
    outbox: int
    build_nodes: int
    wall_pages: int
    work_lists: int
    digests: int
    source_visits: int
    gone_files: int
    airflow_runs: int


def load_retention(settings: Settings) -> Retention:
    """Return the periods that hold here.

    An installation's own, below its home, stand before ours. RetentionError when that file cannot be used.
    """
    ours = resources.files("yiku.housekeeping").joinpath(FILE)
    periods = dict(_parsed(ours.read_text("utf-8")))
    own = settings.home / FILE
    if own.exists():
        try:
            text = own.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise RetentionError(f"{FILE} 读不了，应是 UTF-8 文件。") from None
        periods |= _parsed(text)
    return Retention(**periods)


def _parsed(text: str) -> Mapping[str, int]:
    told = parse_own_yaml(text, FILE, RetentionError) or {}
    if not isinstance(told, dict):
        raise RetentionError(f"{FILE} 应是“名称: 天数”的清单。")
    for name, days in told.items():
        _require_fit(name, days)
    return told


def _require_fit(name: Any, days: Any) -> None:
    known = [field.name for field in fields(Retention)]
    if name not in known:
        raise RetentionError(
            f"{FILE} 里有一个不认识的名称；可用：{'、'.join(known)}。"
        )
    # true and false are numbers to Python
    is_number = isinstance(days, int) and not isinstance(days, bool)
    if not is_number or not _SHORTEST <= days <= _LONGEST:
        raise RetentionError(
            f"{FILE} 的 {name} 应是 {_SHORTEST} 到 {_LONGEST} 的整数。"
        )
