"""The kinds of facts that digests speak of, read from ``kinds.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yiku.contracts.yaml_text import parse_yaml


@dataclass(frozen=True)
class Kind:
    """One kind of fact.

    ``steps`` are pairs of an age in workdays and the roles told from then on.
    """

    name: str
    order: int
    heading: str
    unit: str
    line: str
    weekly: bool
    whole_county: bool  # told to its towns as well
    rule: str | None  # of the catalogue, where the kind tells of one
    steps: tuple[tuple[int, frozenset[str]], ...]

    def step(self, role: str, age: int) -> int | None:
        """Return the last step that has been reached and names ``role``.

        None when it is not told (yet).
        """
        last = None
        for number, (since, roles) in enumerate(self.steps):
            if age >= since and role in roles:
                last = number
        return last


@dataclass(frozen=True)
class Kinds:
    """All kinds by name, in the order in which a digest says them.

    And the roles there are, with their titles.
    """

    roles: Mapping[str, str]
    by_name: Mapping[str, Kind]


def _kind(name: str, order: int, data: Mapping[str, object]) -> Kind:
    entries = data["steps"]
    assert isinstance(entries, list)
    steps = tuple(
        (int(entry["from"]), frozenset(entry["roles"])) for entry in entries
    )
    return Kind(
        name=name,
        order=order,
        heading=str(data["heading"]),
        unit=str(data["unit"]),
        line=str(data["line"]),
        weekly=bool(data.get("weekly", False)),
        whole_county=bool(data.get("whole_county", False)),
        rule=str(data["rule"]) if "rule" in data else None,
        steps=steps,
    )


@cache
def load_kinds() -> Kinds:
    """Read the kinds that the package ships.

    KeyError when the file lacks something, a fault of ours.
    """
    file = resources.files("yiku.notices").joinpath("kinds.yml")
    data = parse_yaml(file.read_text("utf-8"))
    by_name = {}
    # a digest says them in the order in which the file does
    for order, (name, entry) in enumerate(data["kinds"].items()):
        by_name[name] = _kind(name, order, entry)
    return Kinds(data["roles"], by_name)
