"""What the ledger says of a file to others.

Sheets, headers and titles without numbers and names of persons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yiku.checking.findings import Finding
from yiku.redaction import public, sheet_names
from yiku.warehouse import lookup
from yiku.warehouse.connection import Connection
from yiku.warehouse.settled import Settled

# Facts that we worked out ourselves, and the cell's own value, which is left out when a finding
# is loaded.
_OURS = frozenset(("value", "rows", "date", "percent", "stated", "computed"))
_ROWS = re.compile(r"\d{1,5}(?:、\d{1,5})*")


@dataclass(frozen=True)
class Told:
    """How the sheets of a file are called to others, and which persons of the register stand in its words."""

    sheets: Mapping[str, str]
    persons: frozenset[str]

    def sheet(self, name: str | None) -> str | None:
        """Return what others may read of the name of a sheet."""
        return None if name is None else self.sheets.get(name, name)

    def words(self, text: str) -> str:
        """Return what others may read of a text."""
        return public(text, self.persons)

    def finding(self, finding: Finding) -> Finding:
        """Return a finding as others may read it."""
        facts = {
            key: self._fact(key, value) for key, value in finding.facts.items()
        }
        header = finding.header and self.words(finding.header)
        return replace(
            finding,
            sheet=self.sheet(finding.sheet),
            header=header,
            facts=facts,
        )

    def _fact(self, key: str, value: Any) -> Any:
        if key in _OURS:
            return value
        if isinstance(value, list | tuple):
            return [self._fact(key, v) for v in value]
        # Numbers of rows in a line would look like one number of a person.
        if not isinstance(value, str) or (
            _ROWS.fullmatch(value) and "、" in value
        ):
            return value
        # A fact may name another sheet, which has to be called as it is
        # elsewhere.
        return self.sheets.get(value) or public(value, self.persons)


def told_of(conn: Connection, files: Sequence[Settled]) -> list[Told]:
    """Look up which persons of the register stand in the words of each file, and name its sheets without them."""
    names_of_sheets = [_sheets_named(settled) for settled in files]
    words = [
        {*named, *_words_of_file(settled)}
        for named, settled in zip(names_of_sheets, files, strict=True)
    ]
    persons_of_each = lookup.persons_named_in_each(conn, words)
    return [
        Told(sheet_names(named, persons), persons)
        for named, persons in zip(
            names_of_sheets, persons_of_each, strict=True
        )
    ]


def _sheets_named(settled: Settled) -> list[str]:
    outcome = settled.outcome
    sheets = {sheet.sheet for sheet in outcome.sheets}
    sheets |= {finding.sheet for finding in outcome.findings}
    return sorted(name for name in sheets if name)


def _words_of_file(settled: Settled) -> set[str]:
    words: set[str] = set()
    for finding in settled.outcome.findings:
        words.update(_words_of(finding))
    words.update(_guessed_headers(settled))
    return words


def _words_of(finding: Finding) -> Iterator[str]:
    if finding.header:
        yield finding.header
    for key, value in finding.facts.items():
        for word in value if isinstance(value, list | tuple) else (value,):
            if key not in _OURS and isinstance(word, str):
                yield word


def _guessed_headers(settled: Settled) -> Iterator[str]:
    reading = settled.file.reading
    for table in reading.tables if reading else ():
        for matched in table.matched.values():
            if matched.how == "guess":
                yield matched.header
