"""Which rows change nothing beside the other versions of their key.

Versions are texts that sort (``yiku.intake.version_order``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from yiku.register.column_values import rows_of

SAME, OVERTAKEN, OUTDATED, REPEATED = (
    "same_as_loaded",
    "overtaken",
    "outdated_within",
    "repeated",
)


@dataclass(frozen=True)
class _Version:
    version: str
    content: str
    submission_id: int


def fate_hints(
    frame: pd.DataFrame, passing: Iterable[bool], loaded: pd.DataFrame
) -> list[str | None]:
    """Return for each row why it changes nothing, or None.

    'same_as_loaded': another row of its key says the same and counts; 'repeated': so does an earlier row of its own
    sheet; 'overtaken': a newer version says something else; 'outdated_within': that one stands in the same file.
    ``passing`` marks the rows that no rule sends back: only those can stand for another. ``loaded`` holds the current
    rows of earlier submissions. Both have key, content_hash, version and submission_id.

    Of the rows of one key that say the same, the one with the earliest version is loaded, unless one was before.
    """
    best = _current(loaded)
    stood = {(key, v.content) for key, v in best.items()}
    columns = ("key", "content_hash", "version", "submission_id")
    rows = list(zip(rows_of(frame, *columns), passing, strict=True))
    first: dict[tuple[str, str], str] = {}
    for (key, content, version, number), passes in rows:
        if key is not None and passes:
            if key not in best or version > best[key].version:
                best[key] = _Version(version, content, number)
            first[key, content] = min(first.get((key, content), version), version)
    stands: set[tuple[str, str]] = set()

    def hint(key: str, content: str, version: str, number: int) -> str | None:
        """Return the hint for a row that passes; called in the order of the rows."""
        if best[key].content != content and best[key].version > version:
            return OUTDATED if best[key].submission_id == number else OVERTAKEN
        if (key, content) in stood or first[key, content] != version:
            return SAME
        if (key, content) in stands:
            return REPEATED
        stands.add((key, content))
        return None

    return [
        hint(*row) if row[0] is not None and passes else None for row, passes in rows
    ]


def _current(loaded: pd.DataFrame) -> dict[str, _Version]:
    best: dict[str, _Version] = {}
    for key, content, version, number in rows_of(
        loaded, "key", "content_hash", "version", "submission_id"
    ):
        if key is not None and (key not in best or version > best[key].version):
            best[key] = _Version(version, content, number)
    return best
