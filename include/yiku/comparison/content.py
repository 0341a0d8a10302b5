"""Business keys and fingerprints of rows: what makes two rows the same row, and what makes them equal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import repeat
from operator import is_not
from typing import Any, cast

import numpy as np
import pandas as pd

from yiku.contracts import Contract
from yiku.contracts.contract import BY_CONTENT, KeyPart
from yiku.register.column_values import values_of

# Columns that tell one thing in the whole country. On the lists where a person may be of one town alone (``one_town``)
# keys hold in the country too: a job that another county tells later is the same job.
_NATIONWIDE = frozenset({"village_code", "town_code", "id_no"})
# What is left of an employer's name to compare: letters, digits and Chinese characters, without the form of the
# company, which a clerk may or may not write. ``ops.employer_norm`` says the same in SQL, held to it by a test.
_NOISE = re.compile(
    r"[^0-9a-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_FORM = re.compile(r"股份有限公司|有限责任公司|有限公司|股份公司|责任公司")
_TAIL = re.compile(r"(?<!公司)(?<!集团)(?:公司|集团)++$")
# Only the letters that SQL translates: `lower` there follows the collation of the server.
_LOWER = {
    ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
}

Hashes = np.ndarray[Any, np.dtype[np.uint64]]


def normal_employer(name: str) -> str | None:
    """Return the form in which employers compare: no blanks, signs and brackets, no form of the company; None if empty.

    What stands in brackets stays: 宏图（广元）公司 and 宏图（成都）公司 are two.
    """
    lower = unicodedata.normalize("NFKC", name).translate(_LOWER)
    bare = _NOISE.sub("", lower)
    without_form = _TAIL.sub("", _FORM.sub("", bare))
    return without_form or bare or None


def _month(value: object) -> str | None:
    return f"{value:%Y-%m}" if isinstance(value, date) else None


def _key_values(frame: pd.DataFrame, part: str) -> list[str | None]:
    if part == "employer_norm":
        employers = values_of(frame, "employer")
        return [
            normal_employer(employer) if employer else None
            for employer in employers
        ]
    if part == "start_month":
        return [_month(day) for day in values_of(frame, "start_on")]
    if part == "person_sk":
        return values_of(frame, "person_sk")
    return [
        None if value is None else str(value)
        for value in values_of(frame, part)
    ]


def business_keys(frame: pd.DataFrame, contract: Contract) -> list[str]:
    """Return each row's business key: the first of the contract's keys whose parts are all filled, else its content.

    ``frame`` has county_code and content_hash. What a county numbers, names and dates for itself (prescriptions,
    classes, meetings, its experts) is its own: 处方 1 of two counties are two. A row without any key is what it says:
    the same words are the same row, and other words another one.
    """
    found: list[str | None] = [None] * len(frame)
    for number, key in enumerate(contract.keys):
        # the first key that is whole stays
        for position, text in enumerate(_keys(frame, contract, number, key)):
            if found[position] is None:
                found[position] = text
    contents = _content_keys(frame, contract)
    return [
        key or content for key, content in zip(found, contents, strict=True)
    ]


def _keys(
    frame: pd.DataFrame, contract: Contract, number: int, key: KeyPart
) -> Iterator[str | None]:
    """Yield each row's key by one of the contract's keys, None where a part of it is not filled."""
    is_nationwide = contract.one_town or _NATIONWIDE.intersection(key.columns)
    counties = [""] * len(frame) if is_nationwide else _counties(frame)
    parts = [_key_values(frame, part) for part in key.columns]
    for county, *values in zip(counties, *parts, strict=True):
        if None in values:
            yield None
        else:
            scope = f"@{county}" if county else ""
            filled = "/".join(cast(list[str], values))
            yield f"{contract.code}/{number}{scope}/{filled}"


def _content_keys(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    contents = values_of(frame, "content_hash")
    for county, content in zip(_counties(frame), contents, strict=True):
        yield f"{contract.code}{BY_CONTENT}{county}/{content}"


def _counties(frame: pd.DataFrame) -> list[str]:
    return [county or "" for county in values_of(frame, "county_code")]


def tells_by_content(key: str) -> bool:
    """Return whether a key is a row's content, for want of what tells it apart."""
    return BY_CONTENT in key


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 800 and 800.00 are one amount
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return str(value)


def _hash_column(values: pd.Series[Any]) -> Hashes:
    """Hash a column by its distinct values; the hash is the same in every process and on every machine."""
    cells = values.to_numpy(dtype=object)
    # Most lists leave most of their columns out, and pandas is slowest where it finds nothing.
    if not any(map(is_not, cells.tolist(), repeat(None))):
        return np.full(len(cells), _hash_of_nothing(), dtype=np.uint64)
    return _hash_cells(cells)


def _hash_cells(cells: np.ndarray[Any, np.dtype[np.object_]]) -> Hashes:
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    texts = np.array([_text(value) for value in distinct], dtype=object)
    hashes = pd.util.hash_array(texts, categorize=False)
    return hashes[codes]


@cache
def _hash_of_nothing() -> np.uint64:
    # What pandas takes a None for is part of every fingerprint that was ever kept.
    [found] = _hash_cells(np.array([None], dtype=object))
    return np.uint64(found)


# As Python hashes a tuple, but for whole columns and the same in every
# process, which Python's own hashes of texts are not. Whole numbers of numpy
# wrap around without a word.
def _combine(frame: pd.DataFrame, columns: Sequence[str]) -> Hashes:
    total = np.full(len(frame), 0x345678, dtype=np.uint64)
    for column in columns:
        mixed = total ^ _hash_column(frame[column])
        total = mixed * np.uint64(1_000_003)
    return total


def fingerprints(frame: pd.DataFrame, contract: Contract) -> list[str]:
    """Return a 32-digit fingerprint of each row's values; its first half leaves out where the row says it belongs.

    Two rows are equal when the whole is; they are copies of one another in different places when the first half is.
    """
    if not len(frame):
        return []
    places = [
        column.name for column in contract.columns if column.block == "LOC"
    ]
    others = [
        column.name for column in contract.columns if column.block != "LOC"
    ]
    without_place = _combine(frame, others).tolist()
    of_place = _combine(frame, places).tolist()
    return [
        f"{content:016x}{place:016x}"
        for content, place in zip(without_place, of_place, strict=True)
    ]
