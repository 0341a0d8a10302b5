"""The headers of a table matched with the columns of one list: those that it knows, then guesses at the others."""

from __future__ import annotations

from collections.abc import Sequence

from yiku.contracts import Contract
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.header_guessing import guess_headers
from yiku.tables.known_headers import (
    Codes,
    Confirmed,
    HeaderMatching,
    match_known,
)


def match_headers(
    contract: Contract,
    headers: Sequence[ColumnHeader],
    codes: Codes,
    confirmed: Confirmed,
) -> HeaderMatching:
    """Say for each header which column of the list it is, if any."""
    matching, left = match_known(contract, headers, codes, confirmed)
    guess_headers(matching, left, codes)
    return matching
