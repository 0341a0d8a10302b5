"""Parse the YAML of a file that whoever runs this wrote: what is wrong with it is told without quoting it."""

from __future__ import annotations

from typing import Any

import yaml

_MERGED = "tag:yaml.org,2002:merge"


class _TwiceError(yaml.MarkedYAMLError):
    """A word stands twice in one place."""


class _StrictLoader(yaml.SafeLoader):
    """Takes no word twice in one place: YAML's own way keeps the last, and the other is lost without a word."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            word = str(key.value)
            if word in seen and key.tag != _MERGED:
                raise _TwiceError(problem_mark=key.start_mark)
            seen.add(word)
        return super().construct_mapping(node, deep)


def parse_own_yaml(text: str, called: str, wrong: type[Exception]) -> Any:
    """Return what a text says; ``called`` is how its file is told of.

    Raises ``wrong``, with the line, for what is no YAML; ValueError for a day that no calendar has.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (safe)
    except yaml.YAMLError as fault:
        # What the parser says quotes the line, which may hold an address or a secret.
        mark = getattr(fault, "problem_mark", None)
        place = f"第{mark.line + 1}行" if mark else ""
        is_twice = isinstance(fault, _TwiceError)
        what = "有一个词写了两次" if is_twice else "不是有效的 YAML"
        raise wrong(f"{called}{place}{what}。") from None
