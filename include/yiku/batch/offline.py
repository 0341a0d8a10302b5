"""What is known without a database: the reference lists among the files themselves, and nothing of earlier nights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from yiku.batch.files import Known, SheetRead
from yiku.batch.stack import tables_of, with_origin
from yiku.contracts import load_contracts
from yiku.gazetteer.places import Gazetteer, Village
from yiku.intake.file_read import FileRead
from yiku.register.link import link
from yiku.register.snapshot import (
    HOME_COLUMNS,
    PERSON_COLUMNS,
    RegisterSnapshot,
    persons_from_lists,
)

REFERENCES = ("V02", "V01", "H01", "H02")
# Keys made without a warehouse never leave the process, so that this one need not be secret.
_KEY = b"yiku check: not a secret".ljust(32)


def nothing_known(
    business_date: date, snapshot: RegisterSnapshot | None = None
) -> Known:
    """Return a ``Known`` of which only the register is known, empty when none is given."""
    register = snapshot or RegisterSnapshot(
        _frame([], PERSON_COLUMNS), Gazetteer(), _KEY
    )
    return Known(
        business_date=business_date,
        snapshot=lambda ids, counties: register,
        loaded=lambda code, frame: frame.iloc[:0],
        grids=lambda hashes: {},
        proposals=lambda references: {},
    )


def known_from_files(reads: Sequence[FileRead], business_date: date) -> Known:
    """Return what the reference lists among files that were read and cleaned say."""
    frames = _reference_frames(reads)
    gazetteer = _gazetteer(frames["V02"], frames["V01"])
    empty = RegisterSnapshot(_frame([], PERSON_COLUMNS), gazetteer, _KEY)
    # Linked with an empty register, for they are what it is made of: only the
    # codes of their places are wanted.
    homes = link(
        frames["H01"],
        load_contracts()["H01"],
        empty,
        [None] * len(frames["H01"]),
    )
    people = link(
        frames["H02"],
        load_contracts()["H02"],
        empty,
        [None] * len(frames["H02"]),
    )
    persons = persons_from_lists(homes, people, _KEY)
    households = homes.reindex(columns=list(HOME_COLUMNS))
    return nothing_known(
        business_date,
        RegisterSnapshot(
            persons, gazetteer, _KEY, households=lambda: households
        ),
    )


def _frame(rows: list[object], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def _reference_frames(reads: Sequence[FileRead]) -> dict[str, pd.DataFrame]:
    found: dict[str, list[SheetRead]] = {code: [] for code in REFERENCES}
    for sheet in tables_of(reads):
        if sheet.table.list_code in found and sheet.cleaned is not None:
            found[sheet.table.list_code].append(sheet)
    meta = ("county_code", "unit_code", "as_of")
    return {
        code: with_origin(sheets)
        if sheets
        else _frame([], (*load_contracts()[code].names, *meta))
        for code, sheets in found.items()
    }


def _gazetteer(towns: pd.DataFrame, villages: pd.DataFrame) -> Gazetteer:
    names = {
        str(c): str(n)
        for c, n in zip(towns["town_code"], towns["town_name"], strict=True)
        if c and n
    }
    known = [
        Village(
            code=str(v["village_code"]),
            name=str(v["village_name"]),
            town_code=str(v["town_code"]),
            aliases=v["aliases"] or (),
            successors=v["successors"] or (),
            valid_from=v["valid_from"],
            valid_to=v["valid_to"],
            is_poor=bool(v["is_poor"]),
        )
        for v in villages.to_dict("records")
        if v["village_code"] and v["village_name"] and v["town_code"]
    ]
    return Gazetteer(names, known)
