"""Which rows change nothing beside the other versions of their key.

Versions are texts that sort (``yiku.intake.version_order``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from yiku.register.column_values import rows_of

SAME = "same_as_loaded"
OVERTAKEN = "overtaken"
OUTDATED = "outdated_within"
REPEATED = "repeated"


# a named tuple, as there is one for each row that is read
class _Row(NamedTuple):
    """A row as a version of its key."""

    key: str | None
    content: str
    version: str
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
    versions = _Versions()
    versions.add_loaded(_rows(loaded))
    rows = list(zip(_rows(frame), passing, strict=True))
    for row, passes in rows:
        if passes and row.key is not None:
            versions.add(row)
    return [versions.hint(row) if passes else None for row, passes in rows]


def _rows(frame: pd.DataFrame) -> Iterator[_Row]:
    columns = ("key", "content_hash", "version", "submission_id")
    return (_Row(*values) for values in rows_of(frame, *columns))


class _Versions:
    """The versions of all keys: the newest, those that were loaded before, and the earliest that says the same."""

    def __init__(self) -> None:
        self._newest: dict[str, _Row] = {}
        self._loaded: set[tuple[str, str]] = set()
        self._first: dict[tuple[str, str], str] = {}
        self._stands: set[tuple[str, str]] = set()

    def add_loaded(self, rows: Iterable[_Row]) -> None:
        """Note what counts of earlier submissions."""
        for row in rows:
            self._note(row)
        for key, newest in self._newest.items():
            self._loaded.add((key, newest.content))

    def add(self, row: _Row) -> None:
        """Note a row that passes."""
        self._note(row)
        if row.key is not None:
            said = (row.key, row.content)
            self._first[said] = min(
                self._first.get(said, row.version), row.version
            )

    def _note(self, row: _Row) -> None:
        if row.key is None:
            return
        newest = self._newest.get(row.key)
        if newest is None or row.version > newest.version:
            self._newest[row.key] = row

    def hint(self, row: _Row) -> str | None:
        """Return the hint for a row that passes; called in the order of the rows."""
        if row.key is None:
            return None
        said = (row.key, row.content)
        newest = self._newest[row.key]
        if newest.content != row.content and newest.version > row.version:
            is_of_this_file = newest.submission_id == row.submission_id
            return OUTDATED if is_of_this_file else OVERTAKEN
        if said in self._loaded or self._first[said] != row.version:
            return SAME
        # the first of equal rows stands for all of them
        if said in self._stands:
            return REPEATED
        self._stands.add(said)
        return None
