"""Where a table stood in its file, as the ledger keeps it until the file is answered.

Row numbers, columns and the headers to ask about: no cell of anybody. With it a file need not be
read a second time only to find its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from yiku.tables.table import MatchedColumn, SheetMetadata, Table

Run = list[int]  # first row, how many


@dataclass(frozen=True)
class Whereabouts:
    """Where one table stood, and below which column each field was.

    ``position`` counts the tables of the file from 0. ``guesses`` are the headers that were
    understood by their meaning, by field; ``retold`` the fields of which the ledger has some cell
    in other words than its reader gave.
    """

    position: int
    list_code: str
    header_row: int
    runs: Sequence[Run]
    columns: Mapping[str, int]
    guesses: Mapping[str, str] = field(default_factory=dict)
    retold: Sequence[str] = ()

    def kept(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON has it."""
        return asdict(self)


def whereabouts_of(
    table: Table,
    position: int,
    retold: Sequence[str],
    public: Callable[[str], str],
) -> Whereabouts | None:
    """Return where a table stands; None where that alone would not tell which cell a finding is about.

    ``public`` gives a header as others may read it.
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
        retold=retold,
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
