"""What is odd about a whole list: a jump since the last period, a village without anybody, one value for all (X09)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from yiku.batch.files import Known, SheetRead
from yiku.batch.stack import Stack
from yiku.checking.frame import UNTIL
from yiku.contracts import Column
from yiku.gazetteer.places import Gazetteer

# A jump by more than this share is odd; below so many rows nothing is.
JUMP, ENOUGH = 0.3, 10


def odd_files(
    one: Stack, sheets: Sequence[SheetRead], gazetteer: Gazetteer, known: Known
) -> Iterator[tuple[int, str]]:
    """Give for files of whole lists that look odd the number of their first table and what is odd.

    Corrections, supplements and return workbooks hold a part of a list alone, and the reference lists have no periods.
    """
    contract = one.contract
    if contract.reference or not contract.one_town:
        return
    whole = _whole_lists(sheets, contract.code)
    senders = {_sender_and_period(sheet) for sheet in whole.values()}
    before = known.last_period(contract.code, sorted(senders))
    of_whole = one.frame["submission_id"].isin(list(whole))
    for number, rows in one.frame[of_whole].groupby("submission_id"):
        sheet = whole[int(str(number))]
        last_time = before.get(_sender_and_period(sheet), {})
        odd = [
            *_beside(rows, last_time, gazetteer),
            *_alike(rows, contract.columns),
        ]
        if odd:
            yield sheet.ref, "；".join(odd)


def _whole_lists(
    sheets: Sequence[SheetRead], code: str
) -> dict[int, SheetRead]:
    """Return by submission the first table of each file that a town sent with its whole list."""
    first: dict[int, SheetRead] = {}
    for sheet in sheets:
        # The county's departments send lists of any size, and now for one
        # town, now for all: there is no measure for a jump.
        is_towns = sheet.arrival.unit_code != "county"
        if sheet.template == code and is_towns:
            # A workbook with a sheet for each village is one list: what is odd
            # about it is told once.
            first.setdefault(sheet.arrival.submission_id, sheet)
    return {
        number: sheet
        for number, sheet in first.items()
        if not sheet.is_partial
    }


def _sender_and_period(sheet: SheetRead) -> tuple[str, str]:
    return sheet.arrival.unit_code, sheet.period


def _beside(
    rows: pd.DataFrame, before: Mapping[str | None, int], gazetteer: Gazetteer
) -> Iterator[str]:
    """Say what has jumped since the last period, whose rows are counted ``before`` by village."""
    last, now = sum(before.values()), len(rows)
    if last < ENOUGH:
        return
    if abs(now - last) > JUMP * last:
        yield f"上期{last}人，本期{now}人"
    here = Counter(rows["village_code"])
    # None stands among the codes, for rows that name no village, and does not
    # compare with a text.
    for village in sorted(before, key=str):
        if village is not None and not here[village]:
            name = gazetteer.village_name(village) or village
            yield f"{name}由{before[village]}人变为0"


def _alike(rows: pd.DataFrame, columns: Sequence[Column]) -> Iterator[str]:
    """Name the columns that hold one value for everybody, or nothing but what should not be true of everybody."""
    for column in columns:
        if not column.varies:
            continue
        held = _precise_values(rows, column.name)
        # A handful of people may well have one wage and one day of start: the
        # contract says from how many on it is odd.
        if len(held) < column.varies["rows"]:
            continue
        # That not one of thirty labourers is without work is odd even where
        # they work in several ways: such a column was filled for a report.
        suspicious = column.varies.get("beyond")
        if suspicious is None:
            if held.nunique() == 1:
                yield f"所有人的{column.header}都一样"
        elif held.isin(suspicious).all():
            said = "或".join(sorted(held.unique()))
            yield f"所有人的{column.header}都是{said}"


def _precise_values(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return what a column holds.

    A date that is written as a month may honestly be many people's: only whole days are counted.
    """
    if name + UNTIL in rows:
        rows = rows[rows[name + UNTIL].isna()]
    return rows[name].dropna()
