"""The headers of a table that the contract of a list knows, and what is made of a row of headers.

A header that the contract lists is known; any other is a guess (``header_guessing``).
Wrong is worse than unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from yiku.contracts import CodeList, Column, Contract
from yiku.formats.cells import CellValue
from yiku.tables import header_text
from yiku.tables.column_fit import judge
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_vocabulary import (
    Vocabulary,
    known,
    lookups,
    vocabulary,
)

# Columns that all lists share do not tell which list it is.
_SHARED_WEIGHT = 0.35

Codes = Mapping[str, CodeList]
Confirmed = Mapping[tuple[str, str], str]  # (list, key of a header) -> field


@dataclass(frozen=True)
class Match:
    """One header matched with one column of the list.

    ``how``: official, alias or guess, with its score from 0 to 1.
    """

    field: str
    header: ColumnHeader
    how: str
    score: float


@dataclass(frozen=True)
class Item:
    """What one column of a wide table holds: a field of one of the items."""

    value: int | str
    field: str


@dataclass
class HeaderMatching:
    """What a list makes of a row of headers.

    ``twice`` are the fields that two headers claim with equal right; ``items`` the
    columns (from 0) of the items of a wide table, ``item_headers`` what stands above
    them; ``facts`` what stands once above the table.
    """

    contract: Contract
    matches: dict[str, Match] = field(default_factory=dict)
    unknown: list[ColumnHeader] = field(default_factory=list)
    twice: dict[str, list[ColumnHeader]] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    item_headers: dict[int, str] = field(default_factory=dict)
    facts: dict[str, CellValue] = field(default_factory=dict)


def quick_score(
    contract: Contract,
    headers: Sequence[ColumnHeader],
    elsewhere: frozenset[str] = frozenset(),
) -> float:
    """Return from 0 to 1 how well a list knows a header row by the letter.

    Half of it is how much of the row the list knows, half how much of the list is
    there. ``elsewhere`` are fields that the list's shape puts outside the header row.
    """
    levels = tuple(header.levels for header in headers)
    return _quick_score(vocabulary(contract), levels, elsewhere)


@lru_cache(maxsize=4096)
def _quick_score(
    vocab: Vocabulary,
    headers: tuple[tuple[str, ...], ...],
    elsewhere: frozenset[str],
) -> float:
    """Return the score of header levels, kept: towns fill in the same forms."""
    named: set[str] = set()
    for levels in headers:
        hit = known(vocab, levels)
        if hit:
            named.add(hit[0])
    return _share(vocab.contract, named | elsewhere, len(named), len(headers))


def _share(
    contract: Contract,
    named: set[str],
    hits: float,
    total: int,
) -> float:
    """Return the mean of the share of headers known and of needed columns found."""
    if not hits or not total:
        return 0.0
    found = needed = 0.0
    for column in _needed(contract):
        weight = _SHARED_WEIGHT if column.block else 1.0
        needed += weight
        if column.name in named:
            found += weight
    # a list that must have nothing is found wholly
    recall = found / max(needed, 0.1)
    return 0.5 * min(hits / total, 1.0) + 0.5 * recall


def score(matching: HeaderMatching, total: int) -> float:
    """Return from 0 to 1 how well a list explains ``total`` headers.

    A guess counts by its score.
    """
    scores = {
        match.header.column: match.score for match in matching.matches.values()
    }
    # a column of an item is explained as well as one of a field
    items = sum(column not in scores for column in matching.items)
    hits = sum(scores.values()) + items
    named = {*matching.matches, *matching.facts}
    return _share(matching.contract, named, hits, total)


def is_complete(matching: HeaderMatching) -> bool:
    """Return whether a list explains every header and lacks no column it must have."""
    return not matching.unknown and not missing_columns(matching)


def missing_columns(matching: HeaderMatching) -> list[str]:
    """Return the columns that a list must have and no header was matched with."""
    found = {*matching.matches, *matching.facts}
    found.update(item.field for item in matching.items.values())
    needed = _needed(matching.contract)
    return [column.name for column in needed if column.name not in found]


def _needed(contract: Contract) -> list[Column]:
    """Return the columns that every table of a list must have."""
    return [column for column in contract.columns if must_stand(column)]


def must_stand(column: Column) -> bool:
    """Return whether a list needs a column; the town is known from the folder."""
    return (
        column.need == "M" and column.kind != "town" and not column.required_if
    )


def match_known(
    contract: Contract,
    headers: Sequence[ColumnHeader],
    codes: Codes,
    confirmed: Confirmed,
) -> tuple[HeaderMatching, list[ColumnHeader]]:
    """Match the headers that the contract names or a clerk confirmed.

    Return the matching so far, and the headers that are left.
    """
    vocab = vocabulary(contract)
    result = HeaderMatching(contract)
    claims: defaultdict[str, list[Match]] = defaultdict(list)
    left: list[ColumnHeader] = []
    for header in headers:
        match = _known_match(vocab, header, codes, confirmed)
        if match:
            claims[match.field].append(match)
        else:
            left.append(header)
    for name, rivals in claims.items():
        _settle(result, contract.column(name), rivals)
    return result, left


def _known_match(
    vocab: Vocabulary,
    header: ColumnHeader,
    codes: Codes,
    confirmed: Confirmed,
) -> Match | None:
    """Return what a header is by a clerk's word or the contract's, else None.

    A name that several columns go by is given to the one that the values speak for.
    """
    contract = vocab.contract
    # a clerk's word goes before the contract's
    keys = lookups(header.levels)
    for key in keys:
        said = confirmed.get((contract.code, key))
        if said and contract.has(said):
            return Match(said, header, "alias", 1.0)
    hit = known(vocab, header.levels)
    if hit is None:
        return None
    name, how = hit
    claimants = next(
        (vocab.claimed[key] for key in keys if key in vocab.claimed), ()
    )
    if name in claimants:
        name = _likeliest(contract, claimants, header, codes)
    if how != "weak":
        return Match(name, header, how, 1.0)
    # what was in brackets may have said that another column is meant: values decide
    fit = judge(header.sample, contract.column(name), codes)
    return Match(name, header, "alias", 1.0) if fit.fits else None


def _likeliest(
    contract: Contract,
    names: Sequence[str],
    header: ColumnHeader,
    codes: Codes,
) -> str:
    """Return the column that the values below a header speak for.

    Where they speak for none more, the list's own before one that many lists have.
    """

    def support(name: str) -> tuple[float, bool]:
        column = contract.column(name)
        fit = judge(header.sample, column, codes)
        is_own = column.block is None
        return (fit.support, is_own) if fit.fits else (-1.0, is_own)

    return max(names, key=support)


def _settle(
    result: HeaderMatching,
    column: Column,
    rivals: list[Match],
) -> None:
    """Give a field to one of the headers that name it.

    The official or foremost one has it, else the only one with values below. Where
    two are left, a column that matters waits for what its neighbours say.
    """
    if len(rivals) == 1:
        result.matches[column.name] = rivals[0]
        return
    entitled = _entitled(column, rivals)
    if len(entitled) != 1 and column.need in "MS":
        result.twice[column.name] = [match.header for match in rivals]
        result.matches[column.name] = rivals[0]
        return
    kept = entitled[0] if entitled else rivals[0]
    result.unknown.extend(
        match.header for match in rivals if match is not kept
    )
    result.matches[column.name] = kept


def _entitled(column: Column, rivals: Sequence[Match]) -> list[Match]:
    """Return those of the rivals for a field that have a right to it."""
    first = [match for match in rivals if match.how == "official"]
    if not first:
        first = [
            match for match in rivals if _is_foremost(column, match.header)
        ]
    # whose number it is, its neighbours say: 身份证号 may well be the head's
    if len(first) == 1 and column.kind != "id":
        return first
    return [match for match in rivals if match.header.sample.values]


def _is_foremost(column: Column, header: ColumnHeader) -> bool:
    """Return whether a header is a better name than others of its column.

    实发 beside 应发: what was paid counts.
    """
    keys = set(lookups(header.levels))
    for name in column.foremost:
        if not keys.isdisjoint(header_text.keys(name)[:1]):
            return True
    return False
