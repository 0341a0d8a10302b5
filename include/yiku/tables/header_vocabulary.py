"""The headers of a list, ready to be looked up and to be compared by their meaning.

A header that the contract names is found by its text. Any other is compared by the
concepts of ``lexicon.yml`` that it shares with the headers of a column.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from math import log

from pypinyin import Style, pinyin
from rapidfuzz.distance import Hamming

from yiku.contracts import Column, Contract
from yiku.tables import header_text

_SLIP_FROM = (
    4  # characters: in shorter words one other character is another word
)
_SLIP_SCORE = 0.9
_THEME_WEIGHT = 0.5  # of what the whole list is about
_THEMES = frozenset(
    (
        "TRAIN WORK OUT VENTURE POST VISIT SUBSIDY PAY POOR FAIR LOAN MEETING INSPECT "
        "EXPERT TALENT FORERUNNER TECHNICIAN RECRUIT TEAM PAIR CONSULT RX ORDER BASE "
        "BOARD HONOUR CARE PLATFORM STOCK FOUNDING ASSESS"
    ).split()
)
_CODE_TRUST = (
    1.2  # a column of the labels of one code list says by itself what it is
)
_TRUST = 2.5
_NAMES = frozenset({"NAME", "CALLED", "HEAD", "HOUSE"})
_STRANGE_WEIGHT = 0.4  # of a character that the lexicon lacks
SURELY_LIKE = 0.5  # a text less like every header than this is no header
KNOWN_LIKENESS = (
    0.6  # a header that is only like a known one tells that much less
)

Concepts = frozenset[str]
Levels = tuple[str, ...]


class Vocabulary:
    """The headers of one list: by their text, and by what they mean.

    ``official`` and ``exact`` map the key of a header to its column, ``weak`` the keys
    that are left when its brackets are dropped. ``claimed`` are the keys that several
    columns go by.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.official = self._official()
        self.exact = self._exact()
        self.claimed = self._claimed()
        self.weak = self._weak()
        self.weights = self._weights()
        lexicon = header_text.lexicon()
        # a list of 去年 may speak of 去年 in every header
        about = header_text.meanings(contract.title)
        self._telling = lexicon.telling.difference(about)
        self._spelled = {
            column.name: set(map(header_text.meaning_text, column.headers))
            for column in contract.columns
        }
        self._phrases = {
            column.name: self._column_phrases(column)
            for column in contract.columns
        }
        self._whose = {
            name: self._always(name) & lexicon.subjects
            for name in self._phrases
        }
        self._by_clue = self._columns_by_clue()
        self._subject = self._how_people_are_called()

    def _official(self) -> dict[str, str]:
        """Return the columns by the key of their official header."""
        found: dict[str, str] = {}
        for column in self.contract.columns:
            for key in header_text.keys(column.header)[:1]:
                found[key] = column.name
        return found

    def _exact(self) -> dict[str, str]:
        """Return the columns by the keys of all their headers.

        An official header is that of its column, whatever alias another has.
        """
        found: dict[str, str] = {}
        for column in self.contract.columns:
            for key in _whole_keys(column):
                found.setdefault(key, column.name)
        return found | self.official

    def _claimed(self) -> dict[str, tuple[str, ...]]:
        """Return the headers that several columns of the list go by.

        What stands below such a header tells which of them is meant.
        """
        claims: defaultdict[str, list[str]] = defaultdict(list)
        for column in self.contract.columns:
            for key in dict.fromkeys(_whole_keys(column)):
                claims[key].append(column.name)
        return {
            key: tuple(names)
            for key, names in claims.items()
            if len(names) > 1
        }

    def _weak(self) -> dict[str, str]:
        """Return the forms without brackets that just one column of the list has."""
        claims: defaultdict[str, set[str]] = defaultdict(set)
        for column in self.contract.columns:
            for header in column.headers:
                for key in header_text.keys(header)[1:]:
                    claims[key].add(column.name)
        found: dict[str, str] = {}
        for key, names in claims.items():
            if len(names) == 1 and key not in self.exact:
                found[key] = next(iter(names))
        return found

    def _weights(self) -> dict[str, float]:
        """Return how much each concept tells in this list.

        What many columns share tells little (the inverse frequency of retrieval), on
        top of the weight that the lexicon gives.
        """
        spread: Counter[str] = Counter()
        for column in self.contract.columns:
            meant: set[str] = set()
            for header in column.headers:
                meant.update(header_text.meanings(header))
            spread.update(meant)
        total = max(len(self.contract.columns), 2)
        theme = self._theme()
        weights: dict[str, float] = {}
        for meaning in spread.keys() | theme:
            columns = spread[meaning]
            rarity = 1.0
            if columns:
                rarity = 0.25 + 0.75 * log(1 + total / columns) / log(
                    1 + total
                )
            share = _THEME_WEIGHT if meaning in theme else 1
            weights[meaning] = _base_weight(meaning) * share * rarity
        return weights

    def _theme(self) -> Concepts:
        """Return what the whole list is about: 补贴 in a ledger of 补贴.

        It tells the columns of the list apart least.
        """
        found: set[str] = set()
        for word in (self.contract.title, *self.contract.title_words):
            found.update(header_text.meanings(word))
        return _THEMES.intersection(found)

    def _column_phrases(self, column: Column) -> list[tuple[Concepts, float]]:
        """Return the distinct meanings of a column's headers, each with its weight.

        One lone character that the lexicon lacks is no meaning.
        """
        distinct: set[Concepts] = set()
        for header in column.headers:
            meant = frozenset(header_text.meanings(header))
            # 号 alone would make every number of the list alike
            is_lone_character = len(meant) == 1 and len(next(iter(meant))) == 1
            if meant and not is_lone_character:
                distinct.add(meant)
        return [
            (meant, self.weigh(meant))
            for meant in sorted(distinct, key=sorted)
        ]

    def _always(self, name: str) -> Concepts:
        """Return what every header of a column speaks of.

        The expert's number is not anybody's.
        """
        phrases = [meant for meant, _ in self._phrases[name]]
        if not phrases:
            return frozenset()
        return phrases[0].intersection(*phrases)

    def _columns_by_clue(self) -> dict[str, set[str]]:
        """Return the columns that a text with one of these clues may be like."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name in self.contract.names:
            for clue in self.clues(name):
                found[clue].add(name)
        return dict(found)

    def _how_people_are_called(self) -> Concepts:
        """Return the words by which the list calls its people: 学员, 专家."""
        person = self._phrases.get(self.contract.person_name or "", [])
        called: set[str] = set()
        for meant, _ in person:
            called.update(meant)
        return frozenset(called - _NAMES)

    def weigh(self, meant: Concepts) -> float:
        """Return how much a set of concepts says in this list.

        What many columns of the list share weighs little.
        """
        return sum(
            self.weights.get(meaning) or _base_weight(meaning)
            for meaning in meant
        )

    @lru_cache(maxsize=8192)  # noqa: B019 - one vocabulary a list, kept as long as the process
    def likeness(self, text: str, name: str) -> float:
        """Return from 0 to 1 how near a header's text is to those of a column."""
        if self.forbids(text, name):
            return 0.0
        meant = frozenset(header_text.meanings(text))
        own = self.weigh(meant)
        best = 0.0
        for concepts, weight in self._phrases[name]:
            common = meant & concepts
            if common:
                best = max(best, 2 * self.weigh(common) / (own + weight))
        # a header with a wrong character means nothing by its concepts
        slip = self._slip(header_text.meaning_text(text), name)
        return max(best, slip)

    def forbids(self, text: str, name: str) -> bool:
        """Return whether a header says that it is not the column ``name``.

        It speaks of what the column cannot be (去年, 配偶), or not of whose it must be.
        """
        meant = frozenset(header_text.meanings(text))
        if self._strange(meant, name) & self._telling:
            return True
        return not self._whose[name] <= meant

    def clues(self, name: str) -> frozenset[str]:
        """Return what a text must have one of to be like a header of a column.

        The text's own are told by ``clues_of``.
        """
        found: set[str] = set()
        for concepts, _ in self._phrases[name]:
            found.update(concepts)
        for spelled in self._spelled[name]:
            found.update(_slips(spelled))
        return frozenset(found)

    def like(self, *texts: str) -> set[str]:
        """Return the columns that one of the texts may at all be like."""
        found: set[str] = set()
        for text in texts:
            for clue in clues_of(text):
                found.update(self._by_clue.get(clue, ()))
        return found

    def _strange(self, meant: Concepts, name: str) -> Concepts:
        """Return what a header speaks of and no header of the column ever does."""
        phrases = (concepts for concepts, _ in self._phrases[name])
        strange = meant.difference(*phrases)
        # 学员电话 is the telephone of the list's people; a name must say whose it is
        if self.contract.column(name).kind == "name":
            return strange
        return strange - self._subject

    def trust(self, text: str, name: str) -> float:
        """Return from 0 to 1 how far values may speak for a column.

        Less, the more of the header is strange to the column.
        """
        meant = frozenset(header_text.meanings(text))
        strange = self.weigh(self._strange(meant, name)) / (
            self.weigh(meant) or 1.0
        )
        is_code = self.contract.column(name).kind == "code"
        slope = _CODE_TRUST if is_code else _TRUST
        return max(0.0, 1 - slope * strange)

    def _slip(self, text: str, name: str) -> float:
        """Return how near a text is to a header with one character miswritten.

        The character must be of the same sound: 务公地址 for 务工地址.
        """
        if len(text) < _SLIP_FROM:
            return 0.0
        for spelled in self._spelled[name]:
            if len(spelled) != len(text):
                continue
            if Hamming.distance(text, spelled, score_cutoff=1) != 1:
                continue
            if _sounds_alike(text, spelled):
                return _SLIP_SCORE
        return 0.0


def _whole_keys(column: Column) -> Iterator[str]:
    """Yield the most literal key of each header of a column."""
    for header in column.headers:
        yield from header_text.keys(header)[:1]


def _slips(text: str) -> Iterator[str]:
    """Yield a text with each of its characters left open in turn.

    Only of a text that is long enough to be told with one wrong.
    """
    if len(text) < _SLIP_FROM:
        return
    for place in range(len(text)):
        yield f"{text[:place]}\0{text[place + 1 :]}"


@lru_cache(maxsize=16384)
def clues_of(text: str) -> frozenset[str]:
    """Return by what a header is found: its concepts, and its forms with a gap.

    Comparing with every column of every list would be slow; clues leave a few.
    """
    concepts = frozenset(header_text.meanings(text))
    return concepts.union(_slips(header_text.meaning_text(text)))


def _sounds_alike(text: str, spelled: str) -> bool:
    """Return whether the first character that differs has a sound of the right one."""
    pairs = zip(text, spelled, strict=True)
    wrong, right = next(pair for pair in pairs if pair[0] != pair[1])
    if wrong in header_text.lexicon().forms:
        return False  # a word of its own, not a slip
    return not _sounds(wrong).isdisjoint(_sounds(right))


def _sounds(character: str) -> set[str]:
    """Return how a character may be read, without tones.

    A character may have several: 行 is hang and xing.
    """
    readings = pinyin(character, style=Style.NORMAL, heteronym=True)
    return {sound for reading in readings for sound in reading}


def _base_weight(meaning: str) -> float:
    """Return how much a concept tells in any list."""
    default = _STRANGE_WEIGHT if len(meaning) == 1 else 1.0
    return header_text.lexicon().weights.get(meaning, default)


_VOCABULARIES: dict[int, tuple[Contract, Vocabulary]] = {}


def vocabulary(contract: Contract) -> Vocabulary:
    """Return the vocabulary of a contract, made once a process.

    Building one takes longer than reading a sheet.
    """
    kept = _VOCABULARIES.get(id(contract))
    # the id of a contract that is gone may be given to another one
    if kept is None or kept[0] is not contract:
        kept = (contract, Vocabulary(contract))
        _VOCABULARIES[id(contract)] = kept
    return kept[1]


@lru_cache(maxsize=16384)
def lookups(levels: Levels) -> tuple[str, ...]:
    """Return the keys to look a header up by: group with leaf first, then the leaf."""
    if not levels:
        return ()
    *upper, leaf = levels
    keys = header_text.keys(leaf)
    groups = [text for text in map(header_text.meaning_text, upper) if text]
    cores = [_core(group) for group in groups]
    found: list[str] = []
    # the nearest group says most; 家庭基本情况 is looked up as 家庭 too
    for group in dict.fromkeys([*reversed(groups), *reversed(cores)]):
        found.extend(group + key for key in keys)
    found.extend(keys)
    return tuple(dict.fromkeys(found))


def _core(group: str) -> str:
    """Return a group's name without the words that say only that it is a group."""
    for ending in ("情况", "信息", "状况", "基本"):
        group = group.removesuffix(ending)
    return group


@lru_cache(maxsize=65536)  # the towns of a county fill in the same forms
def known(vocab: Vocabulary, levels: Levels) -> tuple[str, str] | None:
    """Return the column that the contract names for a header, and how.

    How: official, alias or weak. None for a header that the contract does not have.
    """
    keys = lookups(levels)
    for key in keys:
        name = vocab.exact.get(key)
        if name:
            return name, "official" if key in vocab.official else "alias"
    for key in keys:
        name = vocab.weak.get(key)
        if name:
            return name, "weak"
    return None
