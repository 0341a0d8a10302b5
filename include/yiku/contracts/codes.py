"""Code lists: the label that a coded column holds, and every way that clerks write it by hand.

A file ``codes/<list>.yml`` holds ``title``, ``standard`` (where it comes from) and ``entries``: a list of
``{label, code, forms}``; ``forms`` are the hand-written forms beside the label itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from yiku.contracts import folder
from yiku.contracts.yaml_text import parse_yaml


@dataclass(frozen=True)
class CodeList:
    """One code list. ``forms`` maps every accepted hand form, label included, to its label."""

    name: str
    title: str
    labels: tuple[str, ...]
    codes: Mapping[str, str]
    forms: Mapping[str, str]
    open: bool = False  # an open list takes other words too (trades of the occupation handbook)

    def label(self, text: str) -> str | None:
        """Return the label that ``text`` (already normalised) stands for, or None."""
        return self.forms.get(text)


def _parse(name: str, text: str) -> CodeList:
    data = parse_yaml(text)
    forms: dict[str, str] = {}
    for entry in data["entries"]:
        for form in (entry["label"], *entry.get("forms", ())):
            if forms.setdefault(str(form), entry["label"]) != entry["label"]:
                raise ValueError(f"code list {name}: {form} stands for two labels")
    return CodeList(
        name=name,
        title=data["title"],
        labels=tuple(e["label"] for e in data["entries"]),
        codes={e["label"]: str(e.get("code", e["label"])) for e in data["entries"]},
        forms=forms,
        open=bool(data.get("open", False)),
    )


@cache
def load_codes() -> Mapping[str, CodeList]:
    """Read every code list that the package ships, by name. ValueError when a form is ambiguous."""
    lists = folder.contracts_folder().joinpath("codes").iterdir()
    files = sorted((p for p in lists if p.name.endswith(".yml")), key=lambda p: p.name)
    return {p.name[:-4]: _parse(p.name[:-4], p.read_text("utf-8")) for p in files}
