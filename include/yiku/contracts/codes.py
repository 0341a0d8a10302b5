"""Code lists.

The label that a coded column holds, and every way that clerks write it by hand.

A file ``codes/<list>.yml`` holds ``title``, ``standard`` (where it comes from) and
``entries``: a list of ``{label, code, forms}``; ``forms`` are the hand-written forms
beside the label itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from yiku.contracts import folder
from yiku.contracts.yaml_text import parse_yaml


@dataclass(frozen=True)
class CodeList:
    """One code list.

    ``forms`` maps every accepted hand form, label included, to its label.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    codes: Mapping[str, str]
    forms: Mapping[str, str]
    # An open list takes other words too: trades of the occupation handbook.
    open: bool = False

    def label(self, text: str) -> str | None:
        """Return the label that ``text`` (already normalised) stands for, or None."""
        return self.forms.get(text)


def _parse(name: str, text: str) -> CodeList:
    data = parse_yaml(text)
    codes: dict[str, str] = {}
    forms: dict[str, str] = {}
    for entry in data["entries"]:
        label = entry["label"]
        # YAML takes a code of digits for a number.
        codes[label] = str(entry.get("code", label))
        for form in (label, *entry.get("forms", ())):
            # Else the first label in the file would win in silence, and the
            # clerk's word be read as another.
            if forms.setdefault(str(form), label) != label:
                raise ValueError(
                    f"code list {name}: {form} stands for two labels"
                )
    return CodeList(
        name=name,
        title=data["title"],
        labels=tuple(entry["label"] for entry in data["entries"]),
        codes=codes,
        forms=forms,
        open=bool(data.get("open", False)),
    )


@cache
def load_codes() -> Mapping[str, CodeList]:
    """Read every code list that the package ships, by name.

    ValueError when a form is ambiguous.
    """
    lists: dict[str, CodeList] = {}
    files = folder.contracts_folder().joinpath("codes").iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(".yml"):
            name = file.name.removesuffix(".yml")
            lists[name] = _parse(name, file.read_text("utf-8"))
    return lists
