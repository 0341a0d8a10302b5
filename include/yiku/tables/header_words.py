"""What all lists together know of headers: to tell a header row from other rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from yiku.contracts import Contract
from yiku.tables import header_text
from yiku.tables.header_vocabulary import (
    KNOWN_LIKENESS,
    SURELY_LIKE,
    clues_of,
    vocabulary,
)


class HeaderWords:
    """What all the lists together know: to tell a header row from other rows.

    ``keys`` are the headers in the form in which they are looked up, ``raw`` as the
    contracts write them: a set of raw texts is compared with a whole row at once.
    """

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = contracts
        keys: set[str] = set()
        raw: set[str] = set()
        by_clue: defaultdict[str, list[tuple[Contract, str]]] = defaultdict(
            list
        )
        for contract in contracts:
            vocab = vocabulary(contract)
            keys.update(vocab.exact)
            for column in contract.columns:
                raw.update(column.headers)
            for name in contract.names:
                for clue in vocab.clues(name):
                    by_clue[clue].append((contract, name))
        self.keys = frozenset(keys)
        self.raw = frozenset(raw)
        self._by_clue = dict(by_clue)

    @lru_cache(maxsize=16384)  # noqa: B019 - one object a set of contracts, kept as long as the process
    def likely(self, text: str) -> float:
        """Return from 0 to 1 how much a text reads like a header of any list."""
        if self.knows(text):
            return 1.0
        columns: set[tuple[Contract, str]] = set()
        for clue in clues_of(text):
            columns.update(self._by_clue.get(clue, ()))
        best = 0.0
        for contract, name in columns:
            best = max(best, vocabulary(contract).likeness(text, name))
        return KNOWN_LIKENESS * best if best >= SURELY_LIKE else 0.0

    def knows(self, text: str) -> bool:
        """Return whether some list has a header of exactly this text."""
        return any(key in self.keys for key in header_text.keys(text))


_HEADER_WORDS: dict[tuple[int, ...], HeaderWords] = {}


def header_words(contracts: Mapping[str, Contract]) -> HeaderWords:
    """Return what the given lists know together, made once a process.

    Hints may leave out lists, so there is one for each set that was asked for.
    """
    key = tuple(id(contract) for contract in contracts.values())
    if key not in _HEADER_WORDS:
        _HEADER_WORDS[key] = HeaderWords(tuple(contracts.values()))
    return _HEADER_WORDS[key]
