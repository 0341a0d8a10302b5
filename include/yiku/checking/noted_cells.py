"""The frame of noted cells: one row for each note that cleaning left, for the suite ``cells.yml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from yiku.cleaning.cleaned import Note
from yiku.contracts import Contract

# Facts of a note that a verdict may depend on; the rest only fill its message.
DECIDING = ("level", "kind", "off_by")
COLUMNS = (
    "ref",
    "sheet_ref",
    "position",
    "field",
    "code",
    "need",
    "column_kind",
    *DECIDING,
    "facts",
)


def notes_frame(
    tables: Iterable[tuple[int, Contract, Iterable[Note]]],
) -> pd.DataFrame:
    """Stack the notes of tables (``sheet_ref``, contract, notes) into one frame with COLUMNS.

    ``need`` and ``column_kind`` are the contract's letter and kind of the noted column.
    """
    rows = [
        (ref, *_row(contract, note))
        for ref, contract, notes in tables
        for note in notes
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS[1:]), dtype=object)
    frame.insert(0, "ref", range(len(frame)))
    return frame


def _row(contract: Contract, note: Note) -> tuple[Any, ...]:
    column = contract.column(note.field) if contract.has(note.field) else None
    need, kind = (column.need, column.kind) if column else (None, None)
    facts: Mapping[str, Any] = note.facts
    return (
        note.position,
        note.field,
        note.code,
        need,
        kind,
        *(facts.get(d) for d in DECIDING),
        facts,
    )
