"""Guesses what a header means that no contract lists (L04).

A guess weighs how near the header's meaning is to a column's headers, what the values
below look like, and whether another column wants the same. It counts from a score of
0.8 with a margin of 0.1 to the next column and values that fit; everything else stays
unknown. Where a mandatory choice is missing, the one header left over whose values are
its choices is asked about as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from yiku.contracts import CodeList, Column
from yiku.tables.column_fit import judge
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_vocabulary import Vocabulary, vocabulary
from yiku.tables.known_headers import (
    Codes,
    HeaderMatching,
    Match,
)

ENOUGH = 0.8
MARGIN = 0.1
LEAST_LIKE = (
    0.3  # a header less like a column's is not compared with its values
)
_MOST_SURE = 0.99  # a guess is never as good as the contract's word
# What it adds to a guess that a list lacks only this column and no other header can be
# it, and the share of mandatory columns that must be found before that may be said.
_LAST = 0.2
_NEARLY_ALL = 0.6
_VALUES_TELL = (
    3  # values that must be there before they alone say what a column is
)
_ALL_BUT_SLIPS = 0.9  # share of them that must be choices of the column


class Likeness(NamedTuple):
    """How well one column of the list suits a header."""

    score: float
    field: str


class _Candidate(NamedTuple):
    """A header that may be had for a column, and how well it suits it."""

    score: float
    header: ColumnHeader


Ranked = Mapping[int, Sequence[Likeness]]  # by the header's column, best first


def guess_headers(
    matching: HeaderMatching, left: Sequence[ColumnHeader], codes: Codes
) -> None:
    """Add to a matching what the headers that are left could mean."""
    _Guesser(matching, left, codes).guess()


def _guess(
    name: str,
    header: ColumnHeader,
    score: float,
) -> Match:
    """Return a match that a clerk is asked about, with its score rounded."""
    return Match(name, header, "guess", round(min(score, _MOST_SURE), 2))


class _Guesser:
    """Places the headers of one table that the contract does not name."""

    def __init__(
        self,
        result: HeaderMatching,
        waiting: Sequence[ColumnHeader],
        codes: Codes,
    ) -> None:
        self.result = result
        self.waiting = list(waiting)
        self.codes = codes
        self.contract = result.contract
        self.vocab = vocabulary(result.contract)
        self.ranked: Ranked = {
            header.column: rank_columns(self.vocab, header, codes)
            for header in self.waiting
        }

    def guess(self) -> None:
        """Place headers, surest first, until no more can be placed."""
        while self.waiting and self._place_wishes():
            pass
        self._place_last_ones()
        self.result.unknown.extend(self.waiting)

    def _take(self, match: Match) -> None:
        """Keep a match; its header waits no more."""
        self.result.matches[match.field] = match
        self.waiting = [
            header for header in self.waiting if header is not match.header
        ]

    def _place_wishes(self) -> bool:
        """Give each column to the header that wants it most; return whether any was.

        Two that want it nearly as much wait: one of them may yet find another column.
        """
        wishes: defaultdict[str, list[_Candidate]] = defaultdict(list)
        taken = set(self.result.matches)
        for header in self.waiting:
            wish = _wish(self.ranked[header.column], taken)
            if wish:
                wishes[wish.field].append(_Candidate(wish.score, header))
        has_placed = False
        for name, rivals in wishes.items():
            best = _clear_best(rivals)
            if best:
                self._take(_guess(name, best.header, best.score))
                has_placed = True
        return has_placed

    def _place_last_ones(self) -> None:
        """Place the one header that can be a mandatory column still missing.

        Only where most of the mandatory columns were found: the list is then sure.
        """
        columns = self.contract.columns
        needed = [column.name for column in columns if column.need == "M"]
        missing = [name for name in needed if name not in self.result.matches]
        if len(needed) - len(missing) < _NEARLY_ALL * len(needed):
            return
        for name in missing:
            best = _clear_best(self._last_chances(name))
            if best:
                self._take(_guess(name, best.header, best.score + _LAST))
                continue
            # a choice that lost its header to another may have it back
            if self._reclaim(name):
                continue
            header = self._only_by_values(name)
            if header:
                self._take(Match(name, header, "guess", ENOUGH))

    def _last_chances(self, name: str) -> list[_Candidate]:
        """Return the headers that can be nothing else than a missing column."""
        found: list[_Candidate] = []
        for header in self.waiting:
            score = _last_chance(self.ranked[header.column], name, self.result)
            if score is not None:
                found.append(_Candidate(score, header))
        return found

    def _only_by_values(self, name: str) -> ColumnHeader | None:
        """Return the one header left whose values are the choices of a missing column.

        They must be choices of no other column of the list.
        """
        column = self.contract.column(name)
        choices = _own_words(column, self.codes)
        if choices is None:
            return None
        others: list[CodeList] = []
        for other in self.contract.columns:
            words = _own_words(other, self.codes)
            if words is not None and other.codes != column.codes:
                others.append(words)
        found = [
            header
            for header in self.waiting
            if self._holds_only(header, choices, others)
            and not self.vocab.forbids(header.leaf, name)
            and not self.vocab.forbids(header.text, name)
        ]
        return found[0] if len(found) == 1 else None

    def _holds_only(
        self,
        header: ColumnHeader,
        choices: CodeList,
        others: Sequence[CodeList],
    ) -> bool:
        """Return whether the values below a header are choices of one code list."""
        sample = header.sample
        if len(sample.values) < _VALUES_TELL:
            return False
        if sample.code_share(choices) < _ALL_BUT_SLIPS:
            return False
        return all(
            sample.code_share(other) < _ALL_BUT_SLIPS for other in others
        )

    def _reclaim(self, name: str) -> bool:
        """Let a missing mandatory choice have the header of an optional choice.

        The values below it must be its own as well. A header that was only guessed
        gives way soon; an alias where the values speak for the missing column no less.
        """
        column = self.contract.column(name)
        for match in list(self.result.matches.values()):
            holder = self.contract.column(match.field)
            if holder.need == "M" or match.how == "official":
                continue
            if column.kind != "code" or holder.kind != "code":
                continue
            score = self._claim(column, holder, match)
            if score is None:
                continue
            del self.result.matches[match.field]
            self.result.matches[name] = _guess(
                name, match.header, score + _LAST
            )
            return True
        return False

    def _claim(
        self,
        column: Column,
        holder: Column,
        match: Match,
    ) -> float | None:
        """Return the score with which a column may take a header from its holder."""
        header = match.header
        if match.how == "guess":
            score = _score_of(column.name, self.ranked[header.column])
            return score if score >= ENOUGH - _LAST else None
        ranked = rank_columns(self.vocab, header, self.codes)
        score = _score_of(column.name, ranked)
        if score < ENOUGH or not self._speak_for(column, holder, header):
            return None
        return score

    def _speak_for(
        self,
        column: Column,
        holder: Column,
        header: ColumnHeader,
    ) -> bool:
        """Return whether values are choices of a column no less than of its holder."""
        mine = header.sample.code_share(self.codes[column.codes or ""])
        theirs = header.sample.code_share(self.codes[holder.codes or ""])
        return mine > 0 and mine >= theirs


def _clear_best(rivals: Sequence[_Candidate]) -> _Candidate | None:
    """Return the candidate that is ahead of the next by the margin."""
    # stable: of two alike the one further left comes first, and neither is clear
    ranked = sorted(rivals, key=lambda rival: -rival.score)
    if not ranked:
        return None
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < MARGIN:
        return None
    return ranked[0]


def _own_words(column: Column, codes: Codes) -> CodeList | None:
    """Return the choices of a column if their words say by themselves what is chosen.

    是 and 否 do not, nor does a list that takes any word.
    """
    if column.kind != "code":
        return None
    choices = codes.get(column.codes or "")
    if choices is None or choices.open or len(choices.labels) <= 2:
        return None
    return choices


def _score_of(name: str, ranked: Sequence[Likeness]) -> float:
    """Return how well a column suits the header; 0 when it was not ranked."""
    return next(
        (likeness.score for likeness in ranked if likeness.field == name), 0.0
    )


def _last_chance(
    ranked: Sequence[Likeness],
    name: str,
    result: HeaderMatching,
) -> float | None:
    """Return how well a header suits a missing column if it can only be that one.

    Of the columns still open none may be nearly as likely, and those that are likelier
    must have been named by their own headers.
    """
    score = _score_of(name, ranked)
    is_beaten = False
    for other in ranked:
        match = result.matches.get(other.field)
        if match is None:
            if other.field != name and score - other.score < MARGIN:
                return None
        elif other.score > score:
            is_beaten = True
            if match.how == "guess":
                return None
    enough = ENOUGH if is_beaten else ENOUGH - _LAST
    return score if score >= enough else None


def rank_columns(
    vocab: Vocabulary,
    header: ColumnHeader,
    codes: Codes,
) -> list[Likeness]:
    """Score a header against the columns whose values could stand below it.

    Best first; columns that are hardly like it are left out.
    """
    ranked: list[Likeness] = []
    candidates = vocab.like(header.leaf, header.text)
    for column in vocab.contract.columns:
        if column.name not in candidates:
            continue
        likeness, said = max(
            (vocab.likeness(text, column.name), text)
            for text in (header.leaf, header.text)
        )
        if likeness < LEAST_LIKE:
            continue
        fit = judge(header.sample, column, codes)
        if not fit.fits:
            continue
        # values that speak against a column do so whatever the header says
        trust = vocab.trust(said, column.name) if fit.support > 0 else 1.0
        ranked.append(Likeness(likeness + fit.support * trust, column.name))
    return sorted(
        ranked, key=lambda likeness: (-likeness.score, likeness.field)
    )


def _wish(ranked: Sequence[Likeness], taken: set[str]) -> Likeness | None:
    """Return the one column that a header can only mean, or None.

    A better match that is taken forbids the next.
    """
    if not ranked:
        return None
    best = ranked[0]
    if best.score < ENOUGH or best.field in taken:
        return None
    has_rival = False
    for other in ranked[1:]:
        behind = best.score - other.score
        if other.field in taken:
            if behind < MARGIN / 2:
                return None
        elif not has_rival:
            # the best of those still open; the others are further behind
            has_rival = True
            if behind < MARGIN:
                return None
    return best
