"""A bundle in its parts, and what is wrong with files as such: no YAML, no identity."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from yiku.bi.fixed_uuids import is_of_names
from yiku.bi.shown_tables import ShownTable

FOLDERS = ("databases", "datasets", "charts", "dashboards")
METADATA_FILE = "metadata.yaml"
_CHINESE = re.compile("[一-鿿]")
# Letters of lists, K and "1+n" stand in Chinese sentences too; a word of three letters is English.
_ENGLISH = re.compile("[A-Za-z]{3,}")

_ALIAS = re.compile(r"(?:^|[\s\[{,])\*\w", re.MULTILINE)

Part = Mapping[str, Any]
Tables = Mapping[tuple[str, str], ShownTable]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a bundle: in which file, and what, in Chinese."""

    file: str
    what: str


@dataclass(frozen=True)
class BundleParts:
    """The files of a bundle by folder and name, parsed."""

    databases: dict[str, Part] = field(default_factory=dict)
    datasets: dict[str, Part] = field(default_factory=dict)
    charts: dict[str, Part] = field(default_factory=dict)
    dashboards: dict[str, Part] = field(default_factory=dict)

    def of_folder(self, folder: str) -> dict[str, Part]:
        """Return the files of one of the four folders."""
        parts: dict[str, Part] = getattr(self, folder)
        return parts

    @property
    def datasets_by_uuid(self) -> dict[str, Part]:
        """The datasets as charts and filters name them."""
        return {part.get("uuid", ""): part for part in self.datasets.values()}


def parse_bundle(
    files: Mapping[str, str],
) -> tuple[BundleParts, list[Fault]]:
    """Return the parts of a bundle that can be read, and what is wrong with the others."""
    parts, faults = BundleParts(), []
    metadata: Part | None = None
    for name, text in files.items():
        folder = name.split("/")[0]
        if name != METADATA_FILE and folder not in FOLDERS:
            faults.append(Fault(name, "不在四个文件夹里，导入时没有人读"))
            continue
        told = _parsed(text)
        if not isinstance(told, dict):
            faults.append(Fault(name, "不是有效的 YAML"))
        elif name == METADATA_FILE:
            metadata = told
        else:
            parts.of_folder(folder)[name] = told
    faults += _metadata_faults(metadata)
    faults += _identity_faults(parts)
    return parts, faults


def _parsed(text: str) -> Any:
    """Return what a file says; None for what is no YAML, or has aliases: a few of them fill any memory."""
    if _ALIAS.search(text):
        return None
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return None


def _metadata_faults(metadata: Part | None) -> Iterator[Fault]:
    if metadata is None:
        yield Fault(METADATA_FILE, "缺少或读不了")
    elif metadata.get("type") != "assets":
        yield Fault(METADATA_FILE, "type 应为 assets，否则导入被拒绝")


def _identity_faults(parts: BundleParts) -> Iterator[Fault]:
    every = []
    for folder in FOLDERS:
        for name, part in parts.of_folder(folder).items():
            every.append((name, str(part.get("uuid", ""))))
    counts = Counter(identity for _, identity in every)
    for name, identity in every:
        if not _is_ours(identity):
            yield Fault(name, "uuid 缺少，或不是由名称生成的")
        elif counts[identity] > 1:
            yield Fault(name, "uuid 与另一个文件相同")


def _is_ours(identity: str) -> bool:
    try:
        return is_of_names(identity)
    except ValueError:
        return False


def canonical_uuid(text: object) -> str:
    """Return a reference as identities are written; an empty text for what is none."""
    try:
        return str(uuid.UUID(str(text)))
    except ValueError:
        return ""


def is_chinese(label: object) -> bool:
    """Return whether a label can be read by whoever reads Chinese alone."""
    if not isinstance(label, str):
        return False
    return bool(_CHINESE.search(label)) and not _ENGLISH.search(label)


def outside_addresses(part: object) -> Iterator[str]:
    """Yield what in a part is an address of another host."""
    if isinstance(part, Mapping):
        for value in part.values():
            yield from outside_addresses(value)
    elif isinstance(part, list):
        for value in part:
            yield from outside_addresses(value)
    elif isinstance(part, str) and re.search(r"(https?:)?//\w", part):
        # The database's own address is looked at by itself.
        if not part.startswith("postgresql"):
            yield part
