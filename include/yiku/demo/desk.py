"""What the makers of the demo's extra files draw from."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random

from yiku.demo.inbox_files import File
from yiku.demo.sheets import Sheet
from yiku.demo.world import County


@dataclass
class Desk:
    """What the makers of extra files draw from."""

    county: County
    files: list[File]
    rng: Random

    def sheet(self, code: str, number: int = 0) -> tuple[File, Sheet]:
        """Return the n-th file that carries a list, and a copy of its sheet.

        The copy is without what was planted on that one sheet alone.
        """
        found = []
        for file in self.files:
            for sheet in file.sheets:
                if sheet.contract.code == code and len(sheet.records) > 2:
                    found.append((file, sheet))
        file, original = found[number]
        copy = replace(
            deepcopy(original),
            marks=[],
            hidden=0,
            struck=0,
            comment="",
            joined="",
            extra_header="",
            wrong_total=False,
        )
        return file, copy

    def clean_sheet(self, code: str, number: int = 0) -> tuple[File, Sheet]:
        """Return the same without the rows that carry dirt."""
        file, sheet = self.sheet(code, number)
        return file, clean(sheet)

    def first_file(self, code: str) -> File:
        """Return the first file that a report program wrote with a list on its first sheet."""
        return next(
            file
            for file in self.files
            if file.writer == "xlsxwriter" and file.carries(code)
        )

    def live_sheet(self, code: str, number: int = 0) -> Sheet:
        """Return the n-th sheet of a list that is sent as it stands, without dirt so far."""
        fit = []
        for file in self.files:
            is_alone = file.writer == "xlsxwriter" and len(file.sheets) == 1
            if (
                is_alone
                and file.carries(code)
                and _is_untouched(file.sheets[0])
            ):
                fit.append(file.sheets[0])
        return fit[number % len(fit)]


def _is_untouched(sheet: Sheet) -> bool:
    """Return whether neither the sheet nor its first three rows carry dirt."""
    touched = any(record.marks for record in sheet.records[:3])
    return not touched and not sheet.marks


def clean(sheet: Sheet) -> Sheet:
    """Return a sheet without the rows that carry dirt, laid out plainly."""
    sheet.records = [record for record in sheet.records if not record.marks]
    sheet.style = replace(sheet.style, village="plain", subtotals=False)
    return sheet
