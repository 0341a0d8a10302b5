"""What was written into the demo's inbox, and what was planted in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from yiku.demo.inbox_files import File
from yiku.demo.page import Mark
from yiku.demo.sheets import Sheet

_NAMELESS = ("csv", "tsv", "html")  # formats whose sheet has no name


@dataclass(frozen=True)
class Planted:
    """One piece of dirt where it lies.

    ``said``: the night must have a finding for it.
    """

    rule: str
    verdict: str
    path: str
    sheet: str | None
    row_no: int | None
    field: str | None
    said: bool
    held: int = 0  # data rows of a sheet that is held for it


@dataclass
class Manifest:
    """What was written.

    Files, rows by list, dirt, and the totals that the marts must show.
    """

    files: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    planted: list[Planted] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, other: Manifest) -> None:
        """Count what another writer wrote into the same inbox too."""
        self.files += other.files
        self.rows += other.rows
        self.planted += other.planted
        self.totals |= other.totals

    def by_rule(self) -> Counter[str]:
        """Count the dirt by rule."""
        return Counter(one.rule for one in self.planted)

    def findings(self) -> Counter[tuple[str, str]]:
        """Count the findings that the night must have, by rule and verdict.

        A repair is one finding for each sheet and column, everything else one for each
        place; every row of a sheet that is held has one of its own.
        """
        found: Counter[tuple[str, str]] = Counter()
        repaired = set()
        for one in self.planted:
            if not one.said:
                continue
            if one.verdict == "A":
                repaired.add((one.rule, one.path, one.sheet, one.field))
            else:
                found[one.rule, one.verdict] += 1
            if one.held:
                found[one.rule, "Q"] += one.held
        for rule, *_place in repaired:
            found[rule, "A"] += 1
        return found


def planted_in(path: str, file: File) -> Iterator[Planted]:
    """Yield the dirt of a file, of its sheets and of their rows, each where it lies."""
    for mark in (*file.marks, *_of_format(file)):
        held = file.held if mark.verdict == "S" else 0
        yield _lies(mark, path, None, None, held)
    for sheet in file.sheets:
        # such formats have no names of sheets to say where something lies
        name = None if file.writer.startswith(_NAMELESS) else sheet.name
        for mark in (*sheet.marks, *_of_layout(sheet)):
            held = len(sheet.records) if mark.verdict == "S" else 0
            yield _lies(mark, path, name, None, held)
        for record in sheet.records:
            for mark in record.marks:
                held = len(sheet.records) if mark.verdict == "S" else 0
                yield _lies(mark, path, name, record.row_no, held)


def _lies(
    mark: Mark, path: str, sheet: str | None, row: int | None, held: int
) -> Planted:
    return Planted(
        mark.rule, mark.verdict, path, sheet, row, mark.field, mark.said, held
    )


def _of_format(file: File) -> Iterator[Mark]:
    """Yield what the format of a file is told for."""
    if file.writer in ("misnamed", "html", "xml2003"):
        yield Mark("F01", "A")
    if file.writer == "et":
        yield Mark("F02", "A", said=False)
    if file.writer.startswith(("csv", "tsv")):
        yield Mark("F03", "A", said=False)


def _of_layout(sheet: Sheet) -> Iterator[Mark]:
    """Yield what the clerk's habits come to: understood without a word."""
    style = sheet.style
    habits = {
        "L01": style.title,
        "L02": style.grouped,
        "L07": style.numbered or style.example,
        "L09": style.footer,
        "L10": sheet.villages == "merge",
        "L11": sheet.villages == "blank",
        "L16": style.page_length > 0,
        "L17": style.gaps,
        "L08": style.subtotals,
    }
    for rule, is_present in habits.items():
        if is_present:
            yield Mark(rule, "A", said=False)
