"""Which list a table is, told by its headers, its title and the name of its sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from yiku.contracts import CodeList, Contract
from yiku.formats.cells import CellValue
from yiku.tables import reshape
from yiku.tables.column_fit import judge
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_guessing import MARGIN
from yiku.tables.known_headers import (
    HeaderMatching,
    is_complete,
    missing_columns,
    score,
)
from yiku.tables.reading_context import ReadingContext

LIST_ENOUGH = 0.6
# By the letter: a list this far ahead of the next, and this good, is the one; a list
# this far behind the first is not looked at again. Matching all lists would be slow.
_CLEAR = 0.15
_SURE = 0.9
_FAR = 0.35


@dataclass(frozen=True)
class ListChoice:
    """The list that a header row carries, or why none can be named.

    ``best`` is the score of the likeliest list, ``rivals`` are the lists that are as
    likely as one another.
    """

    matching: HeaderMatching | None
    best: float
    rivals: tuple[str, ...] = ()


class _Candidate(NamedTuple):
    """A list that the table may be, with what it makes of the headers."""

    score: float
    code: str
    matching: HeaderMatching

    def chosen(self) -> ListChoice:
        """Return the choice of this list."""
        return ListChoice(self.matching, self.score)


def choose_list(
    context: ReadingContext,
    headers: Sequence[ColumnHeader],
    names: str,
    above: Sequence[Sequence[CellValue]],
) -> ListChoice:
    """Decide which list a table is; ``names`` are its title and its sheet's name.

    Between lists that are equally near, a title decides, then whether the headers are
    those of one of them, all of them.
    """
    candidates: list[_Candidate] = []
    for code in _near_by_letter(context, headers, above):
        matching = reshape.match_shaped_headers(
            context.contracts[code],
            headers,
            above,
            context.codes,
            context.confirmed,
        )
        found = score(matching, len(headers))
        candidates.append(_Candidate(found, code, matching))
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.code))
    if not candidates:
        return ListChoice(None, 0.0)
    best = candidates[0].score
    if best < LIST_ENOUGH:
        return ListChoice(None, best)
    rivals = [rival for rival in candidates if best - rival.score < MARGIN]
    chosen = _only_one(context, rivals, names)
    if chosen:
        return chosen.chosen()
    return ListChoice(None, best, tuple(rival.code for rival in rivals))


def _near_by_letter(
    context: ReadingContext,
    headers: Sequence[ColumnHeader],
    above: Sequence[Sequence[CellValue]],
) -> list[str]:
    """Return the lists that are worth matching, by the headers that they name."""
    ranked: list[tuple[float, str]] = []
    for code, contract in context.contracts.items():
        ranked.append(
            (reshape.quick_shaped_score(contract, headers, above), code)
        )
    ranked.sort(reverse=True)
    if not ranked:
        return []
    best, best_code = ranked[0]
    if len(ranked) > 1 and best >= _SURE and best - ranked[1][0] >= _CLEAR:
        return [best_code]
    # where no list is named well enough the meaning of the headers must tell
    return [
        code
        for found, code in ranked
        if best < LIST_ENOUGH or best - found < _FAR
    ]


def _only_one(
    context: ReadingContext,
    rivals: Sequence[_Candidate],
    names: str,
) -> _Candidate | None:
    """Return the one of several lists that the title, or their columns, speak for."""
    if len(rivals) == 1:
        return rivals[0]
    titled: list[tuple[int, str]] = []
    for rival in rivals:
        contract = context.contracts[rival.code]
        titled.append((_title_length(contract, names), rival.code))
    titled.sort(reverse=True)
    longest, code = titled[0]
    if longest > titled[1][0]:
        return next(rival for rival in rivals if rival.code == code)
    fitting = [rival for rival in rivals if is_complete(rival.matching)]
    if not fitting:
        codes = context.codes
        fitting = [
            rival
            for rival in rivals
            if not _surely_lacks(rival.matching, codes)
        ]
    return fitting[0] if len(fitting) == 1 else None


def _surely_lacks(
    matching: HeaderMatching, codes: Mapping[str, CodeList]
) -> bool:
    """Return whether a list lacks a column that none of the unknown headers can be."""
    contract = matching.contract
    for name in missing_columns(matching):
        column = contract.column(name)
        fits = [
            judge(header.sample, column, codes) for header in matching.unknown
        ]
        if all(fit.support < 0 or not fit.fits for fit in fits):
            return True
    return False


def _title_length(contract: Contract, names: str) -> int:
    """Return the length of the longest title word of a list that ``names`` holds.

    The longer word says more: 就业 stands in many titles, 转移就业 in one.
    """
    words = (*contract.title_words, contract.title)
    return max((len(word) for word in words if word in names), default=0)
