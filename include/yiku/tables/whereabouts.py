"""Where a table stood in its file, as the ledger keeps it until the file is answered.

Row numbers, columns and the headers to ask about: no cell of anybody. With it a file need not be
read a second time only to find its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any, Protocol

from yiku.tables.table import MatchedColumn, SheetMetadata, Table

# Kind of the columns of which a cell is quoted in which there was nothing to
# repair: a village that nobody knows.
QUOTED_KIND = "village"
Run = list[int]  # first row, how many


@dataclass(frozen=True)
class Whereabouts:
    """Where one table stood, and below which column each field was.

    ``position`` counts the tables of the file from 0. ``guesses`` are the headers that were
    understood by their meaning, by field; ``retold`` the fields of which the ledger has some cell
    in other words than its reader gave, ``verbatim`` those of which it has every cell in its own.
    """

    position: int
    list_code: str
    header_row: int
    runs: Sequence[Run]
    columns: Mapping[str, int]
    guesses: Mapping[str, str] = field(default_factory=dict)
    retold: Sequence[str] = ()
    verbatim: Sequence[str] = ()

    def kept(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON has it."""
        return asdict(self)


class ToldAs(Protocol):
    """How the ledger has the cells of a table, as cleaning says it."""

    @property
    def retold(self) -> Collection[str]:
        """Return the columns of which some kept text is not its reader's."""

    @property
    def verbatim(self) -> Collection[str]:
        """Return the columns of which every value, or its kept text, is its reader's."""


@dataclass(frozen=True)
class NothingTold:
    """A table that was not cleaned: the ledger has none of its cells."""

    retold: Collection[str] = ()
    verbatim: Collection[str] = ()


def whereabouts_of(
    table: Table,
    position: int,
    told: ToldAs,
    public: Callable[[str], str],
) -> Whereabouts | None:
    """Return where a table stands; None where that alone would not tell which cell a finding is about.

    ``told`` says of which columns the ledger has the cells word for word; ``public`` gives a header
    as others may read it.
    """
    # Of several records on one line the header tells which one is meant, and
    # that is not kept.
    if table.places or len(set(table.rows)) < len(table.rows):
        return None
    guesses = {
        name: matched.header
        for name, matched in table.matched.items()
        if matched.how == "guess"
    }
    if any(public(header) != header for header in guesses.values()):
        return None
    columns = {name: match.column for name, match in table.matched.items()}
    return Whereabouts(
        position=position,
        list_code=table.list_code,
        header_row=table.header_rows[1],
        runs=_runs(table.rows),
        columns=columns,
        guesses=guesses,
        retold=sorted(told.retold),
        verbatim=sorted(told.verbatim),
    )


def table_at(sheet: str | None, part: int, found: Whereabouts) -> Table:
    """Return a table as it stood, without its cells."""
    matched = {}
    for name, column in found.columns.items():
        header = found.guesses.get(name)
        how = "official" if header is None else "guess"
        matched[name] = MatchedColumn(name, column, header or "", how)
    spans = [range(first, first + count) for first, count in found.runs]
    return Table(
        sheet=sheet,
        part=part,
        list_code=found.list_code,
        header_rows=(found.header_row, found.header_row),
        matched=matched,
        rows=list(chain.from_iterable(spans)),
        cells={},
        metadata=SheetMetadata(),
    )


def _runs(rows: Sequence[int]) -> list[Run]:
    """Return rows as stretches without a gap: a list of thousands mostly is one."""
    runs: list[Run] = []
    for row in rows:
        if runs and row == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([row, 1])
    return runs
