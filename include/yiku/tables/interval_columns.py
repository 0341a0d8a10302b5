"""One column that holds a start and an end at once (T07).

培训时间 2017.3.1-2017.3.10, 协议起止, 聘期.
"""

from __future__ import annotations

from collections.abc import Iterator

from yiku.contracts import Column, Contract
from yiku.tables import header_text
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_guessing import ENOUGH, LEAST_LIKE, MARGIN
from yiku.tables.header_vocabulary import vocabulary
from yiku.tables.known_headers import HeaderMatching, Match

_BOTH = frozenset({"START", "END"})
_ENDS = (("start", "end"), ("from", "to"))
_MOST_ARE_SPANS = 0.5
# Values that are spans speak for the pair beside what the header says.
_VALUES_ADD = 0.15
_MOST_SURE = 0.99

Pair = tuple[str, str]


def pairs(contract: Contract) -> list[Pair]:
    """Return the columns of a list that are the two ends of one span of time.

    start_on with end_on, held_from with held_to, as months or as dates.
    """
    found: list[Pair] = []
    for column in contract.columns:
        if column.kind in ("date", "month"):
            found.extend(_pairs_from(contract, column))
    return found


def _pairs_from(contract: Contract, column: Column) -> Iterator[Pair]:
    """Yield a column with that of its end: start_on with end_on, held_from with _to."""
    parts = column.name.split("_")
    for start, end in _ENDS:
        if start not in parts:
            continue
        other = "_".join(end if part == start else part for part in parts)
        if contract.has(other):
            yield column.name, other


def share_spans(matching: HeaderMatching) -> None:
    """Give a column of spans to both its ends; cleaning takes the proper side."""
    matches = matching.matches
    free = [
        pair
        for pair in pairs(matching.contract)
        if not set(pair) <= set(matches)
    ]
    if not free:
        return
    # a column matched with one end may hold both
    matched = [match.header for match in matches.values()]
    for header in [*matching.unknown, *matched]:
        if not _is_span(header):
            continue
        pair = _pair_of(matching, header, free)
        if pair:
            _give(matching, header, pair)
            free.remove(pair)


def _is_span(header: ColumnHeader) -> bool:
    """Return whether a column holds spans, by its values or by its header.

    Most values must be spans; some clerks write only the start.
    """
    if header.sample.span_share() >= _MOST_ARE_SPANS:
        return True
    # an empty column is what its header says
    says_both = _BOTH.issubset(header_text.meanings(header.text))
    return says_both and not header.sample.values


def _pair_of(
    matching: HeaderMatching,
    header: ColumnHeader,
    free: list[Pair],
) -> Pair | None:
    """Return the pair of ends that a column of spans holds.

    A column that was matched with one end holds the other too; one that was matched
    with none is given to the pair that its header is like.
    """
    matches = matching.matches
    open_pairs: list[Pair] = []
    # pairs of which neither end has a column are left to be compared by meaning
    for pair in free:
        ends = [matches[name].header for name in pair if name in matches]
        if not ends:
            open_pairs.append(pair)
        elif ends[0] is header:
            return pair
    if any(match.header is header for match in matches.values()):
        return None
    vocab = vocabulary(matching.contract)
    ranked: list[tuple[float, Pair]] = []
    for pair in open_pairs:
        likeness = max(vocab.likeness(header.text, name) for name in pair)
        ranked.append((likeness, pair))
    ranked.sort(reverse=True)
    if not ranked:
        return None
    best, pair = ranked[0]
    if best < LEAST_LIKE:
        return None
    if len(ranked) > 1 and best - ranked[1][0] < MARGIN:
        return None
    return pair


def _give(
    matching: HeaderMatching,
    header: ColumnHeader,
    pair: Pair,
) -> None:
    """Match a header with both ends, as surely as one of them was matched before."""
    known = [
        matching.matches[name].how for name in pair if name in matching.matches
    ]
    how = known[0] if known else "guess"
    score = 1.0
    if how == "guess":
        vocab = vocabulary(matching.contract)
        likeness = max(vocab.likeness(header.text, name) for name in pair)
        score = round(min(_MOST_SURE, max(ENOUGH, likeness + _VALUES_ADD)), 2)
    for name in pair:
        matching.matches[name] = Match(name, header, how, score)
    matching.unknown = [
        other for other in matching.unknown if other is not header
    ]
