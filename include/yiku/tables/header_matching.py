"""Understand the headers of a table as the columns of one list.

A header that the contract lists is known. Any other is a guess (L04): how near its meaning is to a column's headers,
what the values below look like, and whether another column wants the same. A guess counts from a score of 0.8 with a
margin of 0.1 to the next column and values that fit; everything else stays unknown. Wrong is worse than unknown.
Where a mandatory choice is missing, the one header left over whose values are its choices is asked about as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import log

from pypinyin import Style, pinyin
from rapidfuzz.distance import Hamming

from yiku.contracts import CodeList, Column, Contract
from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.value_profile import ColumnSample, cell_text, judge

ENOUGH = 0.8
MARGIN = 0.1
_LAST = 0.2  # what it adds to a guess that a list lacks only this column and no other header could be it
_NEARLY_ALL = 0.6  # share of the mandatory columns that must be found before the rest may be told by elimination
_VALUES_TELL = 3  # values that must be there before they alone say what a column is
_ALL_BUT_SLIPS = 0.9  # share of them that must be choices of the column
_SLIP_FROM = 4  # characters: in shorter words one other character is another word
_SLIP_SCORE = 0.9
_THEME = 0.5
_THEMES = frozenset(
    (
        *(
            "TRAIN",
            "WORK",
            "OUT",
            "VENTURE",
            "POST",
            "VISIT",
            "SUBSIDY",
            "PAY",
            "POOR",
            "FAIR",
            "LOAN",
            "MEETING",
        ),
        *(
            "INSPECT",
            "EXPERT",
            "TALENT",
            "FORERUNNER",
            "TECHNICIAN",
            "RECRUIT",
            "TEAM",
            "PAIR",
            "CONSULT",
            "RX",
            "ORDER",
        ),
        *("BASE", "BOARD", "HONOUR", "CARE", "PLATFORM", "STOCK", "FOUNDING", "ASSESS"),
    )
)
_CODE_TRUST = 1.2  # a column of the labels of one code list says by itself what it is
_TRUST = 2.5
_NAMES = frozenset({"NAME", "CALLED", "HEAD", "HOUSE"})
_BARE_NUMBERS = frozenset(
    {"编号", "号", "编码", "号数", "代码", "代号", "数"}
)  # serials only if the values count up
_STRANGE = 0.4  # what a character that the lexicon lacks weighs
SERIAL = frozenset(
    {"序号", "序", "no", "顺序号", "行号", "排序", "编次", "序列", "顺序", "sn", "序数"}
)


@dataclass(frozen=True)
class ColumnHeader:
    """One column's header: its levels from the group down to the leaf, and the sample of what stands below."""

    column: int
    levels: tuple[str, ...]
    sample: ColumnSample

    @property
    def text(self) -> str:
        """The header as a clerk would say it: the leaf, after its group where it has one."""
        return "".join(self.levels)

    @property
    def leaf(self) -> str:
        """The lowest level of the header."""
        return self.levels[-1] if self.levels else ""


@dataclass(frozen=True)
class Match:
    """One header understood as one column of the list."""

    field: str
    heading: ColumnHeader
    how: str
    score: float


@dataclass(frozen=True)
class Item:
    """What one column of a wide table holds: a field of one of the items."""

    value: int | str
    field: str


@dataclass
class HeaderMatching:
    """What a list makes of a row of headers."""

    contract: Contract
    matches: dict[str, Match] = field(default_factory=dict)
    unknown: list[ColumnHeader] = field(default_factory=list)
    twice: dict[str, list[ColumnHeader]] = field(
        default_factory=dict
    )  # fields that two headers claim with equal right
    items: dict[int, Item] = field(
        default_factory=dict
    )  # by column (from 0), in a wide table
    item_headers: dict[int, str] = field(default_factory=dict)  # what stands above them
    facts: dict[str, CellValue] = field(
        default_factory=dict
    )  # what stands once above the table


class Vocabulary:
    """The headers of one list, ready to be looked up."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.official = {
            k: c.name for c in contract.columns for k in header_text.keys(c.header)[:1]
        }
        self.exact = self._exact()
        self.claimed = self._claimed()
        self.weak = self._weak()
        self.weights = self._weights()
        self._telling = header_text.lexicon().telling.difference(
            header_text.meanings(contract.title)
        )
        self._spelled = {
            c.name: {header_text.meaning_text(h) for h in c.headers}
            for c in contract.columns
        }
        self._phrases = {c.name: self._column_phrases(c) for c in contract.columns}
        self._whose = {
            name: self._always(name) & header_text.lexicon().subjects
            for name in self._phrases
        }
        self._by_clue: defaultdict[str, set[str]] = defaultdict(set)
        for name in contract.names:
            for clue in self.clues(name):
                self._by_clue[clue].add(name)
        person = self._phrases.get(contract.person_name or "", [])
        self._subject = (
            frozenset[str]().union(*(meant for meant, _ in person)) - _NAMES
        )  # how the list calls its people

    def _exact(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for column in self.contract.columns:
            for header in column.headers:
                for key in header_text.keys(header)[:1]:
                    found.setdefault(key, column.name)
        return found | self.official

    def _claimed(self) -> dict[str, tuple[str, ...]]:
        """Return the headers that several columns of the list go by: what stands below tells which is meant."""
        claims: defaultdict[str, list[str]] = defaultdict(list)
        for column in self.contract.columns:
            for key in dict.fromkeys(
                key for header in column.headers for key in header_text.keys(header)[:1]
            ):
                claims[key].append(column.name)
        return {key: tuple(names) for key, names in claims.items() if len(names) > 1}

    def _weak(self) -> dict[str, str]:
        """Forms of headers without their brackets, where only one column of the list has them."""
        claims: defaultdict[str, set[str]] = defaultdict(set)
        for column in self.contract.columns:
            for header in column.headers:
                for key in header_text.keys(header)[1:]:
                    claims[key].add(column.name)
        return {
            key: next(iter(names))
            for key, names in claims.items()
            if len(names) == 1 and key not in self.exact
        }

    def _weights(self) -> dict[str, float]:
        """Concepts that many columns share tell little (idf), on top of the weight that the lexicon gives."""
        spread: Counter[str] = Counter()
        for column in self.contract.columns:
            spread.update(
                {m for header in column.headers for m in header_text.meanings(header)}
            )
        total, theme = max(len(self.contract.columns), 2), self._theme()
        rare = {
            m: 0.25 + 0.75 * log(1 + total / n) / log(1 + total)
            for m, n in spread.items()
        }
        return {
            m: _base_weight(m) * (_THEME if m in theme else 1) * rare.get(m, 1.0)
            for m in spread.keys() | theme
        }

    def _theme(self) -> frozenset[str]:
        """Return what the whole list is about, which tells its columns apart least: 补贴 in a ledger of 补贴."""
        words = (self.contract.title, *self.contract.title_words)
        return (
            frozenset(m for word in words for m in header_text.meanings(word)) & _THEMES
        )

    def _column_phrases(self, column: Column) -> list[tuple[frozenset[str], float]]:
        """Return the distinct meanings of a column's headers, each with its weight; one lone character is none."""
        meant = {frozenset(header_text.meanings(h)) for h in column.headers} - {
            frozenset()
        }
        distinct = {m for m in meant if len(m) > 1 or len(next(iter(m))) > 1}
        return [(meant, self.weigh(meant)) for meant in sorted(distinct, key=sorted)]

    def _always(self, name: str) -> frozenset[str]:
        """Return what every header of a column speaks of: the expert's number is not anybody's."""
        phrases = [meant for meant, _ in self._phrases[name]]
        return phrases[0].intersection(*phrases) if phrases else frozenset()

    def weigh(self, meant: frozenset[str]) -> float:
        """Return how much a set of concepts says in this list."""
        return sum(self.weights.get(m) or _base_weight(m) for m in meant)

    @lru_cache(maxsize=8192)  # noqa: B019 - one vocabulary a list, kept as long as the process
    def likeness(self, text: str, name: str) -> float:
        """Return from 0 to 1 how near a header's text is to the headers of the column ``name``."""
        if self.forbids(text, name):
            return 0.0
        meant = frozenset(header_text.meanings(text))
        own, best = self.weigh(meant), 0.0
        for concepts, weight in self._phrases[name]:
            if common := meant & concepts:
                best = max(best, 2 * self.weigh(common) / (own + weight))
        return max(best, self._slip(header_text.meaning_text(text), name))

    def forbids(self, text: str, name: str) -> bool:
        """Tell whether a header speaks of what a column cannot be (去年, 配偶), or not of whose it must be."""
        meant = frozenset(header_text.meanings(text))
        return bool(
            self._strange(meant, name) & self._telling or self._whose[name] - meant
        )

    def clues(self, name: str) -> frozenset[str]:
        """Return what a text must have one of (``clues_of``) to be at all like a header of the column ``name``."""
        return frozenset(
            m for concepts, _ in self._phrases[name] for m in concepts
        ) | frozenset(
            slip for spelled in self._spelled[name] for slip in _slips(spelled)
        )

    def like(self, *texts: str) -> set[str]:
        """Return the columns that one of the texts may at all be like."""
        return {
            name
            for text in texts
            for clue in clues_of(text)
            for name in self._by_clue.get(clue, ())
        }

    def _strange(self, meant: frozenset[str], name: str) -> frozenset[str]:
        """Return what a header speaks of and no header of the column ever does."""
        own = (
            self._subject
            if self.contract.column(name).kind != "name"
            else frozenset[str]()
        )
        return meant.difference(own, *(concepts for concepts, _ in self._phrases[name]))

    def trust(self, text: str, name: str) -> float:
        """Return from 0 to 1 how far values may speak for a column: less, the more of the header is strange to it."""
        meant = frozenset(header_text.meanings(text))
        strange = self.weigh(self._strange(meant, name)) / (self.weigh(meant) or 1.0)
        slope = _CODE_TRUST if self.contract.column(name).kind == "code" else _TRUST
        return max(0.0, 1 - slope * strange)

    def _slip(self, text: str, name: str) -> float:
        """Return how near a text is to a header of which one character is written by another of the same sound."""
        if len(text) < _SLIP_FROM:
            return 0.0
        same = (
            s
            for s in self._spelled[name]
            if len(s) == len(text) and Hamming.distance(text, s, score_cutoff=1) == 1
        )
        return _SLIP_SCORE if any(_sounds_alike(text, s) for s in same) else 0.0


def _slips(text: str) -> Iterator[str]:
    """Yield a text with each of its characters left open in turn, if it is long enough to be told with one wrong."""
    return (
        f"{text[:i]}\0{text[i + 1 :]}"
        for i in range(len(text))
        if len(text) >= _SLIP_FROM
    )


@lru_cache(maxsize=16384)
def clues_of(text: str) -> frozenset[str]:
    """Return the concepts of a header and the forms with a character left open by which a column is found."""
    return frozenset(header_text.meanings(text)).union(
        _slips(header_text.meaning_text(text))
    )


def _sounds_alike(text: str, spelled: str) -> bool:
    wrong, right = next((a, b) for a, b in zip(text, spelled, strict=True) if a != b)
    if wrong in header_text.lexicon().forms:
        return False  # a word of its own, not a slip
    sounds = (
        {
            s
            for reading in pinyin(c, style=Style.NORMAL, heteronym=True)
            for s in reading
        }
        for c in (wrong, right)
    )
    return bool(next(sounds) & next(sounds))


def _base_weight(meaning: str) -> float:
    return header_text.lexicon().weights.get(
        meaning, _STRANGE if len(meaning) == 1 else 1.0
    )


_VOCABULARIES: dict[int, tuple[Contract, Vocabulary]] = {}


def vocabulary(contract: Contract) -> Vocabulary:
    """Return the vocabulary of a contract, made once a process."""
    kept = _VOCABULARIES.get(id(contract))
    if kept is None or kept[0] is not contract:
        kept = _VOCABULARIES[id(contract)] = (contract, Vocabulary(contract))
    return kept[1]


@lru_cache(maxsize=16384)
def lookups(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys to look a header up by: group with leaf first, then the leaf alone."""
    if not levels:
        return ()
    found: list[str] = []
    if len(levels) > 1:
        groups = [
            normal
            for level in levels[:-1]
            if (normal := header_text.meaning_text(level))
        ]
        cores = [
            g.removesuffix("情况")
            .removesuffix("信息")
            .removesuffix("状况")
            .removesuffix("基本")
            for g in groups
        ]
        for group in dict.fromkeys([*reversed(groups), *reversed(cores)]):
            found.extend(group + key for key in header_text.keys(levels[-1]))
    found.extend(header_text.keys(levels[-1]))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=65536)  # the towns of a county fill in the same forms
def known(vocab: Vocabulary, levels: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the field that the contract names for a header, and how: official, alias or weak."""
    keys = lookups(levels)
    for key in keys:
        if name := vocab.exact.get(key):
            return name, ("official" if key in vocab.official else "alias")
    for key in keys:
        if name := vocab.weak.get(key):
            return name, "weak"
    return None


def is_serial(heading: ColumnHeader) -> bool:
    """Tell whether a column only numbers the rows."""
    keys = header_text.keys(heading.leaf)
    if any(key in SERIAL for key in keys):
        return True
    return any(key in _BARE_NUMBERS for key in keys) and counts_up(
        heading.sample.values
    )


def counts_up(values: Sequence[CellValue]) -> bool:
    """Tell whether values go 1 2 3, beginning again where they like."""
    numbers = [
        int(t) for v in values if (t := cell_text(v).strip()).isdecimal() and len(t) < 6
    ]
    steps = [b - a for a, b in pairwise(numbers)]
    return (
        len(numbers) * 10 >= len(values) * 9 > 0
        and numbers[0] == 1
        and sum(s == 1 for s in steps) * 2 >= len(steps)
    )


def quick_score(
    contract: Contract,
    headings: list[ColumnHeader],
    elsewhere: frozenset[str] = frozenset(),
) -> float:
    """Return from 0 to 1 how much of a header row a list knows by the letter, and how much of the list is there.

    ``elsewhere`` are fields that the list's shape puts outside the header row.
    """
    return _quick_score(
        vocabulary(contract), tuple(h.levels for h in headings), elsewhere
    )


@lru_cache(maxsize=4096)
def _quick_score(
    vocab: Vocabulary, told: tuple[tuple[str, ...], ...], elsewhere: frozenset[str]
) -> float:
    named = {hit[0] for levels in told if (hit := known(vocab, levels))}
    return _share(vocab.contract, named | elsewhere, len(named), len(told))


def _share(contract: Contract, named: set[str], hits: float, total: int) -> float:
    if not hits or not total:
        return 0.0
    needed = _needed(contract)
    found = sum(_own_weight(c) for c in needed if c.name in named)
    recall = found / max(sum(_own_weight(c) for c in needed), 0.1)
    return 0.5 * min(hits / total, 1.0) + 0.5 * recall


def _own_weight(column: Column) -> float:
    """Columns that all lists share do not tell which list it is."""
    return 0.35 if column.block else 1.0


def score(understanding: HeaderMatching, total: int) -> float:
    """Return from 0 to 1 how well a list explains ``total`` headers, guesses counted by their scores."""
    read = {m.heading.column: m.score for m in understanding.matches.values()}
    hits = sum(read.values()) + sum(
        column not in read for column in understanding.items
    )
    return _share(
        understanding.contract,
        {*understanding.matches, *understanding.facts},
        hits,
        total,
    )


def is_complete(understanding: HeaderMatching) -> bool:
    """Tell whether a list leaves no header unexplained, and the headers no column open that the list must have."""
    return not understanding.unknown and not missing_columns(understanding)


def missing_columns(understanding: HeaderMatching) -> list[str]:
    """Return the columns that a list must have and no header was understood as."""
    found = {
        *understanding.matches,
        *understanding.facts,
        *(i.field for i in understanding.items.values()),
    }
    return [c.name for c in _needed(understanding.contract) if c.name not in found]


def _needed(contract: Contract) -> list[Column]:
    return [
        c
        for c in contract.columns
        if c.need == "M" and c.kind != "town" and not c.required_if
    ]


def understand(
    contract: Contract,
    headings: list[ColumnHeader],
    codes: Mapping[str, CodeList],
    confirmed: Mapping[tuple[str, str], str],
) -> HeaderMatching:
    """Say for each heading which column of the list it is, if any."""
    vocab, result = vocabulary(contract), HeaderMatching(contract)
    claims: defaultdict[str, list[Match]] = defaultdict(list)
    open_headings: list[ColumnHeader] = []
    for heading in headings:
        match = _known_match(vocab, heading, codes, confirmed)
        if match:
            claims[match.field].append(match)
        else:
            open_headings.append(heading)
    for name, rivals in claims.items():
        _settle(result, contract.column(name), rivals)
    _guess(vocab, result, open_headings, codes)
    return result


def _known_match(
    vocab: Vocabulary,
    heading: ColumnHeader,
    codes: Mapping[str, CodeList],
    confirmed: Mapping[tuple[str, str], str],
) -> Match | None:
    for key in lookups(heading.levels):
        name = confirmed.get((vocab.contract.code, key))
        if name and vocab.contract.has(name):
            return Match(name, heading, "alias", 1.0)
    hit = known(vocab, heading.levels)
    if hit is None:
        return None
    name, how = hit
    rivals = next(
        (vocab.claimed[key] for key in lookups(heading.levels) if key in vocab.claimed),
        (),
    )
    if name in rivals:
        name = _likeliest(vocab.contract, rivals, heading, codes)
    if how == "weak":
        fits = judge(heading.sample, vocab.contract.column(name), codes).fits
        return Match(name, heading, "alias", 1.0) if fits else None
    return Match(name, heading, how, 1.0)


def _likeliest(
    contract: Contract,
    names: Sequence[str],
    heading: ColumnHeader,
    codes: Mapping[str, CodeList],
) -> str:
    """Return the column that the values below a header speak for; the list's own before one that many lists have."""

    def speaks(name: str) -> tuple[float, bool]:
        fit = judge(heading.sample, contract.column(name), codes)
        return (fit.support if fit.fits else -1.0, contract.column(name).block is None)

    return max(names, key=speaks)


def _settle(result: HeaderMatching, column: Column, rivals: list[Match]) -> None:
    """Give a field to one of the headers that name it: the official or foremost one, else the only one filled."""
    if len(rivals) > 1:
        first = [m for m in rivals if m.how == "official"] or [
            m for m in rivals if _is_foremost(column, m.heading)
        ]
        filled = [m for m in rivals if m.heading.sample.values]
        plain = (
            column.kind == "id"
        )  # whose number it is, its neighbours say: 身份证号 may well be the head's
        rivals_left = first if len(first) == 1 and not plain else filled
        if len(rivals_left) != 1 and column.need in "MS":
            result.twice[column.name] = [m.heading for m in rivals]
            result.matches[column.name] = rivals[0]
            return
        keep = rivals_left[0] if rivals_left else rivals[0]
        result.unknown.extend(m.heading for m in rivals if m is not keep)
        rivals = [keep]
    result.matches[column.name] = rivals[0]


def _is_foremost(column: Column, heading: ColumnHeader) -> bool:
    """Tell whether a header says what is meant better than others of its column: 实发 beside 应发."""
    return not set(lookups(heading.levels)).isdisjoint(
        k for h in column.foremost for k in header_text.keys(h)[:1]
    )


def _guess(
    vocab: Vocabulary,
    result: HeaderMatching,
    waiting: list[ColumnHeader],
    codes: Mapping[str, CodeList],
) -> None:
    """Place the headings that no contract names, surest first, until no more can be placed."""
    ranked = {h.column: _rank(vocab, h, codes) for h in waiting}
    placed = True
    while placed and waiting:
        placed = False
        wishes: defaultdict[str, list[tuple[float, ColumnHeader]]] = defaultdict(list)
        for heading in waiting:
            wish = _wish(ranked[heading.column], set(result.matches))
            if wish:
                wishes[wish[0]].append((wish[1], heading))
        for name, rivals in wishes.items():
            rivals.sort(key=lambda r: -r[0])
            if len(rivals) > 1 and rivals[0][0] - rivals[1][0] < MARGIN:
                continue
            best, heading = rivals[0]
            result.matches[name] = Match(
                name, heading, "guess", round(min(best, 0.99), 2)
            )
            waiting = [h for h in waiting if h is not heading]
            placed = True
    result.unknown.extend(_eliminate(vocab, codes, result, waiting, ranked))


def _eliminate(
    vocab: Vocabulary,
    codes: Mapping[str, CodeList],
    result: HeaderMatching,
    waiting: list[ColumnHeader],
    ranked: Mapping[int, list[tuple[float, str]]],
) -> list[ColumnHeader]:
    """Place the one header that can be a mandatory column still missing; return the headers left over."""
    needed = [c.name for c in vocab.contract.columns if c.need == "M"]
    missing = [name for name in needed if name not in result.matches]
    if len(needed) - len(missing) < _NEARLY_ALL * len(needed):
        return waiting
    for name in missing:
        found = [
            (s, h)
            for h in waiting
            if (s := _last_chance(ranked[h.column], name, result)) is not None
        ]
        found.sort(key=lambda f: -f[0])
        if found and (len(found) == 1 or found[0][0] - found[1][0] >= MARGIN):
            score, heading = found[0]
            result.matches[name] = Match(
                name, heading, "guess", round(min(score + _LAST, 0.99), 2)
            )
            waiting = [h for h in waiting if h is not heading]
        elif not _reclaim(vocab, codes, result, name, ranked) and (
            told := _by_values(vocab, codes, name, waiting)
        ):
            result.matches[name] = Match(name, told, "guess", ENOUGH)
            waiting = [h for h in waiting if h is not told]
    return waiting


def _by_values(
    vocab: Vocabulary,
    codes: Mapping[str, CodeList],
    name: str,
    waiting: Sequence[ColumnHeader],
) -> ColumnHeader | None:
    """Return the one header left over whose values are the choices of a missing column, and of no other of the list."""
    column = vocab.contract.column(name)
    if not _has_own_words(column, codes):
        return None
    others = [
        c
        for c in vocab.contract.columns
        if c.codes != column.codes and _has_own_words(c, codes)
    ]
    told = [
        h
        for h in waiting
        if len(h.sample.values) >= _VALUES_TELL
        and h.sample.code_share(codes[column.codes or ""]) >= _ALL_BUT_SLIPS
        and not any(
            h.sample.code_share(codes[c.codes or ""]) >= _ALL_BUT_SLIPS for c in others
        )
        and not any(vocab.forbids(text, name) for text in (h.leaf, h.text))
    ]
    return told[0] if len(told) == 1 else None


def _has_own_words(column: Column, codes: Mapping[str, CodeList]) -> bool:
    """Tell whether a column is a choice from words that say by themselves what is chosen: 是 and 否 do not."""
    choices = codes.get(column.codes or "") if column.kind == "code" else None
    return choices is not None and not choices.open and len(choices.labels) > 2


def _reclaim(
    vocab: Vocabulary,
    codes: Mapping[str, CodeList],
    result: HeaderMatching,
    name: str,
    ranked: Mapping[int, list[tuple[float, str]]],
) -> bool:
    """Let a missing mandatory choice have the header of an optional choice whose values are its own as well.

    A header that was only guessed gives way soon; an alias where the values speak for the missing column no less.
    """
    column = vocab.contract.column(name)
    for match in list(result.matches.values()):
        held = vocab.contract.column(match.field)
        if (
            held.need == "M"
            or match.how == "official"
            or not column.kind == held.kind == "code"
        ):
            continue
        guessed = match.how == "guess"
        order = (
            ranked[match.heading.column]
            if guessed
            else _rank(vocab, match.heading, codes)
        )
        score = next((s for s, n in order if n == name), 0.0)
        if score >= ENOUGH - (_LAST if guessed else 0) and (
            guessed or _knows_no_less(column, held, match, codes)
        ):
            del result.matches[match.field]
            result.matches[name] = Match(
                name, match.heading, "guess", round(min(score + _LAST, 0.99), 2)
            )
            return True
    return False


def _knows_no_less(
    column: Column, held: Column, match: Match, codes: Mapping[str, CodeList]
) -> bool:
    """Tell whether the values below a header are choices of ``column`` at least as much as of the one that has it."""
    mine, theirs = (
        match.heading.sample.code_share(codes[c.codes or ""]) for c in (column, held)
    )
    return mine > 0 and mine >= theirs


def _last_chance(
    ranked: list[tuple[float, str]], name: str, result: HeaderMatching
) -> float | None:
    """Return how well a heading fits a missing column if, of the columns still open, it can only be that one."""
    score = next((s for s, n in ranked if n == name), 0.0)
    rivals = [s for s, n in ranked if n != name and n not in result.matches]
    better = [n for s, n in ranked if s > score and n in result.matches]
    by_letter = all(result.matches[n].how != "guess" for n in better)
    enough = ENOUGH if better else ENOUGH - _LAST
    clear = by_letter and all(score - s >= MARGIN for s in rivals)
    return score if clear and score >= enough else None


def _rank(
    vocab: Vocabulary, heading: ColumnHeader, codes: Mapping[str, CodeList]
) -> list[tuple[float, str]]:
    """Score a heading against every column of the list whose values could stand below it, best first."""
    ranked, like = [], vocab.like(heading.leaf, heading.text)
    for column in (c for c in vocab.contract.columns if c.name in like):
        text, said = max(
            (vocab.likeness(t, column.name), t) for t in (heading.leaf, heading.text)
        )
        if text < 0.3:
            continue
        fit = judge(heading.sample, column, codes)
        if fit.fits:
            trust = vocab.trust(said, column.name) if fit.support > 0 else 1.0
            ranked.append((text + fit.support * trust, column.name))
    return sorted(ranked, key=lambda r: (-r[0], r[1]))


def _wish(ranked: list[tuple[float, str]], taken: set[str]) -> tuple[str, float] | None:
    """Return the one column that a heading can only mean, or None. A better match that is taken forbids the next."""
    if not ranked or ranked[0][0] < ENOUGH or ranked[0][1] in taken:
        return None
    rest = [s for s, name in ranked[1:] if name not in taken]
    close_taken = any(
        name in taken and ranked[0][0] - s < MARGIN / 2 for s, name in ranked[1:]
    )
    if close_taken or (rest and ranked[0][0] - rest[0] < MARGIN):
        return None
    return ranked[0][1], ranked[0][0]
