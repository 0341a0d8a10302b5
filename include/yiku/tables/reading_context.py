"""What the sheets of one workbook are read with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yiku.contracts import CodeList, Contract
from yiku.tables.header_words import HeaderWords


@dataclass(frozen=True)
class Hints:
    """What is known before a workbook is opened.

    ``confirmed`` maps (list, header as it was shown) to the field that a clerk of this
    unit confirmed; ``lists`` are the codes of the lists to consider (None: all);
    ``towns`` and ``villages`` are names that the county has; ``settled`` are references of
    lines of a work list of which no answer is wanted any more.
    """

    confirmed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lists: frozenset[str] | None = None
    towns: frozenset[str] = frozenset()
    villages: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReadingContext:
    """What every sheet of one workbook is read with.

    ``confirmed`` has the hints' headers by their keys, and those that the workbook
    itself confirms; ``sessions`` are the lists whose tables have the facts of a session
    above them; ``receipt_no`` is that of a return workbook that comes back.
    """

    contracts: Mapping[str, Contract]
    codes: Mapping[str, CodeList]
    hints: Hints
    confirmed: Mapping[tuple[str, str], str]
    words: HeaderWords
    sessions: tuple[Contract, ...]
    receipt_no: str | None = None
