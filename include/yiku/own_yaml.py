"""Parse the YAML of a file that whoever runs this wrote: what is wrong with it is told without quoting it."""

from __future__ import annotations

from typing import Any

import yaml


def parse_own_yaml(text: str, called: str, wrong: type[Exception]) -> Any:
    """Return what a text says; ``called`` is how its file is told of.

    Raises ``wrong``, with the line, for what is no YAML; ValueError for a day that no calendar has.
    """
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as fault:
        # What the parser says quotes the line, which may hold an address or a secret.
        mark = getattr(fault, "problem_mark", None)
        place = f"第{mark.line + 1}行" if mark else ""
        raise wrong(f"{called}{place}不是有效的 YAML。") from None
