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
    if one.contract.reference or not one.contract.one_town:
        return
    first: dict[int, SheetRead] = {}
    for sheet in sheets:
        if (
            sheet.template == one.contract.code
            # The county's departments send lists of any size, and now for one
            # town, now for all: there is no measure for a jump.
            and sheet.arrival.unit_code != "county"
        ):
            # A workbook with a sheet for each village is one list: what is odd
            # about it is told once.
            first.setdefault(sheet.arrival.submission_id, sheet)
    whole = {n: s for n, s in first.items() if not s.is_partial}
    before = known.last_period(
        one.contract.code,
        sorted({(s.arrival.unit_code, s.period) for s in whole.values()}),
    )
    for number, rows in one.frame[
        one.frame["submission_id"].isin(list(whole))
    ].groupby("submission_id"):
        sheet = whole[int(str(number))]
        odd = [
            *_beside(
                rows,
                before.get((sheet.arrival.unit_code, sheet.period), {}),
                gazetteer,
            ),
            *_alike(rows, one.contract.columns),
        ]
        if odd:
            yield sheet.ref, "；".join(odd)


def _beside(
    rows: pd.DataFrame, before: Mapping[str | None, int], gazetteer: Gazetteer
) -> Iterator[str]:
    last, now = sum(before.values()), len(rows)
    if last >= ENOUGH and abs(now - last) > JUMP * last:
        yield f"上期{last}人，本期{now}人"
    here = Counter(rows["village_code"])
    # None stands among the codes, for rows that name no village, and does not
    # compare with a text.
    for village, n in sorted(before.items(), key=str):
        if village is not None and last >= ENOUGH and not here[village]:
            yield f"{gazetteer.village_name(village) or village}由{n}人变为0"


def _alike(rows: pd.DataFrame, columns: Sequence[Column]) -> Iterator[str]:
    """Name the columns that hold one value for everybody, or nothing but what should not be true of everybody.

    A date that is written as a month may honestly be many people's: only whole days are counted.
    """
    for column in columns:
        if not column.varies:
            continue
        precise = (
            rows[rows[column.name + UNTIL].isna()]
            if column.name + UNTIL in rows
            else rows
        )
        held = precise[column.name].dropna()
        # A handful of people may well have one wage and one day of start: the
        # contract says from how many on it is odd.
        if len(held) < column.varies["rows"]:
            continue
        if (
            # That not one of thirty labourers is without work is odd even
            # where they work in several ways: such a column was filled for a
            # report.
            "beyond" in column.varies
            and held.isin(column.varies["beyond"]).all()
        ):
            yield f"所有人的{column.header}都是{'或'.join(sorted(held.unique()))}"
        elif "beyond" not in column.varies and held.nunique() == 1:
            yield f"所有人的{column.header}都一样"
