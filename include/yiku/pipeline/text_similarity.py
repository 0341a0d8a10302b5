"""Texts that say the same.

Which prescription repeats, nearly word for word, what another village was told before.

Two texts are alike when more than 95 % of the longer one is the other's: fewer than one edit (a
character put in, left out or changed) for each twenty characters, white space and punctuation
aside.

Not every pair is compared. At most ``d`` edits leave at least one of any ``d + 1`` disjoint
pieces of the shorter text as it was, so whatever is like it holds one of them; an index of such
pieces finds every pair and hardly any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

# Alike: fewer than one edit for so many characters of the longer text.
EDIT_EVERY = 20
# A text on which one edit is allowed has twice as many characters, one with d edits (d + 1) times
# as many.
_PIECE = 10
_NO_LETTER = re.compile(r"[\W_]+")


class Text(NamedTuple):
    """A text with its place in time.

    In this order the earlier is the original, whatever arrived first.
    """

    issued_on: date
    village_code: str
    row_id: str
    words: str


class Copy(NamedTuple):
    """A row that repeats what an earlier one of another village says."""

    row_id: str
    other_row_id: str


def plain(words: str) -> str:
    """Return the letters and digits of a text, in one width and case."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", words).casefold())


def _edits(length: int) -> int:
    """Return how many edits leave a text of this length, the longer of two, like the other."""
    return max(length - 1, 0) // EDIT_EVERY


def find_copies(texts: Iterable[Text]) -> list[Copy]:
    """Return the rows that repeat an earlier row of another village, each with the earliest of them, by row id.

    ``texts`` are those of one county. One without a letter repeats nothing.
    """
    said: dict[str, list[Text]] = defaultdict(list)
    for text in sorted(texts):
        if words := plain(text.words):
            said[words].append(text)
    first = {words: _of_two_villages(rows) for words, rows in said.items()}
    heard = dict(first)
    for a, b in alike_pairs(list(said)):
        heard[a] = _of_two_villages(sorted([*heard[a], *first[b]]))
        heard[b] = _of_two_villages(sorted([*heard[b], *first[a]]))
    return sorted(
        copy
        for words, rows in said.items()
        for row in rows
        for copy in _copies(row, heard[words])
    )


def _of_two_villages(texts: Iterable[Text]) -> list[Text]:
    """Return the first, and the first of another village.

    Whichever village asks, its original is among them.
    """
    ordered = iter(texts)
    first = next(ordered)
    return [
        first,
        *islice(
            (t for t in ordered if t.village_code != first.village_code), 1
        ),
    ]


def _copies(row: Text, heard: Iterable[Text]) -> Iterator[Copy]:
    originals = (
        text
        for text in heard
        if text.village_code != row.village_code and text < row
    )
    yield from (
        Copy(row.row_id, original.row_id) for original in islice(originals, 1)
    )


def alike_pairs(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every pair of alike texts once, the shorter first; ``texts`` are distinct."""
    ordered = sorted(texts, key=lambda t: (len(t), t))
    index = _index(ordered)
    for at, longer in enumerate(ordered):
        windows, most = range(len(longer) - _PIECE + 1), _edits(len(longer))
        near = {
            n
            for i in windows
            for n in index.get(longer[i : i + _PIECE], ())
            if n < at
        }
        for shorter in (ordered[n] for n in sorted(near)):
            # With a bound it soon gives up: most neighbours share one phrase
            # alone.
            if (
                Levenshtein.distance(shorter, longer, score_cutoff=most)
                <= most
            ):
                yield shorter, longer


def _index(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return where the pieces are of which a text like it, and no shorter, must hold one."""
    known = Counter(piece for text in texts for piece in _pieces(text))
    index: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(texts):
        if edits := _edits_to_longer(len(text)):
            # The rarest pieces: set phrases stand in every prescription and
            # would make each a neighbour of all.
            for piece in sorted(_pieces(text), key=known.__getitem__)[
                : edits + 1
            ]:
                index[piece].append(n)
    return index


def _pieces(text: str) -> list[str]:
    return [
        text[i : i + _PIECE] for i in range(0, len(text) - _PIECE + 1, _PIECE)
    ]


def _edits_to_longer(length: int) -> int:
    """Return the most edits between a text of this length and one that is like it and no shorter.

    A longer one has an edit for each character more, so it is shorter than 20/19 of this one.
    """
    longest = (EDIT_EVERY * length - 1) // (EDIT_EVERY - 1)
    return _edits(longest)
