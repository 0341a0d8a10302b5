"""What stands on a work list: pages, their columns, and one entry for each thing that is open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from yiku.formats.work_list_marks import LineKey

# Nobody works off more before the next list comes, and that one has the rest.
MOST_ENTRIES = 3000


@dataclass(frozen=True)
class PageColumn:
    """A column of a page: what stands above it, how many characters wide it is, whether its clerk fills it in.

    ``choices``, or the labels of a code list, are offered in its cells, unless the entry has its own.
    """

    header: str
    width: int
    is_answer: bool = False
    choices: tuple[str, ...] = ()
    codes: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing that is open: its cells by header, the key by which its answer is known, what is kept for the answer.

    ``unlocked`` names columns that are to be filled in for this entry alone.
    """

    key: LineKey
    cells: Mapping[str, str]
    kept: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unlocked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Page:
    """One sheet of a work list; ``note`` says what is wanted."""

    title: str
    note: str
    columns: tuple[PageColumn, ...]
    entries: tuple[Entry, ...] = ()
    # Of a page that was cut: how many there are in all.
    total: int = 0

    def holding(self, entries: Sequence[Entry]) -> Page:
        """Return the page with entries, as many as somebody can work off."""
        shown = tuple(entries[:MOST_ENTRIES])
        return replace(self, entries=shown, total=len(entries))


def reference_for(*parts: object) -> str:
    """Return a reference for what has no id of its own: the same for the same parts in every night."""
    text = "/".join(map(str, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:24]
