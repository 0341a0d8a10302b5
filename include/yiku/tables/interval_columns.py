"""One column that holds a start and an end at once (T07): 培训时间 2017.3.1-2017.3.10, 协议起止, 聘期."""

from __future__ import annotations

from yiku.contracts import Contract
from yiku.tables import header_text
from yiku.tables.header_matching import (
    MARGIN,
    ColumnHeader,
    HeaderMatching,
    Match,
    vocabulary,
)

_BOTH = frozenset({"START", "END"})
_ENDS = (("start", "end"), ("from", "to"))


def pairs(contract: Contract) -> list[tuple[str, str]]:
    """Return the columns of a list that are the two ends of one span of time."""
    found = []
    for column in contract.columns:
        for start, end in _ENDS:
            parts = column.name.split("_")
            other = "_".join(end if p == start else p for p in parts)
            if (
                start in parts
                and contract.has(other)
                and column.kind in ("date", "month")
            ):
                found.append((column.name, other))
    return found


def share_spans(understanding: HeaderMatching) -> None:
    """Give a column of spans to both its ends; cleaning takes the proper side."""
    free = [
        p
        for p in pairs(understanding.contract)
        if not set(p) <= set(understanding.matches)
    ]
    if not free:
        return
    for heading in [
        *understanding.unknown,
        *(m.heading for m in understanding.matches.values()),
    ]:
        if not _is_span(heading):
            continue
        pair = _pair_of(understanding, heading, free)
        if pair:
            _give(understanding, heading, pair)
            free.remove(pair)


def _is_span(heading: ColumnHeader) -> bool:
    says = set(header_text.meanings(heading.text)) >= _BOTH
    return heading.sample.span_share() >= 0.5 or (says and not heading.sample.values)


def _pair_of(
    understanding: HeaderMatching, heading: ColumnHeader, free: list[tuple[str, str]]
) -> tuple[str, str] | None:
    for pair in free:
        mine = [
            understanding.matches[n].heading for n in pair if n in understanding.matches
        ]
        if mine:
            if mine[0] is heading:
                return pair
            continue
    if any(m.heading is heading for m in understanding.matches.values()):
        return None
    vocab = vocabulary(understanding.contract)
    open_pairs = [p for p in free if not set(p) & set(understanding.matches)]
    ranked = sorted(
        ((max(vocab.likeness(heading.text, n) for n in p), p) for p in open_pairs),
        reverse=True,
    )
    if not ranked or ranked[0][0] < 0.3:
        return None
    return (
        ranked[0][1]
        if len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= MARGIN
        else None
    )


def _give(
    understanding: HeaderMatching, heading: ColumnHeader, pair: tuple[str, str]
) -> None:
    how = next(
        (understanding.matches[n].how for n in pair if n in understanding.matches),
        "guess",
    )
    vocab = vocabulary(understanding.contract)
    likeness = max(vocab.likeness(heading.text, n) for n in pair)
    score = 1.0 if how != "guess" else round(min(0.99, max(0.8, likeness + 0.15)), 2)
    for name in pair:
        understanding.matches[name] = Match(name, heading, how, score)
    understanding.unknown = [h for h in understanding.unknown if h is not heading]
