"""Number formats: what a cell shows of its number.

A format may write words, scale, pad with zeros, or hide a point: a cell that shows 3万元 holds 3,
one that shows GY0012 holds 12. Only formats that do more than round and group are of interest;
``speaks`` tells which these are. The code is that of Excel (``0.00"万元"``, ``0!.0,"万元"``,
``"GY"0000``); formats of other programs are brought to it by their readers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|[_*](?P<skipped>.)"
    r"|\[\$(?P<currency>[^\[\]\-]*+)(?P<locale>-[^\[\]]*+)?\]"
    r"|\[(?P<bracket>[^\[\]]*+)\]"
    r"|(?P<general>G/通用格式|General)"
    r"|(?P<science>E[+\-])"
    r"|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)(-?\d+(?:\.\d+)?)")
_DIGITS = "0#?"
# What stands around a number without saying anything of it.
_QUIET = " ()-+/,.:;%¥￥_"
_OF_DATES = "ymdhsaYMDHSA"
_LONGEST = 400  # a format in characters; Excel allows 255
_MOST_SECTIONS = 4  # positive, negative, zero, text
_NUMERIC_SECTIONS = 3
_JAPAN = "-411"

_Word = tuple[
    int, str
]  # how many digits stand before it, or behind it; the word


@dataclass(frozen=True)
class Shown:
    """How a format shows a number.

    ``number`` is what the digits say (a percent sign counts as part of the words), ``prefix`` and
    ``suffix`` are the words around it, ``text`` is all of it.
    """

    number: Decimal
    prefix: str
    suffix: str
    text: str
    percent: bool = False


@dataclass(frozen=True)
class _Section:
    """One of the forms of a format: for positive numbers, negative ones, zero, text."""

    prefix: str = ""
    suffix: str = ""
    # Words among the digits, and how many digits stand behind each.
    inner: tuple[_Word, ...] = ()
    whole: int = 0  # zeros before the point
    places: int = 0  # digits behind the point
    commas: int = 0  # thousands that are left out
    percent: int = 0
    digits: bool = False
    general: bool = False  # no fixed form: General, 1E+05, 1/2
    date: bool = False
    condition: tuple[str, Decimal] | None = None

    def holds(self, value: Decimal) -> bool:
        """Return whether the section's own condition is met."""
        if self.condition is None:
            return False
        sign, limit = self.condition
        is_met = {
            "<": value < limit,
            "<=": value <= limit,
            ">": value > limit,
            ">=": value >= limit,
            "=": value == limit,
            "<>": value != limit,
        }
        return is_met[sign]

    def scaled(self, value: Decimal) -> Decimal:
        """Return a number as its digits are written: in percent, in thousands."""
        in_percent = value * Decimal(100) ** self.percent
        return in_percent / Decimal(1000) ** self.commas


# --- what a format says


def speaks(code: str | None) -> bool:
    """Return whether a format may change what a number says: words, scaling or padding zeros."""
    if not code or len(code) > _LONGEST:
        return False
    sections = _sections(code)
    if any(section.date for section in sections):
        return False
    return any(_speaks(section) for section in sections)


def _speaks(section: _Section) -> bool:
    if not section.digits:
        return False
    has_words = any(
        char not in _QUIET for char in section.prefix + section.suffix
    )
    # In a general form it is the blank of a fraction: 1 1/2.
    has_inner_words = bool(section.inner) and not section.general
    if has_words or has_inner_words:
        return True
    return section.commas > 0 or section.whole > 1


def is_percent(code: str | None) -> bool:
    """Return whether a format shows a number as a percentage."""
    if not code or len(code) > _LONGEST:
        return False
    positive = _sections(code)[0]
    return positive.percent > 0 and positive.digits


# --- from the code to its sections


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    """Return the sections of a format, of which there is one at least."""
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["plain"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(tokens) for tokens in parts[:_MOST_SECTIONS])


class _Reading:
    """One section on its way: words, digits and commas in order."""

    def __init__(self) -> None:
        self.words: list[_Word] = []  # how many digits stand before a word
        self.marks: list[str] = []
        self.percent = 0
        self.general = False
        self.date = False
        self.condition: tuple[str, Decimal] | None = None

    def take(self, token: re.Match[str]) -> None:
        """Take one token of the code."""
        if token["quoted"] is not None or token["escaped"]:
            self._word(token["quoted"] or token["escaped"] or "")
        elif token["currency"] is not None:
            self._currency(token["currency"], token["locale"] or "")
        elif token["bracket"] is not None:
            self._bracket(token["bracket"])
        elif token["general"]:
            self.general = True
            self.marks.append("0")
        elif token["science"]:
            self.general = True
        elif token["plain"]:
            self._plain(token["plain"])

    def _currency(self, sign: str, locale: str) -> None:
        # The yen has the sign of the yuan: only the place tells them apart.
        is_yen = locale.lower() == _JAPAN and sign in ("¥", "￥", "¥￥")
        self._word("日元" if is_yen else sign)

    def _bracket(self, text: str) -> None:
        """Take a condition; colours and the forms of digits say nothing of the number."""
        found = _CONDITION.fullmatch(text)
        if found:
            sign, limit = found.groups()
            self.condition = (sign, Decimal(limit))

    def _plain(self, char: str) -> None:
        self.date = self.date or char in _OF_DATES
        if char == "/" and self.marks:
            self.general = True  # a fraction
        elif char in _DIGITS or char in ".,":
            self.marks.append(char)
        elif char == "%":
            self.percent += 1
            self._word(char)
        elif char not in "@\n":
            self._word(char)

    def _word(self, text: str) -> None:
        if text:
            self.words.append((_digit_count(self.marks), text))


def _digit_count(marks: Sequence[str]) -> int:
    return sum(mark in _DIGITS for mark in marks)


def _section(tokens: list[re.Match[str]]) -> _Section:
    """Return what the tokens of a section come to."""
    read = _Reading()
    for token in tokens:
        read.take(token)
    marks = "".join(read.marks)
    digit_count = _digit_count(marks)
    before, _, behind = marks.partition(".")
    last = behind or before
    prefix, inner, suffix = _placed_words(read.words, digit_count)
    return _Section(
        prefix=prefix,
        suffix=suffix,
        inner=inner,
        whole=0 if read.general else before.count("0"),
        places=_digit_count(behind),
        # Commas between digits group them; behind the last digit each leaves out a thousand.
        commas=len(last) - len(last.rstrip(",")),
        percent=read.percent,
        digits=digit_count > 0,
        general=read.general,
        date=read.date,
        condition=read.condition,
    )


def _placed_words(
    words: list[_Word],
    digit_count: int,
) -> tuple[str, tuple[_Word, ...], str]:
    """Return the words in front of the digits, among them, and behind them."""
    prefix = ""
    suffix = ""
    inner = []
    for before, word in words if digit_count else ():
        if before == 0:
            prefix += word
        elif before == digit_count:
            suffix += word
        else:
            inner.append((digit_count - before, word))
    return prefix, tuple(inner), suffix


# --- a number in its format


def _chosen(sections: tuple[_Section, ...], value: Decimal) -> _Section:
    """Return the section by which a number is shown."""
    if any(section.condition for section in sections):
        return _first_that_holds(sections, value)
    numeric = sections[:_NUMERIC_SECTIONS]
    if value < 0 and len(numeric) > 1:
        return numeric[1]
    if value == 0 and len(numeric) > 2:
        return numeric[2]
    return numeric[0]


def _first_that_holds(
    sections: tuple[_Section, ...], value: Decimal
) -> _Section:
    for section in sections:
        if section.condition is None or section.holds(value):
            return section
    return sections[-1]


def shown(value: Decimal, code: str) -> Shown | None:
    """Return what a cell shows of ``value``; None where the format shows no digits of it."""
    if not code or len(code) > _LONGEST:
        return None
    section = _chosen(_sections(code), value)
    if not section.digits:
        return None
    number = section.scaled(abs(value)).copy_sign(value)
    # 0!.0 writes a point as a word: 12345 in 0!.0,"万元" is 12 thousands and reads 1.2万元.
    written_points = [
        behind for behind, word in section.inner if not word.strip(".")
    ]
    if written_points:
        shift = min(written_points) - section.places
        number = number / Decimal(10) ** shift
    return Shown(
        number=number,
        prefix=section.prefix,
        suffix=section.suffix,
        text=_text(abs(value), section),
        percent=section.percent > 0,
    )


def _text(value: Decimal, section: _Section) -> str:
    """Return the digits as the format writes them, with all words.

    A general format writes what digits there are.
    """
    scaled = section.scaled(value)
    if section.general:
        rounded = scaled.normalize()
    else:
        rounded = scaled.quantize(Decimal(1).scaleb(-section.places))
    whole, _, behind = format(rounded, "f").partition(".")
    body = whole.zfill(section.whole) + behind
    words = list(section.inner)
    if behind:
        words.append((len(behind), "."))
    # From the left; words at one place as they are written.
    words.sort(key=_digits_behind, reverse=True)
    for digits_behind, word in words:
        at = max(len(body) - digits_behind, 0)
        body = body[:at] + word + body[at:]
    return f"{section.prefix}{body}{section.suffix}"


def _digits_behind(word: _Word) -> int:
    return word[0]
