"""Business keys and fingerprints of rows: what makes two rows the same row, and what makes them equal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd

from yiku.contracts import Contract
from yiku.contracts.contract import BY_CONTENT
from yiku.register.column_values import values_of

# Columns that tell one thing in the whole country. On the lists where a person may be of one town alone (``one_town``)
# keys hold in the country too: a job that another county tells later is the same job.
_NATIONWIDE = frozenset({"village_code", "town_code", "id_no"})
# What is left of an employer's name to compare: letters, digits and Chinese characters, without the form of the
# company, which a clerk may or may not write. ``ops.employer_norm`` says the same in SQL, held to it by a test.
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_FORM = re.compile(r"股份有限公司|有限责任公司|有限公司|股份公司|责任公司")
_TAIL = re.compile(r"(?<!公司)(?<!集团)(?:公司|集团)++$")
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def normal_employer(name: str) -> str | None:
    """Return the form in which employers compare: no blanks, signs and brackets, no form of the company; None if empty.

    What stands in brackets stays: 宏图（广元）公司 and 宏图（成都）公司 are two.
    """
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", name).translate(_LOWER))
    return _TAIL.sub("", _FORM.sub("", bare)) or bare or None


def _month(value: object) -> str | None:
    return f"{value:%Y-%m}" if isinstance(value, date) else None


def _key_values(frame: pd.DataFrame, part: str) -> list[str | None]:
    if part == "employer_norm":
        return [normal_employer(v) if v else None for v in values_of(frame, "employer")]
    if part == "start_month":
        return [_month(v) for v in values_of(frame, "start_on")]
    if part == "person_sk":
        return values_of(frame, "person_sk")
    return [None if v is None else str(v) for v in values_of(frame, part)]


def business_keys(frame: pd.DataFrame, contract: Contract) -> list[str]:
    """Return each row's business key: the first of the contract's keys whose parts are all filled, else its content.

    ``frame`` has county_code and content_hash. What a county numbers, names and dates for itself (prescriptions,
    classes, meetings, its experts) is its own: 处方 1 of two counties are two. A row without any key is what it says:
    the same words are the same row, and other words another one.
    """
    counties = [c or "" for c in values_of(frame, "county_code")]
    contents = values_of(frame, "content_hash")
    keys = [
        f"{contract.code}{BY_CONTENT}{c}/{content}"
        for c, content in zip(counties, contents, strict=True)
    ]
    open_rows = set(range(len(frame)))
    for n, key in enumerate(contract.keys):
        own = (
            [""] * len(frame)
            if contract.one_town or _NATIONWIDE.intersection(key.columns)
            else counties
        )
        parts = [_key_values(frame, p) for p in key.columns]
        for i, (county, *filled) in enumerate(zip(own, *parts, strict=True)):
            if i in open_rows and None not in filled:
                keys[i] = f"{contract.code}/{n}{county and '@'}{county}/" + "/".join(
                    cast(list[str], filled)
                )
                open_rows.discard(i)
    return keys


def tells_by_content(key: str) -> bool:
    """Tell whether a key is a row's content, for want of what tells it apart."""
    return BY_CONTENT in key


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 800 and 800.00 are one amount
    return (
        ""
        if value is None
        else "、".join(map(str, value))
        if isinstance(value, tuple)
        else str(value)
    )


def _hash_column(values: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Hash a column by its distinct values; the hash is the same in every process and on every machine."""
    codes, distinct = pd.factorize(values.to_numpy(dtype=object), use_na_sentinel=False)
    texts = np.array([_text(v) for v in distinct], dtype=object)
    return pd.util.hash_array(texts, categorize=False)[codes]


def _combine(
    frame: pd.DataFrame, columns: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.uint64]]:
    total = np.full(len(frame), 0x345678, dtype=np.uint64)
    for column in columns:
        total = (total ^ _hash_column(frame[column])) * np.uint64(1_000_003)
    return total


def fingerprints(frame: pd.DataFrame, contract: Contract) -> list[str]:
    """Return a 32-digit fingerprint of each row's values; its first half leaves out where the row says it belongs.

    Two rows are equal when the whole is; they are copies of one another in different places when the first half is.
    """
    places = [c.name for c in contract.columns if c.block == "LOC"]
    others = [c.name for c in contract.columns if c.block != "LOC"]
    if not len(frame):
        return []
    apart, within = _combine(frame, others), _combine(frame, places)
    return [
        f"{a:016x}{b:016x}"
        for a, b in zip(apart.tolist(), within.tolist(), strict=True)
    ]
