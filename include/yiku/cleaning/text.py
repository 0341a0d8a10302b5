"""Characters: what programs and chat windows leave in a cell.

And the words that say 'nothing' or 'as above'.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, noted, unknown

ERRORS = frozenset(
    (
        "#REF!",
        "#N/A",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
    )
)
NOTHING = frozenset(
    (
        "",
        "/",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "_",
        "／",
        "无",
        "暂无",
        "没有",
        "空",
        "无。",
    )
)
NA_WORDS = frozenset(("na", "n/a", "nan", "null", "none", "nil"))
# 'as above' in words, in ditto marks, and in quotes that stand for them
_DITTO = re.compile(r"(?:同上|同前|〃|″|\"|“|”|''|’’|ditto|do\.?|同左)+", re.I)
# #### is what a program shows in a column too narrow
_HASHES = re.compile(r"#{2,}")
# control characters and joiners that chat windows and web pages leave
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]"
)
# half a character of a damaged file: no database takes it
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# line breaks in a cell, and the spaces of web pages and of full width
_ODD_SPACE = re.compile(
    r"[\t\r\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
)
_SPACES = re.compile(r"\s+")
_DIGITS_LOST = 1e15  # from here on a float no longer holds every digit
_WRAPS = " \"'`“”‘’„‟＂＇「」『』﹁﹂《》〈〉<>()[]{}【】〔〕（）"
# typed before a number to keep it a text
_APOSTROPHE = re.compile(r"^[`'‘’´＇]+")
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def storable(text: str) -> str:
    """Drop what no database takes: NUL and lone surrogates.

    Postgres refuses both, and with them the whole file.
    """
    return _LONE_SURROGATE.sub("", text.replace("\x00", ""))


def shown(value: object) -> str:
    """Return the text of a cell as evidence.

    A long number keeps the 15 digits that the file really holds.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return storable(str(value))


def number_text(value: float) -> str:
    """Return a number's text without a needless '.0'.

    From 16 digits on in the form that shows the loss.
    """
    if abs(value) >= _DIGITS_LOST:
        return format(value, ".15g")
    if math.isfinite(value) and value == int(value):
        return str(int(value))
    return repr(value)


def is_error(text: str) -> bool:
    """Return whether a cell shows a spreadsheet error.

    Or a column too narrow for its number: ####.
    """
    if text[:1] != "#":
        return False
    return text.upper() in ERRORS or _HASHES.fullmatch(text) is not None


def is_ditto(text: str) -> bool:
    """Return whether a cell says 'as above'."""
    return _DITTO.fullmatch(text.strip()) is not None


def is_nothing(text: str) -> bool:
    """Return whether a cell's text says that there is no value (a dash, 无, N/A).

    The words are in NOTHING and NA_WORDS.
    """
    bare = text.strip()
    return bare in NOTHING or bare.lower() in NA_WORDS


def nothing(text: str) -> Parsed:
    """Build the answer for a cell that says that there is no value.

    Blank, and noted unless it is empty (L22).
    """
    return Parsed(None, (met("L22", "A"),)) if text.strip() else BLANK


@lru_cache(maxsize=65536)
def strip_marks(text: str) -> tuple[str, tuple[Met, ...]]:
    """Remove invisible characters, odd spaces and a leading apostrophe.

    Say which were met (C02, C03).
    """
    # most cells are plain, which is told without a pattern
    if text.isascii() and text.isprintable():
        if text[:1] not in "'` " and text[-1:] != " ":
            return text, ()
    found: list[Met] = []
    bare = _INVISIBLE.sub("", storable(text))
    spaced = _ODD_SPACE.sub(" ", bare).strip(" ")
    if spaced != text:
        found.append(met("C02", "A"))
    plain = _APOSTROPHE.sub("", spaced).lstrip(" ")
    if plain != spaced:
        found.append(met("C03", "A"))
    return plain, tuple(found)


@lru_cache(maxsize=65536)
def half_width(text: str) -> tuple[str, tuple[Met, ...]]:
    """Bring full-width digits, letters and brackets to their plain form (C01).

    Marks are stripped. For codes, numbers and dates; never for names, which a compatibility form would rewrite.
    """
    plain, found = strip_marks(text)
    if plain.isascii():
        return plain, found
    folded = unicodedata.normalize("NFKC", plain).strip()
    if folded == plain:
        return plain, found
    return folded, noted(found, "C01", "A")


def unwrapped(text: str) -> str:
    """Take a number out of quotes, brackets and the ="…" of exported tables.

    "5108…", 【5108…】, ="5108…".
    """
    bare = text.removeprefix("=").strip(_WRAPS)
    return bare or text


def without_spaces(text: str) -> str:
    """Return the text without any white space."""
    return _SPACES.sub("", text)


def parse_text(value: object) -> Parsed:
    """Read free text: marks stripped, a number as its digits.

    A date that a program made is not text (T05).
    """
    if isinstance(value, str):
        plain, found = strip_marks(value)
        return Parsed(_SPACES.sub(" ", plain) or None, found)
    if isinstance(value, bool):
        return Parsed("是" if value else "否")
    if isinstance(value, int | float):
        return _number_as_text(value)
    return unknown("T05", "Q")


def _number_as_text(value: float) -> Parsed:
    """Return a number in a column of texts as its digits."""
    # a certificate or document number of 16 digits and more has lost its end (I15)
    if value != value or abs(value) >= _DIGITS_LOST:
        return unknown("I15", "Q")
    return Parsed(number_text(value))


def parse_remark(value: object) -> Parsed:
    """Read a remark: like text, but a date there is a date that somebody wrote."""
    return (
        Parsed(shown(value)[:10])
        if isinstance(value, date)
        else parse_text(value)
    )


@lru_cache(maxsize=65536)
def _place(text: str) -> Parsed:
    """Read the name of a place, kept: a list has few of them."""
    plain, found = half_width(text)
    name = without_spaces(plain)
    if is_nothing(name):
        return nothing(plain)
    return Parsed(name, found)


def parse_place_name(value: object) -> Parsed:
    """Read the name of a town or village as the clerk typed it, without spaces."""
    return _place(value) if isinstance(value, str) else parse_text(value)


def split_text(value: object) -> Parsed:
    """Read several words in a cell as a tuple.

    Separators are 、，；/ and line breaks.
    """
    if isinstance(value, str):
        if is_nothing(value):
            return nothing(value)
        value = re.sub(r"[\r\n]+", "、", value)
    read = parse_text(value)
    if not isinstance(read.value, str):
        return read._replace(value=None)
    pieces = [
        piece.strip() for piece in re.split(r"[、,，;；/|]\s*", read.value)
    ]
    words = tuple(piece for piece in pieces if piece)
    return read._replace(value=words or None)
